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
    return "select pg_catalog.set_config(s.name, s.value, false) from (values "
           "('row_security', 'off'), ('search_path', ''), ('TimeZone', 'UTC'), "
           "('DateStyle', 'ISO'), ('IntervalStyle', 'postgres'), "
           "('lc_monetary', 'C'), ('extra_float_digits', '3'), ('bytea_output', 'hex')) as "
           "s(name, value)";
}

static const char count_of_rows[] = ", pg_catalog.count(*)::pg_catalog.text from only ";
/* A sum, so that the order of rows does not matter; the hash is the same within a major
 * version. */
static const char sum_of_rows[] =
    ", coalesce(pg_catalog.sum(pg_catalog.hashtextextended((r.*)::pg_catalog.text "
    "collate pg_catalog.\"C\", 0)), 0)::pg_catalog.text from only ";

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

/* One more part of a statement: the kind of fact, the table, and what is computed over its rows
 * r. */
static void add_part(struct strbuf *out, const struct rows *tables, size_t row, bool content)
{
    struct strbuf name = {0};
    strbuf_add(&name, rows_text(tables, row, TABLE_SCHEMA));
    strbuf_byte(&name, '.');
    strbuf_add(&name, rows_text(tables, row, TABLE_NAME));
    strbuf_text(out, out->len > 0 ? " union all " : "");
    strbuf_text(out, content ? "select 'content', " : "select 'rows', ");
    pgtools_quote_literal(out, strbuf_str(&name));
    strbuf_text(out, content ? sum_of_rows : count_of_rows);
    pgtools_quote_name(out, rows_text(tables, row, TABLE_SCHEMA));
    strbuf_byte(out, '.');
    pgtools_quote_name(out, rows_text(tables, row, TABLE_NAME));
    strbuf_text(out, " r");
    strbuf_release(&name);
}

static void add_estimate(struct pgtools_facts *facts, const struct rows *tables, size_t row)
{
    if (facts) {
        struct pgtools_fact *fact = add_fact(facts);
        fact->kind = STR("rows");
        fact->name = table_name(facts->arena, tables, row);
        fact->value = str_dup(facts->arena, rows_text(tables, row, TABLE_ROWS));
    }
}

/* `facts` NULL: statements about content, and no facts for large tables. */
static const char **statements(struct arena *arena, const struct rows *tables,
                               int64_t exact_below, size_t chunk, struct pgtools_facts *facts)
{
    size_t size = chunk > 0 ? chunk : DEFAULT_CHUNK;
    const char **list = arena_array(arena, tables->row_count / size + 2, sizeof(*list));
    struct strbuf text = {0};
    size_t in_chunk = 0;
    size_t count = 0;
    for (size_t i = 0; i < tables->row_count; i++) {
        if (exact_below != PLAN_UNSAID && rows_i64(tables, i, TABLE_BYTES, 0) > exact_below) {
            add_estimate(facts, tables, i);
            continue;
        }
        add_part(&text, tables, i, facts == NULL);
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

const char **pgtools_count_statements(struct arena *arena, const struct rows *tables,
                                      int64_t exact_below, size_t chunk,
                                      struct pgtools_facts *facts)
{
    return statements(arena, tables, exact_below, chunk, facts);
}

const char **pgtools_content_statements(struct arena *arena, const struct rows *tables,
                                        int64_t exact_below, size_t chunk)
{
    return statements(arena, tables, exact_below, chunk, NULL);
}
