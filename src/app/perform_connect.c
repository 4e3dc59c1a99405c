/* SPDX-License-Identifier: PostgreSQL */
/*
 * CONNECT: parameters, names, libpq, and then the question which backend and which
 * server this is. Only when a later session meets the server that LOOK_IDENTITY saw is
 * it told to the engine as connected.
 */
#include "perform_connect.h"

#define CONNECT_TIMEOUT_US (10 * US_PER_SECOND)
/* How soon the server notices that we are gone while it works for us. */
#define CHECK_INTERVAL_US (2 * US_PER_SECOND)

/* ------------------------------------------------------------- parameters */

static bool set_flag(struct db_params *params, struct arena *arena, const char *key,
                     const char *value, const char *what, struct err *err)
{
    if (!value || value[0] == '\0') {
        return true;
    }
    const char *there = db_params_get(params, key);
    if (there && strcmp(there, value) != 0) {
        err_set(err, ERR_USAGE, "the plan's target says %s %s, the flag says %s", what, there,
                value);
        err_hint(err, "Nothing was contacted. Leave the flag out, or change the plan.");
        return false;
    }
    db_params_set(params, arena, key, value);
    return true;
}

/* libpq keyword, place in struct plan_target */
struct target_key {
    const char *key;
    size_t offset;
};
#define AT(member) offsetof(struct plan_target, member)
static const struct target_key target_keys[] = {
    {"service", AT(service)},
    {"host", AT(host)},
    {"hostaddr", AT(hostaddr)},
    {"port", AT(port)},
    {"dbname", AT(database)},
    {"user", AT(user)},
    {"sslmode", AT(sslmode)},
    {"sslrootcert", AT(sslrootcert)},
    {"sslcert", AT(sslcert)},
    {"sslkey", AT(sslkey)},
    {"passfile", AT(passfile)},
    {"channel_binding", AT(channel_binding)},
    {"connect_timeout", AT(connect_timeout)},
    {"target_session_attrs", AT(target_session_attrs)},
};
#undef AT

bool app_params(const struct plan_target *target, const struct app_connection *flags,
                struct arena *arena, struct db_params *params, struct err *err)
{
    *params = (struct db_params){0};
    if (target->conninfo.len > 0 && !db_conninfo_parse(target->conninfo, arena, params, err)) {
        if (err) {
            err->kind = ERR_USAGE;
        }
        return false;
    }
    for (size_t i = 0; i < COUNT_OF(target_keys); i++) {
        struct str value = *(const struct str *)((const char *)target + target_keys[i].offset);
        if (value.len > 0) {
            db_params_set(params, arena, target_keys[i].key, str_text(arena, value));
        }
    }
    if (flags && !(set_flag(params, arena, "service", flags->service, "service", err) &&
                   set_flag(params, arena, "host", flags->host, "host", err) &&
                   set_flag(params, arena, "port", flags->port, "port", err) &&
                   set_flag(params, arena, "dbname", flags->database, "database", err) &&
                   set_flag(params, arena, "user", flags->user, "user", err))) {
        return false;
    }
    db_params_complete(params, arena);
    if (flags && flags->password && flags->password[0] != '\0') {
        db_params_set(params, arena, "password", flags->password);
    }
    return true;
}

/* ----------------------------------------------------------------- begin */

static int64_t connect_timeout_us(const struct db_params *params)
{
    const char *text = db_params_get(params, "connect_timeout");
    int64_t seconds = 0;
    if (text && str_to_i64(str_from(text), &seconds) && seconds > 0) {
        return seconds * US_PER_SECOND;
    }
    return CONNECT_TIMEOUT_US;
}

