/* SPDX-License-Identifier: PostgreSQL */
/*
 * The watch on the screen: what is new since the migration, what is not known, verdicts in
 * words, and how often the probes ask. No terminal, no clock.
 */
#include "tui_room.h"

enum {
    CONNS,
    SLOW,
    HEALTH,
    APP_LOG,
};

static void sample(struct desk *desk, int probe, double number, int64_t us, const char *text);

/* In the watch; of the connections there is a baseline of 12. */
static struct desk *watching(int columns, int rows)
{
    struct desk *desk = desk_open(PLAN_FIXTURE_WATCHED, columns, rows);
    desk_reach(desk, STATE_PREP);
    sample(desk, CONNS, 12, 0, "");
    desk_reach(desk, STATE_MONITOR);
    desk->head = desk->tail; /* what the world would have answered: tests say it */
    ui_go(&desk->ui, SCREEN_MONITOR);
    desk_see(desk);
    return desk;
}

static void sample(struct desk *desk, int probe, double number, int64_t us, const char *text)
{
    desk_step(desk, (struct event){.kind = EVENT_SAMPLE,
                                   .script = -1,
                                   .index = probe,
                                   .outcome = number < 0 ? OUTCOME_FAILED : OUTCOME_OK,
                                   .number = number,
                                   .us = us,
                                   .text = str_from(text)});
    desk_see(desk);
}

static void workload(struct desk *desk, const struct event_item *items, size_t count)
{
    for (int i = 0; i < 3; i++) { /* the probes answer meanwhile */
        desk->clock_us += 10 * US_PER_SECOND;
        for (int probe = 0; probe < (int)desk->run.probe_count; probe++) {
            sample(desk, probe, probe == HEALTH ? 200 : 0, 0, "");
        }
    }
    desk_step(desk, (struct event){.kind = EVENT_WORKLOAD,
                                   .script = -1,
                                   .moment = MOMENT_NOW,
                                   .outcome = OUTCOME_OK,
                                   .us = 30 * US_PER_SECOND,
                                   .number = 10000,
                                   .items = items,
                                   .item_count = count});
    desk_see(desk);
}

static void unknown(struct desk *desk, const char *why, const struct event_item *item)
{
    desk_step(desk, (struct event){.kind = EVENT_WORKLOAD,
                                   .script = -1,
                                   .moment = MOMENT_NOW,
                                   .outcome = OUTCOME_UNKNOWN,
                                   .text = str_from(why),
                                   .items = item,
                                   .item_count = item ? 1 : 0});
    desk_see(desk);
}

static const struct event_item slow = {.kind = {"slow", 4},
                                       .name = {"7/10", 4},
                                       .text = {"select * from campaigns", 23},
                                       .value = 3,
                                       .us = 1800000,
                                       .was_us = 200000};
static const struct event_item usual = {.name = {"8/10", 4},
                                        .text = {"select * from moves", 19},
                                        .value = 900,
                                        .us = 150,
                                        .was_us = 140};

/* ------------------------------------------------------------ what is new */

static void a_slow_statement_is_news_with_what_it_was(void **state)
{
    (void)state;
    struct desk *desk = watching(80, 24);
    SEES(desk, "NEW SINCE MIGRATION");
    SEES(desk, "slower statements: not counted yet"); /* and not "none" */
    SEES_NOT(desk, "no statement became slow");
    workload(desk, &usual, 1);
    SEES(desk, "no statement became slow, no log line is new");
    const struct event_item both[] = {slow, usual};
    workload(desk, both, 2);
    SEES(desk, "slow    select * from campaigns");
    SEES(desk, "3x");
    SEES(desk, "1.8 s  was 200 ms");
    SEES_NOT(desk, "no statement became slow");
    workload(desk, both, 2);
    SEES(desk, "6x"); /* the same one again, in one line */
    assert_int_equal(desk->run.workload.news_count, 1);
    workload(desk, &usual, 1);
    SEES(desk, "6x"); /* what was, stays */
    desk_close(desk);
}

static void what_was_is_said_in_three_ways(void **state)
{
    (void)state;
    struct desk *desk = watching(80, 24);
    struct event_item never = slow;
    struct event_item nobody_knows = slow;
    never.was_us = 0;
    nobody_knows.name = STR("9/10");
    nobody_knows.was_us = -1;
    workload(desk, &never, 1);
    SEES(desk, "never seen");
    workload(desk, &nobody_knows, 1);
    SEES(desk, "was ??");
    desk_close(desk);
}

