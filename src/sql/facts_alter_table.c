/* SPDX-License-Identifier: PostgreSQL */
/*
 * Facts of ALTER TABLE and of all that the grammar puts into the same statement: ALTER INDEX,
 * VIEW, MATERIALIZED VIEW, SEQUENCE, FOREIGN TABLE, and TYPE for composites. One row for each
 * command that the grammar produces: its form, what takes it back, and who fills the details.
 */
#include "facts.h"

#define NODE(name)   PG_QUERY__NODE__NODE_##name
#define AT(name)     PG_QUERY__ALTER_TABLE_TYPE__AT_##name
#define OBJECT(name) PG_QUERY__OBJECT_TYPE__OBJECT_##name

/* One command of the statement, and the statement that it belongs to. */
struct command {
    struct gathering *gathering;
    const PgQuery__AlterTableStmt *statement;
    const PgQuery__AlterTableCmd *command;
    const char *kind;
};

typedef void filler(const struct command *command, struct sql_action *action);

/* ------------------------------------------------------------------ details */

static const PgQuery__Node *definition(const struct command *command,
                                       PgQuery__Node__NodeCase is)
{
    const PgQuery__Node *node = command->command->def;
    return node != NULL && node->node_case == is ? node : NULL;
}

static void fill_column(const struct command *command, struct sql_action *action)
{
    const PgQuery__Node *node = definition(command, NODE(COLUMN_DEF));
    if (node == NULL) {
        return;
    }
    const struct sql_column *column = gather_column(command->gathering, node->column_def);
    action->column = column;
    action->part = column->name;
    action->offset = gather_offset(command->gathering, node->column_def->location);
    action->work = gather_column_work(column);
    gather_guard(action, command->command->missing_ok);
}

static void fill_type(const struct command *command, struct sql_action *action)
{
    const PgQuery__Node *node = definition(command, NODE(COLUMN_DEF));
    struct sql_column *column = arena_alloc(command->gathering->arena, sizeof *column);
    column->name = action->part;
    if (node != NULL && node->column_def->type_name != NULL) {
        column->type = gather_type(command->gathering, node->column_def->type_name);
        column->using_cast =
            gather_expression(command->gathering, node->column_def->raw_default);
        action->offset = gather_offset(command->gathering, node->column_def->location);
    }
    action->column = column;
}

static void fill_default(const struct command *command, struct sql_action *action)
{
    struct sql_column *column = arena_alloc(command->gathering->arena, sizeof *column);
    column->name = action->part;
    column->default_value = gather_expression(command->gathering, command->command->def);
    action->column = column;
}

static void fill_identity(const struct command *command, struct sql_action *action)
{
    struct sql_column *column = arena_alloc(command->gathering->arena, sizeof *column);
    column->name = action->part;
    column->generated = SQL_GENERATED_IDENTITY;
    action->column = column;
}

static void fill_drop(const struct command *command, struct sql_action *action)
{
    action->cascade = command->command->behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE;
    gather_guard(action, command->command->missing_ok);
}

static void fill_alter_constraint(const struct command *command, struct sql_action *action)
{
    const PgQuery__Node *node = definition(command, NODE(CONSTRAINT));
    if (node != NULL) {
        action->part = str_from(node->constraint->conname);
        action->offset = gather_offset(command->gathering, node->constraint->location);
    }
}

static void fill_owner(const struct command *command, struct sql_action *action)
{
    action->renamed = gather_role(command->command->newowner);
}

/* What a tablespace, an access method is called, which belongs to no table. */
static void fill_place(const struct command *command, struct sql_action *action)
{
    (void)command;
    action->renamed = action->part;
    action->part = STR("");
}

static void fill_parent(const struct command *command, struct sql_action *action)
{
    const PgQuery__Node *node = definition(command, NODE(RANGE_VAR));
    if (node != NULL) {
        action->other = gather_name(node->range_var);
        action->offset = gather_offset(command->gathering, node->range_var->location);
    }
}

/* The type stands in pg_class, too; NOT OF names none. */
static void fill_of_type(const struct command *command, struct sql_action *action)
{
    const PgQuery__Node *node = definition(command, NODE(TYPE_NAME));
    if (node != NULL) {
        action->other = gather_type(command->gathering, node->type_name).name;
    }
}

