/* SPDX-License-Identifier: PostgreSQL */
/*
 * The files that a plan names: which ones, where, and what is said of each
 * trouble; and the two digests, against values that sha256sum gave.
 */
#include "plan_room.h"

#define SOME_HASH "0000000000000000000000000000000000000000000000000000000000000000"
#define PLAN_WITH_FILES                                                                        \
    "version: 1\n"                                                                             \
    "name: Files\n"                                                                            \
    "ledger: { table: m }\n"                                                                   \
    "targets: [{ id: staging, seed: ./seed.sql, expect_database: app }]\n"                     \
    "steps:\n"                                                                                 \
    "  - migration: \"1\"\n"                                                                   \
    "    file: a.sql\n"                                                                        \
    "    sha256: \"" SOME_HASH "\"\n"                                                          \
    "    undo: b.sql\n"                                                                        \
    "    checks: [{ id: V1, file: a.sql, empty: true }]\n"                                     \
    "monitoring: { probes: [{ id: p, run: [./hooks/p, x] }, { id: q, run: [uptime] }] }\n"

enum {
    SEED,
    MIGRATION,
    UNDO,
    CHECK,
    HOOK,
    FILE_COUNT
};

static void each_mention_is_listed(void **state)
{
    (void)state;
    struct reading reading;
    read_text(&reading, STR(PLAN_WITH_FILES));
    assert_string_equal(told(&reading.arena, &reading.diagnostics), "");
    size_t count = 0;
    const struct plan_file *files = plan_files(reading.plan, &count);
    assert_int_equal(count, FILE_COUNT);
    assert_int_equal(files[SEED].kind, PLAN_FILE_SEED);
    assert_text(files[SEED].path, "seed.sql");
    assert_text(files[SEED].owner, "staging");
    assert_int_equal(files[MIGRATION].kind, PLAN_FILE_MIGRATION);
    assert_int_equal(files[MIGRATION].mark.line, 7);
    assert_int_equal(files[MIGRATION].mark.column, 11);
    assert_text(files[MIGRATION].sha256, SOME_HASH);
    assert_int_equal(files[UNDO].kind, PLAN_FILE_UNDO);
    assert_int_equal(files[CHECK].first, MIGRATION);
    assert_text(files[CHECK].owner, "V1");
    assert_int_equal(files[HOOK].kind, PLAN_FILE_HOOK);
    assert_text(files[HOOK].path, "hooks/p");
    reading_release(&reading);
}

static void fine_files(struct plan_file_state *files)
{
    for (size_t i = 0; i < FILE_COUNT; i++) {
        files[i] = (struct plan_file_state){PLAN_FILE_FINE, STR("select 1;\n")};
    }
}

/* What plan_check() says of one state of one file, beside the hash of the migration. */
static const char *said_of(struct reading *reading, size_t which, struct plan_file_state file)
{
    struct plan_file_state files[FILE_COUNT];
    reading->diagnostics.count = 0;
    reading->diagnostics.errors = 0;
    fine_files(files);
    files[MIGRATION].trouble = PLAN_FILE_FINE;
    files[which] = file;
    bool fine = plan_check(reading->plan, files, &reading->diagnostics);
    assert_false(fine);
    return told(&reading->arena, &reading->diagnostics);
}

