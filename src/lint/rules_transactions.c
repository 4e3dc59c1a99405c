/* SPDX-License-Identifier: PostgreSQL */
/*
 * T: transactions, second runs, and what cannot be looked into. (Claims and waivers, T11 and
 * T12, stand in rules_claims.c.)
 */
#include "outcome.h"

static bool is_culprit(const struct lint *lint, const struct step *step, enum sql_outer outer)
{
    const struct sql_transaction *transaction = lint->file->outer;
    return transaction && transaction->outer == outer && transaction->culprit == step->index;
}

static void stray_transaction_control(struct lint *lint, const struct step *step)
{
    if (lint->file->transaction != LINT_TRANSACTION_ONE && !lint->file->alone) {
        return;
    }
    if (is_culprit(lint, step, SQL_OUTER_STRAY)) {
        report_finding(lint, step, "T1", "%s", lint->file->outer->err.message);
    } else if (step->statement->hides_control == SQL_YES && !report_said_in_file(lint, "T1")) {
        report_finding(lint, step, "T1", "own transaction control: inside of a block of code");
    }
}

static void transaction_left_open(struct lint *lint, const struct step *step)
{
    if (is_culprit(lint, step, SQL_OUTER_OPEN)) {
        report_finding(lint, step, "T2", "%s", lint->file->outer->err.message);
    }
}

static bool is_concurrent_index(const struct sql_facts *facts)
{
    for (size_t i = 0; i < facts->action_count; i++) {
        if (facts->actions[i].concurrently) {
            return true; /* L4 says it */
        }
    }
    return false;
}

static void cannot_run_in_a_transaction(struct lint *lint, const struct step *step)
{
    if (step->statement->transactional == SQL_NO && lint->in_transaction &&
        !is_concurrent_index(step->facts)) {
        report_finding(lint, step, "T3",
                       "%s cannot run inside of a transaction: the server refuses it, and the "
                       "file is rolled back",
                       step->statement->tag);
    }
}

/* Inside of a block nothing helps: the server refuses it wherever the block stands. */
static void cannot_run_in_a_block(struct lint *lint, const struct step *step)
{
    if (step->action->stands_alone && !step->action->concurrently) {
        report_finding(lint, step, "T3",
                       "%s cannot run inside of a block: the server refuses it, and what the "
                       "block did before is rolled back",
                       sql_form_row(step->action->form)->command);
    }
}

/* A second run of the file meets what the first one committed. */
static void count_what_fails_again(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    if (step->is_temporary || action->inside || action->depth > 0) {
        return;
    }
    if (again_loses(lint, step)) {
        report_count(&lint->tally.loses_again, step);
        return;
    }
    bool stumbles = action->rerun == SQL_RERUN_FAILS || action->rerun == SQL_RERUN_TWICE;
    if (stumbles && !action->guarded && !step->is_new && !again_is_safe(lint, step) &&
        !history_dropped_here(lint, step->object, step->part)) {
        report_count(&lint->tally.fails_again, step);
    }
}

static void report_again(struct lint *lint, const struct first *first, const char *what)
{
    bool one = lint->file->transaction == LINT_TRANSACTION_ONE;
    if (first->count == 0) {
        return;
    }
    struct str more = str_format(lint->arena, " and at %zu more", first->count - 1);
    struct lint_finding *finding = report_first(
        lint, first, "T4", "a second run %s, at %s%.*s%s", what, first->command,
        STR_ARG(first->count > 1 ? more : STR("")),
        one ? "; the file is one transaction, so a run that failed leaves nothing" : "");
    if (one) {
        finding->severity = LINT_LOW;
    }
}

static void report_what_fails_again(struct lint *lint, const struct step *step)
{
    (void)step;
    if (!lint->file->is_undo) {
        report_again(lint, &lint->tally.fails_again, "fails, or does its work twice");
        report_again(lint, &lint->tally.loses_again, "loses what came since the first");
    }
}

