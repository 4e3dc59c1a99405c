/* SPDX-License-Identifier: PostgreSQL */
/*
 * explain, for programs: one document, version 1. What is not known is absent, never false.
 */
#include "explain.h"

/* The findings at one statement of a file; SIZE_MAX: at the file as a whole. */
static struct json *findings_json(const struct lint_result *result, size_t file,
                                  size_t statement, size_t *next)
{
    struct json *findings = json_make_array();
    while (*next < result->finding_count && result->findings[*next].at.file == file &&
           result->findings[*next].at.statement == statement) {
        json_push_take(findings, cli_finding_json(&result->findings[(*next)++]));
    }
    return findings;
}

static struct json *locks_json(const struct explained_statement *statement)
{
    struct json *locks = json_make_array();
    for (size_t i = 0; i < statement->lock_count; i++) {
        struct json *lock = json_make_object();
        json_put_text(lock, "object", statement->locks[i].object);
        json_put_text(lock, "mode", str_from(sql_lock_name(statement->locks[i].lock)));
        json_push_take(locks, lock);
    }
    return locks;
}

static void put_verdict(struct json *json, const struct lint_verdict *verdict)
{
    json_put_text(json, "work", str_from(sql_work_name(verdict->work)));
    if (verdict->work != SQL_WORK_UNKNOWN) {
        json_put_bool(json, "rewrite", verdict->work == SQL_WORK_REWRITE);
    }
    if (verdict->rerun != SQL_RERUN_UNKNOWN) {
        json_put_bool(json, "rerun_safe", verdict->rerun == SQL_RERUN_YES);
        json_put_bool(json, "rerun_safe_in_transaction",
                      verdict->rerun == SQL_RERUN_YES || verdict->rerun_in_transaction);
    }
    if (verdict->loss != SQL_LOSS_UNKNOWN) {
        json_put_bool(json, "destructive",
                      verdict->loss == SQL_LOSS_DATA || verdict->loss == SQL_LOSS_ROWS);
        json_put_text(json, "loses", str_from(sql_loss_name(verdict->loss)));
    }
    if (verdict->undo != SQL_UNDO_UNKNOWN) {
        json_put_text(json, "undo", str_from(sql_undo_name(verdict->undo)));
    }
    if (verdict->undo_sql.len > 0) {
        json_put_text(json, "undo_sql", verdict->undo_sql);
    }
    if (verdict->rows >= 0) {
        json_put_i64(json, "rows", verdict->rows);
    }
    if (verdict->bytes >= 0) {
        json_put_i64(json, "bytes", verdict->bytes);
    }
    if (verdict->queued_per_second >= 0) {
        json_put_double(json, "queued_per_second", verdict->queued_per_second);
    }
}

static void put_risks(struct json *json, const struct lint_file_result *result)
{
    struct json *risks = json_make_array();
    for (int risk = 0; risk < LINT_RISK__COUNT; risk++) {
        struct json *level = json_make_object();
        json_put_text(level, "risk", str_from(lint_risk_name((enum lint_risk)risk)));
        json_put_text(level, "level",
                      str_from(lint_severity_name(result->risks[risk].severity)));
        json_put_text(level, "why", result->risks[risk].why);
        json_push_take(risks, level);
    }
    json_put_take(json, "risks", risks);
    json_put_text(json, "risk", str_from(lint_severity_name(result->overall.severity)));
    json_put_text(json, "summary", result->summary);
}

static struct json *file_json(const struct explained *explained, size_t index, size_t *next)
{
    const struct explained_file *file = &explained->files[index];
    const struct lint_file_result *result = &explained->result->files[index];
    struct json *json = json_make_object();
    struct json *statements = json_make_array();
    json_put_take(json, "findings", findings_json(explained->result, index, SIZE_MAX, next));
    for (size_t i = 0; i < file->script.count; i++) {
        struct json *statement = sql_statement_json(&file->script, i);
        if (file->script.statements[i].judgement == SQL_PARSED) {
            put_verdict(statement, result->verdicts[i]);
            json_put_take(statement, "locks", locks_json(&file->statements[i]));
        }
        json_put_take(statement, "findings", findings_json(explained->result, index, i, next));
        json_push_take(statements, statement);
    }
    json_put_text(json, "file", str_from(file->name));
    json_put_take(json, "statements", statements);
    put_risks(json, result);
    return json;
}

static struct json *destroyed_json(const struct explained *explained, size_t index)
{
    const struct lint_result *result = explained->result;
    const struct lint_destroyed *gone = &result->destroyed[index];
    struct json *json = json_make_object();
    json_put_text(json, "file", result->files[gone->at.file].name);
    json_put_i64(json, "line", gone->at.place.line);
    json_put_text(json, "kind", str_from(gone->kind));
    json_put_text(json, "name", gone->name);
    json_put_bool(json, "by_cascade", gone->by_cascade);
    if (gone->rows >= 0) {
        json_put_i64(json, "rows", gone->rows);
    }
    if (gone->bytes >= 0) {
        json_put_i64(json, "bytes", gone->bytes);
    }
    if (gone->recent_writes >= 0) {
        struct json *recent = json_make_object();
        json_put_i64(recent, "rows", gone->recent_writes);
        json_put_i64(recent, "seconds", explained->writes_seconds);
        json_put_take(json, "recent_writes", recent);
    }
    return json;
}

static struct json *world_json(const struct explained *explained)
{
    const struct app_lint_world *world = explained->world;
    struct json *json = json_make_object();
    struct strbuf at = {0};
    cli_add_time(&at, explained->asked_us);
    json_put_text(json, "at", strbuf_str(&at));
    json_put_text(json, "database", world->database);
    json_put_text(json, "role", world->context.role);
    json_put_text(json, "server", world->version);
    if (world->unknown.len > 0) {
        json_put_text(json, "not_known", world->unknown);
    }
    strbuf_release(&at);
    return json;
}

void explain_json(struct strbuf *out, const struct explained *explained)
{
    struct json *root = json_make_object();
    struct json *files = json_make_array();
    struct json *destroyed = json_make_array();
    size_t next = 0;
    for (size_t i = 0; i < explained->file_count; i++) {
        if (explained->files[i].cut) {
            json_push_take(files, file_json(explained, i, &next));
        }
    }
    for (size_t i = 0; i < explained->result->destroyed_count; i++) {
        json_push_take(destroyed, destroyed_json(explained, i));
    }
    json_put_i64(root, "v", 1);
    json_put_take(root, "files", files);
    json_put_take(root, "destroys", destroyed);
    if (explained->world) {
        json_put_take(root, "target", world_json(explained));
    }
    json_write(out, root, JSON_PRETTY);
    json_free(root);
}
