/* SPDX-License-Identifier: PostgreSQL */
/*
 * K1 to K11: constraints.
 */
#include "lint_private.h"

/* A constraint added to a table that exists, by ALTER TABLE; a part of ADD COLUMN, too, when
 * the server looks at the rows for it. */
static bool is_added(const struct step *step, enum sql_form form)
{
    const struct sql_action *action = step->action;
    bool reads = !action->inside || action->work != SQL_WORK_NONE;
    return action->form == form && reads && !step->is_new;
}

/* "app.orders (about 5,200,000 rows)" */
static struct str sized_name(struct lint *lint, const struct step *step)
{
    struct str name = report_name(lint, step->action);
    struct str size = world_size(lint, step->relation);
    return size.len == 0 ? name
                         : str_format(lint->arena, "%.*s (%.*s)", STR_ARG(name), STR_ARG(size));
}

/* Its own name, or the one that the server would make. */
static struct str constraint_name(struct lint *lint, const struct step *step)
{
    const struct sql_constraint *constraint = step->action->constraint;
    if (step->action->part.len > 0) {
        return report_ident(lint, step->action->part);
    }
    static const char *const endings[] = {
        [SQL_CONSTRAINT_CHECK] = "check",      [SQL_CONSTRAINT_NOT_NULL] = "not_null",
        [SQL_CONSTRAINT_UNIQUE] = "key",       [SQL_CONSTRAINT_PRIMARY_KEY] = "pkey",
        [SQL_CONSTRAINT_FOREIGN_KEY] = "fkey", [SQL_CONSTRAINT_EXCLUSION] = "excl"};
    struct strbuf name = {0};
    strbuf_add(&name, step->action->object.name);
    for (size_t i = 0;
         constraint->kind != SQL_CONSTRAINT_PRIMARY_KEY && i < constraint->column_count &&
         (i == 0 || constraint->kind != SQL_CONSTRAINT_CHECK);
         i++) {
        strbuf_format(&name, "_%.*s", STR_ARG(constraint->columns[i]));
    }
    strbuf_format(&name, "_%s", endings[constraint->kind]);
    struct str made = report_ident(lint, strbuf_str(&name));
    strbuf_release(&name);
    return made;
}

/* The same constraint NOT VALID, and its validation. Behind a column it has no text of its own:
 * the rule's page tells the way. */
static struct str validate_sql(struct lint *lint, const struct step *step)
{
    const struct sql_constraint *added = step->action->constraint;
    if (!added || added->text.len == 0) {
        return STR("");
    }
    struct str clause = added->text;
    struct str name = report_name(lint, step->action);
    struct str constraint = constraint_name(lint, step);
    return str_format(lint->arena,
                      "ALTER TABLE %.*s ADD CONSTRAINT %.*s %.*s NOT VALID;\n"
                      "ALTER TABLE %.*s VALIDATE CONSTRAINT %.*s;  -- after COMMIT",
                      STR_ARG(name), STR_ARG(constraint), STR_ARG(clause), STR_ARG(name),
                      STR_ARG(constraint));
}

static void check_that_scans(struct lint *lint, const struct step *step)
{
    if (!is_added(step, SQL_FORM_ADD_CHECK)) {
        return;
    }
    struct str name = sized_name(lint, step);
    struct lint_finding *finding = report_finding(
        lint, step, "K1", "CHECK reads all of %.*s under ACCESS EXCLUSIVE", STR_ARG(name));
    finding->safer = validate_sql(lint, step);
    report_by_size(lint, finding, step);
}

static void key_that_scans(struct lint *lint, const struct step *step)
{
    if (!is_added(step, SQL_FORM_ADD_FOREIGN_KEY)) {
        return;
    }
    struct str name = sized_name(lint, step);
    struct str other = sql_name_written(lint->arena, step->action->other);
    struct lint_finding *finding = report_finding(
        lint, step, "K2", "the key reads all of %.*s while writes to it and to %.*s stop",
        STR_ARG(name), STR_ARG(other));
    finding->safer = validate_sql(lint, step);
    report_by_size(lint, finding, step);
}

