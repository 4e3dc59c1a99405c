/* SPDX-License-Identifier: PostgreSQL */
/*
 * Argument vectors, environments, versions, progress, lists, roles, comparison and
 * switch, from literals. The outputs were recorded from the tools of PostgreSQL 15.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "pgtools.h"

static void argv_is(const char **argv, const char *const *expected)
{
    size_t i = 0;
    for (; expected[i]; i++) {
        assert_non_null(argv[i]);
        assert_string_equal(argv[i], expected[i]);
    }
    assert_null(argv[i]);
}

static bool argv_has(const char **argv, const char *text)
{
    for (size_t i = 0; argv[i]; i++) {
        if (strcmp(argv[i], text) == 0) {
            return true;
        }
    }
    return false;
}

static void fault_F34_versions_are_read_and_judged(void **state)
{
    (void)state;
    struct err err = {0};
    struct pgtools_version dump = {0};
    struct pgtools_version restore = {0};
    assert_true(pgtools_version_read(
        &dump, STR("pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), &err));
    assert_true(dump.major == 15 && dump.minor == 18 && dump.released);
    assert_true(str_eq(dump.program, "pg_dump"));
    assert_true(pgtools_version_read(&restore, STR("pg_restore (PostgreSQL) 16beta1"), &err));
    assert_true(restore.major == 16 && restore.minor == 0 && !restore.released);
    assert_true(pgtools_versions_fit(&dump, &restore, 15, 150018, &err));
    assert_false(pgtools_versions_fit(&dump, &restore, 15, 160002, &err));
    assert_non_null(strstr(err.message, "pg_dump 15 cannot dump a server of version 16"));
    assert_false(pgtools_versions_fit(&restore, &dump, 15, 150018, &err));
    assert_false(pgtools_versions_fit(&dump, &restore, 16, 150018, &err));
    static const char *const bad[] = {"",
                                      "pg_dump",
                                      "pg_dump 15.2",
                                      "fake (PostgreSQL) x",
                                      "a (PostgreSQL) 15.",
                                      "a (PostgreSQL) 99999999"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_false(pgtools_version_read(&dump, str_from(bad[i]), &err));
    }
}

static void bindir_is_chosen_by_major(void **state)
{
    (void)state;
    const struct pgtools_bindir dirs[] = {
        {STR("/usr/lib/postgresql/17/bin"), 0, true},
        {STR("/usr/lib/postgresql/16/bin"), 0, true},
        {STR("/usr/lib/postgresql/15/bin"), 0, false}, /* only the client is there */
        {STR("/opt/pg/bin"), 14, true},
        {STR("/somewhere/bin"), 0, true}, /* not known */
    };
    assert_ptr_equal(pgtools_choose_bindir(dirs, 5, 16, true), &dirs[1]);
    assert_null(pgtools_choose_bindir(dirs, 5, 15, true));
    assert_ptr_equal(pgtools_choose_bindir(dirs, 5, 15, false), &dirs[1]);
    assert_ptr_equal(pgtools_choose_bindir(dirs, 5, 18, false), &dirs[0]);
    assert_ptr_equal(pgtools_choose_bindir(dirs, 5, 14, true), &dirs[3]);
    assert_ptr_equal(pgtools_choose_bindir(dirs, 5, 0, false), &dirs[0]);
    assert_null(pgtools_choose_bindir(dirs, 0, 0, false));
    assert_int_equal(pgtools_bindir_major(STR("/usr/lib/postgresql/9.6/bin")), 0);
}

static void fault_F43_environment_carries_no_password(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct pgtools_connection connection = {
        .host = STR("db"), .port = STR("5432"), .passfile = STR("/home/x/.pgpass")};
    const char **set = pgtools_environment(&arena, &connection);
    argv_is(set, (const char *[]){"PGHOST=db", "PGPORT=5432", "PGPASSFILE=/home/x/.pgpass",
                                  "LC_ALL=C", NULL});
    const char **unset = pgtools_environment_unset(&arena, &connection);
    assert_true(argv_has(unset, "PGSERVICE")); /* it would win over PGHOST */
    assert_true(argv_has(unset, "PGHOSTADDR"));
    assert_true(argv_has(unset, "PGOPTIONS"));
    assert_false(argv_has(unset, "PGHOST"));
    assert_false(argv_has(unset, "PGPASSWORD"));
    arena_release(&arena);
}

