/* SPDX-License-Identifier: PostgreSQL */
/*
 * Argument vectors. Long options throughout, values joined with "=", so that no value
 * can be taken for an option; a file name that begins with a dash gets "./" before it.
 */
#include "pgtools.h"

#include <stdarg.h>

enum {
    ARGUMENTS_MAX = 64,
    DEFAULT_LOCK_TIMEOUT_MS = 60000, /* pg_dump itself would wait for ever */
};

/* An argument vector being filled; ARGUMENTS_MAX is far more than any function here adds. */
struct arguments {
    struct arena *arena;
    const char **items;
    size_t count;
};

static struct arguments begin(struct arena *arena, const char *program)
{
    struct arguments list = {.arena = arena};
    list.items = arena_array(arena, ARGUMENTS_MAX + 1, sizeof(*list.items));
    list.items[list.count++] = program;
    return list;
}

static void PRINTF_LIKE(2, 3) add(struct arguments *list, const char *format, ...)
{
    char small[64];
    va_list values;
    va_start(values, format);
    int length = vsnprintf(small, sizeof(small), format, values);
    va_end(values);
    if (length < 0 || list->count == ARGUMENTS_MAX) {
        return;
    }
    char *large = arena_alloc(list->arena, (size_t)length + 1);
    va_start(values, format);
    vsnprintf(large, (size_t)length + 1, format, values);
    va_end(values);
    list->items[list->count++] = large;
}

static void add_file(struct arguments *list, struct str file)
{
    add(list, "%s%.*s", str_starts(file, "-") ? "./" : "", STR_ARG(file));
}

struct str pgtools_partial_name(struct arena *arena, struct str file)
{
    return str_format(arena, "%.*s.partial", STR_ARG(file));
}

const char **pgtools_dump_argv(struct arena *arena, const struct pgtools_dump *dump)
{
    static const char *const formats[] = {
        [PLAN_FORMAT_UNSAID] = "custom",       [PLAN_FORMAT_CUSTOM] = "custom",
        [PLAN_FORMAT_DIRECTORY] = "directory", [PLAN_FORMAT_TAR] = "tar",
        [PLAN_FORMAT_PLAIN] = "plain",
    };
    int64_t lock_timeout_ms =
        dump->lock_timeout_us > 0 ? dump->lock_timeout_us / US_PER_MS : DEFAULT_LOCK_TIMEOUT_MS;
    struct arguments list = begin(arena, dump->program);
    add(&list, "--format=%s", formats[dump->format]);
    add(&list, "--file=%.*s", STR_ARG(pgtools_partial_name(arena, dump->file)));
    add(&list, "--lock-wait-timeout=%lld",
        (long long)(lock_timeout_ms > 0 ? lock_timeout_ms : 1));
    if (dump->snapshot.len > 0) {
        add(&list, "--snapshot=%.*s", STR_ARG(dump->snapshot));
    }
    if (dump->jobs > 1 && dump->format == PLAN_FORMAT_DIRECTORY) {
        add(&list, "--jobs=%lld", (long long)dump->jobs);
    }
    add(&list, "--no-password");
    add(&list, "--verbose");
    return list.items;
}

const char **pgtools_restore_argv(struct arena *arena, const struct pgtools_restore *restore)
{
    struct arguments list = begin(arena, restore->program);
    struct strbuf name = {0};
    /* A database name with "=" in it would be read as a connection string, so it always is one.
     */
    for (size_t i = 0; i < restore->database.len; i++) {
        char byte = restore->database.ptr[i];
        if (byte == '\'' || byte == '\\') {
            strbuf_byte(&name, '\\');
        }
        strbuf_byte(&name, byte);
    }
    add(&list, "--exit-on-error");
    add(&list, "--no-password");
    add(&list, "--verbose");
    if (restore->jobs > 1) {
        add(&list, "--jobs=%lld", (long long)restore->jobs);
    }
    add(&list, "--dbname=dbname='%s'", name.ptr ? name.ptr : "");
    add_file(&list, restore->file);
    strbuf_release(&name);
    return list.items;
}

const char **pgtools_list_argv(struct arena *arena, const char *program, struct str file)
{
    struct arguments list = begin(arena, program);
    add(&list, "--list");
    add_file(&list, file);
    return list.items;
}

const char **pgtools_schema_argv(struct arena *arena, const char *program, struct str file)
{
    struct arguments list = begin(arena, program);
    add(&list, "--schema-only");
    add(&list, "--file=-");
    add_file(&list, file);
    return list.items;
}

const char **pgtools_initdb_argv(struct arena *arena, const struct pgtools_scratch *scratch)
{
    struct str program = str_format(arena, "%.*s/initdb", STR_ARG(scratch->bindir));
    struct arguments list = begin(arena, str_text(arena, program));
    add(&list, "--pgdata=%.*s", STR_ARG(scratch->data));
    add(&list, "--username=%.*s", STR_ARG(scratch->user));
    add(&list, "--auth=trust");
    add(&list, "--no-sync");
    add(&list, "--locale=C");
    add(&list, "--encoding=UTF8");
    add(&list, "--wal-segsize=1");
    return list.items;
}

/* Settings of a scratch server: nothing is kept, nobody else comes in, restores are fast. */
static const char *const scratch_settings[] = {
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "dynamic_shared_memory_type=mmap", /* a killed one leaves nothing in /dev/shm */
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_wal_size=4GB",
    "maintenance_work_mem=256MB",
    "max_locks_per_transaction=256",
    "max_prepared_transactions=0",
    "autovacuum=off",
    "logging_collector=off",
    "log_statement=none",
    "ssl=off",
};

const char **pgtools_postgres_argv(struct arena *arena, const struct pgtools_scratch *scratch)
{
    int64_t megabyte = 1024 * 1024;
    int64_t buffers = scratch->shared_buffers > 0 ? scratch->shared_buffers : 128 * megabyte;
    struct str program = str_format(arena, "%.*s/postgres", STR_ARG(scratch->bindir));
    struct arguments list = begin(arena, str_text(arena, program));
    add(&list, "-D");
    add(&list, "%.*s", STR_ARG(scratch->data));
    add(&list, "-c");
    add(&list, "unix_socket_directories=%.*s", STR_ARG(scratch->socket));
    add(&list, "-c");
    add(&list, "shared_buffers=%lldkB", (long long)(buffers / 1024));
    for (size_t i = 0; i < COUNT_OF(scratch_settings); i++) {
        add(&list, "-c");
        add(&list, "%s", scratch_settings[i]);
    }
    return list.items;
}