static void fill_partition(const struct command *command, struct sql_action *action)
{
    const PgQuery__Node *node = definition(command, NODE(PARTITION_CMD));
    if (node != NULL) {
        action->other = gather_name(node->partition_cmd->name);
        action->offset = gather_offset(command->gathering, node->partition_cmd->name->location);
        action->concurrently = node->partition_cmd->concurrent;
    }
}

static void fill_replica_identity(const struct command *command, struct sql_action *action)
{
    const PgQuery__Node *node = definition(command, NODE(REPLICA_IDENTITY_STMT));
    if (node != NULL) {
        action->part = str_from(node->replica_identity_stmt->name);
    }
}

static void fill_logged(const struct command *command, struct sql_action *action)
{
    if (command->statement->objtype == OBJECT(SEQUENCE)) {
        action->work = SQL_WORK_NONE;
    }
}

static void fill_nothing(const struct command *command, struct sql_action *action)
{
    (void)command;
    (void)action;
}

/* ----------------------------------------------------------- table of commands */

/* `undo`: behind ALTER TABLE name; % is the part, @ the other table. */
struct row {
    enum sql_form form;
    filler *fill; /* NULL: handled apart, or made by the server only, never by the grammar */
    const char *undo;
};

static const struct row rows[] = {
    [AT(AddColumn)] = {SQL_FORM_ADD_COLUMN, fill_column, "DROP COLUMN %"},
    [AT(ColumnDefault)] = {SQL_FORM_SET_DEFAULT, fill_default, NULL},
    [AT(DropNotNull)] = {SQL_FORM_DROP_NOT_NULL, fill_nothing, "ALTER COLUMN % SET NOT NULL"},
    [AT(SetNotNull)] = {SQL_FORM_SET_NOT_NULL, fill_nothing, "ALTER COLUMN % DROP NOT NULL"},
    [AT(DropExpression)] = {SQL_FORM_DROP_EXPRESSION, fill_drop, NULL},
    [AT(SetStatistics)] = {SQL_FORM_SET_STATISTICS, fill_nothing, NULL},
    [AT(SetOptions)] = {SQL_FORM_SET_COLUMN_OPTIONS, fill_nothing, NULL},
    [AT(ResetOptions)] = {SQL_FORM_SET_COLUMN_OPTIONS, fill_nothing, NULL},
    [AT(SetStorage)] = {SQL_FORM_SET_STORAGE, fill_nothing, NULL},
    [AT(SetCompression)] = {SQL_FORM_SET_COMPRESSION, fill_nothing, NULL},
    [AT(DropColumn)] = {SQL_FORM_DROP_COLUMN, fill_drop, NULL},
    [AT(AlterConstraint)] = {SQL_FORM_ALTER_CONSTRAINT, fill_alter_constraint, NULL},
    [AT(ValidateConstraint)] = {SQL_FORM_VALIDATE_CONSTRAINT, fill_nothing, NULL},
    [AT(DropConstraint)] = {SQL_FORM_DROP_CONSTRAINT, fill_drop, NULL},
    [AT(AlterColumnType)] = {SQL_FORM_ALTER_COLUMN_TYPE, fill_type, NULL},
    [AT(AlterColumnGenericOptions)] = {SQL_FORM_SET_FOREIGN_COLUMN_OPTIONS, fill_nothing, NULL},
    [AT(ChangeOwner)] = {SQL_FORM_CHANGE_OWNER, fill_owner, NULL},
    [AT(ClusterOn)] = {SQL_FORM_CLUSTER_ON, fill_nothing, NULL},
    [AT(DropCluster)] = {SQL_FORM_CLUSTER_ON, fill_nothing, NULL},
    [AT(SetLogged)] = {SQL_FORM_SET_LOGGED, fill_logged, "SET UNLOGGED"},
    [AT(SetUnLogged)] = {SQL_FORM_SET_UNLOGGED, fill_logged, "SET LOGGED"},
    [AT(DropOids)] = {SQL_FORM_DROP_OIDS, fill_nothing, NULL},
    [AT(SetAccessMethod)] = {SQL_FORM_SET_ACCESS_METHOD, fill_place, NULL},
    [AT(SetTableSpace)] = {SQL_FORM_SET_TABLESPACE, fill_place, NULL},
    [AT(EnableTrig)] = {SQL_FORM_ENABLE_TRIGGER, fill_nothing, NULL},
    [AT(EnableAlwaysTrig)] = {SQL_FORM_ENABLE_TRIGGER, fill_nothing, NULL},
    [AT(EnableReplicaTrig)] = {SQL_FORM_ENABLE_TRIGGER, fill_nothing, NULL},
    [AT(DisableTrig)] = {SQL_FORM_DISABLE_TRIGGER, fill_nothing, NULL},
    [AT(EnableTrigAll)] = {SQL_FORM_ENABLE_TRIGGER, fill_nothing, NULL},
    [AT(DisableTrigAll)] = {SQL_FORM_DISABLE_TRIGGER, fill_nothing, NULL},
    [AT(EnableTrigUser)] = {SQL_FORM_ENABLE_TRIGGER, fill_nothing, NULL},
    [AT(DisableTrigUser)] = {SQL_FORM_DISABLE_TRIGGER, fill_nothing, NULL},
    [AT(EnableRule)] = {SQL_FORM_ENABLE_RULE, fill_nothing, NULL},
    [AT(EnableAlwaysRule)] = {SQL_FORM_ENABLE_RULE, fill_nothing, NULL},
    [AT(EnableReplicaRule)] = {SQL_FORM_ENABLE_RULE, fill_nothing, NULL},
    [AT(DisableRule)] = {SQL_FORM_ENABLE_RULE, fill_nothing, NULL},
    [AT(AddInherit)] = {SQL_FORM_INHERIT, fill_parent, "NO INHERIT @"},
    [AT(DropInherit)] = {SQL_FORM_NO_INHERIT, fill_parent, "INHERIT @"},
    [AT(AddOf)] = {SQL_FORM_OF_TYPE, fill_of_type, NULL},
    [AT(DropOf)] = {SQL_FORM_OF_TYPE, fill_nothing, NULL},
    [AT(ReplicaIdentity)] = {SQL_FORM_REPLICA_IDENTITY, fill_replica_identity, NULL},
    [AT(EnableRowSecurity)] = {SQL_FORM_ENABLE_RLS, fill_nothing, "DISABLE ROW LEVEL SECURITY"},
    [AT(DisableRowSecurity)] = {SQL_FORM_DISABLE_RLS, fill_nothing,
                                "ENABLE ROW LEVEL SECURITY"},
    [AT(ForceRowSecurity)] = {SQL_FORM_FORCE_RLS, fill_nothing, "NO FORCE ROW LEVEL SECURITY"},
    [AT(NoForceRowSecurity)] = {SQL_FORM_NO_FORCE_RLS, fill_nothing,
                                "FORCE ROW LEVEL SECURITY"},
    [AT(GenericOptions)] = {SQL_FORM_SET_FOREIGN_OPTIONS, fill_nothing, NULL},
    [AT(AttachPartition)] = {SQL_FORM_ATTACH_PARTITION, fill_partition, "DETACH PARTITION @"},
    [AT(DetachPartition)] = {SQL_FORM_DETACH_PARTITION, fill_partition, NULL},
    [AT(DetachPartitionFinalize)] = {SQL_FORM_DETACH_PARTITION_FINALIZE, fill_partition, NULL},
    [AT(AddIdentity)] = {SQL_FORM_ADD_IDENTITY, fill_identity, "ALTER COLUMN % DROP IDENTITY"},
    [AT(SetIdentity)] = {SQL_FORM_SET_IDENTITY, fill_nothing, NULL},
    [AT(DropIdentity)] = {SQL_FORM_DROP_IDENTITY, fill_drop, NULL},
};

