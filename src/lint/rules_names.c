/* SPDX-License-Identifier: PostgreSQL */
/*
 * C12 to C19: names, types that people regret, and clients that still think of yesterday.
 */
#include "lint_private.h"

static void clients_meet_nulls(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    if (action->form != SQL_FORM_DROP_NOT_NULL && action->form != SQL_FORM_DROP_DEFAULT) {
        return;
    }
    struct str name = report_name(lint, action);
    report_finding(lint, step, "C12", "from COMMIT on clients can meet nulls in %.*s.%.*s",
                   STR_ARG(name), STR_ARG(action->part));
}

/* Of those that share a form with others: what code calls by its name. */
static bool is_called_by_name(const char *kind)
{
    static const char *const kinds[] = {"function",  "procedure", "routine", "aggregate",
                                        "type",      "domain",    "role",    "database",
                                        "extension", "operator"};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (strcmp(kinds[i], kind) == 0) {
            return true;
        }
    }
    return false;
}

static bool renames(const struct sql_action *action)
{
    static const enum sql_form forms[] = {
        SQL_FORM_RENAME_COLUMN,    SQL_FORM_RENAME_TABLE,        SQL_FORM_RENAME_VIEW,
        SQL_FORM_RENAME_SCHEMA,    SQL_FORM_RENAME_ENUM_VALUE,   SQL_FORM_SET_TABLE_SCHEMA,
        SQL_FORM_RENAME_SEQUENCE,  SQL_FORM_RENAME_VIEW_COLUMN,  SQL_FORM_SET_VIEW_SCHEMA,
        SQL_FORM_RENAME_ATTRIBUTE, SQL_FORM_SET_SEQUENCE_SCHEMA,
    };
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        if (forms[i] == action->form) {
            return true;
        }
    }
    return (action->form == SQL_FORM_RENAME_OTHER ||
            action->form == SQL_FORM_SET_SCHEMA_OTHER) &&
           is_called_by_name(action->kind);
}

/* Made earlier in the plan: nobody calls it yet. */
static bool is_made_here(const struct lint *lint, const struct step *step)
{
    static const enum sql_form made[] = {SQL_FORM_CREATE_ROUTINE, SQL_FORM_CREATE_TYPE,
                                         SQL_FORM_CREATE_ENUM,    SQL_FORM_CREATE_DOMAIN,
                                         SQL_FORM_CREATE_SCHEMA,  SQL_FORM_CREATE_ROLE};
    for (size_t i = 0; i < COUNT_OF(made); i++) {
        if (history_last(lint, made[i], step->object, STR(""))) {
            return true;
        }
    }
    return step->is_new;
}

static void renamed_under_running_code(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    if (!renames(action) || is_made_here(lint, step)) {
        return;
    }
    struct str old = action->part.len > 0 ? action->part : report_name(lint, action);
    double calls = world_calls(lint, step->object, false);
    struct str live =
        calls > 0 ? str_format(lint->arena, " (%.1f calls a second use it)", calls) : STR("");
    struct lint_finding *finding =
        report_finding(lint, step, "C13", "code that says %.*s fails from COMMIT on%.*s",
                       STR_ARG(old), STR_ARG(live));
    if (calls < 0) {
        finding->unknown = STR("who uses the name now");
    }
}

static bool comes_new(const struct step *step)
{
    return step->action->form == SQL_FORM_ADD_COLUMN && step->action->column;
}

/* Of a column that joins a table. What CREATE TABLE should say instead is in the message. */
static struct str add_column_sql(struct lint *lint, const struct step *step, const char *type)
{
    if (step->action->inside) {
        return STR("");
    }
    struct str name = report_name(lint, step->action);
    struct str column = report_ident(lint, step->action->column->name);
    return str_format(lint->arena, "ALTER TABLE %.*s ADD COLUMN %.*s %s;", STR_ARG(name),
                      STR_ARG(column), type);
}

