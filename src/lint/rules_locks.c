/* SPDX-License-Identifier: PostgreSQL */
/*
 * L: locks and rewrites.
 */
#include "lint_private.h"

static void index_that_stops_writes(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    if (action->form != SQL_FORM_CREATE_INDEX) {
        return;
    }
    struct str size = world_size(lint, step->relation);
    struct str name = report_name(lint, action);
    struct lint_finding *finding = report_finding(
        lint, step, "L1", "writes to %.*s%s%.*s%s stop until the index is built", STR_ARG(name),
        size.len > 0 ? " (" : "", STR_ARG(size), size.len > 0 ? ")" : "");
    report_by_size(lint, finding, step);
}

static const struct rule_row rows[] = {
    {
        .rule = {"L1", "CREATE INDEX without CONCURRENTLY", LINT_HIGH,
                 LINT_NEEDS_TABLES | LINT_NEEDS_TRAFFIC,
                 "An index is built on a table that others use, without CONCURRENTLY.",
                 "CREATE INDEX takes a SHARE lock on the table for as long as the build lasts: "
                 "reads go on, every INSERT, UPDATE and DELETE waits.",
                 "Build it concurrently, in a step of its own: it may not stand in a "
                 "transaction. Look at its validity afterwards; a build that failed leaves an "
                 "INVALID index behind.",
                 "CREATE INDEX CONCURRENTLY index_name ON table_name (column_name);",
                 "The table is new in this plan, or so small that the build lasts "
                 "milliseconds."},
        .on_action = index_that_stops_writes,
    },
};

const struct rule_table rules_of_locks = {rows, COUNT_OF(rows)};
