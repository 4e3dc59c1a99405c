/* SPDX-License-Identifier: PostgreSQL */
/*
 * What is in flight: sending, taking results, keeping within caps, ending.
 *
 * libpq hands out results until it would block (PQisBusy). A single request ends
 * with NULL. In a pipeline a NULL ends each statement and a PIPELINE_SYNC result each
 * Sync: an item with a Sync ends only there, because an error may still arrive at it;
 * one without ends at its NULL, and a Flush behind it keeps that progress real.
 *
 * An outcome is OK only when libpq came to the end without any error result. When
 * the connection dies, libpq adds an error result of its own, so a complete tag whose
 * ReadyForQuery was lost counts as UNKNOWN. Callbacks may start the next request:
 * an item's end copies what it needs, makes the session ready, and calls last.
 */
#include "db_internal.h"

/* ----------------------------------------------------------------- sending */

static bool refuse(struct err *err, const char *why)
{
    return err_set(err, ERR_INTERNAL, "cannot send the statement: %s", why);
}

static bool is_sendable(const struct db_session *session, const struct db_request *request,
                        struct err *err)
{
    if (session->state != DB_IDLE || session->failing || session->broken) {
        return refuse(err, "the session is not ready");
    }
    if (request->sql.len > 0 && memchr(request->sql.ptr, '\0', request->sql.len) != NULL) {
        return refuse(err, "it contains a NUL byte");
    }
    return true;
}

static const char *sql_text(struct db_session *session, struct str sql)
{
    strbuf_clear(&session->text);
    strbuf_add(&session->text, sql);
    return session->text.ptr != NULL ? session->text.ptr : "";
}

static bool send_extended(struct db_session *session, const struct db_request *request)
{
    return PQsendQueryParams(session->connection, sql_text(session, request->sql),
                             (int)request->param_count, NULL, request->params, NULL, NULL,
                             0) != 0;
}

/* Makes ready for the results of the current item. */
static void begin_item(struct db_session *session)
{
    struct flight *flight = &session->flight;
    const struct db_request *item = &flight->items[flight->current];
    flight->reply = (struct db_reply){.affected = -1};
    flight->failed = flight->fatal = flight->has_columns = false;
    flight->kept_bytes = 0;
    flight->row_cells = NULL;
    flight->copy = FLIGHT_NO_COPY;
    flight->copy_sent = 0;
    session->state = DB_BUSY;
    session->deadline_us = flight->deadline_us;
    if (item->limit_us > 0 && flight->since_us + item->limit_us < session->deadline_us) {
        session->deadline_us = flight->since_us + item->limit_us;
    }
    if (item->single_row) {
        /* Refused only when a result is waiting already, such as "skipped". */
        (void)PQsetSingleRowMode(session->connection);
    }
}

static void begin_flight(struct db_session *session, enum flight_mode mode, size_t count,
                         int64_t now_us)
{
    struct flight *flight = &session->flight;
    flight->mode = mode;
    flight->count = count;
    flight->current = 0;
    flight->any_failed = false;
    flight->since_us = now_us;
    flight->deadline_us = DB_NEVER;
    for (size_t i = 0; i < count; i++) {
        int64_t deadline_us = flight->items[i].deadline_us;
        if (deadline_us != 0 && deadline_us < flight->deadline_us) {
            flight->deadline_us = deadline_us;
        }
    }
    begin_item(session);
    session_flush(session);
}

static void keep_items(struct flight *flight, const struct db_request *requests, size_t count)
{
    if (flight->capacity < count) {
        flight->items = mem_grow(flight->items, count, sizeof(*flight->items));
        flight->capacity = count;
    }
    memcpy(flight->items, requests, count * sizeof(*requests));
}

bool db_send(struct db_session *session, const struct db_request *request, int64_t now_us,
             struct err *err)
{
    if (!is_sendable(session, request, err)) {
        return false;
    }
    bool sent = request->simple && request->param_count == 0
                    ? PQsendQuery(session->connection, sql_text(session, request->sql)) != 0
                    : send_extended(session, request);
    if (!sent) {
        session->broken = true; /* nothing complete went out; the next round says lost */
        return refuse(err, "the connection is gone");
    }
    keep_items(&session->flight, request, 1);
    begin_flight(session, FLIGHT_SINGLE, 1, now_us);
    return true;
}

static bool send_item(struct db_session *session, const struct db_request *request)
{
    return send_extended(session, request) &&
           (request->sync ? PQpipelineSync(session->connection)
                          : PQsendFlushRequest(session->connection)) != 0;
}

bool db_send_batch(struct db_session *session, const struct db_request *requests, size_t count,
                   void (*finished)(void *ctx, const struct db_reply *), void *ctx,
                   int64_t now_us, struct err *err)
{
    if (count == 0) {
        return refuse(err, "the batch is empty");
    }
    for (size_t i = 0; i < count; i++) {
        if (!is_sendable(session, &requests[i], err)) {
            return false;
        }
        if (requests[i].simple || requests[i].copy_data != NULL) {
            return refuse(err, "a batch takes neither simple requests nor COPY data");
        }
    }
    if (PQenterPipelineMode(session->connection) == 0) {
        session->broken = true;
        return refuse(err, "the connection is gone");
    }
    struct flight *flight = &session->flight;
    keep_items(flight, requests, count);
    flight->items[count - 1].sync = true;
    flight->finished = finished;
    flight->ctx = ctx;
    bool sent = true;
    for (size_t i = 0; sent && i < count; i++) {
        sent = send_item(session, &flight->items[i]);
    }
    /* Some may have gone out: from here on only UNKNOWN replies are honest. */
    session->broken = !sent;
    begin_flight(session, FLIGHT_BATCH, count, now_us);
    return true;
}

