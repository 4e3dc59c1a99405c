/* SPDX-License-Identifier: PostgreSQL */
/*
 * D: what destroys, and what changes rows.
 */
#include "outcome.h"

enum {
    BIG_ROWS = 1000000,
};

static bool is_change(enum sql_form form)
{
    return form == SQL_FORM_INSERT || form == SQL_FORM_UPDATE || form == SQL_FORM_DELETE ||
           form == SQL_FORM_MERGE || form == SQL_FORM_COPY_FROM;
}

/* ", 1,204 rows", or nothing. */
static struct str rows_words(struct lint *lint, const struct lint_relation *relation)
{
    struct str size = world_size(lint, relation);
    return size.len == 0 ? size : str_format(lint->arena, ", %.*s", STR_ARG(size));
}

/* Made by a file of this plan that runs forward: an undo file takes back what it should. */
static bool takes_back_own_work(const struct lint *lint, const struct step *step)
{
    return lint->file->is_undo &&
           (history_last(lint, SQL_FORM_CREATE_TABLE, step->object, STR("")) ||
            history_last(lint, SQL_FORM_CREATE_SCHEMA, step->object, STR("")));
}

static bool drops_data(enum sql_form form)
{
    return form == SQL_FORM_DROP_TABLE || form == SQL_FORM_DROP_SCHEMA ||
           form == SQL_FORM_DROP_DATABASE || form == SQL_FORM_DROP_TYPE ||
           form == SQL_FORM_DROP_OWNED || form == SQL_FORM_DROP_SEQUENCE;
}

static void drop_of_data(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    if (!drops_data(action->form) || step->is_new) {
        return;
    }
    struct str name = report_name(lint, action);
    struct lint_finding *finding =
        report_finding(lint, step, "D1", "%s %.*s%.*s: only a backup brings it back",
                       sql_form_row(action->form)->command, STR_ARG(name),
                       STR_ARG(rows_words(lint, step->relation)));
    if (takes_back_own_work(lint, step)) {
        finding->severity = LINT_MEDIUM;
        finding->message = str_format(
            lint->arena, "takes %.*s back: rows written since it was made go with it",
            STR_ARG(name));
    } else if (victims_all_named(lint, step, action->kind)) {
        finding->severity = LINT_HIGH;
    }
    if (!step->relation && !world_knows(lint, LINT_NEEDS_TABLES)) {
        finding->unknown = STR("how many rows go, and what depends on it");
        finding->unknown_besides = STR("what depends on it");
    }
}

/* What the server was not asked, or does not tell, of those that depend on it. */
static struct str unseen_words(const struct lint *lint, const struct step *step)
{
    enum sql_form form = step->action->form;
    if (step->relation) {
        return STR("");
    }
    if (!world_knows(lint, LINT_NEEDS_TABLES)) {
        return STR("what depends on it");
    }
    return form == SQL_FORM_DROP_SCHEMA ? STR("which functions and types stand in it")
           : form == SQL_FORM_DROP_TYPE || form == SQL_FORM_DROP_DOMAIN
               ? STR("which functions use it")
               : STR("what depends on it");
}

/* Of a plain index nothing hangs; a key of others may hang on a unique one. */
static bool is_plain_index(const struct lint *lint, const struct step *step)
{
    const struct lint_relation *table =
        step->action->form == SQL_FORM_DROP_INDEX ||
                step->action->form == SQL_FORM_DROP_INDEX_CONCURRENTLY
            ? world_table_of_index(lint, step->object)
            : NULL;
    for (size_t i = 0; table && i < table->index_count; i++) {
        if (str_is(table->indexes[i].name, step->object.name)) {
            return !table->indexes[i].unique;
        }
    }
    return false;
}

