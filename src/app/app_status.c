/* SPDX-License-Identifier: PostgreSQL */
/*
 * `status PLAN`: which migrations of a plan are applied, by the ledger that it names.
 * Three lists become one: what the plan has, what the ledger has, and whether the bytes
 * that were applied are the bytes that lie there now. Everything is read, nothing else.
 */
#include "app_work.h"
#include "perform_look.h"

bool app_ledger_rows(const struct db_params *params, const struct catalog_ledger *ledger,
                     struct arena *arena, struct catalog_ledger_list *list, struct err *err)
{
    struct rows rows;
    struct strbuf sql = {0};
    catalog_ledger_all(ledger, &sql);
    struct question question = {.sql = strbuf_str(&sql)};
    bool ok = ask_once_blocking(params, &question, arena, &rows, err);
    strbuf_release(&sql);
    if (!ok && err && err->kind == ERR_CHECK) {
        char why[ERR_TEXT_MAX];
        memcpy(why, err->message, sizeof(why));
        err_set(err, ERR_CHECK, "the ledger %.*s.%.*s cannot be read: %s",
                STR_ARG(ledger->schema), STR_ARG(ledger->table), why);
        err_hint(err, "Nothing was changed. The role of the target needs SELECT on that table "
                      "and USAGE on its schema.");
    }
    return ok && catalog_ledger_read(ledger, &rows, arena, list, err);
}

static bool read_ledger(const struct db_params *params, struct app_ledger_status *status,
                        struct catalog_ledger *ledger, struct catalog_ledger_list *list,
                        struct err *err)
{
    struct rows rows;
    if (!ask_ledger_blocking(params, ledger, &status->arena, &rows, err)) {
        return false;
    }
    if (!catalog_ledger_columns_read(ledger, &rows, &status->arena, err)) {
        err->kind = ERR_CHECK;
        return false;
    }
    *list = (struct catalog_ledger_list){0};
    return !ledger->exists || app_ledger_rows(params, ledger, &status->arena, list, err);
}

/* What a finding says is told once, at the migration that it is about. */
static void find_out(struct app_ledger_status *status, struct app_migration *migration,
                     struct str finding)
{
    if (migration->finding.len == 0) {
        migration->finding = finding;
        status->findings++;
    }
}

static struct catalog_ledger_entry entry_of(const struct plan_step *step)
{
    return (struct catalog_ledger_entry){.version = step->id,
                                         .name = ledger_name_of(step->file)};
}

static void compare_bytes(struct app_ledger_status *status, struct app_migration *migration,
                          const struct catalog_ledger_entry *found)
{
    enum {
        SHA256_DIGITS = 64
    };
    if (found->checksum.len != SHA256_DIGITS) {
        return; /* another tool's row, or another tool's kind of checksum */
    }
    migration->recorded = found->checksum;
    migration->changed = !str_is(found->checksum, sha256_str(&migration->sha));
    if (migration->changed) {
        find_out(status, migration,
                 STR("CHANGED SINCE APPLIED: other bytes ran than lie here now; put the old "
                     "file back, and write the change as a new migration"));
    }
}

static void add_step(struct app_ledger_status *status, const struct app_plan *plan, size_t step,
                     const struct catalog_ledger *ledger,
                     const struct catalog_ledger_list *list)
{
    const struct plan_step *planned = &plan->plan->steps.items[step];
    const struct sql_script *script = plan->step_scripts[step];
    struct str bytes = app_plan_bytes(plan, planned->file);
    struct catalog_ledger_entry entry = entry_of(planned);
    const struct catalog_ledger_entry *found =
        ledger->exists ? catalog_ledger_find(ledger, list, &entry) : NULL;
    struct app_migration *migration = &status->items[status->count++];
    *migration = (struct app_migration){.id = planned->id,
                                        .file = planned->file,
                                        .sha = sha256_of(bytes),
                                        .bytes = bytes.len,
                                        .statements = script ? script->count : 0,
                                        .in_plan = true,
                                        .applied = found != NULL};
    status->applied += found ? 1 : 0;
    status->pending += found ? 0 : 1;
    if (!found) {
        return;
    }
    migration->applied_at_us = found->applied_at_us;
    if (found->dirty) {
        find_out(status, migration,
                 STR("the ledger says \"dirty\": its last run failed half-way; look at the "
                     "database, then put the ledger right with the tool that wrote it"));
    }
    compare_bytes(status, migration, found);
}

/* Versions are numbers where they can be, as in the ledger's own rule. */
static bool is_behind(struct str version, struct str other)
{
    int64_t left = 0;
    int64_t right = 0;
    if (str_to_i64(version, &left) && str_to_i64(other, &right)) {
        return left > right;
    }
    return str_compare(version, other) > 0;
}

