/* SPDX-License-Identifier: PostgreSQL */
/*
 * Rows of relations, columns, constraints and indexes become struct lint_relation. Rows come
 * in any order and are dealt out by the relation's oid; what only all of them together show
 * (an index that begins with a column, the size of a partitioned table) is worked out here.
 */
#include "catalog_lint.h"
#include "catalog_private.h"
#include "lint_rows.h"

#include <stdlib.h>

static int compare_oid(const void *key, const void *item)
{
    int64_t oid = *(const int64_t *)key;
    int64_t other = ((const struct known_relation *)item)->oid;
    return (oid > other) - (oid < other);
}

struct known_relation *known_find(const struct known_relations *known, int64_t oid)
{
    return known->count == 0
               ? NULL
               : bsearch(&oid, known->items, known->count, sizeof *known->items, compare_oid);
}

struct lint_column *known_column(const struct known_relation *relation, int64_t number)
{
    size_t low = 0;
    size_t high = relation->relation.column_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (relation->numbers[middle] == number) {
            return &relation->columns[middle];
        }
        if (relation->numbers[middle] < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

/* ----------------------------------------------------------------- dealing */

/* Rows of one relation: items[begin] up to items[end - 1] are numbers of rows. */
struct dealt_row {
    struct known_relation *relation;
    int64_t place;
    size_t row;
};
struct dealt {
    struct dealt_row *items;
    size_t count;
    size_t begin;
    size_t end;
};

static int compare_dealt(const void *left, const void *right)
{
    const struct dealt_row *a = left;
    const struct dealt_row *b = right;
    if (a->relation != b->relation) {
        return a->relation < b->relation ? -1 : 1;
    }
    return (a->place > b->place) - (a->place < b->place);
}

/* The first column is the oid; `place` is the column to sort by, 0: as the rows come. */
static struct dealt deal(const struct known_relations *known, const struct rows *rows,
                         size_t place)
{
    struct dealt dealt = {.items = mem_zero(rows->row_count + 1, sizeof *dealt.items)};
    for (size_t row = 0; row < rows->row_count; row++) {
        struct known_relation *relation = known_find(known, rows_i64(rows, row, 0, 0));
        if (relation) {
            dealt.items[dealt.count++] = (struct dealt_row){
                relation, place > 0 ? rows_i64(rows, row, place, 0) : (int64_t)row, row};
        }
    }
    qsort(dealt.items, dealt.count, sizeof *dealt.items, compare_dealt);
    return dealt;
}

/* Moves on to the rows of the next relation; NULL and freed behind the last. */
static struct known_relation *deal_next(struct dealt *dealt)
{
    dealt->begin = dealt->end;
    if (dealt->begin == dealt->count) {
        free(dealt->items);
        return NULL;
    }
    struct known_relation *relation = dealt->items[dealt->begin].relation;
    while (dealt->end < dealt->count && dealt->items[dealt->end].relation == relation) {
        dealt->end++;
    }
    return relation;
}

/* --------------------------------------------------------------- relations */

static void read_relation(const struct rows *rows, size_t row, struct known_relations *known)
{
    enum {
        OID,
        SCHEMA,
        NAME,
        KIND,
        ROWS,
        BYTES,
        OWNER,
        RLS,
        FORCED,
        PUBLISHED,
        IDENTITY,
        EXPOSED,
        POLICIES,
        PARENT
    };
    struct arena *arena = known->arena;
    struct str kind = rows_text(rows, row, KIND);
    struct str identity = rows_text(rows, row, IDENTITY);
    known->items[row] = (struct known_relation){
        .oid = rows_i64(rows, row, OID, 0),
        .parent = rows_i64(rows, row, PARENT, 0),
        .replica_identity = identity.len > 0 ? identity.ptr[0] : 'n',
        .relation = {
            .name = {catalog_cell(arena, rows, row, SCHEMA),
                     catalog_cell(arena, rows, row, NAME)},
            .kind = kind.len > 0 ? (enum lint_relation_kind)kind.ptr[0] : LINT_TABLE,
            .rows = rows_i64(rows, row, ROWS, -1),
            .bytes = rows_i64(rows, row, BYTES, -1),
            .recent_writes = -1,
            .owner = catalog_cell(arena, rows, row, OWNER),
            .rls_enabled = rows_bool(rows, row, RLS),
            .rls_forced = rows_bool(rows, row, FORCED),
            .published = rows_bool(rows, row, PUBLISHED),
            .exposed = rows_bool(rows, row, EXPOSED),
            .policy_count = (size_t)rows_i64(rows, row, POLICIES, 0),
        }};
}

static bool read_relations(const struct rows *rows, struct known_relations *known,
                           struct err *err)
{
    enum {
        RELATION_COLUMNS = 14
    };
    if (!catalog_expect_columns(rows, RELATION_COLUMNS, "relations", err)) {
        return false;
    }
    known->items = arena_array(known->arena, rows->row_count + 1, sizeof *known->items);
    known->count = rows->row_count;
    for (size_t row = 0; row < rows->row_count; row++) {
        read_relation(rows, row, known);
    }
    return true;
}

/* ----------------------------------------------------------------- columns */

static bool read_columns(const struct rows *rows, struct known_relations *known,
                         struct err *err)
{
    enum {
        OID,
        NUMBER,
        NAME,
        TYPE,
        NOT_NULL,
        DEFAULT,
        COLUMN_COLUMNS
    };
    if (!catalog_expect_columns(rows, COLUMN_COLUMNS, "columns", err)) {
        return false;
    }
    struct dealt dealt = deal(known, rows, NUMBER);
    struct known_relation *to;
    while ((to = deal_next(&dealt)) != NULL) {
        size_t count = dealt.end - dealt.begin;
        to->columns = arena_array(known->arena, count, sizeof *to->columns);
        to->numbers = arena_array(known->arena, count, sizeof *to->numbers);
        for (size_t i = 0; i < count; i++) {
            size_t row = dealt.items[dealt.begin + i].row;
            to->numbers[i] = rows_i64(rows, row, NUMBER, 0);
            to->columns[i] =
                (struct lint_column){.name = catalog_cell(known->arena, rows, row, NAME),
                                     .type = catalog_cell(known->arena, rows, row, TYPE),
                                     .not_null = rows_bool(rows, row, NOT_NULL),
                                     .has_default = rows_bool(rows, row, DEFAULT)};
        }
        to->relation.columns = to->columns;
        to->relation.column_count = count;
    }
    return true;
}

/*
 * "{1,2}" of an array, "1 0" of an int2vector: at most `limit` numbers, as names; 0 (an
 * expression) is the empty name.
 */
static const struct str *column_names(const struct known_relations *known,
                                      const struct known_relation *of, struct str numbers,
                                      size_t limit, size_t *count)
{
    struct str *names = arena_array(known->arena, numbers.len / 2 + 1, sizeof *names);
    *count = 0;
    for (size_t i = 0; i < numbers.len && *count < limit;) {
        int64_t number = 0;
        bool digits = false;
        for (; i < numbers.len && numbers.ptr[i] >= '0' && numbers.ptr[i] <= '9'; i++) {
            number = number * 10 + (numbers.ptr[i] - '0');
            digits = true;
        }
        if (digits) {
            const struct lint_column *column = known_column(of, number);
            names[(*count)++] = column ? column->name : STR("");
        } else {
            i++;
        }
    }
    return names;
}

/* ------------------------------------------------------------- constraints */

static struct lint_constraint read_constraint(const struct rows *rows, size_t row,
                                              const struct known_relations *known,
                                              struct known_relation *of)
{
    enum {
        OID,
        NAME,
        KIND,
        VALIDATED,
        KEY,
        REFERENCES_SCHEMA,
        REFERENCES_TABLE,
        PROVES
    };
    struct arena *arena = known->arena;
    struct lint_constraint constraint = {
        .name = catalog_cell(arena, rows, row, NAME),
        .kind = (enum lint_constraint_kind)rows_text(rows, row, KIND).ptr[0],
        .validated = rows_bool(rows, row, VALIDATED),
        .references = {catalog_cell(arena, rows, row, REFERENCES_SCHEMA),
                       catalog_cell(arena, rows, row, REFERENCES_TABLE)}};
    constraint.columns =
        column_names(known, of, rows_text(rows, row, KEY), SIZE_MAX, &constraint.column_count);
    if (rows_bool(rows, row, PROVES) && constraint.column_count == 1) {
        constraint.proves_not_null = constraint.columns[0];
    }
    /* From 18 on a column is marked NOT NULL while its constraint is still NOT VALID. */
    if (constraint.kind == LINT_NOT_NULL && !constraint.validated) {
        for (size_t i = 0; i < of->relation.column_count; i++) {
            of->columns[i].not_null = of->columns[i].not_null &&
                                      !(constraint.column_count == 1 &&
                                        str_is(of->columns[i].name, constraint.columns[0]));
        }
    }
    return constraint;
}

static int compare_constraints(const void *left, const void *right)
{
    return str_compare(((const struct lint_constraint *)left)->name,
                       ((const struct lint_constraint *)right)->name);
}

static bool read_constraints(const struct rows *rows, struct known_relations *known,
                             struct err *err)
{
    enum {
        CONSTRAINT_COLUMNS = 8
    };
    if (!catalog_expect_columns(rows, CONSTRAINT_COLUMNS, "constraints", err)) {
        return false;
    }
    struct dealt dealt = deal(known, rows, 0);
    struct known_relation *to;
    while ((to = deal_next(&dealt)) != NULL) {
        size_t count = dealt.end - dealt.begin;
        struct lint_constraint *items = arena_array(known->arena, count, sizeof *items);
        for (size_t i = 0; i < count; i++) {
            items[i] = read_constraint(rows, dealt.items[dealt.begin + i].row, known, to);
        }
        qsort(items, count, sizeof *items, compare_constraints);
        to->relation.constraints = items;
        to->relation.constraint_count = count;
    }
    return true;
}

/* ----------------------------------------------------------------- indexes */

enum {
    INDEX_OID,
    INDEX_NAME,
    INDEX_UNIQUE,
    INDEX_VALID,
    INDEX_PARTIAL,
    INDEX_OF_CONSTRAINT,
    INDEX_KEY,
    INDEX_KEY_COUNT,
    INDEX_SCANS,
    INDEX_PRIMARY,
    INDEX_IDENTITY,
    INDEX_COLUMNS
};

static struct lint_index read_index(const struct rows *rows, size_t row,
                                    const struct known_relations *known,
                                    struct known_relation *of)
{
    struct lint_index index = {.name = catalog_cell(known->arena, rows, row, INDEX_NAME),
                               .unique = rows_bool(rows, row, INDEX_UNIQUE),
                               .valid = rows_bool(rows, row, INDEX_VALID),
                               .partial = rows_bool(rows, row, INDEX_PARTIAL),
                               .of_constraint = rows_bool(rows, row, INDEX_OF_CONSTRAINT),
                               .scans = rows_i64(rows, row, INDEX_SCANS, -1)};
    index.columns =
        column_names(known, of, rows_text(rows, row, INDEX_KEY),
                     (size_t)rows_i64(rows, row, INDEX_KEY_COUNT, 0), &index.column_count);
    if (index.valid) {
        of->has_primary_key = of->has_primary_key || rows_bool(rows, row, INDEX_PRIMARY);
        of->has_identity_index = of->has_identity_index || rows_bool(rows, row, INDEX_IDENTITY);
    }
    for (size_t i = 0; i < of->relation.column_count; i++) {
        of->columns[i].indexed_first =
            of->columns[i].indexed_first ||
            (index.valid && !index.partial && index.column_count > 0 &&
             str_is(index.columns[0], of->columns[i].name));
    }
    return index;
}

static int compare_indexes(const void *left, const void *right)
{
    return str_compare(((const struct lint_index *)left)->name,
                       ((const struct lint_index *)right)->name);
}

static bool read_indexes(const struct rows *rows, struct known_relations *known,
                         struct err *err)
{
    if (!catalog_expect_columns(rows, INDEX_COLUMNS, "indexes", err)) {
        return false;
    }
    struct dealt dealt = deal(known, rows, 0);
    struct known_relation *to;
    while ((to = deal_next(&dealt)) != NULL) {
        size_t count = dealt.end - dealt.begin;
        struct lint_index *items = arena_array(known->arena, count, sizeof *items);
        for (size_t i = 0; i < count; i++) {
            items[i] = read_index(rows, dealt.items[dealt.begin + i].row, known, to);
        }
        qsort(items, count, sizeof *items, compare_indexes);
        to->relation.indexes = items;
        to->relation.index_count = count;
    }
    return true;
}

/* ---------------------------------------------------------------- together */

/* "Replica identity": the primary key, an index that was named, or the whole row. */
static void judge_identity(struct known_relation *of)
{
    of->relation.replica_identity = of->replica_identity == 'f' ||
                                    (of->replica_identity == 'd' && of->has_primary_key) ||
                                    (of->replica_identity == 'i' && of->has_identity_index);
}

/* A partitioned table has no rows of its own: what its partitions have is what it has. */
static void add_to_parents(const struct known_relations *known,
                           const struct known_relation *leaf, bool *rows_unknown)
{
    int64_t parent = leaf->parent;
    struct known_relation *up;
    while (parent != 0 && (up = known_find(known, parent)) != NULL) {
        size_t at = (size_t)(up - known->items);
        int64_t bytes = leaf->relation.bytes > 0 ? leaf->relation.bytes : 0;
        int64_t rows = leaf->relation.rows > 0 ? leaf->relation.rows : 0;
        up->relation.bytes = (up->relation.bytes > 0 ? up->relation.bytes : 0) + bytes;
        up->relation.rows = (up->relation.rows > 0 ? up->relation.rows : 0) + rows;
        rows_unknown[at] = rows_unknown[at] || leaf->relation.rows < 0;
        parent = up->parent;
    }
}

static void add_partitions(const struct known_relations *known)
{
    bool *rows_unknown = mem_zero(known->count + 1, sizeof *rows_unknown);
    for (size_t i = 0; i < known->count; i++) {
        struct lint_relation *relation = &known->items[i].relation;
        if (relation->kind == LINT_PARTITIONED) { /* ANALYZE of a parent counts them, too */
            relation->rows = -1;
        }
    }
    for (size_t i = 0; i < known->count; i++) {
        if (known->items[i].relation.kind != LINT_PARTITIONED) {
            add_to_parents(known, &known->items[i], rows_unknown);
        }
    }
    for (size_t i = 0; i < known->count; i++) {
        if (rows_unknown[i]) {
            known->items[i].relation.rows = -1;
        }
    }
    free(rows_unknown);
}

static int compare_relations(const void *left, const void *right)
{
    const struct lint_relation *a = left;
    const struct lint_relation *b = right;
    int order = str_compare(a->name.schema, b->name.schema);
    return order != 0 ? order : str_compare(a->name.name, b->name.name);
}

bool catalog_lint_relations_read(const struct rows answers[CATALOG_LINT_QUESTION__COUNT],
                                 struct str home, struct arena *arena,
                                 struct lint_context *context, struct err *err)
{
    struct known_relations known = {.arena = arena};
    if (!read_relations(&answers[CATALOG_LINT_RELATIONS], &known, err) ||
        !read_columns(&answers[CATALOG_LINT_COLUMNS], &known, err) ||
        !read_constraints(&answers[CATALOG_LINT_CONSTRAINTS], &known, err) ||
        !read_indexes(&answers[CATALOG_LINT_INDEXES], &known, err) ||
        !catalog_dependents_read(&answers[CATALOG_LINT_DEPENDENTS], home, &known, err)) {
        return false;
    }
    add_partitions(&known);
    struct lint_relation *relations = arena_array(arena, known.count + 1, sizeof *relations);
    for (size_t i = 0; i < known.count; i++) {
        judge_identity(&known.items[i]);
        relations[i] = known.items[i].relation;
    }
    qsort(relations, known.count, sizeof *relations, compare_relations);
    context->relations = relations;
    context->relation_count = known.count;
    context->knows |= LINT_NEEDS_TABLES;
    return true;
}
