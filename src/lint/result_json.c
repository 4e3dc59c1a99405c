/* SPDX-License-Identifier: PostgreSQL */
/*
 * A result as text and back: one process judges, with a limit of memory and time, and another
 * shows it; and the record of a run keeps what was shown. Written by hand, without a tree: a
 * plan of many files has a hundred thousand verdicts. One table for each struct names its
 * members; what is zero is left out, and is zero when it is read.
 */
#include "lint_private.h"

#include <math.h>

enum {
    RESULT_FORMAT = 1
};

enum member_type {
    MEMBER_TEXT,   /* struct str */
    MEMBER_STRING, /* const char * */
    MEMBER_SIZE,   /* size_t; SIZE_MAX is written as -1 */
    MEMBER_U32,
    MEMBER_INT,
    MEMBER_I64,
    MEMBER_DOUBLE,
    MEMBER_BOOL,
    MEMBER_WORD, /* an enum, by the word of each value */
    MEMBER_RULE, /* const struct lint_rule *, by its id */
};

struct member {
    const char *key;
    size_t offset;
    enum member_type type;
    const char *(*word)(int value); /* MEMBER_WORD; NULL behind the last value */
};

/* ------------------------------------------------------------------- words */

#define WORDS(name, enumeration, last, spell)                                                  \
    static const char *name(int value)                                                         \
    {                                                                                          \
        return value < (last) ? spell((enum enumeration)value) : NULL;                         \
    }
WORDS(severity_word, lint_severity, LINT_SEVERITY__COUNT, lint_severity_name)
WORDS(lock_word, sql_lock, SQL_LOCK__COUNT, sql_lock_name)
WORDS(work_word, sql_work, SQL_WORK__COUNT, sql_work_name)
WORDS(rerun_word, sql_rerun, SQL_RERUN__COUNT, sql_rerun_name)
WORDS(loss_word, sql_loss, SQL_LOSS__COUNT, sql_loss_name)
WORDS(undo_word, sql_undo, SQL_UNDO__COUNT, sql_undo_name)
#undef WORDS

/* ------------------------------------------------------------------ members */

/* A member that changes its type does not compile here. */
#define FITS(of, member, c_type)                                                               \
    (0 * sizeof(char[sizeof(((struct of *)0)->member) == sizeof(c_type) ? 1 : -1]))
