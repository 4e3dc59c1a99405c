/* SPDX-License-Identifier: PostgreSQL */
/*
 * What `check --format sarif` writes, held against SARIF 2.1.0: every object, its members,
 * their types, words and least values as the standard has them, in one table. The table holds
 * what we write and what is required, nothing else: a new member fails until its row is there.
 * What no schema says is judged apart: that a rule's index leads to the rule, that a place is
 * relative to a base that is declared, that regions do not end before they begin, that no
 * fingerprint comes twice, and that fingerprints outlive a move.
 */
#include "base.h"
#include "files.h"
#include "pty.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

enum type {
    TEXT,
    URI,
    INTEGER, /* at least `least` */
    NUMBER,  /* 0 to 100 */
    BOOLEAN,
    OBJECT, /* `of` */
    ARRAY,  /* of objects `of`, at least `least` of them */
    MAP,    /* any names; values are `of`, or texts when that is empty */
    BAG,    /* a property bag: whatever the tool likes */
};

/*
 * object    as the schema calls it
 * section   of the standard, for the object
 * name      of the member
 * of        what it holds
 * least     of an integer, of an array's length
 * required  must it be there?
 * words     of an enumeration, blanks between; empty: any text
 */
static const struct member {
    const char *object, *section, *name;
    enum type type;
    const char *of;
    int least;
    bool required;
    const char *words;
} members[] = {
    {"sarifLog", "3.13", "$schema", URI, "", 0, false, ""},
    {"sarifLog", "3.13", "version", TEXT, "", 0, true, "2.1.0"},
    {"sarifLog", "3.13", "runs", ARRAY, "run", 0, true, ""},
    {"run", "3.14", "tool", OBJECT, "tool", 0, true, ""},
    {"run", "3.14", "invocations", ARRAY, "invocation", 0, false, ""},
    {"run", "3.14", "originalUriBaseIds", MAP, "artifactLocation", 0, false, ""},
    {"run", "3.14", "columnKind", TEXT, "", 0, false, "utf16CodeUnits unicodeCodePoints"},
    {"run", "3.14", "results", ARRAY, "result", 0, false, ""},
    {"tool", "3.18", "driver", OBJECT, "toolComponent", 0, true, ""},
    {"toolComponent", "3.19", "name", TEXT, "", 0, true, ""},
    {"toolComponent", "3.19", "version", TEXT, "", 0, false, ""},
    {"toolComponent", "3.19", "rules", ARRAY, "reportingDescriptor", 0, false, ""},
    {"reportingDescriptor", "3.49", "id", TEXT, "", 0, true, ""},
    {"reportingDescriptor", "3.49", "shortDescription", OBJECT, "multiformatMessageString", 0,
     false, ""},
    {"reportingDescriptor", "3.49", "fullDescription", OBJECT, "multiformatMessageString", 0,
     false, ""},
    {"reportingDescriptor", "3.49", "help", OBJECT, "multiformatMessageString", 0, false, ""},
    {"reportingDescriptor", "3.49", "defaultConfiguration", OBJECT, "reportingConfiguration", 0,
     false, ""},
    {"reportingDescriptor", "3.49", "properties", BAG, "", 0, false, ""},
    {"multiformatMessageString", "3.12", "text", TEXT, "", 0, true, ""},
    {"multiformatMessageString", "3.12", "markdown", TEXT, "", 0, false, ""},
    {"reportingConfiguration", "3.50", "level", TEXT, "", 0, false, "none note warning error"},
    {"message", "3.11", "text", TEXT, "", 0, true, ""},
    {"invocation", "3.20", "executionSuccessful", BOOLEAN, "", 0, true, ""},
    {"invocation", "3.20", "exitCode", INTEGER, "", INT32_MIN, false, ""},
    {"invocation", "3.20", "exitCodeDescription", TEXT, "", 0, false, ""},
    {"invocation", "3.20", "toolExecutionNotifications", ARRAY, "notification", 0, false, ""},
    {"notification", "3.58", "message", OBJECT, "message", 0, true, ""},
    {"notification", "3.58", "level", TEXT, "", 0, false, "none note warning error"},
    {"result", "3.27", "ruleId", TEXT, "", 0, false, ""},
    {"result", "3.27", "ruleIndex", INTEGER, "", -1, false, ""},
    {"result", "3.27", "level", TEXT, "", 0, false, "none note warning error"},
    {"result", "3.27", "message", OBJECT, "message", 0, true, ""},
    {"result", "3.27", "locations", ARRAY, "location", 0, false, ""},
    {"result", "3.27", "partialFingerprints", MAP, "", 0, false, ""},
    {"result", "3.27", "suppressions", ARRAY, "suppression", 0, false, ""},
    {"result", "3.27", "rank", NUMBER, "", -1, false, ""},
    {"result", "3.27", "properties", BAG, "", 0, false, ""},
    {"location", "3.28", "physicalLocation", OBJECT, "physicalLocation", 0, false, ""},
    {"physicalLocation", "3.29", "artifactLocation", OBJECT, "artifactLocation", 0, true, ""},
    {"physicalLocation", "3.29", "region", OBJECT, "region", 0, false, ""},
    {"artifactLocation", "3.4", "uri", URI, "", 0, false, ""},
    {"artifactLocation", "3.4", "uriBaseId", TEXT, "", 0, false, ""},
    {"artifactLocation", "3.4", "description", OBJECT, "message", 0, false, ""},
    {"region", "3.30", "startLine", INTEGER, "", 1, false, ""},
    {"region", "3.30", "startColumn", INTEGER, "", 1, false, ""},
    {"region", "3.30", "endLine", INTEGER, "", 1, false, ""},
    {"region", "3.30", "endColumn", INTEGER, "", 1, false, ""},
    {"suppression", "3.35", "kind", TEXT, "", 0, true, "inSource external"},
    {"suppression", "3.35", "status", TEXT, "", 0, false, "accepted underReview rejected"},
    {"suppression", "3.35", "justification", TEXT, "", 0, false, ""},
};