static void guard_that_hides_another_shape(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    const struct lint_relation *there = step->relation;
    if (action->form == SQL_FORM_ADD_COLUMN && !action->inside && action->guarded && there) {
        const struct lint_column *column = world_column(there, step->part);
        struct str type = lint_type_words(lint->arena, &action->column->type);
        if (column && !str_is(column->type, type)) {
            report_finding(
                lint, step, "T5",
                "%.*s is there as %.*s: IF NOT EXISTS leaves it so, and the plan goes "
                "on as if it were %.*s",
                STR_ARG(action->part), STR_ARG(column->type), STR_ARG(type));
        }
        return;
    }
    /* A column of CREATE TABLE IF NOT EXISTS, of a table that the server has already. */
    if (action->form == SQL_FORM_ADD_COLUMN && action->inside && action->guarded && there &&
        !world_column(there, step->part)) {
        struct str name = report_name(lint, action);
        report_finding(lint, step, "T5",
                       "%.*s is there without the column %.*s: IF NOT EXISTS leaves it so",
                       STR_ARG(name), STR_ARG(action->part));
    }
}

static void opaque_body(struct lint *lint, const struct step *step)
{
    for (size_t i = 0; i < step->facts->opaque_count; i++) {
        const struct sql_opaque *opaque = &step->facts->opaque[i];
        struct lint_finding *finding =
            report_finding(lint, step, "T6", "what it does cannot be judged: %s", opaque->why);
        if (opaque->place.line > 0) {
            finding->at.place = opaque->place;
        }
    }
}

static void swallowed_errors(struct lint *lint, const struct step *step)
{
    for (size_t i = 0; i < step->facts->swallow_count; i++) {
        struct lint_finding *finding = report_finding(
            lint, step, "T7",
            "EXCEPTION WHEN others swallows every error: the statement shows success, and what "
            "the block did is gone");
        if (step->facts->swallows[i].place.line > 0) {
            finding->at.place = step->facts->swallows[i].place;
        }
    }
}

static void count_what_stays(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    bool hard = action->undo == SQL_UNDO_KNOWLEDGE || action->undo == SQL_UNDO_BACKUP ||
                action->undo == SQL_UNDO_NEVER || action->undo == SQL_UNDO_UNKNOWN;
    if (hard && !step->is_new) {
        /* A comment or a storage option: who looked before can write it again. */
        bool recalled = action->undo == SQL_UNDO_KNOWLEDGE && action->loss == SQL_LOSS_NOTHING;
        report_count(recalled ? &lint->tally.hard_to_recall : &lint->tally.hard_to_undo, step);
    }
}

static void no_way_back(struct lint *lint, const struct step *step)
{
    (void)step;
    const struct lint_file *file = lint->file;
    const struct first *hard = &lint->tally.hard_to_undo;
    const struct first *recall = &lint->tally.hard_to_recall;
    if (file->is_undo || file->alone || file->has_undo || hard->count + recall->count == 0) {
        return;
    }
    if (hard->count == 0) {
        struct lint_finding *finding =
            report_first(lint, recall, "T10",
                         "no undo file: what %s replaces is known only until it runs; nothing "
                         "is lost by it",
                         recall->command);
        finding->severity = LINT_LOW;
        return;
    }
    struct lint_finding *finding = report_first(
        lint, hard, "T10", "%s: no statement takes %s back",
        file->undo_none ? "the plan says undo: none, so only a restore does" : "no undo file",
        hard->command);
    if (file->undo_none) {
        finding->severity = LINT_MEDIUM;
    }
}

