/* SPDX-License-Identifier: PostgreSQL */
/*
 * What the tests of the plan room share: files of the tree, and a reading with
 * everything it needs to be thrown away at once.
 */
#ifndef GONOGO_TESTS_PLAN_ROOM_H
#define GONOGO_TESTS_PLAN_ROOM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plan.h"
#include "testing.h"

struct reading {
    struct arena arena;
    struct plan_diagnostics diagnostics;
    struct plan *plan;
};

/* The path of a file of the tree, in the arena. */
static inline const char *tree_path(struct arena *arena, const char *path)
{
    return str_text(arena, str_format(arena, "%s/%s", test_root(), path));
}

static inline void read_text(struct reading *reading, struct str text)
{
    *reading = (struct reading){.plan = NULL};
    reading->plan = plan_read(text, STR("plan.yaml"), &reading->arena, &reading->diagnostics);
}

static inline void read_file(struct reading *reading, const char *path)
{
    struct strbuf bytes = {0};
    struct arena arena = {0};
    assert_true(test_read_file(tree_path(&arena, path), 0, &bytes));
    read_text(reading, strbuf_str(&bytes));
    strbuf_release(&bytes);
    arena_release(&arena);
}

static inline void reading_release(struct reading *reading)
{
    plan_diagnostics_release(&reading->diagnostics);
    arena_release(&reading->arena);
}

/* All diagnostics as they are printed, in the arena. */
static inline const char *told(struct arena *arena, const struct plan_diagnostics *diagnostics)
{
    struct strbuf out = {0};
    for (size_t i = 0; i < diagnostics->count; i++) {
        plan_diagnostic_text(&out, diagnostics, &diagnostics->items[i]);
    }
    const char *text = str_text(arena, strbuf_str(&out));
    strbuf_release(&out);
    return text;
}

#define assert_text(text, wanted)                                                              \
    assert_string_equal(str_text(&reading.arena, (text)), (wanted))

/* The smallest plan without a finding; callers add keys behind it. */
#define SMALL_PLAN                                                                             \
    "version: 1\n"                                                                             \
    "name: Small\n"                                                                            \
    "ledger: { table: schema_migrations }\n"                                                   \
    "targets:\n"                                                                               \
    "  - { id: staging, expect_database: app }\n"                                              \
    "steps:\n"                                                                                 \
    "  - { manual: Deploy }\n"

#endif
