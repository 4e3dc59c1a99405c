/* SPDX-License-Identifier: PostgreSQL */
/*
 * The screens for a run: what they need of the shell, and the plain prompts in their
 * place when the terminal cannot show them.
 */
#include "cli_private.h"
#include "demo_server.h"
#include "demo_trouble.h"
#include "files.h"
#include "front_plain.h"
#include "loop.h"
#include "proc.h"
#include "tui.h"

#include <fcntl.h>
#include <unistd.h>

#define COPIED_FILE "copied.txt"
enum {
    COPIED_MODE = 0600
};

struct cli_screens {
    struct cli *cli;
    bool open_rollback;
    struct demo *const *demo; /* NULL: an ordinary run, nothing is broken on purpose */
    struct tui_trouble *troubles;
    size_t trouble_count;
    const struct app_view *view;
    struct app_earlier earlier;
    struct app_evidence evidence;
    uint64_t verified;    /* records when `evidence` was read; 0: never */
    struct strbuf report; /* report.md */
    uint64_t reported;    /* records when it was made; 0: never */
    enum {
        EARLIER_NOT_ASKED,
        EARLIER_NONE,
        EARLIER_FOUND
    } has_earlier;
    struct proc *tmux; /* the last copy on its way */
    uint32_t source;
};

/* ------------------------------------------------------------------- copying */

static bool keep_copy(const struct cli_screens *screens, struct str text, struct strbuf *how)
{
    struct err err = {0};
    int directory = files_open_directory(AT_FDCWD, screens->view->directory, NULL, &err);
    bool kept = directory >= 0 &&
                files_write_atomic(directory, COPIED_FILE, text, COPIED_MODE, NULL, &err);
    if (directory >= 0) {
        close(directory);
    }
    strbuf_text(how, kept ? COPIED_FILE " of the run" : err.message);
    return kept;
}

static void tmux_wants(void *ctx, struct loop_want *want)
{
    const struct cli_screens *screens = ctx;
    proc_wants(screens->tmux, &want->fd, &want->events, &want->deadline_us);
}

static void end_tmux(struct cli_screens *screens)
{
    if (screens->tmux) {
        loop_remove(screens->view->loop, screens->source);
        proc_free(screens->tmux);
        screens->tmux = NULL;
    }
}

static void tmux_ready(void *ctx, short revents, int64_t now_us)
{
    struct cli_screens *screens = ctx;
    proc_ready(screens->tmux, revents, now_us);
    if (!proc_is_running(screens->tmux)) {
        end_tmux(screens);
    }
}

static void tmux_ended(void *ctx, const struct proc_end *end)
{
    (void)ctx; /* tmux says nothing that would help here; the file is there in any case */
    (void)end;
}

static const char *variable(struct arena *arena, const char *name)
{
    const char *value = getenv(name);
    return str_format(arena, "%s=%s", name, value ? value : "").ptr;
}

/* tmux keeps what its programs send to the clipboard only when it is told to: so we tell it. */
static bool give_to_tmux(struct cli_screens *screens, struct str text)
{
    static const char *const folders[] = {"/usr/bin", "/usr/local/bin", "/bin", NULL};
    static const char *const argv[] = {"tmux", "load-buffer", "-w", "-", NULL};
    struct arena arena = {0};
    const char *path;
    end_tmux(screens);
    if (getenv("TMUX") && proc_find(&arena, "tmux", folders, &path, NULL)) {
        const char *envp[] = {variable(&arena, "TMUX"), variable(&arena, "HOME"), NULL};
        struct proc_spec spec = {.path = path,
                                 .argv = argv,
                                 .envp = envp,
                                 .input = text,
                                 .timeout_us = 5 * US_PER_SECOND,
                                 .ended = tmux_ended,
                                 .ctx = screens};
        screens->tmux = proc_start(&spec, loop_now_us(), NULL);
    }
    if (screens->tmux) {
        screens->source = loop_add(
            screens->view->loop,
            &(struct loop_source){.wants = tmux_wants, .ready = tmux_ready, .ctx = screens});
    }
    arena_release(&arena);
    return screens->tmux != NULL;
}

