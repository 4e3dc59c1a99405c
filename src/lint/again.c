/* SPDX-License-Identifier: PostgreSQL */
/*
 * The second run. CREATE POLICY has no IF NOT EXISTS, so people write DROP POLICY IF EXISTS
 * in front of it; in one transaction the pair goes the second time as it went the first. Not so
 * what holds rows, or the numbers of a sequence: a table or a column that is dropped and made
 * again is as new both times, and whatever came into it between the two runs is lost.
 */
#include "outcome.h"

/* What takes away, and what makes the same kind of thing; and whether that holds what only
 * those know who use it. */
static const struct {
    enum sql_form drop;
    enum sql_form make;
    bool loses;
} pairs[] = {
    {SQL_FORM_DROP_TABLE, SQL_FORM_CREATE_TABLE, true},
    {SQL_FORM_DROP_TABLE, SQL_FORM_CREATE_TABLE_AS, true},
    {SQL_FORM_DROP_TABLE, SQL_FORM_CREATE_PARTITION, true},
    {SQL_FORM_DROP_TABLE, SQL_FORM_CREATE_INHERITED, true},
    {SQL_FORM_DROP_FOREIGN_TABLE, SQL_FORM_CREATE_FOREIGN_TABLE, false},
    {SQL_FORM_DROP_VIEW, SQL_FORM_CREATE_VIEW, false},
    {SQL_FORM_DROP_MATERIALIZED_VIEW, SQL_FORM_CREATE_MATERIALIZED_VIEW, false},
    {SQL_FORM_DROP_SEQUENCE, SQL_FORM_CREATE_SEQUENCE, true},
    {SQL_FORM_DROP_COLUMN, SQL_FORM_ADD_COLUMN, true},
    {SQL_FORM_DROP_IDENTITY, SQL_FORM_ADD_IDENTITY, true},
    {SQL_FORM_DROP_CONSTRAINT, SQL_FORM_ADD_CHECK, false},
    {SQL_FORM_DROP_CONSTRAINT, SQL_FORM_ADD_CHECK_NOT_VALID, false},
    {SQL_FORM_DROP_CONSTRAINT, SQL_FORM_ADD_FOREIGN_KEY, false},
    {SQL_FORM_DROP_CONSTRAINT, SQL_FORM_ADD_FOREIGN_KEY_NOT_VALID, false},
    {SQL_FORM_DROP_CONSTRAINT, SQL_FORM_ADD_UNIQUE, false},
    {SQL_FORM_DROP_CONSTRAINT, SQL_FORM_ADD_PRIMARY_KEY, false},
    {SQL_FORM_DROP_CONSTRAINT, SQL_FORM_ADD_EXCLUSION, false},
    {SQL_FORM_DROP_POLICY, SQL_FORM_CREATE_POLICY, false},
    {SQL_FORM_DROP_TRIGGER, SQL_FORM_CREATE_TRIGGER, false},
    {SQL_FORM_DROP_RULE, SQL_FORM_CREATE_RULE, false},
    {SQL_FORM_DROP_INDEX, SQL_FORM_CREATE_INDEX, false},
    {SQL_FORM_DROP_STATISTICS, SQL_FORM_CREATE_STATISTICS, false},
    {SQL_FORM_DROP_TYPE, SQL_FORM_CREATE_TYPE, false},
    {SQL_FORM_DROP_TYPE, SQL_FORM_CREATE_ENUM, false},
    {SQL_FORM_DROP_DOMAIN, SQL_FORM_CREATE_DOMAIN, false},
    {SQL_FORM_DROP_ROUTINE, SQL_FORM_CREATE_ROUTINE, false},
    {SQL_FORM_DROP_SCHEMA, SQL_FORM_CREATE_SCHEMA, true},
    {SQL_FORM_DROP_EXTENSION, SQL_FORM_CREATE_EXTENSION, false},
    {SQL_FORM_DROP_ROLE, SQL_FORM_CREATE_ROLE, false},
    {SQL_FORM_DROP_PUBLICATION, SQL_FORM_CREATE_PUBLICATION, false},
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

static bool is_of_fresh_schema(const struct lint *lint, struct sql_name relation)
{
    struct sql_name schema = world_resolve(lint, (struct sql_name){STR(""), relation.schema});
    return was_guarded(lint, schema, STR(""), SQL_FORM_CREATE_SCHEMA);
}

/* The table was dropped and made anew: whatever is put on it is put on a fresh one. */
static bool is_made_anew(const struct lint *lint, struct sql_name relation)
{
    return was_guarded(lint, relation, STR(""), SQL_FORM_CREATE_TABLE) ||
           is_of_fresh_schema(lint, relation);
}

const struct past *again_gone(const struct lint *lint, const struct step *step)
{
    if (step->action->inside) {
        return NULL;
    }
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        if (pairs[i].loses && pairs[i].make == step->action->form) {
            const struct past *gone =
                history_last(lint, pairs[i].drop, step->object, step->part);
            const struct past *made =
                history_last(lint, pairs[i].make, step->object, step->part);
            bool own = made && (made > gone || made->file == lint->file_index);
            return gone && !own && gone->file == lint->file_index ? gone : NULL;
        }
    }
    return NULL;
}

const struct past *again_lost(const struct lint *lint, const struct step *step)
{
    return step->action->form == SQL_FORM_ADD_COLUMN ? again_gone(lint, step) : NULL;
}

bool again_loses(const struct lint *lint, const struct step *step)
{
    bool told = step->part.len > 0 ? is_made_anew(lint, step->object)
                                   : is_of_fresh_schema(lint, step->object);
    return !step->action->conditional && !told && again_gone(lint, step);
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
