/* SPDX-License-Identifier: PostgreSQL */
/*
 * K10's end, and K12 to K18: keys without an index, domains, enums, indexes to spare, and
 * tables that are replicated.
 */
#include "lint_private.h"

void rules_judge_plan(struct lint *lint)
{
    for (size_t i = 0; i < lint->waiting_count; i++) {
        const struct waiting_key *key = &lint->waiting_keys[i];
        if (history_indexes(lint, key->table, key->column)) {
            continue;
        }
        struct lint_finding *finding =
            report_finding(lint, NULL, "K10",
                           "no index begins with %.*s: each delete in the referenced table "
                           "reads all of %.*s",
                           STR_ARG(key->column), STR_ARG(key->object));
        finding->at = key->at;
        finding->object = key->object;
        finding->safer = str_format(lint->arena, "CREATE INDEX %sON %.*s (%.*s);",
                                    key->is_new || key->partitioned ? "" : "CONCURRENTLY ",
                                    STR_ARG(key->object), STR_ARG(key->columns));
    }
}

static void domain_with_constraint(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    bool reads = action->form == SQL_FORM_ALTER_DOMAIN_CONSTRAINT &&
                 !(action->constraint && action->constraint->not_valid) &&
                 !history_last(lint, SQL_FORM_CREATE_DOMAIN, step->object, STR(""));
    if (!reads && (action->form != SQL_FORM_CREATE_DOMAIN || !action->constraint)) {
        return;
    }
    struct str name = report_name(lint, action);
    report_finding(
        lint, step, "K12",
        action->form == SQL_FORM_CREATE_DOMAIN
            ? "a later change of the constraint of %.*s reads every table that uses it"
            : "every column of the domain %.*s, in every table, is read under SHARE",
        STR_ARG(name));
}

static void value_without_position(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    if (action->form == SQL_FORM_ADD_ENUM_VALUE && action->neighbour.len == 0) {
        report_finding(lint, step, "K13", "'%.*s' is sorted behind all other values",
                       STR_ARG(action->part));
    }
}

static bool names_text(struct str text, struct str word)
{
    for (size_t at = 0; word.len > 0 && at + word.len + 2 <= text.len; at++) {
        if (text.ptr[at] == '\'' && text.ptr[at + word.len + 1] == '\'' &&
            memcmp(text.ptr + at + 1, word.ptr, word.len) == 0) {
            return true;
        }
    }
    return false;
}

/* The type itself is of the same transaction: then its values may be used. */
static bool made_here(const struct lint *lint, const struct past *value)
{
    const struct past *type = history_last(lint, SQL_FORM_CREATE_ENUM, *value->object, STR(""));
    return type && type->transaction == lint->transaction;
}

/* A body in SQL is analysed when its function is made; one in another language is a text. */
static bool is_text_until_called(const struct step *step)
{
    const struct sql_routine *routine =
        step->facts->action_count > 0 ? step->facts->actions[0].routine : NULL;
    return routine && routine->language.len > 0 && !str_eq(routine->language, "sql");
}

/* A value that a statement of the same transaction added stands in this one as a literal. */
static void value_used_at_once(struct lint *lint, const struct step *step)
{
    struct str text =
        str_slice(lint->file->text, step->statement->offset, step->statement->length);
    const struct past *added = history_enum_value(lint);
    if (!added || !lint->in_transaction || added->transaction != lint->transaction ||
        added->statement == step->index || made_here(lint, added) ||
        is_text_until_called(step) || !names_text(text, added->part)) {
        return;
    }
    report_finding(lint, step, "K14",
                   "'%.*s' was added by statement %zu of the same transaction: the server "
                   "refuses to use it before COMMIT",
                   STR_ARG(added->part), (size_t)added->statement + 1);
}

static void enum_made(struct lint *lint, const struct step *step)
{
    if (step->action->form == SQL_FORM_CREATE_ENUM) {
        struct str name = report_name(lint, step->action);
        report_finding(lint, step, "K15", "no value of %.*s can ever be removed",
                       STR_ARG(name));
    }
}

static bool same_columns(const struct sql_index *wanted, const struct lint_index *there)
{
    bool same = wanted->column_count == there->column_count && there->valid &&
                !there->partial && wanted->unique == there->unique && !wanted->where.present;
    for (size_t i = 0; same && i < wanted->column_count; i++) {
        same = wanted->columns[i].len > 0 && str_is(wanted->columns[i], there->columns[i]);
    }
    return same;
}

static void index_to_spare(struct lint *lint, const struct step *step)
{
    enum {
        WIDE = 3
    };
    const struct sql_index *index = step->action->index;
    if (!index) {
        return;
    }
    for (size_t i = 0; step->relation && i < step->relation->index_count; i++) {
        if (same_columns(index, &step->relation->indexes[i])) {
            report_finding(lint, step, "K16", "%.*s has the same columns already",
                           STR_ARG(step->relation->indexes[i].name));
            return;
        }
    }
    const struct past *same = history_same_index(lint, step);
    if (same) {
        struct str made =
            str_format(lint->arena, "the index of statement %zu", (size_t)same->statement + 1);
        struct str name = same->part.len > 0 ? same->part : made;
        report_finding(lint, step, "K16", "%.*s has the same columns already", STR_ARG(name));
        return;
    }
    /* Only in a B-tree the first column decides. */
    if (!index->unique && str_eq(index->method, "btree") && index->column_count > WIDE) {
        report_finding(
            lint, step, "K16",
            "%zu columns: each write pays for all, few queries use more than the first",
            index->column_count);
    }
}

