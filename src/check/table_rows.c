/* SPDX-License-Identifier: PostgreSQL */
/*
 * Rows per kept table: every table of before, but those that the plan removes, is
 * still there and has at least (or exactly) as many rows. A table that is counted by
 * estimate on either side is judged by being there, and the answer says so; if no
 * table could be counted at all, nothing is proved and nothing passes.
 */
#include "check_private.h"

enum {
    EVIDENCE_LINES = 10
};

struct tally {
    size_t kept;
    size_t estimated;
    size_t bad;
    struct strbuf lines;
};

static bool is_removed(const struct plan *plan, const struct catalog_table_rows *table)
{
    struct str home = plan->state.schemas.count > 0 ? plan->state.schemas.items[0] : STR("");
    struct catalog_member member = {
        .kind = COUNT_TABLES, .schema = table->schema, .name = table->table};
    for (size_t i = 0; i < plan->state.removed_tables.count; i++) {
        if (catalog_member_is(&member, plan->state.removed_tables.items[i], home)) {
            return true;
        }
    }
    return false;
}

static void complain(struct tally *tally, struct arena *arena,
                     const struct catalog_table_rows *was, struct str what)
{
    if (tally->bad++ < EVIDENCE_LINES) {
        strbuf_format(&tally->lines, "%s%.*s.%.*s: %.*s", tally->bad > 1 ? "\n" : "",
                      STR_ARG(check_shown(arena, was->schema)),
                      STR_ARG(check_shown(arena, was->table)), STR_ARG(what));
    }
}

static void judge_table(const struct check_work *work, const struct catalog_table_rows *was,
                        struct tally *tally)
{
    const struct catalog_table_rows *now =
        catalog_rows_find(&work->tables, was->schema, was->table);
    tally->kept++;
    if (now == NULL) {
        complain(tally, work->arena, was, STR("gone"));
        return;
    }
    if (!was->exact || !now->exact) {
        tally->estimated++;
        return;
    }
    bool good = work->check->comparator == PLAN_AT_LEAST  ? now->rows >= was->rows
                : work->check->comparator == PLAN_AT_MOST ? now->rows <= was->rows
                                                          : now->rows == was->rows;
    if (!good) {
        complain(tally, work->arena, was,
                 str_format(work->arena, "%lld rows, before %lld", (long long)now->rows,
                            (long long)was->rows));
    }
}

static void give_verdict(const struct check_work *work, struct tally *tally,
                         struct check_result *result)
{
    result->actual = str_format(work->arena, "%zu kept tables, %zu by estimate", tally->kept,
                                tally->estimated);
    if (tally->estimated == 0) {
        result->actual = str_format(work->arena, "%zu kept tables", tally->kept);
    }
    if (tally->bad > 0) {
        check_say(result, VERDICT_FAIL,
                  str_format(work->arena, "%zu of %zu tables lost rows or are gone", tally->bad,
                             tally->kept));
        if (work->check->comparator != PLAN_AT_LEAST) {
            result->why = str_format(work->arena, "%zu of %zu tables have other rows",
                                     tally->bad, tally->kept);
        }
    } else if (tally->kept == tally->estimated) {
        check_say(result, VERDICT_ERROR, STR("no table was counted exactly before and now"));
    } else {
        result->verdict = VERDICT_PASS;
    }
}

void check_judge_table_rows(const struct check_work *work, const struct check_before *before,
                            struct check_result *result)
{
    result->rows = work->tables;
    result->row_count = (int64_t)work->tables.count;
    if (!check_needs_before(work->check)) {
        check_say(result, VERDICT_ERROR,
                  STR("rows per table are judged by `at_least: before` or `same_as: before`"));
        return;
    }
    if (before == NULL || !before->taken || before->rows.count == 0) {
        check_say(result, VERDICT_ERROR,
                  STR("there are no row counts from before the change to compare with"));
        return;
    }
    struct tally tally = {0};
    for (size_t i = 0; i < before->rows.count; i++) {
        if (!is_removed(work->plan, &before->rows.tables[i])) {
            judge_table(work, &before->rows.tables[i], &tally);
        }
    }
    result->evidence = str_dup(work->arena, strbuf_str(&tally.lines));
    strbuf_release(&tally.lines);
    give_verdict(work, &tally, result);
}
