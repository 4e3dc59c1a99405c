/* SPDX-License-Identifier: PostgreSQL */
/*
 * What was run and when: the schedule against the clock, and each script with its
 * statements, their times, what the server said, and how its fate is known.
 */
#include <math.h>

#include "document.h"

enum {
    SQL_COLUMNS = 160,  /* of a statement in the table; the file's hash covers the rest */
    LISTED_WHOLE = 500, /* statements of one script; of more only these: */
    LISTED_FIRST = 100,
    LISTED_SLOWEST = 20
};

/* ---------------------------------------------------------------- schedule */

static double share(int64_t at_us, int64_t from_us, int64_t until_us)
{
    if (at_us == 0 || until_us <= from_us) {
        return (double)NAN;
    }
    double part = (double)(at_us - from_us) / (double)(until_us - from_us);
    return part < 0 ? 0 : part > 1 ? 1 : part;
}

static void slot_range(const struct run *run, int64_t *from_us, int64_t *until_us)
{
    *from_us = run->opens_us;
    *until_us = run->closes_us;
    for (size_t i = 0; i < run->slot_count; i++) {
        const struct run_slot *slot = &run->slots[i];
        int64_t start = slot->started_us;
        int64_t end = slot->ended_us;
        *from_us = start != 0 && (*from_us == 0 || start < *from_us) ? start : *from_us;
        *until_us = end > *until_us ? end : *until_us;
    }
}

static void add_late(struct report *report, const struct run_slot *slot)
{
    if (slot->planned_start_us == 0 || slot->started_us == 0) {
        doc_cell(report, TONE_PLAIN, slot->started_us == 0 ? "not begun" : "no slot");
        return;
    }
    int64_t late = slot->started_us - slot->planned_start_us;
    int64_t limit = US_PER_MINUTE; /* what people mean by punctual */
    struct str by = duration_text(report->arena, late < 0 ? -late : late);
    bool punctual = late < limit && late > -limit;
    doc_cell(report, late >= limit ? TONE_WARN : TONE_GOOD, "%s%.*s%s",
             punctual ? "on time" : "", STR_ARG(punctual ? (struct str){0} : by),
             punctual   ? ""
             : late > 0 ? " late"
                        : " early");
}

void part_schedule(struct report *report)
{
    const struct run *run = report->run;
    int64_t from_us = 0;
    int64_t until_us = 0;
    slot_range(run, &from_us, &until_us);
    doc_heading(report, 2, "Schedule, planned against actual");
    doc_table(report,
              "Slot|Planned (UTC)|>Planned length|Began (UTC)|>Took|Ended (UTC)|Verdict");
    for (size_t i = 0; i < run->slot_count; i++) {
        const struct run_slot *slot = &run->slots[i];
        int64_t took =
            slot->ended_us > slot->started_us ? slot->ended_us - slot->started_us : 0;
        struct figure *span = arena_alloc(report->arena, sizeof(*span));
        int64_t planned_end =
            slot->planned_start_us == 0 ? 0 : slot->planned_start_us + slot->planned_us;
        *span =
            (struct figure){.kind = FIGURE_SPAN,
                            .planned_from = share(slot->planned_start_us, from_us, until_us),
                            .planned_to = share(planned_end, from_us, until_us),
                            .from = share(slot->started_us, from_us, until_us),
                            .to = share(slot->ended_us, from_us, until_us)};
        bool planned = slot->planned_start_us != 0;
        doc_row(report);
        doc_cell(report, TONE_PLAIN, "%.*s", STR_ARG(slot->title));
        doc_cell(report, TONE_PLAIN, "%.*s",
                 STR_ARG(planned ? text_clock(report, slot->planned_start_us) : STR("-")));
        doc_cell(report, TONE_PLAIN, "%.*s",
                 STR_ARG(planned ? text_duration(report, slot->planned_us) : STR("-")));
        doc_cell(
            report, TONE_PLAIN, "%.*s",
            STR_ARG(slot->started_us != 0 ? text_clock(report, slot->started_us) : STR("-")));
        doc_cell(report, planned && took > slot->planned_us ? TONE_WARN : TONE_PLAIN, "%.*s",
                 STR_ARG(took > 0 ? text_duration(report, took) : STR("-")));
        doc_figure(report, slot->ended_us != 0 ? text_clock(report, slot->ended_us) : STR("-"),
                   span);
        add_late(report, slot);
    }
}

