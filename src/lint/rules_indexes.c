/* SPDX-License-Identifier: PostgreSQL */
/*
 * L1 to L9: building, dropping and rebuilding indexes, and what else writes a table anew.
 */
#include "lint_private.h"

/* " (about 5,200,000 rows, 1.3 GB)", or nothing when the size is not known. */
static struct str size_in_brackets(struct lint *lint, const struct lint_relation *relation)
{
    struct str size = world_size(lint, relation);
    return size.len == 0 ? size : str_format(lint->arena, " (%.*s)", STR_ARG(size));
}

static bool is_concurrent(enum sql_form form)
{
    return form == SQL_FORM_CREATE_INDEX_CONCURRENTLY ||
           form == SQL_FORM_DROP_INDEX_CONCURRENTLY || form == SQL_FORM_REINDEX_CONCURRENTLY ||
           form == SQL_FORM_DETACH_PARTITION_CONCURRENTLY;
}

/* The statement itself with CONCURRENTLY behind that word; not for a partitioned table, whose
 * indexes cannot be built so. */
static struct str concurrently(struct lint *lint, const struct step *step, const char *after)
{
    const struct sql_statement *statement = step->statement;
    if (step->action->depth > 0 || step->is_new ||
        (step->relation && step->relation->kind == LINT_PARTITIONED)) {
        return STR("");
    }
    struct str text = str_slice(lint->file->text, statement->offset, statement->length);
    struct str written =
        sql_with_word(lint->arena, text, statement->standard_strings, after, "CONCURRENTLY");
    return written.len == 0 ? written
                            : str_format(lint->arena, "%.*s%s  -- outside of a transaction",
                                         STR_ARG(written), str_ends(written, ";") ? "" : ";");
}

static void build_that_stops_writes(struct lint *lint, const struct step *step)
{
    if (step->action->form != SQL_FORM_CREATE_INDEX) {
        return;
    }
    struct str name = report_name(lint, step->action);
    struct lint_finding *finding =
        report_finding(lint, step, "L1", "writes to %.*s%.*s stop until the index is built",
                       STR_ARG(name), STR_ARG(size_in_brackets(lint, step->relation)));
    finding->safer = concurrently(lint, step, "index");
    report_by_size(lint, finding, step);
}

static void drop_that_stops_all(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    if (action->form != SQL_FORM_DROP_INDEX || history_index(lint, step->object)) {
        return;
    }
    const struct lint_relation *table = world_table_of_index(lint, step->object);
    struct str name = report_name(lint, action);
    struct lint_finding *finding = report_finding(
        lint, step, "L2",
        "dropping %.*s waits for every reader of %s%.*s, and all others wait "
        "behind it",
        STR_ARG(name), table ? "" : "its table", STR_ARG(table ? table->name.name : STR("")));
    if (!table) {
        finding->unknown = STR("which table it belongs to");
    }
    finding->safer = str_format(lint->arena, "DROP INDEX CONCURRENTLY %.*s;", STR_ARG(name));
}

static void rebuild_that_stops_writes(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    if (action->form != SQL_FORM_REINDEX_INDEX && action->form != SQL_FORM_REINDEX_TABLE &&
        action->form != SQL_FORM_REINDEX_MANY) {
        return;
    }
    struct str name = report_name(lint, action);
    struct lint_finding *finding = report_finding(
        lint, step, "L3",
        "REINDEX of %.*s%.*s stops writes to the table, and each index for readers, while it "
        "is rebuilt",
        STR_ARG(name), STR_ARG(size_in_brackets(lint, step->relation)));
    finding->safer =
        concurrently(lint, step, action->form == SQL_FORM_REINDEX_INDEX ? "index" : "table");
    report_by_size(lint, finding, step);
}

static void concurrent_in_a_transaction(struct lint *lint, const struct step *step)
{
    if (is_concurrent(step->action->form) &&
        (lint->in_transaction || step->action->depth > 0)) {
        report_finding(lint, step, "L4",
                       "%s cannot run inside of a transaction: the server refuses it, and the "
                       "file is rolled back",
                       sql_form_row(step->action->form)->command);
    }
}

static void whole_table_anew(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    if (action->form != SQL_FORM_VACUUM_FULL && action->form != SQL_FORM_CLUSTER) {
        return;
    }
    struct str name =
        action->object.name.len > 0 ? report_name(lint, action) : STR("every table");
    struct lint_finding *finding = report_finding(
        lint, step, "L5",
        "%s writes %.*s%.*s anew: no reads, no writes meanwhile, and twice the disk",
        sql_form_row(action->form)->command, STR_ARG(name),
        STR_ARG(size_in_brackets(lint, step->relation)));
    report_by_size(lint, finding, step);
}

