/* SPDX-License-Identifier: PostgreSQL */
/*
 * The throw-away server: it answers, it leaves nothing, it comes from a template the
 * second time, it goes when its owner is killed, and the broom takes what then lies
 * about and nothing that lives.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "files.h"
#include "scratch_place.h"
#include "scratch_server.h"
#include "task_child.h"

enum {
    LIMIT_SECONDS = 60
};

struct world {
    struct loop *loop;
    struct scratch_server *server;
    int ready;
    int failed;
    int stopped;
    char why[2 * ERR_TEXT_MAX];
};

static void on_ready(void *ctx)
{
    ((struct world *)ctx)->ready++;
}

static void on_failed(void *ctx, const struct err *why)
{
    struct world *world = ctx;
    world->failed++;
    (void)snprintf(world->why, sizeof world->why, "%s %s", why->message, why->detail);
}

static void on_stopped(void *ctx)
{
    ((struct world *)ctx)->stopped++;
}

static const struct scratch_hooks hooks = {on_ready, on_failed, on_stopped};

/* Runs the loop until *what is at least `wanted`. */
static void run_until(struct world *world, const int *what, int wanted)
{
    int64_t limit_us = loop_now_us() + LIMIT_SECONDS * US_PER_SECOND;
    struct err err = {0};
    while (*what < wanted && world->failed == 0 && loop_now_us() < limit_us) {
        assert_true(loop_run_once(world->loop, US_PER_SECOND, &err));
    }
    if (world->failed > 0) {
        print_message("# %s\n", world->why);
    }
    assert_int_equal(*what, wanted);
}

static void begin(struct world *world, const struct scratch_spec *spec)
{
    struct err err = {0};
    *world = (struct world){.loop = loop_new()};
    world->server = scratch_server_new(world->loop, spec, &hooks, world, &err);
    if (world->server == NULL) {
        print_message("# %s: %s\n", err.message, err.detail);
    }
    assert_non_null(world->server);
}

static void end(struct world *world)
{
    scratch_server_free(world->server);
    loop_free(world->loop);
}

static bool is_there(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0;
}

static char *kept_folder(const struct world *world)
{
    return mem_text(scratch_server_folder(world->server));
}

/* ------------------------------------------------------------- a session on it */

struct asked {
    int connected;
    int done;
    struct strbuf value;
};

static void asked_connected(void *ctx, const struct err *err)
{
    struct asked *asked = ctx;
    assert_null(err);
    asked->connected++;
}

static bool asked_answered(void *ctx, size_t index, const struct db_reply *reply,
                           struct err *err)
{
    struct asked *asked = ctx;
    (void)index;
    (void)err;
    strbuf_add(&asked->value, rows_text(&reply->rows, 0, 0));
    return true;
}

static void asked_done(void *ctx, const struct err *err)
{
    struct asked *asked = ctx;
    if (err != NULL) {
        print_message("# %s %s\n", err->message, err->detail);
    }
    assert_null(err);
    asked->done++;
}

static void ask(struct world *world, const char *sql, struct strbuf *value)
{
    static const struct task_session_hooks session_hooks = {asked_connected, asked_answered,
                                                            asked_done};
    struct asked asked = {0};
    struct arena arena = {0};
    struct db_params params = {0};
    struct err err = {0};
    struct task_statement statement = {.sql = sql};
    struct task_session *session = task_session_new(world->loop, &session_hooks, &asked);
    scratch_server_params(world->server, &params, &arena, "postgres", "postgres");
    assert_true(task_session_connect(session, &params, "test", NULL, 0,
                                     loop_now_us() + US_PER_MINUTE, &err));
    run_until(world, &asked.connected, 1);
    task_session_run(session, &statement, 1);
    run_until(world, &asked.done, 1);
    strbuf_add(value, strbuf_str(&asked.value));
    strbuf_release(&asked.value);
    task_session_free(session);
    arena_release(&arena);
}

/* -------------------------------------------------------------------- the tests */

