/* SPDX-License-Identifier: PostgreSQL */
/*
 * The risk table: five questions that people ask of a migration, each with a level and the
 * clause that is the reason. Levels come from the verdicts, from what is destroyed, and from
 * findings that nobody waived; the worst of them is the whole file's. What could not be judged
 * is never "none".
 */
#include "outcome.h"

static const char *const names[LINT_RISK__COUNT] = {
    [LINT_RISK_DATA_LOSS] = "data loss",
    [LINT_RISK_BREAKING] = "breaking change",
    [LINT_RISK_SECURITY] = "security",
    [LINT_RISK_PERFORMANCE] = "performance",
    [LINT_RISK_ROLLBACK] = "rollback complexity",
};

const char *lint_risk_name(enum lint_risk risk)
{
    return names[risk];
}

/* The question that a rule's finding answers: by its letter, or by name where that is not it.
 */
static const struct {
    const char *id;
    enum lint_risk risk;
} by_rule[] = {
    {"L4", LINT_RISK_BREAKING},     {"L7", LINT_RISK_DATA_LOSS},
    {"C2", LINT_RISK_PERFORMANCE},  {"C3", LINT_RISK_PERFORMANCE},
    {"C4", LINT_RISK_PERFORMANCE},  {"C5", LINT_RISK_PERFORMANCE},
    {"C6", LINT_RISK_PERFORMANCE},  {"C7", LINT_RISK_DATA_LOSS},
    {"C8", LINT_RISK_PERFORMANCE},  {"C10", LINT_RISK_DATA_LOSS},
    {"C11", LINT_RISK_DATA_LOSS},   {"K1", LINT_RISK_PERFORMANCE},
    {"K2", LINT_RISK_PERFORMANCE},  {"K3", LINT_RISK_PERFORMANCE},
    {"K4", LINT_RISK_PERFORMANCE},  {"K5", LINT_RISK_PERFORMANCE},
    {"K6", LINT_RISK_PERFORMANCE},  {"K7", LINT_RISK_PERFORMANCE},
    {"K9", LINT_RISK_PERFORMANCE},  {"K10", LINT_RISK_PERFORMANCE},
    {"K12", LINT_RISK_PERFORMANCE}, {"K15", LINT_RISK_ROLLBACK},
    {"K16", LINT_RISK_PERFORMANCE}, {"D4", LINT_RISK_PERFORMANCE},
    {"D5", LINT_RISK_PERFORMANCE},  {"D6", LINT_RISK_PERFORMANCE},
    {"D9", LINT_RISK_SECURITY},     {"D10", LINT_RISK_SECURITY},
    {"D11", LINT_RISK_BREAKING},    {"D12", LINT_RISK_SECURITY},
    {"T2", LINT_RISK_BREAKING},     {"T3", LINT_RISK_BREAKING},
    {"T5", LINT_RISK_BREAKING},     {"R3", LINT_RISK_BREAKING},
    {"R6", LINT_RISK_PERFORMANCE},  {"R7", LINT_RISK_PERFORMANCE},
    {"R13", LINT_RISK_BREAKING},    {"R14", LINT_RISK_PERFORMANCE},
    {"R15", LINT_RISK_PERFORMANCE},
};

static enum lint_risk risk_of(const struct lint_rule *rule)
{
    static const enum lint_risk by_letter['Z' + 1] = {
        ['L'] = LINT_RISK_PERFORMANCE, ['C'] = LINT_RISK_BREAKING, ['K'] = LINT_RISK_BREAKING,
        ['D'] = LINT_RISK_DATA_LOSS,   ['T'] = LINT_RISK_ROLLBACK, ['R'] = LINT_RISK_SECURITY,
    };
    for (size_t i = 0; i < COUNT_OF(by_rule); i++) {
        if (strcmp(by_rule[i].id, rule->id) == 0) {
            return by_rule[i].risk;
        }
    }
    return by_letter[(unsigned char)rule->id[0]];
}

static void lift(struct lint_risk_level *level, enum lint_severity severity, struct str why)
{
    if (level->why.len == 0 || severity > level->severity) {
        level->severity = severity;
        level->why = why;
    }
}

/* "DROP TABLE at 3:1", "DROP TABLE at 3:1 and 8 more". */
static struct str who(struct lint *lint, const struct noted *noted)
{
    struct str first =
        str_format(lint->arena, "%s at %d:%d", noted->tag[0] ? noted->tag : "the statement",
                   noted->place.line, noted->place.column);
    return noted->count > 1
               ? str_format(lint->arena, "%.*s and %zu more", STR_ARG(first), noted->count - 1)
               : first;
}

static void lift_for(struct lint *lint, struct lint_risk_level *level,
                     enum lint_severity severity, const char *clause, const struct noted *noted)
{
    if (noted->count > 0 && (level->why.len == 0 || severity > level->severity)) {
        struct str words = who(lint, noted);
        lift(level, severity, str_format(lint->arena, "%s: %.*s", clause, STR_ARG(words)));
    }
}

