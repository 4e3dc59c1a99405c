/* SPDX-License-Identifier: PostgreSQL */
/*
 * catalog: what stands in the database, read from pg_catalog and never from
 * information_schema (which hides what the role may not touch). This room holds
 * query texts and turns the rows that came back into counts, snapshots, diffs,
 * an identity, a ledger. It connects to nothing and keeps no state.
 *
 * Every query here is qualified with pg_catalog and is meant for a session whose
 * search_path is `pg_catalog, pg_temp`; the ledger statements, which run in the
 * migration's own transaction, qualify their operators as well. Parameters are
 * sent as text, in the order that the comment of each query gives.
 *
 * Texts in the result structs belong to the arena that the caller hands over.
 */
#ifndef GONOGO_CATALOG_H
#define GONOGO_CATALOG_H

#include "base.h"

/* ------------------------------------------------------------------ counts */

/*
 * What can be counted. Objects of extensions, temporary objects and system
 * schemas are never counted; partitions and what stands on them stand apart.
 */
enum count_kind {
    COUNT_TABLES,             /* ordinary and partitioned tables that are no partition */
    COUNT_PARTITIONS,         /* partitions, those that are partitioned again included */
    COUNT_FOREIGN_KEYS,       /* pg_constraint contype f, conparentid 0 */
    COUNT_RLS_POLICIES,       /* pg_policy, whether or not the table has RLS enabled */
    COUNT_TABLES_WITH_RLS,    /* tables (no partitions) with row level security enabled */
    COUNT_INDEXES,            /* indexes of tables and materialized views, not of partitions */
    COUNT_VIEWS,              /* plain views */
    COUNT_MATERIALIZED_VIEWS, /* materialized views */
    COUNT_FUNCTIONS,          /* functions, procedures, aggregates, window functions */
    COUNT_TRIGGERS,           /* triggers that people made, not those of constraints */
    COUNT_ENUMS,              /* enum types */
    COUNT_SEQUENCES,          /* sequences, those of serial and identity columns included */
    COUNT_UNVALIDATED_KEYS,   /* foreign keys that are NOT VALID */
    COUNT_INVALID_INDEXES,    /* indexes that are not valid, ready and live */
    COUNT_COLUMNS,            /* columns of tables (no partitions) */
    COUNT_CONSTRAINTS,        /* check, primary key, unique, exclusion; NOT NULL never */
    COUNT__COUNT
};

/*
 * kind     the row's own place
 * word     as plans and JSON say it: "foreign_keys"
 * title    for people: "foreign keys"
 * singular for people: "foreign key"
 * bare     plans may name a member without its table ("orders_pkey"); else "table.name"
 * derived  a view upon other members (has no members of its own in a snapshot)
 */
struct count_info {
    enum count_kind kind;
    const char *word;
    const char *title;
    const char *singular;
    bool bare;
    bool derived;
};
extern const struct count_info catalog_count_infos[COUNT__COUNT];
bool catalog_count_kind(struct str word, enum count_kind *kind) MUST_CHECK;

/*
 * Schemas of a query, as the text of a PostgreSQL text[] ("{public,\"my app\"}"), for $1
 * below. No schema at all (count 0) gives "{}", which the queries take as "all but the
 * system's".
 */
struct str catalog_array_text(struct arena *arena, const struct str *items, size_t count);

/* $1 = schemas. One row, one column per count_kind in the order of the enum, named by `word`.
 */
const char *catalog_counts_query(void);
struct catalog_counts {
    int64_t value[COUNT__COUNT];
};
/* False when the rows are not what catalog_counts_query() gives. */
bool catalog_counts_read(const struct rows *rows, struct catalog_counts *counts,
                         struct err *err) MUST_CHECK;

/* ---------------------------------------------------------------- snapshot */

/*
 * One object. `table` is empty where an object stands on none; `name` of a function
 * carries its identity arguments: "total(integer)". `definition` is text that is
 * the same in two databases when the object is the same (names, no oids).
 * `position` is a column's place in its table (1 is first), else 0.
 */
struct catalog_member {
    enum count_kind kind;
    struct str schema;
    struct str table;
    struct str name;
    struct str definition;
    int64_t position;
};

struct catalog_snapshot {
    struct arena arena; /* owns every text */
    struct str database;
    struct catalog_counts counts;
    struct catalog_member *members; /* sorted by kind, schema, table, name, by bytes */
    size_t member_count;
    struct sha256_hex hash;       /* of the counts and of all members, positions apart */
    struct sha256_hex order_hash; /* of the column positions alone */
};

/* $1 = schemas. Rows (kind word, schema, table, name, definition, position). To be run in the
 * same REPEATABLE READ transaction as the counts. */
