/* SPDX-License-Identifier: PostgreSQL */
/*
 * Checklist items: each state from its evidence and the time, and which of them
 * open a gate.
 */
#include "check.h"

#include <setjmp.h>
#include <cmocka.h>

static const int64_t now_us = INT64_C(1706688000) * US_PER_SECOND;

static struct plan_item note_item(void)
{
    return (struct plan_item){
        .proof = PLAN_PROOF_NOTE, .at_most_us = PLAN_UNSAID, .max_age_us = 30 * US_PER_MINUTE};
}

static struct item_evidence answer(int64_t age_us)
{
    return (struct item_evidence){
        .there = true, .good = true, .at_us = now_us - age_us, .took_us = -1};
}

static void age_decides(void **state)
{
    (void)state;
    struct plan_item item = note_item();
    struct item_evidence nothing = {0};
    assert_int_equal(check_item_state(&item, &nothing, now_us), ITEM_OPEN);
    struct item_evidence young = answer(30 * US_PER_MINUTE);
    assert_int_equal(check_item_state(&item, &young, now_us), ITEM_FRESH);
    struct item_evidence old = answer(30 * US_PER_MINUTE + 1);
    assert_int_equal(check_item_state(&item, &old, now_us), ITEM_STALE);
    struct item_evidence future = answer(-3 * US_PER_SECOND);
    assert_int_equal(check_item_state(&item, &future, now_us), ITEM_STALE);
    item.max_age_us = PLAN_UNSAID;
    assert_int_equal(check_item_state(&item, &old, now_us), ITEM_FRESH);
}

static void a_claim_is_not_a_persons_word(void **state)
{
    (void)state;
    struct plan_item item = note_item();
    struct item_evidence claim = answer(0);
    claim.claim = true;
    assert_int_equal(check_item_state(&item, &claim, now_us), ITEM_CLAIMED);
    assert_false(check_item_opens(ITEM_CLAIMED, true));
    assert_true(check_item_opens(ITEM_CLAIMED, false));
    claim.signed_ = true;
    assert_int_equal(check_item_state(&item, &claim, now_us), ITEM_FRESH);
}

static void a_no_is_a_no(void **state)
{
    (void)state;
    struct plan_item item = note_item();
    struct item_evidence no = answer(0);
    no.good = false;
    assert_int_equal(check_item_state(&item, &no, now_us), ITEM_REFUSED);
    assert_false(check_item_opens(ITEM_REFUSED, false));
    assert_false(check_item_opens(ITEM_STALE, false));
    assert_false(check_item_opens(ITEM_OPEN, false));
    no.overridden = true;
    assert_int_equal(check_item_state(&item, &no, now_us), ITEM_OVERRIDDEN);
    assert_true(check_item_opens(ITEM_OVERRIDDEN, true));
}

static void a_backup_needs_its_level(void **state)
{
    (void)state;
    struct plan_item item = note_item();
    item.proof = PLAN_PROOF_BACKUP;
    item.needs = PLAN_NEEDS_COMPARED;
    struct item_evidence backup = answer(0);
    backup.level = PLAN_LEVEL_RESTORED;
    assert_int_equal(check_item_state(&item, &backup, now_us), ITEM_REFUSED);
    backup.level = PLAN_LEVEL_COMPARED;
    assert_int_equal(check_item_state(&item, &backup, now_us), ITEM_FRESH);
    item.needs = PLAN_NEEDS_LISTED;
    assert_int_equal(check_item_state(&item, &backup, now_us), ITEM_FRESH);
}

static void row_C1_execution_time_has_a_limit(void **state)
{
    (void)state;
    struct plan_item item = note_item();
    item.proof = PLAN_PROOF_REHEARSAL;
    item.needs = PLAN_NEEDS_TIME;
    item.at_most_us = 400 * US_PER_MS;
    struct item_evidence run = answer(0);
    assert_int_equal(check_item_state(&item, &run, now_us), ITEM_REFUSED); /* not measured */
    run.took_us = 400 * US_PER_MS;
    assert_int_equal(check_item_state(&item, &run, now_us), ITEM_FRESH);
    run.took_us++;
    assert_int_equal(check_item_state(&item, &run, now_us), ITEM_REFUSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(age_decides),
        cmocka_unit_test(a_claim_is_not_a_persons_word),
        cmocka_unit_test(a_no_is_a_no),
        cmocka_unit_test(a_backup_needs_its_level),
        cmocka_unit_test(row_C1_execution_time_has_a_limit),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
