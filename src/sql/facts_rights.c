/* SPDX-License-Identifier: PostgreSQL */
/*
 * Facts of roles and rights: GRANT and REVOKE, default privileges, CREATE and ALTER ROLE with
 * what they say of passwords and row-level security, DROP OWNED, REASSIGN OWNED.
 */
#include "facts.h"

#define NODE(name) PG_QUERY__NODE__NODE_##name

static struct str joined(struct gathering *gathering, const struct str *names, size_t count,
                         const char *otherwise)
{
    struct strbuf text = {0};
    for (size_t i = 0; i < count; i++) {
        strbuf_text(&text, i == 0 ? "" : ", ");
        strbuf_add(&text, names[i]);
    }
    struct str kept =
        count == 0 ? str_from(otherwise) : str_dup(gathering->arena, strbuf_str(&text));
    strbuf_release(&text);
    return kept;
}

/* Roles as SQL has them: words of the grammar stay, names are quoted where needed. */
static struct str written_roles(struct gathering *gathering, PgQuery__Node *const *roles,
                                size_t count)
{
    struct str *names = arena_array(gathering->arena, count, sizeof *names);
    for (size_t i = 0; i < count; i++) {
        const PgQuery__RoleSpec *role = roles[i]->role_spec;
        bool name = role->roletype == PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_CSTRING;
        names[i] = name ? gather_ident(gathering, str_from(role->rolename)) : gather_role(role);
    }
    return joined(gathering, names, count, "");
}

/* ------------------------------------------------------------- GRANT, REVOKE */

static const struct sql_grant *grant_of(struct gathering *gathering,
                                        const PgQuery__GrantStmt *statement)
{
    struct sql_grant *grant = arena_alloc(gathering->arena, sizeof *grant);
    struct str *privileges =
        arena_array(gathering->arena, statement->n_privileges, sizeof *privileges);
    for (size_t i = 0; i < statement->n_privileges; i++) {
        const char *name = statement->privileges[i]->access_priv->priv_name;
        privileges[i] = name[0] == '\0' ? STR("all") : str_from(name);
    }
    grant->revoke = !statement->is_grant;
    grant->privileges = privileges;
    grant->privilege_count = statement->n_privileges;
    grant->roles =
        gather_roles(gathering, statement->grantees, statement->n_grantees, &grant->role_count);
    grant->with_grant_option = statement->grant_option;
    grant->whole_schema =
        statement->targtype == PG_QUERY__GRANT_TARGET_TYPE__ACL_TARGET_ALL_IN_SCHEMA;
    return grant;
}

/* Columns of GRANT SELECT (a, b): the right is theirs alone. */
static struct str granted_columns(struct gathering *gathering,
                                  const PgQuery__GrantStmt *statement)
{
    struct strbuf text = {0};
    for (size_t i = 0; i < statement->n_privileges; i++) {
        const PgQuery__AccessPriv *privilege = statement->privileges[i]->access_priv;
        for (size_t k = 0; k < privilege->n_cols; k++) {
            strbuf_text(&text, text.len == 0 ? "" : ", ");
            strbuf_text(&text, privilege->cols[k]->string->sval);
        }
    }
    struct str kept = str_dup(gathering->arena, strbuf_str(&text));
    strbuf_release(&text);
    return kept;
}

/* REVOKE takes back a GRANT on whole relations; others are named in too many ways. */
static void undo_grant(struct gathering *gathering, struct sql_action *action,
                       const PgQuery__GrantStmt *statement)
{
    const struct sql_grant *grant = action->grant;
    bool plain = statement->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_TABLE ||
                 statement->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_SEQUENCE ||
                 statement->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_SCHEMA;
    action->undo = SQL_UNDO_KNOWLEDGE;
    if (grant->revoke || !plain || grant->whole_schema || action->part.len > 0) {
        return;
    }
    struct str on = sql_name_written(gathering->arena, action->object);
    struct str roles = written_roles(gathering, statement->grantees, statement->n_grantees);
    struct str privileges = joined(gathering, grant->privileges, grant->privilege_count, "all");
    struct str kind = gather_command(gathering, "ON", action->kind);
    gather_undo(gathering, action, "REVOKE %.*s %.*s %.*s FROM %.*s", STR_ARG(privileges),
                STR_ARG(kind), STR_ARG(on), STR_ARG(roles));
}