const char *catalog_members_query(void);
/* Copies everything out of `counts` and `members` (which may die afterwards). */
bool catalog_snapshot_read(struct catalog_snapshot *snapshot, struct str database,
                           const struct catalog_counts *counts, const struct rows *members,
                           struct err *err) MUST_CHECK;
/* Forgets a table and what hangs on it, in the members and in the counts; seals again. */
void catalog_snapshot_leave_out(struct catalog_snapshot *snapshot, struct str schema,
                                struct str table);
void catalog_snapshot_release(struct catalog_snapshot *snapshot);
/* Sorts, hashes; for whoever fills a snapshot by hand. */
void catalog_snapshot_seal(struct catalog_snapshot *snapshot);
/* The text of a run-directory file: {"v":1,"database":…,"counts":{…},"objects":[…],"hash":…}.
 */
void catalog_snapshot_write(const struct catalog_snapshot *snapshot, struct strbuf *out);
/* Refuses another version, unknown kinds, and a content that does not give the hash inside. */
bool catalog_snapshot_parse(struct catalog_snapshot *snapshot, struct str text,
                            struct err *err) MUST_CHECK;
/* Members of one kind: the first, and how many; NULL and 0 when there are none. */
const struct catalog_member *catalog_members_of(const struct catalog_snapshot *snapshot,
                                                enum count_kind kind, size_t *count);
/*
 * Does the plan's text name this member? "name", "schema.name", "table.name",
 * "schema.table.name", by whole comparison, so names may hold dots and blanks. A text
 * without schema means `home` (the first of the plan's schemas) only. Kinds that are not
 * `bare` need the table. A function may be named with or without its arguments.
 */
bool catalog_member_is(const struct catalog_member *member, struct str text, struct str home);
/* As plans name it, with the schema put before it unless it is `home`. */
struct str catalog_member_label(struct arena *arena, const struct catalog_member *member,
                                struct str home);

/* -------------------------------------------------------------------- diff */

enum catalog_change_what {
    CATALOG_NEW,       /* only in the later snapshot; `before` is NULL */
    CATALOG_GONE,      /* only in the earlier one; `after` is NULL */
    CATALOG_CHANGED,   /* in both, with another definition */
    CATALOG_REORDERED, /* a column with the same definition at another place */
};
struct catalog_change {
    enum catalog_change_what what;
    enum count_kind kind;
    const struct catalog_member *before;
    const struct catalog_member *after;
};
/* In the order of the members; pointers reach into the two snapshots. */
struct catalog_diff {
    struct catalog_change *changes;
    size_t count;
    size_t capacity;
    size_t gone[COUNT__COUNT];
    size_t new_[COUNT__COUNT];
    size_t changed[COUNT__COUNT];
    size_t reordered; /* columns only */
};
void catalog_diff(struct catalog_diff *diff, const struct catalog_snapshot *before,
                  const struct catalog_snapshot *after);
void catalog_diff_release(struct catalog_diff *diff);
/* The member of a change that exists: `after`, else `before`. */
const struct catalog_member *catalog_change_member(const struct catalog_change *change);
/* "new", "gone", "changed", "reordered". */
const char *catalog_change_word(enum catalog_change_what what);

/* ---------------------------------------------------------- rows per table */

/*
 * How many rows each table holds. First catalog_tables_query(), then, for the tables
 * below the size limit, statements made by catalog_rows_statement(), in a transaction
 * with `row_security = off` (then the server refuses to count what RLS would hide;
 * catalog_rows_read() refuses an answer that was taken without it).
 */
struct catalog_table_rows {
    struct str schema;
    struct str table;
    struct str quoted; /* what stands behind FROM, quoted by the server, ONLY included */
    int64_t bytes;     /* of the main forks, partitions included */
    int64_t rows;      /* exact, or the planner's estimate; -1 when not known yet */
    bool exact;
};
struct catalog_row_counts {
    struct catalog_table_rows *tables; /* sorted by schema, table, by bytes */
    size_t count;
};
/* $1 = schemas. */
const char *catalog_tables_query(void);
/* Fills the list with estimates (`exact` false). */
bool catalog_tables_read(const struct rows *rows, struct arena *arena,
                         struct catalog_row_counts *list, struct err *err) MUST_CHECK;
/*
 * One statement that counts tables from `*next` on that are smaller than `exact_below`
 * bytes, at most CATALOG_ROWS_BATCH of them; moves `*next`. False when none is left.
 */
enum {
    CATALOG_ROWS_BATCH = 50
};
bool catalog_rows_statement(struct strbuf *sql, const struct catalog_row_counts *list,
                            int64_t exact_below, size_t *next);
bool catalog_rows_read(const struct rows *rows, struct catalog_row_counts *list,
                       struct err *err) MUST_CHECK;