static void unseen_victims(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    if (!action->cascade || action->form == SQL_FORM_TRUNCATE || step->is_new ||
        is_plain_index(lint, step)) {
        return;
    }
    struct str victims = victims_words(lint, step);
    if (step->relation && victims.len == 0) {
        return; /* nothing hangs on it: CASCADE changes nothing */
    }
    const char *what = action->form == SQL_FORM_REVOKE || action->form == SQL_FORM_REVOKE_ROLE
                           ? "takes the right from whoever was given it on"
                           : "drops whatever depends on it";
    struct lint_finding *finding =
        victims.len > 0
            ? report_finding(lint, step, "D2", "CASCADE drops %.*s as well", STR_ARG(victims))
            : report_finding(lint, step, "D2", "CASCADE %s", what);
    finding->unknown = unseen_words(lint, step);
    if (step->relation && victims_hanging_are_named(lint, step)) {
        finding->severity = LINT_HIGH;
    }
}

static void truncated(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    if (action->form != SQL_FORM_TRUNCATE || step->is_new) {
        return;
    }
    struct str name = report_name(lint, action);
    struct strbuf others = {0};
    for (size_t i = 0;
         action->cascade && step->relation && i < step->relation->referenced_by_count; i++) {
        struct str other = sql_name_written(lint->arena, step->relation->referenced_by[i]);
        strbuf_format(&others, "%s%.*s", i > 0 ? ", " : ", and with CASCADE of ",
                      STR_ARG(other));
    }
    struct lint_finding *finding = report_finding(
        lint, step, "D3", "TRUNCATE deletes every row of %.*s%.*s%.*s", STR_ARG(name),
        STR_ARG(rows_words(lint, step->relation)), STR_ARG(strbuf_str(&others)));
    strbuf_release(&others);
    if (victims_all_named(lint, step, "table")) {
        finding->severity = LINT_HIGH;
    }
    if (!step->relation && action->cascade) {
        finding->unknown = STR("which tables point at it");
    }
}

static void whole_table_changed(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    bool whole = (action->form == SQL_FORM_UPDATE || action->form == SQL_FORM_DELETE) &&
                 action->change &&
                 (!action->change->where.present || action->change->where.always_true);
    if (!whole || step->is_new) {
        return;
    }
    struct str name = report_name(lint, action);
    bool update = action->form == SQL_FORM_UPDATE;
    struct lint_finding *finding = report_finding(
        lint, step, "D4", "%s %s: it %s every row of %.*s%.*s",
        update ? "this UPDATE" : "this DELETE",
        action->change->where.present ? "has a WHERE that is always true" : "has no WHERE",
        update ? "writes" : "removes", STR_ARG(name),
        STR_ARG(rows_words(lint, step->relation)));
    report_by_size(lint, finding, step);
}

static void rows_behind_ddl(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    enum sql_lock lock = history_lock_on(lint, step->object);
    if (!is_change(action->form) || !lint->in_transaction || step->is_new ||
        lock < SQL_LOCK_SHARE_ROW_EXCLUSIVE) {
        return;
    }
    struct str name = report_name(lint, action);
    struct lint_finding *finding =
        report_finding(lint, step, "D5", "%s is held on %.*s while its rows are changed",
                       sql_lock_words(lock), STR_ARG(name));
    report_by_size(lint, finding, step);
}

static void big_backfill(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    if ((action->form != SQL_FORM_UPDATE && action->form != SQL_FORM_DELETE) ||
        !step->relation || step->relation->rows < BIG_ROWS) {
        return;
    }
    struct str name = report_name(lint, action);
    report_finding(lint, step, "D6",
                   "one statement over %.*s%.*s: WAL, replica lag and dead rows in one go",
                   STR_ARG(name), STR_ARG(rows_words(lint, step->relation)));
}

static bool is_forced(const struct lint *lint, const struct step *step)
{
    const struct past *forced = history_last(lint, SQL_FORM_FORCE_RLS, step->object, STR(""));
    const struct past *freed = history_last(lint, SQL_FORM_NO_FORCE_RLS, step->object, STR(""));
    if (forced || freed) {
        return forced && (!freed || forced > freed);
    }
    return step->relation && step->relation->rls_enabled &&
           (step->relation->rls_forced ||
            (lint->context->role.len > 0 && step->relation->owner.len > 0 &&
             !str_is(lint->context->role, step->relation->owner)));
}

