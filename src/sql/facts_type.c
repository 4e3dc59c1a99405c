/* SPDX-License-Identifier: PostgreSQL */
/*
 * Facts of types, enums and domains. ALTER TYPE ... ADD ATTRIBUTE has the grammar of ALTER
 * TABLE and stands there.
 */
#include "facts.h"

#define NODE(name) PG_QUERY__NODE__NODE_##name

static struct sql_action *act(struct gathering *gathering, enum sql_form form, const char *kind,
                              struct sql_name name)
{
    struct sql_action *action = gather(gathering, form);
    action->kind = kind;
    action->object = name;
    return action;
}

/* CREATE of anything that DROP kind name takes back. */
static void take_creation(struct gathering *gathering, enum sql_form form, const char *kind,
                          struct sql_name name)
{
    struct sql_action *action = act(gathering, form, kind, name);
    struct str written = sql_name_written(gathering->arena, name);
    struct str drop = gather_command(gathering, "DROP", kind);
    gather_undo(gathering, action, "%.*s %.*s", STR_ARG(drop), STR_ARG(written));
}

static bool take_creations(struct gathering *gathering, const PgQuery__Node *node)
{
    if (node->node_case == NODE(CREATE_ENUM_STMT)) {
        take_creation(gathering, SQL_FORM_CREATE_ENUM, "type",
                      gather_list_name(node->create_enum_stmt->type_name,
                                       node->create_enum_stmt->n_type_name));
    } else if (node->node_case == NODE(CREATE_RANGE_STMT)) {
        take_creation(gathering, SQL_FORM_CREATE_TYPE, "type",
                      gather_list_name(node->create_range_stmt->type_name,
                                       node->create_range_stmt->n_type_name));
    } else if (node->node_case == NODE(COMPOSITE_TYPE_STMT)) {
        take_creation(gathering, SQL_FORM_CREATE_TYPE, "type",
                      gather_name(node->composite_type_stmt->typevar));
    } else if (node->node_case == NODE(DEFINE_STMT) &&
               node->define_stmt->kind == PG_QUERY__OBJECT_TYPE__OBJECT_TYPE) {
        take_creation(
            gathering, SQL_FORM_CREATE_TYPE, "type",
            gather_list_name(node->define_stmt->defnames, node->define_stmt->n_defnames));
    } else {
        return false;
    }
    return true;
}

/* ------------------------------------------------------------------- enums */

static struct str literal(struct gathering *gathering, struct str text)
{
    struct strbuf out = {0};
    sql_quote_literal(&out, text);
    struct str kept = str_dup(gathering->arena, strbuf_str(&out));
    strbuf_release(&out);
    return kept;
}

static void take_enum(struct gathering *gathering, const PgQuery__AlterEnumStmt *alter)
{
    struct sql_name name = gather_list_name(alter->type_name, alter->n_type_name);
    if (alter->old_val[0] == '\0') {
        struct sql_action *added = act(gathering, SQL_FORM_ADD_ENUM_VALUE, "type", name);
        added->part = str_from(alter->new_val);
        added->neighbour = str_from(alter->new_val_neighbor);
        gather_guard(added, alter->skip_if_new_val_exists);
        return;
    }
    struct sql_action *renamed = act(gathering, SQL_FORM_RENAME_ENUM_VALUE, "type", name);
    renamed->part = str_from(alter->old_val);
    renamed->renamed = str_from(alter->new_val);
    struct str written = sql_name_written(gathering->arena, name);
    struct str from = literal(gathering, renamed->renamed);
    struct str to = literal(gathering, renamed->part);
    gather_undo(gathering, renamed, "ALTER TYPE %.*s RENAME VALUE %.*s TO %.*s",
                STR_ARG(written), STR_ARG(from), STR_ARG(to));
}

/* ----------------------------------------------------------------- domains */

static const struct sql_constraint *domain_check(struct gathering *gathering,
                                                 const PgQuery__Constraint *constraint)
{
    struct sql_constraint *check = arena_alloc(gathering->arena, sizeof *check);
    *check = (struct sql_constraint){
        .kind = constraint->contype == PG_QUERY__CONSTR_TYPE__CONSTR_NOTNULL
                    ? SQL_CONSTRAINT_NOT_NULL
                    : SQL_CONSTRAINT_CHECK,
        .name = str_from(constraint->conname),
        .not_valid = constraint->skip_validation,
        .check = gather_expression(gathering, constraint->raw_expr),
    };
    return check;
}

