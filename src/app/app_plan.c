/* SPDX-License-Identifier: PostgreSQL */
/*
 * A plan with its files. Each distinct path is opened once; what was read then is
 * what is hashed, cut, shown, approved, sent and stored: nobody reads it again but to
 * see whether somebody changed it meanwhile.
 */
#include "app_private.h"
#include "app_lint.h"
#include "app_lint_world.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app_describe.h"
#include "loop.h"
#include "app_queries.h"
#include "files.h"
#include "hook.h"

enum {
    SQL_FILE_MAX = 256 << 20
};

/* ------------------------------------------------------------------ reading */

static enum plan_file_trouble trouble_of(enum files_trouble trouble)
{
    switch (trouble) {
    case FILES_OK:
        return PLAN_FILE_FINE;
    case FILES_MISSING:
        return PLAN_FILE_MISSING;
    case FILES_OUTSIDE:
        return PLAN_FILE_OUTSIDE;
    case FILES_SYMLINK:
        return PLAN_FILE_SYMLINK_OUT;
    case FILES_NOT_REGULAR:
        return PLAN_FILE_NOT_REGULAR;
    case FILES_TOO_LARGE:
        return PLAN_FILE_TOO_LARGE;
    case FILES_DENIED:
    case FILES_EXISTS:
    case FILES_NO_SPACE:
    case FILES_FAILED:
        return PLAN_FILE_UNREADABLE;
    }
    return PLAN_FILE_UNREADABLE;
}

struct disk {
    struct arena *arena;
    int root_fd;
};

static bool bytes_from_disk(void *ctx, const struct plan_file *file,
                            struct plan_file_state *state)
{
    const struct disk *disk = ctx;
    enum files_trouble trouble = FILES_OK;
    int fd = files_open_beneath(disk->root_fd, file->path, O_RDONLY, 0, &trouble, NULL);
    struct stat info = {0};
    struct strbuf bytes = {0};
    if (fd >= 0 && fstat(fd, &info) == 0 && !S_ISREG(info.st_mode)) {
        trouble = FILES_NOT_REGULAR;
    } else if (fd >= 0 && !files_read_fd(fd, "", SQL_FILE_MAX, &bytes, &trouble, NULL)) {
        trouble = trouble == FILES_OK ? FILES_FAILED : trouble;
    }
    if (fd >= 0) {
        close(fd);
    }
    state->trouble = trouble_of(trouble);
    if (state->trouble == PLAN_FILE_FINE && file->kind == PLAN_FILE_HOOK &&
        (info.st_mode & S_IXUSR) == 0) {
        state->trouble = PLAN_FILE_NOT_EXECUTABLE;
    }
    state->bytes = arena_adopt(disk->arena, &bytes);
    return state->trouble == PLAN_FILE_FINE;
}

static struct plan_file_state *read_files(struct app_plan *plan, app_bytes_of bytes_of,
                                          void *ctx, bool *complete)
{
    struct plan_file_state *states =
        arena_array(&plan->arena, plan->file_count + 1, sizeof(*states));
    *complete = true;
    for (size_t i = 0; i < plan->file_count; i++) {
        if (plan->files[i].first < i) {
            states[i] = states[plan->files[i].first];
            bool hook = plan->files[i].kind == PLAN_FILE_HOOK;
            if (hook && states[i].trouble == PLAN_FILE_FINE &&
                plan->files[plan->files[i].first].kind != PLAN_FILE_HOOK) {
                bytes_of(ctx, &plan->files[i], &states[i]);
            }
        } else {
            bytes_of(ctx, &plan->files[i], &states[i]);
        }
        bool there = states[i].trouble == PLAN_FILE_FINE ||
                     states[i].trouble == PLAN_FILE_NOT_EXECUTABLE;
        *complete = *complete && there;
    }
    return states;
}

/* ------------------------------------------------------------------ cutting */

