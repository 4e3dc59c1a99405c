/* SPDX-License-Identifier: PostgreSQL */
/*
 * Runs, looked at: the journal is read and folded, nothing is locked, contacted or
 * changed.
 */
#include "app_private.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "files.h"

/* ------------------------------------------------------------------ finding */

static const char *root_of(struct arena *arena, const char *runs_root, struct err *err)
{
    const char *root = runs_root ? runs_root : app_runs_root(arena);
    if (!root) {
        err_set(err, ERR_USAGE, "no folder of runs: HOME and XDG_STATE_HOME are not set");
    }
    return root;
}

/* The folder's entries that may be runs; sorted by name, which begins with the time. */
static bool list_runs(const char *root, struct arena *arena, struct files_list *list,
                      struct err *err)
{
    *list = (struct files_list){0};
    enum files_trouble trouble = FILES_OK;
    int fd = files_open_directory(AT_FDCWD, root, &trouble, err);
    if (fd < 0) {
        return trouble == FILES_MISSING;
    }
    bool ok = files_list(fd, arena, list, err);
    close(fd);
    return ok;
}

static const char *newest(struct arena *arena, const char *root, const struct files_list *list,
                          struct err *err)
{
    for (size_t i = list->count; i > 0; i--) {
        if (list->entries[i - 1].type == FILES_TYPE_DIRECTORY) {
            return str_format(arena, "%s/%.*s", root, STR_ARG(list->entries[i - 1].name)).ptr;
        }
    }
    err_set(err, ERR_USAGE, "there is no run in %s", root);
    return NULL;
}

static bool is_run(const char *directory)
{
    int fd = files_open_directory(AT_FDCWD, directory, NULL, NULL);
    bool there = fd >= 0 && faccessat(fd, "journal.jsonl", F_OK, 0) == 0;
    if (fd >= 0) {
        close(fd);
    }
    return there;
}

const char *app_find_run(struct arena *arena, const char *run, const char *runs_root,
                         struct err *err)
{
    if (run && strchr(run, '/')) {
        char *full = realpath(run, NULL);
        const char *path = full ? str_text(arena, str_from(full)) : NULL;
        free(full);
        if (!path || !is_run(path)) {
            err_set(err, ERR_USAGE, "there is no run at %s", run);
            err_hint(err,
                     "A run is a folder with a journal.jsonl. \"gonogo runs\" lists them.");
            return NULL;
        }
        return path;
    }
    const char *root = root_of(arena, runs_root, err);
    struct files_list list;
    if (!root || !list_runs(root, arena, &list, err)) {
        return NULL;
    }
    if (!run) {
        return newest(arena, root, &list, err);
    }
    const char *found = NULL;
    size_t matches = 0;
    for (size_t i = 0; i < list.count; i++) {
        struct str name = list.entries[i].name;
        if (list.entries[i].type == FILES_TYPE_DIRECTORY && str_starts(name, run)) {
            found = str_format(arena, "%s/%.*s", root, STR_ARG(name)).ptr;
            matches++;
        }
    }
    if (matches != 1) {
        err_set(err, ERR_USAGE,
                matches == 0 ? "there is no run %s" : "more than one run is %s…", run);
        err_hint(err, "\"gonogo runs\" lists them.");
        return NULL;
    }
    return found;
}

static bool is_locked(const char *directory)
{
    int fd = files_open_directory(AT_FDCWD, directory, NULL, NULL);
    if (fd < 0) {
        return false;
    }
    bool locked = flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    close(fd);
    return locked;
}

/* ------------------------------------------------------------------ folding */

struct folding {
    struct run *run;
    struct app_fold *fold;
    struct effects effects;
    uint64_t until;
    const struct app_watcher *watcher; /* NULL: nobody looks */
    bool enough;
};

/* Verdicts that are gone or damaged leave those that were judged before. */
static void load_verdicts(struct app_fold *fold, struct str hash)
{
    struct err err = {0};
    int fd = files_open_directory(AT_FDCWD, fold->directory, NULL, &err);
    const struct lint_result *live =
        fd >= 0 ? app_load_verdicts(fd, hash, &fold->arena, &err) : NULL;
    fold->setup.live = live ? live : fold->setup.live;
    if (fd >= 0) {
        close(fd);
    }
}

static bool fold_event(void *ctx, const struct event *event, struct err *err)
{
    struct folding *folding = ctx;
    if (folding->enough || event->seq > folding->until) {
        return true;
    }
    if (event->kind == EVENT_CONTEXT) {
        load_verdicts(folding->fold, event->hash);
    }
    effects_clear(&folding->effects);
    bool ok = engine_step(folding->run, event, &folding->effects, err);
    if (ok && folding->watcher) {
        folding->watcher->seen(folding->watcher->ctx, folding->run);
        folding->enough = folding->watcher->enough(folding->watcher->ctx, folding->run);
    }
    return ok;
}

