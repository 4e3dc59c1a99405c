/* SPDX-License-Identifier: PostgreSQL */
/*
 * explain: every statement of a file, where it stands, what it is, what it names.
 * Nothing is contacted. The grammar is tried in a child process first, because a
 * hostile file can overflow its stack; then the statements are "not analysed".
 */
#include "cli_private.h"
#include "sql.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    FILE_MAX = 256 * 1024 * 1024,
    SQL_COLUMNS = 60,
    EXIT_FINDINGS = 10,
};

static bool describe_survives(struct sql_script *script, struct arena *arena)
{
    pid_t child = fork();
    if (child < 0) {
        return false;
    }
    if (child == 0) {
        sql_describe(script, arena);
        _exit(0);
    }
    int status;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) {
            return false;
        }
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void explain_objects(struct strbuf *out, const struct sql_statement *statement)
{
    for (size_t i = 0; i < statement->object_count; i++) {
        const struct sql_object *object = &statement->objects[i];
        strbuf_format(out, "          %s %s ", sql_use_name(object->use), object->kind);
        sanitise(out, object->written, SANITISE_LINE);
        if (object->on.len > 0) {
            strbuf_text(out, " on ");
            sanitise(out, object->on, SANITISE_LINE);
        }
        strbuf_byte(out, '\n');
    }
}

static void explain_text(struct strbuf *out, const struct sql_script *script, const char *file)
{
    static const char *const outer_texts[SQL_OUTER__COUNT] = {
        [SQL_OUTER_NONE] = "no transaction control of its own",
        [SQL_OUTER_ONE] = "one outer BEGIN ... COMMIT, which a run takes over",
        [SQL_OUTER_OPEN] = "BEGIN WITHOUT COMMIT",
        [SQL_OUTER_STRAY] = "STRAY TRANSACTION CONTROL",
        [SQL_OUTER_HIDDEN] = "A BODY MAY COMMIT BY ITSELF",
    };
    struct sql_transaction outer = sql_outer_transaction(script);
    struct strbuf name = {0};
    sanitise(&name, str_from(file), SANITISE_LINE);
    strbuf_format(out, "%s: %zu statements, %s\n", name.ptr, script->count,
                  outer_texts[outer.outer]);
    strbuf_release(&name);
    for (size_t i = 0; i < script->count; i++) {
        const struct sql_statement *statement = &script->statements[i];
        strbuf_format(out, "%5zu  %d:%d  %s%s  ", i + 1, statement->head.line,
                      statement->head.column,
                      statement->tag && statement->tag[0] ? statement->tag : "??",
                      statement->transactional == SQL_NO ? "  (NOT IN A TRANSACTION)" : "");
        front_statement_text(out, script, i, SQL_COLUMNS);
        strbuf_byte(out, '\n');
        if (statement->judgement != SQL_PARSED) {
            strbuf_format(out, "          %s", sql_judgement_name(statement->judgement));
            if (statement->where.line > 0) {
                strbuf_format(out, " at %d:%d", statement->where.line, statement->where.column);
            }
            strbuf_text(out, ": ");
            sanitise(out, statement->message, SANITISE_LINE);
            strbuf_byte(out, '\n');
        }
        explain_objects(out, statement);
    }
}

static size_t count_mistakes(const struct sql_script *script)
{
    size_t count = 0;
    for (size_t i = 0; i < script->count; i++) {
        count += script->statements[i].judgement == SQL_MISTAKE;
    }
    return count;
}

static bool explain_one(const char *file, struct arena *arena, struct strbuf *out,
                        struct json *files, size_t *mistakes, struct err *err)
{
    struct strbuf bytes = {0};
    struct sql_script script = {0};
    struct sql_trouble trouble;
    bool ok = cli_read_file(file, FILE_MAX, &bytes, err);
    if (ok && !sql_cut(strbuf_str(&bytes), NULL, arena, &script, &trouble)) {
        ok = sql_trouble_to_err(&trouble, file, err);
    }
    if (ok) {
        if (describe_survives(&script, arena)) {
            sql_describe(&script, arena);
        }
        *mistakes += count_mistakes(&script);
        if (files) {
            json_push_take(files, sql_explain_json(&script, file));
        } else {
            explain_text(out, &script, file);
        }
    }
    strbuf_release(&bytes);
    return ok;
}

int cli_run_explain(struct cli *cli)
{
    struct strbuf out = {0};
    struct json *files = cli->given[OPTION_JSON] ? json_make_array() : NULL;
    int code = 0;
    size_t mistakes = 0;
    for (size_t i = 0; i < cli->operand_count; i++) {
        struct err err = {0};
        struct arena arena = {0};
        if (!explain_one(cli->operands[i], &arena, &out, files, &mistakes, &err)) {
            code = cli_fail(&err);
        }
        arena_release(&arena);
    }
    if (files) {
        struct json *root = json_make_object();
        json_put_i64(root, "v", 1);
        json_put_take(root, "files", files);
        json_write(&out, root, JSON_PRETTY);
        json_free(root);
    }
    cli_out(&out);
    strbuf_release(&out);
    if (code == 0 && mistakes > 0) {
        (void)snprintf(cli->next, sizeof(cli->next), "mend the statement%s marked \"mistake\"",
                       mistakes == 1 ? "" : "s");
        code = EXIT_FINDINGS;
    }
    return code;
}
