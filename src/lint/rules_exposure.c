/* SPDX-License-Identifier: PostgreSQL */
/*
 * R9 to R17: ways past the policies, and what policies cost.
 */
#include "lint_private.h"

enum {
    SECURITY_INVOKER_SINCE = 15,
};

static bool reads_secured_table(const struct lint *lint, const struct sql_view *view,
                                struct sql_name *which)
{
    for (size_t i = 0; i < view->query.relation_count; i++) {
        struct sql_name name = world_resolve(lint, view->query.relations[i]);
        const struct lint_relation *relation = world_relation(lint, name);
        if ((relation && relation->rls_enabled) ||
            history_last(lint, SQL_FORM_ENABLE_RLS, name, STR(""))) {
            *which = view->query.relations[i];
            return true;
        }
    }
    return false;
}

/* ALTER VIEW ... SET, RESET (security_invoker): what it is from now on; unknown: not its. */
static enum sql_fact invoker_altered(const struct sql_action *action)
{
    const struct sql_setting *setting = action->setting;
    if (action->form != SQL_FORM_SET_VIEW_OPTIONS || !setting ||
        !str_eq(setting->name, "security_invoker")) {
        return SQL_UNKNOWN;
    }
    bool on = str_eq(setting->value, "true") || str_eq(setting->value, "on") ||
              str_eq(setting->value, "yes") || str_eq(setting->value, "1") ||
              setting->value.len == 0;
    return on && !setting->reset ? SQL_YES : SQL_NO;
}

static void invoker_switched(struct lint *lint, const struct step *step)
{
    enum sql_fact invoker = invoker_altered(step->action);
    if (invoker == SQL_YES) {
        report_withdraw(lint, "R9", step->object);
    } else if (invoker == SQL_NO && !step->is_new) {
        struct str name = report_name(lint, step->action);
        report_finding(lint, step, "R9",
                       "%.*s shows rows as its owner sees them from COMMIT on: policies of "
                       "whoever reads it are not asked",
                       STR_ARG(name))
            ->unknown = STR("whether row level security is on for what it reads");
    }
}

static void view_past_the_policies(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    invoker_switched(lint, step);
    bool materialized = action->form == SQL_FORM_CREATE_MATERIALIZED_VIEW;
    struct sql_name secured;
    if (!action->view || action->form == SQL_FORM_CREATE_TABLE_AS ||
        (action->view->security_invoker == SQL_YES && !materialized) ||
        !reads_secured_table(lint, action->view, &secured)) {
        return;
    }
    struct str name = report_name(lint, action);
    struct str table = sql_name_written(lint->arena, secured);
    struct lint_finding *finding = report_finding(
        lint, step, "R9", "%.*s shows rows of %.*s as its owner sees them, past its policies",
        STR_ARG(name), STR_ARG(table));
    int major = world_major(lint);
    if (!materialized && (major == 0 || major >= SECURITY_INVOKER_SINCE)) {
        finding->safer = str_format(
            lint->arena, "ALTER VIEW %.*s SET (security_invoker = true);", STR_ARG(name));
    }
    report_keep(lint, finding, step->object);
}

static void view_of_accounts(struct lint *lint, const struct step *step)
{
    const struct sql_view *view = step->action->view;
    for (size_t i = 0; view && i < view->query.relation_count; i++) {
        if (str_eq(view->query.relations[i].schema, "auth") &&
            str_eq(view->query.relations[i].name, "users")) {
            struct str name = report_name(lint, step->action);
            report_finding(lint, step, "R10",
                           "%.*s shows auth.users: addresses and sign-ins of "
                           "every user",
                           STR_ARG(name));
            return;
        }
    }
}

static void path_taken_away(struct lint *lint, const struct step *step)
{
    struct str name = report_name(lint, step->action);
    struct lint_finding *finding =
        report_finding(lint, step, "R11",
                       "%.*s has no search_path of its own from COMMIT on: with its owner's "
                       "rights it would find what its caller wants",
                       STR_ARG(name));
    finding->severity = LINT_MEDIUM;
    finding->unknown = STR("whether it runs with its owner's rights");
}

static void definer_without_path(struct lint *lint, const struct step *step)
{
    const struct sql_routine *routine = step->action->routine;
    if (routine && routine->search_path_set) {
        report_withdraw(lint, "R11",
                        step->object); /* of this very routine, or of its namesake */
    }
    if (routine && routine->search_path_reset) {
        path_taken_away(lint, step);
    }
    if (!routine || !routine->security_definer || routine->search_path_set) {
        return;
    }
    struct str name = report_name(lint, step->action);
    struct lint_finding *finding =
        report_finding(lint, step, "R11",
                       "%.*s runs with its owner's rights and with the caller's search_path: "
                       "the caller decides "
                       "which tables and functions it finds",
                       STR_ARG(name));
    finding->safer = str_format(lint->arena,
                                "ALTER ROUTINE %.*s SET search_path = pg_catalog, pg_temp;\n"
                                "REVOKE EXECUTE ON ROUTINE %.*s FROM public;",
                                STR_ARG(name), STR_ARG(name));
    report_keep(lint, finding, step->object);
}

