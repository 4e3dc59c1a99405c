/* SPDX-License-Identifier: PostgreSQL */
/*
 * Waivers: somebody takes a finding upon himself, with a name and a reason. As a comment,
 *
 *   -- gonogo: waive L1 until 2026-12-31 by anna: the table is empty in production
 *   CREATE INDEX ON orders (customer_id);
 *
 * stands in front of its statement, or behind it on its last line; `waive-file` in place of
 * `waive` speaks for the whole file, wherever it stands between two statements. `until` may be
 * left out; the day itself is still covered. Person and reason may not: such a waiver is no
 * waiver, and T12 says so. Comments inside of a statement belong to the statement, and are not
 * read. The other form is an entry of the plan's `waivers`, for files that nobody may touch.
 */
#include "outcome.h"

static const char mark[] = "gonogo:";

/* --------------------------------------------------------------- the comment's words */

static struct str take_word(struct str *rest)
{
    struct str word = STR("");
    *rest = str_trim(*rest);
    size_t end = str_find_byte(*rest, ' ', 0);
    size_t colon = str_find_byte(*rest, ':', 0);
    end = colon < end ? colon : end;
    word = str_slice(*rest, 0, end);
    *rest = str_slice(*rest, end, rest->len);
    return word;
}

/* Midnight behind the day; false when it is none. */
static bool read_day(struct arena *arena, struct str word, int64_t *until_us)
{
    struct str midnight = str_format(arena, "%.*sT00:00:00Z", STR_ARG(word));
    if (word.len != strlen("2026-12-31") || !time_from_text(midnight, until_us)) {
        return false;
    }
    *until_us += US_PER_DAY;
    return true;
}

/* What is wrong with it, as a clause; NULL when it can be understood. */
static const char *read_words(struct arena *arena, struct str rest, struct waiver *waiver)
{
    struct str verb = take_word(&rest);
    waiver->whole_file = str_eq(verb, "waive-file");
    if (!waiver->whole_file && !str_eq(verb, "waive")) {
        return "the words are `waive` and `waive-file`";
    }
    waiver->is.rule = str_dup(arena, take_word(&rest));
    struct str word;
    while ((word = take_word(&rest)).len > 0) {
        if (str_eq(word, "until")) {
            if (!read_day(arena, take_word(&rest), &waiver->is.until_us)) {
                return "a date is written as 2026-12-31";
            }
        } else if (str_eq(word, "by")) {
            size_t colon = str_find_byte(rest, ':', 0);
            waiver->is.by = str_dup(arena, str_trim(str_slice(rest, 0, colon)));
            rest = str_slice(rest, colon, rest.len);
        } else {
            return "behind the rule stand `until DATE`, `by PERSON`, and a colon with the "
                   "reason";
        }
    }
    if (str_starts(rest, ":")) {
        waiver->is.reason = str_dup(arena, str_trim(str_slice(rest, 1, rest.len)));
    }
    return NULL;
}

/* ---------------------------------------------------------------------- T12 */

static struct lint_finding *tell(struct lint *lint, struct waiver *waiver,
                                 enum lint_severity severity, struct str message)
{
    struct lint_finding *finding = report_finding(lint, NULL, "T12", "%.*s", STR_ARG(message));
    finding->severity = severity;
    finding->at = waiver->at;
    finding->object = waiver->is.rule;
    return finding;
}

static const char *whose(const struct waiver *waiver)
{
    return waiver->by_comment ? "the waiver" : "the plan's waiver";
}

static void tell_broken(struct lint *lint, struct waiver *waiver, const char *why)
{
    waiver->broken = true;
    (void)tell(lint, waiver, LINT_BLOCK,
               str_format(lint->arena, "%s of %.*s is not in force: %s", whose(waiver),
                          STR_ARG(waiver->is.rule.len > 0 ? waiver->is.rule : STR("nothing")),
                          why));
}

