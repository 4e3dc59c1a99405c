/* SPDX-License-Identifier: PostgreSQL */
/*
 * Facts of what lives on a table and is made by a statement of its own: triggers, rules and
 * policies.
 */
#include "facts.h"

#define NODE(name) PG_QUERY__NODE__NODE_##name

/* DROP TRIGGER name ON table. */
static void undo_by_drop(struct gathering *gathering, struct sql_action *action)
{
    gather_undo(gathering, action, "%.*s %.*s ON %.*s",
                STR_ARG(gather_command(gathering, "DROP", action->kind)),
                STR_ARG(gather_ident(gathering, action->part)),
                STR_ARG(sql_name_written(gathering->arena, action->object)));
}

static void take_trigger(struct gathering *gathering, const PgQuery__CreateTrigStmt *create)
{
    struct sql_action *action =
        gather_on(gathering, SQL_FORM_CREATE_TRIGGER, "trigger", create->relation);
    action->part = str_from(create->trigname);
    action->other = gather_name(create->constrrel);
    gather_guard(action, create->replace);
    undo_by_drop(gathering, action);
}

static void take_rule(struct gathering *gathering, const PgQuery__RuleStmt *create)
{
    struct sql_action *action =
        gather_on(gathering, SQL_FORM_CREATE_RULE, "rule", create->relation);
    action->part = str_from(create->rulename);
    gather_guard(action, create->replace);
    undo_by_drop(gathering, action);
}

/* As pg_policy.polcmd has it; the grammar has words. */
static char policy_command(const char *word)
{
    static const struct {
        const char *word;
        char command;
    } commands[] = {
        {"all", '*'}, {"select", 'r'}, {"insert", 'a'}, {"update", 'w'}, {"delete", 'd'},
    };
    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        if (strcmp(commands[i].word, word) == 0) {
            return commands[i].command;
        }
    }
    return '*';
}

static void take_create_policy(struct gathering *gathering,
                               const PgQuery__CreatePolicyStmt *create)
{
    struct sql_policy *policy = arena_alloc(gathering->arena, sizeof *policy);
    policy->command = policy_command(create->cmd_name);
    policy->permissive = create->permissive;
    policy->roles =
        gather_roles(gathering, create->roles, create->n_roles, &policy->role_count);
    policy->using_row = gather_expression(gathering, create->qual);
    policy->with_check = gather_expression(gathering, create->with_check);
    struct sql_action *action =
        gather_on(gathering, SQL_FORM_CREATE_POLICY, "policy", create->table);
    action->policy = policy;
    action->part = str_from(create->policy_name);
    undo_by_drop(gathering, action);
}

/* What is not said stays as it was; `command` is 0, because nobody can alter it. */
static void take_alter_policy(struct gathering *gathering,
                              const PgQuery__AlterPolicyStmt *alter)
{
    struct sql_policy *policy = arena_alloc(gathering->arena, sizeof *policy);
    policy->roles = gather_roles(gathering, alter->roles, alter->n_roles, &policy->role_count);
    policy->using_row = gather_expression(gathering, alter->qual);
    policy->with_check = gather_expression(gathering, alter->with_check);
    struct sql_action *action =
        gather_on(gathering, SQL_FORM_ALTER_POLICY, "policy", alter->table);
    action->policy = policy;
    action->part = str_from(alter->policy_name);
}

bool take_on_table(struct gathering *gathering, const PgQuery__Node *node)
{
    if (node->node_case == NODE(CREATE_TRIG_STMT)) {
        take_trigger(gathering, node->create_trig_stmt);
    } else if (node->node_case == NODE(RULE_STMT)) {
        take_rule(gathering, node->rule_stmt);
    } else if (node->node_case == NODE(CREATE_POLICY_STMT)) {
        take_create_policy(gathering, node->create_policy_stmt);
    } else if (node->node_case == NODE(ALTER_POLICY_STMT)) {
        take_alter_policy(gathering, node->alter_policy_stmt);
    } else {
        return false;
    }
    return true;
}
