/* SPDX-License-Identifier: PostgreSQL */
/*
 * Rows per table. Small tables are counted, large ones keep the planner's estimate
 * and say so. The server quotes the names; the answer says under which setting of
 * row_security it was taken, because a count under a policy is a smaller number
 * that looks like any other.
 */
#include "catalog.h"
#include "catalog_private.h"

enum {
    TABLE_SCHEMA,
    TABLE_NAME,
    TABLE_QUOTED,
    TABLE_BYTES,
    TABLE_ESTIMATE,
    TABLE_COLUMNS
};
enum {
    ROWS_INDEX,
    ROWS_COUNT,
    ROWS_SECURITY,
    ROWS_COLUMNS
};

/*
 * ONLY for ordinary tables: an inheritance child counts for itself. The size and the estimate
 * of a partitioned table are those of its leaves. reltuples -1 means "never analysed".
 */
const char *catalog_tables_query(void)
{
    return "with " CATALOG_SCOPE " "
           "select s.nspname::text, c.relname::text, "
           "pg_catalog.format(case c.relkind when 'r' then 'only %I.%I' else '%I.%I' end, "
           "s.nspname, c.relname), "
           "case c.relkind when 'r' then pg_catalog.pg_relation_size(c.oid) else "
           "coalesce((select pg_catalog.sum(pg_catalog.pg_relation_size(t.relid)) "
           "from pg_catalog.pg_partition_tree(c.oid) t where t.isleaf), 0)::int8 end, "
           "case c.relkind when 'r' then c.reltuples::int8 else "
           "coalesce((select case when pg_catalog.min(l.reltuples) < 0 then -1 "
           "else pg_catalog.sum(l.reltuples) end "
           "from pg_catalog.pg_partition_tree(c.oid) t "
           "join pg_catalog.pg_class l on l.oid = t.relid where t.isleaf), 0)::int8 end "
           "from pg_catalog.pg_class c join spaces s on s.oid = c.relnamespace "
           "where c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence <> 't' "
           "and not exists (select from members m "
           "where m.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and m.objid = c.oid)";
}

static int by_table(const void *a, const void *b)
{
    const struct catalog_table_rows *left = a;
    const struct catalog_table_rows *right = b;
    int order = str_compare(left->schema, right->schema);
    return order != 0 ? order : str_compare(left->table, right->table);
}

bool catalog_tables_read(const struct rows *rows, struct arena *arena,
                         struct catalog_row_counts *list, struct err *err)
{
    *list = (struct catalog_row_counts){0};
    if (!catalog_expect_columns(rows, TABLE_COLUMNS, "tables", err)) {
        return false;
    }
    list->tables = arena_array(arena, rows->row_count + 1, sizeof(*list->tables));
    list->count = rows->row_count;
    for (size_t row = 0; row < rows->row_count; row++) {
        struct catalog_table_rows *table = &list->tables[row];
        table->schema = catalog_cell(arena, rows, row, TABLE_SCHEMA);
        table->table = catalog_cell(arena, rows, row, TABLE_NAME);
        table->quoted = catalog_cell(arena, rows, row, TABLE_QUOTED);
        table->bytes = rows_i64(rows, row, TABLE_BYTES, INT64_MAX);
        table->rows = rows_i64(rows, row, TABLE_ESTIMATE, -1);
    }
    qsort(list->tables, list->count, sizeof(*list->tables), by_table);
    return true;
}

bool catalog_rows_statement(struct strbuf *sql, const struct catalog_row_counts *list,
                            int64_t exact_below, size_t *next)
{
    size_t taken = 0;
    for (; *next < list->count && taken < CATALOG_ROWS_BATCH; (*next)++) {
        const struct catalog_table_rows *table = &list->tables[*next];
        if (table->bytes >= exact_below) {
            continue;
        }
        strbuf_format(sql,
                      "%sselect %zu, pg_catalog.count(*), "
                      "pg_catalog.current_setting('row_security') from %.*s",
                      taken > 0 ? " union all " : "", *next, STR_ARG(table->quoted));
        taken++;
    }
    return taken > 0;
}

bool catalog_rows_read(const struct rows *rows, struct catalog_row_counts *list,
                       struct err *err)
{
    if (!catalog_expect_columns(rows, ROWS_COLUMNS, "rows of tables", err)) {
        return false;
    }
    for (size_t row = 0; row < rows->row_count; row++) {
        int64_t index = rows_i64(rows, row, ROWS_INDEX, -1);
        int64_t count = rows_i64(rows, row, ROWS_COUNT, -1);
        if (index < 0 || (uint64_t)index >= list->count || count < 0) {
            return err_set(err, ERR_INTERNAL, "a count of rows cannot be read");
        }
        if (!str_eq(rows_text(rows, row, ROWS_SECURITY), "off")) {
            err_set(err, ERR_INTERNAL, "rows were counted while row security was on");
            err_detail(err, "Policies may have hidden rows from the count.");
            err_hint(err, "The counts were thrown away. Count with row_security = off.");
            return false;
        }
        list->tables[index].rows = count;
        list->tables[index].exact = true;
    }
    return true;
}

const struct catalog_table_rows *catalog_rows_find(const struct catalog_row_counts *list,
                                                   struct str schema, struct str table)
{
    struct catalog_table_rows key = {.schema = schema, .table = table};
    if (list->count == 0) {
        return NULL;
    }
    return bsearch(&key, list->tables, list->count, sizeof(key), by_table);
}
