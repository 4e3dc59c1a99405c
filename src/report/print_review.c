/* SPDX-License-Identifier: PostgreSQL */
/* What the files do, as report.json has it; null when they were not judged. */
#include "document.h"

static void put(struct json *object, const char *key, struct str text)
{
    if (text.len > 0) {
        json_put_text(object, key, text);
    }
}

static void put_place(struct json *object, const struct lint_result *lint,
                      const struct lint_place *at)
{
    json_put_text(object, "file", lint->files[at->file].name);
    if (at->place.line > 0) {
        json_put_i64(object, "line", at->place.line);
        json_put_i64(object, "column", at->place.column);
    }
}

static struct json *level_json(const char *risk, const struct lint_risk_level *level)
{
    struct json *object = json_make_object();
    json_put_text(object, "risk", str_from(risk));
    json_put_text(object, "level", str_from(lint_severity_name(level->severity)));
    put(object, "why", level->why);
    return object;
}

static struct json *files_json(const struct lint_result *lint)
{
    struct json *list = json_make_array();
    for (size_t i = 0; i < lint->file_count; i++) {
        const struct lint_file_result *file = &lint->files[i];
        struct json *object = json_make_object();
        struct json *risks = json_make_array();
        for (int risk = 0; risk < LINT_RISK__COUNT; risk++) {
            json_push_take(
                risks, level_json(lint_risk_name((enum lint_risk)risk), &file->risks[risk]));
        }
        json_put_text(object, "file", file->name);
        json_put_bool(object, "undo", file->is_undo);
        json_put_i64(object, "statement_count", (int64_t)file->statement_count);
        json_put_text(object, "summary", file->summary);
        json_put_take(object, "risks", risks);
        json_put_take(object, "overall", level_json("overall", &file->overall));
        json_push_take(list, object);
    }
    return list;
}

/* Rows that were written shortly before the first file began; not there when not known. */
static void put_recent_writes(struct json *object, const struct run *run,
                              const struct lint_destroyed *gone)
{
    struct recent_writes writes;
    if (run_empties(gone) && run_recent_writes(run, gone->name, &writes)) {
        struct json *recent = json_make_object();
        json_put_i64(recent, "rows", writes.rows);
        json_put_bool(recent, "at_least", writes.more);
        json_put_i64(recent, "seconds", writes.span_us / US_PER_SECOND);
        json_put_take(object, "recent_writes", recent);
    }
}

static struct json *destroys_json(const struct run *run, const struct lint_result *lint)
{
    struct json *list = json_make_array();
    for (size_t i = 0; i < lint->destroyed_count; i++) {
        const struct lint_destroyed *gone = &lint->destroyed[i];
        struct json *object = json_make_object();
        put_place(object, lint, &gone->at);
        json_put_text(object, "kind", str_from(gone->kind));
        json_put_text(object, "name", gone->name);
        json_put_bool(object, "by_cascade", gone->by_cascade);
        json_put_bool(object, "named_by_plan", gone->named_by_plan);
        if (gone->rows >= 0) {
            json_put_i64(object, "rows", gone->rows);
        }
        put_recent_writes(object, run, gone);
        json_push_take(list, object);
    }
    return list;
}

static struct json *findings_json(const struct lint_result *lint)
{
    struct json *list = json_make_array();
    for (size_t i = 0; i < lint->finding_count; i++) {
        const struct lint_finding *finding = &lint->findings[i];
        struct json *object = json_make_object();
        put_place(object, lint, &finding->at);
        json_put_text(object, "rule", str_from(finding->rule->id));
        json_put_text(object, "severity", str_from(lint_severity_name(finding->severity)));
        json_put_text(object, "message", finding->message);
        put(object, "object", finding->object);
        put(object, "not_known", finding->unknown);
        put(object, "waived_by", finding->waived_by);
        put(object, "waived_why", finding->waived_why);
        json_push_take(list, object);
    }
    return list;
}

static void push_blocks(struct json *list, const struct run_block *blocks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct run_block *block = &blocks[i];
        struct json *object = json_make_object();
        json_put_text(object, "id", block->id);
        json_put_text(object, "rule", block->rule);
        json_put_text(object, "text", block->text);
        json_put_bool(object, "overridden", block->overridden);
        put(object, "who", block->who);
        put(object, "why", block->why);
        json_push_take(list, object);
    }
}

/* What GO needed a person for; and what the way back did that was chosen. */
static struct json *blocks_json(const struct run *run)
{
    struct json *list = json_make_array();
    push_blocks(list, run->blocks, run->block_count);
    for (size_t i = 0; i < run->undo_block_count; i++) {
        const struct run_block *block = &run->undo_blocks[i];
        push_blocks(list, block, block->overridden || undo_block_counts(run, block));
    }
    return list;
}

struct json *review_json(const struct report *report)
{
    const struct lint_result *lint = report->run->setup->lint;
    struct json *object = json_make_object();
    json_put_take(object, "blocks", blocks_json(report->run));
    json_put_bool(object, "judged", lint != NULL);
    if (lint) {
        json_put_take(object, "overall", level_json("overall", &lint->overall));
        json_put_take(object, "files", files_json(lint));
        json_put_take(object, "destroys", destroys_json(report->run, lint));
        json_put_take(object, "findings", findings_json(lint));
        put(object, "not_known", lint->not_known);
    }
    return object;
}