static bool fold_plan(struct app_fold *fold, struct err *err)
{
    const struct journal_head *head = &fold->log.head;
    int fd = files_open_directory(AT_FDCWD, fold->directory, NULL, err);
    bool ok = fd >= 0 && app_plan_load_stored(&fold->plan, fd, head, err);
    if (fd >= 0) {
        close(fd);
    }
    const struct plan_target *target =
        ok ? app_plan_target(&fold->plan, str_text(&fold->arena, head->target), err) : NULL;
    if (!target) {
        return false;
    }
    fold->setup = (struct run_setup){
        .plan = fold->plan.plan,
        .target = (int)(target - fold->plan.plan->targets.items),
        .mode = head->mode,
        .id = head->run,
        .digest = head->digest,
        .simulated_clock = head->simulated_clock,
        .opens_us = head->opens_us,
        .closes_us = head->closes_us,
        .day_us = head->day_us,
        .step_scripts = (const struct sql_script *const *)fold->plan.step_scripts,
        .undo_scripts = (const struct sql_script *const *)fold->plan.undo_scripts,
        .option_scripts = (const struct sql_script *const *)fold->plan.option_scripts,
        .lint = fold->plan.lint,
    };
    run_init(&fold->run, &fold->setup, &fold->arena);
    fold->initialised = true;
    return true;
}

static bool fold_directory(struct app_fold *fold, struct folding *folding, struct err *err)
{
    if (!journal_read(fold->directory, &fold->log, err) || !fold_plan(fold, err)) {
        return false;
    }
    folding->run = &fold->run;
    folding->fold = fold;
    bool ok = journal_fold(&fold->log, fold_event, folding, err);
    effects_release(&folding->effects);
    return ok;
}

bool app_replay(struct app_fold *fold, const char *run, const char *runs_root, uint64_t until,
                const struct app_watcher *watcher, struct err *err)
{
    struct folding folding = {.until = until, .watcher = watcher};
    *fold = (struct app_fold){0};
    fold->directory = app_find_run(&fold->arena, run, runs_root, err);
    fold->locked = fold->directory && is_locked(fold->directory);
    if (!fold->directory || !fold_directory(fold, &folding, err)) {
        app_fold_release(fold);
        return false;
    }
    return true;
}

bool app_fold(struct app_fold *fold, const char *run, const char *runs_root, struct err *err)
{
    return app_replay(fold, run, runs_root, UINT64_MAX, NULL, err);
}

void app_fold_release(struct app_fold *fold)
{
    if (fold->initialised) {
        run_release(&fold->run);
    }
    app_plan_release(&fold->plan);
    journal_log_release(&fold->log);
    arena_release(&fold->arena);
    *fold = (struct app_fold){0};
}

/* ------------------------------------------------------------------ listing */

static void list_one(struct app_list *list, struct app_listed *item, const char *directory)
{
    struct arena *arena = &list->arena;
    struct app_fold fold = {0};
    struct err err = {0};
    fold.directory = directory;
    item->locked = is_locked(directory);
    struct folding folding = {.until = UINT64_MAX};
    bool folded = fold_directory(&fold, &folding, &err);
    item->readable = fold.log.count > 0;
    item->verdict = fold.log.verdict;
    if (item->readable) {
        const struct journal_head *head = &fold.log.head;
        item->plan = str_dup(arena, head->name);
        item->target = str_dup(arena, head->target);
        item->digest = str_dup(arena, head->digest);
        if (!time_from_text(fold.log.records[0].at, &item->started_us)) {
            item->started_us = 0;
        }
    }
    if (folded) {
        bool left = fold.run.leaving;
        item->state = left ? fold.run.left : fold.run.state;
        item->ended = engine_is_over(&fold.run);
        item->abandoned = item->ended && fold.run.abandoned;
        item->exit_code = engine_exit_code(&fold.run);
    }
    app_fold_release(&fold);
}

bool app_list_runs(struct app_list *list, const char *runs_root, struct err *err)
{
    *list = (struct app_list){0};
    struct files_list names;
    const char *root = root_of(&list->arena, runs_root, err);
    if (!root || !list_runs(root, &list->arena, &names, err)) {
        arena_release(&list->arena);
        return false;
    }
    list->items = arena_array(&list->arena, names.count + 1, sizeof(*list->items));
    for (size_t i = names.count; i > 0; i--) {
        const struct files_entry *entry = &names.entries[i - 1];
        if (entry->type == FILES_TYPE_DIRECTORY) {
            struct app_listed *item = &list->items[list->count++];
            item->id = entry->name;
            list_one(list, item,
                     str_format(&list->arena, "%s/%.*s", root, STR_ARG(entry->name)).ptr);
        }
    }
    return true;
}

void app_list_release(struct app_list *list)
{
    arena_release(&list->arena);
    *list = (struct app_list){0};
}