static void tell_expired(struct lint *lint, struct waiver *waiver)
{
    struct calendar day = calendar_from_us(waiver->is.until_us - 1);
    (void)tell(lint, waiver, LINT_MEDIUM,
               str_format(lint->arena,
                          "%s of %s by %.*s was good until %04d-%02d-%02d; its finding is "
                          "back",
                          whose(waiver), waiver->rule->id, STR_ARG(waiver->is.by), day.year,
                          day.month, day.day));
}

static void tell_unused(struct lint *lint, struct waiver *waiver)
{
    (void)tell(lint, waiver, LINT_LOW,
               str_format(lint->arena,
                          "%s of %s by %.*s takes nothing away: there is no such finding; "
                          "remove it",
                          whose(waiver), waiver->rule->id, STR_ARG(waiver->is.by)));
}

/* Looks at what every waiver must have; what lacks it is told and not in force. */
static void judge_waiver(struct lint *lint, struct waiver *waiver, const char *trouble)
{
    waiver->rule = lint_rule_find(waiver->is.rule);
    if (trouble) {
        tell_broken(lint, waiver, trouble);
    } else if (!waiver->rule) {
        tell_broken(lint, waiver, "there is no such rule");
    } else if (strcmp(waiver->rule->id, "T12") == 0) {
        tell_broken(lint, waiver, "what is wrong with waivers cannot be waived");
    } else if (waiver->is.reason.len == 0) {
        tell_broken(lint, waiver, "it gives no reason");
    } else if (waiver->is.by.len == 0) {
        tell_broken(lint, waiver, "it names no person");
    } else if (waiver->is.until_us != 0 && lint->context->today_us >= waiver->is.until_us) {
        waiver->expired = true;
    }
}

/* ------------------------------------------------------------- finding them in a file */

/* `line` is a whole comment of a file, from its dashes on. */
static void read_comment(struct lint *lint, struct str line, struct lint_place at)
{
    size_t dashes = 0;
    while (dashes < line.len && line.ptr[dashes] == '-') {
        dashes++;
    }
    struct str rest = str_trim(str_slice(line, dashes, line.len));
    if (!str_starts(rest, mark)) {
        return;
    }
    rest = str_slice(rest, strlen(mark), rest.len);
    struct waiver waiver = {.at = at, .by_comment = true};
    const char *trouble = read_words(lint->arena, rest, &waiver);
    judge_waiver(lint, &waiver, trouble);
    struct outcome *outcome = lint->outcome;
    *ARRAY_PUSH(outcome->waivers, outcome->waiver_count, outcome->waiver_capacity) = waiver;
}

static struct sql_place place_of(struct str text, size_t begin, size_t offset, int first_line)
{
    struct sql_place place = {.offset = offset, .line = first_line, .column = 1};
    size_t line_begin = begin;
    while (line_begin > 0 && text.ptr[line_begin - 1] != '\n') {
        line_begin--;
    }
    for (size_t i = begin; i < offset; i++) {
        if (text.ptr[i] == '\n') {
            place.line++;
            line_begin = i + 1;
        }
    }
    for (size_t i = line_begin; i < offset; i++) {
        place.column += ((unsigned char)text.ptr[i] & 0xc0) != 0x80;
    }
    return place;
}

/* Between two statements stand white space and "--" comments, nothing else. */
static void scan(struct lint *lint, size_t begin, size_t end, int first_line, size_t next)
{
    struct str text = lint->file->text;
    bool same_line = next > 0; /* behind a statement, on its line: of that statement */
    for (size_t at = begin; at < end;) {
        size_t line_end = str_find_byte(text, '\n', at);
        line_end = line_end < end ? line_end : end;
        struct str line = str_trim(str_slice(text, at, line_end - at));
        if (str_starts(line, "--")) {
            size_t offset = (size_t)(line.ptr - text.ptr);
            read_comment(lint, line,
                         (struct lint_place){lint->file_index, same_line ? next - 1 : next,
                                             place_of(text, begin, offset, first_line)});
        }
        same_line = false;
        at = line_end + 1;
    }
}

