/* SPDX-License-Identifier: PostgreSQL */
/*
 * Programs of the plan: where they are, what they see of the world, and the hooks that
 * tell the team. No shell, a fixed list of folders, an environment of our own making, one
 * JSON object on standard input; tokens are the program's own business.
 */
#ifndef GONOGO_HOOK_H
#define GONOGO_HOOK_H

#include "app.h"
#include "loop.h"

/*
 * The full path of a program of the plan. "./x" is a file below the plan's folder that
 * still has the bytes which were read with the plan, else ERR_STOPPED; "/x" is taken as it
 * stands; a bare name is looked for in a fixed list of folders, never in PATH.
 */
const char *hook_program(const struct app_plan *plan, struct arena *arena, const char *name,
                         struct err *err);

/* An error of the plan for each hook whose program is not on this machine. */
void hook_diagnose(struct app_plan *plan);

/* What the team is told. Everything is borrowed; empty texts and 0 are left out. */
struct hook_news {
    enum plan_occasion occasion;
    const struct plan *plan;
    const struct plan_target *target;
    int64_t at_us;
    struct str digest;
    struct str run_id; /* empty: `gonogo notify`, outside of any run */
    const char *mode;
    const char *phase;
    const char *state;
    struct str reason;
    int exit_code; /* -1: there is none */
    int64_t opens_us, closes_us;
};
/* One line of JSON and its newline. */
void hook_write_news(struct strbuf *out, const struct hook_news *news);

struct hook_end {
    bool ok;
    struct str text;   /* "sent", or what happened instead */
    struct str output; /* what it said, sanitised and shortened */
    int64_t us;
};
struct hook;
/* Borrowed during the call but for what lives as long as the loop: `loop`, `ctx`. */
struct hook_spec {
    const struct app_plan *plan;
    const struct plan_target *target; /* its values fill ${name} */
    const struct plan_notification *notification;
    struct str input;
    struct loop *loop;
    /* Once; afterwards hook_has_ended(), and the caller frees it outside of this call. */
    void (*ended)(void *ctx, const struct hook_end *end);
    void *ctx;
};
/* NULL and `err`: nothing was started and `ended` never comes. */
struct hook *hook_start(const struct hook_spec *spec, struct err *err) MUST_CHECK;
bool hook_has_ended(const struct hook *hook);
/* Kills what still runs, with its whole group, without `ended`. */
void hook_free(struct hook *hook);

/* ------------------------------------------------- what `gonogo notify` has sent */

/* Notes that before_open was heard now by the hooks so marked, of these bytes and this target.
 */
bool hook_note_told(const struct app_plan *plan, const struct plan_target *target,
                    const char *runs_root, int64_t at_us, struct str who, const bool *heard,
                    struct err *err) MUST_CHECK;
/*
 * The first event of a run gets what was told before it: value and name = when and by whom
 * last, items = per hook that heard it {value = index of the hook, at_us = when}.
 */
void hook_keep_told(struct str digest, struct str target, const char *runs_root,
                    struct arena *arena, struct event *first);

#endif
