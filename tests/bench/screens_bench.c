/* SPDX-License-Identifier: PostgreSQL */
/*
 * P12 to P15 and P17: the full screens on a terminal of 120 by 40, in turn with htop,
 * pg_activity and top. What is seen is what libvterm drew: a first frame counts when its
 * last row is there, a key when the terminal got the last byte that it led to. Processor
 * time is the kernel's own, in nanoseconds (/proc/PID/schedstat).
 */
#include <poll.h>
#include <sys/stat.h>

#include "bench_plan.h"
#include "screen.h"
#include "server.h"

enum {
    COLUMNS = 120,
    ROWS = 40,
    SOON = 20, /* seconds; whoever needs longer is not measured */
    KEYS = 200,
    IDLE_MS = 10000,
    QUIET_MS = 25, /* nothing more comes of this key */
    SEEN_MS = 500, /* nothing at all came of it */
};
#define DATABASE "bench_screens"

static const char *const environment[] = {
    "TERM=xterm-256color", "LC_ALL=C.UTF-8", "TMUX", "STY", "NO_COLOR", "SSH_CONNECTION", NULL};

/* --------------------------------------------------------- what others run, too */

/* A program of the field: how it is started, and what stands in its first frame. */
struct peer {
    const char *name;
    const char *argv[8];
    const char *sign;
    const char *const *keys; /* move the cursor to and fro; NULL: it has none */
};

static const char *const arrows[] = {"\033[B", "\033[A"};
static const char *const letters[] = {"k", "j"};
static struct peer peers[] = {
    {"htop", {"htop", NULL}, "Quit", arrows},
    {"pg_activity", {"pg_activity", "-U", "postgres", "-h", NULL, NULL}, "Pause", NULL},
    {"top", {"top", NULL}, "COMMAND", NULL},
};
/* Of each peer, and of ours behind them; 0 = not measured. */
enum {
    OURS = COUNT_OF(peers)
};
static struct bench_series first_paint[OURS + 1];
static double idle_percent[OURS + 1];
static double bytes_per_second[OURS + 1];
static double key_p99_ms[OURS + 1];
static double waiting_percent;

/* limit 0: no goal; a peer without a value stands there by its name alone. */
static void print_row(const char *id, const char *what, enum bench_unit unit, double ours,
                      const char *peer_name, double peer, double limit)
{
    bench_print(&(struct bench_row){.id = id,
                                    .what = what,
                                    .unit = unit,
                                    .ours = ours,
                                    .peer = peer,
                                    .peer_name = peer_name,
                                    .goal = limit > 0 ? BENCH_AT_MOST : BENCH_REPORTED,
                                    .limit = limit});
}

static const char *find_program(const char *name)
{
    static char path[BENCH_PATH];
    struct str rest = str_from(getenv("PATH"));
    struct str folder;
    while (rest.len > 0) {
        (void)str_cut(&rest, ':', &folder);
        bench_path(path, "%.*s/%s", STR_ARG(folder), name);
        if (access(path, X_OK) == 0) {
            return path;
        }
    }
    return NULL;
}

static void find_peers(void)
{
    for (size_t i = 0; i < COUNT_OF(peers); i++) {
        const char *path = find_program(peers[i].name);
        peers[i].argv[0] = path ? mem_text(path) : NULL;
    }
    peers[1].argv[4] = getenv("PGHOST");
}

/* ------------------------------------------------------------- seen and counted */

static double cpu_ms(pid_t pid)
{
    char path[64];
    long long ns = 0;
    (void)snprintf(path, sizeof(path), "/proc/%d/schedstat", (int)pid);
    FILE *file = fopen(path, "r");
    if (!file || fscanf(file, "%lld", &ns) != 1) {
        bench_die("%s cannot be read", path);
    }
    (void)fclose(file);
    return (double)ns / 1e6;
}

static void must_show(struct screen *screen, const char *text)
{
    if (!screen_wait(screen, text, SOON)) {
        bench_die("\"%s\" was not seen on:\n%s", text, screen_text(screen));
    }
}

/* Types, and reads until the terminal is quiet; the milliseconds to the last byte, 0: none
 * came. */
static double type_and_see(struct screen *screen, const char *keys)
{
    struct pty *pty = screen_pty(screen);
    struct pollfd readable = {.fd = pty_fd(pty), .events = POLLIN};
    double start_ms = bench_now_ms();
    double last_ms = start_ms;
    pty_type(pty, keys);
    while (poll(&readable, 1, last_ms > start_ms ? QUIET_MS : SEEN_MS) > 0) {
        (void)pty_read(pty, 0);
        last_ms = bench_now_ms();
    }
    return last_ms - start_ms;
}

static size_t bytes_so_far(struct screen *screen)
{
    return strlen(pty_screen(screen_pty(screen)));
}

