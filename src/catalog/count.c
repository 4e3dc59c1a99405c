/* SPDX-License-Identifier: PostgreSQL */
/*
 * Counts: the table of what can be counted, the one statement that counts all of
 * it, and the reader of its row.
 *
 * One pass over pg_class serves tables, views, indexes and the rest; constraints,
 * policies, triggers, functions and types have a pass each. The relations that
 * belong to an extension, and whatever stands on them, fall out with one hashed
 * look-up; so do partitions, whose constraints and indexes are the parent's.
 */
#include "catalog.h"
#include "catalog_private.h"

/*
 * The server gives this oid to the first object that is not its own, so that a range of the
 * oid index leaves out thousands of functions and types of the system.
 */
#define FIRST_OF_PEOPLE "16384"

/* Columns: see struct count_info. */
const struct count_info catalog_count_infos[COUNT__COUNT] = {
    [COUNT_TABLES] = {COUNT_TABLES, "tables", "tables", "table", true, false},
    [COUNT_PARTITIONS] = {COUNT_PARTITIONS, "partitions", "partitions", "partition", true,
                          false},
    [COUNT_FOREIGN_KEYS] = {COUNT_FOREIGN_KEYS, "foreign_keys", "foreign keys", "foreign key",
                            true, false},
    [COUNT_RLS_POLICIES] = {COUNT_RLS_POLICIES, "rls_policies", "RLS policies", "RLS policy",
                            false, false},
    [COUNT_TABLES_WITH_RLS] = {COUNT_TABLES_WITH_RLS, "tables_with_rls", "tables with RLS",
                               "table with RLS", true, false},
    [COUNT_INDEXES] = {COUNT_INDEXES, "indexes", "indexes", "index", true, false},
    [COUNT_VIEWS] = {COUNT_VIEWS, "views", "views", "view", true, false},
    [COUNT_MATERIALIZED_VIEWS] = {COUNT_MATERIALIZED_VIEWS, "materialized_views",
                                  "materialized views", "materialized view", true, false},
    [COUNT_FUNCTIONS] = {COUNT_FUNCTIONS, "functions", "functions", "function", true, false},
    [COUNT_TRIGGERS] = {COUNT_TRIGGERS, "triggers", "triggers", "trigger", false, false},
    [COUNT_ENUMS] = {COUNT_ENUMS, "enums", "enums", "enum", true, false},
    [COUNT_SEQUENCES] = {COUNT_SEQUENCES, "sequences", "sequences", "sequence", true, false},
    [COUNT_UNVALIDATED_KEYS] = {COUNT_UNVALIDATED_KEYS, "unvalidated_keys",
                                "foreign keys not validated", "foreign key not validated", true,
                                true},
    [COUNT_INVALID_INDEXES] = {COUNT_INVALID_INDEXES, "invalid_indexes", "invalid indexes",
                               "invalid index", true, true},
    [COUNT_COLUMNS] = {COUNT_COLUMNS, "columns", "columns", "column", false, false},
    [COUNT_CONSTRAINTS] = {COUNT_CONSTRAINTS, "constraints", "constraints", "constraint", true,
                           false},
};

bool catalog_count_kind(struct str word, enum count_kind *kind)
{
    for (size_t i = 0; i < COUNT__COUNT; i++) {
        if (str_eq(word, catalog_count_infos[i].word)) {
            *kind = catalog_count_infos[i].kind;
            return true;
        }
    }
    return false;
}

/* Appends one element of an array literal, quoted. */
static void catalog_quote_element(struct strbuf *out, struct str text)
{
    strbuf_byte(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"' || text.ptr[i] == '\\') {
            strbuf_byte(out, '\\');
        }
        strbuf_byte(out, text.ptr[i]);
    }
    strbuf_byte(out, '"');
}

struct str catalog_array_text(struct arena *arena, const struct str *items, size_t count)
{
    struct strbuf out = {0};
    strbuf_byte(&out, '{');
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            strbuf_byte(&out, ',');
        }
        catalog_quote_element(&out, items[i]);
    }
    strbuf_byte(&out, '}');
    struct str text = str_dup(arena, strbuf_str(&out));
    strbuf_release(&out);
    return text;
}

bool catalog_expect_columns(const struct rows *rows, size_t columns, const char *what,
                            struct err *err)
{
    if (rows->column_count != columns) {
        return err_set(err, ERR_INTERNAL,
                       "the answer to the query for %s has %zu columns, not %zu", what,
                       rows->column_count, columns);
    }
    if (rows->cut) {
        err_set(err, ERR_CHECK, "the answer to the query for %s is longer than what is kept",
                what);
        err_detail(err, "%zu rows were read, more existed.", rows->row_count);
        err_hint(err, "Nothing was judged. Narrow the plan's state.schemas.");
        return false;
    }
    return true;
}

struct str catalog_cell(struct arena *arena, const struct rows *rows, size_t row, size_t column)
{
    return str_dup(arena, rows_text(rows, row, column));
}