/* Without the extension: words, never "nothing"; what runs is still seen. */
static void not_knowing_is_said(void **state)
{
    (void)state;
    struct desk *desk = watching(80, 24);
    struct event_item running = {.kind = STR("running"),
                                 .name = STR("pid 7: x"),
                                 .text = STR("update moves set x"),
                                 .value = 1,
                                 .us = 12 * US_PER_SECOND,
                                 .was_us = -1};
    static const char why[] = "pg_stat_statements is not seen from this session: slower";
    unknown(desk, why, NULL);
    SEES(desk, why);
    SEES_NOT(desk, "no statement became slow");
    unknown(desk, why, &running);
    SEES(desk, "running update moves set x");
    SEES(desk, "12.0 s");
    SEES(desk, why);
    unknown(desk, why, &running);
    assert_int_equal(desk->run.workload.news[0].times, 1); /* it runs once, and goes on */
    desk_close(desk);
}

/* It ran, ended, and is counted: one line, and its count is the counters'. */
static void what_ran_and_is_counted_is_one_line(void **state)
{
    (void)state;
    struct desk *desk = watching(80, 24);
    struct event_item running = slow;
    running.kind = STR("running");
    running.value = 1;
    unknown(desk, "counted from here on", &running);
    workload(desk, &slow, 1);
    assert_int_equal(desk->run.workload.news_count, 1);
    assert_int_equal(desk->run.workload.news[0].times, 3);
    assert_true(str_eq(desk->run.workload.news[0].kind, "slow"));
    desk_close(desk);
}

static void a_log_line_of_a_new_kind_is_news(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WATCHED, 80, 24);
    desk_reach(desk, STATE_PREP);
    sample(desk, APP_LOG, 1, 0, "08:00 error 17: no such order");
    desk_reach(desk, STATE_MONITOR);
    ui_go(&desk->ui, SCREEN_MONITOR);
    sample(desk, APP_LOG, 2, 0, "10:01 error 18: no such order"); /* it came before, too */
    assert_int_equal(desk->run.workload.news_count, 0);
    sample(desk, APP_LOG, 2, 0, "10:02 error: relation \"quests\" does not exist");
    SEES(desk, "log     10:02 error: relation \"quests\" does not exist");
    SEES(desk, "2x");
    sample(desk, APP_LOG, 1, 0, "10:05 error: relation \"quests\" does not exist");
    SEES(desk, "3x");
    assert_int_equal(desk->run.workload.news_count, 1);
    desk_close(desk);
}

/* A flood keeps the newest, and no more memory than it may. */
static void news_are_bounded(void **state)
{
    (void)state;
    struct desk *desk = watching(80, 24);
    struct event_item one = slow;
    for (int i = 0; i < 3 * NEWS_MAX; i++) {
        char name[16];
        (void)snprintf(name, sizeof(name), "%d/10", i);
        one.name = str_from(name);
        workload(desk, &one, 1);
    }
    assert_int_equal(desk->run.workload.news_count, NEWS_MAX);
    assert_int_equal(desk->run.workload.news_told, 3 * NEWS_MAX);
    for (size_t i = 0; i < NEWS_MAX; i++) {
        assert_true(desk->run.workload.news[i].last_us >
                    desk->clock_us - 31 * NEWS_MAX * US_PER_SECOND);
    }
    desk_close(desk);
}

static void enter_tells_all_of_it(void **state)
{
    (void)state;
    struct desk *desk = watching(120, 40);
    const struct event_item both[] = {slow, usual};
    workload(desk, both, 2);
    SEES(desk, "TOP STATEMENTS");
    SEES(desk, "30 s until");
    SEES(desk, "0.1    1.8 s   200 ms   54 %  select * from campaigns");
    SEES(desk, "30  0.15 ms  0.14 ms    1 %  select * from moves");
    ui_go(&desk->ui, SCREEN_MONITOR);
    desk->ui.focus[SCREEN_MONITOR] = PANE_C;
    desk_see(desk);
    desk_key(desk, KEY_RETURN);
    SEES(desk, "mean of a call");
    SEES(desk, "7/10");
    desk_key(desk, KEY_ESCAPE);
    desk_key(desk, KEY_TAB); /* from the news to the statements */
    desk_key(desk, KEY_RETURN);
    SEES(desk, "3 in 30.0 s");
    desk_close(desk);
}

/* ---------------------------------------------------------------- verdicts */

static void verdicts_are_words(void **state)
{
    (void)state;
    struct desk *desk = watching(80, 24);
    for (int i = 0; i < 3; i++) {
        sample(desk, CONNS, 34, 0, ""); /* base 12, limit 100: a quarter of the way is 34 */
        sample(desk, HEALTH, 200, 21000, "HTTP 200");
    }
    SEES(desk, "▲ rising");
    SEES(desk, "✓ 21 ms");
    sample(desk, HEALTH, -1, 0, "refused");
    SEES(desk, "▲ 1 miss");
    sample(desk, HEALTH, 200, 21000, "HTTP 200");
    SEES(desk, "▲ 1 miss"); /* it stays in sight as long as it is drawn */
    sample(desk, CONNS, 101, 0, "");
    SEES(desk, "▲ 1 miss");
    sample(desk, CONNS, 101, 0, "");
    SEES(desk, "✗ beyond");
    SEES(desk, "limit   conns");
    sample(desk, CONNS, 12, 0, "");
    SEES(desk, "✗ beyond"); /* latched */
    desk_close(desk);
}

