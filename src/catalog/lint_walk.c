/* SPDX-License-Identifier: PostgreSQL */
/*
 * The walk from a relation, or one of its columns, along the edges of lint_dependents.c: all
 * that CASCADE would take, nearest first. What stands on a relation that goes as a whole goes
 * with it and is not told of.
 */
#include "catalog_private.h"
#include "lint_rows.h"

#include <stdlib.h>

struct node {
    char class; /* r relation, p function, else what nothing depends on */
    int64_t oid;
    int64_t sub; /* number of a column; 0: the whole */
};
struct edge {
    struct node object;
    struct node on;
    size_t number;   /* of the object: equal for all edges of one */
    int64_t belongs; /* oid of the relation that it stands on; 0: none */
    const char *kind;
    struct str label;
    struct sql_name table; /* that it stands on */
};
struct walk {
    struct known_relations *known;
    struct edge *edges; /* by what they depend on */
    size_t edge_count;
    size_t *seen; /* by number: the round in which it was met */
    size_t round;
    const struct edge **queue; /* met in this round, in order */
    size_t queue_count;
    struct lint_dependent *found; /* of the relation under way */
    size_t found_count;
    size_t found_capacity;
};

static int compare_nodes(const struct node *a, const struct node *b)
{
    if (a->class != b->class) {
        return a->class < b->class ? -1 : 1;
    }
    if (a->oid != b->oid) {
        return a->oid < b->oid ? -1 : 1;
    }
    return (a->sub > b->sub) - (a->sub < b->sub);
}

static int compare_objects(const void *left, const void *right)
{
    return compare_nodes(&((const struct edge *)left)->object,
                         &((const struct edge *)right)->object);
}

static int compare_edges(const void *left, const void *right)
{
    const struct edge *a = left;
    const struct edge *b = right;
    int order = compare_nodes(&a->on, &b->on);
    order = order != 0 ? order : strcmp(a->kind, b->kind);
    return order != 0 ? order : str_compare(a->label, b->label);
}

/* ------------------------------------------------------------------- edges */

static struct node read_node(const struct rows *rows, size_t row, size_t class_column,
                             size_t oid_column, size_t sub_column)
{
    struct str class = rows_text(rows, row, class_column);
    return (struct node){class.len > 0 ? class.ptr[0] : '?', rows_i64(rows, row, oid_column, 0),
                         rows_i64(rows, row, sub_column, 0)};
}

/* As plans name things: unquoted, the table in front, the schema when it is not `home`. */
static struct str label_of(struct arena *arena, struct str home, struct str schema,
                           struct str table, struct str name)
{
    bool at_home = schema.len == 0 || str_is(schema, home);
    return str_format(arena, "%.*s%s%.*s%s%.*s", at_home ? 0 : (int)schema.len, schema.ptr,
                      at_home ? "" : ".", STR_ARG(table), table.len > 0 ? "." : "",
                      STR_ARG(name));
}

static struct edge read_edge(const struct rows *rows, size_t row, struct str home,
                             struct arena *arena)
{
    enum {
        CLASS,
        OID,
        SUB,
        KIND,
        BELONGS,
        SCHEMA,
        TABLE,
        NAME,
        ON_CLASS,
        ON_OID,
        ON_SUB
    };
    struct str schema = catalog_cell(arena, rows, row, SCHEMA);
    struct str table = catalog_cell(arena, rows, row, TABLE);
    return (struct edge){.object = read_node(rows, row, CLASS, OID, SUB),
                         .on = read_node(rows, row, ON_CLASS, ON_OID, ON_SUB),
                         .belongs = rows_i64(rows, row, BELONGS, 0),
                         .kind = str_text(arena, rows_text(rows, row, KIND)),
                         .label =
                             label_of(arena, home, schema, table, rows_text(rows, row, NAME)),
                         .table = {schema, table}};
}

static void read_edges(struct walk *walk, const struct rows *rows, struct str home)
{
    size_t count = rows->row_count;
    walk->edges = mem_zero(count + 1, sizeof *walk->edges);
    walk->edge_count = count;
    for (size_t row = 0; row < count; row++) {
        walk->edges[row] = read_edge(rows, row, home, walk->known->arena);
    }
    qsort(walk->edges, count, sizeof *walk->edges, compare_objects);
    for (size_t i = 1; i < count; i++) {
        bool same = compare_nodes(&walk->edges[i - 1].object, &walk->edges[i].object) == 0;
        walk->edges[i].number = walk->edges[i - 1].number + (same ? 0 : 1);
    }
    qsort(walk->edges, count, sizeof *walk->edges, compare_edges);
    walk->seen = mem_zero(count + 1, sizeof *walk->seen);
    walk->queue = mem_zero(count + 1, sizeof(const struct edge *));
}

