/* SPDX-License-Identifier: PostgreSQL */
/*
 * Backups with the real programs: dump in an exported snapshot, list, roles, restore into
 * a second server, compare; dumps that are cut, flipped, empty or of another database;
 * the switch by rename.
 */
#include "monitor_ask.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pgtools.h"
#include "testing.h"

struct scene {
    struct test_server *server;  /* the database to be saved */
    struct test_server *scratch; /* where its dump is tried */
    struct arena arena;
    char folder[64];
    char dump_program[256];
    char restore_program[256];
};

static void seed(const struct test_server *server)
{
    static const char sql[] =
        "create role reader; create role \"odd \"\"name\"; create role backend;"
        "create extension hstore; create schema side authorization app_owner;"
        "set role app_owner;"
        "create type mood as enum ('calm', 'loud');"
        "create table quests(id serial primary key, title varchar(20) check (title in "
        "('a', 'b', 'q')), m mood default 'calm', n numeric(10,2)[] default '{1}');"
        "create table \"Odd \"\"Table\"(id int primary key, quest int references quests(id));"
        "insert into quests(title) select 'q' from generate_series(1, 2000);"
        "insert into \"Odd \"\"Table\" select i, i from generate_series(1, 500) i;"
        "alter table quests enable row level security;"
        "create policy \"read all\" on quests for select to reader, \"odd \"\"name\" "
        "using (title in ('a', 'b'));"
        "grant select on quests to reader with grant option;"
        "grant update (title) on quests to backend;"
        "alter default privileges in schema side grant select on tables to reader;"
        "create view v as select id, title::text || 'x' as t from quests where id in (1, 2);"
        "create function f() returns text language sql as "
        "$$ select 'GRANT SELECT ON x TO nobody_at_all;' $$;"
        "create materialized view mv as select count(*) from quests;";
    test_database_create(server, "app");
    test_execute(server, "app", sql);
}

static int open_scene(void **state)
{
    struct scene *scene = mem_zero(1, sizeof(*scene));
    scene->server = test_server_private(NULL);
    scene->scratch = test_server_private(NULL);
    seed(scene->server);
    snprintf(scene->folder, sizeof(scene->folder), "/tmp/gonogo-pgtools-XXXXXX");
    assert_non_null(mkdtemp(scene->folder));
    snprintf(scene->dump_program, sizeof(scene->dump_program), "%s/pg_dump",
             test_server_bindir());
    snprintf(scene->restore_program, sizeof(scene->restore_program), "%s/pg_restore",
             test_server_bindir());
    *state = scene;
    return 0;
}

static struct str path_in(struct scene *scene, const char *name)
{
    return str_format(&scene->arena, "%s/%s", scene->folder, name);
}

static int close_scene(void **state)
{
    static const char *const names[] = {"app.dump", "app.dump.partial",  "bad.dump", "out",
                                        "err",      "other.dump.partial"};
    struct scene *scene = *state;
    test_server_free(scene->scratch);
    test_server_free(scene->server);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        unlink(path_in(scene, names[i]).ptr);
    }
    assert_int_equal(rmdir(scene->folder), 0);
    arena_release(&scene->arena);
    free(scene);
    return 0;
}

static struct str slurp(struct scene *scene, const char *path)
{
    struct strbuf text = {0};
    assert_true(test_read_file(path, 0, &text));
    struct str copy = str_dup(&scene->arena, strbuf_str(&text));
    strbuf_release(&text);
    return copy;
}

