/* SPDX-License-Identifier: PostgreSQL */
/*
 * db: PostgreSQL sessions, non-blocking from the first byte to the last. The only
 * room that knows libpq; a PGresult never leaves it.
 *
 * A session is a state machine: DOWN → CONNECTING → IDLE ⇄ BUSY (→ DRAINING) → LOST.
 * The caller asks db_wants() before it polls and calls db_ready() when the socket is
 * ready or the deadline has passed; everything else happens in callbacks from there.
 * One request, or one batch, at a time per session: db_send() refuses when the
 * session is not IDLE.
 *
 * Every outcome has three values. FAILED means: it certainly did not happen. When the
 * connection goes, or the deadline passes, while a request is in flight, the outcome
 * is UNKNOWN, whatever the statement was; the caller settles it from evidence.
 *
 * Names are not resolved here: pass `hostaddr` (and keep `host` for verify-full), or
 * db_connect() blocks in the resolver. Text from the server is handed on as raw
 * bytes; only db_reply_err() sanitises. Passwords are given to libpq and never kept,
 * printed or recorded.
 */
#ifndef GONOGO_DB_H
#define GONOGO_DB_H

#include "base.h"

/* -------------------------------------------------------------- parameters */

/* Connection parameters under libpq's keywords. `= {0}` is empty; memory is the arena's. */
struct db_param {
    const char *key;
    const char *value;
};
struct db_params {
    struct db_param *items;
    size_t count;
    size_t capacity;
};
/* "host=x dbname=y" or "postgresql://…": only what the text says, no defaults. The error never
 * quotes the text. */
bool db_conninfo_parse(struct str text, struct arena *arena, struct db_params *params,
                       struct err *err) MUST_CHECK;
/* Sets or replaces one parameter; a NULL or empty value removes it. */
void db_params_set(struct db_params *params, struct arena *arena, const char *key,
                   const char *value);
const char *db_params_get(const struct db_params *params, const char *key); /* or NULL */
/*
 * Adds what libpq would take from the service file and the environment (PGHOST,
 * PGSERVICE, …) and its defaults, for everything that is not set: who and where,
 * before anything is contacted. Never adds a password.
 */
void db_params_complete(struct db_params *params, struct arena *arena);
/*
 * The password that the service file has for the params' service; NULL: none. It is not among
 * the completed params, so that nothing records it; a child that gets no service needs it.
 */
const char *db_params_service_password(const struct db_params *params, struct arena *arena);
/* Appends "host=… port=… dbname=… user=…": what may be shown. No password, no key's passphrase.
 */
void db_params_redact(const struct db_params *params, struct strbuf *out);
/* The same from a text; "(unreadable connection string)" when it cannot be parsed. */
void db_conninfo_redact(struct str text, struct strbuf *out);

/* ---------------------------------------------------------------- sessions */

enum db_state {
    DB_DOWN,       /* no connection, never had one or closed it; db_connect() */
    DB_CONNECTING, /* waiting for the server's greeting, or for our settings to be accepted */
    DB_IDLE,       /* ready for one request; an own transaction may be open */
    DB_BUSY,       /* a request is in flight; its reply comes */
    DB_DRAINING,   /* a cap was hit: the rest of the rows is read away; the reply comes */
    DB_LOST,       /* the connection broke; db_connect() for a new one */
    DB_STATE__COUNT
};

enum db_transaction {
    DB_TRANSACTION_NONE,    /* autocommit, no transaction open */
    DB_TRANSACTION_ACTIVE,  /* a request is in flight */
    DB_TRANSACTION_OPEN,    /* inside a transaction that can go on */
    DB_TRANSACTION_FAILED,  /* inside a transaction that can only be rolled back */
    DB_TRANSACTION_UNKNOWN, /* no connection */
};

/* A NOTICE, WARNING … or the FATAL that an idle session gets. Raw bytes, good during the call.
 */
struct db_notice {
    struct str severity; /* as the server names it untranslated: "NOTICE", "WARNING", "FATAL" */
    struct str sqlstate;
    struct str message;
    struct str detail;
    struct str hint;
};

