/* SPDX-License-Identifier: PostgreSQL */
/*
 * Rows of lock_tree_query() -> a tree to be drawn: blockers at the top, those that
 * wait for them below.
 *
 * "Waits on" is a graph, not a tree. What is implied is left out: when W waits on U and
 * on H, and U itself waits on H, W is drawn under U alone. What remains with several
 * blockers is drawn under each, the later ones marked `repeated`. A cycle (a deadlock
 * that the server has not yet found) is cut at one of its members.
 */
#include "monitor.h"

enum {
    KIND,
    PID,
    BLOCKER,
    GID,
    BACKEND_START,
    USER,
    APPLICATION,
    STATE,
    QUERY,
    WAITS_FOR,
    WAIT_MODE,
    HELD_MODE,
    TRANSACTION_AGE,
    STATEMENT_AGE,
};

enum {
    NOBODY = -1,
};

/* The graph while it is being built; `waits[i][j]`: i waits on j, directly; `reaches`: at all.
 */
struct graph {
    struct arena *arena;
    struct lock_node nodes[LOCK_NODES_MAX];
    size_t count;
    bool cut;
    bool waits[LOCK_NODES_MAX][LOCK_NODES_MAX];
    bool reaches[LOCK_NODES_MAX][LOCK_NODES_MAX];
    bool drawn[LOCK_NODES_MAX];
    int64_t drawn_at[LOCK_NODES_MAX];
    size_t capacity; /* of the tree's nodes while it grows on the heap */
};

/* Lock modes from the weakest to the strongest. */
static const char *const modes[] = {
    "AccessShareLock", "RowShareLock",          "RowExclusiveLock", "ShareUpdateExclusiveLock",
    "ShareLock",       "ShareRowExclusiveLock", "ExclusiveLock",    "AccessExclusiveLock",
};

static int strength(struct str mode)
{
    for (int i = 0; i < (int)COUNT_OF(modes); i++) {
        if (str_eq(mode, modes[i])) {
            return i;
        }
    }
    return -1;
}

static int64_t find_or_add(struct graph *graph, int64_t pid, struct str gid)
{
    for (size_t i = 0; i < graph->count; i++) {
        if (graph->nodes[i].pid == pid && str_is(graph->nodes[i].gid, gid)) {
            return (int64_t)i;
        }
    }
    if (graph->count == LOCK_NODES_MAX) {
        graph->cut = true;
        return NOBODY;
    }
    struct lock_node *node = &graph->nodes[graph->count];
    *node = (struct lock_node){.pid = pid,
                               .gid = str_dup(graph->arena, gid),
                               .backend_start_us = -1,
                               .transaction_us = -1,
                               .statement_us = -1,
                               .parent = NOBODY};
    return (int64_t)graph->count++;
}

static void take_edge(struct graph *graph, const struct rows *rows, size_t row)
{
    int64_t waiter = find_or_add(graph, rows_i64(rows, row, PID, 0), (struct str){0});
    int64_t blocker =
        find_or_add(graph, rows_i64(rows, row, BLOCKER, 0), rows_text(rows, row, GID));
    if (waiter == NOBODY || blocker == NOBODY || waiter == blocker) {
        return;
    }
    struct lock_node *waits = &graph->nodes[waiter];
    struct lock_node *holds = &graph->nodes[blocker];
    graph->waits[waiter][blocker] = true;
    waits->waits_for = str_dup(graph->arena, rows_text(rows, row, WAITS_FOR));
    waits->wait_mode = str_dup(graph->arena, rows_text(rows, row, WAIT_MODE));
    struct str held = rows_text(rows, row, HELD_MODE);
    if (strength(held) > strength(holds->held_mode)) {
        holds->held_mode = str_dup(graph->arena, held);
    }
}

static void take_node(struct graph *graph, const struct rows *rows, size_t row, int64_t our_pid)
{
    int64_t index = find_or_add(graph, rows_i64(rows, row, PID, 0), rows_text(rows, row, GID));
    if (index == NOBODY) {
        return;
    }
    struct lock_node *node = &graph->nodes[index];
    node->backend_start_us = rows_i64(rows, row, BACKEND_START, -1);
    node->user = str_dup(graph->arena, rows_text(rows, row, USER));
    node->application = str_dup(graph->arena, rows_text(rows, row, APPLICATION));
    node->state = str_dup(graph->arena, rows_text(rows, row, STATE));
    node->query = str_dup(graph->arena, rows_text(rows, row, QUERY));
    node->transaction_us = rows_i64(rows, row, TRANSACTION_AGE, -1);
    node->statement_us = rows_i64(rows, row, STATEMENT_AGE, -1);
    node->is_us = our_pid > 0 && node->pid == our_pid;
}

