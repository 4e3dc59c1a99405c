/* SPDX-License-Identifier: PostgreSQL */
/*
 * What one result does to the reply that is being built: rows within their caps,
 * COPY in both directions, errors. db_flight.c says when an item has ended.
 *
 * The callbacks for rows run here, with a PGresult still open; they may close the
 * session, so the flight is looked at afresh after each.
 */
#include "db_internal.h"

enum {
    COPY_CHUNK = 64 * 1024
};

/* --------------------------------------------------------------- the item */

struct arena *flight_arena(struct db_session *session)
{
    struct arena *own = session->flight.items[session->flight.current].arena;
    return own != NULL ? own : &session->arena;
}

bool flight_is_on(const struct db_session *session)
{
    return session->connection != NULL &&
           (session->state == DB_BUSY || session->state == DB_DRAINING);
}

/* -------------------------------------------------------------------- rows */

static void take_columns(struct db_session *session, const PGresult *result)
{
    struct flight *flight = &session->flight;
    struct arena *arena = flight_arena(session);
    size_t count = (size_t)PQnfields(result);
    rows_init(&flight->reply.rows, arena, count);
    for (size_t i = 0; i < count; i++) {
        flight->reply.rows.names[i] = str_dup(arena, str_from(PQfname(result, (int)i)));
    }
    if (flight->items[flight->current].each_row != NULL) {
        flight->row_cells = arena_array(arena, count > 0 ? count : 1, sizeof(struct cell));
    }
    flight->has_columns = true;
}

static struct cell result_cell(const PGresult *result, int row, int column)
{
    if (PQgetisnull(result, row, column)) {
        return (struct cell){.is_null = true};
    }
    return (struct cell){
        {PQgetvalue(result, row, column), (size_t)PQgetlength(result, row, column)}, false};
}

static bool show_row(struct db_session *session, const PGresult *result, int row)
{
    struct flight *flight = &session->flight;
    const struct db_request *item = &flight->items[flight->current];
    struct rows view = flight->reply.rows;
    for (size_t i = 0; i < view.column_count; i++) {
        flight->row_cells[i] = result_cell(result, row, (int)i);
    }
    view.cells = flight->row_cells;
    view.row_count = view.row_capacity = 1;
    session->calls++;
    bool more = item->each_row(item->ctx, &view);
    session->calls--;
    return more;
}

/* False: a cap was hit. */
static bool keep_row(struct db_session *session, const PGresult *result, int row)
{
    struct flight *flight = &session->flight;
    const struct db_request *item = &flight->items[flight->current];
    struct rows *rows = &flight->reply.rows;
    size_t bytes = 0;
    for (size_t i = 0; i < rows->column_count; i++) {
        bytes += (size_t)PQgetlength(result, row, (int)i);
    }
    if ((item->max_rows > 0 && rows->row_count >= item->max_rows) ||
        (item->max_bytes > 0 && flight->kept_bytes + bytes > item->max_bytes)) {
        return false;
    }
    flight->kept_bytes += bytes;
    struct cell *cells = rows_add(rows);
    for (size_t i = 0; i < rows->column_count; i++) {
        struct cell cell = result_cell(result, row, (int)i);
        cells[i].is_null = cell.is_null;
        if (!cell.is_null) {
            cells[i].text = str_dup(rows->arena, cell.text);
        }
    }
    return true;
}

static void take_rows(struct db_session *session, const PGresult *result)
{
    struct flight *flight = &session->flight;
    int count = PQntuples(result);
    bool was_cut = flight->reply.rows.cut;
    if (!flight->has_columns) {
        take_columns(session, result);
    }
    flight->reply.rows_seen += (uint64_t)count;
    for (int row = 0; row < count && !flight->reply.rows.cut; row++) {
        bool each = flight->items[flight->current].each_row != NULL;
        flight->reply.rows.cut =
            !(each ? show_row(session, result, row) : keep_row(session, result, row));
        if (!flight_is_on(session)) {
            return; /* the callback closed the session */
        }
    }
    if (flight->reply.rows.cut && !was_cut && PQresultStatus(result) == PGRES_SINGLE_TUPLE) {
        const struct db_request *item = &flight->items[flight->current];
        session->state = DB_DRAINING;
        if (item->cut != NULL) {
            session->calls++;
            item->cut(item->ctx);
            session->calls--;
        }
    }
}

