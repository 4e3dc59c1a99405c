/* SPDX-License-Identifier: PostgreSQL */
/*
 * The first page: how it ended, against what, by which plan, who took responsibility
 * for what was not as planned, and what nobody knows. Whoever reads only this page
 * must not be misled.
 */
#include "document.h"

static enum tone outcome_of_run(const struct run *run)
{
    int code = engine_exit_code(run);
    if (code == 9) {
        return TONE_UNKNOWN;
    }
    if (code == 0) {
        bool clean =
            str_eq(str_from(report_outcome_word(run)), "completed") && run_decisions(run) == 0;
        return clean ? TONE_GOOD : TONE_WARN;
    }
    return code == 8 || code == 6 ? TONE_WARN : TONE_BAD;
}

static void add_target(struct report *report)
{
    const struct run *run = report->run;
    const struct plan_target *target = run->target;
    doc_fact(
        report, "Database", TONE_PLAIN, "%.*s (target %.*s%s%.*s%s)",
        STR_ARG(text_or(run->database.len > 0 ? run->database : target->database, "not known")),
        STR_ARG(target->id), target->environment.len > 0 ? ", " : "",
        STR_ARG(target->environment), target->guarded ? ", guarded" : "");
    doc_fact(report, "Server", TONE_PLAIN, "%.*s",
             STR_ARG(text_or(run->server_text, "not known")));
    doc_fact(report, "Connection", target->ssl_weak ? TONE_WARN : TONE_PLAIN, "%.*s%s%.*s",
             STR_ARG(text_or(report->context->connection, "not known")),
             target->ssl_weak ? "; the server's identity is not verified: sslmode " : "",
             STR_ARG(target->ssl_weak ? target->sslmode : (struct str){0}));
    doc_fact(report, "Operator", TONE_PLAIN, "%.*s",
             STR_ARG(text_or(run->operator_name, "not known")));
}

static void add_plan(struct report *report)
{
    const struct run *run = report->run;
    const struct report_context *context = report->context;
    doc_fact(report, "Plan", TONE_PLAIN, "%.*s", STR_ARG(run->plan->name));
    doc_fact(report, "Plan digest", TONE_PLAIN, "%.*s", STR_ARG(text_sha(report, run->digest)));
    if (context->approval.len > 0) {
        doc_fact(report, "Approval", TONE_PLAIN, "%.*s", STR_ARG(context->approval));
    }
    if (context->answers_sha256.len > 0) {
        doc_fact(report, "Answers file", TONE_WARN,
                 "sha256 %.*s: what it says are claims, marked \"by file\"",
                 STR_ARG(context->answers_sha256));
    }
    doc_fact(report, "Run", TONE_PLAIN, "%.*s, %s%s", STR_ARG(run->id),
             run->mode == RUN_LIVE ? "live" : "rehearsal",
             run->resumed ? ", broken off and resumed" : "");
    doc_fact(report, "Window", TONE_PLAIN, "%.*s to %.*s",
             STR_ARG(text_time(report, run->opens_us)),
             STR_ARG(text_time(report, run->closes_us)));
    doc_fact(report, "Began, ended", TONE_PLAIN, "%.*s to %.*s",
             STR_ARG(text_time(report, run->started_us)),
             STR_ARG(text_time(report, run->ended_us)));
    doc_fact(report, "SQL time", TONE_PLAIN, "%.*s",
             STR_ARG(text_duration(report, run_sql_us(run))));
    doc_fact(report, "Program", TONE_PLAIN, "gonogo %.*s",
             STR_ARG(text_or(context->version, "not known")));
}

