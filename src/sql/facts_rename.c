/* SPDX-License-Identifier: PostgreSQL */
/*
 * Facts of what changes the name, the schema, the owner or the description of whatever has a
 * name. Owners of tables are changed by ALTER TABLE's own command.
 */
#include "facts.h"

#define NODE(name)   PG_QUERY__NODE__NODE_##name
#define OBJECT(name) PG_QUERY__OBJECT_TYPE__OBJECT_##name

/* Types that are not here are RENAME_OTHER, SET_SCHEMA_OTHER. */
static const struct {
    PgQuery__ObjectType type;
    enum sql_form rename;
    enum sql_form set_schema;
} forms[] = {
    {OBJECT(TABLE), SQL_FORM_RENAME_TABLE, SQL_FORM_SET_TABLE_SCHEMA},
    {OBJECT(FOREIGN_TABLE), SQL_FORM_RENAME_TABLE, SQL_FORM_SET_TABLE_SCHEMA},
    {OBJECT(VIEW), SQL_FORM_RENAME_VIEW, SQL_FORM_SET_VIEW_SCHEMA},
    {OBJECT(MATVIEW), SQL_FORM_RENAME_VIEW, SQL_FORM_SET_VIEW_SCHEMA},
    {OBJECT(SEQUENCE), SQL_FORM_RENAME_SEQUENCE, SQL_FORM_SET_SEQUENCE_SCHEMA},
    {OBJECT(INDEX), SQL_FORM_RENAME_INDEX, SQL_FORM_SET_SCHEMA_OTHER},
    {OBJECT(COLUMN), SQL_FORM_RENAME_COLUMN, SQL_FORM_SET_SCHEMA_OTHER},
    {OBJECT(ATTRIBUTE), SQL_FORM_RENAME_ATTRIBUTE, SQL_FORM_SET_SCHEMA_OTHER},
    {OBJECT(TABCONSTRAINT), SQL_FORM_RENAME_CONSTRAINT, SQL_FORM_SET_SCHEMA_OTHER},
    {OBJECT(TRIGGER), SQL_FORM_RENAME_TRIGGER, SQL_FORM_SET_SCHEMA_OTHER},
    {OBJECT(RULE), SQL_FORM_RENAME_RULE, SQL_FORM_SET_SCHEMA_OTHER},
    {OBJECT(POLICY), SQL_FORM_RENAME_POLICY, SQL_FORM_SET_SCHEMA_OTHER},
    {OBJECT(SCHEMA), SQL_FORM_RENAME_SCHEMA, SQL_FORM_SET_SCHEMA_OTHER},
};

/* ------------------------------------------------------------------- RENAME */

static enum sql_form form_of_rename(const PgQuery__RenameStmt *rename)
{
    if (rename->rename_type == OBJECT(COLUMN) && rename->relation_type == OBJECT(VIEW)) {
        return SQL_FORM_RENAME_VIEW_COLUMN;
    }
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        if (forms[i].type == rename->rename_type) {
            return forms[i].rename;
        }
    }
    return SQL_FORM_RENAME_OTHER;
}

/* "COLUMN ", "ATTRIBUTE ", "CONSTRAINT " for what is renamed inside of ALTER x; else "". */
static const char *word_inside(PgQuery__ObjectType type)
{
    return type == OBJECT(COLUMN)                                           ? "COLUMN "
           : type == OBJECT(ATTRIBUTE)                                      ? "ATTRIBUTE "
           : type == OBJECT(TABCONSTRAINT) || type == OBJECT(DOMCONSTRAINT) ? "CONSTRAINT "
                                                                            : "";
}

/* ALTER TABLE for a column, ALTER DOMAIN for its constraint. */
static const char *kind_of_whole(const PgQuery__RenameStmt *rename)
{
    PgQuery__ObjectType type = rename->rename_type;
    return type == OBJECT(COLUMN) || type == OBJECT(ATTRIBUTE)
               ? tree_kind(rename->relation_type)
           : type == OBJECT(TABCONSTRAINT) ? "table"
           : type == OBJECT(DOMCONSTRAINT) ? "domain"
                                           : tree_kind(type);
}

/* Names that are more than words: arguments of functions, methods of operator classes. */
static bool is_named_by_more(const PgQuery__RenameStmt *rename)
{
    return (rename->object != NULL && rename->object->node_case == NODE(OBJECT_WITH_ARGS)) ||
           rename->rename_type == OBJECT(OPCLASS) || rename->rename_type == OBJECT(OPFAMILY);
}

static void undo_rename(struct gathering *gathering, struct sql_action *action,
                        const PgQuery__RenameStmt *rename)
{
    struct arena *arena = gathering->arena;
    struct str command = gather_command(gathering, "ALTER", kind_of_whole(rename));
    const char *word = word_inside(rename->rename_type);
    if (is_named_by_more(rename)) {
        action->undo = SQL_UNDO_KNOWLEDGE;
    } else if (word[0] != '\0') {
        gather_undo(gathering, action, "%.*s %.*s RENAME %s%.*s TO %.*s", STR_ARG(command),
                    STR_ARG(sql_name_written(arena, action->object)), word,
                    STR_ARG(gather_ident(gathering, action->renamed)),
                    STR_ARG(gather_ident(gathering, action->part)));
    } else if (action->part.len > 0) {
        gather_undo(gathering, action, "%.*s %.*s ON %.*s RENAME TO %.*s", STR_ARG(command),
                    STR_ARG(gather_ident(gathering, action->renamed)),
                    STR_ARG(sql_name_written(arena, action->object)),
                    STR_ARG(gather_ident(gathering, action->part)));
    } else {
        struct sql_name now = {action->object.schema, action->renamed};
        gather_undo(gathering, action, "%.*s %.*s RENAME TO %.*s", STR_ARG(command),
                    STR_ARG(sql_name_written(arena, now)),
                    STR_ARG(gather_ident(gathering, action->object.name)));
    }
}

