/* SPDX-License-Identifier: PostgreSQL */
/*
 * The environment of PostgreSQL's programs. Where they connect to is said here and
 * nowhere else: an argument vector is public on most machines. A password is not said
 * at all: libpq finds it in the passfile.
 */
#include "pgtools.h"

#include <stddef.h>

/*
 * name of the variable; member of the connection that it carries, or NOT_OURS; drop:
 * what the child must not inherit when we do not set it ourselves.
 */
#define NOT_OURS     SIZE_MAX
#define CARRIES(key) offsetof(struct pgtools_connection, key)
static const struct {
    const char *name;
    size_t member;
    bool drop;
} variables[] = {
    {"PGSERVICE", CARRIES(service), true},
    {"PGSERVICEFILE", CARRIES(servicefile), false},
    {"PGHOST", CARRIES(host), true},
    {"PGHOSTADDR", CARRIES(hostaddr), true},
    {"PGPORT", CARRIES(port), true},
    {"PGDATABASE", CARRIES(database), true},
    {"PGUSER", CARRIES(user), true},
    {"PGPASSFILE", CARRIES(passfile), false},
    {"PGSSLMODE", CARRIES(sslmode), false},
    {"PGSSLROOTCERT", CARRIES(sslrootcert), false},
    {"PGSSLCERT", CARRIES(sslcert), false},
    {"PGSSLKEY", CARRIES(sslkey), false},
    {"PGCHANNELBINDING", CARRIES(channel_binding), false},
    {"PGCONNECT_TIMEOUT", CARRIES(connect_timeout), false},
    {"PGAPPNAME", CARRIES(application_name), true},
    {"PGOPTIONS", NOT_OURS, true},
    {"PGCLIENTENCODING", NOT_OURS, true},
    {"PGDATESTYLE", NOT_OURS, true},
    {"PGTZ", NOT_OURS, true},
    {"PGTARGETSESSIONATTRS", NOT_OURS, true},
    {"PGLOADBALANCEHOSTS", NOT_OURS, true},
    {"PG_COLOR", NOT_OURS, true},
};

static struct str member_of(const struct pgtools_connection *connection, size_t member)
{
    struct str text = {0};
    if (member != NOT_OURS) {
        memcpy(&text, (const char *)connection + member, sizeof(text));
    }
    return text;
}

const char **pgtools_environment(struct arena *arena,
                                 const struct pgtools_connection *connection)
{
    const char **list = arena_array(arena, COUNT_OF(variables) + 2, sizeof(*list));
    size_t count = 0;
    for (size_t i = 0; i < COUNT_OF(variables); i++) {
        struct str value = member_of(connection, variables[i].member);
        if (value.len > 0) {
            struct str pair = str_format(arena, "%s=%.*s", variables[i].name, STR_ARG(value));
            list[count++] = str_text(arena, pair);
        }
    }
    list[count++] = "LC_ALL=C"; /* messages are parsed */
    list[count] = NULL;
    return list;
}

const char **pgtools_environment_unset(struct arena *arena,
                                       const struct pgtools_connection *connection)
{
    const char **list = arena_array(arena, COUNT_OF(variables) + 1, sizeof(*list));
    size_t count = 0;
    for (size_t i = 0; i < COUNT_OF(variables); i++) {
        if (variables[i].drop && member_of(connection, variables[i].member).len == 0) {
            list[count++] = variables[i].name;
        }
    }
    list[count] = NULL;
    return list;
}
