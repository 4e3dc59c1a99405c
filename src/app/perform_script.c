/* SPDX-License-Identifier: PostgreSQL */
/*
 * One script on the work session: BEGIN with its limits, the statements byte for
 * byte, the evidence, COMMIT or ROLLBACK. A statement counts as done only when its
 * answer came and the transaction is where it should be; COMMIT counts only when the
 * server's own word for what it did is COMMIT.
 */
#include "perform.h"

#include <strings.h>

#define COMMIT_TIMEOUT_US (120 * US_PER_SECOND)
/* Beyond the server's own limit: only then is it the network that does not answer. */
#define STATEMENT_GRACE_US (10 * US_PER_SECOND)

/* ------------------------------------------------------------------ helpers */

const struct run_script *script_of(const struct performer *performer, int script)
{
    const struct run *run = performer->run;
    return script >= 0 && (size_t)script < run->script_count ? &run->scripts[script] : NULL;
}

const struct plan_step *step_of(const struct performer *performer,
                                const struct run_script *script)
{
    const struct plan_steps *steps = &performer->plan->plan->steps;
    bool has = script && script->step >= 0 && (size_t)script->step < steps->count;
    return has ? &steps->items[script->step] : NULL;
}

static bool contains_word(struct str text, const char *word)
{
    size_t length = strlen(word);
    for (size_t i = 0; i + length <= text.len; i++) {
        if (strncasecmp(text.ptr + i, word, length) == 0) {
            return true;
        }
    }
    return false;
}

/* VALIDATE and nothing else: another action of the same ALTER TABLE brings its own lock. */
static bool only_validates(const struct sql_script *script, size_t index)
{
    struct str text = sql_statement_text(script, index);
    return strcmp(script->statements[index].tag, "ALTER TABLE") == 0 &&
           contains_word(text, "validate constraint") &&
           str_find_byte(text, ',', 0) == text.len;
}

/* Does a statement ask for no time limit? VALIDATE, and what runs outside of transactions. */
static bool statement_is_long(const struct sql_script *script, size_t index)
{
    return script->statements[index].transactional == SQL_NO || only_validates(script, index);
}

/* Does nobody queue behind it while it waits? VACUUM FULL and CLUSTER stop everybody. */
static bool statement_may_wait(const struct sql_script *script, size_t index)
{
    const char *tag = script->statements[index].tag;
    bool stops = strcmp(tag, "VACUUM") == 0 || strcmp(tag, "CLUSTER") == 0;
    return !stops && (contains_word(sql_statement_text(script, index), "concurrently") ||
                      only_validates(script, index));
}

struct limits {
    int64_t lock_us;
    int64_t statement_us;
};

/* The step's own limits, else the plan's; none by default for what is meant to take long. */
static struct limits limits_of(const struct performer *performer,
                               const struct run_script *script, int index)
{
    const struct plan_safety *safety = &performer->plan->plan->safety;
    const struct plan_step *step =
        script->kind == SCRIPT_MIGRATION ? step_of(performer, script) : NULL;
    struct limits limits = {safety->lock_timeout_us, safety->statement_timeout_us};
    if (index >= 0 && statement_is_long(script->sql, (size_t)index)) {
        bool waits = statement_may_wait(script->sql, (size_t)index);
        limits = (struct limits){waits ? 0 : limits.lock_us, 0};
    }
    if (step && step->lock_timeout_us != PLAN_UNSAID) {
        limits.lock_us = step->lock_timeout_us;
    }
    if (step && step->statement_timeout_us != PLAN_UNSAID) {
        limits.statement_us = step->statement_timeout_us;
    }
    return limits;
}

static void tell_done(struct job *job, const struct db_reply *reply, enum outcome outcome,
                      struct str text)
{
    performer_emit(job->performer, &(struct event){.kind = EVENT_DONE,
                                                   .query = (int)job->effect.query,
                                                   .outcome = outcome,
                                                   .script = job->effect.script,
                                                   .index = job->effect.index,
                                                   .us = loop_now_us() - job->started_us,
                                                   .sqlstate = reply->sqlstate,
                                                   .text = text});
    job_end(job);
}

/* select set_config for the two limits; for the transaction only, or for the session. */
static void ask_limits(struct job *job, struct limits limits, bool local)
{
    const char *params[] = {
        str_format(&job->arena, "%lld", (long long)(limits.lock_us / US_PER_MS)).ptr,
        str_format(&job->arena, "%lld", (long long)(limits.statement_us / US_PER_MS)).ptr,
        local ? "true" : "false"};
    job->session->lock_timeout_us = limits.lock_us;
    job->session->statement_timeout_us = limits.statement_us;
    job_ask(job,
            "select pg_catalog.set_config('lock_timeout', $1, $3::pg_catalog.bool), "
            "pg_catalog.set_config('statement_timeout', $2, $3::pg_catalog.bool)",
            params, COUNT_OF(params));
}

/* -------------------------------------------------------------------- begin */

