/* SPDX-License-Identifier: PostgreSQL */
/*
 * Sessions and their jobs: one job at a time per session, in the order in which the
 * engine asked. When a connection goes, whatever was in flight or waited has no
 * answer; the engine hears of the loss once.
 */
#include "perform.h"

#include "perform_connect.h"

/* -------------------------------------------------------------------- jobs */

struct job *job_new(struct performer *performer, enum session which,
                    const struct effect *effect, job_step *step)
{
    struct job *job = mem_zero(1, sizeof(*job));
    job->performer = performer;
    job->session = &performer->sessions[which];
    job->effect = effect ? *effect : (struct effect){.script = -1};
    job->step = step;
    return job;
}

static void job_free(struct job *job)
{
    if (job->release) {
        job->release(job);
    }
    arena_release(&job->arena);
    free(job);
}

/* Begins jobs until one waits for an answer. */
static void session_next(struct channel *session)
{
    while (session->jobs && !session->starting && db_state(session->db) == DB_IDLE) {
        struct job *job = session->jobs;
        if (job->started_us == 0) {
            job->started_us = loop_now_us();
            session->starting = true;
            job->step(job, NULL);
            session->starting = false;
        }
        if (!job->ended) {
            return;
        }
        session->jobs = job->next;
        if (!session->jobs) {
            session->last_job = NULL;
        }
        job_free(job);
    }
}

/* False: there is no connection, and the job is gone. */
static bool queue(struct job *job)
{
    struct channel *session = job->session;
    enum db_state state = db_state(session->db);
    bool waits = session->wanted && state != DB_LOST;
    if (!waits) {
        if (job->lost) {
            job->lost(job);
        } else {
            performer_emit(job->performer,
                           &(struct event){.kind = EVENT_LOST,
                                           .session = session->which,
                                           .script = -1,
                                           .text = STR("the session is not connected")});
        }
        job_free(job);
        return false;
    }
    if (session->last_job) {
        session->last_job->next = job;
    } else {
        session->jobs = job;
    }
    session->last_job = job;
    return true;
}

void job_start(struct job *job)
{
    struct channel *session = job->session;
    if (queue(job) && session->ready) {
        session_next(session);
    }
}

void job_start_later(struct job *job)
{
    (void)queue(job);
}

void sessions_begin(struct performer *performer)
{
    for (size_t i = 0; i < SESSION__COUNT; i++) {
        if (performer->sessions[i].ready) {
            session_next(&performer->sessions[i]);
        }
    }
}

void job_end(struct job *job)
{
    job->ended = true;
}

static void job_done(void *ctx, const struct db_reply *reply)
{
    struct job *job = ctx;
    struct channel *session = job->session;
    if (reply->outcome == DB_UNKNOWN) {
        return; /* the loss is told by the session's hook */
    }
    struct db_reply judged;
    wait_end(job, reply, &judged);
    session->starting = true;
    job->step(job, &judged);
    session->starting = false;
    if (session->failing) {
        const char *why = session->failing;
        session->failing = NULL;
        session_failed(session, why);
        return;
    }
    session_next(session);
}

void job_fill(struct job *job, struct db_request *request)
{
    if (!request->arena) {
        request->arena = &job->arena;
    }
    request->done = job_done;
    request->ctx = job;
}

static void batch_finished(void *ctx, const struct db_reply *reply)
{
    if (reply->outcome != DB_UNKNOWN) {
        wait_forget(ctx);
        session_next(ctx);
    }
}

bool job_send_batch(struct job *job, const struct db_request *requests, size_t count)
{
    struct channel *session = job->session;
    wait_begin_batch(session, count);
    if (!db_send_batch(session->db, requests, count, batch_finished, session, loop_now_us(),
                       NULL)) {
        wait_forget(session);
        return false;
    }
    return true;
}

void job_send(struct job *job, struct db_request *request)
{
    struct err err = {0};
    int64_t now_us = loop_now_us();
    job_fill(job, request);
    if (request->deadline_us == 0) {
        request->deadline_us =
            now_us + (job->timeout_us > 0 ? job->timeout_us : LOOK_TIMEOUT_US);
    }
    wait_begin(job);
    if (!db_send(job->session->db, request, now_us, &err)) {
        wait_forget(job->session);
        struct db_reply reply = {.outcome = DB_FAILED,
                                 .affected = -1,
                                 .message = str_dup(&job->arena, str_from(err.message)),
                                 .transaction = db_transaction(job->session->db)};
        job->step(job, &reply);
    }
}

