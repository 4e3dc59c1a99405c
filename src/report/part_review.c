/* SPDX-License-Identifier: PostgreSQL */
/*
 * What the files do, before anything ran: what they destroy, first; what each adds, alters and
 * drops; the risks with their reasons; the findings with who waived or overrode them; what
 * the plan claims against what was found; the ways down. The same text stands in the report
 * and in the runbook, and what was not found is said, too.
 */
#include "document.h"

enum {
    FINDINGS_MAX = 200,
    DESTROYED_MAX = 200,
};

static enum tone tone_of(enum lint_severity severity)
{
    return severity == LINT_BLOCK ? TONE_BAD : severity >= LINT_MEDIUM ? TONE_WARN : TONE_PLAIN;
}

static const char *level_word(enum lint_severity severity)
{
    return severity == LINT_NOTE ? "none" : lint_severity_name(severity);
}

/* "012.sql:41:1"; a file as a whole has no line. */
static struct str place_text(struct report *report, const struct lint_result *lint,
                             const struct lint_place *at)
{
    struct str file = lint->files[at->file].name;
    return at->place.line > 0
               ? doc_text(report, "%.*s:%d:%d", STR_ARG(file), at->place.line, at->place.column)
               : doc_text(report, "%.*s", STR_ARG(file));
}

/* ---------------------------------------------------------------------- destroys */

/* In the last minutes before the first file began, where a run asked. */
static void add_recent_writes(struct report *report, const struct lint_destroyed *gone)
{
    struct recent_writes writes;
    struct strbuf text = {0};
    if (!run_empties(gone)) {
        doc_cell(report, TONE_PLAIN, "-");
    } else if (!run_recent_writes(report->run, gone->name, &writes)) {
        doc_cell(report, TONE_UNKNOWN, "not known");
    } else {
        recent_writes_text(&text, &writes);
        doc_cell(report, writes.rows > 0 ? TONE_WARN : TONE_PLAIN, "%s", text.ptr);
    }
    strbuf_release(&text);
}

static void add_destroyed_row(struct report *report, const struct lint_result *lint,
                              const struct lint_destroyed *gone, bool undo)
{
    doc_row(report);
    doc_cell(report, TONE_BAD, "%s %.*s", gone->kind, STR_ARG(gone->name));
    doc_cell(report, TONE_PLAIN, "%.*s", STR_ARG(place_text(report, lint, &gone->at)));
    doc_cell(report, TONE_PLAIN, "%.*s", STR_ARG(text_count(report, gone->rows)));
    if (report->run && !undo) {
        add_recent_writes(report, gone);
    }
    doc_cell(report, gone->by_cascade ? TONE_WARN : TONE_PLAIN, "%s",
             gone->by_cascade ? "by CASCADE" : "by name");
    doc_cell(report, gone->named_by_plan ? TONE_PLAIN : TONE_BAD, "%s",
             gone->named_by_plan ? "named" : "NOT NAMED");
    doc_cell(report, TONE_PLAIN, "%.*s", STR_ARG(text_or(gone->referenced_by, "-")));
}

static bool is_meant(const struct lint_result *lint, size_t file, bool undo)
{
    return lint->files[file].is_undo == undo;
}

/* Of the migrations, or of their ways down. */
static size_t destroyed_of(const struct lint_result *lint, bool undo)
{
    size_t count = 0;
    for (size_t i = 0; i < lint->destroyed_count; i++) {
        count += is_meant(lint, lint->destroyed[i].at.file, undo);
    }
    return count;
}

static void add_destroyed(struct report *report, const struct lint_result *lint, bool undo)
{
    size_t all = destroyed_of(lint, undo);
    size_t told = 0;
    if (all == 0) {
        doc_paragraph(report, TONE_PLAIN,
                      undo ? "The ways down destroy nothing that was found."
                           : "Nothing that they destroy was found.");
        return;
    }
    doc_callout(report, undo ? TONE_WARN : TONE_BAD, "%s %zu thing%s",
                undo ? "The ways down destroy" : "DESTROYS", all, plural(all));
    doc_table(report, report->run && !undo
                          ? "What|Where|>Rows|Written before|How|In the plan|Still used by"
                          : "What|Where|>Rows|How|In the plan|Still used by");
    for (size_t i = 0; i < lint->destroyed_count && told < DESTROYED_MAX; i++) {
        if (is_meant(lint, lint->destroyed[i].at.file, undo)) {
            add_destroyed_row(report, lint, &lint->destroyed[i], undo);
            told++;
        }
    }
    if (told < all) {
        doc_paragraph(report, TONE_WARN, "And %zu more; `gonogo explain` lists them all.",
                      all - told);
    }
}

