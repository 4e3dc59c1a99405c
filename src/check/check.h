/* SPDX-License-Identifier: PostgreSQL */
/*
 * check: what is asked of the database, and what its answers are worth. One check
 * of the plan becomes one or more queries; their rows become a verdict. Counts and
 * members are judged against what the plan declares. No I/O, no clock: rows and times
 * come from the caller.
 *
 *   struct check_work work;
 *   if (!check_begin(&work, plan, check, bytes_of_its_file, &arena, &err)) …
 *   const struct check_query *query;
 *   while ((query = check_query(&work)) != NULL) {
 *       … send query->sql with query->params in the way that its flags ask …
 *       rows came:      check_take(&work, &rows, elapsed_us);
 *       server refused: check_refused(&work, sqlstate, message, elapsed_us);
 *       it waited for a lock too long: check_held_up(&work, why, elapsed_us);
 *       no answer:      check_lost(&work, why);
 *   }
 *   check_judge(&work, before, &result);
 *   check_release(&work);
 *
 * A check never passes by accident: no row, NULL, two rows or two columns where one
 * value is wanted, a cut answer, a table that is not there – each is FAIL or ERROR,
 * in words.
 */
#ifndef GONOGO_CHECK_H
#define GONOGO_CHECK_H

#include "base.h"
#include "catalog.h"
#include "plan.h"

/* ---------------------------------------------------------------- verdicts */

enum verdict {
    VERDICT_PASS,  /* the answer is what the plan wants */
    VERDICT_FAIL,  /* it is not */
    VERDICT_ERROR, /* it cannot be judged: the server refused, or the answer has no such form */
    VERDICT_UNKNOWN, /* no answer came */
    VERDICT__COUNT
};
extern const char *const verdict_words[VERDICT__COUNT]; /* "pass", "fail", "error", "unknown" */

/*
 * Texts belong to the arena of check_begin(); they are sanitised, one line, capped.
 *
 * `actual` holds row values only if the plan says `show: true` – except for builtins, whose
 * answers are names and numbers of the catalog, and for whole numbers that are judged against
 * a whole number: those are counts. Otherwise it says "1 row", "text (not shown)".
 */
struct check_result {
    enum verdict verdict;
    struct str actual;   /* "43", "2 rows", "no row" */
    struct str expected; /* "43", "at least 4", "no row", "as before (1,200)" */
    struct str why;      /* FAIL, ERROR, UNKNOWN: one sentence without full stop; else empty */
    struct str evidence; /* more, a few lines: which members, which tables; may be empty */
    int64_t row_count;
    struct sha256_hex hash; /* of all rows, in an order of their own; of the empty list too */
    int64_t elapsed_us;     /* of all queries together */
    bool late;              /* `within` was missed (that alone makes it FAIL) */
    char sqlstate[6];       /* when the server refused */
    /* For `before`; to be kept in memory or in the run directory, not in journal or report. */
    bool has_value; /* the answer was one value */
    struct str value;
    struct catalog_row_counts rows; /* rows_per_kept_table */
};

/* What a check gave before the change. `= {0}` with taken false: there is none. */
struct check_before {
    bool taken;
    bool has_value;
    struct str value;
    struct sha256_hex hash;
    struct catalog_row_counts rows;
};
/* Borrows the texts of the result; `taken` is false when it has none to compare with. */
struct check_before check_before_of(const struct check_result *result);

/* ------------------------------------------------------------------ a check */

enum {
    CHECK_PARAMS_MAX = 8,
};
struct check_query {
    struct str sql; /* one statement */
    struct str params[CHECK_PARAMS_MAX];
    size_t param_count;
    bool pinned;   /* search_path = pg_catalog, pg_temp; else the plan's */
    bool all_rows; /* row_security = off: the server must refuse rather than hide rows */
};

struct check_stage;
struct check_work {
    const struct plan *plan;
    const struct plan_check *check;
    struct arena *arena;
    const struct catalog_counts *left_out; /* counted by the server, not by us; NULL = none */
    struct strbuf sql;
    struct check_query query;
    bool asked; /* query is out, or waits to be sent */
    int stage;
    int64_t elapsed_us;
    bool refused;
    bool lost;
    char sqlstate[6];
    struct str trouble; /* why there is nothing to judge */
    struct rows rows;   /* the answer that is judged */
    bool have_rows;
    struct catalog_row_counts tables; /* rows_per_kept_table */
    size_t next;
    struct str *statements; /* orphans: one per batch of foreign keys */
    size_t statement_count;
    struct str *keys; /* orphans: label of each foreign key, in the order of the statements */
    size_t key_count;
};

