/* SPDX-License-Identifier: PostgreSQL */
/*
 * Server, template, plans and program of the fault tests. Nothing here knows what is
 * right; that is the checker's.
 */
#include "fault_world.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    PROGRAM_SECONDS = 60,
    WORKERS = 2
};

/* --------------------------------------------------------------- small helpers */

void fault_dice_seed(struct fault_dice *dice, uint64_t seed)
{
    dice->state = seed * UINT64_C(0x9E3779B97F4A7C15) + UINT64_C(0xD1B54A32D192ED03);
    if (dice->state == 0) {
        dice->state = 1;
    }
}

uint64_t fault_dice_roll(struct fault_dice *dice, uint64_t below)
{
    dice->state ^= dice->state << 13;
    dice->state ^= dice->state >> 7;
    dice->state ^= dice->state << 17;
    return below > 0 ? (dice->state >> 11) % below : 0;
}

int fault_in_parallel(int count, bool (*work)(void *ctx, int item), void *ctx)
{
    pid_t workers[WORKERS];
    int failed = 0;
    (void)fflush(stdout);
    for (int w = 0; w < WORKERS; w++) {
        workers[w] = fork();
        if (workers[w] == 0) {
            int bad = 0;
            for (int item = w; item < count; item += WORKERS) {
                bad += !work(ctx, item);
            }
            (void)fflush(stdout);
            _exit(bad > 90 ? 90 : bad);
        }
    }
    for (int w = 0; w < WORKERS; w++) {
        int status = test_wait_status(workers[w]);
        failed += WIFEXITED(status) ? WEXITSTATUS(status) : 99;
    }
    return failed;
}

static void write_file(const char *folder, const char *name, struct str text)
{
    char path[2 * FAULT_PATH];
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    test_write_file(path, text);
}

static void make_folder(const char *path)
{
    if (mkdir(path, 0700) != 0) {
        test_bail_out("cannot make %s: %s", path, strerror(errno));
    }
}

static void remove_tree(const char *path)
{
    test_run_tool((const char *const[]){"rm", "-rf", path, NULL});
}

/* ----------------------------------------------------------------------- world */

static const char plan_head[] =
    "version: 1\n"
    "name: fault harness\n"
    "window: { date: \"2024-01-31\", weekday: wed, timezone: UTC, opens: \"08:00\", "
    "closes: \"12:00\" }\n"
    "search_path: [public]\n";
static const char plan_rest[] =
    "targets: [{ id: scratch, environment: scratch }]\n"
    "safety: { lock_timeout: 20s, statement_timeout: 60s, idle_in_transaction: 10s }\n"
    "state:\n"
    "  schemas: [public]\n"
    "  count:\n"
    "    - { what: tables, before: 52, after: 43 }\n"
    "    - { what: foreign_keys, before: 38, after: 42 }\n"
    "    - { what: rls_policies, before: 16, after: 18 }\n"
    "  removed_tables: [quests, quest_moves, quest_milestones, capability_nodes, "
    "maneuver_prerequisites, quick_wins, cohort_relations, move_decisions, notifications]\n"
    "  changes:\n"
    "    - what: foreign_keys\n"
    "      new: [agent_recommendations_workspace_id_fkey, "
    "agent_recommendations_agent_id_fkey, agent_recommendations_campaign_id_fkey, "
    "agent_trust_scores_workspace_id_fkey, agent_trust_scores_agent_id_fkey, "
    "competitors_workspace_id_fkey, competitors_created_by_fkey]\n"
    "    - what: rls_policies\n"
    "      new: [agent_recommendations.workspace read, agent_trust_scores.workspace read, "
    "competitors.workspace read]\n"
    "    - what: tables_with_rls\n"
    "      new: [agent_recommendations, agent_trust_scores]\n"
    "    - what: indexes\n"
    "      new: [agent_recommendations_workspace_id_idx, "
    "agent_trust_scores_workspace_id_idx]\n"
    "    - what: columns\n"
    "      new: [agent_recommendations.workspace_id, agent_recommendations.outcome_status, "
    "agent_recommendations.outcome_quality_score]\n"
    "      changed: [agent_trust_scores.workspace_id, competitors.website]\n"
    "steps:\n"
    "  - migration: \"011\"\n"
    "    file: 011_fix_migration_conflicts.sql\n"
    "    undo: 011_down.sql\n"
    "    checks: [{ id: V011-3, name: conflicts are fixed, sql: select 0, equals: 0 }]\n"
    "  - migration: \"012\"\n"
    "    file: 012_remove_unused_features.sql\n"
    "    undo: none\n"
    "    checks: [{ id: V012-1, name: 43 tables remain, builtin: tables, equals: 43 }]\n"
    "verification:\n"
    "  sets:\n"
    "    - name: all\n"
    "      checks:\n"
    "        - { id: Q05, builtin: removed_tables_present, equals: 0 }\n"
    "        - { id: Q06, builtin: tables, equals: 43 }\n"
    "rollback:\n"
    "  - { id: recreate, title: Re-create, kind: sql, takes: 5m, restores: empty tables only, "
    "file: 012_recreate.sql }\n";

