/* SPDX-License-Identifier: PostgreSQL */
/*
 * Events as JSON and back, with every field filled by dice and with hostile text; the
 * words; the state table; the order of the exit codes; what closes a checklist item.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine.h"
#include "plan_fixture.h"

static uint64_t draw(uint64_t *random)
{
    /* splitmix64, by Sebastiano Vigna, public domain */
    uint64_t z = (*random += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static struct str draw_text(uint64_t *random)
{
    static const char *const texts[] = {
        "",          "plain",           "with \"quotes\" and \\ backslash",
        "tab\tnl\n", "\x1b[31mred",     "\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\x98",
        "\x7f\x01",  "'; DROP TABLE x", "\xe2\x80\xaezpj",
    };
    return str_from(texts[draw(random) % COUNT_OF(texts)]);
}

static int draw_word(uint64_t *random, int count)
{
    return (int)(draw(random) % (uint64_t)count);
}

static void draw_event(uint64_t *random, struct event *event, struct event_item items[2],
                       struct event_change changes[2])
{
    struct str *const texts[] = {&event->id,   &event->name,     &event->who,
                                 &event->tag,  &event->text,     &event->detail,
                                 &event->hint, &event->sqlstate, &event->hash};
    int64_t *const numbers[] = {&event->at_us, &event->rows,  &event->us,
                                &event->size,  &event->value, &event->total,
                                &event->pid,   &event->xid,   &event->backend_start_us};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        *texts[i] = draw_text(random);
    }
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        *numbers[i] = (int64_t)draw(random);
    }
    event->outcome = (enum outcome)draw_word(random, OUTCOME__COUNT);
    event->session = (enum session)draw_word(random, SESSION__COUNT);
    event->look = (enum look)draw_word(random, LOOK__COUNT);
    event->query = draw_word(random, QUERY__COUNT);
    event->moment = (enum moment)draw_word(random, MOMENT__COUNT);
    event->task = (enum task)draw_word(random, TASK__COUNT);
    event->place = (enum check_place)draw_word(random, PLACE__COUNT);
    event->level = (enum plan_backup_level)draw_word(random, PLAN_LEVEL_COMPARED + 1);
    event->script = draw_word(random, 9) - 1;
    event->index = draw_word(random, 9) - 1;
    event->check = draw_word(random, 9) - 1;
    event->number = (double)(int64_t)draw(random) / 3.0;
    event->flag = draw_word(random, 2) == 1;
    for (size_t i = 0; i < 2; i++) {
        items[i] = (struct event_item){.kind = draw_text(random),
                                       .name = draw_text(random),
                                       .text = draw_text(random),
                                       .value = (int64_t)draw(random),
                                       .at_us = (int64_t)draw(random),
                                       .depth = draw_word(random, 9),
                                       .flag = draw_word(random, 2) == 1};
        changes[i] = (struct event_change){.what = draw_text(random),
                                           .name = draw_text(random),
                                           .kind = (enum change_kind)draw_word(random, 3),
                                           .planned = draw_word(random, 2) == 1,
                                           .old_definition = draw_text(random),
                                           .new_definition = draw_text(random)};
    }
    event->items = items;
    event->item_count = (size_t)draw_word(random, 3);
    event->changes = changes;
    event->change_count = (size_t)draw_word(random, 3);
}

static void assert_text(struct str a, struct str b)
{
    assert_true(str_is(a, b));
}

static void assert_same_lists(const struct event *a, const struct event *b)
{
    assert_int_equal(a->item_count, b->item_count);
    for (size_t i = 0; i < a->item_count; i++) {
        assert_text(a->items[i].kind, b->items[i].kind);
        assert_text(a->items[i].name, b->items[i].name);
        assert_text(a->items[i].text, b->items[i].text);
        assert_true(a->items[i].value == b->items[i].value);
        assert_true(a->items[i].at_us == b->items[i].at_us);
        assert_int_equal(a->items[i].depth, b->items[i].depth);
        assert_int_equal(a->items[i].flag, b->items[i].flag);
    }
    assert_int_equal(a->change_count, b->change_count);
    for (size_t i = 0; i < a->change_count; i++) {
        assert_text(a->changes[i].what, b->changes[i].what);
        assert_text(a->changes[i].name, b->changes[i].name);
        assert_int_equal(a->changes[i].kind, b->changes[i].kind);
        assert_int_equal(a->changes[i].planned, b->changes[i].planned);
        assert_text(a->changes[i].old_definition, b->changes[i].old_definition);
        assert_text(a->changes[i].new_definition, b->changes[i].new_definition);
    }
}

