/* SPDX-License-Identifier: PostgreSQL */
/*
 * Who answered for what: the checklist with its proofs, the backups, the votes and the
 * sign-offs, the success criteria. A tick in a file is a claim and is never drawn green.
 */
#include "document.h"

/* --------------------------------------------------------------- checklist */

/* auto: measured by the program; attest: a person said so; claim: a file says so. */
static const char *item_kind(const struct run_item *item)
{
    if (item->overridden) {
        return item->claim ? "override, claim" : "override";
    }
    switch (item->item->proof) {
    case PLAN_PROOF_UNSAID:
    case PLAN_PROOF_NOTE:
        return item->claim ? "claim" : "attest";
    case PLAN_PROOF_REHEARSAL:
    case PLAN_PROOF_BACKUP:
    case PLAN_PROOF_POLL:
    case PLAN_PROOF_PROBES:
    case PLAN_PROOF_SQL:
    case PLAN_PROOF_RUN:
        return "auto";
    }
    return "auto";
}

/* How old the proof was when the first change began, or is now when nothing changed. */
static struct str proof_age(struct report *report, int64_t at_us)
{
    const struct run *run = report->run;
    int64_t until_us = run->phase_started_us[PHASE_MIGRATE] != 0
                           ? run->phase_started_us[PHASE_MIGRATE]
                           : run->now_us;
    return at_us == 0 || until_us < at_us ? STR("-") : text_duration(report, until_us - at_us);
}

static void add_item(struct report *report, const struct run_item *item)
{
    const struct run *run = report->run;
    struct str why_open = {0};
    bool closed = item_is_closed(run, item, &why_open, report->arena);
    bool checked = item->check.outcome != OUTCOME_NONE;
    struct str proof =
        checked ? text_or(item->check.actual, outcome_words[item->check.outcome]) : item->text;
    bool doubtful = item->overridden || item->claim;
    doc_row(report);
    doc_cell(report, TONE_PLAIN, "%.*s", STR_ARG(item->item->id));
    doc_cell(report, TONE_PLAIN, "%.*s", STR_ARG(item->item->ask));
    doc_cell(report, doubtful ? TONE_WARN : TONE_PLAIN, "%s", item_kind(item));
    if (!closed) {
        doc_cell(report, TONE_BAD, "open: %.*s", STR_ARG(text_or(why_open, "not answered")));
    } else {
        doc_cell(report, doubtful ? TONE_WARN : TONE_GOOD, "%.*s%s%.*s",
                 STR_ARG(text_or(item->overridden ? item->why : proof, "proved")),
                 item->who.len > 0 ? ", " : "", STR_ARG(item->who));
    }
    int64_t at_us = checked && !item->overridden ? item->check.at_us : item->at_us;
    doc_cell(report, TONE_PLAIN, "%.*s", STR_ARG(proof_age(report, at_us)));
}

void part_people(struct report *report)
{
    const struct run *run = report->run;
    if (run->item_count == 0) {
        return;
    }
    doc_heading(report, 2, "Checklist");
    doc_table(report, "Id|Question|Kind|Proof|>Age at the change");
    for (size_t i = 0; i < run->item_count; i++) {
        add_item(report, &run->items[i]);
    }
}

/* ----------------------------------------------------------------- backups */

static struct str size_text(struct report *report, int64_t bytes)
{
    if (bytes <= 0) {
        return STR("not known");
    }
    struct strbuf buf = {0};
    size_to_text(&buf, bytes);
    struct str text = str_dup(report->arena, strbuf_str(&buf));
    strbuf_release(&buf);
    return text;
}

