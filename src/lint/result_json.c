/* SPDX-License-Identifier: PostgreSQL */
/*
 * A result as text and back: one process judges, with a limit of memory and time, and another
 * shows it; and the record of a run keeps what was shown. A JSON object a line, the first of
 * which tells how many of each kind follow, so that neither side ever holds a tree of all: a
 * plan of many files has a hundred thousand verdicts. Verdicts in a row that say the same are
 * one line with "times". What is zero is left out, and is zero when it is read.
 */
#include "result_members.h"

enum {
    RESULT_FORMAT = 3,
    STATEMENTS_MAX = 1 << 27, /* of one file: 256 MiB of the shortest statements */
};

/* ------------------------------------------------------------------ writing */

static void write_number(struct strbuf *out, const struct member *member, const void *at)
{
    switch (member->type) {
    case MEMBER_SIZE:
        strbuf_i64(out, *(const size_t *)at == SIZE_MAX ? -1 : (int64_t) * (const size_t *)at);
        return;
    case MEMBER_U32:
        strbuf_i64(out, *(const uint32_t *)at);
        return;
    case MEMBER_INT:
        strbuf_i64(out, *(const int *)at);
        return;
    case MEMBER_I64:
        strbuf_i64(out, *(const int64_t *)at);
        return;
    case MEMBER_DOUBLE:
        strbuf_format(out, "%.17g", *(const double *)at);
        return;
    case MEMBER_TEXT:
    case MEMBER_STRING:
    case MEMBER_BOOL:
    case MEMBER_WORD:
    case MEMBER_RULE:
        return;
    }
}

static void write_value(struct strbuf *out, const struct member *member, const void *at)
{
    switch (member->type) {
    case MEMBER_TEXT:
        json_quote(out, *(const struct str *)at);
        return;
    case MEMBER_STRING:
        json_quote(out, str_from(*(const char *const *)at));
        return;
    case MEMBER_BOOL:
        strbuf_text(out, *(const bool *)at ? "true" : "false");
        return;
    case MEMBER_WORD:
        json_quote(out, str_from(member->word(*(const int *)at)));
        return;
    case MEMBER_RULE:
        json_quote(out, str_from((*(const struct lint_rule *const *)at)->id));
        return;
    case MEMBER_SIZE:
    case MEMBER_U32:
    case MEMBER_INT:
    case MEMBER_I64:
    case MEMBER_DOUBLE:
        write_number(out, member, at);
        return;
    }
}

/* Without the closing brace, so that a caller can add to it. */
static void open_object(struct strbuf *out, const struct shape *shape, const void *object)
{
    bool any = false;
    strbuf_byte(out, '{');
    for (size_t i = 0; i < shape->member_count; i++) {
        const struct member *member = &shape->members[i];
        const void *at = (const char *)object + member->offset;
        if (!member_is_zero(member, at)) {
            strbuf_format(out, "%s\"%s\":", any ? "," : "", member->key);
            write_value(out, member, at);
            any = true;
        }
    }
    if (!any) { /* what is added begins with a comma */
        strbuf_text(out, "\"zero\":true");
    }
}

static void write_line(struct strbuf *out, const struct shape *shape, const void *object)
{
    open_object(out, shape, object);
    strbuf_text(out, "}\n");
}

static void write_lines(struct strbuf *out, const struct shape *shape, const void *items,
                        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        write_line(out, shape, (const char *)items + i * shape->size);
    }
}

/* How many verdicts from `first` on say the same. */
static size_t times(const struct lint_file_result *file, size_t first)
{
    size_t end = first + 1;
    while (end < file->statement_count &&
           (file->verdicts[end] == file->verdicts[first] ||
            shape_is_same(&verdict_shape, file->verdicts[end], file->verdicts[first]))) {
        end++;
    }
    return end - first;
}

static void write_verdicts(struct strbuf *out, const struct lint_file_result *file)
{
    size_t count;
    for (size_t i = 0; i < file->statement_count; i += count) {
        count = times(file, i);
        open_object(out, &verdict_shape, file->verdicts[i]);
        if (count > 1) {
            strbuf_format(out, ",\"times\":%zu", count);
        }
        strbuf_text(out, "}\n");
    }
}

