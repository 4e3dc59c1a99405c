/* SPDX-License-Identifier: PostgreSQL */
/*
 * pgtools: what gonogo knows about PostgreSQL's own programs. Argument vectors
 * and environments for pg_dump, pg_restore, initdb and postgres; their output ->
 * progress, versions, tables of contents, role names; the comparison of a source
 * with its restored copy; the SQL of a switch by rename.
 *
 * The room is pure: it starts nothing, opens nothing, sends nothing. It never
 * puts a password anywhere, and nothing about the connection into an argument
 * vector: that goes through the environment (passwords through a passfile).
 *
 * Argument vectors and environments are NULL-terminated arrays in the arena.
 */
#ifndef GONOGO_PGTOOLS_H
#define GONOGO_PGTOOLS_H

#include "base.h"
#include "plan.h"

/* ---------------------------------------------------------------- versions */

struct pgtools_version {
    struct str program; /* "pg_dump"; borrowed from the text */
    int major;          /* 15; for 9.6 it is 9 */
    int minor;          /* 18; 0 for "16beta1" and "17devel" */
    bool released;      /* false: devel, alpha, beta, rc */
};
/* "pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)" */
bool pgtools_version_read(struct pgtools_version *version, struct str output,
                          struct err *err) MUST_CHECK;
/*
 * May these programs back up and restore that server (server_version_num)? pg_dump must
 * not be older than the server, pg_restore not older than pg_dump, and a scratch server
 * (`scratch`, major; 0 = none) must be of the server's own major version, or its restore
 * time and catalog say nothing.
 */
bool pgtools_versions_fit(const struct pgtools_version *dump,
                          const struct pgtools_version *restore, int scratch,
                          int server_version_num, struct err *err) MUST_CHECK;

/* -------------------------------------------------------------- connections */

/* What libpq calls these; an empty text is not set. There is no password here. */
struct pgtools_connection {
    struct str service;
    struct str servicefile;
    struct str host; /* or the folder of a unix socket */
    struct str hostaddr;
    struct str port;
    struct str database;
    struct str user;
    struct str passfile;
    struct str sslmode;
    struct str sslrootcert;
    struct str sslcert;
    struct str sslkey;
    struct str channel_binding;
    struct str connect_timeout;
    struct str application_name;
};
/*
 * "PGHOST=...", "PGPASSFILE=..." and "LC_ALL=C" (messages are parsed): to be added to the
 * child's environment.
 */
const char **pgtools_environment(struct arena *arena,
                                 const struct pgtools_connection *connection);
/*
 * Names that the child must not inherit: variables that would send it elsewhere than
 * `connection` says (PGSERVICE beats PGHOST) or change what it does (PGOPTIONS,
 * PGCLIENTENCODING). PGPASSWORD and the TLS files stay, as libpq itself reads them.
 */
const char **pgtools_environment_unset(struct arena *arena,
                                       const struct pgtools_connection *connection);

/* ------------------------------------------------------------------ pg_dump */

struct pgtools_dump {
    const char *program; /* full path */
    struct str file;     /* final name: the dump is written to file.partial */
    enum plan_backup_format format;
    int64_t jobs;            /* above 1: only with PLAN_FORMAT_DIRECTORY */
    struct str snapshot;     /* exported by a session that stays open; empty: its own */
    int64_t lock_timeout_us; /* 0: one minute; pg_dump itself would wait for ever */
};
const char **pgtools_dump_argv(struct arena *arena, const struct pgtools_dump *dump);
/* The name that it writes to, and that is renamed when all is well: "app.dump.partial". */
struct str pgtools_partial_name(struct arena *arena, struct str file);

struct pgtools_restore {
    const char *program;
    struct str file; /* the archive */
    struct str database;
    int64_t jobs; /* above 1: custom and directory formats */
};
/* Into an empty database; stops at the first error. */
const char **pgtools_restore_argv(struct arena *arena, const struct pgtools_restore *restore);
/* Reads the archive only: its table of contents, or its schema as SQL. */
const char **pgtools_list_argv(struct arena *arena, const char *program, struct str file);
const char **pgtools_schema_argv(struct arena *arena, const char *program, struct str file);