static void every_trouble_has_its_message(void **state)
{
    (void)state;
    struct reading reading;
    read_text(&reading, STR(PLAN_WITH_FILES));
    static const struct {
        struct plan_file_state file;
        const char *words;
    } rows[] = {
        {{PLAN_FILE_MISSING, {0}},
         "9:11: error[Y501] steps[0].undo: b.sql: there is no such file beside the plan"},
        {{PLAN_FILE_OUTSIDE, {0}}, "error[Y502]"},
        {{PLAN_FILE_SYMLINK_OUT, {0}},
         "error[Y503] steps[0].undo: b.sql: a symbolic link leads out of the plan's folder"},
        {{PLAN_FILE_NOT_REGULAR, {0}}, "error[Y508]"},
        {{PLAN_FILE_UNREADABLE, {0}}, "error[Y508]"},
        {{PLAN_FILE_TOO_LARGE, {0}}, "error[Y508]"},
        {{PLAN_FILE_NOT_EXECUTABLE, {0}}, "error[Y509]"},
        {{PLAN_FILE_FINE, {"a\xfc", 2}},
         "error[Y504] steps[0].undo: b.sql is not UTF-8 text: byte 0xfc in line 1, column 2"},
        {{PLAN_FILE_FINE, {"a\n\0", 3}}, "byte 0x00 in line 2, column 1"},
        {{PLAN_FILE_FINE, {" \n", 2}}, "error[Y507]"},
        {{PLAN_FILE_FINE, {"x\n ${t}", 7}},
         "error[Y506] steps[0].undo: b.sql holds ${t} in line 2, column 2"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *text = said_of(&reading, UNDO, rows[i].file);
        if (strstr(text, rows[i].words) == NULL) {
            fail_msg("row %zu: %s", i, text);
        }
    }
    reading_release(&reading);
}

static void changed_file_is_told(void **state)
{
    (void)state;
    struct reading reading;
    read_text(&reading, STR(PLAN_WITH_FILES));
    struct plan_file_state file = {PLAN_FILE_FINE, STR("select 2;\n")};
    const char *text = said_of(&reading, MIGRATION, file);
    assert_non_null(strstr(text, "7:11: error[Y505] steps[0].file: a.sql has changed"));
    reading_release(&reading);
}

/* The same bytes with the right hash in the plan: nothing is told. */
static void unchanged_file_is_fine(void **state)
{
    (void)state;
    struct sha256_hex hash = sha256_of(STR("select 1;\n"));
    struct strbuf text = {0};
    const char *at = strstr(PLAN_WITH_FILES, SOME_HASH);
    strbuf_add(&text, (struct str){PLAN_WITH_FILES, (size_t)(at - PLAN_WITH_FILES)});
    strbuf_text(&text, hash.text);
    strbuf_text(&text, at + SHA256_HEX);
    struct reading reading;
    read_text(&reading, strbuf_str(&text));
    struct plan_file_state files[FILE_COUNT];
    fine_files(files);
    assert_true(plan_check(reading.plan, files, &reading.diagnostics));
    assert_int_equal(reading.diagnostics.count, 0);
    reading_release(&reading);
    strbuf_release(&text);
}

static void digest_is_what_people_can_compute(void **state)
{
    (void)state;
    struct reading reading;
    read_text(&reading, STR(PLAN_WITH_FILES));
    struct plan_file_state files[FILE_COUNT];
    fine_files(files);
    struct sha256_hex digest = plan_digest(reading.plan, files);
    assert_string_equal(digest.text,
                        "0760ee1f1baab2a4a79d38453cc46153ae32cfec2d4f8d30ed89cd1d026e1e14");
    struct sha256_hex approval = plan_approval(&digest, &reading.plan->targets.items[0]);
    assert_string_equal(approval.text,
                        "81bf4128bfe3d06eef29fb5505b0015d5594c32f84bda0e68ebd7046e8d49535");
    reading_release(&reading);
}

static void digest_covers_every_byte(void **state)
{
    (void)state;
    struct reading reading;
    read_text(&reading, STR(PLAN_WITH_FILES));
    struct plan_file_state files[FILE_COUNT];
    fine_files(files);
    struct sha256_hex before = plan_digest(reading.plan, files);
    for (size_t i = 0; i < FILE_COUNT; i++) {
        fine_files(files);
        files[i].bytes = STR("select 2;\n");
        struct sha256_hex after = plan_digest(reading.plan, files);
        bool again = i == CHECK; /* a second mention of the migration's file */
        assert_int_equal(strcmp(before.text, after.text) == 0, again);
    }
    reading_release(&reading);
}

static void approval_covers_every_pin(void **state)
{
    (void)state;
    struct sha256_hex digest = sha256_of(STR("plan"));
    struct plan_target bare = {.id = STR("t")};
    struct plan_target changed[] = {
        {.id = STR("u")},
        {.id = STR("t"), .environment = STR("x")},
        {.id = STR("t"), .system_identifier = STR("1")},
        {.id = STR("t"), .expect_database = STR("x")},
        {.id = STR("t"), .expect_role = STR("x")},
        {.id = STR("t"), .expect_major = STR("15")},
        {.id = STR("t"), .expect_primary = PLAN_NO},
        {.id = STR("t"), .sslmode = STR("require")},
    };
    struct sha256_hex before = plan_approval(&digest, &bare);
    for (size_t i = 0; i < COUNT_OF(changed); i++) {
        struct sha256_hex after = plan_approval(&digest, &changed[i]);
        assert_string_not_equal(before.text, after.text);
    }
}

static void offsets_are_read(void **state)
{
    (void)state;
    int64_t offset = 1;
    assert_true(plan_zone_offset(STR("UTC"), &offset));
    assert_int_equal(offset, 0);
    assert_true(plan_zone_offset(STR("-03:30"), &offset));
    assert_int_equal(offset, -(3 * US_PER_HOUR + 30 * US_PER_MINUTE));
    assert_false(plan_zone_offset(STR("Europe/Berlin"), &offset));
    assert_false(plan_zone_offset(STR("+2:00"), &offset));
    assert_false(plan_zone_offset(STR("+02:60"), &offset));
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_mention_is_listed),
        cmocka_unit_test(every_trouble_has_its_message),
        cmocka_unit_test(changed_file_is_told),
        cmocka_unit_test(unchanged_file_is_fine),
        cmocka_unit_test(digest_is_what_people_can_compute),
        cmocka_unit_test(digest_covers_every_byte),
        cmocka_unit_test(approval_covers_every_pin),
        cmocka_unit_test(offsets_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