/* ------------------------------------------------------- other kinds of objects */

static enum sql_form form_on_index(PgQuery__AlterTableType type)
{
    return type == AT(SetTableSpace)     ? SQL_FORM_SET_INDEX_TABLESPACE
           : type == AT(AttachPartition) ? SQL_FORM_ATTACH_INDEX
           : type == AT(ChangeOwner)     ? SQL_FORM_CHANGE_OWNER
                                         : SQL_FORM_ALTER_INDEX;
}

static enum sql_form form_of(const struct command *command)
{
    PgQuery__AlterTableType type = command->command->subtype;
    PgQuery__ObjectType object = command->statement->objtype;
    if (object == OBJECT(INDEX)) {
        return form_on_index(type);
    }
    if (object == OBJECT(TYPE)) {
        return type == AT(AddColumn)    ? SQL_FORM_ADD_ATTRIBUTE
               : type == AT(DropColumn) ? SQL_FORM_DROP_ATTRIBUTE
                                        : SQL_FORM_ALTER_COMPOSITE;
    }
    if (type == AT(ColumnDefault)) {
        return object == OBJECT(VIEW)          ? SQL_FORM_ALTER_VIEW_COLUMN
               : command->command->def == NULL ? SQL_FORM_DROP_DEFAULT
                                               : SQL_FORM_SET_DEFAULT;
    }
    const PgQuery__Node *partition = definition(command, NODE(PARTITION_CMD));
    if (type == AT(DetachPartition) && partition != NULL &&
        partition->partition_cmd->concurrent) {
        return SQL_FORM_DETACH_PARTITION_CONCURRENTLY;
    }
    return rows[type].form;
}

