/* SPDX-License-Identifier: PostgreSQL */
/*
 * Facts of indexes and upkeep: CREATE INDEX, REINDEX, CLUSTER, VACUUM, ANALYZE, and extended
 * statistics.
 */
#include "facts.h"

#define NODE(name)    PG_QUERY__NODE__NODE_##name
#define REINDEX(name) PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_##name

/* ------------------------------------------------------------- CREATE INDEX */

static const struct sql_index *details_of(struct gathering *gathering,
                                          const PgQuery__IndexStmt *create)
{
    struct sql_index *index = arena_alloc(gathering->arena, sizeof *index);
    struct str *columns =
        arena_array(gathering->arena, create->n_index_params, sizeof *columns);
    for (size_t i = 0; i < create->n_index_params; i++) {
        columns[i] = str_from(create->index_params[i]->index_elem->name);
    }
    index->columns = columns;
    index->column_count = create->n_index_params;
    index->unique = create->unique;
    index->concurrently = create->concurrent;
    index->where = gather_expression(gathering, create->where_clause);
    index->method = str_from(create->access_method);
    return index;
}

static void take_create(struct gathering *gathering, const PgQuery__IndexStmt *create)
{
    const struct sql_index *index = details_of(gathering, create);
    struct sql_action *action = gather_on(
        gathering,
        create->concurrent ? SQL_FORM_CREATE_INDEX_CONCURRENTLY : SQL_FORM_CREATE_INDEX,
        "index", create->relation);
    action->index = index;
    action->part = str_from(create->idxname);
    action->concurrently = create->concurrent;
    if (action->only) {
        action->work = SQL_WORK_UNKNOWN; /* nothing is built on a partitioned table alone */
    }
    gather_guard(action, create->if_not_exists);
    if (action->part.len == 0) {
        action->undo = SQL_UNDO_KNOWLEDGE; /* the server makes the name, and another one */
        action->rerun = SQL_RERUN_TWICE;
        return;
    }
    struct sql_name name = {action->object.schema, action->part};
    gather_undo(gathering, action, "DROP INDEX %s%.*s",
                create->concurrent ? "CONCURRENTLY " : "",
                STR_ARG(sql_name_written(gathering->arena, name)));
}

/* ------------------------------------------------------------------ REINDEX */

static enum sql_form form_of_reindex(const PgQuery__ReindexStmt *reindex, bool concurrently)
{
    return concurrently                      ? SQL_FORM_REINDEX_CONCURRENTLY
           : reindex->kind == REINDEX(INDEX) ? SQL_FORM_REINDEX_INDEX
           : reindex->kind == REINDEX(TABLE) ? SQL_FORM_REINDEX_TABLE
                                             : SQL_FORM_REINDEX_MANY;
}

static void take_reindex(struct gathering *gathering, const PgQuery__ReindexStmt *reindex)
{
    bool concurrently = tree_option_is_true(
        tree_option(reindex->params, reindex->n_params, "concurrently"), false);
    const char *kind = reindex->kind == REINDEX(INDEX)    ? "index"
                       : reindex->kind == REINDEX(TABLE)  ? "table"
                       : reindex->kind == REINDEX(SCHEMA) ? "schema"
                                                          : "database";
    struct sql_action *action =
        gather_on(gathering, form_of_reindex(reindex, concurrently), kind, reindex->relation);
    action->concurrently = concurrently;
    action->only = false;
    if (reindex->relation == NULL) {
        action->object.name = str_from(reindex->name);
    }
    if (reindex->kind == REINDEX(INDEX)) {
        action->other = action->object;
    }
}

/* ------------------------------------------------------------------- upkeep */

static void take_cluster(struct gathering *gathering, const PgQuery__ClusterStmt *cluster)
{
    struct sql_action *action =
        gather_on(gathering, SQL_FORM_CLUSTER, "table", cluster->relation);
    action->part = str_from(cluster->indexname);
}

static void take_vacuum(struct gathering *gathering, const PgQuery__VacuumStmt *vacuum)
{
    bool full =
        tree_option_is_true(tree_option(vacuum->options, vacuum->n_options, "full"), false);
    enum sql_form form = !vacuum->is_vacuumcmd ? SQL_FORM_ANALYZE
                         : full                ? SQL_FORM_VACUUM_FULL
                                               : SQL_FORM_VACUUM;
    for (size_t i = 0; i < vacuum->n_rels; i++) {
        gather_on(gathering, form, "table", vacuum->rels[i]->vacuum_relation->relation);
    }
    if (vacuum->n_rels == 0) {
        gather(gathering, form)->kind = "database";
    }
}

/* --------------------------------------------------------------- statistics */

static void take_create_statistics(struct gathering *gathering,
                                   const PgQuery__CreateStatsStmt *create)
{
    const PgQuery__RangeVar *table =
        create->n_relations > 0 && create->relations[0]->node_case == NODE(RANGE_VAR)
            ? create->relations[0]->range_var
            : NULL;
    struct sql_name name = gather_list_name(create->defnames, create->n_defnames);
    struct sql_action *action =
        gather_on(gathering, SQL_FORM_CREATE_STATISTICS, "statistics", table);
    action->part = name.name;
    gather_guard(action, create->if_not_exists);
    gather_undo(gathering, action, "DROP STATISTICS %.*s",
                STR_ARG(sql_name_written(gathering->arena, name)));
}

static void take_alter_statistics(struct gathering *gathering,
                                  const PgQuery__AlterStatsStmt *alter)
{
    struct sql_action *action = gather(gathering, SQL_FORM_ALTER_STATISTICS);
    action->kind = "statistics";
    action->object = gather_list_name(alter->defnames, alter->n_defnames);
    gather_guard(action, alter->missing_ok);
}

bool take_index(struct gathering *gathering, const PgQuery__Node *node)
{
    if (node->node_case == NODE(INDEX_STMT)) {
        take_create(gathering, node->index_stmt);
    } else if (node->node_case == NODE(REINDEX_STMT)) {
        take_reindex(gathering, node->reindex_stmt);
    } else if (node->node_case == NODE(CLUSTER_STMT)) {
        take_cluster(gathering, node->cluster_stmt);
    } else if (node->node_case == NODE(VACUUM_STMT)) {
        take_vacuum(gathering, node->vacuum_stmt);
    } else if (node->node_case == NODE(CREATE_STATS_STMT)) {
        take_create_statistics(gathering, node->create_stats_stmt);
    } else if (node->node_case == NODE(ALTER_STATS_STMT)) {
        take_alter_statistics(gathering, node->alter_stats_stmt);
    } else {
        return false;
    }
    return true;
}