static void key_of_a_new_table(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    bool inside = action->form == SQL_FORM_ADD_FOREIGN_KEY && action->inside &&
                  !is_added(step, SQL_FORM_ADD_FOREIGN_KEY);
    struct sql_name parent = world_resolve(lint, action->other);
    if (!inside || history_is_new(lint, parent)) {
        return;
    }
    struct str other = sql_name_written(lint->arena, action->other);
    double calls = world_calls(lint, parent, true);
    struct str live =
        calls > 0 ? str_format(lint->arena, " (%.1f writes a second)", calls) : STR("");
    report_finding(lint, step, "K3", "writes to %.*s%.*s stop until COMMIT", STR_ARG(other),
                   STR_ARG(live));
}

static void validated_at_once(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    if (action->form != SQL_FORM_VALIDATE_CONSTRAINT || !lint->in_transaction) {
        return;
    }
    const struct past *made =
        history_last(lint, SQL_FORM_ADD_CHECK_NOT_VALID, step->object, step->part);
    if (!made) {
        made = history_last(lint, SQL_FORM_ADD_FOREIGN_KEY_NOT_VALID, step->object, step->part);
    }
    if (made && made->transaction == lint->transaction) {
        struct lint_finding *finding =
            report_finding(lint, step, "K4",
                           "%.*s was added NOT VALID by statement %zu of the same transaction: "
                           "its lock is held "
                           "while every row is read",
                           STR_ARG(action->part), (size_t)made->statement + 1);
        report_by_size(lint, finding, step);
    }
}

static void validated_under_own_lock(struct lint *lint, const struct step *step)
{
    enum sql_lock lock = history_lock_on(lint, step->object);
    if (step->action->form != SQL_FORM_VALIDATE_CONSTRAINT || step->is_new ||
        report_said_in_transaction(lint, "K4") || lock < SQL_LOCK_SHARE_ROW_EXCLUSIVE) {
        return;
    }
    struct str name = report_name(lint, step->action);
    struct lint_finding *finding =
        report_finding(lint, step, "K5", "this transaction holds %s on %.*s while it validates",
                       sql_lock_words(lock), STR_ARG(name));
    report_by_size(lint, finding, step);
}

/* Keywords in any case; `words` in lower case. */
static bool is_words(struct str text, const char *words)
{
    bool same = text.len == strlen(words);
    for (size_t i = 0; same && i < text.len; i++) {
        char byte = text.ptr[i];
        same = (byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte) == words[i];
    }
    return same;
}

/* "(a, b) INCLUDE (c)" of UNIQUE and PRIMARY KEY, and what stands behind it apart: DEFERRABLE
 * belongs to the constraint. False: something that an index would say in another way. */
static bool take_apart(struct lint *lint, const struct sql_constraint *key, struct str *index,
                       struct str *behind)
{
    size_t open = str_find_byte(key->text, '(', 0);
    struct str head = str_trim(str_slice(key->text, 0, open));
    size_t close = str_find_byte(key->text, ')', open);
    struct str rest = str_trim(str_slice(key->text, close + 1, key->text.len));
    struct str columns = report_columns(lint, key->columns, key->column_count);
    *index = str_format(lint->arena, "(%.*s)", STR_ARG(columns));
    struct str word = str_slice(rest, 0, strlen("include"));
    if (is_words(word, "include")) {
        size_t end = str_find_byte(rest, ')', 0) + 1;
        struct str included = str_slice(rest, 0, end);
        *index = str_format(lint->arena, "%.*s %.*s", STR_ARG(*index), STR_ARG(included));
        rest = str_trim(str_slice(rest, end, rest.len));
    }
    *behind = rest;
    bool plain = is_words(head, "unique") || is_words(head, "primary key");
    bool deferred = is_words(str_slice(rest, 0, 10), "deferrable") ||
                    is_words(str_slice(rest, 0, 4), "not ") ||
                    is_words(str_slice(rest, 0, 9), "initially");
    return plain && (rest.len == 0 || deferred);
}

