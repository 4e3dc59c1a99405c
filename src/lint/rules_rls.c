/* SPDX-License-Identifier: PostgreSQL */
/*
 * R1 to R8: is row level security on where it must be, and do the policies say anything.
 * What a table is like when the file has ended counts, not what it was like on the way.
 */
#include "lint_private.h"

/* The last of two opposite forms that happened to the table: on, off, or neither. */
static enum sql_fact switched(const struct lint *lint, struct sql_name table, enum sql_form on,
                              enum sql_form off)
{
    const struct past *turned_on = history_last(lint, on, table, STR(""));
    const struct past *turned_off = history_last(lint, off, table, STR(""));
    if (!turned_on && !turned_off) {
        return SQL_UNKNOWN;
    }
    return !turned_off || (turned_on && turned_on > turned_off) ? SQL_YES : SQL_NO;
}

/* Whether row level security is on at this point of the plan. */
static enum sql_fact is_secured(const struct lint *lint, struct sql_name table)
{
    enum sql_fact by_plan = switched(lint, table, SQL_FORM_ENABLE_RLS, SQL_FORM_DISABLE_RLS);
    const struct lint_relation *relation = world_relation(lint, table);
    if (by_plan != SQL_UNKNOWN) {
        return by_plan;
    }
    if (history_is_new(lint, table)) {
        return SQL_NO;
    }
    return relation ? (relation->rls_enabled ? SQL_YES : SQL_NO) : SQL_UNKNOWN;
}

static enum sql_fact has_policy(const struct lint *lint, struct sql_name table)
{
    if (history_standing_policy(lint, table)) {
        return SQL_YES;
    }
    const struct lint_relation *relation = world_relation(lint, table);
    if (history_is_new(lint, table)) {
        return SQL_NO;
    }
    return relation ? (relation->policy_count > 0 ? SQL_YES : SQL_NO) : SQL_UNKNOWN;
}

/* A schema whose tables an API serves, as far as is known; a plan that secures tables itself
 * tells that it is one. */
static bool is_exposed(const struct lint *lint, struct sql_name table)
{
    for (size_t i = 0; i < lint->context->exposed_schema_count; i++) {
        if (str_is(lint->context->exposed_schemas[i], table.schema)) {
            return true;
        }
    }
    return lint->context->exposed_schema_count == 0 && lint->plan_secures;
}

static struct lint_finding *report_past(struct lint *lint, const struct past *past,
                                        const char *id, const char *words)
{
    struct str name = report_shown(lint, *past->object);
    struct lint_finding *finding =
        report_finding(lint, NULL, id, "%.*s %s", STR_ARG(name), words);
    finding->at = past_place(past);
    finding->object = name;
    return finding;
}

static void open_table(struct lint *lint, const struct past *past)
{
    if (!past->temporary && is_exposed(lint, *past->object) &&
        is_secured(lint, *past->object) == SQL_NO && history_is_new(lint, *past->object)) {
        report_past(lint, past, "R1",
                    "is open to every role that may use its schema: row level security is off")
            ->safer = str_format(lint->arena, "ALTER TABLE %.*s ENABLE ROW LEVEL SECURITY;",
                                 STR_ARG(report_shown(lint, *past->object)));
    }
}

static void open_tables(struct lint *lint, const struct step *step)
{
    (void)step;
    if (!lint->file->is_undo) {
        history_each_of_file(lint, SQL_FORM_CREATE_TABLE, open_table);
    }
}

static void idle_policy(struct lint *lint, const struct past *past)
{
    if (is_secured(lint, *past->object) == SQL_NO) {
        report_past(lint, past, "R2",
                    "has a policy, and row level security is off: nothing asks "
                    "the policy");
    }
}

static void idle_policies(struct lint *lint, const struct step *step)
{
    (void)step;
    history_each_of_file(lint, SQL_FORM_CREATE_POLICY, idle_policy);
}

