/* SPDX-License-Identifier: PostgreSQL */
/*
 * Four endings in six formats, byte for byte as committed in tests/golden/report.
 * GONOGO_GOLDEN=write writes them again: read the difference like code.
 */
#include "report_room.h"
#include "testing.h"

static const struct {
    const char *name;
    void (*set)(struct room *room);
    int exit_code;
    const char *outcome;
} endings[] = {
    {"completed", room_completed, 0, "COMPLETED WITH 1 ACCEPTED NOTE"},
    {"rolled-back", room_rolled_back, 8, "ROLLED BACK, EQUAL TO BEFORE"},
    {"failed", room_failed, 3, "FAILED"},
    {"stopped", room_stopped, 6, "STOPPED"},
};

static const struct {
    enum report_format format;
    const char *ending;
} formats[] = {
    {REPORT_MD, "md"},     {REPORT_HTML, "html"}, {REPORT_JSON, "json"},
    {REPORT_JUNIT, "xml"}, {REPORT_TAP, "tap"},   {REPORT_GITHUB, "github"},
};

static void compare(const char *path, struct str text)
{
    const char *wish = getenv("GONOGO_GOLDEN");
    struct strbuf golden = {0};
    if (wish && strcmp(wish, "write") == 0) {
        test_write_file(path, text);
        return;
    }
    if (!test_read_file(path, 0, &golden)) {
        fail_msg("%s is not there: run with GONOGO_GOLDEN=write", path);
    }
    size_t at = 0;
    while (at < golden.len && at < text.len && golden.ptr[at] == text.ptr[at]) {
        at++;
    }
    if (golden.len != text.len || at != golden.len) {
        fail_msg("%s differs at byte %zu: now \"%.60s\"", path, at, text.ptr + at);
    }
    strbuf_release(&golden);
}

static void reports_are_as_committed(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(endings); i++) {
        struct room room;
        room_open_with(&room, room_plan, STR("BEGIN;\nDROP TABLE c;\nCOMMIT;\n"));
        endings[i].set(&room);
        assert_int_equal(engine_exit_code(&room.run), endings[i].exit_code);
        struct str outcome = report_outcome(&room.run, &room.arena);
        assert_string_equal(str_text(&room.arena, outcome), endings[i].outcome);
        const struct report *report = report_build(&room.run, &room.context, &room.arena);
        for (size_t k = 0; k < COUNT_OF(formats); k++) {
            struct strbuf out = {0};
            report_write(report, formats[k].format, &out);
            struct str path = str_format(&room.arena, "%s/tests/golden/report/%s.%s",
                                         test_root(), endings[i].name, formats[k].ending);
            compare(path.ptr, strbuf_str(&out));
            strbuf_release(&out);
        }
        room_close(&room);
    }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {cmocka_unit_test(reports_are_as_committed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
