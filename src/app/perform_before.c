/* SPDX-License-Identifier: PostgreSQL */
/*
 * "Before", kept and read back. The values of checks may be people's data: they go into
 * a file of the run directory, never into the journal or the report.
 */
#include "perform_before.h"

static void add_checks(struct performer *performer, const struct plan_checks *checks)
{
    for (size_t i = 0; i < checks->count; i++) {
        if (check_needs_before(&checks->items[i])) {
            performer->before.check_of[performer->before.count++] = &checks->items[i];
        }
    }
}

static size_t count_all(const struct plan *plan)
{
    size_t count = 0;
    for (size_t i = 0; i < plan->steps.count; i++) {
        const struct plan_step *step = &plan->steps.items[i];
        count += step->checks.count + step->before.count + step->after.count;
    }
    for (size_t i = 0; i < plan->verification.sets.count; i++) {
        count += plan->verification.sets.items[i].checks.count;
    }
    return count;
}

void before_list(struct performer *performer)
{
    const struct plan *plan = performer->plan->plan;
    struct before *before = &performer->before;
    size_t count = count_all(plan);
    *before = (struct before){0};
    before->check_of = arena_array(&performer->arena, count + 1, sizeof(*before->check_of));
    before->checks = arena_array(&performer->arena, count + 1, sizeof(*before->checks));
    for (size_t i = 0; i < plan->steps.count; i++) {
        add_checks(performer, &plan->steps.items[i].before);
        add_checks(performer, &plan->steps.items[i].checks);
        add_checks(performer, &plan->steps.items[i].after);
    }
    for (size_t i = 0; i < plan->verification.sets.count; i++) {
        add_checks(performer, &plan->verification.sets.items[i].checks);
    }
}

static struct catalog_row_counts copy_rows(struct arena *arena,
                                           const struct catalog_row_counts *rows)
{
    struct catalog_row_counts copy = {.count = rows->count};
    copy.tables = arena_array(arena, rows->count + 1, sizeof(*copy.tables));
    for (size_t i = 0; i < rows->count; i++) {
        copy.tables[i] = rows->tables[i];
        copy.tables[i].schema = str_dup(arena, rows->tables[i].schema);
        copy.tables[i].table = str_dup(arena, rows->tables[i].table);
        copy.tables[i].quoted = str_dup(arena, rows->tables[i].quoted);
    }
    return copy;
}

void before_keep(struct performer *performer, size_t index, const struct check_result *result)
{
    struct check_before found = check_before_of(result);
    found.value = str_dup(&performer->arena, found.value);
    found.rows = copy_rows(&performer->arena, &found.rows);
    performer->before.checks[index] = found;
}

void before_keep_rows(struct performer *performer, const struct catalog_row_counts *rows)
{
    performer->before.rows = copy_rows(&performer->arena, rows);
    performer->before.taken = true;
}

/* ------------------------------------------------------------------ as JSON */

static struct json *rows_json(const struct catalog_row_counts *rows)
{
    struct json *list = json_make_array();
    for (size_t i = 0; i < rows->count; i++) {
        const struct catalog_table_rows *table = &rows->tables[i];
        struct json *item = json_make_object();
        json_put_text(item, "schema", table->schema);
        json_put_text(item, "table", table->table);
        json_put_i64(item, "bytes", table->bytes);
        json_put_i64(item, "rows", table->rows);
        json_put_bool(item, "exact", table->exact);
        json_push_take(list, item);
    }
    return list;
}

void before_write(const struct performer *performer, struct strbuf *out)
{
    const struct before *before = &performer->before;
    struct json *object = json_make_object();
    json_put_i64(object, "v", 1);
    json_put_take(object, "rows", rows_json(&before->rows));
    struct json *checks = json_make_array();
    for (size_t i = 0; i < before->count; i++) {
        const struct check_before *check = &before->checks[i];
        struct json *item = json_make_object();
        json_put_text(item, "id", before->check_of[i]->id);
        json_put_bool(item, "taken", check->taken);
        json_put_bool(item, "has_value", check->has_value);
        json_put_text(item, "value", check->value);
        json_put_text(item, "hash", str_from(check->hash.text));
        json_put_take(item, "rows", rows_json(&check->rows));
        json_push_take(checks, item);
    }
    json_put_take(object, "checks", checks);
    json_write(out, object, JSON_PRETTY);
    json_free(object);
}

static struct catalog_row_counts rows_from(const struct json *list, struct arena *arena)
{
    struct catalog_row_counts rows = {.count = json_count(list)};
    rows.tables = arena_array(arena, rows.count + 1, sizeof(*rows.tables));
    for (size_t i = 0; i < rows.count; i++) {
        const struct json *item = json_at(list, i);
        rows.tables[i] = (struct catalog_table_rows){
            .schema = str_dup(arena, json_text(json_find(item, "schema"))),
            .table = str_dup(arena, json_text(json_find(item, "table"))),
            .bytes = json_i64(json_find(item, "bytes"), 0),
            .rows = json_i64(json_find(item, "rows"), -1),
            .exact = json_bool(json_find(item, "exact"), false),
        };
    }
    return rows;
}

static void check_from(struct performer *performer, const struct json *item)
{
    struct before *before = &performer->before;
    struct str id = json_text(json_find(item, "id"));
    for (size_t i = 0; i < before->count; i++) {
        if (!str_is(before->check_of[i]->id, id)) {
            continue;
        }
        struct check_before *check = &before->checks[i];
        struct str hash = json_text(json_find(item, "hash"));
        check->taken = json_bool(json_find(item, "taken"), false);
        check->has_value = json_bool(json_find(item, "has_value"), false);
        check->value = str_dup(&performer->arena, json_text(json_find(item, "value")));
        if (hash.len == SHA256_HEX) {
            memcpy(check->hash.text, hash.ptr, SHA256_HEX);
        }
        check->rows = rows_from(json_find(item, "rows"), &performer->arena);
    }
}

bool performer_load_before(struct performer *performer, struct str hash, struct err *err)
{
    struct strbuf text = {0};
    bool ok = journal_load_blob(journal_directory_fd(performer->journal), hash, &text, err);
    struct json *object = ok ? json_read(strbuf_str(&text), err) : NULL;
    if (object) {
        before_list(performer);
        performer->before.rows = rows_from(json_find(object, "rows"), &performer->arena);
        performer->before.taken = true;
        const struct json *checks = json_find(object, "checks");
        for (size_t i = 0; i < json_count(checks); i++) {
            check_from(performer, json_at(checks, i));
        }
    }
    ok = object != NULL;
    json_free(object);
    strbuf_release(&text);
    return ok;
}
