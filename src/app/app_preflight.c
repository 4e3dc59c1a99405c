/* SPDX-License-Identifier: PostgreSQL */
/*
 * `check --db`: what a run would find, asked read-only and without a run: which server,
 * what the role may do, whether the counts are what the plan starts from, whether each
 * check can be prepared, whether somebody holds a lock for long.
 */
#include "app_work.h"
#include "check.h"

enum {
    EXIT_COUNTS = 5,
    EXIT_FINDINGS = 10
};

struct preflight {
    struct arena arena;
    const struct app_plan *plan;
    const struct plan_target *target;
    struct db_params params;
    struct str search_path;
    struct str schemas;
    struct str database;       /* as the server says */
    struct catalog_counts own; /* what a ledger that gonogo made adds to them */
    struct strbuf *out;
    size_t findings;
    size_t wrong_counts;
};

static void say(struct preflight *preflight, bool well, const char *format, ...)
    PRINTF_LIKE(3, 4);

static void say(struct preflight *preflight, bool well, const char *format, ...)
{
    char text[2 * ERR_TEXT_MAX];
    va_list values;
    va_start(values, format);
    int length = vsnprintf(text, sizeof(text), format, values);
    va_end(values);
    strbuf_text(preflight->out, well ? "ok      " : "NOT OK  ");
    if (length > 0) {
        sanitise(preflight->out, str_from(text), SANITISE_LINE);
    }
    strbuf_byte(preflight->out, '\n');
    preflight->findings += well ? 0 : 1;
}

static bool ask(struct preflight *preflight, struct str sql, bool plans_path,
                const char *const *values, size_t count, struct rows *rows, struct err *err)
{
    struct question question = {
        .sql = sql,
        .values = values,
        .value_count = count,
        .search_path = plans_path ? str_text(&preflight->arena, preflight->search_path) : NULL};
    return ask_once_blocking(&preflight->params, &question, &preflight->arena, rows, err);
}

/* ----------------------------------------------------------------- identity */

static bool look_identity(struct preflight *preflight, struct err *err)
{
    struct catalog_identity identity;
    if (!ask_identity_blocking(&preflight->params, preflight->target, &preflight->arena,
                               &identity, err)) {
        return false;
    }
    preflight->database = identity.database;
    say(preflight, true, "PostgreSQL %.*s, database %.*s, role %.*s%s, system identifier %.*s",
        STR_ARG(identity.version), STR_ARG(identity.database), STR_ARG(identity.current_user),
        identity.superuser ? " (superuser)" : "", STR_ARG(identity.system_identifier));
    if (identity.in_recovery) {
        say(preflight, false,
            "the server is the standby that the plan expects: nothing can be written to it, "
            "so a run is refused");
    }
    return true;
}

/* ------------------------------------------------------------------- counts */

static void judge_count(struct preflight *preflight, struct str name, int64_t wanted,
                        int64_t actual)
{
    if (wanted == PLAN_UNSAID) {
        return;
    }
    bool well = wanted == actual;
    preflight->wrong_counts += well ? 0 : 1;
    say(preflight, well, "%.*s: %lld here, the plan starts from %lld", STR_ARG(name),
        (long long)actual, (long long)wanted);
}

static void look_query_count(struct preflight *preflight, const struct plan_count *count,
                             int64_t wanted)
{
    struct rows rows;
    struct err err = {0};
    struct str sql =
        count->file.ptr ? app_plan_bytes(preflight->plan, count->file) : count->sql;
    int64_t value = -1;
    if (!ask(preflight, sql, true, NULL, 0, &rows, &err)) {
        say(preflight, false, "%.*s: %s", STR_ARG(count->name), err.message);
    } else if (rows.row_count != 1 || rows.column_count != 1 ||
               !str_to_i64(rows_text(&rows, 0, 0), &value)) {
        say(preflight, false, "%.*s: the query gives no single number", STR_ARG(count->name));
    } else {
        judge_count(preflight, count->name, wanted, value);
    }
}

static bool look_counts(struct preflight *preflight, struct err *err)
{
    const struct plan *plan = preflight->plan->plan;
    const char *values[] = {str_text(&preflight->arena, preflight->schemas)};
    struct catalog_counts counts;
    struct rows rows;
    if (!ask(preflight, str_from(catalog_counts_query()), false, values, COUNT_OF(values),
             &rows, err) ||
        !catalog_counts_read(&rows, &counts, err)) {
        return false;
    }
    for (size_t i = 0; i < plan->state.count.count; i++) {
        const struct plan_count *count = &plan->state.count.items[i];
        int64_t wanted = plan_count_before(plan, preflight->target, count);
        enum count_kind kind;
        if (check_count_kind(count->what, &kind)) {
            judge_count(preflight, count->name, wanted,
                        counts.value[kind] - preflight->own.value[kind]);
        } else {
            look_query_count(preflight, count, wanted);
        }
    }
    return true;
}

/* ------------------------------------------------------------------- checks */

static void prepare_query(struct preflight *preflight, const char *what, struct str id,
                          struct str sql)
{
    struct rows rows;
    struct err err = {0};
    struct str text =
        str_format(&preflight->arena, "prepare gonogo_check as %.*s", STR_ARG(sql));
    if (sql.len > 0 && !ask(preflight, text, true, NULL, 0, &rows, &err)) {
        /* What the migrations will make is not there yet: told, not judged. */
        strbuf_format(preflight->out, "note    %s %.*s cannot be prepared now: ", what,
                      STR_ARG(id));
        sanitise(preflight->out, str_from(err.message), SANITISE_LINE);
        strbuf_byte(preflight->out, '\n');
    }
}