static void assert_same(const struct event *a, const struct event *b)
{
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->outcome, b->outcome);
    assert_int_equal(a->session, b->session);
    assert_int_equal(a->look, b->look);
    assert_int_equal(a->query, b->query);
    assert_int_equal(a->moment, b->moment);
    assert_int_equal(a->task, b->task);
    assert_int_equal(a->place, b->place);
    assert_int_equal(a->level, b->level);
    assert_int_equal(a->script, b->script);
    assert_int_equal(a->index, b->index);
    assert_int_equal(a->check, b->check);
    assert_int_equal(a->flag, b->flag);
    assert_true(a->at_us == b->at_us && a->rows == b->rows && a->us == b->us);
    assert_true(a->size == b->size && a->value == b->value && a->total == b->total);
    assert_true(a->pid == b->pid && a->xid == b->xid);
    assert_true(a->backend_start_us == b->backend_start_us);
    assert_memory_equal(&a->number, &b->number, sizeof(a->number));
    assert_text(a->id, b->id);
    assert_text(a->name, b->name);
    assert_text(a->who, b->who);
    assert_text(a->tag, b->tag);
    assert_text(a->text, b->text);
    assert_text(a->detail, b->detail);
    assert_text(a->hint, b->hint);
    assert_text(a->sqlstate, b->sqlstate);
    assert_text(a->hash, b->hash);
    assert_same_lists(a, b);
}

static void an_event_written_and_read_is_the_same(void **state)
{
    (void)state;
    uint64_t random = 20240131;
    for (int kind = 0; kind < EVENT__COUNT; kind++) {
        for (int round = 0; round < 50; round++) {
            struct arena arena = {0};
            struct event_item items[2];
            struct event_change changes[2];
            struct event event = {.kind = (enum event_kind)kind};
            struct event again;
            struct strbuf line = {0};
            struct err err = {0};
            draw_event(&random, &event, items, changes);
            event_write(&line, &event);
            assert_true(str_find_byte(strbuf_str(&line), '\n', 0) == line.len);
            struct json *json = json_read(strbuf_str(&line), &err);
            assert_non_null(json);
            assert_true(event_read(json, &arena, &again, &err));
            assert_same(&event, &again);
            json_free(json);
            strbuf_release(&line);
            arena_release(&arena);
        }
    }
}

static void words_that_nobody_knows_are_refused(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "{\"event\":\"exploded\"}",
        "{}",
        "{\"event\":\"looked\",\"look\":\"sideways\"}",
        "{\"event\":\"looked\",\"outcome\":\"maybe\"}",
        "{\"event\":\"done\",\"query\":\"vacuum\"}",
        "{\"event\":\"snapshot\",\"changes\":[{\"change\":\"bent\"}]}",
    };
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        struct arena arena = {0};
        struct err err = {0};
        struct event event;
        struct json *json = json_read(str_from(lines[i]), &err);
        assert_non_null(json);
        assert_false(event_read(json, &arena, &event, &err));
        assert_int_equal(err.kind, ERR_RECORD);
        json_free(json);
        arena_release(&arena);
    }
}

/* ------------------------------------------------------------------ the table */

static void every_state_has_a_row_for_every_event(void **state)
{
    (void)state;
    struct plan_fixture *fixture = plan_fixture_make(PLAN_FIXTURE_WIDE);
    struct run run;
    run_init(&run, &fixture->setup, &fixture->arena);
    run.script = 0;
    run.option = 0;
    for (int place = 0; place < STATE__COUNT; place++) {
        for (int kind = EVENT_TICK + 1; kind < EVENT__COUNT; kind++) {
            for (int outcome = 0; outcome < OUTCOME__COUNT; outcome++) {
                struct event event = {.kind = (enum event_kind)kind,
                                      .outcome = (enum outcome)outcome};
                run.state = (enum state)place;
                if (!fsm_find(&run, &event)) {
                    fail_msg("no row for \"%s\" in \"%s\"", event_infos[kind].word,
                             state_words[place]);
                }
            }
        }
    }
    run_release(&run);
    plan_fixture_free(fixture);
}

static void what_is_ignored_says_why(void **state)
{
    (void)state;
    for (size_t i = 0; i < fsm_row_count; i++) {
        const struct fsm_row *row = &fsm_rows[i];
        assert_non_null(row->comment);
        bool ignored = str_starts(str_from(row->comment), "ignored, because ");
        assert_int_equal(ignored, row->action == NULL);
    }
}

static void all_words_differ(void **state)
{
    (void)state;
    static const struct {
        const char *const *words;
        size_t count;
    } tables[] = {
        {effect_words, EFFECT__COUNT},   {query_words, QUERY__COUNT},
        {record_words, RECORD__COUNT},   {look_words, LOOK__COUNT},
        {moment_words, MOMENT__COUNT},   {task_words, TASK__COUNT},
        {place_words, PLACE__COUNT},     {session_words, SESSION__COUNT},
        {outcome_words, OUTCOME__COUNT}, {phase_words, PHASE__COUNT},
        {state_words, STATE__COUNT},     {script_state_words, SCRIPT_STATE__COUNT},
        {ask_words, ASK__COUNT},
    };
    for (size_t t = 0; t < COUNT_OF(tables); t++) {
        for (size_t i = 0; i < tables[t].count; i++) {
            assert_non_null(tables[t].words[i]);
            for (size_t k = 0; k < i; k++) {
                assert_string_not_equal(tables[t].words[i], tables[t].words[k]);
            }
        }
    }
}

