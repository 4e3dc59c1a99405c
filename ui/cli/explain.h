/* SPDX-License-Identifier: PostgreSQL */
/*
 * explain: what was learned about the files that `gonogo explain` was given, for those who
 * print it. Everything lives in the arena, but the bytes. Private to the command line.
 */
#ifndef GONOGO_CLI_EXPLAIN_H
#define GONOGO_CLI_EXPLAIN_H

#include "app_lint_world.h"
#include "cli_private.h"
#include "lint.h"
#include "sql.h"

struct explained_lock {
    struct str object; /* as written */
    enum sql_lock lock;
};
struct explained_statement {
    const struct explained_lock *locks;
    size_t lock_count;
};
struct explained_file {
    const char *name;
    bool read; /* its bytes are there */
    bool cut;  /* into statements, be it into none */
    struct strbuf bytes;
    struct sql_script script;
    struct sql_transaction outer; /* what the words alone tell */
    enum lint_transaction transaction;
    struct explained_statement *statements; /* NULL: their locks are not wanted */
};
struct explained {
    struct arena *arena;
    int version; /* major version whose locks are meant */
    bool wants_locks;
    bool wants_sql;                     /* whole statements instead of their beginnings */
    const struct lint_context *context; /* NULL: no target was asked */
    const struct app_lint_world *world; /* the same */
    int writes_seconds;                 /* between two looks at who writes; 0: one look */
    int64_t asked_us;                   /* when; Unix time */
    struct app_connection connection;   /* how, by flags */
    struct explained_file *files;
    size_t file_count;
    const struct lint_result *result;
    int code; /* of files that could not be read; 0: all could */
};

/* Does the command line name a server? The environment alone names none. */
bool explain_names_target(const struct cli *cli);
/* Asks it what the files' relations look like there; fills context and world. False with
 * `err`, as app_lint_context() has it. */
bool explain_ask_target(struct cli *cli, struct explained *explained,
                        struct app_lint_world *world, struct err *err) MUST_CHECK;
/* Looks twice whether what goes is still written; fills the context. Blocks so long. */
bool explain_ask_writes(struct cli *cli, struct explained *explained,
                        struct app_lint_world *world, struct err *err) MUST_CHECK;
/* The same for rows that are there, by the probes of the result; fills context.probed. */
bool explain_ask_rows(struct cli *cli, struct explained *explained,
                      struct app_lint_world *world, struct err *err) MUST_CHECK;

void explain_text(struct strbuf *out, const struct explained *explained);
void explain_json(struct strbuf *out, const struct explained *explained);

#endif
