/* SPDX-License-Identifier: PostgreSQL */
/*
 * The ledger: five styles of "which migrations are applied", told apart by one
 * table of columns. A statement fills those columns that the table really has, in
 * the order below, each from a parameter or from the server; it adds no column.
 *
 * These statements run in the migration's own transaction, under a search_path that
 * is not ours: everything is qualified, operators too.
 */
#include "catalog.h"
#include "catalog_private.h"

/* Columns: see struct catalog_ledger_info. */
const struct catalog_ledger_info catalog_ledger_infos[CATALOG_LEDGER__COUNT] = {
    [CATALOG_LEDGER_PLAIN] = {CATALOG_LEDGER_PLAIN, "plain", NULL, "schema_migrations",
                              "version", false},
    [CATALOG_LEDGER_SUPABASE] = {CATALOG_LEDGER_SUPABASE, "supabase", "supabase_migrations",
                                 "schema_migrations", "version", false},
    [CATALOG_LEDGER_DBMATE] = {CATALOG_LEDGER_DBMATE, "dbmate", NULL, "schema_migrations",
                               "version", false},
    [CATALOG_LEDGER_GOLANG] = {CATALOG_LEDGER_GOLANG, "golang-migrate", NULL,
                               "schema_migrations", "version", true},
    [CATALOG_LEDGER_NODE] = {CATALOG_LEDGER_NODE, "node-pg-migrate", NULL, "pgmigrations",
                             "name", false},
};

/* Where the value of a column comes from. */
enum source {
    FROM_KEY,
    FROM_NAME,
    FROM_DESCRIPTION,
    FROM_CHECKSUM,
    FROM_DURATION,
    FROM_RUN,
    FROM_HEAD,
    FROM_STATEMENTS,
    FROM_CLOCK,   /* the server's */
    FROM_ROLE,    /* the server's */
    FROM_FALSE,   /* golang-migrate: not dirty */
    FROM_DEFAULT, /* the column's own default: not written */
};

/*
 * styles  bit set of the styles that know the column
 * column  its name
 * type    its type where we create the table (`plain` makes all of its own)
 * source  what is written into it
 */
struct ledger_column {
    unsigned styles;
    const char *column;
    const char *type;
    enum source source;
};
#define IN(style) (1u << CATALOG_LEDGER_##style)
static const struct ledger_column ledger_columns[] = {
    {IN(PLAIN), "version", "text primary key", FROM_KEY},
    {IN(PLAIN), "description", "text", FROM_DESCRIPTION},
    {IN(PLAIN), "applied_at", "timestamptz not null default pg_catalog.now()", FROM_CLOCK},
    {IN(PLAIN), "checksum", "text", FROM_CHECKSUM},
    {IN(PLAIN), "duration_ms", "bigint", FROM_DURATION},
    {IN(PLAIN), "applied_by", "text", FROM_ROLE},
    {IN(PLAIN), "run_id", "text", FROM_RUN},
    {IN(PLAIN), "journal_head", "text", FROM_HEAD},
    {IN(SUPABASE), "version", "text not null primary key", FROM_KEY},
    {IN(SUPABASE), "statements", "text[]", FROM_STATEMENTS},
    {IN(SUPABASE), "name", "text", FROM_NAME},
    {IN(DBMATE), "version", "varchar(128) primary key", FROM_KEY},
    {IN(GOLANG), "version", "bigint not null primary key", FROM_KEY},
    {IN(GOLANG), "dirty", "boolean not null", FROM_FALSE},
    {IN(NODE), "id", "serial primary key", FROM_DEFAULT},
    {IN(NODE), "name", "varchar(255) not null", FROM_KEY},
    {IN(NODE), "run_on", "timestamp not null", FROM_CLOCK},
};

bool catalog_ledger_style(struct str word, enum catalog_ledger_style *style)
{
    for (size_t i = 0; i < COUNT_OF(catalog_ledger_infos); i++) {
        if (str_eq(word, catalog_ledger_infos[i].word)) {
            *style = catalog_ledger_infos[i].style;
            return true;
        }
    }
    return false;
}