static struct screen *start_and_see(const char *const *argv, const char *sign,
                                    struct bench_series *paint)
{
    double start_ms = bench_now_ms();
    struct screen *screen = screen_start(argv, environment, COLUMNS, ROWS);
    must_show(screen, sign);
    bench_add(paint, bench_now_ms() - start_ms);
    return screen;
}

/* How busy it is while nobody types, and how much it writes. */
static double idle(struct screen *screen, double *bytes_each_second)
{
    pid_t pid = pty_pid(screen_pty(screen));
    screen_read(screen, 1500); /* what a start still brings */
    size_t bytes = bytes_so_far(screen);
    double before_ms = cpu_ms(pid);
    double start_ms = bench_now_ms();
    screen_read(screen, IDLE_MS);
    double passed_ms = bench_now_ms() - start_ms;
    if (bytes_each_second) {
        *bytes_each_second = (double)(bytes_so_far(screen) - bytes) * 1e3 / passed_ms;
    }
    return 100 * (cpu_ms(pid) - before_ms) / passed_ms;
}

/* To and fro; a key that changes nothing in sight is not counted. */
static double keys_p99(struct screen *screen, const char *const *keys)
{
    double ms[KEYS];
    int count = 0;
    for (int i = 0; i < KEYS; i++) {
        double took_ms = type_and_see(screen, keys[i % 2]);
        if (took_ms > 0) {
            ms[count++] = took_ms;
        }
    }
    if (count < KEYS / 2) {
        bench_die("only %d of %d keys led to a frame:\n%s", count, KEYS, screen_text(screen));
    }
    qsort(ms, (size_t)count, sizeof(ms[0]), bench_compare);
    return ms[(count * 99 + 99) / 100 - 1];
}

/* ---------------------------------------------------------------------- the run */

struct world {
    char plan[BENCH_PATH];
    char state[BENCH_PATH];
};

static void write_text(const char *folder, const char *name, const char *text)
{
    char path[BENCH_PATH];
    bench_path(path, "%s/%s", folder, name);
    bench_write(path, str_from(text));
}

static void make_world(struct world *world)
{
    const char *folder = bench_must_folder();
    bench_path(world->plan, "%s/plan.yaml", folder);
    bench_path(world->state, "%s/state", folder);
    (void)setenv("XDG_STATE_HOME", world->state, 1);
    (void)setenv("HOME", folder, 1);
    write_text(folder, "001.sql",
               "create table orders (id int);\ninsert into orders values (1);\n"
               "select pg_sleep(600);\n");
    write_text(folder, "plan.yaml",
               "version: 1\nname: The screens\n"
               "ledger: { table: schema_migrations, style: plain, create: true }\n"
               "targets: [{ id: scratch, environment: scratch }]\n"
               "steps: [{ migration: \"001\", file: 001.sql, undo: none }]\n");
    test_database_create(test_server_get(), DATABASE);
}

static void remove_world(void)
{
    test_database_drop(test_server_get(), DATABASE);
}

static struct screen *start_run(const struct world *world, struct bench_series *paint)
{
    const char *const argv[] = {pty_program(), "run",      world->plan, "--username",
                                "app_owner",   "--dbname", DATABASE,    NULL};
    return start_and_see(argv, "help", paint);
}

/* A question is deaf at first: what was typed before it was seen is not meant for it. */
static void answer(struct screen *screen, const char *title, const char *text)
{
    enum {
        DEAF_MS = 500
    };
    must_show(screen, "a answer");
    pty_type(screen_pty(screen), "a");
    must_show(screen, title);
    screen_read(screen, DEAF_MS);
    pty_type(screen_pty(screen), text);
    if (!screen_wait_gone(screen, title, SOON)) {
        bench_die("an answer was not taken:\n%s", screen_text(screen));
    }
}

/* From the first question to the statement that sleeps. */
static void walk_to_the_statement(struct screen *screen)
{
    answer(screen, "Nothing is on the checklist of PREP", "go\r");
    answer(screen, "Nobody votes", "go\r");
    answer(screen, "name of the database:", DATABASE "\r");
    must_show(screen, "pg_sleep");
}

static void end(struct screen *screen)
{
    (void)kill(pty_pid(screen_pty(screen)), SIGTERM);
    (void)pty_end(screen_pty(screen), SOON);
    screen_free(screen);
}

/* From the second ^C until the screen tells what the server said; then the run holds. */
static double cancel(struct screen *screen)
{
    screen_read(screen, 500);
    pty_type(screen_pty(screen), "\003");
    must_show(screen, "once more");
    double start_ms = bench_now_ms();
    pty_type(screen_pty(screen), "\003");
    must_show(screen, "57014");
    return bench_now_ms() - start_ms;
}

