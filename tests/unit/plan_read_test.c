/* SPDX-License-Identifier: PostgreSQL */
/*
 * Good plans: the reference plan uses every key of the table, and every value
 * arrives converted; what is not said is told from zero; the demo's plan loads.
 */
#include "plan_room.h"

#include "plan_table.h"
#include "plan_tree.h"

/* Does any mapping that is read with `map` say the key? Walks table and tree together. */
static bool key_occurs(const struct plan_map *map, const struct plan_node *node,
                       const struct plan_map *wanted, const char *key)
{
    if (map == wanted && plan_tree_find(node, key) != NULL) {
        return true;
    }
    for (size_t i = 0; i < map->key_count; i++) {
        const struct plan_node *child = plan_tree_find(node, map->keys[i].name);
        if (map->keys[i].map == NULL || child == NULL) {
            continue;
        }
        if (child->kind == NODE_MAP && key_occurs(map->keys[i].map, child, wanted, key)) {
            return true;
        }
        for (const struct plan_node *item = child->first;
             child->kind == NODE_LIST && item != NULL; item = item->next) {
            if (key_occurs(map->keys[i].map, item, wanted, key)) {
                return true;
            }
        }
    }
    return false;
}

static size_t missing_keys(const struct plan_map *map, const struct plan_node *root)
{
    size_t missing = 0;
    assert_true(map->key_count <= 64);
    for (size_t i = 0; i < map->key_count; i++) {
        if (!key_occurs(&plan_root, root, map, map->keys[i].name)) {
            print_error("the reference plan has no %s in %s\n", map->keys[i].name, map->name);
            missing++;
        }
        if (map->keys[i].map != NULL) {
            missing += missing_keys(map->keys[i].map, root);
        }
    }
    return missing;
}

static void reference_uses_every_key(void **state)
{
    (void)state;
    struct reading reading;
    read_file(&reading, "tests/plans/reference.yaml");
    assert_non_null(reading.plan);
    assert_int_equal(reading.diagnostics.errors + reading.diagnostics.warnings, 0);
    assert_int_equal(missing_keys(&plan_root, reading.plan->mark.node), 0);
    reading_release(&reading);
}

static void values_arrive_converted(void **state)
{
    (void)state;
    struct reading reading;
    read_file(&reading, "tests/plans/reference.yaml");
    const struct plan *plan = reading.plan;
    assert_non_null(plan);
    assert_int_equal(plan->window.weekday, 2);
    assert_int_equal(plan->window.year, 2024);
    assert_int_equal(plan->window.opens_us, 22 * US_PER_HOUR);
    assert_int_equal(plan->window.closes_us, 26 * US_PER_HOUR + 30 * US_PER_MINUTE);
    assert_int_equal(plan->safety.lock_timeout_us, 1500 * US_PER_MS);
    assert_int_equal(plan->safety.statement_timeout_us, 90 * US_PER_SECOND);
    assert_int_equal(plan->safety.on_disconnect, PLAN_DISCONNECT_ROLLBACK);
    assert_int_equal(plan->rows_exact_below, INT64_C(512) << 20);
    assert_int_equal(plan->ledger.style, PLAN_LEDGER_PLAIN);
    assert_int_equal(plan->state.count.items[2].what, PLAN_WHAT_QUERY);
    assert_int_equal(plan->state.unlisted_changes, PLAN_UNLISTED_FORBID);
    const struct plan_step *step = &plan->steps.items[2];
    assert_int_equal(step->kind, PLAN_STEP_MIGRATION);
    assert_text(step->id, "003");
    assert_int_equal(step->slot.start_us, 22 * US_PER_HOUR + 30 * US_PER_MINUTE);
    assert_int_equal(step->slot.length_us, 30 * US_PER_MINUTE);
    assert_int_equal(step->expect.time_us, 234 * US_PER_MS);
    assert_int_equal(step->verify, PLAN_VERIFY_INSIDE);
    assert_int_equal(step->destructive, PLAN_NO);
    assert_int_equal(step->retry.times, 3);
    const struct plan_check *column = &step->checks.items[0];
    assert_int_equal(column->builtin, PLAN_BUILTIN_COLUMN);
    assert_int_equal(column->comparator, PLAN_EXISTS);
    assert_int_equal(column->nullable, PLAN_NO);
    const struct plan_check *within = plan_find_check(plan, STR("A1"));
    assert_int_equal(within->within_us, 50 * US_PER_MS);
    assert_int_equal(within->comparator, PLAN_COMPARE_UNSAID);
    assert_text(within->as.set.items[0].value, "42");
    assert_int_equal(plan_find_check(plan, STR("Q1"))->expected.kind, PLAN_VALUE_BEFORE);
    assert_text(plan_find_check(plan, STR("Q5"))->count_id, "conflicts");
    assert_true(plan->monitoring.probes.items[2].expected.decimal > 0.94);
    assert_int_equal(plan->monitoring.probes.items[6].source, PLAN_PROBE_HTTP);
    assert_int_equal(plan->criteria.items[4].kind, PLAN_CRITERION_ATTEST);
    assert_int_equal(plan->notify.items[0].when.items[2], PLAN_WHEN_NO_GO);
    reading_release(&reading);
}

