/* SPDX-License-Identifier: PostgreSQL */
/*
 * The grammar tried apart from us. PostgreSQL's parser recurses with the depth of what
 * it reads and allocates as it likes; a file made for it could take the process down.
 * So a forked child, with a memory limit and without any connection, describes the
 * scripts first. If it comes back, the same bytes are described here, with the same
 * result; if it crashes or takes too long, the statement that it was at is "not analysed",
 * and another child tries the rest. When too many died nothing is described.
 */
#include "app_describe.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app_guard.h"
#include "app_lint.h"
#include "loop.h"
#include "proc.h"

enum {
    CHILD_SECONDS = 120, /* a file of 100 MiB takes 40 */
};
#define CHILD_BYTES ((rlim_t)2 << 30)

typedef void each_script(struct sql_script *script, void *context);

/* What no rule judges: ways back of their own, and the checks. */
static void for_others(struct app_plan *plan, void *context, each_script *call)
{
    for (size_t i = 0; i < plan->plan->rollback.count; i++) {
        if (plan->option_scripts[i]) {
            call(plan->option_scripts[i], context);
        }
    }
    for (size_t i = 0; i < plan->query_count; i++) {
        call(plan->queries[i].script, context);
    }
}

static void for_each(struct app_plan *plan, void *context, each_script *call)
{
    for (size_t i = 0; i < plan->plan->steps.count; i++) {
        if (plan->step_scripts[i]) {
            call(plan->step_scripts[i], context);
        }
        if (plan->undo_scripts[i]) {
            call(plan->undo_scripts[i], context);
        }
    }
    for_others(plan, context, call);
}

static void describe(struct sql_script *script, void *arena)
{
    sql_describe(script, arena);
}

static const struct lint_result *judge(struct app_plan *plan, struct arena *arena)
{
    const struct lint_result *result = app_lint(plan, NULL, arena);
    for_others(plan, arena, describe);
    return result;
}

static void mark_not_analysed(struct sql_script *script, void *nothing)
{
    static const char words[] = "the analysis of this plan's files crashed";
    static const struct sql_misread why = {.message = {words, sizeof words - 1}};
    (void)nothing;
    for (size_t i = 0; i < script->count; i++) {
        struct sql_statement *statement = &script->statements[i];
        statement->judgement = SQL_NOT_ANALYSED;
        statement->tag = "";
        statement->objects = NULL;
        statement->object_count = 0;
        statement->misread = &why;
    }
}

static NORETURN void be_child(void (*work)(void *context), void *context, unsigned seconds)
{
    loop_signals_close();
    signal(SIGALRM, SIG_DFL);
    alarm(seconds);
    app_limit_memory(CHILD_BYTES);
    work(context);
    _exit(APP_SURVIVED);
}

bool app_survives(void (*work)(void *context), void *context)
{
    pid_t child = fork();
    if (child == 0) {
        be_child(work, context, CHILD_SECONDS);
    }
    int status = 0;
    pid_t waited = -1;
    while (child > 0 && (waited = waitpid(child, &status, 0)) < 0 && errno == EINTR) {
    }
    return child > 0 && waited == child && WIFEXITED(status) &&
           WEXITSTATUS(status) == APP_SURVIVED;
}

pid_t app_begin_guarded(void (*work)(void *context), void *context, int keep_fd,
                        unsigned seconds)
{
    pid_t child = fork();
    if (child == 0) {
        proc_stand_alone(keep_fd);
        be_child(work, context, seconds);
    }
    return child;
}

static void judge_and_forget(void *context)
{
    struct arena arena = {0};
    (void)judge(context, &arena);
}

static void set_watch(struct sql_script *script, void *watch)
{
    script->watch = watch;
}

/* Children try; what one dies of is left out by the next. */
static bool survives_without_the_deadly(struct app_plan *plan)
{
    struct sql_watch *watch = app_watch_new();
    int64_t deadline = app_guard_deadline();
    bool survived = false;
    for_each(plan, watch, set_watch);
    for (int tries = 0; tries <= SQL_SKIPS_MAX && !survived; tries++) {
        if (watch) {
            watch->at = NULL;
        }
        survived = app_survives(judge_and_forget, plan);
        if (!survived && (!watch || !watch->at || app_guard_is_late(deadline))) {
            break;
        }
        if (!survived) {
            watch->at->deadly = true;
        }
    }
    for_each(plan, NULL, set_watch);
    app_watch_free(watch);
    return survived;
}

bool app_describe(struct app_plan *plan)
{
    bool survived = survives_without_the_deadly(plan);
    if (survived) {
        plan->lint = judge(plan, &plan->arena);
    } else {
        for_each(plan, NULL, mark_not_analysed);
    }
    return survived;
}
