/* SPDX-License-Identifier: PostgreSQL */
/*
 * Declared, implied and unlisted changes, from two small snapshots each.
 */
#include "check.h"

#include <setjmp.h>
#include <cmocka.h>

#include "check_private.h"

enum {
    MEMBERS_MAX = 24
};

struct side {
    struct catalog_member members[MEMBERS_MAX];
    struct catalog_snapshot snapshot;
};

struct scene {
    struct arena arena;
    struct side before;
    struct side after;
    struct plan plan;
    struct plan_change changes[6];
    struct catalog_diff diff;
    struct check_changes result;
};

static void put(struct side *side, enum count_kind kind, const char *table, const char *name,
                const char *definition)
{
    side->members[side->snapshot.member_count++] = (struct catalog_member){
        .kind = kind,
        .schema = STR("public"),
        .table = str_from(table),
        .name = str_from(name),
        .definition = str_from(definition),
        .position = 0,
    };
}

static void put_both(struct scene *scene, enum count_kind kind, const char *table,
                     const char *name, const char *definition)
{
    put(&scene->before, kind, table, name, definition);
    put(&scene->after, kind, table, name, definition);
}

static struct plan_texts list(struct arena *arena, const char *a, const char *b)
{
    struct plan_texts texts = {.items = arena_array(arena, 2, sizeof(struct str))};
    const char *const all[] = {a, b};
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        if (all[i] != NULL) {
            texts.items[texts.count++] = str_from(all[i]);
        }
    }
    return texts;
}

static void declare(struct scene *scene, enum plan_what what, const char *new, const char *gone,
                    const char *changed)
{
    scene->plan.state.changes.items = scene->changes;
    scene->changes[scene->plan.state.changes.count++] = (struct plan_change){
        .what = what,
        .new = list(&scene->arena, new, NULL),
        .gone = list(&scene->arena, gone, NULL),
        .changed = list(&scene->arena, changed, NULL),
    };
}

static void begin(struct scene *scene)
{
    *scene = (struct scene){0};
    scene->plan.state.schemas = list(&scene->arena, "public", NULL);
    scene->plan.state.unlisted_changes = PLAN_UNLISTED_FORBID;
}

static void judge(struct scene *scene)
{
    scene->before.snapshot.members = scene->before.members;
    scene->after.snapshot.members = scene->after.members;
    catalog_snapshot_seal(&scene->before.snapshot);
    catalog_snapshot_seal(&scene->after.snapshot);
    catalog_diff(&scene->diff, &scene->before.snapshot, &scene->after.snapshot);
    check_changes(&scene->result, &scene->plan, &scene->diff, true, &scene->arena);
}

static void end(struct scene *scene)
{
    check_changes_release(&scene->result);
    catalog_diff_release(&scene->diff);
    arena_release(&scene->arena);
}

static size_t findings(const struct scene *scene, enum check_finding_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < scene->result.count; i++) {
        count += scene->result.findings[i].kind == kind ? 1 : 0;
    }
    return count;
}

static void fault_F39_a_swap_is_a_finding_although_counts_agree(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene);
    put(&scene.before, COUNT_RLS_POLICIES, "orders", "read", "x");
    put(&scene.after, COUNT_RLS_POLICIES, "orders", "reads", "x");
    judge(&scene);
    assert_int_equal(findings(&scene, FINDING_UNLISTED), 2);
    assert_int_equal(findings(&scene, FINDING_SWAPPED), 1);
    assert_int_equal(scene.result.blocking, 3);
    end(&scene);
}

static void warn_does_not_block(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene);
    scene.plan.state.unlisted_changes = PLAN_UNLISTED_WARN;
    put(&scene.after, COUNT_INDEXES, "orders", "i", "x");
    judge(&scene);
    assert_int_equal(scene.result.count, 1);
    assert_int_equal(scene.result.blocking, 0);
    end(&scene);
}

static void what_hangs_on_a_removed_table_is_implied(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene);
    scene.plan.state.removed_tables = list(&scene.arena, "quests", NULL);
    put(&scene.before, COUNT_TABLES, "", "quests", "table");
    put(&scene.before, COUNT_TABLES_WITH_RLS, "", "quests", "enabled");
    put(&scene.before, COUNT_COLUMNS, "quests", "id", "bigint");
    put(&scene.before, COUNT_INDEXES, "quests", "quests_pkey", "x");
    put(&scene.before, COUNT_CONSTRAINTS, "quests", "quests_pkey", "x");
    put(&scene.before, COUNT_RLS_POLICIES, "quests", "p", "x");
    put(&scene.before, COUNT_SEQUENCES, "quests", "quests_id_seq", "x");
    put(&scene.before, COUNT_PARTITIONS, "quests", "quests_1", "x");
    put(&scene.before, COUNT_PARTITIONS, "quests_1", "quests_1_1", "x");
    put(&scene.before, COUNT_FOREIGN_KEYS, "moves", "moves_quest_fkey",
        "FOREIGN KEY (quest) REFERENCES public.quests(id)");
    judge(&scene);
    assert_int_equal(scene.result.count, 0);
    end(&scene);
}

static void a_key_that_points_elsewhere_is_not_implied(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene);
    scene.plan.state.removed_tables = list(&scene.arena, "quests", NULL);
    put(&scene.before, COUNT_TABLES, "", "quests", "table");
    put(&scene.before, COUNT_FOREIGN_KEYS, "moves", "moves_quest_fkey",
        "FOREIGN KEY (quest) REFERENCES public.quests_old(id)");
    judge(&scene);
    assert_int_equal(findings(&scene, FINDING_UNLISTED), 1);
    end(&scene);
}

