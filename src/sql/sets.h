/* SPDX-License-Identifier: PostgreSQL */
/*
 * sets: names, and places in the tree, each once. A statement seldom has more than a handful
 * of either, and then they are looked through; it may have ten thousand. `= {0}` is empty.
 * Private to the room.
 */
#ifndef GONOGO_SQL_SETS_H
#define GONOGO_SQL_SETS_H

#include "sql_facts.h"

enum {
    SETS_SMALL = 16, /* so many are looked through; of more, chains are made */
};

/* Borrowed texts, in the order in which they came. */
struct name_set {
    struct sql_name *items;
    size_t count;
    size_t capacity;
    struct chains chains;
};
bool name_set_has(struct name_set *set, struct sql_name name);
void name_set_add(struct name_set *set, struct sql_name name);
void name_set_release(struct name_set *set);

struct pointer_set {
    const void **items;
    size_t count;
    size_t capacity;
    struct chains chains;
};
bool pointer_set_has(struct pointer_set *set, const void *pointer);
void pointer_set_add(struct pointer_set *set, const void *pointer);
void pointer_set_release(struct pointer_set *set);

#endif
