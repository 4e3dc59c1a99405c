/* SPDX-License-Identifier: PostgreSQL */
/*
 * Facts of publications and subscriptions. A table that a publication gains or loses is an
 * action of its own: the table is locked and is the object, the publication its part.
 */
#include "facts.h"

#define NODE(name) PG_QUERY__NODE__NODE_##name

/* ------------------------------------------------------------ publications */

static struct sql_action *act_on_table(struct gathering *gathering, enum sql_form form,
                                       const PgQuery__PublicationObjSpec *spec,
                                       const char *publication)
{
    if (spec->pubtable != NULL && spec->pubtable->relation != NULL) {
        struct sql_action *action =
            gather_on(gathering, form, "publication", spec->pubtable->relation);
        action->part = str_from(publication);
        return action;
    }
    struct sql_action *action = gather(gathering, form);
    action->kind = "publication";
    action->part = str_from(publication);
    action->lock = SQL_LOCK_NONE;
    return action;
}

/* A publication of all tables, of whole schemas or of none yet locks no table. */
static struct sql_action *act_on_publication(struct gathering *gathering, enum sql_form form,
                                             const char *publication)
{
    struct sql_action *action = gather(gathering, form);
    action->kind = "publication";
    action->part = str_from(publication);
    action->lock = SQL_LOCK_NONE;
    return action;
}

static void take_create_publication(struct gathering *gathering,
                                    const PgQuery__CreatePublicationStmt *create)
{
    size_t first = gathering->action_count;
    for (size_t i = 0; i < create->n_pubobjects; i++) {
        act_on_table(gathering, SQL_FORM_CREATE_PUBLICATION,
                     create->pubobjects[i]->publication_obj_spec, create->pubname);
    }
    if (create->n_pubobjects == 0) {
        act_on_publication(gathering, SQL_FORM_CREATE_PUBLICATION, create->pubname);
    }
    struct str name = gather_ident(gathering, str_from(create->pubname));
    for (size_t i = first; i < gathering->action_count; i++) {
        struct sql_action *action = &gathering->actions[i];
        action->inside = i > first;
        gather_undo(gathering, action, "DROP PUBLICATION %.*s", STR_ARG(name));
    }
}

/* ADD and DROP fail a second time, SET and options do not. */
static void take_alter_publication(struct gathering *gathering,
                                   const PgQuery__AlterPublicationStmt *alter)
{
    bool sets = alter->n_pubobjects == 0 ||
                alter->action == PG_QUERY__ALTER_PUBLICATION_ACTION__AP_SetObjects;
    size_t first = gathering->action_count;
    for (size_t i = 0; i < alter->n_pubobjects; i++) {
        act_on_table(gathering, SQL_FORM_ALTER_PUBLICATION,
                     alter->pubobjects[i]->publication_obj_spec, alter->pubname);
    }
    if (alter->n_pubobjects == 0) {
        act_on_publication(gathering, SQL_FORM_ALTER_PUBLICATION, alter->pubname);
    }
    for (size_t i = first; i < gathering->action_count; i++) {
        gathering->actions[i].rerun = sets ? SQL_RERUN_YES : SQL_RERUN_FAILS;
    }
}

/* ----------------------------------------------------------- subscriptions */

/* A connection string with a password; whatever stands there is sent in clear. */
static const struct sql_role *password_of(struct gathering *gathering, const char *conninfo)
{
    if (strstr(conninfo, "password") == NULL) {
        return NULL;
    }
    struct sql_role *role = arena_alloc(gathering->arena, sizeof *role);
    role->password = true;
    role->password_plain = true;
    return role;
}

static struct sql_action *act_on_subscription(struct gathering *gathering, enum sql_form form,
                                              const char *name)
{
    struct sql_action *action = gather(gathering, form);
    action->kind = "subscription";
    action->object.name = str_from(name);
    return action;
}

static bool take_subscription(struct gathering *gathering, const PgQuery__Node *node)
{
    if (node->node_case == NODE(CREATE_SUBSCRIPTION_STMT)) {
        const PgQuery__CreateSubscriptionStmt *create = node->create_subscription_stmt;
        struct sql_action *action =
            act_on_subscription(gathering, SQL_FORM_CREATE_SUBSCRIPTION, create->subname);
        struct str name = gather_ident(gathering, action->object.name);
        action->role = password_of(gathering, create->conninfo);
        gather_undo(gathering, action, "DROP SUBSCRIPTION %.*s", STR_ARG(name));
    } else if (node->node_case == NODE(ALTER_SUBSCRIPTION_STMT)) {
        const PgQuery__AlterSubscriptionStmt *alter = node->alter_subscription_stmt;
        act_on_subscription(gathering, SQL_FORM_ALTER_SUBSCRIPTION, alter->subname)->role =
            password_of(gathering, alter->conninfo);
    } else if (node->node_case == NODE(DROP_SUBSCRIPTION_STMT)) {
        const PgQuery__DropSubscriptionStmt *drop = node->drop_subscription_stmt;
        gather_guard(act_on_subscription(gathering, SQL_FORM_DROP_SUBSCRIPTION, drop->subname),
                     drop->missing_ok);
    } else {
        return false;
    }
    return true;
}

bool take_replication(struct gathering *gathering, const PgQuery__Node *node)
{
    if (node->node_case == NODE(CREATE_PUBLICATION_STMT)) {
        take_create_publication(gathering, node->create_publication_stmt);
    } else if (node->node_case == NODE(ALTER_PUBLICATION_STMT)) {
        take_alter_publication(gathering, node->alter_publication_stmt);
    } else {
        return take_subscription(gathering, node);
    }
    return true;
}
