/* SPDX-License-Identifier: PostgreSQL */
/*
 * The connection and its states.
 *
 * libpq's own connect_timeout is ignored by PQconnectPoll, so the deadline is ours.
 * Every failure to connect arrives by the `lost` hook, even one that libpq knows at
 * once, so that callers have one place for it. Settings travel in the startup packet:
 * nothing of the database's can run before search_path is pinned. Only
 * client_connection_check_interval comes after, because an older server, or one on a
 * system without the needed poll(), would refuse the whole connection over it.
 */
#include "db_internal.h"

#include <assert.h>
#include <poll.h>

enum {
    PARAMS_MAX = 80,
    VERSION_WITH_CHECK_INTERVAL = 140000
};

/* Each of our parameters that the caller's may override: a dead peer is noticed within a
 * minute.
 */
static const struct db_param usual[] = {
    {"keepalives", "1"},       {"keepalives_idle", "30"},     {"keepalives_interval", "10"},
    {"keepalives_count", "3"}, {"tcp_user_timeout", "30000"},
};

/* Settings of every session; a unix socket ignores the TCP ones. */
static const struct db_setting fixed_settings[] = {
    {"synchronous_commit", "on"},      {"tcp_keepalives_idle", "30"},
    {"tcp_keepalives_interval", "10"}, {"tcp_keepalives_count", "3"},
    {"tcp_user_timeout", "30000"},
};

/* ----------------------------------------------------------------- notices */

static void receive_notice(void *arg, const PGresult *result)
{
    struct db_session *session = arg;
    if (session->hooks.notice == NULL) {
        return;
    }
    struct db_notice notice = {
        .severity = result_field(result, PG_DIAG_SEVERITY_NONLOCALIZED),
        .sqlstate = result_field(result, PG_DIAG_SQLSTATE),
        .message = result_field(result, PG_DIAG_MESSAGE_PRIMARY),
        .detail = result_field(result, PG_DIAG_MESSAGE_DETAIL),
        .hint = result_field(result, PG_DIAG_MESSAGE_HINT),
    };
    if (notice.message.len == 0) { /* libpq's own words have no fields */
        notice.severity = STR("WARNING");
        notice.message = str_trim(str_from(PQresultErrorMessage(result)));
    }
    session->calls++;
    session->in_notice = true;
    session->hooks.notice(session->ctx, &notice);
    session->in_notice = false;
    session->calls--;
}

/* ------------------------------------------------------------ new and free */

struct db_session *db_new(const struct db_hooks *hooks, void *ctx)
{
    struct db_session *session = mem_zero(1, sizeof(*session));
    session->hooks = hooks != NULL ? *hooks : (struct db_hooks){0};
    session->ctx = ctx;
    session->deadline_us = DB_NEVER;
    return session;
}

static void drop_connection(struct db_session *session)
{
    assert(!session->in_notice);   /* libpq stands between us and itself */
    PQfinish(session->connection); /* NULL is allowed */
    session->connection = NULL;
    session->settling = false;
    session->unflushed = false;
    session->broken = false;
    session->deadline_us = DB_NEVER;
}

void db_free(struct db_session *session)
{
    if (session == NULL) {
        return;
    }
    assert(session->calls == 0);
    session->hooks = (struct db_hooks){0};
    db_close(session);
    arena_release(&session->arena);
    if (session->text.ptr != NULL) {
        strbuf_release(&session->text);
    }
    free(session->flight.items);
    free(session);
}

static bool has_flight(const struct db_session *session)
{
    return session->state == DB_BUSY || session->state == DB_DRAINING;
}

