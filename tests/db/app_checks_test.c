/* SPDX-License-Identifier: PostgreSQL */
/*
 * Checks that wait together are asked in one go: each has its own transaction, settings and
 * verdict all the same, in the order of the plan; what cannot share a pipeline goes alone.
 * The server's own log is the witness of how they were asked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "app_walk.h"
#include "journal.h"

#define DATABASE "walk_checks"

struct check_case {
    const char *text; /* members of the check's mapping, after its id */
    enum outcome outcome;
    const char *why; /* part of the reason; "" for none */
    bool alone;      /* goes by itself */
};

/* Between the bad ones stand good ones, which nothing may touch. */
static const struct check_case cases[] = {
    {"sql: select 1, equals: 1", OUTCOME_OK, "", false},
    {"sql: select 1 / 0, equals: 1", OUTCOME_UNKNOWN, "division by zero", false},
    {"sql: select 2, equals: 2", OUTCOME_OK, "", false},
    {"sql: select 3, equals: 4", OUTCOME_FAILED, "3", false},
    {"sql: select pg_sleep(600), equals: 4", OUTCOME_UNKNOWN, "statement timeout", false},
    {"sql: \"values (5)\", equals: 5", OUTCOME_OK, "", false},
    {"sql: \"select n from generate_series(1, 21000) n\", exists: true", OUTCOME_OK, "", false},
    {"sql: \"select n from generate_series(1, 21000) n\", same_as: before", OUTCOME_UNKNOWN, "",
     false},
    {"sql: select nextval('numbers'), equals: 1", OUTCOME_UNKNOWN, "read-only transaction",
     false}, /* what `check` sees by itself is refused before anything is asked */
    {"sql: select pg_advisory_xact_lock(5) is null, equals: false", OUTCOME_OK, "", false},
    {"sql: \"select current_setting('app.tenant')\", equals: \"42\", "
     "as: { set: [{ name: app.tenant, value: \"42\" }] }",
     OUTCOME_OK, "", false},
    {"sql: \"select coalesce(current_setting('app.tenant', true), '')\", equals: \"\"",
     OUTCOME_OK, "", false},
    {"sql: select 1, equals: 1, as: { role: no_such_role }", OUTCOME_UNKNOWN, "no_such_role",
     false},
    {"sql: table kept, equals: 7", OUTCOME_OK, "", false},
    {"builtin: tables, equals: 1", OUTCOME_OK, "", false}, /* the ledger is ours */
    {"sql: select from no_such_table, empty: true", OUTCOME_UNKNOWN, "no_such_table", false},
    {"sql: show server_encoding, equals: UTF8", OUTCOME_OK, "", true},
    {"sql: select 11, equals: 11", OUTCOME_OK, "", true}, /* between two that go alone */
    {"sql: select 12, equals: 12, within: 30s", OUTCOME_OK, "", true},
    {"sql: (select 13), equals: 13", OUTCOME_OK, "", true},
    {"builtin: rows_per_kept_table, at_least: before", OUTCOME_OK, "", true},
    {"sql: select 14, equals: 14", OUTCOME_OK, "", false},
    {"sql: \"/* first */ -- then\\n SELECT count(*) from kept\", equals: 1", OUTCOME_OK, "",
     false},
};

/* ------------------------------------------------------------------- the plan */

static void write_plan(struct walk *walk, const struct check_case *list, size_t count)
{
    struct strbuf text = {0};
    strbuf_text(&text, "version: 1\nname: many checks\n"
                       "targets: [{ id: scratch, environment: scratch }]\n"
                       "ledger: { table: schema_migrations, style: plain, create: true }\n"
                       "safety: { statement_timeout: 1500ms }\n"
                       "state: { unlisted_changes: warn }\n"
                       "steps:\n  - { migration: \"001\", file: 001.sql, undo: none }\n"
                       "verification:\n  sets:\n    - name: all\n      checks:\n");
    for (size_t i = 0; i < count; i++) {
        strbuf_format(&text, "        - { id: Q%02zu, %s }\n", i + 1, list[i].text);
    }
    walk_write(walk, "plan.yaml", text.ptr);
    walk_write(walk, "001.sql", "select 1;\n");
    strbuf_release(&text);
}

static int setup(void **state)
{
    struct walk *walk = mem_zero(1, sizeof(*walk));
    walk_init(walk);
    *state = walk;
    return 0;
}

static int teardown(void **state)
{
    walk_release(*state);
    free(*state);
    return 0;
}

static void make_database(const struct test_server *server)
{
    test_database_create(server, DATABASE);
    test_execute(server, DATABASE,
                 "set role app_owner; create table kept (id int); insert into kept values (7); "
                 "create sequence numbers");
}

/* ----------------------------------------------------------------- the record */

struct told {
    enum outcome outcome;
    char why[300];
    int64_t us, together;
};

struct verdicts {
    struct told told[64];
    size_t count;
};

