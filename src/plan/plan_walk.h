/* SPDX-License-Identifier: PostgreSQL */
/*
 * Tree + table -> typed structs. Private to the room.
 */
#ifndef GONOGO_PLAN_WALK_H
#define GONOGO_PLAN_WALK_H

#include "plan_table.h"
#include "plan_tree.h"

/* A ${name} where it is filled; every target must have the value. */
struct walk_fill {
    struct plan_mark mark;
    struct str name;
};
/* What the walk met on its way, besides the values. */
struct walk {
    struct plan_diagnostics *diagnostics;
    struct arena *arena;
    struct plan_file *files;
    size_t file_count;
    size_t file_capacity;
    struct plan_unbuilt *unbuilt;
    size_t unbuilt_count;
    size_t unbuilt_capacity;
    struct walk_fill *fills;
    size_t fill_count;
    size_t fill_capacity;
};

/* Reads `node` as `map` into `target` (map->size bytes, zeroed); goes on after problems. */
void plan_walk_map(struct walk *walk, const struct plan_map *map, const struct plan_node *node,
                   void *target);
void plan_walk_release(struct walk *walk);
/* The next ${name} at or after *at; false when there is none. An unclosed one ends the text. */
bool plan_fill_next(struct str text, size_t *at, size_t *begin, struct str *name);

#endif
