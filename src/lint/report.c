/* SPDX-License-Identifier: PostgreSQL */
/*
 * Findings: where, how bad, in which words. What is not known is said in a clause of its
 * own, so that the message stays the same sentence with and without a server.
 */
#include "lint_private.h"

#include <string.h>

#include <stdarg.h>
#include <stdio.h>

enum {
    FEW_ROWS = 10000,
    MANY_ROWS = 10000000,
};
static const int64_t few_bytes = (int64_t)10 << 20;
static const int64_t many_bytes = (int64_t)10 << 30;

static struct str words_of(struct arena *arena, const char *format, va_list arguments)
{
    char small[512];
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(small, sizeof small, format, arguments);
    char *text = arena_alloc(arena, (size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return (struct str){text, (size_t)length};
}

/* Counted on from the place before, where that lies in the same statement and in front. */
static struct sql_place place_in(struct lint *lint, const struct step *step, size_t offset)
{
    struct sql_place head = step->statement->head;
    if (offset <= head.offset) {
        return head;
    }
    const struct lint_place *last = &lint->last_place;
    bool on = last->file == lint->file_index && last->statement == step->index &&
              last->place.offset > head.offset && last->place.offset <= offset;
    lint->last_place =
        (struct lint_place){lint->file_index, step->index,
                            sql_place_from(lint->file->text, on ? last->place : head, offset)};
    return lint->last_place.place;
}

struct lint_place report_place(struct lint *lint, const struct step *step, size_t offset)
{
    struct lint_place at = {.file = lint->file_index, .statement = SIZE_MAX};
    if (step) {
        at.statement = step->index;
        at.place = place_in(lint, step, offset);
    }
    return at;
}

struct str report_name(struct lint *lint, const struct sql_action *action)
{
    return sql_name_written(lint->arena, action->object);
}

struct str report_shown(struct lint *lint, struct sql_name identity)
{
    return sql_name_written(lint->arena, renames_shown(lint, identity));
}

struct str report_ident(struct lint *lint, struct str name)
{
    struct strbuf text = {0};
    sql_quote_ident(&text, name);
    struct str kept = str_dup(lint->arena, strbuf_str(&text));
    strbuf_release(&text);
    return kept;
}

struct str report_columns(struct lint *lint, const struct str *columns, size_t count)
{
    struct strbuf text = {0};
    for (size_t i = 0; i < count; i++) {
        strbuf_text(&text, i > 0 ? ", " : "");
        sql_quote_ident(&text, columns[i]);
    }
    struct str kept = str_dup(lint->arena, strbuf_str(&text));
    strbuf_release(&text);
    return kept;
}

static struct lint_finding *add(struct lint *lint, const struct step *step, const char *id,
                                struct str message)
{
    const struct lint_rule *rule = lint_rule_find(str_from(id));
    struct lint_finding *finding =
        ARRAY_PUSH(lint->findings, lint->finding_count, lint->finding_capacity);
    bool on_action = step && step->action;
    size_t index = rules_index(rule);
    lint->said[index].file = lint->file_index + 1;
    lint->said[index].transaction = lint->transaction + 1;
    *finding = (struct lint_finding){
        .rule = rule,
        .severity = rule->severity,
        .at = report_place(lint, step,
                           on_action ? step->action->offset
                           : step    ? step->statement->head.offset
                                     : 0),
        .object = on_action ? report_name(lint, step->action) : STR(""),
        .message = message,
    };
    return finding;
}

struct lint_finding *report_finding(struct lint *lint, const struct step *step, const char *id,
                                    const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct str message = words_of(lint->arena, format, arguments);
    va_end(arguments);
    return add(lint, step, id, message);
}

/* ------------------------------------------------------- findings kept for later */

static struct sql_name kept_key(struct arena *arena, const char *id, struct sql_name object)
{
    return (struct sql_name){object.schema,
                             str_format(arena, "%s %.*s", id, STR_ARG(object.name))};
}

void report_keep(struct lint *lint, const struct lint_finding *finding, struct sql_name object)
{
    struct sql_name kept = history_keep_name(lint, object);
    names_add(&lint->kept_names, kept_key(lint->arena, finding->rule->id, kept));
    *ARRAY_PUSH(lint->kept, lint->kept_count, lint->kept_capacity) =
        (struct kept){(size_t)(finding - lint->findings), lint->transaction};
}

static ptrdiff_t find_kept(const struct lint *lint, const char *id, struct sql_name object)
{
    struct arena scratch = {0};
    ptrdiff_t at = names_first(&lint->kept_names, kept_key(&scratch, id, object));
    while (at != NAMES_NONE && lint->kept[at].finding == SIZE_MAX) {
        at = names_next(&lint->kept_names, at);
    }
    arena_release(&scratch);
    return at;
}

struct lint_finding *report_kept(struct lint *lint, const char *id, struct sql_name object,
                                 bool here)
{
    ptrdiff_t at = find_kept(lint, id, object);
    return at == NAMES_NONE || (here && lint->kept[at].transaction != lint->transaction)
               ? NULL
               : &lint->findings[lint->kept[at].finding];
}

void report_withdraw(struct lint *lint, const char *id, struct sql_name object)
{
    ptrdiff_t at = find_kept(lint, id, object);
    if (at == NAMES_NONE) {
        return;
    }
    size_t gone = lint->kept[at].finding;
    memmove(&lint->findings[gone], &lint->findings[gone + 1],
            (lint->finding_count - gone - 1) * sizeof *lint->findings);
    lint->finding_count--;
    lint->kept[at].finding = SIZE_MAX;
    for (size_t i = 0; i < lint->kept_count; i++) {
        struct kept *kept = &lint->kept[i];
        kept->finding -= kept->finding != SIZE_MAX && kept->finding > gone;
    }
}

void report_count(struct first *first, const struct step *step)
{
    if (first->count++ == 0) {
        first->at.statement = step->index;
        first->at.place = step->statement->head;
        const char *form = sql_form_row(step->action->form)->command;
        /* A row that speaks for several kinds, "COMMENT ON TABLE, COLUMN", names none of them.
         */
        first->command = strchr(form, ',') == NULL ? form : step->statement->tag;
    }
}

struct lint_finding *report_first(struct lint *lint, const struct first *first, const char *id,
                                  const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct str message = words_of(lint->arena, format, arguments);
    va_end(arguments);
    struct lint_finding *finding = add(lint, NULL, id, message);
    finding->at.statement = first->at.statement;
    finding->at.place = first->at.place;
    return finding;
}

void report_at(struct lint *lint, struct lint_finding *finding, const struct step *step,
               size_t offset)
{
    finding->at = report_place(lint, step, offset);
}

bool report_is_small(const struct lint_relation *relation)
{
    return relation->rows >= 0 && relation->rows < FEW_ROWS && relation->bytes < few_bytes;
}

bool report_is_large(const struct lint_relation *relation)
{
    return relation->rows >= MANY_ROWS || relation->bytes >= many_bytes;
}

void report_by_size(struct lint *lint, struct lint_finding *finding, const struct step *step)
{
    const struct lint_relation *relation = step->relation;
    if (step->is_new) {
        finding->severity = LINT_LOW;
    } else if (!relation) {
        if (finding->unknown.len == 0 && !world_knows(lint, LINT_NEEDS_TABLES)) {
            finding->unknown = STR("how large it is");
        }
    } else if (report_is_small(relation) && finding->severity > LINT_LOW) {
        finding->severity--;
    } else if (report_is_large(relation) && finding->severity < LINT_BLOCK) {
        finding->severity++;
    }
}

bool report_said_in_file(const struct lint *lint, const char *id)
{
    size_t index = rules_index(lint_rule_find(str_from(id)));
    return lint->said[index].file == lint->file_index + 1;
}

bool report_said_in_transaction(const struct lint *lint, const char *id)
{
    size_t index = rules_index(lint_rule_find(str_from(id)));
    return lint->said[index].transaction == lint->transaction + 1;
}
