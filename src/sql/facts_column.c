/* SPDX-License-Identifier: PostgreSQL */
/*
 * Columns and constraints, wherever they are written: CREATE TABLE, ALTER TABLE, composite
 * types. What a column costs a table that has rows already stands here, too.
 */
#include "facts.h"

#define NODE(name)   PG_QUERY__NODE__NODE_##name
#define CONSTR(name) PG_QUERY__CONSTR_TYPE__CONSTR_##name

/* ------------------------------------------------------------------ columns */

static void note_constraint(struct gathering *gathering, struct sql_column *column,
                            const PgQuery__Constraint *constraint)
{
    PgQuery__ConstrType is = constraint->contype;
    if (is == CONSTR(DEFAULT)) {
        column->default_value = gather_expression(gathering, constraint->raw_expr);
    } else if (is == CONSTR(IDENTITY)) {
        column->generated = SQL_GENERATED_IDENTITY;
        column->not_null = true;
    } else if (is == CONSTR(GENERATED)) {
        column->generated = SQL_GENERATED_STORED;
        column->default_value = gather_expression(gathering, constraint->raw_expr);
    } else if (is == CONSTR(NOTNULL)) {
        column->not_null = true;
    } else if (is == CONSTR(PRIMARY)) {
        column->primary_key = true;
        column->not_null = true;
    } else if (is == CONSTR(UNIQUE)) {
        column->unique = true;
    }
}

const struct sql_column *gather_column(struct gathering *gathering,
                                       const PgQuery__ColumnDef *definition)
{
    struct sql_column *column = arena_alloc(gathering->arena, sizeof *column);
    column->name = str_from(definition->colname);
    if (definition->type_name != NULL) {
        column->type = gather_type(gathering, definition->type_name);
    }
    column->not_null = column->type.serial;
    for (size_t i = 0; i < definition->n_constraints; i++) {
        if (definition->constraints[i]->node_case == NODE(CONSTRAINT)) {
            note_constraint(gathering, column, definition->constraints[i]->constraint);
        }
    }
    return column;
}

/* Types of pg_catalog, of which none is a domain with constraints. */
static bool is_own_type(struct sql_name type)
{
    static const char *const names[] = {
        "bit",       "bool",      "box",         "bpchar",    "bytea",     "char",
        "cidr",      "circle",    "date",        "float4",    "float8",    "inet",
        "int2",      "int4",      "int8",        "interval",  "json",      "jsonb",
        "line",      "lseg",      "macaddr",     "macaddr8",  "money",     "name",
        "numeric",   "oid",       "path",        "pg_lsn",    "point",     "polygon",
        "regclass",  "regtype",   "text",        "time",      "timestamp", "timestamptz",
        "timetz",    "tsquery",   "tsvector",    "uuid",      "varbit",    "varchar",
        "xml",       "daterange", "int4range",   "int8range", "numrange",  "tsrange",
        "tstzrange", "bigserial", "smallserial",
    };
    bool found = false;
    for (size_t i = 0; type.schema.len == 0 && !found && i < COUNT_OF(names); i++) {
        found = str_eq(type.name, names[i]);
    }
    return found;
}

/* A default that is one value for all rows is kept in the catalog (PostgreSQL 11). */
static enum sql_work default_work(const struct sql_expression *value)
{
    enum sql_work work = SQL_WORK_NONE;
    for (size_t i = 0; i < value->call_count; i++) {
        enum sql_volatility volatility = sql_builtin_volatility(value->calls[i].name);
        if (volatility == SQL_VOLATILITY_VOLATILE) {
            return SQL_WORK_REWRITE;
        }
        work = volatility == SQL_VOLATILITY_UNKNOWN ? SQL_WORK_UNKNOWN : work;
    }
    return work;
}