/* The first edge onto the node, or behind where it would stand. */
static size_t first_edge(const struct walk *walk, struct node on)
{
    size_t low = 0;
    size_t high = walk->edge_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_nodes(&walk->edges[middle].on, &on) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* A whole relation goes with all its columns; those of the system have numbers below 0. */
static size_t first_hit(const struct walk *walk, struct node gone)
{
    return first_edge(walk,
                      gone.sub == 0 ? (struct node){gone.class, gone.oid, INT64_MIN} : gone);
}

static bool is_hit(struct node gone, struct node on)
{
    return on.class == gone.class && on.oid == gone.oid &&
           (gone.sub == 0 || on.sub == gone.sub);
}

/* -------------------------------------------------------------------- walk */

/* Its relation goes as a whole in this round. */
static bool goes_anyway(const struct walk *walk, const struct edge *edge)
{
    for (size_t i = 0; edge->belongs != 0 && i < walk->queue_count; i++) {
        struct node gone = walk->queue[i]->object;
        if (gone.class == 'r' && gone.sub == 0 && gone.oid == edge->belongs) {
            return true;
        }
    }
    return false;
}

static void meet_all(struct walk *walk, struct node gone)
{
    for (size_t i = first_hit(walk, gone);
         i < walk->edge_count && is_hit(gone, walk->edges[i].on); i++) {
        const struct edge *edge = &walk->edges[i];
        if (walk->seen[edge->number] != walk->round && !goes_anyway(walk, edge)) {
            walk->seen[edge->number] = walk->round;
            walk->queue[walk->queue_count++] = edge;
        }
    }
}

/* All that goes with the column of the relation; 0: with what hangs on no single column. */
static void walk_from(struct walk *walk, const struct known_relation *start, int64_t sub)
{
    struct node first = {'r', start->oid, sub};
    const struct lint_column *column = known_column(start, sub);
    walk->round++;
    walk->queue_count = 0;
    for (size_t i = first_edge(walk, first);
         i < walk->edge_count && compare_nodes(&walk->edges[i].on, &first) == 0; i++) {
        if (walk->seen[walk->edges[i].number] != walk->round) {
            walk->seen[walk->edges[i].number] = walk->round;
            walk->queue[walk->queue_count++] = &walk->edges[i];
        }
    }
    for (size_t done = 0; done < walk->queue_count; done++) {
        const struct edge *edge = walk->queue[done];
        bool itself = edge->object.class == 'r' && edge->object.oid == start->oid &&
                      edge->object.sub == 0;
        if (!itself) {
            *ARRAY_PUSH(walk->found, walk->found_count, walk->found_capacity) =
                (struct lint_dependent){.kind = edge->kind,
                                        .name = edge->label,
                                        .column = column ? column->name : STR(""),
                                        .own = edge->belongs == start->oid,
                                        .dropped_by_cascade = true};
            meet_all(walk, edge->object);
        }
    }
}

static void keep_found(struct walk *walk, struct known_relation *of)
{
    struct lint_dependent *kept =
        arena_array(walk->known->arena, walk->found_count, sizeof *kept);
    if (walk->found_count > 0) {
        memcpy(kept, walk->found, walk->found_count * sizeof *kept);
    }
    of->relation.dependents = kept;
    of->relation.dependent_count = walk->found_count;
    walk->found_count = 0;
}

/* Tables whose foreign keys point here, each once, itself left out. */
static void keep_references(struct walk *walk, struct known_relation *of, size_t begin,
                            size_t end)
{
    struct sql_name *tables = arena_array(walk->known->arena, end - begin, sizeof *tables);
    size_t count = 0;
    for (size_t i = begin; i < end; i++) {
        const struct edge *edge = &walk->edges[i];
        bool there = strcmp(edge->kind, "foreign key") != 0 || edge->belongs == of->oid;
        for (size_t k = 0; k < count && !there; k++) {
            there = sql_name_is(tables[k], edge->table);
        }
        if (!there) {
            tables[count++] = edge->table;
        }
    }
    of->relation.referenced_by = tables;
    of->relation.referenced_by_count = count;
}

static void fill_relation(struct walk *walk, struct known_relation *of)
{
    struct node whole = {'r', of->oid, 0};
    size_t begin = first_hit(walk, whole);
    size_t end = begin;
    while (end < walk->edge_count && is_hit(whole, walk->edges[end].on)) {
        int64_t sub = walk->edges[end].on.sub;
        walk_from(walk, of, sub);
        while (end < walk->edge_count && is_hit(whole, walk->edges[end].on) &&
               walk->edges[end].on.sub == sub) {
            end++;
        }
    }
    if (end > begin) {
        keep_found(walk, of);
        keep_references(walk, of, begin, end);
    }
}

bool catalog_dependents_read(const struct rows *rows, struct str home,
                             struct known_relations *known, struct err *err)
{
    enum {
        DEPENDENT_COLUMNS = 11
    };
    struct walk walk = {.known = known};
    if (!catalog_expect_columns(rows, DEPENDENT_COLUMNS, "dependents", err)) {
        return false;
    }
    read_edges(&walk, rows, home);
    for (size_t i = 0; i < known->count; i++) {
        fill_relation(&walk, &known->items[i]);
    }
    free(walk.edges);
    free(walk.seen);
    free(walk.queue);
    free(walk.found);
    return true;
}
