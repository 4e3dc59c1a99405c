/* SPDX-License-Identifier: PostgreSQL */
/*
 * The log: differences of the model, in the order in which people would tell them.
 * Nothing here asks the engine anything; it only reads what is there and remembers
 * what it has told.
 */
#include "front_log.h"

const struct front_log_type front_log_types[] = {
    {"run", "the run begins or is taken up again: plan, target, digest, mode"},
    {"server", "the server is identified: database, text"},
    {"phase", "a phase begins: phase"},
    {"state", "every change of state: state, phase"},
    {"snapshot",
     "the catalog was read: moment, counts {id: {before, now, expected}}, unplanned"},
    {"answer", "a checklist item is answered or measured: id, who, claim, outcome"},
    {"backup", "a backup moved on: id, level, running, failed, hash, bytes"},
    {"vote", "a role voted: role, vote, who, claim"},
    {"script", "a file begins or ends: id, state, attempt, ms, expected_ms, sqlstate"},
    {"statement", "a statement was answered: script, n, tag, outcome, ms, rows, sqlstate"},
    {"check", "a check was judged: id, outcome, actual, ms"},
    {"blockers", "who holds up our statement: waited_ms, sessions"},
    {"remark", "a decision or a finding: kind, id, who, claim"},
    {"criterion", "a person attested a criterion: text, outcome, who"},
    {"sign_off", "a role signed: role, who, claim"},
    {"ask", "the headless run cannot answer this: kind, id"},
    {"end", "the run is over: exit, report"},
};
const size_t front_log_type_count = COUNT_OF(front_log_types);

/* What was told of one script. */
struct seen_script {
    enum script_state state;
    int attempts;
    int notices;
    enum outcome *statements;
    int *checks; /* runs, those before the step first */
};

struct seen_item {
    bool answered;
    int runs;
};

struct seen_backup {
    enum plan_backup_level level;
    bool running;
    bool failed;
    bool attested;
};

struct front_log {
    front_entry_writer writer;
    void *ctx;
    struct arena arena; /* as long as the log */
    struct arena scratch;
    bool begun;
    bool identified;
    enum state state;
    enum phase phase;
    size_t remarks, votes, signatures;
    struct seen_script *scripts;
    size_t script_count, script_capacity;
    struct seen_item *items;
    struct seen_backup *backups;
    int **sets;
    enum outcome *criteria;
    int64_t snapshots[MOMENT__COUNT];
    bool blocked;
    uint64_t events;
};

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
        free(log);
    }
}

/* Takes `data`. A NULL format is an entry for programs only. */
static void tell(struct front_log *log, int64_t at_us, const char *type, const char *source,
                 struct json *data, const char *format, ...) PRINTF_LIKE(6, 7);

static void tell(struct front_log *log, int64_t at_us, const char *type, const char *source,
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
    log->writer(log->ctx, &entry);
    json_free(data);
}

void front_log_say(struct front_log *log, int64_t at_us, const char *type, const char *source,
                   struct str text)
{
    struct json *data = json_make_object();
    json_put_text(data, "text", text);
    tell(log, at_us, type, source, data, "%.*s", STR_ARG(text));
    arena_clear(&log->scratch);
}

static const char *claim_text(bool claim)
{
    return claim ? " (a claim)" : "";
}

static double to_ms(int64_t us)
{
    return (double)us / (double)US_PER_MS;
}

