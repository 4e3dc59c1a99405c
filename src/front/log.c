/* SPDX-License-Identifier: PostgreSQL */
/*
 * The log: differences of the model, in the order in which people would tell them.
 * Nothing here asks the engine anything; it only reads what is there and remembers
 * what it has told.
 */
#include "log_private.h"

const struct front_log_type front_log_types[] = {
    {"run", "the run begins or is taken up again: plan, target, digest, mode"},
    {"server", "the server is identified: database, text"},
    {"phase", "a phase begins: phase"},
    {"state", "every change of state: state, phase"},
    {"snapshot",
     "the catalog was read: moment, counts {id: {before, now, expected}}, unplanned"},
    {"answer", "a checklist item is answered or measured: id, who, claim, outcome"},
    {"backup", "a backup moved on: id, level, running, failed, text, detail, hash, bytes"},
    {"vote", "a role voted: role, vote, who, claim"},
    {"script", "a file begins or ends: id, state, attempt, ms, expected_ms, sqlstate"},
    {"statement", "a statement was answered: script, n, tag, outcome, ms, rows, sqlstate"},
    {"check", "a check was judged: id, outcome, actual, ms"},
    {"blockers", "who holds up our statement: waited_ms, sessions"},
    {"new", "what is there since the migration and was not before: kind, text, ms, was_ms"},
    {"notice", "a hook begins or ends: event, program, outcome, ms, text, output"},
    {"remark", "a decision or a finding: kind, id, who, claim"},
    {"criterion", "a person attested a criterion: text, outcome, who"},
    {"sign_off", "a role signed: role, who, claim"},
    {"ask", "the headless run cannot answer this: kind, id"},
    {"end", "the run is over: exit, report"},
};
const size_t front_log_type_count = COUNT_OF(front_log_types);

struct front_log *front_log_new(front_entry_writer writer, void *ctx)
{
    struct front_log *log = mem_zero(1, sizeof(*log));
    log->writer = writer;
    log->ctx = ctx;
    return log;
}

void front_log_free(struct front_log *log)
{
    if (log) {
        arena_release(&log->arena);
        arena_release(&log->scratch);
        free(log->scripts);
        free(log->notices);
        free(log);
    }
}

void front_log_tell(struct front_log *log, int64_t at_us, const char *type, const char *source,
                    struct json *data, const char *format, ...)
{
    char text[4 * ERR_TEXT_MAX] = "";
    if (format) {
        va_list values;
        va_start(values, format);
        (void)vsnprintf(text, sizeof(text), format, values);
        va_end(values);
    }
    struct front_entry entry = {.at_us = at_us, .type = type, .source = source, .data = data};
    entry.text = sanitise_line(&log->scratch, str_from(text));
    if (!log->silent) {
        log->writer(log->ctx, &entry);
    }
    json_free(data);
}

void front_log_say(struct front_log *log, int64_t at_us, const char *type, const char *source,
                   struct str text)
{
    struct json *data = json_make_object();
    json_put_text(data, "text", text);
    front_log_tell(log, at_us, type, source, data, "%.*s", STR_ARG(text));
    arena_clear(&log->scratch);
}

const char *front_log_claim_text(bool claim)
{
    return claim ? " (a claim)" : "";
}

double front_log_to_ms(int64_t us)
{
    return (double)us / (double)US_PER_MS;
}

const char *front_log_time_text(struct front_log *log, int64_t us)
{
    return str_text(&log->scratch, duration_text(&log->scratch, us));
}

const char *front_log_verdict_text(enum outcome outcome)
{
    static const char *const texts[OUTCOME__COUNT] = {
        [OUTCOME_NONE] = "not run",
        [OUTCOME_OK] = "ok",
        [OUTCOME_FAILED] = "FAILED",
        [OUTCOME_UNKNOWN] = "CANNOT BE JUDGED",
    };
    return texts[outcome];
}

/* ------------------------------------------------------------------ the start */

static void begin(struct front_log *log, const struct run *run)
{
    log->begun = true;
    log->state = run->state;
    log->phase = run->phase;
    log->items = arena_array(&log->arena, run->item_count, sizeof(*log->items));
    log->backups = arena_array(&log->arena, run->backup_count, sizeof(*log->backups));
    log->criteria = arena_array(&log->arena, run->criterion_count, sizeof(*log->criteria));
    log->sets = arena_array(&log->arena, run->set_count, sizeof(*log->sets));
    for (size_t i = 0; i < run->set_count; i++) {
        size_t count = run->plan->verification.sets.items[i].checks.count;
        log->sets[i] = arena_array(&log->arena, count, sizeof(**log->sets));
    }
    struct json *data = json_make_object();
    json_put_text(data, "plan", run->plan->name);
    json_put_text(data, "target", run->target->id);
    json_put_text(data, "environment", run->target->environment);
    json_put_text(data, "digest", run->digest);
    json_put_text(data, "mode", run->mode == RUN_LIVE ? STR("live") : STR("rehearsal"));
    json_put_text(data, "state", str_from(state_words[run->state]));
    front_log_tell(log, run->now_us, "run", "engine", data, "run %.*s: %.*s on target %.*s",
                   STR_ARG(run->id), STR_ARG(run->plan->name), STR_ARG(run->target->id));
}

