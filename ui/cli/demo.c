/* SPDX-License-Identifier: PostgreSQL */
/*
 * demo: a throw-away server, a sample plan, and then an ordinary run against it. What
 * is special about a demo is in this file: where the target's connection and values
 * come from, and what is removed afterwards.
 */
#include "cli_private.h"
#include "demo_sample.h"
#include "demo_server.h"
#include "demo_trouble.h"

#include <limits.h>
#include <unistd.h>

/* The clock starts a little before the window opens. */
#define EARLY_US (10 * US_PER_SECOND)
static const double demo_time_scale = 720.0;

struct demo_walk {
    struct cli *cli;
    struct app_plan plan;
    const struct plan_target *target;
    struct demo *demo;
    const char *plan_path;
    const char *sample;    /* the name of the plan's folder */
    const char *runs_root; /* ours to remove; NULL: the usual place */
    char run_id[64];
};

/* ------------------------------------------------------------------- the plan */

/* plans/ beside the source tree, or where the program was installed. */
static const char *find_plan(struct arena *arena, const char *name)
{
    static const char *const places[] = {"/../plans", "/../../plans", "/../share/gonogo/plans"};
    char program[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);
    program[length > 0 ? length : 0] = '\0';
    char *slash = strrchr(program, '/');
    if (slash) {
        *slash = '\0';
    }
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        const char *path =
            str_text(arena, str_format(arena, "%s%s/%s/plan.yaml", program, places[i], name));
        if (access(path, R_OK) == 0) {
            return path;
        }
    }
    return NULL;
}

/* A copy of a sample keeps its name, and so its troubles. */
static const char *folder_name(struct arena *arena, const char *folder)
{
    char whole[PATH_MAX];
    const char *path = realpath(folder, whole) ? whole : folder;
    const char *slash = strrchr(path, '/');
    return str_text(arena, str_from(slash ? slash + 1 : path));
}

static const struct plan_target *seeded_target(const struct plan *plan)
{
    for (size_t i = 0; i < plan->targets.count; i++) {
        const struct plan_target *target = &plan->targets.items[i];
        if (!target->guarded && target->seed.len > 0) {
            return target;
        }
    }
    return NULL;
}

static bool load(struct demo_walk *walk, int *code)
{
    struct cli *cli = walk->cli;
    const char *name = cli->values[OPTION_PLAN];
    name = name ? name : demo_samples[0].name;
    bool is_path = strchr(name, '/') != NULL;
    walk->plan_path = is_path ? name : find_plan(&cli->arena, name);
    if (!walk->plan_path) {
        *code =
            cli_usage("there is no sample plan \"%s\"; `gonogo demo --plan list` lists them; "
                      "nothing was started",
                      name);
        return false;
    }
    if (!cli_load_plan(&walk->plan, walk->plan_path, code)) {
        return false;
    }
    walk->sample = folder_name(&cli->arena, walk->plan.folder);
    walk->target = seeded_target(walk->plan.plan);
    if (!walk->target) {
        app_plan_release(&walk->plan);
        *code = cli_usage("%s has no unguarded target with a seed; nothing was started",
                          walk->plan_path);
        return false;
    }
    return true;
}

/* ----------------------------------------------------------------- the server */

static void tell_progress(void *ctx, const char *text)
{
    const struct cli *cli = ctx;
    if (!cli->given[OPTION_QUIET]) {
        cli_say(cli, "gonogo: demo: %s", text);
    }
}

static const char *cache_folder(struct arena *arena)
{
    const char *cache = getenv("XDG_CACHE_HOME");
    const char *home = getenv("HOME");
    if (cache && cache[0] == '/') {
        return str_text(arena, str_format(arena, "%s/gonogo", cache));
    }
    return home && home[0] == '/' ? str_text(arena, str_format(arena, "%s/.cache/gonogo", home))
                                  : NULL;
}

static bool start_server(struct demo_walk *walk, struct err *err)
{
    struct cli *cli = walk->cli;
    struct demo_request request = {
        .seed = app_plan_bytes(&walk->plan, walk->target->seed),
        .roles = walk->target->seed_roles,
        .plan = walk->sample,
        .trouble = cli->values[OPTION_TROUBLE],
        .cache = cache_folder(&cli->arena),
        .keep = cli->given[OPTION_KEEP],
        .progress = tell_progress,
        .ctx = cli,
    };
    walk->demo = demo_start_blocking(&request, err);
    return walk->demo != NULL;
}

/* A kept run stays where `resume` looks for it; any other goes with the demo. */
static bool choose_runs_root(struct demo_walk *walk, struct err *err)
{
    if (demo_is_kept(walk->demo)) {
        return true;
    }
    struct strbuf path = {0};
    bool made = demo_runs_make(&path, err);
    walk->runs_root = made ? str_text(&walk->cli->arena, strbuf_str(&path)) : NULL;
    strbuf_release(&path);
    return made;
}

static void remove_runs_root(const struct demo_walk *walk)
{
    struct err err = {0};
    if (walk->runs_root && !demo_runs_remove(walk->runs_root, &err)) {
        cli_error(&err);
    }
}

/* -------------------------------------------------------------------- the run */

static void started(void *ctx, const struct app_view *view)
{
    struct demo_walk *walk = ctx;
    (void)snprintf(walk->run_id, sizeof(walk->run_id), "%s", view->run_id);
    cli_started(walk->cli, view);
}