static void closed_table(struct lint *lint, const struct past *past)
{
    enum sql_fact policy = has_policy(lint, *past->object);
    if (past->is_undo || policy == SQL_YES || is_secured(lint, *past->object) != SQL_YES) {
        return;
    }
    struct lint_finding *finding = report_past(
        lint, past, "R3",
        policy == SQL_NO ? "gets row level security and has no policy: everybody but its owner "
                           "sees no row"
                         : "gets row level security, and no policy stands in the plan: without "
                           "one everybody but its owner sees no row");
    if (policy == SQL_UNKNOWN) {
        finding->severity = LINT_MEDIUM;
        finding->unknown = STR("whether it has policies");
    }
}

static void closed_tables(struct lint *lint, const struct step *step)
{
    (void)step;
    history_each_of_file(lint, SQL_FORM_ENABLE_RLS, closed_table);
}

static void security_taken_away(struct lint *lint, const struct step *step)
{
    enum sql_form form = step->action->form;
    if ((form != SQL_FORM_DISABLE_RLS && form != SQL_FORM_NO_FORCE_RLS) || step->is_new) {
        return;
    }
    struct str name = report_name(lint, step->action);
    struct lint_finding *finding = report_finding(
        lint, step, "R4", "%s of %.*s: %s", sql_form_row(form)->command, STR_ARG(name),
        form == SQL_FORM_DISABLE_RLS ? "every role with rights on it sees every row"
                                     : "its owner sees and changes every row again");
    if (lint->file->is_undo &&
        history_last(lint,
                     form == SQL_FORM_DISABLE_RLS ? SQL_FORM_ENABLE_RLS : SQL_FORM_FORCE_RLS,
                     step->object, STR(""))) {
        finding->severity = LINT_MEDIUM;
    }
}

static bool are_services(const struct str *roles, size_t count)
{
    static const char *const services[] = {"service_role", "postgres", "supabase_admin"};
    for (size_t i = 0; i < count; i++) {
        bool service = false;
        for (size_t j = 0; j < COUNT_OF(services); j++) {
            service = service || str_eq(roles[i], services[j]);
        }
        if (!service) {
            return false;
        }
    }
    return count > 0;
}

static bool is_for_services_only(const struct sql_policy *policy)
{
    return are_services(policy->roles, policy->role_count);
}

static const struct sql_policy *policy_of(const struct step *step)
{
    enum sql_form form = step->action->form;
    return form == SQL_FORM_CREATE_POLICY || form == SQL_FORM_ALTER_POLICY
               ? step->action->policy
               : NULL;
}

/* What CREATE said, and nobody can alter: of a policy of this plan. */
static bool is_for_writing(const struct lint *lint, const struct step *step, bool *known)
{
    const struct sql_policy *policy = step->action->policy;
    if (step->action->form == SQL_FORM_CREATE_POLICY) {
        return policy->permissive && policy->command != 'r';
    }
    const struct past *made =
        history_last(lint, SQL_FORM_CREATE_POLICY, step->object, step->part);
    *known = made != NULL;
    return !made || (made->more->policy->permissive && made->more->policy->command != 'r');
}

static void policy_that_lets_write(struct lint *lint, const struct step *step)
{
    const struct sql_policy *policy = policy_of(step);
    bool known = true;
    if (!policy || is_for_services_only(policy) || !is_for_writing(lint, step, &known)) {
        return;
    }
    struct str name = report_name(lint, step->action);
    if (step->action->form == SQL_FORM_CREATE_POLICY && policy->command == 'a' &&
        !policy->with_check.present) {
        report_finding(
            lint, step, "R5",
            "policy %.*s of %.*s is for INSERT and has no WITH CHECK: it lets no row "
            "in",
            STR_ARG(step->action->part), STR_ARG(name))
            ->severity = LINT_LOW;
        return;
    }
    if (policy->with_check.always_true ||
        (policy->using_row.always_true && !policy->with_check.present)) {
        struct lint_finding *finding =
            report_finding(lint, step, "R5",
                           "policy %.*s of %.*s lets its roles write any row: its condition is "
                           "true",
                           STR_ARG(step->action->part), STR_ARG(name));
        if (!known) {
            finding->severity = LINT_MEDIUM;
            finding->unknown = STR("for which command it is");
        }
    }
}

