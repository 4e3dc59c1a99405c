/* SPDX-License-Identifier: PostgreSQL */
/*
 * The beginning of every fact: an action with what its form's row says, names and places as
 * the tree has them, and the list of takers, each of which knows a family of statements.
 */
#include "facts.h"

/* Where locks differ from the row, which is PostgreSQL 15's; of one form the oldest first. */
static const struct sql_form_since changed_locks[] = {
    {SQL_FORM_DETACH_PARTITION, 13, SQL_LOCK_ACCESS_EXCLUSIVE, SQL_LOCK_SHARE_UPDATE_EXCLUSIVE},
    {SQL_FORM_DETACH_PARTITION, 14, SQL_LOCK_ACCESS_EXCLUSIVE, SQL_LOCK_ACCESS_EXCLUSIVE},
    {SQL_FORM_GRANT, 18, SQL_LOCK_ACCESS_SHARE, SQL_LOCK_NONE},
    {SQL_FORM_REVOKE, 18, SQL_LOCK_ACCESS_SHARE, SQL_LOCK_NONE},
};

static void set_locks(struct sql_action *action, int version)
{
    for (size_t i = 0; i < COUNT_OF(changed_locks); i++) {
        if (changed_locks[i].form == action->form && version >= changed_locks[i].from) {
            action->lock = changed_locks[i].lock;
            action->other_lock = changed_locks[i].other;
        }
    }
}

struct sql_action *gather(struct gathering *gathering, enum sql_form form)
{
    const struct sql_form_row *row = sql_form_row(form);
    struct sql_action *action =
        ARRAY_PUSH(gathering->actions, gathering->action_count, gathering->action_capacity);
    *action = (struct sql_action){
        .form = form,
        .depth = gathering->depth,
        .conditional = gathering->conditional,
        .kind = "",
        .offset = gathering->source.head,
        .lock = row->lock,
        .other_lock = row->other,
        .work = row->work,
        .rerun = row->rerun,
        .loss = row->loss,
        .undo = row->undo,
    };
    set_locks(action, gathering->version);
    return action;
}

struct sql_name gather_name(const PgQuery__RangeVar *range)
{
    return range == NULL
               ? (struct sql_name){{0}, {0}}
               : (struct sql_name){str_from(range->schemaname), str_from(range->relname)};
}

struct sql_action *gather_on(struct gathering *gathering, enum sql_form form, const char *kind,
                             const PgQuery__RangeVar *range)
{
    struct sql_action *action = gather(gathering, form);
    action->kind = kind;
    action->object = gather_name(range);
    if (range != NULL) {
        action->offset = gather_offset(gathering, range->location);
        action->only = !range->inh;
    }
    return action;
}

static struct str string_of(const PgQuery__Node *node)
{
    return node->node_case == PG_QUERY__NODE__NODE_STRING ? str_from(node->string->sval)
                                                          : STR("");
}

struct sql_name gather_list_name(PgQuery__Node *const *names, size_t count)
{
    return (struct sql_name){
        .schema = count > 1 ? string_of(names[count - 2]) : STR(""),
        .name = count > 0 ? string_of(names[count - 1]) : STR(""),
    };
}

const struct str *gather_strings(struct gathering *gathering, PgQuery__Node *const *nodes,
                                 size_t count, size_t *string_count)
{
    struct str *strings = arena_array(gathering->arena, count, sizeof *strings);
    for (size_t i = 0; i < count; i++) {
        strings[i] = string_of(nodes[i]);
    }
    *string_count = count;
    return strings;
}

size_t gather_offset(const struct gathering *gathering, int location)
{
    const struct source *source = &gathering->source;
    return location >= 0 && source->exact ? source->base + (size_t)location : source->head;
}

struct str gather_role(const PgQuery__RoleSpec *role)
{
    static const char *const words[] = {
        [PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_CURRENT_ROLE] = "current_role",
        [PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_CURRENT_USER] = "current_user",
        [PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_SESSION_USER] = "session_user",
        [PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_PUBLIC] = "public",
    };
    if (role == NULL) {
        return STR("");
    }
    bool word = (size_t)role->roletype < COUNT_OF(words) && words[role->roletype] != NULL;
    return str_from(word ? words[role->roletype] : role->rolename);
}