static bool has_unique_index(const struct lint_relation *relation)
{
    for (size_t i = 0; relation && i < relation->index_count; i++) {
        const struct lint_index *index = &relation->indexes[i];
        if (index->unique && index->valid && !index->partial) {
            return true;
        }
    }
    return false;
}

static void refresh_that_stops_readers(struct lint *lint, const struct step *step)
{
    if (step->action->form != SQL_FORM_REFRESH_MATERIALIZED_VIEW) {
        return;
    }
    struct str name = report_name(lint, step->action);
    if (step->action->loss == SQL_LOSS_CODE) { /* WITH NO DATA */
        if (!step->is_new) {
            report_finding(lint, step, "L6",
                           "%.*s is emptied: whoever reads it gets an error until the next "
                           "REFRESH",
                           STR_ARG(name));
        }
        return;
    }
    struct lint_finding *finding =
        report_finding(lint, step, "L6", "nobody can read %.*s%.*s while it is refreshed",
                       STR_ARG(name), STR_ARG(size_in_brackets(lint, step->relation)));
    if (has_unique_index(step->relation)) {
        finding->safer = str_format(lint->arena, "REFRESH MATERIALIZED VIEW CONCURRENTLY %.*s;",
                                    STR_ARG(name));
    } else if (!step->relation) {
        finding->unknown = STR("whether it has a unique index, which CONCURRENTLY needs");
    }
    report_by_size(lint, finding, step);
}

static void build_that_corrupts(struct lint *lint, const struct step *step)
{
    enum {
        BROKEN_FROM = 140000,
        MENDED_IN = 140004
    };
    enum sql_form form = step->action->form;
    int version = lint->context->version;
    if ((form == SQL_FORM_CREATE_INDEX_CONCURRENTLY || form == SQL_FORM_REINDEX_CONCURRENTLY) &&
        version >= BROKEN_FROM && version < MENDED_IN) {
        report_finding(
            lint, step, "L7",
            "this server is 14.%d: before 14.4 a concurrent build can leave rows out "
            "of the index without a word",
            version % 10000);
    }
}

static const struct lint_index *index_of_server(const struct lint *lint, struct sql_name name)
{
    const struct lint_relation *table = world_table_of_index(lint, name);
    for (size_t i = 0; table && i < table->index_count; i++) {
        if (str_is(table->indexes[i].name, name.name)) {
            return &table->indexes[i];
        }
    }
    return NULL;
}

static void guard_that_skips_a_broken_index(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    if (action->form != SQL_FORM_CREATE_INDEX_CONCURRENTLY || !action->guarded) {
        return;
    }
    const struct lint_index *there =
        index_of_server(lint, (struct sql_name){step->object.schema, action->part});
    if (there && there->valid) {
        return;
    }
    struct lint_finding *finding = report_finding(
        lint, step, "L8",
        there ? "%.*s is there and INVALID: IF NOT EXISTS skips it, and nothing is built"
              : "a build of %.*s that fails leaves an INVALID index, and the next run skips it",
        STR_ARG(action->part));
    if (!world_knows(lint, LINT_NEEDS_TABLES)) {
        finding->unknown = STR("whether an invalid index of that name is there");
    } else if (there) {
        finding->severity = LINT_BLOCK;
    }
}

