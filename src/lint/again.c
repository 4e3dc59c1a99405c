/* SPDX-License-Identifier: PostgreSQL */
/*
 * The second run. CREATE POLICY has no IF NOT EXISTS, so people write DROP POLICY IF EXISTS
 * in front of it; in one transaction the pair goes the second time as it went the first. Not so
 * a column that is dropped and added again: whatever came into it between the two runs is lost.
 */
#include "outcome.h"

/* What takes away, and what makes the same kind of thing. */
static const struct {
    enum sql_form drop;
    enum sql_form make;
} pairs[] = {
    {SQL_FORM_DROP_TABLE, SQL_FORM_CREATE_TABLE},
    {SQL_FORM_DROP_TABLE, SQL_FORM_CREATE_TABLE_AS},
    {SQL_FORM_DROP_TABLE, SQL_FORM_CREATE_PARTITION},
    {SQL_FORM_DROP_TABLE, SQL_FORM_CREATE_INHERITED},
    {SQL_FORM_DROP_FOREIGN_TABLE, SQL_FORM_CREATE_FOREIGN_TABLE},
    {SQL_FORM_DROP_VIEW, SQL_FORM_CREATE_VIEW},
    {SQL_FORM_DROP_MATERIALIZED_VIEW, SQL_FORM_CREATE_MATERIALIZED_VIEW},
    {SQL_FORM_DROP_SEQUENCE, SQL_FORM_CREATE_SEQUENCE},
    {SQL_FORM_DROP_COLUMN, SQL_FORM_ADD_COLUMN},
    {SQL_FORM_DROP_IDENTITY, SQL_FORM_ADD_IDENTITY},
    {SQL_FORM_DROP_CONSTRAINT, SQL_FORM_ADD_CHECK},
    {SQL_FORM_DROP_CONSTRAINT, SQL_FORM_ADD_CHECK_NOT_VALID},
    {SQL_FORM_DROP_CONSTRAINT, SQL_FORM_ADD_FOREIGN_KEY},
    {SQL_FORM_DROP_CONSTRAINT, SQL_FORM_ADD_FOREIGN_KEY_NOT_VALID},
    {SQL_FORM_DROP_CONSTRAINT, SQL_FORM_ADD_UNIQUE},
    {SQL_FORM_DROP_CONSTRAINT, SQL_FORM_ADD_PRIMARY_KEY},
    {SQL_FORM_DROP_CONSTRAINT, SQL_FORM_ADD_EXCLUSION},
    {SQL_FORM_DROP_POLICY, SQL_FORM_CREATE_POLICY},
    {SQL_FORM_DROP_TRIGGER, SQL_FORM_CREATE_TRIGGER},
    {SQL_FORM_DROP_RULE, SQL_FORM_CREATE_RULE},
    {SQL_FORM_DROP_INDEX, SQL_FORM_CREATE_INDEX},
    {SQL_FORM_DROP_STATISTICS, SQL_FORM_CREATE_STATISTICS},
    {SQL_FORM_DROP_TYPE, SQL_FORM_CREATE_TYPE},
    {SQL_FORM_DROP_TYPE, SQL_FORM_CREATE_ENUM},
    {SQL_FORM_DROP_DOMAIN, SQL_FORM_CREATE_DOMAIN},
    {SQL_FORM_DROP_ROUTINE, SQL_FORM_CREATE_ROUTINE},
    {SQL_FORM_DROP_SCHEMA, SQL_FORM_CREATE_SCHEMA},
    {SQL_FORM_DROP_EXTENSION, SQL_FORM_CREATE_EXTENSION},
    {SQL_FORM_DROP_ROLE, SQL_FORM_CREATE_ROLE},
    {SQL_FORM_DROP_PUBLICATION, SQL_FORM_CREATE_PUBLICATION},
};

static bool is_pair(enum sql_form a, enum sql_form b)
{
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        if ((pairs[i].drop == a && pairs[i].make == b) ||
            (pairs[i].drop == b && pairs[i].make == a)) {
            return true;
        }
    }
    return false;
}

/* IF [NOT] EXISTS of the other half of a pair, in this transaction, about this very thing. */
static bool was_guarded(const struct lint *lint, struct sql_name object, struct str part,
                        enum sql_form form)
{
    const struct past *past = history_guarded_here(lint, object, part, NULL);
    while (past && !is_pair(past->form, form)) {
        past = history_guarded_here(lint, object, part, past);
    }
    return past != NULL;
}

/* The table was dropped and made anew: whatever is put on it is put on a fresh one. */
static bool is_made_anew(const struct lint *lint, struct sql_name relation)
{
    struct sql_name schema = world_resolve(lint, (struct sql_name){STR(""), relation.schema});
    return was_guarded(lint, relation, STR(""), SQL_FORM_CREATE_TABLE) ||
           was_guarded(lint, schema, STR(""), SQL_FORM_CREATE_SCHEMA);
}

const struct past *again_lost(const struct lint *lint, const struct step *step)
{
    if (step->action->form != SQL_FORM_ADD_COLUMN || step->action->inside) {
        return NULL;
    }
    const struct past *gone =
        history_last(lint, SQL_FORM_DROP_COLUMN, step->object, step->part);
    const struct past *made = history_last(lint, SQL_FORM_ADD_COLUMN, step->object, step->part);
    return gone && (!made || made < gone) && gone->at.file == lint->file_index ? gone : NULL;
}

bool again_loses(const struct lint *lint, const struct step *step)
{
    return !step->action->conditional && again_lost(lint, step) &&
           !is_made_anew(lint, step->object);
}

bool again_is_safe(const struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    if (!lint->in_transaction || again_loses(lint, step)) {
        return false;
    }
    struct sql_name index = {step->object.schema, action->part};
    return was_guarded(lint, step->object, step->part, action->form) ||
           (action->index && was_guarded(lint, index, STR(""), action->form)) ||
           is_made_anew(lint, step->object);
}