/* What a line on standard error of pg_dump or pg_restore says. */
enum pgtools_line {
    PGTOOLS_OTHER,
    PGTOOLS_READING, /* pg_dump reads the catalog */
    PGTOOLS_TABLE,   /* contents of a table: dumped, or loaded */
    PGTOOLS_CREATE,  /* pg_restore creates an object */
    PGTOOLS_WARNING, /* makes the backup amber */
    PGTOOLS_ERROR,
    PGTOOLS_DETAIL, /* belongs to the error before it */
};
enum {
    PGTOOLS_TEXT_MAX = 256
};
/* `= {0}`; set `total` when it is known. */
struct pgtools_progress {
    int64_t
        total; /* tables with contents (dump), entries of the list (restore); 0 = not known */
    int64_t done; /* begun; the last one is `current` */
    int64_t tables;
    int64_t warnings;
    int64_t errors;
    char current[PGTOOLS_TEXT_MAX];      /* "public.quests", sanitised */
    char first_error[PGTOOLS_TEXT_MAX];  /* sanitised */
    char first_detail[PGTOOLS_TEXT_MAX]; /* what stood under that error: "Query was: ..." */
    char first_warning[PGTOOLS_TEXT_MAX];
    char last_words[PGTOOLS_TEXT_MAX]; /* the newest line that is no progress; sanitised */
};
/* One line, without its newline. */
enum pgtools_line pgtools_progress_take(struct pgtools_progress *progress, struct str line);

/*
 * How a run of pg_dump or pg_restore is judged: the exit status alone is not believed.
 * `exit_status` -1: killed or not started. `file_bytes` -1: there is no file. False with
 * what is wrong; true with progress->warnings > 0 is amber.
 */
bool pgtools_run_passed(const struct pgtools_progress *progress, const char *program,
                        int exit_status, int64_t file_bytes, struct err *err) MUST_CHECK;

/* -------------------------------------------------------- table of contents */

struct pgtools_entry {
    int64_t dump_id;
    struct str kind; /* "TABLE", "TABLE DATA", "FK CONSTRAINT", "POLICY", "ROW SECURITY" ... */
    struct str schema; /* "-" becomes empty */
    struct str name;   /* tag, and the owner behind it: the list does not separate them */
};
struct pgtools_list {
    struct pgtools_entry *entries;
    size_t count;
    int64_t announced;   /* "TOC Entries" of the header, 0 when absent */
    struct str database; /* "dbname" of the header */
    struct str format;   /* "CUSTOM" */
    int server_major;    /* "Dumped from database version" */
    int dump_major;      /* "Dumped by pg_dump version" */
};
/* Output of pg_restore --list; text is copied into the arena. False when it is no such list. */
bool pgtools_list_read(struct pgtools_list *list, struct arena *arena, struct str output,
                       struct err *err) MUST_CHECK;
size_t pgtools_list_count(const struct pgtools_list *list, const char *kind);
/*
 * The list in an order in which things are found by name; borrows the list. Allocated in the
 * arena.
 */
struct pgtools_index {
    const struct pgtools_entry **entries;
    size_t count;
};
void pgtools_index_make(struct pgtools_index *index, struct arena *arena,
                        const struct pgtools_list *list);
/* Is there an entry of that kind, schema ("" for none) and tag ("quests", "quests a_key")? */
bool pgtools_index_has(const struct pgtools_index *index, const char *kind, struct str schema,
                       struct str tag);

/*
 * Role names that the SQL of pgtools_schema_argv() refers to: owners, grantees, grantors,
 * policies, default privileges. Sorted, each once; PUBLIC and CURRENT_USER are none.
 */
struct pgtools_names {
    struct str *items;
    size_t count;
    size_t capacity;
};
void pgtools_roles_read(struct pgtools_names *roles, struct arena *arena,
                        struct str schema_sql);
/* Extensions that the list wants and `available` (sorted or not) does not offer. */
void pgtools_missing_extensions(struct pgtools_names *missing, struct arena *arena,
                                const struct pgtools_list *list,
                                const struct pgtools_names *available);
