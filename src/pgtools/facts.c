/* SPDX-License-Identifier: PostgreSQL */
/*
 * The questions that a source and its restored copy are both asked: how many rows has
 * each table, where stands each sequence, what is each object (objects.c has the last
 * two texts). Here: the counting, and the answers as facts.
 */
#include "pgtools.h"

enum {
    DEFAULT_CHUNK = 100,
    TABLE_SCHEMA = 0, /* columns of pgtools_tables_query() */
    TABLE_NAME,
    TABLE_BYTES,
    TABLE_ROWS,
};

const char *pgtools_facts_settings(void)
{
    return "select pg_catalog.set_config('row_security', 'off', false), "
           "pg_catalog.set_config('search_path', '', false)";
}

static struct pgtools_fact *add_fact(struct pgtools_facts *facts)
{
    return ARRAY_PUSH(facts->items, facts->count, facts->capacity);
}

void pgtools_facts_take(struct pgtools_facts *facts, const struct rows *rows)
{
    for (size_t i = 0; i < rows->row_count; i++) {
        struct pgtools_fact *fact = add_fact(facts);
        fact->kind = str_dup(facts->arena, rows_text(rows, i, 0));
        fact->name = str_dup(facts->arena, rows_text(rows, i, 1));
        fact->value = str_dup(facts->arena, rows_text(rows, i, 2));
        fact->exact = true;
    }
}

static struct str table_name(struct arena *arena, const struct rows *tables, size_t row)
{
    return str_format(arena, "%.*s.%.*s", STR_ARG(rows_text(tables, row, TABLE_SCHEMA)),
                      STR_ARG(rows_text(tables, row, TABLE_NAME)));
}

static void add_count(struct strbuf *out, const struct rows *tables, size_t row)
{
    struct strbuf name = {0};
    strbuf_add(&name, rows_text(tables, row, TABLE_SCHEMA));
    strbuf_byte(&name, '.');
    strbuf_add(&name, rows_text(tables, row, TABLE_NAME));
    strbuf_text(out, out->len > 0 ? " union all select 'rows', " : "select 'rows', ");
    pgtools_quote_literal(out, strbuf_str(&name));
    strbuf_text(out, ", pg_catalog.count(*)::pg_catalog.text from only ");
    pgtools_quote_name(out, rows_text(tables, row, TABLE_SCHEMA));
    strbuf_byte(out, '.');
    pgtools_quote_name(out, rows_text(tables, row, TABLE_NAME));
    strbuf_release(&name);
}

const char **pgtools_count_statements(struct arena *arena, const struct rows *tables,
                                      int64_t exact_below, size_t chunk,
                                      struct pgtools_facts *facts)
{
    size_t size = chunk > 0 ? chunk : DEFAULT_CHUNK;
    const char **list = arena_array(arena, tables->row_count / size + 2, sizeof(*list));
    struct strbuf text = {0};
    size_t in_chunk = 0;
    size_t count = 0;
    for (size_t i = 0; i < tables->row_count; i++) {
        if (exact_below != PLAN_UNSAID && rows_i64(tables, i, TABLE_BYTES, 0) > exact_below) {
            struct pgtools_fact *fact = add_fact(facts);
            fact->kind = STR("rows");
            fact->name = table_name(facts->arena, tables, i);
            fact->value = str_dup(facts->arena, rows_text(tables, i, TABLE_ROWS));
            continue;
        }
        add_count(&text, tables, i);
        if (++in_chunk == size) {
            list[count++] = str_text(arena, strbuf_str(&text));
            strbuf_clear(&text);
            in_chunk = 0;
        }
    }
    if (in_chunk > 0) {
        list[count++] = str_text(arena, strbuf_str(&text));
    }
    list[count] = NULL;
    strbuf_release(&text);
    return list;
}