/* ON ALL TABLES IN SCHEMA app: the object is the schema, the part what in it is meant. */
static void take_grant(struct gathering *gathering, const PgQuery__GrantStmt *statement)
{
    const struct sql_grant *grant = grant_of(gathering, statement);
    for (size_t i = 0; i < statement->n_objects; i++) {
        struct sql_action *action =
            gather(gathering, grant->revoke ? SQL_FORM_REVOKE : SQL_FORM_GRANT);
        action->grant = grant;
        action->cascade = statement->behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE;
        gather_object(action,
                      grant->whole_schema ? PG_QUERY__OBJECT_TYPE__OBJECT_SCHEMA
                                          : statement->objtype,
                      statement->objects[i]);
        action->part = grant->whole_schema ? str_from(tree_kind(statement->objtype))
                                           : granted_columns(gathering, statement);
        undo_grant(gathering, action, statement);
    }
}

static void take_grant_role(struct gathering *gathering,
                            const PgQuery__GrantRoleStmt *statement)
{
    struct sql_grant *grant = arena_alloc(gathering->arena, sizeof *grant);
    grant->revoke = !statement->is_grant;
    grant->with_grant_option = statement->admin_opt;
    grant->roles = gather_roles(gathering, statement->grantee_roles, statement->n_grantee_roles,
                                &grant->role_count);
    struct str members =
        written_roles(gathering, statement->grantee_roles, statement->n_grantee_roles);
    for (size_t i = 0; i < statement->n_granted_roles; i++) {
        struct sql_action *action =
            gather(gathering, grant->revoke ? SQL_FORM_REVOKE_ROLE : SQL_FORM_GRANT_ROLE);
        action->kind = "role";
        action->object.name = str_from(statement->granted_roles[i]->access_priv->priv_name);
        action->grant = grant;
        if (!grant->revoke) {
            struct str role = gather_ident(gathering, action->object.name);
            gather_undo(gathering, action, "REVOKE %.*s FROM %.*s", STR_ARG(role),
                        STR_ARG(members));
        }
    }
}

/* One action for each schema, or one for all: the part is the kind of the objects to come. */
static void take_default_privileges(struct gathering *gathering,
                                    const PgQuery__AlterDefaultPrivilegesStmt *statement)
{
    const struct sql_grant *grant = grant_of(gathering, statement->action);
    const PgQuery__DefElem *schemas =
        tree_option(statement->options, statement->n_options, "schemas");
    size_t count = schemas == NULL ? 1 : schemas->arg->list->n_items;
    for (size_t i = 0; i < count; i++) {
        struct sql_action *action = gather(gathering, SQL_FORM_ALTER_DEFAULT_PRIVILEGES);
        action->kind = "default privileges";
        action->part = str_from(tree_kind(statement->action->objtype));
        action->grant = grant;
        action->loss = grant->revoke ? SQL_LOSS_ACCESS : action->loss;
        if (schemas != NULL) {
            action->object = gather_list_name(&schemas->arg->list->items[i], 1);
        }
    }
}

/* ------------------------------------------------------------------- roles */

/* The forms that the server keeps as they are: it hashes every other text itself. */
static bool is_hashed(struct str password)
{
    return (password.len == 35 && str_starts(password, "md5")) ||
           str_starts(password, "SCRAM-SHA-256$");
}

static enum sql_fact attribute(PgQuery__Node *const *options, size_t count, const char *name)
{
    const PgQuery__DefElem *option = tree_option(options, count, name);
    if (option == NULL) {
        return SQL_UNKNOWN;
    }
    return tree_option_is_true(option, false) ? SQL_YES : SQL_NO;
}

static const struct sql_role *role_of(struct gathering *gathering,
                                      PgQuery__Node *const *options, size_t count)
{
    struct sql_role *role = arena_alloc(gathering->arena, sizeof *role);
    const PgQuery__DefElem *password = tree_option(options, count, "password");
    role->bypass_rls = attribute(options, count, "bypassrls");
    role->superuser = attribute(options, count, "superuser");
    if (password != NULL && password->arg != NULL && password->arg->node_case == NODE(STRING)) {
        role->password = true;
        role->password_plain = !is_hashed(str_from(password->arg->string->sval));
    }
    return role;
}

