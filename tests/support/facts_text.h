/* SPDX-License-Identifier: PostgreSQL */
/*
 * Facts as text, for tests: one line for each action, with what differs from the row of its
 * form and every detail that is set.
 *
 *   ADD_COLUMN table app.notes part=mood guarded column(mood text default(constant))
 *   .UPDATE relation notes conditional change(where(id) columns=mood)
 *
 * One dot for each level of DO blocks. `lock`, `work`, `rerun`, `loss`, `undo` stand there
 * only where they are not the row's; bodies that are opaque, handlers that swallow and names
 * that are too long follow, with their places.
 */
#ifndef GONOGO_TESTS_FACTS_TEXT_H
#define GONOGO_TESTS_FACTS_TEXT_H

#include "sql_facts.h"

void facts_write(struct strbuf *out, const struct sql_facts *facts);
/*
 * Cuts and studies a text and writes the facts of all of its statements. What was not parsed
 * is a line "mistake: the parser's words"; a text that cannot be cut, "trouble: why".
 */
void facts_study(struct strbuf *out, struct str text, int version);

/* A text and its facts on version 15, every line with its newline. */
struct studied {
    const char *text;
    const char *facts;
};
/* How many rows are not as they should be; each of them is printed, both ways. */
int facts_wrong(const struct studied *rows, size_t count);

#endif