static void prepare_list(struct preflight *preflight, const struct plan_checks *checks)
{
    for (size_t i = 0; i < checks->count; i++) {
        const struct plan_check *check = &checks->items[i];
        if (check->source != PLAN_SOURCE_BUILTIN) {
            prepare_query(preflight, "check", check->id,
                          check->source == PLAN_SOURCE_FILE
                              ? app_plan_bytes(preflight->plan, check->file)
                              : check->sql);
        }
    }
}

static void prepare_checks(struct preflight *preflight)
{
    const struct plan *plan = preflight->plan->plan;
    for (size_t i = 0; i < plan->steps.count; i++) {
        prepare_list(preflight, &plan->steps.items[i].before);
        prepare_list(preflight, &plan->steps.items[i].checks);
        prepare_list(preflight, &plan->steps.items[i].after);
    }
    for (size_t i = 0; i < plan->verification.sets.count; i++) {
        prepare_list(preflight, &plan->verification.sets.items[i].checks);
    }
    for (size_t i = 0; i < plan->monitoring.probes.count; i++) {
        prepare_query(preflight, "probe", plan->monitoring.probes.items[i].id,
                      plan->monitoring.probes.items[i].sql);
    }
}

/* ------------------------------------------------------------ ledger, blockers */

/* "is there", or what becomes of it; and whether the counts leave it out. */
static const char *ledger_words(struct preflight *preflight,
                                const struct catalog_ledger *ledger)
{
    const struct plan *plan = preflight->plan->plan;
    bool listed = check_lists_new_table(plan, ledger->schema, ledger->table);
    if (ledger->exists && ledger->made && app_ledger_is_apart(plan, ledger)) {
        catalog_ledger_counts(ledger, &preflight->own);
        return "is there, gonogo made it: not counted";
    }
    return ledger->exists         ? "is there"
           : !plan->ledger.create ? "is not there, and the plan does not say \"create: true\""
           : listed               ? "is made by the first migration: counted, the plan names it"
                                  : "is made by the first migration: gonogo's own, not counted";
}

static bool look_ledger_table(struct preflight *preflight, struct err *err)
{
    struct catalog_ledger ledger;
    struct rows rows;
    if (!app_ledger(preflight->plan->plan, &preflight->arena, &ledger)) {
        say(preflight, false,
            "no ledger: after a lost COMMIT only its transaction id can tell");
        return true;
    }
    if (!ask_ledger_blocking(&preflight->params, &ledger, &preflight->arena, &rows, err)) {
        return false;
    }
    struct err why = {0};
    if (!catalog_ledger_columns_read(&ledger, &rows, &preflight->arena, &why)) {
        say(preflight, false, "ledger: %s", why.message);
    } else {
        say(preflight, ledger.exists || preflight->plan->plan->ledger.create,
            "ledger %.*s.%.*s %s", STR_ARG(ledger.schema), STR_ARG(ledger.table),
            ledger_words(preflight, &ledger));
    }
    return true;
}

/* A way back that would be refused is known before the window, not after the typed name. */
static bool look_restore(struct preflight *preflight, struct err *err)
{
    if (!plan_has_restore(preflight->plan->plan)) {
        return true;
    }
    struct rows rows;
    const char *database = str_text(&preflight->arena, preflight->database);
    const char *values[] = {database, database, ""};
    if (!ask(preflight, str_from(pgtools_obstacles_query()), false, values, COUNT_OF(values),
             &rows, err)) {
        return false;
    }
    struct str why = pgtools_lasting_obstacle(&rows, &preflight->arena);
    say(preflight, why.len == 0, "way back by restore: %.*s",
        STR_ARG(why.len == 0 ? STR("nothing is in the way of the switch") : why));
    return true;
}

static bool look_blockers(struct preflight *preflight, struct err *err)
{
    struct rows rows;
    if (!ask(preflight,
             STR("select count(*) from pg_catalog.pg_stat_activity a where a.datname = "
                 "pg_catalog.current_database() and a.pid <> pg_catalog.pg_backend_pid() and "
                 "a.xact_start < pg_catalog.clock_timestamp() - interval '1 minute'"),
             false, NULL, 0, &rows, err)) {
        return false;
    }
    int64_t count = rows_i64(&rows, 0, 0, 0);
    say(preflight, count == 0, "transactions open for longer than a minute: %lld",
        (long long)count);
    return true;
}

int app_preflight(const struct app_plan *plan, const struct plan_target *target,
                  const struct app_connection *connection, struct strbuf *out, struct err *err)
{
    struct preflight preflight = {.plan = plan, .target = target, .out = out};
    struct err own = {0};
    err = err ? err : &own;
    bool asked = app_params(target, connection, &preflight.arena, &preflight.params, err);
    if (asked) {
        preflight.search_path = app_search_path(&preflight.arena, plan->plan);
        preflight.schemas = catalog_array_text(
            &preflight.arena, plan->plan->state.schemas.items, plan->plan->state.schemas.count);
        asked = look_identity(&preflight, err) && look_ledger_table(&preflight, err) &&
                look_counts(&preflight, err) && look_restore(&preflight, err) &&
                look_blockers(&preflight, err);
    }
    if (asked) {
        prepare_checks(&preflight);
    }
    int code = !asked                       ? app_exit_code_of(err)
               : preflight.wrong_counts > 0 ? EXIT_COUNTS
               : preflight.findings > 0     ? EXIT_FINDINGS
                                            : 0;
    arena_release(&preflight.arena);
    return code;
}