/* ------------------------------------------------------------ execution log */

static enum tone script_tone(const struct run_script *script)
{
    static const enum tone tones[SCRIPT_STATE__COUNT] = {
        [SCRIPT_PENDING] = TONE_PLAIN,    [SCRIPT_APPLIED] = TONE_PLAIN,
        [SCRIPT_OPEN] = TONE_UNKNOWN,     [SCRIPT_COMMITTED] = TONE_GOOD,
        [SCRIPT_ROLLED_BACK] = TONE_WARN, [SCRIPT_UNKNOWN] = TONE_UNKNOWN,
        [SCRIPT_DONE] = TONE_GOOD,        [SCRIPT_UNDONE] = TONE_WARN,
    };
    if (script->partial) {
        return TONE_UNKNOWN;
    }
    return script->state == SCRIPT_ROLLED_BACK && script->failed ? TONE_BAD
                                                                 : tones[script->state];
}

static const struct plan_expect *expect_of(const struct run *run,
                                           const struct run_script *script)
{
    static const struct plan_expect nothing = {.time_us = PLAN_UNSAID,
                                               .errors = PLAN_UNSAID,
                                               .warnings = PLAN_UNSAID,
                                               .drops = PLAN_UNSAID};
    return script->kind == SCRIPT_MIGRATION && script->step >= 0
               ? &run->plan->steps.items[script->step].expect
               : &nothing;
}

static void add_script_facts(struct report *report, const struct run_script *script)
{
    const struct plan_expect *expect = expect_of(report->run, script);
    bool partial = script->partial;
    doc_fact(report, "State", script_tone(script), "%s%s", script_state_words[script->state],
             partial ? ", in part: some statements are committed, others are not" : "");
    if (script->file.len > 0) {
        doc_fact(report, "File", TONE_PLAIN, "%.*s", STR_ARG(script->file));
    }
    if (script->state == SCRIPT_APPLIED) {
        doc_fact(report, "Applied at", TONE_PLAIN, "%.*s",
                 STR_ARG(text_time(report, script->applied_at_us)));
        return;
    }
    if (script->kind == SCRIPT_MANUAL) {
        doc_fact(report, "Said to be done", TONE_PLAIN, "%.*s",
                 STR_ARG(text_or(script->note, "not known")));
        return;
    }
    bool late = expect->time_us > 0 && script->sql_us > expect->time_us;
    doc_fact(report, "SQL time", late ? TONE_WARN : TONE_PLAIN, "%.*s, expected %.*s",
             STR_ARG(text_duration(report, script->sql_us)),
             STR_ARG(expect->time_us > 0 ? text_duration(report, expect->time_us)
                                         : STR("nothing by the plan")));
    doc_fact(report, "Began, ended", TONE_PLAIN, "%.*s to %.*s",
             STR_ARG(text_clock(report, script->started_us)),
             STR_ARG(text_clock(report, script->ended_us)));
    doc_fact(report, "Attempts", script->attempts > 1 ? TONE_WARN : TONE_PLAIN, "%d",
             script->attempts);
    doc_fact(report, "Notices", TONE_PLAIN, "%d, of them warnings %d", script->notices,
             script->warnings);
    doc_fact(report, "Fate known by", TONE_PLAIN, "%.*s",
             STR_ARG(script->settled_by.len > 0          ? script->settled_by
                     : script->state == SCRIPT_COMMITTED ? STR("the server's answer to COMMIT")
                     : script->state == SCRIPT_ROLLED_BACK ? STR("the server's answer")
                                                           : STR("not known")));
    if (script->xid > 0) {
        doc_fact(report, "Transaction", TONE_PLAIN, "%lld", (long long)script->xid);
    }
}

