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

static bool is_set_config(const PgQuery__FuncCall *call)
{
    struct sql_name name = gather_list_name(call->funcname, call->n_funcname);
    return call->n_args == 3 && str_eq(name.name, "set_config") &&
           (name.schema.len == 0 || str_eq(name.schema, "pg_catalog"));
}

static const PgQuery__AConst *constant_of(const PgQuery__Node *node)
{
    while (node != NULL && node->node_case == NODE(TYPE_CAST)) {
        node = node->type_cast->arg;
    }
    return node != NULL && node->node_case == NODE(A_CONST) ? node->a_const : NULL;
}

static bool is_true(const PgQuery__AConst *constant)
{
    return constant->val_case == PG_QUERY__A__CONST__VAL_BOOLVAL
               ? constant->boolval->boolval
               : constant->val_case == PG_QUERY__A__CONST__VAL_SVAL &&
                     constant->sval->sval[0] == 't';
}

/* set_config('name', 'value', local) is SET, when all three are written out. */
static void take_set_config(struct gathering *gathering, const PgQuery__FuncCall *call)
{
    const PgQuery__AConst *name = constant_of(call->args[0]);
    const PgQuery__AConst *value = constant_of(call->args[1]);
    const PgQuery__AConst *local = constant_of(call->args[2]);
    if (!name || name->val_case != PG_QUERY__A__CONST__VAL_SVAL || !value || !local) {
        return;
    }
    struct sql_setting *setting = arena_alloc(gathering->arena, sizeof *setting);
    *setting = (struct sql_setting){
        .name = gather_folded(gathering, name->sval->sval),
        .value = gather_value(gathering, call->args[1]),
        .reset = value->isnull,
        .local = is_true(local),
    };
    gather(gathering, setting->reset ? SQL_FORM_RESET : SQL_FORM_SET)->setting = setting;
}

static void take_settings(struct gathering *gathering, const PgQuery__SelectStmt *select)
{
    for (size_t i = 0; i < select->n_target_list; i++) {
        const PgQuery__Node *target = select->target_list[i]->res_target->val;
        if (target != NULL && target->node_case == NODE(FUNC_CALL) &&
            is_set_config(target->func_call)) {
            take_set_config(gathering, target->func_call);
        }
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
    take_settings(gathering, select);
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