const struct catalog_table_rows *catalog_rows_find(const struct catalog_row_counts *list,
                                                   struct str schema, struct str table);

/* ---------------------------------------------------- identity and session */

/* Which server, which database, who are we. */
struct catalog_identity {
    struct str system_identifier;
    struct str database;
    int64_t database_oid;
    struct str session_user;
    struct str current_user;
    int64_t version_num; /* 150004 */
    int64_t major;       /* 15 */
    struct str version;  /* "15.4 (Debian …)" */
    bool in_recovery;
    int64_t timeline;
    struct str address; /* empty on a unix socket */
    int64_t port;
    bool superuser;
    bool bypass_rls;
    int64_t backend_pid;
    struct str backend_start;
    struct str postmaster_start;
    struct str checkpointer_start; /* empty: not readable by this role */
    int64_t server_time_us;
    struct str timezone;
    bool read_only; /* default_transaction_read_only */
    bool ssl;
    int64_t replicas; /* connections that are sent the WAL; any role sees how many there are */
};
/* No parameter, one row. Runs on 13 to 18 for an ordinary role. */
const char *catalog_identity_query(void);
bool catalog_identity_read(const struct rows *rows, struct arena *arena,
                           struct catalog_identity *identity, struct err *err) MUST_CHECK;

/* The run's advisory lock: one boolean. Never waits. One lock per database. */
const char *catalog_lock_query(void);
const char *catalog_unlock_query(void); /* one boolean: it was ours */
/* Who holds it: no row when nobody does. */
const char *catalog_lock_holder_query(void);
struct catalog_holder {
    int64_t pid;
    struct str role;
    struct str application;
    struct str address;       /* empty: a unix socket, or not readable */
    struct str backend_start; /* empty: not readable by this role */
};
/* False, without an error, when there is no row. */
bool catalog_holder_read(const struct rows *rows, struct arena *arena,
                         struct catalog_holder *holder);

/*
 * Is there a pooler between us and the server? Send `set` once with $1 = a token, then
 * `get` several times, each in its own transaction and with a second session open.
 * Another backend pid, or a token that did not stay, means yes.
 */
const char *catalog_pooler_set_query(void); /* $1 = token; row (pid, token) */
const char *catalog_pooler_get_query(void); /* row (pid, token) */
/* True when both answers come from one backend that kept the token. */
bool catalog_pooler_same(const struct rows *set, const struct rows *get);

/* Settings in effect that matter to a migration: rows (name, value with unit, source). */
const char *catalog_settings_query(void);

/*
 * Rights. $1 = schemas, $2 = touched tables as "schema.table" texts (exactly, unquoted).
 * Rows (right, subject, held, why); rights are the words of the table below:
 * "create in schema", "owner of table", "monitor", "signal backends", "create database",
 * "superuser", "bypass row security", "write server files",
 * "execute server programs".
 */
const char *catalog_rights_query(void);
struct catalog_right {
    struct str right;
    struct str subject; /* schema, table, or empty */
    bool held;
    struct str why; /* what gives or withholds it, for people */
};
struct catalog_rights {
    struct catalog_right *items;
    size_t count;
};
bool catalog_rights_read(const struct rows *rows, struct arena *arena,
                         struct catalog_rights *rights, struct err *err) MUST_CHECK;

/* ------------------------------------------------------------------ ledger */

/*
 * The table that remembers which migrations are applied. Its row is written in the
 * migration's own transaction, and so it is the proof that the migration committed.
 * Only columns that exist are filled, none is added.
 */
enum catalog_ledger_style {
    CATALOG_LEDGER_PLAIN,    /* ours, and any table with a `version` column */
    CATALOG_LEDGER_SUPABASE, /* version, statements, name */
    CATALOG_LEDGER_DBMATE,   /* version */
    CATALOG_LEDGER_GOLANG,   /* one row: version bigint, dirty boolean */
    CATALOG_LEDGER_NODE,     /* pgmigrations: id, name, run_on */
    CATALOG_LEDGER__COUNT
};
/*
 * style    the row's own place
 * word     as plans say it
 * schema   default schema; NULL = the first of the plan's search_path
 * table    default table
 * key      the column that names a migration
 * single   one row holds the highest version; lower ones count as applied
 */
struct catalog_ledger_info {
    enum catalog_ledger_style style;
    const char *word;
    const char *schema;
    const char *table;
    const char *key;
    bool single;
};
extern const struct catalog_ledger_info catalog_ledger_infos[CATALOG_LEDGER__COUNT];
bool catalog_ledger_style(struct str word, enum catalog_ledger_style *style) MUST_CHECK;

