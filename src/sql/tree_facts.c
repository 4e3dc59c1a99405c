/* SPDX-License-Identifier: PostgreSQL */
/*
 * Whether a statement may run inside of a transaction block, and whether its body
 * may end transactions by itself. Both from the text alone: a partitioned table
 * that REINDEX or CLUSTER meets, and a procedure that CALL enters, only the server
 * knows.
 */
#include "tree.h"
#include "words.h"

#define NODE(name) PG_QUERY__NODE__NODE_##name

const PgQuery__DefElem *tree_option(PgQuery__Node *const *options, size_t count,
                                    const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (options[i]->node_case == NODE(DEF_ELEM) &&
            strcmp(options[i]->def_elem->defname, name) == 0) {
            return options[i]->def_elem;
        }
    }
    return NULL;
}

bool tree_option_is_true(const PgQuery__DefElem *option, bool absent)
{
    if (option == NULL) {
        return absent;
    }
    const PgQuery__Node *value = option->arg;
    if (value == NULL) {
        return true;
    }
    if (value->node_case == NODE(BOOLEAN)) {
        return value->boolean->boolval;
    }
    if (value->node_case == NODE(INTEGER)) {
        return value->integer->ival != 0;
    }
    if (value->node_case == NODE(STRING)) {
        const char *text = value->string->sval;
        return strcmp(text, "false") != 0 && strcmp(text, "off") != 0;
    }
    return true;
}

static bool reindex_stands_alone(const PgQuery__ReindexStmt *reindex)
{
    bool many = reindex->kind == PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_SCHEMA ||
                reindex->kind == PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_SYSTEM ||
                reindex->kind == PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_DATABASE;
    return many || tree_option_is_true(
                       tree_option(reindex->params, reindex->n_params, "concurrently"), false);
}

static bool create_subscription_stands_alone(const PgQuery__CreateSubscriptionStmt *create)
{
    bool connects =
        tree_option_is_true(tree_option(create->options, create->n_options, "connect"), true);
    return tree_option_is_true(tree_option(create->options, create->n_options, "create_slot"),
                               connects);
}

static bool alter_subscription_stands_alone(const PgQuery__AlterSubscriptionStmt *alter)
{
    static const PgQuery__AlterSubscriptionType refreshing[] = {
        PG_QUERY__ALTER_SUBSCRIPTION_TYPE__ALTER_SUBSCRIPTION_SET_PUBLICATION,
        PG_QUERY__ALTER_SUBSCRIPTION_TYPE__ALTER_SUBSCRIPTION_ADD_PUBLICATION,
        PG_QUERY__ALTER_SUBSCRIPTION_TYPE__ALTER_SUBSCRIPTION_DROP_PUBLICATION,
    };
    for (size_t i = 0; i < COUNT_OF(refreshing); i++) {
        if (alter->kind == refreshing[i]) {
            return tree_option_is_true(tree_option(alter->options, alter->n_options, "refresh"),
                                       true);
        }
    }
    return alter->kind == PG_QUERY__ALTER_SUBSCRIPTION_TYPE__ALTER_SUBSCRIPTION_REFRESH;
}

static bool detaches_concurrently(const PgQuery__AlterTableStmt *alter)
{
    for (size_t i = 0; i < alter->n_cmds; i++) {
        const PgQuery__AlterTableCmd *command = alter->cmds[i]->alter_table_cmd;
        if (command->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_DetachPartition &&
            command->def != NULL && command->def->node_case == NODE(PARTITION_CMD) &&
            command->def->partition_cmd->concurrent) {
            return true;
        }
    }
    return false;
}

static bool prepared_stands_alone(const PgQuery__TransactionStmt *statement)
{
    return statement->kind == PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_COMMIT_PREPARED ||
           statement->kind == PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK_PREPARED;
}

/* Statements that the server refuses inside of a transaction block. */
static bool stands_alone(const PgQuery__Node *node)
{
    PgQuery__Node__NodeCase is = node->node_case;
    if (is == NODE(INDEX_STMT)) {
        return node->index_stmt->concurrent;
    }
    if (is == NODE(DROP_STMT)) {
        return node->drop_stmt->concurrent;
    }
    if (is == NODE(REINDEX_STMT)) {
        return reindex_stands_alone(node->reindex_stmt);
    }
    if (is == NODE(VACUUM_STMT)) {
        return node->vacuum_stmt->is_vacuumcmd;
    }
    if (is == NODE(CLUSTER_STMT)) {
        return node->cluster_stmt->relation == NULL;
    }
    if (is == NODE(ALTER_TABLE_STMT)) {
        return detaches_concurrently(node->alter_table_stmt);
    }
    if (is == NODE(ALTER_DATABASE_STMT)) {
        return tree_option(node->alter_database_stmt->options,
                           node->alter_database_stmt->n_options, "tablespace") != NULL;
    }
    if (is == NODE(CREATE_SUBSCRIPTION_STMT)) {
        return create_subscription_stands_alone(node->create_subscription_stmt);
    }
    if (is == NODE(ALTER_SUBSCRIPTION_STMT)) {
        return alter_subscription_stands_alone(node->alter_subscription_stmt);
    }
    if (is == NODE(DISCARD_STMT)) {
        return node->discard_stmt->target == PG_QUERY__DISCARD_MODE__DISCARD_ALL;
    }
    if (is == NODE(TRANSACTION_STMT)) {
        return prepared_stands_alone(node->transaction_stmt);
    }
    return is == NODE(CREATEDB_STMT) || is == NODE(DROPDB_STMT) ||
           is == NODE(ALTER_SYSTEM_STMT) || is == NODE(CREATE_TABLE_SPACE_STMT) ||
           is == NODE(DROP_TABLE_SPACE_STMT);
}

enum sql_fact tree_transactional(const PgQuery__Node *node)
{
    if (node->node_case == NODE(DROP_SUBSCRIPTION_STMT)) {
        return SQL_UNKNOWN; /* refused only when the subscription has a slot */
    }
    return stands_alone(node) ? SQL_NO : SQL_YES;
}

/*
 * Words of a DO body: COMMIT or ROLLBACK as a word outside of literals ends a
 * transaction; EXECUTE and CALL may do it out of sight.
 */
static enum sql_fact body_control(struct str body)
{
    struct word_reader reader = {.text = body, .strings_on = true};
    enum sql_fact found = SQL_NO;
    struct word word;
    while ((word = word_next(&reader)).kind != WORD_END) {
        if (word_equals(word, "commit") || word_equals(word, "rollback")) {
            return SQL_YES;
        }
        if (word_equals(word, "execute") || word_equals(word, "call")) {
            found = SQL_UNKNOWN;
        }
    }
    return found;
}

static enum sql_fact do_control(const PgQuery__DoStmt *statement)
{
    const PgQuery__DefElem *body = tree_option(statement->args, statement->n_args, "as");
    const PgQuery__DefElem *language =
        tree_option(statement->args, statement->n_args, "language");
    bool plpgsql = language == NULL ||
                   (language->arg != NULL && language->arg->node_case == NODE(STRING) &&
                    strcmp(language->arg->string->sval, "plpgsql") == 0);
    if (!plpgsql || body == NULL || body->arg == NULL || body->arg->node_case != NODE(STRING)) {
        return SQL_UNKNOWN;
    }
    return body_control(str_from(body->arg->string->sval));
}

enum sql_fact tree_hides_control(const PgQuery__Node *node)
{
    if (node->node_case == NODE(DO_STMT)) {
        return do_control(node->do_stmt);
    }
    return node->node_case == NODE(CALL_STMT) ? SQL_UNKNOWN : SQL_NO;
}
