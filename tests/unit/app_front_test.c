/* SPDX-License-Identifier: PostgreSQL */
/*
 * The small parts under the fronts: output that never blocks, lines that people type,
 * the wrapping of text. Real pipes, no stand-ins.
 */
#include "base.h"
#include "front.h"
#include "front_lines.h"
#include "front_out.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

static void fault_F05_output_never_waits_for_its_reader(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    struct front_out out;
    front_out_init(&out, ends[1], NULL);
    for (int i = 0; i < 4000; i++) { /* far more than a pipe holds */
        front_out_format(&out, "line %d of a program whose reader has stopped\n", i);
        (void)front_out_flush(&out);
    }
    assert_false(front_out_flush(&out));
    assert_true(out.pending.len > 0);
    char bytes[65536];
    assert_true(read(ends[0], bytes, sizeof(bytes)) > 0);
    size_t before = out.pending.len;
    (void)front_out_flush(&out);
    assert_true(out.pending.len < before); /* it goes on once somebody reads */
    front_out_abandon(&out);
    assert_int_equal(out.pending.len, 0);
    front_out_release_blocking(&out);
    close(ends[0]);
    close(ends[1]);
}

/* A column of that name is no secret; whatever could be a value is one. */
static void a_statement_that_says_a_password_is_told_from_a_column(void **state)
{
    static const char *const secrets[] = {"create role a password 'x'",
                                          "alter role a password E'x'",
                                          "alter role a password $$x$$",
                                          "select dblink('host=h password=x')",
                                          "options (\"password\" 'x')",
                                          "select format('password %L', 'x')",
                                          "insert into u (password) values",
                                          "update u set password_hash = 'x'",
                                          "alter role a password /* */ 'x'",
                                          "insert into u (password, name) values",
                                          "do 'alter role a password ''x'' '",
                                          "set app.password to 'x'",
                                          "alter database d set app.smtp_password to 'x'",
                                          "alter system set my.password to 'x'",
                                          "insert into passwords values ('x')",
                                          "update passwords set value = 'x'",
                                          "select 1 from u where password in ('x')",
                                          "create table u (password text default 'x')",
                                          "comment on column u.password is 'x'"};
    static const char *const plain[] = {"create table u (password text not null)",
                                        "alter table u add column password_hash text;",
                                        "drop table if exists passwordrecovery;",
                                        "drop table passwords cascade;",
                                        "alter role a password null"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(secrets); i++) {
        assert_true(front_holds_secret(str_from(secrets[i])));
    }
    for (size_t i = 0; i < COUNT_OF(plain); i++) {
        assert_false(front_holds_secret(str_from(plain[i])));
    }
}

static void output_that_nobody_reads_is_dropped_and_said_so(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    struct front_out out;
    front_out_init(&out, ends[1], NULL);
    struct strbuf block = {0};
    strbuf_repeat(&block, 'x', 100000);
    for (int i = 0; i < 30; i++) {
        front_out_add(&out, strbuf_str(&block));
    }
    assert_true(out.dropped > 0);
    assert_true(out.pending.len <= 1200000);
    assert_non_null(strstr(out.pending.ptr, "bytes of output were dropped"));
    strbuf_release(&block);
    front_out_abandon(&out);
    front_out_release_blocking(&out);
    close(ends[0]);
    close(ends[1]);
}

static void fault_F04_output_to_a_closed_reader_is_given_up(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    struct front_out out;
    front_out_init(&out, ends[1], NULL);
    front_out_add(&out, STR("nobody is there\n"));
    assert_true(front_out_flush(&out));
    assert_int_equal(out.fd, -1);
    front_out_release_blocking(&out);
    close(ends[1]);
}

static void lines_come_whole_even_in_pieces(void **state)
{
    (void)state;
    int ends[2];
    struct arena arena = {0};
    struct front_lines lines;
    struct str line;
    assert_int_equal(pipe(ends), 0);
    front_lines_init(&lines, ends[0]);
    assert_int_equal(front_lines_next(&lines, &arena, &line), FRONT_LINE_NONE);
    assert_int_equal(write(ends[1], "  GO", 4), 4);
    front_lines_read(&lines);
    assert_int_equal(front_lines_next(&lines, &arena, &line), FRONT_LINE_NONE);
    assert_int_equal(write(ends[1], " now \r\nsecond\nthi", 17), 17);
    front_lines_read(&lines);
    assert_int_equal(front_lines_next(&lines, &arena, &line), FRONT_LINE);
    assert_true(str_eq(line, "GO now"));
    assert_int_equal(front_lines_next(&lines, &arena, &line), FRONT_LINE);
    assert_true(str_eq(line, "second"));
    close(ends[1]);
    front_lines_read(&lines);
    assert_int_equal(front_lines_next(&lines, &arena, &line), FRONT_LINE_END);
    front_lines_release(&lines);
    arena_release(&arena);
    close(ends[0]);
}

