/* SPDX-License-Identifier: PostgreSQL */
/*
 * Orphans: rows that a foreign key points from into nothing. A key that is NOT
 * VALID, or one whose trigger was off while data came in, may have them although
 * the catalog says nothing.
 *
 * The server writes one FROM … WHERE per key, with the key's own operators (the two
 * columns may be of different types), quoted by itself. MATCH SIMPLE forgives a row
 * with a NULL in the key; MATCH FULL only when all of it is NULL. ONLY where the server's
 * own check uses it: inheritance children are not covered by a key.
 */
#include "check_private.h"

enum {
    BATCH = 20,
    KEY_LABEL = 0,
    KEY_FROM = 1,
    KEY_COLUMNS,
    ORPHAN_KEY = 0,
    ORPHAN_COUNT = 1,
    ORPHAN_SECURITY = 2,
    ORPHAN_COLUMNS,
    EVIDENCE_LINES = 10,
};

/* A temporal key (PERIOD, 18) gives NULL: it cannot be judged by equality. */
const char *check_orphans_query(void)
{
    return "select s.nspname::text || '.' || c.relname::text || '.' || k.conname::text, "
           "case when coalesce((pg_catalog.to_jsonb(k) ->> 'conperiod')::pg_catalog.bool, "
           "false) "
           "then null else pg_catalog.format("
           "'from %s%I.%I c where %s and not exists (select from %s%I.%I p where %s)', "
           "case c.relkind when 'p' then '' else 'only ' end, s.nspname, c.relname, "
           "case k.confmatchtype when 'f' then 'not (' || x.all_null || ')' else x.none_null "
           "end, "
           "case f.relkind when 'p' then '' else 'only ' end, fs.nspname, f.relname, x.same) "
           "end "
           "from pg_catalog.pg_constraint k "
           "join pg_catalog.pg_class c on c.oid = k.conrelid "
           "join pg_catalog.pg_namespace s on s.oid = c.relnamespace "
           "join pg_catalog.pg_class f on f.oid = k.confrelid "
           "join pg_catalog.pg_namespace fs on fs.oid = f.relnamespace, "
           "lateral (select "
           "pg_catalog.string_agg(pg_catalog.format('c.%I is not null', a.attname), ' and '), "
           "pg_catalog.string_agg(pg_catalog.format('c.%I is null', a.attname), ' and '), "
           "pg_catalog.string_agg(pg_catalog.format('p.%I operator(%I.%s) c.%I', "
           "b.attname, os.nspname, o.oprname, a.attname), ' and ') "
           "from rows from (pg_catalog.unnest(k.conkey), pg_catalog.unnest(k.confkey), "
           "pg_catalog.unnest(k.conpfeqop)) as u (child, parent, operator) "
           "join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.child "
           "join pg_catalog.pg_attribute b on b.attrelid = k.confrelid and b.attnum = u.parent "
           "join pg_catalog.pg_operator o on o.oid = u.operator "
           "join pg_catalog.pg_namespace os on os.oid = o.oprnamespace) "
           "as x (none_null, all_null, same) "
           "where k.contype = 'f' and k.conparentid = 0 and s.nspname !~ '^pg_' "
           "and s.nspname <> 'information_schema' "
           "and ($1::pg_catalog.text[] = '{}' or s.nspname = any ($1::pg_catalog.text[])) "
           "and not exists (select from pg_catalog.pg_depend d "
           "where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid "
           "and d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass "
           "and d.deptype = 'e') order by 1";
}

bool check_orphans_plan(struct check_work *work, const struct rows *rows)
{
    if (rows->column_count != KEY_COLUMNS || rows->cut) {
        check_stop(work, STR("the list of foreign keys cannot be read"));
        return false;
    }
    work->key_count = rows->row_count;
    work->keys = arena_array(work->arena, rows->row_count + 1, sizeof(*work->keys));
    work->statements =
        arena_array(work->arena, rows->row_count / BATCH + 1, sizeof(*work->statements));
    struct strbuf sql = {0};
    for (size_t row = 0; row < rows->row_count; row++) {
        work->keys[row] = str_dup(work->arena, rows_text(rows, row, KEY_LABEL));
        if (rows_cell(rows, row, KEY_FROM).is_null) {
            check_stop(work, str_format(work->arena,
                                        "%.*s is a temporal key: its orphans are "
                                        "not counted",
                                        STR_ARG(check_shown(work->arena, work->keys[row]))));
            strbuf_release(&sql);
            return false;
        }
        strbuf_format(&sql,
                      "%sselect %zu, pg_catalog.count(*), "
                      "pg_catalog.current_setting('row_security') %.*s",
                      sql.len > 0 ? " union all " : "", row,
                      STR_ARG(rows_text(rows, row, KEY_FROM)));
        if ((row + 1) % BATCH == 0 || row + 1 == rows->row_count) {
            work->statements[work->statement_count++] = str_dup(work->arena, strbuf_str(&sql));
            strbuf_clear(&sql);
        }
    }
    strbuf_release(&sql);
    rows_init(&work->rows, work->arena, ORPHAN_COLUMNS - 1);
    work->have_rows = true;
    return true;
}

bool check_orphans_take(struct check_work *work, const struct rows *rows)
{
    for (size_t row = 0; row < rows->row_count; row++) {
        int64_t key = rows_i64(rows, row, ORPHAN_KEY, -1);
        if (rows->column_count != ORPHAN_COLUMNS || key < 0 ||
            (uint64_t)key >= work->key_count || rows_i64(rows, row, ORPHAN_COUNT, -1) < 0) {
            check_stop(work, STR("the count of orphans cannot be read"));
            return false;
        }
        if (!str_eq(rows_text(rows, row, ORPHAN_SECURITY), "off")) {
            check_stop(work, STR("row security was on: policies may have hidden orphans"));
            return false;
        }
        struct cell *cells = rows_add(&work->rows);
        cells[ORPHAN_KEY].text = work->keys[key];
        cells[ORPHAN_COUNT].text = str_dup(work->arena, rows_text(rows, row, ORPHAN_COUNT));
    }
    return true;
}

void check_judge_orphans(const struct check_work *work, const struct check_before *before,
                         struct check_result *result)
{
    if (work->rows.row_count != work->key_count) {
        check_say(result, VERDICT_ERROR, STR("not every foreign key was looked at"));
        return;
    }
    int64_t total = 0;
    size_t lines = 0;
    struct strbuf evidence = {0};
    for (size_t row = 0; row < work->rows.row_count; row++) {
        int64_t count = rows_i64(&work->rows, row, ORPHAN_COUNT, 0);
        total += count;
        if (count > 0 && lines++ < EVIDENCE_LINES) {
            strbuf_format(
                &evidence, "%s%.*s: %lld", lines > 1 ? "\n" : "",
                STR_ARG(check_shown(work->arena, rows_text(&work->rows, row, ORPHAN_KEY))),
                (long long)count);
        }
    }
    if (lines > EVIDENCE_LINES) {
        strbuf_format(&evidence, "\nand %zu more keys", lines - EVIDENCE_LINES);
    }
    result->evidence = str_dup(work->arena, strbuf_str(&evidence));
    strbuf_release(&evidence);
    check_judge_value(work, str_format(work->arena, "%lld", (long long)total), before, result);
    result->actual = str_format(work->arena, "%lld over %zu foreign keys", (long long)total,
                                work->key_count);
}
