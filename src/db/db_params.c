/* SPDX-License-Identifier: PostgreSQL */
/*
 * Connection parameters: parsed and completed by libpq itself, so that we mean what
 * psql means, and shown without secrets.
 *
 * Redaction is an allow-list of what says who and where. It never touches the text
 * of a connection string: a text that libpq cannot parse is not shown at all,
 * because nobody can say which part of it is the password.
 */
#include "db_internal.h"

/* What may be shown, in this order. */
static const char *const shown[] = {"service", "host", "hostaddr", "port",
                                    "dbname",  "user", "sslmode",  "target_session_attrs"};

/* Never read from the environment into a list that outlives the connection. */
static const char *const secret[] = {"password", "sslpassword"};

static bool is_among(const char *const *names, size_t count, const char *key)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], key) == 0) {
            return true;
        }
    }
    return false;
}

const char *db_params_get(const struct db_params *params, const char *key)
{
    for (size_t i = 0; i < params->count; i++) {
        if (strcmp(params->items[i].key, key) == 0) {
            return params->items[i].value;
        }
    }
    return NULL;
}

/* Grown in the arena, which has no realloc: the old array is left to it. */
static struct db_param *add_param(struct db_params *params, struct arena *arena)
{
    if (params->count == params->capacity) {
        size_t capacity = params->capacity == 0 ? 16 : 2 * params->capacity;
        struct db_param *items = arena_array(arena, capacity, sizeof(*items));
        for (size_t i = 0; i < params->count; i++) {
            items[i] = params->items[i];
        }
        params->items = items;
        params->capacity = capacity;
    }
    return &params->items[params->count++];
}

void db_params_set(struct db_params *params, struct arena *arena, const char *key,
                   const char *value)
{
    size_t at = 0;
    while (at < params->count && strcmp(params->items[at].key, key) != 0) {
        at++;
    }
    if (value == NULL || value[0] == '\0') {
        if (at < params->count) {
            params->count--;
            memmove(&params->items[at], &params->items[at + 1],
                    (params->count - at) * sizeof(*params->items));
        }
        return;
    }
    struct db_param *param = at < params->count ? &params->items[at] : add_param(params, arena);
    param->key = str_text(arena, str_from(key));
    param->value = str_text(arena, str_from(value));
}

/* libpq's reading of the text; NULL when it has none. Its own message may quote a secret. */
static PQconninfoOption *parse(struct str text)
{
    if (memchr(text.len > 0 ? text.ptr : "", '\0', text.len) != NULL) {
        return NULL;
    }
    struct strbuf copy = {0};
    char *complaint = NULL;
    strbuf_add(&copy, text);
    PQconninfoOption *options = PQconninfoParse(copy.ptr != NULL ? copy.ptr : "", &complaint);
    PQfreemem(complaint);
    if (copy.ptr != NULL) {
        memset(copy.ptr, 0, copy.len);
    }
    strbuf_release(&copy);
    return options;
}

bool db_conninfo_parse(struct str text, struct arena *arena, struct db_params *params,
                       struct err *err)
{
    PQconninfoOption *options = parse(text);
    if (options == NULL) {
        (void)err_set(err, ERR_USAGE, "the connection string cannot be read");
        err_detail(err, "It is not shown, because it may hold a password. Nothing was "
                        "contacted.");
        err_hint(err, "Write key=value pairs (host=… port=… dbname=… user=…) or a "
                      "postgresql:// URI as psql reads it.");
        return false;
    }
    for (const PQconninfoOption *option = options; option->keyword != NULL; option++) {
        if (option->val != NULL) {
            db_params_set(params, arena, option->keyword, option->val);
        }
    }
    PQconninfoFree(options);
    return true;
}

/* What libpq would fill in: the service of the params, the environment, its own defaults. */
static PQconninfoOption *defaults_of(const struct db_params *params, struct arena *arena)
{
    /* libpq reads a service only by way of PGSERVICE here; put back at once. */
    const char *service = db_params_get(params, "service");
    const char *old = getenv("PGSERVICE");
    const char *kept = str_text(arena, str_from(old));
    if (service != NULL) {
        (void)setenv("PGSERVICE", service, 1);
    }
    PQconninfoOption *options = PQconndefaults();
    if (service != NULL && old != NULL) {
        (void)setenv("PGSERVICE", kept, 1);
    } else if (service != NULL) {
        (void)unsetenv("PGSERVICE");
    }
    return options;
}

const char *db_params_service_password(const struct db_params *params, struct arena *arena)
{
    if (db_params_get(params, "service") == NULL) {
        return NULL;
    }
    const char *password = NULL;
    PQconninfoOption *options = defaults_of(params, arena);
    for (const PQconninfoOption *option = options; option != NULL && option->keyword != NULL;
         option++) {
        if (option->val != NULL && strcmp(option->keyword, "password") == 0) {
            password = str_text(arena, str_from(option->val));
        }
    }
    PQconninfoFree(options);
    return password;
}

void db_params_complete(struct db_params *params, struct arena *arena)
{
    PQconninfoOption *options = defaults_of(params, arena);
    for (const PQconninfoOption *option = options; option != NULL && option->keyword != NULL;
         option++) {
        if (option->val != NULL && db_params_get(params, option->keyword) == NULL &&
            !is_among(secret, COUNT_OF(secret), option->keyword)) {
            db_params_set(params, arena, option->keyword, option->val);
        }
    }
    PQconninfoFree(options);
    if (db_params_get(params, "dbname") == NULL) {
        db_params_set(params, arena, "dbname", db_params_get(params, "user"));
    }
}

void db_params_redact(const struct db_params *params, struct strbuf *out)
{
    bool first = true;
    for (size_t i = 0; i < COUNT_OF(shown); i++) {
        const char *value = db_params_get(params, shown[i]);
        if (value == NULL) {
            continue;
        }
        strbuf_format(out, "%s%s=", first ? "" : " ", shown[i]);
        sanitise(out, str_from(value), SANITISE_LINE);
        first = false;
    }
}

void db_conninfo_redact(struct str text, struct strbuf *out)
{
    struct arena arena = {0};
    struct db_params params = {0};
    struct err err = {0};
    if (db_conninfo_parse(text, &arena, &params, &err)) {
        db_params_redact(&params, out);
    } else {
        strbuf_text(out, "(unreadable connection string)");
    }
    arena_release(&arena);
}