enum sql_work gather_column_work(const struct sql_column *column)
{
    enum sql_work work = SQL_WORK_NONE;
    if (column->generated != SQL_GENERATED_NO || column->type.serial) {
        return SQL_WORK_REWRITE;
    }
    if (column->default_value.present && !column->default_value.constant) {
        work = default_work(&column->default_value);
    }
    if (work < SQL_WORK_UNKNOWN && !is_own_type(column->type.name)) {
        work = SQL_WORK_UNKNOWN; /* a domain with constraints is checked for each row */
    }
    if (work < SQL_WORK_SCAN && column->not_null && !column->default_value.present) {
        work = SQL_WORK_SCAN;
    }
    return work;
}

/* -------------------------------------------------------------- constraints */

static enum sql_form form_of(const PgQuery__Constraint *constraint)
{
    bool waits = constraint->skip_validation;
    if (constraint->contype == CONSTR(FOREIGN)) {
        return waits ? SQL_FORM_ADD_FOREIGN_KEY_NOT_VALID : SQL_FORM_ADD_FOREIGN_KEY;
    }
    if (constraint->contype == CONSTR(EXCLUSION)) {
        return SQL_FORM_ADD_EXCLUSION;
    }
    if (constraint->indexname[0] != '\0') {
        return SQL_FORM_ADD_CONSTRAINT_USING_INDEX;
    }
    if (constraint->contype == CONSTR(PRIMARY)) {
        return SQL_FORM_ADD_PRIMARY_KEY;
    }
    if (constraint->contype == CONSTR(UNIQUE)) {
        return SQL_FORM_ADD_UNIQUE;
    }
    return waits ? SQL_FORM_ADD_CHECK_NOT_VALID : SQL_FORM_ADD_CHECK;
}

static enum sql_constraint_kind kind_of(PgQuery__ConstrType type)
{
    return type == CONSTR(FOREIGN)     ? SQL_CONSTRAINT_FOREIGN_KEY
           : type == CONSTR(EXCLUSION) ? SQL_CONSTRAINT_EXCLUSION
           : type == CONSTR(PRIMARY)   ? SQL_CONSTRAINT_PRIMARY_KEY
           : type == CONSTR(UNIQUE)    ? SQL_CONSTRAINT_UNIQUE
                                       : SQL_CONSTRAINT_CHECK;
}

/* Each member of EXCLUDE is a list of an index element and its operator. */
static const struct str *excluded_columns(struct gathering *gathering,
                                          const PgQuery__Constraint *constraint)
{
    struct str *names = arena_array(gathering->arena, constraint->n_exclusions, sizeof *names);
    for (size_t i = 0; i < constraint->n_exclusions; i++) {
        const PgQuery__Node *pair = constraint->exclusions[i];
        if (pair->node_case == NODE(LIST) && pair->list->n_items > 0 &&
            pair->list->items[0]->node_case == NODE(INDEX_ELEM)) {
            names[i] = str_from(pair->list->items[0]->index_elem->name);
        }
    }
    return names;
}

static void note_columns(struct gathering *gathering, struct sql_constraint *constraint,
                         const PgQuery__Constraint *written)
{
    if (constraint->kind == SQL_CONSTRAINT_FOREIGN_KEY) {
        constraint->columns = gather_strings(gathering, written->fk_attrs, written->n_fk_attrs,
                                             &constraint->column_count);
    } else if (constraint->kind == SQL_CONSTRAINT_CHECK) {
        constraint->columns = constraint->check.columns;
        constraint->column_count = constraint->check.column_count;
    } else if (constraint->kind == SQL_CONSTRAINT_EXCLUSION) {
        constraint->columns = excluded_columns(gathering, written);
        constraint->column_count = written->n_exclusions;
    } else {
        constraint->columns = gather_strings(gathering, written->keys, written->n_keys,
                                             &constraint->column_count);
    }
}

static struct str text_of(struct gathering *gathering, const PgQuery__Constraint *written)
{
    if (written->location < 0 || (size_t)written->location >= gathering->source.text.len) {
        return STR("");
    }
    return sql_clause(gathering->arena, gathering->source.text, (size_t)written->location,
                      gathering->statement->standard_strings);
}