static void connect_now(struct channel *session, const char *hostaddr)
{
    struct performer *performer = session->performer;
    struct arena *arena = &performer->arena;
    struct db_params params = {0};
    for (size_t i = 0; i < performer->params.count; i++) {
        db_params_set(&params, arena, performer->params.items[i].key,
                      performer->params.items[i].value);
    }
    if (hostaddr) {
        db_params_set(&params, arena, "hostaddr", str_text(arena, str_from(hostaddr)));
    }
    performer->resolved = params;
    struct str name =
        str_format(arena, "gonogo %s %s", session_words[session->which], performer->run_id);
    bool work = session->which == SESSION_WORK;
    /* A default of the role must not cut our own questions short, nor let them hang. */
    int64_t lock_us = wait_limit_us(&performer->plan->plan->safety);
    const struct db_setting settings[] = {
        {"statement_timeout", "0"},
        {"lock_timeout", str_format(arena, "%lld", (long long)(lock_us / US_PER_MS)).ptr}};
    struct db_target target = {
        .params = &performer->resolved,
        .application_name = name.ptr,
        .looks_only = session->which == SESSION_CHECK,
        .idle_in_transaction_us = performer->plan->plan->safety.idle_in_transaction_us,
        .check_interval_us = work ? CHECK_INTERVAL_US : 0,
        .settings = settings,
        .setting_count = COUNT_OF(settings),
    };
    session->lock_timeout_us = session->statement_timeout_us = -1;
    struct err err = {0};
    int64_t now_us = loop_now_us();
    if (!db_connect(session->db, &target, now_us, now_us + connect_timeout_us(&params), &err)) {
        session_failed(session, err.message);
    }
}

void connect_begin(struct channel *session)
{
    struct performer *performer = session->performer;
    const char *host = db_params_get(&performer->params, "host");
    const char *address = db_params_get(&performer->params, "hostaddr");
    if (session->attempts++ == 0) {
        session->trying_since_us = loop_now_us();
    }
    if (!host || address || !resolver_is_needed(host)) {
        connect_now(session, NULL);
        return;
    }
    struct err err = {0};
    session->resolver =
        resolver_start(host, loop_now_us() + connect_timeout_us(&performer->params), &err);
    if (!session->resolver) {
        session_failed(session, err.message);
    }
}

void connect_resolved(struct channel *session, int64_t now_us)
{
    struct err err = {0};
    struct strbuf addresses = {0};
    if (!resolver_take(session->resolver, now_us, &addresses, &err)) {
        return;
    }
    resolver_free(session->resolver);
    session->resolver = NULL;
    if (err.kind != ERR_NONE) {
        session_failed(session, err.message);
    } else {
        connect_now(session, addresses.ptr);
    }
    strbuf_release(&addresses);
}

/* --------------------------------------------------------------- identify */

static void tell_connected(struct channel *session)
{
    session->ready = true;
    session->attempts = 0;
    performer_emit(session->performer,
                   &(struct event){.kind = EVENT_CONNECTED,
                                   .session = session->which,
                                   .script = -1,
                                   .pid = session->pid,
                                   .backend_start_us = session->backend_start_us});
}

/* The watch may be silent for hours; a server that ends idle sessions would take the lock away.
 */
static bool must_stay(const struct channel *session)
{
    enum {
        FIRST_WITH_IDLE_SESSION_TIMEOUT = 140000
    };
    return session->which != SESSION_WORK &&
           db_server_version(session->db) >= FIRST_WITH_IDLE_SESSION_TIMEOUT;
}

static struct str who_answers(struct job *job, const struct db_reply *reply)
{
    struct channel *session = job->session;
    struct catalog_identity identity = {0};
    struct err err = {0};
    struct str why = {0};
    if (reply->outcome != DB_OK) {
        return job_reply_text(job, reply);
    }
    if (!catalog_identity_read(&reply->rows, &job->arena, &identity, &err)) {
        return str_dup(&job->arena, str_from(err.message));
    }
    /* A pooler greets with a number of its own, whatever its mode; a server with the backend's.
     */
    if (identity.backend_pid != db_backend_pid(session->db)) {
        return STR(POOLER_WORDS);
    }
    session->other_timeline = identity_has_moved(session->performer, &identity);
    if (!identity_is_same(session->performer, &identity, &job->arena, &why)) {
        return why;
    }
    session->pid = identity.backend_pid;
    if (!time_from_text(identity.backend_start, &session->backend_start_us)) {
        session->backend_start_us = 0;
    }
    return (struct str){0};
}

void connect_identify(struct job *job, const struct db_reply *reply)
{
    struct channel *session = job->session;
    if (!reply) {
        job_ask(job, catalog_identity_query(), NULL, 0);
        return;
    }
    if (job->stage++ > 0) {
        tell_connected(session);
        job_end(job);
        return;
    }
    struct str why = who_answers(job, reply);
    if (why.len > 0) {
        /* Not here: the job must end before its session does. */
        session->failing = str_text(&session->performer->arena, why);
        job_end(job);
    } else if (must_stay(session)) {
        job_ask(job, "select pg_catalog.set_config('idle_session_timeout', '0', false)", NULL,
                0);
    } else {
        tell_connected(session);
        job_end(job);
    }
}