/* The type, NOT NULL and the default as of a column; the first CHECK as the constraint. */
static void take_domain(struct gathering *gathering, const PgQuery__CreateDomainStmt *create)
{
    struct sql_column *column = arena_alloc(gathering->arena, sizeof *column);
    const struct sql_constraint *check = NULL;
    column->type = gather_type(gathering, create->type_name);
    for (size_t i = 0; i < create->n_constraints; i++) {
        const PgQuery__Constraint *constraint = create->constraints[i]->constraint;
        if (constraint->contype == PG_QUERY__CONSTR_TYPE__CONSTR_NOTNULL) {
            column->not_null = true;
        } else if (constraint->contype == PG_QUERY__CONSTR_TYPE__CONSTR_DEFAULT) {
            column->default_value = gather_expression(gathering, constraint->raw_expr);
        } else if (constraint->contype == PG_QUERY__CONSTR_TYPE__CONSTR_CHECK &&
                   check == NULL) {
            check = domain_check(gathering, constraint);
        }
    }
    take_creation(gathering, SQL_FORM_CREATE_DOMAIN, "domain",
                  gather_list_name(create->domainname, create->n_domainname));
    struct sql_action *action = &gathering->actions[gathering->action_count - 1];
    action->column = column;
    action->constraint = check;
}

/* ALTER DOMAIN ... ADD CONSTRAINT, SET NOT NULL, VALIDATE: columns of that type are read. */
static void take_domain_constraint(struct gathering *gathering,
                                   const PgQuery__AlterDomainStmt *alter)
{
    struct sql_name name = gather_list_name(alter->type_name, alter->n_type_name);
    struct str written = sql_name_written(gathering->arena, name);
    struct sql_action *action =
        act(gathering, SQL_FORM_ALTER_DOMAIN_CONSTRAINT, "domain", name);
    char what = alter->subtype[0];
    action->part = str_from(alter->name);
    if (what == 'O') {
        action->rerun = SQL_RERUN_YES;
        gather_undo(gathering, action, "ALTER DOMAIN %.*s DROP NOT NULL", STR_ARG(written));
    } else if (what == 'V') {
        action->rerun = SQL_RERUN_YES;
        action->undo = SQL_UNDO_NOT_NEEDED;
    } else if (alter->def != NULL && alter->def->node_case == NODE(CONSTRAINT)) {
        action->constraint = domain_check(gathering, alter->def->constraint);
        action->part = action->constraint->name;
        action->work = action->constraint->not_valid ? SQL_WORK_NONE : action->work;
        if (action->part.len > 0) {
            struct str part = gather_ident(gathering, action->part);
            gather_undo(gathering, action, "ALTER DOMAIN %.*s DROP CONSTRAINT %.*s",
                        STR_ARG(written), STR_ARG(part));
        }
    }
}

static void take_alter_domain(struct gathering *gathering,
                              const PgQuery__AlterDomainStmt *alter)
{
    char what = alter->subtype[0];
    if (what == 'C' || what == 'O' || what == 'V') {
        take_domain_constraint(gathering, alter);
        return;
    }
    struct sql_action *action = act(gathering, SQL_FORM_ALTER_DOMAIN, "domain",
                                    gather_list_name(alter->type_name, alter->n_type_name));
    bool drops = what == 'X' || what == 'N' || (what == 'T' && alter->def == NULL);
    action->part = str_from(alter->name);
    action->cascade = alter->behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE;
    action->rerun = what == 'X' ? SQL_RERUN_FAILS : SQL_RERUN_YES;
    action->loss = drops ? SQL_LOSS_GUARANTEE : SQL_LOSS_NOTHING;
    gather_guard(action, alter->missing_ok);
}

bool take_type(struct gathering *gathering, const PgQuery__Node *node)
{
    if (node->node_case == NODE(ALTER_ENUM_STMT)) {
        take_enum(gathering, node->alter_enum_stmt);
    } else if (node->node_case == NODE(CREATE_DOMAIN_STMT)) {
        take_domain(gathering, node->create_domain_stmt);
    } else if (node->node_case == NODE(ALTER_DOMAIN_STMT)) {
        take_alter_domain(gathering, node->alter_domain_stmt);
    } else if (node->node_case == NODE(ALTER_TYPE_STMT)) {
        act(gathering, SQL_FORM_ALTER_TYPE, "type",
            gather_list_name(node->alter_type_stmt->type_name,
                             node->alter_type_stmt->n_type_name));
    } else {
        return take_creations(gathering, node);
    }
    return true;
}
