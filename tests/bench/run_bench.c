/* SPDX-License-Identifier: PostgreSQL */
/*
 * Whole headless runs of the built program: P3 (1,000 statements, each on its own, the
 * record synced before each), P5 and P6 (a trivial run), P7 (without a server), P10 as a run
 * asks its checks. Peers and floor send the same file to the same server in the same round,
 * each to a new database.
 *
 * "Without sync" means a run directory in memory (/dev/shm), where fsync costs nothing.
 * Of our run only the time from the record before the first statement to the answer of
 * the last one counts for P3; of psql the whole, less a psql with an empty file.
 */
#include "bench_plan.h"
#include "delay_proxy.h"
#include "server.h"

#define DATABASE "bench_run"

enum {
    MANY = 1000,
    LARGE = 20000,
    CHECKS = 12,
};

struct world {
    const struct test_server *server;
    const char *folder;   /* on the disk */
    const char *memory;   /* in /dev/shm; NULL where there is none */
    char log[BENCH_PATH]; /* what the child said last */
    char psql[BENCH_PATH];
    char gonogo[BENCH_PATH];
    char loop[BENCH_PATH];
    char empty[BENCH_PATH]; /* an SQL file without a statement */
};

static void world_init(struct world *world)
{
    *world = (struct world){.server = test_server_get(),
                            .folder = bench_must_folder(),
                            .memory = bench_folder("/dev/shm")};
    const char *gonogo = getenv("GONOGO_BENCH_PROGRAM");
    bench_path(world->gonogo, "%s", gonogo ? gonogo : "build/release/gonogo");
    bench_path(world->loop, "build/release/tests/bench/loop_bench");
    bench_path(world->psql, "%s/psql", test_server_bindir());
    bench_path(world->log, "%s/log", world->folder);
    bench_path(world->empty, "%s/empty.sql", world->folder);
    bench_write(world->empty, STR(""));
    bool ok = setenv("PGHOST", test_server_socket_dir(world->server), 1) == 0 &&
              setenv("PGPORT", test_server_port(world->server), 1) == 0 &&
              setenv("PGUSER", "postgres", 1) == 0 && setenv("PGDATABASE", DATABASE, 1) == 0 &&
              setenv("XDG_CACHE_HOME", world->folder, 1) == 0;
    if (!ok) {
        bench_die("cannot set the environment");
    }
}

static void world_release(struct world *world)
{
    test_database_drop(world->server, DATABASE);
}

/* --------------------------------------------------------------- the runners */

/* One run with a state folder of its own in `place`; `run` gets its directory. */
static struct bench_child run_ours(const struct world *world, const struct bench_plan *plan,
                                   const char *place, char *run)
{
    const char *argv[] = {world->gonogo, "run",       plan->plan,    "--headless", "--as",
                          "bench",       "--answers", plan->answers, NULL};
    char state[BENCH_PATH];
    bench_path(state, "%s/state", place);
    bench_remove(state);
    if (setenv("XDG_STATE_HOME", state, 1) != 0) {
        bench_die("cannot set the environment");
    }
    struct bench_child child = bench_run(argv, world->log);
    if (child.status != 0) {
        const char *cat[] = {"sh", "-c", "tail -n 12 \"$1\" >&2", "sh", world->log, NULL};
        (void)bench_run(cat, "/dev/stderr");
        bench_die("%s run ended with %d", world->gonogo, child.status);
    }
    bench_find_run(state, run);
    return child;
}

