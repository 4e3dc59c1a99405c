/* SPDX-License-Identifier: PostgreSQL */
/*
 * How rules are written. A rule is a row of one of the rules_*.c tables: its page, and a
 * function that looks at one action, one statement or one file and reports. What came before
 * is in the history; what only a server knows is in the context. Private to the room.
 */
#ifndef GONOGO_LINT_PRIVATE_H
#define GONOGO_LINT_PRIVATE_H

#include "lint.h"

#include <stddef.h>

/* ---------------------------------------------------------- names (names.c) */

/* Items of an array found by the name that each is about; the newest first. */
enum {
    NAMES_NONE = -1,
};
struct names {
    struct sql_name *keys; /* one per item, in the items' order */
    ptrdiff_t *next;       /* the item of the same bucket before */
    size_t count;
    size_t key_capacity;
    size_t next_capacity;
    ptrdiff_t *buckets;
    size_t bucket_count; /* a power of two, or 0 */
};
void names_add(struct names *names, struct sql_name name); /* the item after the last */
ptrdiff_t names_first(const struct names *names, struct sql_name name);
ptrdiff_t names_next(const struct names *names, ptrdiff_t item); /* of the same name */
void names_cut(struct names *names, size_t count); /* forgets the items behind the first ones */
void names_clear(struct names *names);             /* no items; ready for others */
void names_release(struct names *names);

/* Of a thing, or of a part of it, for chains of them (base.h). */
uint32_t chain_key(struct sql_name object, struct str part);

/* ------------------------------------------------------------------ history */

enum {
    RULES_MAX = 160,
};

/* What of a policy decides whether two of them meet. */
struct past_policy {
    char command;
    bool permissive;
    const struct str *roles;
    size_t role_count;
};

/* What few of them have. */
struct past_more {
    struct str first_column; /* of an index, primary key or unique constraint; else empty */
    struct str proves;       /* the column that a CHECK proves to be filled; else empty */
    struct str
        shape; /* of an index of all rows: what another one like it has, too; else empty */
    const struct past_policy *policy; /* of CREATE POLICY; else NULL */
};

/*
 * Something that an earlier statement of the plan made, changed or dropped. A large file has
 * hundreds of thousands of them: each is small.
 */
struct past {
    const struct sql_name *object; /* schema filled in by the search path */
    struct str part;
    const struct past_more *more; /* never NULL */
    struct sql_place place;
    uint32_t file; /* as in lint_place */
    uint32_t statement;
    uint32_t transaction; /* its number; equal to lint->transaction: the same */
    enum sql_form form;
    bool temporary;
    bool unlogged;
    bool commit_drops; /* a temporary table, ON COMMIT DROP */
    bool gives_key;    /* a primary key, or all that another table has */
    bool guarded;
    bool alters_table; /* by an ALTER TABLE statement */
    bool works;        /* reads or writes rows */
    bool is_undo;      /* of an undo file, which does not run with the others */
};
struct lint_place past_place(const struct past *past);

/* A finding that a later statement may settle. */
struct kept {
    size_t finding; /* index */
    size_t transaction;
};

/* A foreign key whose columns no index begins with yet; one may still be built. */
struct waiting_key {
    struct sql_name table;
    struct str column;  /* the first of the key */
    struct str columns; /* all of them, as SQL must write them */
    bool is_new;        /* the table, of this plan */
    bool partitioned;
    struct lint_place at;
    struct str object;
};

/* A lock that the transaction holds since an earlier statement. */
struct held {
    struct sql_name relation;
    enum sql_lock lock;
    size_t statement;
    bool of_index; /* the lock is on the table of this index, which is not known */
};

/* A lock that became stronger: what it was before. */
struct raised {
    size_t held; /* index */
    enum sql_lock lock;
    size_t statement;
};

/* The settings that rules ask for; of others nothing is kept. */
enum lint_setting {
    LINT_SETTING_LOCK_TIMEOUT,
    LINT_SETTING_STATEMENT_TIMEOUT,
    LINT_SETTING_SEARCH_PATH,
    LINT_SETTING_ROW_SECURITY,
    LINT_SETTING_ALL, /* by RESET ALL, which hides every older one; the last */
};
/* A setting in force; the newest of a name counts, the local ones go with the transaction. */
struct setting {
    enum lint_setting which;
    struct str value;
    bool local;
    bool reset;  /* back to what the session began with */
    bool hidden; /* while COMMIT sorts out what stays */
};

/* What there was at the beginning of the transaction, or at a savepoint: ROLLBACK leads back
 * to it. */