static void slots_after_midnight_are_of_the_next_day(void **state)
{
    (void)state;
    struct reading reading;
    read_file(&reading, "tests/plans/reference.yaml");
    const struct plan *plan = reading.plan;
    assert_int_equal(plan->verification.slot.start_us, 24 * US_PER_HOUR + 15 * US_PER_MINUTE);
    int64_t time_us = 0;
    assert_true(plan_window_us(plan, plan->window.opens_us, &time_us));
    struct strbuf text = {0};
    time_to_text(&text, time_us);
    assert_string_equal(text.ptr, "2024-01-31T20:00:00.000000Z"); /* 22:00 at +02:00 */
    strbuf_release(&text);
    reading_release(&reading);
}

static void unsaid_is_not_zero(void **state)
{
    (void)state;
    struct reading reading;
    read_text(&reading, STR(SMALL_PLAN
                            "  - { migration: \"1\", file: a.sql, sha256: "
                            "\"0000000000000000000000000000000000000000000000000000000000000000"
                            "\", undo: b.sql, expect: { errors: 0 } }\n"
                            "state: { count: [{ what: tables, after: 0 }] }\n"));
    const struct plan *plan = reading.plan;
    assert_string_equal(told(&reading.arena, &reading.diagnostics), "");
    const struct plan_step *step = &plan->steps.items[1];
    assert_int_equal(step->expect.errors, 0);
    assert_true(step->expect.warnings == PLAN_UNSAID);
    assert_true(step->expect.time_us == PLAN_UNSAID);
    assert_true(step->lock_timeout_us == PLAN_UNSAID);
    assert_true(step->slot.start_us == PLAN_UNSAID);
    assert_int_equal(step->transaction, PLAN_TRANSACTION_ONE);
    assert_int_equal(step->rerun_safe, PLAN_NOT_SAID);
    assert_int_equal(step->retry.mark.line, 0);
    assert_true(plan->state.count.items[0].before == PLAN_UNSAID);
    assert_int_equal(plan->state.count.items[0].after, 0);
    assert_int_equal(plan->window.mark.line, 0);
    assert_int_equal(plan->window.weekday, -1);
    assert_int_equal(plan->safety.lock_timeout_us, 2 * US_PER_SECOND);
    assert_int_equal(plan->safety.idle_in_transaction_us, 10 * US_PER_SECOND);
    assert_int_equal(plan->rows_exact_below, INT64_C(10) << 30);
    assert_text(plan->search_path.items[0], "public");
    assert_text(plan->state.schemas.items[0], "public");
    assert_text(plan->steps.items[0].id, "step1");
    int64_t time_us = 0;
    assert_false(plan_window_us(plan, 0, &time_us));
    reading_release(&reading);
}

static void unbuilt_keys_are_listed(void **state)
{
    (void)state;
    struct reading reading;
    read_file(&reading, "tests/plans/reference.yaml");
    size_t count = 0;
    size_t refused = 0;
    const struct plan_unbuilt *unbuilt = plan_not_built(reading.plan, &count);
    bool rehearsal = false;
    bool command = false;
    for (size_t i = 0; i < count; i++) {
        refused += unbuilt[i].refuse;
        rehearsal = rehearsal || (str_eq(unbuilt[i].path, "targets[1].needs_rehearsal_on") &&
                                  !unbuilt[i].refuse);
        assert_false(str_starts(unbuilt[i].path, "notify"));
        command = command || (str_eq(unbuilt[i].path, "steps[1].command") && unbuilt[i].refuse);
        assert_true(unbuilt[i].mark.line > 0);
    }
    assert_true(rehearsal);
    assert_true(command);
    assert_true(refused > 0 && refused < count);
    reading_release(&reading);
}

static void marks_lead_back_to_the_file(void **state)
{
    (void)state;
    struct reading reading;
    read_text(&reading, STR(SMALL_PLAN));
    struct plan_mark mark =
        plan_mark_of(reading.plan->targets.items[0].mark, "expect_database");
    assert_int_equal(mark.line, 5);
    assert_int_equal(mark.column, 37);
    struct strbuf path = {0};
    plan_path(&path, mark);
    assert_string_equal(path.ptr, "targets[0].expect_database");
    strbuf_release(&path);
    reading_release(&reading);
}

static void target_overrides_a_count(void **state)
{
    (void)state;
    struct reading reading;
    read_file(&reading, "tests/plans/reference.yaml");
    const struct plan *plan = reading.plan;
    const struct plan_count *tables = plan_find_count(plan, STR("tables"));
    const struct plan_count *conflicts = plan_find_count(plan, STR("conflicts"));
    const struct plan_target *staging = plan_find_target(plan, STR("staging"));
    const struct plan_target *scratch = plan_find_target(plan, STR("scratch"));
    assert_int_equal(plan_count_before(plan, staging, tables), 51);
    assert_int_equal(plan_count_before(plan, staging, conflicts), 2);
    assert_int_equal(plan_count_before(plan, scratch, tables), 52);
    reading_release(&reading);
}

