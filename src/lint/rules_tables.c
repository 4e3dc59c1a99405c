/* SPDX-License-Identifier: PostgreSQL */
/*
 * L17 to L23: partitions, rewrites in place, triggers, disk, and who stands in the way now.
 */
#include "lint_private.h"

static void detach_that_stops_all(struct lint *lint, const struct step *step)
{
    enum {
        CONCURRENT_SINCE = 14
    };
    const struct sql_action *action = step->action;
    if (action->form != SQL_FORM_DETACH_PARTITION || step->is_new) {
        return;
    }
    struct str name = report_name(lint, action);
    struct str partition = sql_name_written(lint->arena, action->other);
    struct lint_finding *finding = report_finding(
        lint, step, "L17",
        "DETACH PARTITION waits for, and then stops, everybody who uses %.*s", STR_ARG(name));
    int major = world_major(lint);
    if (major == 0 || major >= CONCURRENT_SINCE) {
        finding->safer =
            str_format(lint->arena, "ALTER TABLE %.*s DETACH PARTITION %.*s CONCURRENTLY;",
                       STR_ARG(name), STR_ARG(partition));
    }
}

static void attach_that_scans(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    if (action->form != SQL_FORM_ATTACH_PARTITION) {
        return;
    }
    struct sql_name child = world_resolve(lint, action->other);
    struct str partition = sql_name_written(lint->arena, action->other);
    struct str parent = report_name(lint, action);
    struct lint_finding *finding = report_finding(
        lint, step, "L18",
        "%.*s is locked and read whole unless a valid CHECK proves its bounds, and so is a "
        "default partition of %.*s; an index of the parent that it lacks is built",
        STR_ARG(partition), STR_ARG(parent));
    struct step of_child = *step;
    of_child.relation = world_relation(lint, child);
    of_child.is_new = history_is_new(lint, child);
    report_by_size(lint, finding, &of_child);
}

static void partition_made_in_place(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    struct sql_name parent = world_resolve(lint, action->other);
    if (action->form != SQL_FORM_CREATE_PARTITION || history_is_new(lint, parent)) {
        return;
    }
    struct str name = report_name(lint, action);
    struct str of = sql_name_written(lint->arena, action->other);
    struct lint_finding *finding = report_finding(
        lint, step, "L19", "making %.*s as a partition stops reads and writes of all of %.*s",
        STR_ARG(name), STR_ARG(of));
    finding->safer = str_format(
        lint->arena, "CREATE TABLE %.*s (LIKE %.*s INCLUDING DEFAULTS INCLUDING CONSTRAINTS);",
        STR_ARG(name), STR_ARG(of));
}

static bool rewrites_in_place(enum sql_form form)
{
    return form == SQL_FORM_SET_LOGGED || form == SQL_FORM_SET_UNLOGGED ||
           form == SQL_FORM_SET_TABLESPACE || form == SQL_FORM_SET_ACCESS_METHOD ||
           form == SQL_FORM_MOVE_ALL_IN_TABLESPACE || form == SQL_FORM_SET_INDEX_TABLESPACE;
}

static void table_moved_in_place(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    if (!rewrites_in_place(action->form)) {
        return;
    }
    struct str size = world_size(lint, step->relation);
    struct str name =
        action->object.name.len > 0 ? report_name(lint, action) : STR("every table of it");
    struct lint_finding *finding = report_finding(
        lint, step, "L20", "%s copies %.*s%s%.*s%s: %s until it is done",
        sql_form_row(action->form)->command, STR_ARG(name), size.len > 0 ? " (" : "",
        STR_ARG(size), size.len > 0 ? ")" : "",
        action->form == SQL_FORM_SET_INDEX_TABLESPACE ? "queries of its table wait"
                                                      : "no reads, no writes");
    report_by_size(lint, finding, step);
}

static const char *trigger_words(enum sql_form form)
{
    switch ((int)form) {
    case SQL_FORM_CREATE_TRIGGER:
        return "from COMMIT on every change of its rows runs the new trigger, too";
    case SQL_FORM_ENABLE_TRIGGER:
        return "from COMMIT on the trigger runs again";
    case SQL_FORM_DISABLE_TRIGGER:
        return "what the trigger guards is unguarded from COMMIT on";
    case SQL_FORM_DROP_TRIGGER:
        return "what the trigger guards is unguarded from COMMIT on";
    default:
        return NULL;
    }
}