/* ------------------------------------------------------------------ files, risks */

static void add_summaries(struct report *report, const struct lint_result *lint, bool undo)
{
    doc_table(report, "File|>Statements|What it does");
    for (size_t i = 0; i < lint->file_count; i++) {
        const struct lint_file_result *file = &lint->files[i];
        if (file->is_undo == undo) {
            doc_row(report);
            doc_cell(report, TONE_PLAIN, "%.*s", STR_ARG(file->name));
            doc_cell(report, TONE_PLAIN, "%zu", file->statement_count);
            doc_cell(report, TONE_PLAIN, "%.*s", STR_ARG(file->summary));
        }
    }
}

static void add_risk(struct report *report, struct str file, const char *risk,
                     const struct lint_risk_level *level)
{
    doc_row(report);
    doc_cell(report, TONE_PLAIN, "%.*s", STR_ARG(file));
    doc_cell(report, TONE_PLAIN, "%s", risk);
    doc_cell(report, tone_of(level->severity), "%s", level_word(level->severity));
    doc_cell(report, TONE_PLAIN, "%.*s", STR_ARG(text_or(level->why, "nothing was found")));
}

static void add_risks(struct report *report, const struct lint_result *lint, bool undo)
{
    doc_table(report, "File|Risk|Level|Why");
    for (size_t i = 0; i < lint->file_count; i++) {
        const struct lint_file_result *file = &lint->files[i];
        for (int risk = 0; risk < LINT_RISK__COUNT && file->is_undo == undo; risk++) {
            add_risk(report, file->name, lint_risk_name((enum lint_risk)risk),
                     &file->risks[risk]);
        }
    }
    if (!undo) {
        add_risk(report, STR("all together"), "overall", &lint->overall);
    }
}

/* ---------------------------------------------------------------------- findings */

/* The block that the finding belongs to: "012.D1". */
static const struct run_block *block_of(struct report *report, const struct lint_result *lint,
                                        const struct lint_finding *finding)
{
    const struct run *run = report->run;
    const struct lint_file_result *file = &lint->files[finding->at.file];
    for (size_t i = 0;
         run && finding->severity == LINT_BLOCK && file->is_undo && i < run->plan->steps.count;
         i++) {
        const struct plan_step *step = &run->plan->steps.items[i];
        if (str_is(step->undo, file->name)) {
            return undo_block_find(run, str_format(report->arena, "%.*s.undo.%s",
                                                   STR_ARG(step->id), finding->rule->id));
        }
    }
    for (size_t i = 0; run && finding->severity == LINT_BLOCK && i < run->script_count; i++) {
        const struct run_script *script = &run->scripts[i];
        if (script->step >= 0 && script->kind != SCRIPT_DOWN &&
            str_is(script->file, file->name)) {
            return block_find(run, str_format(report->arena, "%.*s.%s", STR_ARG(script->id),
                                              finding->rule->id));
        }
    }
    return NULL;
}

static void add_standing(struct report *report, const struct lint_result *lint,
                         const struct lint_finding *finding)
{
    const struct run_block *block = block_of(report, lint, finding);
    if (finding->waived) {
        struct str until = STR("");
        if (finding->waived_until_us != 0) { /* midnight behind the last day */
            until = str_slice(text_time(report, finding->waived_until_us - 1), 0,
                              strlen("2026-12-31"));
        }
        doc_cell(report, TONE_WARN, "waived by %.*s%s%.*s: %.*s", STR_ARG(finding->waived_by),
                 until.len > 0 ? " until " : "", STR_ARG(until), STR_ARG(finding->waived_why));
    } else if (block && block->overridden) {
        doc_cell(report, TONE_WARN, "overridden by %.*s%s: %.*s", STR_ARG(block->who),
                 text_by(block->claim, block->who), STR_ARG(block->why));
    } else {
        bool blocks = finding->severity == LINT_BLOCK;
        doc_cell(report, TONE_PLAIN, "%s",
                 !blocks                                 ? "-"
                 : lint->files[finding->at.file].is_undo ? "this way back needs an override"
                                                         : "GO needs an override");
    }
}