static void values_are_filled_per_target(void **state)
{
    (void)state;
    struct reading reading;
    struct strbuf out = {0};
    struct err err = {0};
    read_file(&reading, "tests/plans/reference.yaml");
    const struct plan_target *target = plan_find_target(reading.plan, STR("scratch"));
    assert_true(plan_fill(&out, STR("${app_url}/a?b=${app_url}$"), target, &err));
    assert_string_equal(out.ptr, "http://localhost:8000/a?b=http://localhost:8000$");
    assert_false(plan_fill(&out, STR("x${nope}"), target, &err));
    assert_int_equal(err.kind, ERR_USAGE);
    strbuf_release(&out);
    reading_release(&reading);
}

static void demo_plan_has_no_error(void **state)
{
    (void)state;
    struct reading reading;
    read_file(&reading, "plans/week1-wednesday/plan.yaml");
    assert_int_equal(reading.diagnostics.errors, 0);
    assert_non_null(reading.plan);
    size_t count = 0;
    const struct plan_unbuilt *unbuilt = plan_not_built(reading.plan, &count);
    for (size_t i = 0; i < count; i++) {
        assert_false(unbuilt[i].refuse);
    }
    reading_release(&reading);
}

/* Required objects and verification by kind: each can be written, and says what it means. */
static void row_B8_E3_every_builtin_can_be_written(void **state)
{
    (void)state;
    /* arguments and comparator of each builtin that is not a plain number */
    static const struct {
        enum plan_builtin builtin;
        const char *rest;
    } special[] = {
        {PLAN_BUILTIN_QUERY, "count: conflicts, equals: 0"},
        {PLAN_BUILTIN_ROWS_PER_KEPT_TABLE, "same_as: before"},
        {PLAN_BUILTIN_POLICIES_ON_TABLES_WITHOUT_RLS, "empty: true"},
        {PLAN_BUILTIN_TABLE, "table: a"},
        {PLAN_BUILTIN_COLUMN, "table: a, column: b, type: text, nullable: true"},
        {PLAN_BUILTIN_CONSTRAINT, "table: a, object: a_check, valid: true"},
        {PLAN_BUILTIN_INDEX, "object: a_idx, valid: true"},
        {PLAN_BUILTIN_POLICY, "table: a, object: own, command: SELECT, using: \"true\""},
        {PLAN_BUILTIN_TRIGGER, "table: a, object: t, exists: true"},
        {PLAN_BUILTIN_FUNCTION, "object: \"f(integer)\", empty: true"},
        {PLAN_BUILTIN_VIEW, "object: v"},
    };
    struct strbuf text = {0};
    strbuf_text(&text,
                SMALL_PLAN "state:\n  removed_tables: [old]\n  count:\n"
                           "    - { what: query, id: conflicts, sql: select 0, after: 0 }\n"
                           "verification:\n  sets:\n    - name: all\n      checks:\n");
    for (int i = PLAN_BUILTIN_UNSAID + 1; i < PLAN_BUILTIN__COUNT; i++) {
        const char *rest = "equals: 0";
        for (size_t k = 0; k < COUNT_OF(special); k++) {
            rest = (int)special[k].builtin == i ? special[k].rest : rest;
        }
        strbuf_format(&text, "        - { id: C%d, builtin: %s, %s }\n", i,
                      plan_builtin_word((enum plan_builtin)i), rest);
    }
    struct reading reading;
    read_text(&reading, strbuf_str(&text));
    assert_string_equal(told(&reading.arena, &reading.diagnostics), "");
    const struct plan_checks *checks = &reading.plan->verification.sets.items[0].checks;
    assert_int_equal(checks->count, PLAN_BUILTIN__COUNT - 1);
    for (size_t i = 0; i < checks->count; i++) {
        assert_int_equal(checks->items[i].builtin, i + 1);
        assert_int_equal(checks->items[i].source, PLAN_SOURCE_BUILTIN);
        assert_int_not_equal(checks->items[i].comparator, PLAN_COMPARE_UNSAID);
    }
    reading_release(&reading);
    strbuf_release(&text);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_uses_every_key),
        cmocka_unit_test(values_arrive_converted),
        cmocka_unit_test(slots_after_midnight_are_of_the_next_day),
        cmocka_unit_test(unsaid_is_not_zero),
        cmocka_unit_test(unbuilt_keys_are_listed),
        cmocka_unit_test(marks_lead_back_to_the_file),
        cmocka_unit_test(target_overrides_a_count),
        cmocka_unit_test(values_are_filled_per_target),
        cmocka_unit_test(row_B8_E3_every_builtin_can_be_written),
        cmocka_unit_test(demo_plan_has_no_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