struct mark {
    struct str name; /* of the savepoint, folded; empty: the transaction's beginning */
    size_t past_count;
    size_t setting_count;
    size_t waiting_count;
    size_t held_count;
    size_t raised_count;
    size_t rename_count;
    ptrdiff_t enum_value;
    bool plan_secures;
};

/* What a rule looks at. */
struct step {
    const struct sql_statement *statement;
    size_t index;
    const struct sql_facts *facts;
    const struct sql_action *action;      /* NULL for rules of a statement or a file */
    const struct lint_relation *relation; /* the action's object as the server has it; NULL */
    struct sql_name object; /* its identity: with its schema, as when the plan began */
    struct str part;        /* the action's part, the same way */
    bool is_new;            /* made earlier in this plan: nobody uses it yet */
    bool is_temporary;      /* of this session alone */
    enum sql_work work;     /* the action's, as far as plan and server know */
};

struct lint {
    struct arena *arena; /* results */
    const struct lint_context *context;
    const struct lint_file *file; /* under way; copied into the arena */
    size_t file_index;
    bool in_transaction;
    bool
        in_block; /* of a DO block by itself, which is a transaction from its head to its end */
    size_t transaction;        /* counts up at every boundary */
    bool has_temporary;        /* some temporary table was made in this file */
    bool plan_secures;         /* some statement of the plan enables row level security */
    struct str search_path;    /* at the beginning of each file, as one text */
    struct names relations;    /* of the context */
    struct names renamed_from; /* what was renamed so far, in its order (renames.c) ... */
    struct names renamed_to;   /* ... and what it is called now */
    size_t renamed_forward;    /* so many of them not by the undo file under way */
    struct names named; /* victims that the plan of the file under way names, as it writes
                           them */
    const struct str *named_from; /* the list that they come from */
    struct past *past;
    size_t past_count;
    size_t past_capacity;
    size_t file_begins; /* index in `past` where the file under way begins */
    struct {
        struct chains by_object;
        struct chains by_form;   /* object and form */
        struct chains by_part;   /* object and part, where there is one */
        struct chains by_column; /* object and first column */
        struct chains by_shape;  /* object and shape, of indexes */
        struct chains by_role;   /* object and role of permissive policies */
        struct chains guarded;   /* object and part of what says IF [NOT] EXISTS */
        struct chains relations; /* what makes and drops the object itself */
        struct chains indexes;   /* what makes an index, by its schema and name */
    } pasts;                     /* ways to `past` */
    ptrdiff_t enum_value;        /* the last ADD VALUE in `past`; -1: none */
    struct waiting_key *waiting_keys;
    size_t waiting_count;
    size_t waiting_capacity;
    struct held *held;
    size_t held_count;
    size_t held_capacity;
    size_t held_before;              /* so many are of earlier statements */
    struct names held_names;         /* of `held`, by relation */
    size_t held_at[SQL_LOCK__COUNT]; /* how many of `held` at each strength */
    struct raised *raised;           /* in the order in which it happened */
    size_t raised_count;
    size_t raised_capacity;
    struct setting *settings;
    size_t setting_count;
    size_t setting_capacity;
    struct mark *marks; /* the transaction's, then those of its savepoints */
    size_t mark_count;
    size_t mark_capacity;
    struct lint_finding *findings;
    size_t finding_count;
    size_t finding_capacity;
    struct names kept_names; /* rule and object of `kept` */
    struct kept *kept;
    size_t kept_count;
    size_t kept_capacity;
    struct names rewritten; /* relations whose rows some statement of the plan changed */
    struct str *probes;     /* of lint_result */
    size_t probe_count;
    size_t probe_capacity;
    struct lint_place last_place; /* that was counted out behind a statement's head */
    struct {
        size_t file;        /* 1 + index of the file in which it was said last; 0: never */
        size_t transaction; /* the same for the transaction */
    } said[RULES_MAX];      /* by the rule's index */
    struct tally {
        struct first {
            size_t count;
            struct lint_place at; /* of the first one */
            const char *command;
        } fails_again, loses_again, hard_to_undo, hard_to_recall, changes_rows;
    } tally; /* of the file under way */
    struct lint_file_result *files;
    size_t file_count;
    size_t file_capacity;
    struct outcome *outcome; /* verdicts, what is destroyed, counts, waivers */
};

typedef void check(struct lint *lint, const struct step *step);
struct rule_row {
    struct lint_rule rule;
    bool also_temporary; /* asked about temporary tables, too, which nobody else can see */
    check *on_action;
    check *on_statement; /* after its actions */
    check *on_file;      /* at its end; only lint->file is there */
};

