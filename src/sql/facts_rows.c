/* SPDX-License-Identifier: PostgreSQL */
/*
 * Facts of statements that change rows: INSERT, UPDATE, DELETE, MERGE, COPY. Changes inside
 * of WITH queries follow the statement that they belong to as actions of their own.
 */
#include "facts.h"

#define NODE(name) PG_QUERY__NODE__NODE_##name

static struct sql_change *new_change(struct gathering *gathering,
                                     const ProtobufCMessage *message)
{
    struct sql_change *change = arena_alloc(gathering->arena, sizeof *change);
    change->reads = gather_relations(gathering, message, &change->read_count);
    return change;
}

/*
 * Names of assigned columns. Parts of one column (a[1], a.b) may be assigned one by one: they
 * count once.
 */
static void add_assigned(struct gathering *gathering, struct sql_change *change,
                         PgQuery__Node *const *targets, size_t count, bool once)
{
    struct str *columns =
        arena_array(gathering->arena, change->column_count + count, sizeof *columns);
    for (size_t i = 0; i < change->column_count; i++) {
        columns[i] = change->columns[i];
    }
    for (size_t i = 0; i < count; i++) {
        const PgQuery__ResTarget *target = targets[i]->res_target;
        struct str name = str_from(target->name);
        bool known = false;
        for (size_t k = 0; k < change->column_count; k++) {
            known = known || str_is(columns[k], name);
        }
        if (!known || (!once && target->n_indirection == 0)) {
            columns[change->column_count++] = name;
        }
    }
    change->columns = columns;
}

static bool reads_relation(const struct sql_change *change, struct sql_name name)
{
    for (size_t i = 0; i < change->read_count; i++) {
        if (sql_name_is(change->reads[i], name)) {
            return true;
        }
    }
    return false;
}

/* ------------------------------------------------------------------ INSERT */

static bool calls_unknown(const struct sql_expression *expression)
{
    for (size_t i = 0; i < expression->call_count; i++) {
        if (sql_builtin_volatility(expression->calls[i].name) == SQL_VOLATILITY_UNKNOWN) {
            return true;
        }
    }
    return false;
}

/* DEFAULT VALUES, or VALUES without a query and without a function of somebody. */
static bool is_written_out(struct gathering *gathering, const PgQuery__InsertStmt *insert)
{
    const PgQuery__Node *source = insert->select_stmt;
    if (insert->with_clause != NULL || source == NULL) {
        return insert->with_clause == NULL;
    }
    if (source->node_case != NODE(SELECT_STMT) || source->select_stmt->n_values_lists == 0) {
        return false;
    }
    struct sql_expression rows = gather_expression(gathering, source);
    return !rows.has_subselect && !calls_unknown(&rows);
}

/* The columns that ON CONFLICT DO UPDATE assigns. */
static void note_conflict(struct gathering *gathering, struct sql_change *change,
                          const PgQuery__OnConflictClause *clause)
{
    struct sql_change assigned = {0};
    add_assigned(gathering, &assigned, clause->target_list, clause->n_target_list, false);
    change->on_conflict = true;
    change->conflict_columns = assigned.columns;
    change->conflict_count = assigned.column_count;
}

static void take_insert(struct gathering *gathering, const PgQuery__InsertStmt *insert)
{
    struct sql_change *change = new_change(gathering, &insert->base);
    change->written_out = is_written_out(gathering, insert);
    struct sql_action *action =
        gather_on(gathering, SQL_FORM_INSERT, "relation", insert->relation);
    add_assigned(gathering, change, insert->cols, insert->n_cols, false);
    action->change = change;
    if (reads_relation(change, action->object)) {
        action->rerun = SQL_RERUN_UNKNOWN; /* INSERT ... SELECT ... WHERE NOT EXISTS */
    }
    if (insert->on_conflict_clause != NULL) {
        bool nothing = insert->on_conflict_clause->action ==
                       PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_NOTHING;
        note_conflict(gathering, change, insert->on_conflict_clause);
        action->rerun = nothing ? SQL_RERUN_YES : SQL_RERUN_UNKNOWN;
        action->loss = nothing ? SQL_LOSS_NOTHING : SQL_LOSS_ROWS;
        action->undo = nothing ? SQL_UNDO_KNOWLEDGE : SQL_UNDO_BACKUP;
    }
}