/* -------------------------------------------------------------------- measuring */

/* The first frame of everybody, in turn. */
static void measure_starts(const struct world *world, long rounds)
{
    for (long round = 0; round < rounds; round++) {
        end(start_run(world, &first_paint[OURS]));
        for (size_t i = 0; i < COUNT_OF(peers); i++) {
            if (peers[i].argv[0]) {
                end(start_and_see(peers[i].argv, peers[i].sign, &first_paint[i]));
            }
        }
    }
}

static void measure_peers(void)
{
    struct bench_series paint = {0};
    for (size_t i = 0; i < COUNT_OF(peers); i++) {
        if (!peers[i].argv[0]) {
            continue;
        }
        struct screen *screen = start_and_see(peers[i].argv, peers[i].sign, &paint);
        idle_percent[i] = idle(screen, &bytes_per_second[i]);
        if (peers[i].keys) {
            key_p99_ms[i] = keys_p99(screen, peers[i].keys);
        }
        end(screen);
    }
}

/* A whole frame at the size that the terminal has. */
static void measure_repaint(struct screen *screen, const char *what)
{
    enum {
        FRAMES = 20
    };
    pid_t pid = pty_pid(screen_pty(screen));
    size_t bytes = bytes_so_far(screen);
    double before_ms = cpu_ms(pid);
    for (int i = 0; i < FRAMES; i++) {
        (void)type_and_see(screen, "\f");
    }
    char text[96];
    double cpu = (cpu_ms(pid) - before_ms) / FRAMES;
    (void)snprintf(text, sizeof(text), "a whole frame, %s: bytes", what);
    print_row("P12", text, BENCH_BYTES, (double)(bytes_so_far(screen) - bytes) / FRAMES, NULL,
              0, 0);
    (void)snprintf(text, sizeof(text), "a whole frame, %s: processor time", what);
    print_row("P12", text, BENCH_MS, cpu, NULL, 0, 0);
}

static void measure_sizes(struct screen *screen)
{
    static const struct {
        int columns, rows;
        const char *text;
    } sizes[] = {{80, 24, "80x24"}, {200, 60, "200x60"}, {COLUMNS, ROWS, "120x40"}};
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        screen_resize(screen, sizes[i].columns, sizes[i].rows);
        screen_read(screen, 500);
        measure_repaint(screen, sizes[i].text);
    }
}

/* One run: it waits for a person, then a statement sleeps, then that is cancelled. */
static void measure_run(const struct world *world)
{
    struct bench_series paint = {0};
    struct screen *screen = start_run(world, &paint);
    must_show(screen, "a answer");
    waiting_percent = idle(screen, NULL);
    walk_to_the_statement(screen);
    idle_percent[OURS] = idle(screen, &bytes_per_second[OURS]);
    key_p99_ms[OURS] = keys_p99(screen, letters);
    measure_sizes(screen);
    print_row("P17", "^C until the screen tells 57014", BENCH_MS, cancel(screen), NULL, 0, 20);
    end(screen);
}

/* One line for each of the others; a goal is judged once. */
static void print_beside_peers(const char *id, const char *what, enum bench_unit unit,
                               double ours, const double *others, double limit)
{
    for (size_t i = 0; i < COUNT_OF(peers); i++) {
        char name[64];
        (void)snprintf(name, sizeof(name), "%s%s", peers[i].name,
                       peers[i].argv[0] ? "" : " is not installed");
        if (i == 0 || others[i] > 0) {
            print_row(id, what, unit, ours, name, others[i], limit);
        }
    }
}

int main(void)
{
    struct world world;
    double paint_ms[1 + COUNT_OF(peers)] = {0};
    find_peers();
    make_world(&world);
    measure_starts(&world, bench_number("BENCH_ROUNDS", 7));
    measure_peers();
    measure_run(&world);
    remove_world();
    for (size_t i = 0; i <= COUNT_OF(peers); i++) {
        paint_ms[i] = bench_median(&first_paint[i]);
    }
    print_row("P14", "idle at a question, no probes", BENCH_PERCENT, waiting_percent, NULL, 0,
              0.15);
    print_beside_peers("P14", "idle while a statement runs, locks polled", BENCH_PERCENT,
                       idle_percent[OURS], idle_percent, 1);
    print_beside_peers("P13", "bytes a second, idle", BENCH_BYTES, bytes_per_second[OURS],
                       bytes_per_second, 0);
    print_beside_peers("P15", "start to first frame", BENCH_MS, paint_ms[OURS], paint_ms, 25);
    print_beside_peers("P15", "key to frame while a statement runs, p99 of 200", BENCH_MS,
                       key_p99_ms[OURS], key_p99_ms, 16);
    return 0;
}
