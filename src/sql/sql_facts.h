/* SPDX-License-Identifier: PostgreSQL */
/*
 * sql_facts: what a statement does, taken out of the grammar's tree into plain values, so
 * that whoever judges it (room lint) needs no tree and can be tested from literals.
 *
 * A statement is a list of actions. DROP TABLE a, b is two of them; ALTER TABLE with three
 * commands is three; CREATE TABLE is one for the table, one for each column and one for each
 * constraint, all marked `inside`. An action has a form (which command this is), the object
 * that it acts on, and details. The form's row in the table of forms says which lock the
 * server takes for it, whether it reads or rewrites the table, which page of the manual says
 * so. What a DO block does by itself follows as actions with `depth` 1.
 *
 * Facts are what the text alone says. Where the catalog decides (does a type change rewrite?
 * is a function volatile?) the fact is UNKNOWN, and whoever has a catalog refines it.
 */
#ifndef GONOGO_SQL_FACTS_H
#define GONOGO_SQL_FACTS_H

#include "base.h"
#include "sql.h"

/* -------------------------------------------------------------------- locks */

/* Table-level lock modes, weakest first ("Explicit Locking" in the manual). */
enum sql_lock {
    SQL_LOCK_NONE,
    SQL_LOCK_ACCESS_SHARE,
    SQL_LOCK_ROW_SHARE,
    SQL_LOCK_ROW_EXCLUSIVE,
    SQL_LOCK_SHARE_UPDATE_EXCLUSIVE,
    SQL_LOCK_SHARE,
    SQL_LOCK_SHARE_ROW_EXCLUSIVE,
    SQL_LOCK_EXCLUSIVE,
    SQL_LOCK_ACCESS_EXCLUSIVE,
    SQL_LOCK__COUNT
};
const char *sql_lock_name(enum sql_lock lock);  /* "AccessExclusiveLock", as pg_locks has it */
const char *sql_lock_words(enum sql_lock lock); /* "ACCESS EXCLUSIVE", as LOCK TABLE has it */
const char *sql_lock_stops(enum sql_lock lock); /* "stops reads and writes"; "" when nothing */
/* Whether two sessions cannot hold them on one table at a time (table 13.2). */
bool sql_lock_conflicts(enum sql_lock held, enum sql_lock wanted);

/* What happens to the rows while the lock is held; the worst of a statement's actions counts.
 */
enum sql_work {
    SQL_WORK_NONE,    /* catalogs only */
    SQL_WORK_ROWS,    /* the rows that a query reads or changes */
    SQL_WORK_UNKNOWN, /* a scan or a rewrite, or none: the catalog decides */
    SQL_WORK_SCAN,    /* every row is read */
    SQL_WORK_BUILD,   /* every row is read and an index is built */
    SQL_WORK_REWRITE, /* the table and its indexes are written anew: twice the disk */
    SQL_WORK__COUNT
};
const char *sql_work_name(enum sql_work work); /* "catalog", "rows", "unknown", "scan" ... */

/* What a second run of the same action does when the first was committed. */
enum sql_rerun {
    SQL_RERUN_UNKNOWN,
    SQL_RERUN_YES,   /* the same outcome, no error */
    SQL_RERUN_FAILS, /* an error: the object exists, or is gone */
    SQL_RERUN_TWICE, /* no error, but it happens twice: INSERT, UPDATE by what was there */
    SQL_RERUN__COUNT
};
const char *sql_rerun_name(enum sql_rerun rerun); /* "yes", "fails", "twice", "unknown" */

/* What is lost, when something is. */
enum sql_loss {
    SQL_LOSS_NOTHING,
    SQL_LOSS_GUARANTEE, /* a constraint, NOT NULL, default, trigger, policy: rows stay */
    SQL_LOSS_CODE,      /* a view, function, index: can be made again from its text */
    SQL_LOSS_ACCESS,    /* rights of roles */
    SQL_LOSS_ROWS,      /* rows that a query chose: DELETE, UPDATE */
    SQL_LOSS_DATA,      /* a table, a column, every row: only a backup brings it back */
    SQL_LOSS_UNKNOWN,   /* opaque */
    SQL_LOSS__COUNT
};
const char *sql_loss_name(enum sql_loss loss);