/* The tables, each in its own file. */
struct rule_table {
    const struct rule_row *rows;
    size_t count;
};
extern const struct rule_table rules_of_indexes;      /* L1 to L9 */
extern const struct rule_table rules_of_waiting;      /* L10 to L16 */
extern const struct rule_table rules_of_tables;       /* L17 to L23 */
extern const struct rule_table rules_of_columns;      /* C1 to C11 */
extern const struct rule_table rules_of_names;        /* C12 to C19 */
extern const struct rule_table rules_of_constraints;  /* K1 to K11 */
extern const struct rule_table rules_of_types;        /* K12 to K18 */
extern const struct rule_table rules_of_data;         /* D */
extern const struct rule_table rules_of_transactions; /* T */
extern const struct rule_table rules_of_claims;       /* T11, T12 */
extern const struct rule_table rules_of_rls;          /* R1 to R8 */
extern const struct rule_table rules_of_exposure;     /* R9 to R17 */

/* The rule's index among all, for lint->said. */
size_t rules_index(const struct lint_rule *rule);
/* Runs every rule on it. */
void rules_judge_action(struct lint *lint, const struct step *step);
void rules_judge_statement(struct lint *lint, const struct step *step);
void rules_judge_file(struct lint *lint);
/* What only the end of the plan shows: K10. */
void rules_judge_plan(struct lint *lint);

/* ----------------------------------------------------- history (history.c) */

/* A name that outlives the statement. */
struct sql_name history_keep_name(struct lint *lint, struct sql_name name);
/* The part of history_remember() that is about objects (past.c). */
void past_remember(struct lint *lint, const struct step *step);
/*
 * What this transaction did to the object and part with IF [NOT] EXISTS, the newest first:
 * the one older than `before`, or the first when it is NULL. NULL: no more.
 */
const struct past *history_guarded_here(const struct lint *lint, struct sql_name object,
                                        struct str part, const struct past *before);
/* Remembers what the statement did; called after its rules. */
void history_remember(struct lint *lint, const struct step *step);
void history_begin_file(struct lint *lint);
/* Temporary tables made since there were `from` things are gone: all of them, or those that
 * COMMIT drops. */
void past_end_temporary(struct lint *lint, size_t from, bool all);
/* Calls visit for each thing of this form that the file under way did. */
typedef void visit_past(struct lint *lint, const struct past *past);
void history_each_of_file(struct lint *lint, enum sql_form form, visit_past *visit);
/* Forgets what was remembered since there were `count` things: it was rolled back. */
void past_cut(struct lint *lint, size_t count);
/* When no rule asks any more: the past of a large plan is as large as its result. */
void history_forget(struct lint *lint);
/* Before a statement: opens and ends transactions as the run will. */
void history_before(struct lint *lint, const struct sql_statement *statement);
/* After it; `savepoint` is the name that it says, empty when it says none. */
void history_after(struct lint *lint, const struct sql_statement *statement,
                   struct str savepoint);
/*
 * The last thing of this form that happened to the object (and part, when it is not empty),
 * undo files apart; NULL: none.
 */
const struct past *history_last(const struct lint *lint, enum sql_form form,
                                struct sql_name object, struct str part);
/* The last DROP ... IF EXISTS of the object (and part) in this transaction; NULL: none. */
const struct past *history_dropped_here(const struct lint *lint, struct sql_name object,
                                        struct str part);
/* What this file dropped and the action makes again, rows and all (again.c); NULL: none. */
const struct past *again_gone(const struct lint *lint, const struct step *step);
/* The DROP COLUMN of this file whose column the action adds again (again.c); NULL: none. */
const struct past *again_lost(const struct lint *lint, const struct step *step);
/* This form of ALTER TABLE cannot, or should not, share its statement with others. */
bool history_stands_alone(enum sql_form form);
/* Whether that statement of this file is an ALTER TABLE of the object; sets `works` when it
 * reads or writes rows. */
bool history_was_altered(const struct lint *lint, struct sql_name object, size_t statement,
                         bool *works);
/* The next older thing of the same form that happened to the same object; NULL: none. */
const struct past *history_before_that(const struct lint *lint, const struct past *past);
/*
 * The newest permissive policy for this role that was made on the step's object and passes the
 * test, undo files of others apart; NULL: none.
 */
typedef bool past_test(const struct lint *lint, const struct step *step,
                       const struct past *past);
const struct past *history_policy_for(const struct lint *lint, const struct step *step,
                                      struct str role, past_test *meets);
