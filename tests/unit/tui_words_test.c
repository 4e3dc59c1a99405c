/* SPDX-License-Identifier: PostgreSQL */
/*
 * Numbers and words on the screens before the change: they come from one count, claim
 * nothing that did not happen, and name first what the gate waits for.
 */
#include "tui_room.h"

static void drain(struct desk *desk)
{
    while (desk->head < desk->tail) { /* what the server answers by itself */
        desk_step(desk, desk->queue[desk->head++]);
    }
    desk_see(desk);
}

static void note(struct desk *desk, const char *id)
{
    desk_step(desk, (struct event){.kind = EVENT_NOTE,
                                   .script = -1,
                                   .id = str_from(id),
                                   .text = STR("yes"),
                                   .who = STR("anna")});
    desk_see(desk);
}

static void the_checklist_is_counted_alike_everywhere(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_PREP);
    drain(desk);
    SEES(desk, "PREP 1 of 2, POLL 0 of 3 closed");
    SEES(desk, "c1  Documented?");
    SEES_NOT(desk, "Written up?"); /* judged at CLOSE, nothing before GO waits for it */
    note(desk, "c1");
    SEES(desk, "PREP 2 of 2, POLL 0 of 3 closed");
    SEES(desk, "NEXT  The checklist of PREP is closed, 2 of 2. Go on?");
    SEES_NOT(desk, "every item is closed");
    desk_key(desk, '3');
    SEES(desk, "PREP 2 of 2, POLL 0 of 3 closed");
    SEES(desk, "0 of 2 voters say GO; 3 of 3 items open");
    desk_reach(desk, STATE_POLL);
    drain(desk);
    note(desk, "a2");
    SEES(desk, "PREP 2 of 2, POLL 3 of 3 closed");
    SEES_NOT(desk, "items open");
    ui_go(&desk->ui, SCREEN_OVERVIEW);
    desk_see(desk);
    SEES(desk, "PREP 2 of 2, POLL 3 of 3 closed");
    SEES(desk, "every item is closed");
    desk_close(desk);
}

static void vote(struct desk *desk, const char *role, const char *word)
{
    desk_step(desk, (struct event){.kind = EVENT_VOTE,
                                   .script = -1,
                                   .id = str_from(role),
                                   .tag = str_from(word),
                                   .text = STR("because"),
                                   .who = STR("x")});
    desk_see(desk);
}

static void all_votes_are_no_result_while_an_item_is_open(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_POLL);
    drain(desk);
    vote(desk, "dba", "GO");
    vote(desk, "backend", "GO");
    SEES(desk, "RESULT  ○  2 of 2 voters say GO; 1 of 3 items open");
    note(desk, "a2");
    SEES(desk, "RESULT  ✓  2 of 2 voters say GO");
    vote(desk, "backend", "HOLD");
    SEES(desk, "RESULT  ‖  1 of 2 voters say GO");
    desk_close(desk);
}

static void nothing_is_as_planned_before_anything_happened(void **state)
{
    (void)state;
    static const enum state early[] = {STATE_PREP, STATE_BACKUP, STATE_POLL, STATE_NAME};
    for (size_t i = 0; i < COUNT_OF(early); i++) {
        struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
        desk_reach(desk, early[i]);
        ui_go(&desk->ui, SCREEN_COUNTS);
        desk_see(desk);
        SEES_NOT(desk, "as planned");
        SEES(desk, "starts right");
        desk_close(desk);
    }
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_CLOSE);
    ui_go(&desk->ui, SCREEN_COUNTS);
    desk_see(desk);
    SEES(desk, "as planned");
    SEES_NOT(desk, "starts right");
    desk_close(desk);
}

static struct plan_backup *backup(struct desk *desk, size_t index)
{
    return &desk->fixture->plan->backup.items[index];
}

static void the_required_backup_is_asked_for_first(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    backup(desk, 0)->kind = PLAN_BACKUP_EXTERNAL;
    backup(desk, 0)->required = false;
    backup(desk, 0)->ask = STR("The optional one?");
    desk_reach(desk, STATE_BACKUP);
    assert_int_equal(desk->ui.ask_count, 2);
    assert_true(str_eq(desk->ui.asks[0].text, "Snapshot name and time?"));
    assert_true(str_eq(desk->ui.asks[1].text, "The optional one?"));
    SEES(desk, "NEXT  Snapshot name and time?; optional: The optional one?");
    SEES(desk, "0 of 1 required, 0 of 1 other");
    desk_close(desk);
}

static void an_optional_backup_is_not_what_we_wait_for(void **state)
{
    (void)state;
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    backup(desk, 1)->required = false;
    desk_reach(desk, STATE_BACKUP);
    SEES(desk, "NEXT  nothing to do: taking and proving the backup; optional: Snapshot name");
    drain(desk);
    SEES(desk, "NEXT  The required backups are proven. Go on to the poll?; optional: Snapshot");
    SEES(desk, "1 of 1 required, 0 of 1 other");
    desk_close(desk);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_checklist_is_counted_alike_everywhere),
        cmocka_unit_test(all_votes_are_no_result_while_an_item_is_open),
        cmocka_unit_test(nothing_is_as_planned_before_anything_happened),
        cmocka_unit_test(the_required_backup_is_asked_for_first),
        cmocka_unit_test(an_optional_backup_is_not_what_we_wait_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
