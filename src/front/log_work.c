/* SPDX-License-Identifier: PostgreSQL */
/*
 * The half of the log that tells of work: snapshots, answers, backups, files with
 * their statements and checks, and who holds us up.
 */
#include "log_private.h"

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

void front_log_snapshots(struct front_log *log, const struct run *run)
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
            strbuf_format(&line, "; %zu change%s that the plan does not name: ", unplanned,
                          plural(unplanned));
            unplanned_text(run, (enum moment)moment, (struct str){0}, &line);
        }
        front_log_tell(log, snapshot->at_us, "snapshot", "engine", data, "snapshot \"%s\": %s",
                       moment_words[moment], line.ptr ? line.ptr : "stored");
        strbuf_release(&line);
    }
}

/* ---------------------------------------------------------------- surroundings */

static void tell_context(struct front_log *log, const struct run *run)
{
    const struct run_context *context = &run->context;
    const struct lint_result *lint = run_lint(run);
    struct json *data = json_make_object();
    bool judged = context->outcome == OUTCOME_OK && lint;
    json_put_bool(data, "judged", judged);
    json_put_text(data, "not_known", context->text);
    if (judged) {
        size_t block = lint->by_severity[LINT_BLOCK];
        size_t high = lint->by_severity[LINT_HIGH];
        json_put_i64(data, "block", (int64_t)block);
        json_put_i64(data, "high", (int64_t)high);
        front_log_tell(log, context->at_us, "judged", "engine", data,
                       "files judged by what %.*s shows: %zu block, %zu high%s%.*s",
                       STR_ARG(run->database), block, high, context->text.len > 0 ? ". " : "",
                       STR_ARG(context->text));
    } else {
        front_log_tell(log, context->at_us, "judged", "engine", data,
                       "files judged without a server: what the target shows is not known: "
                       "%.*s",
                       STR_ARG(context->text));
    }
}

static void tell_obstacles(struct front_log *log, const struct run *run)
{
    struct json *data = json_make_object();
    struct str text = obstacles_text(run, &log->scratch);
    json_put_text(data, "text", text);
    json_put_bool(data, "overridden", !way_is_barred(run));
    front_log_tell(log, run->obstacles.at_us, "in the way", "engine", data,
                   "in the way of our locks%s: %.*s", way_is_barred(run) ? "" : " (overridden)",
                   STR_ARG(text));
}

void front_log_surroundings(struct front_log *log, const struct run *run)
{
    const struct run_obstacles *obstacles = &run->obstacles;
    if (run->context.at_us != log->context) {
        log->context = run->context.at_us;
        tell_context(log, run);
    }
    if (obstacles->at_us != log->obstacles) {
        log->obstacles = obstacles->at_us;
        if (obstacles->outcome != OUTCOME_OK || obstacles->count > 0) {
            tell_obstacles(log, run);
        }
    }
}

/* --------------------------------------------------------- answers and backups */

void front_log_items(struct front_log *log, const struct run *run)
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
            front_log_tell(log, run->now_us, "answer", "check", data, "%.*s %s: %.*s (%.*s)",
                           STR_ARG(item->item->id), front_log_verdict_text(outcome),
                           STR_ARG(item->item->ask), STR_ARG(text));
        } else {
            front_log_tell(log, item->at_us, "answer", "people", data,
                           "%.*s %.*s \"%.*s\", %.*s%s", STR_ARG(item->item->id),
                           STR_ARG(item->item->ask), STR_ARG(text), STR_ARG(item->who),
                           front_log_claim_text(item->claim));
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
                      STR_ARG(backup->name), front_log_claim_text(backup->claim));
    } else if (backup->failed) {
        strbuf_format(line, "NOT PROVEN, %s: %.*s%s%.*s", level_words[backup->level],
                      STR_ARG(backup->text), backup->detail.len > 0 ? ". " : "",
                      STR_ARG(backup->detail));
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
            strbuf_format(line, ", restored in %s",
                          front_log_time_text(log, backup->restore_us));
        }
        if (backup->hash.len >= 12) {
            strbuf_format(line, ", sha256 %.12s", backup->hash.ptr);
        }
    }
}