static void rows_that_policies_hide(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    bool reads_rows = action->form == SQL_FORM_UPDATE || action->form == SQL_FORM_DELETE ||
                      action->form == SQL_FORM_MERGE;
    bool exempt = lint->context->role_superuser || lint->context->role_bypass_rls;
    if (!reads_rows || !world_knows(lint, LINT_NEEDS_ROLE) || exempt ||
        !is_forced(lint, step) ||
        str_eq(history_setting(lint, LINT_SETTING_ROW_SECURITY), "off")) {
        return;
    }
    struct str name = report_name(lint, action);
    struct lint_finding *finding = report_finding(
        lint, step, "D7",
        "policies of %.*s hold for %.*s: this may match no row at all and shows success",
        STR_ARG(name), STR_ARG(lint->context->role));
    finding->safer = STR("SET LOCAL row_security = off;  -- then it is an error instead");
}

static void count_changes(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    bool chosen = action->form == SQL_FORM_UPDATE || action->form == SQL_FORM_DELETE ||
                  action->form == SQL_FORM_MERGE;
    if (chosen && action->depth == 0) {
        report_count(&lint->tally.changes_rows, step);
    }
}

static void no_expected_rows(struct lint *lint, const struct step *step)
{
    (void)step;
    const struct first *first = &lint->tally.changes_rows;
    if (first->count == 0 || lint->file->alone || lint->file->has_rows_expectation) {
        return;
    }
    (void)report_first(
        lint, first, "D8",
        "how many rows the %s should change is not in the plan; its step can say "
        "it: rows: { statement: %zu, at_least: 1, at_most: 500 }",
        first->command, first->at.statement + 1);
}

static void copy_without_its_guards(struct lint *lint, const struct step *step)
{
    const struct sql_view *view = step->action->view;
    if (step->action->form == SQL_FORM_CREATE_TABLE_AS && !step->action->temporary &&
        !(view && view->query.relation_count == 0)) {
        struct str name = report_name(lint, step->action);
        report_finding(lint, step, "D9",
                       "%.*s gets rows, but no keys, no defaults, no grants and no row level "
                       "security of where they come from",
                       STR_ARG(name));
    }
}

static bool gives_writing(const struct sql_grant *grant)
{
    static const char *const writes[] = {"insert", "update", "delete", "truncate"};
    for (size_t i = 0; i < grant->privilege_count; i++) {
        for (size_t j = 0; j < COUNT_OF(writes); j++) {
            if (str_eq(grant->privileges[i], writes[j])) {
                return true;
            }
        }
    }
    return false;
}

static bool is_for_everybody(const struct sql_grant *grant)
{
    for (size_t i = 0; i < grant->role_count; i++) {
        if (str_eq(grant->roles[i], "public") || str_eq(grant->roles[i], "anon")) {
            return true;
        }
    }
    return false;
}

/* Why a grant is more than somebody's access; NULL: it is not. */
static const char *too_much(const struct sql_grant *grant)
{
    bool all = is_for_everybody(grant);
    return all && grant->privilege_count == 0 ? "everybody may do everything"
           : all && gives_writing(grant)      ? "everybody may write"
           : all && grant->whole_schema       ? "everybody may, in every table"
           : grant->with_grant_option         ? "they may pass it on"
                                              : NULL;
}

static const char *access_words(enum sql_form form)
{
    return form == SQL_FORM_GRANT    ? "GRANT on"
           : form == SQL_FORM_REVOKE ? "REVOKE on"
                                     : sql_form_row(form)->command;
}

/* A name alone leaves the reader guessing what it is of; a table, as most are, needs no word.
 */
static struct str owned_words(struct lint *lint, const struct sql_action *action)
{
    struct str name = report_name(lint, action);
    bool told = action->kind[0] == '\0' || strcmp(action->kind, "table") == 0 ||
                action->form == SQL_FORM_REASSIGN_OWNED;
    return told ? name
                : str_format(lint->arena, "%s%s%.*s", action->kind, name.len > 0 ? " " : "",
                             STR_ARG(name));
}