static struct sql_name trigger_key(struct lint *lint, const struct step *step)
{
    return (struct sql_name){
        step->object.schema,
        str_format(lint->arena, "%.*s %.*s", STR_ARG(step->object.name), STR_ARG(step->part))};
}

/* Dropped by an earlier statement of the transaction: nothing is unguarded, then. */
static bool trigger_made_again(struct lint *lint, const struct step *step)
{
    struct lint_finding *dropped =
        step->action->form == SQL_FORM_CREATE_TRIGGER && lint->in_transaction
            ? report_kept(lint, "L21", trigger_key(lint, step), true)
            : NULL;
    if (dropped) {
        dropped->severity = LINT_LOW;
        dropped->message = str_format(
            lint->arena,
            "DROP TRIGGER stops reads and writes of %.*s until COMMIT; statement %zu makes the "
            "trigger again",
            STR_ARG(dropped->object), step->index + 1);
    }
    return dropped != NULL;
}

static void trigger_on_a_used_table(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    const char *words = trigger_words(action->form);
    if (!words || step->is_new || trigger_made_again(lint, step)) {
        return;
    }
    struct str name = report_name(lint, action);
    const struct lint_finding *finding =
        report_finding(lint, step, "L21", "%s %s of %.*s until COMMIT; %s",
                       sql_form_row(action->form)->command, sql_lock_stops(action->lock),
                       STR_ARG(name), words);
    if (action->form == SQL_FORM_DROP_TRIGGER) {
        report_keep(lint, finding, trigger_key(lint, step));
    }
}

static void disk_too_small(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    bool writes = step->work == SQL_WORK_REWRITE || step->work == SQL_WORK_BUILD;
    int64_t bytes = step->relation && !step->is_new ? step->relation->bytes : -1;
    int64_t free_bytes = lint->context->free_bytes;
    if (!writes || bytes < 0 || free_bytes < 0 || bytes < free_bytes) {
        return;
    }
    struct strbuf need = {0};
    struct strbuf have = {0};
    size_to_text(&need, bytes);
    size_to_text(&have, free_bytes);
    struct str name = report_name(lint, action);
    report_finding(lint, step, "L22", "%.*s and its indexes take %.*s; %.*s are free",
                   STR_ARG(name), STR_ARG(strbuf_str(&need)), STR_ARG(strbuf_str(&have)));
    strbuf_release(&need);
    strbuf_release(&have);
}

/* A session in the way of this lock: the first one that is not known to be elsewhere. */
static const struct lint_activity *in_the_way(const struct lint *lint, const struct step *step)
{
    for (size_t i = 0; i < lint->context->activity_count; i++) {
        const struct lint_activity *activity = &lint->context->activity[i];
        if (activity->relation.name.len == 0 || sql_name_is(activity->relation, step->object)) {
            return activity;
        }
    }
    return NULL;
}

static void somebody_in_the_way(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    bool strong = !step->is_new && action->lock == SQL_LOCK_ACCESS_EXCLUSIVE &&
                  action->object.name.len > 0;
    const struct lint_activity *activity = strong ? in_the_way(lint, step) : NULL;
    if (!activity || report_said_in_file(lint, "L23")) {
        return;
    }
    struct str name = report_name(lint, action);
    struct str age = activity->age_us < 0
                         ? STR("")
                         : str_format(lint->arena, ", for %.*s",
                                      STR_ARG(duration_text(lint->arena, activity->age_us)));
    struct str who = activity->pid == 0
                         ? str_format(lint->arena, "%s%.*s", activity->kind, STR_ARG(age))
                         : str_format(lint->arena, "process %d (%s%.*s)", activity->pid,
                                      activity->kind, STR_ARG(age));
    report_finding(lint, step, "L23",
                   "%.*s is in the way: ACCESS EXCLUSIVE on %.*s waits for it, and the "
                   "application waits behind us",
                   STR_ARG(who), STR_ARG(name));
}