/* What went wrong: the server's words as they were, and who stood in the way. */
static void add_failure(struct report *report, const struct run_script *script)
{
    const struct run *run = report->run;
    if (script->failure.len == 0) {
        return;
    }
    bool stands = script->failed || script->state == SCRIPT_ROLLED_BACK;
    doc_fact(report, "Failure", stands ? TONE_BAD : TONE_WARN, "%.*s%s%.*s%s",
             STR_ARG(script->failure), script->failure_state.len > 0 ? " (SQLSTATE " : "",
             STR_ARG(script->failure_state), script->failure_state.len > 0 ? ")" : "");
    if (script->cancelled) {
        doc_fact(report, "Cancelled", TONE_WARN, "by a person");
    }
    if (!script->failed || run->blocker_count == 0) {
        return;
    }
    doc_fact(report, "Waited for a lock", TONE_WARN, "%.*s",
             STR_ARG(text_duration(report, run->waited_us)));
    for (size_t i = 0; i < run->blocker_count; i++) {
        const struct event_item *blocker = &run->blockers[i];
        doc_fact(report, blocker->flag ? "In the queue: we" : "In the queue", TONE_WARN,
                 "%lld %.*s: %.*s", (long long)blocker->value, STR_ARG(blocker->name),
                 STR_ARG(blocker->text));
    }
}

static void add_statement(struct report *report, const struct run_script *script, size_t index)
{
    const struct run_statement *statement = &script->statements[index];
    doc_row(report);
    doc_cell(report, TONE_PLAIN, "%zu", index + 1);
    doc_cell(report, TONE_PLAIN, "%d", script->sql->statements[index].head.line);
    doc_cell(report, TONE_PLAIN, "%.*s",
             STR_ARG(statement_sql(report, script, index, SQL_COLUMNS)));
    if (statement->outcome == OUTCOME_NONE) {
        doc_cell(report, statement->sent ? TONE_UNKNOWN : TONE_PLAIN,
                 statement->sent ? "sent, no answer" : "not sent");
        doc_cell(report, TONE_PLAIN, "-");
        doc_cell(report, TONE_PLAIN, "-");
        return;
    }
    if (statement->outcome == OUTCOME_OK) {
        doc_cell(report, TONE_GOOD, "%.*s", STR_ARG(statement->tag));
    } else {
        doc_cell(report, outcome_tone(statement->outcome), "%s%.*s %.*s",
                 statement->outcome == OUTCOME_UNKNOWN ? "no answer " : "",
                 STR_ARG(statement->sqlstate), STR_ARG(statement->text));
    }
    doc_cell(report, TONE_PLAIN, "%.*s",
             STR_ARG(statement->rows < 0 ? STR("-") : text_count(report, statement->rows)));
    doc_cell(report, TONE_PLAIN, "%.*s", STR_ARG(text_duration(report, statement->us)));
}

/* The slowest of the script, longest first; returns how many there are. */
static size_t find_slowest(const struct run_script *script, size_t last, size_t *slowest)
{
    size_t count = 0;
    for (size_t i = script->first; i < last; i++) {
        int64_t us = script->statements[i].us;
        size_t at = count;
        while (at > 0 && script->statements[slowest[at - 1]].us < us) {
            at--;
        }
        if (us <= 0 || at == LISTED_SLOWEST) {
            continue;
        }
        size_t kept = count < LISTED_SLOWEST ? count++ : count - 1;
        memmove(&slowest[at + 1], &slowest[at], (kept - at) * sizeof(*slowest));
        slowest[at] = i;
    }
    return count;
}

static bool is_listed(const struct run_script *script, size_t index, const size_t *slowest,
                      size_t slowest_count)
{
    const struct run_statement *statement = &script->statements[index];
    bool silent = statement->outcome == OUTCOME_NONE;
    bool listed = index < script->first + LISTED_FIRST ||
                  (silent ? statement->sent : statement->outcome != OUTCOME_OK);
    for (size_t i = 0; i < slowest_count && !listed; i++) {
        listed = slowest[i] == index;
    }
    return listed;
}

/* People read a page; a file of rows may hold thousands of statements. */
static void add_statements(struct report *report, const struct run_script *script)
{
    size_t last = script->last < script->sql->count ? script->last : script->sql->count;
    size_t count = last > script->first ? last - script->first : 0;
    size_t slowest[LISTED_SLOWEST];
    size_t slowest_count = find_slowest(script, last, slowest);
    size_t left_out = 0;
    for (size_t i = script->first; i < last && count > LISTED_WHOLE; i++) {
        left_out += is_listed(script, i, slowest, slowest_count) ? 0 : 1;
    }
    if (left_out > 0) {
        doc_paragraph(report, TONE_PLAIN,
                      "%zu of %zu statements are not listed here: these are the first %d, the "
                      "%d that took longest and every one that did not end well. The record of "
                      "the run and report.json have all of them.",
                      left_out, count, LISTED_FIRST, LISTED_SLOWEST);
    }
    doc_table(report, ">#|>Line|Statement|Answer|>Rows|>Took");
    for (size_t i = script->first; i < last; i++) {
        if (left_out == 0 || is_listed(script, i, slowest, slowest_count)) {
            add_statement(report, script, i);
        }
    }
}