void front_log_backups(struct front_log *log, const struct run *run)
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
        json_put_text(data, "text", backup->text);
        json_put_text(data, "detail", backup->detail);
        json_put_text(data, "hash", backup->hash);
        json_put_i64(data, "bytes", backup->size);
        struct strbuf line = {0};
        backup_line(log, backup, &line);
        front_log_tell(log, run->now_us, "backup", "backup", data, "%.*s: %s",
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
    struct str name = script_name(script, &log->arena);
    front_statement_text(&sql, script->sql, index, 44);
    struct json *data = json_make_object();
    json_put_text(data, "script", script->id);
    json_put_i64(data, "n", (int64_t)index + 1);
    json_put_text(data, "tag", statement->tag);
    json_put_text(data, "outcome", str_from(outcome_words[statement->outcome]));
    json_put_double(data, "ms", front_log_to_ms(statement->us));
    if (statement->rows >= 0) {
        json_put_i64(data, "rows", statement->rows);
    }
    if (statement->outcome == OUTCOME_OK) {
        front_log_tell(log, run->now_us, "statement", "sql", data, "%.*s:%zu %s  %s",
                       STR_ARG(name), index + 1, sql.ptr ? sql.ptr : "",
                       front_log_time_text(log, statement->us));
    } else {
        json_put_text(data, "sqlstate", statement->sqlstate);
        json_put_text(data, "message", statement->text);
        front_log_tell(log, run->now_us, "statement", "sql", data,
                       "%.*s:%zu %s  %s: %.*s %.*s%s%.*s", STR_ARG(name), index + 1,
                       sql.ptr ? sql.ptr : "",
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
        strbuf_format(line, "committed, %s", front_log_time_text(log, script->sql_us));
        if (expected >= 0) {
            strbuf_format(line, " of %s expected%s", front_log_time_text(log, expected),
                          script->sql_us > expected ? " (SLOWER)" : "");
        }
        if (script->settled_by.len > 0) {
            strbuf_format(line, ", known by %.*s", STR_ARG(script->settled_by));
        }
        return;
    case SCRIPT_ROLLED_BACK:
        strbuf_format(line, "ROLLED BACK, nothing of it is left: %.*s%s%.*s",
                      STR_ARG(script->failure_state), script->failure_state.len > 0 ? " " : "",
                      STR_ARG(script->failure));
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

struct json *front_log_script_data(const struct run *run, const struct run_script *script)
{
    struct json *data = json_make_object();
    json_put_text(data, "id", script->id);
    json_put_bool(data, "undo", script->kind == SCRIPT_DOWN);
    json_put_text(data, "file", script->file);
    json_put_text(data, "state", str_from(script_state_words[script->state]));
    json_put_i64(data, "attempt", script->attempts);
    int64_t expected = expected_us(run, script);
    if (expected >= 0) {
        json_put_double(data, "expected_ms", front_log_to_ms(expected));
    }
    if (script->state == SCRIPT_COMMITTED) {
        json_put_double(data, "ms", front_log_to_ms(script->sql_us));
    }
    if (script->failure.len > 0) {
        json_put_text(data, "sqlstate", script->failure_state);
        json_put_text(data, "failure", script->failure);
    }
    return data;
}

void front_log_checks(struct front_log *log, const struct run *run,
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
        json_put_double(data, "ms", front_log_to_ms(check->us));
        if (check->together > 1) {
            json_put_i64(data, "asked_together", check->together);
        }
        bool ok = check->outcome == OUTCOME_OK;
        front_log_tell(log, check->at_us > 0 ? check->at_us : run->now_us, "check", "check",
                       data, "%.*s %s: %.*s%s%.*s%s  %s", STR_ARG(check->check->id),
                       front_log_verdict_text(check->outcome), STR_ARG(check->check->name),
                       ok ? "" : " (", STR_ARG(ok ? (struct str){0} : check->why),
                       ok ? "" : ")",
                       str_text(&log->scratch, check_time_text(check, &log->scratch)));
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

void front_log_script(struct front_log *log, const struct run *run, size_t number)
{
    const struct run_script *script = &run->scripts[number];
    struct seen_script *seen = seen_script(log, run, number);
    struct str name = script_name(script, &log->arena);
    front_log_checks(log, run, script->before, script->before_count, seen->checks);
    if (script->attempts != seen->attempts) {
        seen->attempts = script->attempts;
        seen->state = SCRIPT_OPEN;
        for (size_t i = 0; script->sql && i < script->sql->count; i++) {
            seen->statements[i] = OUTCOME_NONE;
        }
        front_log_tell(
            log, script->started_us, "script", "engine", front_log_script_data(run, script),
            "%.*s begins: %.*s, %zu statements%s", STR_ARG(name), STR_ARG(script->file),
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
        front_log_tell(log, run->now_us, "script", "engine", front_log_script_data(run, script),
                       "%.*s %s", STR_ARG(name), line.ptr ? line.ptr : "");
        strbuf_release(&line);
    }
    if (script->notices != seen->notices) {
        front_log_tell(log, run->now_us, "script", "server", front_log_script_data(run, script),
                       "%.*s: %d notice%s so far, %d of them warnings", STR_ARG(name),
                       script->notices, plural((size_t)script->notices), script->warnings);
        seen->notices = script->notices;
    }
    front_log_checks(log, run, script->checks, script->check_count,
                     seen->checks + script->before_count);
}

void front_log_blockers(struct front_log *log, const struct run *run)
{
    bool blocked = run->blocker_count > 0;
    if (blocked == log->blocked) {
        return;
    }
    log->blocked = blocked;
    if (!blocked) {
        return;
    }
    size_t told = 0;
    struct json *data = json_make_object();
    struct json *sessions = json_make_array();
    struct strbuf line = {0};
    for (size_t i = 0; i < run->blocker_count; i++) {
        const struct event_item *item = &run->blockers[i];
        json_push_text(sessions, item->name);
        if (item->flag) {
            continue; /* our own session: it waits, it blocks nobody */
        }
        strbuf_format(&line, "%s%lld %.*s %.*s", told++ > 0 ? "; " : "", (long long)item->value,
                      STR_ARG(item->name), STR_ARG(item->text));
    }
    json_put_take(data, "sessions", sessions);
    json_put_double(data, "waited_ms", front_log_to_ms(run->waited_us));
    front_log_tell(log, run->now_us, "blockers", "locks", data, "waiting %s for a lock: %s",
                   front_log_time_text(log, run->waited_us),
                   told > 0 ? line.ptr : "by whom is not known");
    strbuf_release(&line);
}

/* ----------------------------------------------------------------------- news */

static void tell_news(struct front_log *log, const struct run_news *news)
{
    struct json *data = json_make_object();
    bool line = str_eq(news->kind, "log");
    struct str was = news->was_us > 0    ? duration_text(&log->scratch, news->was_us)
                     : news->was_us == 0 ? STR("never seen")
                                         : STR("not known");
    json_put_text(data, "kind", news->kind);
    json_put_text(data, "text", news->text);
    if (line) {
        front_log_tell(log, news->first_us, "new", "watch", data,
                       "new since the migration, in the log: %.*s", STR_ARG(news->text));
        return;
    }
    json_put_double(data, "ms", front_log_to_ms(news->us));
    json_put_take(data, "was_ms",
                  news->was_us <= 0 ? json_make_null()
                                    : json_make_double(front_log_to_ms(news->was_us)));
    if (news->was_us == 0) {
        json_put_bool(data, "seen_before", false);
    }
    front_log_tell(log, news->first_us, "new", "watch", data,
                   "new since the migration, %.*s: %s, before %.*s: %.*s", STR_ARG(news->kind),
                   front_log_time_text(log, news->us), STR_ARG(was), STR_ARG(news->text));
}

void front_log_news(struct front_log *log, const struct run *run)
{
    const struct run_workload *workload = &run->workload;
    int64_t newest_us = log->news_us;
    for (size_t i = 0; i < workload->news_count; i++) {
        const struct run_news *news = &workload->news[i];
        if (news->first_us > log->news_us) {
            tell_news(log, news);
            newest_us = news->first_us > newest_us ? news->first_us : newest_us;
        }
    }
    log->news_us = newest_us;
}

/* ---------------------------------------------------------------------- hooks */

static void tell_notice(struct front_log *log, const struct run *run,
                        const struct run_notice *notice)
{
    static const char *const became[OUTCOME__COUNT] = {
        [OUTCOME_NONE] = "is started",
        [OUTCOME_OK] = "told the team",
        [OUTCOME_FAILED] = "DID NOT TELL the team",
        [OUTCOME_UNKNOWN] = "NOT KNOWN whether it told the team"};
    const char *occasion = plan_occasion_word(notice->occasion);
    struct str program = notice->hook->run.items[0];
    bool ended = notice->outcome != OUTCOME_NONE;
    bool ok = notice->outcome == OUTCOME_OK;
    struct json *data = json_make_object();
    json_put_text(data, "event", str_from(occasion));
    json_put_text(data, "program", program);
    json_put_text(data, "outcome",
                  str_from(ended ? outcome_words[notice->outcome] : "running"));
    if (ended) {
        json_put_double(data, "ms", front_log_to_ms(notice->us));
        json_put_text(data, "text", notice->text);
        json_put_text(data, "output", notice->output);
    }
    front_log_tell(log, ended ? run->now_us : notice->at_us, "notice", "notify", data,
                   "%s: %.*s %s%s%.*s%s%.*s%s%s", occasion, STR_ARG(program),
                   became[notice->outcome], ended && !ok ? ": " : "",
                   STR_ARG(ended && !ok ? notice->text : (struct str){0}),
                   notice->output.len > 0 ? "; it said: " : "", STR_ARG(notice->output),
                   ended ? "  " : "", ended ? front_log_time_text(log, notice->us) : "");
}

void front_log_notices(struct front_log *log, const struct run *run)
{
    for (size_t i = 0; i < run->notice_count; i++) {
        const struct run_notice *notice = &run->notices[i];
        bool begins = i >= log->notice_count;
        if (begins) {
            *ARRAY_PUSH(log->notices, log->notice_count, log->notice_capacity) = OUTCOME_NONE;
        }
        if (begins || notice->outcome != log->notices[i]) {
            log->notices[i] = notice->outcome;
            tell_notice(log, run, notice);
        }
    }
}
