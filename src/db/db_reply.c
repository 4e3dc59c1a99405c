/* SPDX-License-Identifier: PostgreSQL */
/*
 * From libpq's results to replies, and from replies to errors for people.
 *
 * A reply holds raw bytes, because the journal records what the server really said;
 * db_reply_err() and db_reply_text() are the doors to eyes, so they sanitise. What
 * libpq itself has to say (no connection any more) comes as one text of several
 * lines: the first becomes the message, the rest the detail.
 */
#include "db_internal.h"

struct str result_field(const PGresult *result, int field)
{
    return str_from(PQresultErrorField(result, field));
}

/* A field of the error and where it stands in the reply. */
struct field {
    int code;
    size_t offset;
};

static const struct field fields[] = {
    {PG_DIAG_SQLSTATE, offsetof(struct db_reply, sqlstate)},
    {PG_DIAG_SEVERITY_NONLOCALIZED, offsetof(struct db_reply, severity)},
    {PG_DIAG_MESSAGE_PRIMARY, offsetof(struct db_reply, message)},
    {PG_DIAG_MESSAGE_DETAIL, offsetof(struct db_reply, detail)},
    {PG_DIAG_MESSAGE_HINT, offsetof(struct db_reply, hint)},
    {PG_DIAG_CONTEXT, offsetof(struct db_reply, context)},
    {PG_DIAG_SCHEMA_NAME, offsetof(struct db_reply, schema)},
    {PG_DIAG_TABLE_NAME, offsetof(struct db_reply, table)},
    {PG_DIAG_COLUMN_NAME, offsetof(struct db_reply, column)},
    {PG_DIAG_CONSTRAINT_NAME, offsetof(struct db_reply, constraint)},
};

void reply_take_text(struct db_reply *reply, struct arena *arena, const char *text)
{
    struct str rest = str_trim(str_from(text));
    struct str first = {0};
    if (str_cut(&rest, '\n', &first)) {
        reply->message = str_dup(arena, str_trim(first));
        reply->detail = str_dup(arena, str_trim(rest));
    }
}

void reply_take_error(struct db_reply *reply, struct arena *arena, const PGresult *result)
{
    if (PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) == NULL) {
        reply_take_text(reply, arena, PQresultErrorMessage(result));
        return;
    }
    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        struct str text = result_field(result, fields[i].code);
        if (text.len > 0) {
            struct str *place = (struct str *)(void *)((char *)reply + fields[i].offset);
            *place = str_dup(arena, text);
        }
    }
    int64_t position = 0;
    if (str_to_i64(result_field(result, PG_DIAG_STATEMENT_POSITION), &position)) {
        reply->position = position;
    }
}

void reply_take_tag(struct db_reply *reply, struct arena *arena, PGresult *result)
{
    int64_t affected = 0;
    reply->tag = str_dup(arena, str_from(PQcmdStatus(result)));
    reply->affected = str_to_i64(str_from(PQcmdTuples(result)), &affected) ? affected : -1;
}

bool db_reply_err(const struct db_reply *reply, struct err *err)
{
    struct arena arena = {0};
    bool unknown = reply->outcome == DB_UNKNOWN;
    struct str message = sanitise_line(&arena, reply->message);
    if (message.len == 0) {
        message = unknown ? STR("the server did not answer") : STR("the statement failed");
    }
    (void)err_set(err, unknown ? ERR_UNKNOWN : ERR_SQL, "%.*s", STR_ARG(message));
    if (err != NULL && reply->sqlstate.len == sizeof(err->sqlstate) - 1) {
        memcpy(err->sqlstate, reply->sqlstate.ptr, sizeof(err->sqlstate) - 1);
        err->sqlstate[sizeof(err->sqlstate) - 1] = '\0';
    }
    if (reply->detail.len > 0) {
        err_detail(err, "%.*s", STR_ARG(sanitise_line(&arena, reply->detail)));
    }
    if (reply->hint.len > 0) {
        err_hint(err, "%.*s", STR_ARG(sanitise_line(&arena, reply->hint)));
    } else if (unknown) {
        err_hint(err, "Whether the statement took effect is not known until the server is "
                      "asked again.");
    }
    arena_release(&arena);
    return false;
}

void db_reply_text(const struct db_reply *reply, struct strbuf *out)
{
    struct arena arena = {0};
    struct str message = sanitise_line(&arena, reply->message);
    if (reply->sqlstate.len > 0) {
        strbuf_format(out, "%.*s %.*s: ", STR_ARG(sanitise_line(&arena, reply->severity)),
                      STR_ARG(sanitise_line(&arena, reply->sqlstate)));
    }
    if (message.len > 0) {
        strbuf_add(out, message);
    } else {
        strbuf_add(out, sanitise_line(&arena, reply->tag));
    }
    arena_release(&arena);
}
