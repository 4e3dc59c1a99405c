/* SPDX-License-Identifier: PostgreSQL */
/*
 * explain: every statement of a file, what it does, what it locks, what will go wrong.
 * Nothing is contacted unless a target is named (explain_target.c). The files are read as a run
 * would read them: one after another, each in one transaction unless it says otherwise or holds
 * what cannot run in one. All of it happens in a guarded child: a hostile file can overflow the
 * grammar's stack; the statement that did is "not analysed".
 */
#include "explain.h"

#include "app_guard.h"
#include "files.h"
#include "loop.h"

#include <fcntl.h>
#include <unistd.h>

enum {
    FILE_MAX = 256 * 1024 * 1024,
    EXIT_FINDINGS = 10,
};

/* The files of a folder are named one by one, in the order in which they run. */
static void tell_folder(const char *name, struct err *err)
{
    int folder = files_open_directory(AT_FDCWD, name, NULL, NULL);
    if (folder >= 0) {
        close(folder);
        err_set(err, ERR_USAGE, "could not read %s: it is a folder", name);
        err_hint(
            err,
            "Name its files: gonogo explain %s/*.sql. A plan of them is made by gonogo new "
            "--from %s.",
            name, name);
    }
}

/* Once, whatever becomes of the children: standard input has no second time. */
static void read_files(struct cli *cli, struct explained *explained)
{
    for (size_t i = 0; i < cli->operand_count; i++) {
        struct explained_file *file = &explained->files[explained->file_count++];
        struct err err = {0};
        file->name = cli->operands[i];
        file->read = cli_read_file(file->name, FILE_MAX, &file->bytes, &err);
        if (!file->read) {
            tell_folder(file->name, &err);
            explained->code = cli_fail(&err);
        }
    }
}

static void cut_files(struct explained *explained, struct sql_watch *watch)
{
    for (size_t i = 0; i < explained->file_count; i++) {
        struct explained_file *file = &explained->files[i];
        struct err err = {0};
        struct sql_trouble trouble;
        file->cut = file->read && sql_cut(strbuf_str(&file->bytes), NULL, explained->arena,
                                          &file->script, &trouble);
        if (file->read && !file->cut) {
            (void)sql_trouble_to_err(&trouble, file->name, &err);
            explained->code = cli_fail(&err);
            file->script = (struct sql_script){0};
        }
        file->script.watch = watch;
        file->script.objects_pass = !explained->wants_locks; /* as text none are told */
        file->outer = sql_outer_transaction(&file->script);
    }
}

/* Keeps what only the facts tell: which locks on what. */
struct receiving {
    struct lint *lint;
    struct explained *explained;
    struct explained_file *file;
    struct explained_lock *locks; /* of the statement under way */
    size_t count;
    size_t capacity;
    struct chains chains; /* of the locks, by their objects */
};

static void take_lock(struct receiving *receiving, struct sql_name name, enum sql_lock lock)
{
    if (lock == SQL_LOCK_NONE || name.name.len == 0) {
        return;
    }
    struct str written = sql_name_written(receiving->explained->arena, name);
    uint32_t hash = chain_hash(written, STR(""), STR(""));
    struct chains *chains = &receiving->chains;
    for (ptrdiff_t i = chain_first(chains, hash); i != CHAIN_NONE; i = chain_next(chains, i)) {
        struct explained_lock *known = &receiving->locks[chains->links[i].item];
        if (str_is(known->object, written)) {
            known->lock = known->lock < lock ? lock : known->lock;
            return;
        }
    }
    chain_add(chains, hash, receiving->count);
    *ARRAY_PUSH(receiving->locks, receiving->count, receiving->capacity) =
        (struct explained_lock){written, lock};
}

static void keep_locks(struct receiving *receiving, struct explained_statement *kept)
{
    struct explained_lock *locks =
        arena_array(receiving->explained->arena, receiving->count, sizeof *locks);
    for (size_t i = 0; i < receiving->count; i++) {
        locks[i] = receiving->locks[i];
    }
    *kept = (struct explained_statement){locks, receiving->count};
    receiving->count = 0;
    chains_cut(&receiving->chains, 0);
}

