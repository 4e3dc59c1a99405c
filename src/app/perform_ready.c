/* SPDX-License-Identifier: PostgreSQL */
/*
 * LOOK_READY: the work session is made clean before each script, and everything that
 * was true at the approval is looked at once more: the file's bytes, the server, the
 * ledger. Settings are set by parameter and then read back, because a setting that
 * silently did not take (or leaked from the file before) changes what the next file does.
 */
#include "perform_look.h"

#include <fcntl.h>
#include <unistd.h>

#include "files.h"

/* ------------------------------------------------------------- the file's bytes */

/* Hashes piece by piece: a large file is in memory once already. False: cannot be read. */
static bool hash_file(const struct performer *performer, struct str path, int64_t size,
                      struct sha256_hex *hash, struct err *err)
{
    int64_t found = 0;
    int root = files_open_directory(AT_FDCWD, performer->plan->folder, NULL, err);
    int fd = root >= 0 ? files_open_beneath(root, path, O_RDONLY, 0, NULL, err) : -1;
    bool read = fd >= 0 && files_size(fd, &found, err) &&
                (found != size || files_sha256(fd, hash, err)); /* else it differs anyway */
    if (fd >= 0) {
        close(fd);
    }
    if (root >= 0) {
        close(root);
    }
    return read;
}

/* Is the file on the disk still what was approved? What runs are the approved bytes anyway. */
static bool file_is_same(struct job *job, const struct run_script *script, struct str *why)
{
    struct err err = {0};
    struct str path = script->file;
    struct sha256_hex approved = sha256_of(script->sql->text);
    struct sha256_hex now = {0};
    bool read = hash_file(job->performer, path, (int64_t)script->sql->text.len, &now, &err);
    bool same = read && str_is(sha256_str(&approved), sha256_str(&now));
    if (!same) {
        *why =
            str_format(&job->arena,
                       "%.*s is not the file that was approved any more (sha256 %s)%s%s; "
                       "nothing of it was sent; start a new gonogo run of the plan, "
                       "which skips what the ledger has",
                       STR_ARG(path), approved.text, read ? "" : ": ", read ? "" : err.message);
    }
    return same;
}

/* ----------------------------------------------------------------- settings */

enum {
    SETTINGS_MAX = 16
};
struct wanted {
    const char *name;
    const char *value; /* as pg_settings.setting says it */
};
struct ready {
    struct wanted wanted[SETTINGS_MAX];
    size_t count;
};

static void want(struct ready *ready, const char *name, const char *value)
{
    ready->wanted[ready->count++] = (struct wanted){name, value};
}

static const char *milliseconds(struct arena *arena, int64_t us)
{
    return str_format(arena, "%lld", (long long)(us / US_PER_MS)).ptr;
}

static void want_all(struct job *job, struct ready *ready)
{
    struct performer *performer = job->performer;
    const struct plan_safety *safety = &performer->plan->plan->safety;
    want(ready, "role", "none");
    want(ready, "search_path", str_text(&job->arena, performer->search_path));
    want(ready, "lock_timeout", milliseconds(&job->arena, safety->lock_timeout_us));
    want(ready, "statement_timeout", milliseconds(&job->arena, safety->statement_timeout_us));
    want(ready, "idle_in_transaction_session_timeout",
         milliseconds(&job->arena, safety->idle_in_transaction_us));
    want(ready, "synchronous_commit", "on");
    want(ready, "row_security", "on");
    want(ready, "default_transaction_read_only", "off");
    want(ready, "default_transaction_isolation", "read committed");
    want(ready, "standard_conforming_strings", "on");
    want(ready, "check_function_bodies", "on");
    want(ready, "client_min_messages", "notice");
    want(ready, "client_encoding", "UTF8");
}

/* select pg_catalog.set_config($1, $2, false), … : one round trip, values as parameters. */
static void ask_set(struct job *job, const struct ready *ready)
{
    struct strbuf sql = {0};
    const char **params = arena_array(&job->arena, 2 * ready->count, sizeof(*params));
    strbuf_text(&sql, "select ");
    for (size_t i = 0; i < ready->count; i++) {
        params[2 * i] = ready->wanted[i].name;
        params[2 * i + 1] = ready->wanted[i].value;
        strbuf_format(&sql, "%spg_catalog.set_config($%zu, $%zu, false)", i > 0 ? ", " : "",
                      2 * i + 1, 2 * i + 2);
    }
    const char *text = str_text(&job->arena, strbuf_str(&sql));
    strbuf_release(&sql);
    job_ask(job, text, params, 2 * ready->count);
}

static void ask_shown(struct job *job)
{
    job_ask(job,
            "select s.name, s.setting from pg_catalog.pg_settings s "
            "union all select 'role', pg_catalog.current_setting('role')",
            NULL, 0);
}

static bool settings_hold(struct job *job, const struct ready *ready, const struct rows *rows,
                          struct str *why)
{
    for (size_t i = 0; i < ready->count; i++) {
        const struct wanted *wanted = &ready->wanted[i];
        struct str shown = {0};
        for (size_t row = 0; row < rows->row_count; row++) {
            if (str_eq(rows_text(rows, row, 0), wanted->name)) {
                shown = rows_text(rows, row, 1);
            }
        }
        if (!str_eq(shown, wanted->value)) {
            *why = str_format(&job->arena,
                              "the setting %s did not take: wanted \"%s\", the server says "
                              "\"%.*s\"",
                              wanted->name, wanted->value, STR_ARG(shown));
            return false;
        }
    }
    return true;
}

/* ------------------------------------------------------- taking settings back */