void catalog_ledger_init(struct catalog_ledger *ledger, enum catalog_ledger_style style,
                         struct str table, struct str home, struct arena *arena)
{
    const struct catalog_ledger_info *info = &catalog_ledger_infos[style];
    *ledger = (struct catalog_ledger){.style = style};
    struct str schema = info->schema != NULL ? str_from(info->schema) : home;
    if (table.len == 0) {
        table = str_from(info->table);
    }
    size_t dot = str_find_byte(table, '.', 0);
    if (dot < table.len) {
        schema = str_slice(table, 0, dot);
        table = str_slice(table, dot + 1, table.len - dot - 1);
    }
    ledger->schema = str_dup(arena, schema);
    ledger->table = str_dup(arena, table);
}

static void add_table(const struct catalog_ledger *ledger, struct strbuf *sql)
{
    strbuf_quoted(sql, ledger->schema, '"', false);
    strbuf_byte(sql, '.');
    strbuf_quoted(sql, ledger->table, '"', false);
}

/* How the comment of a ledger begins that gonogo made, in this run or in an earlier one. */
#define MADE_BY_GONOGO "gonogo made this ledger"

void catalog_ledger_comment(const struct catalog_ledger *ledger, struct strbuf *sql)
{
    strbuf_text(sql, "comment on table ");
    add_table(ledger, sql);
    strbuf_text(sql, " is '" MADE_BY_GONOGO
                     " of applied migrations, and leaves it out of its counts'");
}

const char *catalog_ledger_columns_query(void)
{
    return "select a.attname::text, coalesce(pg_catalog.starts_with(pg_catalog.obj_description("
           "c.oid, 'pg_class'), '" MADE_BY_GONOGO "'), false) "
           "from pg_catalog.pg_namespace n "
           "join pg_catalog.pg_class c on c.relnamespace operator(pg_catalog.=) n.oid "
           "join pg_catalog.pg_attribute a on a.attrelid operator(pg_catalog.=) c.oid "
           "where n.nspname operator(pg_catalog.=) $1::pg_catalog.text "
           "and c.relname operator(pg_catalog.=) $2::pg_catalog.text "
           "and c.relkind in ('r', 'p', 'v') "
           "and a.attnum operator(pg_catalog.>) 0::pg_catalog.int2 and not a.attisdropped "
           "order by a.attnum";
}

static bool has_column(const struct catalog_ledger *ledger, const char *column)
{
    for (size_t i = 0; i < ledger->column_count; i++) {
        if (str_eq(ledger->columns[i], column)) {
            return true;
        }
    }
    return false;
}

bool catalog_ledger_has_checksums(const struct catalog_ledger *ledger)
{
    return ledger->style == CATALOG_LEDGER_PLAIN && has_column(ledger, "checksum");
}

bool catalog_ledger_columns_read(struct catalog_ledger *ledger, const struct rows *rows,
                                 struct arena *arena, struct err *err)
{
    ledger->exists = rows->row_count > 0;
    ledger->made = rows->row_count > 0 && rows_bool(rows, 0, 1);
    ledger->column_count = 0;
    if (!ledger->exists) {
        return true;
    }
    if (!catalog_expect_columns(rows, 2, "the ledger's columns", err)) {
        return false;
    }
    for (size_t row = 0; row < rows->row_count; row++) {
        if (ledger->column_count < CATALOG_LEDGER_COLUMNS_MAX) {
            ledger->columns[ledger->column_count++] = catalog_cell(arena, rows, row, 0);
        }
    }
    const struct catalog_ledger_info *info = &catalog_ledger_infos[ledger->style];
    if (!has_column(ledger, info->key)) {
        err_set(err, ERR_USAGE, "the ledger %.*s.%.*s has no column \"%s\"",
                STR_ARG(ledger->schema), STR_ARG(ledger->table), info->key);
        err_detail(err, "A ledger of style %s is told by that column.", info->word);
        err_hint(err, "Nothing was changed. Correct `ledger.table` or `ledger.style`.");
        return false;
    }
    return true;
}

void catalog_ledger_create(const struct catalog_ledger *ledger, struct strbuf *sql)
{
    strbuf_text(sql, "create table ");
    add_table(ledger, sql);
    const char *comma = " (";
    for (size_t i = 0; i < COUNT_OF(ledger_columns); i++) {
        if ((ledger_columns[i].styles & (1u << ledger->style)) != 0) {
            strbuf_format(sql, "%s%s %s", comma, ledger_columns[i].column,
                          ledger_columns[i].type);
            comma = ", ";
        }
    }
    strbuf_byte(sql, ')');
}