static const struct rule_row rows[] = {
    {
        .rule =
            {"T1", "stray transaction control", LINT_BLOCK, LINT_NEEDS_NOTHING,
             "COMMIT or ROLLBACK in the midst of a file, more than one BEGIN, or a body that "
             "may COMMIT by itself.",
             "The file is run as one transaction, with its ledger row and its checks inside: "
             "a COMMIT of its own makes half of it permanent.",
             "One outer BEGIN and COMMIT is taken over by the run. Anything else becomes "
             "several files, or a step with transaction: file.",
             "- { file: 012_batches.sql, transaction: file }",
             "The step says transaction: file."},
        .on_statement = stray_transaction_control,
    },
    {
        .rule =
            {"T2", "BEGIN without COMMIT", LINT_BLOCK, LINT_NEEDS_NOTHING,
             "A transaction is opened and never ended.",
             "Every statement shows success, and when the session ends everything is rolled "
             "back.",
             "Write the COMMIT, or leave out the BEGIN: a file runs in one transaction "
             "anyway.",
             "", "Never."},
        .on_statement = transaction_left_open,
    },
    {
        .rule =
            {"T3", "statement that cannot run in a transaction", LINT_BLOCK, LINT_NEEDS_VERSION,
             "VACUUM, CREATE DATABASE, ALTER SYSTEM and their like in a file that runs in one "
             "transaction, or in a DO block anywhere.",
             "The server refuses them at run time, and the file is rolled back.",
             "Give them a step of their own that says transaction: each.",
             "- { file: 013_vacuum.sql, transaction: each }", "Never."},
        .on_action = cannot_run_in_a_block,
        .on_statement = cannot_run_in_a_transaction,
    },
    {
        .rule =
            {"T4", "a second run fails", LINT_MEDIUM, LINT_NEEDS_TABLES,
             "Statements that end with an error, happen twice, or lose rows when the file is "
             "run again after it was committed.",
             "CREATE POLICY, CREATE TRIGGER and ADD CONSTRAINT have no IF NOT EXISTS; INSERT "
             "adds its rows again; a table that is dropped and made again loses what the "
             "application wrote in between. A retry after a partial run stops there.",
             "Guard what has a guard, drop with IF EXISTS right before what has none, or "
             "rely on the one transaction and the ledger row in it.",
             "DROP POLICY IF EXISTS policy_name ON table_name;\n"
             "CREATE POLICY policy_name ON table_name USING (true);",
             "The file runs in one transaction and the ledger is named in the plan: then it "
             "is never run twice."},
        .on_action = count_what_fails_again,
        .on_file = report_what_fails_again,
    },
    {
        .rule = {"T5", "IF NOT EXISTS hides another shape", LINT_MEDIUM, LINT_NEEDS_TABLES,
                 "IF NOT EXISTS on something that is there already, and is not what the "
                 "statement says.",
                 "The statement is skipped with a notice, and everything behind it takes the "
                 "wrong shape for the right one.",
                 "Compare what is there, and write the change that leads from it to what is "
                 "wanted.",
                 "", "What is there is the same."},
        .on_action = guard_that_hides_another_shape,
    },
    {
        .rule = {"T6", "body that cannot be judged", LINT_MEDIUM, LINT_NEEDS_NOTHING,
                 "EXECUTE of a text that is put together at run time, a body in another "
                 "language, or one that could not be parsed.",
                 "Whatever it locks, drops or commits is not in any list before GO.",
                 "Write the statements out; or rehearse on a copy, which shows what it did.",
                 "", "The text of EXECUTE is a constant: it is looked into."},
        .on_statement = opaque_body,
    },
    {
        .rule =
            {"T7", "errors are swallowed", LINT_HIGH, LINT_NEEDS_NOTHING,
             "EXCEPTION WHEN others without a RAISE in a DO block.",
             "Any error, a lock timeout or a full disk included, undoes the block and shows "
             "success.",
             "Name the one condition that is expected, and raise the others again.",
             "EXCEPTION WHEN duplicate_object THEN NULL;", "The handler ends with RAISE."},
        .on_statement = swallowed_errors,
    },
    {
        .rule = {"T8", "psql commands", LINT_BLOCK, LINT_NEEDS_NOTHING,
                 "A line that begins with a backslash.",
                 "It is an order to psql and no SQL; a run does not go through psql.",
                 "Write plain SQL; pairs of \\restrict and \\unrestrict are dropped, and the "
                 "data of COPY FROM stdin are sent.",
                 "", "Never: the file is refused with line and column before anything runs."},
    },
    {
        .rule =
            {"T9", "history lies", LINT_BLOCK, LINT_NEEDS_HISTORY,
             "A file was edited after it was applied, a number is missing, or two files have "
             "the same one.",
             "What the ledger says was run is not what stands in the folder.",
             "Restore the file; write the change as a new one.", "",
             "Never: the ledger's checksum is compared, and a plan with the same id twice is "
             "refused."},
    },
    {
        .rule =
            {"T10", "no way back", LINT_HIGH, LINT_NEEDS_NOTHING,
             "A file without an undo file does what no single statement takes back.",
             "When verification fails at 10:40, writing the way back begins at 10:40.",
             "Write and rehearse the undo file; or say undo: none and have a proven backup.",
             "- { file: 012_remove.sql, undo: 012_remove.down.sql }",
             "Everything in the file is taken back by a statement that is known from its "
             "text."},
        .on_action = count_what_stays,
        .on_file = no_way_back,
    },
};

const struct rule_table rules_of_transactions = {rows, COUNT_OF(rows)};
