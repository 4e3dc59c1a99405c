/* SPDX-License-Identifier: PostgreSQL */
/*
 * status, runs, report, dev: what is known without a connection, from the records.
 */
#include "cli_private.h"

static const char *run_operand(const struct cli *cli)
{
    return cli->operand_count > 0 ? cli->operands[0] : NULL;
}

void cli_add_time(struct strbuf *out, int64_t at_us)
{
    struct strbuf text = {0};
    time_to_text(&text, at_us);
    strbuf_format(out, "%.19sZ", text.ptr);
    strbuf_release(&text);
}

/* -------------------------------------------------------------------- status */

static void status_scripts(struct strbuf *out, const struct run *run)
{
    for (size_t i = 0; i < run->script_count; i++) {
        const struct run_script *script = &run->scripts[i];
        struct strbuf line = {0};
        struct arena arena = {0};
        strbuf_format(&line, "  %.*s %s", STR_ARG(script_name(script, &arena)),
                      script_state_words[script->state]);
        if (script->state == SCRIPT_COMMITTED) {
            strbuf_text(&line, ", ");
            duration_to_text(&line, script->sql_us);
        }
        if (script->failure.len > 0) {
            strbuf_format(&line, ": %.*s", STR_ARG(script->failure));
        }
        sanitise(out, strbuf_str(&line), SANITISE_LINE);
        strbuf_byte(out, '\n');
        strbuf_release(&line);
        arena_release(&arena);
    }
}

/* How a run stands, and what a person does about it. */
enum standing {
    STANDS_OVER,    /* it went to its end */
    STANDS_AT_WORK, /* a process works on it now */
    STANDS_LEFT,    /* somebody left it at a safe point */
    STANDS_BROKEN,  /* its process ended in the middle */
};

static enum standing standing_of(const struct app_fold *fold)
{
    const struct run *run = &fold->run;
    if (fold->locked) {
        return STANDS_AT_WORK;
    }
    if (run->leaving) {
        return STANDS_LEFT;
    }
    return engine_is_over(run) ? STANDS_OVER : STANDS_BROKEN;
}

static void standing_text(struct strbuf *out, const struct run *run, enum standing standing)
{
    static const char *const words[] = {[STANDS_OVER] = "is over",
                                        [STANDS_AT_WORK] = "is at work",
                                        [STANDS_LEFT] = "was left",
                                        [STANDS_BROKEN] = "broke off"};
    enum state state = run->leaving ? run->left : run->state;
    bool abandoned = standing == STANDS_OVER && run->abandoned;
    strbuf_format(out, "%s", abandoned ? "is over, abandoned" : words[standing]);
    if (standing != STANDS_OVER) {
        strbuf_format(out, " in %s, %s", phase_words[run->phase], front_state_text(state));
    }
}

static void next_text(struct strbuf *out, const struct run *run, enum standing standing)
{
    switch (standing) {
    case STANDS_OVER:
        strbuf_format(out, "gonogo report %.*s", STR_ARG(run->id));
        return;
    case STANDS_AT_WORK:
        engine_next_text(run, out);
        return;
    case STANDS_LEFT:
    case STANDS_BROKEN:
        strbuf_format(out, "gonogo resume %.*s", STR_ARG(run->id));
        return;
    }
}

static void status_text(struct strbuf *out, const struct app_fold *fold)
{
    const struct run *run = &fold->run;
    enum standing standing = standing_of(fold);
    front_identity_text(out, run, NULL);
    strbuf_byte(out, '\n');
    front_rail_text(out, run);
    strbuf_format(out, "\nrun %.*s ", STR_ARG(run->id));
    standing_text(out, run, standing);
    if (run->hold_reason.len > 0 && (run->state != STATE_END || engine_exit_code(run) != 0)) {
        strbuf_text(out, ": ");
        sanitise(out, run->hold_reason, SANITISE_LINE);
    }
    strbuf_format(out, "\nexit code as it stands: %d\nnext: ", engine_exit_code(run));
    next_text(out, run, standing);
    strbuf_byte(out, '\n');
    status_scripts(out, run);
    front_counts_text(out, run, false);
    strbuf_format(out, "record: %s\n", fold->directory);
}