/* The script of a file; NULL when it is not there or cannot be cut. */
static struct sql_script *script_of(struct app_plan *plan, struct plan_mark mark,
                                    struct str path)
{
    struct str bytes = app_plan_bytes(plan, path);
    if (!bytes.ptr) {
        return NULL;
    }
    int down = sql_down_section(bytes);
    if (down > 0) {
        plan_diagnose(
            &plan->diagnostics, mark, PLAN_ERROR, "Y606",
            "%.*s:%d:1: behind \"-- migrate:down\" the file takes itself back, and it "
            "would run as a whole. Put that part into a file of its own and name it "
            "as `undo:`",
            STR_ARG(path), down);
    }
    return app_cut(plan, mark, path, bytes);
}

/* One BEGIN ... COMMIT around the file is fine, but not where each statement stands alone. */
static struct err own_transaction(void)
{
    struct err err = {0};
    err_set(&err, ERR_USAGE, "the file has its own BEGIN ... COMMIT");
    err_detail(&err,
               "The plan says \"transaction: each\", which sends every statement by itself.");
    err_hint(&err, "Take BEGIN and COMMIT out of the file, or say \"transaction: one\".");
    return err;
}

/* Own transaction control is refused unless the plan says that the file has it. */
static void judge_transaction(struct app_plan *plan, struct plan_mark mark, struct str file,
                              enum plan_transaction transaction,
                              const struct sql_script *script)
{
    if (!script || transaction == PLAN_TRANSACTION_FILE) {
        return;
    }
    struct sql_transaction outer = sql_outer_transaction(script);
    bool each = transaction == PLAN_TRANSACTION_EACH;
    if (outer.outer == SQL_OUTER_NONE || (outer.outer == SQL_OUTER_ONE && !each)) {
        return;
    }
    if (outer.err.kind == ERR_NONE) {
        outer.err = own_transaction();
    }
    struct sql_place place = {.line = 1, .column = 1};
    if (outer.culprit < script->count) {
        place = script->statements[outer.culprit].head;
    }
    plan_diagnose(&plan->diagnostics, mark, PLAN_ERROR, "Y605", "%.*s:%d:%d: %s. %s%s%s",
                  STR_ARG(file), place.line, place.column, outer.err.message, outer.err.detail,
                  outer.err.detail[0] ? " " : "", outer.err.hint);
}

static void cut_all(struct app_plan *plan)
{
    const struct plan *read = plan->plan;
    size_t steps = read->steps.count;
    size_t options = read->rollback.count;
    plan->step_scripts = arena_array(&plan->arena, steps + 1, sizeof(*plan->step_scripts));
    plan->undo_scripts = arena_array(&plan->arena, steps + 1, sizeof(*plan->undo_scripts));
    plan->option_scripts =
        arena_array(&plan->arena, options + 1, sizeof(*plan->option_scripts));
    for (size_t i = 0; i < steps; i++) {
        const struct plan_step *step = &read->steps.items[i];
        if (step->kind == PLAN_STEP_MIGRATION) {
            plan->step_scripts[i] =
                script_of(plan, plan_mark_of(step->mark, "file"), step->file);
        }
        if (step->undo.ptr) {
            plan->undo_scripts[i] =
                script_of(plan, plan_mark_of(step->mark, "undo"), step->undo);
        }
    }
    for (size_t i = 0; i < options; i++) {
        const struct plan_rollback_option *option = &read->rollback.items[i];
        if (option->kind == PLAN_ROLLBACK_SQL) {
            plan->option_scripts[i] =
                script_of(plan, plan_mark_of(option->mark, "file"), option->file);
        }
    }
    app_queries_cut(plan);
    plan->described = app_describe(plan);
    app_queries_judge(plan);
    for (size_t i = 0; i < steps; i++) {
        const struct plan_step *step = &read->steps.items[i];
        judge_transaction(plan, plan_mark_of(step->mark, "file"), step->file, step->transaction,
                          plan->step_scripts[i]);
        judge_transaction(plan, plan_mark_of(step->mark, "undo"), step->undo,
                          PLAN_TRANSACTION_ONE, plan->undo_scripts[i]);
    }
    for (size_t i = 0; i < options; i++) {
        const struct plan_rollback_option *option = &read->rollback.items[i];
        judge_transaction(plan, plan_mark_of(option->mark, "file"), option->file,
                          PLAN_TRANSACTION_ONE, plan->option_scripts[i]);
    }
}

