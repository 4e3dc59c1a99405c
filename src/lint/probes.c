/* SPDX-License-Identifier: PostgreSQL */
/*
 * Queries that tell whether the rows that are there fit what a statement will ask of them.
 * Each gives one row: how many do not, and the key of one. Where no query can tell what the
 * statement will do, there is none. What is compared here is compared as the server does it,
 * so the queries are to be asked with the search_path of the plan.
 */
#include "lint_private.h"

enum {
    FIRST_INPUT_IS_VALID = 16, /* the version that has pg_input_is_valid() */
};

/* ------------------------------------------------------------------- pieces */

/* Keys and indexes hold for a table without those that inherit from it. */
static struct str only_this(struct lint *lint, const struct lint_relation *relation)
{
    struct str name = sql_name_written(lint->arena, relation->name);
    return relation->kind == LINT_PARTITIONED
               ? name
               : str_format(lint->arena, "ONLY %.*s", STR_ARG(name));
}

static struct str kept(struct lint *lint, struct strbuf *text)
{
    struct str copy = str_dup(lint->arena, strbuf_str(text));
    strbuf_release(text);
    return copy;
}

/* "t.a IS NULL OR t.b IS NULL" */
static struct str each_column(struct lint *lint, const char *of, const struct str *columns,
                              size_t count, const char *is, const char *between)
{
    struct strbuf text = {0};
    for (size_t i = 0; i < count; i++) {
        strbuf_format(&text, "%s%s.", i > 0 ? between : "", of);
        sql_quote_ident(&text, columns[i]);
        strbuf_text(&text, is);
    }
    return kept(lint, &text);
}

static const struct lint_constraint *primary_key(const struct lint_relation *relation)
{
    for (size_t i = 0; i < relation->constraint_count; i++) {
        if (relation->constraints[i].kind == LINT_PRIMARY_KEY) {
            return &relation->constraints[i];
        }
    }
    return NULL;
}

/* The key of a row as text; NULL for tables that have none. */
static struct str key_text(struct lint *lint, const struct lint_relation *relation)
{
    const struct lint_constraint *key = primary_key(relation);
    if (!key) {
        return STR("NULL::text");
    }
    struct str columns = each_column(lint, "t", key->columns, key->column_count, "", ", ");
    return str_format(lint->arena, "min(ROW(%.*s)::text)", STR_ARG(columns));
}

static struct str count_where(struct lint *lint, const struct lint_relation *relation,
                              bool only, struct str condition)
{
    struct str name =
        only ? only_this(lint, relation) : sql_name_written(lint->arena, relation->name);
    struct str key = key_text(lint, relation);
    return str_format(lint->arena, "SELECT count(*), %.*s FROM %.*s AS t WHERE %.*s",
                      STR_ARG(key), STR_ARG(name), STR_ARG(condition));
}

/* Is each there, under the name that the constraint uses? */
static bool has_columns(const struct lint_relation *relation, const struct str *columns,
                        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!world_column(relation, columns[i])) {
            return false;
        }
    }
    return count > 0;
}

/* Keywords, in any case; `words` in lower case. Also true of a name that holds them: then
 * there is no query, which is no harm. */
static bool has_words(struct str text, const char *words)
{
    size_t length = strlen(words);
    for (size_t at = 0; at + length <= text.len; at++) {
        size_t same = 0;
        while (same < length && (text.ptr[at + same] | ' ') == words[same]) {
            same++;
        }
        if (same == length) {
            return true;
        }
    }
    return false;
}

/* -------------------------------------------------------------- constraints */

static struct str probe_of_unique(struct lint *lint, const struct step *step)
{
    const struct sql_constraint *key = step->action->constraint;
    const struct str *columns = key->columns;
    size_t count = key->column_count;
    bool primary = key->kind == SQL_CONSTRAINT_PRIMARY_KEY;
    if (!has_columns(step->relation, columns, count) || has_words(key->text, "not distinct")) {
        return STR("");
    }
    struct str name = only_this(lint, step->relation);
    struct str list = each_column(lint, "t", columns, count, "", ", ");
    struct str filled = each_column(lint, "t", columns, count, " IS NOT NULL", " AND ");
    struct str empty = each_column(lint, "t", columns, count, " IS NULL", " OR ");
    return str_format(
        lint->arena,
        "SELECT coalesce(sum(d.n), 0)::bigint, min(d.k) FROM (SELECT count(*) AS n, "
        "min(ROW(%.*s)::text) AS k FROM %.*s AS t%s%.*s GROUP BY %.*s "
        "HAVING count(*) > 1%s%.*s) AS d",
        STR_ARG(list), STR_ARG(name), primary ? "" : " WHERE ",
        STR_ARG(primary ? STR("") : filled), STR_ARG(list), primary ? " OR " : "",
        STR_ARG(primary ? empty : STR("")));
}