/* How the action is taken back. */
enum sql_undo {
    SQL_UNDO_NOT_NEEDED, /* changes nothing that lasts */
    SQL_UNDO_STATEMENT,  /* `undo_sql` of the action takes it back */
    SQL_UNDO_KNOWLEDGE,  /* possible for someone who knows what was there before */
    SQL_UNDO_BACKUP,     /* only a backup brings it back */
    SQL_UNDO_NEVER,      /* no way: an enum value, a sequence's numbers, a message sent */
    SQL_UNDO_UNKNOWN,
    SQL_UNDO__COUNT
};
const char *sql_undo_name(enum sql_undo undo);

/* -------------------------------------------------------------------- forms */

/*
 * Forms of commands: what takes another lock, does other work or is judged by another rule
 * is another form. The table of forms (forms.c) has one row for each; sql_form_test walks
 * the grammar's own enumerations and finds each of their members here or in the list of
 * those that do nothing to a relation.
 */
#define SQL_FORM(name, ...) SQL_FORM_##name,
enum sql_form {
#include "sql_forms.def"
    SQL_FORM__COUNT
};
#undef SQL_FORM

/* On which server versions a row's locks differ. */
struct sql_form_since {
    enum sql_form form;
    int from; /* major version, and newer ones */
    enum sql_lock lock;
    enum sql_lock other;
};

struct sql_form_row {
    const char *id;       /* "ADD_COLUMN" */
    const char *command;  /* "ALTER TABLE ... ADD COLUMN" */
    const char *manual;   /* page of the manual, "sql-altertable" */
    enum sql_lock lock;   /* on the object, or on the table that it belongs to */
    enum sql_lock other;  /* on `other`: a foreign key's table, a partition, a parent */
    enum sql_work work;   /* on the object's rows, before details are looked at */
    enum sql_rerun rerun; /* without IF [NOT] EXISTS and OR REPLACE */
    enum sql_loss loss;   /* before details are looked at */
    enum sql_undo undo;   /* before details are looked at */
};
const struct sql_form_row *sql_form_row(enum sql_form form);

/* ------------------------------------------------------------------ details */

/* A name as the text has it, unquoted and folded; `schema` empty when none is written. */
struct sql_name {
    struct str schema;
    struct str name;
};
bool sql_name_is(struct sql_name a, struct sql_name b); /* both parts equal */
/* schema.name, quoted where needed, in the arena. */
struct str sql_name_written(struct arena *arena, struct sql_name name);

/* A function that an expression calls. */
struct sql_call {
    struct sql_name name;
    bool in_subselect;     /* inside of (SELECT ...) that reads no column and no relation:
                              evaluated once, not for each row */
    struct str first_text; /* first argument, when it is a string literal */
};

/* As pg_proc.provolatile, for functions that are known without a catalog. */
enum sql_volatility {
    SQL_VOLATILITY_UNKNOWN,
    SQL_VOLATILITY_IMMUTABLE,
    SQL_VOLATILITY_STABLE,
    SQL_VOLATILITY_VOLATILE,
};
/*
 * Of a function of the server or of an extension that comes with it, as PostgreSQL 15 has it;
 * the most volatile when several share the name. `name.schema` may be empty or pg_catalog, for
 * extensions any. UNKNOWN for every other function.
 */
enum sql_volatility sql_builtin_volatility(struct sql_name name);
const char *sql_builtin_name(size_t index); /* the names that are known; NULL behind the last */

/* What can be known of an expression without a catalog. Arrays live in the arena. */
struct sql_expression {
    bool present;
    bool always_true; /* true, 1 = 1, NOT false */
    bool null;        /* NULL, cast to a type or not */
    bool constant;    /* no column, no subselect, no call but those of the grammar itself */
    bool has_subselect;
    struct str not_null_of;       /* the column, when the whole of it is "column IS NOT NULL" */
    bool row_claims;              /* reads a claim that its own user can edit: user_metadata */
    const struct sql_call *calls; /* by name: EXTRACT() and CURRENT_USER are none */
    size_t call_count;
    const struct str *columns; /* as written last: "workspace_id" of t.workspace_id */
    size_t column_count;
    const struct sql_name *relations; /* read inside of it */
    size_t relation_count;
};

/* A type as written, normalised as the grammar does: int is int4, with pg_catalog left out. */
struct sql_type {
    struct sql_name name; /* "int4", "varchar", "app.mood", "notes.id%TYPE" */
    int modifiers[2];     /* varchar(43): {43, -1}; numeric(10,2): {10, 2}; none: -1 */
    bool array;
    bool serial; /* smallserial, serial, bigserial; the name is then int2, int4, int8 */
};