static void fill_options(struct demo_walk *walk, struct app_run_options *options)
{
    struct arena *arena = &walk->cli->arena;
    struct app_value *values = arena_array(arena, DEMO_VALUES, sizeof(*values));
    demo_values(walk->demo, values);
    demo_connection(walk->demo, &options->connection);
    options->plan_path = walk->plan_path;
    options->loaded = &walk->plan;
    options->target = str_text(arena, walk->target->id);
    options->values = values;
    options->value_count = DEMO_VALUES;
    options->runs_root = walk->runs_root;
    options->report_folder = walk->cli->values[OPTION_REPORT];
    options->started = started;
    options->started_ctx = walk;
    if (options->time_scale < 1.0) {
        options->time_scale = demo_time_scale;
    }
    int64_t opens_us;
    if (!options->simulated_clock &&
        plan_window_us(walk->plan.plan, walk->plan.plan->window.opens_us, &opens_us)) {
        options->simulated_clock = true;
        options->clock_at_us = opens_us - EARLY_US;
    }
}

static void print_report(const struct cli *cli)
{
    struct strbuf text = {0};
    cli_read_report(cli, &text);
    front_cast_add(isatty(STDOUT_FILENO) ? cli->cast : NULL, strbuf_str(&text));
    cli_out(&text);
    strbuf_release(&text);
}

static void tell_how_to_keep(struct cli *cli)
{
    const char *plan = cli->values[OPTION_PLAN];
    const char *trouble = cli->values[OPTION_TROUBLE];
    (void)snprintf(cli->next, sizeof(cli->next),
                   "gonogo demo --keep%s%s%s%s keeps such a run, %s", plan ? " --plan " : "",
                   plan ? plan : "", trouble ? " --trouble " : "", trouble ? trouble : "",
                   cli->ending.over ? "with its record" : "to be resumed");
}

static int walk_demo(struct demo_walk *walk, struct app_run_options *options,
                     struct cli_walk *face)
{
    struct cli *cli = walk->cli;
    struct err err = {0};
    int code;
    if (!start_server(walk, &err)) {
        return cli_fail(&err);
    }
    if (!choose_runs_root(walk, &err)) {
        code = cli_fail(&err);
    } else {
        fill_options(walk, options);
        options->front_open = face->open;
        options->front_ctx = face->ctx;
        code = cli_run_over(cli, app_run(options, &err), &err);
        if (options->headless && !cli->given[OPTION_JSON]) {
            print_report(cli);
        }
    }
    if (demo_is_kept(walk->demo)) {
        struct strbuf text = {0};
        bool resumable = !cli->ending.over && !cli->ending.stale;
        demo_keep_text(walk->demo, str_from(walk->run_id), resumable, &text);
        cli_say(cli, "%s", text.ptr ? text.ptr : "");
        strbuf_release(&text);
    } else if (code != 0) {
        cli->gone = true;
        tell_how_to_keep(cli);
    }
    if (!demo_is_kept(walk->demo) && !options->headless && !cli->values[OPTION_REPORT]) {
        cli_say(cli, "The demo's record and report go with its server; --report DIR keeps the\n"
                     "report, --keep keeps everything.\n");
    }
    demo_stop_blocking(walk->demo);
    remove_runs_root(walk);
    return code;
}

static bool judge_trouble(const struct demo_walk *walk, int *code)
{
    const char *name = walk->cli->values[OPTION_TROUBLE];
    if (!name || demo_trouble_find(walk->sample, name)) {
        return true;
    }
    *code = cli_usage("the plan %s has no trouble \"%s\"; `gonogo help trouble` lists those of "
                      "all sample plans; nothing was started",
                      walk->sample, name);
    return false;
}

static int list_samples(struct cli *cli)
{
    struct strbuf out = {0};
    cli->silent_end = true;
    cli_write_samples(&out);
    cli_out(&out);
    strbuf_release(&out);
    return 0;
}

/* The plan's own answers speak for the people of a headless demo. */
static bool demo_answers(struct demo_walk *walk, struct cli_walk *face, int *code)
{
    struct cli *cli = walk->cli;
    if (face->face != CLI_FACE_HEADLESS) {
        return true;
    }
    const char *path = cli->values[OPTION_ANSWERS];
    if (!path) {
        path = str_text(&cli->arena,
                        str_format(&cli->arena, "%s/answers.yaml", walk->plan.folder));
    }
    face->answers = cli_load_answers(path, walk->plan.plan, &cli->arena, code);
    return face->answers != NULL;
}

int cli_run_demo(struct cli *cli)
{
    struct err err = {0};
    struct demo_walk walk = {.cli = cli};
    struct app_run_options options = {.mode = RUN_LIVE};
    options.headless = cli->given[OPTION_HEADLESS] || cli->given[OPTION_NO_INPUT] ||
                       (!cli->given[OPTION_PLAIN] && !cli_has_terminal());
    struct cli_walk face = {.cli = cli,
                            .demo = &walk.demo,
                            .face = options.headless ? CLI_FACE_HEADLESS : CLI_FACE_PERSON};
    int code = 0;
    if (cli->values[OPTION_PLAN] && strcmp(cli->values[OPTION_PLAN], "list") == 0) {
        return list_samples(cli);
    }
    if (!cli_clock(cli, &options, &err)) {
        return cli_fail(&err);
    }
    if (!load(&walk, &code)) {
        return code;
    }
    face.sample = walk.sample;
    if (judge_trouble(&walk, &code) && demo_answers(&walk, &face, &code)) {
        code = cli_face_of(&face, &err) ? walk_demo(&walk, &options, &face) : cli_fail(&err);
    }
    app_plan_release(&walk.plan);
    return code;
}
