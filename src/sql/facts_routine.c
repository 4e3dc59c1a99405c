/* SPDX-License-Identifier: PostgreSQL */
/*
 * Facts of functions and procedures, of DO and of CALL. Bodies are looked into by
 * facts_body.c: what a DO block does happens now, what a function does only when it is called.
 */
#include "facts.h"

#define NODE(name) PG_QUERY__NODE__NODE_##name

/* ----------------------------------------------------------------- options */

static struct str option_text(PgQuery__Node *const *options, size_t count, const char *name)
{
    const PgQuery__DefElem *option = tree_option(options, count, name);
    bool text = option != NULL && option->arg != NULL && option->arg->node_case == NODE(STRING);
    return text ? str_from(option->arg->string->sval) : STR("");
}

/* AS 'body', or AS 'file', 'symbol': a list whose first member is meant. */
static struct str body_text(const PgQuery__DefElem *as)
{
    if (as == NULL || as->arg == NULL) {
        return STR("");
    }
    const PgQuery__Node *text = as->arg;
    if (text->node_case == NODE(LIST) && text->list->n_items > 0) {
        text = text->list->items[0];
    }
    return text->node_case == NODE(STRING) ? str_from(text->string->sval) : STR("");
}

static void read_setting(struct sql_routine *routine, const PgQuery__DefElem *option)
{
    if (strcmp(option->defname, "set") != 0 || option->arg == NULL ||
        option->arg->node_case != NODE(VARIABLE_SET_STMT)) {
        return;
    }
    const PgQuery__VariableSetStmt *set = option->arg->variable_set_stmt;
    bool all = set->kind == PG_QUERY__VARIABLE_SET_KIND__VAR_RESET_ALL;
    bool path = strcmp(set->name, "search_path") == 0;
    bool reset = all || set->kind == PG_QUERY__VARIABLE_SET_KIND__VAR_RESET;
    routine->search_path_set |= path && !reset;
    routine->search_path_reset |= reset && (path || all);
}

static void read_options(struct sql_routine *routine, PgQuery__Node *const *options,
                         size_t count)
{
    struct str volatility = option_text(options, count, "volatility");
    routine->language = option_text(options, count, "language");
    routine->body = body_text(tree_option(options, count, "as"));
    routine->volatility = volatility.len > 0 ? volatility.ptr[0] : '\0';
    routine->security_definer =
        tree_option_is_true(tree_option(options, count, "security"), false);
    for (size_t i = 0; i < count; i++) {
        read_setting(routine, options[i]->def_elem);
    }
}

/* --------------------------------------------------------------- signature */

static bool is_result(const PgQuery__FunctionParameter *parameter)
{
    return parameter->mode == PG_QUERY__FUNCTION_PARAMETER_MODE__FUNC_PARAM_OUT ||
           parameter->mode == PG_QUERY__FUNCTION_PARAMETER_MODE__FUNC_PARAM_TABLE;
}

/* A procedure's OUT parameters belong to its signature, a function's do not. */
static void read_arguments(struct gathering *gathering, struct sql_routine *routine,
                           const PgQuery__CreateFunctionStmt *create)
{
    struct sql_type *types = arena_array(gathering->arena, create->n_parameters, sizeof *types);
    for (size_t i = 0; i < create->n_parameters; i++) {
        const PgQuery__FunctionParameter *parameter = create->parameters[i]->function_parameter;
        if (routine->procedure || !is_result(parameter)) {
            types[routine->argument_count++] = gather_type(gathering, parameter->arg_type);
        }
    }
    routine->arguments = types;
}

/* name(type, type), as DROP FUNCTION wants it. */
static struct str signature(struct gathering *gathering, struct sql_name name,
                            const struct sql_routine *routine)
{
    struct strbuf text = {0};
    strbuf_add(&text, sql_name_written(gathering->arena, name));
    for (size_t i = 0; i < routine->argument_count; i++) {
        const struct sql_type *type = &routine->arguments[i];
        bool of_column = str_ends(type->name.name, "%TYPE");
        strbuf_text(&text, i == 0 ? "(" : ", ");
        strbuf_add(&text, of_column ? type->name.name
                                    : sql_name_written(gathering->arena, type->name));
        strbuf_text(&text, type->array ? "[]" : "");
    }
    strbuf_text(&text, routine->argument_count == 0 ? "()" : ")");
    struct str kept = str_dup(gathering->arena, strbuf_str(&text));
    strbuf_release(&text);
    return kept;
}