static void receive(void *context, const struct sql_statement *statement, size_t index,
                    const struct sql_facts *facts)
{
    struct receiving *receiving = context;
    lint_statement(receiving->lint, statement, index, facts);
    if (!receiving->explained->wants_locks) {
        return;
    }
    for (size_t i = 0; i < facts->action_count; i++) {
        const struct sql_action *action = &facts->actions[i];
        take_lock(receiving, action->object, action->lock);
        take_lock(receiving, action->other, action->other_lock);
    }
    keep_locks(receiving, &receiving->file->statements[index]);
}

static void study_file(struct explained *explained, struct lint *lint,
                       struct explained_file *file)
{
    struct lint_file about = {
        .name = str_from(file->name),
        .text = strbuf_str(&file->bytes),
        .transaction = file->transaction,
        .alone = true,
        .lock_timeout_us = -1,
        .statement_timeout_us = -1,
        .outer = &file->outer,
    };
    if (explained->wants_locks) {
        file->statements =
            arena_array(explained->arena, file->script.count, sizeof *file->statements);
    }
    struct receiving receiving = {.lint = lint, .explained = explained, .file = file};
    lint_begin_file(lint, &about);
    sql_study(&file->script, explained->version, explained->arena, receive, &receiving);
    chains_release(&receiving.chains);
    free(receiving.locks);
    lint_end_file(lint);
}

/* When even the guard could not help: nothing is judged. */
static void study_nothing(struct explained *explained)
{
    static const char words[] = "the analysis of these files crashed";
    static const struct sql_misread why = {.message = {words, sizeof words - 1}};
    struct lint *lint = lint_new(explained->arena, explained->context);
    for (size_t i = 0; i < explained->file_count; i++) {
        struct explained_file *file = &explained->files[i];
        struct lint_file about = {.name = str_from(file->name), .alone = true};
        for (size_t j = 0; j < file->script.count; j++) {
            file->script.statements[j].judgement = SQL_NOT_ANALYSED;
            file->script.statements[j].misread = &why;
        }
        lint_begin_file(lint, &about);
        lint_end_file(lint);
    }
    explained->result = lint_finish(lint);
    lint_free(lint);
}

/* As a run sends it; what a run refuses is told by T1, and judged as the file itself says. */
static enum lint_transaction transaction_of(const struct explained_file *file)
{
    if (file->outer.outer == SQL_OUTER_STRAY) {
        return LINT_TRANSACTION_FILE;
    }
    bool each = file->outer.outer == SQL_OUTER_NONE && sql_stands_alone(&file->script);
    return each ? LINT_TRANSACTION_EACH : LINT_TRANSACTION_ONE;
}

static void study(struct explained *explained)
{
    struct lint *lint = lint_new(explained->arena, explained->context);
    for (size_t i = 0; i < explained->file_count; i++) {
        struct explained_file *file = &explained->files[i];
        file->transaction = transaction_of(file);
        study_file(explained, lint, file);
    }
    explained->result = lint_finish(lint);
    lint_free(lint);
}

static size_t count_mistakes(const struct explained *explained)
{
    size_t count = 0;
    for (size_t i = 0; i < explained->file_count; i++) {
        const struct sql_script *script = &explained->files[i].script;
        for (size_t j = 0; j < script->count; j++) {
            count += script->statements[j].judgement == SQL_MISTAKE;
        }
    }
    return count;
}

static int code_of(struct cli *cli, const struct explained *explained)
{
    size_t mistakes = count_mistakes(explained);
    const struct lint_finding *serious = cli_worst_serious(explained->result);
    if (explained->code != 0) {
        return explained->code;
    }
    if (mistakes > 0) {
        (void)snprintf(cli->next, sizeof(cli->next), "mend the statement%s marked \"mistake\"",
                       mistakes == 1 ? "" : "s");
    } else if (serious) {
        (void)snprintf(cli->next, sizeof(cli->next), "gonogo help %s", serious->rule->id);
    }
    return mistakes > 0 || serious ? EXIT_FINDINGS : 0;
}

