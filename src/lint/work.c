/* SPDX-License-Identifier: PostgreSQL */
/*
 * Work that the catalog knows better than the text, after the notes of "ALTER TABLE": what is
 * proved already is not looked at again, and a type change that keeps every byte is free.
 */
#include "outcome.h"

/* Nothing of this name was dropped since. */
static bool stands(const struct lint *lint, struct sql_name table, struct str constraint,
                   const struct past *made)
{
    const struct past *gone =
        constraint.len > 0 ? history_last(lint, SQL_FORM_DROP_CONSTRAINT, table, constraint)
                           : NULL;
    return !gone || (made && gone < made);
}

/* A CHECK that an earlier statement of the plan added, and this one or another validated. */
static bool is_proved_by_plan(const struct lint *lint, struct sql_name table, struct str column,
                              enum sql_form form)
{
    const struct past *made = history_last(lint, form, table, STR(""));
    for (; made; made = history_before_that(lint, made)) {
        const struct past *validated =
            form == SQL_FORM_ADD_CHECK ? made
            : made->part.len > 0
                ? history_last(lint, SQL_FORM_VALIDATE_CONSTRAINT, table, made->part)
                : NULL;
        if (str_is(made->more->proves, column) && validated && validated >= made &&
            stands(lint, table, made->part, made)) {
            return true;
        }
    }
    return false;
}

static bool is_proved_by_check(const struct lint *lint, struct sql_name table,
                               const struct lint_relation *relation, struct str column)
{
    for (size_t i = 0; relation && i < relation->constraint_count; i++) {
        const struct lint_constraint *constraint = &relation->constraints[i];
        if (str_is(constraint->proves_not_null, column) &&
            stands(lint, table, constraint->name, NULL) &&
            (constraint->validated ||
             history_last(lint, SQL_FORM_VALIDATE_CONSTRAINT, table, constraint->name))) {
            return true;
        }
    }
    return false;
}

/* As the server has it, unless the plan says otherwise by now. */
static bool is_required(const struct lint *lint, struct sql_name table,
                        const struct lint_relation *relation, struct str column)
{
    const struct past *set = history_last(lint, SQL_FORM_SET_NOT_NULL, table, column);
    const struct past *freed = history_last(lint, SQL_FORM_DROP_NOT_NULL, table, column);
    const struct lint_column *found = world_column(relation, column);
    return set || freed ? set && (!freed || set > freed) : found && found->not_null;
}

bool work_is_proved_not_null(const struct lint *lint, struct sql_name table,
                             const struct lint_relation *relation, struct str column)
{
    return is_required(lint, table, relation, column) ||
           is_proved_by_check(lint, table, relation, column) ||
           is_proved_by_plan(lint, table, column, SQL_FORM_ADD_CHECK) ||
           is_proved_by_plan(lint, table, column, SQL_FORM_ADD_CHECK_NOT_VALID);
}

/* The proof by a CHECK is used since PostgreSQL 12; older servers are not supported. */
static enum sql_work work_of_set_not_null(const struct lint *lint, const struct step *step)
{
    return work_is_proved_not_null(lint, step->object, step->relation, step->part)
               ? SQL_WORK_NONE
               : step->action->work;
}

static enum sql_work work_of_validation(const struct step *step)
{
    for (size_t i = 0; step->relation && i < step->relation->constraint_count; i++) {
        const struct lint_constraint *constraint = &step->relation->constraints[i];
        if (str_is(constraint->name, step->part) && constraint->validated) {
            return SQL_WORK_NONE;
        }
    }
    return step->action->work;
}

/* A primary key makes its columns NOT NULL, which needs a scan where they are not yet. */
static enum sql_work work_of_using_index(const struct lint *lint, const struct step *step)
{
    const struct sql_constraint *constraint = step->action->constraint;
    if (!constraint || constraint->kind != SQL_CONSTRAINT_PRIMARY_KEY) {
        return step->action->work;
    }
    for (size_t i = 0; step->relation && i < step->relation->index_count; i++) {
        const struct lint_index *index = &step->relation->indexes[i];
        for (size_t j = 0;
             str_is(index->name, constraint->using_index) && j < index->column_count; j++) {
            if (!work_is_proved_not_null(lint, step->object, step->relation,
                                         index->columns[j])) {
                return SQL_WORK_SCAN;
            }
        }
    }
    return step->action->work;
}

static enum sql_work work_of_type_change(const struct step *step)
{
    const struct lint_column *present = world_column(step->relation, step->part);
    const struct sql_column *wanted = step->action->column;
    if (!present || !wanted || step->action->work != SQL_WORK_UNKNOWN) {
        return step->action->work;
    }
    enum lint_type_change change = lint_type_change(present->type, &wanted->type);
    if (change == LINT_TYPE_FREE) {
        /* An expression of one's own is computed for each row, whatever the types. */
        return wanted->using_cast.present ? SQL_WORK_UNKNOWN : SQL_WORK_NONE;
    }
    return change == LINT_TYPE_UNKNOWN ? SQL_WORK_UNKNOWN : SQL_WORK_REWRITE;
}

/* A type that the plan itself made, and that is no domain, has no constraint to look at. */
static enum sql_work work_of_column(const struct lint *lint, const struct step *step)
{
    const struct sql_column *column = step->action->column;
    if (!column || step->action->work != SQL_WORK_UNKNOWN ||
        (column->default_value.present && !column->default_value.constant)) {
        return step->action->work;
    }
    struct sql_name type = world_resolve(lint, column->type.name);
    bool plain = history_last(lint, SQL_FORM_CREATE_ENUM, type, STR("")) ||
                 history_last(lint, SQL_FORM_CREATE_TYPE, type, STR(""));
    return !plain                                               ? SQL_WORK_UNKNOWN
           : column->not_null && !column->default_value.present ? SQL_WORK_SCAN
                                                                : SQL_WORK_NONE;
}

enum sql_work work_refined(const struct lint *lint, const struct step *step)
{
    switch ((int)step->action->form) {
    case SQL_FORM_ADD_COLUMN:
        return work_of_column(lint, step);
    case SQL_FORM_SET_NOT_NULL:
        return work_of_set_not_null(lint, step);
    case SQL_FORM_VALIDATE_CONSTRAINT:
        return work_of_validation(step);
    case SQL_FORM_ADD_CONSTRAINT_USING_INDEX:
        return work_of_using_index(lint, step);
    case SQL_FORM_ALTER_COLUMN_TYPE:
        return work_of_type_change(step);
    default:
        return step->action->work;
    }
}
