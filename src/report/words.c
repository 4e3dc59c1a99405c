/* SPDX-License-Identifier: PostgreSQL */
/*
 * Words of the report: the outcome in one line, what an exit code means, and how
 * numbers, times and hashes are written. What is not known is called so.
 */
#include <math.h>

#include "document.h"

#define NOT_KNOWN STR("not known")

const char *const backup_level_words[] = {
    [PLAN_LEVEL_UNSAID] = "nothing",
    [PLAN_LEVEL_DUMPED] = "dumped",
    [PLAN_LEVEL_LISTED] = "listed",
    [PLAN_LEVEL_RESTORED] = "restored",
    [PLAN_LEVEL_COMPARED] = "restored and compared",
};

const char *const change_words[] = {
    [CHANGE_GONE] = "gone",
    [CHANGE_NEW] = "new",
    [CHANGE_CHANGED] = "changed",
};

/* ----------------------------------------------------------------- outcome */

/*
 * code      exit code of the command line
 * word      in report.json
 * headline  for people; NULL: see report_outcome()
 * meaning   one clause
 */
static const struct {
    int code;
    const char *word;
    const char *headline;
    const char *meaning;
} endings[] = {
    {0, "completed", NULL, "everything that the plan wants was done"},
    {1, "failed", "FAILED", "an error inside gonogo"},
    {2, "failed", "FAILED", "the plan or the command line is wrong"},
    {3, "failed", "FAILED", "a statement failed and its file is rolled back"},
    {4, "stopped", "STOPPED: NO CONNECTION OR WRONG TARGET",
     "no connection, or not the server that the plan means"},
    {5, "failed", "FAILED: NOT AS PLANNED", "a check or a count is not what the plan expects"},
    {6, "stopped", "STOPPED", "stopped at a safe point by people or by a rule"},
    {7, "stopped", "STOPPED: ANOTHER RUN HOLDS THE LOCK", "another run holds the lock"},
    {8, "rolled_back", "ROLLED BACK, EQUAL TO BEFORE",
     "rolled back, and proved to be equal to before"},
    {9, "unknown", "UNKNOWN", "partly done, or nobody knows whether it was done"},
    {11, "failed", "FAILED: THE RECORD IS NOT WHOLE", "our own record could not be written"},
};

static size_t ending_of(int code)
{
    for (size_t i = 0; i < COUNT_OF(endings); i++) {
        if (endings[i].code == code) {
            return i;
        }
    }
    return 1;
}

const char *report_exit_meaning(int exit_code)
{
    return endings[ending_of(exit_code)].meaning;
}

/* Exit code 0 says only that nothing bad is known: was the end reached at all? */
static bool run_is_through(const struct run *run)
{
    return run->state == STATE_REPORT || run->state == STATE_END;
}

const char *report_outcome_word(const struct run *run)
{
    int code = engine_exit_code(run);
    return code == 0 && !run_is_through(run) ? "stopped" : endings[ending_of(code)].word;
}

struct str report_outcome(const struct run *run, struct arena *arena)
{
    int code = engine_exit_code(run);
    const char *headline = endings[ending_of(code)].headline;
    if (headline) {
        return str_from(headline);
    }
    if (!run_is_through(run)) {
        return str_format(arena, "NOT FINISHED: STANDS AT %s", phase_words[run->phase]);
    }
    size_t notes = run_decisions(run);
    if (notes == 0) {
        return STR("COMPLETED");
    }
    return str_format(arena, "COMPLETED WITH %zu ACCEPTED NOTE%s", notes,
                      notes == 1 ? "" : "S");
}

enum tone outcome_tone(enum outcome outcome)
{
    switch (outcome) {
    case OUTCOME_OK:
        return TONE_GOOD;
    case OUTCOME_FAILED:
        return TONE_BAD;
    case OUTCOME_NONE:
    case OUTCOME_UNKNOWN:
    case OUTCOME__COUNT:
        return TONE_UNKNOWN;
    }
    return TONE_UNKNOWN;
}

/* ----------------------------------------------------------- numbers, times */

struct str text_or(struct str text, const char *otherwise)
{
    return text.len > 0 ? text : str_from(otherwise);
}

const char *text_by(bool claim, struct str who)
{
    return claim && !str_ends(who, "by file") ? " (by file)" : "";
}

/* Keeps what was built and frees the buffer. */
static struct str keep(struct report *report, struct strbuf *buf)
{
    struct str text = str_dup(report->arena, strbuf_str(buf));
    strbuf_release(buf);
    return text;
}

struct str text_count(struct report *report, int64_t number)
{
    if (number < 0) {
        return NOT_KNOWN;
    }
    struct strbuf buf = {0};
    number_to_text(&buf, number);
    return keep(report, &buf);
}

struct str text_duration(struct report *report, int64_t us)
{
    return us > 0 ? duration_text(report->arena, us) : NOT_KNOWN;
}

struct str text_clock(struct report *report, int64_t at_us)
{
    if (at_us == 0) {
        return NOT_KNOWN;
    }
    struct strbuf buf = {0};
    time_to_clock(&buf, at_us);
    strbuf_byte(&buf, 'Z');
    return keep(report, &buf);
}

struct str text_time(struct report *report, int64_t at_us)
{
    if (at_us == 0) {
        return NOT_KNOWN;
    }
    struct calendar day = calendar_from_us(at_us);
    return str_format(report->arena, "%04d-%02d-%02d %02d:%02d:%02dZ", day.year, day.month,
                      day.day, day.hour, day.minute, day.second);
}

/* A number with up to three decimals, the same in every locale. */
static void put_number(struct strbuf *out, double number)
{
    if (isnan(number)) {
        strbuf_text(out, "not known");
        return;
    }
    if (fabs(number) >= 1e15) {
        strbuf_text(out, number < 0 ? "< -10^15" : "> 10^15");
        return;
    }
    int64_t scaled = (int64_t)llround(fabs(number) * 1000);
    if (number < 0 && scaled > 0) {
        strbuf_byte(out, '-');
    }
    strbuf_i64(out, scaled / 1000);
    if (scaled % 1000 != 0) {
        int decimals = (int)(scaled % 1000);
        int digits = decimals % 100 == 0 ? 1 : decimals % 10 == 0 ? 2 : 3;
        int shown = digits == 1 ? decimals / 100 : digits == 2 ? decimals / 10 : decimals;
        strbuf_format(out, ".%0*d", digits, shown);
    }
}

struct str text_number(struct report *report, double number)
{
    struct strbuf buf = {0};
    put_number(&buf, number);
    return keep(report, &buf);
}

struct str text_sha(struct report *report, struct str hash)
{
    return hash.len > 0 ? doc_text(report, "%.*s", STR_ARG(hash)) : NOT_KNOWN;
}

struct str text_expected(struct report *report, enum plan_comparator comparator,
                         const struct plan_value *expected)
{
    static const char *const words[] = {
        [PLAN_EQUALS] = "equals",   [PLAN_AT_LEAST] = "at least", [PLAN_AT_MOST] = "at most",
        [PLAN_MATCHES] = "matches", [PLAN_SAME_AS] = "same as",
    };
    switch (comparator) {
    case PLAN_COMPARE_UNSAID:
        return STR("-");
    case PLAN_EMPTY:
        return STR("no row");
    case PLAN_EXISTS:
        return STR("is there");
    case PLAN_EQUALS:
    case PLAN_AT_LEAST:
    case PLAN_AT_MOST:
    case PLAN_MATCHES:
    case PLAN_SAME_AS:
        break;
    }
    return doc_text(report, "%s %.*s", words[comparator], STR_ARG(expected->text));
}
