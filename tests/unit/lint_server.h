/* SPDX-License-Identifier: PostgreSQL */
/*
 * lint_server: a server as the rules may know one, small enough to be written by hand: orders
 * with a view, a policy and lines that point at it, customers, and who uses them.
 */
#ifndef GONOGO_TEST_LINT_SERVER_H
#define GONOGO_TEST_LINT_SERVER_H

#include "lint_room.h"

static const struct lint_column order_columns[] = {
    {.name = {"id", 2}, .type = {"bigint", 6}, .not_null = true},
    {.name = {"note", 4}, .type = {"character varying(40)", 21}},
    {.name = {"price", 5}, .type = {"numeric(10,2)", 13}},
    {.name = {"placed", 6}, .type = {"timestamp without time zone", 27}},
    {.name = {"proved", 6}, .type = {"integer", 7}},
};
static const struct str proved[] = {{"proved", 6}};
static const struct str customer[] = {{"customer_id", 11}};
static const struct lint_constraint order_constraints[] = {
    {.name = {"proved_check", 12},
     .kind = LINT_CHECK,
     .validated = true,
     .columns = proved,
     .column_count = 1,
     .proves_not_null = {"proved", 6}},
    {.name = {"orders_customer_fkey", 20},
     .kind = LINT_FOREIGN_KEY,
     .columns = customer,
     .column_count = 1,
     .references = {{"public", 6}, {"customers", 9}}},
};
static const struct lint_dependent order_dependents[] = {
    {.kind = "view", .name = {"v_orders", 8}, .dropped_by_cascade = true},
    {.kind = "policy",
     .name = {"orders.own", 10},
     .column = {"note", 4},
     .dropped_by_cascade = true},
};
static const struct lint_dependent view_dependents[] = {
    {.kind = "view", .name = {"v_top", 5}, .dropped_by_cascade = true},
};
static const struct sql_name order_references[] = {{{"public", 6}, {"lines", 5}}};
static const struct str id_column[] = {{"id", 2}};
static const struct lint_index order_indexes[] = {
    {.name = {"orders_id", 9},
     .unique = true,
     .valid = true,
     .columns = id_column,
     .column_count = 1},
    {.name = {"orders_note", 11},
     .unique = true,
     .valid = true,
     .columns = (const struct str[]){{"note", 4}},
     .column_count = 1},
};
static const struct lint_relation relations[] = {
    {.name = {{"public", 6}, {"orders", 6}},
     .kind = LINT_TABLE,
     .rows = 5000000,
     .bytes = 1200000000,
     .recent_writes = 12,
     .columns = order_columns,
     .column_count = COUNT_OF(order_columns),
     .constraints = order_constraints,
     .constraint_count = COUNT_OF(order_constraints),
     .indexes = order_indexes,
     .index_count = COUNT_OF(order_indexes),
     .dependents = order_dependents,
     .dependent_count = COUNT_OF(order_dependents),
     .referenced_by = order_references,
     .referenced_by_count = 1},
    {.name = {{"public", 6}, {"lines", 5}},
     .kind = LINT_TABLE,
     .rows = 20000000,
     .bytes = 4000000000,
     .recent_writes = 0},
    {.name = {{"public", 6}, {"v_orders", 8}},
     .kind = LINT_VIEW,
     .rows = -1,
     .bytes = -1,
     .recent_writes = -1,
     .dependents = view_dependents,
     .dependent_count = 1},
    {.name = {{"public", 6}, {"customers", 9}}, .kind = LINT_TABLE, .rows = 10, .bytes = 8192},
};
static const struct lint_traffic traffic[] = {
    {.relation = {{"public", 6}, {"orders", 6}}, .calls_per_second = 40},
    {.relation = {{"public", 6}, {"orders", 6}}, .calls_per_second = 2.5, .writes = true},
    {.relation = {{"public", 6}, {"customers", 9}}, .calls_per_second = 7},
};

static void open_with_server(struct room *room)
{
    room_open(room);
    room->context.knows = LINT_NEEDS_TABLES | LINT_NEEDS_TRAFFIC;
    room->context.relations = relations;
    room->context.relation_count = COUNT_OF(relations);
    room->context.traffic = traffic;
    room->context.traffic_count = COUNT_OF(traffic);
}

#endif