static const char answers[] = "version: 1\nas: { name: anna }\ncheckpoints: continue\n"
                              "on_failure: hold\n";

static void write_plans(struct fault_world *world)
{
    static const char *const files[] = {"011_fix_migration_conflicts.sql", "011_down.sql",
                                        "012_remove_unused_features.sql", "012_recreate.sql"};
    struct strbuf text = {0};
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        char path[2 * FAULT_PATH];
        (void)snprintf(path, sizeof(path), "%s/plans/week1-wednesday/migrations/%s",
                       test_root(), files[i]);
        strbuf_clear(&text);
        if (!test_read_file(path, 0, &text)) {
            test_bail_out("cannot read %s", path);
        }
        write_file(world->folder, files[i], strbuf_str(&text));
    }
    strbuf_clear(&text);
    strbuf_format(&text, "%s%s", plan_head, plan_rest);
    write_file(world->folder, "plan-without-ledger.yaml", strbuf_str(&text));
    strbuf_clear(&text);
    strbuf_format(&text, "%sledger: { table: schema_migrations, style: plain }\n%s", plan_head,
                  plan_rest);
    write_file(world->folder, "plan.yaml", strbuf_str(&text));
    strbuf_release(&text);
}

/* The seed, without the rows that no test here looks at: copying it costs a tenth. */
static void make_template(struct fault_world *world)
{
    char path[2 * FAULT_PATH];
    struct strbuf sql = {0};
    (void)snprintf(path, sizeof(path), "%s/plans/week1-wednesday/seed.sql", test_root());
    strbuf_text(&sql, "set role app_owner;\n");
    if (!test_read_file(path, 0, &sql)) {
        test_bail_out("cannot read %s", path);
    }
    strbuf_text(&sql, "truncate quests, quest_moves, quest_milestones, capability_nodes, "
                      "maneuver_prerequisites, quick_wins, cohort_relations, move_decisions, "
                      "notifications, move_events, campaign_metrics, audit_events, agent_runs, "
                      "content_versions, move_assignments, cohort_members, webhook_deliveries, "
                      "move_comments, campaign_channels cascade;\n"
                      "delete from agent_recommendations where id % 10 <> 0;\n"
                      "delete from agent_trust_scores where id % 10 <> 0;\n");
    test_database_create(world->server, "fault_template");
    test_execute(world->server, "fault_template", sql.ptr);
    test_execute(world->server, "fault_template", "vacuum full");
    strbuf_release(&sql);
}

static void build_killpoint(struct fault_world *world)
{
    char source[2 * FAULT_PATH];
    (void)snprintf(world->killpoint, sizeof(world->killpoint), "%.200s/killpoint.so",
                   world->folder);
    (void)snprintf(source, sizeof(source), "%s/tests/fault/killpoint.c", test_root());
    test_run_tool((const char *const[]){"sh", "-c",
                                        "exec ${CC:-gcc} -shared -fPIC -O1 -o \"$0\" \"$1\"",
                                        world->killpoint, source, NULL});
}

