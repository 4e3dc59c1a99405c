/* SPDX-License-Identifier: PostgreSQL */
/*
 * P19: how long a throw-away server takes: to start from nothing, answer and be gone
 * again as the tests do it (with-server), and to be ready as restore tests and the demo
 * do it, from nothing and from the kept template. The peer is pg_virtualenv.
 */
#include "base.h"
#include "bench.h"
#include "loop.h"
#include "scratch_server.h"

struct world {
    struct loop *loop;
    int ready;
    int stopped;
};

static void on_ready(void *ctx)
{
    ((struct world *)ctx)->ready++;
}

static void on_failed(void *ctx, const struct err *why)
{
    (void)ctx;
    bench_die("the server did not start: %s %s", why->message, why->detail);
}

static void on_stopped(void *ctx)
{
    ((struct world *)ctx)->stopped++;
}

static void run_until(struct world *world, const int *what)
{
    struct err err = {0};
    while (*what == 0) {
        if (!loop_run_once(world->loop, LOOP_NEVER, &err)) {
            bench_die("%s", err.message);
        }
    }
}

/* Milliseconds until it answers. */
static double start_scratch(const char *cache)
{
    static const struct scratch_hooks hooks = {on_ready, on_failed, on_stopped};
    struct world world = {.loop = loop_new()};
    struct err err = {0};
    double start_ms = bench_now_ms();
    struct scratch_server *server =
        scratch_server_new(world.loop, &(struct scratch_spec){.cache = cache, .memory = true},
                           &hooks, &world, &err);
    if (server == NULL) {
        bench_die("%s", err.message);
    }
    run_until(&world, &world.ready);
    double ms = bench_now_ms() - start_ms;
    scratch_server_stop(server);
    run_until(&world, &world.stopped);
    scratch_server_free(server);
    loop_free(world.loop);
    return ms;
}

/* 0 when it is not installed, or does not work here. */
static double start_peer(void)
{
    static const char *const argv[] = {"pg_virtualenv", "-t", "true", NULL};
    struct bench_child child = bench_run(argv, NULL);
    return child.status == 0 ? child.ms : 0;
}

/*
 * Files are made and removed by the thousand, so the file system of the place counts: the goal
 * is that of the place which is chosen where nobody says one (`place` NULL).
 */
static void compare(const char *place, const char *name, bool with_peer)
{
    static const char *const shared[] = {"tests/support/with-server", "true", NULL};
    struct bench_series tests = {0};
    struct bench_series cold = {0};
    struct bench_series warm = {0};
    struct bench_series peer = {0};
    char what[128];
    const char *cache = bench_must_folder();
    if ((place != NULL ? setenv("TMPDIR", place, 1) : unsetenv("TMPDIR")) != 0) {
        bench_die("cannot set TMPDIR");
    }
    (void)start_scratch(cache); /* leaves the template there */
    bool has_peer = with_peer && start_peer() > 0;
    long rounds = bench_number("BENCH_ROUNDS", 5);
    for (long i = 0; i < rounds; i++) {
        bench_add(&tests, bench_must(shared, NULL).ms);
        bench_add(&cold, start_scratch(NULL));
        bench_add(&warm, start_scratch(cache));
        if (has_peer) {
            bench_add(&peer, start_peer());
        }
    }
    struct bench_row row = {.id = "P19",
                            .what = what,
                            .goal = place != NULL ? BENCH_REPORTED : BENCH_AT_MOST,
                            .limit = 1500};
    (void)snprintf(what, sizeof(what), "test cluster %s, cold: start, answer, gone", name);
    row.ours = bench_median(&tests);
    row.peer = bench_median(&peer);
    row.peer_name = has_peer    ? "pg_virtualenv -t"
                    : with_peer ? "pg_virtualenv is not installed"
                                : NULL;
    bench_print(&row);
    (void)snprintf(what, sizeof(what), "scratch server %s, cold: ready", name);
    row.ours = bench_median(&cold);
    row.peer = 0;
    row.peer_name = NULL;
    bench_print(&row);
    (void)snprintf(what, sizeof(what), "scratch server %s, from template: ready", name);
    row.floor = row.ours;
    row.floor_name = "cold";
    row.ours = bench_median(&warm);
    row.limit = 400;
    bench_print(&row);
}

int main(void)
{
    char *said = mem_text(getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "");
    compare(NULL, "where it is put", true);
    compare(said[0] != '\0' ? said : "/tmp", "on the disk", false);
    free(said);
    return 0;
}
