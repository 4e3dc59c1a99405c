/* SPDX-License-Identifier: PostgreSQL */
/*
 * Facts of everything else that has a name: schemas with what is made in them, databases,
 * tablespaces, extensions, foreign data, operators, text search and so on. Replication and the
 * session have files of their own and are asked first.
 */
#include "facts.h"

#define NODE(name)   PG_QUERY__NODE__NODE_##name
#define OBJECT(name) PG_QUERY__OBJECT_TYPE__OBJECT_##name

/* An object of a kind with a form for itself; DROP KIND name takes its creation back. */
static struct sql_action *act(struct gathering *gathering, enum sql_form form, const char *kind,
                              struct sql_name name, bool guarded)
{
    struct sql_action *action = gather(gathering, form);
    action->kind = kind;
    action->object = name;
    gather_guard(action, guarded);
    if (action->undo == SQL_UNDO_STATEMENT) {
        struct str drop = gather_command(gathering, "DROP", kind);
        struct str written = sql_name_written(gathering->arena, name);
        gather_undo(gathering, action, "%.*s %.*s", STR_ARG(drop), STR_ARG(written));
    }
    return action;
}

static struct sql_name plain(const char *name)
{
    return (struct sql_name){STR(""), str_from(name)};
}

/* ----------------------------------------------------------------- schemas */

/* What CREATE SCHEMA makes stands in the new schema when its text names none. */
static void take_schema(struct gathering *gathering, const PgQuery__CreateSchemaStmt *create)
{
    struct sql_name name = plain(create->schemaname);
    if (name.name.len == 0) {
        name.name = gather_role(create->authrole);
    }
    struct sql_action *schema =
        act(gathering, SQL_FORM_CREATE_SCHEMA, "schema", name, create->if_not_exists);
    if (create->n_schema_elts > 0) {
        gather_undo(gathering, schema, "%.*s CASCADE", STR_ARG(schema->undo_sql));
    }
    size_t first = gathering->action_count;
    for (size_t i = 0; i < create->n_schema_elts; i++) {
        gather_statement(gathering, create->schema_elts[i]);
    }
    for (size_t i = first; i < gathering->action_count; i++) {
        struct sql_action *action = &gathering->actions[i];
        if (action->object.schema.len == 0 && action->object.name.len > 0) {
            action->object.schema = name.name;
        }
        if (action->undo == SQL_UNDO_STATEMENT) {
            action->undo = SQL_UNDO_NOT_NEEDED; /* goes with the schema */
            action->undo_sql = STR("");
        }
    }
}

/* --------------------------------------------- databases, extensions, places */

static bool take_cluster(struct gathering *gathering, const PgQuery__Node *node)
{
    PgQuery__Node__NodeCase is = node->node_case;
    if (is == NODE(CREATEDB_STMT)) {
        act(gathering, SQL_FORM_CREATE_DATABASE, "database", plain(node->createdb_stmt->dbname),
            false);
    } else if (is == NODE(ALTER_DATABASE_STMT)) {
        act(gathering, SQL_FORM_ALTER_DATABASE, "database",
            plain(node->alter_database_stmt->dbname), false);
    } else if (is == NODE(ALTER_DATABASE_REFRESH_COLL_STMT)) {
        act(gathering, SQL_FORM_ALTER_DATABASE, "database",
            plain(node->alter_database_refresh_coll_stmt->dbname), false);
    } else if (is == NODE(DROPDB_STMT)) {
        act(gathering, SQL_FORM_DROP_DATABASE, "database", plain(node->dropdb_stmt->dbname),
            node->dropdb_stmt->missing_ok);
    } else if (is == NODE(CREATE_TABLE_SPACE_STMT)) {
        act(gathering, SQL_FORM_CREATE_OTHER, "tablespace",
            plain(node->create_table_space_stmt->tablespacename), false);
    } else if (is == NODE(ALTER_TABLE_SPACE_OPTIONS_STMT)) {
        act(gathering, SQL_FORM_ALTER_OTHER, "tablespace",
            plain(node->alter_table_space_options_stmt->tablespacename), false);
    } else if (is == NODE(DROP_TABLE_SPACE_STMT)) {
        act(gathering, SQL_FORM_DROP_OTHER, "tablespace",
            plain(node->drop_table_space_stmt->tablespacename),
            node->drop_table_space_stmt->missing_ok);
    } else {
        return false;
    }
    return true;
}

static bool take_extension(struct gathering *gathering, const PgQuery__Node *node)
{
    if (node->node_case == NODE(CREATE_EXTENSION_STMT)) {
        const PgQuery__CreateExtensionStmt *create = node->create_extension_stmt;
        act(gathering, SQL_FORM_CREATE_EXTENSION, "extension", plain(create->extname),
            create->if_not_exists)
            ->cascade = tree_option_is_true(
            tree_option(create->options, create->n_options, "cascade"), false);
    } else if (node->node_case == NODE(ALTER_EXTENSION_STMT)) {
        act(gathering, SQL_FORM_ALTER_EXTENSION, "extension",
            plain(node->alter_extension_stmt->extname), false);
    } else if (node->node_case == NODE(ALTER_EXTENSION_CONTENTS_STMT)) {
        act(gathering, SQL_FORM_ALTER_EXTENSION, "extension",
            plain(node->alter_extension_contents_stmt->extname), false)
            ->rerun = SQL_RERUN_FAILS;
    } else {
        return false;
    }
    return true;
}