/* ---------------------------------------------------------------- routines */

static void take_create(struct gathering *gathering, const PgQuery__CreateFunctionStmt *create)
{
    struct sql_routine *routine = arena_alloc(gathering->arena, sizeof *routine);
    const char *kind = create->is_procedure ? "procedure" : "function";
    struct sql_name name = gather_list_name(create->funcname, create->n_funcname);
    read_options(routine, create->options, create->n_options);
    routine->procedure = create->is_procedure;
    routine->replaces = create->replace;
    routine->returns = gather_type(gathering, create->return_type);
    read_arguments(gathering, routine, create);
    if (routine->language.len == 0 && create->sql_body != NULL) {
        routine->language = STR("sql");
    }
    struct sql_action *action =
        gather(gathering, create->replace ? SQL_FORM_REPLACE_ROUTINE : SQL_FORM_CREATE_ROUTINE);
    action->kind = kind;
    action->object = name;
    action->routine = routine;
    gather_guard(action, create->replace);
    struct str drop = gather_command(gathering, "DROP", kind);
    struct str written = signature(gathering, name, routine);
    gather_undo(gathering, action, "%.*s %.*s", STR_ARG(drop), STR_ARG(written));
    if (routine->body.len > 0) {
        body_check(gathering, routine->language, routine->body,
                   tree_option(create->options, create->n_options, "as")->location);
    }
}

static void take_alter(struct gathering *gathering, const PgQuery__AlterFunctionStmt *alter)
{
    struct sql_routine *routine = arena_alloc(gathering->arena, sizeof *routine);
    read_options(routine, alter->actions, alter->n_actions);
    routine->procedure = alter->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_PROCEDURE;
    routine->returns.modifiers[0] = -1;
    routine->returns.modifiers[1] = -1;
    struct sql_action *action = gather(gathering, SQL_FORM_ALTER_ROUTINE);
    action->kind = tree_kind(alter->objtype);
    action->object = gather_list_name(alter->func->objname, alter->func->n_objname);
    action->routine = routine;
}

/* What is known of the whole body stands in the actions inside; only their sum is not told. */
static void take_do(struct gathering *gathering, const PgQuery__DoStmt *block)
{
    const PgQuery__DefElem *as = tree_option(block->args, block->n_args, "as");
    struct str language = option_text(block->args, block->n_args, "language");
    size_t index = gathering->action_count;
    size_t opaque = gathering->opaque_count;
    gather(gathering, SQL_FORM_DO);
    body_of_do(gathering, language.len > 0 ? language : STR("plpgsql"), body_text(as),
               as == NULL ? -1 : as->location);
    if (gathering->opaque_count == opaque) {
        struct sql_action *action = &gathering->actions[index];
        action->work = SQL_WORK_NONE;
        action->rerun = SQL_RERUN_YES;
        action->loss = SQL_LOSS_NOTHING;
        action->undo = SQL_UNDO_NOT_NEEDED;
    }
}

bool take_routine(struct gathering *gathering, const PgQuery__Node *node)
{
    if (node->node_case == NODE(CREATE_FUNCTION_STMT)) {
        take_create(gathering, node->create_function_stmt);
    } else if (node->node_case == NODE(ALTER_FUNCTION_STMT)) {
        take_alter(gathering, node->alter_function_stmt);
    } else if (node->node_case == NODE(DO_STMT)) {
        take_do(gathering, node->do_stmt);
    } else if (node->node_case == NODE(CALL_STMT)) {
        struct sql_action *action = gather(gathering, SQL_FORM_CALL);
        action->kind = "procedure";
        action->object = gather_list_name(node->call_stmt->funccall->funcname,
                                          node->call_stmt->funccall->n_funcname);
    } else {
        return false;
    }
    return true;
}