static struct json *status_counts(const struct run *run)
{
    struct json *counts = json_make_object();
    struct arena arena = {0};
    for (size_t i = 0; i < run->count_count; i++) {
        const struct run_count *count = &run->counts[i];
        struct json *one = json_make_object();
        int64_t before = count->values[MOMENT_BEFORE];
        int64_t now = front_count_now(run, count);
        json_put_take(one, "before", before < 0 ? json_make_null() : json_make_i64(before));
        json_put_take(one, "now", now < 0 ? json_make_null() : json_make_i64(now));
        json_put_take(one, "expected",
                      count->expected < 0 ? json_make_null() : json_make_i64(count->expected));
        json_put_take(counts, str_text(&arena, count->id.len > 0 ? count->id : count->word),
                      one);
    }
    arena_release(&arena);
    return counts;
}

static void status_json(struct strbuf *out, const struct app_fold *fold)
{
    const struct run *run = &fold->run;
    struct json *root = json_make_object();
    struct strbuf next = {0};
    next_text(&next, run, standing_of(fold));
    json_put_i64(root, "v", 1);
    json_put_text(root, "run", run->id);
    json_put_text(root, "plan", run->plan->name);
    json_put_text(root, "target", run->target->id);
    json_put_text(root, "digest", run->digest);
    json_put_text(root, "state", str_from(state_words[run->state]));
    json_put_text(root, "phase", str_from(phase_words[run->phase]));
    json_put_text(root, "why", run->hold_reason);
    json_put_text(root, "next", strbuf_str(&next));
    json_put_i64(root, "exit", engine_exit_code(run));
    json_put_text(root, "directory", str_from(fold->directory));
    json_put_take(root, "counts", status_counts(run));
    struct json *scripts = json_make_array();
    for (size_t i = 0; i < run->script_count; i++) {
        struct json *script = json_make_object();
        json_put_text(script, "id", run->scripts[i].id);
        json_put_text(script, "file", run->scripts[i].file);
        json_put_text(script, "state", str_from(script_state_words[run->scripts[i].state]));
        json_put_double(script, "ms", (double)run->scripts[i].sql_us / (double)US_PER_MS);
        json_push_take(scripts, script);
    }
    json_put_take(root, "migrations", scripts);
    json_write(out, root, JSON_PRETTY);
    json_free(root);
    strbuf_release(&next);
}

/* A record that was changed or lost cannot be resumed: the checks of it say where. */
static int unreadable(struct cli *cli, const struct err *err)
{
    if (err->kind == ERR_RECORD) {
        (void)snprintf(cli->next, sizeof(cli->next), "gonogo report %s --verify",
                       cli->operand_count > 0 ? cli->operands[0] : "RUN");
    }
    return cli_fail(err);
}

/* Options that only a plan's status takes: a record is read without a connection. */
static bool fits_run(const struct cli *cli)
{
    static const enum cli_option of_a_plan[] = {
        OPTION_TARGET, OPTION_HOST,    OPTION_PORT,        OPTION_USER,
        OPTION_DBNAME, OPTION_SERVICE, OPTION_NO_PASSWORD, OPTION_PASSWORD};
    for (size_t i = 0; i < COUNT_OF(of_a_plan); i++) {
        if (cli->given[of_a_plan[i]]) {
            cli_usage("--%s belongs to `status PLAN`; a run is read from its record, without a "
                      "connection",
                      cli_options[of_a_plan[i]].name);
            return false;
        }
    }
    return true;
}

int cli_run_status(struct cli *cli)
{
    struct err err = {0};
    if (cli->operand_count > 0 && cli_is_plan_word(cli->operands[0])) {
        return cli_status_plan(cli);
    }
    if (!fits_run(cli)) {
        return 2;
    }
    struct app_fold fold;
    struct strbuf out = {0};
    if (!app_fold(&fold, run_operand(cli), NULL, &err)) {
        return unreadable(cli, &err);
    }
    cli->silent_end = true;
    if (cli->given[OPTION_JSON]) {
        status_json(&out, &fold);
    } else {
        status_text(&out, &fold);
    }
    cli_out(&out);
    strbuf_release(&out);
    app_fold_release(&fold);
    return 0;
}

/* ---------------------------------------------------------------------- runs */

static const char *standing(const struct app_listed *item)
{
    if (!item->readable) {
        return "unreadable";
    }
    if (item->locked) {
        return "at work";
    }
    return item->abandoned ? "abandoned" : item->ended ? "over" : "left";
}