void job_ask(struct job *job, const char *sql, const char *const *params, size_t param_count)
{
    struct db_request request = {
        .sql = str_from(sql), .params = params, .param_count = param_count};
    job_send(job, &request);
}

/* Parameters of a catalog statement as an array of C strings in the arena. */
static const char *const *cells_text(struct arena *arena, const struct cell *values,
                                     size_t count)
{
    const char **texts = arena_array(arena, count + 1, sizeof(*texts));
    for (size_t i = 0; i < count; i++) {
        texts[i] = values[i].is_null ? NULL : str_text(arena, values[i].text);
    }
    return texts;
}

void job_ask_cells(struct job *job, const char *sql, const struct cell *values, size_t count)
{
    job_ask(job, sql, cells_text(&job->arena, values, count), count);
}

void job_say(struct job *job, const char *sql)
{
    struct db_request request = {.sql = str_from(sql), .simple = true};
    job_send(job, &request);
}

struct str job_reply_text(struct job *job, const struct db_reply *reply)
{
    struct strbuf text = {0};
    if (job->waited) {
        return sanitise_line(&job->arena, reply->message);
    }
    db_reply_text(reply, &text);
    struct str copy = str_dup(&job->arena, strbuf_str(&text));
    strbuf_release(&text);
    return copy;
}

enum outcome outcome_of(const struct db_reply *reply)
{
    switch (reply->outcome) {
    case DB_OK:
        return OUTCOME_OK;
    case DB_FAILED:
        return OUTCOME_FAILED;
    case DB_UNKNOWN:
        return OUTCOME_UNKNOWN;
    }
    return OUTCOME_UNKNOWN;
}

/* ------------------------------------------------------------------- hooks */

static void drop_jobs(struct channel *session, bool tell)
{
    wait_forget(session);
    while (session->jobs) {
        struct job *job = session->jobs;
        session->jobs = job->next;
        if (tell && job->lost) {
            job->lost(job);
        }
        job_free(job);
    }
    session->last_job = NULL;
}

static void tell_failed(struct channel *session, const char *why)
{
    session->wanted = false;
    performer_emit(session->performer,
                   &(struct event){.kind = EVENT_CONNECT_FAILED,
                                   .session = session->which,
                                   .script = -1,
                                   .text = str_from(why),
                                   .flag = session->other_timeline,
                                   .us = loop_now_us() - session->trying_since_us,
                                   .value = session->attempts});
}

void session_failed(struct channel *session, const char *why)
{
    db_close(session->db);
    drop_jobs(session, true);
    session->ready = false;
    tell_failed(session, why);
}

static void on_lost(void *ctx, const struct err *why)
{
    struct channel *session = ctx;
    bool was_ready = session->ready;
    session->ready = false;
    session->wanted = false;
    struct strbuf text = {0};
    strbuf_text(&text, why->message);
    /* Of a lost session libpq only guesses why; of a refused one the reason stands there. */
    if (!was_ready && why->detail[0] != '\0') {
        strbuf_format(&text, ": %s", why->detail);
    }
    /* pgbouncer's way to refuse our settings; a server has other words */
    if (!was_ready && strstr(text.ptr, "unsupported startup parameter")) {
        strbuf_text(&text, ". " POOLER_WORDS);
    }
    if (was_ready) {
        performer_emit(session->performer, &(struct event){.kind = EVENT_LOST,
                                                           .session = session->which,
                                                           .script = -1,
                                                           .text = strbuf_str(&text)});
    } else {
        tell_failed(session, text.ptr);
    }
    drop_jobs(session, true);
    strbuf_release(&text);
}

/* Who are we talking to, before anybody hears that there is a connection. */
static void on_connected(void *ctx)
{
    struct channel *session = ctx;
    struct job *job = job_new(session->performer, session->which, NULL, connect_identify);
    job->next = session->jobs;
    session->jobs = job;
    if (!session->last_job) {
        session->last_job = job;
    }
    session_next(session);
}

enum {
    NOTICES_MAX = 200, /* per statement, in the journal; more are only counted */
};

static void on_notice(void *ctx, const struct db_notice *notice)
{
    struct channel *session = ctx;
    struct job *job = session->jobs;
    if (session->which != SESSION_WORK || !job || job->effect.kind != EFFECT_QUERY ||
        job->effect.query != QUERY_STATEMENT) {
        return;
    }
    session->notices++;
    if (session->notices > NOTICES_MAX) {
        return;
    }
    bool last = session->notices == NOTICES_MAX;
    performer_emit(
        session->performer,
        &(struct event){.kind = EVENT_NOTICE,
                        .script = job->effect.script,
                        .index = job->effect.index,
                        .sqlstate = notice->sqlstate,
                        .id = notice->severity,
                        .text = last ? STR("more notices are not recorded") : notice->message});
}

