/* SPDX-License-Identifier: PostgreSQL */
/*
 * Who blocks whom, and ending somebody. Both on the watch session, while the work
 * session waits; a signal is bound to the process and to when it started, so that it
 * cannot hit the next owner of a process number.
 */
#include "perform.h"

static struct str node_name(struct arena *arena, const struct lock_node *node)
{
    if (node->pid == 0) {
        return str_format(arena, "prepared transaction %.*s", STR_ARG(node->gid));
    }
    return str_format(arena, "%.*s%s%.*s", STR_ARG(node->user),
                      node->application.len > 0 ? " / " : "", STR_ARG(node->application));
}

static struct str node_text(struct arena *arena, const struct lock_node *node)
{
    struct strbuf text = {0};
    strbuf_add(&text, node->state);
    if (node->transaction_us >= 0) {
        strbuf_text(&text, ", transaction ");
        duration_to_text(&text, node->transaction_us);
    }
    if (node->waits_for.len > 0) {
        strbuf_format(&text, ", waits for %.*s", STR_ARG(node->waits_for));
    }
    if (node->query.len > 0) {
        strbuf_format(&text, ": %.*s", STR_ARG(str_slice(node->query, 0, 200)));
    }
    struct str copy = sanitise_line(arena, strbuf_str(&text));
    strbuf_release(&text);
    return copy;
}

static void tell_tree(struct job *job, const struct lock_tree *tree)
{
    struct performer *performer = job->performer;
    struct arena *arena = &performer->blockers_arena;
    arena_clear(arena);
    size_t count = tree->count < BLOCKERS_MAX ? tree->count : BLOCKERS_MAX;
    struct event_item *items = arena_array(arena, count + 1, sizeof(*items));
    for (size_t i = 0; i < count; i++) {
        const struct lock_node *node = &tree->nodes[i];
        items[i] = (struct event_item){
            .kind = node->is_us ? STR("us") : STR("session"),
            .name = sanitise_line(arena, node_name(arena, node)),
            .text = node_text(arena, node),
            .value = node->pid,
            .at_us = node->backend_start_us,
            .depth = node->depth,
            .flag = node->is_us,
        };
    }
    if (count > 0) {
        performer->blockers = items;
        performer->blocker_count = count;
        performer->blockers_at_us = loop_now_us();
    } else {
        performer->blocker_count = 0;
    }
    int64_t waited_us = tree->us >= 0 ? tree->nodes[tree->us].statement_us : 0;
    performer_emit(performer, &(struct event){.kind = EVENT_BLOCKERS,
                                              .script = job->effect.script,
                                              .items = items,
                                              .item_count = count,
                                              .value = waited_us > 0 ? waited_us : 0});
    job_end(job);
}

static void blockers_step(struct job *job, const struct db_reply *reply)
{
    struct performer *performer = job->performer;
    int64_t pid = performer->sessions[SESSION_WORK].pid;
    const char *params[] = {str_format(&job->arena, "%lld", (long long)pid).ptr};
    struct lock_tree tree = {.us = -1};
    if (!reply) {
        job_ask(job, lock_poll_query(), params, COUNT_OF(params));
        return;
    }
    if (reply->outcome == DB_OK && job->stage == 0 && lock_poll_says_waiting(&reply->rows)) {
        job->stage = 1;
        job_ask(job, lock_tree_query(db_server_version(job->session->db)), params,
                COUNT_OF(params));
        return;
    }
    if (reply->outcome == DB_OK && job->stage == 1) {
        lock_tree_build(&tree, &job->arena, &reply->rows, pid);
    }
    tell_tree(job, &tree);
}

void perform_blockers(struct performer *performer, const struct effect *effect)
{
    job_start(job_new(performer, SESSION_WATCH, effect, blockers_step));
}

/* ------------------------------------------------------------------ signals */

static void signal_step(struct job *job, const struct db_reply *reply)
{
    const struct effect *effect = &job->effect;
    const struct channel *work = &job->performer->sessions[SESSION_WORK];
    bool own = effect->query == QUERY_CANCEL;
    if (!reply) {
        int64_t pid = own ? work->pid : effect->pid;
        int64_t start_us = own ? work->backend_start_us : effect->backend_start_us;
        bool end = !own && effect->flag;
        const char *params[] = {str_format(&job->arena, "%lld", (long long)pid).ptr,
                                str_format(&job->arena, "%lld", (long long)start_us).ptr};
        job_ask(job, end ? lock_terminate_query() : lock_cancel_query(), params,
                COUNT_OF(params));
        return;
    }
    bool sent = reply->outcome == DB_OK && rows_bool(&reply->rows, 0, 0);
    struct str text = {0};
    if (reply->outcome != DB_OK) {
        text = job_reply_text(job, reply);
    } else if (!sent) {
        text = STR("that session is gone already: nobody was signalled");
    }
    performer_emit(job->performer,
                   &(struct event){.kind = EVENT_DONE,
                                   .query = (int)effect->query,
                                   .outcome = sent ? OUTCOME_OK : OUTCOME_FAILED,
                                   .script = effect->script,
                                   .sqlstate = reply->sqlstate,
                                   .text = text});
    job_end(job);
}

void perform_signal(struct performer *performer, const struct effect *effect)
{
    job_start(job_new(performer, SESSION_WATCH, effect, signal_step));
}