static void begin_step(struct job *job, const struct db_reply *reply)
{
    if (!reply) {
        job_say(job, "begin");
        return;
    }
    if (reply->outcome != DB_OK) {
        tell_done(job, reply, OUTCOME_FAILED, job_reply_text(job, reply));
        return;
    }
    if (job->stage++ == 0) {
        const struct run_script *script = script_of(job->performer, job->effect.script);
        ask_limits(job, limits_of(job->performer, script, -1), true);
        return;
    }
    bool open = reply->transaction == DB_TRANSACTION_OPEN;
    tell_done(job, reply, open ? OUTCOME_OK : OUTCOME_FAILED,
              open ? (struct str){0} : STR("the server did not open a transaction"));
}

void perform_begin(struct performer *performer, const struct effect *effect)
{
    job_start(job_new(performer, SESSION_WORK, effect, begin_step));
}

/* ---------------------------------------------------------------- statement */

struct statement_work {
    struct str data;
    bool limited;
};

static bool lock_was_refused(const struct db_reply *reply)
{
    return str_eq(reply->sqlstate, "55P03");
}

/* "line 14 of migrations/011.sql" for an error that has a position. */
static struct str place_of(struct job *job, const struct run_script *script,
                           const struct db_reply *reply)
{
    const struct sql_statement *statement = &script->sql->statements[job->effect.index];
    struct str text = sql_statement_text(script->sql, (size_t)job->effect.index);
    struct sql_place place = statement->head;
    if (reply->position > 0) {
        size_t bytes = 0;
        uint32_t code_point;
        for (int64_t i = 1; i < reply->position && bytes < text.len; i++) {
            size_t length = utf8_next(str_slice(text, bytes, text.len), &code_point);
            bytes += length > 0 ? length : 1;
        }
        place = sql_place_at(script->sql->text, statement->offset + bytes);
    }
    return str_format(&job->arena, "%.*s:%d:%d", STR_ARG(script->file), place.line,
                      place.column);
}

static void tell_statement(struct job *job, const struct db_reply *reply)
{
    struct performer *performer = job->performer;
    const struct run_script *script = script_of(performer, job->effect.script);
    struct event event = {.kind = EVENT_STATEMENT,
                          .outcome = outcome_of(reply),
                          .script = job->effect.script,
                          .index = job->effect.index,
                          .tag = reply->tag,
                          .rows = reply->affected,
                          .us = reply->elapsed_us,
                          .sqlstate = reply->sqlstate,
                          .detail = reply->detail,
                          .hint = reply->hint};
    if (reply->outcome != DB_OK) {
        event.text = reply->message;
        event.id = place_of(job, script, reply);
        if (lock_was_refused(reply)) {
            event.items = performer->blockers;
            event.item_count = performer->blocker_count;
        }
    } else if (script->transaction == PLAN_TRANSACTION_ONE &&
               reply->transaction != DB_TRANSACTION_OPEN) {
        event.outcome = OUTCOME_FAILED;
        event.flag = true;
        event.text = STR("the statement ended the transaction");
        event.detail = STR("Whatever stood before it in this file may be committed.");
        event.hint = STR("Look at the database; the file must not control transactions.");
    }
    performer_emit(performer, &event);
    job_end(job);
}

static bool beyond_ascii(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] >= 0x80) {
            return true;
        }
    }
    return false;
}

/*
 * Would the server cut this text elsewhere than it was cut at the approval? A function can
 * change the two settings that decide it, and what was approved as a text would then hold a
 * COMMIT. The server reports both with every answer. NULL: it reads as we did.
 */
static const char *reads_otherwise(const struct db_session *db, const struct sql_script *sql,
                                   size_t index)
{
    const struct sql_statement *statement = &sql->statements[index];
    const char *strings = db_parameter(db, "standard_conforming_strings");
    const char *encoding = db_parameter(db, "client_encoding");
    if (statement->backslash_string && strings &&
        (strcmp(strings, "on") == 0) != statement->standard_strings) {
        return statement->standard_strings ? "standard_conforming_strings is off now"
                                           : "standard_conforming_strings is on now";
    }
    if (encoding && strcmp(encoding, "UTF8") != 0 && strcmp(encoding, "SQL_ASCII") != 0 &&
        beyond_ascii(sql_statement_text(sql, index))) {
        return "client_encoding is not UTF8 any more";
    }
    return NULL;
}

static void send_statement(struct job *job, const struct limits *limits)
{
    const struct run_script *script = script_of(job->performer, job->effect.script);
    struct statement_work *work = job->data;
    size_t index = (size_t)job->effect.index;
    const char *why = reads_otherwise(job->session->db, script->sql, index);
    if (why) {
        struct db_reply refused = {
            .outcome = DB_FAILED,
            .affected = -1,
            .message = str_format(&job->arena,
                                  "the session reads this otherwise than it was approved: %s; "
                                  "it was not sent",
                                  why),
        };
        tell_statement(job, &refused);
        return;
    }
    job->stage = 1;
    job->session->clean = false;
    work->data = sql_statement_data(script->sql, index);
    struct db_request request = {
        .sql = sql_statement_text(script->sql, index),
        .simple = true,
        .copy_data = script->sql->statements[index].copy_from_stdin ? &work->data : NULL,
        .max_rows = 100,
        .max_bytes = (size_t)1 << 20,
        .deadline_us = limits->statement_us > 0
                           ? loop_now_us() + limits->statement_us + STATEMENT_GRACE_US
                           : DB_NEVER,
    };
    job_send(job, &request);
}

