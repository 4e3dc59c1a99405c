/* SPDX-License-Identifier: PostgreSQL */
/*
 * What surrounds the plan on its target. All that the rules want to know is asked by a child
 * with a connection of its own: it may take half a minute, and the texts of live statements,
 * which nobody vouches for, go through the grammar there. It closes its connection, judges,
 * and hands back verdicts through a pipe; they become a file of the run directory, and the
 * event names it. Who stands in the way is one question on the watch session.
 */
#include "app_describe.h"
#include "app_lint.h"
#include "app_lint_world.h"
#include "files.h"
#include "perform_look.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    LOOK_SECONDS = 90,
    CHUNK_BYTES = 64 * 1024,
};

struct context_look {
    struct performer *performer;
    pid_t child;
    int fd;
    uint32_t source;
    struct strbuf text;
};

/* ------------------------------------------------------------------- the child */

/* What the child gets with the fork. */
struct context_order {
    struct app_plan *plan;
    struct app_lint_where where;
    int fd;
};

/* "+" and what is not known in one line, then the verdicts; or "-" and why there are none. */
static void look_and_judge(void *context)
{
    struct context_order *order = context;
    struct strbuf out = {0};
    struct err err = {0};
    bool ok = app_lint_live_at(order->plan, order->where, &err);
    if (ok && !order->plan->lint) {
        ok = err_set(&err, ERR_CHECK, "the files could not be analysed");
    }
    strbuf_text(&out, ok ? "+" : "-");
    sanitise(&out, ok ? order->plan->world->unknown : str_from(err.message), SANITISE_LINE);
    strbuf_byte(&out, '\n');
    if (ok) {
        lint_result_write(order->plan->lint, &out);
    }
    if (!files_write_all(order->fd, strbuf_str(&out), NULL, NULL)) {
        _exit(1); /* nobody reads it any more */
    }
    strbuf_release(&out);
}

/* -------------------------------------------------------------------- verdicts */

const struct lint_result *app_load_verdicts(int directory_fd, struct str name,
                                            struct arena *arena, struct err *err)
{
    struct strbuf text = {0};
    const struct lint_result *result = NULL;
    if (name.len > 0 && journal_load_blob(directory_fd, name, &text, err)) {
        result = lint_result_read(strbuf_str(&text), arena, err);
    }
    strbuf_release(&text);
    return result;
}

static void tell(struct performer *performer, enum outcome outcome, struct str hash,
                 struct str text)
{
    performer_emit(performer, &(struct event){.kind = EVENT_CONTEXT,
                                              .outcome = outcome,
                                              .script = -1,
                                              .hash = hash,
                                              .text = text});
}

static void tell_why(struct performer *performer, const char *why)
{
    tell(performer, OUTCOME_FAILED, (struct str){0}, str_from(why));
}

/* What is blocked by what the target shows takes the place of what the files alone told. */
static void tell_blocks(struct performer *performer)
{
    struct arena arena = {0};
    struct event found;
    for (int undo = 0; undo < 2; undo++) {
        if (app_lint_blocks(performer->plan, performer->run, undo, &arena, &found)) {
            performer_emit(performer, &found);
        }
    }
    arena_release(&arena);
}

/* The verdicts are read before they are stored: the record names nothing that is damaged. */
static void take_verdicts(struct performer *performer, struct str unknown, struct str verdicts)
{
    struct arena arena = {0};
    struct err err = {0};
    struct sha256_hex name;
    const struct lint_result *live = lint_result_read(verdicts, &arena, &err);
    if (!live || !journal_store_blob(performer->journal, verdicts, &name, &err)) {
        arena_release(&arena);
        tell_why(performer, err.message);
        return;
    }
    performer->setup->live = live;
    arena_release(&performer->verdicts);
    performer->verdicts = arena;
    tell_blocks(performer);
    tell(performer, OUTCOME_OK, str_from(name.text), unknown);
}

/* ------------------------------------------------------------------ the parent */

static bool came_to_its_end(pid_t child)
{
    int status = 0;
    pid_t waited;
    while ((waited = waitpid(child, &status, 0)) < 0 && errno == EINTR) {
    }
    return waited == child && WIFEXITED(status) && WEXITSTATUS(status) == APP_SURVIVED;
}

static void free_look(struct context_look *look)
{
    look->performer->context = NULL;
    loop_remove(look->performer->loop, look->source);
    close(look->fd);
    strbuf_release(&look->text);
    free(look);
}

static void end_look(struct context_look *look)
{
    struct performer *performer = look->performer;
    bool ended = came_to_its_end(look->child);
    struct str rest = strbuf_str(&look->text);
    struct str line = {0};
    if (!ended || !str_cut(&rest, '\n', &line) || line.len == 0) {
        tell_why(performer, "the look at the target broke off, or took longer than 90 s");
    } else if (line.ptr[0] == '-') {
        tell(performer, OUTCOME_FAILED, (struct str){0}, str_slice(line, 1, line.len));
    } else {
        take_verdicts(performer, str_slice(line, 1, line.len), rest);
    }
    free_look(look);
}

static void pipe_wants(void *ctx, struct loop_want *want)
{
    const struct context_look *look = ctx;
    want->fd = look->fd;
    want->events = POLLIN;
}

static void pipe_ready(void *ctx, short revents, int64_t now_us)
{
    struct context_look *look = ctx;
    char bytes[CHUNK_BYTES];
    ssize_t n;
    (void)revents;
    (void)now_us;
    while ((n = read(look->fd, bytes, sizeof bytes)) > 0) {
        strbuf_add(&look->text, (struct str){bytes, (size_t)n});
    }
    if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        end_look(look);
    }
}