void fault_world_open(struct fault_world *world)
{
    static const char *const settings[] = {
        "log_statement=all", "log_line_prefix=FAULT|%n|%p|%x|%d|%a|", "autovacuum=off", NULL};
    *world = (struct fault_world){0};
    const char *given = getenv("GONOGO_RELEASE");
    char program[FAULT_PATH];
    (void)snprintf(program, sizeof(program), "%s", given ? given : "build/release/gonogo");
    char *full = realpath(program, NULL);
    if (!full) {
        test_bail_out("there is no release build at %s", program);
    }
    const char *base = getenv("TMPDIR");
    (void)snprintf(world->folder, sizeof(world->folder), "%.100s/gonogo-fault.XXXXXX",
                   base ? base : "/tmp");
    if (!mkdtemp(world->folder)) {
        test_bail_out("cannot make %s: %s", world->folder, strerror(errno));
    }
    /* A copy: whoever builds beside a test must not change what is judged. */
    (void)snprintf(world->program, sizeof(world->program), "%.200s/gonogo", world->folder);
    test_run_tool((const char *const[]){"cp", full, world->program, NULL});
    free(full);
    world->server = test_server_private(settings);
    write_plans(world);
    write_file(world->folder, "answers.yaml", STR(answers));
    build_killpoint(world);
    make_template(world);
}

void fault_world_close(struct fault_world *world)
{
    test_server_free(world->server);
    remove_tree(world->folder);
    *world = (struct fault_world){0};
}

/* ------------------------------------------------------------------------ cases */

static long log_size(const struct fault_world *world)
{
    char path[2 * FAULT_PATH];
    struct stat status;
    (void)snprintf(path, sizeof(path), "%s/log", test_server_socket_dir(world->server));
    return stat(path, &status) == 0 ? (long)status.st_size : 0;
}

void fault_case_open(struct fault_case *c, const struct fault_world *world, const char *name)
{
    char sql[FAULT_PATH];
    *c = (struct fault_case){.world = world, .ledger = true};
    (void)snprintf(c->name, sizeof(c->name), "%s", name);
    (void)snprintf(c->home, sizeof(c->home), "%.150s/%s", world->folder, name);
    (void)snprintf(c->host, sizeof(c->host), "%s", test_server_socket_dir(world->server));
    c->log_from = log_size(world);
    make_folder(c->home);
    (void)snprintf(sql, sizeof(sql),
                   "create database %s owner app_owner template fault_template strategy "
                   "file_copy",
                   name);
    test_execute(world->server, "postgres", sql);
}

void fault_case_close(struct fault_case *c)
{
    test_database_drop(c->world->server, c->name);
    remove_tree(c->home);
}

static void set_order(const struct fault_case *c, const struct fault_order *order)
{
    char number[32];
    (void)snprintf(number, sizeof(number), "%ld", order->nth);
    (void)setenv("FAULT_ACT", order->act, 1);
    (void)setenv("FAULT_WHEN", order->after ? "after" : "before", 1);
    (void)setenv("FAULT_NTH", number, 1);
    (void)setenv("FAULT_CALLS", order->record_only ? "record" : "all", 1);
    (void)setenv("FAULT_FROM", order->from ? order->from : "", 1);
    (void)setenv("FAULT_EVER", order->ever ? "1" : "0", 1);
    (void)setenv("FAULT_TRACE", order->trace ? order->trace : "", 1);
    (void)setenv("LD_PRELOAD", c->world->killpoint, 1);
}

