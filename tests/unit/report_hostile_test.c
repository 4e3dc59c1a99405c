/* SPDX-License-Identifier: PostgreSQL */
/*
 * Hostile text in every place where a database or a person can put some: no format may
 * carry a control sequence, a reordering mark or live markup out of it. Also: the HTML
 * and the XML are balanced, secrets stay out, unknown is called unknown, and the parts
 * that a plan leaves out are left out.
 */
#include "report_room.h"

#define IDENTIFIER "a123456789b123456789c123456789d123456789e123456789f123456789xyz"
#define HOSTILE                                                                                \
    "\x1b[31m</script><script>alert(1)</script> | `code` *b* [l](javascript:x) # \xe2\x80\xae" \
    "\xff & \"q\" 'a'\nline\r\n::error::x ]]> <!-- -- " IDENTIFIER

static void make_hostile(struct room *room)
{
    static struct event_change changes[] = {
        {{"tables", 6}, {HOSTILE, sizeof(HOSTILE) - 1}, CHANGE_NEW, false, {0}, {0}}};
    static struct event_item blockers[] = {
        {.name = {HOSTILE, sizeof(HOSTILE) - 1}, .text = {HOSTILE, sizeof(HOSTILE) - 1}}};
    struct run *run = &room->run;
    struct str hostile = STR(HOSTILE);
    room_failed(room);
    run->blockers = blockers;
    run->blocker_count = 1;
    run->database = run->server_text = run->operator_name = run->hold_reason = hostile;
    run->hold_by = run->digest = hostile;
    room_now(room, MOMENT_NOW, 7, changes, 1);
    run->scripts[1].failure = run->scripts[1].failure_state = hostile;
    run->scripts[1].settled_by = hostile;
    run->scripts[1].statements[0].text = run->scripts[1].statements[0].sqlstate = hostile;
    run->scripts[0].checks[0].outcome = OUTCOME_FAILED;
    run->scripts[0].checks[0].actual = run->scripts[0].checks[0].why = hostile;
    run->sets[0][0].outcome = OUTCOME_FAILED;
    run->sets[0][0].why = run->sets[0][0].accepted_by = hostile;
    run->sets[0][0].accepted_why = hostile;
    run->sets[0][0].accepted = true;
    run->sets[0][1].outcome = OUTCOME_UNKNOWN;
    run->sets[0][1].why = hostile;
    run->items[0].text = run->items[0].who = hostile;
    run->backups[0].name = run->backups[0].detail = run->backups[0].hash = hostile;
    run->votes[0].who = run->votes[0].why = run->votes[0].role = hostile;
    run->counts[0].accepted = true;
    run->counts[0].who = run->counts[0].why = hostile;
    run->criteria[0].actual = run->criteria[0].who = hostile;
    run->probes[0].breached = true;
    run->probes[0].who = run->probes[0].why = run->probes[0].breach = hostile;
    room_remark(room, HOSTILE, HOSTILE, HOSTILE, HOSTILE, false);
    room_remark(room, "accepted", HOSTILE, HOSTILE, HOSTILE, true);
    room->context.connection = room->context.version = room->context.chain = hostile;
    room->context.journal_head = room->context.directory = hostile;
}

static void must_not_have(const struct strbuf *out, const char *what, enum report_format format)
{
    const char *found = strstr(out->ptr, what);
    if (found) {
        fail_msg("%s holds \"%s\": %.80s", report_format_words[format], what, found);
    }
}

static void fault_F42_no_format_lets_hostile_text_out(void **state)
{
    (void)state;
    struct room room;
    room_open_with(&room, room_plan,
                   STR("SELECT '</script>\x1b[2J' AS \"| `x`\" /* \xe2\x80\xae ]]> */;\n"));
    make_hostile(&room);
    const struct report *report = report_build(&room.run, &room.context, &room.arena);
    for (int i = 0; i < REPORT_FORMAT__COUNT; i++) {
        enum report_format format = (enum report_format)i;
        struct strbuf out = {0};
        report_write(report, format, &out);
        assert_int_equal(strlen(out.ptr), out.len);
        assert_int_equal(utf8_invalid_at(strbuf_str(&out)), out.len);
        for (size_t k = 0; k < out.len; k++) {
            unsigned char byte = (unsigned char)out.ptr[k];
            assert_true(byte == '\n' || (byte >= 0x20 && byte != 0x7f));
        }
        must_not_have(&out, "\xe2\x80\xae", format);
        must_not_have(&out, "\n::error::x", format);
        must_not_have(&out, "canary", format);
        bool markup = format == REPORT_MD || format == REPORT_HTML || format == REPORT_JUNIT;
        if (markup) {
            must_not_have(&out, "<script", format);
            must_not_have(&out, "</script", format);
            must_not_have(&out, "<!-- ", format);
        }
        assert_non_null(strstr(out.ptr, IDENTIFIER));
        assert_non_null(strstr(out.ptr, "x1b[31m") ? out.ptr : strstr(out.ptr, "x1b\\[31m"));
        strbuf_release(&out);
    }
    room_close(&room);
}

/* Every row of a Markdown table has as many unescaped bars as its head. */
static void markdown_tables_keep_their_columns(void **state)
{
    (void)state;
    struct room room;
    struct strbuf out = {0};
    room_open_with(&room, room_plan, STR("SELECT 'a|b' AS \"c|d\";\n"));
    make_hostile(&room);
    report_write(report_build(&room.run, &room.context, &room.arena), REPORT_MD, &out);
    struct str rest = strbuf_str(&out);
    struct str line;
    size_t wanted = 0;
    size_t rows = 0;
    while (str_cut(&rest, '\n', &line)) {
        size_t bars = 0;
        for (size_t i = 0; str_starts(line, "|") && i < line.len; i++) {
            bars += line.ptr[i] == '|' ? 1 : 0;
            i += line.ptr[i] == '\\' ? 1 : 0; /* what is escaped does not count */
        }
        if (bars == 0) {
            wanted = 0;
            continue;
        }
        wanted = wanted == 0 ? bars : wanted;
        assert_int_equal(bars, wanted);
        rows++;
    }
    assert_true(rows > 40);
    assert_null(strstr(out.ptr, "l](javascript"));
    strbuf_release(&out);
    room_close(&room);
}

