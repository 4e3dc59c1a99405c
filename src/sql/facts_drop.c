/* SPDX-License-Identifier: PostgreSQL */
/*
 * Facts of DROP of whatever has a name, of TRUNCATE and of LOCK TABLE: one action for each
 * object. What CASCADE takes along only a catalog knows; so do the locks on the other tables
 * of foreign keys, rules and views that go with the object.
 */
#include "facts.h"

#define NODE(name)   PG_QUERY__NODE__NODE_##name
#define OBJECT(name) PG_QUERY__OBJECT_TYPE__OBJECT_##name

/* All types that are not here are DROP_OTHER. */
static const struct {
    PgQuery__ObjectType type;
    enum sql_form form;
} forms[] = {
    {OBJECT(TABLE), SQL_FORM_DROP_TABLE},
    {OBJECT(FOREIGN_TABLE), SQL_FORM_DROP_FOREIGN_TABLE},
    {OBJECT(VIEW), SQL_FORM_DROP_VIEW},
    {OBJECT(MATVIEW), SQL_FORM_DROP_MATERIALIZED_VIEW},
    {OBJECT(INDEX), SQL_FORM_DROP_INDEX},
    {OBJECT(SEQUENCE), SQL_FORM_DROP_SEQUENCE},
    {OBJECT(TYPE), SQL_FORM_DROP_TYPE},
    {OBJECT(DOMAIN), SQL_FORM_DROP_DOMAIN},
    {OBJECT(SCHEMA), SQL_FORM_DROP_SCHEMA},
    {OBJECT(EXTENSION), SQL_FORM_DROP_EXTENSION},
    {OBJECT(STATISTIC_EXT), SQL_FORM_DROP_STATISTICS},
    {OBJECT(TRIGGER), SQL_FORM_DROP_TRIGGER},
    {OBJECT(RULE), SQL_FORM_DROP_RULE},
    {OBJECT(POLICY), SQL_FORM_DROP_POLICY},
    {OBJECT(FUNCTION), SQL_FORM_DROP_ROUTINE},
    {OBJECT(PROCEDURE), SQL_FORM_DROP_ROUTINE},
    {OBJECT(ROUTINE), SQL_FORM_DROP_ROUTINE},
    {OBJECT(AGGREGATE), SQL_FORM_DROP_ROUTINE},
    {OBJECT(PUBLICATION), SQL_FORM_DROP_PUBLICATION},
};

static enum sql_form form_of(const PgQuery__DropStmt *drop)
{
    if (drop->remove_type == OBJECT(INDEX) && drop->concurrent) {
        return SQL_FORM_DROP_INDEX_CONCURRENTLY;
    }
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        if (forms[i].type == drop->remove_type) {
            return forms[i].form;
        }
    }
    return SQL_FORM_DROP_OTHER;
}

/* Columns, defaults and triggers may go along with what they were made of. */
static void note_cascade(struct sql_action *action)
{
    enum sql_form form = action->form;
    action->cascade = true;
    if (form == SQL_FORM_DROP_TYPE || form == SQL_FORM_DROP_DOMAIN ||
        form == SQL_FORM_DROP_EXTENSION || form == SQL_FORM_DROP_OTHER) {
        action->loss = SQL_LOSS_UNKNOWN;
        action->undo = SQL_UNDO_UNKNOWN;
    }
}

static void take_dropped(struct gathering *gathering, const PgQuery__DropStmt *drop)
{
    for (size_t i = 0; i < drop->n_objects; i++) {
        struct sql_action *action = gather(gathering, form_of(drop));
        gather_object(action, drop->remove_type, drop->objects[i]);
        if (drop->behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE) {
            note_cascade(action);
        }
        action->concurrently = drop->concurrent;
        gather_guard(action, drop->missing_ok);
        if (str_eq(action->object.schema, "pg_temp")) {
            action->temporary = true;
            action->loss = SQL_LOSS_NOTHING;
            action->undo = SQL_UNDO_NOT_NEEDED;
        }
    }
}

static void take_truncated(struct gathering *gathering, const PgQuery__TruncateStmt *truncate)
{
    for (size_t i = 0; i < truncate->n_relations; i++) {
        struct sql_action *action =
            gather_on(gathering, SQL_FORM_TRUNCATE, "table", truncate->relations[i]->range_var);
        action->cascade = truncate->behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE;
    }
}

/* The grammar's number of a mode is the server's, and the order of enum sql_lock is its own. */
static void take_locked(struct gathering *gathering, const PgQuery__LockStmt *lock)
{
    for (size_t i = 0; i < lock->n_relations; i++) {
        struct sql_action *action =
            gather_on(gathering, SQL_FORM_LOCK_TABLE, "table", lock->relations[i]->range_var);
        if (lock->mode >= SQL_LOCK_ACCESS_SHARE && lock->mode < SQL_LOCK__COUNT) {
            action->lock = (enum sql_lock)lock->mode;
        }
    }
}

bool take_drop(struct gathering *gathering, const PgQuery__Node *node)
{
    if (node->node_case == NODE(DROP_STMT)) {
        take_dropped(gathering, node->drop_stmt);
    } else if (node->node_case == NODE(TRUNCATE_STMT)) {
        take_truncated(gathering, node->truncate_stmt);
    } else if (node->node_case == NODE(LOCK_STMT)) {
        take_locked(gathering, node->lock_stmt);
    } else {
        return false;
    }
    return true;
}