static const struct rule_row rows[] = {
    {
        .rule =
            {"L17", "DETACH PARTITION without CONCURRENTLY", LINT_HIGH, LINT_NEEDS_VERSION,
             "A partition is detached in the plain way.",
             "It takes ACCESS EXCLUSIVE on the parent: all partitions are unreachable while "
             "it waits and works.",
             "From PostgreSQL 14 on detach concurrently, outside of a transaction; what was "
             "interrupted is brought to its end with FINALIZE.",
             "ALTER TABLE parent DETACH PARTITION partition_name CONCURRENTLY;",
             "The parent is new in this plan, or the server is 13."},
        .on_action = detach_that_stops_all,
    },
    {
        .rule =
            {"L18", "ATTACH PARTITION", LINT_MEDIUM, LINT_NEEDS_TABLES,
             "A table is attached as a partition.",
             "The new partition is locked with ACCESS EXCLUSIVE and read whole to see that "
             "its rows fit; a default partition is read whole as well; and each index of the "
             "parent "
             "that has no match on it is built before COMMIT.",
             "Build its indexes first. Add a CHECK that says what the bounds say, NOT VALID, "
             "validate it, attach, then drop it.",
             "ALTER TABLE partition_name ADD CONSTRAINT bounds CHECK (day >= '2026-01-01' "
             "AND day < '2026-02-01' AND day IS NOT NULL) NOT VALID;\n"
             "ALTER TABLE partition_name VALIDATE CONSTRAINT bounds;\n"
             "ALTER TABLE parent ATTACH PARTITION partition_name FOR VALUES FROM "
             "('2026-01-01') TO ('2026-02-01');",
             "The partition is new and empty."},
        .on_action = attach_that_scans,
    },
    {
        .rule =
            {"L19", "CREATE TABLE ... PARTITION OF", LINT_MEDIUM, LINT_NEEDS_TRAFFIC,
             "A partition is created directly under a parent that is in use.",
             "It takes ACCESS EXCLUSIVE on the parent.",
             "Create the table by itself and attach it: ATTACH takes SHARE UPDATE EXCLUSIVE "
             "on the parent, which stops nobody's reads and writes.",
             "CREATE TABLE partition_name (LIKE parent INCLUDING DEFAULTS INCLUDING "
             "CONSTRAINTS);\n"
             "ALTER TABLE parent ATTACH PARTITION partition_name FOR VALUES FROM (1) TO "
             "(100);",
             "The parent is new in this plan."},
        .on_action = partition_made_in_place,
    },
    {
        .rule = {"L20", "table moved or rewritten in place", LINT_HIGH, LINT_NEEDS_TABLES,
                 "SET LOGGED, SET UNLOGGED, SET TABLESPACE (of an index, too) or SET ACCESS "
                 "METHOD.",
                 "The whole table is copied under ACCESS EXCLUSIVE, indexes included. Of an "
                 "index alone: whoever plans a query of its table waits.",
                 "Make a new table that is as wanted, copy in batches, and switch names; or "
                 "plan the downtime.",
                 "", "The table is small, or new in this plan."},
        .on_action = table_moved_in_place,
    },
    {
        .rule =
            {"L21", "trigger created, enabled, disabled or dropped", LINT_MEDIUM,
             LINT_NEEDS_TABLES,
             "A trigger of a table that is in use is created, switched or dropped.",
             "CREATE, ENABLE and DISABLE take SHARE ROW EXCLUSIVE, which stops writes; DROP "
             "takes ACCESS EXCLUSIVE. And what the trigger did is done, or not done, from "
             "COMMIT on.",
             "A short lock_timeout; and look first at what the trigger guards.",
             "SET LOCAL lock_timeout = '2s';",
             "The table is new in this plan. LOW when the same transaction makes a dropped "
             "trigger again."},
        .on_action = trigger_on_a_used_table,
    },
    {
        .rule =
            {"L22", "not enough disk for a rewrite or build", LINT_HIGH, LINT_NEEDS_TABLES,
             "A rewrite or an index build needs more room than the volume has.",
             "The old files stay until COMMIT: a rewrite needs the size of the table and its "
             "indexes once more, and its WAL beside it. A full disk stops the server.",
             "Make room, or move the work to a smaller step.", "",
             "The volume has room for the table and its indexes once more."},
        .on_action = disk_too_small,
    },
    {
        .rule =
            {"L23", "somebody is in the way now", LINT_BLOCK, LINT_NEEDS_ACTIVITY,
             "A dump, a vacuum against wraparound, a prepared transaction or one that is "
             "hours old holds what this plan needs with ACCESS EXCLUSIVE.",
             "The lock request queues behind it for as long as it lasts, and the application "
             "queues behind the request.",
             "Wait, move the window, or end it knowingly: a vacuum against wraparound comes "
             "back.",
             "SELECT pid, state, xact_start, query FROM pg_stat_activity ORDER BY "
             "xact_start;",
             "It is gone by the time of GO; it is looked for again then."},
        .on_action = somebody_in_the_way,
    },
};

const struct rule_table rules_of_tables = {rows, COUNT_OF(rows)};