/* ------------------------------------------------------------------ loading */

/* The common end of loading: read, check, digest, cut. `bytes` are copied. */
static void app_plan_make(struct app_plan *plan, struct str bytes, const char *path,
                          app_bytes_of bytes_of, void *ctx)
{
    bool fine;
    bool complete;
    plan->path = str_text(&plan->arena, str_from(path));
    plan->plan =
        plan_read_all(bytes, str_from(plan->path), &plan->arena, &plan->diagnostics, &fine);
    if (!plan->plan) {
        return;
    }
    plan->files = plan_files(plan->plan, &plan->file_count);
    plan->states = read_files(plan, bytes_of, ctx, &complete);
    bool checked = plan_check(plan->plan, plan->states, &plan->diagnostics);
    if (fine && complete) {
        plan->digest = plan_digest(plan->plan, plan->states);
    }
    cut_all(plan);
    plan_diagnostics_sort(&plan->diagnostics);
    plan->good = fine && complete && checked && plan->diagnostics.errors == 0;
    if (!fine) {
        plan->plan = NULL; /* its files are judged with it; nobody may use it */
    }
}

/* What stands in a folder that was named instead of a plan leads to what to do with it; false:
 * it is no folder, or may not be read. */
static bool tell_folder(const char *full, const char *path, struct err *err)
{
    struct arena arena = {0};
    struct files_list list = {0};
    size_t sql = 0;
    bool has_plan = false;
    int folder = files_open_directory(AT_FDCWD, full, NULL, NULL);
    bool listed = folder >= 0 && files_list(folder, &arena, &list, NULL);
    for (size_t i = 0; listed && i < list.count; i++) {
        sql += str_ends(list.entries[i].name, ".sql");
        has_plan |= str_eq(list.entries[i].name, "plan.yaml");
    }
    if (folder >= 0) {
        close(folder);
    }
    arena_release(&arena);
    if (!listed) {
        return false;
    }
    err_set(err, ERR_USAGE, "could not read the plan %s: it is a folder", path);
    if (has_plan || sql == 0) {
        err_hint(err, "Nothing was contacted. Name the plan's file, such as %s/plan.yaml.",
                 path);
    } else {
        err_hint(err,
                 "Nothing was contacted. %zu SQL file%s and no plan.yaml: \"gonogo explain "
                 "%s/*.sql\" judges the files; \"gonogo new --from %s\" makes a plan, which a "
                 "policy can judge, too.",
                 sql, sql == 1 ? " stands there" : "s stand there", path, path);
    }
    return true;
}

static bool read_plan(const char *full, const char *path, struct strbuf *bytes, struct err *err)
{
    enum files_trouble trouble = FILES_OK;
    if (files_read(AT_FDCWD, full, PLAN_SIZE_MAX, bytes, &trouble, err)) {
        return true;
    }
    char why[ERR_TEXT_MAX];
    memcpy(why, err ? err->message : "", err ? sizeof(why) : 1);
    if (trouble == FILES_TOO_LARGE) {
        err_set(err, ERR_USAGE, "the plan %s is larger than %d bytes (1 MiB)", path,
                PLAN_SIZE_MAX);
        err_hint(err, "Nothing was contacted. SQL belongs into files beside the plan, which "
                      "names them with `file:`.");
    } else if (trouble == FILES_NOT_REGULAR && !tell_folder(full, path, err)) {
        err_set(err, ERR_USAGE, "could not read the plan %s: it is not an ordinary file", path);
        err_hint(err, "Nothing was contacted. Name the plan's file, such as %s/plan.yaml.",
                 path);
    } else if (trouble != FILES_NOT_REGULAR) {
        err_set(err, ERR_USAGE, "%s", why);
        err_hint(err, "Nothing was contacted. Check path, owner and permissions.");
    }
    return false;
}

