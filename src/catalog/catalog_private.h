/* SPDX-License-Identifier: PostgreSQL */
/*
 * What the files of this room share: the two scopes that every catalog query
 * begins with, so that "which schemas" and "whose objects" are said once.
 *
 * Extension members are looked up from the extension's side (pg_depend has an index
 * on refclassid, refobjid): reading the whole of pg_depend would cost more than all
 * counts together.
 */
#ifndef GONOGO_CATALOG_PRIVATE_H
#define GONOGO_CATALOG_PRIVATE_H

#include "catalog.h"

/*
 * CTEs `spaces` (oid, nspname) and `members` (classid, objid). $1 = schemas as text[];
 * '{}' means every schema but the system's. System and temporary schemas are out even
 * when they are named.
 */
#define CATALOG_SCOPE                                                                          \
    "spaces as materialized ("                                                                 \
    "select n.oid, n.nspname from pg_catalog.pg_namespace n "                                  \
    "where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' "                         \
    "and ($1::pg_catalog.text[] = '{}' or n.nspname = any ($1::pg_catalog.text[]))), "         \
    "members as materialized ("                                                                \
    "select d.classid, d.objid from pg_catalog.pg_extension e "                                \
    "join pg_catalog.pg_depend d on d.refclassid = "                                           \
    "'pg_catalog.pg_extension'::pg_catalog.regclass "                                          \
    "and d.refobjid = e.oid and d.deptype = 'e')"

/* By kind, schema, table, name, as bytes. */
int catalog_member_order(const struct catalog_member *a, const struct catalog_member *b);
/* The rows must have this many columns; `what` names the query in the error. */
bool catalog_expect_columns(const struct rows *rows, size_t columns, const char *what,
                            struct err *err) MUST_CHECK;
/* As str_dup, of a cell; NULL gives the empty text. */
struct str catalog_cell(struct arena *arena, const struct rows *rows, size_t row,
                        size_t column);

#endif