/* When the file has ended: a dump adds the keys behind the rows. */
static void table_without_key(struct lint *lint, const struct past *past)
{
    if (past->temporary || past->unlogged || !history_is_new(lint, *past->object) ||
        history_has_key(lint, *past->object)) {
        return;
    }
    struct str name = report_shown(lint, *past->object);
    struct lint_finding *finding = report_finding(
        lint, NULL, "K17",
        "%.*s has no primary key: no way to name one row, and replication refuses its updates",
        STR_ARG(name));
    finding->at = past_place(past);
    finding->object = name;
}

static void tables_without_key(struct lint *lint, const struct step *step)
{
    (void)step;
    history_each_of_file(lint, SQL_FORM_CREATE_TABLE, table_without_key);
}

static bool changes_shape(const struct sql_action *action)
{
    return action->lock == SQL_LOCK_ACCESS_EXCLUSIVE &&
           (action->form == SQL_FORM_ADD_COLUMN || action->form == SQL_FORM_DROP_COLUMN ||
            action->form == SQL_FORM_ALTER_COLUMN_TYPE ||
            action->form == SQL_FORM_RENAME_COLUMN || action->form == SQL_FORM_RENAME_TABLE ||
            action->form == SQL_FORM_DROP_TABLE || action->form == SQL_FORM_SET_TABLE_SCHEMA ||
            action->form == SQL_FORM_TRUNCATE);
}

static void published_table_changes(struct lint *lint, const struct step *step)
{
    if (!changes_shape(step->action) || !step->relation || !step->relation->published) {
        return;
    }
    struct str name = report_name(lint, step->action);
    report_finding(lint, step, "K18",
                   "%.*s is published: a subscriber whose table differs stops applying",
                   STR_ARG(name));
}

static const struct rule_row rows[] = {
    {
        .rule =
            {"K12", "domain with a constraint", LINT_MEDIUM, LINT_NEEDS_TABLES,
             "A domain is made with a constraint, or gets one.",
             "Adding a constraint to a domain reads every column of that type in the whole "
             "database while writes to those tables stop.",
             "Use the plain type and CHECK constraints on the columns.",
             "ALTER TABLE table_name ADD CONSTRAINT check_name CHECK (email LIKE '%@%') NOT "
             "VALID;",
             "No table uses the domain yet; or the constraint is NOT VALID, which looks at no "
             "row."},
        .on_action = domain_with_constraint,
    },
    {
        .rule = {"K13", "enum value without a position", LINT_LOW, LINT_NEEDS_TABLES,
                 "ADD VALUE without BEFORE or AFTER.",
                 "Enum values sort in their order: the new one is greater than all others.",
                 "Say where it stands.", "ALTER TYPE mood ADD VALUE 'calm' BEFORE 'happy';",
                 "Nothing sorts or compares by the type."},
        .on_action = value_without_position,
    },
    {
        .rule =
            {"K14", "new enum value used in the same transaction", LINT_BLOCK,
             LINT_NEEDS_VERSION,
             "ADD VALUE, and a later statement of the same transaction that names it.",
             "The server refuses it: unsafe use of new value.",
             "Add the value in a step of its own.", "- { file: 012_add_value.sql }",
             "The type was made in the same transaction; or the value stands in the body of a "
             "function in another language than SQL, which nobody reads until it is called."},
        .on_statement = value_used_at_once,
    },
    {
        .rule = {"K15", "new enum type", LINT_LOW, LINT_NEEDS_NOTHING,
                 "CREATE TYPE ... AS ENUM.", "Values can be added and renamed, never removed.",
                 "A lookup table with a foreign key.",
                 "CREATE TABLE mood (name text PRIMARY KEY);",
                 "The set of values is closed for good."},
        .on_action = enum_made,
    },
    {
        .rule = {"K16", "index that costs more than it gives", LINT_LOW, LINT_NEEDS_TABLES,
                 "A B-tree over more than three columns that is not unique, or an index whose "
                 "columns another one has already.",
                 "Every write pays for every index.",
                 "Take the columns that choose best, first; drop the duplicate.", "",
                 "A query reads all its columns from the index alone."},
        .on_action = index_to_spare,
    },
    {
        .rule = {"K17", "table without a primary key", LINT_MEDIUM, LINT_NEEDS_TABLES,
                 "A table is created, and has no primary key when the file ends.",
                 "No row can be named alone; logical replication refuses UPDATE and DELETE on "
                 "it.",
                 "Add a key.", "id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
                 "It is temporary, unlogged, a partition, or made like another table."},
        .on_file = tables_without_key,
    },
    {
        .rule =
            {"K18", "change of a published table", LINT_HIGH, LINT_NEEDS_TABLES,
             "Columns or names of a table change that a publication contains.",
             "Schema changes are not replicated: the subscriber's apply worker stops at the "
             "first row that does not fit, and WAL piles up here.",
             "What is added: on the subscriber first. What is dropped: here first.", "",
             "Nobody subscribes."},
        .on_action = published_table_changes,
    },
};

const struct rule_table rules_of_types = {rows, COUNT_OF(rows)};