/* ------------------------------------------------------------------ UPDATE */

static bool shares_column(const struct sql_expression *expression,
                          const struct sql_change *change)
{
    for (size_t i = 0; i < expression->column_count; i++) {
        for (size_t k = 0; k < change->column_count; k++) {
            if (str_is(expression->columns[i], change->columns[k])) {
                return true;
            }
        }
    }
    return false;
}

static bool calls_only_immutable(const struct sql_expression *expression)
{
    for (size_t i = 0; i < expression->call_count; i++) {
        if (sql_builtin_volatility(expression->calls[i].name) != SQL_VOLATILITY_IMMUTABLE) {
            return false;
        }
    }
    return true;
}

/*
 * One assignment, run again: a value that no assigned column goes into is the same again;
 * an operator on the column itself (n = n + 1) counts twice.
 */
static enum sql_rerun rerun_of_value(struct gathering *gathering, const PgQuery__Node *value,
                                     const struct sql_change *change)
{
    struct sql_expression expression = gather_expression(gathering, value);
    if (expression.has_subselect || !calls_only_immutable(&expression)) {
        return SQL_RERUN_UNKNOWN;
    }
    if (!shares_column(&expression, change)) {
        return SQL_RERUN_YES;
    }
    bool adds = value->node_case == NODE(A_EXPR) && expression.call_count == 0;
    return adds && !shares_column(&change->where, change) ? SQL_RERUN_TWICE : SQL_RERUN_UNKNOWN;
}

static enum sql_rerun rerun_of_update(struct gathering *gathering,
                                      const PgQuery__UpdateStmt *update,
                                      const struct sql_change *change)
{
    enum sql_rerun rerun = update->n_from_clause > 0 ? SQL_RERUN_UNKNOWN : SQL_RERUN_YES;
    for (size_t i = 0; i < update->n_target_list && rerun != SQL_RERUN_UNKNOWN; i++) {
        enum sql_rerun one =
            rerun_of_value(gathering, update->target_list[i]->res_target->val, change);
        rerun = one == SQL_RERUN_YES ? rerun : one;
    }
    return rerun;
}

static void take_update(struct gathering *gathering, const PgQuery__UpdateStmt *update)
{
    struct sql_change *change = new_change(gathering, &update->base);
    change->where = gather_expression(gathering, update->where_clause);
    add_assigned(gathering, change, update->target_list, update->n_target_list, false);
    enum sql_rerun rerun = rerun_of_update(gathering, update, change);
    struct sql_action *action =
        gather_on(gathering, SQL_FORM_UPDATE, "relation", update->relation);
    action->change = change;
    action->rerun = rerun;
}

/* ------------------------------------------------------------ DELETE, MERGE */

static void take_delete(struct gathering *gathering, const PgQuery__DeleteStmt *delete_rows)
{
    struct sql_change *change = new_change(gathering, &delete_rows->base);
    change->where = gather_expression(gathering, delete_rows->where_clause);
    struct sql_action *action =
        gather_on(gathering, SQL_FORM_DELETE, "relation", delete_rows->relation);
    action->change = change;
    if (!change->where.present || change->where.always_true) {
        action->loss = SQL_LOSS_DATA;
    }
}