static struct sql_action *act_on_role(struct gathering *gathering, enum sql_form form,
                                      struct str name)
{
    struct sql_action *action = gather(gathering, form);
    action->kind = "role";
    action->object.name = name;
    return action;
}

static void take_create_role(struct gathering *gathering, const PgQuery__CreateRoleStmt *create)
{
    struct sql_action *action =
        act_on_role(gathering, SQL_FORM_CREATE_ROLE, str_from(create->role));
    action->role = role_of(gathering, create->options, create->n_options);
    struct str name = gather_ident(gathering, action->object.name);
    gather_undo(gathering, action, "DROP ROLE %.*s", STR_ARG(name));
}

/* ALTER GROUP ... ADD USER has members among its options; ALTER ROLE ALL names nobody. */
static void take_alter_role(struct gathering *gathering, const PgQuery__Node *node)
{
    if (node->node_case == NODE(ALTER_ROLE_SET_STMT)) {
        const PgQuery__AlterRoleSetStmt *set = node->alter_role_set_stmt;
        struct sql_action *action =
            act_on_role(gathering, SQL_FORM_ALTER_ROLE, gather_role(set->role));
        action->setting = gather_setting(gathering, set->setstmt);
        action->part = str_from(set->database);
        return;
    }
    const PgQuery__AlterRoleStmt *alter = node->alter_role_stmt;
    struct sql_action *action =
        act_on_role(gathering, SQL_FORM_ALTER_ROLE, gather_role(alter->role));
    action->role = role_of(gathering, alter->options, alter->n_options);
}

static void take_for_roles(struct gathering *gathering, enum sql_form form,
                           PgQuery__Node *const *roles, size_t count, bool guarded,
                           bool cascade, struct str renamed)
{
    for (size_t i = 0; i < count; i++) {
        struct sql_action *action =
            act_on_role(gathering, form, gather_role(roles[i]->role_spec));
        action->cascade = cascade;
        action->renamed = renamed;
        gather_guard(action, guarded);
    }
}

static bool take_owned(struct gathering *gathering, const PgQuery__Node *node)
{
    if (node->node_case == NODE(DROP_ROLE_STMT)) {
        take_for_roles(gathering, SQL_FORM_DROP_ROLE, node->drop_role_stmt->roles,
                       node->drop_role_stmt->n_roles, node->drop_role_stmt->missing_ok, false,
                       STR(""));
    } else if (node->node_case == NODE(DROP_OWNED_STMT)) {
        const PgQuery__DropOwnedStmt *drop = node->drop_owned_stmt;
        take_for_roles(gathering, SQL_FORM_DROP_OWNED, drop->roles, drop->n_roles, false,
                       drop->behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE, STR(""));
    } else if (node->node_case == NODE(REASSIGN_OWNED_STMT)) {
        const PgQuery__ReassignOwnedStmt *reassign = node->reassign_owned_stmt;
        take_for_roles(gathering, SQL_FORM_REASSIGN_OWNED, reassign->roles, reassign->n_roles,
                       false, false, gather_role(reassign->newrole));
    } else {
        return false;
    }
    return true;
}

bool take_rights(struct gathering *gathering, const PgQuery__Node *node)
{
    PgQuery__Node__NodeCase is = node->node_case;
    if (is == NODE(GRANT_STMT)) {
        take_grant(gathering, node->grant_stmt);
    } else if (is == NODE(GRANT_ROLE_STMT)) {
        take_grant_role(gathering, node->grant_role_stmt);
    } else if (is == NODE(ALTER_DEFAULT_PRIVILEGES_STMT)) {
        take_default_privileges(gathering, node->alter_default_privileges_stmt);
    } else if (is == NODE(CREATE_ROLE_STMT)) {
        take_create_role(gathering, node->create_role_stmt);
    } else if (is == NODE(ALTER_ROLE_STMT) || is == NODE(ALTER_ROLE_SET_STMT)) {
        take_alter_role(gathering, node);
    } else {
        return take_owned(gathering, node);
    }
    return true;
}
