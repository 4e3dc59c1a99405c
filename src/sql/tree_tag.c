/* SPDX-License-Identifier: PostgreSQL */
/*
 * Command tags, spelled as the server spells them (cmdtaglist). Two tables: one by
 * kind of object for CREATE, ALTER, DROP of it, and one by kind of statement.
 */
#include "tree.h"

#define NODE(name) PG_QUERY__NODE__NODE_##name
#define TYPE(name) PG_QUERY__OBJECT_TYPE__OBJECT_##name
#define TAGS(kind, words)                                                                      \
    {                                                                                          \
        kind, "CREATE " words, "ALTER " words, "DROP " words                                   \
    }

/* By object type: kind for people; tags of CREATE, ALTER and DROP. */
static const struct {
    const char *kind;
    const char *create;
    const char *alter;
    const char *drop;
} object_tags[] = {
    [TYPE(ACCESS_METHOD)] = TAGS("access method", "ACCESS METHOD"),
    [TYPE(AGGREGATE)] = TAGS("aggregate", "AGGREGATE"),
    [TYPE(ATTRIBUTE)] = TAGS("attribute", "TYPE"),
    [TYPE(CAST)] = TAGS("cast", "CAST"),
    [TYPE(COLUMN)] = TAGS("column", "TABLE"),
    [TYPE(COLLATION)] = TAGS("collation", "COLLATION"),
    [TYPE(CONVERSION)] = TAGS("conversion", "CONVERSION"),
    [TYPE(DATABASE)] = TAGS("database", "DATABASE"),
    [TYPE(DOMAIN)] = TAGS("domain", "DOMAIN"),
    [TYPE(DOMCONSTRAINT)] = TAGS("domain constraint", "DOMAIN"),
    [TYPE(EVENT_TRIGGER)] = TAGS("event trigger", "EVENT TRIGGER"),
    [TYPE(EXTENSION)] = TAGS("extension", "EXTENSION"),
    [TYPE(FDW)] = TAGS("foreign data wrapper", "FOREIGN DATA WRAPPER"),
    [TYPE(FOREIGN_SERVER)] = TAGS("server", "SERVER"),
    [TYPE(FOREIGN_TABLE)] = TAGS("foreign table", "FOREIGN TABLE"),
    [TYPE(FUNCTION)] = TAGS("function", "FUNCTION"),
    [TYPE(INDEX)] = TAGS("index", "INDEX"),
    [TYPE(LANGUAGE)] = TAGS("language", "LANGUAGE"),
    [TYPE(LARGEOBJECT)] = TAGS("large object", "LARGE OBJECT"),
    [TYPE(MATVIEW)] = TAGS("materialized view", "MATERIALIZED VIEW"),
    [TYPE(OPCLASS)] = TAGS("operator class", "OPERATOR CLASS"),
    [TYPE(OPERATOR)] = TAGS("operator", "OPERATOR"),
    [TYPE(OPFAMILY)] = TAGS("operator family", "OPERATOR FAMILY"),
    [TYPE(POLICY)] = TAGS("policy", "POLICY"),
    [TYPE(PROCEDURE)] = TAGS("procedure", "PROCEDURE"),
    [TYPE(PUBLICATION)] = TAGS("publication", "PUBLICATION"),
    [TYPE(ROLE)] = TAGS("role", "ROLE"),
    [TYPE(ROUTINE)] = TAGS("routine", "ROUTINE"),
    [TYPE(RULE)] = TAGS("rule", "RULE"),
    [TYPE(SCHEMA)] = TAGS("schema", "SCHEMA"),
    [TYPE(SEQUENCE)] = TAGS("sequence", "SEQUENCE"),
    [TYPE(SUBSCRIPTION)] = TAGS("subscription", "SUBSCRIPTION"),
    [TYPE(STATISTIC_EXT)] = TAGS("statistics", "STATISTICS"),
    [TYPE(TABCONSTRAINT)] = TAGS("constraint", "TABLE"),
    [TYPE(TABLE)] = TAGS("table", "TABLE"),
    [TYPE(TABLESPACE)] = TAGS("tablespace", "TABLESPACE"),
    [TYPE(TRANSFORM)] = TAGS("transform", "TRANSFORM"),
    [TYPE(TRIGGER)] = TAGS("trigger", "TRIGGER"),
    [TYPE(TSCONFIGURATION)] = TAGS("text search configuration", "TEXT SEARCH CONFIGURATION"),
    [TYPE(TSDICTIONARY)] = TAGS("text search dictionary", "TEXT SEARCH DICTIONARY"),
    [TYPE(TSPARSER)] = TAGS("text search parser", "TEXT SEARCH PARSER"),
    [TYPE(TSTEMPLATE)] = TAGS("text search template", "TEXT SEARCH TEMPLATE"),
    [TYPE(TYPE)] = TAGS("type", "TYPE"),
    [TYPE(USER_MAPPING)] = TAGS("user mapping", "USER MAPPING"),
    [TYPE(VIEW)] = TAGS("view", "VIEW"),
};