static void a_server_answers_and_leaves_nothing(void **state)
{
    (void)state;
    struct world world;
    struct strbuf value = {0};
    begin(&world, &(struct scratch_spec){0});
    char *folder = kept_folder(&world);
    run_until(&world, &world.ready, 1);
    ask(&world, "select current_setting('listen_addresses') || '/' || 6 * 7", &value);
    assert_string_equal(value.ptr, "/42");
    struct stat info;
    assert_int_equal(lstat(folder, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
    pid_t pid = scratch_server_pid(world.server);
    assert_true(pid > 0);
    scratch_server_stop(world.server);
    run_until(&world, &world.stopped, 1);
    assert_false(is_there(folder));
    assert_int_equal(kill(pid, 0), -1);
    end(&world);
    strbuf_release(&value);
    free(folder);
}

static void an_early_free_leaves_nothing_either(void **state)
{
    (void)state;
    for (int rounds = 1; rounds < 400; rounds += 57) {
        struct world world;
        struct err err = {0};
        begin(&world, &(struct scratch_spec){0});
        char *folder = kept_folder(&world);
        for (int i = 0; i < rounds && world.ready == 0; i++) {
            assert_true(loop_run_once(world.loop, 20 * US_PER_MS, &err));
        }
        end(&world);
        assert_false(is_there(folder));
        free(folder);
    }
}

static void make_cache(char *path, size_t size)
{
    (void)snprintf(path, size, "/tmp/gonogo-cache-XXXXXX");
    assert_non_null(mkdtemp(path));
}

static void remove_cache(const char *path)
{
    assert_true(scratch_folder_remove(path, NULL));
}

static void the_second_one_comes_from_the_template(void **state)
{
    (void)state;
    char cache[64];
    make_cache(cache, sizeof cache);
    struct scratch_spec spec = {.cache = cache, .template_name = "0123456789abcdef"};
    struct strbuf value = {0};
    struct world world;

    begin(&world, &spec);
    run_until(&world, &world.ready, 1);
    assert_false(scratch_server_from_template(world.server));
    ask(&world, "create table public.kept as select 7 as n", &value);
    scratch_server_save(world.server);
    run_until(&world, &world.ready, 2);
    scratch_server_stop(world.server);
    run_until(&world, &world.stopped, 1);
    end(&world);

    int64_t start_us = loop_now_us();
    begin(&world, &spec);
    run_until(&world, &world.ready, 1);
    print_message("# from the template in %lld ms\n",
                  (long long)((loop_now_us() - start_us) / US_PER_MS));
    assert_true(scratch_server_from_template(world.server));
    strbuf_clear(&value);
    ask(&world, "select n from public.kept", &value);
    assert_string_equal(value.ptr, "7");
    end(&world);
    strbuf_release(&value);
    remove_cache(cache);
}

static void only_the_newest_templates_stay(void **state)
{
    (void)state;
    static const char *const names[] = {"aa", "bb", "cc", "dd", "ee", "ff"};
    char cache[64];
    make_cache(cache, sizeof cache);
    struct world world;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct scratch_spec spec = {.cache = cache, .template_name = names[i]};
        begin(&world, &spec);
        run_until(&world, &world.ready, 1);
        scratch_server_save(world.server);
        run_until(&world, &world.ready, 2);
        end(&world);
    }
    begin(&world, &(struct scratch_spec){.cache = cache, .template_name = names[5]});
    run_until(&world, &world.ready, 1);
    assert_true(scratch_server_from_template(world.server));
    end(&world);
    DIR *dir = opendir(cache);
    assert_non_null(dir);
    int count = 0;
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        count += entry->d_name[0] != '.';
    }
    closedir(dir);
    assert_int_equal(count, 1 + 4);
    remove_cache(cache);
}

/* A template with a hole in it is thrown away; the server starts all the same. */
static void a_broken_template_is_replaced(void **state)
{
    (void)state;
    char cache[64];
    char path[512];
    make_cache(cache, sizeof cache);
    struct scratch_spec spec = {.cache = cache};
    struct world world;
    begin(&world, &spec);
    run_until(&world, &world.ready, 1);
    end(&world);

    DIR *dir = opendir(cache);
    assert_non_null(dir);
    int broken = 0;
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        if (entry->d_name[0] != '.') {
            (void)snprintf(path, sizeof path, "%s/%s/global/pg_control", cache, entry->d_name);
            assert_int_equal(truncate(path, 100), 0);
            broken++;
        }
    }
    closedir(dir);
    assert_int_equal(broken, 1);

    begin(&world, &spec);
    run_until(&world, &world.ready, 1);
    end(&world);
    remove_cache(cache);
}