/* " to app, reader", " from public"; empty when nobody is named. */
static struct str roles_words(struct lint *lint, const struct sql_grant *grant)
{
    if (!grant || grant->role_count == 0) {
        return STR("");
    }
    struct str roles = report_columns(lint, grant->roles, grant->role_count);
    return str_format(lint->arena, " %s %.*s", grant->revoke ? "from" : "to", STR_ARG(roles));
}

static void access_changes(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    const struct sql_grant *grant = action->grant;
    bool owner = action->form == SQL_FORM_CHANGE_OWNER ||
                 action->form == SQL_FORM_CHANGE_OWNER_OTHER ||
                 action->form == SQL_FORM_REASSIGN_OWNED;
    bool takes =
        owner || action->form == SQL_FORM_REVOKE || action->form == SQL_FORM_REVOKE_ROLE;
    bool gives = (action->form == SQL_FORM_GRANT && !step->is_new) ||
                 action->form == SQL_FORM_GRANT_ROLE ||
                 action->form == SQL_FORM_ALTER_DEFAULT_PRIVILEGES;
    const char *broad = grant && !takes ? too_much(grant) : NULL;
    /* Nobody misses what nobody could see before. */
    if ((!takes && !gives && !broad) || (takes && step->is_new)) {
        return;
    }
    struct str name = owner ? owned_words(lint, action) : report_name(lint, action);
    const char *so = broad   ? broad
                     : takes ? "somebody may lose access that the application needs"
                             : "somebody gets access";
    struct lint_finding *finding =
        owner && action->form != SQL_FORM_REASSIGN_OWNED
            ? report_finding(lint, step, "D10", "%.*s gets another owner, %.*s: %s",
                             STR_ARG(name), STR_ARG(action->renamed), so)
            : report_finding(lint, step, "D10", "%s%s%.*s%.*s: %s", access_words(action->form),
                             name.len > 0 ? " " : "", STR_ARG(name),
                             STR_ARG(roles_words(lint, grant)), so);
    if (!takes && !broad) {
        finding->severity = LINT_LOW;
    }
}

static bool drops_code(enum sql_form form)
{
    return form == SQL_FORM_DROP_VIEW || form == SQL_FORM_DROP_MATERIALIZED_VIEW ||
           form == SQL_FORM_DROP_ROUTINE || form == SQL_FORM_DROP_EXTENSION ||
           form == SQL_FORM_DROP_DOMAIN || form == SQL_FORM_DROP_FOREIGN_TABLE;
}

/* What was dropped is made again before anybody could miss it. */
static void made_again(struct lint *lint, const struct step *step)
{
    static const enum sql_form makes[] = {
        SQL_FORM_CREATE_VIEW,      SQL_FORM_REPLACE_VIEW,    SQL_FORM_CREATE_MATERIALIZED_VIEW,
        SQL_FORM_CREATE_ROUTINE,   SQL_FORM_REPLACE_ROUTINE, SQL_FORM_CREATE_FOREIGN_TABLE,
        SQL_FORM_CREATE_EXTENSION, SQL_FORM_CREATE_DOMAIN,
    };
    bool makes_it = false;
    for (size_t i = 0; i < COUNT_OF(makes); i++) {
        makes_it |= step->action->form == makes[i];
    }
    struct lint_finding *dropped =
        makes_it && lint->in_transaction ? report_kept(lint, "D11", step->object, true) : NULL;
    if (!dropped || dropped->severity != LINT_HIGH) {
        return;
    }
    dropped->severity = LINT_LOW;
    dropped->unknown = STR("");
    dropped->message = str_format(
        lint->arena,
        "%s %.*s goes, and is made again by statement %zu: rights that were granted on it are "
        "gone%s",
        step->action->kind, STR_ARG(dropped->object), step->index + 1,
        step->action->routine ? "; whoever calls it with other arguments finds nothing" : "");
}