static void add_backup(struct report *report, const struct run_backup *backup)
{
    bool proven = backup_is_proven(report->run, backup);
    enum tone tone = backup->overridden || backup->claim ? TONE_WARN
                     : proven                            ? TONE_GOOD
                                                         : TONE_BAD;
    struct str title = doc_text(report, "Backup %.*s", STR_ARG(backup->backup->id));
    doc_heading(report, 3, str_text(report->arena, title));
    if (backup->attested) {
        doc_fact(report, "Attested", tone, "%.*s by %.*s%s",
                 STR_ARG(text_or(backup->name, "no name given")),
                 STR_ARG(text_or(backup->who, "not known")),
                 text_by(backup->claim, backup->who));
    } else {
        doc_fact(report, "Proved", tone, "%s, asked for %s", backup_level_words[backup->level],
                 backup_level_words[backup->backup->level]);
    }
    if (backup->overridden) {
        doc_fact(report, "Overridden", TONE_WARN, "%.*s by %.*s%s", STR_ARG(backup->why),
                 STR_ARG(backup->who), text_by(backup->claim, backup->who));
    }
    doc_fact(report, "Would bring back", TONE_PLAIN, "%.*s",
             STR_ARG(text_time(report, backup->taken_us)));
    if (backup->attested) {
        return;
    }
    doc_fact(report, "File", TONE_PLAIN, "%.*s, %.*s",
             STR_ARG(text_or(backup->name, "not known")),
             STR_ARG(size_text(report, backup->size)));
    doc_fact(report, "SHA-256", TONE_PLAIN, "%.*s", STR_ARG(text_sha(report, backup->hash)));
    doc_fact(report, "Dump took", TONE_PLAIN, "%.*s",
             STR_ARG(text_duration(report, backup->dump_us)));
    doc_fact(report, "Restore took", TONE_PLAIN, "%.*s",
             STR_ARG(text_duration(report, backup->restore_us)));
    if (backup->failed) {
        doc_fact(report, "Failed", TONE_BAD, "%.*s",
                 STR_ARG(text_or(backup->text, "not known")));
    }
    if (backup->detail.len > 0) {
        doc_fact(report, "Findings", TONE_WARN, "%.*s", STR_ARG(backup->detail));
    }
}

void part_backups(struct report *report)
{
    const struct run *run = report->run;
    if (run->backup_count == 0) {
        return;
    }
    doc_heading(report, 2, "Backups");
    for (size_t i = 0; i < run->backup_count; i++) {
        add_backup(report, &run->backups[i]);
    }
}

/* ------------------------------------------------------- votes and sign-offs */

static struct str role_title(const struct run *run, struct str id)
{
    const struct plan_role *role = plan_find_role(run->plan, id);
    return role && role->title.len > 0 ? role->title : id;
}

static void add_votes(struct report *report)
{
    const struct run *run = report->run;
    if (run->vote_count == 0) {
        doc_paragraph(report, TONE_PLAIN, "No vote was given.");
        return;
    }
    doc_table(report, "At (UTC)|Role|Who|Vote|Reason");
    for (size_t i = 0; i < run->vote_count; i++) {
        const struct run_vote *vote = &run->votes[i];
        bool go = str_eq(vote->vote, "GO");
        doc_row(report);
        doc_cell(report, TONE_PLAIN, "%.*s", STR_ARG(text_clock(report, vote->at_us)));
        doc_cell(report, TONE_PLAIN, "%.*s", STR_ARG(role_title(run, vote->role)));
        doc_cell(report, vote->claim ? TONE_WARN : TONE_PLAIN, "%.*s%s", STR_ARG(vote->who),
                 text_by(vote->claim, vote->who));
        doc_cell(report,
                 vote->replaced ? TONE_PLAIN
                 : go           ? TONE_GOOD
                                : TONE_BAD,
                 "%.*s%s", STR_ARG(vote->vote), vote->replaced ? ", replaced later" : "");
        doc_cell(report, TONE_PLAIN, "%.*s", STR_ARG(text_or(vote->why, "-")));
    }
}

static void add_sign_off(struct report *report, const struct plan_role *role)
{
    const struct run *run = report->run;
    bool any = false;
    for (size_t i = 0; i < run->signature_count; i++) {
        const struct run_signature *signature = &run->signatures[i];
        if (!str_is(signature->role, role->id)) {
            continue;
        }
        any = true;
        doc_row(report);
        doc_cell(report, TONE_PLAIN, "%.*s", STR_ARG(role_title(run, role->id)));
        doc_cell(report, signature->claim ? TONE_WARN : TONE_GOOD, "%.*s%s",
                 STR_ARG(signature->who), text_by(signature->claim, signature->who));
        doc_cell(report, TONE_PLAIN, "%.*s", STR_ARG(text_time(report, signature->at_us)));
    }
    if (!any && role->votes) {
        doc_row(report);
        doc_cell(report, TONE_PLAIN, "%.*s", STR_ARG(role_title(run, role->id)));
        doc_cell(report, TONE_UNKNOWN, "not signed");
        doc_cell(report, TONE_PLAIN, "-");
    }
}