/* An index is named without its table: the lock on the index is the `other` one. */
static void name_index(const struct command *command, struct sql_action *action)
{
    if (command->statement->objtype == OBJECT(INDEX) && action->other.name.len == 0) {
        action->other = action->object;
    }
}

static void adjust(const struct command *command, struct sql_action *action)
{
    if (command->statement->objtype == OBJECT(FOREIGN_TABLE)) {
        action->work = SQL_WORK_NONE; /* its rows are somewhere else */
        if (action->loss == SQL_LOSS_DATA) {
            action->loss = SQL_LOSS_CODE;
            action->undo = SQL_UNDO_KNOWLEDGE;
        }
    } else if (command->statement->objtype == OBJECT(TYPE)) {
        action->work = SQL_WORK_NONE;
        action->only = false;
    }
    name_index(command, action);
}

/* ----------------------------------------------------------------- one command */

static void write_undo(const struct command *command, struct sql_action *action,
                       const char *undo)
{
    struct strbuf text = {0};
    for (const char *at = undo; *at != '\0'; at++) {
        if (*at == '%') {
            sql_quote_ident(&text, action->part);
        } else if (*at == '@') {
            strbuf_add(&text, sql_name_written(command->gathering->arena, action->other));
        } else {
            strbuf_byte(&text, *at);
        }
    }
    gather_undo(command->gathering, action, "%.*s %s%.*s %.*s",
                STR_ARG(gather_command(command->gathering, "ALTER", command->kind)),
                action->only ? "ONLY " : "",
                STR_ARG(sql_name_written(command->gathering->arena, action->object)),
                STR_ARG(strbuf_str(&text)));
    strbuf_release(&text);
}

static void take_plain(const struct command *command)
{
    const struct row *row = &rows[command->command->subtype];
    struct sql_action *action = gather_on(command->gathering, form_of(command), command->kind,
                                          command->statement->relation);
    action->part = str_from(command->command->name);
    row->fill(command, action);
    adjust(command, action);
    if (row->undo != NULL && action->undo == SQL_UNDO_STATEMENT) {
        const char *undo =
            action->form == SQL_FORM_ADD_ATTRIBUTE ? "DROP ATTRIBUTE %" : row->undo;
        write_undo(command, action, undo);
    }
    const PgQuery__Node *column = definition(command, NODE(COLUMN_DEF));
    if (action->form == SQL_FORM_ADD_COLUMN && column != NULL) {
        gather_column_constraints(command->gathering, action, command->statement->relation,
                                  column->column_def);
    }
}

static void take_constraint(const struct command *command)
{
    const PgQuery__Node *node = definition(command, NODE(CONSTRAINT));
    if (node == NULL) {
        return;
    }
    struct sql_action *action =
        gather_constraint(command->gathering, command->kind, command->statement->relation,
                          node->constraint, STR(""));
    adjust(command, action);
    if (action->undo == SQL_UNDO_STATEMENT) {
        write_undo(command, action, "DROP CONSTRAINT %");
    }
}

