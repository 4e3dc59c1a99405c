/* SPDX-License-Identifier: PostgreSQL */
/*
 * The objects that a statement names. First those that the statement is about, by
 * one row of rules per kind of statement; then every other relation anywhere in
 * the tree, found by walking the library's own message descriptors, as read. Names
 * of WITH queries are no relations.
 */
#include "sets.h"
#include "tree.h"

#define NODE(name) PG_QUERY__NODE__NODE_##name
#define TYPE(name) PG_QUERY__OBJECT_TYPE__OBJECT_##name

struct finder {
    struct sql_object *objects; /* texts are the tree's; `written` comes when they are kept */
    size_t count;
    size_t capacity;
    struct chains chains;     /* of `objects`, when they are many */
    struct pointer_set known; /* relations that stand in `objects` for what they are */
    struct name_set with_names;
};

/* ------------------------------------------------------------------ adding */

static bool is_same(const struct sql_object *a, const struct sql_object *b)
{
    return a->use == b->use && strcmp(a->kind, b->kind) == 0 && str_is(a->schema, b->schema) &&
           str_is(a->name, b->name) && str_is(a->on, b->on);
}

static uint32_t hash_of(const struct sql_object *object)
{
    return chain_hash(object->schema, object->name, object->on);
}

static bool is_found(struct finder *finder, const struct sql_object *object)
{
    if (finder->count <= SETS_SMALL) {
        for (size_t i = 0; i < finder->count; i++) {
            if (is_same(&finder->objects[i], object)) {
                return true;
            }
        }
        return false;
    }
    struct chains *chains = &finder->chains;
    while (chains->count < finder->count) {
        chain_add(chains, hash_of(&finder->objects[chains->count]), chains->count);
    }
    ptrdiff_t link = chain_first(chains, hash_of(object));
    while (link != CHAIN_NONE && !is_same(&finder->objects[chains->links[link].item], object)) {
        link = chain_next(chains, link);
    }
    return link != CHAIN_NONE;
}

static void add(struct finder *finder, struct sql_object object)
{
    if (!is_found(finder, &object)) {
        *ARRAY_PUSH(finder->objects, finder->count, finder->capacity) = object;
    }
}

static void add_name(struct finder *finder, enum sql_use use, const char *kind,
                     const char *name)
{
    if (name != NULL && name[0] != '\0') {
        add(finder, (struct sql_object){.use = use, .kind = kind, .name = str_from(name)});
    }
}

static void add_range(struct finder *finder, enum sql_use use, const char *kind,
                      const PgQuery__RangeVar *range)
{
    if (range != NULL) {
        pointer_set_add(&finder->known, range);
        add(finder, (struct sql_object){.use = use,
                                        .kind = kind,
                                        .schema = str_from(range->schemaname),
                                        .name = str_from(range->relname)});
    }
}

/* An object that lives on a table and is named apart from it. */
static void add_on(struct finder *finder, enum sql_use use, const char *kind, const char *name,
                   const PgQuery__RangeVar *table)
{
    if (table != NULL && name != NULL && name[0] != '\0') {
        add(finder, (struct sql_object){.use = use,
                                        .kind = kind,
                                        .schema = str_from(table->schemaname),
                                        .name = str_from(name),
                                        .on = str_from(table->relname)});
    }
}

static struct str string_at(PgQuery__Node *const *names, size_t index)
{
    return names[index]->node_case == NODE(STRING) ? str_from(names[index]->string->sval)
                                                   : STR("");
}

/* [schema.]name as a list of strings. */
static void add_list(struct finder *finder, enum sql_use use, const char *kind,
                     PgQuery__Node *const *names, size_t count)
{
    if (count > 0) {
        add(finder, (struct sql_object){
                        .use = use,
                        .kind = kind,
                        .schema = count > 1 ? string_at(names, count - 2) : STR(""),
                        .name = string_at(names, count - 1),
                    });
    }
}

static bool lives_on_table(PgQuery__ObjectType type)
{
    return type == TYPE(COLUMN) || type == TYPE(TABCONSTRAINT) || type == TYPE(RULE) ||
           type == TYPE(TRIGGER) || type == TYPE(POLICY);
}

