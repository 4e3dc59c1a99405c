/* SPDX-License-Identifier: PostgreSQL */
/*
 * facts: how the facts of one statement are gathered. Each taker (facts_table.c,
 * facts_drop.c ...) knows a family of statements, adds an action for each thing that such a
 * statement does, and fills the action's details from the tree. Private to the room.
 */
#ifndef GONOGO_SQL_FACTS_PRIVATE_H
#define GONOGO_SQL_FACTS_PRIVATE_H

#include "sql_facts.h"
#include "tree.h"

/*
 * A text that the grammar read, and where it stands in the file: its byte i is the file's byte
 * base + i, when `exact`; else, with `lines`, only its lines are those behind `base`.
 */
struct source {
    struct str text;
    size_t base;
    size_t head; /* byte of the file to point at, when nothing better is known */
    bool exact;
    bool lines;
    int line; /* of a body: the line that was looked for last (0: none), and its first byte */
    size_t line_at;
    size_t found_at; /* behind the text that was found last in that line */
};

/* What is gathered for one statement; everything lives in `arena`, until the next one. */
struct gathering {
    struct arena *arena;
    struct tree_shelf *shelf; /* of the trees that the facts point into */
    struct str whole;         /* the statement's bytes */
    struct source source;     /* locations of the tree count in it; inside of DO it is a part */
    const struct sql_statement *statement;
    int version;               /* the server's major version */
    const PgQuery__Node *root; /* the statement that is being gathered, for its WITH queries */
    int depth;                 /* inside of how many DO blocks */
    bool conditional;
    struct sql_action *actions;
    size_t action_count;
    size_t action_capacity;
    struct sql_opaque *opaque;
    size_t opaque_count;
    size_t opaque_capacity;
    struct sql_swallow *swallows;
    size_t swallow_count;
    size_t swallow_capacity;
    struct str *long_names;
    size_t long_name_count;
    size_t long_name_capacity;
};

/*
 * A new action of this form with the row's lock, work, second run, loss and way back as the
 * gathering's server has them. The pointer holds until the next one is added.
 */
struct sql_action *gather(struct gathering *gathering, enum sql_form form);
/* The same, about a table or whatever else a RangeVar names. NULL names nothing. */
struct sql_action *gather_on(struct gathering *gathering, enum sql_form form, const char *kind,
                             const PgQuery__RangeVar *range);
struct sql_name gather_name(const PgQuery__RangeVar *range);
/* The last two members of a list of strings: [schema,] name. */
struct sql_name gather_list_name(PgQuery__Node *const *names, size_t count);
/* The strings of a list (names of columns), in the arena. */
const struct str *gather_strings(struct gathering *gathering, PgQuery__Node *const *nodes,
                                 size_t count, size_t *string_count);
/* A role's name: "public", "current_user" ... for the words of the grammar; NULL gives "". */
struct str gather_role(const PgQuery__RoleSpec *role);
/* Arrays of roles, in the arena. */
const struct str *gather_roles(struct gathering *gathering, PgQuery__Node *const *roles,
                               size_t count, size_t *role_count);
/* "ALTER TABLE" for the verb "ALTER" and the kind "table"; in the arena. */
struct str gather_command(struct gathering *gathering, const char *verb, const char *kind);
/* A name of one part, quoted where needed, in the arena. */
struct str gather_ident(struct gathering *gathering, struct str name);
/*
 * IF [NOT] EXISTS or OR REPLACE: a second run says nothing. What is found standing was perhaps
 * not made here, so that its text alone cannot take it back.
 */
void gather_guard(struct sql_action *action, bool guarded);
/* This statement takes the action back; not for one that is guarded. */
void gather_undo(struct gathering *gathering, struct sql_action *action, const char *format,
                 ...) PRINTF_LIKE(3, 4);
/* Byte of the file for a location of the tree (-1: the statement's head). */
size_t gather_offset(const struct gathering *gathering, int location);

/* Copies an array that grew on the heap into the arena, and frees it. */
const void *gather_keep(struct gathering *gathering, void *items, size_t count, size_t size);
/* Relations read in a message or below, each once; names of WITH queries are none. */
const struct sql_name *gather_relations(struct gathering *gathering,
                                        const ProtobufCMessage *message, size_t *count);
/* What is known of an expression; NULL is not present. */
struct sql_expression gather_expression(struct gathering *gathering, const PgQuery__Node *node);
struct sql_type gather_type(struct gathering *gathering, const PgQuery__TypeName *type);

/* Parts of take_rows(): a query; the rows that a query locks with FOR UPDATE, FOR SHARE. */
void take_select(struct gathering *gathering, const PgQuery__Node *node);
void take_row_locks(struct gathering *gathering, const PgQuery__SelectStmt *select);