static void argument_vectors_are_exact(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct pgtools_dump dump = {.program = "/b/pg_dump",
                                .file = STR("/run/app.dump"),
                                .format = PLAN_FORMAT_CUSTOM,
                                .jobs = 4,
                                .snapshot = STR("00000003-0000001B-1"),
                                .lock_timeout_us = 2 * US_PER_SECOND};
    argv_is(pgtools_dump_argv(&arena, &dump),
            (const char *[]){"/b/pg_dump", "--format=custom", "--file=/run/app.dump.partial",
                             "--lock-wait-timeout=2000", "--snapshot=00000003-0000001B-1",
                             "--no-password", "--verbose", NULL});
    dump.format = PLAN_FORMAT_DIRECTORY;
    dump.lock_timeout_us = 0;
    assert_true(argv_has(pgtools_dump_argv(&arena, &dump), "--jobs=4"));
    assert_true(argv_has(pgtools_dump_argv(&arena, &dump), "--lock-wait-timeout=60000"));
    struct pgtools_restore restore = {
        .program = "/b/pg_restore", .file = STR("-odd"), .database = STR("host=x o'n")};
    argv_is(pgtools_restore_argv(&arena, &restore),
            (const char *[]){"/b/pg_restore", "--exit-on-error", "--no-password", "--verbose",
                             "--dbname=dbname='host=x o\\'n'", "./-odd", NULL});
    argv_is(pgtools_schema_argv(&arena, "/b/pg_restore", STR("a")),
            (const char *[]){"/b/pg_restore", "--schema-only", "--file=-", "a", NULL});
    arena_release(&arena);
}

static void progress_counts_tables_and_complaints(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        enum pgtools_line kind;
    } lines[] = {
        {"pg_dump: last built-in OID is 16383", PGTOOLS_READING},
        {"pg_dump: reading user-defined tables", PGTOOLS_READING},
        {"pg_dump: dumping contents of table \"public.quests\"", PGTOOLS_TABLE},
        {"pg_restore: creating FK CONSTRAINT \"public.quest_moves fk\"", PGTOOLS_CREATE},
        {"pg_restore: processing data for table \"public.Odd \"Table\"", PGTOOLS_TABLE},
        {"pg_restore: executing SEQUENCE SET quests_id_seq", PGTOOLS_CREATE},
        {"pg_dump: warning: there are circular foreign-key constraints", PGTOOLS_WARNING},
        {"pg_restore: error: could not execute query: ERROR:  schema \"side\" already exists",
         PGTOOLS_ERROR},
        {"Command was: CREATE SCHEMA side;", PGTOOLS_DETAIL},
        {"something else", PGTOOLS_OTHER},
    };
    struct pgtools_progress progress = {0};
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        assert_int_equal(pgtools_progress_take(&progress, str_from(lines[i].line)),
                         lines[i].kind);
        if (i == 4) {
            assert_string_equal(progress.current, "public.Odd \"Table");
        }
    }
    assert_int_equal(progress.tables, 2);
    assert_int_equal(progress.done, 4);
    assert_int_equal(progress.warnings, 1);
    assert_int_equal(progress.errors, 1);
    assert_non_null(strstr(progress.first_error, "already exists"));
    struct strbuf hostile = {0};
    strbuf_text(&hostile, "pg_dump: dumping contents of table \"\x1b[2J");
    strbuf_repeat(&hostile, 'x', 5000);
    pgtools_progress_take(&progress, strbuf_str(&hostile));
    assert_null(strchr(progress.current, '\x1b'));
    strbuf_release(&hostile);
}

