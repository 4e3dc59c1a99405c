/* SPDX-License-Identifier: PostgreSQL */
/*
 * JSON is what the journal is written in and what answers come from: reading must
 * be strict, writing must never produce what reading refuses, and the fast writer
 * must give the bytes of the tree.
 */
#include "base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void expect_refused(struct str text, const char *part)
{
    struct err err = {0};
    struct json *value = json_read(text, &err);

    assert_null(value);
    assert_int_equal(err.kind, ERR_USAGE);
    if (!strstr(err.message, part)) {
        fail_msg("\"%s\" does not say \"%s\"", err.message, part);
    }
}

static void reading_refuses_what_is_not_strict(void **state)
{
    (void)state;
    expect_refused(STR(""), "line 1");
    expect_refused(STR("{\"a\": 1,\n \"b\" 2}"), "line 2, column 6");
    expect_refused(STR("{\"a\": 1, \"a\": 2}"), "duplicate object key");
    expect_refused(STR("\"\xC3(\""), "unable to decode byte 0xc3");
    expect_refused(STR("\"\xED\xA0\x80\""), "unable to decode byte 0xed");
    expect_refused(STR("\"\\ud800\""), "Unicode");
    expect_refused(STR("[1] 2"), "end of file expected");
    expect_refused(STR("[1,]"), "line 1");
    expect_refused(STR("{'a': 1}"), "line 1");
    expect_refused(STR("01"), "line 1");
    expect_refused(STR("NaN"), "line 1");
    expect_refused(STR("9223372036854775808"), "too big");
}

static void reading_refuses_deep_nesting(void **state)
{
    (void)state;
    struct strbuf text = {0};

    strbuf_repeat(&text, '[', 100000);
    strbuf_repeat(&text, ']', 100000);
    expect_refused(strbuf_str(&text), "depth");
    strbuf_release(&text);
}

static void fault_F42_an_error_shows_hostile_text_harmlessly(void **state)
{
    (void)state;
    struct err err = {0};

    assert_null(json_read(STR("[\x1b[2J]"), &err));
    assert_null(strchr(err.message, 0x1b));
    assert_non_null(strstr(err.message, "\\x1b"));
}

static void expect_written(const struct json *value, enum json_form form, const char *wanted)
{
    struct strbuf out = {0};

    json_write(&out, value, form);
    assert_string_equal(out.ptr, wanted);
    strbuf_release(&out);
}

static void members_keep_their_order_or_are_sorted_when_pretty(void **state)
{
    (void)state;
    struct json *object = json_make_object();
    struct json *list = json_make_array();

    json_put_i64(object, "z", INT64_MIN);
    json_put_text(object, "a", STR("x"));
    json_put_bool(object, "m", true);
    json_put_double(object, "d", 0.1);
    json_push_text(list, STR("one"));
    json_push_take(list, NULL);
    json_put_take(object, "list", list);
    json_put_take(object, "none", NULL);
    json_put_i64(object, "z", 7); /* replaced where it stands */
    expect_written(object, JSON_ONE_LINE,
                   "{\"z\":7,\"a\":\"x\",\"m\":true,\"d\":0.10000000000000001,"
                   "\"list\":[\"one\",null],\"none\":null}");
    expect_written(object, JSON_PRETTY,
                   "{\n  \"a\": \"x\",\n  \"d\": 0.10000000000000001,\n  \"list\": [\n"
                   "    \"one\",\n    null\n  ],\n  \"m\": true,\n  \"none\": null,\n"
                   "  \"z\": 7\n}\n");
    json_free(object);
    expect_written(NULL, JSON_ONE_LINE, "null");
}