static void add_checks(struct report *report, const struct run_check *checks, size_t count,
                       const char *title)
{
    if (count == 0) {
        return;
    }
    doc_paragraph(report, TONE_PLAIN, "%s", title);
    doc_table(report, "Check|What|Expected|Actual|>Took");
    for (size_t i = 0; i < count; i++) {
        const struct run_check *check = &checks[i];
        const struct plan_check *plan = check->check;
        struct str actual = check->outcome == OUTCOME_NONE ? STR("not run")
                            : check->actual.len > 0        ? check->actual
                                                           : check->why;
        doc_row(report);
        doc_cell(report, TONE_PLAIN, "%.*s", STR_ARG(text_or(plan->id, "-")));
        doc_cell(report, TONE_PLAIN, "%.*s", STR_ARG(text_or(plan->name, "-")));
        doc_cell(report, TONE_PLAIN, "%.*s",
                 STR_ARG(text_expected(report, plan->comparator, &plan->expected)));
        doc_cell(report, check->accepted ? TONE_WARN : outcome_tone(check->outcome),
                 "%.*s%s%.*s%s%.*s", STR_ARG(text_or(actual, outcome_words[check->outcome])),
                 check->accepted ? "; accepted by " : "", STR_ARG(check->accepted_by),
                 check->accepted ? ": " : "", STR_ARG(check->accepted_why));
        doc_cell(report, TONE_PLAIN, "%.*s",
                 STR_ARG(check->us > 0 ? check_time_text(check, report->arena) : STR("-")));
    }
}

static void add_script(struct report *report, const struct run_script *script)
{
    static const char *const titles[SCRIPT__COUNT] = {
        [SCRIPT_MIGRATION] = "Migration",
        [SCRIPT_MANUAL] = "By hand",
        [SCRIPT_DOWN] = "Undo of",
        [SCRIPT_SQL] = "Way back",
    };
    struct str id = doc_text(report, "%s %.*s", titles[script->kind], STR_ARG(script->id));
    doc_heading(report, 3, str_text(report->arena, id));
    add_script_facts(report, script);
    add_failure(report, script);
    if (script->sql && script->attempts > 0) {
        add_statements(report, script);
    }
    add_checks(report, script->before, script->before_count, "Checks before it:");
    add_checks(report, script->checks, script->check_count, "Its own checks:");
}

void part_execution(struct report *report)
{
    const struct run *run = report->run;
    doc_heading(report, 2, "Execution log");
    for (size_t i = 0; i < run->script_count; i++) {
        add_script(report, &run->scripts[i]);
    }
}

/* ------------------------------------------------------------- verification */

void part_verification(struct report *report)
{
    const struct run *run = report->run;
    size_t passed = 0;
    size_t accepted = 0;
    size_t total = 0;
    bool good = verification_passed(run, &passed, &accepted, &total);
    doc_heading(report, 2, "Verification");
    if (accepted > 0) {
        doc_paragraph(report, TONE_WARN, "%zu/%zu PASS, %zu accepted", passed, total, accepted);
    } else {
        doc_paragraph(report, good ? TONE_GOOD : TONE_BAD, "%zu/%zu PASS", passed, total);
    }
    for (size_t i = 0; i < run->set_count; i++) {
        const struct plan_set *set = &run->plan->verification.sets.items[i];
        size_t ok = 0;
        for (size_t k = 0; k < set->checks.count; k++) {
            ok += run->sets[i][k].outcome == OUTCOME_OK ? 1 : 0;
        }
        struct str title = doc_text(report, "%.*s", STR_ARG(set->name));
        doc_heading(report, 3, str_text(report->arena, title));
        struct str line = doc_text(report, "%zu/%zu", ok, set->checks.count);
        add_checks(report, run->sets[i], set->checks.count, str_text(report->arena, line));
    }
}