/* By statement, where the tag needs no look inside. */
static const struct {
    PgQuery__Node__NodeCase node;
    const char *tag;
} plain_tags[] = {
    {NODE(INSERT_STMT), "INSERT"},
    {NODE(DELETE_STMT), "DELETE"},
    {NODE(UPDATE_STMT), "UPDATE"},
    {NODE(MERGE_STMT), "MERGE"},
    {NODE(ALTER_DOMAIN_STMT), "ALTER DOMAIN"},
    {NODE(ALTER_DEFAULT_PRIVILEGES_STMT), "ALTER DEFAULT PRIVILEGES"},
    {NODE(CLOSE_PORTAL_STMT), "CLOSE CURSOR"},
    {NODE(CLUSTER_STMT), "CLUSTER"},
    {NODE(COPY_STMT), "COPY"},
    {NODE(CREATE_STMT), "CREATE TABLE"},
    {NODE(TRUNCATE_STMT), "TRUNCATE TABLE"},
    {NODE(COMMENT_STMT), "COMMENT"},
    {NODE(INDEX_STMT), "CREATE INDEX"},
    {NODE(DO_STMT), "DO"},
    {NODE(RULE_STMT), "CREATE RULE"},
    {NODE(NOTIFY_STMT), "NOTIFY"},
    {NODE(LISTEN_STMT), "LISTEN"},
    {NODE(UNLISTEN_STMT), "UNLISTEN"},
    {NODE(VIEW_STMT), "CREATE VIEW"},
    {NODE(LOAD_STMT), "LOAD"},
    {NODE(CREATE_DOMAIN_STMT), "CREATE DOMAIN"},
    {NODE(CREATEDB_STMT), "CREATE DATABASE"},
    {NODE(DROPDB_STMT), "DROP DATABASE"},
    {NODE(EXPLAIN_STMT), "EXPLAIN"},
    {NODE(CREATE_SEQ_STMT), "CREATE SEQUENCE"},
    {NODE(ALTER_SEQ_STMT), "ALTER SEQUENCE"},
    {NODE(VARIABLE_SHOW_STMT), "SHOW"},
    {NODE(CREATE_TRIG_STMT), "CREATE TRIGGER"},
    {NODE(CREATE_PLANG_STMT), "CREATE LANGUAGE"},
    {NODE(CREATE_ROLE_STMT), "CREATE ROLE"},
    {NODE(ALTER_ROLE_STMT), "ALTER ROLE"},
    {NODE(ALTER_ROLE_SET_STMT), "ALTER ROLE"},
    {NODE(DROP_ROLE_STMT), "DROP ROLE"},
    {NODE(LOCK_STMT), "LOCK TABLE"},
    {NODE(CONSTRAINTS_SET_STMT), "SET CONSTRAINTS"},
    {NODE(REINDEX_STMT), "REINDEX"},
    {NODE(CHECK_POINT_STMT), "CHECKPOINT"},
    {NODE(CREATE_SCHEMA_STMT), "CREATE SCHEMA"},
    {NODE(ALTER_DATABASE_STMT), "ALTER DATABASE"},
    {NODE(ALTER_DATABASE_REFRESH_COLL_STMT), "ALTER DATABASE"},
    {NODE(ALTER_DATABASE_SET_STMT), "ALTER DATABASE"},
    {NODE(CREATE_CONVERSION_STMT), "CREATE CONVERSION"},
    {NODE(CREATE_CAST_STMT), "CREATE CAST"},
    {NODE(CREATE_OP_CLASS_STMT), "CREATE OPERATOR CLASS"},
    {NODE(CREATE_OP_FAMILY_STMT), "CREATE OPERATOR FAMILY"},
    {NODE(ALTER_OP_FAMILY_STMT), "ALTER OPERATOR FAMILY"},
    {NODE(PREPARE_STMT), "PREPARE"},
    {NODE(EXECUTE_STMT), "EXECUTE"},
    {NODE(DECLARE_CURSOR_STMT), "DECLARE CURSOR"},
    {NODE(CREATE_TABLE_SPACE_STMT), "CREATE TABLESPACE"},
    {NODE(DROP_TABLE_SPACE_STMT), "DROP TABLESPACE"},
    {NODE(ALTER_OPERATOR_STMT), "ALTER OPERATOR"},
    {NODE(ALTER_TYPE_STMT), "ALTER TYPE"},
    {NODE(DROP_OWNED_STMT), "DROP OWNED"},
    {NODE(REASSIGN_OWNED_STMT), "REASSIGN OWNED"},
    {NODE(COMPOSITE_TYPE_STMT), "CREATE TYPE"},
    {NODE(CREATE_ENUM_STMT), "CREATE TYPE"},
    {NODE(CREATE_RANGE_STMT), "CREATE TYPE"},
    {NODE(ALTER_ENUM_STMT), "ALTER TYPE"},
    {NODE(ALTER_TSDICTIONARY_STMT), "ALTER TEXT SEARCH DICTIONARY"},
    {NODE(ALTER_TSCONFIGURATION_STMT), "ALTER TEXT SEARCH CONFIGURATION"},
    {NODE(CREATE_FDW_STMT), "CREATE FOREIGN DATA WRAPPER"},
    {NODE(ALTER_FDW_STMT), "ALTER FOREIGN DATA WRAPPER"},
    {NODE(CREATE_FOREIGN_SERVER_STMT), "CREATE SERVER"},
    {NODE(ALTER_FOREIGN_SERVER_STMT), "ALTER SERVER"},
    {NODE(CREATE_USER_MAPPING_STMT), "CREATE USER MAPPING"},
    {NODE(ALTER_USER_MAPPING_STMT), "ALTER USER MAPPING"},
    {NODE(DROP_USER_MAPPING_STMT), "DROP USER MAPPING"},
    {NODE(ALTER_TABLE_SPACE_OPTIONS_STMT), "ALTER TABLESPACE"},
    {NODE(SEC_LABEL_STMT), "SECURITY LABEL"},
    {NODE(CREATE_FOREIGN_TABLE_STMT), "CREATE FOREIGN TABLE"},
    {NODE(IMPORT_FOREIGN_SCHEMA_STMT), "IMPORT FOREIGN SCHEMA"},
    {NODE(CREATE_EXTENSION_STMT), "CREATE EXTENSION"},
    {NODE(ALTER_EXTENSION_STMT), "ALTER EXTENSION"},
    {NODE(ALTER_EXTENSION_CONTENTS_STMT), "ALTER EXTENSION"},
    {NODE(CREATE_EVENT_TRIG_STMT), "CREATE EVENT TRIGGER"},
    {NODE(ALTER_EVENT_TRIG_STMT), "ALTER EVENT TRIGGER"},
    {NODE(REFRESH_MAT_VIEW_STMT), "REFRESH MATERIALIZED VIEW"},
    {NODE(ALTER_SYSTEM_STMT), "ALTER SYSTEM"},
    {NODE(CREATE_POLICY_STMT), "CREATE POLICY"},
    {NODE(ALTER_POLICY_STMT), "ALTER POLICY"},
    {NODE(CREATE_TRANSFORM_STMT), "CREATE TRANSFORM"},
    {NODE(CREATE_AM_STMT), "CREATE ACCESS METHOD"},
    {NODE(CREATE_PUBLICATION_STMT), "CREATE PUBLICATION"},
    {NODE(ALTER_PUBLICATION_STMT), "ALTER PUBLICATION"},
    {NODE(CREATE_SUBSCRIPTION_STMT), "CREATE SUBSCRIPTION"},
    {NODE(ALTER_SUBSCRIPTION_STMT), "ALTER SUBSCRIPTION"},
    {NODE(DROP_SUBSCRIPTION_STMT), "DROP SUBSCRIPTION"},
    {NODE(CREATE_STATS_STMT), "CREATE STATISTICS"},
    {NODE(ALTER_COLLATION_STMT), "ALTER COLLATION"},
    {NODE(CALL_STMT), "CALL"},
    {NODE(ALTER_STATS_STMT), "ALTER STATISTICS"},
};