/* ------------------------------------------------------------ foreign data */

/* Options of a server or a user mapping may hold a password; it is never hashed. */
static const struct sql_role *password_of(struct gathering *gathering,
                                          PgQuery__Node *const *options, size_t count)
{
    struct sql_role *role = NULL;
    if (tree_option(options, count, "password") != NULL) {
        role = arena_alloc(gathering->arena, sizeof *role);
        role->password = true;
        role->password_plain = true;
    }
    return role;
}

static bool take_user_mapping(struct gathering *gathering, const PgQuery__Node *node)
{
    if (node->node_case == NODE(CREATE_USER_MAPPING_STMT)) {
        const PgQuery__CreateUserMappingStmt *create = node->create_user_mapping_stmt;
        struct sql_action *action = act(gathering, SQL_FORM_CREATE_OTHER, "user mapping",
                                        plain(create->servername), create->if_not_exists);
        action->part = gather_role(create->user);
        action->undo = SQL_UNDO_KNOWLEDGE;
        action->undo_sql = STR("");
        action->role = password_of(gathering, create->options, create->n_options);
    } else if (node->node_case == NODE(ALTER_USER_MAPPING_STMT)) {
        const PgQuery__AlterUserMappingStmt *alter = node->alter_user_mapping_stmt;
        struct sql_action *action = act(gathering, SQL_FORM_ALTER_OTHER, "user mapping",
                                        plain(alter->servername), false);
        action->part = gather_role(alter->user);
        action->role = password_of(gathering, alter->options, alter->n_options);
    } else if (node->node_case == NODE(DROP_USER_MAPPING_STMT)) {
        const PgQuery__DropUserMappingStmt *drop = node->drop_user_mapping_stmt;
        act(gathering, SQL_FORM_DROP_OTHER, "user mapping", plain(drop->servername),
            drop->missing_ok)
            ->part = gather_role(drop->user);
    } else {
        return false;
    }
    return true;
}

static bool take_foreign(struct gathering *gathering, const PgQuery__Node *node)
{
    PgQuery__Node__NodeCase is = node->node_case;
    if (is == NODE(CREATE_FDW_STMT)) {
        act(gathering, SQL_FORM_CREATE_OTHER, "foreign data wrapper",
            plain(node->create_fdw_stmt->fdwname), false);
    } else if (is == NODE(ALTER_FDW_STMT)) {
        act(gathering, SQL_FORM_ALTER_OTHER, "foreign data wrapper",
            plain(node->alter_fdw_stmt->fdwname), false);
    } else if (is == NODE(CREATE_FOREIGN_SERVER_STMT)) {
        const PgQuery__CreateForeignServerStmt *create = node->create_foreign_server_stmt;
        act(gathering, SQL_FORM_CREATE_OTHER, "server", plain(create->servername),
            create->if_not_exists);
    } else if (is == NODE(ALTER_FOREIGN_SERVER_STMT)) {
        act(gathering, SQL_FORM_ALTER_OTHER, "server",
            plain(node->alter_foreign_server_stmt->servername), false);
    } else if (is == NODE(IMPORT_FOREIGN_SCHEMA_STMT)) {
        const PgQuery__ImportForeignSchemaStmt *import = node->import_foreign_schema_stmt;
        act(gathering, SQL_FORM_IMPORT_FOREIGN_SCHEMA, "schema", plain(import->local_schema),
            false)
            ->other = plain(import->server_name);
    } else {
        return take_user_mapping(gathering, node);
    }
    return true;
}

/* ------------------------------------------------------- CREATE, ALTER of others */

/* Made in a form that DROP does not take back by the name alone. */
static void make(struct gathering *gathering, const char *kind, struct sql_name name,
                 bool replaces)
{
    struct sql_action *action = act(gathering, SQL_FORM_CREATE_OTHER, kind, name, replaces);
    action->undo = SQL_UNDO_KNOWLEDGE;
    action->undo_sql = STR("");
}