const struct str *gather_roles(struct gathering *gathering, PgQuery__Node *const *roles,
                               size_t count, size_t *role_count)
{
    struct str *names = arena_array(gathering->arena, count, sizeof *names);
    for (size_t i = 0; i < count; i++) {
        names[i] = roles[i]->node_case == PG_QUERY__NODE__NODE_ROLE_SPEC
                       ? gather_role(roles[i]->role_spec)
                       : STR("");
    }
    *role_count = count;
    return names;
}

/* The grammar takes a bare word like off for the name of a type. */
static struct str constant_value(struct gathering *gathering, const PgQuery__AConst *constant)
{
    if (constant->val_case == PG_QUERY__A__CONST__VAL_IVAL) {
        return str_format(gathering->arena, "%d", constant->ival->ival);
    }
    if (constant->val_case == PG_QUERY__A__CONST__VAL_FVAL) {
        return str_from(constant->fval->fval);
    }
    return constant->val_case == PG_QUERY__A__CONST__VAL_SVAL ? str_from(constant->sval->sval)
                                                              : STR("");
}

struct str gather_value(struct gathering *gathering, const PgQuery__Node *value)
{
    if (value != NULL && value->node_case == PG_QUERY__NODE__NODE_TYPE_CAST) {
        value = value->type_cast->arg; /* SET TIME ZONE INTERVAL '1 hour' */
    }
    if (value == NULL) {
        return STR("");
    }
    if (value->node_case == PG_QUERY__NODE__NODE_A_CONST) {
        return constant_value(gathering, value->a_const);
    }
    if (value->node_case == PG_QUERY__NODE__NODE_INTEGER) {
        return str_format(gathering->arena, "%d", value->integer->ival);
    }
    if (value->node_case == PG_QUERY__NODE__NODE_FLOAT) {
        return str_from(value->float_->fval);
    }
    if (value->node_case == PG_QUERY__NODE__NODE_BOOLEAN) {
        return str_from(value->boolean->boolval ? "true" : "false");
    }
    if (value->node_case == PG_QUERY__NODE__NODE_TYPE_NAME) {
        return gather_list_name(value->type_name->names, value->type_name->n_names).name;
    }
    return string_of(value);
}

struct str gather_command(struct gathering *gathering, const char *verb, const char *kind)
{
    struct str command = str_format(gathering->arena, "%s %s", verb, kind);
    char *letters = arena_alloc(gathering->arena, command.len + 1);
    for (size_t i = 0; i < command.len; i++) {
        char letter = command.ptr[i];
        letters[i] = letter >= 'a' && letter <= 'z' ? (char)(letter - 'a' + 'A') : letter;
    }
    return (struct str){letters, command.len};
}

struct str gather_ident(struct gathering *gathering, struct str name)
{
    return sql_name_written(gathering->arena, (struct sql_name){STR(""), name});
}

void gather_guard(struct sql_action *action, bool guarded)
{
    if (guarded) {
        action->guarded = true;
        action->rerun = action->rerun == SQL_RERUN_FAILS ? SQL_RERUN_YES : action->rerun;
        action->undo = action->undo == SQL_UNDO_STATEMENT ? SQL_UNDO_KNOWLEDGE : action->undo;
    }
}

void gather_undo(struct gathering *gathering, struct sql_action *action, const char *format,
                 ...)
{
    if (action->guarded) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = arena_alloc(gathering->arena, (size_t)length + 1);
    va_start(arguments, format);
    (void)vsnprintf(text, (size_t)length + 1, format, arguments);
    va_end(arguments);
    action->undo = SQL_UNDO_STATEMENT;
    action->undo_sql = (struct str){text, (size_t)length};
}

void gather_statement(struct gathering *gathering, const PgQuery__Node *node)
{
    static taker *const takers[] = {
        take_transaction,     take_create_table, take_alter_table,
        take_index,           take_drop,         take_rename,
        take_on_table,        take_view,         take_type,
        take_routine,         take_rows,         take_rights,
        take_everything_else,
    };
    const PgQuery__Node *outer = gathering->root;
    gathering->root = node;
    size_t first = gathering->action_count;
    for (size_t i = 0; i < COUNT_OF(takers) && !takers[i](gathering, node); i++) {
    }
    gathering->root = outer;
    bool alone = gathering->depth > 0 && tree_transactional(node) == SQL_NO;
    for (size_t i = first; alone && i < gathering->action_count; i++) {
        gathering->actions[i].stands_alone = true;
    }
}