/* Closes the socket, answers what is in flight with UNKNOWN, goes to `state`. */
static void session_give_up(struct db_session *session, enum db_state state, const char *why,
                            bool timed_out, int64_t now_us)
{
    bool in_flight = has_flight(session);
    bool connecting = session->state == DB_CONNECTING;
    struct arena arena = {0};
    struct db_reply words = {0};
    struct err err = {0};

    /* before the connection that owns `why` goes */
    reply_take_text(&words, &arena, why[0] != '\0' ? why : "the connection was lost");
    const char *reason = str_text(&arena, words.message);
    (void)err_set(&err, ERR_CONNECT, "%.*s", STR_ARG(sanitise_line(&arena, words.message)));
    if (words.detail.len > 0) {
        err_detail(&err, "%.*s", STR_ARG(sanitise_line(&arena, words.detail)));
    }
    if (connecting) {
        session->needs_password = PQconnectionNeedsPassword(session->connection) != 0;
        err_hint(&err, "Nothing was changed. Check host, port, database, role and password.");
    } else {
        err_hint(&err, "Connect again and ask the server what became of the last statement.");
    }
    session->state = state;
    drop_connection(session);
    if (in_flight) {
        session->failing = true;
        flight_abandon(session, reason, timed_out, now_us);
        session->failing = false;
    }
    bool told = connecting || session->state == DB_LOST;
    if (told && session->hooks.lost != NULL && session->state == state) {
        session->calls++;
        session->hooks.lost(session->ctx, &err);
        session->calls--;
    }
    arena_release(&arena);
}

void db_close(struct db_session *session)
{
    bool in_flight = has_flight(session);
    session->state = DB_DOWN;
    drop_connection(session);
    if (in_flight) {
        session->failing = true;
        flight_abandon(session, "the session was closed before the answer came", false,
                       session->flight.since_us);
        session->failing = false;
    }
}

/* ---------------------------------------------------------------- connect */

/* -c name=value, with spaces and backslashes escaped as the server's pg_split_opts() wants. */
static void add_option(struct strbuf *options, const char *name, const char *value)
{
    strbuf_format(options, " -c %s=", name);
    for (const char *at = value; *at != '\0'; at++) {
        if (*at == ' ' || *at == '\\' || *at == '\t' || *at == '\n') {
            strbuf_byte(options, '\\');
        }
        strbuf_byte(options, *at);
    }
}

static void add_options(struct strbuf *options, const struct db_target *target)
{
    const char *given = db_params_get(target->params, "options");
    if (given == NULL) {
        given = getenv("PGOPTIONS"); /* ours would hide it from libpq */
    }
    strbuf_text(options, given != NULL ? given : "");
    add_option(options, "search_path",
               target->search_path != NULL ? target->search_path : "pg_catalog, pg_temp");
    for (size_t i = 0; i < COUNT_OF(fixed_settings); i++) {
        add_option(options, fixed_settings[i].name, fixed_settings[i].value);
    }
    if (target->looks_only) {
        add_option(options, "default_transaction_read_only", "on");
    }
    if (target->idle_in_transaction_us > 0) {
        char text[32];
        (void)snprintf(text, sizeof(text), "%lld",
                       (long long)(target->idle_in_transaction_us / US_PER_MS));
        add_option(options, "idle_in_transaction_session_timeout", text);
    }
    for (size_t i = 0; i < target->setting_count; i++) {
        add_option(options, target->settings[i].name, target->settings[i].value);
    }
}

struct keywords {
    const char *keys[PARAMS_MAX + 1];
    const char *values[PARAMS_MAX + 1];
    size_t count;
};

static void add_keyword(struct keywords *list, const char *key, const char *value)
{
    if (list->count < PARAMS_MAX) { /* libpq knows about forty */
        list->keys[list->count] = key;
        list->values[list->count] = value;
        list->count++;
    }
}

bool db_connect(struct db_session *session, const struct db_target *target, int64_t now_us,
                int64_t deadline_us, struct err *err)
{
    if ((session->state != DB_DOWN && session->state != DB_LOST) || session->failing) {
        return err_set(err, ERR_INTERNAL, "the session is in use and cannot connect");
    }
    struct keywords list = {0};
    struct strbuf options = {0};
    for (size_t i = 0; i < COUNT_OF(usual); i++) {
        add_keyword(&list, usual[i].key, usual[i].value);
    }
    for (size_t i = 0; i < target->params->count; i++) {
        add_keyword(&list, target->params->items[i].key, target->params->items[i].value);
    }
    /* A session that only looks is read-only by our own setting: libpq would refuse the right
     * server for it. */
    const char *attributes = db_params_get(target->params, "target_session_attrs");
    if (target->looks_only && attributes != NULL && strcmp(attributes, "read-write") == 0) {
        add_keyword(&list, "target_session_attrs", "primary");
    }
    add_options(&options, target);
    add_keyword(&list, "options", options.ptr);
    add_keyword(&list, "client_encoding", "UTF8");
    if (target->application_name != NULL) {
        add_keyword(&list, "application_name", target->application_name);
    }
    session->needs_password = false;
    session->backend_pid = 0;
    session->check_interval_us = target->check_interval_us;
    session->connect_since_us = now_us;
    session->connect_deadline_us = deadline_us;
    session->connection = PQconnectStartParams(list.keys, list.values, 0);
    strbuf_release(&options);
    if (session->connection == NULL) {
        die_no_memory();
    }
    (void)PQsetNoticeReceiver(session->connection, receive_notice, session);
    session->polling = PQstatus(session->connection) == CONNECTION_BAD ? PGRES_POLLING_FAILED
                                                                       : PGRES_POLLING_WRITING;
    session->state = DB_CONNECTING;
    return true;
}