static bool is_in_plan(const struct app_plan *plan, const struct catalog_ledger *ledger,
                       const struct catalog_ledger_entry *applied)
{
    struct catalog_ledger_list one = {.entries = (struct catalog_ledger_entry *)applied,
                                      .count = 1};
    bool single = catalog_ledger_infos[ledger->style].single;
    for (size_t i = 0; i < plan->plan->steps.count; i++) {
        struct catalog_ledger_entry entry = entry_of(&plan->plan->steps.items[i]);
        bool named = !single || (!is_behind(applied->version, entry.version) &&
                                 !is_behind(entry.version, applied->version));
        if (plan->plan->steps.items[i].kind == PLAN_STEP_MIGRATION && named &&
            catalog_ledger_find(ledger, &one, &entry)) {
            return true;
        }
    }
    return false;
}

static struct str first_version(const struct app_plan *plan,
                                const struct catalog_ledger *ledger)
{
    for (size_t i = 0; i < plan->plan->steps.count; i++) {
        if (plan->plan->steps.items[i].kind == PLAN_STEP_MIGRATION) {
            struct catalog_ledger_entry entry = entry_of(&plan->plan->steps.items[i]);
            return ledger->style == CATALOG_LEDGER_NODE ? entry.name : entry.version;
        }
    }
    return (struct str){0};
}

/* Older migrations than the plan's are as they should be; a newer one is somebody else's. */
static void add_strangers(struct app_ledger_status *status, const struct app_plan *plan,
                          const struct catalog_ledger *ledger,
                          const struct catalog_ledger_list *list)
{
    struct str first = first_version(plan, ledger);
    for (size_t i = 0; i < list->count; i++) {
        const struct catalog_ledger_entry *entry = &list->entries[i];
        if (is_in_plan(plan, ledger, entry)) {
            continue;
        }
        struct app_migration *migration = &status->items[status->count++];
        *migration = (struct app_migration){.id = entry->version,
                                            .recorded = entry->checksum,
                                            .applied_at_us = entry->applied_at_us,
                                            .applied = true};
        status->applied++;
        if (first.len > 0 && is_behind(entry->version, first)) {
            find_out(status, migration,
                     STR("applied, not in this plan, and newer than its first migration: ask "
                         "whose it is before anything runs"));
        }
    }
}

/* A migration that waits although one behind it ran would run out of its order. */
static void find_gaps(struct app_ledger_status *status)
{
    const struct app_migration *later = NULL;
    for (size_t i = status->count; i > 0; i--) {
        struct app_migration *migration = &status->items[i - 1];
        if (migration->in_plan && migration->applied) {
            later = migration;
        } else if (migration->in_plan && later) {
            find_out(status, migration,
                     str_format(&status->arena,
                                "pending, though %.*s behind it is applied: out of order",
                                STR_ARG(later->id)));
        }
    }
}

static void judge_table(struct app_ledger_status *status, bool create)
{
    if (!status->exists && !create) {
        status->findings++;
        status->finding = STR("the table is not there, and the plan does not say \"create: "
                              "true\": no migration can be recorded");
    }
}

static bool look(const struct app_plan *plan, const struct db_params *params,
                 struct catalog_ledger *ledger, struct app_ledger_status *status,
                 struct err *err)
{
    struct catalog_ledger_list list;
    if (!read_ledger(params, status, ledger, &list, err)) {
        return false;
    }
    size_t room = plan->plan->steps.count + list.count + 1;
    status->items = arena_array(&status->arena, room, sizeof(*status->items));
    status->exists = ledger->exists;
    add_strangers(status, plan, ledger, &list);
    for (size_t i = 0; i < plan->plan->steps.count; i++) {
        if (plan->plan->steps.items[i].kind == PLAN_STEP_MIGRATION) {
            add_step(status, plan, i, ledger, &list);
        }
    }
    find_gaps(status);
    judge_table(status, plan->plan->ledger.create);
    return true;
}

bool app_ledger_look(const struct app_plan *plan, const struct plan_target *target,
                     const struct app_connection *connection, struct app_ledger_status *status,
                     struct err *err)
{
    struct err own = {0};
    struct db_params params = {0};
    struct catalog_ledger ledger;
    struct catalog_identity identity;
    *status = (struct app_ledger_status){0};
    err = err ? err : &own;
    if (!app_ledger(plan->plan, &status->arena, &ledger)) {
        err_set(err, ERR_USAGE,
                "the plan names no ledger that can be read, so nothing tells "
                "what is applied");
        err_hint(err, "Nothing was contacted. Add `ledger: { table: schema_migrations, style: "
                      "plain }` to the plan.");
        return false;
    }
    status->style = catalog_ledger_infos[ledger.style].word;
    status->table =
        str_format(&status->arena, "%.*s.%.*s", STR_ARG(ledger.schema), STR_ARG(ledger.table));
    if (!app_params(target, connection, &status->arena, &params, err) ||
        !ask_identity_blocking(&params, target, &status->arena, &identity, err)) {
        return false;
    }
    status->version = identity.version;
    status->database = identity.database;
    status->role = identity.current_user;
    return look(plan, &params, &ledger, status, err);
}

void app_ledger_status_release(struct app_ledger_status *status)
{
    arena_release(&status->arena);
    *status = (struct app_ledger_status){0};
}
