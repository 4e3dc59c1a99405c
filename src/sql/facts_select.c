/* SPDX-License-Identifier: PostgreSQL */
/*
 * Facts of queries: what they read, which rows they lock, and whether a function that they
 * call may change anything.
 */
#include "facts.h"

#define NODE(name) PG_QUERY__NODE__NODE_##name

static bool is_called(const struct sql_expression *query, const char *name)
{
    for (size_t i = 0; i < query->call_count; i++) {
        if (str_eq(query->calls[i].name.name, name)) {
            return true;
        }
    }
    return false;
}

static bool calls_unknown(const struct sql_expression *query)
{
    for (size_t i = 0; i < query->call_count; i++) {
        if (sql_builtin_volatility(query->calls[i].name) == SQL_VOLATILITY_UNKNOWN) {
            return true;
        }
    }
    return false;
}

/* Of the functions that are known only those of sequences leave something behind. */
static void judge_calls(struct sql_action *action, const struct sql_expression *query)
{
    if (calls_unknown(query)) {
        action->work = SQL_WORK_UNKNOWN;
        action->rerun = SQL_RERUN_UNKNOWN;
        action->loss = SQL_LOSS_UNKNOWN;
        action->undo = SQL_UNDO_UNKNOWN;
    } else if (is_called(query, "nextval")) {
        action->rerun = SQL_RERUN_TWICE;
        action->undo = SQL_UNDO_NEVER;
    } else if (is_called(query, "setval")) {
        action->undo = SQL_UNDO_KNOWLEDGE;
    }
}

void take_select(struct gathering *gathering, const PgQuery__Node *node)
{
    const PgQuery__SelectStmt *select = node->select_stmt;
    struct sql_change *change = arena_alloc(gathering->arena, sizeof *change);
    struct sql_expression query = gather_expression(gathering, node);
    change->where = gather_expression(gathering, select->where_clause);
    change->reads = gather_relations(gathering, &node->base, &change->read_count);
    change->calls = query.calls;
    change->call_count = query.call_count;
    size_t before = gathering->action_count;
    take_row_locks(gathering, select);
    struct sql_action *action = gathering->action_count > before
                                    ? &gathering->actions[before]
                                    : gather(gathering, SQL_FORM_SELECT);
    action->change = change;
    judge_calls(action, &query);
    if (action->form == SQL_FORM_SELECT && change->read_count > 0) {
        action->other = change->reads[0];
    }
}

/* --------------------------------------------------------------- row locks */

static bool is_locked(const PgQuery__RangeVar *range, const PgQuery__LockingClause *clause)
{
    const char *called = range->alias != NULL ? range->alias->aliasname : range->relname;
    for (size_t i = 0; i < clause->n_locked_rels; i++) {
        if (strcmp(clause->locked_rels[i]->range_var->relname, called) == 0) {
            return true;
        }
    }
    return clause->n_locked_rels == 0;
}

struct lockers {
    struct gathering *gathering;
    const PgQuery__LockingClause *clause;
};

/* Row locks go into subselects of FROM, but not into WHERE or WITH. */
static bool visit_locked(void *context, const ProtobufCMessage *message)
{
    struct lockers *lockers = context;
    if (message->descriptor == &pg_query__range_var__descriptor) {
        const PgQuery__RangeVar *range = (const PgQuery__RangeVar *)message;
        if (is_locked(range, lockers->clause)) {
            struct sql_action *action = gather(lockers->gathering, SQL_FORM_SELECT_FOR_UPDATE);
            action->offset = gather_offset(lockers->gathering, range->location);
            action->other = gather_name(range);
        }
    }
    return message->descriptor != &pg_query__sub_link__descriptor &&
           message->descriptor != &pg_query__with_clause__descriptor;
}

void take_row_locks(struct gathering *gathering, const PgQuery__SelectStmt *select)
{
    for (size_t i = 0; i < select->n_locking_clause; i++) {
        struct lockers lockers = {gathering, select->locking_clause[i]->locking_clause};
        for (size_t k = 0; k < select->n_from_clause; k++) {
            tree_walk(&select->from_clause[k]->base, visit_locked, &lockers);
        }
    }
}