enum {
    CATALOG_LEDGER_COLUMNS_MAX = 32
};
struct catalog_ledger {
    enum catalog_ledger_style style;
    struct str schema;
    struct str table;
    bool exists; /* set by catalog_ledger_columns_read() */
    bool made;   /* … and its comment says that gonogo made it */
    struct str columns[CATALOG_LEDGER_COLUMNS_MAX];
    size_t column_count;
};
/* One migration as the ledger knows it, or as we write it. Empty texts are left out. */
struct catalog_ledger_entry {
    struct str version; /* "011" */
    struct str name; /* file name without extension: node-pg-migrate's key, supabase's name */
    struct str description; /* for people */
    struct str checksum;    /* SHA-256 of the file, hex */
    int64_t duration_ms;    /* -1: not known yet */
    struct str run_id;
    struct str journal_head;
    const struct str *statements; /* supabase keeps the text of each */
    size_t statement_count;
    int64_t applied_at_us; /* read only; 0 when the ledger does not say */
    bool dirty;            /* read only; golang-migrate: the last run failed half-way */
};
struct catalog_ledger_list {
    struct catalog_ledger_entry *entries; /* in the ledger's own order of versions */
    size_t count;
};
/* Values of a statement's parameters $1, $2, …, as text. */
enum {
    CATALOG_PARAMS_MAX = 16
};
struct catalog_params {
    struct cell values[CATALOG_PARAMS_MAX];
    size_t count;
};

/* `table` is "name" or "schema.name" as the plan says it, empty for the style's own. */
void catalog_ledger_init(struct catalog_ledger *ledger, enum catalog_ledger_style style,
                         struct str table, struct str home, struct arena *arena);
/* $1 = schema, $2 = table. No row: it does not exist. */
const char *catalog_ledger_columns_query(void);
/* Sets `exists` and the columns; an error when the table is there but lacks the key column. */
/* Do its rows say of which bytes they are? Only the style `plain` does, and only with that
 * column.
 */
bool catalog_ledger_has_checksums(const struct catalog_ledger *ledger);
bool catalog_ledger_columns_read(struct catalog_ledger *ledger, const struct rows *rows,
                                 struct arena *arena, struct err *err) MUST_CHECK;
/* CREATE TABLE as the style's own tool makes it: one statement. */
void catalog_ledger_create(const struct catalog_ledger *ledger, struct strbuf *sql);
/* Says of the table that gonogo made it, so that later runs know it as theirs. */
void catalog_ledger_comment(const struct catalog_ledger *ledger, struct strbuf *sql);
/* CREATE SCHEMA IF NOT EXISTS, to be sent before it; false for styles without a schema of their
 * own. */
bool catalog_ledger_create_schema(const struct catalog_ledger *ledger, struct strbuf *sql);
/* After a create: the columns that it made. */
void catalog_ledger_created(struct catalog_ledger *ledger);
/* What catalog_ledger_create() adds to the counts of the ledger's schema. */
void catalog_ledger_counts(const struct catalog_ledger *ledger, struct catalog_counts *counts);
/* Everything applied; no parameter. */
void catalog_ledger_all(const struct catalog_ledger *ledger, struct strbuf *sql);
/* The row of one migration, in the same form. */
void catalog_ledger_one(const struct catalog_ledger *ledger,
                        const struct catalog_ledger_entry *entry, struct strbuf *sql,
                        struct catalog_params *params);
bool catalog_ledger_read(const struct catalog_ledger *ledger, const struct rows *rows,
                         struct arena *arena, struct catalog_ledger_list *list,
                         struct err *err) MUST_CHECK;
/* Is this migration applied, by the style's own rule? The entry found, or NULL. */
const struct catalog_ledger_entry *catalog_ledger_find(
    const struct catalog_ledger *ledger, const struct catalog_ledger_list *list,
    const struct catalog_ledger_entry *entry);
/*
 * The row is absent: insert it. Values go as parameters; texts of arrays are allocated in
 * `arena`. For golang-migrate: the one row is replaced.
 */
void catalog_ledger_insert(const struct catalog_ledger *ledger,
                           const struct catalog_ledger_entry *entry, struct arena *arena,
                           struct strbuf *sql, struct catalog_params *params);
/* The file wrote the row itself: fill those of our columns that are NULL. False when there is
 * nothing of ours to fill (no statement is to be sent). */
bool catalog_ledger_fill(const struct catalog_ledger *ledger,
                         const struct catalog_ledger_entry *entry, struct strbuf *sql,
                         struct catalog_params *params);
/* After an undo file that left the row. `previous` is the version below (golang-migrate), or
 * empty. */
void catalog_ledger_remove(const struct catalog_ledger *ledger,
                           const struct catalog_ledger_entry *entry, struct str previous,
                           struct strbuf *sql, struct catalog_params *params);

#endif