struct db_hooks {
    /* CONNECTING → IDLE. */
    void (*connected)(void *ctx);
    /* CONNECTING → DOWN, or any later state → LOST; after the replies of what was in flight. */
    void (*lost)(void *ctx, const struct err *why);
    /* Called from within libpq: only take note; no send, close or connect on this session. */
    void (*notice)(void *ctx, const struct db_notice *notice);
};

struct db_setting {
    const char *name;
    const char *value;
};
/* How to connect. Borrowed during db_connect() only. */
struct db_target {
    const struct db_params *params; /* a password may be among them */
    const char *application_name;   /* "gonogo <session> <run>" */
    const char *search_path;        /* NULL: "pg_catalog, pg_temp", for our own sessions */
    bool looks_only;                /* default_transaction_read_only=on */
    int64_t idle_in_transaction_us; /* the dead man's switch; 0: the server's default */
    int64_t check_interval_us; /* client_connection_check_interval where the server (≥ 14)
                                  accepts it; 0: leave it */
    const struct db_setting *settings; /* more settings for the startup packet */
    size_t setting_count;
};

struct db_session;
struct db_session *db_new(const struct db_hooks *hooks, void *ctx); /* hooks are copied */
/* Closes and frees. Not from inside a callback of the same session. */
void db_free(struct db_session *session);

#define DB_NEVER INT64_MAX
/*
 * Starts to connect; `connected` or `lost` follows from a later db_ready(), also for
 * what libpq refuses at once. False and nothing started only when the session is not
 * DOWN or LOST, or a reply of a lost connection is still being delivered. Fixed for every
 * session: client_encoding UTF8, synchronous_commit on, TCP keepalives 30/10/3 s and
 * tcp_user_timeout 30 s on both sides, search_path, application_name.
 */
bool db_connect(struct db_session *session, const struct db_target *target, int64_t now_us,
                int64_t deadline_us, struct err *err) MUST_CHECK;
/* Says good-bye and goes DOWN. What is in flight gets an UNKNOWN reply first. No `lost`. */
void db_close(struct db_session *session);
/* After `lost` while connecting: did the server want a password that we did not have? */
bool db_needs_password(const struct db_session *session);

/* For the loop: fd -1 when there is nothing to wait for; deadline DB_NEVER when there is none.
 */
void db_wants(const struct db_session *session, int *fd, short *events, int64_t *deadline_us);
void db_ready(struct db_session *session, short revents, int64_t now_us);

enum db_state db_state(const struct db_session *session);
enum db_transaction db_transaction(const struct db_session *session);
/* Of the present or the lost connection; 0 before the first. */
int db_backend_pid(const struct db_session *session);
int db_server_version(const struct db_session *session); /* 150020; 0 when there is none */
/* server_version, session_authorization, in_hot_standby, is_superuser, TimeZone,
 * standard_conforming_strings …; NULL when the server did not report it. Borrowed. */
const char *db_parameter(const struct db_session *session, const char *name);
/* Where the session really went; "" when not known. Borrowed until the session closes. */
struct db_peer {
    const char *database;
    const char *user;
    const char *host;     /* name, or the socket's folder */
    const char *hostaddr; /* the address in use */
    const char *port;
    bool local; /* over a unix socket */
    bool tls;
    const char *tls_version; /* "TLSv1.3" */
    const char *tls_cipher;
    bool used_password;
};
struct db_peer db_peer(const struct db_session *session);

/* ---------------------------------------------------------------- requests */

enum db_outcome {
    DB_OK,      /* the server said so, and that its transaction state is settled */
    DB_FAILED,  /* it certainly did not happen */
    DB_UNKNOWN, /* nobody answered: connection lost, deadline passed */
};

/* The answer to one request. All texts are raw bytes and live in the request's arena, or,
 * without one, until the callback returns. Texts that the server did not send are empty. */
