/* SPDX-License-Identifier: PostgreSQL */
/*
 * TASK_NOTIFY: a hook of the plan. It gets one JSON object on its standard input and
 * nothing else about the run; its exit status is recorded, its output is kept short.
 * "./x" is a file of the plan's folder, a bare name is looked for in a fixed list of
 * folders, never in PATH. It has 30 seconds.
 */
#include "task_private.h"

#include <signal.h>

enum {
    WORDS_MAX = 400, /* of its output, for the record */
    OUTPUT_MAX = 64 << 10,
};
static const int64_t hook_limit_us = 30 * US_PER_SECOND;
static const char *const hook_folders[] = {"/usr/local/bin", "/usr/bin", "/bin", NULL};

extern char **environ; /* POSIX has it, and no header of POSIX declares it */

static void write_event(const struct app_task *task, struct strbuf *out)
{
    const struct run *run = task->context.run;
    struct strbuf at = {0};
    struct json *object = json_make_object();
    time_to_text(&at, task->context.clock_us(task->context.ctx));
    json_put_i64(object, "v", 1);
    json_put_text(object, "run", task->context.run_id);
    json_put_text(object, "at", strbuf_str(&at));
    json_put_text(object, "plan", task->context.plan->name);
    json_put_text(object, "target", task->context.target->id);
    json_put_text(object, "mode", run->mode == RUN_LIVE ? STR("live") : STR("rehearsal"));
    json_put_text(object, "phase", str_from(phase_words[run->phase]));
    json_put_text(object, "state", str_from(state_words[run->state]));
    json_put_text(object, "reason", run->hold_reason);
    json_put_i64(object, "exit", engine_exit_code(run));
    json_write(out, object, JSON_ONE_LINE);
    strbuf_byte(out, '\n');
    json_free(object);
    strbuf_release(&at);
}

static void on_output(void *ctx, enum proc_stream stream, struct str text)
{
    struct app_task *task = ctx;
    (void)stream;
    if (task->output.len < WORDS_MAX) {
        sanitise(&task->output, str_slice(text, 0, WORDS_MAX), SANITISE_LINE);
        strbuf_byte(&task->output, ' ');
    }
}

static void on_ended(void *ctx, const struct proc_end *end)
{
    struct app_task *task = ctx;
    struct strbuf how = {0};
    struct err err = {0};
    task_child_release(&task->child);
    task->done.us = end->elapsed_us;
    strbuf_add(&task->done_detail, str_trim(strbuf_str(&task->output)));
    proc_end_text(end, &how);
    if (proc_end_ok(end)) {
        task->done.outcome = OUTCOME_OK;
        strbuf_text(&task->done_text, "sent");
        task_finish(task);
    } else {
        err_set(&err, ERR_CHECK, "the hook %s failed: %s", task->program_name, how.ptr);
        task_fail(task, &err);
    }
    strbuf_release(&how);
}

static bool find_hook(struct app_task *task, struct str word, const char **path,
                      struct err *err)
{
    if (str_starts(word, "./")) {
        *path = str_format(&task->arena, "%s/%.*s", task->context.plan_folder,
                           STR_ARG(str_slice(word, 2, word.len)))
                    .ptr;
        return true;
    }
    if (str_starts(word, "/")) {
        *path = str_text(&task->arena, word);
        return true;
    }
    return proc_find(&task->arena, str_text(&task->arena, word), hook_folders, path, err);
}

/* No PG* variable: a hook has no business in the database. */
static const char *const *hook_environment(struct app_task *task)
{
    size_t room = 1;
    for (char **pair = environ; *pair != NULL; pair++) {
        room++;
    }
    const char **list = arena_array(&task->arena, room, sizeof *list);
    size_t count = 0;
    for (char **pair = environ; *pair != NULL; pair++) {
        if (!str_starts(str_from(*pair), "PG")) {
            list[count++] = *pair;
        }
    }
    return list;
}

bool task_notify_begin(struct app_task *task, struct err *err)
{
    const struct plan_notification *hook = &task->context.plan->notify.items[task->index];
    const char *path = NULL;
    if (hook->run.count == 0 || !find_hook(task, hook->run.items[0], &path, err)) {
        return false;
    }
    const char **argv = arena_array(&task->arena, hook->run.count + 1, sizeof *argv);
    argv[0] = path;
    for (size_t i = 1; i < hook->run.count; i++) {
        struct strbuf word = {0};
        bool filled = plan_fill(&word, hook->run.items[i], task->context.target, err);
        argv[i] = str_text(&task->arena, strbuf_str(&word));
        strbuf_release(&word);
        if (!filled) {
            return false;
        }
    }
    struct strbuf input = {0};
    write_event(task, &input);
    task->program_name = str_text(&task->arena, hook->run.items[0]);
    struct proc_spec spec = {.path = path,
                             .argv = argv,
                             .envp = hook_environment(task),
                             .directory = task->context.plan_folder,
                             .input = strbuf_str(&input),
                             .output_cap = OUTPUT_MAX,
                             .timeout_us = hook_limit_us,
                             .death_signal = SIGTERM,
                             .output = on_output,
                             .ended = on_ended,
                             .ctx = task};
    bool started = task_child_start(&task->child, task->context.loop, &spec, err);
    strbuf_release(&input);
    return started;
}