/* Whether some lock of that strength or a stronger one is held. */
bool history_holds(const struct lint *lint, enum sql_lock least);
/* The last enum value that was added; NULL: none. */
const struct past *history_enum_value(const struct lint *lint);
/* The CREATE INDEX of this plan that made the index of that name; NULL: none. */
const struct past *history_index(const struct lint *lint, struct sql_name name);
/* Whether a table that this plan made has a primary key by now, as far as the plan tells. */
bool history_has_key(const struct lint *lint, struct sql_name table);
/* The last CREATE POLICY of the table that still stands; NULL: none. */
const struct past *history_standing_policy(const struct lint *lint, struct sql_name table);
/* The index of that shape that this plan made on the table, and that still stands; NULL: none.
 */
const struct past *history_same_index(const struct lint *lint, const struct step *step);
/* Whether this plan makes an index of the table that begins with the column. */
bool history_indexes(const struct lint *lint, struct sql_name table, struct str column);
/* Remembers the step's foreign key until the end of the plan. */
void history_wait_for_index(struct lint *lint, const struct step *step);
/* A relation that this plan created and nothing has dropped since. */
bool history_is_new(const struct lint *lint, struct sql_name relation);
/* The table that the step's object locks: of an index its own, as far as plan or server know;
 * empty: not known. */
struct sql_name history_locked_table(const struct lint *lint, const struct step *step);
/* The strongest lock held since an earlier statement of this transaction. */
enum sql_lock history_lock_on(const struct lint *lint, struct sql_name relation);
/* Whether the file itself has set it, and that is still in force. */
bool history_is_set(const struct lint *lint, enum lint_setting which);
/* Value in force, "" when nothing set it and the context does not know it. */
struct str history_setting(const struct lint *lint, enum lint_setting which);
/* lock_timeout or statement_timeout in force; 0: none; -1: not known. */
int64_t history_timeout_us(const struct lint *lint, enum lint_setting which);

/* ----------------------------------------------------- renames (renames.c) */

/* What the name, which has its schema, meant when the plan began. */
struct sql_name renames_identity(const struct lint *lint, struct sql_name name);
/* The same of the action's part of a table that is given by its identity. */
struct str renames_part_identity(const struct lint *lint, const struct sql_action *action,
                                 struct sql_name table);
/* Of an identity, the name of now: for people. */
struct sql_name renames_shown(const struct lint *lint, struct sql_name identity);
/* Which names are told apart from which: a letter for columns, constraints ...; else 0. */
char renames_class(enum sql_form form);
void renames_remember(struct lint *lint, const struct step *step);
/* Forgets all but the first ones: they were rolled back. */
void renames_cut(struct lint *lint, size_t count);

/* ------------------------------------------------------ context (world.c) */

/* The name with a schema: as written, or of what the plan made, or found by the search path. */
struct sql_name world_find(const struct lint *lint, struct sql_name written);
/* The identity of what has this name now: as everything is remembered and looked up. */
struct sql_name world_resolve(const struct lint *lint, struct sql_name written);
/* By a path of one's own, "app, public", as when the plan began. */
struct sql_name world_resolve_by(const struct lint *lint, struct str path,
                                 struct sql_name written);
/* The schema in which the plan's names without one stand: the first of its path. */
struct str world_home(const struct lint *lint);
const struct lint_relation *world_relation(const struct lint *lint, struct sql_name name);
const struct lint_column *world_column(const struct lint_relation *relation, struct str name);
bool world_knows(const struct lint *lint, enum lint_needs part);
/* The table of an index of the server, by its identity: an index stands in the schema of its
 * table. NULL when it is not known there. */
const struct lint_relation *world_table_of_index(const struct lint *lint,
                                                 struct sql_name index);
/*
 * The type that the name means, as the server writes it in the columns it tells of: with the
 * schema, which a statement may leave to the search path. As written when no column has it.
 */
struct str world_type(const struct lint *lint, struct sql_name written);
/* Whether the column is of that type, or of arrays of it, which go with it. */
bool world_is_of_type(const struct lint_column *column, struct str type);
/* Major version of the server, or 0. */
int world_major(const struct lint *lint);
/* "about 5,200,000 rows, 1.3 GB", or "" when neither is known. */
struct str world_size(const struct lint *lint, const struct lint_relation *relation);
/* How many calls a second use the relation, and what for; < 0: not known. */
double world_calls(const struct lint *lint, struct sql_name relation, bool writes_only);