static void add_decisions(struct report *report)
{
    const struct run *run = report->run;
    doc_heading(report, 2, "Overridden and accepted");
    if (run_decisions(run) == 0) {
        doc_paragraph(report, TONE_PLAIN, "Nothing was overridden or accepted.");
        return;
    }
    doc_table(report, "At (UTC)|What|About|Reason|Who");
    for (size_t i = 0; i < run->remark_count; i++) {
        const struct run_remark *remark = &run->remarks[i];
        if (!remark_is_decision(remark)) {
            continue;
        }
        doc_row(report);
        doc_cell(report, TONE_PLAIN, "%.*s", STR_ARG(text_clock(report, remark->at_us)));
        doc_cell(report, TONE_WARN, "%.*s", STR_ARG(remark->kind));
        doc_cell(report, TONE_PLAIN, "%.*s", STR_ARG(text_or(remark->id, "the run")));
        doc_cell(report, TONE_PLAIN, "%.*s", STR_ARG(text_or(remark->text, "no reason given")));
        doc_cell(report, remark->claim ? TONE_WARN : TONE_PLAIN, "%.*s%s",
                 STR_ARG(text_or(remark->who, "not known")),
                 text_by(remark->claim, remark->who));
    }
}

/* ------------------------------------------------------------ what nobody knows */

static size_t add_unknown_scripts(struct report *report)
{
    const struct run *run = report->run;
    size_t count = 0;
    for (size_t i = 0; i < run->script_count; i++) {
        const struct run_script *script = &run->scripts[i];
        bool open = script->state == SCRIPT_UNKNOWN || script->state == SCRIPT_OPEN;
        if (open) {
            doc_item(report, TONE_UNKNOWN, "%.*s: it is not known whether it is committed%s",
                     STR_ARG(script_name(script, report->arena)),
                     script->commit_sent ? "; COMMIT was sent and not answered" : "");
        } else if (script->partial) {
            doc_item(report, TONE_UNKNOWN,
                     "%.*s: some of its statements are committed, others are not",
                     STR_ARG(script_name(script, report->arena)));
        }
        count += open || script->partial ? 1 : 0;
    }
    return count;
}

static size_t add_unknown_checks(struct report *report)
{
    const struct run *run = report->run;
    size_t count = 0;
    for (size_t i = 0; i < run->set_count; i++) {
        for (size_t k = 0; k < set_count_of(run, i); k++) {
            const struct run_check *check = &run->sets[i][k];
            if (check->outcome == OUTCOME_UNKNOWN ||
                (check->outcome == OUTCOME_NONE && run->changed)) {
                doc_item(report, TONE_UNKNOWN, "check %.*s: %.*s", STR_ARG(check->check->id),
                         STR_ARG(text_or(check->why, "it was not run")));
                count++;
            }
        }
    }
    for (size_t i = 0; i < run->criterion_count; i++) {
        const struct run_criterion *criterion = &run->criteria[i];
        bool unknown =
            criterion->outcome == OUTCOME_UNKNOWN || criterion->outcome == OUTCOME_NONE;
        if (unknown && !criterion->undone) {
            doc_item(report, TONE_UNKNOWN, "criterion \"%.*s\": not known",
                     STR_ARG(criterion->criterion->text));
            count++;
        }
    }
    return count;
}

static size_t add_unknown_probes(struct report *report)
{
    const struct run *run = report->run;
    size_t count = 0;
    struct str seen = watch_observed_text(run, report->arena);
    if (seen.len > 0) {
        doc_item(report, TONE_UNKNOWN, "how the database did in a part of the watch: %.*s",
                 STR_ARG(seen));
        count++;
    }
    for (size_t i = 0; i < run->probe_count; i++) {
        struct probe_facts facts = probe_facts(&run->probes[i], 0);
        if (probe_was_silent(run, &run->probes[i]) && facts.measured > 0) {
            doc_item(report, TONE_UNKNOWN, "probe %.*s did not answer in the whole watch",
                     STR_ARG(run->probes[i].probe->id));
            count++;
        }
        if (facts.gaps + facts.measured == 0 && run->monitor_ends_us != 0) {
            doc_item(report, TONE_UNKNOWN, "probe %.*s was never measured",
                     STR_ARG(run->probes[i].probe->id));
            count++;
        }
        if (facts.gaps > 0) {
            doc_item(report, TONE_UNKNOWN, "probe %.*s: %zu of %zu samples were not measured",
                     STR_ARG(run->probes[i].probe->id), facts.gaps,
                     facts.gaps + facts.measured);
            count++;
        }
    }
    return count;
}