static void compare_server(struct front_log *log, const struct run *run)
{
    if (log->identified || run->database.len == 0) {
        return;
    }
    log->identified = true;
    struct json *data = json_make_object();
    json_put_text(data, "database", run->database);
    json_put_text(data, "text", run->server_text);
    front_log_tell(log, run->now_us, "server", "engine", data, "connected to %.*s, %.*s",
                   STR_ARG(run->database), STR_ARG(run->server_text));
}

/* States that people should hear of; the others are for programs only. */
static const char *const loud_states[STATE__COUNT] = {
    [STATE_WRONG_COUNTS] = "the database is not what the plan starts from",
    [STATE_FAILED] = "the step failed and is rolled back",
    [STATE_LOST] = "the connection to the server is lost; trying again",
    [STATE_SETTLE] = "looking for evidence of what became of the open script",
    [STATE_IN_DOUBT] = "IN DOUBT: nobody can know from evidence what happened",
    [STATE_CHOOSE] = "the rollback decision is open",
    [STATE_RESTORE] = "restoring the dump beside the live database",
    [STATE_SWITCH] = "exchanging the names of the databases",
    [STATE_BACK_CHECK] = "comparing with \"before\"",
    [STATE_LEAVING] = "the run is left here; it can be resumed",
};

static void compare_phase(struct front_log *log, const struct run *run)
{
    if (log->phase != run->phase || (log->state == STATE_NEW && run->state != STATE_NEW)) {
        struct json *data = json_make_object();
        json_put_text(data, "phase", str_from(phase_words[run->phase]));
        log->phase = run->phase;
        front_log_tell(log, run->now_us, "phase", "engine", data, "=== %s",
                       phase_words[run->phase]);
    }
}

static void compare_state(struct front_log *log, const struct run *run)
{
    if (log->state == run->state) {
        return;
    }
    log->state = run->state;
    struct json *data = json_make_object();
    json_put_text(data, "state", str_from(state_words[run->state]));
    json_put_text(data, "phase", str_from(phase_words[run->phase]));
    bool abandoned = run->abandoned && run->state == STATE_LEAVING;
    const char *loud =
        abandoned ? "the run is over here; nobody resumes it" : loud_states[run->state];
    if (run->state == STATE_WRONG_COUNTS && !run->snapshots[MOMENT_REVIEW].taken) {
        loud = "the database could not be looked at";
    }
    if (loud && run->hold_reason.len > 0 && (abandoned || run->state != STATE_LEAVING)) {
        front_log_tell(log, run->now_us, "state", "engine", data, "%s: %.*s", loud,
                       STR_ARG(run->hold_reason));
    } else if (loud) {
        front_log_tell(log, run->now_us, "state", "engine", data, "%s", loud);
    } else {
        front_log_tell(log, run->now_us, "state", "engine", data, NULL);
    }
}

/* --------------------------------------------------------------------- people */

static void compare_votes(struct front_log *log, const struct run *run)
{
    for (; log->votes < run->vote_count; log->votes++) {
        const struct run_vote *vote = &run->votes[log->votes];
        struct json *data = json_make_object();
        json_put_text(data, "role", vote->role);
        json_put_text(data, "vote", vote->vote);
        json_put_text(data, "who", vote->who);
        json_put_bool(data, "claim", vote->claim);
        front_log_tell(log, vote->at_us, "vote", "people", data,
                       "%.*s votes %.*s, %.*s%s%s%.*s", STR_ARG(vote->role),
                       STR_ARG(vote->vote), STR_ARG(vote->who),
                       front_log_claim_text(vote->claim), vote->why.len > 0 ? ": " : "",
                       STR_ARG(vote->why));
    }
    for (; log->signatures < run->signature_count; log->signatures++) {
        const struct run_signature *signature = &run->signatures[log->signatures];
        struct json *data = json_make_object();
        json_put_text(data, "role", signature->role);
        json_put_text(data, "who", signature->who);
        json_put_bool(data, "claim", signature->claim);
        front_log_tell(log, signature->at_us, "sign_off", "people", data,
                       "%.*s signs off, %.*s%s", STR_ARG(signature->role),
                       STR_ARG(signature->who), front_log_claim_text(signature->claim));
    }
}

