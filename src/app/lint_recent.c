/* SPDX-License-Identifier: PostgreSQL */
/*
 * Is it still written, what these files drop or empty? Two looks at the server's counters, as
 * far apart as somebody asked for, each in a transaction of its own: within one the server
 * would show the same numbers twice.
 */
#include "app_lint_world.h"
#include "app_work.h"
#include "engine.h"
#include "monitor.h"

#define MARGIN_US (15 * US_PER_SECOND)

enum {
    TABLES_MAX = 256
};

struct two_looks {
    struct arena *arena;
    const char *tables[2]; /* $1, $2 of the question */
    const char *seconds;
    int turn;
    struct monitor_counter *before, *after;
    size_t before_count, after_count;
};

static void ask_counters(struct two_looks *looks, struct turn *turn, size_t at)
{
    turn->questions[at] = (struct question){.sql = str_from(monitor_recent_query()),
                                            .values = looks->tables,
                                            .value_count = COUNT_OF(looks->tables)};
    turn->count = at + 1;
}

static bool next_look(void *ctx, struct turn *turn)
{
    struct two_looks *looks = ctx;
    switch (looks->turn++) {
    case 0:
        turn->questions[0] = (struct question){.sql = STR("set statement_timeout = 0")};
        ask_counters(looks, turn, 1);
        return true;
    case 1:
        looks->before = monitor_recent_read(&turn->rows[1], looks->arena);
        looks->before_count = turn->rows[1].row_count;
        turn->questions[0] =
            (struct question){.sql = STR("select pg_catalog.pg_sleep($1::float8)"),
                              .values = &looks->seconds,
                              .value_count = 1};
        turn->count = 1;
        return true;
    case 2:
        ask_counters(looks, turn, 0);
        return true;
    default:
        looks->after = monitor_recent_read(&turn->rows[0], looks->arena);
        looks->after_count = turn->rows[0].row_count;
        return false;
    }
}

/* Rows between the two looks; -1: it was reset, made anew, or is not counted. */
static int64_t grown(const struct two_looks *looks, const struct monitor_counter *after)
{
    for (size_t i = 0; i < looks->before_count; i++) {
        const struct monitor_counter *before = &looks->before[i];
        if (str_is(before->table, after->table)) {
            bool same = str_is(before->identity, after->identity) && before->rows >= 0 &&
                        after->rows >= before->rows;
            return same ? after->rows - before->rows : -1;
        }
    }
    return -1;
}

static bool is_called(const struct lint_relation *relation, struct str name, struct str home,
                      struct arena *arena)
{
    struct sql_name bare = {.name = relation->name.name};
    return str_is(sql_name_written(arena, relation->name), name) ||
           (str_is(relation->name.schema, home) && str_is(sql_name_written(arena, bare), name));
}

static void keep(struct app_lint_world *world, const struct two_looks *looks, struct str home)
{
    struct lint_context *context = &world->context;
    struct lint_relation *relations =
        arena_array(&world->arena, context->relation_count + 1, sizeof *relations);
    for (size_t i = 0; i < context->relation_count; i++) {
        relations[i] = context->relations[i];
        for (size_t k = 0; k < looks->after_count; k++) {
            if (is_called(&relations[i], looks->after[k].table, home, &world->arena)) {
                relations[i].recent_writes = grown(looks, &looks->after[k]);
            }
        }
    }
    context->relations = relations;
}

bool app_lint_recent(const struct app_lint_where *where, const struct lint_result *lint,
                     struct app_lint_world *world, struct err *err)
{
    struct arena *arena = &world->arena;
    struct db_params params = {0};
    struct str names[TABLES_MAX];
    size_t count = 0;
    struct str home = where->home.len > 0 ? where->home : STR("public");
    const struct lint_context *context = &world->context;
    for (size_t i = 0; i < lint->destroyed_count && count < TABLES_MAX; i++) {
        if (run_empties(&lint->destroyed[i])) {
            names[count++] = lint->destroyed[i].name;
        }
    }
    if (count == 0) {
        return true;
    }
    if (!app_lint_params(where, world, &params, err)) {
        return false;
    }
    bool path = context->search_path_count > 0;
    struct two_looks looks = {
        .arena = arena,
        .tables = {str_text(arena, catalog_array_text(arena, names, count)),
                   str_text(arena, path ? catalog_array_text(arena, context->search_path,
                                                             context->search_path_count)
                                        : catalog_array_text(arena, &home, 1))},
        .seconds = str_format(arena, "%d", where->writes_seconds).ptr,
    };
    struct asking asking = {.timeout_us = where->writes_seconds * US_PER_SECOND + MARGIN_US,
                            .next = next_look,
                            .ctx = &looks};
    if (!ask_turns_blocking(&params, &asking, arena, err)) {
        return false;
    }
    keep(world, &looks, home);
    return true;
}