enum sql_generated {
    SQL_GENERATED_NO,
    SQL_GENERATED_IDENTITY,
    SQL_GENERATED_STORED,
};

/* A column that is added, declared or changed. */
struct sql_column {
    struct str name;
    struct sql_type type; /* empty name: not said here */
    bool not_null;
    bool primary_key;
    bool unique;
    enum sql_generated generated;
    struct sql_expression default_value;
    struct sql_expression using_cast; /* ALTER COLUMN TYPE ... USING */
};

enum sql_constraint_kind {
    SQL_CONSTRAINT_CHECK,
    SQL_CONSTRAINT_NOT_NULL,
    SQL_CONSTRAINT_UNIQUE,
    SQL_CONSTRAINT_PRIMARY_KEY,
    SQL_CONSTRAINT_FOREIGN_KEY,
    SQL_CONSTRAINT_EXCLUSION,
};

/* A constraint that is added or declared. Its table is the action's object. */
struct sql_constraint {
    enum sql_constraint_kind kind;
    struct str name;           /* empty: the server makes one */
    const struct str *columns; /* of this table */
    size_t column_count;
    struct sql_name references; /* FOREIGN KEY */
    const struct str *reference_columns;
    size_t reference_count;
    bool not_valid;
    bool on_column;         /* written behind a column */
    struct str using_index; /* UNIQUE, PRIMARY KEY ... USING INDEX */
    char on_delete;         /* as pg_constraint.confdeltype: a r c n d; 0 when no key */
    struct sql_expression check;
    /* As it is written, on one line and without its name: "CHECK (price > 0)"; empty for one
     * that stands behind a column. */
    struct str text;
};

struct sql_index {
    const struct str *columns; /* plain columns in order; an expression is an empty name */
    size_t column_count;
    bool unique;
    bool concurrently;
    struct sql_expression where;
    struct str method; /* "btree" */
};

struct sql_policy {
    char command; /* as pg_policy.polcmd: r a w d, * for ALL */
    bool permissive;
    const struct str *roles; /* "public" when none is named */
    size_t role_count;
    struct sql_expression using_row;
    struct sql_expression with_check;
};

struct sql_routine {
    bool procedure;
    bool replaces;
    bool security_definer;
    bool search_path_set;
    bool search_path_reset; /* ALTER ... RESET search_path, RESET ALL */
    char volatility;        /* i s v, 0 when not said */
    struct str language;    /* folded; "sql" for a body in SQL */
    struct str body;        /* as the server gets it; empty for BEGIN ATOMIC */
    const struct sql_type *arguments;
    size_t argument_count;
    struct sql_type returns; /* empty for procedures */
};

/* The query of a view, a materialized view and of CREATE TABLE AS. */
struct sql_view {
    enum sql_fact security_invoker; /* UNKNOWN when not said: the server's default is no */
    enum sql_fact security_barrier;
    struct sql_expression query; /* its relations, calls and columns */
};

/*
 * INSERT, UPDATE, DELETE, MERGE, COPY ... FROM; the table is the action's object. For SELECT
 * and COPY ... TO what they read.
 */
struct sql_change {
    struct sql_expression where; /* MERGE: ON */
    const struct str *columns;   /* assigned, in order, duplicates included */
    size_t column_count;
    bool on_conflict;                   /* INSERT ... ON CONFLICT */
    const struct str *conflict_columns; /* assigned by DO UPDATE, duplicates included */
    size_t conflict_count;
    bool written_out; /* INSERT of rows that stand in the text: no query, no call but of
                         functions that are known */
    const struct sql_name *reads; /* relations, but for the one that is changed */
    size_t read_count;
    const struct sql_call *calls; /* functions called by SELECT */
    size_t call_count;
};

struct sql_grant {
    bool revoke;
    const struct str *privileges; /* lower case; none: ALL */
    size_t privilege_count;
    const struct str *roles; /* "public" for PUBLIC */
    size_t role_count;
    bool with_grant_option;
    bool whole_schema; /* ON ALL TABLES IN SCHEMA */
};

/*
 * SET, RESET, a call of set_config() by SELECT with constants; and one option of ALTER TABLE,
 * VIEW, INDEX ... SET (...), RESET (...), "toast.autovacuum_enabled" with its namespace.
 */
struct sql_setting {
    struct str name;  /* folded */
    struct str value; /* as text, lists joined with ", "; empty for DEFAULT and RESET */
    bool local;
    bool reset;
};

