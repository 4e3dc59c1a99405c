/* SPDX-License-Identifier: PostgreSQL */
/*
 * Going on: the stored bytes are loaded, the events folded, the evidence picked up, and
 * then the engine is told that it is back and looks for the truth on the server. Or that a
 * person abandons what was left: then nothing is contacted.
 */
#include "app_work.h"

#include <unistd.h>

#include "hook.h"

/* What the fold notices beside the model. */
struct noticed {
    struct run *run;
    struct arena *arena;
    struct str before_blob;
    struct str identity; /* JSON of the newest good LOOK_IDENTITY */
    int64_t last_us;
    struct effects effects;
};

static bool fold_event(void *ctx, const struct event *event, struct err *err)
{
    struct noticed *noticed = ctx;
    effects_clear(&noticed->effects);
    if (event->kind == EVENT_ROWS && event->moment == MOMENT_BEFORE && event->hash.len > 0) {
        noticed->before_blob = str_dup(noticed->arena, event->hash);
    }
    if (event->kind == EVENT_LOOKED && event->look == LOOK_IDENTITY &&
        event->outcome == OUTCOME_OK) {
        noticed->identity = str_dup(noticed->arena, event->detail);
    }
    noticed->last_us = event->at_us;
    return engine_step(noticed->run, event, &noticed->effects, err);
}

/* A run that is over can still be undone, once. */
static bool is_undoable(const struct run *run, struct err *err)
{
    const char *why = !run->changed            ? "it changed nothing"
                      : run->option_count == 0 ? "its plan names no way back"
                      : run->way_back          ? "a way back was taken already"
                                               : NULL;
    if (why) {
        err_set(err, ERR_USAGE, "the run is over and cannot be rolled back: %s", why);
        err_hint(err, "Nothing was contacted. See \"gonogo status\" and \"gonogo report\".");
    }
    return why == NULL;
}

/* Who ended it before its end, and why; always false. */
static bool is_given_up(const struct run *run, struct err *err)
{
    err_set(err, ERR_USAGE, "the run is over, there is nothing to resume: %.*s",
            STR_ARG(run->hold_reason));
    err_hint(err, "Nothing was contacted. Begin anew with \"gonogo run\"; what stands in the "
                  "database is in \"gonogo report\"; \"gonogo rollback\" opens its ways back.");
    return false;
}

/* What a run is taken up again for. */
enum purpose {
    TO_GO_ON,
    TO_ROLL_BACK,
    TO_ABANDON,
};

/* Nothing of ours may be at work in it, or in doubt: then only the server knows. */
static bool is_abandonable(const struct run *run, struct err *err)
{
    const char *trouble = engine_abandon_trouble(run);
    bool over = engine_is_over(run);
    if (trouble && (over || run->state < STATE_REVIEW)) {
        err_set(err, ERR_USAGE, "there is nothing to abandon: %s",
                run->abandoned ? "the run is abandoned already"
                : over         ? "the run is over"
                               : "the run broke off before it began");
        err_hint(err, "Nothing was contacted. \"gonogo status\" tells how it stands.");
    } else if (trouble) {
        err_set(err, ERR_STOPPED,
                "not abandoned: it broke off in %s, and only the server knows "
                "what became of that",
                phase_words[run->phase]);
        err_hint(err,
                 "Nothing was contacted. \"gonogo resume\" looks; then it can be abandoned "
                 "there.");
    }
    return trouble == NULL;
}

static bool is_resumable(const struct run *run, const struct journal_head *head,
                         enum purpose purpose, struct err *err)
{
    if (!str_eq(head->version, GONOGO_VERSION)) {
        err_set(err, ERR_STOPPED, "the run was begun by gonogo %.*s, this is %s",
                STR_ARG(head->version), GONOGO_VERSION);
        err_hint(err, "Nothing was contacted. Resume it with that version; \"gonogo report\" "
                      "works with any.");
        return false;
    }
    if (purpose == TO_ABANDON) {
        return is_abandonable(run, err);
    }
    if (engine_is_over(run) && (run->abandoned || run->phase == PHASE_CLOSE)) {
        if (purpose == TO_ROLL_BACK) {
            return is_undoable(run, err);
        }
        if (run->abandoned) {
            return is_given_up(run, err);
        }
        err_set(err, ERR_USAGE, "the run is over: there is nothing to resume");
        err_hint(err, "See \"gonogo status\" and \"gonogo report\"; \"gonogo rollback\" opens "
                      "its ways back.");
        return false;
    }
    return true;
}