/* ----------------------------------------------------------- storage parameters */

/* Options of which a change needs ACCESS EXCLUSIVE (reloptions.c); all others need less. */
static bool option_locks_all(const char *name)
{
    static const char *const names[] = {
        "autosummarize",    "buffering",          "check_option",
        "fastupdate",       "pages_per_range",    "security_barrier",
        "security_invoker", "user_catalog_table", "gin_pending_list_limit",
    };
    bool found = false;
    for (size_t i = 0; !found && i < COUNT_OF(names); i++) {
        found = strcmp(name, names[i]) == 0;
    }
    return found;
}

static enum sql_form form_of_options(const struct command *command)
{
    return command->statement->objtype == OBJECT(VIEW)    ? SQL_FORM_SET_VIEW_OPTIONS
           : command->statement->objtype == OBJECT(INDEX) ? SQL_FORM_ALTER_INDEX
                                                          : SQL_FORM_SET_STORAGE_PARAMETERS;
}

static void take_option(const struct command *command, const PgQuery__DefElem *option)
{
    struct sql_setting *setting = arena_alloc(command->gathering->arena, sizeof *setting);
    setting->name = option->defnamespace[0] == '\0'
                        ? str_from(option->defname)
                        : str_format(command->gathering->arena, "%s.%s", option->defnamespace,
                                     option->defname);
    setting->value = gather_value(command->gathering, option->arg);
    setting->reset = command->command->subtype == AT(ResetRelOptions);
    struct sql_action *action = gather_on(command->gathering, form_of_options(command),
                                          command->kind, command->statement->relation);
    action->setting = setting;
    action->part = setting->name;
    action->offset = gather_offset(command->gathering, option->location);
    adjust(command, action);
    if (option_locks_all(option->defname)) {
        enum sql_lock *lock =
            command->statement->objtype == OBJECT(INDEX) ? &action->other_lock : &action->lock;
        *lock = SQL_LOCK_ACCESS_EXCLUSIVE;
    }
}

static void take_options(const struct command *command)
{
    const PgQuery__Node *list = definition(command, NODE(LIST));
    for (size_t i = 0; list != NULL && i < list->list->n_items; i++) {
        if (list->list->items[i]->node_case == NODE(DEF_ELEM)) {
            take_option(command, list->list->items[i]->def_elem);
        }
    }
}

/* --------------------------------------------------------------- statements */

static void take_command(const struct command *command)
{
    PgQuery__AlterTableType type = command->command->subtype;
    if (type == AT(AddConstraint)) {
        take_constraint(command);
    } else if (type == AT(SetRelOptions) || type == AT(ResetRelOptions)) {
        take_options(command);
    } else if ((size_t)type < COUNT_OF(rows) && rows[type].fill != NULL) {
        take_plain(command);
    }
}

static void take_move_all(struct gathering *gathering,
                          const PgQuery__AlterTableMoveAllStmt *move)
{
    struct sql_action *action = gather(gathering, SQL_FORM_MOVE_ALL_IN_TABLESPACE);
    action->kind = tree_kind(move->objtype);
    action->part = str_from(move->orig_tablespacename);
    action->renamed = str_from(move->new_tablespacename);
}

bool take_alter_table(struct gathering *gathering, const PgQuery__Node *node)
{
    if (node->node_case == NODE(ALTER_TABLE_MOVE_ALL_STMT)) {
        take_move_all(gathering, node->alter_table_move_all_stmt);
        return true;
    }
    if (node->node_case != NODE(ALTER_TABLE_STMT)) {
        return false;
    }
    const PgQuery__AlterTableStmt *statement = node->alter_table_stmt;
    for (size_t i = 0; i < statement->n_cmds; i++) {
        struct command command = {
            .gathering = gathering,
            .statement = statement,
            .command = statement->cmds[i]->alter_table_cmd,
            .kind = tree_kind(statement->objtype),
        };
        take_command(&command);
    }
    return true;
}