/* What is not a file of the plan: programs of this machine, before a run needs them, and the
 * rules that it names. */
static void judge_rest(struct app_plan *plan)
{
    if (plan->plan) {
        hook_diagnose(plan);
        app_lint_waivers(plan);
        plan_diagnostics_sort(&plan->diagnostics);
        plan->good = plan->good && plan->diagnostics.errors == 0;
    }
}

bool app_plan_load(struct app_plan *plan, const char *path, struct err *err)
{
    *plan = (struct app_plan){.today_us = loop_wall_us()};
    struct strbuf bytes = {0};
    struct disk disk = {.arena = &plan->arena, .root_fd = -1};
    char *full = realpath(path, NULL);
    bool ok = full != NULL;
    if (!ok && strcmp(path, "-") == 0) {
        err_set(err, ERR_USAGE, "a plan is not read from standard input");
        err_hint(err, "Nothing was contacted. Its files stand beside it: save it in their "
                      "folder and name it.");
    } else if (!ok) {
        err_set(err, ERR_USAGE, "could not read the plan %s: %s", path, strerror(errno));
        err_hint(err, "Nothing was contacted. Check the path.");
    } else if (str_ends(str_from(path), ".sql")) {
        ok = err_set(err, ERR_USAGE, "%s is an SQL file and no plan", path);
        err_hint(
            err,
            "Nothing was contacted. To have it judged: gonogo explain %s. For a plan of it: "
            "gonogo new %s.",
            path, path);
    } else {
        char *slash = strrchr(full, '/');
        struct str folder = {full, slash == full ? 1 : (size_t)(slash - full)};
        plan->folder = str_text(&plan->arena, folder);
        ok = read_plan(full, path, &bytes, err);
        disk.root_fd = ok ? files_open_directory(AT_FDCWD, plan->folder, NULL, err) : -1;
        ok = disk.root_fd >= 0;
        if (!ok && err) {
            err->kind = ERR_USAGE;
        }
    }
    if (ok) {
        app_plan_make(plan, strbuf_str(&bytes), path, bytes_from_disk, &disk);
        close(disk.root_fd);
        judge_rest(plan);
    }
    strbuf_release(&bytes);
    free(full);
    if (!ok) {
        app_plan_release(plan);
    }
    return ok;
}

struct stored {
    struct arena *arena;
    int directory_fd;
    const struct journal_head *head;
    struct err *err;
    bool failed;
};

static struct str blob_of(const struct journal_head *head, struct str path)
{
    for (size_t i = 0; i < head->files.count; i++) {
        if (str_is(head->files.items[i].name, path)) {
            return head->files.items[i].value;
        }
    }
    return (struct str){0};
}

static bool bytes_from_store(void *ctx, const struct plan_file *file,
                             struct plan_file_state *state)
{
    struct stored *stored = ctx;
    struct strbuf bytes = {0};
    state->trouble = PLAN_FILE_FINE;
    if (!journal_load_blob(stored->directory_fd, blob_of(stored->head, file->path), &bytes,
                           stored->failed ? NULL : stored->err)) {
        stored->failed = true;
        state->trouble = PLAN_FILE_MISSING;
    }
    state->bytes = arena_adopt(stored->arena, &bytes);
    return state->trouble == PLAN_FILE_FINE;
}

