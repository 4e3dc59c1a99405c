/* SPDX-License-Identifier: PostgreSQL */
/*
 * An event as a transcript writes it: its word, then what it carries, "…" around blanks.
 *
 *     task done ok task=dump index=0 hash=h size=1000 name=app.dump
 *     snapshot ok moment=now item=tables:tables:9 change=views:v:gone:planned
 */
#ifndef GONOGO_TEST_EVENT_LINE_H
#define GONOGO_TEST_EVENT_LINE_H

#include "engine.h"

/* Texts are kept in the arena. False with ERR_USAGE when the line is no event. */
bool event_line_read(struct str line, struct arena *arena, struct event *event,
                     struct err *err) MUST_CHECK;

#endif