static const char *time_text(struct front_log *log, int64_t us)
{
    return str_text(&log->scratch, duration_text(&log->scratch, us));
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
    tell(log, run->now_us, "run", "engine", data, "run %.*s: %.*s on target %.*s",
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
    tell(log, run->now_us, "server", "engine", data, "connected to %.*s, %.*s",
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
        tell(log, run->now_us, "phase", "engine", data, "=== %s", phase_words[run->phase]);
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
    const char *loud = loud_states[run->state];
    if (loud && run->hold_reason.len > 0 && run->state != STATE_LEAVING) {
        tell(log, run->now_us, "state", "engine", data, "%s: %.*s", loud,
             STR_ARG(run->hold_reason));
    } else if (loud) {
        tell(log, run->now_us, "state", "engine", data, "%s", loud);
    } else {
        tell(log, run->now_us, "state", "engine", data, NULL);
    }
}

/* ------------------------------------------------------------------ snapshots */

static struct json *count_data(const struct run_count *count, int64_t now)
{
    struct json *data = json_make_object();
    int64_t before = count->values[MOMENT_BEFORE];
    json_put_take(data, "before", before >= 0 ? json_make_i64(before) : json_make_null());
    json_put_take(data, "now", now >= 0 ? json_make_i64(now) : json_make_null());
    json_put_take(data, "expected",
                  count->expected >= 0 ? json_make_i64(count->expected) : json_make_null());
    return data;
}

static void snapshot_line(struct strbuf *out, const struct run_count *count, enum moment moment)
{
    bool after = moment == MOMENT_NOW || moment == MOMENT_LAST || moment == MOMENT_BACK;
    int64_t now = count->values[moment];
    int64_t want = !after || moment == MOMENT_BACK ? count->expected_before : count->expected;
    strbuf_format(out, "%s%.*s ", out->len > 0 ? ", " : "", STR_ARG(count->title));
    if (after) {
        strbuf_format(out, "%lld -> ", (long long)count->values[MOMENT_BEFORE]);
    }
    strbuf_format(out, "%lld", (long long)now);
    if (want >= 0 && now != want) {
        strbuf_format(out, " (EXPECTED %lld)", (long long)want);
    }
}

static void compare_snapshots(struct front_log *log, const struct run *run)
{
    for (int moment = 0; moment < MOMENT__COUNT; moment++) {
        const struct run_snapshot *snapshot = &run->snapshots[moment];
        if (snapshot->at_us == log->snapshots[moment] || !snapshot->taken) {
            continue;
        }
        log->snapshots[moment] = snapshot->at_us;
        struct strbuf line = {0};
        struct json *data = json_make_object();
        struct json *counts = json_make_object();
        json_put_text(data, "moment", str_from(moment_words[moment]));
        for (size_t i = 0; i < run->count_count; i++) {
            const struct run_count *count = &run->counts[i];
            int64_t now = count->values[moment];
            if (now < 0) {
                continue;
            }
            json_put_take(counts, str_text(&log->scratch, count->id), count_data(count, now));
            if (count->plan) {
                snapshot_line(&line, count, (enum moment)moment);
            }
        }
        json_put_take(data, "counts", counts);
        size_t unplanned = moment == MOMENT_NOW || moment == MOMENT_LAST
                               ? unplanned_changes(run, (enum moment)moment)
                               : 0;
        json_put_i64(data, "unplanned", (int64_t)unplanned);
        if (unplanned > 0) {
            strbuf_format(&line, "; %zu changes that the plan does not name", unplanned);
        }
        tell(log, snapshot->at_us, "snapshot", "engine", data, "snapshot \"%s\": %s",
             moment_words[moment], line.ptr ? line.ptr : "stored");
        strbuf_release(&line);
    }
}

/* --------------------------------------------------------- answers and backups */

static const char *verdict_text(enum outcome outcome)
{
    static const char *const texts[OUTCOME__COUNT] = {
        [OUTCOME_NONE] = "not run",
        [OUTCOME_OK] = "ok",
        [OUTCOME_FAILED] = "FAILED",
        [OUTCOME_UNKNOWN] = "CANNOT BE JUDGED",
    };
    return texts[outcome];
}

static void compare_items(struct front_log *log, const struct run *run)
{
    for (size_t i = 0; i < run->item_count; i++) {
        const struct run_item *item = &run->items[i];
        struct seen_item *seen = &log->items[i];
        bool measured = item->check.runs != seen->runs;
        if (!measured && item->answered == seen->answered) {
            continue;
        }
        seen->answered = item->answered;
        seen->runs = item->check.runs;
        struct json *data = json_make_object();
        json_put_text(data, "id", item->item->id);
        json_put_text(data, "who", item->who);
        json_put_bool(data, "claim", item->claim);
        enum outcome outcome = measured ? item->check.outcome : OUTCOME_OK;
        json_put_text(data, "outcome", str_from(outcome_words[outcome]));
        struct str text = outcome == OUTCOME_OK ? item->text : item->check.why;
        if (measured) {
            tell(log, run->now_us, "answer", "check", data, "%.*s %s: %.*s (%.*s)",
                 STR_ARG(item->item->id), verdict_text(outcome), STR_ARG(item->item->ask),
                 STR_ARG(text));
        } else {
            tell(log, item->at_us, "answer", "people", data, "%.*s %.*s \"%.*s\", %.*s%s",
                 STR_ARG(item->item->id), STR_ARG(item->item->ask), STR_ARG(text),
                 STR_ARG(item->who), claim_text(item->claim));
        }
    }
}

static const char *const level_words[] = {
    [PLAN_LEVEL_UNSAID] = "nothing yet", [PLAN_LEVEL_DUMPED] = "dumped",
    [PLAN_LEVEL_LISTED] = "listed",      [PLAN_LEVEL_RESTORED] = "restored",
    [PLAN_LEVEL_COMPARED] = "compared",
};

static void backup_line(struct front_log *log, const struct run_backup *backup,
                        struct strbuf *line)
{
    if (backup->attested) {
        strbuf_format(line, "named by %.*s: \"%.*s\", not proven%s", STR_ARG(backup->who),
                      STR_ARG(backup->name), claim_text(backup->claim));
    } else if (backup->failed) {
        strbuf_format(line, "NOT PROVEN, %s: %.*s", level_words[backup->level],
                      STR_ARG(backup->text));
    } else if (backup->running) {
        strbuf_text(line, backup->level >= PLAN_LEVEL_DUMPED ? "proving it by a restore"
                                                             : "taking it");
    } else {
        strbuf_format(line, "%s", level_words[backup->level]);
        if (backup->size > 0) {
            strbuf_text(line, ", ");
            size_to_text(line, backup->size);
        }
        if (backup->restore_us > 0) {
            strbuf_format(line, ", restored in %s", time_text(log, backup->restore_us));
        }
        if (backup->hash.len >= 12) {
            strbuf_format(line, ", sha256 %.12s", backup->hash.ptr);
        }
    }
}

static void compare_backups(struct front_log *log, const struct run *run)
{
    for (size_t i = 0; i < run->backup_count; i++) {
        const struct run_backup *backup = &run->backups[i];
        struct seen_backup now = {backup->level, backup->running, backup->failed,
                                  backup->attested};
        struct seen_backup *seen = &log->backups[i];
        if (now.level == seen->level && now.running == seen->running &&
            now.failed == seen->failed && now.attested == seen->attested) {
            continue;
        }
        *seen = now;
        struct json *data = json_make_object();
        json_put_text(data, "id", backup->backup->id);
        json_put_text(data, "level", str_from(level_words[backup->level]));
        json_put_bool(data, "running", backup->running);
        json_put_bool(data, "failed", backup->failed);
        json_put_text(data, "hash", backup->hash);
        json_put_i64(data, "bytes", backup->size);
        struct strbuf line = {0};
        backup_line(log, backup, &line);
        tell(log, run->now_us, "backup", "backup", data, "%.*s: %s",
             STR_ARG(backup->backup->id), line.ptr ? line.ptr : "");
        strbuf_release(&line);
    }
}

/* -------------------------------------------------------------------- scripts */

static void tell_statement(struct front_log *log, const struct run *run,
                           const struct run_script *script, size_t index)
{
    const struct run_statement *statement = &script->statements[index];
    struct strbuf sql = {0};
    front_statement_text(&sql, script->sql, index, 44);
    struct json *data = json_make_object();
    json_put_text(data, "script", script->id);
    json_put_i64(data, "n", (int64_t)index + 1);
    json_put_text(data, "tag", statement->tag);
    json_put_text(data, "outcome", str_from(outcome_words[statement->outcome]));
    json_put_double(data, "ms", to_ms(statement->us));
    if (statement->rows >= 0) {
        json_put_i64(data, "rows", statement->rows);
    }
    if (statement->outcome == OUTCOME_OK) {
        tell(log, run->now_us, "statement", "sql", data, "%.*s:%zu %s  %s", STR_ARG(script->id),
             index + 1, sql.ptr ? sql.ptr : "", time_text(log, statement->us));
    } else {
        json_put_text(data, "sqlstate", statement->sqlstate);
        json_put_text(data, "message", statement->text);
        tell(log, run->now_us, "statement", "sql", data, "%.*s:%zu %s  %s: %.*s %.*s%s%.*s",
             STR_ARG(script->id), index + 1, sql.ptr ? sql.ptr : "",
             statement->outcome == OUTCOME_UNKNOWN ? "NO ANSWER" : "FAILED",
             STR_ARG(statement->sqlstate), STR_ARG(statement->text),
             statement->detail.len > 0 ? ". " : "", STR_ARG(statement->detail));
    }
    strbuf_release(&sql);
}

static int64_t expected_us(const struct run *run, const struct run_script *script)
{
    bool step = script->kind == SCRIPT_MIGRATION && script->step >= 0;
    int64_t time_us = step ? run->plan->steps.items[script->step].expect.time_us : PLAN_UNSAID;
    return time_us == PLAN_UNSAID ? -1 : time_us;
}

static void script_line(struct front_log *log, const struct run *run,
                        const struct run_script *script, struct strbuf *line)
{
    int64_t expected = expected_us(run, script);
    switch (script->state) {
    case SCRIPT_COMMITTED:
        strbuf_format(line, "committed, %s", time_text(log, script->sql_us));
        if (expected >= 0) {
            strbuf_format(line, " of %s expected%s", time_text(log, expected),
                          script->sql_us > expected ? " (SLOWER)" : "");
        }
        if (script->settled_by.len > 0) {
            strbuf_format(line, ", known by %.*s", STR_ARG(script->settled_by));
        }
        return;
    case SCRIPT_ROLLED_BACK:
        strbuf_format(line, "ROLLED BACK, nothing of it is left: %.*s %.*s",
                      STR_ARG(script->failure_state), STR_ARG(script->failure));
        return;
    case SCRIPT_UNKNOWN:
        strbuf_format(line, "UNKNOWN: %.*s", STR_ARG(script->failure));
        return;
    case SCRIPT_DONE:
        strbuf_format(line, "done: %.*s", STR_ARG(script->note));
        return;
    case SCRIPT_PENDING:
    case SCRIPT_APPLIED:
    case SCRIPT_OPEN:
    case SCRIPT_UNDONE:
    case SCRIPT_STATE__COUNT:
        strbuf_text(line, script_state_words[script->state]);
        return;
    }
}

static struct json *script_data(const struct run *run, const struct run_script *script)
{
    struct json *data = json_make_object();
    json_put_text(data, "id", script->id);
    json_put_text(data, "file", script->file);
    json_put_text(data, "state", str_from(script_state_words[script->state]));
    json_put_i64(data, "attempt", script->attempts);
    int64_t expected = expected_us(run, script);
    if (expected >= 0) {
        json_put_double(data, "expected_ms", to_ms(expected));
    }
    if (script->state == SCRIPT_COMMITTED) {
        json_put_double(data, "ms", to_ms(script->sql_us));
    }
    if (script->failure.len > 0) {
        json_put_text(data, "sqlstate", script->failure_state);
        json_put_text(data, "failure", script->failure);
    }
    return data;
}

static void compare_checks(struct front_log *log, const struct run *run,
                           const struct run_check *checks, size_t count, int *seen)
{
    for (size_t i = 0; i < count; i++) {
        const struct run_check *check = &checks[i];
        if (check->runs == seen[i]) {
            continue;
        }
        seen[i] = check->runs;
        struct json *data = json_make_object();
        json_put_text(data, "id", check->check->id);
        json_put_text(data, "outcome", str_from(outcome_words[check->outcome]));
        json_put_text(data, "actual", check->actual);
        json_put_text(data, "why", check->why);
        json_put_double(data, "ms", to_ms(check->us));
        bool ok = check->outcome == OUTCOME_OK;
        tell(log, check->at_us > 0 ? check->at_us : run->now_us, "check", "check", data,
             "%.*s %s: %.*s%s%.*s%s  %s", STR_ARG(check->check->id),
             verdict_text(check->outcome), STR_ARG(check->check->name), ok ? "" : " (",
             STR_ARG(ok ? (struct str){0} : check->why), ok ? "" : ")",
             time_text(log, check->us));
    }
}

static struct seen_script *seen_script(struct front_log *log, const struct run *run, size_t i)
{
    while (log->script_count <= i) {
        const struct run_script *script = &run->scripts[log->script_count];
        struct seen_script *seen =
            ARRAY_PUSH(log->scripts, log->script_count, log->script_capacity);
        size_t statements = script->sql ? script->sql->count : 0;
        seen->statements = arena_array(&log->arena, statements, sizeof(*seen->statements));
        seen->checks = arena_array(&log->arena, script->before_count + script->check_count,
                                   sizeof(*seen->checks));
    }
    return &log->scripts[i];
}

static void compare_script(struct front_log *log, const struct run *run, size_t number)
{
    const struct run_script *script = &run->scripts[number];
    struct seen_script *seen = seen_script(log, run, number);
    compare_checks(log, run, script->before, script->before_count, seen->checks);
    if (script->attempts != seen->attempts) {
        seen->attempts = script->attempts;
        seen->state = SCRIPT_OPEN;
        for (size_t i = 0; script->sql && i < script->sql->count; i++) {
            seen->statements[i] = OUTCOME_NONE;
        }
        tell(log, script->started_us, "script", "engine", script_data(run, script),
             "%.*s begins: %.*s, %zu statements%s", STR_ARG(script->id), STR_ARG(script->file),
             script->last - script->first,
             script->transaction == PLAN_TRANSACTION_ONE ? " in one transaction" : "");
    }
    for (size_t i = 0; script->sql && i < script->sql->count; i++) {
        if (script->statements[i].outcome != seen->statements[i]) {
            seen->statements[i] = script->statements[i].outcome;
            if (seen->statements[i] != OUTCOME_NONE) {
                tell_statement(log, run, script, i);
            }
        }
    }
    if (script->state != seen->state) {
        seen->state = script->state;
        struct strbuf line = {0};
        script_line(log, run, script, &line);
        tell(log, run->now_us, "script", "engine", script_data(run, script), "%.*s %s",
             STR_ARG(script->id), line.ptr ? line.ptr : "");
        strbuf_release(&line);
    }
    if (script->notices != seen->notices) {
        tell(log, run->now_us, "script", "server", script_data(run, script),
             "%.*s: %d notices so far, %d of them warnings", STR_ARG(script->id),
             script->notices, script->warnings);
        seen->notices = script->notices;
    }
    compare_checks(log, run, script->checks, script->check_count,
                   seen->checks + script->before_count);
}

static void compare_blockers(struct front_log *log, const struct run *run)
{
    bool blocked = run->blocker_count > 0;
    if (blocked == log->blocked) {
        return;
    }
    log->blocked = blocked;
    if (!blocked) {
        return;
    }
    struct json *data = json_make_object();
    struct json *sessions = json_make_array();
    struct strbuf line = {0};
    for (size_t i = 0; i < run->blocker_count; i++) {
        const struct event_item *item = &run->blockers[i];
        json_push_text(sessions, item->name);
        strbuf_format(&line, "%s%lld %.*s %.*s", i > 0 ? "; " : "", (long long)item->value,
                      STR_ARG(item->name), STR_ARG(item->text));
    }
    json_put_take(data, "sessions", sessions);
    json_put_double(data, "waited_ms", to_ms(run->waited_us));
    tell(log, run->now_us, "blockers", "locks", data, "waiting %s for a lock: %s",
         time_text(log, run->waited_us), line.ptr);
    strbuf_release(&line);
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
        tell(log, vote->at_us, "vote", "people", data, "%.*s votes %.*s, %.*s%s%s%.*s",
             STR_ARG(vote->role), STR_ARG(vote->vote), STR_ARG(vote->who),
             claim_text(vote->claim), vote->why.len > 0 ? ": " : "", STR_ARG(vote->why));
    }
    for (; log->signatures < run->signature_count; log->signatures++) {
        const struct run_signature *signature = &run->signatures[log->signatures];
        struct json *data = json_make_object();
        json_put_text(data, "role", signature->role);
        json_put_text(data, "who", signature->who);
        json_put_bool(data, "claim", signature->claim);
        tell(log, signature->at_us, "sign_off", "people", data, "%.*s signs off, %.*s%s",
             STR_ARG(signature->role), STR_ARG(signature->who), claim_text(signature->claim));
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
        tell(log, remark->at_us, "remark", "people", data, "%.*s%s%.*s: %.*s, %.*s%s",
             STR_ARG(remark->kind), remark->id.len > 0 ? " " : "", STR_ARG(remark->id),
             STR_ARG(remark->text), STR_ARG(remark->who), claim_text(remark->claim));
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
        tell(log, criterion->at_us, "criterion", "people", data, "%.*s: %s, %.*s",
             STR_ARG(criterion->criterion->text), verdict_text(criterion->outcome),
             STR_ARG(criterion->who));
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
    tell(log, run->now_us, "end", "engine", data, "the run is over, exit code %d%s%.*s",
         engine_exit_code(run), run->report_folder.len > 0 ? ", report in " : "",
         STR_ARG(run->report_folder));
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
    }
    compare_phase(log, run);
    compare_server(log, run);
    compare_snapshots(log, run);
    compare_items(log, run);
    compare_backups(log, run);
    compare_votes(log, run);
    compare_blockers(log, run);
    for (size_t i = 0; i < run->script_count; i++) {
        compare_script(log, run, i);
    }
    for (size_t i = 0; i < run->set_count; i++) {
        compare_checks(log, run, run->sets[i],
                       run->plan->verification.sets.items[i].checks.count, log->sets[i]);
    }
    compare_remarks(log, run);
    compare_criteria(log, run);
    compare_end(log, run);
    compare_state(log, run);
    arena_clear(&log->scratch);
}