void part_votes(struct report *report)
{
    const struct run *run = report->run;
    if (run->plan->roles.count == 0) {
        return;
    }
    doc_heading(report, 2, "Go/no-go and sign-off");
    add_votes(report);
    doc_heading(report, 3, "Sign-off");
    doc_table(report, "Role|Who|At");
    for (size_t i = 0; i < run->plan->roles.count; i++) {
        add_sign_off(report, &run->plan->roles.items[i]);
    }
}

/* ---------------------------------------------------------------- criteria */

static struct str criterion_expects(struct report *report,
                                    const struct plan_criterion *criterion)
{
    const struct plan_limits *limits = &report->run->plan->limits;
    struct str limit = criterion->limit;
    int64_t most = str_eq(limit, "sql_total")         ? limits->sql_total_us
                   : str_eq(limit, "migration_total") ? limits->migration_total_us
                   : str_eq(limit, "downtime")        ? limits->downtime_us
                   : str_eq(limit, "recovery")        ? limits->recovery_us
                                                      : PLAN_UNSAID;
    switch (criterion->kind) {
    case PLAN_CRITERION_LIMIT:
        return doc_text(report, "%.*s at most %.*s", STR_ARG(limit),
                        STR_ARG(text_duration(report, most)));
    case PLAN_CRITERION_CHECK:
        return doc_text(report, "check %.*s", STR_ARG(criterion->check));
    case PLAN_CRITERION_COUNT:
        return doc_text(report, "count of %.*s", STR_ARG(criterion->count));
    case PLAN_CRITERION_PROBE:
        return doc_text(report, "probe %.*s", STR_ARG(criterion->probe));
    case PLAN_CRITERION_ATTEST:
        return doc_text(report, "attested by %.*s", STR_ARG(criterion->attest));
    case PLAN_CRITERION_UNSAID:
        break;
    }
    return STR("-");
}

static void add_criterion(struct report *report, const struct run_criterion *criterion)
{
    static const char *const verdicts[OUTCOME__COUNT] = {
        [OUTCOME_NONE] = "not known",
        [OUTCOME_OK] = "met",
        [OUTCOME_FAILED] = "missed",
        [OUTCOME_UNKNOWN] = "not known",
    };
    doc_row(report);
    doc_cell(report, TONE_PLAIN, "%.*s", STR_ARG(text_or(criterion->criterion->group, "-")));
    doc_cell(report, TONE_PLAIN, "%.*s", STR_ARG(criterion->criterion->text));
    doc_cell(report, TONE_PLAIN, "%.*s",
             STR_ARG(criterion_expects(report, criterion->criterion)));
    doc_cell(report, TONE_PLAIN, "%.*s%s%.*s", STR_ARG(text_or(criterion->actual, "-")),
             criterion->who.len > 0 ? ", " : "", STR_ARG(criterion->who));
    doc_cell(report,
             criterion->accepted || criterion->undone ? TONE_WARN
                                                      : outcome_tone(criterion->outcome),
             "%s",
             criterion->undone     ? "undone"
             : criterion->accepted ? "missed, accepted"
                                   : verdicts[criterion->outcome]);
}

void part_criteria(struct report *report)
{
    const struct run *run = report->run;
    if (run->criterion_count == 0) {
        return;
    }
    doc_heading(report, 2, "Success criteria");
    doc_table(report, "Group|Criterion|Judged by|Actual|Verdict");
    for (size_t i = 0; i < run->criterion_count; i++) { /* by group, in the plan's order */
        bool first = true;
        for (size_t k = 0; k < i; k++) {
            first = first && !str_is(run->criteria[k].criterion->group,
                                     run->criteria[i].criterion->group);
        }
        for (size_t k = i; first && k < run->criterion_count; k++) {
            if (str_is(run->criteria[k].criterion->group, run->criteria[i].criterion->group)) {
                add_criterion(report, &run->criteria[k]);
            }
        }
    }
    doc_paragraph(report, TONE_PLAIN,
                  "A missed time limit is a finding here and never changes the exit code.");
}
