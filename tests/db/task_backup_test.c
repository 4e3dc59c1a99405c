/* SPDX-License-Identifier: PostgreSQL */
/*
 * Backups on a real server: a dump that is proved, thirty that are broken and never are, and
 * the way back.
 */
#include "task_backup_world.h"

/* --------------------------------------------------------------- a good backup */

static int64_t proof(const char *kind, const char *name)
{
    for (size_t i = 0; i < world.said.proof_count; i++) {
        const struct event_item *item = &world.said.proof[i];
        if (str_eq(item->kind, kind) && str_eq(item->name, name)) {
            return item->value;
        }
    }
    return -1;
}

static size_t proof_lines(const char *kind)
{
    size_t count = 0;
    for (size_t i = 0; i < world.said.proof_count; i++) {
        count += str_eq(world.said.proof[i].kind, kind);
    }
    return count;
}

/* Everything that the snapshot counted stands in the archive, whatever pg_dump calls it. */
static void expect_whole_list(void)
{
    static const struct {
        const char *title;
        int64_t count;
    } kinds[] = {{"tables", 52}, {"foreign keys", 38}, {"RLS policies", 16}, {"indexes", 121},
                 {"views", 7},   {"functions", 31},    {"triggers", 12}};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        assert_int_equal(proof("counted", kinds[i].title), kinds[i].count);
        assert_int_equal(proof("listed", kinds[i].title), kinds[i].count);
    }
    for (size_t i = 0; i < world.said.proof_count; i++) {
        const struct event_item *item = &world.said.proof[i];
        if (str_eq(item->kind, "counted")) {
            assert_int_equal(proof("listed", item->name.ptr), item->value);
        }
    }
    assert_int_equal(proof_lines("missing"), 0);
    assert_true(proof("entries", "") > 300);
}