/* "override c1: no rehearsal exists, carla (a claim)"; what was not said leaves no gap. */
static void remark_line(const struct run *run, const struct run_remark *remark,
                        struct strbuf *line)
{
    strbuf_add(line, remark->kind);
    if (remark->id.len > 0) {
        strbuf_format(line, " %.*s", STR_ARG(remark->id));
    }
    if (remark->text.len > 0) {
        strbuf_format(line, ": %.*s", STR_ARG(remark->text));
    }
    if (remark->who.len > 0 && !str_eq(remark->who, "gonogo")) {
        static const char by_file[] = " by file"; /* how claims of a file are signed */
        struct str name = remark->who;
        if (remark->claim && str_ends(name, by_file)) {
            name.len -= sizeof(by_file) - 1;
        }
        bool said = str_eq(remark->kind, "override") || str_eq(remark->kind, "acknowledged");
        bool listed = plan_lists_person(run->plan, name);
        strbuf_format(line, "%s%.*s%s%s", remark->text.len > 0 ? ", " : ", by ",
                      STR_ARG(remark->who), front_log_claim_text(remark->claim),
                      said && !listed ? " (not in the plan's roles)" : "");
    }
}

static void compare_remarks(struct front_log *log, const struct run *run)
{
    for (; log->remarks < run->remark_count; log->remarks++) {
        const struct run_remark *remark = &run->remarks[log->remarks];
        struct json *data = json_make_object();
        json_put_text(data, "kind", remark->kind);
        json_put_text(data, "id", remark->id);
        json_put_text(data, "who", remark->who);
        json_put_bool(data, "claim", remark->claim);
        json_put_text(data, "text", remark->text);
        struct strbuf line = {0};
        remark_line(run, remark, &line);
        bool ours = str_eq(remark->who, "gonogo");
        front_log_tell(log, remark->at_us, "remark", ours ? "engine" : "people", data, "%s",
                       line.ptr);
        strbuf_release(&line);
    }
}

static void compare_criteria(struct front_log *log, const struct run *run)
{
    for (size_t i = 0; i < run->criterion_count; i++) {
        const struct run_criterion *criterion = &run->criteria[i];
        bool attested = criterion->criterion->kind == PLAN_CRITERION_ATTEST;
        if (!attested || criterion->outcome == log->criteria[i]) {
            continue;
        }
        log->criteria[i] = criterion->outcome;
        struct json *data = json_make_object();
        json_put_text(data, "text", criterion->criterion->text);
        json_put_text(data, "outcome", str_from(outcome_words[criterion->outcome]));
        json_put_text(data, "who", criterion->who);
        front_log_tell(log, criterion->at_us, "criterion", "people", data, "%.*s: %s, %.*s",
                       STR_ARG(criterion->criterion->text),
                       front_log_verdict_text(criterion->outcome), STR_ARG(criterion->who));
    }
}

static void compare_end(struct front_log *log, const struct run *run)
{
    if (run->state != STATE_END || log->state == STATE_END) {
        return;
    }
    struct json *data = json_make_object();
    json_put_i64(data, "exit", engine_exit_code(run));
    json_put_text(data, "report", run->report_folder);
    front_log_tell(log, run->now_us, "end", "engine", data,
                   "the run is over, exit code %d%s%.*s", engine_exit_code(run),
                   run->report_folder.len > 0 ? ", report in " : "",
                   STR_ARG(run->report_folder));
}

/* A run that is taken up again: what it did before is one line a script. */
static void tell_standing(struct front_log *log, const struct run *run)
{
    for (size_t i = 0; i < run->script_count; i++) {
        const struct run_script *script = &run->scripts[i];
        if (script->state != SCRIPT_PENDING) {
            front_log_tell(log, run->now_us, "script", "engine",
                           front_log_script_data(run, script), "%.*s was %s before",
                           STR_ARG(script_name(script, &log->arena)),
                           script_state_words[script->state]);
        }
    }
}

static void compare(struct front_log *log, const struct run *run)
{
    compare_phase(log, run);
    compare_server(log, run);
    front_log_snapshots(log, run);
    front_log_surroundings(log, run);
    front_log_items(log, run);
    front_log_backups(log, run);
    compare_votes(log, run);
    front_log_blockers(log, run);
    front_log_news(log, run);
    for (size_t i = 0; i < run->script_count; i++) {
        front_log_script(log, run, i);
    }
    for (size_t i = 0; i < run->set_count; i++) {
        front_log_checks(log, run, run->sets[i],
                         run->plan->verification.sets.items[i].checks.count, log->sets[i]);
    }
    front_log_notices(log, run);
    compare_remarks(log, run);
    compare_criteria(log, run);
    compare_end(log, run);
    compare_state(log, run);
}

void front_log_compare(struct front_log *log, const struct run *run)
{
    bool first = !log->begun;
    if (!first && log->events == run->events && log->state == run->state) {
        return; /* only time has passed */
    }
    log->events = run->events;
    if (first) {
        begin(log, run);
        log->silent = run->resumed;
    }
    compare(log, run);
    if (log->silent) {
        log->silent = false;
        tell_standing(log, run);
    }
    arena_clear(&log->scratch);
}
