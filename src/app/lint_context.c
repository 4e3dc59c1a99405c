/* SPDX-License-Identifier: PostgreSQL */
/*
 * The context of the analysis, asked from a server: one session, two turns. The first asks
 * for everything in one transaction that sees one state; the second for the texts of live
 * statements, because where they are is only known then, and because it may be refused.
 */
#include "app_lint_world.h"
#include "app_work.h"

#include <stdlib.h>

enum {
    STATEMENTS_MAX = 5000, /* of live traffic, those called most often first */
    VERSION_OF_MAJOR = 10000,
};
#define LOOK_TIMEOUT_US (30 * US_PER_SECOND)

/* Questions of the first turn. */
enum {
    FIRST_BEGIN,
    FIRST_SESSION,
    FIRST_LOCK_TIMEOUT,
    FIRST_STATEMENT_TIMEOUT,
    FIRST_JIT,
    FIRST_RELATIONS, /* CATALOG_LINT_QUESTION__COUNT of them */
    FIRST_ACTIVITY = FIRST_RELATIONS + CATALOG_LINT_QUESTION__COUNT,
    FIRST__COUNT
};

struct lint_look {
    struct app_lint_world *world;
    struct str home;
    enum catalog_lint_breadth breadth;
    const char *names[2];  /* $1 of the questions, and $2 of the one about activity */
    const char *limits[2]; /* $1 and $2 of the question for traffic */
    bool beside;           /* the extension is looked for in the database postgres */
    int asked;             /* turns */
    struct catalog_lint_session session;
    bool readable; /* pg_stat_statements answered */
    struct strbuf traffic_sql;
    struct strbuf unknown;
    struct err err; /* of an answer that could not be read */
};

const char *app_lint_open_for(const struct app_plan *plan, struct arena *arena)
{
    int64_t us = plan ? plan->plan->safety.old_transaction_us : US_PER_HOUR;
    return str_text(arena, str_format(arena, "%.3f", (double)us / (double)US_PER_SECOND));
}

static void say_unknown(struct lint_look *look, const char *sentence)
{
    strbuf_text(&look->unknown, look->unknown.len > 0 ? " " : "");
    strbuf_text(&look->unknown, sentence);
}

static struct question plainly(const char *sql)
{
    return (struct question){.sql = str_from(sql)};
}

static void ask_world(struct lint_look *look, struct turn *turn)
{
    int major = turn->server_version / VERSION_OF_MAJOR;
    turn->questions[FIRST_BEGIN] = plainly("begin isolation level repeatable read read only");
    turn->questions[FIRST_SESSION] = plainly(catalog_lint_session_query());
    turn->questions[FIRST_LOCK_TIMEOUT] = plainly("set local lock_timeout = '2s'");
    turn->questions[FIRST_STATEMENT_TIMEOUT] = plainly("set local statement_timeout = '20s'");
    /* What is to come is believed to be much and is little: compiling it takes longest. */
    turn->questions[FIRST_JIT] = plainly("set local jit = off");
    for (int i = 0; i < CATALOG_LINT_QUESTION__COUNT; i++) {
        struct question *question = &turn->questions[FIRST_RELATIONS + i];
        *question =
            plainly(catalog_lint_query((enum catalog_lint_question)i, major, look->breadth));
        question->values = look->names;
        question->value_count = 1;
    }
    turn->questions[FIRST_ACTIVITY] = plainly(catalog_lint_activity_query());
    turn->questions[FIRST_ACTIVITY].values = look->names;
    turn->questions[FIRST_ACTIVITY].value_count = COUNT_OF(look->names);
    turn->count = FIRST__COUNT;
}

static bool read_world(struct lint_look *look, const struct turn *turn)
{
    struct app_lint_world *world = look->world;
    struct arena *arena = &world->arena;
    if (!catalog_lint_session_read(&turn->rows[FIRST_SESSION], arena, &world->context,
                                   &look->session, &look->err) ||
        !catalog_lint_relations_read(&turn->rows[FIRST_RELATIONS], look->home, arena,
                                     &world->context, &look->err) ||
        !catalog_lint_activity_read(&turn->rows[FIRST_ACTIVITY], arena, &world->context,
                                    &look->err)) {
        return false;
    }
    /* A pooler gives its clients numbers of its own; in which mode it works is not known. */
    world->context.pooler = turn->client_pid != look->session.backend_pid;
    if (look->session.sees_sessions) {
        world->context.knows |= LINT_NEEDS_ACTIVITY;
    } else {
        say_unknown(look, "The role may not see what other sessions do (pg_monitor): old "
                          "transactions of others are not known.");
    }
    return true;
}

/* False: nobody counts statements here. */
static bool ask_traffic(struct lint_look *look, struct turn *turn)
{
    if (look->session.statements.len == 0) {
        return false;
    }
    catalog_lint_traffic_query(&look->traffic_sql, &look->session);
    turn->questions[0] = (struct question){.sql = strbuf_str(&look->traffic_sql),
                                           .values = look->limits,
                                           .value_count = COUNT_OF(look->limits)};
    turn->count = 1;
    turn->may_fail = true;
    return true;
}