static void statement_step(struct job *job, const struct db_reply *reply)
{
    const struct run_script *script = script_of(job->performer, job->effect.script);
    struct limits limits = limits_of(job->performer, script, job->effect.index);
    if (!reply) {
        job->data = arena_alloc(&job->arena, sizeof(struct statement_work));
        job->session->notices = 0;
        bool same = job->session->lock_timeout_us == limits.lock_us &&
                    job->session->statement_timeout_us == limits.statement_us;
        if (same) {
            send_statement(job, &limits);
        } else {
            ask_limits(job, limits, script->transaction == PLAN_TRANSACTION_ONE);
        }
        return;
    }
    if (job->stage == 0 && reply->outcome == DB_OK) {
        send_statement(job, &limits);
        return;
    }
    tell_statement(job, reply);
}

void perform_statement(struct performer *performer, const struct effect *effect)
{
    job_start(job_new(performer, SESSION_WORK, effect, statement_step));
}

/* ----------------------------------------------------------------- evidence */

static void evidence_step(struct job *job, const struct db_reply *reply)
{
    struct performer *performer = job->performer;
    enum settings_end settings = settings_reset(job, &job->stage, reply);
    if (settings == SETTINGS_ASKED) {
        return;
    }
    if (settings == SETTINGS_CLEAN && !job->data) {
        job->data = performer;
        job_ask(job,
                "select pg_catalog.pg_current_xact_id()::pg_catalog.text, "
                "(select pg_catalog.to_char(a.backend_start at time zone 'UTC', "
                "'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') from pg_catalog.pg_stat_activity a "
                "where a.backend_type operator(pg_catalog.=) 'checkpointer')",
                NULL, 0);
        return;
    }
    int64_t xid = rows_i64(&reply->rows, 0, 0, 0);
    bool ok = reply->outcome == DB_OK && xid > 0 && reply->transaction == DB_TRANSACTION_OPEN;
    struct str start = ok ? rows_text(&reply->rows, 0, 1) : (struct str){0};
    performer->checkpointer_start = str_dup(&performer->arena, start);
    performer_emit(performer,
                   &(struct event){.kind = EVENT_EVIDENCE,
                                   .outcome = ok ? OUTCOME_OK : OUTCOME_FAILED,
                                   .script = job->effect.script,
                                   .xid = xid,
                                   .pid = job->session->pid,
                                   .backend_start_us = job->session->backend_start_us,
                                   .us = reply->elapsed_us,
                                   .detail = start,
                                   .text = ok ? (struct str){0} : job_reply_text(job, reply)});
    job_end(job);
}

void perform_evidence(struct performer *performer, const struct effect *effect)
{
    job_start(job_new(performer, SESSION_WORK, effect, evidence_step));
}

/* ---------------------------------------------------------- commit, rollback */

static void commit_step(struct job *job, const struct db_reply *reply)
{
    if (!reply) {
        job->timeout_us = COMMIT_TIMEOUT_US;
        job_say(job, "COMMIT");
        return;
    }
    bool committed = reply->outcome == DB_OK && str_eq(reply->tag, "COMMIT");
    struct event event = {.kind = EVENT_COMMITTED,
                          .outcome = committed ? OUTCOME_OK : OUTCOME_FAILED,
                          .script = job->effect.script,
                          .tag = reply->tag,
                          .us = reply->elapsed_us,
                          .sqlstate = reply->sqlstate};
    if (reply->outcome != DB_OK) {
        event.text = reply->message;
        event.detail = reply->detail;
    } else if (!committed) {
        event.text = str_format(&job->arena,
                                "COMMIT was answered with %.*s: the transaction "
                                "had failed",
                                STR_ARG(reply->tag));
    }
    performer_emit(job->performer, &event);
    job_end(job);
}

void perform_commit(struct performer *performer, const struct effect *effect)
{
    job_start(job_new(performer, SESSION_WORK, effect, commit_step));
}

static void rollback_step(struct job *job, const struct db_reply *reply)
{
    if (!reply) {
        job_say(job, "rollback");
        return;
    }
    bool clean = reply->outcome == DB_OK && reply->transaction == DB_TRANSACTION_NONE;
    tell_done(job, reply, clean ? OUTCOME_OK : OUTCOME_UNKNOWN,
              clean ? (struct str){0} : job_reply_text(job, reply));
}

void perform_rollback(struct performer *performer, const struct effect *effect)
{
    job_start(job_new(performer, SESSION_WORK, effect, rollback_step));
}