static void a_removal_that_is_not_listed_implies_nothing(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene);
    put(&scene.before, COUNT_TABLES, "", "quests", "table");
    put(&scene.before, COUNT_COLUMNS, "quests", "id", "bigint");
    judge(&scene);
    assert_int_equal(findings(&scene, FINDING_UNLISTED), 2);
    end(&scene);
}

static void declared_changes_are_expected(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene);
    declare(&scene, PLAN_WHAT_FOREIGN_KEYS, "a_fkey", NULL, NULL);
    declare(&scene, PLAN_WHAT_RLS_POLICIES, "orders.workspace read", NULL, NULL);
    declare(&scene, PLAN_WHAT_COLUMNS, NULL, NULL, "orders.total");
    declare(&scene, PLAN_WHAT_CONSTRAINTS, "orders_key", NULL, NULL);
    put(&scene.after, COUNT_FOREIGN_KEYS, "orders", "a_fkey", "x");
    put(&scene.after, COUNT_RLS_POLICIES, "orders", "workspace read", "x");
    put(&scene.after, COUNT_CONSTRAINTS, "orders", "orders_key", "x");
    put(&scene.after, COUNT_INDEXES, "orders", "orders_key", "x"); /* behind the constraint */
    put(&scene.before, COUNT_COLUMNS, "orders", "total", "integer");
    put(&scene.after, COUNT_COLUMNS, "orders", "total", "bigint");
    put_both(&scene, COUNT_TABLES, "", "orders", "table");
    judge(&scene);
    assert_int_equal(scene.result.count, 0);
    end(&scene);
}

static void declared_and_not_done_is_missing(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene);
    declare(&scene, PLAN_WHAT_FOREIGN_KEYS, "a_fkey", "b_fkey", "c_fkey");
    scene.plan.state.removed_tables = list(&scene.arena, "quests", NULL);
    put_both(&scene, COUNT_TABLES, "", "quests", "table");
    judge(&scene);
    assert_int_equal(findings(&scene, FINDING_MISSING), 4);
    assert_int_equal(scene.result.blocking, 4);
    check_changes_release(&scene.result);
    check_changes(&scene.result, &scene.plan, &scene.diff, false, &scene.arena);
    assert_int_equal(scene.result.count, 0); /* between two migrations */
    end(&scene);
}

static void a_twin_in_another_schema_is_not_meant(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene);
    scene.plan.state.removed_tables = list(&scene.arena, "quests", NULL);
    put(&scene.before, COUNT_TABLES, "", "quests", "table");
    scene.before.members[0].schema = STR("other");
    judge(&scene);
    assert_int_equal(findings(&scene, FINDING_UNLISTED), 1);
    assert_int_equal(findings(&scene, FINDING_MISSING), 1);
    assert_true(str_eq(scene.result.findings[0].name, "other.quests"));
    end(&scene);
}

static void columns_may_be_declared_by_number(void **state)
{
    (void)state;
    struct plan_column_change wanted = {
        .table = STR("orders"), .added = 2, .removed = PLAN_UNSAID};
    for (int64_t added = 1; added <= 2; added++) {
        struct scene scene;
        begin(&scene);
        wanted.added = added;
        scene.plan.state.columns.items = &wanted;
        scene.plan.state.columns.count = 1;
        put(&scene.after, COUNT_COLUMNS, "orders", "a", "text");
        put(&scene.after, COUNT_COLUMNS, "orders", "b", "text");
        judge(&scene);
        assert_int_equal(scene.result.count, added == 2 ? 0 : 3);
        end(&scene);
    }
}

static void the_order_of_columns_is_a_warning(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene);
    put_both(&scene, COUNT_COLUMNS, "orders", "a", "text");
    scene.before.members[0].position = 1;
    scene.after.members[0].position = 2;
    judge(&scene);
    assert_int_equal(findings(&scene, FINDING_REORDERED), 1);
    assert_int_equal(scene.result.blocking, 0);
    end(&scene);
}

/* What this run makes is left out of the snapshot; any other ledger is a table. */
static void a_ledger_that_is_not_ours_is_unlisted(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene);
    put(&scene.after, COUNT_TABLES, "", "schema_migrations", "table");
    put(&scene.after, COUNT_COLUMNS, "schema_migrations", "version", "text");
    scene.plan.ledger.table = STR("schema_migrations");
    scene.plan.ledger.mark.line = 1;
    scene.plan.ledger.create = true;
    judge(&scene);
    assert_int_equal(scene.result.count, 2);
    end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fault_F39_a_swap_is_a_finding_although_counts_agree),
        cmocka_unit_test(warn_does_not_block),
        cmocka_unit_test(what_hangs_on_a_removed_table_is_implied),
        cmocka_unit_test(a_key_that_points_elsewhere_is_not_implied),
        cmocka_unit_test(a_removal_that_is_not_listed_implies_nothing),
        cmocka_unit_test(declared_changes_are_expected),
        cmocka_unit_test(declared_and_not_done_is_missing),
        cmocka_unit_test(a_twin_in_another_schema_is_not_meant),
        cmocka_unit_test(columns_may_be_declared_by_number),
        cmocka_unit_test(the_order_of_columns_is_a_warning),
        cmocka_unit_test(a_ledger_that_is_not_ours_is_unlisted),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
