/* SPDX-License-Identifier: PostgreSQL */
/*
 * What a file adds, alters and drops, counted, and the sentence that says it. A part of a new
 * table is the table; what is altered twice is altered once; rows are counted by their tables.
 */
#include "outcome.h"

#include <stdlib.h>

enum change {
    CHANGE_NONE,
    CHANGE_ADDED,
    CHANGE_ALTERED,
    CHANGE_DROPPED,
};

/* Forms whose thing is no object of its own kind, or whose name does not say the change. */
static const struct {
    enum sql_form form;
    const char *kind; /* NULL: the action's */
    enum change change;
} special[] = {
    {SQL_FORM_DO, NULL, CHANGE_NONE},
    {SQL_FORM_CALL, NULL, CHANGE_NONE},
    {SQL_FORM_SET, NULL, CHANGE_NONE},
    {SQL_FORM_RESET, NULL, CHANGE_NONE},
    {SQL_FORM_TRANSACTION, NULL, CHANGE_NONE},
    {SQL_FORM_SESSION, NULL, CHANGE_NONE},
    {SQL_FORM_SET_CONSTRAINTS, NULL, CHANGE_NONE},
    {SQL_FORM_SELECT, NULL, CHANGE_NONE},
    {SQL_FORM_SELECT_FOR_UPDATE, NULL, CHANGE_NONE},
    {SQL_FORM_COPY_TO, NULL, CHANGE_NONE},
    {SQL_FORM_LOCK_TABLE, NULL, CHANGE_NONE},
    {SQL_FORM_VACUUM, NULL, CHANGE_NONE},
    {SQL_FORM_VACUUM_FULL, NULL, CHANGE_NONE},
    {SQL_FORM_ANALYZE, NULL, CHANGE_NONE},
    {SQL_FORM_CLUSTER, NULL, CHANGE_NONE},
    {SQL_FORM_CHECKPOINT, NULL, CHANGE_NONE},
    {SQL_FORM_REINDEX_INDEX, NULL, CHANGE_NONE},
    {SQL_FORM_REINDEX_TABLE, NULL, CHANGE_NONE},
    {SQL_FORM_REINDEX_MANY, NULL, CHANGE_NONE},
    {SQL_FORM_REINDEX_CONCURRENTLY, NULL, CHANGE_NONE},
    {SQL_FORM_INSERT, "rows", CHANGE_ADDED},
    {SQL_FORM_COPY_FROM, "rows", CHANGE_ADDED},
    {SQL_FORM_UPDATE, "rows", CHANGE_ALTERED},
    {SQL_FORM_MERGE, "rows", CHANGE_ALTERED},
    {SQL_FORM_REFRESH_MATERIALIZED_VIEW, "rows", CHANGE_ALTERED},
    {SQL_FORM_REFRESH_MATERIALIZED_VIEW_CONCURRENTLY, "rows", CHANGE_ALTERED},
    {SQL_FORM_DELETE, "rows", CHANGE_DROPPED},
    {SQL_FORM_TRUNCATE, "rows", CHANGE_DROPPED},
    {SQL_FORM_ADD_COLUMN, "column", CHANGE_ADDED},
    {SQL_FORM_DROP_COLUMN, "column", CHANGE_DROPPED},
    {SQL_FORM_RENAME_COLUMN, "column", CHANGE_ALTERED},
    {SQL_FORM_ALTER_COLUMN_TYPE, "column", CHANGE_ALTERED},
    {SQL_FORM_SET_DEFAULT, "column", CHANGE_ALTERED},
    {SQL_FORM_DROP_DEFAULT, "column", CHANGE_ALTERED},
    {SQL_FORM_SET_NOT_NULL, "column", CHANGE_ALTERED},
    {SQL_FORM_DROP_NOT_NULL, "column", CHANGE_ALTERED},
    {SQL_FORM_DROP_EXPRESSION, "column", CHANGE_ALTERED},
    {SQL_FORM_ADD_IDENTITY, "column", CHANGE_ALTERED},
    {SQL_FORM_SET_IDENTITY, "column", CHANGE_ALTERED},
    {SQL_FORM_DROP_IDENTITY, "column", CHANGE_ALTERED},
    {SQL_FORM_ADD_CHECK, "constraint", CHANGE_ADDED},
    {SQL_FORM_ADD_CHECK_NOT_VALID, "constraint", CHANGE_ADDED},
    {SQL_FORM_ADD_FOREIGN_KEY, "foreign key", CHANGE_ADDED},
    {SQL_FORM_ADD_FOREIGN_KEY_NOT_VALID, "foreign key", CHANGE_ADDED},
    {SQL_FORM_ADD_UNIQUE, "constraint", CHANGE_ADDED},
    {SQL_FORM_ADD_PRIMARY_KEY, "constraint", CHANGE_ADDED},
    {SQL_FORM_ADD_CONSTRAINT_USING_INDEX, "constraint", CHANGE_ADDED},
    {SQL_FORM_ADD_EXCLUSION, "constraint", CHANGE_ADDED},
    {SQL_FORM_VALIDATE_CONSTRAINT, "constraint", CHANGE_ALTERED},
    {SQL_FORM_ALTER_CONSTRAINT, "constraint", CHANGE_ALTERED},
    {SQL_FORM_RENAME_CONSTRAINT, "constraint", CHANGE_ALTERED},
    {SQL_FORM_DROP_CONSTRAINT, "constraint", CHANGE_DROPPED},
    {SQL_FORM_DROP_OIDS, "table", CHANGE_ALTERED},
    {SQL_FORM_CREATE_TRIGGER, "trigger", CHANGE_ADDED},
    {SQL_FORM_DROP_TRIGGER, "trigger", CHANGE_DROPPED},
    {SQL_FORM_ENABLE_TRIGGER, "trigger", CHANGE_ALTERED},
    {SQL_FORM_DISABLE_TRIGGER, "trigger", CHANGE_ALTERED},
    {SQL_FORM_RENAME_TRIGGER, "trigger", CHANGE_ALTERED},
    {SQL_FORM_CREATE_RULE, "rule", CHANGE_ADDED},
    {SQL_FORM_DROP_RULE, "rule", CHANGE_DROPPED},
    {SQL_FORM_ENABLE_RULE, "rule", CHANGE_ALTERED},
    {SQL_FORM_RENAME_RULE, "rule", CHANGE_ALTERED},
    {SQL_FORM_CREATE_POLICY, "policy", CHANGE_ADDED},
    {SQL_FORM_DROP_POLICY, "policy", CHANGE_DROPPED},
    {SQL_FORM_ALTER_POLICY, "policy", CHANGE_ALTERED},
    {SQL_FORM_RENAME_POLICY, "policy", CHANGE_ALTERED},
    {SQL_FORM_CREATE_INDEX, "index", CHANGE_ADDED},
    {SQL_FORM_CREATE_INDEX_CONCURRENTLY, "index", CHANGE_ADDED},
    {SQL_FORM_DROP_INDEX, "index", CHANGE_DROPPED},
    {SQL_FORM_DROP_INDEX_CONCURRENTLY, "index", CHANGE_DROPPED},
    {SQL_FORM_ADD_ENUM_VALUE, "enum value", CHANGE_ADDED},
    {SQL_FORM_RENAME_ENUM_VALUE, "enum value", CHANGE_ALTERED},
    {SQL_FORM_GRANT, "grant", CHANGE_ADDED},
    {SQL_FORM_GRANT_ROLE, "grant", CHANGE_ADDED},
    {SQL_FORM_REVOKE, "grant", CHANGE_DROPPED},
    {SQL_FORM_REVOKE_ROLE, "grant", CHANGE_DROPPED},
};

