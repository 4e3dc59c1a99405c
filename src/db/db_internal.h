/* SPDX-License-Identifier: PostgreSQL */
/*
 * Private to db: the session as its files share it. db_session.c owns the connection
 * and its states, db_flight.c sends and ends what is in flight, db_result.c takes the
 * results in between, db_reply.c holds the texts of a reply.
 *
 * Callbacks may send, close or connect on the same session, so after every callback
 * the code must look at `state` and `connection` afresh and use no pointer from
 * before it.
 */
#ifndef GONOGO_DB_INTERNAL_H
#define GONOGO_DB_INTERNAL_H

#include "db.h"

#include <libpq-fe.h>

enum flight_mode {
    FLIGHT_SINGLE, /* one request, ended by libpq's NULL result */
    FLIGHT_BATCH,  /* a pipeline; an item ends with its Sync if it has one, else with NULL */
};

enum flight_copy {
    FLIGHT_NO_COPY,
    FLIGHT_COPY_IN,  /* our bytes go out; libpq would answer COPY_IN for ever */
    FLIGHT_COPY_OUT, /* bytes that nobody asked for are read away */
};

/* What is in flight: one request or a batch. */
struct flight {
    enum flight_mode mode;
    struct db_request *items; /* grows, never shrinks: no allocation per statement */
    size_t count;
    size_t capacity;
    size_t current; /* the item whose results come next */
    bool any_failed;
    void (*finished)(void *ctx, const struct db_reply *reply); /* of a batch */
    void *ctx;
    int64_t since_us;
    int64_t deadline_us; /* of the whole */
    enum flight_copy copy;
    size_t copy_sent;
    struct db_reply reply; /* of the current item, while it is built */
    bool failed;           /* an error arrived for it */
    bool fatal;            /* and it was FATAL: the server is going away */
    bool has_columns;
    size_t kept_bytes;
    struct cell *row_cells; /* for each_row */
};

struct db_session {
    struct db_hooks hooks;
    void *ctx;
    PGconn *connection;
    enum db_state state;
    PostgresPollingStatusType polling; /* while CONNECTING */
    bool settling;                     /* connected; our last SET is under way */
    bool unflushed;                    /* libpq still holds bytes to send */
    bool broken;                       /* libpq refused half-way: give the connection up */
    bool failing;                      /* inside the replies of a lost connection */
    bool needs_password;
    bool in_notice; /* inside the notice hook, with libpq on the stack */
    unsigned calls; /* callbacks that we are inside of */
    int backend_pid;
    int64_t connect_deadline_us;
    int64_t connect_since_us;
    int64_t deadline_us; /* of what is in flight */
    int64_t check_interval_us;
    struct strbuf text; /* the C string that libpq wants */
    struct arena arena; /* of replies whose request brought none */
    struct flight flight;
};

/* db_session.c */
enum db_transaction session_transaction(const struct db_session *session);
/* Sends what libpq holds; sets `unflushed`. A broken socket is found by the next read. */
void session_flush(struct db_session *session);

/* db_flight.c */
/* Takes whatever libpq has ready. */
void flight_process(struct db_session *session, int64_t now_us);
/* Answers everything that is in flight with UNKNOWN. */
void flight_abandon(struct db_session *session, const char *why, bool timed_out,
                    int64_t now_us);

/* db_result.c */
/* Where texts and rows of the current item go. */
struct arena *flight_arena(struct db_session *session);
/* False once a callback has closed the session, whatever it did then. */
bool flight_is_on(const struct db_session *session);
/* Sends COPY bytes while the socket takes them; libpq would buffer everything otherwise. */
void flight_send_copy(struct db_session *session);
/* COPY … TO STDOUT: the bytes are nobody's; false when libpq needs more input. */
bool flight_drop_copy(struct db_session *session);
/* Puts one result, not NULL and no Sync, into the reply. */
void flight_take_result(struct db_session *session, PGresult *result);

/* db_reply.c */
void reply_take_error(struct db_reply *reply, struct arena *arena, const PGresult *result);
void reply_take_tag(struct db_reply *reply, struct arena *arena, PGresult *result);
void reply_take_text(struct db_reply *reply, struct arena *arena, const char *text);
/* A field of an error or notice; "" when absent. */
struct str result_field(const PGresult *result, int field);

#endif
