/* SPDX-License-Identifier: PostgreSQL */
/*
 * Running pg_dump and pg_restore: their standard error becomes progress on the screen
 * and the judgement afterwards, their standard output is kept where it is the answer.
 */
#include "task_private.h"

#include <signal.h>
#include <string.h>

enum {
    OUTPUT_MAX = 64 << 20, /* a table of contents, or a schema as SQL */
};

static void on_output(void *ctx, enum proc_stream stream, struct str text)
{
    struct app_task *task = ctx;
    if (stream == PROC_STDOUT) {
        strbuf_add(&task->output, text);
        strbuf_byte(&task->output, '\n');
        return;
    }
    enum pgtools_line line = pgtools_progress_take(&task->progress, text);
    if (task->kind == TASK_PROVE) {
        task_said_add(&task->said, text);
    }
    if (line == PGTOOLS_TABLE || line == PGTOOLS_CREATE) {
        task_tell(task, task->progress.current, task->progress.done, task->progress.total,
                  false);
    }
}

static void on_ended(void *ctx, const struct proc_end *end)
{
    struct app_task *task = ctx;
    void (*next)(struct app_task *) = task->program_ended;
    struct err err = {0};
    task_child_release(&task->child);
    task->program_status = end->how == PROC_EXITED ? end->status : -1;
    if (task->ending) {
        return;
    }
    if (end->how == PROC_NOT_STARTED) {
        err_set(&err, ERR_CHECK, "%s could not be started: %s", task->program_name,
                strerror(end->exec_errno));
        err_hint(&err, "Nothing was dumped or restored. Look at the installation of "
                       "PostgreSQL's client programs.");
        task_fail(task, &err);
        return;
    }
    if (end->dropped[PROC_STDOUT] > 0) {
        err_set(&err, ERR_CHECK, "the output of %s is longer than %d MB", task->program_name,
                OUTPUT_MAX >> 20);
        task_fail(task, &err);
        return;
    }
    next(task);
}

void task_run_program(struct app_task *task, const char *const *argv,
                      const char *const *environment, bool keep_output,
                      void (*ended)(struct app_task *task))
{
    struct err err = {0};
    const char *slash = strrchr(argv[0], '/');
    int64_t total = task->progress.total;
    task->program_name = slash != NULL ? slash + 1 : argv[0];
    task->program_ended = ended;
    task->progress = (struct pgtools_progress){.total = total};
    strbuf_clear(&task->output);
    struct proc_spec spec = {
        .path = argv[0],
        .argv = argv,
        .envp = environment,
        .directory = task->folder,
        .output_cap = keep_output ? OUTPUT_MAX : SIZE_MAX,
        .death_signal = SIGTERM,
        .output = on_output,
        .ended = on_ended,
        .ctx = task,
    };
    if (!task_child_start(&task->child, task->context.loop, &spec, &err)) {
        err_context(&err, "could not start %s", task->program_name);
        task_fail(task, &err);
    }
}