bool catalog_ledger_create_schema(const struct catalog_ledger *ledger, struct strbuf *sql)
{
    if (catalog_ledger_infos[ledger->style].schema == NULL) {
        return false;
    }
    strbuf_text(sql, "create schema if not exists ");
    strbuf_quoted(sql, ledger->schema, '"', false);
    return true;
}

void catalog_ledger_created(struct catalog_ledger *ledger)
{
    ledger->exists = true;
    ledger->column_count = 0;
    for (size_t i = 0; i < COUNT_OF(ledger_columns); i++) {
        if ((ledger_columns[i].styles & (1u << ledger->style)) != 0) {
            ledger->columns[ledger->column_count++] = str_from(ledger_columns[i].column);
        }
    }
}

void catalog_ledger_counts(const struct catalog_ledger *ledger, struct catalog_counts *counts)
{
    *counts = (struct catalog_counts){0};
    counts->value[COUNT_TABLES] = 1;
    for (size_t i = 0; i < COUNT_OF(ledger_columns); i++) {
        if ((ledger_columns[i].styles & (1u << ledger->style)) != 0) {
            struct str type = str_from(ledger_columns[i].type);
            bool key = str_ends(type, "primary key");
            counts->value[COUNT_COLUMNS]++;
            counts->value[COUNT_CONSTRAINTS] += key ? 1 : 0;
            counts->value[COUNT_INDEXES] += key ? 1 : 0;
            counts->value[COUNT_SEQUENCES] += str_starts(type, "serial ") ? 1 : 0;
        }
    }
    if (ledger->exists) {
        counts->value[COUNT_COLUMNS] = (int64_t)ledger->column_count;
    }
}

/* One form for all styles: key, description, checksum, duration, applied at, dirty. */
static void select_list(const struct catalog_ledger *ledger, struct strbuf *sql)
{
    static const char *const texts[] = {"description", "checksum", "duration_ms"};
    strbuf_format(sql, "select %s::pg_catalog.text", catalog_ledger_infos[ledger->style].key);
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        bool there = ledger->style == CATALOG_LEDGER_PLAIN && has_column(ledger, texts[i]);
        strbuf_format(sql, ", %s::pg_catalog.text", there ? texts[i] : "null");
    }
    const char *clock = ledger->style == CATALOG_LEDGER_NODE ? "run_on" : "applied_at";
    if (has_column(ledger, clock)) {
        strbuf_format(sql,
                      ", pg_catalog.to_char(pg_catalog.timezone('UTC', "
                      "%s::pg_catalog.timestamptz), 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')",
                      clock);
    } else {
        strbuf_text(sql, ", null::pg_catalog.text");
    }
    strbuf_format(sql, ", %s from ",
                  has_column(ledger, "dirty") ? "dirty::pg_catalog.text" : "'false'");
    add_table(ledger, sql);
}

/* What names this migration in this style. */
static struct str key_of(const struct catalog_ledger *ledger,
                         const struct catalog_ledger_entry *entry)
{
    return ledger->style == CATALOG_LEDGER_NODE ? entry->name : entry->version;
}

/* Adds a parameter (NULL when the text is empty) and writes its "$n". */
static void add_param(struct strbuf *sql, struct catalog_params *params, struct str text)
{
    struct cell *value = &params->values[params->count++];
    value->text = text;
    value->is_null = text.len == 0;
    strbuf_format(sql, "$%zu", params->count);
}

static void add_where(const struct catalog_ledger *ledger,
                      const struct catalog_ledger_entry *entry, struct strbuf *sql,
                      struct catalog_params *params)
{
    strbuf_format(sql, " where %s operator(pg_catalog.=) ",
                  catalog_ledger_infos[ledger->style].key);
    add_param(sql, params, key_of(ledger, entry));
}

void catalog_ledger_all(const struct catalog_ledger *ledger, struct strbuf *sql)
{
    select_list(ledger, sql);
    strbuf_text(sql, " order by 1");
}

void catalog_ledger_one(const struct catalog_ledger *ledger,
                        const struct catalog_ledger_entry *entry, struct strbuf *sql,
                        struct catalog_params *params)
{
    *params = (struct catalog_params){0};
    select_list(ledger, sql);
    if (!catalog_ledger_infos[ledger->style].single) {
        add_where(ledger, entry, sql, params);
    }
}

