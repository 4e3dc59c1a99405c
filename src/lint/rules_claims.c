/* SPDX-License-Identifier: PostgreSQL */
/*
 * T11 and T12: what people say of a migration. The plan's claims are held against the
 * verdicts; what waivers lack is told by waiver.c.
 */
#include "outcome.h"

static struct lint_finding *contradict(struct lint *lint, const char *claim, const char *why,
                                       const struct noted *noted)
{
    struct str more =
        noted->count > 1 ? str_format(lint->arena, " and %zu more", noted->count - 1) : STR("");
    struct lint_finding *finding =
        report_finding(lint, NULL, "T11", "the plan says `%s`, but %s: %s%.*s", claim, why,
                       noted->tag[0] ? noted->tag : "a statement", STR_ARG(more));
    finding->at.statement = noted->statement;
    finding->at.place = noted->place;
    return finding;
}

/* What cannot be judged contradicts nothing, and proves nothing either. */
static void doubt(struct lint *lint, const char *claim, const struct noted *noted)
{
    struct lint_finding *finding = contradict(lint, claim, "this cannot be judged", noted);
    finding->severity = LINT_LOW;
    finding->unknown = STR("what the statement does");
}

static void rerun_safe(struct lint *lint, const struct file_sum *sum)
{
    static const char claim[] = "rerun_safe: true";
    if (sum->again_count > 0) {
        struct noted all = sum->again[0];
        all.count = sum->again_count;
        (void)contradict(lint, claim, "a second run fails, or does its work twice", &all);
    } else if (sum->unjudged.count > 0) {
        doubt(lint, claim, &sum->unjudged);
    } else if (sum->again_unknown.count > 0) {
        doubt(lint, claim, &sum->again_unknown);
    }
}

/* A lock that is short stops nobody for long; one with a scan or a rewrite under it does. */
static void zero_downtime(struct lint *lint, const struct file_sum *sum)
{
    static const char claim[] = "zero_downtime: true";
    for (enum lint_severity severity = LINT_BLOCK; severity >= LINT_MEDIUM; severity--) {
        if (sum->stops[severity].count > 0) {
            (void)contradict(lint, claim, "others wait while every row is read or written",
                             &sum->stops[severity]);
            return;
        }
    }
    if (sum->unjudged.count > 0) {
        doubt(lint, claim, &sum->unjudged);
    }
}

static void not_destructive(struct lint *lint, const struct file_sum *sum)
{
    static const char claim[] = "destructive: false";
    if (sum->by_loss[SQL_LOSS_DATA].count > 0) {
        (void)contradict(lint, claim, "data is lost", &sum->by_loss[SQL_LOSS_DATA]);
    } else if (sum->by_loss[SQL_LOSS_ROWS].count > 0) {
        (void)contradict(lint, claim, "rows are changed or deleted",
                         &sum->by_loss[SQL_LOSS_ROWS]);
    } else if (sum->by_loss[SQL_LOSS_UNKNOWN].count > 0) {
        doubt(lint, claim, &sum->by_loss[SQL_LOSS_UNKNOWN]);
    }
}

static void judge_claims(struct lint *lint, const struct step *step)
{
    (void)step;
    const struct file_sum *sum = outcome_sum(lint);
    if (lint->file->rerun_safe == LINT_CLAIMED_YES) {
        rerun_safe(lint, sum);
    }
    if (lint->file->zero_downtime == LINT_CLAIMED_YES) {
        zero_downtime(lint, sum);
    }
    if (lint->file->destructive == LINT_CLAIMED_NO) {
        not_destructive(lint, sum);
    }
}

static const struct rule_row rows[] = {
    {
        .rule =
            {"T11", "a claim of the plan is contradicted", LINT_HIGH, LINT_NEEDS_TABLES,
             "The plan says of a migration that it is rerun-safe, that it causes no "
             "downtime, or that it destroys nothing, and a statement of the file says "
             "otherwise.",
             "A claim in a file is a hope that somebody wrote down. Who trusts it skips the "
             "backup, or runs the file a second time.",
             "Change the statement, or take the claim out of the plan: the row of the "
             "statement tells what it does.",
             "",
             "What is claimed cannot be told from the text, as in a DO block with dynamic "
             "SQL: then the finding is LOW, and a rehearsal is the proof."},
        .on_file = judge_claims,
    },
    {
        .rule = {"T12", "a waiver without reason, expired or unused", LINT_LOW,
                 LINT_NEEDS_NOTHING,
                 "A waiver names no person, gives no reason, cannot be read, has expired, or "
                 "takes away a finding that is not there.",
                 "Waivers outlive what they were written for. One without a reason cannot be "
                 "judged by whoever reads it next year, so it is not in force; one that is not "
                 "used any more hides the next mistake.",
                 "Say who takes it upon himself and why, with a date when it should be looked "
                 "at again; remove it when the finding is gone. `waive` speaks for the "
                 "statement behind it, `waive-file` for the whole file; an entry of the "
                 "plan's `waivers` for what it names.",
                 "-- gonogo: waive L1 until 2026-12-31 by PERSON: REASON",
                 "It always applies: what is wrong with a waiver cannot be waived."},
    },
};

const struct rule_table rules_of_claims = {rows, COUNT_OF(rows)};