static void json_column(struct lint *lint, const struct step *step)
{
    bool becomes = step->action->form == SQL_FORM_ALTER_COLUMN_TYPE && step->action->column;
    if ((comes_new(step) || becomes) && str_eq(step->action->column->type.name.name, "json")) {
        struct lint_finding *finding = report_finding(
            lint, step, "C14",
            "%.*s is json: it has no equality, so DISTINCT, GROUP BY and UNION over it fail; "
            "jsonb has one",
            STR_ARG(step->action->column->name));
        if (!becomes) {
            finding->safer = add_column_sql(lint, step, "jsonb");
        }
    }
}

static const struct {
    const char *type;
    bool key_only;
    const char *why;
    const char *instead;
} regretted[] = {
    {"int2", true, "a smallint key ends at 32,767", "bigint"},
    {"int4", true, "an integer key ends at 2,147,483,647", "bigint"},
    {"bpchar", false, "character(n) is padded with spaces", "text"},
    {"timestamp", false,
     "timestamp keeps no time zone: the same value is another moment elsewhere", "timestamptz"},
    {"timetz", false, "a time zone without a date has no meaning when clocks change", "time"},
    {"money", false, "money changes its meaning with lc_monetary", "numeric"},
};

/* PRIMARY KEY (column), behind the columns of the same statement. */
static bool is_whole_key(const struct step *step)
{
    const struct sql_facts *facts = step->facts;
    for (size_t i = 0; step->action->inside && i < facts->action_count; i++) {
        const struct sql_action *action = &facts->actions[i];
        const struct sql_constraint *key = action->constraint;
        if (action->form == SQL_FORM_ADD_PRIMARY_KEY && action->inside && key &&
            key->column_count == 1 && str_is(key->columns[0], step->action->column->name) &&
            sql_name_is(action->object, step->action->object)) {
            return true;
        }
    }
    return false;
}

static void type_to_regret(struct lint *lint, const struct step *step)
{
    if (!comes_new(step)) {
        return;
    }
    const struct sql_column *column = step->action->column;
    if (column->type.serial) {
        report_finding(lint, step, "C15",
                       "%.*s: the sequence of a serial has rights and an owner of its own; an "
                       "identity column has not",
                       STR_ARG(column->name))
            ->safer = add_column_sql(lint, step, "bigint GENERATED ALWAYS AS IDENTITY");
        return;
    }
    for (size_t i = 0; i < COUNT_OF(regretted); i++) {
        if (str_eq(column->type.name.name, regretted[i].type) &&
            column->type.name.schema.len == 0 &&
            (!regretted[i].key_only || column->primary_key || is_whole_key(step))) {
            struct lint_finding *finding =
                report_finding(lint, step, "C15", "%.*s: %s; use %s", STR_ARG(column->name),
                               regretted[i].why, regretted[i].instead);
            finding->safer = add_column_sql(lint, step, regretted[i].instead);
        }
    }
}

static void name_that_is_cut(struct lint *lint, const struct step *step)
{
    for (size_t i = 0; i < step->facts->long_name_count; i++) {
        struct str name = step->facts->long_names[i];
        report_finding(lint, step, "C16",
                       "the server cuts %.*s after 63 bytes, and says so in a notice only",
                       STR_ARG(name));
    }
}

