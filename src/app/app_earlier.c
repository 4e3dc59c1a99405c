/* SPDX-License-Identifier: PostgreSQL */
/*
 * What an earlier run of the same bytes began with: the newest one on this machine whose
 * counts were those that the plan starts from. Its stored snapshot is what a wrong start
 * can be held against, member by member. Read only; nothing is locked.
 */
#include "app_private.h"
#include "perform.h"

#include "files.h"

#include <fcntl.h>
#include <unistd.h>

enum {
    LOOKED_AT_MAX = 30, /* runs, newest first: a person waits for the answer */
};

const struct catalog_snapshot *app_snapshot(const struct app_view *view, enum moment moment)
{
    const struct performer *performer = view->performer;
    return performer->has_snapshot[moment] ? &performer->snapshots[moment] : NULL;
}

static bool started_right(const struct run *run, enum moment moment)
{
    for (size_t i = 0; i < run->count_count; i++) {
        const struct run_count *count = &run->counts[i];
        if (count->expected_before >= 0 && count->values[moment] != count->expected_before) {
            return false;
        }
    }
    return run->snapshots[moment].taken;
}

/* The state just before its first change, else that of its review. */
static bool load(const struct app_fold *fold, struct app_earlier *earlier)
{
    static const enum moment moments[] = {MOMENT_BEFORE, MOMENT_REVIEW};
    bool found = false;
    int fd = files_open_directory(AT_FDCWD, fold->directory, NULL, NULL);
    for (size_t i = 0; i < COUNT_OF(moments) && fd >= 0 && !found; i++) {
        const struct run_snapshot *snapshot = &fold->run.snapshots[moments[i]];
        struct strbuf text = {0};
        found = started_right(&fold->run, moments[i]) &&
                journal_load_blob(fd, snapshot->hash, &text, NULL) &&
                catalog_snapshot_parse(&earlier->snapshot, strbuf_str(&text), NULL);
        earlier->at_us = snapshot->at_us;
        strbuf_release(&text);
    }
    if (fd >= 0) {
        close(fd);
    }
    return found;
}

static bool look_at(const struct app_view *view, const char *directory,
                    struct app_earlier *earlier)
{
    struct journal_log log = {0};
    struct app_fold fold;
    bool same = journal_read(directory, &log, NULL) &&
                str_is(log.head.digest, view->head->digest) &&
                !str_eq(log.head.run, view->run_id);
    journal_log_release(&log);
    if (!same || !app_fold(&fold, directory, NULL, NULL)) {
        return false;
    }
    bool found = load(&fold, earlier);
    if (found) {
        earlier->run = str_text(&earlier->arena, fold.run.id);
        earlier->target = str_text(&earlier->arena, fold.run.target->id);
    }
    app_fold_release(&fold);
    return found;
}

bool app_find_earlier(const struct app_view *view, struct app_earlier *earlier)
{
    *earlier = (struct app_earlier){0};
    struct arena arena = {0};
    struct files_list list = {0};
    const char *slash = strrchr(view->directory, '/');
    const char *root =
        str_text(&arena, (struct str){view->directory, (size_t)(slash - view->directory)});
    int fd = files_open_directory(AT_FDCWD, root, NULL, NULL);
    bool found = false;
    bool ok = fd >= 0 && files_list(fd, &arena, &list, NULL);
    for (size_t i = list.count, looked = 0; ok && i > 0 && !found && looked < LOOKED_AT_MAX;
         i--) {
        if (list.entries[i - 1].type == FILES_TYPE_DIRECTORY) {
            struct str path =
                str_format(&arena, "%s/%.*s", root, STR_ARG(list.entries[i - 1].name));
            found = look_at(view, path.ptr, earlier);
            looked++;
        }
    }
    if (fd >= 0) {
        close(fd);
    }
    arena_release(&arena);
    return found;
}

void app_earlier_release(struct app_earlier *earlier)
{
    catalog_snapshot_release(&earlier->snapshot);
    arena_release(&earlier->arena);
    *earlier = (struct app_earlier){0};
}