static struct json *runs_json(const struct app_list *list)
{
    struct json *root = json_make_object();
    struct json *runs = json_make_array();
    json_put_i64(root, "v", 1);
    for (size_t i = 0; i < list->count; i++) {
        const struct app_listed *item = &list->items[i];
        struct json *one = json_make_object();
        struct strbuf started = {0};
        time_to_text(&started, item->started_us);
        json_put_text(one, "run", item->id);
        json_put_text(one, "plan", item->plan);
        json_put_text(one, "target", item->target);
        json_put_text(one, "digest", item->digest);
        json_put_text(one, "started", strbuf_str(&started));
        json_put_text(one, "standing", str_from(standing(item)));
        json_put_text(one, "record", str_from(journal_verdict_words[item->verdict]));
        json_put_text(one, "state",
                      str_from(item->readable ? state_words[item->state] : "unknown"));
        json_put_i64(one, "exit", item->exit_code);
        json_push_take(runs, one);
        strbuf_release(&started);
    }
    json_put_take(root, "runs", runs);
    return root;
}

static void runs_text(struct strbuf *out, const struct app_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct app_listed *item = &list->items[i];
        struct strbuf line = {0};
        strbuf_format(&line, "%.*s  ", STR_ARG(item->id));
        if (item->readable) {
            cli_add_time(&line, item->started_us);
            strbuf_format(&line, "  %-9s exit %2d  %.*s on %.*s", standing(item),
                          item->exit_code, STR_ARG(item->plan), STR_ARG(item->target));
            if (!item->ended) {
                strbuf_format(&line, ", %s", front_state_text(item->state));
            }
        } else {
            strbuf_text(&line, "unreadable");
        }
        if (item->verdict != JOURNAL_INTACT) {
            strbuf_format(&line, " (record %s)", journal_verdict_words[item->verdict]);
        }
        sanitise(out, strbuf_str(&line), SANITISE_LINE);
        strbuf_byte(out, '\n');
        strbuf_release(&line);
    }
}

int cli_run_runs(struct cli *cli)
{
    struct err err = {0};
    struct app_list list = {0};
    struct strbuf out = {0};
    if (!app_list_runs(&list, NULL, &err)) {
        return cli_fail(&err);
    }
    cli->silent_end = true;
    if (cli->given[OPTION_JSON]) {
        struct json *root = runs_json(&list);
        json_write(&out, root, JSON_PRETTY);
        json_free(root);
    } else if (list.count == 0) {
        cli_talk("gonogo: there are no runs yet");
    } else {
        runs_text(&out, &list);
    }
    cli_out(&out);
    strbuf_release(&out);
    app_list_release(&list);
    return 0;
}

/* -------------------------------------------------------------------- report */

int cli_run_report(struct cli *cli)
{
    struct err err = {0};
    struct strbuf out = {0};
    int code = 0;
    if (cli->given[OPTION_VERIFY]) {
        bool well = app_report_verify(cli->operands[0], NULL, &out, &err);
        cli_out(&out);
        strbuf_release(&out);
        if (!well && err.kind != ERR_NONE) {
            return cli_fail(&err);
        }
        return well ? 0 : 10;
    }
    struct app_fold fold;
    if (!app_fold(&fold, cli->operands[0], NULL, &err)) {
        return unreadable(cli, &err);
    }
    const char *folder = cli->values[OPTION_REPORT];
    if (app_report(&fold, folder, cli->values[OPTION_FORMAT], &err)) {
        strbuf_format(&out, "%s\n", folder ? folder : fold.directory);
        if (!folder) {
            strbuf_clear(&out);
            strbuf_format(&out, "%s/report\n", fold.directory);
        }
        cli_out(&out);
    } else {
        code = cli_fail(&err);
    }
    strbuf_release(&out);
    app_fold_release(&fold);
    return code;
}

/* What the program writes of itself. */
static const struct {
    const char *word;
    void (*write)(struct strbuf *out);
} dev_words[] = {{"fsm", fsm_write_mermaid},
                 {"man", cli_write_manual},
                 {"man-plan", cli_write_plan_manual},
                 {"man-policy", cli_write_policy_manual},
                 {"schema", plan_json_schema},
                 {"bash", cli_write_bash},
                 {"zsh", cli_write_zsh},
                 {"fish", cli_write_fish}};

int cli_run_dev(struct cli *cli)
{
    for (size_t i = 0; i < COUNT_OF(dev_words); i++) {
        if (strcmp(cli->operands[0], dev_words[i].word) == 0) {
            struct strbuf out = {0};
            cli->silent_end = true;
            dev_words[i].write(&out);
            cli_out(&out);
            strbuf_release(&out);
            return 0;
        }
    }
    return cli_usage("`dev` knows fsm, man, man-plan, schema, bash, zsh and fish");
}