static enum change change_by_name(enum sql_form form)
{
    struct str id = str_from(sql_form_row(form)->id);
    return str_starts(id, "CREATE_") || str_starts(id, "ADD_") ? CHANGE_ADDED
           : str_starts(id, "DROP_")                           ? CHANGE_DROPPED
                                                               : CHANGE_ALTERED;
}

static enum change change_of(const struct sql_action *action, const char **kind)
{
    *kind = action->kind && action->kind[0] ? action->kind : "object";
    for (size_t i = 0; i < COUNT_OF(special); i++) {
        if (special[i].form == action->form) {
            *kind = special[i].kind ? special[i].kind : *kind;
            return special[i].change;
        }
    }
    return change_by_name(action->form);
}

static struct lint_count *count_of(struct arena *arena, struct counting *counting,
                                   const char *kind)
{
    for (size_t i = 0; i < counting->count; i++) {
        if (strcmp(counting->items[i].kind, kind) == 0) {
            return &counting->items[i];
        }
    }
    struct lint_count *count = ARRAY_PUSH(counting->items, counting->count, counting->capacity);
    *count = (struct lint_count){.kind = str_text(arena, str_from(kind))};
    return count;
}

/* Whether the object, or its part, is met for the first time in this way. */
static bool is_first(struct lint *lint, struct counting *counting, const char *kind,
                     enum change change, const struct step *step)
{
    static const char letters[] = {
        [CHANGE_ADDED] = '+', [CHANGE_ALTERED] = '~', [CHANGE_DROPPED] = '-'};
    bool whole = step->action->part.len == 0 || strcmp(kind, "rows") == 0;
    struct strbuf text = {0};
    strbuf_format(&text, "%c%s %.*s.%.*s", letters[change], kind, STR_ARG(step->object.name),
                  STR_ARG(whole ? STR("") : step->action->part));
    struct sql_name key = {step->object.schema, strbuf_str(&text)};
    bool first = names_first(&counting->altered, key) == NAMES_NONE;
    if (first) {
        names_add(&counting->altered, (struct sql_name){str_dup(lint->arena, key.schema),
                                                        str_dup(lint->arena, key.name)});
    }
    strbuf_release(&text);
    return first;
}