static bool copy(void *ctx, struct str text, struct strbuf *how)
{
    struct cli_screens *screens = ctx;
    bool kept = keep_copy(screens, text, how);
    bool given = give_to_tmux(screens, text);
    strbuf_text(how, given ? ", tmux's buffer" : "");
    return kept || given;
}

/* -------------------------------------------------------------------- the rest */

/* Made anew when the record grew: each frame shows it, and it is as long as the run. */
static void report_text(void *ctx, struct strbuf *out)
{
    struct cli_screens *screens = ctx;
    uint64_t entries = journal_count(screens->view->journal);
    if (screens->reported != entries) {
        strbuf_clear(&screens->report);
        app_report_text(screens->view, &screens->report);
        screens->reported = entries;
    }
    strbuf_add(out, strbuf_str(&screens->report));
}

/* Read and verified once the run is over, and again when the record grew: it is as long as the
 * run. */
static void evidence(void *ctx, struct tui_evidence *out)
{
    struct cli_screens *screens = ctx;
    uint64_t entries = journal_count(screens->view->journal);
    bool over = screens->view->run->state == STATE_END;
    if (over && screens->verified != entries) {
        app_evidence(screens->view, &screens->evidence);
        screens->verified = entries;
    }
    *out = (struct tui_evidence){.entries = entries,
                                 .verdict = over ? screens->evidence.verdict : NULL,
                                 .tail = screens->evidence.tail.text};
}

static void report_files(void *ctx, struct strbuf *out)
{
    const struct cli_screens *screens = ctx;
    app_report_files(screens->view, out);
}

static struct str file_text(void *ctx, struct str path)
{
    const struct cli_screens *screens = ctx;
    return app_plan_bytes(screens->view->plan, path);
}

static const struct rows *check_rows(void *ctx, enum check_place place, int index, int check)
{
    const struct cli_screens *screens = ctx;
    return app_check_rows(screens->view, place, index, check);
}

static const struct catalog_snapshot *members(void *ctx, enum moment moment)
{
    const struct cli_screens *screens = ctx;
    return app_snapshot(screens->view, moment);
}

/* Looked for once: what was there before this run does not change. */
static bool earlier(void *ctx, struct tui_earlier *out)
{
    struct cli_screens *screens = ctx;
    if (screens->has_earlier == EARLIER_NOT_ASKED) {
        bool found = app_find_earlier(screens->view, &screens->earlier);
        screens->has_earlier = found ? EARLIER_FOUND : EARLIER_NONE;
    }
    *out = (struct tui_earlier){.run = screens->earlier.run,
                                .target = screens->earlier.target,
                                .at_us = screens->earlier.at_us,
                                .snapshot = &screens->earlier.snapshot};
    return screens->has_earlier == EARLIER_FOUND;
}

static void shown(void *ctx, struct str bytes)
{
    const struct cli_screens *screens = ctx;
    front_cast_add(screens->cli->cast, bytes);
}

static void closed(void *ctx)
{
    struct cli_screens *screens = ctx;
    end_tmux(screens);
    strbuf_release(&screens->report);
    screens->reported = 0;
    app_earlier_release(&screens->earlier);
    screens->has_earlier = EARLIER_NONE;
    front_ending_fill(&screens->cli->ending, screens->view->run, screens->view->run_id);
}

static bool open_plain(const struct cli_screens *screens, const struct app_view *view,
                       struct front *front, struct err *err)
{
    struct front_plain_options options = {.in_fd = STDIN_FILENO,
                                          .out_fd = STDOUT_FILENO,
                                          .open_rollback = screens->open_rollback,
                                          .cast = screens->cli->cast,
                                          .ending = &screens->cli->ending};
    return front_plain_open(&options, view, front, err);
}