static bool is_session_call(struct sql_name name)
{
    static const struct {
        const char *schema;
        const char *name;
    } calls[] = {{"auth", "uid"},   {"auth", "jwt"},         {"auth", "role"},
                 {"auth", "email"}, {"", "current_setting"}, {"pg_catalog", "current_setting"}};
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        if (str_eq(name.schema, calls[i].schema) && str_eq(name.name, calls[i].name)) {
            return true;
        }
    }
    return false;
}

static void call_for_each_row(struct lint *lint, const struct step *step)
{
    const struct sql_policy *policy = policy_of(step);
    const struct sql_expression *both[] = {policy ? &policy->using_row : NULL,
                                           policy ? &policy->with_check : NULL};
    for (size_t i = 0; policy && i < COUNT_OF(both); i++) {
        for (size_t j = 0; j < both[i]->call_count; j++) {
            const struct sql_call *call = &both[i]->calls[j];
            if (is_session_call(call->name) && !call->in_subselect) {
                struct str name = sql_name_written(lint->arena, call->name);
                struct lint_finding *finding =
                    report_finding(lint, step, "R6",
                                   "%.*s() is called for every row; as (SELECT %.*s(...)) once",
                                   STR_ARG(name), STR_ARG(name));
                report_by_size(lint, finding, step);
                return;
            }
        }
    }
}

static bool meets(const struct lint *lint, const struct step *step, const struct past *past)
{
    (void)lint;
    char command = step->action->policy->command;
    bool same = past->more->policy->command == command || past->more->policy->command == '*' ||
                command == '*';
    /* Services pass anyhow: their policies widen nothing. */
    return same && !str_is(past->part, step->part) &&
           !are_services(past->more->policy->roles, past->more->policy->role_count);
}

/* The newest policy that lets a role of the step's pass for the same command; NULL: none. All
 * roles are PUBLIC, too. */
static const struct past *newest_that_meets(const struct lint *lint, const struct step *step)
{
    const struct sql_policy *policy = step->action->policy;
    const struct past *newest = history_policy_for(lint, step, STR("public"), meets);
    for (size_t i = 0; i < policy->role_count; i++) {
        bool all = str_eq(policy->roles[i], "public");
        const struct past *past =
            history_policy_for(lint, step, all ? STR("") : policy->roles[i], meets);
        newest = past && (!newest || past > newest) ? past : newest;
    }
    return newest;
}

static void policies_that_widen(struct lint *lint, const struct step *step)
{
    const struct sql_policy *policy = step->action->policy;
    if (step->action->form != SQL_FORM_CREATE_POLICY || !policy || !policy->permissive ||
        is_for_services_only(policy)) {
        return;
    }
    const struct past *past = newest_that_meets(lint, step);
    if (past) {
        struct str name = report_name(lint, step->action);
        report_finding(lint, step, "R7",
                       "%.*s and %.*s of %.*s meet: a row passes that either lets through, "
                       "and both are asked for each row",
                       STR_ARG(past->part), STR_ARG(step->action->part), STR_ARG(name));
    }
}

static void claims_that_users_edit(struct lint *lint, const struct step *step)
{
    const struct sql_policy *policy = policy_of(step);
    if (policy && (policy->using_row.row_claims || policy->with_check.row_claims)) {
        report_finding(
            lint, step, "R8",
            "policy %.*s trusts user_metadata, which every user may edit for himself",
            STR_ARG(step->action->part));
    }
}

