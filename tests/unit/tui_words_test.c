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
    SEES(desk, "a1  Backup verified?            dump compared");
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
        ui_go(&desk->ui, SCREEN_OVERVIEW);
        desk_see(desk);
        SEES(desk, "○ tables"); /* a tick is for what the plan expects of the end */
        SEES_NOT(desk, "✓ tables");
        desk_close(desk);
    }
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, 80, 24);
    desk_reach(desk, STATE_CLOSE);
    ui_go(&desk->ui, SCREEN_COUNTS);
    desk_see(desk);
    SEES(desk, "as planned");
    SEES_NOT(desk, "starts right");
    ui_go(&desk->ui, SCREEN_OVERVIEW);
    desk_see(desk);
    SEES(desk, "✓ tables");
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
    SEES(desk, "NEXT  Snapshot name and time?  Optional: The optional one?");
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
    SEES(desk, "NEXT  The required backups are proven. Go on to the poll?  Optional: Snapshot");
    SEES(desk, "1 of 1 required, 0 of 1 other");
    desk_step(desk, (struct event){.kind = EVENT_ATTEST,
                                   .script = -1,
                                   .id = STR("provider"),
                                   .name = STR("snap"),
                                   .value = desk->clock_us,
                                   .who = STR("anna")});
    desk_see(desk);
    SEES(desk, " ?  provider       08:00:00  snap  said by anna, not proven");
    SEES(desk, "1 of 1 required, 1 of 1 other");
    desk_close(desk);
}

/* ------------------------------------------------- which members a wrong start has */

/* Two looks at a catalog: now there is one table more, and another definition. */
struct looks {
    struct catalog_snapshot now, then;
    bool has_then;
};

static void fill(struct catalog_snapshot *snapshot, const char *const *tables, size_t count)
{
    snapshot->members = arena_array(&snapshot->arena, count + 1, sizeof(*snapshot->members));
    for (size_t i = 0; i < count; i++) {
        snapshot->members[i] = (struct catalog_member){.kind = COUNT_TABLES,
                                                       .schema = STR("public"),
                                                       .name = str_from(tables[i]),
                                                       .definition = STR("a table")};
    }
    snapshot->members[count] = (struct catalog_member){
        .kind = COUNT_VIEWS, .schema = STR("public"), .name = STR("v"), .definition = STR("x")};
    snapshot->member_count = count + 1;
    snapshot->counts.value[COUNT_TABLES] = (int64_t)count;
    catalog_snapshot_seal(snapshot);
}

static const struct catalog_snapshot *members(void *ctx, enum moment moment)
{
    struct looks *looks = ctx;
    return moment == MOMENT_REVIEW ? &looks->now : NULL;
}

static bool earlier(void *ctx, struct tui_earlier *out)
{
    struct looks *looks = ctx;
    *out = (struct tui_earlier){
        .run = "r-1", .target = "staging", .at_us = 1706601600000000, .snapshot = &looks->then};
    return looks->has_then;
}

/* The database has four tables where the plan starts from three. */
static struct desk *open_wrong_start(struct looks *looks, int columns, int rows)
{
    static const char *const now[] = {"accounts", "orders", "surplus", "zones"};
    static const char *const then[] = {"accounts", "lost", "orders", "zones"};
    *looks = (struct looks){0};
    fill(&looks->now, now, COUNT_OF(now));
    fill(&looks->then, then, COUNT_OF(then));
    struct desk *desk = desk_open(PLAN_FIXTURE_WIDE, columns, rows);
    desk->ui.sources.ctx = looks;
    desk->ui.sources.members = members;
    desk->ui.sources.earlier = earlier;
    for (size_t i = 0; i < desk->run.count_count; i++) {
        desk->run.counts[i].expected_before += desk->run.counts[i].plan ? 1 : 0;
    }
    desk_reach(desk, STATE_WRONG_COUNTS);
    return desk;
}

