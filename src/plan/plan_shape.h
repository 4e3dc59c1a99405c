/* SPDX-License-Identifier: PostgreSQL */
/*
 * The shapes of values: one value, a list, a mapping. Private to the room.
 */
#ifndef GONOGO_PLAN_SHAPE_H
#define GONOGO_PLAN_SHAPE_H

#include "plan_walk.h"

/* What a type wants, and in words. */
enum node_kind plan_shape_kind(enum plan_type type);
const char *plan_shape_words(enum plan_type type);
/* Has the node the shape that is wanted? Tells when not. */
bool plan_shape_fits(struct walk *walk, const struct plan_node *node, enum node_kind wanted,
                     const char *words) MUST_CHECK;

#endif
