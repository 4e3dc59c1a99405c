/* SPDX-License-Identifier: PostgreSQL */
/*
 * The members of a result's structs. A member that stands in no table is lost when a verdict
 * goes from one process to another, and does not count when two are compared.
 */
#include "result_members.h"

#include <math.h>

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
    MEMBER(lint_destroyed, "bytes", bytes, MEMBER_I64),
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

#define SHAPE(of, table)                                                                       \
    {                                                                                          \
        sizeof(struct of), table, COUNT_OF(table)                                              \
    }
const struct shape finding_shape = SHAPE(lint_finding, finding_members);
const struct shape destroyed_shape = SHAPE(lint_destroyed, destroyed_members);
const struct shape verdict_shape = SHAPE(lint_verdict, verdict_members);
const struct shape risk_shape = SHAPE(lint_risk_level, risk_members);
const struct shape count_shape = SHAPE(lint_count, count_members);
const struct shape name_shape = SHAPE(sql_name, name_members);
const struct shape file_shape = SHAPE(lint_file_result, file_members);

/* ---------------------------------------------------------------- comparing */

bool member_is_zero(const struct member *member, const void *at)
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

static bool is_same(const struct member *member, const void *left, const void *right)
{
    switch (member->type) {
    case MEMBER_TEXT:
        return str_is(*(const struct str *)left, *(const struct str *)right);
    case MEMBER_STRING:
        return str_is(str_from(*(const char *const *)left),
                      str_from(*(const char *const *)right));
    case MEMBER_SIZE:
        return *(const size_t *)left == *(const size_t *)right;
    case MEMBER_U32:
        return *(const uint32_t *)left == *(const uint32_t *)right;
    case MEMBER_INT:
    case MEMBER_WORD:
        return *(const int *)left == *(const int *)right;
    case MEMBER_I64:
        return *(const int64_t *)left == *(const int64_t *)right;
    case MEMBER_DOUBLE: /* the same number, not nearly the same */
        return memcmp(left, right, sizeof(double)) == 0;
    case MEMBER_BOOL:
        return *(const bool *)left == *(const bool *)right;
    case MEMBER_RULE:
        return *(const struct lint_rule *const *)left ==
               *(const struct lint_rule *const *)right;
    }
    return false;
}

bool shape_is_same(const struct shape *shape, const void *left, const void *right)
{
    for (size_t i = 0; i < shape->member_count; i++) {
        size_t offset = shape->members[i].offset;
        if (!is_same(&shape->members[i], (const char *)left + offset,
                     (const char *)right + offset)) {
            return false;
        }
    }
    return true;
}
