/* SPDX-License-Identifier: PostgreSQL */
/*
 * The life of a task: begun, stepped, ended exactly once. The end has an order: nothing
 * of ours runs any more, no half file is left, then EVENT_TASK_DONE.
 */
#include "task_private.h"

#include <unistd.h>

#include "files.h"

static const int64_t tell_pause_us = 250 * US_PER_MS;

/* ------------------------------------------------------------------- events */

static struct event blank_event(const struct app_task *task, enum event_kind kind)
{
    return (struct event){
        .kind = kind, .task = task->kind, .index = task->index, .script = -1, .check = -1};
}

void task_tell(struct app_task *task, const char *text, int64_t value, int64_t total,
               bool force)
{
    int64_t now_us = loop_now_us();
    if (task->ending || (!force && now_us - task->progress_us < tell_pause_us)) {
        return;
    }
    task->progress_us = now_us;
    struct event event = blank_event(task, EVENT_TASK);
    event.text = str_from(text);
    event.value = value;
    event.total = total;
    task->context.emit(task->context.ctx, &event);
}

void task_add_item(struct app_task *task, const char *kind, struct str name, struct str text)
{
    struct event_item *item = ARRAY_PUSH(task->items, task->item_count, task->item_capacity);
    item->kind = str_from(kind);
    item->name = str_dup(&task->arena, name);
    item->text = str_dup(&task->arena, text);
}

/* --------------------------------------------------------------------- ends */

static void remove_partial(struct app_task *task)
{
    if (task->partial) {
        struct str name = pgtools_partial_name(&task->arena, str_from(task->file));
        task->partial = !files_remove_tree(task->folder_fd, name.ptr, NULL);
    }
}

/* Everything that runs or lies about, but for the throw-away server. */
static void take_down(struct app_task *task)
{
    task_child_release(&task->child);
    task_session_free(task->session);
    task->session = NULL;
    task_hash_release(task);
    remove_partial(task);
    task_remove_passfile(task);
}

static void say_done(struct app_task *task)
{
    if (task->ended) {
        return;
    }
    task->ended = true;
    task_tell_proof(task);
    task->done.text = strbuf_str(&task->done_text);
    task->done.detail = strbuf_str(&task->done_detail);
    task->done.items = task->items;
    task->done.item_count = task->item_count;
    task->context.emit(task->context.ctx, &task->done);
}

static void scratch_gone(struct app_task *task)
{
    loop_remove(task->context.loop, task->end_source);
    task->end_source = 0;
    scratch_server_free(task->scratch);
    task->scratch = NULL;
    say_done(task);
}

static void end_wants(void *ctx, struct loop_want *want)
{
    (void)ctx;
    want->deadline_us = 0;
}

static void end_ready(void *ctx, short revents, int64_t now_us)
{
    (void)revents;
    (void)now_us;
    scratch_gone(ctx);
}

/* The server is not freed inside its own hook: a source of its own does it in the next round.
 */
static void scratch_ended(struct app_task *task)
{
    if (task->end_source == 0) {
        task->end_source =
            loop_add(task->context.loop, &(struct loop_source){end_wants, end_ready, task});
    }
}

void task_scratch_stopped(void *ctx)
{
    scratch_ended(ctx);
}

void task_scratch_failed(void *ctx, const struct err *why)
{
    struct app_task *task = ctx;
    if (!task->ending) {
        task_fail(task, why);
        return;
    }
    scratch_ended(task);
}

void task_finish(struct app_task *task)
{
    if (task->ending) {
        return;
    }
    task->ending = true;
    take_down(task);
    if (task->scratch == NULL) {
        say_done(task);
        return;
    }
    scratch_server_stop(task->scratch);
}

/* Another program's words need not end with a full stop. */
static void add_sentence(struct strbuf *out, const char *text)
{
    if (text[0] == '\0') {
        return;
    }
    if (out->len > 0) {
        strbuf_text(out, str_ends(strbuf_str(out), ".") ? " " : ". ");
    }
    strbuf_text(out, text);
}

void task_fail(struct app_task *task, const struct err *err)
{
    if (task->ending) {
        return;
    }
    if (task->undoing) { /* the first failure is the one to tell */
        task_finish(task);
        return;
    }
    task->done.outcome = OUTCOME_FAILED;
    strbuf_clear(&task->done_text);
    strbuf_text(&task->done_text, err->message);
    add_sentence(&task->done_detail, err->detail);
    add_sentence(&task->done_detail, err->hint);
    if (task->database_is_ours) {
        task_restore_undo(task);
        return;
    }
    task_finish(task);
}

