/* SPDX-License-Identifier: PostgreSQL */
/*
 * How the grammar names an object of some type, in DROP, COMMENT, RENAME, OWNER TO and SET
 * SCHEMA: a list of strings, a type, a function with its arguments, one string; and what
 * follows from the type.
 */
#include "facts.h"

#define NODE(name)   PG_QUERY__NODE__NODE_##name
#define OBJECT(name) PG_QUERY__OBJECT_TYPE__OBJECT_##name

bool gather_is_relation(PgQuery__ObjectType type)
{
    return type == OBJECT(TABLE) || type == OBJECT(FOREIGN_TABLE) || type == OBJECT(VIEW) ||
           type == OBJECT(MATVIEW) || type == OBJECT(SEQUENCE) || type == OBJECT(INDEX);
}

bool gather_is_part_of_table(PgQuery__ObjectType type)
{
    return type == OBJECT(COLUMN) || type == OBJECT(TABCONSTRAINT) || type == OBJECT(RULE) ||
           type == OBJECT(TRIGGER) || type == OBJECT(POLICY);
}

/* Operator classes and families are written behind their access method. */
static bool is_of_method(PgQuery__ObjectType type)
{
    return type == OBJECT(OPCLASS) || type == OBJECT(OPFAMILY);
}

static struct str string_of(const PgQuery__Node *node)
{
    return node->node_case == NODE(STRING) ? str_from(node->string->sval) : STR("");
}

/* Without the schema that the grammar puts before its own types. */
static struct sql_name type_name(const PgQuery__TypeName *type)
{
    struct sql_name name = gather_list_name(type->names, type->n_names);
    if (str_eq(name.schema, "pg_catalog")) {
        name.schema = STR("");
    }
    return name;
}

/* [schema.]table.part; a domain's constraint is a type and a string; names. */
static void name_by_list(struct sql_action *action, PgQuery__ObjectType type,
                         const PgQuery__List *list)
{
    PgQuery__Node *const *items = list->items;
    size_t count = list->n_items;
    if (count == 0) {
        return;
    }
    if (items[0]->node_case == NODE(TYPE_NAME)) {
        action->object = type_name(items[0]->type_name);
        action->part = count > 1 ? string_of(items[1]) : STR("");
    } else if (gather_is_part_of_table(type)) {
        action->object = gather_list_name(items, count - 1);
        action->part = string_of(items[count - 1]);
    } else if (is_of_method(type)) {
        action->object = gather_list_name(items + 1, count - 1);
    } else {
        action->object = gather_list_name(items, count);
    }
}

void gather_object(struct sql_action *action, PgQuery__ObjectType type,
                   const PgQuery__Node *node)
{
    action->kind = tree_kind(type);
    if (node == NULL) {
        return;
    }
    if (node->node_case == NODE(LIST)) {
        name_by_list(action, type, node->list);
    } else if (node->node_case == NODE(TYPE_NAME)) {
        action->object = type_name(node->type_name);
    } else if (node->node_case == NODE(OBJECT_WITH_ARGS)) {
        action->object = gather_list_name(node->object_with_args->objname,
                                          node->object_with_args->n_objname);
    } else if (node->node_case == NODE(ROLE_SPEC)) {
        action->object.name = gather_role(node->role_spec);
    } else if (node->node_case == NODE(RANGE_VAR)) {
        action->object = gather_name(node->range_var);
    } else {
        action->object.name = string_of(node);
    }
    if (type == OBJECT(INDEX)) {
        action->other = action->object;
    }
}