enum {
    TAGS_MAX = 64
};

/* Each element that is opened is closed, in order; void elements of HTML are left out. */
static void check_balance(struct str text)
{
    struct str open[TAGS_MAX];
    size_t depth = 0;
    for (size_t at = str_find_byte(text, '<', 0); at < text.len;
         at = str_find_byte(text, '<', at + 1)) {
        size_t end = str_find_byte(text, '>', at);
        assert_true(end < text.len);
        struct str tag = str_slice(text, at + 1, end - at - 1);
        bool closing = str_starts(tag, "/");
        struct str name = str_slice(tag, closing ? 1 : 0, tag.len);
        name.len = str_find_byte(name, ' ', 0);
        if (str_starts(tag, "!") || str_starts(tag, "?") || str_ends(tag, "/") ||
            str_eq(name, "meta")) {
            continue;
        }
        if (closing) {
            assert_true(depth > 0 && str_is(open[depth - 1], name));
            depth--;
        } else {
            assert_true(depth < TAGS_MAX);
            open[depth++] = name;
        }
    }
    assert_int_equal(depth, 0);
}

static void html_and_xml_are_balanced(void **state)
{
    (void)state;
    static void (*const endings[])(struct room *) = {room_completed, room_rolled_back,
                                                     room_failed, room_stopped, make_hostile};
    for (size_t i = 0; i < COUNT_OF(endings); i++) {
        struct room room;
        room_open_with(&room, room_plan, STR("DROP TABLE c;\n"));
        endings[i](&room);
        const struct report *report = report_build(&room.run, &room.context, &room.arena);
        struct strbuf out = {0};
        report_write(report, REPORT_HTML, &out);
        check_balance(strbuf_str(&out));
        strbuf_clear(&out);
        report_write(report, REPORT_JUNIT, &out);
        check_balance(strbuf_str(&out));
        strbuf_release(&out);
        room_close(&room);
    }
}

static void unknown_is_said_and_never_invented(void **state)
{
    (void)state;
    struct room room;
    struct strbuf out = {0};
    room_open_with(&room, room_plan, STR("DROP TABLE c;\n"));
    room_completed(&room);
    room.run.scripts[1].state = SCRIPT_UNKNOWN;
    room.run.scripts[1].commit_sent = true;
    room.run.snapshots[MOMENT_LAST].taken = false;
    assert_string_equal(report_outcome_word(&room.run), "unknown");
    report_write(report_build(&room.run, &room.context, &room.arena), REPORT_MD, &out);
    assert_non_null(strstr(out.ptr, "UNKNOWN (exit code 9"));
    assert_non_null(strstr(out.ptr, "002: it is not known whether it is committed; COMMIT was "
                                    "sent and not answered"));
    assert_non_null(strstr(out.ptr, "| tables | 3 | not known | 2 | ? | ? not known |"));
    strbuf_release(&out);
    room_close(&room);
}

static void the_plan_says_which_parts_are_in(void **state)
{
    (void)state;
    int only[] = {PLAN_PART_VERIFICATION};
    struct room room;
    struct strbuf out = {0};
    room_open_with(&room, room_plan, STR("DROP TABLE c;\n"));
    room_completed(&room);
    room.plan->report.include = (struct plan_words){only, COUNT_OF(only)};
    report_write(report_build(&room.run, &room.context, &room.arena), REPORT_MD, &out);
    assert_non_null(strstr(out.ptr, "\n## Verification\n"));
    assert_non_null(strstr(out.ptr, "\n## Overridden and accepted\n"));
    assert_null(strstr(out.ptr, "\n## Execution log\n"));
    assert_null(strstr(out.ptr, "\n## Log\n"));
    assert_null(strstr(out.ptr, "\n## Monitoring\n"));
    assert_null(strstr(out.ptr, "\n### Sign-off\n"));
    strbuf_release(&out);
    room_close(&room);
}

static void formats_and_names(void **state)
{
    (void)state;
    struct report_formats formats;
    struct err err = {0};
    struct room room;
    assert_true(report_formats_parse(STR(" json, md,json"), &formats, &err));
    assert_int_equal(formats.count, 2);
    assert_int_equal(formats.items[0], REPORT_JSON);
    assert_true(report_formats_parse(STR(""), &formats, &err));
    assert_int_equal(formats.count, 4);
    assert_false(report_formats_parse(STR("pdf"), &formats, &err));
    assert_int_equal(err.kind, ERR_USAGE);
    room_open_with(&room, room_plan, STR("DROP TABLE c;\n"));
    assert_true(str_eq(report_named_file(room.plan, &room.arena), "SMALL_REPORT.md"));
    static const char *const refused[] = {"REPORT", "report.md", "../x", ".hidden", "a/b", ""};
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        room.plan->report.name = str_from(refused[i]);
        assert_int_equal(report_named_file(room.plan, &room.arena).len, 0);
    }
    room_close(&room);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fault_F42_no_format_lets_hostile_text_out),
        cmocka_unit_test(markdown_tables_keep_their_columns),
        cmocka_unit_test(html_and_xml_are_balanced),
        cmocka_unit_test(unknown_is_said_and_never_invented),
        cmocka_unit_test(the_plan_says_which_parts_are_in),
        cmocka_unit_test(formats_and_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