/* ------------------------------------------------------------------ ending */

/* Hands the current item's reply over. The caller has set the session's state. */
static void deliver(struct db_session *session, int64_t now_us)
{
    struct flight *flight = &session->flight;
    const struct db_request item = flight->items[flight->current];
    struct db_reply reply = flight->reply;
    reply.elapsed_us = now_us - flight->since_us;
    flight->since_us = now_us;
    flight->any_failed = flight->any_failed || reply.outcome != DB_OK;
    flight->current++;
    flight->reply = (struct db_reply){.affected = -1};
    if (item.done != NULL) {
        session->calls++;
        item.done(item.ctx, &reply);
        session->calls--;
    }
    arena_clear(&session->arena);
}

static enum db_outcome settled_outcome(const struct db_session *session)
{
    const struct flight *flight = &session->flight;
    if (!flight->failed) {
        return DB_OK;
    }
    bool gone = flight->fatal || PQstatus(session->connection) == CONNECTION_BAD;
    return gone ? DB_UNKNOWN : DB_FAILED;
}

static void end_batch(struct db_session *session)
{
    struct flight *flight = &session->flight;
    void (*finished)(void *, const struct db_reply *) = flight->finished;
    struct db_reply reply = {.affected = -1};
    if (PQexitPipelineMode(session->connection) == 0) {
        session->broken = true;
    }
    reply.outcome = session->broken ? DB_UNKNOWN : flight->any_failed ? DB_FAILED : DB_OK;
    reply.connection_lost = session->broken;
    reply.transaction = session_transaction(session);
    session->deadline_us = DB_NEVER;
    session->state = DB_IDLE;
    flight->finished = NULL;
    if (finished != NULL) {
        session->calls++;
        finished(flight->ctx, &reply);
        session->calls--;
    }
    arena_clear(&session->arena);
}

static void end_item(struct db_session *session, int64_t now_us)
{
    struct flight *flight = &session->flight;
    flight->reply.outcome = settled_outcome(session);
    if (flight->reply.outcome == DB_UNKNOWN) {
        session->broken = true; /* giving up answers it, with what is known so far */
        return;
    }
    if (flight->mode != FLIGHT_SINGLE) {
        flight->reply.transaction = DB_TRANSACTION_ACTIVE;
        deliver(session, now_us);
        if (flight_is_on(session) && flight->current < flight->count) {
            begin_item(session);
        } else if (flight_is_on(session)) {
            end_batch(session);
        }
        return;
    }
    flight->reply.transaction = session_transaction(session);
    session->deadline_us = DB_NEVER;
    if (PQstatus(session->connection) == CONNECTION_BAD) {
        session->broken = true; /* IDLE in name only: nothing more is sent on it */
    }
    session->state = DB_IDLE;
    deliver(session, now_us);
}

static void mark_abandoned(struct db_reply *reply, struct arena *arena, const char *why,
                           bool timed_out)
{
    reply->outcome = DB_UNKNOWN;
    reply->connection_lost = true;
    reply->timed_out = timed_out;
    reply->transaction = DB_TRANSACTION_UNKNOWN;
    if (reply->message.len == 0) {
        reply_take_text(reply, arena, why);
    }
}

void flight_abandon(struct db_session *session, const char *why, bool timed_out, int64_t now_us)
{
    struct flight *flight = &session->flight;
    void (*finished)(void *, const struct db_reply *) = flight->finished;
    flight->finished = NULL;
    while (flight->current < flight->count) {
        mark_abandoned(&flight->reply, flight_arena(session), why, timed_out);
        deliver(session, now_us);
    }
    if (flight->mode != FLIGHT_SINGLE && finished != NULL) {
        struct db_reply reply = {.affected = -1};
        mark_abandoned(&reply, &session->arena, why, timed_out);
        session->calls++;
        finished(flight->ctx, &reply);
        session->calls--;
    }
    arena_clear(&session->arena);
}

/* Something has come to an end in libpq's stream: the current item, or half of it. */
static void take_end(struct db_session *session, bool is_sync, int64_t now_us)
{
    struct flight *flight = &session->flight;
    bool dead = PQstatus(session->connection) == CONNECTION_BAD;
    if (flight->mode == FLIGHT_SINGLE) {
        end_item(session, now_us);
    } else if (dead || flight->fatal) {
        session->broken = true; /* what is left gets UNKNOWN by giving up */
    } else if (is_sync == flight->items[flight->current].sync) {
        end_item(session, now_us);
    }
}

/* One turn; false when there is nothing to take now. */
static bool take_next(struct db_session *session, int64_t now_us)
{
    struct flight *flight = &session->flight;
    PGconn *connection = session->connection;
    if (flight->copy == FLIGHT_COPY_IN) {
        flight_send_copy(session);
        if (flight->copy == FLIGHT_COPY_IN) {
            return false;
        }
    }
    if (flight->copy == FLIGHT_COPY_OUT && !flight_drop_copy(session)) {
        return false;
    }
    if (PQstatus(connection) != CONNECTION_BAD && PQisBusy(connection)) {
        return false;
    }
    PGresult *result = PQgetResult(connection);
    if (result == NULL) {
        take_end(session, false, now_us);
    } else if (PQresultStatus(result) == PGRES_PIPELINE_SYNC) {
        PQclear(result);
        take_end(session, true, now_us);
    } else {
        flight_take_result(session, result);
        PQclear(result);
    }
    return true;
}

void flight_process(struct db_session *session, int64_t now_us)
{
    bool more = true;
    while (more && !session->broken && flight_is_on(session)) {
        more = take_next(session, now_us);
    }
}
