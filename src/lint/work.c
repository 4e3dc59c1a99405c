/* SPDX-License-Identifier: PostgreSQL */
/*
 * Work that the catalog knows better than the text, after the notes of "ALTER TABLE": what is
 * proved already is not looked at again, and a type change that keeps every byte is free.
 */
#include "outcome.h"

static bool is_proved_not_null(const struct lint_relation *relation, struct str column)
{
    const struct lint_column *found = world_column(relation, column);
    if (found && found->not_null) {
        return true;
    }
    for (size_t i = 0; i < relation->constraint_count; i++) {
        const struct lint_constraint *constraint = &relation->constraints[i];
        if (constraint->validated && str_is(constraint->proves_not_null, column)) {
            return true;
        }
    }
    return false;
}

/* The proof by a CHECK is used since PostgreSQL 12; older servers are not supported. */
static enum sql_work work_of_set_not_null(const struct step *step)
{
    return is_proved_not_null(step->relation, step->action->part) ? SQL_WORK_NONE
                                                                  : step->action->work;
}

static enum sql_work work_of_validation(const struct step *step)
{
    for (size_t i = 0; i < step->relation->constraint_count; i++) {
        const struct lint_constraint *constraint = &step->relation->constraints[i];
        if (str_is(constraint->name, step->action->part) && constraint->validated) {
            return SQL_WORK_NONE;
        }
    }
    return step->action->work;
}

/* A primary key makes its columns NOT NULL, which needs a scan where they are not yet. */
static enum sql_work work_of_using_index(const struct step *step)
{
    const struct sql_constraint *constraint = step->action->constraint;
    if (!constraint || constraint->kind != SQL_CONSTRAINT_PRIMARY_KEY) {
        return step->action->work;
    }
    for (size_t i = 0; i < step->relation->index_count; i++) {
        const struct lint_index *index = &step->relation->indexes[i];
        for (size_t j = 0;
             str_is(index->name, constraint->using_index) && j < index->column_count; j++) {
            if (!is_proved_not_null(step->relation, index->columns[j])) {
                return SQL_WORK_SCAN;
            }
        }
    }
    return step->action->work;
}

static enum sql_work work_of_type_change(const struct step *step)
{
    const struct lint_column *present = world_column(step->relation, step->action->part);
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

enum sql_work work_refined(const struct step *step)
{
    if (!step->relation || step->is_new) {
        return step->action->work;
    }
    enum sql_form form = step->action->form;
    if (form == SQL_FORM_SET_NOT_NULL) {
        return work_of_set_not_null(step);
    }
    if (form == SQL_FORM_VALIDATE_CONSTRAINT) {
        return work_of_validation(step);
    }
    if (form == SQL_FORM_ADD_CONSTRAINT_USING_INDEX) {
        return work_of_using_index(step);
    }
    return form == SQL_FORM_ALTER_COLUMN_TYPE ? work_of_type_change(step) : step->action->work;
}
