/* SPDX-License-Identifier: PostgreSQL */
/*
 * Facts of views, materialized views and sequences.
 */
#include "facts.h"

#define NODE(name) PG_QUERY__NODE__NODE_##name

/* -------------------------------------------------------------------- views */

/* A boolean option of WITH (...), as the server's parse_bool() reads it. */
static enum sql_fact option_fact(struct gathering *gathering, const PgQuery__ViewStmt *create,
                                 const char *name)
{
    const PgQuery__DefElem *option = tree_option(create->options, create->n_options, name);
    if (option == NULL) {
        return SQL_UNKNOWN;
    }
    struct str value = gather_value(gathering, option->arg);
    return value.len == 0 || str_eq(value, "true") || str_eq(value, "on") ||
                   str_eq(value, "yes") || str_eq(value, "1")
               ? SQL_YES
               : SQL_NO;
}

static void take_create_view(struct gathering *gathering, const PgQuery__ViewStmt *create)
{
    struct sql_view *view = arena_alloc(gathering->arena, sizeof *view);
    *view = *gather_query(gathering, create->query, gather_name(create->view));
    view->security_invoker = option_fact(gathering, create, "security_invoker");
    view->security_barrier = option_fact(gathering, create, "security_barrier");
    struct sql_action *action =
        gather_on(gathering, create->replace ? SQL_FORM_REPLACE_VIEW : SQL_FORM_CREATE_VIEW,
                  "view", create->view);
    action->view = view;
    action->only = false;
    gather_created(gathering, action, create->view, create->replace);
}

static void take_refresh(struct gathering *gathering,
                         const PgQuery__RefreshMatViewStmt *refresh)
{
    struct sql_action *action =
        gather_on(gathering,
                  refresh->concurrent ? SQL_FORM_REFRESH_MATERIALIZED_VIEW_CONCURRENTLY
                                      : SQL_FORM_REFRESH_MATERIALIZED_VIEW,
                  "materialized view", refresh->relation);
    action->concurrently = refresh->concurrent;
    if (refresh->skip_data) {
        action->loss = SQL_LOSS_CODE; /* emptied, and unreadable until the next refresh */
        action->work = SQL_WORK_NONE;
    }
}

/* ---------------------------------------------------------------- sequences */

/* OWNED BY [schema.]table.column; the word NONE comes alone. */
static void note_owner(struct sql_action *action, PgQuery__Node *const *options, size_t count)
{
    const PgQuery__DefElem *owned = tree_option(options, count, "owned_by");
    if (owned != NULL && owned->arg != NULL && owned->arg->node_case == NODE(LIST) &&
        owned->arg->list->n_items > 1) {
        action->other =
            gather_list_name(owned->arg->list->items, owned->arg->list->n_items - 1);
    }
}

static void take_create_sequence(struct gathering *gathering,
                                 const PgQuery__CreateSeqStmt *create)
{
    struct sql_action *action =
        gather_on(gathering, SQL_FORM_CREATE_SEQUENCE, "sequence", create->sequence);
    action->only = false;
    note_owner(action, create->options, create->n_options);
    gather_created(gathering, action, create->sequence, create->if_not_exists);
}

static void take_alter_sequence(struct gathering *gathering, const PgQuery__AlterSeqStmt *alter)
{
    struct sql_action *action =
        gather_on(gathering, SQL_FORM_ALTER_SEQUENCE, "sequence", alter->sequence);
    note_owner(action, alter->options, alter->n_options);
    gather_guard(action, alter->missing_ok);
}

bool take_view(struct gathering *gathering, const PgQuery__Node *node)
{
    if (node->node_case == NODE(VIEW_STMT)) {
        take_create_view(gathering, node->view_stmt);
    } else if (node->node_case == NODE(CREATE_TABLE_AS_STMT) &&
               node->create_table_as_stmt->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW) {
        const PgQuery__CreateTableAsStmt *create = node->create_table_as_stmt;
        gather_table_as(gathering, SQL_FORM_CREATE_MATERIALIZED_VIEW, "materialized view",
                        create->into, create->query, create->if_not_exists);
    } else if (node->node_case == NODE(REFRESH_MAT_VIEW_STMT)) {
        take_refresh(gathering, node->refresh_mat_view_stmt);
    } else if (node->node_case == NODE(CREATE_SEQ_STMT)) {
        take_create_sequence(gathering, node->create_seq_stmt);
    } else if (node->node_case == NODE(ALTER_SEQ_STMT)) {
        take_alter_sequence(gathering, node->alter_seq_stmt);
    } else {
        return false;
    }
    return true;
}