/* The server that the run knew: another one is refused. */
static bool take_identity(struct performer *performer, struct str text, struct err *err)
{
    if (text.len == 0) {
        return true;
    }
    struct json *object = json_read(text, err);
    if (!object) {
        return false;
    }
    struct arena *arena = &performer->arena;
    performer->identity = (struct catalog_identity){
        .system_identifier = str_dup(arena, json_text(json_find(object, "system_identifier"))),
        .database = str_dup(arena, json_text(json_find(object, "database"))),
        .timeline = json_i64(json_find(object, "timeline"), 0),
    };
    performer->identified = performer->identity.system_identifier.len > 0;
    json_free(object);
    return true;
}

static bool take_evidence(struct performer *performer, const struct journal_evidence *evidence,
                          struct err *err)
{
    if (!evidence->commit_sent) {
        return true;
    }
    struct json *object = json_read(evidence->detail, err);
    if (!object) {
        return false;
    }
    performer->checkpointer_start =
        str_dup(&performer->arena,
                json_text(json_find(json_find(object, "evidence"), "checkpointer_start")));
    json_free(object);
    return true;
}

/* Those that are gone or damaged are no reason not to go on: the next look brings others. */
static void load_verdicts(struct performer *performer)
{
    struct err err = {0};
    performer->setup->live =
        app_load_verdicts(journal_directory_fd(performer->journal),
                          performer->run->context.hash, &performer->verdicts, &err);
}

static bool load_snapshots(struct performer *performer, const struct noticed *noticed,
                           struct err *err)
{
    static const enum moment needed[] = {MOMENT_REVIEW, MOMENT_BEFORE};
    for (size_t i = 0; i < COUNT_OF(needed); i++) {
        const struct run_snapshot *snapshot = &performer->run->snapshots[needed[i]];
        if (snapshot->taken &&
            !performer_load_snapshot(performer, needed[i], snapshot->hash, err)) {
            return false;
        }
    }
    return noticed->before_blob.len == 0 ||
           performer_load_before(performer, noticed->before_blob, err);
}

static bool params_of_head(const struct journal_head *head, const struct app_connection *flags,
                           struct arena *arena, struct db_params *params)
{
    for (size_t i = 0; i < head->connection.count; i++) {
        const struct journal_pair *pair = &head->connection.items[i];
        db_params_set(params, arena, str_text(arena, pair->name), str_text(arena, pair->value));
    }
    if (flags->password && flags->password[0] != '\0') {
        db_params_set(params, arena, "password", flags->password);
    }
    return true;
}

/* Killed, or the disk was full, between the head and the files that it names. */
static bool never_began(struct err *err)
{
    err_set(err, ERR_USAGE, "the run broke off before it began: its files were not stored");
    err_hint(err, "Nothing was contacted then or now. Begin anew with \"gonogo run\".");
    return false;
}

/* What a run is taken up again with. */
struct taking {
    struct journal_log log;
    struct noticed noticed;
    struct journal_evidence evidence;
};

