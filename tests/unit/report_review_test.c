/* SPDX-License-Identifier: PostgreSQL */
/*
 * What a report and the runbook say of the files: what is destroyed stands first, each file's
 * sentence and risks, findings with who waived or overrode them, claims that are
 * contradicted, ways down; and that nothing found is said, too.
 */
#include "lint.h"
#include "report_room.h"

static const char up[] = "drop table orders;\n"
                         "-- gonogo: waive D3 until 2096-12-31 by carla: it is a cache\n"
                         "truncate cache;\n";

static void judge(struct room *room, struct lint *lint, const char *name, const char *sql,
                  bool undo)
{
    struct sql_trouble trouble;
    struct sql_script *script = arena_alloc(&room->arena, sizeof *script);
    assert_true(sql_cut(str_from(sql), NULL, &room->arena, script, &trouble));
    struct lint_file file = {.name = str_from(name),
                             .text = script->text,
                             .is_undo = undo,
                             .has_undo = true,
                             .destructive = undo ? LINT_NOT_CLAIMED : LINT_CLAIMED_NO,
                             .lock_timeout_us = US_PER_SECOND,
                             .statement_timeout_us = US_PER_MINUTE};
    lint_begin_file(lint, &file);
    sql_study(script, SQL_VERSION_DEFAULT, &room->arena, lint_statement, lint);
    lint_end_file(lint);
}

static void give_lint(struct room *room, const char *sql, const char *down)
{
    struct lint *lint = lint_new(&room->arena, NULL);
    judge(room, lint, "001.sql", sql, false);
    if (down) {
        judge(room, lint, "001_down.sql", down, true);
    }
    room->setup.lint = lint_finish(lint);
    lint_free(lint);
}

static void say(struct room *room, enum report_format format, struct strbuf *out)
{
    strbuf_clear(out);
    report_write(report_build(&room->run, &room->context, &room->arena), format, out);
}

static void see(const struct strbuf *out, const char *text)
{
    if (!strstr(out->ptr, text)) {
        print_error("%s\n", out->ptr);
        fail_msg("\"%s\" is not said", text);
    }
}

static void what_is_destroyed_stands_first(void **state)
{
    (void)state;
    struct room room;
    struct strbuf out = {0};
    room_open_with(&room, room_plan, STR("select 1;"));
    give_lint(&room, up, "create table orders (id bigint primary key);\n");
    say(&room, REPORT_MD, &out);
    see(&out, "DESTROYS 2 things");
    see(&out, "table orders | 001.sql:1:1 | not known | ? not known | by name | ✗ NOT NAMED");
    assert_true(strstr(out.ptr, "DESTROYS") < strstr(out.ptr, "### Risks"));
    see(&out, "| 001.sql | 2 | drops 1 table");
    see(&out, "| 001.sql | data loss | ✗ block |");
    see(&out, "| 001.sql | security | none |");
    see(&out, "| all together | overall | ✗ block |");
    see(&out, "waived by carla until 2096-12-31: it is a cache");
    see(&out, "1 waived.");
    see(&out, "the plan says \\`destructive: false\\`, but");
    see(&out, "### Ways down");
    see(&out, "The ways down destroy nothing that was found.");
    see(&out, "| 001_down.sql | 1 |");
    strbuf_release(&out);
    room_close(&room);
}

static void hear_writes(struct room *room, int64_t seconds, int64_t value)
{
    struct event_item item = {.name = STR("orders"), .kind = STR("1"), .value = value};
    struct event event = {.kind = EVENT_RECENT,
                          .outcome = OUTCOME_OK,
                          .at_us = seconds * US_PER_SECOND,
                          .script = -1,
                          .items = &item,
                          .item_count = 1};
    struct effects effects = {0};
    struct err err = {0};
    room->run.state = STATE_PREP;
    assert_true(engine_step(&room->run, &event, &effects, &err));
    effects_release(&effects);
}

/* Rows that were written into it in the last minutes before the files: a warning. */
static void what_was_still_written_is_said(void **state)
{
    (void)state;
    struct room room;
    struct strbuf out = {0};
    room_open_with(&room, room_plan, STR("select 1;"));
    give_lint(&room, up, "drop table orders;\n");
    hear_writes(&room, 100, 5000);
    hear_writes(&room, 140, 5000);
    say(&room, REPORT_MD, &out);
    see(&out, "| not known | 0 rows in 40 s | by name |");
    hear_writes(&room, 150, 5012);
    say(&room, REPORT_MD, &out);
    see(&out, "| not known | ▲ 12 rows in 50 s | by name |");
    see(&out, "| writes | orders | 12 rows in 50 s, and the plan drops or empties it |");
    say(&room, REPORT_JSON, &out);
    see(&out, "\"recent_writes\": {");
    see(&out, "\"at_least\": false");
    see(&out, "\"seconds\": 50");
    strbuf_release(&out);
    room_close(&room);
}

/* Who took it upon himself stands beside the finding, in the report and in report.json. */
static void an_override_stands_beside_its_finding(void **state)
{
    (void)state;
    struct room room;
    struct strbuf out = {0};
    struct run_block block = {.id = STR("001.D1"),
                              .source = STR("files"),
                              .rule = STR("D1"),
                              .text = STR("001.sql:1:1: DROP TABLE orders"),
                              .count = 1};
    room_open_with(&room, room_plan, STR("select 1;"));
    give_lint(&room, up, NULL);
    room.run.blocks = &block;
    room.run.block_count = 1;
    say(&room, REPORT_MD, &out);
    see(&out, "GO needs an override");
    see(&out, "There is no undo file.");
    block.overridden = true;
    block.who = STR("anna");
    block.why = STR("nobody reads it");
    say(&room, REPORT_MD, &out);
    see(&out, "overridden by anna: nobody reads it");
    say(&room, REPORT_JSON, &out);
    see(&out, "\"id\": \"001.D1\"");
    see(&out, "\"overridden\": true");
    see(&out, "\"named_by_plan\": false");
    strbuf_release(&out);
    room_close(&room);
}

static void nothing_found_is_said(void **state)
{
    (void)state;
    struct room room;
    struct strbuf out = {0};
    room_open_with(&room, room_plan, STR("select 1;"));
    give_lint(&room, "select 1;\n", NULL);
    say(&room, REPORT_MD, &out);
    see(&out, "Nothing that they destroy was found.");
    see(&out, "The rules found nothing.");
    see(&out, "No claim of the plan is contradicted.");
    room.setup.lint = NULL;
    say(&room, REPORT_MD, &out);
    see(&out, "Not known: the files were not judged.");
    strbuf_release(&out);
    room_close(&room);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_destroyed_stands_first),
        cmocka_unit_test(what_was_still_written_is_said),
        cmocka_unit_test(an_override_stands_beside_its_finding),
        cmocka_unit_test(nothing_found_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