struct db_reply {
    enum db_outcome outcome;
    struct rows rows;    /* the first rows up to the caps; rows.cut when there were more */
    uint64_t rows_seen;  /* that the server sent, capped or not */
    struct str tag;      /* command tag of the last result: "COMMIT", "INSERT 0 5" */
    int64_t affected;    /* rows as the tag counts them; -1 when it does not */
    size_t result_count; /* results of a simple request; more than one: it was no statement */
    struct str sqlstate; /* empty when no server error arrived */
    struct str severity; /* untranslated: "ERROR", "FATAL" */
    struct str message;  /* the server's primary message, or libpq's own text */
    struct str detail;
    struct str hint;
    struct str context;
    struct str schema;
    struct str table;
    struct str column;
    struct str constraint;
    int64_t position;   /* of the error in the statement: characters from 1; 0 when none */
    int64_t elapsed_us; /* since the send, or since the previous reply of the batch */
    enum db_transaction transaction; /* after it; ACTIVE while a batch goes on */
    bool connection_lost;
    bool timed_out; /* our deadline passed; the session was closed because of it */
    bool skipped;   /* an earlier statement of its group failed; this one was not run */
};
/* Fills `err` from a reply that is not OK, sanitised: ERR_SQL for failed, ERR_UNKNOWN else.
 * Returns false, so that callers can `return db_reply_err(...)`. */
bool db_reply_err(const struct db_reply *reply, struct err *err);
/* One text for people: "ERROR 42P01: relation …", sanitised, on one line. */
void db_reply_text(const struct db_reply *reply, struct strbuf *out);

struct db_request {
    struct str sql; /* one statement; copied by the send */
    bool simple;    /* simple protocol, no parameters, for statements that need it or for speed;
                       that it is exactly one statement is then the caller's promise */
    const char *const *params; /* text values for $1…; NULL is SQL NULL; copied by the send */
    size_t param_count;
    bool single_row;  /* row by row: memory stays bounded whatever the server sends */
    size_t max_rows;  /* keep at most so many; 0: all */
    size_t max_bytes; /* keep at most so many bytes of cells; 0: all. libpq holds one
 row whole, however large it is */
    struct arena
        *arena; /* for rows and texts; NULL: the session's, good until `done` returns */
    const struct str *copy_data; /* for COPY … FROM stdin: the bytes, without the \. line;
                                    borrowed until `done` */
    int64_t deadline_us; /* absolute; at it the session is closed and the reply is UNKNOWN;
                            0 or DB_NEVER: none */
    int64_t limit_us;    /* the same, counted from the send, or from the reply before it in a
                            batch; 0: none */
    bool sync; /* only in a batch: a Sync follows; it ends a group that stands for itself */
    /* Gets each row as it comes instead of keeping it (single_row only); cells are good during
     * the call. False: no more rows, the rest is read away and counts as cut. */
    bool (*each_row)(void *ctx, const struct rows *row);
    /* A cap was hit and the rest is being read away: the moment to cancel from another session.
     * May be NULL. A cancelled rest makes the reply FAILED with 57014 and rows.cut set. */
    void (*cut)(void *ctx);
    /* Once per request. May send the next request on the same session, close it, but not free
     * it. */
    void (*done)(void *ctx, const struct db_reply *reply);
    void *ctx;
};

/* Sends one request. False: nothing was sent (not IDLE, NUL byte in the text, connection gone).
 */
bool db_send(struct db_session *session, const struct db_request *request, int64_t now_us,
             struct err *err) MUST_CHECK;

/*
 * Pipelines `count` requests (extended protocol; `simple` and `copy_data` are refused) in
 * one go. Groups end with `sync`, the last one in any case: after an error the rest of the
 * group is skipped, and the next group runs all the same. A group is one implicit
 * transaction unless it stands between BEGIN and COMMIT or ROLLBACK, so groups that change
 * anything belong there. Replies within a group come as the server has them, the last one's
 * with its Sync, so that it knows of errors that only come there.
 *
 * Each gets its `done` in order; then `finished`, with the state of the whole: FAILED when
 * any failed, `transaction` as it is now, the session IDLE again. `finished` may send again.
 * COPY has no way back in a pipeline: the connection is given up.
 */
bool db_send_batch(struct db_session *session, const struct db_request *requests, size_t count,
                   void (*finished)(void *ctx, const struct db_reply *), void *ctx,
                   int64_t now_us, struct err *err) MUST_CHECK;

/*
 * The last resort when no second session can run pg_cancel_backend(): opens another
 * connection, unencrypted, and blocks until the server has read the request. The
 * answer to the cancelled statement still comes by its reply.
 */
bool db_cancel_blocking(struct db_session *session, struct err *err) MUST_CHECK;

#endif