/* Kinds of objects that stand in a schema, as the facts call them. */
static bool has_schema(const char *kind)
{
    static const char *const kinds[] = {
        "",
        "relation",
        "table",
        "view",
        "materialized view",
        "foreign table",
        "index",
        "sequence",
        "type",
        "domain",
        "function",
        "procedure",
        "aggregate",
        "routine",
        "column",
        "constraint",
        "policy",
        "trigger",
        "rule",
        "statistics",
        "operator",
        "collation",
        "operator class",
        "operator family",
        "conversion",
        "text search configuration",
    };
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (strcmp(kinds[i], kind) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_bare(struct sql_name name)
{
    return name.name.len > 0 && name.schema.len == 0;
}

/* The name of the action that the path would have to find; empty when there is none. */
static struct sql_name name_to_qualify(const struct lint *lint, const struct sql_action *action)
{
    if (is_bare(action->object) && has_schema(action->kind)) {
        return action->object;
    }
    bool other = is_bare(action->other) && has_schema(action->kind);
    bool temporary = other && str_eq(world_resolve(lint, action->other).schema, "pg_temp");
    return other && !temporary ? action->other : (struct sql_name){0};
}

static void name_without_schema(struct lint *lint, const struct step *step)
{
    struct sql_name bare = name_to_qualify(lint, step->action);
    if (bare.name.len == 0 || report_said_in_file(lint, "C17") ||
        lint->context->search_path_count > 0 ||
        history_is_set(lint, LINT_SETTING_SEARCH_PATH)) {
        return;
    }
    struct str name = sql_name_written(lint->arena, bare);
    struct lint_finding *finding = report_finding(
        lint, step, "C17", "which %.*s is meant depends on the search_path of the session",
        STR_ARG(name));
    finding->safer =
        str_format(lint->arena, "SET %ssearch_path = schema_name, pg_temp;  -- your schema",
                   lint->in_transaction ? "LOCAL " : "");
    finding->unknown = STR("the search_path in force");
}

static struct str named_twice(const struct str *columns, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (columns[i].len > 0 && str_is(columns[i], columns[j])) {
                return columns[i];
            }
        }
    }
    return STR("");
}

static void column_named_twice(struct lint *lint, const struct step *step)
{
    const struct sql_change *change = step->action->change;
    if (!change) {
        return;
    }
    struct str twice = named_twice(change->columns, change->column_count);
    if (twice.len == 0) {
        twice = named_twice(change->conflict_columns, change->conflict_count);
    }
    if (twice.len > 0) {
        report_finding(lint, step, "C18",
                       "%.*s is assigned twice: the server refuses the statement",
                       STR_ARG(twice));
    }
}

static bool declares(const struct sql_action *action)
{
    return action->form == SQL_FORM_ADD_COLUMN && action->depth == 0;
}

/* Whether one of those in the chains declares the same column. */
static bool is_declared(const struct chains *declared, uint32_t key,
                        const struct sql_facts *facts, const struct sql_action *action)
{
    for (ptrdiff_t i = chain_first(declared, key); i != NAMES_NONE;
         i = chain_next(declared, i)) {
        const struct sql_action *before = &facts->actions[declared->links[i].item];
        if (str_is(before->part, action->part) && sql_name_is(before->object, action->object)) {
            return true;
        }
    }
    return false;
}

/* Columns of one CREATE TABLE or ALTER TABLE. */
static void column_declared_twice(struct lint *lint, const struct step *step)
{
    const struct sql_facts *facts = step->facts;
    struct chains declared = {0};
    bool twice = false;
    for (size_t i = 0; i < facts->action_count && !twice; i++) {
        const struct sql_action *action = &facts->actions[i];
        if (declares(action)) {
            uint32_t key = chain_key(action->object, action->part);
            bool skipped = action->guarded && !action->inside; /* ADD COLUMN IF NOT EXISTS */
            twice = !skipped && is_declared(&declared, key, facts, action);
            chain_add(&declared, key, i);
        }
        if (twice) {
            struct step at = *step;
            at.action = action;
            report_finding(lint, &at, "C18",
                           "%.*s is declared twice: the server refuses the statement",
                           STR_ARG(action->part));
        }
    }
    chains_release(&declared);
}

static bool changes_row_type(enum sql_form form)
{
    return form == SQL_FORM_ADD_COLUMN || form == SQL_FORM_DROP_COLUMN ||
           form == SQL_FORM_ALTER_COLUMN_TYPE || form == SQL_FORM_RENAME_COLUMN;
}

static void cached_plans_break(struct lint *lint, const struct step *step)
{
    if (!changes_row_type(step->action->form) || step->action->inside || step->is_new) {
        return;
    }
    for (size_t i = 0; i < lint->context->traffic_count; i++) {
        const struct lint_traffic *traffic = &lint->context->traffic[i];
        if (traffic->all_columns && sql_name_is(traffic->relation, step->object)) {
            report_finding(lint, step, "C19",
                           "prepared statements over * fail once with \"cached plan must not "
                           "change result type\": %.*s",
                           STR_ARG(traffic->text));
            return;
        }
    }
}