static struct str using_index_sql(struct lint *lint, const struct step *step, const char *kind)
{
    struct str index;
    struct str behind;
    const struct sql_constraint *key = step->action->constraint;
    bool partitioned = step->relation && step->relation->kind == LINT_PARTITIONED;
    if (!key || key->text.len == 0 || partitioned || !take_apart(lint, key, &index, &behind)) {
        return STR(""); /* the rule's page tells the way, if there is one */
    }
    struct str table = report_name(lint, step->action);
    struct str constraint = constraint_name(lint, step);
    return str_format(lint->arena,
                      "CREATE UNIQUE INDEX CONCURRENTLY %.*s ON %.*s %.*s;\n"
                      "ALTER TABLE %.*s ADD CONSTRAINT %.*s %s USING INDEX %.*s%s%.*s;",
                      STR_ARG(constraint), STR_ARG(table), STR_ARG(index), STR_ARG(table),
                      STR_ARG(constraint), kind, STR_ARG(constraint), behind.len > 0 ? " " : "",
                      STR_ARG(behind));
}

static void index_built_under_lock(struct lint *lint, const struct step *step)
{
    bool primary = is_added(step, SQL_FORM_ADD_PRIMARY_KEY);
    if (!primary && !is_added(step, SQL_FORM_ADD_UNIQUE)) {
        return;
    }
    struct str name = sized_name(lint, step);
    const char *kind = primary ? "PRIMARY KEY" : "UNIQUE";
    struct lint_finding *finding =
        report_finding(lint, step, "K6", "%s builds its index on %.*s under ACCESS EXCLUSIVE",
                       kind, STR_ARG(name));
    finding->safer = using_index_sql(lint, step, kind);
    report_by_size(lint, finding, step);
}

/* The first column of the key that is not known to be NOT NULL. */
static struct str nullable_column(const struct step *step)
{
    const struct sql_constraint *constraint = step->action->constraint;
    for (size_t i = 0; step->relation && i < constraint->column_count; i++) {
        const struct lint_column *column = world_column(step->relation, constraint->columns[i]);
        if (column && !column->not_null) {
            return column->name;
        }
    }
    return STR("");
}

static void key_over_nullable_columns(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    bool primary = action->constraint &&
                   action->constraint->kind == SQL_CONSTRAINT_PRIMARY_KEY && !action->inside;
    struct str column = primary && !step->is_new ? nullable_column(step) : STR("");
    if (column.len == 0) {
        return;
    }
    struct lint_finding *finding = report_finding(
        lint, step, "K7",
        "%.*s may be null: the key sets it NOT NULL, which reads the whole table "
        "under ACCESS EXCLUSIVE",
        STR_ARG(column));
    report_by_size(lint, finding, step);
}

/* What a key of one column points at: as written, or the primary key that the server has. */
static struct str referenced_column(struct lint *lint, const struct step *step)
{
    const struct sql_constraint *key = step->action->constraint;
    if (key->reference_count == 1) {
        return report_columns(lint, key->reference_columns, 1);
    }
    const struct lint_relation *parent =
        world_relation(lint, world_resolve(lint, step->action->other));
    for (size_t i = 0; parent && i < parent->constraint_count; i++) {
        const struct lint_constraint *one = &parent->constraints[i];
        if (one->kind == LINT_PRIMARY_KEY && one->column_count == 1) {
            return report_columns(lint, one->columns, 1);
        }
    }
    return STR("");
}