/* A message that nobody confirmed may not have reached anybody. */
static size_t add_unheard(struct report *report)
{
    const struct run *run = report->run;
    size_t count = 0;
    for (size_t i = 0; i < run->notice_count; i++) {
        const struct run_notice *notice = &run->notices[i];
        if (notice->outcome != OUTCOME_OK) {
            doc_item(report, TONE_UNKNOWN, "whether the team heard of \"%s\": %.*s",
                     plan_occasion_word(notice->occasion),
                     STR_ARG(text_or(notice->text, "the program had not ended")));
            count++;
        }
    }
    return count;
}

static void add_unknown(struct report *report)
{
    const struct run *run = report->run;
    doc_heading(report, 2, "Not known");
    size_t count = add_unknown_scripts(report) + add_unknown_checks(report) +
                   add_unknown_probes(report) + add_unheard(report);
    if (run->changed && report_now(run) == MOMENT__COUNT) {
        doc_item(report, TONE_UNKNOWN,
                 "the counts after the change: the catalog was not read again");
        count++;
    }
    if (count == 0) {
        doc_paragraph(report, TONE_PLAIN, "Nothing that the plan asks for is unknown.");
    }
}

enum {
    EXIT_NOT_AS_PLANNED = 5
};

static bool stands_against(const struct run_check *check)
{
    return (check->outcome == OUTCOME_FAILED || check->outcome == OUTCOME_UNKNOWN) &&
           !check->accepted;
}

/* The reason of a bad headline stands under it: which checks, what they found. */
static void add_failed(struct report *report)
{
    const struct run *run = report->run;
    struct strbuf line = {0};
    for (size_t i = 0; i < run->set_count; i++) {
        for (size_t k = 0; k < set_count_of(run, i); k++) {
            const struct run_check *check = &run->sets[i][k];
            if (stands_against(check)) {
                strbuf_format(&line, "%s%.*s %.*s (%.*s)", line.len > 0 ? "; " : "",
                              STR_ARG(check->check->id), STR_ARG(check->check->name),
                              STR_ARG(check->why.len > 0 ? check->why : check->actual));
            }
        }
    }
    if (line.len > 0) {
        doc_paragraph(report, TONE_BAD, "Not as planned: %s", line.ptr);
    }
    strbuf_release(&line);
}

void part_front(struct report *report)
{
    const struct run *run = report->run;
    int code = engine_exit_code(run);
    doc_callout(report, outcome_of_run(run), "%.*s (exit code %d: %s)",
                STR_ARG(report_outcome(run, report->arena)), code,
                code == 0 && str_eq(str_from(report_outcome_word(run)), "stopped")
                    ? "nothing failed so far, the end is not reached"
                    : report_exit_meaning(code));
    if (run->simulated_clock) {
        doc_callout(report, TONE_WARN,
                    "SIMULATED CLOCK: the times below were not lived through");
    }
    if (run->mode == RUN_REHEARSAL) {
        doc_callout(report, TONE_WARN, "REHEARSAL: this is not the run on the real target");
    }
    if (run->hold_reason.len > 0 && code != 0) {
        doc_paragraph(report, TONE_PLAIN, "Stopped because: %.*s%s%.*s",
                      STR_ARG(run->hold_reason), run->hold_by.len > 0 ? ", by " : "",
                      STR_ARG(run->hold_by));
    }
    if (code == EXIT_NOT_AS_PLANNED) {
        add_failed(report);
    }
    add_target(report);
    add_plan(report);
    add_decisions(report);
    add_unknown(report);
}
