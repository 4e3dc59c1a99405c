/* SPDX-License-Identifier: PostgreSQL */
/*
 * Facts of CREATE TABLE in all its forms. The new table itself is locked, too, but nobody can
 * see it yet: the locks told here are those on tables that were there before.
 */
#include "facts.h"

#define NODE(name)      PG_QUERY__NODE__NODE_##name
#define ON_COMMIT(name) PG_QUERY__ON_COMMIT_ACTION__ONCOMMIT_##name

static bool is_temporary(const PgQuery__RangeVar *range)
{
    return range != NULL && range->relpersistence[0] == 't';
}

void gather_created(struct gathering *gathering, struct sql_action *action,
                    const PgQuery__RangeVar *range, bool guarded)
{
    action->temporary = is_temporary(range);
    action->unlogged = range != NULL && range->relpersistence[0] == 'u';
    gather_guard(action, guarded);
    if (action->temporary) {
        action->undo = SQL_UNDO_NOT_NEEDED;
    } else {
        gather_undo(gathering, action, "%.*s %.*s",
                    STR_ARG(gather_command(gathering, "DROP", action->kind)),
                    STR_ARG(sql_name_written(gathering->arena, action->object)));
    }
}

/* ------------------------------------------------------------ its elements */

static void take_column(struct gathering *gathering, const struct sql_action *whole,
                        const PgQuery__RangeVar *table, const PgQuery__ColumnDef *definition)
{
    const struct sql_column *column = gather_column(gathering, definition);
    struct sql_action *action = gather_on(gathering, SQL_FORM_ADD_COLUMN, whole->kind, table);
    action->column = column;
    action->part = column->name;
    action->offset = gather_offset(gathering, definition->location);
    gather_inside(action, whole);
    gather_column_constraints(gathering, whole, table, definition);
}

static void take_element(struct gathering *gathering, const struct sql_action *whole,
                         const PgQuery__RangeVar *table, const PgQuery__Node *element)
{
    if (element->node_case == NODE(COLUMN_DEF)) {
        take_column(gathering, whole, table, element->column_def);
    } else if (gather_is_constraint(element)) {
        gather_inside(
            gather_constraint(gathering, whole->kind, table, element->constraint, STR("")),
            whole);
    } else if (element->node_case == NODE(TABLE_LIKE_CLAUSE)) {
        struct sql_action *action =
            gather_on(gathering, SQL_FORM_CREATE_LIKE, whole->kind, table);
        action->other = gather_name(element->table_like_clause->relation);
        gather_inside(action, whole);
    }
}

/* Further parents of a table that inherits from more than one. */
static void take_parents(struct gathering *gathering, const struct sql_action *whole,
                         const PgQuery__CreateStmt *create)
{
    for (size_t i = 1; i < create->n_inh_relations; i++) {
        struct sql_action *action =
            gather_on(gathering, SQL_FORM_INHERIT, whole->kind, create->relation);
        action->other = gather_name(create->inh_relations[i]->range_var);
        gather_inside(action, whole);
    }
}

/* --------------------------------------------------------------- statements */

static enum sql_form form_of(const PgQuery__CreateStmt *create)
{
    if (create->partbound != NULL) {
        return SQL_FORM_CREATE_PARTITION;
    }
    return create->n_inh_relations > 0 ? SQL_FORM_CREATE_INHERITED : SQL_FORM_CREATE_TABLE;
}

static void take_table(struct gathering *gathering, const PgQuery__CreateStmt *create,
                       enum sql_form form, const char *kind)
{
    struct sql_action *action = gather_on(gathering, form, kind, create->relation);
    action->only = false;
    if (create->n_inh_relations > 0) {
        action->other = gather_name(create->inh_relations[0]->range_var);
        action->other_lock = sql_form_row(form_of(create))->other;
    }
    gather_created(gathering, action, create->relation, create->if_not_exists);
    action->ends_temporary = create->oncommit == ON_COMMIT(DROP);
    struct sql_action whole = *action; /* the list of actions moves when it grows */
    take_parents(gathering, &whole, create);
    for (size_t i = 0; i < create->n_table_elts; i++) {
        take_element(gathering, &whole, create->relation, create->table_elts[i]);
    }
}

const struct sql_view *gather_query(struct gathering *gathering, const PgQuery__Node *query,
                                    struct sql_name made)
{
    struct sql_view *view = arena_alloc(gathering->arena, sizeof *view);
    view->query = gather_expression(gathering, query);
    size_t found = 0;
    const struct sql_name *relations =
        query == NULL ? NULL : gather_relations(gathering, &query->base, &found);
    struct sql_name *read = arena_array(gathering->arena, found, sizeof *read);
    size_t count = 0;
    for (size_t i = 0; i < found; i++) {
        if (!sql_name_is(relations[i], made)) { /* SELECT INTO holds it, too */
            read[count++] = relations[i];
        }
    }
    view->query.relations = read;
    view->query.relation_count = count;
    return view;
}

void gather_table_as(struct gathering *gathering, enum sql_form form, const char *kind,
                     const PgQuery__IntoClause *into, const PgQuery__Node *query, bool guarded)
{
    const struct sql_view *view = gather_query(gathering, query, gather_name(into->rel));
    struct sql_action *action = gather_on(gathering, form, kind, into->rel);
    action->only = false;
    action->view = view;
    if (into->skip_data) {
        action->work = SQL_WORK_NONE;
    }
    gather_created(gathering, action, into->rel, guarded);
    action->ends_temporary = into->on_commit == ON_COMMIT(DROP);
}

/* The INTO of SELECT ... INTO ... UNION SELECT stands in the leftmost query. */
static const PgQuery__IntoClause *into_of(const PgQuery__SelectStmt *select)
{
    while (select->larg != NULL && select->into_clause == NULL) {
        select = select->larg;
    }
    return select->into_clause;
}

bool take_create_table(struct gathering *gathering, const PgQuery__Node *node)
{
    if (node->node_case == NODE(CREATE_STMT)) {
        take_table(gathering, node->create_stmt, form_of(node->create_stmt), "table");
    } else if (node->node_case == NODE(CREATE_FOREIGN_TABLE_STMT)) {
        take_table(gathering, node->create_foreign_table_stmt->base_stmt,
                   SQL_FORM_CREATE_FOREIGN_TABLE, "foreign table");
    } else if (node->node_case == NODE(CREATE_TABLE_AS_STMT) &&
               node->create_table_as_stmt->objtype != PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW) {
        const PgQuery__CreateTableAsStmt *create = node->create_table_as_stmt;
        gather_table_as(gathering, SQL_FORM_CREATE_TABLE_AS, "table", create->into,
                        create->query, create->if_not_exists);
    } else if (node->node_case == NODE(SELECT_STMT) && into_of(node->select_stmt) != NULL) {
        gather_table_as(gathering, SQL_FORM_CREATE_TABLE_AS, "table",
                        into_of(node->select_stmt), node, false);
    } else {
        return false;
    }
    return true;
}