/* The query that counts what would break the constraint; empty: there is none. */
static struct str probe_sql(struct lint *lint, const struct step *step)
{
    const struct sql_constraint *constraint = step->action->constraint;
    struct str name = report_name(lint, step->action);
    struct str columns = report_columns(lint, constraint->columns, constraint->column_count);
    if (constraint->kind == SQL_CONSTRAINT_FOREIGN_KEY && constraint->column_count == 1) {
        struct str other = sql_name_written(lint->arena, step->action->other);
        struct str key = referenced_column(lint, step);
        if (key.len == 0) {
            return STR("");
        }
        return str_format(lint->arena,
                          "SELECT count(*) FROM %.*s AS child WHERE %.*s IS NOT NULL AND NOT "
                          "EXISTS (SELECT FROM %.*s AS parent WHERE parent.%.*s = child.%.*s);",
                          STR_ARG(name), STR_ARG(columns), STR_ARG(other), STR_ARG(key),
                          STR_ARG(columns));
    }
    if (constraint->kind == SQL_CONSTRAINT_UNIQUE ||
        constraint->kind == SQL_CONSTRAINT_PRIMARY_KEY) {
        return str_format(lint->arena,
                          "SELECT %.*s, count(*) FROM %.*s WHERE (%.*s) IS NOT NULL GROUP BY "
                          "%.*s HAVING count(*) > 1;",
                          STR_ARG(columns), STR_ARG(name), STR_ARG(columns), STR_ARG(columns));
    }
    return STR("");
}

/* A CHECK and SET NOT NULL have findings of their own for the scan: this rule speaks of them
 * when the rows were asked. */
static bool is_said_unasked(const struct step *step)
{
    const struct sql_constraint *constraint = step->action->constraint;
    return constraint && constraint->kind != SQL_CONSTRAINT_CHECK;
}

static void present_rows_may_break_it(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    const struct sql_constraint *constraint = action->constraint;
    bool nulls = action->form == SQL_FORM_SET_NOT_NULL && step->work != SQL_WORK_NONE;
    bool added = constraint && !action->inside && !constraint->not_valid &&
                 constraint->using_index.len == 0 &&
                 (constraint->column_count > 0 || constraint->kind == SQL_CONSTRAINT_CHECK) &&
                 constraint->kind != SQL_CONSTRAINT_EXCLUSION;
    if ((!nulls && !added) || step->is_new) {
        return;
    }
    const struct lint_probed *answer = probe_ask(lint, probe_of_constraint(lint, step));
    bool asked = lint->context->probes_asked;
    if (!answer && !asked &&
        (!is_said_unasked(step) || (step->relation && step->relation->rows == 0))) {
        return;
    }
    struct lint_finding *finding = report_finding(
        lint, step, "K8", "one row that is there and does not fit ends the file midway");
    finding->severity = LINT_MEDIUM;
    if (answer) {
        finding->safer = answer->sql;
        probe_tell(lint, step, finding, answer);
        return;
    }
    if (asked) {
        finding->unknown =
            STR("whether such rows are there: no query that is safe to ask tells");
        return;
    }
    finding->safer = probe_sql(lint, step);
    finding->unknown = finding->safer.len > 0
                           ? STR("whether such rows are there: the query tells")
                           : STR("whether such rows are there");
}

static void exclusion(struct lint *lint, const struct step *step)
{
    if (!is_added(step, SQL_FORM_ADD_EXCLUSION)) {
        return;
    }
    struct str name = sized_name(lint, step);
    struct lint_finding *finding =
        report_finding(lint, step, "K9",
                       "EXCLUDE builds its index on %.*s under ACCESS EXCLUSIVE, and no "
                       "concurrent way is there",
                       STR_ARG(name));
    report_by_size(lint, finding, step);
}

static bool begins_with(const struct lint_index *index, const struct sql_constraint *key)
{
    if (!index->valid || index->partial || index->column_count < key->column_count) {
        return false;
    }
    for (size_t i = 0; i < key->column_count; i++) {
        bool found = false;
        for (size_t j = 0; j < key->column_count; j++) {
            found = found || str_is(index->columns[j], key->columns[i]);
        }
        if (!found) {
            return false;
        }
    }
    return true;
}

static bool has_index_for(const struct lint *lint, const struct step *step)
{
    const struct sql_constraint *key = step->action->constraint;
    for (size_t i = 0; step->relation && i < step->relation->index_count; i++) {
        if (begins_with(&step->relation->indexes[i], key)) {
            return true;
        }
    }
    return history_indexes(lint, step->object, key->columns[0]);
}

