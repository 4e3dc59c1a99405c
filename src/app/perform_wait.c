/* SPDX-License-Identifier: PostgreSQL */
/*
 * Waiting behind somebody. Our own questions carry a lock_timeout; while one of them waits
 * for longer than a moment, another session of ours asks who holds it up, because after
 * the timeout nobody can tell any more. The front hears of it while it lasts, and the
 * answer that then fails says behind whom it waited.
 */
#include "perform.h"

/* So long nobody is asked; then again every second. */
#define ASK_AFTER_US US_PER_SECOND
/* Where the plan lets migrations wait without a limit, our questions still have one. */
#define LIMIT_OTHERWISE_US (5 * US_PER_SECOND)

int64_t wait_limit_us(const struct plan_safety *safety)
{
    return safety->lock_timeout_us > 0 ? safety->lock_timeout_us : LIMIT_OTHERWISE_US;
}

/* ------------------------------------------------------------------- asking */

static struct channel *who_asks(struct performer *performer, enum session waits)
{
    /* Never the work session: a question that fails there would spoil an open transaction. */
    static const enum session order[] = {SESSION_WATCH, SESSION_CHECK};
    for (size_t i = 0; i < COUNT_OF(order); i++) {
        struct channel *session = &performer->sessions[order[i]];
        if (order[i] != waits && session->ready && !session->jobs) {
            return session;
        }
    }
    return NULL;
}

static struct channel *asked_about(struct job *job)
{
    return &job->performer->sessions[job->effect.session];
}

static void tell(struct job *job, const struct channel *waiting)
{
    struct event_item *items =
        arena_array(&job->arena, waiting->holder_count + 1, sizeof(*items));
    size_t count = waiting->holder_count < BLOCKERS_MAX ? waiting->holder_count : BLOCKERS_MAX;
    for (size_t i = 0; i < count; i++) {
        items[i] = (struct event_item){.kind = STR("session"),
                                       .name = waiting->holders[i].who,
                                       .text = waiting->holders[i].what,
                                       .value = waiting->holders[i].pid,
                                       .at_us = waiting->holders[i].backend_start_us};
    }
    performer_emit(job->performer, &(struct event){.kind = EVENT_BLOCKERS,
                                                   .script = -1,
                                                   .items = items,
                                                   .item_count = count,
                                                   .value = loop_now_us() - waiting->sent_us});
}

static void ask_step(struct job *job, const struct db_reply *reply)
{
    struct channel *waiting = asked_about(job);
    if (!reply) {
        const char *params[] = {str_format(&job->arena, "%lld", (long long)waiting->pid).ptr};
        job_ask(job, lock_holders_query(), params, COUNT_OF(params));
        return;
    }
    bool still = waiting->sent_us != 0 && waiting->request == job->effect.announced;
    if (still && reply->outcome == DB_OK && reply->rows.row_count > 0) {
        arena_clear(&waiting->holders_arena);
        waiting->holder_count =
            lock_holders_read(&reply->rows, &waiting->holders_arena, &waiting->holders);
        waiting->told = true;
        tell(job, waiting);
    }
    job_end(job);
}

static void nobody_told(struct job *job)
{
    (void)job; /* the session that asked is gone; the wait goes on and ends by its timeout */
}

static void ask(struct channel *waiting)
{
    struct performer *performer = waiting->performer;
    struct channel *asker = who_asks(performer, waiting->which);
    if (!asker) {
        return;
    }
    struct job *job = job_new(performer, asker->which, NULL, ask_step);
    job->effect.session = waiting->which;
    job->effect.announced = waiting->request;
    job->lost = nobody_told;
    job_start(job);
}

/* ------------------------------------------------------------- begin and end */

/* The engine itself looks who blocks a statement of a file. */
static bool engine_looks(const struct job *job)
{
    return job->effect.kind == EFFECT_QUERY &&
           (job->effect.query == QUERY_STATEMENT || job->effect.query == QUERY_COMMIT);
}

static void begin(struct channel *session)
{
    int64_t half_us = wait_limit_us(&session->performer->plan->plan->safety) / 2;
    session->sent_us = loop_now_us();
    session->wait_due_us = session->sent_us + (half_us < ASK_AFTER_US ? half_us : ASK_AFTER_US);
    session->request++;
    session->holder_count = 0;
}

void wait_begin(struct job *job)
{
    begin(job->session);
    job->session->batch_left = 0;
    if (engine_looks(job)) {
        job->session->sent_us = 0;
    }
}

void wait_begin_batch(struct channel *session, size_t count)
{
    begin(session);
    session->batch_left = count;
}

/* What failed because it waited: the same reply, with words that say behind whom. */
static bool waited(struct job *job, const struct db_reply *reply)
{
    bool by_lock = str_eq(reply->sqlstate, "55P03");
    bool by_time = str_eq(reply->sqlstate, "57014") && job->session->holder_count > 0;
    return job->session->sent_us != 0 && reply->outcome == DB_FAILED && (by_lock || by_time);
}

static bool is_question(const struct job *job)
{
    return job->effect.kind == EFFECT_QUERY &&
           (job->effect.query == QUERY_LOOK || job->effect.query == QUERY_SNAPSHOT ||
            job->effect.query == QUERY_CHECK);
}

static struct str words_of(struct job *job)
{
    const struct channel *session = job->session;
    struct strbuf text = {0};
    strbuf_text(&text,
                is_question(job) ? "could not be judged: waits behind " : "waits behind ");
    lock_holders_text(&text, session->holders, session->holder_count);
    struct str words = str_dup(&job->arena, strbuf_str(&text));
    strbuf_release(&text);
    return words;
}

void wait_end(struct job *job, const struct db_reply *reply, struct db_reply *judged)
{
    struct channel *session = job->session;
    *judged = *reply;
    job->waited = waited(job, reply);
    if (job->waited) {
        judged->message = words_of(job);
        judged->detail = (struct str){0};
        judged->hint = (struct str){0};
    }
    if (session->told) {
        performer_emit(session->performer,
                       &(struct event){.kind = EVENT_BLOCKERS, .script = -1});
    }
    session->told = false;
    session->sent_us = 0;
    if (session->batch_left > 1) { /* the next of the batch is at work already */
        session->batch_left--;
        begin(session);
    }
}

void wait_forget(struct channel *session)
{
    session->sent_us = 0;
    session->told = false;
}

int64_t wait_deadline_us(const struct channel *session)
{
    return session->sent_us != 0 ? session->wait_due_us : LOOP_NEVER;
}

void wait_due(struct channel *session, int64_t now_us)
{
    if (session->sent_us != 0 && now_us >= session->wait_due_us) {
        session->wait_due_us = now_us + ASK_AFTER_US;
        ask(session);
    }
}