/* ------------------------------------------------------------- derived truths */

/* Each worse fact hides the ones behind it. */
static void the_worst_fact_is_the_exit_code(void **state)
{
    (void)state;
    static const struct {
        enum fact fact;
        int code;
    } order[] = {
        {FACT_INTERNAL, 1},    {FACT_STOPPED, 6}, {FACT_LOCKED, 7},
        {FACT_CONNECT, 4},     {FACT_CHECK, 5},   {FACT_SQL, 3},
        {FACT_ROLLED_BACK, 8}, {FACT_RECORD, 11}, {FACT_UNKNOWN, 9},
    };
    struct plan_fixture *fixture = plan_fixture_make(PLAN_FIXTURE_WIDE);
    struct run run;
    run_init(&run, &fixture->setup, &fixture->arena);
    assert_int_equal(engine_exit_code(&run), 0);
    for (size_t i = 0; i < COUNT_OF(order); i++) {
        run.facts |= order[i].fact;
        assert_int_equal(engine_exit_code(&run), order[i].code);
    }
    run.facts = FACT_RECORD;
    run.scripts[0].state = SCRIPT_UNKNOWN;
    assert_int_equal(engine_exit_code(&run), 9);
    run.facts = 0;
    run.scripts[0].state = SCRIPT_ROLLED_BACK;
    run.scripts[0].failed = true;
    assert_int_equal(engine_exit_code(&run), 3);
    run.scripts[0].cancelled = true;
    assert_int_equal(engine_exit_code(&run), 6);
    run.scripts[0].state = SCRIPT_COMMITTED;
    assert_int_equal(engine_exit_code(&run), 0);
    run_release(&run);
    plan_fixture_free(fixture);
}

static void an_item_is_closed_by_its_own_proof_only(void **state)
{
    (void)state;
    static const enum plan_proof answered[] = {PLAN_PROOF_UNSAID, PLAN_PROOF_NOTE,
                                               PLAN_PROOF_SQL, PLAN_PROOF_RUN};
    struct plan_fixture *fixture = plan_fixture_make(PLAN_FIXTURE_WIDE);
    struct run run;
    struct str why;
    struct plan_item plan = {.max_age_us = PLAN_UNSAID};
    struct run_item item = {.item = &plan};
    run_init(&run, &fixture->setup, &fixture->arena);
    run.now_us = INT64_C(1706688000000000);
    for (size_t i = 0; i < COUNT_OF(answered); i++) {
        plan.proof = answered[i];
        plan.max_age_us = US_PER_HOUR;
        item.answered = false;
        assert_false(item_is_closed(&run, &item, &why, &fixture->arena));
        assert_true(why.len > 0);
        item.answered = true;
        item.at_us = run.now_us - US_PER_HOUR;
        assert_true(item_is_closed(&run, &item, &why, &fixture->arena));
        item.at_us = run.now_us - US_PER_HOUR - 1;
        assert_false(item_is_closed(&run, &item, &why, &fixture->arena));
    }
    /* Proofs that a note cannot give. */
    plan.max_age_us = PLAN_UNSAID;
    static const enum plan_proof measured[] = {PLAN_PROOF_REHEARSAL, PLAN_PROOF_BACKUP,
                                               PLAN_PROOF_POLL, PLAN_PROOF_PROBES};
    for (size_t i = 0; i < COUNT_OF(measured); i++) {
        plan.proof = measured[i];
        assert_false(item_is_closed(&run, &item, &why, &fixture->arena));
        assert_true(why.len > 0);
    }
    plan.proof = PLAN_PROOF_BACKUP;
    plan.needs = PLAN_NEEDS_COMPARED;
    run.backups[0].level = PLAN_LEVEL_RESTORED;
    assert_false(item_is_closed(&run, &item, &why, &fixture->arena));
    run.backups[0].level = PLAN_LEVEL_COMPARED;
    assert_true(item_is_closed(&run, &item, &why, &fixture->arena));
    run.backups[0].failed = true;
    assert_false(item_is_closed(&run, &item, &why, &fixture->arena));
    item.overridden = true;
    assert_true(item_is_closed(&run, &item, &why, &fixture->arena));
    run_release(&run);
    plan_fixture_free(fixture);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_written_and_read_is_the_same),
        cmocka_unit_test(words_that_nobody_knows_are_refused),
        cmocka_unit_test(every_state_has_a_row_for_every_event),
        cmocka_unit_test(what_is_ignored_says_why),
        cmocka_unit_test(all_words_differ),
        cmocka_unit_test(the_worst_fact_is_the_exit_code),
        cmocka_unit_test(an_item_is_closed_by_its_own_proof_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