static const char counts_query[] =
    "with " CATALOG_SCOPE ", "
    /*
     * In a small database most of the time goes into planning, and a join costs more
     * there than a hashed look-up: so "not elsewhere" and "not in", where the rows are
     * few, instead of joins with spaces and members.
     */
    "elsewhere as materialized ("
    "select n.oid from pg_catalog.pg_namespace n "
    "where n.oid not in (select s.oid from spaces s)), "
    "outside as materialized ("
    "select m.objid from members m "
    "where m.classid = 'pg_catalog.pg_class'::pg_catalog.regclass), "
    /* Temporary relations need no word: their schemas are not among the spaces. */
    "rels as materialized ("
    "select c.oid, c.relkind, c.relispartition, c.relrowsecurity, c.relnatts "
    "from pg_catalog.pg_class c join spaces s on s.oid = c.relnamespace "
    "where c.relkind in ('r', 'p', 'v', 'm', 'S') "
    "and c.oid not in (select o.objid from outside o)), "
    "by_rel as ("
    "select "
    "count(*) filter (where relkind in ('r', 'p') and not relispartition) as tables, "
    "count(*) filter (where relispartition) as partitions, "
    "count(*) filter (where relrowsecurity and not relispartition) as with_rls, "
    "count(*) filter (where relkind = 'v') as views, "
    "count(*) filter (where relkind = 'm') as matviews, "
    "count(*) filter (where relkind = 'S') as sequences, "
    "coalesce(sum(relnatts) filter (where relkind in ('r', 'p') and not "
    "relispartition), 0) as natts "
    "from rels), "
    "by_constraint as ("
    "select "
    "count(*) filter (where k.contype = 'f') as keys, "
    "count(*) filter (where k.contype = 'f' and not k.convalidated) as unvalidated, "
    "count(*) filter (where k.contype <> 'f' and k.conrelid not in "
    "(select r.oid from rels r where r.relispartition)) as others "
    "from pg_catalog.pg_constraint k "
    "where k.contype in ('f', 'c', 'p', 'u', 'x') and k.conparentid = 0 "
    "and k.connamespace in (select s.oid from spaces s) "
    "and k.conrelid <> 0 and k.conrelid not in (select o.objid from outside o)), "
    "by_index as ("
    "select count(*) as n, "
    "count(*) filter (where not (i.indisvalid and i.indisready and i.indislive)) as "
    "invalid "
    "from pg_catalog.pg_index i join rels r on r.oid = i.indrelid "
    "where not r.relispartition) "
    "select r.tables, r.partitions, k.keys as foreign_keys, "
    "(select count(*) from pg_catalog.pg_policy p join rels r on r.oid = p.polrelid) "
    "as rls_policies, "
    "r.with_rls as tables_with_rls, i.n as indexes, r.views, "
    "r.matviews as materialized_views, "
    "(select count(*) from pg_catalog.pg_proc p "
    "where p.oid >= " FIRST_OF_PEOPLE
    " and p.pronamespace not in (select e.oid from elsewhere e) "
    "and p.oid not in (select m.objid from members m "
    "where m.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass)) as functions, "
    "(select count(*) from pg_catalog.pg_trigger t join rels r on r.oid = t.tgrelid "
    "where not t.tgisinternal and not r.relispartition) as triggers, "
    "(select count(*) from pg_catalog.pg_type t where t.typtype = 'e' "
    "and t.typnamespace not in (select e.oid from elsewhere e) "
    "and t.oid not in (select m.objid from members m "
    "where m.classid = 'pg_catalog.pg_type'::pg_catalog.regclass)) as enums, "
    "r.sequences, k.unvalidated as unvalidated_keys, i.invalid as invalid_indexes, "
    /*
     * pg_class counts a dropped column as well. The server renames each to
     * "........pg.dropped.N........": the index by name finds the few there are, or
     * none, without a look at the others. Whatever else has such a name is not one.
     */
    "r.natts - (select count(*) from rels r "
    "join pg_catalog.pg_attribute a on a.attrelid = r.oid "
    "where r.relkind in ('r', 'p') and not r.relispartition "
    "and a.attname >= '........pg.dropped.' and a.attname < '........pg.dropped/' "
    "and a.attisdropped and a.attnum > 0) as columns, "
    "k.others as constraints "
    "from by_rel r, by_constraint k, by_index i";

const char *catalog_counts_query(void)
{
    return counts_query;
}

bool catalog_counts_read(const struct rows *rows, struct catalog_counts *counts,
                         struct err *err)
{
    *counts = (struct catalog_counts){0};
    if (!catalog_expect_columns(rows, COUNT__COUNT, "counts", err)) {
        return false;
    }
    if (rows->row_count != 1) {
        return err_set(err, ERR_INTERNAL, "the query for counts gave %zu rows, not one",
                       rows->row_count);
    }
    for (size_t i = 0; i < COUNT__COUNT; i++) {
        if (!str_eq(rows->names[i], catalog_count_infos[i].word) ||
            !str_to_i64(rows_text(rows, 0, i), &counts->value[i])) {
            return err_set(err, ERR_INTERNAL, "the count of %s is not in the server's answer",
                           catalog_count_infos[i].title);
        }
    }
    return true;
}