static void fault_F34_quiet_failures_are_no_backup(void **state)
{
    (void)state;
    struct err err = {0};
    struct pgtools_progress fine = {.tables = 3};
    struct pgtools_progress warned = {.warnings = 1, .first_warning = "circular"};
    struct pgtools_progress failed = {.errors = 1, .first_error = "no space"};
    assert_true(pgtools_run_passed(&fine, "pg_dump", 0, 100, &err));
    assert_true(pgtools_run_passed(&warned, "pg_dump", 0, 100, &err));
    assert_false(pgtools_run_passed(&fine, "pg_dump", 0, 0, &err));
    assert_non_null(strstr(err.message, "the file is empty"));
    assert_false(pgtools_run_passed(&fine, "pg_dump", 0, -1, &err));
    assert_false(pgtools_run_passed(&fine, "pg_dump", 1, 100, &err));
    assert_false(pgtools_run_passed(&fine, "pg_dump", -1, 100, &err));
    assert_false(pgtools_run_passed(&failed, "pg_dump", 0, 100, &err));
    assert_string_equal(err.detail, "no space");
}

/* What is no line of progress and no known complaint is the reason, when there is no other. */
static void fault_F34_last_words_are_told(void **state)
{
    (void)state;
    struct err err = {0};
    struct pgtools_progress progress = {0};
    pgtools_progress_take(&progress, STR("pg_dump: reading extensions"));
    pgtools_progress_take(&progress,
                          STR("pg_dump: server version: 17.2; pg_dump version: 15.1"));
    pgtools_progress_take(&progress, STR("/usr/bin/pg_dump: not found"));
    pgtools_progress_take(&progress, STR("pg_dump: dumping contents of table \"public.t\""));
    assert_false(pgtools_run_passed(&progress, "pg_dump", 127, 0, &err));
    assert_string_equal(err.message, "pg_dump ended with status 127");
    assert_string_equal(err.detail, "/usr/bin/pg_dump: not found");
    pgtools_progress_take(&progress, STR("pg_dump: error: aborting"));
    assert_false(pgtools_run_passed(&progress, "pg_dump", 1, 0, &err));
    assert_string_equal(err.detail, "aborting");
}

static const char recorded_list[] =
    ";\n; Archive created at 2026-11-21 06:07:30 UTC\n;     dbname: app\n"
    ";     TOC Entries: 34\n;     Compression: -1\n;     Dump Version: 1.14-0\n"
    ";     Format: CUSTOM\n;     Integer: 4 bytes\n;     Offset: 8 bytes\n"
    ";     Dumped from database version: 15.20 (Debian 15.20-0+deb12u1)\n"
    ";     Dumped by pg_dump version: 15.20 (Debian 15.20-0+deb12u1)\n;\n;\n"
    "; Selected TOC Entries:\n;\n"
    "8; 2615 16660 SCHEMA - side app_owner\n3; 3079 16555 EXTENSION - citext \n"
    "2; 3079 16427 EXTENSION - hstore \n339; 1255 16693 FUNCTION public f() app_owner\n"
    "221; 1259 16690 TABLE public Odd \"Table app_owner\n"
    "218; 1259 16662 TABLE public quests app_owner\n"
    "230; 1259 16999 TABLE DATA quests app_owner\n" /* a table in a schema called DATA */
    "222; 1259 16695 MATERIALIZED VIEW public mv app_owner\n"
    "3576; 0 0 SEQUENCE OWNED BY public quests_id_seq app_owner\n"
    "3561; 0 16662 TABLE DATA public quests app_owner\n"
    "3577; 0 0 SEQUENCE SET public quests_id_seq app_owner\n"
    "3412; 2606 16678 FK CONSTRAINT public quest_moves quest_moves_quest_fkey app_owner\n"
    "3559; 3256 16684 POLICY public quests own app_owner\n"
    "3557; 0 16662 ROW SECURITY public quests app_owner\n"
    "2232; 826 16685 DEFAULT ACL side DEFAULT PRIVILEGES FOR TABLES app_owner\n"
    "3564; 0 16695 MATERIALIZED VIEW DATA public mv app_owner\n";