static void write_file(struct strbuf *out, const struct lint_file_result *file)
{
    open_object(out, &file_shape, file);
    strbuf_format(out, ",\"counts\":%zu,\"statements\":%zu}\n", file->count_count,
                  file->statement_count);
    write_lines(out, &risk_shape, file->risks, LINT_RISK__COUNT);
    write_line(out, &risk_shape, &file->overall);
    write_lines(out, &count_shape, file->counts, file->count_count);
    write_verdicts(out, file);
}

void lint_result_write(const struct lint_result *result, struct strbuf *out)
{
    strbuf_format(out,
                  "{\"v\":%d,\"findings\":%zu,\"destroyed\":%zu,\"exclusive\":%zu,"
                  "\"files\":%zu,\"not_known\":",
                  RESULT_FORMAT, result->finding_count, result->destroyed_count,
                  result->exclusive_count, result->file_count);
    json_quote(out, result->not_known);
    strbuf_text(out, "}\n");
    write_lines(out, &finding_shape, result->findings, result->finding_count);
    write_lines(out, &destroyed_shape, result->destroyed, result->destroyed_count);
    write_lines(out, &name_shape, result->exclusive, result->exclusive_count);
    write_line(out, &risk_shape, &result->overall);
    for (size_t i = 0; i < result->file_count; i++) {
        write_file(out, &result->files[i]);
    }
}

/* ------------------------------------------------------------------ reading */

struct reader {
    struct arena *arena;
    struct err *err;
    struct str rest; /* lines that were not read yet */
    size_t line;     /* the one that was read last, from 1 */
    bool ok;
};

static void refuse(struct reader *reader, const char *what)
{
    if (reader->ok) {
        err_set(reader->err, ERR_RECORD, "the verdicts cannot be read: line %zu: %s",
                reader->line, what);
    }
    reader->ok = false;
}

/* The object of the next line, which the caller frees; NULL: refused, now or before. */
static struct json *next_line(struct reader *reader)
{
    struct str line;
    struct err why = {0};
    if (!reader->ok) {
        return NULL;
    }
    reader->line++;
    if (!str_cut(&reader->rest, '\n', &line)) {
        refuse(reader, "is missing");
        return NULL;
    }
    struct json *object = json_read(line, &why);
    if (!json_is_object(object)) {
        refuse(reader, object ? "is no object" : why.message);
        json_free(object);
        return NULL;
    }
    return object;
}

/* A number of things to come; what is more than `most` was never written. */
static size_t read_count(struct reader *reader, const struct json *object, const char *key,
                         size_t most)
{
    int64_t count = json_i64(json_find(object, key), -1);
    if (count < 0 || (uint64_t)count > most) {
        refuse(reader, key);
        return 0;
    }
    return (size_t)count;
}

static int read_word(struct reader *reader, const struct member *member, struct str text)
{
    const char *word;
    for (int value = 0; (word = member->word(value)) != NULL; value++) {
        if (str_eq(text, word)) {
            return value;
        }
    }
    refuse(reader, member->key);
    return 0;
}

static void read_value(struct reader *reader, const struct member *member,
                       const struct json *value, void *at)
{
    int64_t number = json_i64(value, 0);
    switch (member->type) {
    case MEMBER_TEXT:
        *(struct str *)at = str_dup(reader->arena, json_text(value));
        return;
    case MEMBER_STRING:
        *(const char **)at = str_text(reader->arena, json_text(value));
        return;
    case MEMBER_SIZE:
        *(size_t *)at = number < 0 ? SIZE_MAX : (size_t)number;
        return;
    case MEMBER_U32:
        *(uint32_t *)at = (uint32_t)number;
        return;
    case MEMBER_INT:
        *(int *)at = (int)number;
        return;
    case MEMBER_I64:
        *(int64_t *)at = number;
        return;
    case MEMBER_DOUBLE:
        *(double *)at = json_double(value, -1);
        return;
    case MEMBER_BOOL:
        *(bool *)at = json_bool(value, false);
        return;
    case MEMBER_WORD:
        *(int *)at = read_word(reader, member, json_text(value));
        return;
    case MEMBER_RULE:
        *(const struct lint_rule **)at = lint_rule_find(json_text(value));
        return;
    }
}

static void read_object(struct reader *reader, const struct shape *shape,
                        const struct json *object, void *to)
{
    for (size_t i = 0; i < shape->member_count && reader->ok; i++) {
        const struct member *member = &shape->members[i];
        const struct json *value = json_find(object, member->key);
        if (value) {
            read_value(reader, member, value, (char *)to + member->offset);
        }
    }
}

