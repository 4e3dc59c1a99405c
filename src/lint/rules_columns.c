/* SPDX-License-Identifier: PostgreSQL */
/*
 * C1 to C11: columns that come, change and go.
 */
#include "outcome.h"

static bool is_added(const struct step *step)
{
    return step->action->form == SQL_FORM_ADD_COLUMN && !step->action->inside &&
           step->action->column && !step->is_new;
}

static bool has_rows(const struct lint_relation *relation)
{
    return !relation || relation->rows != 0 || relation->bytes > 0;
}

static void required_column_without_value(struct lint *lint, const struct step *step)
{
    const struct sql_column *column = step->action->column;
    if (!is_added(step) || (!column->not_null && !column->primary_key) ||
        (column->default_value.present && !column->default_value.null) ||
        column->generated != SQL_GENERATED_NO || column->type.serial) {
        return;
    }
    struct str name = report_name(lint, step->action);
    struct lint_finding *finding =
        report_finding(lint, step, "C1",
                       "%.*s is NOT NULL and has no default: this fails if %.*s holds one row",
                       STR_ARG(column->name), STR_ARG(name));
    if (!has_rows(step->relation)) {
        finding->severity = LINT_LOW;
    } else if (!step->relation) {
        finding->unknown = STR("whether it holds rows");
    }
}

/* The first call in the default that is volatile, or not known not to be. */
static const struct sql_call *call_that_rewrites(const struct sql_expression *expression,
                                                 enum sql_volatility wanted)
{
    for (size_t i = 0; i < expression->call_count; i++) {
        if (sql_builtin_volatility(expression->calls[i].name) == wanted) {
            return &expression->calls[i];
        }
    }
    return NULL;
}

static void default_that_rewrites(struct lint *lint, const struct step *step)
{
    if (!is_added(step) || !step->action->column->default_value.present) {
        return;
    }
    const struct sql_expression *value = &step->action->column->default_value;
    const struct sql_call *sure = call_that_rewrites(value, SQL_VOLATILITY_VOLATILE);
    const struct sql_call *call =
        sure ? sure : call_that_rewrites(value, SQL_VOLATILITY_UNKNOWN);
    if (!call) {
        return;
    }
    struct str name = report_name(lint, step->action);
    struct str function = sql_name_written(lint->arena, call->name);
    struct lint_finding *finding = report_finding(
        lint, step, "C2",
        sure ? "%.*s() is volatile: %.*s is written anew, row by row, under ACCESS EXCLUSIVE"
             : "if %.*s() is volatile, %.*s is written anew under ACCESS EXCLUSIVE",
        STR_ARG(function), STR_ARG(name));
    if (!sure) {
        finding->unknown = STR("whether the function is volatile");
        finding->severity = LINT_MEDIUM;
    }
    report_by_size(lint, finding, step);
}

static void column_that_fills_itself(struct lint *lint, const struct step *step)
{
    if (!is_added(step)) {
        return;
    }
    const struct sql_column *column = step->action->column;
    const char *kind = column->type.serial                           ? "serial"
                       : column->generated == SQL_GENERATED_STORED   ? "a stored generated"
                       : column->generated == SQL_GENERATED_IDENTITY ? "an identity"
                                                                     : NULL;
    if (!kind) {
        return;
    }
    struct str name = report_name(lint, step->action);
    struct lint_finding *finding = report_finding(
        lint, step, "C3", "%s column: %.*s is written anew under ACCESS EXCLUSIVE", kind,
        STR_ARG(name));
    report_by_size(lint, finding, step);
}

/* A type that is none of the grammar's own may be a domain with a constraint. */
static void column_of_a_domain(struct lint *lint, const struct step *step)
{
    if (!is_added(step)) {
        return;
    }
    const struct sql_type *type = &step->action->column->type;
    struct sql_name object = world_resolve(lint, type->name);
    if (!history_last(lint, SQL_FORM_CREATE_DOMAIN, object, STR("")) ||
        type->name.name.len == 0) {
        return;
    }
    struct str name = report_name(lint, step->action);
    struct str domain = sql_name_written(lint->arena, type->name);
    struct lint_finding *finding = report_finding(
        lint, step, "C4",
        "%.*s is a domain: if it has a constraint, %.*s is written anew under ACCESS EXCLUSIVE",
        STR_ARG(domain), STR_ARG(name));
    report_by_size(lint, finding, step);
}