static void list_is_read(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct err err = {0};
    struct pgtools_list list;
    assert_true(pgtools_list_read(&list, &arena, STR(recorded_list), &err));
    assert_int_equal(list.count, 16);
    assert_int_equal(list.announced, 34);
    assert_true(str_eq(list.database, "app") && str_eq(list.format, "CUSTOM"));
    assert_true(list.server_major == 15 && list.dump_major == 15);
    static const struct {
        const char *kind;
        size_t count;
    } counts[] = {{"TABLE", 3},  {"TABLE DATA", 1},        {"FK CONSTRAINT", 1},
                  {"POLICY", 1}, {"ROW SECURITY", 1},      {"MATERIALIZED VIEW", 1},
                  {"FK", 0},     {"SEQUENCE OWNED BY", 1}, {"DEFAULT ACL", 1}};
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        assert_int_equal(pgtools_list_count(&list, counts[i].kind), counts[i].count);
    }
    struct pgtools_index index;
    pgtools_index_make(&index, &arena, &list);
    struct str public = STR("public");
    assert_true(pgtools_index_has(&index, "TABLE", public, STR("quests")));
    assert_true(pgtools_index_has(&index, "TABLE", public, STR("Odd \"Table")));
    assert_true(pgtools_index_has(&index, "TABLE", STR("DATA"), STR("quests")));
    assert_true(pgtools_index_has(&index, "FK CONSTRAINT", public,
                                  STR("quest_moves quest_moves_quest_fkey")));
    assert_true(pgtools_index_has(&index, "EXTENSION", STR(""), STR("citext")));
    assert_false(pgtools_index_has(&index, "TABLE", public, STR("quest")));
    assert_false(pgtools_index_has(&index, "TABLE", STR("side"), STR("quests")));
    assert_false(pgtools_index_has(&index, "POLICY", public, STR("quests owner")));
    assert_false(pgtools_index_has(&index, "VIEW", public, STR("quests")));
    assert_false(pgtools_index_has(&index, "ZEBRA", public, STR("quests")));
    assert_true(str_eq(list.entries[0].schema, ""));
    assert_true(str_eq(list.entries[0].name, "side app_owner"));
    struct pgtools_names available = {.items = (struct str[]){STR("citext")}, .count = 1};
    struct pgtools_names missing;
    pgtools_missing_extensions(&missing, &arena, &list, &available);
    assert_int_equal(missing.count, 1);
    assert_true(str_eq(missing.items[0], "hstore"));
    assert_false(pgtools_list_read(&list, &arena, STR(""), &err));
    assert_false(pgtools_list_read(&list, &arena, STR("; Archive created at x\n"), &err));
    assert_false(pgtools_list_read(&list, &arena, STR("; Archive created at x\njunk\n"), &err));
    assert_false(pgtools_list_read(&list, &arena, STR("1; 2 3 TABLE public x y\n"), &err));
    arena_release(&arena);
}

static void fault_F33_roles_are_found_and_none_invented(void **state)
{
    (void)state;
    static const char sql[] =
        "-- Name: x; Owner: comment_role\n"
        "SET default_table_access_method = heap;\n"
        "/* GRANT a TO /* nested */ block_role; */\n"
        "ALTER SCHEMA side OWNER TO app_owner;\n"
        "CREATE FUNCTION public.f() RETURNS text LANGUAGE sql\n"
        "    AS $_$ select 'GRANT SELECT ON x TO hidden_role;'; $$ $_$;\n"
        "COMMENT ON TABLE public.q IS 'it''s; GRANT x TO string_role;';\n"
        "CREATE POLICY own ON public.quests USING ((title = CURRENT_USER));\n"
        "CREATE POLICY \"read all\" ON public.q AS RESTRICTIVE FOR SELECT TO Reader, "
        "\"odd \"\"name\" USING ((a = 'x'::text));\n"
        "GRANT SELECT ON TABLE public.quests TO grantee WITH GRANT OPTION;\n"
        "GRANT UPDATE(title) ON TABLE public.quests TO PUBLIC;\n"
        "REVOKE ALL ON SCHEMA public FROM revoked;\n"
        "ALTER DEFAULT PRIVILEGES FOR ROLE maker IN SCHEMA side GRANT SELECT ON TABLES  TO "
        "taker;\n"
        "SET SESSION AUTHORIZATION 'session_role';\nSET ROLE set_role;\nSET ROLE NONE;\n"
        "SET SESSION AUTHORIZATION DEFAULT;\n"
        "CREATE SCHEMA s AUTHORIZATION author;\n"
        "CREATE USER MAPPING FOR mapped SERVER far;\n"
        "ALTER TABLE public.a RENAME TO not_a_role;\n"
        "CREATE RULE r AS ON INSERT TO public.a DO INSTEAD NOTHING;\n"
        "ALTER SEQUENCE public.s OWNED BY public.a.id;\n"
        "COMMENT ON VIEW v IS E'back\\'slash; GRANT x TO escape_role;';\n";
    static const char *const expected[] = {
        "app_owner", "author",  "grantee",      "maker",    "mapped", "odd \"name",
        "reader",    "revoked", "session_role", "set_role", "taker",
    };
    struct arena arena = {0};
    struct pgtools_names roles;
    pgtools_roles_read(&roles, &arena, STR(sql));
    for (size_t i = 0; i < roles.count && i < COUNT_OF(expected); i++) {
        assert_string_equal(roles.items[i].ptr, expected[i]);
    }
    assert_int_equal(roles.count, COUNT_OF(expected));
    /* cut anywhere, it neither hangs nor reads beyond the end */
    for (size_t i = 0; i < sizeof(sql) - 1; i++) {
        char *cut = mem_alloc(i + 1);
        memcpy(cut, sql, i);
        pgtools_roles_read(&roles, &arena, (struct str){cut, i});
        free(cut);
    }
    struct strbuf text = {0};
    pgtools_create_role(&text, STR("odd \"name"));
    assert_string_equal(text.ptr, "CREATE ROLE \"odd \"\"name\" NOLOGIN");
    strbuf_release(&text);
    arena_release(&arena);
}