/* ------------------------------------------------------------------ the questions */

struct gone {
    size_t count;
    size_t used; /* by somebody, as far as is known */
    int64_t rows;
    const struct lint_destroyed *first;
};

static struct gone gone_in(const struct lint *lint, size_t file)
{
    struct gone gone = {0};
    for (size_t i = 0; i < lint->outcome->destroyed_count; i++) {
        const struct lint_destroyed *entry = &lint->outcome->destroyed[i];
        if (entry->at.file == file) {
            gone.first = gone.count++ == 0 ? entry : gone.first;
            gone.used += entry->referenced_by.len > 0 || entry->recent_writes > 0;
            gone.rows += entry->rows > 0 ? entry->rows : 0;
        }
    }
    return gone;
}

/* "table orders goes, with about 88,310 rows", "table orders and 8 more go". */
static struct str gone_words(struct lint *lint, const struct gone *gone)
{
    struct strbuf out = {0};
    strbuf_format(&out, "%s %.*s", gone->first->kind, STR_ARG(gone->first->name));
    if (gone->count > 1) {
        strbuf_format(&out, " and %zu more", gone->count - 1);
    }
    strbuf_text(&out, gone->count > 1 ? " go" : " goes");
    if (gone->rows > 0) {
        strbuf_text(&out, ", with about ");
        number_to_text(&out, gone->rows);
        strbuf_text(&out, gone->rows == 1 ? " row" : " rows");
    }
    struct str kept = str_dup(lint->arena, strbuf_str(&out));
    strbuf_release(&out);
    return kept;
}

static void judge_data_loss(struct lint *lint, const struct file_sum *sum,
                            const struct gone *gone, struct lint_risk_level *level)
{
    if (sum->by_loss[SQL_LOSS_DATA].count > 0 && gone->count > 0) {
        lift(level, LINT_HIGH, gone_words(lint, gone));
    }
    lift_for(lint, level, LINT_HIGH, "data is lost", &sum->by_loss[SQL_LOSS_DATA]);
    lift_for(lint, level, LINT_MEDIUM, "rows are changed or deleted",
             &sum->by_loss[SQL_LOSS_ROWS]);
}

static void judge_breaking(struct lint *lint, const struct file_sum *sum,
                           const struct gone *gone, struct lint_risk_level *level)
{
    if (gone->used > 0) {
        lift(level, LINT_HIGH,
             str_format(lint->arena, "%zu of what goes %s still in use", gone->used,
                        gone->used == 1 ? "is" : "are"));
    }
    lift_for(lint, level, LINT_MEDIUM, "running code may still use what goes",
             &sum->by_loss[SQL_LOSS_DATA]);
    lift_for(lint, level, LINT_LOW, "code of the database is dropped or replaced",
             &sum->by_loss[SQL_LOSS_CODE]);
}

static void judge_security(struct lint *lint, const struct file_sum *sum,
                           const struct gone *gone, struct lint_risk_level *level)
{
    (void)gone;
    lift_for(lint, level, LINT_MEDIUM, "rights or owners change",
             &sum->by_loss[SQL_LOSS_ACCESS]);
}

static void judge_performance(struct lint *lint, const struct file_sum *sum,
                              const struct gone *gone, struct lint_risk_level *level)
{
    (void)gone;
    for (enum lint_severity severity = LINT_BLOCK; severity > LINT_NOTE; severity--) {
        const struct noted *noted = &sum->stops[severity];
        if (noted->count == 0) {
            continue;
        }
        const struct lint_verdict *verdict = sum->verdicts[noted->statement];
        const char *stops = sql_lock_stops(verdict->lock);
        struct str words = who(lint, noted);
        struct str clause =
            str_format(lint->arena, "%s on %.*s %s%s: %.*s", sql_lock_words(verdict->lock),
                       STR_ARG(verdict->lock_on), stops[0] ? stops : "is held",
                       severity == LINT_LOW ? " for a moment" : " while every row is worked on",
                       STR_ARG(words));
        lift(level, severity, clause);
        return;
    }
}

static void judge_rollback(struct lint *lint, const struct file_sum *sum,
                           const struct gone *gone, struct lint_risk_level *level)
{
    (void)gone;
    bool undo = sum->file->has_undo;
    bool rows_alone = sum->by_loss[SQL_LOSS_DATA].count == 0;
    lift_for(lint, level, undo && rows_alone ? LINT_MEDIUM : LINT_HIGH,
             "only a backup brings it back", &sum->by_undo[SQL_UNDO_BACKUP]);
    lift_for(lint, level, LINT_MEDIUM, "there is no way back", &sum->by_undo[SQL_UNDO_NEVER]);
    lift_for(lint, level, undo ? LINT_LOW : LINT_MEDIUM,
             undo ? "the undo file knows what was there before"
                  : "only who knows what was there before can take it back",
             &sum->by_undo[SQL_UNDO_KNOWLEDGE]);
    lift_for(lint, level, LINT_LOW, "a statement takes it back",
             &sum->by_undo[SQL_UNDO_STATEMENT]);
}