#define C_MEMBER_TEXT   struct str
#define C_MEMBER_STRING const char *
#define C_MEMBER_SIZE   size_t
#define C_MEMBER_U32    uint32_t
#define C_MEMBER_INT    int
#define C_MEMBER_I64    int64_t
#define C_MEMBER_DOUBLE double
#define C_MEMBER_BOOL   bool
#define C_MEMBER_RULE   const struct lint_rule *
#define MEMBER(of, key, member, type)                                                          \
    {                                                                                          \
        key, offsetof(struct of, member) + FITS(of, member, C_##type), type, NULL              \
    }
#define WORD(of, key, member, words)                                                           \
    {                                                                                          \
        key, offsetof(struct of, member) + FITS(of, member, int), MEMBER_WORD, words           \
    }
#define PLACE(of)                                                                              \
    MEMBER(of, "file", at.file, MEMBER_SIZE),                                                  \
        MEMBER(of, "statement", at.statement, MEMBER_SIZE),                                    \
        MEMBER(of, "offset", at.place.offset, MEMBER_SIZE),                                    \
        MEMBER(of, "line", at.place.line, MEMBER_INT),                                         \
        MEMBER(of, "column", at.place.column, MEMBER_INT)

static const struct member finding_members[] = {
    MEMBER(lint_finding, "rule", rule, MEMBER_RULE),
    WORD(lint_finding, "severity", severity, severity_word),
    PLACE(lint_finding),
    MEMBER(lint_finding, "object", object, MEMBER_TEXT),
    MEMBER(lint_finding, "message", message, MEMBER_TEXT),
    MEMBER(lint_finding, "safer", safer, MEMBER_TEXT),
    MEMBER(lint_finding, "unknown", unknown, MEMBER_TEXT),
    MEMBER(lint_finding, "unknown_besides", unknown_besides, MEMBER_TEXT),
    MEMBER(lint_finding, "waived", waived, MEMBER_BOOL),
    MEMBER(lint_finding, "waived_by", waived_by, MEMBER_TEXT),
    MEMBER(lint_finding, "waived_why", waived_why, MEMBER_TEXT),
    MEMBER(lint_finding, "waived_until_us", waived_until_us, MEMBER_I64),
    MEMBER(lint_finding, "waived_by_plan", waived_by_plan, MEMBER_BOOL),
};

static const struct member destroyed_members[] = {
    PLACE(lint_destroyed),
    MEMBER(lint_destroyed, "kind", kind, MEMBER_STRING),
    MEMBER(lint_destroyed, "name", name, MEMBER_TEXT),
    MEMBER(lint_destroyed, "by_cascade", by_cascade, MEMBER_BOOL),
    MEMBER(lint_destroyed, "named_by_plan", named_by_plan, MEMBER_BOOL),
    MEMBER(lint_destroyed, "rows", rows, MEMBER_I64),
    MEMBER(lint_destroyed, "recent_writes", recent_writes, MEMBER_I64),
    MEMBER(lint_destroyed, "referenced_by", referenced_by, MEMBER_TEXT),
};

static const struct member verdict_members[] = {
    WORD(lint_verdict, "lock", lock, lock_word),
    MEMBER(lint_verdict, "lock_on", lock_on, MEMBER_TEXT),
    MEMBER(lint_verdict, "more_locks", more_locks, MEMBER_U32),
    WORD(lint_verdict, "work", work, work_word),
    MEMBER(lint_verdict, "rows", rows, MEMBER_I64),
    MEMBER(lint_verdict, "bytes", bytes, MEMBER_I64),
    WORD(lint_verdict, "rerun", rerun, rerun_word),
    MEMBER(lint_verdict, "rerun_in_transaction", rerun_in_transaction, MEMBER_BOOL),
    WORD(lint_verdict, "loss", loss, loss_word),
    WORD(lint_verdict, "undo", undo, undo_word),
    MEMBER(lint_verdict, "undo_sql", undo_sql, MEMBER_TEXT),
    MEMBER(lint_verdict, "findings", finding_count, MEMBER_U32),
    WORD(lint_verdict, "severity", severity, severity_word),
    MEMBER(lint_verdict, "queued", queued_per_second, MEMBER_DOUBLE),
    MEMBER(lint_verdict, "judged", judged, MEMBER_BOOL),
};

static const struct member risk_members[] = {
    WORD(lint_risk_level, "severity", severity, severity_word),
    MEMBER(lint_risk_level, "why", why, MEMBER_TEXT),
};

static const struct member count_members[] = {
    MEMBER(lint_count, "kind", kind, MEMBER_STRING),
    MEMBER(lint_count, "added", added, MEMBER_SIZE),
    MEMBER(lint_count, "altered", altered, MEMBER_SIZE),
    MEMBER(lint_count, "dropped", dropped, MEMBER_SIZE),
};

static const struct member name_members[] = {
    MEMBER(sql_name, "schema", schema, MEMBER_TEXT),
    MEMBER(sql_name, "name", name, MEMBER_TEXT),
};

static const struct member file_members[] = {
    MEMBER(lint_file_result, "name", name, MEMBER_TEXT),
    MEMBER(lint_file_result, "is_undo", is_undo, MEMBER_BOOL),
    MEMBER(lint_file_result, "summary", summary, MEMBER_TEXT),
};

/* One kind of struct: its size and its members. */
struct shape {
    size_t size;
    const struct member *members;
    size_t member_count;
};
#define SHAPE(of, table)                                                                       \
    {                                                                                          \
        sizeof(struct of), table, COUNT_OF(table)                                              \
    }
static const struct shape finding_shape = SHAPE(lint_finding, finding_members);
static const struct shape destroyed_shape = SHAPE(lint_destroyed, destroyed_members);
static const struct shape verdict_shape = SHAPE(lint_verdict, verdict_members);
static const struct shape risk_shape = SHAPE(lint_risk_level, risk_members);
static const struct shape count_shape = SHAPE(lint_count, count_members);
static const struct shape name_shape = SHAPE(sql_name, name_members);
static const struct shape file_shape = SHAPE(lint_file_result, file_members);

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

static bool is_zero(const struct member *member, const void *at)
{
    switch (member->type) {
    case MEMBER_TEXT:
        return ((const struct str *)at)->len == 0;
    case MEMBER_STRING:
        return *(const char *const *)at == NULL;
    case MEMBER_SIZE:
        return *(const size_t *)at == 0;
    case MEMBER_U32:
        return *(const uint32_t *)at == 0;
    case MEMBER_INT:
    case MEMBER_WORD:
        return *(const int *)at == 0;
    case MEMBER_I64:
        return *(const int64_t *)at == 0;
    case MEMBER_DOUBLE:
        return fabs(*(const double *)at) <= 0.0;
    case MEMBER_BOOL:
        return !*(const bool *)at;
    case MEMBER_RULE:
        return false;
    }
    return false;
}

/* Without the closing brace, so that a caller can add to it. */
static void open_object(struct strbuf *out, const struct shape *shape, const void *object)
{
    bool any = false;
    strbuf_byte(out, '{');
    for (size_t i = 0; i < shape->member_count; i++) {
        const struct member *member = &shape->members[i];
        const void *at = (const char *)object + member->offset;
        if (!is_zero(member, at)) {
            strbuf_format(out, "%s\"%s\":", any ? "," : "", member->key);
            write_value(out, member, at);
            any = true;
        }
    }
    if (!any) { /* what is added begins with a comma */
        strbuf_text(out, "\"zero\":true");
    }
}

static void write_list(struct strbuf *out, const char *key, const struct shape *shape,
                       const void *items, size_t count)
{
    strbuf_format(out, ",\n\"%s\":[", key);
    for (size_t i = 0; i < count; i++) {
        strbuf_text(out, i > 0 ? ",\n" : "\n");
        open_object(out, shape, (const char *)items + i * shape->size);
        strbuf_byte(out, '}');
    }
    strbuf_byte(out, ']');
}

static void write_file(struct strbuf *out, const struct lint_file_result *file)
{
    open_object(out, &file_shape, file);
    write_list(out, "verdicts", &verdict_shape, file->verdicts, file->statement_count);
    write_list(out, "risks", &risk_shape, file->risks, LINT_RISK__COUNT);
    write_list(out, "overall", &risk_shape, &file->overall, 1);
    write_list(out, "counts", &count_shape, file->counts, file->count_count);
    strbuf_byte(out, '}');
}

void lint_result_write(const struct lint_result *result, struct strbuf *out)
{
    strbuf_format(out, "{\"v\":%d,\"not_known\":", RESULT_FORMAT);
    json_quote(out, result->not_known);
    write_list(out, "findings", &finding_shape, result->findings, result->finding_count);
    write_list(out, "destroyed", &destroyed_shape, result->destroyed, result->destroyed_count);
    write_list(out, "exclusive", &name_shape, result->exclusive, result->exclusive_count);
    write_list(out, "overall", &risk_shape, &result->overall, 1);
    strbuf_text(out, ",\n\"files\":[");
    for (size_t i = 0; i < result->file_count; i++) {
        strbuf_text(out, i > 0 ? ",\n" : "\n");
        write_file(out, &result->files[i]);
    }
    strbuf_text(out, "]}\n");
}

/* ------------------------------------------------------------------ reading */

struct reader {
    struct arena *arena;
    struct err *err;
    bool ok;
};

static void refuse(struct reader *reader, const char *key)
{
    if (reader->ok) {
        err_set(reader->err, ERR_RECORD, "the verdicts cannot be read: %s", key);
    }
    reader->ok = false;
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

/* As many as there are; NULL when there are none. */
static void *read_list(struct reader *reader, const char *key, const struct shape *shape,
                       const struct json *object, size_t *count)
{
    const struct json *list = json_find(object, key);
    if (!json_is_array(list)) {
        refuse(reader, key);
        return NULL;
    }
    *count = json_count(list);
    char *items = arena_array(reader->arena, *count + 1, shape->size);
    for (size_t i = 0; i < *count && reader->ok; i++) {
        read_object(reader, shape, json_at(list, i), items + i * shape->size);
    }
    return items;
}

static void read_risks(struct reader *reader, const char *key, const struct json *object,
                       struct lint_risk_level *risks, size_t wanted)
{
    size_t count = 0;
    const struct lint_risk_level *items = read_list(reader, key, &risk_shape, object, &count);
    if (count != wanted) {
        refuse(reader, key);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        risks[i] = items[i];
    }
}

static void read_file(struct reader *reader, const struct json *object,
                      struct lint_file_result *file)
{
    read_object(reader, &file_shape, object, file);
    file->verdicts =
        read_list(reader, "verdicts", &verdict_shape, object, &file->statement_count);
    file->counts = read_list(reader, "counts", &count_shape, object, &file->count_count);
    read_risks(reader, "risks", object, file->risks, LINT_RISK__COUNT);
    read_risks(reader, "overall", object, &file->overall, 1);
}

static void read_files(struct reader *reader, const struct json *root,
                       struct lint_result *result)
{
    const struct json *list = json_find(root, "files");
    result->file_count = json_count(list);
    struct lint_file_result *files =
        arena_array(reader->arena, result->file_count + 1, sizeof *files);
    for (size_t i = 0; i < result->file_count && reader->ok; i++) {
        read_file(reader, json_at(list, i), &files[i]);
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

const struct lint_result *lint_result_read(struct str text, struct arena *arena,
                                           struct err *err)
{
    struct err own = {0};
    struct reader reader = {.arena = arena, .err = err ? err : &own, .ok = true};
    struct json *root = json_read(text, reader.err);
    if (!root) {
        return NULL;
    }
    struct lint_result *result = arena_array(arena, 1, sizeof *result);
    if (json_i64(json_find(root, "v"), 0) != RESULT_FORMAT) {
        refuse(&reader, "another format than this program's");
    }
    result->not_known = str_dup(arena, json_text(json_find(root, "not_known")));
    result->findings =
        read_list(&reader, "findings", &finding_shape, root, &result->finding_count);
    result->destroyed =
        read_list(&reader, "destroyed", &destroyed_shape, root, &result->destroyed_count);
    result->exclusive =
        read_list(&reader, "exclusive", &name_shape, root, &result->exclusive_count);
    read_risks(&reader, "overall", root, &result->overall, 1);
    read_files(&reader, root, result);
    count_findings(&reader, result);
    json_free(root);
    return reader.ok ? result : NULL;
}
