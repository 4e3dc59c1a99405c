/* SPDX-License-Identifier: PostgreSQL */
/*
 * A script of thousands of statements: pages list what people look for and count the
 * rest; report.json has every one, and comes in pieces that never grow with the script.
 */
#include "report_room.h"

enum {
    MANY = 3000,
    FAILED = 2500,
    SLOW = 1700,
    PIECE_MAX = 1 << 18
};

static void make_long(struct room *room, struct strbuf *sql)
{
    for (int i = 0; i < MANY; i++) {
        strbuf_format(sql, "INSERT INTO c VALUES (%d);\n", i);
    }
    room_open_with(room, room_plan, strbuf_str(sql));
    room_completed(room);
    struct run_script *script = &room->run.scripts[1];
    script->attempts = 1;
    for (size_t i = script->first; i < script->last; i++) {
        script->statements[i] = (struct run_statement){
            .outcome = OUTCOME_OK, .tag = STR("INSERT 0 1"), .rows = 1, .us = 10};
    }
    script->statements[SLOW].us = US_PER_SECOND;
    script->statements[FAILED].outcome = OUTCOME_FAILED;
    script->statements[FAILED].text = STR("no room for it");
}

static size_t count_of(struct str text, const char *word)
{
    size_t count = 0;
    struct str line;
    while (str_cut(&text, '\n', &line)) {
        count += strstr(line.ptr, word) != NULL && strstr(line.ptr, word) < line.ptr + line.len;
    }
    return count;
}

static void a_page_lists_first_slowest_and_failed(void **state)
{
    (void)state;
    struct room room;
    struct strbuf sql = {0};
    struct strbuf out = {0};
    make_long(&room, &sql);
    report_write(report_build(&room.run, &room.context, &room.arena), REPORT_MD, &out);
    assert_non_null(strstr(out.ptr, "2898 of 3000 statements are not listed here"));
    assert_int_equal(count_of(strbuf_str(&out), "INSERT INTO c VALUES"), MANY - 2898);
    assert_non_null(strstr(out.ptr, "VALUES (99)"));
    assert_non_null(strstr(out.ptr, "VALUES (1700)"));
    assert_non_null(strstr(out.ptr, "VALUES (2500)"));
    assert_null(strstr(out.ptr, "VALUES (2000)"));
    strbuf_release(&out);
    strbuf_release(&sql);
    room_close(&room);
}

struct pieces {
    struct strbuf all;
    size_t longest;
    size_t count;
};

static void take(void *ctx, struct str piece)
{
    struct pieces *pieces = ctx;
    pieces->longest = piece.len > pieces->longest ? piece.len : pieces->longest;
    pieces->count++;
    strbuf_add(&pieces->all, piece);
}

static void json_has_every_statement_in_small_pieces(void **state)
{
    (void)state;
    struct room room;
    struct strbuf sql = {0};
    struct strbuf whole = {0};
    struct pieces pieces = {0};
    struct err err = {0};
    make_long(&room, &sql);
    const struct report *report = report_build(&room.run, &room.context, &room.arena);
    report_write(report, REPORT_JSON, &whole);
    report_write_pieces(report, REPORT_JSON, &(struct report_drain){take, &pieces});
    assert_true(str_is(strbuf_str(&whole), strbuf_str(&pieces.all)));
    assert_true(pieces.count > 3);
    assert_true(pieces.longest < PIECE_MAX);
    struct json *json = json_read(strbuf_str(&whole), &err);
    assert_non_null(json);
    const struct json *script = json_at(json_find(json, "migrations"), 1);
    const struct json *statements = json_find(script, "statements");
    assert_int_equal(json_count(statements), MANY);
    struct str text = json_text(json_find(json_at(statements, FAILED), "sql"));
    assert_true(str_eq(text, "INSERT INTO c VALUES (2500);"));
    json_free(json);
    strbuf_release(&pieces.all);
    strbuf_release(&whole);
    strbuf_release(&sql);
    room_close(&room);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_lists_first_slowest_and_failed),
        cmocka_unit_test(json_has_every_statement_in_small_pieces),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