static void drop_of_code(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    made_again(lint, step);
    if (!drops_code(action->form) || step->is_new ||
        (step->relation && step->relation->dependent_count == 0)) {
        return;
    }
    struct str name = report_name(lint, action);
    struct str users = victims_words(lint, step);
    struct lint_finding *finding = report_finding(
        lint, step, "D11",
        users.len > 0 ? "%s %.*s goes, and is used by %.*s" : "%s %.*s goes: %.*s",
        action->kind, STR_ARG(name),
        STR_ARG(users.len > 0 ? users : STR("whoever uses it gets an error")));
    if (!step->relation) {
        finding->unknown = STR("who uses it");
    }
    if (!action->cascade) {
        report_keep(lint, finding, step->object);
    }
}

static void secret_in_the_file(struct lint *lint, const struct step *step)
{
    const struct sql_role *role = step->action->role;
    if (!role || !role->password) {
        return;
    }
    struct lint_finding *finding = report_finding(
        lint, step, "D12",
        role->password_plain
            ? "a password in clear: it is in this file, in the server's log and in backups"
            : "a password's hash stands in this file and in the server's log");
    if (role->password_plain) {
        finding->severity = LINT_BLOCK;
    }
}

static const struct rule_row rows[] = {
    {
        .rule =
            {"D1", "DROP TABLE, SCHEMA, DATABASE, TYPE, OWNED", LINT_BLOCK, LINT_NEEDS_TABLES,
             "Something that holds rows, or that rows are made of, is dropped.",
             "There is no undo but a restore, and a restore loses what was written since.",
             "Rename it, wait until nobody has missed it, dump it, then drop it. Name it in "
             "the plan's changes.",
             "ALTER TABLE table_name RENAME TO table_name_until_2026_12;",
             "It was made earlier in the same plan. HIGH when the plan names it."},
        .on_action = drop_of_data,
    },
    {
        .rule =
            {"D2", "CASCADE", LINT_BLOCK, LINT_NEEDS_TABLES, "DROP or REVOKE with CASCADE.",
             "It also drops views, keys, policies and functions that nobody named.",
             "Drop the dependents by name first; then CASCADE is not needed, and what is not "
             "expected is an error.",
             "DROP VIEW view_name;\nDROP TABLE table_name;",
             "The server says that nothing depends on it. HIGH when the plan names every "
             "victim."},
        .on_action = unseen_victims,
    },
    {
        .rule = {"D3", "TRUNCATE", LINT_BLOCK, LINT_NEEDS_TABLES,
                 "A table is emptied; with CASCADE all tables that point at it, too.",
                 "Only a backup brings the rows back; no trigger and no policy looks at them.",
                 "Copy the rows first; name the table in the plan; never CASCADE.",
                 "CREATE TABLE table_name_copy (LIKE table_name INCLUDING ALL);\n"
                 "INSERT INTO table_name_copy SELECT * FROM table_name;",
                 "The table was made earlier in the same plan. HIGH when the plan names it."},
        .on_action = truncated,
    },
    {
        .rule = {"D4", "UPDATE or DELETE of every row", LINT_HIGH, LINT_NEEDS_TABLES,
                 "No WHERE, or one that is always true.",
                 "Every row is written again: WAL, bloat, replica lag, and row locks until "
                 "COMMIT.",
                 "Batches by key, each in its own transaction.",
                 "UPDATE table_name SET column_name = 0 WHERE id BETWEEN 1 AND 10000;",
                 "The table is small, or new in this plan."},
        .on_action = whole_table_changed,
    },
    {
        .rule = {"D5", "rows changed behind DDL of the same table", LINT_HIGH,
                 LINT_NEEDS_TABLES,
                 "Rows are changed in the transaction that altered the table before.",
                 "ALTER TABLE took its lock, and it stays through the whole change.",
                 "Two files: the ALTER TABLE alone, then the rows.", "",
                 "The table is small, or new in this plan."},
        .on_action = rows_behind_ddl,
    },
    {
        .rule = {"D6", "backfill of a large table in one statement", LINT_HIGH,
                 LINT_NEEDS_TABLES, "UPDATE or DELETE on a table of more than a million rows.",
                 "All of it is one transaction: WAL all at once, replicas fall behind, vacuum "
                 "cannot clean until COMMIT.",
                 "Batches with a pause between them, and a look at the replicas.",
                 "UPDATE table_name SET column_name = 0 WHERE id BETWEEN 1 AND 10000;",
                 "Its WHERE chooses few rows by an index: say so in a waiver."},
        .on_action = big_backfill,
    },
    {
        .rule = {"D7", "row level security hides the rows", LINT_BLOCK,
                 LINT_NEEDS_ROLE | LINT_NEEDS_TABLES,
                 "UPDATE or DELETE by a role that the table's policies hold for.",
                 "Rows that no policy shows are not matched: zero rows, success.",
                 "Run it as a role with BYPASSRLS, or set row_security = off so that it is an "
                 "error, and expect a number of rows in the plan.",
                 "SET LOCAL row_security = off;",
                 "The role owns the table and it is not forced, or has BYPASSRLS."},
        .on_action = rows_that_policies_hide,
    },
    {
        .rule = {"D8", "no expectation how many rows", LINT_MEDIUM, LINT_NEEDS_NOTHING,
                 "UPDATE, DELETE or MERGE in a step that says nothing about rows.",
                 "Zero rows and ten million rows both show success.",
                 "Say in the plan how many; the run looks before COMMIT.",
                 "rows: { statement: 3, at_least: 1, at_most: 500 }",
                 "The step has an expectation."},
        .on_action = count_changes,
        .on_file = no_expected_rows,
    },
    {
        .rule = {"D9", "copy of a table by CREATE TABLE AS", LINT_MEDIUM, LINT_NEEDS_TABLES,
                 "CREATE TABLE ... AS or SELECT INTO.",
                 "The copy has the rows and nothing else: no keys, no grants, no row level "
                 "security; what was protected may now be readable.",
                 "Make the table with LIKE ... INCLUDING ALL, enable row level security, then "
                 "insert.",
                 "CREATE TABLE copy (LIKE original INCLUDING ALL);\n"
                 "ALTER TABLE copy ENABLE ROW LEVEL SECURITY;\n"
                 "INSERT INTO copy SELECT * FROM original;",
                 "It is a temporary table, or its rows are of no table."},
        .on_action = copy_without_its_guards,
    },
    {
        .rule = {"D10", "rights or owner change", LINT_HIGH, LINT_NEEDS_ROLE,
                 "GRANT, REVOKE, OWNER TO, default privileges.",
                 "Who may read or write is different after COMMIT, and statements of those who "
                 "lost access fail at once.",
                 "List the effective rights before and after; give single rights to single "
                 "roles.",
                 "", "Rights on a table that is new in this plan."},
        .on_action = access_changes,
    },
    {
        .rule = {"D11", "DROP of a view, function or extension in use", LINT_HIGH,
                 LINT_NEEDS_TABLES, "Code that others may call is dropped.",
                 "Whoever calls it gets an error from COMMIT on.",
                 "CREATE OR REPLACE where the columns or arguments stay; else drop in the same "
                 "transaction in which the new one is made.",
                 "", "The server says that nothing depends on it."},
        .on_action = drop_of_code,
    },
    {
        .rule = {"D12", "password in the file", LINT_HIGH, LINT_NEEDS_NOTHING,
                 "CREATE ROLE or ALTER ROLE with PASSWORD.",
                 "The literal is in version control, in the server's log and in "
                 "pg_stat_statements.",
                 "Set it by \\password of psql or from a secret store, outside of the plan.",
                 "", "PASSWORD NULL."},
        .on_action = secret_in_the_file,
    },
};

const struct rule_table rules_of_data = {rows, COUNT_OF(rows)};