/* One beyond its limit stands out in the second column as in the first. */
static void many_probes_stand_in_two_columns(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_CROWDED, 120, 40);
    desk_reach(desk, STATE_MONITOR);
    ui_go(&desk->ui, SCREEN_MONITOR);
    enum {
        QUEUE = 12
    };
    desk_see(desk);
    SEES(desk, "MORE PROBES");
    SEES(desk, "p12");
    SEES(desk, "queue_length_…");
    sample(desk, QUEUE, 10, 0, "");
    sample(desk, QUEUE, 11, 0, "");
    SEES(desk, "1 beyond the limit");
    SEES(desk, "limit   queue_length_of_mail");
    SEES(desk, "TOP STATEMENTS");
    ui_resize(&desk->ui, 80, 24);
    desk_see(desk);
    SEES_NOT(desk, "MORE PROBES"); /* there they scroll */
    desk_close(desk);
}

/* -------------------------------------------------------------------- pace */

static void type_command(struct desk *desk, const char *line)
{
    desk_wait(desk);
    desk_key(desk, ':');
    desk_type(desk, line);
    desk_key(desk, KEY_RETURN);
}

static void take_pace(struct desk *desk, int64_t us)
{
    struct event event = *desk_only(desk, EVENT_PACE);
    assert_int_equal(event.us, us);
    assert_true(event.who.len > 0);
    desk_step(desk, event);
    desk_see(desk);
}

static void the_pace_has_keys_and_a_command(void **state)
{
    (void)state;
    struct desk *desk = watching(80, 24);
    for (int i = 0; i < 4; i++) {
        sample(desk, i, 1, 0, "");
    }
    desk->clock_us += 6 * US_PER_SECOND;
    desk_step(desk, (struct event){.kind = EVENT_TICK});
    desk_see(desk);
    SEES(desk, "next 4 s (10 s)");
    desk_key(desk, '<');
    desk_silent(desk); /* never less often than the plan */
    SEES(desk, "(less often): not now");
    desk_key(desk, '>');
    take_pace(desk, 5 * US_PER_SECOND);
    SEES(desk, "(5 s)");
    desk_key(desk, '>');
    take_pace(desk, 2 * US_PER_SECOND);
    desk_key(desk, '<');
    take_pace(desk, 5 * US_PER_SECOND);
    type_command(desk, "every 500ms");
    take_pace(desk, US_PER_SECOND / 2);
    SEES(desk, "(500 ms)");
    type_command(desk, "every 20s");
    desk_silent(desk);
    SEES(desk, "the plan asks every 10 s");
    desk_key(desk, KEY_ESCAPE);
    type_command(desk, "every 0.1");
    desk_silent(desk);
    SEES(desk, "not oftener than every 500 ms");
    desk_key(desk, KEY_ESCAPE);
    type_command(desk, "every plan");
    take_pace(desk, 10 * US_PER_SECOND);
    desk_close(desk);
}

/* At a quick pace the ring still holds the hours that the plan's own pace would fill. */
static void a_quick_pace_does_not_shorten_the_history(void **state)
{
    (void)state;
    struct desk *desk = watching(80, 24);
    const struct run_probe *probe = &desk->run.probes[CONNS];
    desk_step(desk, (struct event){.kind = EVENT_PACE,
                                   .script = -1,
                                   .us = US_PER_SECOND / 2,
                                   .who = STR("anna")});
    size_t before = probe->count;
    for (int i = 0; i < 600; i++) { /* five minutes */
        desk->clock_us += US_PER_SECOND / 2 - 1000;
        desk_step(desk, (struct event){.kind = EVENT_SAMPLE,
                                       .script = -1,
                                       .outcome = OUTCOME_OK,
                                       .number = i == 300 ? 90 : 12});
    }
    assert_true(probe->count - before <= 62);
    double most = 0;
    for (size_t i = 0; i < probe->count; i++) {
        most = probe->samples[i].number > most ? probe->samples[i].number : most;
    }
    assert_true(most > 89); /* the worst is kept */
    desk_close(desk);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slow_statement_is_news_with_what_it_was),
        cmocka_unit_test(what_was_is_said_in_three_ways),
        cmocka_unit_test(not_knowing_is_said),
        cmocka_unit_test(what_ran_and_is_counted_is_one_line),
        cmocka_unit_test(a_log_line_of_a_new_kind_is_news),
        cmocka_unit_test(news_are_bounded),
        cmocka_unit_test(enter_tells_all_of_it),
        cmocka_unit_test(verdicts_are_words),
        cmocka_unit_test(many_probes_stand_in_two_columns),
        cmocka_unit_test(the_pace_has_keys_and_a_command),
        cmocka_unit_test(a_quick_pace_does_not_shorten_the_history),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