static const struct rule_row rows[] = {
    {
        .rule = {"C12", "DROP NOT NULL or DROP DEFAULT", LINT_LOW, LINT_NEEDS_TRAFFIC,
                 "A promise about a column is taken back.",
                 "Readers that never met a null meet one.",
                 "Ask who reads the column, and let readers cope first.", "",
                 "No client relies on it."},
        .on_action = clients_meet_nulls,
    },
    {
        .rule = {"C13", "rename", LINT_HIGH, LINT_NEEDS_TRAFFIC | LINT_NEEDS_TABLES,
                 "A column, table, view, sequence, function, type, enum value, schema, role or "
                 "database gets another name, or moves to another schema.",
                 "Code that runs says the old one, and fails from COMMIT on.",
                 "Expand and contract: add the new name beside the old one (a view, a second "
                 "column), move the code, then drop the old one.",
                 "ALTER TABLE old_name RENAME TO new_name;\n"
                 "CREATE VIEW old_name AS SELECT * FROM new_name;",
                 "It was made earlier in the same plan, or the application is stopped and "
                 "deployed in the window."},
        .on_action = renamed_under_running_code,
    },
    {
        .rule =
            {"C14", "json column", LINT_MEDIUM, LINT_NEEDS_NOTHING, "A column of type json.",
             "json has no equality operator: DISTINCT, GROUP BY and UNION over it fail, and "
             "no index supports it.",
             "Use jsonb.", "ALTER TABLE table_name ADD COLUMN column_name jsonb;",
             "The exact text, with its white space and order of keys, must be kept."},
        .on_action = json_column,
    },
    {
        .rule = {"C15", "type that people regret", LINT_LOW, LINT_NEEDS_NOTHING,
                 "A serial, a key of 32 bits or less, character(n), timestamp without time "
                 "zone, money.",
                 "Each works on the first day and is a migration later.",
                 "bigint identity, text with a CHECK, timestamptz, numeric.",
                 "id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
                 "The range and the meaning are known and will not change."},
        .on_action = type_to_regret,
    },
    {
        .rule = {"C16", "name over 63 bytes", LINT_MEDIUM, LINT_NEEDS_NOTHING,
                 "An identifier of more than 63 bytes.",
                 "The server cuts it; two names can become one, and IF NOT EXISTS skips the "
                 "second.",
                 "Shorten it.", "", "Never."},
        .on_statement = name_that_is_cut,
    },
    {
        .rule = {"C17", "name without a schema", LINT_MEDIUM, LINT_NEEDS_ROLE,
                 "An object is named without its schema, and nothing pins search_path.",
                 "The session's search_path decides which one is meant; another role, another "
                 "table.",
                 "Write the schema, or pin search_path at the file's head.",
                 "SET LOCAL search_path = schema_name, pg_temp;",
                 "search_path is set by the file or known from the target."},
        .on_action = name_without_schema,
    },
    {
        .rule = {"C18", "column named twice", LINT_BLOCK, LINT_NEEDS_NOTHING,
                 "A column is assigned or declared twice in one statement.",
                 "The server refuses the statement when the window is open.",
                 "Take one of them out.", "", "Never."},
        .also_temporary = true,
        .on_action = column_named_twice,
        .on_statement = column_declared_twice,
    },
    {
        .rule =
            {"C19", "cached plans of SELECT *", LINT_MEDIUM, LINT_NEEDS_TRAFFIC,
             "Columns change while clients hold prepared statements that select all columns.",
             "Each such statement fails once in every session that has it prepared.",
             "Restart the pool after COMMIT, as a step of the plan, or name the columns in "
             "the statements.",
             "- { manual: \"restart the pool\", role: devops, takes: 2m }",
             "Clients prepare nothing, or name their columns."},
        .on_action = cached_plans_break,
    },
};

const struct rule_table rules_of_names = {rows, COUNT_OF(rows)};