static void lines_that_are_no_text_are_refused(void **state)
{
    (void)state;
    int ends[2];
    struct arena arena = {0};
    struct front_lines lines;
    struct str line;
    char longest[6000];
    assert_int_equal(pipe(ends), 0);
    front_lines_init(&lines, ends[0]);
    assert_int_equal(write(ends[1], "caf\xe9\nGO\n", 8), 8);
    front_lines_read(&lines);
    assert_int_equal(front_lines_next(&lines, &arena, &line), FRONT_LINE_BAD);
    assert_int_equal(front_lines_next(&lines, &arena, &line), FRONT_LINE);
    memset(longest, 'x', sizeof(longest));
    assert_int_equal(write(ends[1], longest, sizeof(longest)), (long)sizeof(longest));
    front_lines_read(&lines);
    assert_int_equal(front_lines_next(&lines, &arena, &line), FRONT_LINE_NONE);
    assert_int_equal(write(ends[1], "tail\nGO\n", 8), 8);
    front_lines_read(&lines);
    /* The tail of a line that was too long is no line of its own. */
    assert_int_equal(front_lines_next(&lines, &arena, &line), FRONT_LINE_BAD);
    assert_int_equal(front_lines_next(&lines, &arena, &line), FRONT_LINE);
    assert_true(str_eq(line, "GO"));
    front_lines_release(&lines);
    arena_release(&arena);
    close(ends[0]);
    close(ends[1]);
}

static void what_was_typed_too_early_is_dropped(void **state)
{
    (void)state;
    int ends[2];
    struct arena arena = {0};
    struct front_lines lines;
    struct str line;
    assert_int_equal(pipe(ends), 0);
    front_lines_init(&lines, ends[0]);
    assert_int_equal(write(ends[1], "GO\nGO\n", 6), 6);
    front_lines_read(&lines);
    assert_int_equal(write(ends[1], "GO\n", 3), 3); /* not read yet: dropped, too */
    front_lines_drop(&lines);
    front_lines_read(&lines);
    assert_int_equal(front_lines_next(&lines, &arena, &line), FRONT_LINE_NONE);
    front_lines_release(&lines);
    arena_release(&arena);
    close(ends[0]);
    close(ends[1]);
}

static void wrapped_lines_fit_and_lose_nothing(void **state)
{
    (void)state;
    struct strbuf out = {0};
    front_wrap(&out, STR("the quick brown fox jumps over the lazy dog and goes home"), 20, 4);
    struct str rest = strbuf_str(&out);
    struct str line;
    while (str_cut(&rest, '\n', &line)) {
        assert_true(str_width(line) <= 20);
    }
    assert_string_equal(out.ptr, "the quick brown fox\n    jumps over the\n    lazy dog and\n"
                                 "    goes home");
    strbuf_clear(&out);
    front_wrap(&out, STR("aaaaaaaaaaaaaaaaaaaaaaaaa"), 10, 2); /* no blank to break at */
    assert_string_equal(out.ptr, "aaaaaaaaaa\n  aaaaaaaa\n  aaaaaaa");
    strbuf_clear(&out);
    front_wrap(&out, STR("look at /a/path/of/a/file now"), 20, 2); /* it is copied whole */
    assert_string_equal(out.ptr, "look at\n  /a/path/of/a/file\n  now");
    strbuf_clear(&out);
    front_wrap(&out, STR("see /a/very/long/path/of/some/file"), 20, 2);
    assert_string_equal(out.ptr, "see\n  /a/very/long/path/of/some/file");
    strbuf_clear(&out);
    front_wrap(&out, STR("\xe4\xb8\x96\xe7\x95\x8c\xe4\xb8\x96\xe7\x95\x8c"), 5, 0);
    assert_string_equal(out.ptr,
                        "\xe4\xb8\x96\xe7\x95\x8c\n\xe4\xb8\x96\xe7\x95\x8c"); /* wide ones */
    strbuf_release(&out);
}

/* After a COMMIT the numbers of before are not those of now, whatever screen tells them. */
static void what_was_counted_before_the_change_is_not_now(void **state)
{
    struct run run = {0};
    struct run_count count = {0};
    (void)state;
    for (int i = 0; i < MOMENT__COUNT; i++) {
        count.values[i] = -1;
    }
    run.snapshots[MOMENT_REVIEW].taken = true;
    count.values[MOMENT_REVIEW] = 9;
    assert_int_equal(front_count_now(&run, &count), 9);
    run.changed = true;
    assert_int_equal(front_count_now(&run, &count), -1);
    count.values[MOMENT_NOW] = 0;
    assert_int_equal(front_count_now(&run, &count), 0);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    (void)signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_counted_before_the_change_is_not_now),
        cmocka_unit_test(fault_F05_output_never_waits_for_its_reader),
        cmocka_unit_test(a_statement_that_says_a_password_is_told_from_a_column),
        cmocka_unit_test(output_that_nobody_reads_is_dropped_and_said_so),
        cmocka_unit_test(fault_F04_output_to_a_closed_reader_is_given_up),
        cmocka_unit_test(lines_come_whole_even_in_pieces),
        cmocka_unit_test(lines_that_are_no_text_are_refused),
        cmocka_unit_test(what_was_typed_too_early_is_dropped),
        cmocka_unit_test(wrapped_lines_fit_and_lose_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