static void scan_for_nulls(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    if (action->form != SQL_FORM_SET_NOT_NULL || step->is_new) {
        return;
    }
    if (step->work == SQL_WORK_NONE) {
        return; /* proved already */
    }
    struct str name = report_name(lint, action);
    struct str size = world_size(lint, step->relation);
    struct lint_finding *finding = report_finding(
        lint, step, "C5", "SET NOT NULL reads all of %.*s%s%.*s%s under ACCESS EXCLUSIVE",
        STR_ARG(name), size.len > 0 ? " (" : "", STR_ARG(size), size.len > 0 ? ")" : "");
    struct str part = report_ident(lint, action->part);
    struct str filled =
        report_ident(lint, str_format(lint->arena, "%.*s_filled", STR_ARG(action->part)));
    finding->safer = str_format(
        lint->arena,
        "ALTER TABLE %.*s ADD CONSTRAINT %.*s CHECK (%.*s IS NOT NULL) NOT VALID;\n"
        "ALTER TABLE %.*s VALIDATE CONSTRAINT %.*s;\n"
        "ALTER TABLE %.*s ALTER COLUMN %.*s SET NOT NULL;\n"
        "ALTER TABLE %.*s DROP CONSTRAINT %.*s;",
        STR_ARG(name), STR_ARG(filled), STR_ARG(part), STR_ARG(name), STR_ARG(filled),
        STR_ARG(name), STR_ARG(part), STR_ARG(name), STR_ARG(filled));
    report_by_size(lint, finding, step);
}

static bool changes_type(const struct step *step)
{
    return step->action->form == SQL_FORM_ALTER_COLUMN_TYPE && step->action->column &&
           !step->is_new;
}

static void type_change_that_rewrites(struct lint *lint, const struct step *step)
{
    if (!changes_type(step)) {
        return;
    }
    const struct sql_column *column = step->action->column;
    const struct lint_column *present = world_column(step->relation, step->part);
    enum lint_type_change change =
        present ? lint_type_change(present->type, &column->type) : LINT_TYPE_UNKNOWN;
    if (change == LINT_TYPE_FREE) {
        return;
    }
    struct str name = report_name(lint, step->action);
    struct str to = lint_type_words(lint->arena, &column->type);
    struct lint_finding *finding =
        report_finding(lint, step, "C6",
                       "%s %.*s and its indexes anew under ACCESS EXCLUSIVE: %.*s becomes %.*s",
                       change == LINT_TYPE_UNKNOWN ? "may write" : "writes", STR_ARG(name),
                       STR_ARG(present ? present->type : step->action->part), STR_ARG(to));
    if (!present) {
        finding->unknown = STR("which type it has now: some changes only touch the catalog");
    }
    report_by_size(lint, finding, step);
}