/* Judged at the end of the file: the index may be built behind the key. */
static void key_without_index(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    bool key = action->constraint && action->constraint->kind == SQL_CONSTRAINT_FOREIGN_KEY &&
               action->constraint->column_count > 0;
    if (!key || (!step->relation && !step->is_new && !action->inside)) {
        return; /* which indexes are there is not known */
    }
    if (!has_index_for(lint, step)) {
        history_wait_for_index(lint, step);
    }
}

/* ALTER DOMAIN ... DROP CONSTRAINT; of a domain with no other command a name stands there. */
static void guarantee_of_domain_dropped(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    if (action->form == SQL_FORM_ALTER_DOMAIN && action->loss == SQL_LOSS_GUARANTEE &&
        action->part.len > 0 &&
        !history_last(lint, SQL_FORM_CREATE_DOMAIN, step->object, STR(""))) {
        struct str name = report_name(lint, action);
        report_finding(lint, step, "K11",
                       "from COMMIT on nothing keeps out of the domain %.*s what %.*s refused",
                       STR_ARG(name), STR_ARG(action->part));
    }
}

static void guarantee_dropped(struct lint *lint, const struct step *step)
{
    const struct sql_action *action = step->action;
    guarantee_of_domain_dropped(lint, step);
    if (action->form != SQL_FORM_DROP_CONSTRAINT || step->is_new ||
        history_last(lint, SQL_FORM_ADD_CHECK, step->object, step->part) ||
        history_last(lint, SQL_FORM_ADD_CHECK_NOT_VALID, step->object, step->part)) {
        return;
    }
    report_finding(lint, step, "K11",
                   "from COMMIT on nothing keeps out the rows that %.*s refused",
                   STR_ARG(action->part));
}

