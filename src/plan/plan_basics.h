/* SPDX-License-Identifier: PostgreSQL */
/*
 * plan_basics: what every part of a plan is made of: marks (where it stands in the file),
 * diagnostics, texts, values and slots. Part of plan.h, which tells the conventions.
 */
#ifndef GONOGO_PLAN_BASICS_H
#define GONOGO_PLAN_BASICS_H

#include "base.h"

#define PLAN_UNSAID INT64_MIN

/* ------------------------------------------------------------------- marks */

struct plan_node;

/* Where something stands in the file, from 1; columns count characters. */
struct plan_mark {
    int line;
    int column;
    const struct plan_node *node; /* for plan_mark_of() and plan_path() */
};
/* The mark of the value of `key` in the mapping at `mapping`; the mapping's own when absent. */
struct plan_mark plan_mark_of(struct plan_mark mapping, const char *key);
/* Appends the place as "steps[0].checks[1].equals". */
void plan_path(struct strbuf *out, struct plan_mark mark);

/* -------------------------------------------------------------- diagnostics */

enum plan_severity {
    PLAN_ERROR,
    PLAN_WARNING,
    PLAN_NOTE,
};
struct plan_diagnostic {
    int line;
    int column;
    enum plan_severity severity;
    char code[8];       /* "Y003" */
    struct str path;    /* "limits.sql_total"; empty when it is about the whole file */
    struct str message; /* "\"500\" has no unit; write 500ms, 5s, 2m or 1h" */
    size_t order;       /* as found; breaks ties of position */
};
/* `= {0}` is empty; set `arena` (the texts live there) and `file` before use: plan_read() does.
 */
struct plan_diagnostics {
    struct arena *arena;
    struct str file; /* as printed at the start of each line */
    struct plan_diagnostic *items;
    size_t count;
    size_t capacity;
    size_t errors;
    size_t warnings;
};
/* Frees the list (not the arena). */
void plan_diagnostics_release(struct plan_diagnostics *diagnostics);
/* Adds one; other rooms may add theirs with the marks of the plan. */
void plan_diagnose(struct plan_diagnostics *diagnostics, struct plan_mark mark,
                   enum plan_severity severity, const char *code, const char *format, ...)
    PRINTF_LIKE(5, 6);
/* Sorts by line, column, then as found. plan_read(), plan_check(), answers_read() end with it.
 */
void plan_diagnostics_sort(struct plan_diagnostics *diagnostics);
/* Appends "file:line:col: error[Y012] path: message" and a newline. Text is sanitised. */
void plan_diagnostic_text(struct strbuf *out, const struct plan_diagnostics *diagnostics,
                          const struct plan_diagnostic *diagnostic);
/* What a code means, for `gonogo help Y012`. */
struct plan_code {
    const char *code;
    const char *title;
    const char *text; /* one to three sentences */
};
const struct plan_code *plan_codes(size_t *count);

/* ------------------------------------------------------------------- values */

struct plan_texts {
    struct str *items;
    size_t count;
};

enum plan_tristate {
    PLAN_NOT_SAID,
    PLAN_YES,
    PLAN_NO,
};

enum plan_value_kind {
    PLAN_VALUE_UNSAID,
    PLAN_VALUE_NUMBER,   /* number */
    PLAN_VALUE_DECIMAL,  /* decimal */
    PLAN_VALUE_DURATION, /* number, in microseconds */
    PLAN_VALUE_SIZE,     /* number, in bytes */
    PLAN_VALUE_BOOL,     /* number: 0 or 1 */
    PLAN_VALUE_BEFORE,   /* the word `before`: what was measured before the change */
    PLAN_VALUE_TEXT,     /* anything else, or quoted */
};
/* What a comparator compares with. `text` is always as written. */
struct plan_value {
    enum plan_value_kind kind;
    struct str text;
    int64_t number;
    double decimal;
};

enum plan_comparator {
    PLAN_COMPARE_UNSAID,
    PLAN_EQUALS,
    PLAN_AT_LEAST,
    PLAN_AT_MOST,
    PLAN_EMPTY,   /* no row */
    PLAN_EXISTS,  /* at least one row; the object is there */
    PLAN_MATCHES, /* POSIX extended regular expression */
    PLAN_SAME_AS, /* always `before` */
};

struct plan_named_value {
    struct plan_mark mark;
    struct str name;
    struct str value;
};
struct plan_named_values {
    struct plan_named_value *items;
    size_t count;
};

/* A slot of the window: "08:30 + 30m". */
struct plan_slot {
    int64_t start_us; /* since midnight of the window's date, in its zone; PLAN_UNSAID: no slot.
                         Beyond 24 h when the window crosses midnight. */
    int64_t length_us; /* > 0 */
};

#endif
