/* SPDX-License-Identifier: PostgreSQL */
/*
 * What a new run and a resumed one have in common: the things that live as long as the
 * walk, and the walk itself.
 */
#ifndef GONOGO_APP_WORK_H
#define GONOGO_APP_WORK_H

#include "perform.h"

struct work {
    struct arena arena;
    struct app_plan plan;
    const struct plan_target *target;
    struct run_setup setup;
    struct run run;
    bool has_run;
    struct journal *journal;
    struct loop *loop;
    struct performer performer;
    bool has_performer;
    struct journal_head head;
    char run_id[40];
    const char *connection; /* redacted */
    struct app_view view;   /* the front's, until it is closed */
    bool headless;
    app_front_open front_open;
    void *front_ctx;
    void (*started)(void *ctx, const struct app_view *view);
    void *started_ctx;
};

/* Loop and signals. */
bool work_begin(struct work *work, struct err *err) MUST_CHECK;
/* The model and the performer, from plan, target, head, journal, which are set. */
void work_make(struct work *work, const struct db_params *params, int64_t clock_us);
/* Opens the front, tells that it begins, walks. Returns the exit code. */
int work_walk(struct work *work, const struct event *first, struct err *err);
void work_release(struct work *work);

/* ---------------------------------------------------------------- one question */

/*
 * Connects, asks one question, closes; blocks (its own loop, with a deadline). For what
 * must be known before there is a run. Rows live in `arena`.
 */
struct question {
    struct str sql;
    const char *const *values; /* $1… */
    size_t value_count;
    const char *search_path; /* NULL: our own, pinned */
};
bool ask_once_blocking(const struct db_params *params, const struct question *question,
                       struct arena *arena, struct rows *rows, struct err *err) MUST_CHECK;
/*
 * The same for several questions in one session. A turn's questions are sent at once; when
 * they are answered `next` gets the turn back, with one answer for each, and fills it anew,
 * or returns false. The session ends then, and with it a transaction that was begun.
 */
enum {
    TURN_QUESTIONS_MAX = 12
};
struct turn {
    struct question questions[TURN_QUESTIONS_MAX]; /* their search_path is not read */
    size_t count;
    bool may_fail; /* set by `next`: a refusal is no end, `failed` and `why` tell */
    bool failed;
    struct err why;
    struct rows rows[TURN_QUESTIONS_MAX];
    int server_version; /* 150020 */
    int client_pid;     /* of the backend, as the connection was told */
};
struct asking {
    const char *search_path; /* NULL: our own, pinned */
    bool plain_timeouts;     /* those of any session of the role, until `next` sets others */
    size_t max_rows;         /* of each answer; 0: all */
    int64_t timeout_us;      /* for all of it; 0: 15 s */
    bool (*next)(void *ctx, struct turn *turn);
    void *ctx;
};
bool ask_turns_blocking(const struct db_params *params, const struct asking *asking,
                        struct arena *arena, struct err *err) MUST_CHECK;
/*
 * Who answers, and is it what the target's pins say? False with ERR_CONNECT when not. A
 * refused question is ERR_CHECK: without a run nothing was tried to be changed.
 */
bool ask_identity_blocking(const struct db_params *params, const struct plan_target *target,
                           struct arena *arena, struct catalog_identity *identity,
                           struct err *err) MUST_CHECK;
/* `word` is a service, or a connection string that must hold no password. */
bool app_word_target(const char *word, struct arena *arena, struct plan_target *target,
                     struct err *err) MUST_CHECK;
/* The columns of the ledger's table, for catalog_ledger_columns_read(). */
bool ask_ledger_blocking(const struct db_params *params, const struct catalog_ledger *ledger,
                         struct arena *arena, struct rows *rows, struct err *err) MUST_CHECK;
/* All its rows; a refusal is ERR_CHECK and names the ledger. */
bool app_ledger_rows(const struct db_params *params, const struct catalog_ledger *ledger,
                     struct arena *arena, struct catalog_ledger_list *list,
                     struct err *err) MUST_CHECK;
/* search_path of the plan as a setting. */
struct str app_search_path(struct arena *arena, const struct plan *plan);
/* The ledger that the plan names; false when it names none that is written. */
bool app_ledger(const struct plan *plan, struct arena *arena, struct catalog_ledger *ledger);
/*
 * Is it left out of the counts when gonogo makes it, or made it in an earlier run? Not when
 * the plan lists it among its new tables, and not outside of the plan's schemas.
 */
bool app_ledger_is_apart(const struct plan *plan, const struct catalog_ledger *ledger);

#endif