/* By TransactionStmtKind. */
static const char *const transaction_tags[] = {
    "",
    "BEGIN",
    "START TRANSACTION",
    "COMMIT",
    "ROLLBACK",
    "SAVEPOINT",
    "RELEASE",
    "ROLLBACK",
    "PREPARE TRANSACTION",
    "COMMIT PREPARED",
    "ROLLBACK PREPARED",
};
/* By DiscardMode. */
static const char *const discard_tags[] = {
    "", "DISCARD ALL", "DISCARD PLANS", "DISCARD SEQUENCES", "DISCARD TEMP",
};

static const char *row_or_empty(const char *const *rows, size_t count, size_t index)
{
    return index < count ? rows[index] : "";
}

const char *tree_kind(PgQuery__ObjectType type)
{
    bool known = (size_t)type < COUNT_OF(object_tags) && object_tags[type].kind != NULL;
    return known ? object_tags[type].kind : "object";
}

static const char *create_tag(PgQuery__ObjectType type)
{
    bool known = (size_t)type < COUNT_OF(object_tags) && object_tags[type].kind != NULL;
    return known ? object_tags[type].create : "";
}

static const char *alter_tag(PgQuery__ObjectType type)
{
    bool known = (size_t)type < COUNT_OF(object_tags) && object_tags[type].kind != NULL;
    return known ? object_tags[type].alter : "";
}