static bool take_event(void *ctx, const struct event *event, struct err *err)
{
    (void)err;
    struct verdicts *verdicts = ctx;
    if (event->kind == EVENT_CHECKED && verdicts->count < COUNT_OF(verdicts->told)) {
        assert_int_equal(event->place, PLACE_SET);
        struct told *told = &verdicts->told[verdicts->count++];
        told->outcome = event->outcome;
        told->us = event->us;
        told->together = event->value;
        (void)snprintf(told->why, sizeof(told->why), "%d: %.*s", event->check,
                       STR_ARG(event->detail));
    }
    return true;
}

static void read_record(const struct walk *walk, struct verdicts *verdicts)
{
    struct journal_log log;
    struct err err = {0};
    assert_true(journal_read(walk->directory, &log, &err));
    assert_true(journal_fold(&log, take_event, verdicts, &err));
    journal_log_release(&log);
}

/* How often the server's log holds `words`. */
static size_t count_in_log(const struct test_server *server, const char *words)
{
    char path[300];
    struct strbuf text = {0};
    struct err err = {0};
    size_t count = 0;
    (void)snprintf(path, sizeof(path), "%s/log", test_server_socket_dir(server));
    assert_true(files_read(AT_FDCWD, path, 64 << 20, &text, NULL, &err));
    for (const char *at = text.ptr; (at = strstr(at, words)) != NULL; at += strlen(words)) {
        count++;
    }
    strbuf_release(&text);
    return count;
}

/* ---------------------------------------------------------------------- tests */

static void each_check_of_a_batch_has_its_own_verdict(void **state)
{
    static const char *const settings[] = {"log_statement=all", NULL};
    struct walk *walk = *state;
    struct test_server *server = test_server_private(settings);
    struct verdicts verdicts = {0};
    size_t together = 0;
    make_database(server);
    write_plan(walk, cases, COUNT_OF(cases));
    int code = walk_run(walk, server, DATABASE);
    if (code != 5) {
        printf("# %s: %s\n", walk->err.message, walk->err.detail);
    }
    assert_int_equal(code, 5);
    read_record(walk, &verdicts);
    assert_true(verdicts.count >= COUNT_OF(cases));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char at[16];
        (void)snprintf(at, sizeof(at), "%zu: ", i);
        bool right = verdicts.told[i].outcome == cases[i].outcome &&
                     strstr(verdicts.told[i].why, at) == verdicts.told[i].why &&
                     strstr(verdicts.told[i].why, cases[i].why) != NULL;
        if (!right) {
            printf("# Q%02zu %s: %s, \"%s\"\n", i + 1, cases[i].text,
                   outcome_words[verdicts.told[i].outcome], verdicts.told[i].why);
        }
        assert_true(right);
        /* Answers that come in one go have no time of their own: what they say is that. */
        bool shared = verdicts.told[i].together > 1;
        assert_int_equal(shared, !cases[i].alone);
        bool grows = i == 0 || !shared || verdicts.told[i - 1].together < 2 ||
                     verdicts.told[i].us >= verdicts.told[i - 1].us;
        assert_true(verdicts.told[i].us > 0 && grows);
        together += !cases[i].alone;
    }
    assert_int_equal(count_in_log(server, "execute <unnamed>: begin transaction read only"),
                     together * verdicts.count / COUNT_OF(cases));
    assert_int_equal(test_query_number(server, DATABASE, "select count(*) from kept"), 1);
    test_server_free(server);
}

static void disarm(struct walk *walk, const struct run *run)
{
    (void)walk;
    if (run->set_count > 0 && run->sets[0][0].runs > 0 && !run->connected[SESSION_CHECK]) {
        test_execute(test_server_get(), DATABASE, "truncate armed");
    }
}

/* The second of three ends its own session, once: the first has its answer, and no other. */
static void lost_batch_keeps_the_answers_that_came(void **state)
{
    static const struct check_case list[] = {
        {"sql: select 1, equals: 1", OUTCOME_OK, "", false},
        {"sql: select count(pg_terminate_backend(pg_backend_pid())) from armed, equals: 0",
         OUTCOME_OK, "", false},
        {"sql: select 3, equals: 3", OUTCOME_OK, "", false},
    };
    struct walk *walk = *state;
    struct verdicts verdicts = {0};
    make_database(test_server_get());
    test_execute(test_server_get(), DATABASE,
                 "set role app_owner; create table armed as select 1 as one");
    write_plan(walk, list, COUNT_OF(list));
    walk->watch = disarm;
    assert_int_equal(walk_run(walk, test_server_get(), DATABASE), 0);
    read_record(walk, &verdicts);
    static const char *const told[] = {"0: ", "0: ", "1: ", "2: ", "0: ", "1: ", "2: "};
    assert_int_equal(verdicts.count, COUNT_OF(told)); /* the last three: at the end of all */
    for (size_t i = 0; i < verdicts.count; i++) {
        assert_string_equal(verdicts.told[i].why, told[i]);
        assert_int_equal(verdicts.told[i].outcome, OUTCOME_OK);
    }
    test_database_drop(test_server_get(), DATABASE);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    (void)alarm(300); /* watchdog */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_check_of_a_batch_has_its_own_verdict, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(lost_batch_keeps_the_answers_that_came, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