static void type_change_that_loses(struct lint *lint, const struct step *step)
{
    if (!changes_type(step)) {
        return;
    }
    const struct sql_column *column = step->action->column;
    const struct lint_column *present = world_column(step->relation, step->part);
    bool narrows =
        present && lint_type_change(present->type, &column->type) == LINT_TYPE_NARROWS;
    bool casts = column->using_cast.present && !column->using_cast.constant;
    if (!narrows && !casts) {
        return;
    }
    struct str name = report_name(lint, step->action);
    struct str to = lint_type_words(lint->arena, &column->type);
    const struct sql_expression *using = &column->using_cast;
    bool alone = using->column_count == 1 && using->call_count == 0 &&
                 str_is(using->columns[0], step->action->part);
    struct lint_finding *finding = report_finding(
        lint, step, "C7",
        narrows ? "%.*s to %.*s: a value that does not fit ends the file midway, or is cut"
        : alone ? "USING turns %.*s to %.*s: a value that it refuses ends the file midway, and "
                  "what it does not keep is gone"
                : "USING turns %.*s to %.*s: what the expression leaves out is gone",
        STR_ARG(step->action->part), STR_ARG(to));
    if (narrows && !column->using_cast.present) { /* there and back again */
        struct str part = report_ident(lint, step->action->part);
        finding->safer = str_format(
            lint->arena,
            "SELECT count(*) FROM %.*s WHERE %.*s IS DISTINCT FROM %.*s::%.*s::%.*s;",
            STR_ARG(name), STR_ARG(part), STR_ARG(part), STR_ARG(to), STR_ARG(present->type));
        const struct lint_probed *answer = probe_ask(lint, probe_of_type(lint, step, present));
        if (answer) {
            probe_tell(lint, step, finding, answer);
        }
    }
}

static bool names_column(const struct lint_constraint *constraint, struct str column)
{
    for (size_t i = 0; i < constraint->column_count; i++) {
        if (str_is(constraint->columns[i], column)) {
            return true;
        }
    }
    return false;
}

static void type_change_under_a_check(struct lint *lint, const struct step *step)
{
    if (!changes_type(step) || !step->relation) {
        return;
    }
    for (size_t i = 0; i < step->relation->constraint_count; i++) {
        const struct lint_constraint *constraint = &step->relation->constraints[i];
        if (constraint->kind == LINT_CHECK && names_column(constraint, step->part)) {
            struct lint_finding *finding = report_finding(
                lint, step, "C8", "CHECK %.*s is proved again for every row under the lock",
                STR_ARG(constraint->name));
            report_by_size(lint, finding, step);
            return;
        }
    }
}

/* Keys and indexes are made anew by the server itself. */
static bool refuses_type_change(const struct lint_dependent *dependent)
{
    return strcmp(dependent->kind, "foreign key") != 0 && strcmp(dependent->kind, "index") != 0;
}

static void type_change_under_dependents(struct lint *lint, const struct step *step)
{
    if (!changes_type(step) || !step->relation) {
        return;
    }
    for (size_t i = 0; i < step->relation->dependent_count; i++) {
        const struct lint_dependent *dependent = &step->relation->dependents[i];
        if (str_is(dependent->column, step->part) && refuses_type_change(dependent)) {
            report_finding(
                lint, step, "C9",
                "%s %.*s uses %.*s: the server refuses the change until it is dropped",
                dependent->kind, STR_ARG(dependent->name), STR_ARG(step->action->part));
            return;
        }
    }
}

static size_t statements_that_use(const struct lint *lint, const struct step *step,
                                  double *calls)
{
    size_t count = 0;
    *calls = 0;
    for (size_t i = 0; i < lint->context->traffic_count; i++) {
        const struct lint_traffic *traffic = &lint->context->traffic[i];
        bool uses = traffic->all_columns;
        for (size_t j = 0; j < traffic->column_count && !uses; j++) {
            uses = str_is(traffic->columns[j], step->part);
        }
        if (uses && sql_name_is(traffic->relation, step->object)) {
            count++;
            *calls = *calls < 0 || traffic->calls_per_second < 0
                         ? -1
                         : *calls + traffic->calls_per_second;
        }
    }
    return count;
}