static const char *drop_tag(PgQuery__ObjectType type)
{
    bool known = (size_t)type < COUNT_OF(object_tags) && object_tags[type].kind != NULL;
    return known ? object_tags[type].drop : "";
}

/* A column, constraint or attribute is renamed by altering what it belongs to. */
static const char *rename_tag(const PgQuery__RenameStmt *rename)
{
    bool part = rename->rename_type == TYPE(COLUMN) || rename->rename_type == TYPE(ATTRIBUTE);
    return alter_tag(part ? rename->relation_type : rename->rename_type);
}

static const char *table_as_tag(const PgQuery__CreateTableAsStmt *create)
{
    if (create->objtype == TYPE(MATVIEW)) {
        return "CREATE MATERIALIZED VIEW";
    }
    return create->is_select_into ? "SELECT INTO" : "CREATE TABLE AS";
}

static const char *set_tag(const PgQuery__VariableSetStmt *set)
{
    bool reset = set->kind == PG_QUERY__VARIABLE_SET_KIND__VAR_RESET ||
                 set->kind == PG_QUERY__VARIABLE_SET_KIND__VAR_RESET_ALL;
    return reset ? "RESET" : "SET";
}

static const char *plain_tag(PgQuery__Node__NodeCase node)
{
    for (size_t i = 0; i < COUNT_OF(plain_tags); i++) {
        if (plain_tags[i].node == node) {
            return plain_tags[i].tag;
        }
    }
    return "";
}