static bool begin_look(struct performer *performer, int ends[2], struct context_look *look)
{
    bool resolved = performer->resolved.count > 0;
    struct context_order order = {
        .plan = performer->plan,
        .where = {.target = performer->target,
                  .params = resolved ? &performer->resolved : &performer->params},
        .fd = ends[1]};
    if (fcntl(ends[0], F_SETFD, FD_CLOEXEC) != 0 || fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0) {
        return false;
    }
    look->child = app_begin_guarded(look_and_judge, &order, ends[1], LOOK_SECONDS);
    return look->child > 0;
}

void perform_context(struct performer *performer, const struct effect *effect)
{
    int ends[2];
    (void)effect;
    if (performer->context) {
        return; /* its answer is this one's, too */
    }
    if (pipe(ends) != 0) {
        tell_why(performer, "no pipe for the look at the target");
        return;
    }
    struct context_look *look = mem_zero(1, sizeof *look);
    bool begun = begin_look(performer, ends, look);
    close(ends[1]);
    if (!begun) {
        close(ends[0]);
        free(look);
        tell_why(performer, "no process for the look at the target");
        return;
    }
    look->performer = performer;
    look->fd = ends[0];
    look->source =
        loop_add(performer->loop,
                 &(struct loop_source){.wants = pipe_wants, .ready = pipe_ready, .ctx = look});
    performer->context = look;
}

void context_release(struct performer *performer)
{
    struct context_look *look = performer->context;
    if (look) {
        kill(look->child, SIGKILL);
        (void)came_to_its_end(look->child);
        free_look(look);
    }
}

/* ------------------------------------------------------------------ in the way */

/* Without verdicts every table that a word of the files could mean. */
static bool is_locked(const struct performer *performer, struct sql_name relation)
{
    const struct lint_result *lint = run_lint(performer->run);
    bool live = performer->run->setup->live != NULL;
    for (size_t i = 0; lint && i < lint->exclusive_count; i++) {
        const struct sql_name *locked = &lint->exclusive[i];
        /* Which schema a name without one means is only known by the server. */
        if (live ? sql_name_is(*locked, relation) : str_is(locked->name, relation.name)) {
            return true;
        }
    }
    return !lint || (relation.name.len == 0 && lint->exclusive_count > 0);
}

static struct event_item *item_of(struct event_item *items, size_t *count,
                                  const struct lint_activity *activity)
{
    for (size_t i = 0; i < *count; i++) {
        if (items[i].value == activity->pid && items[i].at_us == activity->since_us &&
            str_eq(items[i].kind, activity->kind)) {
            return &items[i];
        }
    }
    items[*count] = (struct event_item){
        .kind = str_from(activity->kind), .value = activity->pid, .at_us = activity->since_us};
    return &items[(*count)++];
}

static struct str who(struct arena *arena, const struct lint_activity *activity,
                      const struct event_item *item)
{
    struct str age =
        activity->age_us < 0
            ? STR("")
            : str_format(arena, ", for %.*s", STR_ARG(duration_text(arena, activity->age_us)));
    struct str on = item->name.len > 0 ? str_format(arena, ", on %.*s", STR_ARG(item->name))
                                       : STR(", which will lock every table");
    return activity->pid == 0
               ? str_format(arena, "%s%.*s%.*s", activity->kind, STR_ARG(age), STR_ARG(on))
               : str_format(arena, "process %d (%s%.*s)%.*s", activity->pid, activity->kind,
                            STR_ARG(age), STR_ARG(on));
}

static void tell_in_the_way(struct job *job, const struct lint_context *context)
{
    struct event_item *items =
        arena_array(&job->arena, context->activity_count + 1, sizeof *items);
    size_t count = 0;
    for (size_t i = 0; i < context->activity_count; i++) {
        const struct lint_activity *activity = &context->activity[i];
        if (!is_locked(job->performer, activity->relation)) {
            continue;
        }
        struct event_item *item = item_of(items, &count, activity);
        struct str table = sql_name_written(&job->arena, activity->relation);
        item->name = item->name.len == 0 ? table
                                         : str_format(&job->arena, "%.*s, %.*s",
                                                      STR_ARG(item->name), STR_ARG(table));
        item->text = who(&job->arena, activity, item);
    }
    performer_emit(job->performer, &(struct event){.kind = EVENT_LOOKED,
                                                   .look = job->effect.look,
                                                   .outcome = OUTCOME_OK,
                                                   .script = job->effect.script,
                                                   .items = items,
                                                   .item_count = count});
    job_end(job);
}

void look_in_the_way(struct job *job, const struct db_reply *reply)
{
    const struct lint_result *lint = run_lint(job->performer->run);
    struct lint_context context = {0};
    struct err err = {0};
    if (lint && lint->exclusive_count == 0) {
        tell_in_the_way(job, &context); /* nothing of this plan waits for readers */
    } else if (!reply) {
        struct app_lint_names names = {0};
        app_lint_names_of_plan(job->performer->plan, &names);
        bool all = app_lint_names_mean_all(&names);
        struct str list =
            catalog_array_text(&job->arena, all ? NULL : names.items, all ? 0 : names.count);
        const char *params[] = {str_text(&job->arena, list),
                                app_lint_open_for(job->performer->plan, &job->arena)};
        job_ask(job, catalog_lint_activity_query(), params, COUNT_OF(params));
        app_lint_names_release(&names);
    } else if (!look_refused(job, reply, OUTCOME_FAILED)) {
        if (catalog_lint_activity_read(&reply->rows, &job->arena, &context, &err)) {
            tell_in_the_way(job, &context);
        } else {
            look_tell(job, OUTCOME_FAILED, (struct str){0}, str_from(err.message));
        }
    }
}