/* A column of a new table, a change of it: the new table. An index or a policy is counted. */
static bool is_part_of_new(const struct step *step, const char *kind, enum change change)
{
    bool own_kind = strcmp(kind, "index") == 0 || strcmp(kind, "policy") == 0 ||
                    strcmp(kind, "trigger") == 0 || strcmp(kind, "rows") == 0;
    return step->action->inside ||
           (step->is_new &&
            (change == CHANGE_ALTERED || (step->action->part.len > 0 && !own_kind)));
}

void counts_add(struct lint *lint, const struct step *step)
{
    const char *kind;
    enum change change = change_of(step->action, &kind);
    if (change == CHANGE_NONE || step->is_temporary || is_part_of_new(step, kind, change)) {
        return;
    }
    struct counting *counting = &outcome_sum(lint)->counting;
    bool rows = strcmp(kind, "rows") == 0;
    if ((change == CHANGE_ALTERED || rows) && !is_first(lint, counting, kind, change, step)) {
        return;
    }
    struct lint_count *count = count_of(lint->arena, counting, kind);
    if (change == CHANGE_DROPPED && step->is_new && step->action->part.len == 0 && !rows) {
        count->added -= count->added > 0; /* made and dropped again by this plan */
    } else if (change == CHANGE_ADDED) {
        count->added++;
    } else if (change == CHANGE_ALTERED) {
        count->altered++;
    } else {
        count->dropped++;
    }
}

void counts_release(struct counting *counting)
{
    free(counting->items);
    names_release(&counting->altered);
}

/* ----------------------------------------------------------------- the sentence */

static size_t number_of(const struct lint_count *count, enum change change)
{
    return change == CHANGE_ADDED     ? count->added
           : change == CHANGE_ALTERED ? count->altered
                                      : count->dropped;
}

static void put_kind(struct strbuf *out, size_t number, const char *kind)
{
    struct str word = str_from(kind);
    number_to_text(out, (int64_t)number);
    strbuf_byte(out, ' ');
    if (number == 1) {
        strbuf_add(out, word);
    } else if (str_ends(word, "y") && !str_ends(word, "ey")) {
        strbuf_add(out, str_slice(word, 0, word.len - 1));
        strbuf_text(out, "ies");
    } else {
        strbuf_add(out, word);
        strbuf_text(out, str_ends(word, "x") || str_ends(word, "ss") ? "es" : "s");
    }
}