/* Whether the words stand in those bytes at all: most gaps hold nothing. */
static bool holds_mark(struct str text, size_t begin, size_t end)
{
    struct str gap = str_slice(text, begin, end - begin);
    for (size_t at = str_find_byte(gap, mark[0], 0); at < gap.len;
         at = str_find_byte(gap, mark[0], at + 1)) {
        if (str_starts(str_slice(gap, at, gap.len), mark)) {
            return true;
        }
    }
    return false;
}

static int lines_between(struct str text, size_t begin, size_t end)
{
    int lines = 0;
    for (size_t at = str_find_byte(text, '\n', begin); at < end;
         at = str_find_byte(text, '\n', at + 1)) {
        lines++;
    }
    return lines;
}

void waivers_before(struct lint *lint, const struct sql_statement *statement, size_t index)
{
    struct str text = lint->file->text;
    size_t begin = lint->outcome->scanned;
    size_t end = statement->offset < text.len ? statement->offset : text.len;
    if (begin < end && holds_mark(text, begin, end)) {
        scan(lint, begin, end, statement->line - lines_between(text, begin, end), index);
    }
    lint->outcome->scanned = statement->data ? statement->data->offset + statement->data->length
                                             : statement->offset + statement->length;
}

/* --------------------------------------------------------------------- in force */

static bool is_about(const struct waiver *waiver, const struct lint_finding *finding)
{
    bool here = !waiver->by_comment ||
                (waiver->at.file == finding->at.file &&
                 (waiver->whole_file || waiver->at.statement == finding->at.statement));
    return here && waiver->rule == finding->rule;
}

static bool is_in_force(const struct waiver *waiver)
{
    return !waiver->broken && !waiver->expired;
}

static bool names_file(const struct lint *lint, const struct waiver *waiver, size_t file)
{
    return waiver->by_comment || waiver->is.file.len == 0 ||
           str_is(waiver->is.file, lint->files[file].name);
}

static bool names_statement(const struct waiver *waiver, const struct lint_finding *finding)
{
    return waiver->is.statement == 0 || waiver->is.statement == finding->at.statement + 1;
}

/* Takes the finding away if it is about it; an expired one is used in vain. */
static void apply_to(const struct lint *lint, struct waiver *waiver,
                     struct lint_finding *finding)
{
    if (waiver->broken || !is_about(waiver, finding) ||
        !names_file(lint, waiver, finding->at.file) || !names_statement(waiver, finding)) {
        return;
    }
    waiver->uses++;
    if (is_in_force(waiver) && !finding->waived) {
        finding->waived = true;
        finding->waived_by = waiver->is.by;
        finding->waived_why = waiver->is.reason;
        finding->waived_until_us = waiver->is.until_us;
        finding->waived_by_plan = !waiver->by_comment;
    }
}

/* To the findings from `first` on. */
static void apply(struct lint *lint, struct waiver *waiver, size_t first)
{
    for (size_t i = first; i < lint->finding_count; i++) {
        apply_to(lint, waiver, &lint->findings[i]);
    }
}

/* The findings of a file by their statements: as many waivers may stand in it. */
static struct chains findings_by_statement(const struct lint *lint, size_t first)
{
    struct chains chains = {0};
    bool any = lint->outcome->waiver_count > 0;
    for (size_t i = first; any && i < lint->finding_count; i++) {
        chain_add(&chains, (uint32_t)lint->findings[i].at.statement, i);
    }
    return chains;
}

static void apply_here(struct lint *lint, struct waiver *waiver, const struct chains *chains)
{
    for (ptrdiff_t i = chain_first(chains, (uint32_t)waiver->at.statement); i != CHAIN_NONE;
         i = chain_next(chains, i)) {
        apply_to(lint, waiver, &lint->findings[chains->links[i].item]);
    }
}