static void take_renamed(struct gathering *gathering, const PgQuery__RenameStmt *rename)
{
    struct sql_action *action = gather_on(gathering, form_of_rename(rename),
                                          tree_kind(rename->rename_type), rename->relation);
    action->renamed = str_from(rename->newname);
    action->only = action->only && rename->relation_type != OBJECT(TYPE);
    if (rename->relation == NULL) {
        gather_object(action, rename->rename_type, rename->object);
    }
    struct str subname = str_from(rename->subname);
    if (action->object.name.len == 0) {
        action->object.name = subname; /* roles, databases, schemas, tablespaces */
    } else if (subname.len > 0) {
        action->part = subname;
    }
    if (action->form == SQL_FORM_RENAME_INDEX) {
        action->other = action->object;
    }
    gather_guard(action, rename->missing_ok && action->part.len == 0);
    undo_rename(gathering, action, rename);
}

/* ------------------------------------------------------- SET SCHEMA, OWNER TO */

static enum sql_form form_of_schema(PgQuery__ObjectType type)
{
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        if (forms[i].type == type) {
            return forms[i].set_schema;
        }
    }
    return SQL_FORM_SET_SCHEMA_OTHER;
}

static void take_schema(struct gathering *gathering,
                        const PgQuery__AlterObjectSchemaStmt *alter)
{
    struct sql_action *action = gather_on(gathering, form_of_schema(alter->object_type),
                                          tree_kind(alter->object_type), alter->relation);
    action->renamed = str_from(alter->newschema);
    if (alter->relation == NULL) {
        gather_object(action, alter->object_type, alter->object);
    }
    gather_guard(action, alter->missing_ok);
    if (action->object.schema.len > 0 && gather_is_relation(alter->object_type)) {
        struct sql_name now = {action->renamed, action->object.name};
        gather_undo(gathering, action, "%.*s %.*s SET SCHEMA %.*s",
                    STR_ARG(gather_command(gathering, "ALTER", action->kind)),
                    STR_ARG(sql_name_written(gathering->arena, now)),
                    STR_ARG(gather_ident(gathering, action->object.schema)));
    }
}

static void take_owner(struct gathering *gathering, const PgQuery__AlterOwnerStmt *alter)
{
    struct sql_action *action =
        gather_on(gathering, SQL_FORM_CHANGE_OWNER_OTHER, "", alter->relation);
    if (alter->relation == NULL) {
        gather_object(action, alter->object_type, alter->object);
    }
    action->kind = tree_kind(alter->object_type);
    action->renamed = gather_role(alter->newowner);
}

/* -------------------------------------------------- COMMENT, SECURITY LABEL */

/* A comment on an index locks the index alone. */
static void lock_described(struct sql_action *action, PgQuery__ObjectType type)
{
    if (type == OBJECT(INDEX)) {
        action->other_lock = action->lock;
        action->lock = SQL_LOCK_NONE;
    }
}

static void take_comment(struct gathering *gathering, const PgQuery__CommentStmt *comment)
{
    PgQuery__ObjectType type = comment->objtype;
    enum sql_form form = gather_is_relation(type) || type == OBJECT(COLUMN) ? SQL_FORM_COMMENT
                         : gather_is_part_of_table(type) ? SQL_FORM_COMMENT_ON_PART
                                                         : SQL_FORM_COMMENT_OTHER;
    struct sql_action *action = gather(gathering, form);
    gather_object(action, type, comment->object);
    lock_described(action, type);
}

static void take_label(struct gathering *gathering, const PgQuery__SecLabelStmt *label)
{
    struct sql_action *action = gather(gathering, SQL_FORM_SECURITY_LABEL);
    gather_object(action, label->objtype, label->object);
    if (!gather_is_relation(label->objtype) && label->objtype != OBJECT(COLUMN)) {
        action->lock = SQL_LOCK_NONE;
    }
    lock_described(action, label->objtype);
}

bool take_rename(struct gathering *gathering, const PgQuery__Node *node)
{
    if (node->node_case == NODE(RENAME_STMT)) {
        take_renamed(gathering, node->rename_stmt);
    } else if (node->node_case == NODE(ALTER_OBJECT_SCHEMA_STMT)) {
        take_schema(gathering, node->alter_object_schema_stmt);
    } else if (node->node_case == NODE(ALTER_OWNER_STMT)) {
        take_owner(gathering, node->alter_owner_stmt);
    } else if (node->node_case == NODE(COMMENT_STMT)) {
        take_comment(gathering, node->comment_stmt);
    } else if (node->node_case == NODE(SEC_LABEL_STMT)) {
        take_label(gathering, node->sec_label_stmt);
    } else {
        return false;
    }
    return true;
}
