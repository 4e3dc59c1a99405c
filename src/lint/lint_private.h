/* SPDX-License-Identifier: PostgreSQL */
/*
 * How rules are written. A rule is a row of one of the rules_*.c tables: its page, and a
 * function that looks at one action, one statement or one file and reports. What came before
 * is in the history; what only a server knows is in the context. Private to the room.
 */
#ifndef GONOGO_LINT_PRIVATE_H
#define GONOGO_LINT_PRIVATE_H

#include "lint.h"

#include <stddef.h>

/* ---------------------------------------------------------- names (names.c) */

/* Items of an array found by the name that each is about; the newest first. */
enum {
    NAMES_NONE = -1,
};
struct names {
    struct sql_name *keys; /* one per item, in the items' order */
    ptrdiff_t *next;       /* the item of the same bucket before */
    size_t count;
    size_t key_capacity;
    size_t next_capacity;
    ptrdiff_t *buckets;
    size_t bucket_count; /* a power of two, or 0 */
};
void names_add(struct names *names, struct sql_name name); /* the item after the last */
ptrdiff_t names_first(const struct names *names, struct sql_name name);
ptrdiff_t names_next(const struct names *names, ptrdiff_t item); /* of the same name */
void names_release(struct names *names);

/* ------------------------------------------------------------------ history */

/* Something that an earlier statement of the plan made, changed or dropped. */
struct past {
    enum sql_form form;
    struct sql_name object; /* schema filled in by the search path */
    struct str part;
    size_t file;
    size_t statement;
    size_t transaction; /* number of the transaction: equal to lint->transaction: the same */
    bool guarded;
    bool is_undo; /* of an undo file, which does not run with the others */
};

/* A lock that the transaction holds since an earlier statement. */
struct held {
    struct sql_name relation;
    enum sql_lock lock;
    size_t statement;
};

/* A setting in force; the local ones go with the transaction. */
struct setting {
    struct str name;
    struct str value;
    bool local;
    bool by_run; /* not said by the file: the run's or the role's */
};

struct lint {
    struct arena *arena; /* results */
    const struct lint_context *context;
    const struct lint_file *file; /* under way; copied into the arena */
    size_t file_index;
    bool in_transaction;
    size_t transaction;     /* counts up at every boundary */
    struct str search_path; /* at the beginning of each file, as one text */
    struct names relations; /* of the context */
    struct past *past;
    size_t past_count;
    size_t past_capacity;
    struct names past_names; /* of `past`, by object */
    struct held *held;
    size_t held_count;
    size_t held_capacity;
    struct setting *settings;
    size_t setting_count;
    size_t setting_capacity;
    struct lint_finding *findings;
    size_t finding_count;
    size_t finding_capacity;
    struct lint_file_result *files;
    size_t file_count;
    size_t file_capacity;
};

/* What a rule looks at. */
struct step {
    const struct sql_statement *statement;
    size_t index;
    const struct sql_facts *facts;
    const struct sql_action *action;      /* NULL for rules of a statement or a file */
    const struct lint_relation *relation; /* the action's object as the server has it; NULL */
    struct sql_name object;               /* with its schema, by the search path */
    bool is_new;                          /* made earlier in this plan: nobody uses it yet */
};

typedef void check(struct lint *lint, const struct step *step);
struct rule_row {
    struct lint_rule rule;
    check *on_action;
    check *on_statement; /* after its actions */
    check *on_file;      /* at its end; only lint->file is there */
};

/* The tables, each in its own file. */
struct rule_table {
    const struct rule_row *rows;
    size_t count;
};
extern const struct rule_table rules_of_locks;        /* L */
extern const struct rule_table rules_of_columns;      /* C */
extern const struct rule_table rules_of_constraints;  /* K */
extern const struct rule_table rules_of_data;         /* D */
extern const struct rule_table rules_of_transactions; /* T */
extern const struct rule_table rules_of_rls;          /* R */

/* Runs every rule on it. */
void rules_judge_action(struct lint *lint, const struct step *step);
void rules_judge_statement(struct lint *lint, const struct step *step);
void rules_judge_file(struct lint *lint);

/* ----------------------------------------------------- history (history.c) */

/* Remembers what the statement did; called after its rules. */
void history_remember(struct lint *lint, const struct step *step);
void history_begin_file(struct lint *lint);
/* Before a statement: opens and ends transactions as the run will. */
void history_before(struct lint *lint, const struct sql_statement *statement);
void history_after(struct lint *lint, const struct sql_statement *statement);
/*
 * The last thing of this form that happened to the object (and part, when it is not empty),
 * undo files apart; NULL: none. SQL_FORM__COUNT: any form.
 */
const struct past *history_last(const struct lint *lint, enum sql_form form,
                                struct sql_name object, struct str part);
/* A relation that this plan created and nothing has dropped since. */
bool history_is_new(const struct lint *lint, struct sql_name relation);
/* The strongest lock held since an earlier statement of this transaction. */
enum sql_lock history_lock_on(const struct lint *lint, struct sql_name relation);
/* Value in force, "" when nothing set it and the context does not know it. */
struct str history_setting(const struct lint *lint, const char *name);
/* lock_timeout or statement_timeout in force; 0: none; -1: not known. */
int64_t history_timeout_us(const struct lint *lint, const char *name);

/* ------------------------------------------------------ context (world.c) */

/* The name with a schema: as written, or of what the plan made, or found by the search path. */
struct sql_name world_resolve(const struct lint *lint, struct sql_name written);
const struct lint_relation *world_relation(const struct lint *lint, struct sql_name name);
const struct lint_column *world_column(const struct lint_relation *relation, struct str name);
bool world_knows(const struct lint *lint, enum lint_needs part);
/* Major version of the server, or 0. */
int world_major(const struct lint *lint);
/* "about 5,200,000 rows, 1.3 GB", or "" when neither is known. */
struct str world_size(const struct lint *lint, const struct lint_relation *relation);
/* How many calls a second use the relation, and what for; < 0: not known. */
double world_calls(const struct lint *lint, struct sql_name relation, bool writes_only);

/* ----------------------------------------------------- findings (report.c) */

/*
 * A finding of the rule at the step's place, with the rule's own severity. Format as printf;
 * texts of names go through %.*s with STR_ARG. The caller may lower or raise the severity,
 * and add `safer` and `unknown`; the pointer holds until the next report.
 */
struct lint_finding *report_finding(struct lint *lint, const struct step *step, const char *id,
                                    const char *format, ...) PRINTF_LIKE(4, 5);
/* At a byte of the file instead of the action's own place. */
void report_at(struct lint *lint, struct lint_finding *finding, const struct step *step,
               size_t offset);
/*
 * For rules of locks and rewrites: LOW on what is new; one step down below 10,000 rows and
 * 10 MB, one step up from 10,000,000 rows or 10 GB on; as it is when the size is not known,
 * and then `unknown` says so.
 */
void report_by_size(struct lint *lint, struct lint_finding *finding, const struct step *step);
/* Name for people and for SQL, schema only when it was written. */
struct str report_name(struct lint *lint, const struct sql_action *action);

#endif