bool catalog_ledger_read(const struct catalog_ledger *ledger, const struct rows *rows,
                         struct arena *arena, struct catalog_ledger_list *list, struct err *err)
{
    enum {
        LEDGER_KEY,
        LEDGER_DESCRIPTION,
        LEDGER_CHECKSUM,
        LEDGER_DURATION,
        LEDGER_APPLIED,
        LEDGER_DIRTY,
        LEDGER_COLUMNS
    };
    *list = (struct catalog_ledger_list){0};
    if (!catalog_expect_columns(rows, LEDGER_COLUMNS, "the ledger", err)) {
        return false;
    }
    list->entries = arena_array(arena, rows->row_count + 1, sizeof(*list->entries));
    list->count = rows->row_count;
    for (size_t row = 0; row < rows->row_count; row++) {
        struct catalog_ledger_entry *entry = &list->entries[row];
        struct str key = catalog_cell(arena, rows, row, LEDGER_KEY);
        if (ledger->style == CATALOG_LEDGER_NODE) {
            entry->name = key;
        }
        entry->version = key;
        entry->description = catalog_cell(arena, rows, row, LEDGER_DESCRIPTION);
        entry->checksum = catalog_cell(arena, rows, row, LEDGER_CHECKSUM);
        entry->duration_ms = rows_i64(rows, row, LEDGER_DURATION, -1);
        entry->dirty = rows_bool(rows, row, LEDGER_DIRTY);
        if (!time_from_text(rows_text(rows, row, LEDGER_APPLIED), &entry->applied_at_us)) {
            entry->applied_at_us = 0;
        }
    }
    return true;
}

/*
 * A ledger whose column is a number gives "11" back for "011". Taking them for two
 * would run a migration twice, so digits are compared as numbers.
 */
static bool same_key(struct str a, struct str b)
{
    int64_t left = 0;
    int64_t right = 0;
    if (str_is(a, b)) {
        return true;
    }
    return str_to_i64(a, &left) && str_to_i64(b, &right) && left == right;
}

const struct catalog_ledger_entry *catalog_ledger_find(const struct catalog_ledger *ledger,
                                                       const struct catalog_ledger_list *list,
                                                       const struct catalog_ledger_entry *entry)
{
    struct str key = key_of(ledger, entry);
    for (size_t i = 0; i < list->count; i++) {
        const struct catalog_ledger_entry *found = &list->entries[i];
        if (catalog_ledger_infos[ledger->style].single) {
            int64_t highest = 0;
            int64_t asked = 0;
            if (str_to_i64(found->version, &highest) && str_to_i64(key, &asked) &&
                asked <= highest) {
                return found;
            }
        } else if (same_key(key_of(ledger, found), key)) {
            return found;
        }
    }
    return NULL;
}

static struct str statements_text(struct arena *arena, const struct catalog_ledger_entry *entry)
{
    if (entry->statement_count == 0) {
        return (struct str){0};
    }
    return catalog_array_text(arena, entry->statements, entry->statement_count);
}

static void add_value(const struct catalog_ledger *ledger,
                      const struct catalog_ledger_entry *entry, enum source source,
                      struct arena *arena, struct strbuf *sql, struct catalog_params *params)
{
    switch (source) {
    case FROM_KEY:
        add_param(sql, params, key_of(ledger, entry));
        break;
    case FROM_NAME:
        add_param(sql, params, entry->name);
        break;
    case FROM_DESCRIPTION:
        add_param(sql, params, entry->description);
        break;
    case FROM_CHECKSUM:
        add_param(sql, params, entry->checksum);
        break;
    case FROM_DURATION:
        /* our own number, so it needs no parameter and no memory */
        if (entry->duration_ms >= 0) {
            strbuf_i64(sql, entry->duration_ms);
        } else {
            strbuf_text(sql, "null");
        }
        break;
    case FROM_RUN:
        add_param(sql, params, entry->run_id);
        break;
    case FROM_HEAD:
        add_param(sql, params, entry->journal_head);
        break;
    case FROM_STATEMENTS:
        add_param(sql, params, statements_text(arena, entry));
        break;
    case FROM_CLOCK:
        strbuf_text(sql, "pg_catalog.clock_timestamp()");
        break;
    case FROM_ROLE:
        strbuf_text(sql, "session_user");
        break;
    case FROM_FALSE:
        strbuf_text(sql, "false");
        break;
    case FROM_DEFAULT:
        strbuf_text(sql, "default");
        break;
    }
}

