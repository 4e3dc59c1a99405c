/* SPDX-License-Identifier: PostgreSQL */
/*
 * lint_world: cases for rules, read from text. A case is a head line, the world that it
 * stands in, SQL, and what must be found:
 *
 *   --# bad an index on a table that others use          (or: good ...)
 *   --# table public.orders rows 5000000 bytes 1200000000
 *   CREATE INDEX ON orders (customer_id);
 *   --# finds L1 high 1:1
 *   --# says writes to orders
 *
 * Lines of the world (each makes the lint know that part; `knows tables` alone says that
 * nothing else is there):
 *
 *   version 150006              role NAME [superuser] [bypassrls]      pooler
 *   table S.T [rows N] [bytes N] [writes N] [owner NAME] [rls] [forced] [published]
 *         [no_identity] [exposed] [view|matview|partitioned|foreign|sequence]
 *   column S.T C TYPE [not_null] [default] [indexed]      (a space in TYPE is written ~)
 *   constraint S.T NAME KIND COLUMNS [invalid] [references S.T] [proves C]   (KIND: c f p u x
 * n) index S.T NAME COLUMNS [unique] [invalid] [partial] [of_constraint] [scans N] policies S.T
 * N              dependent S.T[.C] KIND NAME [cascade] referenced S.T by S.U       exposed
 * SCHEMA traffic S.T CALLS [writes] [all] [columns A,B] : TEXT activity PID AGE_S KIND [on S.T]
 * (a space in KIND is written ~) search_path A,B             lock_timeout MS statement_timeout
 * MS     free BYTES today 2026-11-21            knows
 * tables|traffic|role|version|activity|history
 *
 * Lines about the file: transaction one|each|file, alone, undo, undo_none, has_undo,
 * rows_expected, long_unbounded, timeouts LOCK_MS STATEMENT_MS (what the run sets), claims
 * rerun_safe=yes destructive=no zero_downtime=yes, names OBJECT (a victim that the plan names),
 * file NAME (a further file begins here). Line numbers of `finds` count the SQL of their file
 * alone, from 1.
 */
#ifndef GONOGO_TEST_LINT_WORLD_H
#define GONOGO_TEST_LINT_WORLD_H

#include "lint.h"

enum {
    CASE_FILES = 8,
    CASE_EXPECTED = 16,
    CASE_SAYS = 16,
};
struct lint_case {
    bool bad;
    struct str title;
    int line; /* in the file of cases */
    struct lint_context context;
    struct {
        struct lint_file file;
        struct str sql;
    } files[CASE_FILES];
    size_t file_count;
    struct str expected[CASE_EXPECTED]; /* "L1 high 1:1"; a further file: "L1 high 2/1:1" */
    size_t expected_count;
    struct str says[CASE_SAYS];
    size_t say_count;
};
/*
 * The cases of a text, in the arena. What cannot be read ends the program with the file's
 * name and line.
 */
struct lint_case *lint_cases_read(struct arena *arena, const char *file, struct str text,
                                  size_t *count);
/* Judges a case; the result and what it points to live in the arena. */
const struct lint_result *lint_case_judge(struct arena *arena, const struct lint_case *one);
/* "L1 high 1:1" as in `finds`. */
struct str lint_finding_words(struct arena *arena, const struct lint_finding *finding);

#endif