static void column_dropped(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    if (action->form != SQL_FORM_DROP_COLUMN || step->is_new ||
        history_last(lint, SQL_FORM_ADD_COLUMN, step->object, step->part)) {
        return;
    }
    double calls;
    size_t users = statements_that_use(lint, step, &calls);
    struct str often =
        calls < 0 ? STR("") : str_format(lint->arena, " (%.1f calls a second)", calls);
    struct str live = users == 0 ? STR("")
                                 : str_format(lint->arena,
                                              "; %zu live statement%s%.*s name%s it and "
                                              "break%s at COMMIT",
                                              users, plural(users), STR_ARG(often),
                                              users == 1 ? "s" : "", users == 1 ? "s" : "");
    struct str size = world_size(lint, step->relation);
    struct lint_finding *finding = report_finding(
        lint, step, "C10", "the values of %.*s%s%.*s are gone for good%.*s",
        STR_ARG(action->part), size.len > 0 ? " in " : "", STR_ARG(size), STR_ARG(live));
    if (victims_all_named(lint, step, "column")) {
        finding->severity = LINT_HIGH;
    }
    if (!world_knows(lint, LINT_NEEDS_TRAFFIC)) {
        finding->unknown = STR("which live statements use it");
    }
}

static void column_dropped_and_made_again(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    const struct past *gone = again_lost(lint, step);
    if (gone) {
        report_finding(
            lint, step, "C11",
            "%.*s is dropped by statement %zu and made again here, empty: every value "
            "is lost, and a second run loses them again",
            STR_ARG(action->part), (size_t)gone->statement + 1);
    }
}