/* -------------------------------------------------------------------- beat */

/*
 * Whatever we wait for, people or a long statement: the watch asks now and then whether
 * the server still answers. A black hole and a server that stands still show themselves
 * within BEAT_EVERY_US + LOOK_TIMEOUT_US, over a unix socket, too.
 */
#define BEAT_EVERY_US (10 * US_PER_SECOND)

static bool may_beat(const struct channel *session)
{
    return session->which == SESSION_WATCH && session->ready && !session->jobs &&
           db_state(session->db) == DB_IDLE;
}

static void beat_step(struct job *job, const struct db_reply *reply)
{
    if (reply) {
        job->session->beat_at_us = loop_now_us() + BEAT_EVERY_US;
        job_end(job);
    } else {
        job_say(job, "select 1");
    }
}

static void beat(struct channel *session, int64_t now_us)
{
    if (may_beat(session) && now_us >= session->beat_at_us) {
        job_start(job_new(session->performer, session->which, NULL, beat_step));
    }
}

/* ------------------------------------------------------------------ source */

static void session_wants(void *ctx, struct loop_want *want)
{
    struct channel *session = ctx;
    if (session->resolver) {
        resolver_wants(session->resolver, want);
    } else if (session->connect_at_us != LOOP_NEVER) {
        want->deadline_us = session->connect_at_us;
    } else {
        db_wants(session->db, &want->fd, &want->events, &want->deadline_us);
        if (may_beat(session) && session->beat_at_us < want->deadline_us) {
            want->deadline_us = session->beat_at_us;
        }
        int64_t wait_us = wait_deadline_us(session);
        want->deadline_us = wait_us < want->deadline_us ? wait_us : want->deadline_us;
    }
}

static void session_ready(void *ctx, short revents, int64_t now_us)
{
    struct channel *session = ctx;
    if (session->resolver) {
        connect_resolved(session, now_us);
    } else if (session->connect_at_us != LOOP_NEVER) {
        if (now_us >= session->connect_at_us) {
            session->connect_at_us = LOOP_NEVER;
            connect_begin(session);
        }
    } else {
        db_ready(session->db, revents, now_us);
        beat(session, now_us);
        wait_due(session, now_us);
    }
}

/* ----------------------------------------------------------------- effects */

void perform_disconnect(struct performer *performer, enum session which)
{
    struct channel *session = &performer->sessions[which];
    session->connect_at_us = LOOP_NEVER;
    resolver_free(session->resolver);
    session->resolver = NULL;
    db_close(session->db); /* first: what is in flight is still a job's */
    drop_jobs(session, true);
    session->ready = false;
    session->wanted = false;
}

void perform_connect(struct performer *performer, const struct effect *effect)
{
    struct channel *session = &performer->sessions[effect->session];
    perform_disconnect(performer, effect->session);
    session->wanted = true;
    if (effect->delay_us > 0) {
        session->connect_at_us = loop_now_us() + effect->delay_us;
    } else {
        connect_begin(session);
    }
}

void sessions_init(struct performer *performer)
{
    static const struct db_hooks hooks = {
        .connected = on_connected, .lost = on_lost, .notice = on_notice};
    for (int i = 0; i < SESSION__COUNT; i++) {
        struct channel *session = &performer->sessions[i];
        *session = (struct channel){.performer = performer,
                                    .which = (enum session)i,
                                    .connect_at_us = LOOP_NEVER,
                                    .lock_timeout_us = -1,
                                    .statement_timeout_us = -1};
        session->db = db_new(&hooks, session);
        session->source =
            loop_add(performer->loop, &(struct loop_source){.wants = session_wants,
                                                            .ready = session_ready,
                                                            .ctx = session});
    }
}

void sessions_release(struct performer *performer)
{
    for (int i = 0; i < SESSION__COUNT; i++) {
        struct channel *session = &performer->sessions[i];
        if (!session->db) {
            continue;
        }
        loop_remove(performer->loop, session->source);
        resolver_free(session->resolver);
        db_close(session->db);
        drop_jobs(session, false);
        arena_release(&session->holders_arena);
        db_free(session->db);
        session->db = NULL;
    }
}
