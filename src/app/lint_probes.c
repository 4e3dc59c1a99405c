/* SPDX-License-Identifier: PostgreSQL */
/*
 * Present rows, asked whether they fit: the probes of a result (lint.h), each in a read-only
 * transaction of its own with a limit of time. Whatever the server refuses is "not known",
 * with its reason. With row_security off the server refuses to count where a policy would
 * hide rows from the role, instead of counting those that are left.
 */
#include "app_lint_world.h"
#include "app_work.h"
#include "loop.h"

#include <stdlib.h>

#define PROBE_SECONDS       10
#define TEXT_OF(value)      #value
#define SECONDS_TEXT(value) TEXT_OF(value)
#define PROBE_SECONDS_TEXT  SECONDS_TEXT(PROBE_SECONDS)
/* The turn's own way to the server and back, besides the limits of statement and lock. */
#define PROBE_MARGIN_US (5 * US_PER_SECOND)

enum {
    TURN_PROBE = 5, /* behind what is set for it */
    TURN__COUNT
};

struct probing {
    struct arena *arena;
    const struct str *probes;
    size_t count;
    size_t asked;
    struct lint_probed *answers;
    int64_t since_us; /* of the one under way; loop_now_us() */
};

/* Somebody who cancels it says so in the same way, but earlier. */
static struct str why_not(const struct probing *probing, const struct turn *turn)
{
    static const char canceled[] = "57014";
    int64_t took_us = loop_now_us() - probing->since_us;
    if (strcmp(turn->why.sqlstate, canceled) == 0 && took_us >= PROBE_SECONDS * US_PER_SECOND) {
        return STR("timed out after " PROBE_SECONDS_TEXT " s");
    }
    return str_dup(probing->arena, str_from(turn->why.message));
}

static void take_answer(struct probing *probing, const struct turn *turn)
{
    struct lint_probed *answer = &probing->answers[probing->asked - 1];
    const struct rows *rows = &turn->rows[TURN_PROBE];
    answer->sql = probing->probes[probing->asked - 1];
    answer->rows = -1;
    if (turn->failed) {
        answer->why = why_not(probing, turn);
    } else if (rows->row_count != 1 || rows->column_count != 2 ||
               !str_to_i64(rows_text(rows, 0, 0), &answer->rows)) {
        answer->rows = -1;
        answer->why = STR("the answer is no number");
    } else {
        answer->example = sanitise_line(probing->arena, rows_text(rows, 0, 1));
    }
}

static bool next_probe(void *ctx, struct turn *turn)
{
    static const char *const before[TURN_PROBE] = {
        "rollback", /* of the probe before */
        "begin read only",
        "set local row_security = off",
        "set local statement_timeout = '" PROBE_SECONDS_TEXT "s'",
        "set local lock_timeout = '2s'",
    };
    struct probing *probing = ctx;
    if (probing->asked > 0) {
        take_answer(probing, turn);
    }
    if (probing->asked == probing->count) {
        return false;
    }
    for (size_t i = 0; i < TURN_PROBE; i++) {
        turn->questions[i] = (struct question){.sql = str_from(before[i])};
    }
    turn->questions[TURN_PROBE] = (struct question){.sql = probing->probes[probing->asked++]};
    probing->since_us = loop_now_us();
    turn->count = TURN__COUNT;
    turn->may_fail = true;
    return true;
}

static const char *path_of(struct arena *arena, const struct lint_context *context)
{
    struct strbuf path = {0};
    for (size_t i = 0; i < context->search_path_count; i++) {
        strbuf_text(&path, i > 0 ? ", " : "");
        sql_quote_ident(&path, context->search_path[i]);
    }
    const char *text = str_text(arena, strbuf_str(&path));
    strbuf_release(&path);
    return text;
}

bool app_lint_probe(const struct app_lint_where *where, const struct lint_result *lint,
                    struct app_lint_world *world, struct err *err)
{
    struct arena *arena = &world->arena;
    struct db_params params = {0};
    struct probing probing = {.arena = arena, .count = lint->probe_count};
    struct str *probes = arena_array(arena, probing.count, sizeof *probes);
    for (size_t i = 0; i < probing.count; i++) {
        probes[i] = str_dup(arena, lint->probes[i]);
    }
    probing.probes = probes;
    probing.answers = arena_array(arena, probing.count, sizeof *probing.answers);
    world->context.probes_asked = true;
    if (probing.count == 0) {
        return true;
    }
    if (!app_lint_params(where, world, &params, err)) {
        return false;
    }
    struct asking asking = {.search_path = path_of(arena, &world->context),
                            .timeout_us =
                                (int64_t)probing.count * (PROBE_SECONDS * US_PER_SECOND) +
                                PROBE_MARGIN_US,
                            .next = next_probe,
                            .ctx = &probing};
    if (!ask_turns_blocking(&params, &asking, arena, err)) {
        return false;
    }
    world->context.probed = probing.answers;
    world->context.probed_count = probing.count;
    return true;
}
