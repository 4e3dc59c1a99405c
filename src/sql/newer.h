/* SPDX-License-Identifier: PostgreSQL */
/*
 * newer: syntax that servers younger than our grammar know. Private to the room.
 */
#ifndef GONOGO_SQL_NEWER_H
#define GONOGO_SQL_NEWER_H

#include "sql.h"

/*
 * May the statement that the grammar of PostgreSQL 15 refused be good SQL of a later
 * version? `offset` is where the parser stopped, in bytes of `text` (text.len: at its end);
 * `message` is what it said.
 */
bool newer_syntax(struct str text, bool strings_on, size_t offset, const char *message);

#endif