static void a_crashed_server_comes_back(void **state)
{
    (void)state;
    struct world world;
    struct strbuf value = {0};
    begin(&world, &(struct scratch_spec){0});
    run_until(&world, &world.ready, 1);
    ask(&world, "create table public.kept as select 5 as n", &value);
    pid_t before = scratch_server_pid(world.server);
    scratch_server_crash(world.server);
    run_until(&world, &world.ready, 2);
    assert_int_not_equal(before, scratch_server_pid(world.server));
    strbuf_clear(&value);
    ask(&world, "select n from public.kept", &value);
    assert_string_equal(value.ptr, "5");
    end(&world);
    strbuf_release(&value);
}

static void a_server_that_dies_is_told(void **state)
{
    (void)state;
    struct world world;
    struct err err = {0};
    begin(&world, &(struct scratch_spec){0});
    run_until(&world, &world.ready, 1);
    assert_int_equal(kill(scratch_server_pid(world.server), SIGKILL), 0);
    for (int i = 0; i < 1000 && world.failed == 0; i++) {
        assert_true(loop_run_once(world.loop, US_PER_SECOND, &err));
    }
    assert_int_equal(world.failed, 1);
    end(&world);
}

static void a_hostile_tmpdir_is_passed_over(void **state)
{
    (void)state;
    char hidden[64] = "/tmp/gonogo-hidden-XXXXXX";
    char deep[256];
    assert_non_null(mkdtemp(hidden));
    (void)snprintf(deep, sizeof deep, "%s/%0120d", hidden, 1);
    assert_int_equal(mkdir(deep, 0777), 0);
    const char *places[] = {hidden, deep, "relative", "/does/not/exist"};
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        struct scratch_account account;
        struct strbuf path = {0};
        struct err err = {0};
        assert_int_equal(setenv("TMPDIR", places[i], 1), 0);
        assert_true(scratch_account_find(&account, &err));
        assert_true(scratch_folder_make(&account, i % 2 == 0, &path, &err));
        assert_true(path.len < 94);
        if (!account.drop && i == 0) {
            assert_true(str_starts(strbuf_str(&path), hidden)); /* ours: fine for us */
        } else {
            assert_false(str_starts(strbuf_str(&path), hidden));
        }
        assert_true(scratch_folder_remove(path.ptr, &err));
        strbuf_release(&path);
    }
    assert_int_equal(unsetenv("TMPDIR"), 0);
    assert_true(scratch_folder_remove(hidden, NULL));
}

/* In memory only when it may, when nobody wished for a place, and when there is room. */
static void memory_is_used_where_it_may_be(void **state)
{
    (void)state;
    int64_t bytes = 0;
    struct scratch_account account;
    struct err err = {0};
    bool roomy = access("/dev/shm", W_OK | X_OK) == 0 &&
                 files_free_bytes("/dev/shm", &bytes, &err) && bytes >= INT64_C(1) << 30;
    char *wish = getenv("TMPDIR") ? mem_text(getenv("TMPDIR")) : NULL;
    assert_true(scratch_account_find(&account, &err));
    for (int memory = 0; memory < 2; memory++) {
        for (int wished = 0; wished < 2; wished++) {
            struct strbuf path = {0};
            assert_int_equal(wished ? setenv("TMPDIR", "/var/tmp", 1) : unsetenv("TMPDIR"), 0);
            assert_true(scratch_folder_make(&account, memory, &path, &err));
            const char *place = wished ? "/var/tmp/" : memory && roomy ? "/dev/shm/" : "/tmp/";
            assert_true(str_starts(strbuf_str(&path), place));
            assert_true(scratch_folder_remove(path.ptr, &err));
            strbuf_release(&path);
        }
    }
    if (wish) {
        assert_int_equal(setenv("TMPDIR", wish, 1), 0);
    }
    free(wish);
}