static void become_idle(struct db_session *session)
{
    session->settling = false;
    session->state = DB_IDLE;
    if (session->hooks.connected != NULL) {
        session->calls++;
        session->hooks.connected(session->ctx);
        session->calls--;
    }
}

/* The greeting is over: the last of our settings, where the server may know it. */
static void settle(struct db_session *session)
{
    char sql[80];
    session->backend_pid = PQbackendPID(session->connection);
    if (PQsetnonblocking(session->connection, 1) != 0) {
        session->broken = true;
        return;
    }
    if (session->check_interval_us <= 0 ||
        PQserverVersion(session->connection) < VERSION_WITH_CHECK_INTERVAL) {
        become_idle(session);
        return;
    }
    (void)snprintf(sql, sizeof(sql), "SET client_connection_check_interval = %lld",
                   (long long)(session->check_interval_us / US_PER_MS));
    session->settling = true;
    session->broken = PQsendQuery(session->connection, sql) == 0;
    session_flush(session);
}

static void read_settled(struct db_session *session)
{
    while (PQstatus(session->connection) == CONNECTION_OK && !PQisBusy(session->connection)) {
        PGresult *result = PQgetResult(session->connection);
        if (result == NULL) {
            become_idle(session);
            return;
        }
        PQclear(result); /* refused: this server or its system cannot do it; nothing is lost */
    }
}

static void advance_connecting(struct db_session *session, short revents, int64_t now_us)
{
    if (session->settling) {
        (void)PQconsumeInput(session->connection); /* PQstatus tells */
        session_flush(session);
        read_settled(session);
    } else if (session->polling != PGRES_POLLING_FAILED && revents != 0) {
        session->polling = PQconnectPoll(session->connection);
        if (session->polling == PGRES_POLLING_OK) {
            settle(session);
        }
    }
    if (session->state != DB_CONNECTING) {
        return;
    }
    if (session->polling == PGRES_POLLING_FAILED || session->broken ||
        PQstatus(session->connection) == CONNECTION_BAD) {
        session_give_up(session, DB_DOWN, PQerrorMessage(session->connection), false, now_us);
    } else if (now_us >= session->connect_deadline_us) {
        char why[80];
        double waited_s = (double)(now_us - session->connect_since_us) / (double)US_PER_SECOND;
        (void)snprintf(why, sizeof(why), "no connection within %.1f s", waited_s);
        session_give_up(session, DB_DOWN, why, true, now_us);
    }
}

/* ------------------------------------------------------------ for the loop */

void session_flush(struct db_session *session)
{
    session->unflushed = PQflush(session->connection) == 1;
}

static short read_or_write(const struct db_session *session)
{
    return session->unflushed ? POLLIN | POLLOUT : POLLIN;
}

void db_wants(const struct db_session *session, int *fd, short *events, int64_t *deadline_us)
{
    *fd = -1;
    *events = 0;
    *deadline_us = DB_NEVER;
    if (session->connection == NULL) {
        return;
    }
    bool connecting = session->state == DB_CONNECTING;
    if (session->broken || PQsocket(session->connection) < 0 ||
        (connecting && session->polling == PGRES_POLLING_FAILED)) {
        *deadline_us = 0; /* it is over; db_ready() says so */
        return;
    }
    *fd = PQsocket(session->connection);
    *deadline_us = connecting ? session->connect_deadline_us : session->deadline_us;
    if (!connecting || session->settling) {
        *events = read_or_write(session);
    } else {
        *events = session->polling == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    }
}