/* "parent.id = t.customer_id AND ..."; empty: it is not known what the key points at. */
static struct str join_of(struct lint *lint, const struct sql_constraint *key,
                          const struct lint_relation *parent)
{
    const struct lint_constraint *primary = primary_key(parent);
    const struct str *columns = key->reference_count > 0 ? key->reference_columns
                                : primary                ? primary->columns
                                                         : NULL;
    size_t count = key->reference_count > 0 ? key->reference_count
                   : primary                ? primary->column_count
                                            : 0;
    if (count != key->column_count || !has_columns(parent, columns, count)) {
        return STR("");
    }
    struct strbuf text = {0};
    for (size_t i = 0; i < count; i++) {
        strbuf_text(&text, i > 0 ? " AND parent." : "parent.");
        sql_quote_ident(&text, columns[i]);
        strbuf_text(&text, " = t.");
        sql_quote_ident(&text, key->columns[i]);
    }
    return kept(lint, &text);
}

static struct str probe_of_foreign_key(struct lint *lint, const struct step *step)
{
    const struct sql_constraint *key = step->action->constraint;
    const struct lint_relation *parent =
        world_relation(lint, world_resolve(lint, step->action->other));
    if (!parent || !has_columns(step->relation, key->columns, key->column_count) ||
        has_words(key->text, "match full")) {
        return STR("");
    }
    struct str join = join_of(lint, key, parent);
    if (join.len == 0) {
        return STR("");
    }
    struct str name = only_this(lint, step->relation);
    struct str other = only_this(lint, parent);
    struct str list = each_column(lint, "t", key->columns, key->column_count, "", ", ");
    struct str filled =
        each_column(lint, "t", key->columns, key->column_count, " IS NOT NULL", " AND ");
    return str_format(lint->arena,
                      "SELECT count(*), min(ROW(%.*s)::text) FROM %.*s AS t WHERE %.*s AND NOT "
                      "EXISTS (SELECT FROM %.*s AS parent WHERE %.*s)",
                      STR_ARG(list), STR_ARG(name), STR_ARG(filled), STR_ARG(other),
                      STR_ARG(join));
}

/* Only what the server itself brings, and does the same thing whenever it is called. */
static bool is_harmless(const struct sql_expression *condition)
{
    bool harmless = !condition->has_subselect && condition->relation_count == 0;
    for (size_t i = 0; i < condition->call_count; i++) {
        enum sql_volatility volatility = sql_builtin_volatility(condition->calls[i].name);
        harmless = harmless && (volatility == SQL_VOLATILITY_IMMUTABLE ||
                                volatility == SQL_VOLATILITY_STABLE);
    }
    return harmless;
}

static struct str probe_of_check(struct lint *lint, const struct step *step)
{
    const struct sql_constraint *constraint = step->action->constraint;
    const struct sql_expression *condition = &constraint->check;
    size_t open = str_find_byte(constraint->text, '(', 0);
    if (open >= constraint->text.len || !is_harmless(condition) ||
        !has_columns(step->relation, condition->columns, condition->column_count)) {
        return STR("");
    }
    struct str written = sql_clause(lint->arena, constraint->text, open + 1, true);
    return count_where(lint, step->relation, step->action->only,
                       str_format(lint->arena, "(%.*s) IS FALSE", STR_ARG(written)));
}

static struct str probe_of_nulls(struct lint *lint, const struct step *step)
{
    if (!world_column(step->relation, step->part)) {
        return STR("");
    }
    return count_where(lint, step->relation, step->action->only,
                       each_column(lint, "t", &step->part, 1, " IS NULL", ""));
}

struct str probe_of_constraint(struct lint *lint, const struct step *step)
{
    const struct sql_constraint *constraint = step->action->constraint;
    if (!step->relation || step->is_new) {
        return STR("");
    }
    if (step->action->form == SQL_FORM_SET_NOT_NULL) {
        return probe_of_nulls(lint, step);
    }
    switch (constraint ? constraint->kind : SQL_CONSTRAINT_EXCLUSION) {
    case SQL_CONSTRAINT_UNIQUE:
    case SQL_CONSTRAINT_PRIMARY_KEY:
        return probe_of_unique(lint, step);
    case SQL_CONSTRAINT_FOREIGN_KEY:
        return probe_of_foreign_key(lint, step);
    case SQL_CONSTRAINT_CHECK:
        return probe_of_check(lint, step);
    case SQL_CONSTRAINT_NOT_NULL:
    case SQL_CONSTRAINT_EXCLUSION:
        break;
    }
    return STR("");
}

/* ------------------------------------------------------------------- types */

/* Cut without an error is only what is blank. */
static struct str too_long(struct lint *lint, struct str column, const struct sql_type *type)
{
    return str_format(lint->arena,
                      "pg_catalog.char_length(pg_catalog.rtrim(t.%.*s::text)) > %d",
                      STR_ARG(column), type->modifiers[0]);
}

