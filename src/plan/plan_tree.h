/* SPDX-License-Identifier: PostgreSQL */
/*
 * The file as a tree of nodes with positions, before anybody knows what the keys
 * mean. Private to the room. libyaml's events make it, so nesting is capped while
 * reading, and aliases, tags and a second document are seen where they stand.
 */
#ifndef GONOGO_PLAN_TREE_H
#define GONOGO_PLAN_TREE_H

#include "plan.h"

enum node_kind {
    NODE_SCALAR,
    NODE_LIST,
    NODE_MAP,
    NODE_REFUSED, /* an alias: told when read, judged no further */
};
struct plan_node {
    enum node_kind kind;
    int line;
    int column;
    bool plain;      /* scalar without quotes, not a block */
    struct str text; /* scalar */
    /* what the parent calls it */
    struct str name; /* key, in a mapping */
    int name_line;
    int name_column;
    size_t index; /* in a list or mapping, from 0 */
    struct plan_node *parent;
    struct plan_node *first;
    struct plan_node *last;
    struct plan_node *next;
    size_t count;
};

/* The root node, or NULL with a diagnostic when the bytes are no single YAML document. */
struct plan_node *plan_tree_read(struct str bytes, struct plan_diagnostics *diagnostics);
struct plan_mark plan_tree_mark(const struct plan_node *node);
struct plan_mark plan_tree_name_mark(const struct plan_node *node);
const struct plan_node *plan_tree_find(const struct plan_node *map, const char *key);

#endif