/* Without root nothing is dropped: the same steps as the account that calls. */
static void an_ordinary_user_needs_no_root(void **state)
{
    (void)state;
    const struct passwd *nobody = getpwnam("nobody");
    bool root = geteuid() == 0;
    assert_non_null(nobody);
    uid_t owner = root ? nobody->pw_uid : geteuid();
    pid_t child = fork();
    if (child == 0) {
        struct world world = {.loop = loop_new()};
        struct err err = {0};
        if (root && (setgid(nobody->pw_gid) != 0 || setuid(nobody->pw_uid) != 0)) {
            _exit(2);
        }
        world.server =
            scratch_server_new(world.loop, &(struct scratch_spec){0}, &hooks, &world, &err);
        while (world.server != NULL && world.ready + world.failed == 0 &&
               loop_run_once(world.loop, US_PER_SECOND, &err)) {
            continue;
        }
        struct stat info;
        bool good = world.ready == 1 &&
                    lstat(scratch_server_folder(world.server), &info) == 0 &&
                    info.st_uid == owner;
        scratch_server_free(world.server);
        _exit(good ? 0 : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* The owner is killed without warning: the kernel ends the server, the broom does the rest. */
static void fault_F35_nothing_survives_a_kill_of_the_owner(void **state)
{
    (void)state;
    int told[2];
    assert_int_equal(pipe(told), 0);
    pid_t owner = fork();
    if (owner == 0) {
        struct world world = {.loop = loop_new()};
        struct err err = {0};
        (void)unsetenv("TMPDIR"); /* in memory where there is any: that is swept, too */
        world.server = scratch_server_new(world.loop, &(struct scratch_spec){.memory = true},
                                          &hooks, &world, &err);
        while (world.server != NULL && loop_run_once(world.loop, US_PER_SECOND, &err)) {
            if (world.ready == 1) {
                world.ready++;
                dprintf(told[1], "%d %s", (int)scratch_server_pid(world.server),
                        scratch_server_folder(world.server));
                close(told[1]);
            }
        }
        _exit(1);
    }
    close(told[1]);
    char line[256] = {0};
    size_t length = 0;
    ssize_t got = 0;
    while ((got = read(told[0], line + length, sizeof line - 1 - length)) > 0) {
        length += (size_t)got;
    }
    close(told[0]);
    char *folder = strchr(line, ' ');
    assert_non_null(folder);
    *folder++ = '\0';
    int64_t pid = 0;
    assert_true(str_to_i64(str_from(line), &pid) && pid > 1);

    scratch_sweep();
    assert_true(is_there(folder)); /* it lives: the broom passes by */
    assert_int_equal(kill(owner, SIGKILL), 0);
    assert_int_equal(waitpid(owner, NULL, 0), owner);
    int64_t limit_us = loop_now_us() + 10 * US_PER_SECOND;
    while (scratch_process_start((pid_t)pid) != 0 && loop_now_us() < limit_us) {
        (void)poll(NULL, 0, 20);
    }
    assert_int_equal(scratch_process_start((pid_t)pid), 0);
    assert_true(is_there(folder));
    scratch_sweep();
    assert_false(is_there(folder));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_answers_and_leaves_nothing),
        cmocka_unit_test(an_early_free_leaves_nothing_either),
        cmocka_unit_test(the_second_one_comes_from_the_template),
        cmocka_unit_test(only_the_newest_templates_stay),
        cmocka_unit_test(a_broken_template_is_replaced),
        cmocka_unit_test(a_crashed_server_comes_back),
        cmocka_unit_test(memory_is_used_where_it_may_be),
        cmocka_unit_test(a_server_that_dies_is_told),
        cmocka_unit_test(a_hostile_tmpdir_is_passed_over),
        cmocka_unit_test(an_ordinary_user_needs_no_root),
        cmocka_unit_test(fault_F35_nothing_survives_a_kill_of_the_owner),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("task_scratch", tests, NULL, NULL);
}