/* Warshall's closure; the graph is small and the result is read many times. */
static void close_graph(struct graph *graph)
{
    memcpy(graph->reaches, graph->waits, sizeof(graph->reaches));
    for (size_t middle = 0; middle < graph->count; middle++) {
        for (size_t from = 0; from < graph->count; from++) {
            if (!graph->reaches[from][middle]) {
                continue;
            }
            for (size_t to = 0; to < graph->count; to++) {
                graph->reaches[from][to] |= graph->reaches[middle][to];
            }
        }
    }
    for (size_t i = 0; i < graph->count; i++) {
        for (size_t from = 0; from < graph->count; from++) {
            graph->nodes[i].behind += from != i && graph->reaches[from][i];
        }
    }
}

/* Does `waiter` wait on `blocker` only by way of another of its blockers? */
static bool is_implied(const struct graph *graph, size_t waiter, size_t blocker)
{
    for (size_t other = 0; other < graph->count; other++) {
        if (other != blocker && graph->waits[waiter][other] && graph->reaches[other][blocker] &&
            !graph->reaches[blocker][other]) {
            return true;
        }
    }
    return false;
}

static void draw(struct graph *graph, struct lock_tree *tree, size_t index, int64_t parent,
                 int depth)
{
    bool repeated = graph->drawn[index];
    int64_t place = (int64_t)tree->count;
    struct lock_node *node = ARRAY_PUSH(tree->nodes, tree->count, graph->capacity);
    *node = graph->nodes[index];
    node->parent = parent;
    node->depth = depth;
    node->repeated = repeated;
    if (repeated) {
        return;
    }
    graph->drawn[index] = true;
    if (node->is_us) {
        tree->us = place;
    }
    for (size_t waiter = 0; waiter < graph->count; waiter++) {
        if (graph->waits[waiter][index] && !is_implied(graph, waiter, index)) {
            draw(graph, tree, waiter, place, depth + 1);
        }
    }
}

static bool waits_on_nobody(const struct graph *graph, size_t index)
{
    for (size_t i = 0; i < graph->count; i++) {
        if (graph->waits[index][i]) {
            return false;
        }
    }
    return true;
}

/* Tops first, the one that holds us before the others; then what is left: cycles. */
static void draw_all(struct graph *graph, struct lock_tree *tree, int64_t us)
{
    for (int pass = 0; pass < 3; pass++) {
        for (size_t i = 0; i < graph->count; i++) {
            bool ours = us != NOBODY && ((int64_t)i == us || graph->reaches[us][i]);
            bool top = waits_on_nobody(graph, i);
            if (!graph->drawn[i] && (pass == 2 || (top && (pass == 1 || ours)))) {
                draw(graph, tree, i, NOBODY, 0);
            }
        }
    }
}

static void count_all(const struct graph *graph, struct lock_tree *tree, int64_t us)
{
    for (size_t i = 0; i < graph->count; i++) {
        tree->waiting += !waits_on_nobody(graph, i);
        if (us != NOBODY && (int64_t)i != us) {
            tree->behind_us += graph->reaches[i][us];
            tree->ahead_of_us += graph->reaches[us][i];
        }
    }
}

void lock_tree_build(struct lock_tree *tree, struct arena *arena, const struct rows *rows,
                     int64_t our_pid)
{
    struct graph *graph = mem_zero(1, sizeof(*graph));
    graph->arena = arena;
    *tree = (struct lock_tree){.us = NOBODY};
    for (size_t i = 0; i < rows->row_count; i++) {
        if (str_eq(rows_text(rows, i, KIND), "edge")) {
            take_edge(graph, rows, i);
        }
    }
    for (size_t i = 0; i < rows->row_count; i++) {
        if (str_eq(rows_text(rows, i, KIND), "node")) {
            take_node(graph, rows, i, our_pid);
        }
    }
    close_graph(graph);
    int64_t us = NOBODY;
    for (size_t i = 0; i < graph->count; i++) {
        us = graph->nodes[i].is_us ? (int64_t)i : us;
    }
    draw_all(graph, tree, us);
    count_all(graph, tree, us);
    tree->cut = graph->cut || rows->cut;
    struct lock_node *nodes = arena_array(arena, tree->count, sizeof(*nodes));
    if (tree->count > 0) {
        memcpy(nodes, tree->nodes, tree->count * sizeof(*nodes));
    }
    free(tree->nodes);
    tree->nodes = nodes;
    free(graph);
}