/* "drops 2 tables, 1 column"; false when there is nothing of it. */
static bool put_changes(struct strbuf *out, const struct counting *counting, enum change change,
                        const char *verb)
{
    size_t said = 0;
    for (size_t i = 0; i < counting->count; i++) {
        const struct lint_count *count = &counting->items[i];
        size_t number = number_of(count, change);
        if (number > 0 && strcmp(count->kind, "rows") != 0) {
            strbuf_text(out, said++ == 0 ? verb : ", ");
            put_kind(out, number, count->kind);
        }
    }
    return said > 0;
}

static void put_rows(struct strbuf *out, const struct counting *counting)
{
    static const struct {
        enum change change;
        const char *words;
    } verbs[] = {{CHANGE_ADDED, ", adds rows to "},
                 {CHANGE_ALTERED, ", changes rows of "},
                 {CHANGE_DROPPED, ", deletes rows of "}};
    for (size_t i = 0; i < counting->count; i++) {
        const struct lint_count *count = &counting->items[i];
        for (size_t j = 0; j < COUNT_OF(verbs) && strcmp(count->kind, "rows") == 0; j++) {
            size_t number = number_of(count, verbs[j].change);
            if (number > 0) {
                strbuf_text(out, verbs[j].words);
                put_kind(out, number, "table");
            }
        }
    }
}

static void put_place(struct strbuf *out, const struct noted *noted)
{
    strbuf_format(out, "%s%sat %d:%d", noted->tag, noted->tag[0] ? " " : "", noted->place.line,
                  noted->place.column);
}

static void put_again(struct strbuf *out, const struct file_sum *sum, size_t statements)
{
    if (sum->again_count > EXCEPTIONS_NAMED) {
        strbuf_format(out, "; not rerun-safe: %zu of %zu statements, the first ",
                      sum->again_count, statements);
        put_place(out, &sum->again[0]);
    } else {
        strbuf_text(out, sum->again_count > 0 ? "; rerun-safe except " : "");
        for (size_t i = 0; i < sum->again_count; i++) {
            strbuf_text(out, i == 0 ? "" : i + 1 == sum->again_count ? " and " : ", ");
            put_place(out, &sum->again[i]);
        }
    }
    const struct noted *unknown = &sum->again_unknown;
    const struct noted *unjudged = &sum->unjudged;
    if (sum->again_count == 0 && unknown->count == 0 && unjudged->count == 0) {
        strbuf_text(out, "; rerun-safe");
    }
    if (unknown->count > 0) {
        strbuf_format(out, "; a second run of %zu statement%s is not known, the first ",
                      unknown->count, plural(unknown->count));
        put_place(out, unknown);
    }
    if (unjudged->count > 0) {
        strbuf_format(out, "; %zu statement%s cannot be judged, the first ", unjudged->count,
                      plural(unjudged->count));
        put_place(out, unjudged);
    }
}

void counts_end_file(struct lint *lint, struct lint_file_result *result)
{
    const struct file_sum *sum = outcome_sum(lint);
    const struct counting *counting = &sum->counting;
    struct strbuf out = {0};
    if (!put_changes(&out, counting, CHANGE_DROPPED, "drops ")) {
        strbuf_text(&out, "drops nothing");
    }
    if (!put_changes(&out, counting, CHANGE_ALTERED, ", alters ")) {
        strbuf_text(&out, ", alters nothing existing");
    }
    (void)put_changes(&out, counting, CHANGE_ADDED, ", adds ");
    put_rows(&out, counting);
    put_again(&out, sum, result->statement_count);
    result->summary = str_dup(lint->arena, strbuf_str(&out));
    strbuf_release(&out);
    struct lint_count *counts = arena_array(lint->arena, counting->count, sizeof *counts);
    for (size_t i = 0; i < counting->count; i++) {
        counts[i] = counting->items[i];
    }
    result->counts = counts;
    result->count_count = counting->count;
}