static void what_is_absent_or_of_another_type_reads_as_otherwise(void **state)
{
    (void)state;
    struct err err = {0};
    struct json *value = json_read(
        STR("{\"t\":\"x\",\"i\":-5,\"r\":2.5,\"b\":false,\"n\":null,\"a\":[1,2]}"), &err);

    assert_non_null(value);
    assert_true(str_eq(json_text(json_find(value, "t")), "x"));
    assert_int_equal(json_i64(json_find(value, "i"), 1), -5);
    assert_int_equal(json_i64(json_find(value, "r"), 1), 1);
    assert_true(json_double(json_find(value, "r"), 0) > 2.4);
    assert_true(json_double(json_find(value, "i"), 0) < -4.9);
    assert_false(json_bool(json_find(value, "b"), true));
    assert_true(json_bool(json_find(value, "t"), true));
    assert_true(json_is_null(json_find(value, "n")));
    assert_true(json_is_null(json_find(value, "absent")));
    assert_null(json_find(value, "absent"));
    assert_null(json_find(json_find(value, "absent"), "deeper"));
    assert_int_equal(json_text(json_find(value, "i")).len, 0);
    assert_int_equal(json_count(json_find(value, "a")), 2);
    assert_int_equal(json_i64(json_at(json_find(value, "a"), 1), 0), 2);
    assert_null(json_at(json_find(value, "a"), 2));
    assert_int_equal(json_count(NULL), 0);
    assert_true(json_is_object(value));
    assert_false(json_is_array(value));
    json_free(value);
    json_free(NULL);
}

static void walking_visits_members_in_order(void **state)
{
    (void)state;
    struct err err = {0};
    struct json *value = json_read(STR("{\"z\":1,\"a\":2,\"m\":3}"), &err);
    struct strbuf seen = {0};
    struct str key = {0};
    const struct json *member = NULL;

    for (void *cursor = NULL; json_next(value, &cursor, &key, &member);) {
        strbuf_add(&seen, key);
        strbuf_i64(&seen, json_i64(member, 0));
    }
    assert_string_equal(seen.ptr, "z1a2m3");
    strbuf_release(&seen);
    void *cursor = NULL;
    assert_false(json_next(NULL, &cursor, &key, &member));
    json_free(value);
}

static void broken_text_is_replaced_and_comes_back(void **state)
{
    (void)state;
    struct json *object = json_make_object();
    struct strbuf out = {0};
    struct err err = {0};

    json_put_text(object, "k", STR("a\xFF\xC3(\0z"));
    json_put_text(object, "\xFFkey", STR(""));
    json_write(&out, object, JSON_ONE_LINE);
    json_free(object);
    assert_string_equal(out.ptr, "{\"k\":\"a\xEF\xBF\xBD\xEF\xBF\xBD(\\u0000z\","
                                 "\"\xEF\xBF\xBDkey\":\"\"}");
    object = json_read(strbuf_str(&out), &err);
    assert_non_null(object);
    assert_int_equal(json_text(json_find(object, "k")).len, 10);
    json_free(object);
    strbuf_release(&out);
}

static void a_number_that_is_none_is_null(void **state)
{
    (void)state;
    struct json *value = json_make_double(strtod("inf", NULL));

    assert_true(json_is_null(value));
    json_free(value);
}

static void misuse_frees_what_was_handed_over(void **state)
{
    (void)state;
    /* The leak checker of the sanitizer build is the assertion here. */
    json_put_take(NULL, "k", json_make_text(STR("lost")));
    json_push_take(NULL, json_make_array());
}

/* Writes it both ways; each must be plain to a terminal and give the same bytes back. */
static void expect_harmless(struct str text)
{
    struct json *value = json_make_text(text);
    struct strbuf forms[2] = {{0}, {0}};
    json_write(&forms[0], value, JSON_ONE_LINE);
    json_quote(&forms[1], text);
    json_free(value);
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        struct strbuf seen = {0};
        struct err err = {0};
        sanitise(&seen, strbuf_str(&forms[i]), SANITISE_LINE);
        assert_string_equal(seen.ptr, forms[i].ptr);
        value = json_read(strbuf_str(&forms[i]), &err);
        assert_non_null(value);
        struct str back = json_text(value);
        assert_int_equal(back.len, text.len);
        assert_memory_equal(back.ptr, text.ptr, text.len);
        json_free(value);
        strbuf_release(&seen);
        strbuf_release(&forms[i]);
    }
}

