/* SPDX-License-Identifier: PostgreSQL */
/*
 * shot RUN text80x24|svg120x40 SCREEN UNTIL [KEYS [THEME [GLYPHS]]]: one frame of a
 * recorded run on standard output. SCREEN "-" is where the run is. UNTIL names the moment:
 * "end", a record's number, or a state, "running+9" being nine events into it. In KEYS
 * \n is Enter and \e is Escape.
 */
#include "app.h"
#include "tui.h"

#include "files.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

struct watch {
    struct tui_shot *shot;
    struct str state; /* empty: none to wait for */
    long after;       /* events still to come once it was reached */
    bool reached;
    bool over; /* the moment has come */
    const struct run *run;
    const char *directory;                          /* of the run */
    struct catalog_snapshot members[MOMENT__COUNT]; /* those that were asked for */
    bool has_members[MOMENT__COUNT];
    const struct app_fold *fold;
    char tail[65]; /* hash of the newest record */
};

/* The snapshots lie beside the record, named by their hashes. */
static const struct catalog_snapshot *members(void *ctx, enum moment moment)
{
    struct watch *watch = ctx;
    struct strbuf text = {0};
    if (!watch->has_members[moment] && watch->run->snapshots[moment].taken) {
        int fd = files_open_directory(AT_FDCWD, watch->directory, NULL, NULL);
        struct str hash = watch->run->snapshots[moment].hash;
        watch->has_members[moment] =
            fd >= 0 && journal_load_blob(fd, hash, &text, NULL) &&
            catalog_snapshot_parse(&watch->members[moment], strbuf_str(&text), NULL);
        if (fd >= 0) {
            close(fd);
        }
    }
    strbuf_release(&text);
    return watch->has_members[moment] ? &watch->members[moment] : NULL;
}

/* The moment is the model's: what comes after it is folded, but not looked at. */
static void seen(void *ctx, const struct run *run)
{
    struct watch *watch = ctx;
    watch->run = run;
    tui_shot_see(watch->shot, run);
}

static bool has_come(void *ctx, const struct run *run)
{
    struct watch *watch = ctx;
    watch->reached = watch->reached ||
                     (watch->state.len > 0 && str_eq(watch->state, state_words[run->state]));
    watch->over = watch->reached && watch->after-- <= 0;
    return watch->over;
}

static struct strbuf unescape(const char *keys)
{
    struct strbuf out = {0};
    for (; *keys; keys++) {
        if (*keys == '\\' && keys[1] != '\0') {
            keys++;
            strbuf_byte(&out, *keys == 'n'   ? '\r'
                              : *keys == 'e' ? '\033'
                              : *keys == 't' ? '\t'
                                             : *keys);
        } else {
            strbuf_byte(&out, *keys);
        }
    }
    return out;
}

static void read_moment(struct watch *watch, const char *text, uint64_t *until)
{
    struct str word = str_from(text);
    int64_t number = 0;
    *until = UINT64_MAX;
    if (str_to_i64(word, &number)) {
        *until = (uint64_t)number;
    } else if (!str_eq(word, "end")) {
        size_t plus = str_find_byte(word, '+', 0);
        watch->state = str_slice(word, 0, plus);
        if (plus < word.len && str_to_i64(str_slice(word, plus + 1, word.len), &number)) {
            watch->after = (long)number;
        }
    }
}

static void report_text(void *ctx, struct strbuf *out)
{
    const struct watch *watch = ctx;
    app_report_fold_text(watch->fold, out);
}

static struct str file_text(void *ctx, struct str path)
{
    const struct watch *watch = ctx;
    return app_plan_bytes(&watch->fold->plan, path);
}

/* As the shell has it: verified when the run is over. */
static void evidence(void *ctx, struct tui_evidence *out)
{
    struct watch *watch = ctx;
    const struct journal_log *log = &watch->fold->log;
    struct str tail = log->records[log->count - 1].hash;
    (void)snprintf(watch->tail, sizeof(watch->tail), "%.*s", STR_ARG(tail));
    *out = (struct tui_evidence){
        .entries = log->count,
        .verdict = watch->run->state == STATE_END ? journal_verdict_words[log->verdict] : NULL,
        .tail = watch->tail};
}

static void draw(struct watch *watch, char **argv, int argc)
{
    struct strbuf out = {0};
    if (strcmp(argv[3], "-") != 0 && !tui_shot_go(watch->shot, watch->run, str_from(argv[3]))) {
        fprintf(stderr, "no screen is called %s\n", argv[3]);
        exit(2);
    }
    struct strbuf keys = unescape(argc > 5 ? argv[5] : "");
    tui_shot_type(watch->shot, watch->run, strbuf_str(&keys));
    if (argv[2][0] == 's') {
        tui_shot_svg(watch->shot, watch->run, &out);
    } else {
        tui_shot_text(watch->shot, watch->run, true, &out);
    }
    (void)fwrite(out.ptr, 1, out.len, stdout);
    strbuf_release(&keys);
    strbuf_release(&out);
}

int main(int argc, char **argv)
{
    int columns = 80;
    int rows = 24;
    if (argc < 5 || sscanf(argv[2], "%*[a-z]%dx%d", &columns, &rows) < 2) {
        fprintf(stderr, "shot RUN text80x24|svg120x40 SCREEN UNTIL [KEYS [THEME [GLYPHS]]]\n");
        return 2;
    }
    struct tui_look look = {.theme = argc > 6 ? argv[6] : NULL,
                            .glyphs = argc > 7 ? argv[7] : NULL};
    struct watch watch = {.directory = argv[1]};
    struct app_fold fold;
    watch.fold = &fold;
    struct err err = {0};
    uint64_t until;
    read_moment(&watch, argv[4], &until);
    watch.shot = tui_shot_new(columns, rows, "host=db-prod dbname=app", look,
                              (struct tui_shell){.ctx = &watch,
                                                 .members = members,
                                                 .evidence = evidence,
                                                 .report_text = report_text,
                                                 .file_text = file_text});
    struct app_watcher watcher = {&watch, seen, has_come};
    if (!app_replay(&fold, argv[1], NULL, until, &watcher, &err)) {
        fprintf(stderr, "%s %s\n", err.message, err.detail);
        return 1;
    }
    if (watch.state.len > 0 && !watch.over) {
        fprintf(stderr, "the run never came to \"%s\"\n", argv[4]);
        return 1;
    }
    draw(&watch, argv, argc);
    tui_shot_free(watch.shot);
    for (int i = 0; i < MOMENT__COUNT; i++) {
        catalog_snapshot_release(&watch.members[i]);
    }
    app_fold_release(&fold);
    return 0;
}