static bool is_for(const struct sql_policy *policy, const char *role)
{
    for (size_t i = 0; i < policy->role_count; i++) {
        if (str_eq(policy->roles[i], role)) {
            return true;
        }
    }
    return false;
}

static void policy_for_anybody(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    const struct sql_policy *policy = action->policy;
    if (action->form != SQL_FORM_CREATE_POLICY || !policy) {
        return;
    }
    bool storage = str_eq(action->object.schema, "storage") &&
                   str_eq(action->object.name, "objects") && policy->command == 'r';
    bool writes = policy->command != 'r' && is_for(policy, "anon");
    if (storage || writes) {
        report_finding(lint, step, "R12",
                       storage ? "policy %.*s lets its roles list every file name of the bucket"
                               : "policy %.*s lets people write who never signed in",
                       STR_ARG(action->part));
    }
}

static void key_to_the_platform(struct lint *lint, const struct step *step)
{
    const struct sql_constraint *key = step->action->constraint;
    bool platform =
        key && key->kind == SQL_CONSTRAINT_FOREIGN_KEY &&
        (str_eq(key->references.schema, "auth") || str_eq(key->references.schema, "storage"));
    if (platform && key->reference_count > 0 && !str_eq(key->reference_columns[0], "id")) {
        struct str other = sql_name_written(lint->arena, key->references);
        report_finding(lint, step, "R13",
                       "the key points at %.*s (%.*s), a unique key that the platform owns and "
                       "may change",
                       STR_ARG(other), STR_ARG(key->reference_columns[0]));
    }
}

static bool is_policy_work(enum sql_form form)
{
    return form == SQL_FORM_CREATE_POLICY || form == SQL_FORM_ALTER_POLICY ||
           form == SQL_FORM_DROP_POLICY || form == SQL_FORM_ENABLE_RLS ||
           form == SQL_FORM_FORCE_RLS;
}

static void policy_work_on_a_used_table(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    if (!is_policy_work(action->form) || step->is_new) {
        return;
    }
    const struct past *dropped =
        action->form == SQL_FORM_CREATE_POLICY
            ? history_last(lint, SQL_FORM_DROP_POLICY, step->object, step->part)
            : NULL;
    struct str name = report_name(lint, action);
    if (dropped && dropped->transaction != lint->transaction) {
        report_finding(
            lint, step, "R14",
            "%.*s was dropped by statement %zu in another transaction: between the two "
            "COMMITs %.*s is without it",
            STR_ARG(action->part), (size_t)dropped->statement + 1, STR_ARG(name))
            ->severity = LINT_HIGH;
    } else if (!report_said_in_file(lint, "R14")) {
        report_finding(lint, step, "R14", "%s takes ACCESS EXCLUSIVE on %.*s",
                       sql_form_row(action->form)->command, STR_ARG(name));
    }
}

static void policy_without_index(struct lint *lint, const struct step *step)
{
    const struct sql_policy *policy = step->action->policy;
    if (step->action->form != SQL_FORM_CREATE_POLICY || !policy || !step->relation ||
        policy->using_row.relation_count > 0) {
        return;
    }
    for (size_t i = 0; i < policy->using_row.column_count; i++) {
        const struct lint_column *column =
            world_column(step->relation, policy->using_row.columns[i]);
        if (column && !column->indexed_first &&
            !history_indexes(lint, step->object, column->name)) {
            struct lint_finding *finding =
                report_finding(lint, step, "R15",
                               "no index begins with %.*s, which this policy asks of each row",
                               STR_ARG(column->name));
            report_by_size(lint, finding, step);
            return;
        }
    }
}

static void rows_written_under_new_force(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    bool writes = action->form == SQL_FORM_INSERT || action->form == SQL_FORM_UPDATE ||
                  action->form == SQL_FORM_DELETE || action->form == SQL_FORM_MERGE ||
                  action->form == SQL_FORM_COPY_FROM;
    const struct past *forced =
        writes ? history_last(lint, SQL_FORM_FORCE_RLS, step->object, STR("")) : NULL;
    if (!forced || lint->context->role_superuser || lint->context->role_bypass_rls ||
        history_last(lint, SQL_FORM_NO_FORCE_RLS, step->object, STR("")) > forced) {
        return;
    }
    struct str name = report_name(lint, action);
    struct lint_finding *finding = report_finding(lint, step, "R17",
                                                  "this plan forces row level security on %.*s "
                                                  "(statement %zu); from then on its policies "
                                                  "hold for this statement, too",
                                                  STR_ARG(name), (size_t)forced->statement + 1);
    if (!world_knows(lint, LINT_NEEDS_ROLE)) {
        finding->unknown = STR("whether the role has BYPASSRLS");
    }
}