/*
 * `bytes` is the text of check->file, of the file of the state.count query that a builtin
 * names, or empty. False when there is nothing to ask (a count id that the plan has not, an
 * empty text): not a verdict but a mistake in the plan.
 */
bool check_begin(struct check_work *work, const struct plan *plan,
                 const struct plan_check *check, struct str bytes, struct arena *arena,
                 struct err *err) MUST_CHECK;
/* Which file the caller has to bring the bytes of; ptr NULL for none. */
struct str check_file(const struct plan *plan, const struct plan_check *check);
/* The next query, until it was answered; NULL when all are. */
const struct check_query *check_query(struct check_work *work);
/*
 * May it be asked in one go with others, in a pipeline? One query, known by its first word to
 * be neither COPY (which a pipeline cannot do) nor anything that ends its transaction; and
 * without `within`, whose time is taken from an answer that nothing else could have held up.
 */
bool check_can_share(const struct check_work *work);
/* Rows may die afterwards. */
void check_take(struct check_work *work, const struct rows *rows, int64_t elapsed_us);
void check_refused(struct check_work *work, const char *sqlstate, struct str message,
                   int64_t elapsed_us);
/* `why` is told as it is: could not be judged, and who holds it up. */
void check_held_up(struct check_work *work, struct str why, int64_t elapsed_us);
void check_lost(struct check_work *work, struct str why);
/* `before` may be NULL. Never asks for more; never fails. */
void check_judge(const struct check_work *work, const struct check_before *before,
                 struct check_result *result);
/* Judges nothing, only measures: PASS when there is something to compare with later. */
void check_measure(const struct check_work *work, struct check_result *result);
void check_release(struct check_work *work);
/* Does this check need a value from before the change? */
bool check_needs_before(const struct plan_check *check);
/* What the plan expects, for people: "at least 4", "table public.orders". */
struct str check_expected(struct arena *arena, const struct plan_check *check,
                          const struct check_before *before);

/* The heart of it, for whoever has an answer of his own: is `actual` what is wanted? `why` gets
 * a reason otherwise. Numbers are compared as decimal numbers of any length, "43" = "43.0". */
enum verdict check_compare(enum plan_comparator comparator, const struct plan_value *expected,
                           struct str actual, struct arena *arena, struct str *why);
/* -1, 0, 1; false when one of them is no plain decimal number. */
bool check_decimals(struct str a, struct str b, int *order) MUST_CHECK;

/* ------------------------------------------------------- counts and members */

/* The kind of a plan's word; false for `query`, which is counted by its own statement. */
bool check_count_kind(enum plan_what what, enum count_kind *kind) MUST_CHECK;

enum check_finding_kind {
    FINDING_UNLISTED,  /* something appeared, went or changed that the plan does not declare */
    FINDING_MISSING,   /* the plan declares it, and it did not happen */
    FINDING_SWAPPED,   /* equal counts, other members: said once per kind, beside the members */
    FINDING_REORDERED, /* columns stand in another order */
};
/* Does the plan itself list this table as a new one? */
bool check_lists_new_table(const struct plan *plan, struct str schema, struct str table);
struct check_finding {
    enum check_finding_kind kind;
    bool blocks; /* false: a warning only (`unlisted_changes: warn`, order of columns) */
    enum count_kind what;
    const struct catalog_change *change; /* NULL for MISSING and SWAPPED */
    struct str name;                     /* as plans name it; empty for SWAPPED */
    struct str text;                     /* one line for people, sanitised */
};
/* One for each change of the diff, in its order: did the plan declare or imply it? */
struct check_changes {
    struct check_finding *findings;
    size_t count;
    size_t capacity;
    size_t blocking;
    bool *planned; /* one per change of the diff */
    size_t planned_count;
};
/*
 * What hangs on a removed or declared new table is implied: its columns, keys (those that
 * point to it, too), policies, indexes, triggers, constraints, sequences that go with it; the
 * index behind a declared constraint; the partitions of a removed table. Declared members that
 * are not in the diff are MISSING. `final` false (between two migrations): MISSING is not
 * judged.
 */
void check_changes(struct check_changes *changes, const struct plan *plan,
                   const struct catalog_diff *diff, bool final, struct arena *arena);
void check_changes_release(struct check_changes *changes);

#endif
