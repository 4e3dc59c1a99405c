/* SPDX-License-Identifier: PostgreSQL */
/*
 * A new run: everything that can be refused without touching the server is refused
 * first; then the run directory with all bytes that will be used; then the walk.
 */
#include "app_work.h"

#include <errno.h>

#include "files.h"
#include "hook.h"

/* ---------------------------------------------------------------- refusals */

static bool plan_is_good(const struct app_plan *plan, struct err *err)
{
    if (plan->good) {
        return true;
    }
    const struct plan_diagnostics *list = &plan->diagnostics;
    struct strbuf text = {0};
    for (size_t i = 0; i < list->count && text.len == 0; i++) {
        if (list->items[i].severity == PLAN_ERROR) {
            plan_diagnostic_text(&text, list, &list->items[i]);
        }
    }
    err_set(err, ERR_USAGE, "the plan has %zu error%s", list->errors, plural(list->errors));
    err_detail(err, "%.*s", STR_ARG(str_trim(strbuf_str(&text))));
    err_hint(err, "Nothing was contacted. \"gonogo check\" lists them all.");
    strbuf_release(&text);
    return false;
}

static bool plan_is_built(const struct app_plan *plan, struct err *err)
{
    size_t count;
    const struct plan_unbuilt *keys = plan_not_built(plan->plan, &count);
    for (size_t i = 0; i < count; i++) {
        if (keys[i].refuse) {
            err_set(err, ERR_USAGE, "the plan uses %.*s, which this version cannot do yet",
                    STR_ARG(keys[i].path));
            err_hint(err, "Nothing was contacted. Take the key out of the plan.");
            return false;
        }
    }
    return true;
}

static bool is_approved(const struct sha256_hex *approval, const char *approve, struct err *err)
{
    if (!approve || strcmp(approve, approval->text) == 0) {
        return true;
    }
    err_set(err, ERR_STOPPED, "the plan is not the one that was approved");
    err_detail(err, "Approved: %s. Now: %s.", approve, approval->text);
    err_hint(err, "Nothing was contacted. See what changed, then approve it anew with \"gonogo "
                  "check --digest --target\".");
    return false;
}

/* ------------------------------------------------------------------- window */

#define WINDOW_QUERY                                                                           \
    "select extract(epoch from (($1::pg_catalog.date::pg_catalog.timestamp + "                 \
    "$2::pg_catalog.interval) at time zone $4))::pg_catalog.numeric * 1000000, "               \
    "extract(epoch from (($1::pg_catalog.date::pg_catalog.timestamp + "                        \
    "$3::pg_catalog.interval) at time zone $4))::pg_catalog.numeric * 1000000, "               \
    "extract(epoch from ($1::pg_catalog.date::pg_catalog.timestamp at time zone $4))"          \
    "::pg_catalog.numeric * 1000000"

static int64_t whole(struct str text)
{
    int64_t value = 0;
    struct str digits = str_slice(text, 0, str_find_byte(text, '.', 0));
    return str_to_i64(digits, &value) ? value : 0;
}

/* A zone that is a name is the server's to convert: it has the rules, we have none. */
static bool ask_window(struct work *work, const struct db_params *params, struct err *err)
{
    const struct plan_window *window = &work->plan.plan->window;
    struct arena *arena = &work->arena;
    const char *values[] = {
        str_text(arena, window->date),
        /* seconds: before 15 a number of an interval had to fit into 32 bits */
        str_format(arena, "%lld seconds", (long long)(window->opens_us / US_PER_SECOND)).ptr,
        str_format(arena, "%lld seconds", (long long)(window->closes_us / US_PER_SECOND)).ptr,
        str_text(arena, window->timezone)};
    struct question question = {
        .sql = STR(WINDOW_QUERY), .values = values, .value_count = COUNT_OF(values)};
    struct rows rows;
    if (!ask_once_blocking(params, &question, arena, &rows, err)) {
        err_context(err, "asking the server for the time zone %.*s", STR_ARG(window->timezone));
        if (err) {
            err->kind = ERR_CONNECT;
        }
        return false;
    }
    work->head.opens_us = whole(rows_text(&rows, 0, 0));
    work->head.closes_us = whole(rows_text(&rows, 0, 1));
    work->head.day_us = whole(rows_text(&rows, 0, 2));
    return true;
}

static bool find_window(struct work *work, const struct db_params *params, struct err *err)
{
    const struct plan *plan = work->plan.plan;
    const struct plan_window *window = &plan->window;
    struct journal_head *head = &work->head;
    if (window->mark.line == 0 || window->year == 0) {
        return true;
    }
    if (plan_window_us(plan, window->opens_us, &head->opens_us) &&
        plan_window_us(plan, window->closes_us, &head->closes_us) &&
        plan_window_us(plan, 0, &head->day_us)) {
        return true;
    }
    return ask_window(work, params, err);
}

/* --------------------------------------------------------------------- head */

static void add_pair(struct journal_pairs *pairs, struct str name, struct str value)
{
    struct journal_pair *pair = ARRAY_PUSH(pairs->items, pairs->count, pairs->capacity);
    *pair = (struct journal_pair){name, value};
}