/* What came without being asked for: parameters, notices, notifications, the end. */
static void read_idle(struct db_session *session)
{
    PGnotify *notification = NULL;
    (void)PQisBusy(session->connection); /* parses */
    while ((notification = PQnotifies(session->connection)) != NULL) {
        PQfreemem(notification);
    }
}

void db_ready(struct db_session *session, short revents, int64_t now_us)
{
    if (session->connection == NULL) {
        return;
    }
    if (session->state == DB_CONNECTING) {
        advance_connecting(session, revents, now_us);
        return;
    }
    if (revents != 0) {
        (void)PQconsumeInput(session->connection); /* PQstatus tells */
        if (session->unflushed) {
            session_flush(session);
        }
    }
    if (has_flight(session)) {
        flight_process(session, now_us);
    } else {
        read_idle(session);
    }
    if (session->connection == NULL || session->state == DB_CONNECTING) {
        return; /* a callback closed it, or has begun anew */
    }
    if (session->broken || PQstatus(session->connection) == CONNECTION_BAD) {
        session_give_up(session, DB_LOST, PQerrorMessage(session->connection), false, now_us);
    } else if (has_flight(session) && now_us >= session->deadline_us) {
        session_give_up(session, DB_LOST,
                        "no answer before the deadline; the connection was closed", true,
                        now_us);
    }
}

/* ------------------------------------------------------------- what it is */

enum db_state db_state(const struct db_session *session)
{
    return session->state;
}

enum db_transaction session_transaction(const struct db_session *session)
{
    if (session->connection == NULL) {
        return DB_TRANSACTION_UNKNOWN;
    }
    switch (PQtransactionStatus(session->connection)) {
    case PQTRANS_IDLE:
        return DB_TRANSACTION_NONE;
    case PQTRANS_ACTIVE:
        return DB_TRANSACTION_ACTIVE;
    case PQTRANS_INTRANS:
        return DB_TRANSACTION_OPEN;
    case PQTRANS_INERROR:
        return DB_TRANSACTION_FAILED;
    case PQTRANS_UNKNOWN:
        break;
    }
    return DB_TRANSACTION_UNKNOWN;
}

enum db_transaction db_transaction(const struct db_session *session)
{
    return session_transaction(session);
}

bool db_needs_password(const struct db_session *session)
{
    return session->needs_password;
}

int db_backend_pid(const struct db_session *session)
{
    return session->backend_pid;
}

int db_server_version(const struct db_session *session)
{
    return session->connection != NULL ? PQserverVersion(session->connection) : 0;
}

const char *db_parameter(const struct db_session *session, const char *name)
{
    return session->connection != NULL ? PQparameterStatus(session->connection, name) : NULL;
}

static const char *or_empty(const char *text)
{
    return text != NULL ? text : "";
}

struct db_peer db_peer(const struct db_session *session)
{
    PGconn *connection = session->connection;
    bool tls = connection != NULL && PQsslInUse(connection) != 0;
    const char *host = or_empty(PQhost(connection));
    return (struct db_peer){
        .database = or_empty(PQdb(connection)),
        .user = or_empty(PQuser(connection)),
        .host = host,
        .hostaddr = or_empty(PQhostaddr(connection)),
        .port = or_empty(PQport(connection)),
        .local = host[0] == '/' || host[0] == '@',
        .tls = tls,
        .tls_version = tls ? or_empty(PQsslAttribute(connection, "protocol")) : "",
        .tls_cipher = tls ? or_empty(PQsslAttribute(connection, "cipher")) : "",
        .used_password = connection != NULL && PQconnectionUsedPassword(connection) != 0,
    };
}

bool db_cancel_blocking(struct db_session *session, struct err *err)
{
    char complaint[256] = "no connection";
    PGcancel *cancel = PQgetCancel(session->connection);
    bool sent = cancel != NULL && PQcancel(cancel, complaint, sizeof(complaint)) != 0;
    PQfreeCancel(cancel);
    if (!sent) {
        struct strbuf text = {0};
        sanitise(&text, str_trim(str_from(complaint)), SANITISE_LINE);
        (void)err_set(err, ERR_CONNECT, "cannot cancel the statement: %s", text.ptr);
        err_hint(err, "It may still be running; look for the backend in pg_stat_activity.");
        strbuf_release(&text);
    }
    return sent;
}