static void settle(struct lint *lint, struct waiver *waiver)
{
    if (waiver->broken) {
        return;
    }
    if (waiver->uses == 0) {
        tell_unused(lint, waiver);
    } else if (waiver->expired) {
        tell_expired(lint, waiver);
    }
}

/* A file's findings stand together at the end of the list. */
static size_t first_finding_of(const struct lint *lint, size_t file)
{
    size_t first = lint->finding_count;
    while (first > 0 && lint->findings[first - 1].at.file == file) {
        first--;
    }
    return first;
}

/* What only the end of the plan shows is not there yet when its file ends. */
static bool is_judged_last(const struct waiver *waiver)
{
    return waiver->rule && strcmp(waiver->rule->id, "K10") == 0;
}

static bool ends_with_file(const struct lint *lint, const struct waiver *waiver)
{
    return waiver->by_comment && waiver->at.file == lint->file_index && !is_judged_last(waiver);
}

void waivers_end_file(struct lint *lint)
{
    struct outcome *outcome = lint->outcome;
    struct str text = lint->file->text;
    if (outcome->scanned < text.len && holds_mark(text, outcome->scanned, text.len)) {
        int line = sql_place_at(text, outcome->scanned).line;
        size_t count = lint->files[lint->file_index].statement_count;
        scan(lint, outcome->scanned, text.len, line, count);
    }
    size_t first = first_finding_of(lint, lint->file_index);
    size_t count = outcome->waiver_count;
    struct chains chains = findings_by_statement(lint, first);
    for (size_t i = 0; i < count; i++) {
        struct waiver *waiver = &outcome->waivers[i];
        if (ends_with_file(lint, waiver) && waiver->whole_file) {
            apply(lint, waiver, first);
        } else if (ends_with_file(lint, waiver)) {
            apply_here(lint, waiver, &chains);
        }
    }
    chains_release(&chains);
    for (size_t i = 0; i < count; i++) {
        if (ends_with_file(lint, &outcome->waivers[i])) {
            settle(lint, &outcome->waivers[i]);
        }
    }
}

/* -------------------------------------------------------------------- the plan's own */

void lint_waive(struct lint *lint, const struct lint_waiver *waiver)
{
    struct outcome *outcome = lint->outcome;
    *ARRAY_PUSH(outcome->waivers, outcome->waiver_count, outcome->waiver_capacity) =
        (struct waiver){
            .is = {.rule = str_dup(lint->arena, waiver->rule),
                   .file = str_dup(lint->arena, waiver->file),
                   .statement = waiver->statement,
                   .reason = str_dup(lint->arena, waiver->reason),
                   .by = str_dup(lint->arena, waiver->by),
                   .until_us = waiver->until_us},
            .at = {.file = 0, .statement = SIZE_MAX},
        };
}

/* The place to say something of it: the file that it names, else the first one. */
static void place_in_file(const struct lint *lint, struct waiver *waiver)
{
    for (size_t i = 0; i < lint->file_count; i++) {
        if (waiver->is.file.len > 0 && str_is(lint->files[i].name, waiver->is.file)) {
            waiver->at.file = i;
        }
    }
}

void waivers_finish(struct lint *lint)
{
    struct outcome *outcome = lint->outcome;
    for (size_t i = 0; i < outcome->waiver_count; i++) {
        struct waiver *waiver = &outcome->waivers[i];
        if (!waiver->by_comment && lint->file_count > 0) { /* else there is nothing to waive */
            place_in_file(lint, waiver);
            judge_waiver(lint, waiver, NULL);
            apply(lint, waiver, 0);
            settle(lint, waiver);
        } else if (waiver->by_comment && is_judged_last(waiver)) {
            apply(lint, waiver, 0);
            settle(lint, waiver);
        }
    }
}