/* select name from the extensions that the scratch server can create */
const char *pgtools_extensions_query(void);
/* select the names of the roles that it has already */
const char *pgtools_roles_query(void);
/* CREATE ROLE ... NOLOGIN for one name */
void pgtools_create_role(struct strbuf *out, struct str role);

/* ----------------------------------------------------------- scratch server */

struct pgtools_scratch {
    struct str bindir;
    struct str data;   /* data directory */
    struct str socket; /* folder of the socket; together with ".s.PGSQL.5432" under 108 bytes */
    struct str user;   /* superuser of the scratch server */
    int64_t shared_buffers; /* bytes; 0: 128 MB */
};
enum {
    PGTOOLS_SOCKET_MAX = 107 - 14 /* bytes of a socket's folder */
};
/* Locale C, UTF-8, trust on the private socket, nothing synced. */
const char **pgtools_initdb_argv(struct arena *arena, const struct pgtools_scratch *scratch);
/* In the foreground, no TCP, fsync off. SIGINT ends it fast, SIGQUIT at once. */
const char **pgtools_postgres_argv(struct arena *arena, const struct pgtools_scratch *scratch);
/* What a restored database needs to be made with, as the source says. */
const char *pgtools_database_query(void);
/* CREATE DATABASE from template0 with the source's encoding; `rows` of pgtools_database_query.
 */
bool pgtools_create_database(struct strbuf *out, struct str name, const struct rows *rows,
                             struct err *err) MUST_CHECK;

/* One folder that may hold server programs; the caller looks. */
struct pgtools_bindir {
    struct str path;
    int major;         /* of its `postgres --version`; 0: not known, then the path is read */
    bool has_programs; /* initdb, postgres, pg_dump and pg_restore are there */
};
/*
 * The folder to use for a server of `wanted` major (0 = any): that very major; without it
 * nothing when `exactly`, else the lowest newer one, else the highest. NULL: none.
 */
const struct pgtools_bindir *pgtools_choose_bindir(const struct pgtools_bindir *bindirs,
                                                   size_t count, int wanted, bool exactly);
/* 15 from "/usr/lib/postgresql/15/bin"; 0 when the path does not say. */
int pgtools_bindir_major(struct str path);

/* --------------------------------------------------------------- comparison */

/*
 * A fact is (kind, name, value). Source and copy are asked the same questions; equal
 * facts, nothing missing and nothing extra is the only pass.
 */
struct pgtools_fact {
    struct str kind; /* "rows", "sequence", "table", "constraint", "policy" ... */
    struct str name;
    struct str value;
    bool exact; /* false: an estimate, for tables beyond the plan's size */
};
struct pgtools_facts {
    struct arena *arena;
    struct pgtools_fact *items;
    size_t count;
    size_t capacity;
};
/* Tables with rows of their own: schema, name, bytes, estimated rows. In the snapshot of the
 * dump. */
const char *pgtools_tables_query(void);
/*
 * Statements that count: one element per chunk of at most `chunk` tables (0: 100), in the
 * arena. Answers go to pgtools_facts_take(). Tables larger than `exact_below` bytes
 * (PLAN_UNSAID: none is) are not counted: their estimate is added to `facts` at once.
 * The session needs row_security = off, so that a hidden row is an error, not a number.
 */
const char **pgtools_count_statements(struct arena *arena, const struct rows *tables,
                                      int64_t exact_below, size_t chunk,
                                      struct pgtools_facts *facts);
/*
 * The same for what the rows say: a sum over hashes of them ("content" facts), in no order.
 * Equal counts do not see a flipped byte in an uncompressed archive; this does, at about the
 * cost of the dump itself. Tables beyond `exact_below` have no such fact.
 */
const char **pgtools_content_statements(struct arena *arena, const struct rows *tables,
                                        int64_t exact_below, size_t chunk);
/* Sequences with their position, and all other objects with a hash of their definition. */
const char *pgtools_sequences_query(void);
const char *pgtools_objects_query(int server_version_num);
/* What must be set in a session that asks: row_security off, empty search_path, fixed output.
 */
const char *pgtools_facts_settings(void);
/* Rows (kind, name, value) of any of these -> facts. */
void pgtools_facts_take(struct pgtools_facts *facts, const struct rows *rows);

