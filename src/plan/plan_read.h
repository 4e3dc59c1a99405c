/* SPDX-License-Identifier: PostgreSQL */
/*
 * The first pass, shared by plan and answers. Private to the room.
 */
#ifndef GONOGO_PLAN_READ_H
#define GONOGO_PLAN_READ_H

#include "plan_walk.h"

/* The root mapping; false with a diagnostic when the bytes are no single YAML mapping. */
bool plan_read_root(struct str bytes, struct walk *walk,
                    const struct plan_node **root) MUST_CHECK;

#endif