/* ------------------------------------------------------------------ the schema */

#define WRONG(member, what)                                                                    \
    fail_msg("%s.%s (section %s): %s", (member)->object, (member)->name, (member)->section,    \
             (what))

static bool is_word_of(struct str text, const char *words)
{
    struct str rest = str_from(words);
    struct str word;
    while (str_cut(&rest, ' ', &word)) {
        if (str_is(word, text)) {
            return true;
        }
    }
    return words[0] == '\0';
}

/* RFC 3986: unreserved, reserved, or a byte in hex. */
static bool is_uri(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool letter =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        bool hex = c == '%' && i + 2 < text.len &&
                   strchr("0123456789ABCDEF", text.ptr[i + 1]) &&
                   strchr("0123456789ABCDEF", text.ptr[i + 2]);
        if (!letter && !hex && !strchr("-._~:/?#@!$&'()*+,;=", c)) {
            return false;
        }
    }
    return text.len > 0;
}

static const struct member *find_member(const char *object, struct str name)
{
    for (size_t i = 0; i < COUNT_OF(members); i++) {
        if (strcmp(members[i].object, object) == 0 && str_eq(name, members[i].name)) {
            return &members[i];
        }
    }
    return NULL;
}

static void check_object(const struct json *json, const char *object);

static void check_map(const struct json *json, const struct member *member)
{
    void *cursor = NULL;
    struct str key;
    const struct json *value;
    if (!json_is_object(json)) {
        WRONG(member, "is no object");
    }
    while (json_next(json, &cursor, &key, &value)) {
        if (member->of[0] != '\0') {
            check_object(value, member->of);
        } else if (json_text(value).len == 0) {
            WRONG(member, "holds something else than texts");
        }
    }
}

static void check_array(const struct json *json, const struct member *member)
{
    if (!json_is_array(json) || json_count(json) < (size_t)member->least) {
        WRONG(member, "is no array, or too short");
    }
    for (size_t i = 0; i < json_count(json); i++) {
        check_object(json_at(json, i), member->of);
    }
}