/* `column` is the one behind which the constraint is written; empty for a table's own. */
static const struct sql_constraint *details_of(struct gathering *gathering,
                                               const PgQuery__Constraint *written,
                                               struct str column)
{
    struct sql_constraint *constraint = arena_alloc(gathering->arena, sizeof *constraint);
    constraint->kind = kind_of(written->contype);
    constraint->name = str_from(written->conname);
    constraint->not_valid = written->skip_validation;
    constraint->using_index = str_from(written->indexname);
    if (constraint->kind == SQL_CONSTRAINT_CHECK) {
        constraint->check = gather_expression(gathering, written->raw_expr);
    }
    note_columns(gathering, constraint, written);
    constraint->text = column.len > 0 ? STR("") : text_of(gathering, written);
    if (column.len > 0) {
        struct str *only = arena_array(gathering->arena, 1, sizeof *only);
        *only = column;
        constraint->on_column = true;
        constraint->columns = only;
        constraint->column_count = 1;
    }
    if (constraint->kind == SQL_CONSTRAINT_FOREIGN_KEY) {
        constraint->references = gather_name(written->pktable);
        constraint->reference_columns = gather_strings(
            gathering, written->pk_attrs, written->n_pk_attrs, &constraint->reference_count);
        constraint->on_delete = written->fk_del_action[0];
    }
    return constraint;
}

bool gather_is_constraint(const PgQuery__Node *node)
{
    if (node->node_case != NODE(CONSTRAINT)) {
        return false;
    }
    PgQuery__ConstrType is = node->constraint->contype;
    return is == CONSTR(CHECK) || is == CONSTR(PRIMARY) || is == CONSTR(UNIQUE) ||
           is == CONSTR(EXCLUSION) || is == CONSTR(FOREIGN);
}

struct sql_action *gather_constraint(struct gathering *gathering, const char *kind,
                                     const PgQuery__RangeVar *table,
                                     const PgQuery__Constraint *written, struct str column)
{
    const struct sql_constraint *constraint = details_of(gathering, written, column);
    struct sql_action *action = gather_on(gathering, form_of(written), kind, table);
    action->constraint = constraint;
    action->part = constraint->name;
    action->offset = gather_offset(gathering, written->location);
    action->other = constraint->references;
    if (constraint->name.len == 0) {
        action->undo = SQL_UNDO_KNOWLEDGE; /* the server makes the name, and another one */
        action->rerun =
            constraint->kind == SQL_CONSTRAINT_PRIMARY_KEY ? SQL_RERUN_FAILS : SQL_RERUN_TWICE;
    }
    return action;
}

void gather_column_constraints(struct gathering *gathering, const struct sql_action *whole,
                               const PgQuery__RangeVar *table,
                               const PgQuery__ColumnDef *definition)
{
    struct sql_action of = *whole; /* the list of actions moves when it grows */
    for (size_t i = 0; i < definition->n_constraints; i++) {
        if (gather_is_constraint(definition->constraints[i])) {
            struct sql_action *part = gather_constraint(gathering, of.kind, table,
                                                        definition->constraints[i]->constraint,
                                                        str_from(definition->colname));
            gather_inside(part, &of);
        }
    }
}

void gather_inside(struct sql_action *part, const struct sql_action *whole)
{
    part->inside = true;
    part->kind = whole->kind;
    part->guarded = whole->guarded;
    part->temporary = whole->temporary;
    part->rerun = whole->rerun;
    part->loss = SQL_LOSS_NOTHING;
    part->undo = SQL_UNDO_NOT_NEEDED;
    part->undo_sql = STR("");
    if (whole->form != SQL_FORM_ADD_COLUMN) {
        part->lock = SQL_LOCK_NONE;
        part->work = SQL_WORK_NONE;
    } else if (part->constraint != NULL &&
               part->constraint->kind == SQL_CONSTRAINT_FOREIGN_KEY &&
               !whole->column->default_value.present) {
        part->work = SQL_WORK_NONE; /* a new column of nulls needs no look */
    }
}