static const struct rule_row rows[] = {
    {
        .rule = {"C1", "ADD COLUMN NOT NULL without a default", LINT_BLOCK, LINT_NEEDS_TABLES,
                 "A required column is added without a value for the rows that are there.",
                 "The server refuses it as soon as the table holds one row; and inserts of the "
                 "running application, which do not name it, fail from COMMIT on.",
                 "Add it without NOT NULL, let the application write it, fill the old rows in "
                 "batches, then follow C5.",
                 "ALTER TABLE table_name ADD COLUMN column_name integer;",
                 "The table is new in this plan, or empty."},
        .on_action = required_column_without_value,
    },
    {
        .rule =
            {"C2", "ADD COLUMN with a volatile default", LINT_HIGH, LINT_NEEDS_TABLES,
             "A column is added whose default calls a function that gives another value "
             "each time.",
             "The value must be stored in every row: the table is written anew under ACCESS "
             "EXCLUSIVE. A constant, or now(), is stored once in the catalog instead.",
             "Add the column plain, set the default for new rows, fill the old rows in "
             "batches.",
             "ALTER TABLE table_name ADD COLUMN column_name uuid;\n"
             "ALTER TABLE table_name ALTER COLUMN column_name SET DEFAULT "
             "gen_random_uuid();",
             "The default is a constant or a stable function; the table is new or small."},
        .on_action = default_that_rewrites,
    },
    {
        .rule = {"C3", "ADD COLUMN serial, identity or stored generated", LINT_HIGH,
                 LINT_NEEDS_TABLES | LINT_NEEDS_VERSION,
                 "A column is added that fills itself for every row.",
                 "The table and its indexes are written anew under ACCESS EXCLUSIVE.",
                 "Add a plain column, fill it by trigger and in batches; virtual generated "
                 "columns (18) need no rewrite.",
                 "ALTER TABLE table_name ADD COLUMN column_name bigint;",
                 "The table is new in this plan, or small."},
        .on_action = column_that_fills_itself,
    },
    {
        .rule = {"C4", "ADD COLUMN of a domain", LINT_MEDIUM,
                 LINT_NEEDS_TABLES | LINT_NEEDS_VERSION,
                 "A column is added whose type is a domain.",
                 "A domain with a constraint makes the server look at every row, which writes "
                 "the table anew.",
                 "Use the plain type, and a CHECK constraint NOT VALID on the column.",
                 "ALTER TABLE table_name ADD COLUMN column_name text;",
                 "The domain has no constraint; the table is new or small."},
        .on_action = column_of_a_domain,
    },
    {
        .rule =
            {"C5", "SET NOT NULL", LINT_HIGH, LINT_NEEDS_TABLES | LINT_NEEDS_VERSION,
             "A column becomes required.",
             "The whole table is read under ACCESS EXCLUSIVE to see that no row is null.",
             "A CHECK that says the same, NOT VALID; validate it, which stops nobody; then "
             "SET NOT NULL believes it without reading; then drop it.",
             "ALTER TABLE table_name ADD CONSTRAINT filled CHECK (column_name IS NOT NULL) "
             "NOT VALID;\n"
             "ALTER TABLE table_name VALIDATE CONSTRAINT filled;\n"
             "ALTER TABLE table_name ALTER COLUMN column_name SET NOT NULL;\n"
             "ALTER TABLE table_name DROP CONSTRAINT filled;",
             "A valid CHECK proves it already; the column is NOT NULL already; the table is "
             "new or small."},
        .on_action = scan_for_nulls,
    },
    {
        .rule =
            {"C6", "type change that writes the table anew", LINT_HIGH, LINT_NEEDS_TABLES,
             "ALTER COLUMN TYPE whose values are stored in another form.",
             "Table and indexes are written anew under ACCESS EXCLUSIVE.",
             "A new column, written by both old and new application, filled in batches, then "
             "swapped.",
             "ALTER TABLE table_name ADD COLUMN column_name_new bigint;",
             "varchar gets longer or becomes text, numeric gets more digits of the same "
             "scale, and their like: only the catalog changes."},
        .on_action = type_change_that_rewrites,
    },
    {
        .rule =
            {"C7", "type change that can lose values", LINT_BLOCK, LINT_NEEDS_TABLES,
             "A type change that narrows, or one with a USING expression.",
             "A value that does not fit ends the file midway; what the expression leaves out "
             "is gone.",
             "Count the rows that would not come through before GO: --probe of check --db and "
             "explain does.",
             "SELECT count(*) FROM table_name WHERE length(column_name) > 40;",
             "The table is new in this plan."},
        .on_action = type_change_that_loses,
    },
    {
        .rule = {"C8", "type change of a column with a CHECK", LINT_HIGH, LINT_NEEDS_TABLES,
                 "The column stands in a CHECK constraint.",
                 "The constraint is proved again for every row, under the lock.",
                 "Drop the CHECK, change the type, add it NOT VALID, validate it afterwards.",
                 "ALTER TABLE table_name DROP CONSTRAINT check_name;", "The table is small."},
        .on_action = type_change_under_a_check,
    },
    {
        .rule =
            {"C9", "type change of a column that others use", LINT_HIGH, LINT_NEEDS_TABLES,
             "A view, policy, generated column or function uses the column.",
             "The server refuses the change; the way out in a hurry is CASCADE, which drops "
             "them.",
             "Drop and make again what depends on it, by name and in order, in the same "
             "transaction.",
             "DROP VIEW view_name;\n"
             "ALTER TABLE table_name ALTER COLUMN column_name TYPE bigint;\n"
             "CREATE VIEW view_name AS SELECT column_name FROM table_name;",
             "Nothing depends on the column."},
        .on_action = type_change_under_dependents,
    },
    {
        .rule = {"C10", "DROP COLUMN", LINT_BLOCK, LINT_NEEDS_TABLES | LINT_NEEDS_TRAFFIC,
                 "A column is dropped.",
                 "Its values are gone, and statements that name it fail from COMMIT on.",
                 "Stop using it in one release, drop it in a later one; copy key and value "
                 "first.",
                 "CREATE TABLE table_name_column_name AS SELECT id, column_name FROM "
                 "table_name;",
                 "It was added earlier in the same plan. HIGH when the plan names it."},
        .on_action = column_dropped,
    },
    {
        .rule =
            {"C11", "column dropped and made again", LINT_BLOCK, LINT_NEEDS_NOTHING,
             "A file drops a column and adds one of the same name.",
             "It looks like a change of type and is a loss of all values; with IF EXISTS it "
             "looks safe to run again, and loses them again.",
             "Change the type in place, or follow C6.",
             "ALTER TABLE table_name ALTER COLUMN column_name TYPE bigint USING "
             "column_name::bigint;",
             "The table is new in this plan."},
        .on_action = column_dropped_and_made_again,
    },
};

const struct rule_table rules_of_columns = {rows, COUNT_OF(rows)};