static void close_wrong_start(struct desk *desk, struct looks *looks)
{
    desk_close(desk);
    catalog_snapshot_release(&looks->now);
    catalog_snapshot_release(&looks->then);
}

static void a_wrong_start_shows_its_members(void **state)
{
    (void)state;
    struct looks looks;
    struct desk *desk = open_wrong_start(&looks, 80, 24);
    SEES(desk, "which is wrong nobody knows: no earlier run of this plan to compare with");
    SEES(desk, "accounts");
    SEES(desk, "surplus");
    SEES_NOT(desk, "not there in that run");
    close_wrong_start(desk, &looks);
}

static void a_wrong_start_is_held_against_an_earlier_run(void **state)
{
    (void)state;
    struct looks looks;
    struct desk *desk = open_wrong_start(&looks, 120, 40);
    looks.has_then = true;
    desk_see(desk);
    SEES(desk, "against run r-1 on staging, 2024-01-30 08:00");
    SEES(desk, " -  lost   ");
    SEES(desk, " not there in that run");
    SEES_NOT(desk, "nobody knows");
    ui_go_to(&desk->ui, &desk->run, (struct subject){SUBJECT_MEMBER, -1, 1});
    desk_see(desk);
    SEES(desk, "in run r-1 on staging, not now");
    assert_true(overlay_subject(&desk->ui, &desk->run,
                                (struct subject){SUBJECT_MEMBER, MOMENT_REVIEW, 2}));
    SEES(desk, "surplus");
    SEES(desk, "a table");
    assert_false(overlay_subject(&desk->ui, &desk->run,
                                 (struct subject){SUBJECT_MEMBER, MOMENT_REVIEW, 99}));
    close_wrong_start(desk, &looks);
}

/* What it takes away must be there, what it brings must not. */
static void the_plan_itself_names_what_is_wrong(void **state)
{
    (void)state;
    struct looks looks;
    struct desk *desk = open_wrong_start(&looks, 80, 24);
    struct str removed[] = {STR("accounts"), STR("quests")};
    struct str brought[] = {STR("zones"), STR("moons")};
    struct plan_change change = {.what = PLAN_WHAT_TABLES, .new = {brought, 2}};
    struct plan_state *plan = &desk->fixture->plan->state;
    plan->removed_tables = (struct plan_texts){removed, 2};
    plan->changes = (struct plan_changes){&change, 1};
    desk_see(desk);
    SEES(desk,
         " -  quests                              the plan takes it away: it is not there");
    SEES(desk,
         " +  zones                               the plan brings it: it is there already");
    SEES_NOT(desk, "+  moons");
    SEES_NOT(desk, "-  accounts");
    SEES_NOT(desk, "nobody knows");
    plan->removed_tables.count = 0;
    plan->changes.count = 0;
    close_wrong_start(desk, &looks);
}

static void members_follow_the_count_one_looks_at(void **state)
{
    (void)state;
    struct looks looks;
    struct desk *desk = open_wrong_start(&looks, 120, 40);
    SEES(desk, "zones");
    struct subject views = {SUBJECT_NONE, 0, 0};
    for (size_t i = 0; i < desk->run.count_count; i++) {
        if (str_eq(desk->run.counts[i].word, "views")) {
            views = (struct subject){SUBJECT_COUNT, (int64_t)i, 0};
        }
    }
    assert_true(ui_go_to(&desk->ui, &desk->run, views));
    ui_go(&desk->ui, SCREEN_COUNTS);
    desk_see(desk);
    SEES_NOT(desk, "zones");
    SEES(desk, "    v\n");
    close_wrong_start(desk, &looks);
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
        cmocka_unit_test(a_wrong_start_shows_its_members),
        cmocka_unit_test(a_wrong_start_is_held_against_an_earlier_run),
        cmocka_unit_test(the_plan_itself_names_what_is_wrong),
        cmocka_unit_test(members_follow_the_count_one_looks_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