static void settings_are_clean(struct channel *session)
{
    const struct plan_safety *safety = &session->performer->plan->plan->safety;
    session->lock_timeout_us = safety->lock_timeout_us;
    session->statement_timeout_us = safety->statement_timeout_us;
    session->clean = true;
}

/*
 * A file may leave on whatever it likes: a role, a path, a time limit, another encoding,
 * triggers switched off. RESET takes all of it back, in the order of the rights that it
 * needs: only who logged in may become himself again, and RESET ALL asks for no right.
 */
enum settings_end settings_reset(struct job *job, int *stage, const struct db_reply *reply)
{
    static const char *const commands[] = {"reset session authorization", "reset role",
                                           "reset all"};
    struct channel *session = job->session;
    if (session->clean) {
        return SETTINGS_CLEAN;
    }
    if (reply && *stage > 0 && reply->outcome != DB_OK) {
        return SETTINGS_REFUSED;
    }
    size_t at = (size_t)(*stage)++;
    if (at < COUNT_OF(commands)) {
        job_say(job, commands[at]);
        return SETTINGS_ASKED;
    }
    if (at == COUNT_OF(commands)) {
        struct ready wanted = {.count = 0};
        want_all(job, &wanted);
        ask_set(job, &wanted);
        return SETTINGS_ASKED;
    }
    *stage = 0;
    settings_are_clean(session);
    return SETTINGS_CLEAN;
}

/* --------------------------------------------------------------------- steps */

enum ready_stage {
    READY_CLEAN,    /* DISCARD ALL was sent */
    READY_IDENTITY, /* who is there */
    READY_COLUMNS,  /* of the ledger */
    READY_ROW,      /* of this script in it */
    READY_SET,
    READY_SHOWN,
};

static void refuse(struct job *job, const char *id, struct str why)
{
    look_tell(job, OUTCOME_FAILED, str_from(id), why);
}

static void set_now(struct job *job)
{
    job->stage = READY_SET;
    ask_set(job, job->data);
}

static void after_identity(struct job *job, const struct db_reply *reply)
{
    struct catalog_identity identity;
    struct err err = {0};
    struct str why;
    if (!catalog_identity_read(&reply->rows, &job->arena, &identity, &err)) {
        refuse(job, "identity", str_from(err.message));
    } else if (!identity_is_same(job->performer, &identity, &job->arena, &why) ||
               !identity_fits(job->performer, &identity, &job->arena, &why)) {
        refuse(job, "identity", why);
    } else if (job->performer->has_ledger) {
        job->stage = READY_COLUMNS;
        ledger_ask_columns(job);
    } else {
        set_now(job);
    }
}

static void after_row(struct job *job, const struct db_reply *reply,
                      const struct run_script *script)
{
    struct performer *performer = job->performer;
    struct catalog_ledger_entry entry = ledger_entry_of(performer, script, &job->arena);
    const struct catalog_ledger_entry *found = NULL;
    struct err err = {0};
    if (!ledger_has_row(performer, job, reply, &entry, &found, &err)) {
        refuse(job, "settings", str_from(err.message));
        return;
    }
    if (found && script->kind == SCRIPT_MIGRATION) {
        performer_emit(performer, &(struct event){.kind = EVENT_LOOKED,
                                                  .look = LOOK_READY,
                                                  .outcome = OUTCOME_FAILED,
                                                  .script = job->effect.script,
                                                  .id = STR("applied"),
                                                  .text = STR("the ledger has it already"),
                                                  .value = found->applied_at_us});
        job_end(job);
        return;
    }
    set_now(job);
}

static void take_reply(struct job *job, const struct db_reply *reply,
                       const struct run_script *script)
{
    struct performer *performer = job->performer;
    struct err err = {0};
    struct str why;
    switch ((enum ready_stage)job->stage) {
    case READY_CLEAN:
        job->stage = READY_IDENTITY;
        job_ask(job, catalog_identity_query(), NULL, 0);
        return;
    case READY_IDENTITY:
        after_identity(job, reply);
        return;
    case READY_COLUMNS:
        if (!ledger_take_columns(performer, reply, &err)) {
            refuse(job, "settings", str_from(err.message));
        } else if (!performer->ledger.exists) {
            set_now(job);
        } else {
            struct catalog_ledger_entry entry = ledger_entry_of(performer, script, &job->arena);
            job->stage = READY_ROW;
            ledger_ask_row(job, &entry);
        }
        return;
    case READY_ROW:
        after_row(job, reply, script);
        return;
    case READY_SET:
        job->stage = READY_SHOWN;
        ask_shown(job);
        return;
    case READY_SHOWN:
        if (!settings_hold(job, job->data, &reply->rows, &why)) {
            refuse(job, "settings", why);
            return;
        }
        settings_are_clean(job->session);
        look_tell(job, OUTCOME_OK, (struct str){0}, STR("the session is clean"));
        return;
    }
}

void look_ready(struct job *job, const struct db_reply *reply)
{
    const struct run_script *script = script_of(job->performer, job->effect.script);
    struct str why;
    if (!script || !script->sql) {
        refuse(job, "settings", STR("there is no script to make ready for"));
        return;
    }
    if (!reply) {
        if (!file_is_same(job, script, &why)) {
            refuse(job, "changed", why);
            return;
        }
        struct ready *ready = arena_alloc(&job->arena, sizeof(*ready));
        want_all(job, ready);
        job->data = ready;
        job->session->lock_timeout_us = job->session->statement_timeout_us = -1;
        job->session->clean = false;
        job_say(job, "discard all");
        return;
    }
    if (reply->outcome != DB_OK) {
        refuse(job, "settings", job_reply_text(job, reply));
        return;
    }
    take_reply(job, reply, script);
}