/* What the child gets. */
struct explaining {
    struct cli *cli;
    struct explained explained;
};

static int explain(void *context, struct sql_watch *watch)
{
    struct explaining *explaining = context;
    struct cli *cli = explaining->cli;
    struct explained *explained = &explaining->explained;
    cut_files(explained, watch);
    if (watch) {
        study(explained);
    } else {
        study_nothing(explained);
    }
    struct strbuf out = {0};
    if (cli->given[OPTION_JSON]) {
        explain_json(&out, explained);
    } else {
        explain_text(&out, explained);
    }
    cli_out(&out);
    strbuf_release(&out);
    int code = code_of(cli, explained);
    cli_last_line(cli, code);
    return code;
}

/* Judged here, after a child has survived it: the probes of the result are asked by us. */
static void study_and_forget(void *context)
{
    static struct sql_watch nobody;
    cut_files(context, &nobody);
    study(context);
}

static bool ask_rows(struct cli *cli, struct explained *explained, struct app_lint_world *world,
                     struct err *err)
{
    if (!app_survives(study_and_forget, explained)) {
        cli_say(cli, "No row was asked: the analysis of these files crashed.");
        return true;
    }
    study_and_forget(explained);
    return explained->code != 0 ||
           ((!cli->given[OPTION_PROBE] || explain_ask_rows(cli, explained, world, err)) &&
            (!cli->given[OPTION_WRITES] || explain_ask_writes(cli, explained, world, err)));
}

static bool ask_target(struct cli *cli, struct explained *explained,
                       struct app_lint_world *world, struct err *err)
{
    return explain_ask_target(cli, explained, world, err) &&
           (!(cli->given[OPTION_PROBE] || cli->given[OPTION_WRITES]) ||
            ask_rows(cli, explained, world, err));
}

int cli_run_explain(struct cli *cli)
{
    struct err err = {0};
    struct arena arena = {0};
    struct app_lint_world world = {0};
    struct lint_context known = {/* without a target: the day, by which waivers expire */
                                 .lock_timeout_us = -1,
                                 .statement_timeout_us = -1,
                                 .free_bytes = -1,
                                 .today_us = loop_wall_us()};
    struct explaining explaining = {
        .cli = cli,
        .explained = {
            .arena = &arena,
            .context = &known,
            .version = SQL_VERSION_DEFAULT,
            .wants_locks = cli->given[OPTION_JSON],
            .wants_sql = cli->given[OPTION_SQL],
            .files = arena_array(&arena, cli->operand_count, sizeof(struct explained_file)),
        }};
    struct explained *explained = &explaining.explained;
    if (cli->given[OPTION_PROBE] && !explain_names_target(cli)) {
        arena_release(&arena);
        return cli_usage(
            "--probe asks the rows of a target: it needs --target, or -h -p -U -d");
    }
    if (cli->given[OPTION_WRITES] && !explain_names_target(cli)) {
        arena_release(&arena);
        return cli_usage("--writes looks at a target: it needs --target, or -h -p -U -d");
    }
    if (!cli_writes_seconds(cli, &explained->writes_seconds, &err)) {
        arena_release(&arena);
        return cli_fail(&err);
    }
    read_files(cli, explained);
    int code = explained->code;
    bool live = explain_names_target(cli);
    if (live && code == 0 && !ask_target(cli, explained, &world, &err)) {
        code = cli_fail(&err);
    } else if (live && code != 0) {
        cli_say(cli, "Nothing was contacted.");
    } else {
        cli->ended = true; /* the child says the last line */
        code = app_guarded(explain, &explaining);
    }
    for (size_t i = 0; i < explained->file_count; i++) {
        strbuf_release(&explained->files[i].bytes);
    }
    app_lint_world_release(&world);
    arena_release(&arena);
    return code;
}