static void add_finding(struct report *report, const struct lint_result *lint,
                        const struct lint_finding *finding)
{
    doc_row(report);
    doc_cell(report, finding->waived ? TONE_PLAIN : tone_of(finding->severity), "%s",
             lint_severity_name(finding->severity));
    doc_cell(report, TONE_PLAIN, "%.*s", STR_ARG(place_text(report, lint, &finding->at)));
    doc_cell(report, TONE_PLAIN, "%s", finding->rule->id);
    doc_cell(report, TONE_PLAIN, "%.*s%s%.*s", STR_ARG(finding->message),
             finding->unknown.len > 0 ? "; not known: " : "", STR_ARG(finding->unknown));
    add_standing(report, lint, finding);
}

static size_t waived_of(const struct lint_result *lint)
{
    size_t count = 0;
    for (size_t i = 0; i < lint->finding_count; i++) {
        count += lint->findings[i].waived;
    }
    return count;
}

static void add_findings(struct report *report, const struct lint_result *lint)
{
    const size_t *found = lint->by_severity;
    size_t told = 0;
    doc_heading(report, 3, "Findings");
    if (lint->finding_count == 0) {
        doc_paragraph(report, TONE_PLAIN, "The rules found nothing.");
        return;
    }
    doc_paragraph(report, TONE_PLAIN, "%zu block, %zu high, %zu medium, %zu low, %zu waived.",
                  found[LINT_BLOCK], found[LINT_HIGH], found[LINT_MEDIUM], found[LINT_LOW],
                  waived_of(lint));
    doc_table(report, "Severity|Where|Rule|What|Standing");
    for (int severity = LINT_BLOCK; severity >= LINT_NOTE; severity--) {
        for (size_t i = 0; i < lint->finding_count && told < FINDINGS_MAX; i++) {
            if ((int)lint->findings[i].severity == severity) {
                add_finding(report, lint, &lint->findings[i]);
                told++;
            }
        }
    }
    if (told < lint->finding_count) {
        doc_paragraph(report, TONE_WARN, "And %zu more; `gonogo check` lists them all.",
                      lint->finding_count - told);
    }
}

/* ------------------------------------------------------------------ claims, down */

/* T11 is the rule that holds what the plan claims against what is found. */
static void add_claims(struct report *report, const struct lint_result *lint)
{
    size_t count = 0;
    doc_heading(report, 3, "Claims against findings");
    for (size_t i = 0; i < lint->finding_count; i++) {
        const struct lint_finding *finding = &lint->findings[i];
        if (strcmp(finding->rule->id, "T11") == 0) {
            doc_item(report, tone_of(finding->severity), "%.*s: %.*s",
                     STR_ARG(place_text(report, lint, &finding->at)),
                     STR_ARG(finding->message));
            count++;
        }
    }
    if (count == 0) {
        doc_paragraph(report, TONE_PLAIN, "No claim of the plan is contradicted.");
    }
}

static void add_ways_down(struct report *report, const struct lint_result *lint)
{
    size_t count = 0;
    for (size_t i = 0; i < lint->file_count; i++) {
        count += lint->files[i].is_undo;
    }
    doc_heading(report, 3, "Ways down");
    if (count == 0) {
        doc_paragraph(report, TONE_PLAIN, "There is no undo file.");
        return;
    }
    add_destroyed(report, lint, true);
    add_summaries(report, lint, true);
    add_risks(report, lint, true);
}

void part_review(struct report *report, const struct lint_result *lint)
{
    doc_heading(report, 2, "What the SQL does");
    if (!lint) {
        doc_paragraph(report, TONE_UNKNOWN, "Not known: the files were not judged.");
        return;
    }
    add_destroyed(report, lint, false);
    add_summaries(report, lint, false);
    doc_heading(report, 3, "Risks");
    add_risks(report, lint, false);
    add_findings(report, lint);
    add_claims(report, lint);
    add_ways_down(report, lint);
    if (lint->not_known.len > 0) {
        doc_paragraph(report, TONE_UNKNOWN, "Judged without knowing: %.*s.",
                      STR_ARG(lint->not_known));
    }
}

void report_review(const struct lint_result *lint, struct arena *arena, struct strbuf *out)
{
    struct report report = {.arena = arena};
    part_review(&report, lint);
    print_blocks(&report, out);
}
