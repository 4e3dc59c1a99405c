/* SPDX-License-Identifier: PostgreSQL */
/*
 * The state of the database: before, now and expected, first what the plan judges and
 * then every other kind; below it the members that went, came or changed. Equal numbers
 * with other members are a finding, so the members stand there by name.
 */
#include <math.h>

#include "document.h"

static double number_or_nan(int64_t value)
{
    return value < 0 ? (double)NAN : (double)value;
}

/* After a way back the database is expected to be what it was before. */
static int64_t count_wanted(const struct report *report, const struct run_count *count)
{
    bool back = report_now(report->run) == MOMENT_BACK;
    return back && count->expected >= 0 ? count_before(count) : count->expected;
}

static void add_verdict(struct report *report, const struct run_count *count)
{
    const struct run *run = report->run;
    int64_t now = count_now(run, count);
    bool back = report_now(run) == MOMENT_BACK;
    int64_t wanted = count_wanted(report, count);
    if (count->expected < 0) {
        doc_cell(report, TONE_PLAIN, "not judged");
    } else if (now < 0) {
        doc_cell(report, TONE_UNKNOWN, "not known");
    } else if (now == wanted) {
        doc_cell(report, TONE_GOOD, back ? "as before" : "as expected");
    } else if (count->accepted) {
        doc_cell(report, TONE_WARN, "accepted by %.*s: %.*s", STR_ARG(count->who),
                 STR_ARG(count->why));
    } else {
        bool begun = run->changed || back;
        doc_cell(report, begun ? TONE_BAD : TONE_PLAIN,
                 begun ? "not as %s" : "not changed yet%s",
                 begun ? back ? "before" : "expected" : "");
    }
}

static void add_count(struct report *report, const struct run_count *count)
{
    struct figure *bars = arena_alloc(report->arena, sizeof(*bars));
    int64_t now = count_now(report->run, count);
    int64_t wanted = count_wanted(report, count);
    *bars = (struct figure){.kind = FIGURE_BARS,
                            .before = number_or_nan(count_before(count)),
                            .now = number_or_nan(now),
                            .expected = number_or_nan(wanted)};
    doc_row(report);
    doc_cell(report, TONE_PLAIN, "%.*s",
             STR_ARG(count->title.len > 0 ? count->title : count->id));
    int64_t before = count_before(count);
    bool wrong = count->expected_before >= 0 && before >= 0 && before != count->expected_before;
    doc_cell(report, wrong ? TONE_WARN : TONE_PLAIN, "%.*s",
             STR_ARG(text_count(report, before)));
    doc_cell(report, TONE_PLAIN, "%.*s", STR_ARG(text_count(report, now)));
    doc_cell(report, TONE_PLAIN, "%.*s",
             STR_ARG(wanted < 0 ? STR("-") : text_count(report, wanted)));
    struct str delta = before >= 0 && now >= 0
                           ? doc_text(report, "%+lld", (long long)(now - before))
                           : STR("?");
    doc_figure(report, str_eq(delta, "+0") ? STR("=") : delta, bars);
    add_verdict(report, count);
}

static void add_change(struct report *report, const struct event_change *change)
{
    doc_row(report);
    doc_cell(report, TONE_PLAIN, "%.*s", STR_ARG(change->what));
    doc_cell(report, TONE_PLAIN, "%s", change_words[change->kind]);
    doc_cell(report, TONE_PLAIN, "%.*s", STR_ARG(change->name));
    doc_cell(report, change->planned ? TONE_GOOD : TONE_WARN,
             change->planned ? "planned" : "not in the plan");
}

static void add_changes(struct report *report, enum moment moment)
{
    const struct run *run = report->run;
    const struct run_snapshot *snapshot = &run->snapshots[moment];
    doc_heading(report, 3, "Members that differ from before");
    if (snapshot->change_count == 0) {
        doc_paragraph(report, TONE_PLAIN, "None: every member is as it was before.");
        return;
    }
    size_t unplanned = unplanned_changes(run, moment);
    doc_paragraph(report, unplanned == 0 ? TONE_GOOD : TONE_WARN,
                  "%zu differ, %zu not in the plan%s%.*s%s%.*s", snapshot->change_count,
                  unplanned, run->findings_accepted ? "; accepted by " : "",
                  STR_ARG(run->findings_by), run->findings_accepted ? ": " : "",
                  STR_ARG(run->findings_why));
    doc_table(report, "Kind|Change|Member|Plan");
    for (int planned = 0; planned <= 1; planned++) { /* what nobody announced comes first */
        for (size_t i = 0; i < snapshot->change_count; i++) {
            if (snapshot->changes[i].planned == (planned == 1)) {
                add_change(report, &snapshot->changes[i]);
            }
        }
    }
}

static int64_t rows_in(const struct run_snapshot *snapshot, struct str name)
{
    for (size_t i = 0; i < snapshot->row_count; i++) {
        if (str_is(snapshot->rows[i].name, name)) {
            return snapshot->rows[i].value;
        }
    }
    return -1;
}

/* Rows of kept tables: only those that moved, and how many did not. */
static void add_rows(struct report *report, enum moment moment)
{
    const struct run_snapshot *before = &report->run->snapshots[MOMENT_BEFORE];
    const struct run_snapshot *now = &report->run->snapshots[moment];
    if (before->row_count == 0 || now->row_count == 0) {
        return;
    }
    size_t same = 0;
    doc_heading(report, 3, "Rows of kept tables");
    doc_table(report, "Table|>Before|>Now|Counted");
    for (size_t i = 0; i < now->row_count; i++) {
        int64_t old = rows_in(before, now->rows[i].name);
        if (old == now->rows[i].value) {
            same++;
            continue;
        }
        doc_row(report);
        doc_cell(report, TONE_PLAIN, "%.*s", STR_ARG(now->rows[i].name));
        doc_cell(report, TONE_PLAIN, "%.*s", STR_ARG(text_count(report, old)));
        doc_cell(report, now->rows[i].value < old ? TONE_WARN : TONE_PLAIN, "%.*s",
                 STR_ARG(text_count(report, now->rows[i].value)));
        doc_cell(report, TONE_PLAIN, now->rows[i].flag ? "exactly" : "estimated");
    }
    doc_paragraph(report, TONE_PLAIN, "%zu tables hold as many rows as before.", same);
}

void part_state_counts(struct report *report)
{
    const struct run *run = report->run;
    doc_heading(report, 2, "Before, now, expected");
    doc_table(report, "What|>Before|>Now|>Expected|Change|Verdict");
    for (size_t i = 0; i < run->count_count; i++) {
        add_count(report, &run->counts[i]);
    }
    if (run->ledger_made.len > 0) {
        doc_paragraph(report, TONE_PLAIN,
                      "Made by gonogo, not counted: table %.*s, the ledger.",
                      STR_ARG(run->ledger_made));
    }
}

void part_members(struct report *report)
{
    enum moment now = report_now(report->run);
    if (now < MOMENT__COUNT) {
        doc_heading(report, 2, "Members and rows");
        add_changes(report, now);
        add_rows(report, now);
    }
}