/* [schema.]table.name as a list of strings. */
static void add_list_on(struct finder *finder, enum sql_use use, const char *kind,
                        PgQuery__Node *const *names, size_t count)
{
    if (count > 1) {
        add(finder, (struct sql_object){
                        .use = use,
                        .kind = kind,
                        .schema = count > 2 ? string_at(names, count - 3) : STR(""),
                        .name = string_at(names, count - 1),
                        .on = string_at(names, count - 2),
                    });
    }
}

/* Whatever form the grammar gives to an object of this type. */
static void add_node(struct finder *finder, enum sql_use use, PgQuery__ObjectType type,
                     const PgQuery__Node *node)
{
    const char *kind = tree_kind(type);
    if (node == NULL) {
        return;
    }
    if (node->node_case == NODE(STRING)) {
        add_name(finder, use, kind, node->string->sval);
    } else if (node->node_case == NODE(RANGE_VAR)) {
        add_range(finder, use, kind, node->range_var);
    } else if (node->node_case == NODE(TYPE_NAME)) {
        add_list(finder, use, kind, node->type_name->names, node->type_name->n_names);
    } else if (node->node_case == NODE(OBJECT_WITH_ARGS)) {
        add_list(finder, use, kind, node->object_with_args->objname,
                 node->object_with_args->n_objname);
    } else if (node->node_case == NODE(ROLE_SPEC)) {
        add_name(finder, use, kind, node->role_spec->rolename);
    } else if (node->node_case == NODE(LIST) && lives_on_table(type)) {
        add_list_on(finder, use, kind, node->list->items, node->list->n_items);
    } else if (node->node_case == NODE(LIST)) {
        add_list(finder, use, kind, node->list->items, node->list->n_items);
    }
}

static void add_nodes(struct finder *finder, enum sql_use use, PgQuery__ObjectType type,
                      PgQuery__Node *const *nodes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        add_node(finder, use, type, nodes[i]);
    }
}

/* ------------------------------------------------- what the statement is about */

static void find_changed_data(struct finder *finder, const PgQuery__Node *node)
{
    if (node->node_case == NODE(INSERT_STMT)) {
        add_range(finder, SQL_USE_WRITE, "relation", node->insert_stmt->relation);
    } else if (node->node_case == NODE(UPDATE_STMT)) {
        add_range(finder, SQL_USE_WRITE, "relation", node->update_stmt->relation);
    } else if (node->node_case == NODE(DELETE_STMT)) {
        add_range(finder, SQL_USE_WRITE, "relation", node->delete_stmt->relation);
    } else if (node->node_case == NODE(MERGE_STMT)) {
        add_range(finder, SQL_USE_WRITE, "relation", node->merge_stmt->relation);
    } else if (node->node_case == NODE(TRUNCATE_STMT)) {
        add_nodes(finder, SQL_USE_WRITE, TYPE(TABLE), node->truncate_stmt->relations,
                  node->truncate_stmt->n_relations);
    } else if (node->node_case == NODE(COPY_STMT) && node->copy_stmt->is_from) {
        add_range(finder, SQL_USE_WRITE, "relation", node->copy_stmt->relation);
    } else if (node->node_case == NODE(SELECT_STMT) && node->select_stmt->into_clause) {
        add_range(finder, SQL_USE_CREATE, "table", node->select_stmt->into_clause->rel);
    } else if (node->node_case == NODE(REFRESH_MAT_VIEW_STMT)) {
        add_range(finder, SQL_USE_WRITE, "materialized view",
                  node->refresh_mat_view_stmt->relation);
    }
}

