/* SPDX-License-Identifier: PostgreSQL */
/*
 * plan_answers: the answers file of a headless run, read and judged by the machinery of the
 * plan. The conventions are those of plan.h.
 */
#ifndef GONOGO_PLAN_ANSWERS_H
#define GONOGO_PLAN_ANSWERS_H

#include "plan.h"

struct answer_as {
    struct plan_mark mark;
    struct str name;
    struct str role;
};
enum answer_word {
    ANSWER_UNSAID,
    ANSWER_YES,
    ANSWER_NO,
};
struct answer_item {
    struct plan_mark mark;
    struct str id;
    enum answer_word answer;
    struct str note;
    struct str by;
};
struct answer_backup {
    struct plan_mark mark;
    struct str id;
    struct str name;
    int64_t taken_us; /* UTC, since 1970; PLAN_UNSAID */
};
enum answer_vote_word {
    ANSWER_VOTE_UNSAID,
    ANSWER_VOTE_GO,
    ANSWER_VOTE_NO_GO,
    ANSWER_VOTE_HOLD,
};
struct answer_vote {
    struct plan_mark mark;
    struct str role;
    enum answer_vote_word vote;
    struct str name;
    struct str reason;
};
struct answer_reason { /* accept and override */
    struct plan_mark mark;
    struct str id;
    struct str reason;
    struct str by;
};
struct answer_sign_off {
    struct plan_mark mark;
    struct str role;
    struct str name;
};
enum answer_checkpoints {
    ANSWER_CHECKPOINTS_UNSAID,
    ANSWER_CHECKPOINTS_CONTINUE,
    ANSWER_CHECKPOINTS_HOLD,
};
enum answer_on_failure {
    ANSWER_FAILURE_UNSAID, /* reads as hold */
    ANSWER_FAILURE_HOLD,
    ANSWER_FAILURE_ROLLBACK,
};
struct answers {
    struct plan_mark mark;
    struct sha256_hex sha256; /* of the bytes */
    int64_t version;
    struct answer_as as;
    struct answer_items {
        struct answer_item *items;
        size_t count;
    } checklist;
    struct answer_backups {
        struct answer_backup *items;
        size_t count;
    } backup;
    struct answer_votes {
        struct answer_vote *items;
        size_t count;
    } votes;
    struct str database; /* the typed name */
    enum answer_checkpoints checkpoints;
    struct answer_reasons {
        struct answer_reason *items;
        size_t count;
    } accept;
    struct answer_reasons override;
    struct answer_items criteria;      /* id: its text or "criterion N" */
    struct str on_failure_text;        /* as written: "rollback:dump" */
    enum answer_on_failure on_failure; /* computed */
    struct str rollback_option;        /* computed: the id behind "rollback:" */
    struct answer_sign_offs {
        struct answer_sign_off *items;
        size_t count;
    } sign_off;
    struct answer_sign_offs confirm; /* of the way back */
};
/* NULL when there is an error. The answers live in `arena`. */
struct answers *answers_read(struct str bytes, struct str file_name, struct arena *arena,
                             struct plan_diagnostics *diagnostics) MUST_CHECK;
/* Do the answers speak of things that the plan has (ids, roles, options)? True without error.
 */
bool answers_check(const struct answers *answers, const struct plan *plan,
                   struct plan_diagnostics *diagnostics) MUST_CHECK;

#endif