static void take_merge(struct gathering *gathering, const PgQuery__MergeStmt *merge)
{
    struct sql_change *change = new_change(gathering, &merge->base);
    bool only_inserts = true;
    change->where = gather_expression(gathering, merge->join_condition);
    for (size_t i = 0; i < merge->n_merge_when_clauses; i++) {
        const PgQuery__MergeWhenClause *when = merge->merge_when_clauses[i]->merge_when_clause;
        add_assigned(gathering, change, when->target_list, when->n_target_list, i > 0);
        only_inserts = only_inserts && when->command_type != PG_QUERY__CMD_TYPE__CMD_UPDATE &&
                       when->command_type != PG_QUERY__CMD_TYPE__CMD_DELETE;
    }
    struct sql_action *action =
        gather_on(gathering, SQL_FORM_MERGE, "relation", merge->relation);
    action->change = change;
    if (only_inserts) {
        action->loss = SQL_LOSS_NOTHING;
        action->undo = SQL_UNDO_KNOWLEDGE;
    }
}

/* -------------------------------------------------------------------- COPY */

static void take_copy(struct gathering *gathering, const PgQuery__CopyStmt *copy)
{
    struct sql_change *change = arena_alloc(gathering->arena, sizeof *change);
    enum sql_form form = copy->is_from ? SQL_FORM_COPY_FROM : SQL_FORM_COPY_TO;
    change->where = gather_expression(gathering, copy->where_clause);
    change->columns =
        gather_strings(gathering, copy->attlist, copy->n_attlist, &change->column_count);
    if (copy->query != NULL) {
        change->reads = gather_relations(gathering, &copy->query->base, &change->read_count);
    }
    struct sql_action *action =
        gather_on(gathering, form, copy->relation == NULL ? "" : "relation", copy->relation);
    action->change = change;
    if (copy->relation == NULL) {
        action->lock = SQL_LOCK_NONE;
    }
}

/* ------------------------------------------------------------- WITH queries */

struct nested {
    struct gathering *gathering;
    const ProtobufCMessage *outer;
};

static bool take_change(struct gathering *gathering, const ProtobufCMessage *message)
{
    const ProtobufCMessageDescriptor *is = message->descriptor;
    if (is == &pg_query__insert_stmt__descriptor) {
        take_insert(gathering, (const PgQuery__InsertStmt *)message);
    } else if (is == &pg_query__update_stmt__descriptor) {
        take_update(gathering, (const PgQuery__UpdateStmt *)message);
    } else if (is == &pg_query__delete_stmt__descriptor) {
        take_delete(gathering, (const PgQuery__DeleteStmt *)message);
    } else if (is == &pg_query__merge_stmt__descriptor) {
        take_merge(gathering, (const PgQuery__MergeStmt *)message);
    } else {
        return false;
    }
    return true;
}

static bool visit_nested(void *context, const ProtobufCMessage *message)
{
    struct nested *nested = context;
    if (message == nested->outer || take_change(nested->gathering, message)) {
        return true;
    }
    if (message->descriptor == &pg_query__select_stmt__descriptor) {
        take_row_locks(nested->gathering, (const PgQuery__SelectStmt *)message);
    }
    return true;
}

/* SELECT INTO; of a UNION the first query has the INTO. */
static bool makes_table(const PgQuery__SelectStmt *select)
{
    while (select->larg != NULL) {
        select = select->larg;
    }
    return select->into_clause != NULL;
}

bool take_rows(struct gathering *gathering, const PgQuery__Node *node)
{
    /* All kinds of a Node share one pointer. */
    const ProtobufCMessage *message = (const ProtobufCMessage *)node->select_stmt;
    if (node->node_case == NODE(COPY_STMT)) {
        take_copy(gathering, node->copy_stmt);
    } else if (node->node_case == NODE(SELECT_STMT) && !makes_table(node->select_stmt)) {
        take_select(gathering, node);
    } else if (message == NULL || !take_change(gathering, message)) {
        return false;
    }
    struct nested nested = {gathering, message};
    tree_walk(&node->base, visit_nested, &nested);
    return true;
}