/* Runs a program as the room says; its output is in "out", its complaints in "err". */
static int start(struct scene *scene, const struct test_server *server, const char **argv)
{
    struct pgtools_connection connection = {
        .host = str_from(test_server_socket_dir(server)),
        .port = str_from(test_server_port(server)),
        .database = STR("app"),
        .user = STR("postgres"),
        .application_name = STR("gonogo backup"),
    };
    const char **set = pgtools_environment(&scene->arena, &connection);
    const char **unset = pgtools_environment_unset(&scene->arena, &connection);
    struct str out = path_in(scene, "out");
    struct str err = path_in(scene, "err");
    pid_t child = fork();
    if (child == 0) {
        for (size_t i = 0; unset[i]; i++) {
            unsetenv(unset[i]);
        }
        for (size_t i = 0; set[i]; i++) {
            putenv((char *)(uintptr_t)set[i]);
        }
        if (freopen(out.ptr, "wb", stdout) && freopen(err.ptr, "wb", stderr)) {
            execv(argv[0], (char *const *)(uintptr_t)argv);
        }
        _exit(127);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static struct pgtools_progress complaints(struct scene *scene)
{
    struct pgtools_progress progress = {0};
    struct str text = slurp(scene, path_in(scene, "err").ptr);
    struct str line = {0};
    while (str_cut(&text, '\n', &line)) {
        (void)pgtools_progress_take(&progress, line);
    }
    return progress;
}

static int64_t size_of(struct str path)
{
    struct stat file;
    return stat(path.ptr, &file) == 0 ? (int64_t)file.st_size : -1;
}

static void gather(struct scene *scene, PGconn *connection, struct pgtools_facts *facts)
{
    struct arena *arena = &scene->arena;
    facts->arena = arena;
    (void)ask(connection, arena, pgtools_facts_settings(), NULL, NULL, NULL);
    struct rows tables = ask(connection, arena, pgtools_tables_query(), NULL, NULL, NULL);
    const char **counts = pgtools_count_statements(arena, &tables, PLAN_UNSAID, 1, facts);
    for (size_t i = 0; counts[i]; i++) {
        struct rows rows = ask(connection, arena, counts[i], NULL, NULL, NULL);
        pgtools_facts_take(facts, &rows);
    }
    counts = pgtools_content_statements(arena, &tables, PLAN_UNSAID, 0);
    for (size_t i = 0; counts[i]; i++) {
        struct rows rows = ask(connection, arena, counts[i], NULL, NULL, NULL);
        pgtools_facts_take(facts, &rows);
    }
    struct rows rows = ask(connection, arena, pgtools_sequences_query(), NULL, NULL, NULL);
    pgtools_facts_take(facts, &rows);
    rows = ask(connection, arena, pgtools_objects_query(150000), NULL, NULL, NULL);
    pgtools_facts_take(facts, &rows);
}

/* Dumps `app` into name.partial in an exported snapshot and takes the facts in the same. */
static void back_up(struct scene *scene, const char *name, struct pgtools_facts *facts)
{
    struct err err = {0};
    PGconn *source = session(scene->server, "app", "postgres", "source");
    run(source, "begin transaction isolation level repeatable read read only");
    struct rows rows =
        ask(source, &scene->arena, "select pg_export_snapshot()", NULL, NULL, NULL);
    gather(scene, source, facts);
    /* what comes after the snapshot is in neither the facts nor the dump */
    test_execute(scene->server, "app", "insert into quests(title) values ('q')");
    struct pgtools_dump dump = {.program = scene->dump_program,
                                .file = path_in(scene, name),
                                .format = PLAN_FORMAT_CUSTOM,
                                .snapshot = rows_text(&rows, 0, 0)};
    int status = start(scene, scene->server, pgtools_dump_argv(&scene->arena, &dump));
    struct pgtools_progress progress = complaints(scene);
    struct str partial = pgtools_partial_name(&scene->arena, dump.file);
    if (!pgtools_run_passed(&progress, "pg_dump", status, size_of(partial), &err)) {
        fail_msg("%s: %s", err.message, err.detail);
    }
    assert_int_equal(progress.tables, 2);
    run(source, "commit");
    PQfinish(source);
}

/* Restores into a new database of the scratch server; false when pg_restore says so. */
static bool restore(struct scene *scene, struct str file)
{
    struct err err = {0};
    struct strbuf text = {0};
    struct pgtools_restore how = {
        .program = scene->restore_program, .file = file, .database = STR("app")};
    PGconn *source = session(scene->server, "app", "postgres", "source");
    struct rows rows = ask(source, &scene->arena, pgtools_database_query(), NULL, NULL, NULL);
    PQfinish(source);
    test_execute(scene->scratch, "postgres", "drop database if exists app");
    assert_true(pgtools_create_database(&text, STR("app"), &rows, &err));
    test_execute(scene->scratch, "postgres", text.ptr);
    strbuf_release(&text);
    int status = start(scene, scene->scratch, pgtools_restore_argv(&scene->arena, &how));
    struct pgtools_progress progress = complaints(scene);
    return pgtools_run_passed(&progress, "pg_restore", status, size_of(file), &err);
}

static bool is_green(struct scene *scene, struct str file, struct pgtools_facts *source,
                     struct pgtools_comparison *result)
{
    struct pgtools_facts copy = {0};
    *result = (struct pgtools_comparison){0};
    if (!restore(scene, file)) {
        return false;
    }
    PGconn *connection = session(scene->scratch, "app", "postgres", "copy");
    gather(scene, connection, &copy);
    PQfinish(connection);
    pgtools_compare(result, &scene->arena, source, &copy);
    for (size_t i = 0; i < result->count; i++) {
        struct strbuf text = {0};
        pgtools_finding_text(&text, &result->findings[i]);
        print_message("# %s\n", text.ptr);
        strbuf_release(&text);
    }
    bool equal = result->equal;
    free(copy.items);
    return equal;
}

static void make_roles(struct scene *scene, struct str file)
{
    struct pgtools_names roles;
    const char **argv = pgtools_schema_argv(&scene->arena, scene->restore_program, file);
    assert_int_equal(start(scene, scene->scratch, argv), 0);
    struct str sql = slurp(scene, path_in(scene, "out").ptr);
    pgtools_roles_read(&roles, &scene->arena, sql);
    assert_int_equal(roles.count, 4);
    assert_string_equal(roles.items[0].ptr, "app_owner");
    assert_string_equal(roles.items[2].ptr, "odd \"name");
    PGconn *scratch = session(scene->scratch, "postgres", "postgres", "roles");
    struct rows known = ask(scratch, &scene->arena, pgtools_roles_query(), NULL, NULL, NULL);
    for (size_t i = 0; i < roles.count; i++) {
        bool there = false;
        for (size_t j = 0; j < known.row_count; j++) {
            there |= str_is(rows_text(&known, j, 0), roles.items[i]);
        }
        if (!there) {
            struct strbuf text = {0};
            pgtools_create_role(&text, roles.items[i]);
            run(scratch, text.ptr);
            strbuf_release(&text);
        }
    }
    PQfinish(scratch);
}

static void read_list(struct scene *scene, struct str file)
{
    struct pgtools_list list;
    struct err err = {0};
    const char **argv = pgtools_list_argv(&scene->arena, scene->restore_program, file);
    assert_int_equal(start(scene, scene->scratch, argv), 0);
    struct str output = slurp(scene, path_in(scene, "out").ptr);
    assert_true(pgtools_list_read(&list, &scene->arena, output, &err));
    assert_true(str_eq(list.database, "app"));
    assert_int_equal(pgtools_list_count(&list, "TABLE"), 2);
    assert_int_equal(pgtools_list_count(&list, "TABLE DATA"), 2);
    assert_int_equal(pgtools_list_count(&list, "FK CONSTRAINT"), 1);
    assert_int_equal(pgtools_list_count(&list, "POLICY"), 1);
    assert_int_equal(pgtools_list_count(&list, "EXTENSION"), 1);
}

static void fault_F33_only_a_compared_dump_is_green(void **state)
{
    struct scene *scene = *state;
    struct pgtools_facts source = {0};
    struct pgtools_comparison result;
    back_up(scene, "app.dump", &source);
    struct str good = path_in(scene, "app.dump.partial");
    struct str bad = path_in(scene, "bad.dump");
    read_list(scene, good);
    assert_false(restore(scene, good)); /* the roles are missing */
    make_roles(scene, good);
    assert_true(is_green(scene, good, &source, &result));
    assert_int_equal(result.rows, 2500);

    struct str bytes = slurp(scene, good.ptr);
    test_write_file(bad.ptr, str_slice(bytes, 0, bytes.len * 6 / 10));
    assert_false(is_green(scene, bad, &source, &result));
    char *flipped = mem_alloc(bytes.len);
    memcpy(flipped, bytes.ptr, bytes.len);
    flipped[bytes.len - bytes.len / 4] ^= 0x40; /* in the data, which stands at the end */
    test_write_file(bad.ptr, (struct str){flipped, bytes.len});
    free(flipped);
    assert_false(is_green(scene, bad, &source, &result));
    test_write_file(bad.ptr, STR(""));
    assert_false(is_green(scene, bad, &source, &result));
    free(source.items);
}

/* Without compression nothing in the archive notices a flipped byte: the content must. */
static void fault_F33_a_silently_wrong_row_is_not_green(void **state)
{
    struct scene *scene = *state;
    struct pgtools_facts source = {0};
    struct pgtools_comparison result;
    struct str file = path_in(scene, "bad.dump");
    const char *argv[] = {scene->dump_program, "-Fc", "-Z0", "-f", file.ptr, NULL};
    test_execute(scene->server, "app",
                 "create table plain(word text); "
                 "insert into plain values ('needle in the dump')");
    PGconn *connection = session(scene->server, "app", "postgres", "source");
    gather(scene, connection, &source);
    PQfinish(connection);
    assert_int_equal(start(scene, scene->server, argv), 0);
    assert_true(is_green(scene, file, &source, &result));
    struct str bytes = slurp(scene, file.ptr);
    size_t at = 0;
    while (!str_starts(str_slice(bytes, at, bytes.len), "needle in the dump")) {
        at++;
        assert_true(at < bytes.len);
    }
    char *flipped = mem_alloc(bytes.len);
    memcpy(flipped, bytes.ptr, bytes.len);
    flipped[at] = 'N';
    test_write_file(file.ptr, (struct str){flipped, bytes.len});
    free(flipped);
    assert_false(is_green(scene, file, &source, &result));
    assert_int_equal(result.faults, 1);
    assert_true(str_eq(result.findings[0].source->kind, "content"));
    test_execute(scene->server, "app", "drop table plain");
    free(source.items);
}

static void fault_F33_the_dump_of_another_state_is_not_green(void **state)
{
    struct scene *scene = *state;
    struct pgtools_facts before = {0};
    struct pgtools_facts after = {0};
    struct pgtools_comparison result;
    PGconn *source = session(scene->server, "app", "postgres", "source");
    gather(scene, source, &before);
    PQfinish(source);
    test_execute(scene->server, "app",
                 "delete from \"Odd \"\"Table\" where id = 7;"
                 "alter policy \"read all\" on quests to reader;"
                 "revoke update (title) on quests from backend;"
                 "alter table quests alter m set default 'loud'");
    back_up(scene, "other.dump", &after);
    struct str file = path_in(scene, "other.dump.partial");
    assert_false(is_green(scene, file, &before, &result));
    /* rows and content of one table, two columns, one policy */
    assert_int_equal(result.faults, 5);
    assert_true(is_green(scene, file, &after, &result));
    free(before.items);
    free(after.items);
}

static void fault_F35_a_dump_that_is_blocked_ends_in_time(void **state)
{
    struct scene *scene = *state;
    struct err err = {0};
    struct pgtools_dump dump = {.program = scene->dump_program,
                                .file = path_in(scene, "other.dump"),
                                .lock_timeout_us = 200 * US_PER_MS};
    PGconn *holder = session(scene->server, "app", "postgres", "holder");
    run(holder, "begin; lock table quests in access exclusive mode");
    int status = start(scene, scene->server, pgtools_dump_argv(&scene->arena, &dump));
    struct pgtools_progress progress = complaints(scene);
    struct str partial = pgtools_partial_name(&scene->arena, dump.file);
    assert_false(pgtools_run_passed(&progress, "pg_dump", status, size_of(partial), &err));
    assert_int_equal(progress.errors, 1);
    assert_non_null(strstr(progress.first_error, "timeout"));
    assert_non_null(strstr(err.detail, "LOCK TABLE public.quests"));
    assert_non_null(strstr(err.hint, "This is no backup"));
    PQfinish(holder);
}

static void fault_F34_version_and_list_of_the_real_programs(void **state)
{
    struct scene *scene = *state;
    struct err err = {0};
    struct pgtools_version dump;
    struct pgtools_version tool;
    struct pgtools_list list;
    const char *dump_argv[] = {scene->dump_program, "--version", NULL};
    const char *restore_argv[] = {scene->restore_program, "--version", NULL};
    assert_int_equal(start(scene, scene->server, dump_argv), 0);
    struct str text = slurp(scene, path_in(scene, "out").ptr);
    assert_true(pgtools_version_read(&dump, text, &err));
    assert_int_equal(start(scene, scene->server, restore_argv), 0);
    text = slurp(scene, path_in(scene, "out").ptr);
    assert_true(pgtools_version_read(&tool, text, &err));
    long server =
        test_query_number(scene->server, "app", "select current_setting('server_version_num')");
    assert_true(pgtools_versions_fit(&dump, &tool, 0, (int)server, &err));
    assert_false(pgtools_versions_fit(&dump, &tool, 0, (int)server + 10000, &err));
    /* --version is no table of contents */
    assert_false(pgtools_list_read(&list, &scene->arena, text, &err));
}

static void copy_settings(struct scene *scene, PGconn *owner, const char *from, const char *to)
{
    struct err err = {0};
    struct rows rows = ask(owner, &scene->arena, pgtools_settings_query(), from, NULL, NULL);
    struct rows other = ask(owner, &scene->arena, pgtools_settings_query(), to, NULL, NULL);
    assert_false(pgtools_settings_equal(&rows, &other, &err));
    const char **list = pgtools_copy_settings(&scene->arena, &rows, str_from(to));
    for (size_t i = 0; list[i]; i++) {
        run(owner, list[i]);
    }
    other = ask(owner, &scene->arena, pgtools_settings_query(), to, NULL, NULL);
    if (!pgtools_settings_equal(&rows, &other, &err)) {
        fail_msg("%s", err.message);
    }
}

static void switch_by_rename_keeps_settings_and_the_old_data(void **state)
{
    struct scene *scene = *state;
    struct pgtools_switch names = {STR("live"), STR("live_new"), STR("live_old")};
    struct pgtools_switch_sql sql;
    const struct test_server *server = scene->server;
    test_database_create(server, "live");
    test_database_create(server, "live_new");
    test_execute(server, "live",
                 "create table old_data(id int);"
                 "alter database live set search_path to \"$user\", side, public;"
                 "alter database live set work_mem to '5MB';"
                 "alter role reader in database live set app.tenant = 'x''y\\z';"
                 "grant connect on database live to backend with grant option;"
                 "revoke temporary on database live from public;"
                 "alter database live connection limit 17");
    PGconn *guest = session(server, "live", "app_owner", "guest");
    PGconn *admin = session(server, "postgres", "postgres", "admin");
    PGconn *owner = session(server, "postgres", "app_owner", "owner");
    struct rows rows =
        ask(owner, &scene->arena, pgtools_obstacles_query(), "live", "live_new", "postgres");
    bool right = test_query_number(server, "postgres",
                                   "select rolcreatedb::int from pg_roles "
                                   "where rolname = 'app_owner'") == 0;
    assert_int_equal(rows.row_count, right ? 3 : 2);
    assert_true(str_eq(rows_text(&rows, 0, 0), "name"));
    assert_true(pgtools_obstacle_is_session(rows_text(&rows, rows.row_count - 1, 0)));
    rows = ask(admin, &scene->arena, pgtools_obstacles_query(), "live", "live_new", "live_old");
    assert_int_equal(rows.row_count, 1);
    PQfinish(guest);
    assert_true(test_query_becomes(
        server, "postgres", "select count(*) from pg_stat_activity where datname = 'live'",
        "0"));
    rows = ask(admin, &scene->arena, pgtools_obstacles_query(), "live", "live_new", "live_old");
    assert_int_equal(rows.row_count, 0);

    copy_settings(scene, admin, "live", "live_new");
    pgtools_switch_statements(&sql, &scene->arena, &names);
    run(admin, sql.close);
    rows = ask(admin, &scene->arena, pgtools_sessions_query(), "live", NULL, NULL);
    assert_int_equal(rows.row_count, 0);
    run(admin, "begin");
    run(admin, sql.rename);
    run(admin, sql.adopt);
    run(admin, "commit");
    assert_int_equal(test_query_number(server, "live",
                                       "select count(*) from pg_class where "
                                       "relname = 'old_data'"),
                     0);
    char *path = test_query(server, "live",
                            "select setting from pg_settings "
                            "where name = 'search_path'");
    assert_string_equal(path, "\"$user\", side, public");
    free(path);
    run(admin, "begin");
    run(admin, sql.undo_adopt);
    run(admin, sql.undo_rename);
    run(admin, "commit");
    run(admin, sql.reopen);
    assert_int_equal(test_query_number(server, "live",
                                       "select count(*) from pg_class where "
                                       "relname = 'old_data'"),
                     1);
    PQfinish(owner);
    PQfinish(admin);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fault_F33_only_a_compared_dump_is_green),
        cmocka_unit_test(fault_F33_a_silently_wrong_row_is_not_green),
        cmocka_unit_test(fault_F33_the_dump_of_another_state_is_not_green),
        cmocka_unit_test(fault_F35_a_dump_that_is_blocked_ends_in_time),
        cmocka_unit_test(fault_F34_version_and_list_of_the_real_programs),
        cmocka_unit_test(switch_by_rename_keeps_settings_and_the_old_data),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, open_scene, close_scene);
}