static bool take_up(struct work *work, const struct app_resume_options *options,
                    enum purpose purpose, struct taking *taking, struct err *err)
{
    struct journal_log *log = &taking->log;
    struct noticed *noticed = &taking->noticed;
    struct arena *arena = &work->arena;
    const char *directory = app_find_run(arena, options->run, options->runs_root, err);
    work->journal = directory ? journal_open_again(directory, err) : NULL;
    if (!work->journal || !journal_read(directory, log, err)) {
        return false;
    }
    const struct journal_head *head = &log->head;
    snprintf(work->run_id, sizeof(work->run_id), "%.*s", STR_ARG(head->run));
    if (!app_plan_load_stored(&work->plan, journal_directory_fd(work->journal), head, err)) {
        return log->count > 1 ? false : never_began(err);
    }
    work->target = app_plan_target(&work->plan, str_text(arena, head->target), err);
    if (!work->target) {
        return false;
    }
    for (size_t i = 0; i < head->values.count; i++) {
        struct app_value value = {str_text(arena, head->values.items[i].name),
                                  str_text(arena, head->values.items[i].value)};
        app_plan_set_values(&work->plan, work->target, &value, 1);
    }
    struct db_params params = {0};
    if (!params_of_head(head, &options->connection, arena, &params)) {
        return false;
    }
    work->head = *head; /* the lists stay the log's */
    work_make(work, &params, 0);
    *noticed = (struct noticed){.run = &work->run, .arena = arena};
    bool ok = journal_fold(log, fold_event, noticed, err) &&
              is_resumable(&work->run, head, purpose, err) &&
              journal_evidence(log, &taking->evidence, err) &&
              take_identity(&work->performer, noticed->identity, err) &&
              take_evidence(&work->performer, &taking->evidence, err) &&
              load_snapshots(&work->performer, noticed, err);
    if (ok) { /* the performer that begins gives them back */
        load_verdicts(&work->performer);
    }
    effects_release(&noticed->effects);
    return ok;
}

/* Time never goes back in a record, whatever the machine's clock did meanwhile. */
static void start_clock(struct work *work, int64_t last_us)
{
    int64_t now_us = loop_wall_us() + work->head.clock_shift_us;
    app_clock_start(&work->performer.clock, now_us > last_us ? now_us : last_us, loop_now_us());
}

static void finish(struct work *work, struct taking *taking)
{
    work->head.connection = work->head.values = work->head.files = (struct journal_pairs){0};
    work_release(work);
    journal_log_release(&taking->log);
    free(work);
}

int app_resume(const struct app_resume_options *options, struct err *err)
{
    struct err own = {0};
    err = err ? err : &own;
    *err = (struct err){0};
    struct work *work = mem_zero(1, sizeof(*work));
    struct taking taking = {0};
    const struct journal_evidence *evidence = &taking.evidence;
    enum purpose purpose = options->rollback ? TO_ROLL_BACK : TO_GO_ON;
    work->headless = options->headless;
    work->front_open = options->front_open;
    work->front_ctx = options->front_ctx;
    work->started = options->started;
    work->started_ctx = options->started_ctx;
    int code;
    if (!work_begin(work, err) || !take_up(work, options, purpose, &taking, err)) {
        code = app_exit_code_of(err);
    } else {
        start_clock(work, taking.noticed.last_us);
        struct event first = {.kind = EVENT_RESUMED,
                              .script = -1,
                              .who = app_operator(&work->arena),
                              .flag =
                                  evidence->commit_sent && evidence->script == work->run.script,
                              .xid = evidence->xid,
                              .pid = evidence->pid,
                              .detail = evidence->detail};
        hook_keep_told(work->head.digest, work->target->id, options->runs_root, &work->arena,
                       &first);
        code = work_walk(work, &first, err);
    }
    finish(work, &taking);
    return code;
}

int app_abandon(const struct app_abandon_options *options, struct err *err)
{
    struct err own = {0};
    err = err ? err : &own;
    *err = (struct err){0};
    struct work *work = mem_zero(1, sizeof(*work));
    struct taking taking = {0};
    struct app_resume_options which = {.run = options->run, .runs_root = options->runs_root};
    int code = 0;
    if (!work_begin(work, err) || !take_up(work, &which, TO_ABANDON, &taking, err)) {
        code = app_exit_code_of(err);
    } else {
        start_clock(work, taking.noticed.last_us);
        struct event first = {.kind = EVENT_ABANDON,
                              .script = -1,
                              .text = str_from(options->reason),
                              .who = options->who ? str_from(options->who)
                                                  : app_operator(&work->arena),
                              .flag = options->who != NULL};
        (void)work_walk(work, &first, err);
        code = err->kind != ERR_NONE ? app_exit_code_of(err) : 0;
        if (code == 0 && options->ended) {
            options->ended(options->ctx, &work->run);
        }
    }
    finish(work, &taking);
    return code;
}
