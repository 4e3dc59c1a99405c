/* SPDX-License-Identifier: PostgreSQL */
/*
 * What the files of this room share: the shapes that an answer can have, the table
 * of builtins, and the small texts of verdicts.
 */
#ifndef GONOGO_CHECK_PRIVATE_H
#define GONOGO_CHECK_PRIVATE_H

#include "check.h"

/* What kind of answer a check waits for, and so who judges it. */
enum check_shape {
    SHAPE_SQL,        /* the plan's own statement */
    SHAPE_COUNT,      /* one column of the counts */
    SHAPE_NUMBER,     /* one number from a statement of ours */
    SHAPE_LIST,       /* rows of names; their number is the value */
    SHAPE_OBJECT,     /* one row of attributes, or none */
    SHAPE_TABLE_ROWS, /* rows per table: several statements */
    SHAPE_ORPHANS,    /* several statements */
};

/*
 * builtin  the row's own place
 * shape    see above
 * kind     SHAPE_COUNT: what is counted; else COUNT__COUNT
 * sql      the (first) statement; NULL: the catalog room's, or made from the plan
 * fill     which parameters it takes, in this order
 */
enum check_fill {
    FILL_SCHEMAS,
    FILL_SEARCH_PATH,
    FILL_REMOVED,
    FILL_TABLE,
    FILL_OBJECT,
    FILL_COLUMN,
    FILL_TYPE,
    FILL_ROLES,
    FILL_END,
};
struct check_builtin {
    enum plan_builtin builtin;
    enum check_shape shape;
    enum count_kind kind;
    const char *sql;
    const enum check_fill *fill;
};
const struct check_builtin *check_builtin_of(enum plan_builtin builtin);
enum check_shape check_shape_of(const struct plan_check *check);

/* Columns of the answer of SHAPE_OBJECT. */
enum {
    OBJECT_TYPE,       /* column: its type; constraint, function …: a word on it */
    OBJECT_TYPE_SAME,  /* column: is it the wanted type; NULL: none is wanted */
    OBJECT_NULLABLE,   /* column */
    OBJECT_VALID,      /* constraint, index; trigger: enabled; policy: RLS is on */
    OBJECT_COMMAND,    /* policy */
    OBJECT_ROLES,      /* policy, for people */
    OBJECT_ROLES_SAME, /* policy */
    OBJECT_USING,      /* policy */
    OBJECT_WITH_CHECK, /* policy */
    OBJECT_COLUMNS
};
void check_judge_object(const struct check_work *work, struct check_result *result);
/* "policy workspace read on orders". */
struct str check_object_label(struct arena *arena, const struct plan_check *check);

void check_judge_table_rows(const struct check_work *work, const struct check_before *before,
                            struct check_result *result);

/* The statement that makes the statements. $1 = schemas. */
const char *check_orphans_query(void);
/* Takes the rows of check_orphans_query(): fills work->statements and work->keys. */
bool check_orphans_plan(struct check_work *work, const struct rows *rows);
/* Adds a batch's rows to work->rows (key, count). */
bool check_orphans_take(struct check_work *work, const struct rows *rows);
void check_judge_orphans(const struct check_work *work, const struct check_before *before,
                         struct check_result *result);

/* A value against the comparator of the check, `before` included. */
void check_judge_value(const struct check_work *work, struct str value,
                       const struct check_before *before, struct check_result *result);

/* `empty: true` and `exists: false` say the same. */
bool check_wants_none(const struct plan_check *check);

/* Sanitised, one line, capped. */
struct str check_shown(struct arena *arena, struct str text);
/* FAIL and the like with a reason. */
void check_say(struct check_result *result, enum verdict verdict, struct str why);
/* From here on nothing can be asked: the reason stands in work->trouble. */
void check_stop(struct check_work *work, struct str why);

#endif