static void check_value(const struct json *json, const struct member *member)
{
    bool one = json_bool(json, true) == json_bool(json, false);
    switch (member->type) {
    case TEXT:
    case URI:
        if (json_text(json).len == 0 || !is_word_of(json_text(json), member->words) ||
            (member->type == URI && !is_uri(json_text(json)))) {
            WRONG(member, "is no such text");
        }
        break;
    case INTEGER:
        if (json_i64(json, 0) != json_i64(json, 1) || json_i64(json, 0) < member->least) {
            WRONG(member, "is no integer, or too small");
        }
        break;
    case NUMBER:
        if (json_double(json, -2.0) < member->least || json_double(json, 200.0) > 100.0) {
            WRONG(member, "is no number of 0 to 100");
        }
        break;
    case BOOLEAN:
        if (!one) {
            WRONG(member, "is neither true nor false");
        }
        break;
    case OBJECT:
        check_object(json, member->of);
        break;
    case ARRAY:
        check_array(json, member);
        break;
    case MAP:
        check_map(json, member);
        break;
    case BAG:
        if (!json_is_object(json)) {
            WRONG(member, "is no property bag");
        }
        break;
    }
}

static void check_object(const struct json *json, const char *object)
{
    void *cursor = NULL;
    struct str key;
    const struct json *value;
    if (!json_is_object(json)) {
        fail_msg("a %s is no object", object);
    }
    while (json_next(json, &cursor, &key, &value)) {
        const struct member *member = find_member(object, key);
        if (!member) {
            fail_msg("%s.%.*s stands in no row of the table", object, STR_ARG(key));
        }
        check_value(value, member);
    }
    for (size_t i = 0; i < COUNT_OF(members); i++) {
        if (strcmp(members[i].object, object) == 0 && members[i].required &&
            !json_find(json, members[i].name)) {
            WRONG(&members[i], "is required");
        }
    }
}

/* ------------------------------------------------------- what no schema says */

static const struct json *run_of(const struct json *log)
{
    return json_at(json_find(log, "runs"), 0);
}

static const struct json *results_of(const struct json *log)
{
    return json_find(run_of(log), "results");
}

static const struct json *place_of(const struct json *result)
{
    return json_find(json_at(json_find(result, "locations"), 0), "physicalLocation");
}

static struct str fingerprint_of(const struct json *result)
{
    return json_text(json_find(json_find(result, "partialFingerprints"), "gonogoFinding/v1"));
}

static void check_place(const struct json *log, const struct json *result)
{
    const struct json *where = json_find(place_of(result), "artifactLocation");
    const struct json *region = json_find(place_of(result), "region");
    struct str uri = json_text(json_find(where, "uri"));
    struct str base = json_text(json_find(where, "uriBaseId"));
    assert_true(uri.len > 0);
    if (base.len > 0) { /* 3.4.4: a base goes with a relative reference, and is declared */
        struct arena arena = {0};
        assert_non_null(
            json_find(json_find(run_of(log), "originalUriBaseIds"), str_text(&arena, base)));
        arena_release(&arena);
        assert_false(str_starts(uri, "/"));
        assert_false(str_starts(uri, "file:"));
    } else {
        assert_true(str_starts(uri, "file:///"));
    }
    if (json_find(region, "endLine")) {
        int64_t lines = json_i64(json_find(region, "endLine"), 0) -
                        json_i64(json_find(region, "startLine"), 0);
        assert_true(lines > 0 ||
                    (lines == 0 && json_i64(json_find(region, "endColumn"), 0) >
                                       json_i64(json_find(region, "startColumn"), 0)));
    }
}

static void check_log(const struct json *log)
{
    const struct json *rules =
        json_find(json_find(json_find(run_of(log), "tool"), "driver"), "rules");
    const struct json *results = results_of(log);
    check_object(log, "sarifLog");
    assert_int_equal(json_count(json_find(log, "runs")), 1);
    for (size_t i = 0; i < json_count(results); i++) {
        const struct json *result = json_at(results, i);
        const struct json *rule =
            json_at(rules, (size_t)json_i64(json_find(result, "ruleIndex"), -1));
        assert_true(json_text(json_find(result, "ruleId")).len > 0);
        assert_true(
            str_is(json_text(json_find(rule, "id")), json_text(json_find(result, "ruleId"))));
        assert_non_null(json_find(result, "suppressions")); /* 3.27.23: on all, or on none */
        check_place(log, result);
        for (size_t k = 0; k < i; k++) {
            assert_false(str_is(fingerprint_of(json_at(results, k)), fingerprint_of(result)));
        }
    }
}

/* --------------------------------------------------------------------- fixtures */

struct world {
    char folder[64];
    int fd;
};