static void find_created_relation(struct finder *finder, const PgQuery__Node *node)
{
    if (node->node_case == NODE(CREATE_STMT)) {
        add_range(finder, SQL_USE_CREATE, "table", node->create_stmt->relation);
    } else if (node->node_case == NODE(CREATE_FOREIGN_TABLE_STMT)) {
        add_range(finder, SQL_USE_CREATE, "foreign table",
                  node->create_foreign_table_stmt->base_stmt->relation);
    } else if (node->node_case == NODE(CREATE_TABLE_AS_STMT)) {
        add_range(finder, SQL_USE_CREATE, tree_kind(node->create_table_as_stmt->objtype),
                  node->create_table_as_stmt->into->rel);
    } else if (node->node_case == NODE(VIEW_STMT)) {
        add_range(finder, SQL_USE_CREATE, "view", node->view_stmt->view);
    } else if (node->node_case == NODE(CREATE_SEQ_STMT)) {
        add_range(finder, SQL_USE_CREATE, "sequence", node->create_seq_stmt->sequence);
    } else if (node->node_case == NODE(COMPOSITE_TYPE_STMT)) {
        add_range(finder, SQL_USE_CREATE, "type", node->composite_type_stmt->typevar);
    } else if (node->node_case == NODE(INDEX_STMT)) {
        add_on(finder, SQL_USE_CREATE, "index", node->index_stmt->idxname,
               node->index_stmt->relation);
        add_range(finder, SQL_USE_ALTER, "relation", node->index_stmt->relation);
    } else if (node->node_case == NODE(CREATE_TRIG_STMT)) {
        add_on(finder, SQL_USE_CREATE, "trigger", node->create_trig_stmt->trigname,
               node->create_trig_stmt->relation);
        add_range(finder, SQL_USE_ALTER, "relation", node->create_trig_stmt->relation);
    } else if (node->node_case == NODE(RULE_STMT)) {
        add_on(finder, SQL_USE_CREATE, "rule", node->rule_stmt->rulename,
               node->rule_stmt->relation);
        add_range(finder, SQL_USE_ALTER, "relation", node->rule_stmt->relation);
    } else if (node->node_case == NODE(CREATE_POLICY_STMT)) {
        add_on(finder, SQL_USE_CREATE, "policy", node->create_policy_stmt->policy_name,
               node->create_policy_stmt->table);
        add_range(finder, SQL_USE_ALTER, "table", node->create_policy_stmt->table);
    }
}

static void find_created(struct finder *finder, const PgQuery__Node *node)
{
    PgQuery__Node__NodeCase is = node->node_case;
    if (is == NODE(CREATE_FUNCTION_STMT)) {
        const PgQuery__CreateFunctionStmt *create = node->create_function_stmt;
        add_list(finder, SQL_USE_CREATE, create->is_procedure ? "procedure" : "function",
                 create->funcname, create->n_funcname);
    } else if (is == NODE(DEFINE_STMT)) {
        add_list(finder, SQL_USE_CREATE, tree_kind(node->define_stmt->kind),
                 node->define_stmt->defnames, node->define_stmt->n_defnames);
    } else if (is == NODE(CREATE_DOMAIN_STMT)) {
        add_list(finder, SQL_USE_CREATE, "domain", node->create_domain_stmt->domainname,
                 node->create_domain_stmt->n_domainname);
    } else if (is == NODE(CREATE_ENUM_STMT)) {
        add_list(finder, SQL_USE_CREATE, "type", node->create_enum_stmt->type_name,
                 node->create_enum_stmt->n_type_name);
    } else if (is == NODE(CREATE_RANGE_STMT)) {
        add_list(finder, SQL_USE_CREATE, "type", node->create_range_stmt->type_name,
                 node->create_range_stmt->n_type_name);
    } else if (is == NODE(CREATE_STATS_STMT)) {
        add_list(finder, SQL_USE_CREATE, "statistics", node->create_stats_stmt->defnames,
                 node->create_stats_stmt->n_defnames);
    } else if (is == NODE(CREATE_SCHEMA_STMT)) {
        add_name(finder, SQL_USE_CREATE, "schema", node->create_schema_stmt->schemaname);
    } else if (is == NODE(CREATE_EXTENSION_STMT)) {
        add_name(finder, SQL_USE_CREATE, "extension", node->create_extension_stmt->extname);
    } else if (is == NODE(CREATE_ROLE_STMT)) {
        add_name(finder, SQL_USE_CREATE, "role", node->create_role_stmt->role);
    } else if (is == NODE(CREATEDB_STMT)) {
        add_name(finder, SQL_USE_CREATE, "database", node->createdb_stmt->dbname);
    } else if (is == NODE(CREATE_TABLE_SPACE_STMT)) {
        add_name(finder, SQL_USE_CREATE, "tablespace",
                 node->create_table_space_stmt->tablespacename);
    } else if (is == NODE(CREATE_PUBLICATION_STMT)) {
        add_name(finder, SQL_USE_CREATE, "publication", node->create_publication_stmt->pubname);
    } else if (is == NODE(CREATE_SUBSCRIPTION_STMT)) {
        add_name(finder, SQL_USE_CREATE, "subscription",
                 node->create_subscription_stmt->subname);
    } else if (is == NODE(CREATE_EVENT_TRIG_STMT)) {
        add_name(finder, SQL_USE_CREATE, "event trigger",
                 node->create_event_trig_stmt->trigname);
    }
}

