/* SPDX-License-Identifier: PostgreSQL */
/*
 * Looking without changing: the preflight, the fold of a run, the verification of its
 * record after somebody's hand was in it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "app_small.h"

static int preflight(struct walk *walk, struct strbuf *out)
{
    struct app_plan plan;
    struct err err = {0};
    assert_true(app_plan_load(&plan, walk->plan, &err));
    assert_true(plan.good);
    struct app_connection connection = {.host = test_server_socket_dir(test_server_get()),
                                        .port = test_server_port(test_server_get()),
                                        .user = "app_owner",
                                        .database = SMALL_DATABASE};
    const struct plan_target *target = app_plan_target(&plan, NULL, &err);
    assert_non_null(target);
    int code = app_preflight(&plan, target, &connection, out, &err);
    if (err.kind != ERR_NONE) {
        print_message("# %s: %s\n", err.message, err.detail);
    }
    app_plan_release(&plan);
    return code;
}

static void the_preflight_of_a_right_database_ends_with_0(void **state)
{
    struct strbuf out = {0};
    int code = preflight(*state, &out);
    if (code != 0) {
        print_message("%s", out.ptr);
    }
    assert_int_equal(code, 0);
    assert_non_null(strstr(out.ptr, "1 here, the plan starts from 1"));
    strbuf_release(&out);
}

static void the_preflight_finds_wrong_counts_and_changes_nothing(void **state)
{
    struct strbuf out = {0};
    test_execute(test_server_get(), SMALL_DATABASE, "delete from customers where id = 1");
    assert_int_equal(preflight(*state, &out), 5);
    assert_non_null(strstr(out.ptr, "NOT OK"));
    assert_int_equal(small_number("select count(*) from customers"), 2);
    strbuf_release(&out);
}

static void the_preflight_refuses_another_server(void **state)
{
    struct walk *walk = *state;
    struct strbuf out = {0};
    small_plan(walk, ", system_identifier: \"12\"", "");
    assert_int_equal(preflight(walk, &out), 4);
    strbuf_release(&out);
}

/* A zone that is a name is converted by the server: summer time included. */
static void a_named_time_zone_gives_the_window_in_utc(void **state)
{
    struct walk *walk = *state;
    struct strbuf plan = {0};
    struct err err = {0};
    assert_true(files_read(AT_FDCWD, walk->plan, 1 << 20, &plan, NULL, &err));
    char *zone = strstr(plan.ptr, "timezone: UTC, opens: \"08:00\", closes: \"12:00\"");
    assert_non_null(zone);
    struct strbuf text = {0};
    strbuf_add(&text, (struct str){plan.ptr, (size_t)(zone - plan.ptr)});
    strbuf_text(&text, "timezone: Europe/Berlin, opens: \"09:00\", closes: \"13:00\"");
    strbuf_text(&text, zone + strlen("timezone: UTC, opens: \"08:00\", closes: \"12:00\""));
    walk_write(walk, "plan.yaml", text.ptr);
    strbuf_release(&text);
    strbuf_release(&plan);
    small_run(walk);
    struct app_fold fold;
    assert_true(app_fold(&fold, NULL, walk->runs, &err));
    assert_int_equal(fold.run.opens_us, INT64_C(1706688000000000));
    assert_int_equal(fold.run.closes_us, INT64_C(1706702400000000));
    assert_int_equal(fold.run.day_us, INT64_C(1706655600000000));
    app_fold_release(&fold);
}

/* ------------------------------------------------------------- verification */

static void the_record_of_a_run_verifies(void **state)
{
    struct walk *walk = *state;
    struct strbuf out = {0};
    struct err err = {0};
    assert_code(walk, small_run(walk), 0);
    bool well = app_report_verify(NULL, walk->runs, &out, &err);
    if (!well) {
        print_message("%s", out.ptr);
    }
    assert_true(well);
    strbuf_release(&out);
}

static void change_byte(const char *path, off_t at)
{
    char byte;
    int fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte ^= 1;
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    close(fd);
}

static void a_changed_record_does_not_verify(void **state)
{
    struct walk *walk = *state;
    struct strbuf out = {0};
    struct err err = {0};
    char path[512];
    assert_code(walk, small_run(walk), 0);
    snprintf(path, sizeof(path), "%s/%s", walk->directory, JOURNAL_FILE);
    change_byte(path, 9000);
    assert_false(app_report_verify(NULL, walk->runs, &out, &err));
    assert_non_null(strstr(out.ptr, "altered"));
    assert_int_equal(walk_resume(walk), 11);
    strbuf_release(&out);
}

static void a_changed_stored_file_does_not_verify(void **state)
{
    struct walk *walk = *state;
    struct strbuf out = {0};
    struct err err = {0};
    struct journal_log log;
    char path[512];
    assert_code(walk, small_run(walk), 0);
    assert_true(journal_read(walk->directory, &log, &err));
    snprintf(path, sizeof(path), "%s/%.*s", walk->directory,
             STR_ARG(log.head.files.items[1].value));
    journal_log_release(&log);
    change_byte(path, 3);
    assert_false(app_report_verify(NULL, walk->runs, &out, &err));
    struct app_fold fold;
    assert_false(app_fold(&fold, NULL, walk->runs, &err));
    strbuf_release(&out);
}

/* The tail cut off at a line end: only the report's anchor shows it. */
static void a_cut_tail_does_not_verify(void **state)
{
    struct walk *walk = *state;
    struct strbuf out = {0};
    struct strbuf bytes = {0};
    struct err err = {0};
    char path[512];
    assert_code(walk, small_run(walk), 0);
    snprintf(path, sizeof(path), "%s/report/report.json", walk->directory);
    assert_int_equal(access(path, F_OK), 0);
    snprintf(path, sizeof(path), "%s/%s", walk->directory, JOURNAL_FILE);
    assert_true(files_read(AT_FDCWD, path, JOURNAL_SIZE_MAX, &bytes, NULL, &err));
    size_t end = bytes.len;
    for (int lines = 0; lines < 7; end--) {
        lines += bytes.ptr[end - 1] == '\n' ? 1 : 0;
    }
    assert_int_equal(truncate(path, (off_t)end + 1), 0);
    assert_false(app_report_verify(NULL, walk->runs, &out, &err));
    assert_non_null(strstr(out.ptr, "anchor"));
    strbuf_release(&bytes);
    strbuf_release(&out);
}

int main(void)
{
#define WALK(test) cmocka_unit_test_setup_teardown(test, small_setup, small_teardown)
    const struct CMUnitTest tests[] = {
        WALK(the_preflight_of_a_right_database_ends_with_0),
        WALK(the_preflight_finds_wrong_counts_and_changes_nothing),
        WALK(the_preflight_refuses_another_server),
        WALK(a_named_time_zone_gives_the_window_in_utc),
        WALK(the_record_of_a_run_verifies),
        WALK(a_changed_record_does_not_verify),
        WALK(a_changed_stored_file_does_not_verify),
        WALK(a_cut_tail_does_not_verify),
    };
#undef WALK
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