static void add_fact(struct pgtools_facts *facts, const char *kind, const char *name,
                     const char *value, bool exact)
{
    *ARRAY_PUSH(facts->items, facts->count, facts->capacity) =
        (struct pgtools_fact){.kind = str_from(kind),
                              .name = str_from(name),
                              .value = str_from(value),
                              .exact = exact};
}

static void fault_F33_every_difference_is_named(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct pgtools_facts source = {.arena = &arena};
    struct pgtools_facts copy = {.arena = &arena};
    struct pgtools_comparison result;
    pgtools_compare(&result, &arena, &source, &copy);
    assert_false(result.equal); /* nothing proves nothing */
    add_fact(&source, "rows", "public.a", "10", true);
    add_fact(&source, "sequence", "public.s", "10 by 1", true);
    add_fact(&source, "sequence", "public.new", "- by 1", true);
    add_fact(&source, "rows", "public.huge", "1000000", false);
    add_fact(&copy, "rows", "public.huge", "1000100", false);
    add_fact(&copy, "sequence", "public.new", "3 by 1", true);
    add_fact(&copy, "sequence", "public.s", "12 by 1", true);
    add_fact(&copy, "rows", "public.a", "10", true);
    pgtools_compare(&result, &arena, &source, &copy);
    assert_true(result.equal && result.faults == 0);
    assert_int_equal(result.count, 3); /* two moved, one estimate: named, no faults */
    assert_int_equal(result.rows, 10);
    add_fact(&source, "policy", "public.a.p", "x", true);
    add_fact(&copy, "policy", "public.a.q", "x", true);
    add_fact(&source, "rows", "public.b", "212", true);
    add_fact(&copy, "rows", "public.b", "211", true);
    add_fact(&source, "sequence", "public.back", "12 by 1", true);
    add_fact(&copy, "sequence", "public.back", "10 by 1", true);
    add_fact(&source, "sequence", "public.down", "10 by -1", true);
    add_fact(&copy, "sequence", "public.down", "12 by -1", true);
    pgtools_compare(&result, &arena, &source, &copy);
    assert_false(result.equal);
    assert_int_equal(result.faults, 5);
    static const char *const texts[] = {
        "policy public.a.p: missing in the copy",
        "policy public.a.q: only in the copy",
        "rows of public.b: 212 in the source, 211 in the copy",
        "rows of public.huge: too large to be counted, not compared, 1000000 in the source, "
        "1000100 in the copy",
        "sequence public.back: 12 by 1 in the source, 10 by 1 in the copy",
        "sequence public.down: 10 by -1 in the source, 12 by -1 in the copy",
        "sequence public.new: went on while the dump ran, - by 1 in the source, 3 by 1 in the "
        "copy",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct strbuf text = {0};
        pgtools_finding_text(&text, &result.findings[i]);
        assert_string_equal(text.ptr, texts[i]);
        strbuf_release(&text);
    }
    free(source.items);
    free(copy.items);
    arena_release(&arena);
}