static void find_dropped(struct finder *finder, const PgQuery__Node *node)
{
    PgQuery__Node__NodeCase is = node->node_case;
    if (is == NODE(DROP_STMT)) {
        add_nodes(finder, SQL_USE_DROP, node->drop_stmt->remove_type, node->drop_stmt->objects,
                  node->drop_stmt->n_objects);
    } else if (is == NODE(DROPDB_STMT)) {
        add_name(finder, SQL_USE_DROP, "database", node->dropdb_stmt->dbname);
    } else if (is == NODE(DROP_ROLE_STMT)) {
        add_nodes(finder, SQL_USE_DROP, TYPE(ROLE), node->drop_role_stmt->roles,
                  node->drop_role_stmt->n_roles);
    } else if (is == NODE(DROP_TABLE_SPACE_STMT)) {
        add_name(finder, SQL_USE_DROP, "tablespace",
                 node->drop_table_space_stmt->tablespacename);
    } else if (is == NODE(DROP_SUBSCRIPTION_STMT)) {
        add_name(finder, SQL_USE_DROP, "subscription", node->drop_subscription_stmt->subname);
    }
}

/* What ALTER TABLE drops inside of the table, and the partitions it moves. */
static void find_altered_parts(struct finder *finder, const PgQuery__AlterTableStmt *alter)
{
    for (size_t i = 0; i < alter->n_cmds; i++) {
        const PgQuery__AlterTableCmd *command = alter->cmds[i]->alter_table_cmd;
        if (command->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_DropColumn) {
            add_on(finder, SQL_USE_DROP, "column", command->name, alter->relation);
        } else if (command->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_DropConstraint) {
            add_on(finder, SQL_USE_DROP, "constraint", command->name, alter->relation);
        } else if (command->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn &&
                   command->def != NULL && command->def->node_case == NODE(COLUMN_DEF)) {
            add_on(finder, SQL_USE_CREATE, "column", command->def->column_def->colname,
                   alter->relation);
        } else if (command->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_AddConstraint &&
                   command->def != NULL && command->def->node_case == NODE(CONSTRAINT)) {
            add_on(finder, SQL_USE_CREATE, "constraint", command->def->constraint->conname,
                   alter->relation);
        } else if (command->def != NULL && command->def->node_case == NODE(PARTITION_CMD)) {
            add_range(finder, SQL_USE_ALTER, "table", command->def->partition_cmd->name);
        }
    }
}

static void find_renamed(struct finder *finder, const PgQuery__RenameStmt *rename)
{
    const char *kind = tree_kind(rename->rename_type);
    if (rename->relation == NULL) {
        add_node(finder, SQL_USE_ALTER, rename->rename_type, rename->object);
        if (rename->object == NULL) {
            add_name(finder, SQL_USE_ALTER, kind, rename->subname);
        }
    } else if (rename->subname[0] != '\0') {
        add_on(finder, SQL_USE_ALTER, kind, rename->subname, rename->relation);
        add_range(finder, SQL_USE_ALTER, "relation", rename->relation);
    } else {
        add_range(finder, SQL_USE_ALTER, kind, rename->relation);
    }
}

