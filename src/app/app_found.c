/* SPDX-License-Identifier: PostgreSQL */
/*
 * `new --target`: what a plan that is not written yet takes from a server: who it is,
 * what it holds now, and which migrations its ledger has already. The ledgers of the
 * known tools are looked for by table and columns.
 */
#include "app_work.h"
#include "perform_look.h"

/* A table called schema_migrations belongs to one of three tools; its columns tell. */
static enum catalog_ledger_style style_of(const struct catalog_ledger *ledger)
{
    bool dirty = false;
    for (size_t i = 0; i < ledger->column_count; i++) {
        dirty = dirty || str_eq(ledger->columns[i], "dirty");
    }
    return dirty                       ? CATALOG_LEDGER_GOLANG
           : ledger->column_count == 1 ? CATALOG_LEDGER_DBMATE
                                       : CATALOG_LEDGER_PLAIN;
}

static bool find_table(struct app_found *found, const struct db_params *params,
                       enum catalog_ledger_style style, struct err *err)
{
    struct rows rows;
    struct err other = {0};
    struct str home = STR("public");
    catalog_ledger_init(&found->ledger, style, (struct str){0}, home, &found->arena);
    if (style == CATALOG_LEDGER_PLAIN) {
        found->ledger.table = STR("schema_migrations");
    }
    if (!ask_ledger_blocking(params, &found->ledger, &found->arena, &rows, err)) {
        return false;
    }
    if (!catalog_ledger_columns_read(&found->ledger, &rows, &found->arena, &other)) {
        found->ledger.exists = false; /* a table of that name that is no ledger */
    } else if (style == CATALOG_LEDGER_PLAIN) {
        found->ledger.style = style_of(&found->ledger);
    }
    return true;
}

static bool find_ledger(struct app_found *found, const struct db_params *params,
                        struct err *err)
{
    static const enum catalog_ledger_style looked_for[] = {
        CATALOG_LEDGER_SUPABASE, CATALOG_LEDGER_NODE, CATALOG_LEDGER_PLAIN};
    for (size_t i = 0; i < COUNT_OF(looked_for) && !found->ledger.exists; i++) {
        if (!find_table(found, params, looked_for[i], err)) {
            return false;
        }
    }
    return !found->ledger.exists ||
           app_ledger_rows(params, &found->ledger, &found->arena, &found->list, err);
}

static bool count(struct app_found *found, const struct db_params *params, struct err *err)
{
    struct str schema = STR("public");
    struct rows rows;
    const char *values[] = {
        str_text(&found->arena, catalog_array_text(&found->arena, &schema, 1))};
    struct question question = {.sql = str_from(catalog_counts_query()),
                                .values = values,
                                .value_count = COUNT_OF(values)};
    if (!ask_once_blocking(params, &question, &found->arena, &rows, err) ||
        !catalog_counts_read(&rows, &found->counts, err)) {
        return false;
    }
    if (found->ledger.exists && found->ledger.made && str_is(found->ledger.schema, schema)) {
        struct catalog_counts own; /* what gonogo made itself is not the plan's */
        catalog_ledger_counts(&found->ledger, &own);
        for (int kind = 0; kind < COUNT__COUNT; kind++) {
            found->counts.value[kind] -= own.value[kind];
        }
    }
    return true;
}

/* A password must not come into the plan by way of the connection string. */
bool app_word_target(const char *word, struct arena *arena, struct plan_target *target,
                     struct err *err)
{
    struct db_params params = {0};
    struct str text = str_dup(arena, str_from(word));
    if (!strchr(word, '=') && !strstr(word, "://")) {
        target->service = text;
        return true;
    }
    if (!db_conninfo_parse(text, arena, &params, err)) {
        return false;
    }
    if (db_params_get(&params, "password")) {
        err_set(err, ERR_USAGE, "the connection string of --target holds a password");
        err_hint(err, "Nothing was contacted. Use ~/.pgpass, a service file, or -W.");
        return false;
    }
    target->conninfo = text;
    return true;
}

bool app_find(const char *word, const struct app_connection *connection,
              struct app_found *found, struct err *err)
{
    struct err own = {0};
    struct db_params params = {0};
    struct plan_target target = {.expect_primary = PLAN_NOT_SAID};
    *found = (struct app_found){0};
    err = err ? err : &own;
    if (!app_word_target(word, &found->arena, &target, err)) {
        return false;
    }
    found->service = target.service;
    found->conninfo = target.conninfo;
    return app_params(&target, connection, &found->arena, &params, err) &&
           ask_identity_blocking(&params, &target, &found->arena, &found->identity, err) &&
           find_ledger(found, &params, err) && count(found, &params, err);
}

void app_found_release(struct app_found *found)
{
    arena_release(&found->arena);
    *found = (struct app_found){0};
}

bool app_found_has(const struct app_found *found, struct str version, const char *file)
{
    struct catalog_ledger_entry entry = {.version = version,
                                         .name = ledger_name_of(str_from(file))};
    return found->ledger.exists && catalog_ledger_find(&found->ledger, &found->list, &entry);
}
