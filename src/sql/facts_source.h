/* SPDX-License-Identifier: PostgreSQL */
/*
 * facts_source: which bytes of the file a text is that the grammar reads: the statement
 * itself, the body of a DO block, a statement inside of that body. Private to the room.
 */
#ifndef GONOGO_SQL_FACTS_SOURCE_H
#define GONOGO_SQL_FACTS_SOURCE_H

#include "facts.h"

/* The body of a literal that the grammar found at `location` of the gathering's text (-1: it
 * did not say where). */
struct source source_of_literal(const struct gathering *gathering, struct str body,
                                int location);
/*
 * A text that the library took out of a body, from its line (from 1) on. `skipped` bytes at its
 * start are not in the body, but one byte more stands for them: PERFORM for SELECT.
 */
struct source source_inside(const struct gathering *gathering, struct source *body, int line,
                            struct str text, size_t skipped);
/*
 * The gathering's source with r := 1 for r.a := 1 in the body between dollar quotes; in the
 * arena. "" when the body stands between other quotes.
 */
struct str source_without_fields(const struct gathering *gathering, struct str body,
                                 int location);
/* Byte of the file of a byte of a source. */
size_t source_offset(const struct gathering *gathering, const struct source *source, size_t at);
/* Line and column of a byte of the file, which lies inside of the gathering's statement. */
struct sql_place source_place(const struct gathering *gathering, size_t offset);
/* The tree of a text, in the gathering's arena; NULL when it does not parse. */
const PgQuery__ParseResult *source_parse(struct gathering *gathering, struct str text);

#endif