static void find_altered_relation(struct finder *finder, const PgQuery__Node *node)
{
    PgQuery__Node__NodeCase is = node->node_case;
    if (is == NODE(ALTER_TABLE_STMT)) {
        add_range(finder, SQL_USE_ALTER, tree_kind(node->alter_table_stmt->objtype),
                  node->alter_table_stmt->relation);
        find_altered_parts(finder, node->alter_table_stmt);
    } else if (is == NODE(ALTER_SEQ_STMT)) {
        add_range(finder, SQL_USE_ALTER, "sequence", node->alter_seq_stmt->sequence);
    } else if (is == NODE(ALTER_POLICY_STMT)) {
        add_on(finder, SQL_USE_ALTER, "policy", node->alter_policy_stmt->policy_name,
               node->alter_policy_stmt->table);
        add_range(finder, SQL_USE_ALTER, "table", node->alter_policy_stmt->table);
    } else if (is == NODE(CLUSTER_STMT)) {
        add_range(finder, SQL_USE_ALTER, "relation", node->cluster_stmt->relation);
    } else if (is == NODE(REINDEX_STMT)) {
        bool index =
            node->reindex_stmt->kind == PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_INDEX;
        add_range(finder, SQL_USE_ALTER, index ? "index" : "relation",
                  node->reindex_stmt->relation);
    } else if (is == NODE(VACUUM_STMT)) {
        for (size_t i = 0; i < node->vacuum_stmt->n_rels; i++) {
            add_range(finder, SQL_USE_ALTER, "relation",
                      node->vacuum_stmt->rels[i]->vacuum_relation->relation);
        }
    } else if (is == NODE(LOCK_STMT)) {
        add_nodes(finder, SQL_USE_ALTER, TYPE(TABLE), node->lock_stmt->relations,
                  node->lock_stmt->n_relations);
    }
}

static void find_altered(struct finder *finder, const PgQuery__Node *node)
{
    PgQuery__Node__NodeCase is = node->node_case;
    if (is == NODE(RENAME_STMT)) {
        find_renamed(finder, node->rename_stmt);
    } else if (is == NODE(COMMENT_STMT)) {
        add_node(finder, SQL_USE_ALTER, node->comment_stmt->objtype,
                 node->comment_stmt->object);
    } else if (is == NODE(SEC_LABEL_STMT)) {
        add_node(finder, SQL_USE_ALTER, node->sec_label_stmt->objtype,
                 node->sec_label_stmt->object);
    } else if (is == NODE(GRANT_STMT)) {
        add_nodes(finder, SQL_USE_ALTER, node->grant_stmt->objtype, node->grant_stmt->objects,
                  node->grant_stmt->n_objects);
    } else if (is == NODE(ALTER_OWNER_STMT)) {
        const PgQuery__AlterOwnerStmt *alter = node->alter_owner_stmt;
        add_node(finder, SQL_USE_ALTER, alter->object_type, alter->object);
        add_range(finder, SQL_USE_ALTER, tree_kind(alter->object_type), alter->relation);
    } else if (is == NODE(ALTER_OBJECT_SCHEMA_STMT)) {
        const PgQuery__AlterObjectSchemaStmt *alter = node->alter_object_schema_stmt;
        add_node(finder, SQL_USE_ALTER, alter->object_type, alter->object);
        add_range(finder, SQL_USE_ALTER, tree_kind(alter->object_type), alter->relation);
    } else if (is == NODE(ALTER_FUNCTION_STMT)) {
        add_list(finder, SQL_USE_ALTER, tree_kind(node->alter_function_stmt->objtype),
                 node->alter_function_stmt->func->objname,
                 node->alter_function_stmt->func->n_objname);
    } else if (is == NODE(ALTER_DOMAIN_STMT)) {
        add_list(finder, SQL_USE_ALTER, "domain", node->alter_domain_stmt->type_name,
                 node->alter_domain_stmt->n_type_name);
    } else if (is == NODE(ALTER_ENUM_STMT)) {
        add_list(finder, SQL_USE_ALTER, "type", node->alter_enum_stmt->type_name,
                 node->alter_enum_stmt->n_type_name);
    } else if (is == NODE(ALTER_TYPE_STMT)) {
        add_list(finder, SQL_USE_ALTER, "type", node->alter_type_stmt->type_name,
                 node->alter_type_stmt->n_type_name);
    } else if (is == NODE(ALTER_EXTENSION_STMT)) {
        add_name(finder, SQL_USE_ALTER, "extension", node->alter_extension_stmt->extname);
    } else if (is == NODE(ALTER_ROLE_STMT)) {
        add_name(finder, SQL_USE_ALTER, "role", node->alter_role_stmt->role->rolename);
    } else if (is == NODE(ALTER_DATABASE_STMT)) {
        add_name(finder, SQL_USE_ALTER, "database", node->alter_database_stmt->dbname);
    } else if (is == NODE(ALTER_DATABASE_SET_STMT)) {
        add_name(finder, SQL_USE_ALTER, "database", node->alter_database_set_stmt->dbname);
    }
}