static void row_B8_a_dump_is_proved_up_to_compared(void **state)
{
    (void)state;
    dump_well();
    assert_int_equal(world.said.event.level, PLAN_LEVEL_DUMPED);
    assert_true(world.said.snapshot && world.said.rows && world.said.progress > 0);
    assert_int_equal(world.said.tables, 52);
    struct stat info;
    assert_int_equal(stat(backup_path(world.backups[0].name.ptr), &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(info.st_size, world.backups[0].size);
    assert_int_equal(count_files(".partial"), 0);

    int64_t start_us = loop_now_us();
    perform(TASK_PROVE, 0);
    expect_ok();
    assert_int_equal(world.said.event.level, PLAN_LEVEL_COMPARED);
    assert_true(world.said.event.us > 0);
    assert_true(world.said.event.us < loop_now_us() - start_us);
    expect_whole_list();
    assert_int_equal(proof_lines("bytes"), 1);
    assert_int_equal(proof_lines("reached"), 3);
    assert_true(proof_lines("said") > 100);
    print_message("# %.*s\n", STR_ARG(world.said.text));
    assert_false(has_children());
}

/* ------------------------------------------------------------- broken backups */

/* As if the damage had been there when the dump was hashed: all records fit, only the bytes
 * are wrong. */
static void record_as_is(struct str bytes)
{
    struct strbuf facts = {0};
    struct strbuf fresh = {0};
    struct sha256_hex hash = sha256_of(bytes);
    const char *name = str_format(&world.arena, "%s.facts", world.backups[0].name.ptr).ptr;
    read_file(name, &facts);
    struct str body = strbuf_str(&facts);
    struct str line;
    assert_true(str_cut(&body, '\n', &line));
    char *at = strstr(facts.ptr, world.backups[0].hash.ptr);
    assert_non_null(at);
    memcpy(at, hash.text, SHA256_HEX);
    struct sha256_hex own = sha256_of(body);
    strbuf_format(&fresh, "%s\n", own.text);
    strbuf_add(&fresh, body);
    write_file(name, strbuf_str(&fresh));
    world.backups[0].hash = str_dup(&world.arena, sha256_str(&hash));
    world.backups[0].size = (int64_t)bytes.len;
    strbuf_release(&facts);
    strbuf_release(&fresh);
}

static void expect_no_proof(const char *what)
{
    perform(TASK_PROVE, 0);
    if (world.said.event.outcome == OUTCOME_OK ||
        world.said.event.level >= PLAN_LEVEL_COMPARED) {
        print_message("# %s: %.*s\n", what, STR_ARG(world.said.text));
    }
    assert_int_equal(world.said.event.outcome, OUTCOME_FAILED);
    assert_true(world.said.event.level < PLAN_LEVEL_COMPARED);
    assert_true(world.said.text.len > 0);
}

/* 24 seeded cuts and flipped bytes after the dump was recorded: none reads as a backup. */
static void fault_F33_damage_after_the_dump_is_seen(void **state)
{
    (void)state;
    struct strbuf good = {0};
    uint64_t random = 20240131;
    dump_well();
    read_file(world.backups[0].name.ptr, &good);
    for (int i = 0; i < 24; i++) {
        random = random * 6364136223846793005U + 1442695040888963407U;
        size_t place = (size_t)(random >> 33) % good.len;
        struct strbuf bad = {0};
        strbuf_add(&bad,
                   i % 2 == 0 ? str_slice(strbuf_str(&good), 0, place) : strbuf_str(&good));
        if (i % 2 == 1) {
            bad.ptr[place] = (char)(bad.ptr[place] ^ (1 << (i % 8)));
        }
        write_file(world.backups[0].name.ptr, strbuf_str(&bad));
        expect_no_proof("damage afterwards");
        assert_int_equal(world.said.event.level, PLAN_LEVEL_UNSAID);
        strbuf_release(&bad);
    }
    strbuf_release(&good);
}

static void make_other_dump(const char *compression, const char *database, struct strbuf *out)
{
    char program[512];
    const char *path = backup_path("other.dump");
    (void)snprintf(program, sizeof program, "%s/pg_dump", test_server_bindir());
    pid_t pid = fork();
    if (pid == 0) {
        execl(program, "pg_dump", "-Fc", compression, "-h",
              test_server_socket_dir(test_server_get()), "-U", "app_owner", "-f", path,
              database, (char *)NULL);
        _exit(127);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    read_file("other.dump", out);
}

/* The same before it was recorded, where only reading and restoring can tell. */
static void fault_F33_damage_before_the_hash_is_seen(void **state)
{
    (void)state;
    struct strbuf good = {0};
    struct strbuf plain = {0};
    struct strbuf foreign = {0};
    dump_well();
    read_file(world.backups[0].name.ptr, &good);
    make_other_dump("-Z0", "app", &plain);
    test_database_drop(test_server_get(), "other");
    test_execute(test_server_get(), "postgres", "create database other template app");
    make_other_dump("-Z6", "other", &foreign);
    test_database_drop(test_server_get(), "other");
    struct str whole = strbuf_str(&good);
    struct {
        const char *what;
        struct str bytes;
    } variants[] = {
        {"empty", {"", 0}},
        {"header only", str_slice(whole, 0, 20)},
        {"cut at 60 %", str_slice(whole, 0, whole.len * 6 / 10)},
        {"cut before the last byte of the contents", str_slice(whole, 0, whole.len - 10)},
        {"cut at 60 %, not compressed", str_slice(strbuf_str(&plain), 0, plain.len * 6 / 10)},
        {"another database", strbuf_str(&foreign)},
    };
    for (size_t i = 0; i < COUNT_OF(variants); i++) {
        write_file(world.backups[0].name.ptr, variants[i].bytes);
        record_as_is(variants[i].bytes);
        expect_no_proof(variants[i].what);
        print_message("# %s: %.*s\n", variants[i].what, STR_ARG(world.said.text));
    }
    strbuf_release(&good);
    strbuf_release(&plain);
    strbuf_release(&foreign);
}

/* Nothing in an uncompressed archive notices a flipped byte, and no count does: the rows must
 * be read. */
static void fault_F33_a_flipped_byte_that_restores_is_seen(void **state)
{
    (void)state;
    static const char text[] = "Dark colour theme";
    struct strbuf plain = {0};
    dump_well();
    make_other_dump("-Z0", "app", &plain);
    write_file(world.backups[0].name.ptr, strbuf_str(&plain));
    record_as_is(strbuf_str(&plain));
    perform(TASK_PROVE, 0);
    expect_ok();
    size_t at = 0;
    while (!str_starts(str_slice(strbuf_str(&plain), at, plain.len), text)) {
        at++;
        assert_true(at < plain.len);
    }
    plain.ptr[at] = 'd';
    write_file(world.backups[0].name.ptr, strbuf_str(&plain));
    record_as_is(strbuf_str(&plain));
    expect_no_proof("a flipped byte");
    assert_int_equal(world.said.event.level, PLAN_LEVEL_RESTORED);
    assert_int_equal(world.said.event.item_count, 1);
    strbuf_release(&plain);
}

/* A dump of the same database, taken after somebody wrote to it, is not this backup. */
static void fault_F33_one_row_more_is_a_difference(void **state)
{
    (void)state;
    struct strbuf later = {0};
    dump_well();
    test_execute(test_server_get(), "app",
                 "insert into public.tags select * from public.tags "
                 "where false; create view public.one_more as select 1");
    make_other_dump("-Z6", "app", &later);
    test_execute(test_server_get(), "app", "drop view public.one_more");
    write_file(world.backups[0].name.ptr, strbuf_str(&later));
    record_as_is(strbuf_str(&later));
    expect_no_proof("one view more");
    assert_int_equal(world.said.event.level, PLAN_LEVEL_RESTORED);
    assert_true(world.said.event.item_count > 0);
    strbuf_release(&later);
}

/* ---------------------------------------------------------------- the way back */

static char *restored_name(void)
{
    struct arena arena = {0};
    char *name = mem_text(task_restored_name(&arena, STR("app"), world.context.run_id).ptr);
    arena_release(&arena);
    return name;
}

static void row_B9_the_way_back_fills_a_new_database(void **state)
{
    (void)state;
    char *name = restored_name();
    dump_well();
    test_database_drop(test_server_get(), name);
    perform(TASK_RESTORE, DUMP_OPTION);
    expect_ok();
    assert_int_equal(world.said.event.level, PLAN_LEVEL_COMPARED);
    assert_true(str_eq(world.said.event.name, name));
    assert_int_equal(
        test_query_number(test_server_get(), name, "select count(*) from public.notifications"),
        test_query_number(test_server_get(), "app",
                          "select count(*) from public.notifications"));
    char *mark = test_query(test_server_get(), "postgres",
                            "select count(*) from pg_shdescription where objoid = (select oid "
                            "from pg_database where datname like 'app_restored%')");
    assert_string_equal(mark, "0");
    free(mark);

    /* once more: the name is taken, by a database that nobody says is ours to drop */
    perform(TASK_RESTORE, DUMP_OPTION);
    assert_int_equal(world.said.event.outcome, OUTCOME_FAILED);
    assert_non_null(strstr(str_text(&world.arena, world.said.text), "exists already"));
    assert_true(test_query_number(test_server_get(), name,
                                  "select count(*) from public.notifications") > 0);
    test_database_drop(test_server_get(), name);
    free(name);
}

static void fault_F36_a_failed_way_back_leaves_no_half_database(void **state)
{
    (void)state;
    struct strbuf good = {0};
    char sql[256];
    char *name = restored_name();
    dump_well();
    read_file(world.backups[0].name.ptr, &good);
    struct str cut = str_slice(strbuf_str(&good), 0, good.len * 6 / 10);
    write_file(world.backups[0].name.ptr, cut);
    record_as_is(cut);
    perform(TASK_RESTORE, DUMP_OPTION);
    assert_int_equal(world.said.event.outcome, OUTCOME_FAILED);
    (void)snprintf(sql, sizeof sql, "select count(*) from pg_database where datname = '%s'",
                   name);
    assert_int_equal(test_query_number(test_server_get(), "postgres", sql), 0);
    strbuf_release(&good);
    free(name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(row_B8_a_dump_is_proved_up_to_compared),
        cmocka_unit_test(fault_F33_damage_after_the_dump_is_seen),
        cmocka_unit_test(fault_F33_damage_before_the_hash_is_seen),
        cmocka_unit_test(fault_F33_a_flipped_byte_that_restores_is_seen),
        cmocka_unit_test(fault_F33_one_row_more_is_a_difference),
        cmocka_unit_test(row_B9_the_way_back_fills_a_new_database),
        cmocka_unit_test(fault_F36_a_failed_way_back_leaves_no_half_database),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("task_backup", tests, set_up, tear_down);
}