static void read_traffic(struct lint_look *look, const struct turn *turn)
{
    struct app_lint_world *world = look->world;
    if (turn->failed ||
        !catalog_lint_traffic_read(&turn->rows[0], &world->arena, &world->statements,
                                   &world->statement_count, &look->err)) {
        say_unknown(look, "pg_stat_statements does not answer: live statements are not known.");
    } else if (!look->session.sees_sessions) {
        world->statement_count = 0;
        say_unknown(look, "The role may not read the statements of others (pg_monitor): live "
                          "statements are not known.");
    } else {
        world->context.knows |= LINT_NEEDS_TRAFFIC;
        if (world->statement_count > 0 && world->statements[0].calls_per_second < 0) {
            say_unknown(look, "This version does not tell since when statements are counted: "
                              "how often they run is not known.");
        }
    }
}

static bool next_look(void *ctx, struct turn *turn)
{
    struct lint_look *look = ctx;
    switch (look->asked++) {
    case 0:
        ask_world(look, turn);
        return true;
    case 1:
        return read_world(look, turn) && ask_traffic(look, turn);
    default:
        read_traffic(look, turn);
        return false;
    }
}

/* ------------------------------------------------------------------- beside */

static const char beside[] = "postgres";

static bool next_beside(void *ctx, struct turn *turn)
{
    struct lint_look *look = ctx;
    struct lint_context nothing = {0};
    switch (look->asked++) {
    case 0:
        turn->questions[0] = plainly(catalog_lint_session_query());
        turn->count = 1;
        return true;
    case 1: {
        /* Whether it may look into others' sessions was asked where the tables are. */
        bool sees = look->session.sees_sessions;
        bool read = catalog_lint_session_read(&turn->rows[0], &look->world->arena, &nothing,
                                              &look->session, &look->err);
        look->session.sees_sessions = sees;
        return read && ask_traffic(look, turn);
    }
    default:
        read_traffic(look, turn);
        return false;
    }
}

/* The extension counts the statements of all databases; any of them may show it. */
static void look_beside(struct lint_look *look, const struct db_params *params)
{
    struct arena *arena = &look->world->arena;
    struct db_params other = {0};
    struct err err = {0};
    struct asking asking = {.plain_timeouts = true,
                            .timeout_us = LOOK_TIMEOUT_US,
                            .next = next_beside,
                            .ctx = look};
    for (size_t i = 0; i < params->count; i++) {
        db_params_set(&other, arena, params->items[i].key, params->items[i].value);
    }
    db_params_set(&other, arena, "dbname", beside);
    look->asked = 0;
    bool asked = !str_eq(look->world->database, beside) &&
                 ask_turns_blocking(&other, &asking, arena, &err);
    if (!asked || look->session.statements.len == 0) {
        say_unknown(look, "pg_stat_statements is installed neither in this database nor in "
                          "postgres, as far as the role may see: live statements are not "
                          "known.");
    }
}

/* ----------------------------------------------------------------- together */

bool app_lint_params(const struct app_lint_where *where, struct app_lint_world *world,
                     struct db_params *params, struct err *err)
{
    struct plan_target own = {.expect_primary = PLAN_NOT_SAID};
    struct catalog_identity identity;
    const struct plan_target *target = where->target ? where->target : &own;
    if (!where->target && where->word &&
        !app_word_target(where->word, &world->arena, &own, err)) {
        return false;
    }
    if (where->params) {
        *params = *where->params;
    } else if (!app_params(target, where->connection, &world->arena, params, err)) {
        return false;
    }
    if (!ask_identity_blocking(params, target, &world->arena, &identity, err)) {
        return false;
    }
    world->database = identity.database;
    world->version = identity.version;
    return true;
}

bool app_lint_context(const struct app_lint_where *where, struct app_lint_names *names,
                      struct app_lint_world *world, struct err *err)
{
    struct err other = {0};
    struct db_params params = {0};
    *world = (struct app_lint_world){.context = {.free_bytes = -1}};
    err = err ? err : &other;
    if (!app_lint_params(where, world, &params, err)) {
        return false;
    }
    struct arena *arena = &world->arena;
    bool all = app_lint_names_mean_all(names);
    struct str list =
        catalog_array_text(arena, all ? NULL : names->items, all ? 0 : names->count);
    struct lint_look look = {
        .world = world,
        .breadth = all           ? CATALOG_LINT_ALL
                   : names->wide ? CATALOG_LINT_OTHERS
                                 : CATALOG_LINT_BY_NAME,
        .home = where->home.len > 0 ? where->home : STR("public"),
        .names = {str_text(arena, list), app_lint_open_for(where->plan, arena)},
        .limits = {str_text(arena, str_format(arena, "%d", STATEMENTS_MAX)),
                   str_text(arena, world->database)}};
    struct asking asking = {
        .plain_timeouts = true, .timeout_us = LOOK_TIMEOUT_US, .next = next_look, .ctx = &look};
    bool ok = ask_turns_blocking(&params, &asking, arena, err);
    if (ok && look.err.kind == ERR_NONE && look.session.statements.len == 0) {
        look_beside(&look, &params);
    }
    if (ok && look.err.kind != ERR_NONE && !(world->context.knows & LINT_NEEDS_TABLES)) {
        *err = look.err;
        ok = false;
    }
    world->unknown = str_dup(arena, strbuf_str(&look.unknown));
    strbuf_release(&look.unknown);
    strbuf_release(&look.traffic_sql);
    return ok;
}

void app_lint_world_free(struct app_lint_world *world)
{
    if (world) {
        app_lint_world_release(world);
        free(world);
    }
}

void app_lint_world_release(struct app_lint_world *world)
{
    arena_release(&world->arena);
    *world = (struct app_lint_world){0};
}