/* Is this one of the columns that a statement of this ledger writes? */
static bool is_written(const struct catalog_ledger *ledger, const struct ledger_column *column)
{
    return (column->styles & (1u << ledger->style)) != 0 && column->source != FROM_DEFAULT &&
           has_column(ledger, column->column);
}

void catalog_ledger_insert(const struct catalog_ledger *ledger,
                           const struct catalog_ledger_entry *entry, struct arena *arena,
                           struct strbuf *sql, struct catalog_params *params)
{
    *params = (struct catalog_params){0};
    if (catalog_ledger_infos[ledger->style].single) {
        strbuf_text(sql, "with gone as (delete from ");
        add_table(ledger, sql);
        strbuf_text(sql, ") ");
    }
    strbuf_text(sql, "insert into ");
    add_table(ledger, sql);
    const char *comma = " (";
    for (size_t i = 0; i < COUNT_OF(ledger_columns); i++) {
        if (is_written(ledger, &ledger_columns[i])) {
            strbuf_format(sql, "%s%s", comma, ledger_columns[i].column);
            comma = ", ";
        }
    }
    comma = ") values (";
    for (size_t i = 0; i < COUNT_OF(ledger_columns); i++) {
        if (is_written(ledger, &ledger_columns[i])) {
            strbuf_text(sql, comma);
            add_value(ledger, entry, ledger_columns[i].source, arena, sql, params);
            comma = ", ";
        }
    }
    strbuf_byte(sql, ')');
}

/* Has the entry something for this column that the file may have left NULL? */
static bool is_filled(const struct catalog_ledger *ledger,
                      const struct catalog_ledger_entry *entry,
                      const struct ledger_column *column)
{
    if (!is_written(ledger, column)) {
        return false;
    }
    switch (column->source) {
    case FROM_NAME:
        return entry->name.len > 0;
    case FROM_DESCRIPTION:
        return entry->description.len > 0;
    case FROM_CHECKSUM:
        return entry->checksum.len > 0;
    case FROM_DURATION:
        return entry->duration_ms >= 0;
    case FROM_RUN:
        return entry->run_id.len > 0;
    case FROM_HEAD:
        return entry->journal_head.len > 0;
    case FROM_ROLE:
        return true;
    case FROM_KEY:
    case FROM_STATEMENTS:
    case FROM_CLOCK:
    case FROM_FALSE:
    case FROM_DEFAULT:
        return false;
    }
    return false;
}

bool catalog_ledger_fill(const struct catalog_ledger *ledger,
                         const struct catalog_ledger_entry *entry, struct strbuf *sql,
                         struct catalog_params *params)
{
    *params = (struct catalog_params){0};
    const char *comma = " set ";
    for (size_t i = 0; i < COUNT_OF(ledger_columns); i++) {
        const struct ledger_column *column = &ledger_columns[i];
        if (!is_filled(ledger, entry, column)) {
            continue;
        }
        if (comma[1] == 's') {
            strbuf_text(sql, "update ");
            add_table(ledger, sql);
        }
        strbuf_format(sql, "%s%s = coalesce(%s, ", comma, column->column, column->column);
        add_value(ledger, entry, column->source, NULL, sql, params);
        strbuf_byte(sql, ')');
        comma = ", ";
    }
    if (comma[1] == 's') {
        return false;
    }
    add_where(ledger, entry, sql, params);
    return true;
}

void catalog_ledger_remove(const struct catalog_ledger *ledger,
                           const struct catalog_ledger_entry *entry, struct str previous,
                           struct strbuf *sql, struct catalog_params *params)
{
    *params = (struct catalog_params){0};
    if (catalog_ledger_infos[ledger->style].single && previous.len > 0) {
        strbuf_text(sql, "update ");
        add_table(ledger, sql);
        strbuf_text(sql, " set dirty = false, version = ");
        add_param(sql, params, previous);
    } else {
        strbuf_text(sql, "delete from ");
        add_table(ledger, sql);
    }
    add_where(ledger, entry, sql, params);
}