enum pgtools_difference {
    PGTOOLS_MISSING, /* in the source, not in the copy */
    PGTOOLS_EXTRA,   /* in the copy only */
    PGTOOLS_DIFFERS,
    PGTOOLS_MOVED,    /* a sequence that went on while the dump ran: not a fault */
    PGTOOLS_ESTIMATE, /* both are estimates: not compared, named */
};
struct pgtools_finding {
    enum pgtools_difference difference;
    const struct pgtools_fact *source; /* NULL for PGTOOLS_EXTRA */
    const struct pgtools_fact *copy;   /* NULL for PGTOOLS_MISSING */
};
struct pgtools_comparison {
    struct pgtools_finding *findings; /* by kind and name */
    size_t count;
    size_t faults;   /* findings that are no pass */
    size_t compared; /* facts of the source that were looked at */
    int64_t rows;    /* rows counted exactly in the source */
    bool equal;      /* no fault, and there was something to compare */
};
/* Sorts both lists. Nothing at all on both sides is not equal: nothing was proved. */
void pgtools_compare(struct pgtools_comparison *comparison, struct arena *arena,
                     struct pgtools_facts *source, struct pgtools_facts *copy);
/* "rows of public.quests: 212 in the source, 211 in the copy" */
void pgtools_finding_text(struct strbuf *out, const struct pgtools_finding *finding);

/* --------------------------------------------------------- switch by rename */

enum {
    PGTOOLS_NAME_MAX = 63 /* bytes of a PostgreSQL name */
};
struct pgtools_switch {
    struct str database; /* the live one */
    struct str restored; /* the new one, compared */
    struct str old_name; /* what the live one is called afterwards */
};
/* "app_before_gonogo_20240131_083002", cut so that it fits into a name, never inside a
 * character. */
struct str pgtools_old_name(struct arena *arena, struct str database, int64_t at_us);
/*
 * What stands in the way. $1 = live database, $2 = restored, $3 = old name. Asked from
 * another database of the same server (renaming needs that). Rows: kind, name, detail.
 * Kinds: "slot", "subscription", "prepared", "session", "right", "name". No row: free.
 */
const char *pgtools_obstacles_query(void);
/* The first of them that waiting does not remove, for people; empty = none. */
struct str pgtools_lasting_obstacle(const struct rows *rows, struct arena *arena);
/* Is this kind of obstacle one that ending sessions removes? */
bool pgtools_obstacle_is_session(struct str kind);
/*
 * ACL and ALTER DATABASE SET of $1. Rows: kind, role, name, value, option; for
 * pgtools_copy_settings() and, from both databases, pgtools_settings_equal().
 */
const char *pgtools_settings_query(void);
/* Statements that give `to` what `rows` say, in the arena; NULL-terminated. */
const char **pgtools_copy_settings(struct arena *arena, const struct rows *rows, struct str to);
/* False names the first difference. */
bool pgtools_settings_equal(const struct rows *from, const struct rows *to,
                            struct err *err) MUST_CHECK;
/*
 * The switch, in this order. First statement: no new sessions on the live one. Then the
 * caller ends the sessions that are there (pgtools_sessions_query) and sends the rest:
 * both renames stand in one transaction, so there is a database of that name or none.
 */
struct pgtools_switch_sql {
    const char *close;  /* ALTER DATABASE app ALLOW_CONNECTIONS false */
    const char *rename; /* ALTER DATABASE app RENAME TO app_before... */
    const char *adopt;  /* ALTER DATABASE app_new RENAME TO app */
    const char *reopen; /* way back before the rename: ALLOW_CONNECTIONS true on the live one */
    const char *undo_adopt; /* way back after it, in one transaction: */
    const char *undo_rename;
};
void pgtools_switch_statements(struct pgtools_switch_sql *sql, struct arena *arena,
                               const struct pgtools_switch *names);
/* pid and backend_start (microseconds) of the sessions on database $1, ours excepted. */
const char *pgtools_sessions_query(void);

/* ------------------------------------------------------------------ quoting */

/* "quests" with double quotes, always; 'it''s' as a literal that no setting can change. */
void pgtools_quote_name(struct strbuf *out, struct str name);
void pgtools_quote_literal(struct strbuf *out, struct str text);

#endif