static const struct rule_row rows[] = {
    {
        .rule = {"R9", "view past the policies", LINT_HIGH,
                 LINT_NEEDS_TABLES | LINT_NEEDS_VERSION,
                 "A view or materialized view over a table with row level security, without "
                 "security_invoker; or the option is taken from a view.",
                 "A view reads with its owner's rights: the policies of the reader are not "
                 "asked. A materialized view holds the rows themselves.",
                 "security_invoker (15 and newer), or a schema that nobody else may use.",
                 "CREATE VIEW view_name WITH (security_invoker = true) AS SELECT id FROM "
                 "table_name;",
                 "Only the owner reads the view."},
        .on_action = view_past_the_policies,
    },
    {
        .rule =
            {"R10", "view of the account table", LINT_BLOCK, LINT_NEEDS_ROLE,
             "A view reads auth.users.",
             "Addresses, telephone numbers and times of sign-in of every user are a SELECT "
             "away.",
             "Copy the columns that are needed to a table of your own, or put the view into "
             "a private schema.",
             "", "No role but the owner has rights on the view."},
        .on_action = view_of_accounts,
    },
    {
        .rule = {"R11", "SECURITY DEFINER without a search_path", LINT_HIGH, LINT_NEEDS_ROLE,
                 "A function runs with its owner's rights and does not fix its search_path, or "
                 "its search_path is reset.",
                 "The caller sets search_path to a schema of his own, and the function calls "
                 "what stands there, as its owner.",
                 "Fix the path at the function; take EXECUTE from public.",
                 "CREATE FUNCTION f() RETURNS void LANGUAGE sql SECURITY DEFINER\n"
                 "    SET search_path = pg_catalog, pg_temp AS 'SELECT';",
                 "Never."},
        .on_action = definer_without_path,
    },
    {
        .rule = {"R12", "open to people who never signed in", LINT_MEDIUM, LINT_NEEDS_ROLE,
                 "A policy that lets the role anon write, or list the files of a bucket.",
                 "Anybody on the network has that role.",
                 "Give the policy to authenticated, and ask who it is.",
                 "CREATE POLICY own_rows ON table_name FOR INSERT TO authenticated\n"
                 "    WITH CHECK (owner = (SELECT auth.uid()));",
                 "A public form is what is wanted."},
        .on_action = policy_for_anybody,
    },
    {
        .rule = {"R13", "foreign key to a platform's own key", LINT_MEDIUM, LINT_NEEDS_TABLES,
                 "A foreign key to a column of auth or storage that is not the primary key.",
                 "The platform changes its own tables when it is upgraded; your key stands in "
                 "the way.",
                 "Refer to the primary key.", "REFERENCES auth.users (id) ON DELETE CASCADE",
                 "Never."},
        .on_action = key_to_the_platform,
    },
    {
        .rule = {"R14", "policy work on a table in use", LINT_MEDIUM, LINT_NEEDS_TRAFFIC,
                 "CREATE, ALTER or DROP POLICY, ENABLE or FORCE on a table in use.",
                 "Each takes ACCESS EXCLUSIVE until COMMIT. Dropped and made again in two "
                 "transactions, the table is without the policy between them.",
                 "One transaction, a short lock_timeout.", "SET LOCAL lock_timeout = '2s';",
                 "The table is new in this plan."},
        .on_action = policy_work_on_a_used_table,
    },
    {
        .rule = {"R15", "policy asks a column without an index", LINT_MEDIUM, LINT_NEEDS_TABLES,
                 "A column in a policy's USING that no index begins with.",
                 "Every query of those roles asks it of every row.", "Build the index first.",
                 "CREATE INDEX CONCURRENTLY ON table_name (workspace_id);",
                 "The table is small."},
        .on_action = policy_without_index,
    },
    {
        .rule = {"R16", "another kind of role than in the rehearsal", LINT_BLOCK,
                 LINT_NEEDS_ROLE | LINT_NEEDS_HISTORY,
                 "The rehearsal ran as an owner or with BYPASSRLS, and production does not.",
                 "What the rehearsal changed or saw says nothing about production.",
                 "Rehearse with a role of the same attributes.", "",
                 "Never: it is compared when a rehearsal of the plan is there."},
    },
    {
        .rule = {"R17", "rows written after FORCE", LINT_HIGH, LINT_NEEDS_ROLE,
                 "A plan forces row level security on a table, and a later statement of the "
                 "plan writes there.",
                 "The owner is under the policies from then on: rows that they hide are not "
                 "matched, rows that they refuse are an error.",
                 "Write first, force last; or run with BYPASSRLS.",
                 "ALTER TABLE table_name FORCE ROW LEVEL SECURITY;  -- the last statement",
                 "The role has BYPASSRLS or is a superuser."},
        .on_action = rows_written_under_new_force,
    },
};

const struct rule_table rules_of_exposure = {rows, COUNT_OF(rows)};