/* The work of an action as the plan so far and the context know it better (work.c). */
enum sql_work work_refined(const struct lint *lint, const struct step *step);
/* Whether no null can be in the column: the server, or this plan, has proved it. */
bool work_is_proved_not_null(const struct lint *lint, struct sql_name table,
                             const struct lint_relation *relation, struct str column);

/* What a change of a column's type costs (types.c). */
enum lint_type_change {
    LINT_TYPE_UNKNOWN,
    LINT_TYPE_FREE,    /* the catalog alone */
    LINT_TYPE_REWRITE, /* every row and every index of the column */
    LINT_TYPE_NARROWS, /* the same, and a value may not fit */
};
/* `present` as format_type() writes it. */
enum lint_type_change lint_type_change(struct str present, const struct sql_type *wanted);
/* "character varying(40)", as format_type() of the server writes it (types.c). */
struct str lint_type_words(struct arena *arena, const struct sql_type *type);

/* ----------------------------------------------------- findings (report.c) */

/*
 * A finding of the rule at the step's place, with the rule's own severity. Format as printf;
 * texts of names go through %.*s with STR_ARG. The caller may lower or raise the severity,
 * and add `safer` and `unknown`; the pointer holds until the next report.
 */
struct lint_finding *report_finding(struct lint *lint, const struct step *step, const char *id,
                                    const char *format, ...) PRINTF_LIKE(4, 5);
/* The place of a byte of the file, which the step's statement holds. */
struct lint_place report_place(struct lint *lint, const struct step *step, size_t offset);
/* At a byte of the file instead of the action's own place. */
void report_at(struct lint *lint, struct lint_finding *finding, const struct step *step,
               size_t offset);
/*
 * For rules of locks and rewrites: LOW on what is new; one step down below 10,000 rows and
 * 10 MB, one step up from 10,000,000 rows or 10 GB on; as it is when the size is not known,
 * and then `unknown` says so.
 */
void report_by_size(struct lint *lint, struct lint_finding *finding, const struct step *step);
/* Keeps a finding about the object at hand: a later statement may settle it. */
void report_keep(struct lint *lint, const struct lint_finding *finding, struct sql_name object);
/* The rule's newest finding about the object that was kept, of this transaction when `here`;
 * NULL: none. */
struct lint_finding *report_kept(struct lint *lint, const char *id, struct sql_name object,
                                 bool here);
/* Takes such a finding back: what it speaks of is mended. */
void report_withdraw(struct lint *lint, const char *id, struct sql_name object);
/* Counts what is said once for a file, and remembers where the first one stands. */
void report_count(struct first *first, const struct step *step);
/* A finding at the first one's place, for the end of a file. */
struct lint_finding *report_first(struct lint *lint, const struct first *first, const char *id,
                                  const char *format, ...) PRINTF_LIKE(4, 5);
/* Whether the rule was found in this file, or in this transaction, before: some things are
 * worth one finding, not one for each statement. */
bool report_said_in_file(const struct lint *lint, const char *id);
bool report_said_in_transaction(const struct lint *lint, const char *id);
/* Below and beyond which a table's size moves a severity; a size that is not known is neither.
 */
bool report_is_small(const struct lint_relation *relation);
bool report_is_large(const struct lint_relation *relation);
/* Name for people and for SQL, schema only when it was written. */
struct str report_name(struct lint *lint, const struct sql_action *action);
/* The same of an identity, schema always given. */
struct str report_shown(struct lint *lint, struct sql_name identity);
/* A name of one part as SQL must write it, quoted where needed; in the arena. */
struct str report_ident(struct lint *lint, struct str name);
/* "a, b", each as SQL must write it. */
struct str report_columns(struct lint *lint, const struct str *columns, size_t count);

/* ------------------------------------------------------------------ probes */

/* The query of a constraint that is added, or of SET NOT NULL; empty: there is none. */
struct str probe_of_constraint(struct lint *lint, const struct step *step);
/* Of a type change without USING that narrows. */
struct str probe_of_type(struct lint *lint, const struct step *step,
                         const struct lint_column *present);
void probes_finish(struct lint *lint, struct lint_result *result);
/* Remembers that the rows of a relation are changed, if the action does so. */
void probes_remember(struct lint *lint, const struct step *step);
/* Has it asked, and gives the answer when there is one already. */
const struct lint_probed *probe_ask(struct lint *lint, struct str sql);
/*
 * Puts the answer into a finding: BLOCK when rows do not fit, LOW when all do. When the plan
 * itself changes rows of the table before, the answer decides nothing and is only said.
 */
void probe_tell(struct lint *lint, const struct step *step, struct lint_finding *finding,
                const struct lint_probed *answer);

#endif