static int set_up(void **state)
{
    struct world *world = mem_zero(1, sizeof *world);
    struct err err = {0};
    (void)snprintf(world->folder, sizeof world->folder, "/tmp/gonogo-sarif-XXXXXX");
    assert_non_null(mkdtemp(world->folder));
    world->fd = files_open_directory(AT_FDCWD, world->folder, NULL, &err);
    assert_true(world->fd >= 0);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    struct err err = {0};
    int parent = files_open_directory(AT_FDCWD, "/tmp", NULL, &err);
    assert_true(files_remove_tree(parent, strrchr(world->folder, '/') + 1, &err));
    close(parent);
    close(world->fd);
    free(world);
    return 0;
}

static void write_file(struct world *world, const char *name, const char *text)
{
    struct err err = {0};
    assert_true(files_write_atomic(world->fd, name, str_from(text), 0600, NULL, &err));
}

static void write_plan(struct world *world, const char *file)
{
    struct strbuf text = {0};
    strbuf_format(&text,
                  "version: 1\nname: x\ntargets: [{ id: t, environment: test }]\n"
                  "ledger: { table: schema_migrations, style: plain, create: true }\n"
                  "steps: [{ migration: \"001\", file: \"%s\", undo: none }]\n",
                  file);
    write_file(world, "plan.yaml", text.ptr);
    strbuf_release(&text);
}

/* The log of `check PLAN --format sarif`, run in the folder; the caller frees it. */
static struct json *log_of(const struct world *world, const char *plan, int code)
{
    enum {
        LOG_MAX = 1 << 20,
        SOON = 20
    };
    struct err err = {0};
    struct strbuf command = {0};
    struct strbuf out = {0};
    strbuf_format(&command, "cd %s && exec %s check --format sarif %s >log 2>/dev/null",
                  world->folder, pty_program(), plan);
    const char *argv[] = {"/bin/sh", "-c", command.ptr, NULL};
    struct pty *pty = pty_start(argv, NULL);
    assert_int_equal(pty_end(pty, SOON), code);
    pty_free(pty);
    assert_true(files_read(world->fd, "log", LOG_MAX, &out, NULL, &err));
    struct json *log = json_read(strbuf_str(&out), &err);
    if (!log) {
        fail_msg("%s", err.message);
    }
    strbuf_release(&command);
    strbuf_release(&out);
    return log;
}

/* The only result of that rule. */
static const struct json *result_of(const struct json *log, const char *rule)
{
    const struct json *results = results_of(log);
    for (size_t i = 0; i < json_count(results); i++) {
        if (str_eq(json_text(json_find(json_at(results, i), "ruleId")), rule)) {
            return json_at(results, i);
        }
    }
    fail_msg("no result of %s", rule);
    return NULL;
}

static int64_t region_number(const struct json *result, const char *key)
{
    return json_i64(json_find(json_find(place_of(result), "region"), key), -1);
}

/* ------------------------------------------------------------------------ tests */

static const char drops[] = "-- é\n"
                            "/* ü */ drop table orders\n  cascade;\n"
                            "drop table orders\n  cascade;\n"
                            "update public.\"{odd}\" set a = 1;\n"
                            "-- gonogo: waive D3 until 2096-12-31 by carla: it is a cache\n"
                            "truncate cache;\n";

static void findings_are_results_with_regions(void **state)
{
    struct world *world = *state;
    write_plan(world, "a ü#1.sql");
    write_file(world, "a ü#1.sql", drops);
    struct json *log = log_of(world, "plan.yaml", 10);
    check_log(log);
    const struct json *drop = result_of(log, "D1");
    assert_true(str_eq(json_text(json_find(drop, "level")), "error"));
    assert_int_equal(region_number(drop, "startLine"), 2);
    assert_int_equal(region_number(drop, "startColumn"), 9); /* characters, not bytes */
    assert_int_equal(region_number(drop, "endLine"), 3);
    assert_int_equal(region_number(drop, "endColumn"), 11);
    assert_true(
        str_eq(json_text(json_find(json_find(place_of(drop), "artifactLocation"), "uri")),
               "a%20%C3%BC%231.sql"));
    assert_int_equal(json_count(json_find(drop, "suppressions")), 0);
    const struct json *update = result_of(log, "D4");
    assert_non_null(
        strstr(json_text(json_find(json_find(update, "message"), "text")).ptr, "{{odd}}"));
    const struct json *waived = json_at(json_find(result_of(log, "D3"), "suppressions"), 0);
    assert_true(str_eq(json_text(json_find(waived, "kind")), "inSource"));
    assert_true(str_eq(json_text(json_find(waived, "justification")),
                       "it is a cache (carla, until 2096-12-31)"));
    json_free(log);
}