static void counting_is_chunked_and_quoted(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct rows tables;
    struct pgtools_facts facts = {.arena = &arena};
    rows_init(&tables, &arena, 4);
    static const char *const rows[][4] = {{"public", "a'b", "10", "1"},
                                          {"public", "q\"t", "10", "2"},
                                          {"public", "big", "5000", "77"},
                                          {"s", "c", "10", "3"}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct cell *cells = rows_add(&tables);
        for (size_t j = 0; j < 4; j++) {
            cells[j].text = str_from(rows[i][j]);
        }
    }
    const char **list = pgtools_count_statements(&arena, &tables, 1000, 2, &facts);
    argv_is(list, (const char *[]){
                      "select 'rows', 'public.a''b', pg_catalog.count(*)::pg_catalog.text from "
                      "only \"public\".\"a'b\" r union all select 'rows', 'public.q\"t', "
                      "pg_catalog.count(*)::pg_catalog.text from only \"public\".\"q\"\"t\" r",
                      "select 'rows', 's.c', pg_catalog.count(*)::pg_catalog.text from only "
                      "\"s\".\"c\" r",
                      NULL});
    assert_int_equal(facts.count, 1);
    assert_false(facts.items[0].exact);
    assert_string_equal(facts.items[0].name.ptr, "public.big");
    free(facts.items);
    facts = (struct pgtools_facts){.arena = &arena};
    list = pgtools_count_statements(&arena, &tables, PLAN_UNSAID, 0, &facts);
    assert_non_null(list[0]);
    assert_null(list[1]);
    assert_int_equal(facts.count, 0);
    arena_release(&arena);
}

static void switch_names_fit(void **state)
{
    (void)state;
    struct arena arena = {0};
    int64_t at_us = 0;
    assert_true(time_from_text(STR("2024-01-31T08:30:02Z"), &at_us));
    assert_string_equal(pgtools_old_name(&arena, STR("app"), at_us).ptr,
                        "app_before_gonogo_20240131_083002");
    struct strbuf umlauts = {0};
    for (int i = 0; i < 31; i++) {
        strbuf_text(&umlauts, "ä");
    }
    struct str name = pgtools_old_name(&arena, strbuf_str(&umlauts), at_us);
    assert_true(name.len <= PGTOOLS_NAME_MAX);
    assert_int_equal(utf8_invalid_at(name), name.len);
    strbuf_release(&umlauts);
    struct pgtools_switch names = {STR("app"), STR("app_new"), STR("app_old")};
    struct pgtools_switch_sql sql;
    pgtools_switch_statements(&sql, &arena, &names);
    assert_string_equal(sql.close, "ALTER DATABASE \"app\" ALLOW_CONNECTIONS false");
    assert_string_equal(sql.rename, "ALTER DATABASE \"app\" RENAME TO \"app_old\"");
    assert_string_equal(sql.adopt, "ALTER DATABASE \"app_new\" RENAME TO \"app\"");
    assert_string_equal(sql.undo_adopt, "ALTER DATABASE \"app\" RENAME TO \"app_new\"");
    assert_string_equal(sql.undo_rename, "ALTER DATABASE \"app_old\" RENAME TO \"app\"");
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fault_F34_versions_are_read_and_judged),
        cmocka_unit_test(bindir_is_chosen_by_major),
        cmocka_unit_test(fault_F43_environment_carries_no_password),
        cmocka_unit_test(argument_vectors_are_exact),
        cmocka_unit_test(progress_counts_tables_and_complaints),
        cmocka_unit_test(fault_F34_quiet_failures_are_no_backup),
        cmocka_unit_test(fault_F34_last_words_are_told),
        cmocka_unit_test(list_is_read),
        cmocka_unit_test(fault_F33_roles_are_found_and_none_invented),
        cmocka_unit_test(fault_F33_every_difference_is_named),
        cmocka_unit_test(counting_is_chunked_and_quoted),
        cmocka_unit_test(switch_names_fit),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