NORETURN static void become_program(const struct fault_case *c, const char *verb,
                                    const struct fault_order *order)
{
    char out[2 * FAULT_PATH];
    char plan[2 * FAULT_PATH];
    char answers_path[2 * FAULT_PATH];
    (void)snprintf(out, sizeof(out), "%s/out.%d", c->home, c->starts);
    (void)snprintf(plan, sizeof(plan), "%s/%s", c->world->folder,
                   c->ledger ? "plan.yaml" : "plan-without-ledger.yaml");
    (void)snprintf(answers_path, sizeof(answers_path), "%s/answers.yaml", c->home);
    int fd = open(out, O_WRONLY | O_CREAT | O_APPEND, 0600);
    int nothing = open("/dev/null", O_RDONLY);
    if (setsid() < 0 || fd < 0 || nothing < 0 || dup2(nothing, 0) < 0 || dup2(fd, 1) < 0 ||
        dup2(fd, 2) < 0) {
        _exit(98);
    }
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)setenv("HOME", c->home, 1);
    (void)setenv("XDG_STATE_HOME", c->home, 1);
    if (order && order->act) {
        set_order(c, order);
    }
    const char *run[] = {c->world->program,
                         verb,
                         plan,
                         "--target",
                         "scratch",
                         "--headless",
                         "--as",
                         "anna",
                         "--answers",
                         answers_path,
                         "-h",
                         c->host,
                         "-p",
                         "5432",
                         "-U",
                         "app_owner",
                         "-d",
                         c->name,
                         NULL};
    const char *resume[] = {c->world->program, verb,         "--headless", "--as", "anna",
                            "--answers",       answers_path, NULL};
    const char **argv = strcmp(verb, "run") == 0 ? run : resume;
    execv(argv[0], (char *const *)(uintptr_t)argv);
    _exit(98);
}

static void write_answers(const struct fault_case *c)
{
    struct strbuf text = {0};
    strbuf_format(&text, "%sdatabase: %s\n", answers, c->name);
    write_file(c->home, "answers.yaml", strbuf_str(&text));
    strbuf_release(&text);
}

pid_t fault_start(struct fault_case *c, const char *verb, const struct fault_order *order)
{
    if (c->starts++ == 0) {
        write_answers(c);
    }
    (void)fflush(stdout);
    pid_t pid = fork();
    if (pid < 0) {
        test_bail_out("cannot fork: %s", strerror(errno));
    }
    if (pid == 0) {
        become_program(c, verb, order);
    }
    return pid;
}

int fault_wait(struct fault_case *c, pid_t pid)
{
    int status = 0;
    int64_t until = test_now_us() + PROGRAM_SECONDS * US_PER_SECOND;
    pid_t ended = 0;
    while (ended == 0 && test_now_us() < until) {
        ended = waitpid(pid, &status, WNOHANG);
        if (ended == 0) {
            test_pause_us(2000);
        }
    }
    if (ended != pid) {
        (void)kill(pid, SIGKILL);
        (void)test_wait_status(pid);
        return c->last_code = FAULT_TIMED_OUT;
    }
    c->last_code = WIFSIGNALED(status) ? FAULT_KILLED + WTERMSIG(status) : WEXITSTATUS(status);
    return c->last_code;
}

int fault_run(struct fault_case *c, const char *verb, const struct fault_order *order)
{
    return fault_wait(c, fault_start(c, verb, order));
}

/* A record with more than its head: then the run began, and can be resumed. */
static bool has_begun(const struct fault_case *c)
{
    char directory[FAULT_PATH];
    char path[2 * FAULT_PATH];
    struct strbuf text = {0};
    bool begun = false;
    if (fault_run_directory(c, directory)) {
        (void)snprintf(path, sizeof(path), "%s/journal.jsonl", directory);
        begun = test_read_file(path, 0, &text) && text.ptr && strstr(text.ptr, "\n{");
    }
    strbuf_release(&text);
    return begun;
}

int fault_resume_to_end(struct fault_case *c, int most)
{
    int code = -1;
    for (int i = 0; i < most && code != 0; i++) {
        code = fault_run(c, has_begun(c) ? "resume" : "run", NULL);
    }
    return code;
}

bool fault_status(struct fault_case *c, struct strbuf *out)
{
    char path[2 * FAULT_PATH];
    (void)snprintf(path, sizeof(path), "%s/status", c->home);
    (void)fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        (void)setenv("HOME", c->home, 1);
        (void)setenv("XDG_STATE_HOME", c->home, 1);
        if (fd < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0) {
            _exit(98);
        }
        execl(c->world->program, "gonogo", "status", "--json", (char *)NULL);
        _exit(98);
    }
    return pid > 0 && test_wait_status(pid) == 0 && test_read_file(path, 0, out);
}