static bool is_integer(struct str type)
{
    return str_eq(type, "bigint") || str_eq(type, "integer") || str_eq(type, "smallint");
}

struct str probe_of_type(struct lint *lint, const struct step *step,
                         const struct lint_column *present)
{
    const struct sql_type *type = &step->action->column->type;
    struct str name = type->name.name;
    struct str column = report_ident(lint, step->part);
    struct str to = lint_type_words(lint->arena, type);
    bool text = str_eq(name, "varchar") || str_eq(name, "bpchar");
    struct str condition = STR("");
    if (!step->relation || type->array) {
        return condition;
    }
    if (text && type->modifiers[0] > 0) {
        condition = too_long(lint, column, type);
    } else if (str_eq(name, "int2") && is_integer(present->type)) {
        condition =
            str_format(lint->arena, "t.%.*s NOT BETWEEN -32768 AND 32767", STR_ARG(column));
    } else if (str_eq(name, "int4") && is_integer(present->type)) {
        condition = str_format(lint->arena, "t.%.*s NOT BETWEEN -2147483648 AND 2147483647",
                               STR_ARG(column));
    } else if (world_major(lint) >= FIRST_INPUT_IS_VALID) {
        struct strbuf quoted = {0};
        sql_quote_literal(&quoted, to);
        struct str literal = kept(lint, &quoted);
        condition =
            str_format(lint->arena, "NOT pg_catalog.pg_input_is_valid(t.%.*s::text, %.*s)",
                       STR_ARG(column), STR_ARG(literal));
    }
    return condition.len == 0
               ? condition
               : count_where(lint, step->relation, step->action->only, condition);
}

/* ------------------------------------------------------------------ answers */

const struct lint_probed *probe_ask(struct lint *lint, struct str sql)
{
    bool asked = sql.len == 0;
    for (size_t i = 0; i < lint->probe_count && !asked; i++) {
        asked = str_is(lint->probes[i], sql);
    }
    if (!asked) {
        *ARRAY_PUSH(lint->probes, lint->probe_count, lint->probe_capacity) = sql;
    }
    for (size_t i = 0; i < lint->context->probed_count; i++) {
        if (str_is(lint->context->probed[i].sql, sql)) {
            return &lint->context->probed[i];
        }
    }
    return NULL;
}

void probes_finish(struct lint *lint, struct lint_result *result)
{
    struct str *probes = arena_array(lint->arena, lint->probe_count, sizeof *probes);
    for (size_t i = 0; i < lint->probe_count; i++) {
        probes[i] = lint->probes[i];
    }
    result->probes = probes;
    result->probe_count = lint->probe_count;
}

/* Of single statements nothing else is remembered: there may be very many. */
void probes_remember(struct lint *lint, const struct step *step)
{
    static const enum sql_form changes[] = {SQL_FORM_INSERT,    SQL_FORM_UPDATE,
                                            SQL_FORM_DELETE,    SQL_FORM_MERGE,
                                            SQL_FORM_COPY_FROM, SQL_FORM_TRUNCATE};
    bool changed = false;
    for (size_t i = 0; i < COUNT_OF(changes); i++) {
        changed = changed || step->action->form == changes[i];
    }
    if (changed && step->relation &&
        names_first(&lint->rewritten, step->relation->name) == NAMES_NONE) {
        names_add(&lint->rewritten, step->relation->name);
    }
}

/* An undo file meets the rows that the migrations leave. */
static bool is_changed(const struct lint *lint, struct sql_name table)
{
    return lint->file->is_undo || names_first(&lint->rewritten, table) != NAMES_NONE;
}

void probe_tell(struct lint *lint, const struct step *step, struct lint_finding *finding,
                const struct lint_probed *answer)
{
    struct arena *arena = lint->arena;
    struct str table = report_name(lint, step->action);
    struct sql_name other = step->action->other;
    bool changed = is_changed(lint, step->object) ||
                   (other.name.len > 0 && is_changed(lint, world_resolve(lint, other)));
    if (answer->rows < 0) {
        finding->unknown =
            str_format(arena, "whether such rows are there: %.*s", STR_ARG(answer->why));
        return;
    }
    if (answer->rows == 0) {
        finding->message =
            str_format(arena, "nothing breaks it now: every row of %.*s fits", STR_ARG(table));
    } else {
        finding->message =
            str_format(arena, "%lld row%s of %.*s %s not fit now%s%.*s: the file ends midway",
                       (long long)answer->rows, plural((size_t)answer->rows), STR_ARG(table),
                       answer->rows == 1 ? "does" : "do",
                       answer->example.len > 0 ? ", such as " : "", STR_ARG(answer->example));
    }
    finding->unknown = changed ? STR("what they are when earlier statements of the plan have "
                                     "changed them")
                               : STR("");
    if (!changed) {
        finding->severity = answer->rows > 0 ? LINT_BLOCK : LINT_LOW;
    }
}