/* Of CREATE and ALTER ROLE; of a user mapping and a subscription only the password. */
struct sql_role {
    bool password;            /* one is set ... */
    bool password_plain;      /* ... and stands in clear */
    enum sql_fact bypass_rls; /* set to; UNKNOWN when not said */
    enum sql_fact superuser;
};

/* ------------------------------------------------------------------ actions */

struct sql_action {
    enum sql_form form;
    int depth;        /* 0: the statement itself; 1 and more: inside of a DO block */
    bool inside;      /* a part of the CREATE TABLE or ADD COLUMN that is the action before */
    bool conditional; /* in a DO block behind IF, LOOP, EXCEPTION: may not happen */
    bool guarded;     /* IF [NOT] EXISTS, OR REPLACE */
    bool cascade;
    bool concurrently;
    bool only;              /* ALTER TABLE ONLY */
    bool temporary;         /* of a table, view or sequence that dies with the session */
    bool unlogged;          /* of a table that is made */
    bool ends_temporary;    /* ON COMMIT DROP of a temporary table; DISCARD ALL and TEMP of all
                               that the session has */
    bool stands_alone;      /* inside of a DO block: what cannot run in a transaction */
    const char *kind;       /* of the object: "table", "index", "policy", "function" ... */
    struct sql_name object; /* for parts of a table (column, policy, trigger): the table */
    struct str part;        /* column, constraint, policy, trigger, rule, enum value ... */
    struct str neighbour;   /* ADD VALUE ... BEFORE, AFTER: the value that it stands beside */
    struct str renamed;     /* RENAME ... TO, SET SCHEMA, OWNER TO: the new name */
    struct sql_name other;  /* see sql_form_row.other; "" when there is none */
    size_t offset;          /* of the place to point at, in the file */
    /*
     * On `object`. Of an index, and of extended statistics, that is named without its table
     * `object` is the index itself, and this is the lock on the table that is not named;
     * `other` is the index then, too. Relations that a query reads (sql_statement.objects)
     * are locked ACCESS SHARE besides.
     */
    enum sql_lock lock;
    enum sql_lock other_lock; /* on `other` */
    enum sql_work work;
    enum sql_rerun rerun;
    enum sql_loss loss;
    enum sql_undo undo;
    struct str undo_sql; /* with SQL_UNDO_STATEMENT */
    /* Details: NULL where the form has none. */
    const struct sql_column *column;
    const struct sql_constraint *constraint;
    const struct sql_index *index;
    const struct sql_policy *policy;
    const struct sql_routine *routine;
    const struct sql_view *view;
    const struct sql_change *change;
    const struct sql_grant *grant;
    const struct sql_setting *setting;
    const struct sql_role *role;
};

/* A body that can be looked into only in part, or not at all. */
struct sql_opaque {
    const char
        *why; /* "dynamic SQL (EXECUTE)", "language plpython3u", "the body did not parse" */
    struct sql_place place;
};

/*
 * A handler of a PL/pgSQL block that swallows every error (EXCEPTION WHEN others, without a
 * RAISE of its own).
 */
struct sql_swallow {
    struct sql_place place;
};

struct sql_facts {
    const struct sql_action *actions;
    size_t action_count;
    const struct sql_opaque *opaque;
    size_t opaque_count;
    const struct sql_swallow *swallows;
    size_t swallow_count;
    const struct str *long_names; /* identifiers over 63 bytes, as written */
    size_t long_name_count;
};

/*
 * A part of a statement as it is written, from byte `at` of the text to the comma, semicolon or
 * bracket that ends it: on one line, without comments, in the arena. A leading CONSTRAINT with
 * its name is left out.
 */
struct str sql_clause(struct arena *arena, struct str text, size_t at, bool standard_strings);
/* A whole statement, the same way, with `inserted` behind the first keyword `after` (lower
 * case); empty when it has no such word. */
struct str sql_with_word(struct arena *arena, struct str statement, bool standard_strings,
                         const char *after, const char *inserted);

/*
 * Parses each statement of a script once: fills what sql_describe() fills, and hands its
 * facts to the receiver while they live (until it returns). For a statement that was not
 * parsed the facts are empty. `version` is the server's major version, for locks that
 * changed. Both arenas of the caller: `arena` keeps the descriptions.
 */
typedef void (*sql_facts_receiver)(void *context, const struct sql_statement *statement,
                                   size_t index, const struct sql_facts *facts);
void sql_study(struct sql_script *script, int version, struct arena *arena,
               sql_facts_receiver receiver, void *context);

#endif