static bool take_made(struct gathering *gathering, const PgQuery__Node *node)
{
    PgQuery__Node__NodeCase is = node->node_case;
    if (is == NODE(DEFINE_STMT)) {
        const PgQuery__DefineStmt *define = node->define_stmt;
        make(gathering, tree_kind(define->kind),
             gather_list_name(define->defnames, define->n_defnames),
             define->replace || define->if_not_exists);
    } else if (is == NODE(CREATE_CAST_STMT)) {
        make(gathering, "cast", gather_type(gathering, node->create_cast_stmt->sourcetype).name,
             false);
    } else if (is == NODE(CREATE_CONVERSION_STMT)) {
        make(gathering, "conversion",
             gather_list_name(node->create_conversion_stmt->conversion_name,
                              node->create_conversion_stmt->n_conversion_name),
             false);
    } else if (is == NODE(CREATE_OP_CLASS_STMT)) {
        make(gathering, "operator class",
             gather_list_name(node->create_op_class_stmt->opclassname,
                              node->create_op_class_stmt->n_opclassname),
             false);
    } else if (is == NODE(CREATE_OP_FAMILY_STMT)) {
        make(gathering, "operator family",
             gather_list_name(node->create_op_family_stmt->opfamilyname,
                              node->create_op_family_stmt->n_opfamilyname),
             false);
    } else if (is == NODE(CREATE_TRANSFORM_STMT)) {
        make(gathering, "transform",
             gather_type(gathering, node->create_transform_stmt->type_name).name,
             node->create_transform_stmt->replace);
    } else {
        return false;
    }
    return true;
}

static bool take_named(struct gathering *gathering, const PgQuery__Node *node)
{
    PgQuery__Node__NodeCase is = node->node_case;
    if (is == NODE(CREATE_PLANG_STMT)) {
        act(gathering, SQL_FORM_CREATE_OTHER, "language",
            plain(node->create_plang_stmt->plname), node->create_plang_stmt->replace);
    } else if (is == NODE(CREATE_AM_STMT)) {
        act(gathering, SQL_FORM_CREATE_OTHER, "access method",
            plain(node->create_am_stmt->amname), false);
    } else if (is == NODE(CREATE_EVENT_TRIG_STMT)) {
        act(gathering, SQL_FORM_CREATE_OTHER, "event trigger",
            plain(node->create_event_trig_stmt->trigname), false);
    } else if (is == NODE(ALTER_EVENT_TRIG_STMT)) {
        act(gathering, SQL_FORM_ALTER_OTHER, "event trigger",
            plain(node->alter_event_trig_stmt->trigname), false)
            ->rerun = SQL_RERUN_YES;
    } else {
        return take_made(gathering, node);
    }
    return true;
}

static bool take_changed(struct gathering *gathering, const PgQuery__Node *node)
{
    PgQuery__Node__NodeCase is = node->node_case;
    struct sql_name name;
    const char *kind;
    if (is == NODE(ALTER_OPERATOR_STMT)) {
        kind = "operator";
        name = gather_list_name(node->alter_operator_stmt->opername->objname,
                                node->alter_operator_stmt->opername->n_objname);
    } else if (is == NODE(ALTER_OP_FAMILY_STMT)) {
        kind = "operator family";
        name = gather_list_name(node->alter_op_family_stmt->opfamilyname,
                                node->alter_op_family_stmt->n_opfamilyname);
    } else if (is == NODE(ALTER_TSDICTIONARY_STMT)) {
        kind = "text search dictionary";
        name = gather_list_name(node->alter_tsdictionary_stmt->dictname,
                                node->alter_tsdictionary_stmt->n_dictname);
    } else if (is == NODE(ALTER_TSCONFIGURATION_STMT)) {
        kind = "text search configuration";
        name = gather_list_name(node->alter_tsconfiguration_stmt->cfgname,
                                node->alter_tsconfiguration_stmt->n_cfgname);
    } else if (is == NODE(ALTER_COLLATION_STMT)) {
        kind = "collation";
        name = gather_list_name(node->alter_collation_stmt->collname,
                                node->alter_collation_stmt->n_collname);
    } else {
        return false;
    }
    act(gathering, SQL_FORM_ALTER_OTHER, kind, name, false);
    return true;
}

/* ALTER ... DEPENDS ON EXTENSION: dropped with it from now on. */
static void take_dependency(struct gathering *gathering,
                            const PgQuery__AlterObjectDependsStmt *alter)
{
    struct sql_action *action = gather(gathering, SQL_FORM_ALTER_OTHER);
    gather_object(action, alter->object_type, alter->object);
    if (alter->relation != NULL) {
        struct str part = alter->object != NULL ? action->object.name : STR("");
        action->part = action->part.len > 0 ? action->part : part;
        action->object = gather_name(alter->relation);
    }
    action->rerun = SQL_RERUN_YES;
}

bool take_everything_else(struct gathering *gathering, const PgQuery__Node *node)
{
    static taker *const families[] = {take_session,   take_replication, take_cluster,
                                      take_extension, take_foreign,     take_named,
                                      take_changed};
    for (size_t i = 0; i < COUNT_OF(families); i++) {
        if (families[i](gathering, node)) {
            return true;
        }
    }
    if (node->node_case == NODE(CREATE_SCHEMA_STMT)) {
        take_schema(gathering, node->create_schema_stmt);
    } else if (node->node_case == NODE(ALTER_OBJECT_DEPENDS_STMT)) {
        take_dependency(gathering, node->alter_object_depends_stmt);
    } else {
        return false;
    }
    return true;
}