/*
 * The two functions below are if-chains, because the library's enum has more than 230 values.
 * Both give NULL for other statements.
 */

/* Statements that name the kind of object they are about. */
static const char *object_tag(const PgQuery__Node *node)
{
    PgQuery__Node__NodeCase is = node->node_case;
    if (is == NODE(ALTER_TABLE_STMT)) {
        return alter_tag(node->alter_table_stmt->objtype);
    }
    if (is == NODE(ALTER_TABLE_MOVE_ALL_STMT)) {
        return alter_tag(node->alter_table_move_all_stmt->objtype);
    }
    if (is == NODE(DROP_STMT)) {
        return drop_tag(node->drop_stmt->remove_type);
    }
    if (is == NODE(DEFINE_STMT)) {
        return create_tag(node->define_stmt->kind);
    }
    if (is == NODE(RENAME_STMT)) {
        return rename_tag(node->rename_stmt);
    }
    if (is == NODE(ALTER_OBJECT_DEPENDS_STMT)) {
        return alter_tag(node->alter_object_depends_stmt->object_type);
    }
    if (is == NODE(ALTER_OBJECT_SCHEMA_STMT)) {
        return alter_tag(node->alter_object_schema_stmt->object_type);
    }
    if (is == NODE(ALTER_OWNER_STMT)) {
        return alter_tag(node->alter_owner_stmt->object_type);
    }
    if (is == NODE(ALTER_FUNCTION_STMT)) {
        return alter_tag(node->alter_function_stmt->objtype);
    }
    return NULL;
}

/* Statements of which one kind has more than one tag. */
static const char *variant_tag(const PgQuery__Node *node)
{
    PgQuery__Node__NodeCase is = node->node_case;
    if (is == NODE(SELECT_STMT)) {
        return node->select_stmt->into_clause != NULL ? "SELECT INTO" : "SELECT";
    }
    if (is == NODE(TRANSACTION_STMT)) {
        return row_or_empty(transaction_tags, COUNT_OF(transaction_tags),
                            (size_t)node->transaction_stmt->kind);
    }
    if (is == NODE(DISCARD_STMT)) {
        return row_or_empty(discard_tags, COUNT_OF(discard_tags),
                            (size_t)node->discard_stmt->target);
    }
    if (is == NODE(CREATE_FUNCTION_STMT)) {
        return node->create_function_stmt->is_procedure ? "CREATE PROCEDURE"
                                                        : "CREATE FUNCTION";
    }
    if (is == NODE(CREATE_TABLE_AS_STMT)) {
        return table_as_tag(node->create_table_as_stmt);
    }
    if (is == NODE(GRANT_STMT)) {
        return node->grant_stmt->is_grant ? "GRANT" : "REVOKE";
    }
    if (is == NODE(GRANT_ROLE_STMT)) {
        return node->grant_role_stmt->is_grant ? "GRANT ROLE" : "REVOKE ROLE";
    }
    if (is == NODE(VARIABLE_SET_STMT)) {
        return set_tag(node->variable_set_stmt);
    }
    if (is == NODE(VACUUM_STMT)) {
        return node->vacuum_stmt->is_vacuumcmd ? "VACUUM" : "ANALYZE";
    }
    if (is == NODE(FETCH_STMT)) {
        return node->fetch_stmt->ismove ? "MOVE" : "FETCH";
    }
    if (is == NODE(DEALLOCATE_STMT)) {
        return node->deallocate_stmt->name[0] == '\0' ? "DEALLOCATE ALL" : "DEALLOCATE";
    }
    return NULL;
}

const char *tree_tag(const PgQuery__Node *node)
{
    const char *tag = object_tag(node);
    if (!tag) {
        tag = variant_tag(node);
    }
    return tag ? tag : plain_tag(node->node_case);
}
