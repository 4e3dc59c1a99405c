/* SPDX-License-Identifier: PostgreSQL */
/*
 * Relations while they are put together from rows: found by oid, columns by number. Private
 * to the files that read for lint.
 */
#ifndef GONOGO_CATALOG_LINT_ROWS_H
#define GONOGO_CATALOG_LINT_ROWS_H

#include "catalog_lint.h"

/*
 * CTEs `spaces` (oid, nspname) and `wanted` (oid) of a recursive WITH; $1 as in catalog_lint.h.
 * Of all, the server knows beforehand how many they are, and needs no names to be told apart:
 * that takes half of the time.
 */
#define LINT_SPACES                                                                            \
    "spaces as materialized ("                                                                 \
    "select n.oid, n.nspname from pg_catalog.pg_namespace n "                                  \
    "where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'), "
#define LINT_WANTED_NAMED                                                                      \
    LINT_SPACES                                                                                \
    "named as materialized ("                                                                  \
    "select c.oid, c.relkind from pg_catalog.pg_class c "                                      \
    "join spaces s on s.oid = c.relnamespace "                                                 \
    "where c.relname = any ($1::pg_catalog.name[])), "                                         \
    "wanted as ("                                                                              \
    "select n.oid from named n where n.relkind in ('r', 'p', 'v', 'm', 'f', 'S') "             \
    "union select i.indrelid from named n join pg_catalog.pg_index i "                         \
    "on i.indexrelid = n.oid "                                                                 \
    "union select h.inhrelid from wanted w "                                                   \
    "join pg_catalog.pg_inherits h on h.inhparent = w.oid)"
#define LINT_WANTED_ALL                                                                        \
    LINT_SPACES                                                                                \
    "wanted as materialized (select c.oid from pg_catalog.pg_class c "                         \
    "where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and $1::pg_catalog.name[] is not null " \
    "and c.relnamespace in (select s.oid from spaces s))"

struct known_relation {
    int64_t oid;
    int64_t parent; /* oid of what it is a partition of; 0: it is none */
    char replica_identity;
    bool has_primary_key;
    bool has_identity_index;
    struct lint_relation relation;
    struct lint_column *columns; /* relation.columns */
    int64_t *numbers;            /* pg_attribute.attnum of each, ascending */
};
struct known_relations {
    struct arena *arena;
    struct known_relation *items; /* by oid */
    size_t count;
};
/* NULL: not among those that were asked for. */
struct known_relation *known_find(const struct known_relations *known, int64_t oid);
/* NULL: there is none of that number (an expression, a dropped one). */
struct lint_column *known_column(const struct known_relation *relation, int64_t number);

const char *catalog_dependents_query(bool all);
/* Fills `dependents` and `referenced_by`. Names without `home`, see catalog_lint.h. */
bool catalog_dependents_read(const struct rows *rows, struct str home,
                             struct known_relations *known, struct err *err) MUST_CHECK;

#endif
