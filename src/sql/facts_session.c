/* SPDX-License-Identifier: PostgreSQL */
/*
 * Facts of what concerns the session and the server's settings: SET, RESET, ALTER SYSTEM,
 * ALTER DATABASE, EXPLAIN, PREPARE, cursors, NOTIFY and the like.
 */
#include "facts.h"

#define NODE(name) PG_QUERY__NODE__NODE_##name

struct str gather_folded(struct gathering *gathering, const char *name)
{
    struct str text = str_from(name);
    char *letters = arena_alloc(gathering->arena, text.len + 1);
    for (size_t i = 0; i < text.len; i++) {
        char letter = text.ptr[i];
        letters[i] = letter >= 'A' && letter <= 'Z' ? (char)(letter - 'A' + 'a') : letter;
    }
    return (struct str){letters, text.len};
}

static struct str values(struct gathering *gathering, PgQuery__Node *const *arguments,
                         size_t count)
{
    struct strbuf text = {0};
    for (size_t i = 0; i < count; i++) {
        strbuf_text(&text, i == 0 ? "" : ", ");
        strbuf_add(&text, gather_value(gathering, arguments[i]));
    }
    struct str kept = str_dup(gathering->arena, strbuf_str(&text));
    strbuf_release(&text);
    return kept;
}

const struct sql_setting *gather_setting(struct gathering *gathering,
                                         const PgQuery__VariableSetStmt *set)
{
    struct sql_setting *setting = arena_alloc(gathering->arena, sizeof *setting);
    bool all = set->kind == PG_QUERY__VARIABLE_SET_KIND__VAR_RESET_ALL;
    setting->name = all ? STR("all") : gather_folded(gathering, set->name);
    setting->reset = all || set->kind == PG_QUERY__VARIABLE_SET_KIND__VAR_RESET ||
                     set->kind == PG_QUERY__VARIABLE_SET_KIND__VAR_SET_DEFAULT;
    setting->local = set->is_local;
    if (set->kind == PG_QUERY__VARIABLE_SET_KIND__VAR_SET_VALUE) {
        setting->value = values(gathering, set->args, set->n_args);
    }
    return setting;
}

/* SET TRANSACTION is transaction control; SET SESSION CHARACTERISTICS is none. */
static void take_set(struct gathering *gathering, const PgQuery__VariableSetStmt *set)
{
    if (set->kind == PG_QUERY__VARIABLE_SET_KIND__VAR_SET_MULTI &&
        strncmp(set->name, "TRANSACTION", strlen("TRANSACTION")) == 0) {
        gather(gathering, SQL_FORM_TRANSACTION);
        return;
    }
    const struct sql_setting *setting = gather_setting(gathering, set);
    bool to_default = set->kind == PG_QUERY__VARIABLE_SET_KIND__VAR_SET_DEFAULT;
    gather(gathering, setting->reset && !to_default ? SQL_FORM_RESET : SQL_FORM_SET)->setting =
        setting;
}

/* DISCARD ALL is RESET ALL, and more. */
static void take_discard(struct gathering *gathering, const PgQuery__DiscardStmt *discard)
{
    struct sql_action *action = gather(gathering, SQL_FORM_SESSION);
    action->ends_temporary = discard->target == PG_QUERY__DISCARD_MODE__DISCARD_ALL ||
                             discard->target == PG_QUERY__DISCARD_MODE__DISCARD_TEMP;
    if (discard->target == PG_QUERY__DISCARD_MODE__DISCARD_ALL) {
        struct sql_setting *setting = arena_alloc(gathering->arena, sizeof *setting);
        *setting = (struct sql_setting){.name = STR("all"), .value = STR(""), .reset = true};
        action->setting = setting;
    }
}

/* EXPLAIN ANALYZE runs its query. */
static void take_explain(struct gathering *gathering, const PgQuery__ExplainStmt *explain)
{
    gather(gathering, SQL_FORM_SESSION);
    if (tree_option_is_true(tree_option(explain->options, explain->n_options, "analyze"),
                            false)) {
        gather_statement(gathering, explain->query);
    }
}

/* What was prepared elsewhere is not looked up: anything may happen. */
static void take_execute(struct gathering *gathering)
{
    struct sql_action *action = gather(gathering, SQL_FORM_SESSION);
    action->work = SQL_WORK_UNKNOWN;
    action->rerun = SQL_RERUN_UNKNOWN;
    action->loss = SQL_LOSS_UNKNOWN;
    action->undo = SQL_UNDO_UNKNOWN;
}

static void take_notify(struct gathering *gathering)
{
    struct sql_action *action = gather(gathering, SQL_FORM_SESSION);
    action->rerun = SQL_RERUN_TWICE;
    action->undo = SQL_UNDO_NEVER;
}

static bool is_of_session(PgQuery__Node__NodeCase is)
{
    static const PgQuery__Node__NodeCase nodes[] = {
        NODE(VARIABLE_SHOW_STMT), NODE(PREPARE_STMT),      NODE(DEALLOCATE_STMT),
        NODE(LISTEN_STMT),        NODE(UNLISTEN_STMT),     NODE(LOAD_STMT),
        NODE(FETCH_STMT),         NODE(CLOSE_PORTAL_STMT),
    };
    for (size_t i = 0; i < COUNT_OF(nodes); i++) {
        if (nodes[i] == is) {
            return true;
        }
    }
    return false;
}

static bool take_settings(struct gathering *gathering, const PgQuery__Node *node)
{
    if (node->node_case == NODE(VARIABLE_SET_STMT)) {
        take_set(gathering, node->variable_set_stmt);
    } else if (node->node_case == NODE(ALTER_SYSTEM_STMT)) {
        gather(gathering, SQL_FORM_ALTER_SYSTEM)->setting =
            gather_setting(gathering, node->alter_system_stmt->setstmt);
    } else if (node->node_case == NODE(ALTER_DATABASE_SET_STMT)) {
        struct sql_action *action = gather(gathering, SQL_FORM_ALTER_DATABASE);
        action->kind = "database";
        action->object.name = str_from(node->alter_database_set_stmt->dbname);
        action->setting = gather_setting(gathering, node->alter_database_set_stmt->setstmt);
    } else if (node->node_case == NODE(CONSTRAINTS_SET_STMT)) {
        gather(gathering, SQL_FORM_SET_CONSTRAINTS);
    } else {
        return false;
    }
    return true;
}

bool take_session(struct gathering *gathering, const PgQuery__Node *node)
{
    PgQuery__Node__NodeCase is = node->node_case;
    if (is == NODE(EXPLAIN_STMT)) {
        take_explain(gathering, node->explain_stmt);
    } else if (is == NODE(EXECUTE_STMT)) {
        take_execute(gathering);
    } else if (is == NODE(NOTIFY_STMT)) {
        take_notify(gathering);
    } else if (is == NODE(DECLARE_CURSOR_STMT)) {
        gather_statement(gathering, node->declare_cursor_stmt->query);
    } else if (is == NODE(DISCARD_STMT)) {
        take_discard(gathering, node->discard_stmt);
    } else if (is == NODE(CHECK_POINT_STMT)) {
        gather(gathering, SQL_FORM_CHECKPOINT);
    } else if (is_of_session(is)) {
        gather(gathering, SQL_FORM_SESSION);
    } else {
        return take_settings(gathering, node);
    }
    return true;
}