static void add_utf8(struct strbuf *out, uint32_t code_point)
{
    if (code_point < 0x80) {
        strbuf_byte(out, (char)code_point);
    } else if (code_point < 0x800) {
        strbuf_byte(out, (char)(0xC0 | code_point >> 6));
        strbuf_byte(out, (char)(0x80 | (code_point & 0x3F)));
    } else if (code_point < 0x10000) {
        strbuf_byte(out, (char)(0xE0 | code_point >> 12));
        strbuf_byte(out, (char)(0x80 | (code_point >> 6 & 0x3F)));
        strbuf_byte(out, (char)(0x80 | (code_point & 0x3F)));
    } else {
        strbuf_byte(out, (char)(0xF0 | code_point >> 18));
        strbuf_byte(out, (char)(0x80 | (code_point >> 12 & 0x3F)));
        strbuf_byte(out, (char)(0x80 | (code_point >> 6 & 0x3F)));
        strbuf_byte(out, (char)(0x80 | (code_point & 0x3F)));
    }
}

/* Every code point there is, 64 in a text, once as they are and once among plain letters. */
static void fault_F42_written_json_is_harmless_to_look_at(void **state)
{
    (void)state;
    for (uint32_t first = 0; first < 0x110000; first += 64) {
        struct strbuf bare = {0};
        struct strbuf among = {0};
        for (uint32_t code_point = first; code_point < first + 64; code_point++) {
            if (code_point < 0xD800 || code_point > 0xDFFF) {
                add_utf8(&bare, code_point);
                strbuf_text(&among, "plain text ");
                add_utf8(&among, code_point);
            }
        }
        expect_harmless(strbuf_str(&bare));
        expect_harmless(strbuf_str(&among));
        strbuf_release(&bare);
        strbuf_release(&among);
    }
}

static void fault_F42_the_escapes_are_those_of_the_standard(void **state)
{
    (void)state;
    struct strbuf out = {0};
    json_quote(&out,
               STR("\x7f \xC2\x9B \xE2\x80\xA8 \xE2\x80\xA9 \xE2\x80\xAE \xF3\xA0\x81\x81"));
    assert_string_equal(out.ptr, "\"\\u007F \\u009B \\u2028 \\u2029 \\u202E \\uDB40\\uDC41\"");
    strbuf_release(&out);
}

static void quoting_gives_the_bytes_of_the_tree(void **state)
{
    (void)state;
    static const char *const pieces[] = {"\"",
                                         "\\",
                                         "\n",
                                         "\x1f",
                                         "\x7f",
                                         "/",
                                         "a",
                                         "\t",
                                         "\xFF",
                                         "\xC3\xA9",
                                         "\xC2\x9B",
                                         "\xE2\x80\xAE",
                                         "\xE2\x80\xA8",
                                         "\xF3\xA0\x81\x81",
                                         "\xE2",
                                         "long plain text",
                                         "\b",
                                         "\f",
                                         "\r",
                                         "\xF0\x9F\x9A\x80"};
    uint64_t seed = 42;

    print_message("# seed 42\n");
    for (int round = 0; round < 20000; round++) {
        struct strbuf text = {0};
        struct strbuf quoted = {0};
        struct strbuf tree = {0};
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
        size_t count = (size_t)(seed >> 60);
        for (size_t i = 0; i < count; i++) {
            seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
            strbuf_text(&text, pieces[(seed >> 40) % COUNT_OF(pieces)]);
            strbuf_repeat(&text, 'x', (size_t)(seed >> 61));
        }
        struct json *value = json_make_text(strbuf_str(&text));
        json_write(&tree, value, JSON_ONE_LINE);
        json_free(value);
        json_quote(&quoted, strbuf_str(&text));
        assert_string_equal(quoted.ptr, tree.ptr);
        strbuf_release(&text);
        strbuf_release(&quoted);
        strbuf_release(&tree);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reading_refuses_what_is_not_strict),
        cmocka_unit_test(reading_refuses_deep_nesting),
        cmocka_unit_test(fault_F42_an_error_shows_hostile_text_harmlessly),
        cmocka_unit_test(members_keep_their_order_or_are_sorted_when_pretty),
        cmocka_unit_test(what_is_absent_or_of_another_type_reads_as_otherwise),
        cmocka_unit_test(walking_visits_members_in_order),
        cmocka_unit_test(broken_text_is_replaced_and_comes_back),
        cmocka_unit_test(a_number_that_is_none_is_null),
        cmocka_unit_test(misuse_frees_what_was_handed_over),
        cmocka_unit_test(quoting_gives_the_bytes_of_the_tree),
        cmocka_unit_test(fault_F42_written_json_is_harmless_to_look_at),
        cmocka_unit_test(fault_F42_the_escapes_are_those_of_the_standard),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
