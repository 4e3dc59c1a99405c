/* SPDX-License-Identifier: PostgreSQL */
/*
 * outcome: what a lint hands back besides findings. A verdict for each statement, what is
 * destroyed, what is counted, the risks, and the waivers that take findings away. Private to
 * the room.
 */
#ifndef GONOGO_LINT_OUTCOME_H
#define GONOGO_LINT_OUTCOME_H

#include "lint_private.h"

/* Statements that have something in common: how many, and which is the first. */
struct noted {
    size_t count;
    size_t statement;
    struct sql_place place;
    const char *tag;
};
void noted_add(struct noted *noted, const struct sql_statement *statement, size_t index);

/* A relation that the statement under way locks. */
struct lock_taken {
    struct sql_name relation;
    struct sql_name written; /* for people */
    enum sql_lock lock;
    bool is_new; /* of this plan, or of this session: nobody else waits for it */
};

/* One kind of thing in a file's counts; an altered one counts once, however often. */
struct counting {
    struct lint_count *items;
    size_t count;
    size_t capacity;
    struct names altered; /* kind and name of each */
};

enum {
    EXCEPTIONS_NAMED = 3,
};

/* What the verdicts of one file add up to. */
struct file_sum {
    const struct lint_file *file;
    struct lint_verdict **verdicts; /* in the result's arena, when the file has ended */
    struct noted
        again[EXCEPTIONS_NAMED]; /* the first that fail or work twice in a second run */
    size_t again_count;
    struct noted again_unknown;
    struct noted unjudged;
    struct noted by_loss[SQL_LOSS__COUNT];
    struct noted by_undo[SQL_UNDO__COUNT];
    struct noted stops[LINT_SEVERITY__COUNT]; /* others wait, by how bad that is */
    struct counting counting;
};

/* A waiver and what became of it. */
struct waiver {
    struct lint_waiver is;
    const struct lint_rule *rule; /* NULL: there is none of this name */
    struct lint_place at;
    bool by_comment;
    bool whole_file;
    bool expired;
    bool broken; /* told already why it is not in force */
    size_t uses;
};

struct outcome {
    struct lint_verdict now; /* of the statement under way */
    struct lock_taken *locks;
    size_t lock_count;
    size_t lock_capacity;
    struct names lock_names; /* of the locks, when a statement takes many */
    struct str *undo;        /* of its actions, in their order */
    size_t undo_count;
    size_t undo_capacity;
    enum lint_severity stops;
    struct lint_verdict **verdicts; /* of the file under way; they live in the arena */
    size_t verdict_count;
    size_t verdict_capacity;
    struct file_sum *sums; /* one for each file */
    size_t sum_count;
    size_t sum_capacity;
    struct lint_destroyed *destroyed;
    size_t destroyed_count;
    size_t destroyed_capacity;
    struct names destroyed_names; /* kind and name */
    struct names exclusive; /* relations locked ACCESS EXCLUSIVE, that were there before */
    struct waiver *waivers;
    size_t waiver_count;
    size_t waiver_capacity;
    size_t scanned; /* bytes of the file in which waivers were looked for */
};
struct outcome *outcome_new(void);
void outcome_free(struct outcome *outcome);
struct file_sum *outcome_sum(struct lint *lint); /* of the file under way */
void outcome_begin_file(struct lint *lint);
/* The verdict of the statement behind the last one; the same as before is kept once. */
void outcome_add_verdict(struct lint *lint, const struct lint_verdict *verdict);
void outcome_end_file(struct lint *lint); /* its verdicts move into the result's arena */
void outcome_count_finding(struct lint *lint, const struct lint_finding *finding);
void outcome_finish(struct lint *lint,
                    struct lint_result *result); /* files, what is destroyed */

/* Verdicts (verdict.c): before a statement's actions, for each of them, and after. */
void verdict_begin(struct lint *lint);
void verdict_add(struct lint *lint, const struct step *step);
void verdict_end(struct lint *lint, const struct step *step);
/*
 * Whether (again.c) an earlier statement of this transaction dropped, with IF EXISTS, what the
 * action makes, or made what it drops: then a second run goes as the first.
 */
bool again_is_safe(const struct lint *lint, const struct step *step);
/* Whether the action makes what the file has dropped and what holds rows or numbers, and
 * nothing that was told already does so for the whole: a second run loses them once more. */
bool again_loses(const struct lint *lint, const struct step *step);

/* What is destroyed (destroyed.c); in the order of the run, nothing twice. */
void destroyed_add(struct lint *lint, const struct step *step);

/* Victims (victims.c). Before a file's first statement: which names its plan gives. */
void victims_begin_file(struct lint *lint);
/* Does the plan say that this goes? `object` with its schema, where it has one; `part` of it
 * (a column), or empty. */
bool victim_is_named(const struct lint *lint, const char *kind, struct sql_name object,
                     struct str part);
bool victim_hanging_is_named(const struct lint *lint, const struct lint_dependent *dependent);
/* "view v_unread, policy notifications.mine": what goes with the step's object by CASCADE;
 * empty: nothing, or the server was not asked. */
struct str victims_words(struct lint *lint, const struct step *step);
/* Each of those; false when they are not known. */
bool victims_hanging_are_named(const struct lint *lint, const struct step *step);
/* The step's own object (of that kind), and with CASCADE everything that goes along. */
bool victims_all_named(const struct lint *lint, const struct step *step, const char *kind);

/* Counts and the summary (counts.c). */
void counts_add(struct lint *lint, const struct step *step);
void counts_end_file(struct lint *lint, struct lint_file_result *result);
void counts_release(struct counting *counting);

/* Risks (risk.c): of every file and of the run, when all findings stand. */
void risks_judge(struct lint *lint, struct lint_result *result);
struct str not_known_words(const struct lint *lint);

/* Waivers (waiver.c). */
void waivers_before(struct lint *lint, const struct sql_statement *statement, size_t index);
void waivers_end_file(struct lint *lint); /* applies those of the file, reports what is wrong */
void waivers_finish(struct lint *lint);   /* the plan's own */

#endif