/* A demo's menu: the host makes it happen; the run meets it as it would meet the real thing. */
static bool make_trouble(void *ctx, const char *name, struct err *err)
{
    const struct cli_screens *screens = ctx;
    return demo_break(*screens->demo, name, err);
}

static bool open_screens(void *ctx, const struct app_view *view, struct front *front,
                         struct err *err)
{
    struct cli_screens *screens = ctx;
    const struct cli *cli = screens->cli;
    struct err why = {0};
    screens->view = view;
    struct tui_setup setup = {
        .run = view->run,
        .run_id = view->run_id,
        .connection = view->connection,
        .in_fd = STDIN_FILENO,
        .out_fd = STDOUT_FILENO,
        .open_rollback = screens->open_rollback,
        .look = {.theme = cli->values[OPTION_THEME],
                 .glyphs = cli->values[OPTION_GLYPHS],
                 .colour = cli->values[OPTION_COLOR],
                 .mouse = cli->given[OPTION_MOUSE]},
        .shell = {.ctx = screens,
                  .now_us = loop_now_us,
                  .memory_file = files_make_memory,
                  .report_text = report_text,
                  .evidence = evidence,
                  .report_files = report_files,
                  .file_text = file_text,
                  .check_rows = check_rows,
                  .members = members,
                  .earlier = earlier,
                  .copy = copy,
                  .troubles = screens->troubles,
                  .trouble_count = screens->trouble_count,
                  .make_trouble = make_trouble,
                  .leave_text = screens->demo && !demo_is_kept(*screens->demo)
                                    ? "This demo and its record go with it; --keep keeps them."
                                    : NULL,
                  .shown = shown,
                  .closed = closed},
    };
    if (tui_open(&setup, front, &why)) {
        return true;
    }
    cli_talk("gonogo: %s; going on with plain prompts (--plain)", why.message);
    return open_plain(screens, view, front, err);
}

/* One of the words of the option's row, or nothing at all. */
static bool is_one_of(const struct cli *cli, enum cli_option option, struct err *err)
{
    const struct cli_option_row *row = &cli_options[option];
    const char *value = cli->values[option];
    struct str rest = str_from(row->completes);
    struct str word;
    struct strbuf list = {0};
    bool good = !value;
    while (str_cut(&rest, ' ', &word)) {
        good = good || str_eq(word, value);
        strbuf_format(&list, "%s%.*s", list.len > 0 ? ", " : "", STR_ARG(word));
    }
    if (!good) {
        err_set(err, ERR_USAGE, "--%s \"%s\" is none of: %s", row->name, value, list.ptr);
        err_hint(err, "Nothing was contacted.");
    }
    strbuf_release(&list);
    return good;
}

bool cli_open_screens(struct cli_walk *walk, struct err *err)
{
    struct cli *cli = walk->cli;
    if (!is_one_of(cli, OPTION_THEME, err) || !is_one_of(cli, OPTION_GLYPHS, err) ||
        !is_one_of(cli, OPTION_COLOR, err)) {
        return false;
    }
    struct cli_screens *screens = arena_alloc(&cli->arena, sizeof(*screens));
    *screens = (struct cli_screens){
        .cli = cli, .open_rollback = walk->open_rollback, .demo = walk->demo};
    screens->troubles =
        arena_array(&cli->arena, demo_trouble_count, sizeof(struct tui_trouble));
    for (size_t i = 0; walk->sample && i < demo_trouble_count; i++) {
        if (strcmp(demo_troubles[i].plan, walk->sample) == 0) {
            screens->troubles[screens->trouble_count++] =
                (struct tui_trouble){demo_troubles[i].name, demo_troubles[i].comment};
        }
    }
    walk->open = open_screens;
    walk->ctx = screens;
    return true;
}