static void add_connection(struct work *work, const struct db_params *params)
{
    for (size_t i = 0; i < params->count; i++) {
        const char *key = params->items[i].key;
        bool secret = strcmp(key, "password") == 0 || strcmp(key, "sslpassword") == 0;
        if (!secret) {
            add_pair(&work->head.connection, str_from(key), str_from(params->items[i].value));
        }
    }
}

static struct str blob_name(struct arena *arena, struct str bytes)
{
    struct sha256_hex hex = sha256_of(bytes);
    return str_dup(arena, sha256_str(&hex));
}

static void add_files(struct work *work)
{
    struct arena *arena = &work->arena;
    struct journal_pairs *files = &work->head.files;
    add_pair(files, (struct str){0}, blob_name(arena, work->plan.plan->bytes));
    for (size_t i = 0; i < work->plan.file_count; i++) {
        if (work->plan.files[i].first == i) {
            add_pair(files, work->plan.files[i].path,
                     blob_name(arena, work->plan.states[i].bytes));
        }
    }
}

static bool make_head(struct work *work, const struct app_run_options *options,
                      const struct db_params *params, const struct sha256_hex *approval,
                      struct err *err)
{
    struct arena *arena = &work->arena;
    struct journal_head *head = &work->head;
    int64_t wall_us = loop_wall_us();
    if (!app_run_id(work->run_id, sizeof(work->run_id), wall_us, err)) {
        return false;
    }
    char *full = realpath(options->plan_path, NULL);
    head->format = JOURNAL_FORMAT;
    head->version = STR(GONOGO_VERSION);
    head->run = str_from(work->run_id);
    head->plan = str_dup(arena, str_from(full ? full : options->plan_path));
    free(full);
    head->name = work->plan.plan->name;
    head->digest = str_dup(arena, sha256_str(&work->plan.digest));
    head->approval = str_dup(arena, sha256_str(approval));
    head->target = work->target->id;
    head->mode = options->mode;
    head->simulated_clock = options->simulated_clock;
    head->clock_shift_us = options->simulated_clock ? options->clock_at_us - wall_us : 0;
    head->time_scale = options->time_scale > 0.0 ? options->time_scale : 1.0;
    head->report = str_from(options->report_folder);
    head->who = app_operator(arena);
    head->answers = str_from(options->answers_sha256);
    add_connection(work, params);
    for (size_t i = 0; i < options->value_count; i++) {
        add_pair(&head->values, str_from(options->values[i].name),
                 str_from(options->values[i].value));
    }
    add_files(work);
    return find_window(work, params, err);
}

static bool store_files(struct work *work, struct err *err)
{
    struct sha256_hex name;
    bool ok = journal_store_blob(work->journal, work->plan.plan->bytes, &name, err);
    for (size_t i = 0; ok && i < work->plan.file_count; i++) {
        if (work->plan.files[i].first == i) {
            ok = journal_store_blob(work->journal, work->plan.states[i].bytes, &name, err);
        }
    }
    return ok;
}

/* ---------------------------------------------------------------------- run */

static bool prepare(struct work *work, const struct app_run_options *options,
                    struct db_params *params, struct err *err)
{
    if (options->loaded) {
        work->plan = *options->loaded;
        work->plan.diagnostics.arena = &work->plan.arena;
        *options->loaded = (struct app_plan){0};
    } else if (!app_plan_load(&work->plan, options->plan_path, err)) {
        return false;
    }
    if (!plan_is_good(&work->plan, err) || !plan_is_built(&work->plan, err)) {
        return false;
    }
    work->target = app_plan_target(&work->plan, options->target, err);
    if (!work->target) {
        return false;
    }
    struct sha256_hex approval = app_plan_approval(&work->plan, work->target);
    if (!is_approved(&approval, options->approve, err)) {
        return false;
    }
    app_plan_set_values(&work->plan, work->target, options->values, options->value_count);
    const char *root = options->runs_root ? options->runs_root : app_runs_root(&work->arena);
    if (!root) {
        return err_set(err, ERR_RECORD,
                       "no folder for the record: HOME and XDG_STATE_HOME are "
                       "not set");
    }
    if (!app_params(work->target, &options->connection, &work->arena, params, err) ||
        !make_head(work, options, params, &approval, err)) {
        return false;
    }
    int64_t clock_us = loop_wall_us() + work->head.clock_shift_us;
    work->journal = journal_open_new(root, &work->head, clock_us, err);
    return work->journal && store_files(work, err);
}

int app_run(const struct app_run_options *options, struct err *err)
{
    struct err own = {0};
    err = err ? err : &own;
    *err = (struct err){0};
    struct work *work = mem_zero(1, sizeof(*work));
    struct db_params params = {0};
    work->headless = options->headless;
    work->front_open = options->front_open;
    work->front_ctx = options->front_ctx;
    work->started = options->started;
    work->started_ctx = options->started_ctx;
    int code;
    if (!work_begin(work, err) || !prepare(work, options, &params, err)) {
        code = app_exit_code_of(err);
    } else {
        work_make(work, &params, loop_wall_us() + work->head.clock_shift_us);
        struct event first = {.kind = EVENT_START, .script = -1, .who = work->head.who};
        hook_keep_told(work->head.digest, work->target->id, options->runs_root, &work->arena,
                       &first);
        code = work_walk(work, &first, err);
    }
    work_release(work);
    free(work);
    return code;
}