static const struct rule_row rows[] = {
    {
        .rule =
            {"K1", "ADD CHECK that reads the table", LINT_HIGH, LINT_NEEDS_TABLES,
             "A CHECK is added and proved at once.",
             "Every row is read under ACCESS EXCLUSIVE.",
             "Add it NOT VALID, which only touches the catalog, and validate it in a later "
             "transaction, which stops nobody.",
             "ALTER TABLE table_name ADD CONSTRAINT check_name CHECK (price > 0) NOT VALID;\n"
             "ALTER TABLE table_name VALIDATE CONSTRAINT check_name;",
             "The table is new in this plan, or small."},
        .on_action = check_that_scans,
    },
    {
        .rule = {"K2", "ADD FOREIGN KEY that reads the table", LINT_HIGH, LINT_NEEDS_TABLES,
                 "A foreign key is added and proved at once.",
                 "SHARE ROW EXCLUSIVE on both tables stops their writes while every row is "
                 "looked up.",
                 "Add it NOT VALID, then validate it in a later transaction.",
                 "ALTER TABLE table_name ADD CONSTRAINT key_name FOREIGN KEY (other_id) "
                 "REFERENCES other NOT VALID;\n"
                 "ALTER TABLE table_name VALIDATE CONSTRAINT key_name;",
                 "The referencing table is new in this plan, or small."},
        .on_action = key_that_scans,
    },
    {
        .rule =
            {"K3", "foreign key of a new table to one in use", LINT_LOW, LINT_NEEDS_TRAFFIC,
             "CREATE TABLE with REFERENCES to a table that is in use.",
             "SHARE ROW EXCLUSIVE on that table stops its writes until COMMIT: short, if the "
             "transaction is.",
             "A short lock_timeout, and COMMIT soon.", "SET LOCAL lock_timeout = '2s';",
             "The referenced table is new as well."},
        .on_action = key_of_a_new_table,
    },
    {
        .rule =
            {"K4", "NOT VALID and VALIDATE in one transaction", LINT_HIGH, LINT_NEEDS_TABLES,
             "A constraint is added NOT VALID and validated before COMMIT.",
             "The strong lock of the first stays through the scan of the second: nothing is "
             "gained.",
             "Two files, or transaction: each.",
             "- { file: 012_validate.sql, transaction: each }", "The table is new or small."},
        .on_action = validated_at_once,
    },
    {
        .rule = {"K5", "VALIDATE while we hold a strong lock", LINT_HIGH, LINT_NEEDS_TABLES,
                 "A constraint is validated in a transaction that holds a lock that stops "
                 "writes on the table.",
                 "The scan is long; the lock that was meant to be short lasts as long.",
                 "Validate in a transaction of its own.",
                 "- { file: 012_validate.sql, transaction: each }",
                 "The table is new or small."},
        .on_action = validated_under_own_lock,
    },
    {
        .rule = {"K6", "UNIQUE or PRIMARY KEY that builds its index", LINT_HIGH,
                 LINT_NEEDS_TABLES, "A key is added without USING INDEX.",
                 "The index is built under ACCESS EXCLUSIVE.",
                 "Build a unique index concurrently, then add the constraint USING INDEX.",
                 "CREATE UNIQUE INDEX CONCURRENTLY key_name ON table_name (column_name);\n"
                 "ALTER TABLE table_name ADD CONSTRAINT key_name UNIQUE USING INDEX key_name;",
                 "The table is new in this plan, or small."},
        .on_action = index_built_under_lock,
    },
    {
        .rule = {"K7", "PRIMARY KEY over nullable columns", LINT_MEDIUM, LINT_NEEDS_TABLES,
                 "A primary key is added over a column that is not NOT NULL, also USING INDEX.",
                 "It sets NOT NULL first, which reads the whole table under ACCESS EXCLUSIVE.",
                 "Make the columns NOT NULL by way of a valid CHECK first (C5).",
                 "ALTER TABLE table_name ALTER COLUMN column_name SET NOT NULL;",
                 "The columns are NOT NULL."},
        .on_action = key_over_nullable_columns,
    },
    {
        .rule =
            {"K8", "rows that are there may break it", LINT_BLOCK, LINT_NEEDS_TABLES,
             "A key, a unique constraint, a CHECK or NOT NULL is added to a table that "
             "holds rows; of the last two only what --probe found.",
             "One duplicate, orphan or null ends the file midway, in the window.",
             "Ask before GO: check --db --probe or explain --probe with a target counts the "
             "rows that do not fit and shows the key of one; BLOCK when there are any.",
             "SELECT column_name, count(*) FROM table_name GROUP BY column_name HAVING "
             "count(*) > 1;",
             "The table is new or empty, or the constraint is NOT VALID."},
        .on_action = present_rows_may_break_it,
    },
    {
        .rule = {"K9", "exclusion constraint", LINT_HIGH, LINT_NEEDS_TABLES,
                 "EXCLUDE is added to a table in use.",
                 "Its index is built under ACCESS EXCLUSIVE; there is neither NOT VALID nor "
                 "USING INDEX for it.",
                 "Plan the downtime.", "", "The table is new or small."},
        .on_action = exclusion,
    },
    {
        .rule = {"K10", "foreign key without an index", LINT_MEDIUM, LINT_NEEDS_TABLES,
                 "No full index begins with the referencing columns.",
                 "Each delete in the referenced table reads the whole referencing table, while "
                 "it holds its locks.",
                 "Build the index first, concurrently.",
                 "CREATE INDEX CONCURRENTLY ON table_name (other_id);",
                 "Rows of the referenced table are never deleted, nor their keys changed."},
        .on_action = key_without_index,
    },
    {
        .rule =
            {"K11", "DROP CONSTRAINT", LINT_MEDIUM, LINT_NEEDS_TABLES,
             "A constraint of a table or a domain is dropped.",
             "What it refused comes in from COMMIT on; a key may be the replica identity, or "
             "what another table refers to.",
             "Make sure that something else holds the guarantee.", "",
             "It was a helper of the same plan (C5)."},
        .on_action = guarantee_dropped,
    },
};

const struct rule_table rules_of_constraints = {rows, COUNT_OF(rows)};