static void the_run_tells_how_it_ended(void **state)
{
    struct world *world = *state;
    write_plan(world, "1.sql");
    write_file(world, "1.sql", "create table t (id bigint primary key);\n");
    struct json *log = log_of(world, "plan.yaml", 10);
    check_log(log);
    const struct json *end = json_at(json_find(run_of(log), "invocations"), 0);
    assert_int_equal(json_i64(json_find(end, "exitCode"), -1), 10);
    assert_true(json_bool(json_find(end, "executionSuccessful"), false));
    json_free(log);
}

static void a_bad_plan_is_results_too(void **state)
{
    struct world *world = *state;
    write_file(world, "plan.yaml", "version: 1\nnmae: x\nlimits: { sql_total: 500 }\n");
    struct json *log = log_of(world, "./plan.yaml", 2);
    check_log(log);
    const struct json *unit = result_of(log, "Y012");
    assert_true(str_eq(json_text(json_find(unit, "level")), "error"));
    assert_int_equal(region_number(unit, "startLine"), 3);
    assert_true(
        str_eq(json_text(json_find(json_find(place_of(unit), "artifactLocation"), "uri")),
               "plan.yaml"));
    json_free(log);
}

static void a_path_that_is_not_below_is_told_in_full(void **state)
{
    struct world *world = *state;
    char path[128];
    write_plan(world, "1.sql");
    write_file(world, "1.sql", drops);
    (void)snprintf(path, sizeof path, "%s/plan.yaml", world->folder);
    struct json *log = log_of(world, path, 10);
    check_log(log);
    struct strbuf uri = {0};
    strbuf_format(&uri, "file://%s/1.sql", world->folder);
    struct str told = json_text(
        json_find(json_find(place_of(result_of(log, "D1")), "artifactLocation"), "uri"));
    assert_true(str_is(told, strbuf_str(&uri)));
    strbuf_release(&uri);
    json_free(log);
}

/* A finding is the same when lines come before it, and another when its statement changes. */
static void fingerprints_outlive_a_move(void **state)
{
    struct world *world = *state;
    struct strbuf moved = {0};
    write_plan(world, "1.sql");
    write_file(world, "1.sql", drops);
    struct json *before = log_of(world, "plan.yaml", 10);
    strbuf_format(&moved, "select 1;\n\n\n%s", drops);
    write_file(world, "1.sql", moved.ptr);
    struct json *after = log_of(world, "plan.yaml", 10);
    assert_int_not_equal(region_number(result_of(before, "D1"), "startLine"),
                         region_number(result_of(after, "D1"), "startLine"));
    assert_true(str_is(fingerprint_of(result_of(before, "D1")),
                       fingerprint_of(result_of(after, "D1"))));
    write_file(world, "1.sql", "drop table orders, others;\n");
    struct json *other = log_of(world, "plan.yaml", 10);
    assert_false(str_is(fingerprint_of(result_of(before, "D1")),
                        fingerprint_of(result_of(other, "D1"))));
    strbuf_release(&moved);
    json_free(before);
    json_free(after);
    json_free(other);
}

/* A hash of a password is a way to it. */
static void no_fingerprint_depends_on_a_password(void **state)
{
    struct world *world = *state;
    write_plan(world, "1.sql");
    write_file(world, "1.sql", "create role a password 'one';\n");
    struct json *one = log_of(world, "plan.yaml", 10);
    write_file(world, "1.sql", "create role a password 'two';\n");
    struct json *two = log_of(world, "plan.yaml", 10);
    assert_true(
        str_is(fingerprint_of(result_of(one, "D12")), fingerprint_of(result_of(two, "D12"))));
    json_free(one);
    json_free(two);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        TEST(findings_are_results_with_regions), TEST(the_run_tells_how_it_ended),
        TEST(a_bad_plan_is_results_too),         TEST(a_path_that_is_not_below_is_told_in_full),
        TEST(fingerprints_outlive_a_move),       TEST(no_fingerprint_depends_on_a_password),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
