/* SPDX-License-Identifier: PostgreSQL */
/*
 * Troubles that are made while a demo runs, because the person at the screen asked for
 * one. The same rows as demo_troubles; what waits for a moment there happens at once here.
 */
#ifndef GONOGO_DEMO_BREAK_H
#define GONOGO_DEMO_BREAK_H

#include "demo_trouble.h"
#include "loop.h"
#include "scratch_server.h"

struct demo_breaker;
/* Both outlive the breaker. */
struct demo_breaker *demo_breaker_new(struct loop *loop, struct scratch_server *scratch);
void demo_breaker_free(struct demo_breaker *breaker); /* NULL is none */
/* Makes the trouble; while one is being made, another is not begun. What the server refuses
 * (a table that is there already) leaves everything as it is. */
void demo_breaker_make(struct demo_breaker *breaker, const struct demo_trouble *trouble);

#endif