static struct bench_child run_psql(const struct world *world, const char *file)
{
    const char *argv[] = {world->psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", file, NULL};
    return bench_must(argv, world->log);
}

/* Milliseconds of the statements alone go to *inner_ms. */
static struct bench_child run_loop(const struct world *world, const char *file,
                                   double *inner_ms)
{
    const char *argv[] = {world->loop, file, NULL};
    char text[64] = "";
    struct bench_child child = bench_must(argv, world->log);
    FILE *log = fopen(world->log, "r");
    if (log == NULL || fgets(text, sizeof(text), log) == NULL) {
        bench_die("%s said nothing", world->loop);
    }
    (void)fclose(log);
    *inner_ms = strtod(text, NULL);
    return child;
}

static void new_database(const struct world *world)
{
    test_database_create(world->server, DATABASE);
}

/* ------------------------------------------------------------------------ P3 */

static double our_statements(const struct world *world, const struct bench_plan *plan,
                             const char *place)
{
    struct bench_span span = {
        .from = "{\"announce\":\"intent\"", .to = "{\"event\":\"statement\"", .limit = MANY};
    char run[BENCH_PATH];
    new_database(world);
    (void)run_ours(world, plan, place, run);
    double ms = bench_span_ms(run, &span);
    if (span.count != MANY) {
        bench_die("%zu statements in the record, not %d", span.count, MANY);
    }
    return ms;
}

static void bench_autocommit(const struct world *world)
{
    struct bench_plan plan;
    struct strbuf sql = {0};
    struct bench_series synced = {0};
    struct bench_series unsynced = {0};
    struct bench_series psql = {0};
    struct bench_series floor = {0};
    bench_mixture(&sql, MANY);
    bench_plan_make(&plan, world->folder, "each", strbuf_str(&sql), "    transaction: each\n",
                    "");
    strbuf_release(&sql);
    long rounds = bench_number("BENCH_ROUNDS", 5);
    for (long i = 0; i < rounds; i++) {
        double inner_ms;
        new_database(world);
        (void)run_loop(world, plan.sql, &inner_ms);
        bench_add(&floor, inner_ms);
        new_database(world);
        double start_ms = run_psql(world, world->empty).ms;
        bench_add(&psql, run_psql(world, plan.sql).ms - start_ms);
        if (world->memory != NULL) {
            bench_add(&unsynced, our_statements(world, &plan, world->memory));
        }
        bench_add(&synced, our_statements(world, &plan, world->folder));
    }
    struct bench_row row = {.id = "P3",
                            .what = "1,000 autocommit statements, record without sync",
                            .ours = bench_median(&unsynced),
                            .peer = bench_median(&psql),
                            .peer_name = "psql -f",
                            .floor = bench_median(&floor),
                            .floor_name = "libpq loop",
                            .goal = BENCH_OF_FLOOR,
                            .limit = 1.08};
    if (unsynced.count > 0) {
        bench_print(&row);
    }
    row.what = "the same, record synced before each";
    row.ours = bench_median(&synced);
    row.goal = BENCH_REPORTED;
    bench_print(&row);
}

/* ------------------------------------------------------------------- P5, P6 */

static void large_file(struct strbuf *sql)
{
    strbuf_text(sql, "create table large (id int primary key, code text);\n");
    for (int i = 1; i < LARGE; i++) {
        strbuf_format(sql, "insert into large values (%d, 'number %d of many');\n", i, i);
    }
}

static void bench_trivial(const struct world *world)
{
    struct bench_plan plan;
    struct bench_series ours = {0};
    struct bench_series psql = {0};
    struct bench_series floor = {0};
    struct bench_series our_mib = {0};
    struct bench_series psql_mib = {0};
    struct bench_series floor_mib = {0};
    bench_plan_make(&plan, world->folder, "trivial", STR("create table one (id int);\n"), "",
                    "");
    long rounds = bench_number("BENCH_ROUNDS", 11);
    for (long i = 0; i < rounds; i++) {
        char run[BENCH_PATH];
        double inner_ms;
        new_database(world);
        struct bench_child child = run_ours(world, &plan, world->folder, run);
        bench_add(&ours, child.ms);
        bench_add(&our_mib, child.peak_mib);
        new_database(world);
        child = run_psql(world, plan.sql);
        bench_add(&psql, child.ms);
        bench_add(&psql_mib, child.peak_mib);
        new_database(world);
        child = run_loop(world, plan.sql, &inner_ms);
        bench_add(&floor, child.ms);
        bench_add(&floor_mib, child.peak_mib);
    }
    struct bench_row row = {.id = "P5",
                            .what = "a trivial run, start to exit",
                            .ours = bench_median(&ours),
                            .peer = bench_median(&psql),
                            .peer_name = "psql -f",
                            .floor = bench_median(&floor),
                            .floor_name = "libpq loop",
                            .goal = BENCH_AT_MOST,
                            .limit = 150};
    bench_print(&row);
    row.id = "P6";
    row.what = "peak memory of the trivial run";
    row.unit = BENCH_MIB;
    row.ours = bench_median(&our_mib);
    row.peer = bench_median(&psql_mib);
    row.floor = bench_median(&floor_mib);
    row.limit = 14;
    bench_print(&row);
}

static void bench_memory(const struct world *world)
{
    struct bench_plan plan;
    struct strbuf sql = {0};
    char run[BENCH_PATH];
    double inner_ms;
    large_file(&sql);
    bench_plan_make(&plan, world->folder, "large", strbuf_str(&sql), "", "");
    strbuf_release(&sql);
    new_database(world);
    double ours = run_ours(world, &plan, world->folder, run).peak_mib;
    new_database(world);
    double psql = run_psql(world, plan.sql).peak_mib;
    new_database(world);
    double floor = run_loop(world, plan.sql, &inner_ms).peak_mib;
    bench_print(&(struct bench_row){.id = "P6",
                                    .what = "peak memory, one file of 20,000 statements",
                                    .unit = BENCH_MIB,
                                    .ours = ours,
                                    .peer = psql,
                                    .peer_name = "psql -f",
                                    .floor = floor,
                                    .floor_name = "libpq loop",
                                    .goal = BENCH_AT_MOST,
                                    .limit = 20});
}

/* ------------------------------------------------------- P10, as a run does it */

static void make_checked_plan(const struct world *world, struct bench_plan *plan)
{
    struct strbuf rest = {0};
    strbuf_text(&rest, "verification:\n  sets:\n    - name: light\n      checks:\n");
    for (int i = 0; i < CHECKS; i++) {
        strbuf_format(&rest,
                      "        - { id: Q%02d, name: light %d, sql: select count(*) from "
                      "pg_catalog.pg_namespace where nspname = 'none%d', equals: 0 }\n",
                      i + 1, i + 1, i);
    }
    bench_plan_make(plan, world->folder, "checked", STR("create table one (id int);\n"), "",
                    rest.ptr);
    strbuf_release(&rest);
}

static void bench_checks(const struct world *world, const char *host, const char *what,
                         double goal_ms)
{
    struct bench_plan plan;
    struct bench_series ours = {0};
    make_checked_plan(world, &plan);
    long rounds = bench_number("BENCH_ROUNDS", 5);
    for (long i = 0; i < rounds; i++) {
        /* The checks wait for the snapshot, and are asked when it is there. */
        struct bench_span span = {
            .from = "{\"event\":\"snapshot\"", .to = "{\"event\":\"checked\"", .limit = CHECKS};
        char run[BENCH_PATH];
        new_database(world);
        if (setenv("PGHOST", host, 1) != 0) {
            bench_die("cannot set the environment");
        }
        (void)run_ours(world, &plan, world->folder, run);
        double ms = bench_span_ms(run, &span);
        if (span.count != CHECKS) {
            bench_die("%zu checks in the record, not %d", span.count, CHECKS);
        }
        bench_add(&ours, ms);
    }
    (void)setenv("PGHOST", test_server_socket_dir(world->server), 1);
    bench_print(&(struct bench_row){.id = "P10",
                                    .what = what,
                                    .ours = bench_median(&ours),
                                    .goal = BENCH_AT_MOST,
                                    .limit = goal_ms});
}

static void bench_checks_of_a_run(const struct world *world)
{
    const char *folder = bench_must_folder();
    bench_checks(world, test_server_socket_dir(world->server),
                 "twelve light checks of a run, by its record, local", 1.5);
    pid_t proxy = proxy_start(folder, test_server_socket_dir(world->server), 1);
    bench_checks(world, folder, "the same at 1 ms round trip", 3.5);
    (void)kill(proxy, SIGKILL);
    (void)waitpid(proxy, NULL, 0);
}

/* ------------------------------------------------------------------------ P7 */

/* A command that asks no server, start to exit; it ends with 0, or with 10: findings. */
static void bench_alone(const struct world *world, const char *what, const char *command,
                        const char *file)
{
    const char *argv[] = {world->gonogo, command, file, NULL};
    struct bench_series ms = {0};
    struct bench_series mib = {0};
    char memory[64];
    long rounds = bench_number("BENCH_ROUNDS", 21);
    for (long i = 0; i < rounds; i++) {
        struct bench_child child = bench_run(argv, world->log);
        if (child.status != 0 && child.status != 10) {
            bench_die("gonogo %s ended with %d", command, child.status);
        }
        bench_add(&ms, child.ms);
        bench_add(&mib, child.peak_mib);
    }
    struct bench_row row = {.id = "P7",
                            .what = what,
                            .ours = bench_median(&ms),
                            .peer_name = NULL,
                            .goal = BENCH_AT_MOST,
                            .limit = 8};
    bench_print(&row);
    (void)snprintf(memory, sizeof(memory), "peak memory of %s", what);
    row.what = memory;
    row.unit = BENCH_MIB;
    row.ours = bench_median(&mib);
    row.limit = 12;
    bench_print(&row);
}

static void bench_without_server(const struct world *world)
{
    struct bench_plan plan;
    bench_plan_make(&plan, world->folder, "alone",
                    STR("create table one (id int);\nalter table two add column note text;\n"),
                    "", "");
    bench_alone(world, "--help", "--help", NULL);
    bench_alone(world, "check of a plan", "check", plan.plan);
    bench_alone(world, "explain of a file", "explain", plan.sql);
}

int main(void)
{
    struct world world;
    world_init(&world);
    bench_autocommit(&world);
    bench_trivial(&world);
    bench_memory(&world);
    bench_without_server(&world);
    bench_checks_of_a_run(&world);
    world_release(&world);
    return 0;
}