/* Adds the identifiers of a text that are longer than the server keeps, each once. */
void gather_long_names(struct gathering *gathering, struct str text);
/* One SET or RESET, wherever it stands: alone, in ALTER ROLE, ALTER DATABASE, ALTER SYSTEM. */
const struct sql_setting *gather_setting(struct gathering *gathering,
                                         const PgQuery__VariableSetStmt *set);
/* The name of a setting as the server finds it, whatever case it is written in. */
struct str gather_folded(struct gathering *gathering, const char *name);
/* The value of an option as text; "" for none. */
struct str gather_value(struct gathering *gathering, const PgQuery__Node *value);

/* A column that is declared or added, with what its constraints say; never NULL. */
const struct sql_column *gather_column(struct gathering *gathering,
                                       const PgQuery__ColumnDef *definition);
/* What ADD COLUMN does to the rows of a table that has some. */
enum sql_work gather_column_work(const struct sql_column *column);
/* CHECK, UNIQUE, PRIMARY KEY, EXCLUDE or FOREIGN KEY. */
bool gather_is_constraint(const PgQuery__Node *node);
/* Adds one; `column` is what it is written behind, empty for a table's own. */
struct sql_action *gather_constraint(struct gathering *gathering, const char *kind,
                                     const PgQuery__RangeVar *table,
                                     const PgQuery__Constraint *written, struct str column);
/* Adds those written behind a column of `whole`, which is CREATE TABLE or ADD COLUMN. */
void gather_column_constraints(struct gathering *gathering, const struct sql_action *whole,
                               const PgQuery__RangeVar *table,
                               const PgQuery__ColumnDef *definition);
/* Marks a part: it comes and goes with the whole, and does not lock or read a new table. */
void gather_inside(struct sql_action *part, const struct sql_action *whole);
/* An object of the action's kind is made: temporary or not, guarded or not; DROP undoes it. */
void gather_created(struct gathering *gathering, struct sql_action *action,
                    const PgQuery__RangeVar *range, bool guarded);
/* A view's query; `made` is left out of the relations that it reads. */
const struct sql_view *gather_query(struct gathering *gathering, const PgQuery__Node *query,
                                    struct sql_name made);
/* CREATE TABLE ... AS and CREATE MATERIALIZED VIEW. */
void gather_table_as(struct gathering *gathering, enum sql_form form, const char *kind,
                     const PgQuery__IntoClause *into, const PgQuery__Node *query, bool guarded);

/* Names an object as DROP, COMMENT and others do: kind, object, part; an index is `other`. */
void gather_object(struct sql_action *action, PgQuery__ObjectType type,
                   const PgQuery__Node *node);
bool gather_is_relation(PgQuery__ObjectType type);
bool gather_is_part_of_table(PgQuery__ObjectType type); /* column, constraint, trigger ... */

/*
 * Parts of take_routine(): what a DO block does; whether a function's body can be read.
 * `location` is that of AS or of the literal in the gathering's source.
 */
void body_of_do(struct gathering *gathering, struct str language, struct str body,
                int location);
void body_check(struct gathering *gathering, struct str language, struct str body,
                int location);
/* More operators in a row or parentheses in each other than the library's recursion bears. */
bool sql_nests_too_deep(struct str text, bool strings_on);

/* Adds all that one statement does; recursion for DO blocks, schema elements, rules. */
void gather_statement(struct gathering *gathering, const PgQuery__Node *node);

/* The takers, a file each: false when the statement is none of theirs. */
typedef bool taker(struct gathering *gathering, const PgQuery__Node *node);
taker take_transaction;
taker take_create_table; /* CREATE TABLE, foreign, AS, SELECT INTO, with columns and constraints
                          */
taker take_alter_table; /* ALTER TABLE, INDEX, VIEW, SEQUENCE, TYPE as the grammar's one form */
taker take_index;       /* CREATE INDEX, REINDEX, CLUSTER, VACUUM, ANALYZE, statistics */
taker take_drop;        /* every DROP, TRUNCATE, LOCK */
taker take_rename;      /* RENAME, SET SCHEMA, OWNER TO, COMMENT, SECURITY LABEL */
taker take_on_table;    /* triggers, rules, policies */
taker take_view;        /* views, materialized views, sequences */
taker take_type;        /* types, enums, domains */
taker take_routine;     /* functions, procedures, DO, CALL */
taker take_rows;        /* INSERT, UPDATE, DELETE, MERGE, COPY, SELECT */
taker take_rights;      /* roles, grants, default privileges, owned */
taker take_everything_else; /* schemas, databases, extensions, foreign data ... and the next: */
taker take_session;         /* settings, EXPLAIN, PREPARE, cursors, NOTIFY ... */
taker take_replication;     /* publications, subscriptions */

#endif
