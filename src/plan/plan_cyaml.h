/* SPDX-License-Identifier: PostgreSQL */
/*
 * The second reader: libcyaml, with a schema made from the table. Private to the
 * room; the only file with cyaml.h is its .c.
 */
#ifndef GONOGO_PLAN_CYAML_H
#define GONOGO_PLAN_CYAML_H

#include "plan_table.h"
#include "plan_tree.h"

/*
 * Loads the same bytes with libcyaml and compares every text, word and count with the tree.
 * A difference is a fault of ours, told as Y990; true without one.
 */
bool plan_cyaml_agrees(struct str bytes, const struct plan_map *map,
                       const struct plan_node *root,
                       struct plan_diagnostics *diagnostics) MUST_CHECK;

#endif