typedef void judge(struct lint *lint, const struct file_sum *sum, const struct gone *gone,
                   struct lint_risk_level *level);
static const struct {
    judge *judge;
    const char *none; /* the reason for no risk */
} questions[LINT_RISK__COUNT] = {
    [LINT_RISK_DATA_LOSS] = {judge_data_loss, "no data is dropped and no row is changed"},
    [LINT_RISK_BREAKING] = {judge_breaking, "nothing goes that running code may use"},
    [LINT_RISK_SECURITY] = {judge_security, "no right, role or policy is weakened"},
    [LINT_RISK_PERFORMANCE] = {judge_performance, "no lock stops reads or writes"},
    [LINT_RISK_ROLLBACK] = {judge_rollback, "there is nothing to take back"},
};

static void judge_file(struct lint *lint, size_t file, struct lint_file_result *result)
{
    const struct file_sum *sum = &lint->outcome->sums[file];
    struct gone gone = gone_in(lint, file);
    for (size_t i = 0; i < LINT_RISK__COUNT; i++) {
        struct lint_risk_level *level = &result->risks[i];
        questions[i].judge(lint, sum, &gone, level);
        lift_for(lint, level, LINT_MEDIUM, "this cannot be judged", &sum->unjudged);
    }
}

static void add_finding(struct lint *lint, const struct lint_finding *finding)
{
    struct lint_risk_level *level =
        &lint->files[finding->at.file].risks[risk_of(finding->rule)];
    bool counts =
        !finding->waived && strcmp(finding->rule->id, "T12") != 0; /* no fault of it */
    if (counts && finding->severity > level->severity) {
        lift(
            level, finding->severity,
            str_format(lint->arena, "%.*s (%s)", STR_ARG(finding->message), finding->rule->id));
    }
}

static void conclude(struct lint *lint, struct lint_file_result *file)
{
    for (size_t i = 0; i < LINT_RISK__COUNT; i++) {
        struct lint_risk_level *level = &file->risks[i];
        if (level->why.len == 0) {
            level->why = str_from(questions[i].none);
        }
        if (i == 0 || level->severity > file->overall.severity) {
            file->overall.severity = level->severity;
            file->overall.why =
                str_format(lint->arena, "%s: %.*s", names[i], STR_ARG(level->why));
        }
    }
}

/* Undo files do not run with the others: their risks are their own. */
static void conclude_run(struct lint *lint, struct lint_result *result)
{
    for (size_t i = 0; i < lint->file_count; i++) {
        const struct lint_file_result *file = &lint->files[i];
        if (!file->is_undo && (result->overall.why.len == 0 ||
                               file->overall.severity > result->overall.severity)) {
            result->overall.severity = file->overall.severity;
            result->overall.why = str_format(lint->arena, "%.*s: %.*s", STR_ARG(file->name),
                                             STR_ARG(file->overall.why));
        }
    }
}

void risks_judge(struct lint *lint, struct lint_result *result)
{
    for (size_t i = 0; i < lint->file_count; i++) {
        judge_file(lint, i, &lint->files[i]);
    }
    for (size_t i = 0; i < result->finding_count; i++) {
        add_finding(lint, &result->findings[i]);
    }
    for (size_t i = 0; i < lint->file_count; i++) {
        conclude(lint, &lint->files[i]);
    }
    conclude_run(lint, result);
}

/* ------------------------------------------------------------- what is not known */

struct str not_known_words(const struct lint *lint)
{
    static const struct {
        enum lint_needs part;
        const char *words;
    } parts[] = {
        {LINT_NEEDS_TABLES, "sizes, columns and dependents of tables"},
        {LINT_NEEDS_TRAFFIC, "which statements run"},
        {LINT_NEEDS_ROLE, "the rights of the role"},
        {LINT_NEEDS_VERSION, "the version of the server"},
        {LINT_NEEDS_ACTIVITY, "other sessions"},
        {LINT_NEEDS_HISTORY, "what was applied before"},
    };
    const char *missing[COUNT_OF(parts)];
    size_t count = 0;
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        if (!world_knows(lint, parts[i].part)) {
            missing[count++] = parts[i].words;
        }
    }
    struct strbuf out = {0};
    for (size_t i = 0; i < count; i++) {
        strbuf_text(&out, i == 0 ? "Not known: " : i + 1 == count ? " and " : ", ");
        strbuf_text(&out, missing[i]);
    }
    strbuf_text(&out, count > 0 ? "." : "");
    struct str kept = str_dup(lint->arena, strbuf_str(&out));
    strbuf_release(&out);
    return kept;
}