static void build_under_a_short_timeout(struct lint *lint, const struct step *step)
{
    const int64_t short_us = 60 * US_PER_SECOND;
    if (lint->file->long_unbounded) {
        return;
    }
    int64_t timeout = history_timeout_us(lint, LINT_SETTING_LOCK_TIMEOUT);
    if ((step->action->form == SQL_FORM_CREATE_INDEX_CONCURRENTLY ||
         step->action->form == SQL_FORM_REINDEX_CONCURRENTLY) &&
        timeout > 0 && timeout < short_us) {
        report_finding(
            lint, step, "L9",
            "it waits for every older transaction of the database; lock_timeout %.*s "
            "ends it there and leaves an INVALID index",
            STR_ARG(duration_text(lint->arena, timeout)));
    }
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
        .on_action = build_that_stops_writes,
    },
    {
        .rule =
            {"L2", "DROP INDEX without CONCURRENTLY", LINT_MEDIUM, LINT_NEEDS_TABLES,
             "An index that others may be using is dropped without CONCURRENTLY.",
             "DROP INDEX takes ACCESS EXCLUSIVE on the table. The work is short, the wait is "
             "not: it queues behind the longest reader, and every later reader and writer "
             "queues behind it.",
             "Drop it concurrently, in a step of its own, outside of a transaction. An "
             "index that backs a constraint goes with ALTER TABLE ... DROP CONSTRAINT.",
             "DROP INDEX CONCURRENTLY index_name;",
             "The index was built earlier in the same plan, or a short lock_timeout with a "
             "retry bounds the wait."},
        .on_action = drop_that_stops_all,
    },
    {
        .rule =
            {"L3", "REINDEX without CONCURRENTLY", LINT_HIGH, LINT_NEEDS_TABLES,
             "An index, or all those of a table or schema, are rebuilt without "
             "CONCURRENTLY.",
             "REINDEX takes SHARE on the table, which stops writes, and ACCESS EXCLUSIVE on "
             "each index while it is rebuilt: even planning a query looks at all indexes of "
             "its tables, so most queries wait, too.",
             "Rebuild concurrently, outside of a transaction, and look for invalid indexes "
             "with the ending _ccnew afterwards.",
             "REINDEX INDEX CONCURRENTLY index_name;",
             "Nobody uses the table during the window."},
        .on_action = rebuild_that_stops_writes,
    },
    {
        .rule =
            {"L4", "concurrent index operation in a transaction", LINT_BLOCK,
             LINT_NEEDS_NOTHING,
             "CONCURRENTLY stands in a file that runs in one transaction, or behind a BEGIN.",
             "The server refuses it at run time with \"cannot run inside a transaction "
             "block\"; everything that the file did before is rolled back.",
             "Give the statement a file of its own whose step says transaction: each.",
             "- { file: 012_index.sql, transaction: each }", "Never."},
        .also_temporary = true,
        .on_action = concurrent_in_a_transaction,
    },
    {
        .rule = {"L5", "VACUUM FULL or CLUSTER", LINT_HIGH, LINT_NEEDS_TABLES,
                 "A whole table is written anew in place.",
                 "Both hold ACCESS EXCLUSIVE from beginning to end and need room for a second "
                 "copy of the table and its indexes.",
                 "Use a tool that copies beside the table and switches at the end, such as "
                 "pg_repack or pg_squeeze, or plan the downtime.",
                 "", "The table is small, or the application is stopped."},
        .on_action = whole_table_anew,
    },
    {
        .rule = {"L6", "REFRESH MATERIALIZED VIEW without CONCURRENTLY", LINT_MEDIUM,
                 LINT_NEEDS_TABLES, "A materialized view is refreshed in the plain way.",
                 "It holds ACCESS EXCLUSIVE on the view for as long as its query runs: nobody "
                 "reads the view meanwhile. WITH NO DATA leaves it empty, and reading it is an "
                 "error.",
                 "Refresh concurrently, which needs a unique index without WHERE and without "
                 "expressions on the view.",
                 "REFRESH MATERIALIZED VIEW CONCURRENTLY view_name;",
                 "The view is new, or nobody reads it during the window."},
        .on_action = refresh_that_stops_readers,
    },
    {
        .rule = {"L7", "concurrent index build on 14.0 to 14.3", LINT_BLOCK, LINT_NEEDS_VERSION,
                 "An index is built or rebuilt concurrently on a server older than 14.4.",
                 "CREATE INDEX CONCURRENTLY and REINDEX CONCURRENTLY of 14.0 to 14.3 could "
                 "leave rows out of the index; the release notes of 14.4 ask to rebuild such "
                 "indexes.",
                 "Bring the server to the newest 14.x first.", "",
                 "The server is not 14.0, 14.1, 14.2 or 14.3."},
        .on_action = build_that_corrupts,
    },
    {
        .rule = {"L8", "IF NOT EXISTS on a concurrent index", LINT_HIGH, LINT_NEEDS_TABLES,
                 "CREATE INDEX CONCURRENTLY IF NOT EXISTS.",
                 "A concurrent build that fails leaves the index behind, marked INVALID. A "
                 "second run finds the name taken and says success, and the index is never "
                 "used.",
                 "Look at the validity first, drop an invalid one, then build without the "
                 "guard.",
                 "SELECT indisvalid FROM pg_index WHERE indexrelid = 'index_name'::regclass;\n"
                 "DROP INDEX CONCURRENTLY IF EXISTS index_name;\n"
                 "CREATE INDEX CONCURRENTLY index_name ON table_name (column_name);",
                 "A valid index of that name is there already."},
        .on_action = guard_that_skips_a_broken_index,
    },
    {
        .rule =
            {"L9", "concurrent index under a short lock_timeout", LINT_HIGH,
             LINT_NEEDS_ACTIVITY,
             "A concurrent build runs while lock_timeout is below a minute.",
             "Before it can finish, it waits for every transaction of the database that is "
             "older than its own snapshot. lock_timeout counts that wait, ends the build, "
             "and leaves an INVALID index.",
             "Give the build a long lock_timeout of its own, and look for long transactions "
             "before it begins.",
             "SET lock_timeout = '30min';\n"
             "CREATE INDEX CONCURRENTLY index_name ON table_name (column_name);",
             "The run takes the timeouts off such a statement: gonogo does with `transaction: "
             "each`, unless the step has a lock_timeout of its own."},
        .on_action = build_under_a_short_timeout,
    },
};

const struct rule_table rules_of_indexes = {rows, COUNT_OF(rows)};