/* -------------------------------------------------------------------- COPY */

void flight_send_copy(struct db_session *session)
{
    struct flight *flight = &session->flight;
    const struct str *data = flight->items[flight->current].copy_data;
    while (data != NULL && flight->copy_sent < data->len && !session->unflushed) {
        size_t left = data->len - flight->copy_sent;
        size_t chunk = left < COPY_CHUNK ? left : COPY_CHUNK;
        int sent =
            PQputCopyData(session->connection, data->ptr + flight->copy_sent, (int)chunk);
        if (sent < 0) {
            session->broken = true;
            return;
        }
        flight->copy_sent += chunk;
        session_flush(session);
    }
    bool all = data == NULL || flight->copy_sent >= data->len;
    if (session->unflushed && PQstatus(session->connection) == CONNECTION_OK) {
        return;
    }
    const char *refusal = data == NULL ? "no data was given for COPY from stdin" : NULL;
    if (all || PQstatus(session->connection) == CONNECTION_BAD) {
        if (PQputCopyEnd(session->connection, refusal) != 1) {
            session->broken = true;
        }
        flight->copy = FLIGHT_NO_COPY;
        session_flush(session);
    }
}

bool flight_drop_copy(struct db_session *session)
{
    char *line = NULL;
    int length = 0;
    while ((length = PQgetCopyData(session->connection, &line, 1)) > 0) {
        PQfreemem(line);
        session->flight.reply.rows_seen++;
        session->flight.reply.rows.cut = true;
    }
    if (length == 0) {
        return false;
    }
    session->flight.copy = FLIGHT_NO_COPY;
    return true;
}

/* ----------------------------------------------------------------- results */

static void take_error(struct db_session *session, const PGresult *result)
{
    struct flight *flight = &session->flight;
    struct str severity = result_field(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    flight->fatal = flight->fatal || str_eq(severity, "FATAL") || str_eq(severity, "PANIC");
    if (!flight->failed) { /* the first says why; the rest follow from it */
        reply_take_error(&flight->reply, flight_arena(session), result);
    }
    flight->failed = true;
}

void flight_take_result(struct db_session *session, PGresult *result)
{
    struct flight *flight = &session->flight;
    ExecStatusType status = PQresultStatus(result);
    bool pipelined = flight->mode != FLIGHT_SINGLE;
    if (status == PGRES_SINGLE_TUPLE) {
        take_rows(session, result);
    } else if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK ||
               status == PGRES_EMPTY_QUERY) {
        flight->reply.result_count++;
        reply_take_tag(&flight->reply, flight_arena(session), result);
        if (status == PGRES_TUPLES_OK) {
            take_rows(session, result);
        }
    } else if (status == PGRES_PIPELINE_ABORTED) {
        flight->failed = flight->reply.skipped = true;
        reply_take_text(&flight->reply, flight_arena(session),
                        "not run, because an earlier statement failed");
    } else if (!pipelined && (status == PGRES_COPY_IN || status == PGRES_COPY_OUT)) {
        flight->copy = status == PGRES_COPY_IN ? FLIGHT_COPY_IN : FLIGHT_COPY_OUT;
    } else if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT ||
               status == PGRES_COPY_BOTH) {
        flight->failed = session->broken = true; /* libpq has no way back from here */
        reply_take_text(&flight->reply, flight_arena(session),
                        "COPY is not possible in a batch; the connection was closed");
    } else {
        take_error(session, result);
    }
}
