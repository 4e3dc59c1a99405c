/* SPDX-License-Identifier: PostgreSQL */
/*
 * catalog_lint: what the analysis of SQL wants to know from a server (lint.h): relations with
 * all that stands and hangs on them, the role and its settings, who is in the way, and the
 * texts of live traffic. Query texts and readers, as in catalog.h; texts live in the arena.
 *
 * Nothing here takes a lock on a relation of the people's, but for the sizes of relations
 * that are asked for by name, and not of those that somebody locks ACCESS EXCLUSIVE.
 */
#ifndef GONOGO_CATALOG_LINT_H
#define GONOGO_CATALOG_LINT_H

#include "base.h"
#include "lint.h"

/* ---------------------------------------------------------------- relations */

/* Questions whose answers make up the relations; to be asked in one transaction. */
enum catalog_lint_question {
    CATALOG_LINT_RELATIONS,
    CATALOG_LINT_COLUMNS,
    CATALOG_LINT_CONSTRAINTS,
    CATALOG_LINT_INDEXES,
    CATALOG_LINT_DEPENDENTS,
    CATALOG_LINT_QUESTION__COUNT
};
/* How far a question goes; each is asked in its own way. */
enum catalog_lint_breadth {
    CATALOG_LINT_BY_NAME, /* $1 holds names, and no "*" */
    CATALOG_LINT_OTHERS,  /* it holds a "*", too: all others are told of in short */
    CATALOG_LINT_ALL      /* "{}": all of them, at length */
};
/*
 * $1 = bare names of relations and indexes as text[]: relations of those names in every
 * schema but the system's, tables of those indexes, and their partitions. Their sizes are
 * measured, those of others are as VACUUM and ANALYZE saw them last. "In short" is what can
 * be lost of a relation that no statement names, with a schema, a role's things or a type: no
 * constraints, no indexes (their size is in that of the table), no columns but those of a
 * type of the names, or of a schema of the names, no grants of columns. `major` is the server's
 * version: 13 to 18.
 */
const char *catalog_lint_query(enum catalog_lint_question question, int major,
                               enum catalog_lint_breadth breadth);
/*
 * Fills `relations` of the context, sorted by schema and name. `home` is the schema that is
 * left out in the names of dependents. Dependents are all that DROP ... CASCADE of the
 * relation, or of a column, would drop with it, those of dependents included.
 */
bool catalog_lint_relations_read(const struct rows answers[CATALOG_LINT_QUESTION__COUNT],
                                 struct str home, struct arena *arena,
                                 struct lint_context *context, struct err *err) MUST_CHECK;

/* ------------------------------------------------------------- surroundings */

/* No parameter; one row. To be asked before the session sets timeouts of its own. */
const char *catalog_lint_session_query(void);
struct catalog_lint_session {
    int backend_pid;           /* as the server has it; behind a pooler not the client's */
    bool sees_sessions;        /* what others do is shown to this role */
    struct str statements;     /* schema of pg_stat_statements; empty: not installed */
    bool statements_have_info; /* it tells when it was reset (1.9, PostgreSQL 14) */
};
/*
 * Fills version, role, its attributes, search_path and timeouts. The path and the timeouts
 * are those of a plain session of the role: its settings, the database's, the server's.
 */
bool catalog_lint_session_read(const struct rows *rows, struct arena *arena,
                               struct lint_context *context,
                               struct catalog_lint_session *session,
                               struct err *err) MUST_CHECK;

/*
 * Who is in the way of a strong lock. $1 = names as above, $2 = age in seconds from which on
 * an open transaction counts.
 */
const char *catalog_lint_activity_query(void);
bool catalog_lint_activity_read(const struct rows *rows, struct arena *arena,
                                struct lint_context *context, struct err *err) MUST_CHECK;

/* ------------------------------------------------------------------ traffic */

/*
 * Appends the query for the statements that the extension counted in one database: rows
 * (text, calls, seconds since the reset or NULL when that is not known), those called most
 * often first. $1 = how many, $2 = name of the database: it may be asked in another one of the
 * same server. Fails when the extension is not loaded by the server.
 */
void catalog_lint_traffic_query(struct strbuf *sql, const struct catalog_lint_session *session);
struct catalog_lint_traffic {
    struct str text;         /* empty: not readable by this role */
    double calls_per_second; /* < 0: not known */
};
bool catalog_lint_traffic_read(const struct rows *rows, struct arena *arena,
                               struct catalog_lint_traffic **statements, size_t *count,
                               struct err *err) MUST_CHECK;

#endif