bool app_plan_load_stored(struct app_plan *plan, int directory_fd,
                          const struct journal_head *head, struct err *err)
{
    *plan = (struct app_plan){.today_us = head->day_us};
    struct strbuf bytes = {0};
    struct stored stored = {
        .arena = &plan->arena, .directory_fd = directory_fd, .head = head, .err = err};
    bool ok = journal_load_blob(directory_fd, blob_of(head, (struct str){0}), &bytes, err);
    if (ok) {
        struct str path = head->plan;
        app_plan_make(plan, strbuf_str(&bytes), str_text(&plan->arena, path), bytes_from_store,
                      &stored);
        size_t slash = path.len;
        while (slash > 0 && path.ptr[slash - 1] != '/') {
            slash--;
        }
        plan->folder = str_text(&plan->arena, str_slice(path, 0, slash > 1 ? slash - 1 : 1));
        ok = !stored.failed;
    }
    if (ok && (!plan->plan || !str_is(sha256_str(&plan->digest), head->digest))) {
        ok = err_set(err, ERR_RECORD, "the stored plan does not give the digest of this run");
        err_hint(err, "The run directory was changed. Nothing was contacted.");
    }
    strbuf_release(&bytes);
    if (!ok) {
        app_plan_release(plan);
    }
    return ok;
}

void app_plan_release(struct app_plan *plan)
{
    app_lint_world_free(plan->world);
    plan_diagnostics_release(&plan->diagnostics);
    arena_release(&plan->arena);
    *plan = (struct app_plan){0};
}

/* ------------------------------------------------------------------ looking */

struct str app_plan_bytes(const struct app_plan *plan, struct str path)
{
    if (str_starts(path, "./")) {
        path = str_slice(path, 2, path.len);
    }
    for (size_t i = 0; i < plan->file_count; i++) {
        if (str_is(plan->files[i].path, path) && plan->states[i].trouble == PLAN_FILE_FINE) {
            struct str bytes = plan->states[i].bytes;
            return bytes.ptr ? bytes : STR("");
        }
    }
    return (struct str){0};
}

const struct plan_target *app_plan_target(const struct app_plan *plan, const char *id,
                                          struct err *err)
{
    const struct plan_targets *targets = &plan->plan->targets;
    if (!id && targets->count == 1) {
        return &targets->items[0];
    }
    const struct plan_target *target = id ? plan_find_target(plan->plan, str_from(id)) : NULL;
    if (!target) {
        struct strbuf names = {0};
        for (size_t i = 0; i < targets->count; i++) {
            strbuf_format(&names, "%s%.*s", i > 0 ? ", " : "", STR_ARG(targets->items[i].id));
        }
        err_set(err, ERR_USAGE, id ? "the plan has no target \"%s\"" : "which target%s?",
                id ? id : "");
        err_hint(err, "The plan has: %s. Choose one with --target.", names.ptr);
        strbuf_release(&names);
    }
    return target;
}

struct sha256_hex app_plan_approval(const struct app_plan *plan,
                                    const struct plan_target *target)
{
    return plan_approval(&plan->digest, target);
}

void app_plan_set_values(struct app_plan *plan, const struct plan_target *target,
                         const struct app_value *values, size_t count)
{
    struct plan_target *ours = &plan->plan->targets.items[target - plan->plan->targets.items];
    size_t room = ours->values.count + count;
    struct plan_named_value *items = arena_array(&plan->arena, room + 1, sizeof(*items));
    size_t used = ours->values.count;
    for (size_t i = 0; i < used; i++) {
        items[i] = ours->values.items[i];
    }
    for (size_t i = 0; i < count; i++) {
        size_t at = 0;
        while (at < used && !str_eq(items[at].name, values[i].name)) {
            at++;
        }
        used = at == used ? used + 1 : used;
        items[at].name = str_dup(&plan->arena, str_from(values[i].name));
        items[at].value = str_dup(&plan->arena, str_from(values[i].value));
    }
    ours->values.items = items;
    ours->values.count = used;
}