static void read_line(struct reader *reader, const struct shape *shape, void *to)
{
    struct json *object = next_line(reader);
    if (object) {
        read_object(reader, shape, object, to);
        json_free(object);
    }
}

/* Each has a line of its own. */
static void *read_lines(struct reader *reader, const struct shape *shape, size_t count)
{
    char *items = arena_array(reader->arena, count + 1, shape->size);
    for (size_t i = 0; i < count && reader->ok; i++) {
        read_line(reader, shape, items + i * shape->size);
    }
    return items;
}

static void read_verdicts(struct reader *reader, struct lint_file_result *file)
{
    const struct lint_verdict **verdicts =
        arena_array(reader->arena, file->statement_count + 1, sizeof *verdicts);
    size_t filled = 0;
    struct json *object;
    while (filled < file->statement_count && (object = next_line(reader)) != NULL) {
        struct lint_verdict *verdict = arena_alloc(reader->arena, sizeof *verdict);
        int64_t count = json_i64(json_find(object, "times"), 1);
        if (count < 1 || (uint64_t)count > file->statement_count - filled) {
            refuse(reader, "times");
            count = 0;
        }
        read_object(reader, &verdict_shape, object, verdict);
        json_free(object);
        for (int64_t i = 0; i < count; i++) {
            verdicts[filled++] = verdict;
        }
    }
    file->verdicts = verdicts;
}

static void read_file(struct reader *reader, struct lint_file_result *file)
{
    struct json *object = next_line(reader);
    if (!object) {
        return;
    }
    read_object(reader, &file_shape, object, file);
    file->count_count = read_count(reader, object, "counts", reader->rest.len);
    file->statement_count = read_count(reader, object, "statements", STATEMENTS_MAX);
    json_free(object);
    for (size_t i = 0; i < LINT_RISK__COUNT; i++) {
        read_line(reader, &risk_shape, &file->risks[i]);
    }
    read_line(reader, &risk_shape, &file->overall);
    file->counts = read_lines(reader, &count_shape, file->count_count);
    read_verdicts(reader, file);
}

static void read_files(struct reader *reader, struct lint_result *result)
{
    struct lint_file_result *files =
        arena_array(reader->arena, result->file_count + 1, sizeof *files);
    for (size_t i = 0; i < result->file_count && reader->ok; i++) {
        read_file(reader, &files[i]);
    }
    result->files = files;
}

/* A finding points at a file that is there, and at a rule that this program knows. */
static void count_findings(struct reader *reader, struct lint_result *result)
{
    for (size_t i = 0; i < result->finding_count && reader->ok; i++) {
        const struct lint_finding *finding = &result->findings[i];
        if (!finding->rule || finding->at.file >= result->file_count) {
            refuse(reader, "findings");
        } else if (!finding->waived) {
            result->by_severity[finding->severity]++;
        }
    }
}

/* Tells how many lines of each kind follow; a line has more than one byte. */
static void read_head(struct reader *reader, struct lint_result *result)
{
    struct json *head = next_line(reader);
    if (!head) {
        return;
    }
    if (json_i64(json_find(head, "v"), 0) != RESULT_FORMAT) {
        refuse(reader, "another format than this program's");
    }
    size_t most = reader->rest.len;
    result->not_known = str_dup(reader->arena, json_text(json_find(head, "not_known")));
    result->finding_count = read_count(reader, head, "findings", most);
    result->destroyed_count = read_count(reader, head, "destroyed", most);
    result->exclusive_count = read_count(reader, head, "exclusive", most);
    result->file_count = read_count(reader, head, "files", most);
    json_free(head);
}

const struct lint_result *lint_result_read(struct str text, struct arena *arena,
                                           struct err *err)
{
    struct err own = {0};
    struct reader reader = {.arena = arena, .err = err ? err : &own, .rest = text, .ok = true};
    struct lint_result *result = arena_array(arena, 1, sizeof *result);
    read_head(&reader, result);
    if (reader.ok) {
        result->findings = read_lines(&reader, &finding_shape, result->finding_count);
        result->destroyed = read_lines(&reader, &destroyed_shape, result->destroyed_count);
        result->exclusive = read_lines(&reader, &name_shape, result->exclusive_count);
        read_line(&reader, &risk_shape, &result->overall);
        read_files(&reader, result);
        count_findings(&reader, result);
    }
    if (reader.ok && reader.rest.len > 0) {
        refuse(&reader, "more follows than was told");
    }
    return reader.ok ? result : NULL;
}