/* ------------------------------------------------------------ all the others */

static bool is_with_name(struct finder *finder, const PgQuery__RangeVar *range)
{
    struct sql_name name = {STR(""), str_from(range->relname)};
    return range->schemaname[0] == '\0' && name_set_has(&finder->with_names, name);
}

/* Names of WITH queries, and changes inside of them and of a rule's actions. */
static bool visit_changes(void *context, const ProtobufCMessage *message)
{
    struct finder *finder = context;
    if (message->descriptor == &pg_query__node__descriptor) {
        find_changed_data(finder, (const PgQuery__Node *)message);
        find_created_relation(finder, (const PgQuery__Node *)message);
    } else if (message->descriptor == &pg_query__common_table_expr__descriptor) {
        const PgQuery__CommonTableExpr *with = (const PgQuery__CommonTableExpr *)message;
        name_set_add(&finder->with_names, (struct sql_name){STR(""), str_from(with->ctename)});
    }
    return true;
}

static bool visit_range(void *context, const ProtobufCMessage *message)
{
    struct finder *finder = context;
    if (message->descriptor == &pg_query__range_var__descriptor) {
        const PgQuery__RangeVar *range = (const PgQuery__RangeVar *)message;
        if (range->relname[0] != '\0' && !pointer_set_has(&finder->known, range) &&
            !is_with_name(finder, range)) {
            add_range(finder, SQL_USE_READ, "relation", range);
        }
    }
    return true;
}

/* ----------------------------------------------------------------- keeping */

/* Most names are written as they are: schema and name are then parts of that one text. */
static void keep_names(struct arena *arena, const struct sql_object *object,
                       struct sql_object *copy)
{
    struct sql_name name = {object->schema, object->name};
    size_t dot = name.schema.len + (name.schema.len > 0);
    copy->written = sql_name_written(arena, name);
    if (copy->written.len == dot + name.name.len) {
        copy->schema = str_slice(copy->written, 0, name.schema.len);
        copy->name = str_slice(copy->written, dot, name.name.len);
    } else {
        copy->schema = str_dup(arena, name.schema);
        copy->name = str_dup(arena, name.name);
    }
}

static const struct sql_object *copy_objects(const struct finder *finder, struct arena *arena)
{
    struct sql_object *copies = arena_array(arena, finder->count, sizeof *copies);
    for (size_t i = 0; i < finder->count; i++) {
        const struct sql_object *object = &finder->objects[i];
        copies[i] = (struct sql_object){.use = object->use, .kind = object->kind};
        copies[i].on = object->on.len > 0 ? str_dup(arena, object->on) : STR("");
        keep_names(arena, object, &copies[i]);
    }
    return copies;
}

static bool are_same(const struct finder *finder, const struct sql_object *objects,
                     size_t count)
{
    bool same = finder->count == count;
    for (size_t i = 0; same && i < count; i++) {
        same = is_same(&finder->objects[i], &objects[i]);
    }
    return same;
}

static void keep_objects(const struct finder *finder, struct sql_statement *statement,
                         struct arena *arena, struct tree_lists *lists)
{
    statement->object_count = (uint32_t)finder->count;
    for (size_t i = 0; i < TREE_LISTS; i++) {
        if (are_same(finder, lists->items[i].objects, lists->items[i].count)) {
            statement->objects = lists->items[i].objects;
            return;
        }
    }
    statement->objects = copy_objects(finder, arena);
    lists->items[lists->next].objects = statement->objects;
    lists->items[lists->next].count = finder->count;
    lists->next = (lists->next + 1) % TREE_LISTS;
}

void tree_objects(const PgQuery__Node *node, struct sql_statement *statement,
                  struct arena *arena, struct tree_lists *lists)
{
    struct finder finder = {0};
    find_created(&finder, node);
    find_dropped(&finder, node);
    find_altered_relation(&finder, node);
    find_altered(&finder, node);
    tree_walk(&node->base, visit_changes, &finder);
    tree_walk(&node->base, visit_range, &finder);
    keep_objects(&finder, statement, arena, lists);
    free(finder.objects);
    chains_release(&finder.chains);
    pointer_set_release(&finder.known);
    name_set_release(&finder.with_names);
}