void task_next(struct app_task *task)
{
    if (task->ending) {
        return;
    }
    task_step step = task->steps[task->step];
    if (step == NULL) {
        task->done.outcome = OUTCOME_OK;
        task_finish(task);
        return;
    }
    task->step++;
    step(task);
}

/* ------------------------------------------------------------------- public */

static bool begin(struct app_task *task, struct err *err)
{
    const struct plan *plan = task->context.plan;
    size_t index = (size_t)task->index;
    switch (task->kind) {
    case TASK_DUMP:
    case TASK_PROVE:
        if (index >= plan->backup.count) {
            break;
        }
        task->backup = &plan->backup.items[index];
        task->steps = task->kind == TASK_DUMP ? task_dump_steps : task_prove_steps;
        return task_open_folder(task, err);
    case TASK_RESTORE:
        if (index >= plan->rollback.count) {
            break;
        }
        task->option = &plan->rollback.items[index];
        task->steps = task_restore_steps;
        return task_open_folder(task, err);
    case TASK_NOTIFY: /* a small child of the performer, no task */
    case TASK__COUNT:
        break;
    }
    return err_set(err, ERR_INTERNAL, "there is no such task in the plan");
}

/* The first step is taken in the loop, so that task_start() never emits. */
static void first_ready(void *ctx, short revents, int64_t now_us)
{
    struct app_task *task = ctx;
    (void)revents;
    (void)now_us;
    loop_remove(task->context.loop, task->end_source);
    task->end_source = 0;
    task_next(task);
}

struct app_task *task_start(enum task kind, int index, const struct task_context *context,
                            struct err *err)
{
    struct app_task *task = mem_zero(1, sizeof *task);
    task->kind = kind;
    task->index = index;
    task->context = *context;
    task->folder_fd = -1;
    task->hash.fd = -1;
    task->started_us = loop_now_us();
    task->done = blank_event(task, EVENT_TASK_DONE);
    if (!begin(task, err)) {
        task->ended = true;
        task_free(task);
        return NULL;
    }
    if (task->steps != NULL) {
        task->end_source =
            loop_add(context->loop, &(struct loop_source){end_wants, first_ready, task});
    }
    return task;
}

void task_kill(struct app_task *task)
{
    struct err err = {0};
    if (task->ending) {
        return;
    }
    loop_remove(task->context.loop, task->end_source);
    task->end_source = 0;
    err_set(&err, ERR_STOPPED, "stopped by the operator");
    err_detail(&err, "Its programs are ended and what they had written is removed.");
    task_child_release(&task->child); /* before anything else, and with its whole group */
    task_fail(task, &err);
}

bool task_has_ended(const struct app_task *task)
{
    return task->ended;
}

void task_free(struct app_task *task)
{
    if (task == NULL) {
        return;
    }
    task->ending = true;
    task->ended = true;
    loop_remove(task->context.loop, task->end_source);
    take_down(task);
    scratch_server_free(task->scratch);
    if (task->folder_fd >= 0) {
        close(task->folder_fd);
    }
    task_facts_release(&task->source);
    task_facts_release(&task->copy);
    strbuf_release(&task->output);
    strbuf_release(&task->done_text);
    strbuf_release(&task->done_detail);
    free(task->items);
    task_proof_release(task);
    free(task->roles_there.items);
    free(task->extensions_there.items);
    arena_release(&task->arena);
    free(task);
}

struct str task_restored_name(struct arena *arena, struct str database, struct str run_id)
{
    char tail[24];
    size_t count = 0;
    /* The run's id, made a plain name: letters and digits, cut in front where it is long. */
    size_t first = run_id.len >= sizeof tail ? run_id.len - (sizeof tail - 1) : 0;
    for (size_t i = first; i < run_id.len; i++) {
        char c = run_id.ptr[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        tail[count++] = plain ? (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c) : '_';
    }
    tail[count] = '\0';
    static const char infix[] = "_restored_";
    size_t room = PGTOOLS_NAME_MAX - (sizeof infix - 1) - count;
    struct str base = str_slice(database, 0, room);
    while (base.len > 0 && utf8_invalid_at(base) < base.len) { /* never inside a character */
        base.len--;
    }
    return str_format(arena, "%.*s%s%s", STR_ARG(base), infix, tail);
}