static const struct rule_row rows[] = {
    {
        .rule =
            {"R1", "new table without row level security", LINT_BLOCK,
             LINT_NEEDS_ROLE | LINT_NEEDS_TABLES,
             "A table is created in a schema that an API serves, and row level security is "
             "off when the file ends.",
             "Every role that may use the schema reads and writes every row from COMMIT on.",
             "Enable it and make the policies in the transaction that creates the table.",
             "ALTER TABLE table_name ENABLE ROW LEVEL SECURITY;\n"
             "CREATE POLICY owner_only ON table_name USING (owner = (SELECT auth.uid()));",
             "No API serves the schema, and no role but the owner has rights."},
        .on_file = open_tables,
    },
    {
        .rule = {"R2", "policies, and row level security off", LINT_BLOCK, LINT_NEEDS_TABLES,
                 "A policy is made on a table whose row level security is off.",
                 "Policies are only asked when it is on: the table looks guarded and is open.",
                 "Enable it in the same transaction.",
                 "ALTER TABLE table_name ENABLE ROW LEVEL SECURITY;",
                 "It is enabled later in the same file."},
        .on_file = idle_policies,
    },
    {
        .rule = {"R3", "row level security on, no policy", LINT_HIGH, LINT_NEEDS_TABLES,
                 "Row level security is enabled on a table that has no policy.",
                 "Without a policy nothing is allowed: everybody but the owner sees an empty "
                 "table, without an error.",
                 "Make the policies in the same transaction.",
                 "CREATE POLICY policy_name ON table_name USING (true);",
                 "Nobody but the owner is meant to see it."},
        .on_file = closed_tables,
    },
    {
        .rule = {"R4", "row level security taken away", LINT_BLOCK, LINT_NEEDS_TABLES,
                 "DISABLE or NO FORCE ROW LEVEL SECURITY on a table that is in use.",
                 "What the policies kept apart is open from COMMIT on.",
                 "Change the policy that is in the way, not the switch.",
                 "ALTER POLICY policy_name ON table_name USING (workspace_id = 1);",
                 "The table is new in this plan."},
        .on_action = security_taken_away,
    },
    {
        .rule = {"R5", "policy that lets everybody write", LINT_HIGH, LINT_NEEDS_ROLE,
                 "A permissive policy for INSERT, UPDATE, DELETE or ALL whose condition is "
                 "always true. LOW: an INSERT policy without WITH CHECK, which lets no row in.",
                 "Its roles write rows of everybody, or in the name of everybody.",
                 "Say which rows, in USING and in WITH CHECK.",
                 "CREATE POLICY own_rows ON table_name FOR INSERT\n"
                 "    WITH CHECK (owner = (SELECT auth.uid()));",
                 "It is for service roles only."},
        .on_action = policy_that_lets_write,
    },
    {
        .rule = {"R6", "policy calls a function for every row", LINT_MEDIUM, LINT_NEEDS_TABLES,
                 "auth.uid(), auth.jwt() or current_setting() stands bare in a policy.",
                 "It is evaluated for each row that the query looks at.",
                 "Put it into a subselect without columns: it is evaluated once.",
                 "USING (owner = (SELECT auth.uid()))", "The table is small."},
        .on_action = call_for_each_row,
    },
    {
        .rule = {"R7", "several permissive policies for one command", LINT_MEDIUM,
                 LINT_NEEDS_TABLES,
                 "A table has two permissive policies for the same role and command; PUBLIC is "
                 "every role.",
                 "They are joined by OR: each widens the other, and each is evaluated.",
                 "One policy that says both, or AS RESTRICTIVE.",
                 "CREATE POLICY both ON table_name USING (a OR b);",
                 "They are for different roles or commands, or one is for service roles only."},
        .on_action = policies_that_widen,
    },
    {
        .rule =
            {"R8", "policy trusts what users edit", LINT_BLOCK, LINT_NEEDS_NOTHING,
             "A policy reads user_metadata.",
             "Every user may write his own user_metadata: whoever wants to be admin says so.",
             "Use app_metadata, or a table that only the server writes.",
             "USING (((SELECT auth.jwt()) -> 'app_metadata' ->> 'role') = 'admin')", "Never."},
        .on_action = claims_that_users_edit,
    },
};

const struct rule_table rules_of_rls = {rows, COUNT_OF(rows)};
