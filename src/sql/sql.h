/* SPDX-License-Identifier: PostgreSQL */
/*
 * sql: what is known about SQL text before it runs. Bytes come from the caller.
 *
 *   struct sql_script script;
 *   struct sql_trouble trouble;
 *   if (!sql_cut(text, NULL, &arena, &script, &trouble)) ...   where each statement stands
 *   sql_describe(&script, &arena);                             what each statement does
 *
 * The cut is psql's: the bytes of a statement are the bytes that `psql -f` would
 * send (the exact likeness, and what differs, is told at `struct sql_statement`).
 * The cut needs no grammar. The description comes from the grammar of PostgreSQL
 * 15; what it refuses is a mistake, unless words of later versions stand in it: then it is
 * "cannot judge", which is not an error.
 *
 * The room opens no file and knows no server; whoever wants the grammar's deep
 * recursion apart from himself calls sql_describe() in a process of its own.
 */
#ifndef GONOGO_SQL_H
#define GONOGO_SQL_H

#include "base.h"

/* ------------------------------------------------------------- what is found */

/* Transaction control, read from the first words; needs no grammar. */
enum sql_control {
    SQL_CONTROL_NONE,
    SQL_CONTROL_BEGIN,             /* BEGIN, START TRANSACTION */
    SQL_CONTROL_COMMIT,            /* COMMIT, END; also with AND CHAIN: see `chain` */
    SQL_CONTROL_ROLLBACK,          /* ROLLBACK, ABORT; also with AND CHAIN */
    SQL_CONTROL_SAVEPOINT,         /* SAVEPOINT name */
    SQL_CONTROL_RELEASE,           /* RELEASE [SAVEPOINT] name */
    SQL_CONTROL_ROLLBACK_TO,       /* ROLLBACK ... TO [SAVEPOINT] name */
    SQL_CONTROL_PREPARE,           /* PREPARE TRANSACTION 'gid' */
    SQL_CONTROL_COMMIT_PREPARED,   /* COMMIT PREPARED 'gid' */
    SQL_CONTROL_ROLLBACK_PREPARED, /* ROLLBACK PREPARED 'gid' */
    SQL_CONTROL_SET,               /* SET TRANSACTION: settings of the present one only */
    SQL_CONTROL__COUNT
};
const char *sql_control_name(
    enum sql_control control); /* "begin", "rollback to", "" for none */

/* How far the grammar got with one statement. */
enum sql_judgement {
    SQL_NOT_DESCRIBED, /* sql_describe() was not called */
    SQL_PARSED,        /* tag, objects and transactional are known */
    SQL_CANNOT_JUDGE,  /* not in PostgreSQL 15's grammar, and holds words of a later one */
    SQL_MISTAKE,       /* not in PostgreSQL 15's grammar, nor like that of a later one */
    SQL_NOT_ANALYSED,  /* too deep or too large to be parsed safely */
    SQL_JUDGEMENT__COUNT
};
const char *sql_judgement_name(enum sql_judgement judgement); /* "parsed", "mistake" ... */

/* A fact that may be unknown. */
enum sql_fact {
    SQL_UNKNOWN,
    SQL_NO,
    SQL_YES,
};

/* What a statement does to an object that it names. */
enum sql_use {
    SQL_USE_CREATE,
    SQL_USE_ALTER, /* also COMMENT, GRANT, INSERT ... see `kind` and the statement's tag */
    SQL_USE_DROP,
    SQL_USE_WRITE, /* INSERT, UPDATE, DELETE, MERGE, TRUNCATE, COPY ... FROM */
    SQL_USE_READ,  /* anywhere in a query; a foreign key's other table, too */
    SQL_USE__COUNT
};
const char *sql_use_name(enum sql_use use); /* "create", "alter", "drop", "write", "read" */

struct sql_object {
    enum sql_use use;
    const char *kind;   /* "table", "index", "view", "function", "policy" ...; "relation" when
                           only a relation's name is seen */
    struct str schema;  /* unquoted; empty when the text names none */
    struct str name;    /* unquoted, lower-cased as the server would */
    struct str on;      /* unquoted table of a policy, trigger, rule or index; else empty */
    struct str written; /* schema.name for people and for SQL: quoted where needed */
};

/* A place in a file: bytes from 0, lines and columns from 1, columns in characters. */
struct sql_place {
    size_t offset;
    int line;
    int column;
};

/* COPY data: whole lines, up to and without the \. line. */
struct sql_copy_data {
    size_t offset;
    size_t length;
    int line;
};

/* Why a statement is not SQL_PARSED. */
struct sql_misread {
    struct str message;     /* the parser's words, or ours */
    struct sql_place where; /* in the file; line 0 when there is no place */
};

/*
 * One statement. `offset` and `length` are its bytes in the script: from the first
 * byte that is neither white space nor part of a "--" comment, to its semicolon
 * inclusive; the last one of a file may lack the semicolon and then ends at its
 * last byte that is no white space, comments included.
 *
 * That is what psql 15 and newer sends, except that (1) psql leaves out a line of
 * which nothing is left but its "\n", unless it stands inside of a literal or a
 * comment, (2) psql puts in the values of its variables where it has them, and (3)
 * psql sends the white space behind a last statement without semicolon, too.
 * COPY data belong to their statement whatever the server says to it, as in psql
 * 15.19 and newer. tests/db/sql_psql_test.c holds us to this.
 *
 * `head` is the first word behind leading C comments: what a person calls the
 * statement's place. `line` and `column` belong to `offset`.
 *
 * Settings changed out of sight (by a function, by ROLLBACK TO) are not followed:
 * whoever runs a statement with `backslash_string` compares `standard_strings` with
 * what the server reports before he sends it.
 *
 * A file may hold hundreds of thousands: what few of them have stands apart.
 */
struct sql_statement {
    size_t offset;
    size_t length;
    int line;
    int column;
    struct sql_place head;
    enum sql_control control;
    bool chain;            /* COMMIT or ROLLBACK ... AND CHAIN: the next transaction is open */
    bool empty;            /* nothing but ";" and comments; only with keep_empty */
    bool standard_strings; /* standard_conforming_strings as the cut took it to be here */
    bool backslash_string; /* a plain '...' holds a backslash: the above decides its meaning */
    bool copy_from_stdin;  /* the data follow in the file */
    /* Set by whoever saw the grammar die of it: it is "not analysed", and not tried again. */
    bool deadly;
    struct sql_copy_data *data; /* by sql_cut(); NULL: none follow */

    /* From here on by sql_describe(). */
    enum sql_judgement judgement;
    enum sql_fact transactional; /* may run inside a transaction block */
    enum sql_fact
        hides_control; /* DO or CALL or a body that may COMMIT or ROLLBACK by itself */
    uint32_t object_count;
    const struct sql_object *objects; /* statements of a script share equal lists */
    const char *tag; /* "CREATE TABLE"; "" when it cannot be told; static text */
    const struct sql_misread *misread; /* NULL: it was parsed, or not described */
};

/*
 * Where an analysis is, in memory that outlives a crash of it: the grammar's recursion may
 * overflow the stack on a text made for that. Whoever runs the analysis in a child reads here
 * what it died of, and has it left out the next time.
 */
enum {
    SQL_SKIPS_MAX = 8,
};
struct sql_watch {
    struct sql_statement *at;    /* begun last; its address holds in a forked child, too */
    size_t statements;           /* begun so far, over all scripts in their order */
    size_t skips[SQL_SKIPS_MAX]; /* values of `statements` that are "not analysed" */
    size_t skip_count;
};

struct sql_script {
    struct sql_watch *watch; /* NULL: nobody watches */
    struct str text;         /* borrowed from the caller; byte-order mark included */
    struct sql_statement *statements;
    size_t count;
    bool strings_changed;  /* a statement sets standard_conforming_strings */
    size_t restrict_lines; /* \restrict and \unrestrict lines that were dropped */
    /* Set by whoever wants no objects behind sql_study(): they are there while its receiver
     * has the statement, and none afterwards. */
    bool objects_pass;
};

/* ------------------------------------------------------------------- the cut */

enum sql_trouble_kind {
    SQL_TROUBLE_NONE,
    SQL_TROUBLE_BACKSLASH,    /* a psql command */
    SQL_TROUBLE_NUL,          /* a byte of value zero */
    SQL_TROUBLE_UTF8,         /* bytes that are no UTF-8 */
    SQL_TROUBLE_QUOTE,        /* '...' never ends */
    SQL_TROUBLE_IDENTIFIER,   /* "..." never ends */
    SQL_TROUBLE_DOLLAR,       /* $tag$...$tag$ never ends */
    SQL_TROUBLE_COMMENT,      /* a C comment never ends */
    SQL_TROUBLE_PARENTHESIS,  /* ( never ends */
    SQL_TROUBLE_BEGIN_ATOMIC, /* BEGIN ATOMIC without its END */
    SQL_TROUBLE_COPY_DATA,    /* COPY data without the \. line */
    SQL_TROUBLE_COPY_LINE,    /* more SQL on the line of COPY ... FROM stdin */
    SQL_TROUBLE_CUSTOM_DUMP,  /* pg_dump's custom format, not text */
    SQL_TROUBLE_STOPPED,      /* the caller's receiver said no */
    SQL_TROUBLE__COUNT
};

/* Why a text cannot be cut: what, where, why, and what to do. */
struct sql_trouble {
    enum sql_trouble_kind kind;
    struct sql_place place; /* where it begins: the opening quote, not the end of the file */
    struct err err; /* ERR_USAGE; message without place, detail (why), hint (what to do) */
};
/* Copies into `err` with "FILE:LINE:COLUMN: " in front of the message; returns false. */
bool sql_trouble_to_err(const struct sql_trouble *trouble, const char *file, struct err *err);

struct sql_settings {
    bool strings_escape; /* start as with standard_conforming_strings = off; default: on */
    bool keep_empty;     /* report statements without any word, as psql sends them */
};

/*
 * Cuts a whole text. `settings` may be NULL. The statements live in the arena and
 * point into `text`. False with `trouble` when any part of the text cannot be cut;
 * the script then holds what came before.
 */
bool sql_cut(struct str text, const struct sql_settings *settings, struct arena *arena,
             struct sql_script *script, struct sql_trouble *trouble) MUST_CHECK;

/*
 * The same by chunks, for files that should not be in memory whole. Memory grows
 * with the longest statement, not with the file: COPY data pass through in slices
 * of whole lines.
 */
enum sql_piece_kind {
    SQL_PIECE_STATEMENT, /* `statement` is set (data_* are not), `text` holds its bytes */
    SQL_PIECE_DATA,      /* `text` holds whole lines of COPY data for the last statement */
    SQL_PIECE_DATA_END,  /* the \. line was seen; `text` is empty */
};
struct sql_piece {
    enum sql_piece_kind kind;
    struct str text; /* valid during the call only */
    size_t offset;   /* of `text` in the file */
    const struct sql_statement *statement;
};
/* Return false to stop the cut. */
typedef bool (*sql_receiver)(void *context, const struct sql_piece *piece);

struct sql_cutter;
struct sql_cutter *sql_cutter_new(const struct sql_settings *settings, sql_receiver receiver,
                                  void *context);
void sql_cutter_free(struct sql_cutter *cutter);
bool sql_cutter_feed(struct sql_cutter *cutter, struct str chunk,
                     struct sql_trouble *trouble) MUST_CHECK;
bool sql_cutter_end(struct sql_cutter *cutter, struct sql_trouble *trouble) MUST_CHECK;

struct str sql_statement_text(const struct sql_script *script, size_t index);
struct str sql_statement_data(const struct sql_script *script, size_t index);
/* Why it is not SQL_PARSED; empty when it is. */
struct sql_misread sql_statement_misread(const struct sql_statement *statement);
/* Line and column of a byte of the text. */
struct sql_place sql_place_at(struct str text, size_t offset);
/* The same, counted on from a place in front of it; `from` itself when it is none. */
struct sql_place sql_place_from(struct str text, struct sql_place from, size_t offset);

/* ------------------------------------------------------------ the description */

enum {
    SQL_OPERATORS_MAX = 2000,           /* operators in one statement outside of lists */
    SQL_VERSION_DEFAULT = 15,           /* whose locks are told when no server is known */
    SQL_STATEMENT_BYTES_MAX = 16 << 20, /* longer statements are not analysed */
};

/* Fills tag, transactional, hides_control, objects, judgement of every statement. Never fails.
 */
void sql_describe(struct sql_script *script, struct arena *arena);
/* The same for one statement whose bytes are `text` and stand at statement->offset of a file.
 */
void sql_describe_one(struct str text, struct sql_statement *statement, struct arena *arena);

/*
 * Does any statement of the script refuse to run in a transaction block? Parses those alone
 * that may, up to the first that does; fills nothing.
 */
bool sql_stands_alone(const struct sql_script *script);

/*
 * Does the text of one statement begin with SELECT, WITH, VALUES or TABLE? Such a statement is
 * neither COPY nor transaction control, whatever follows; needs no grammar. A parenthesis in
 * front says no.
 */
bool sql_is_query(struct str text);

/* What a script does with transactions by itself. */
enum sql_outer {
    SQL_OUTER_NONE,  /* no transaction control at all */
    SQL_OUTER_ONE,   /* first statement BEGIN, last COMMIT, no other between (savepoints may) */
    SQL_OUTER_OPEN,  /* BEGIN without COMMIT: success would be shown and nothing kept */
    SQL_OUTER_STRAY, /* anything else: more than one pair, COMMIT without BEGIN, two-phase */
    SQL_OUTER_HIDDEN, /* a DO block, CALL or procedure body may COMMIT by itself */
    SQL_OUTER__COUNT
};
struct sql_transaction {
    enum sql_outer outer;
    size_t culprit; /* index of the statement that decides STRAY, OPEN and HIDDEN */
    struct err err; /* message, detail, hint for people; ERR_NONE for NONE and ONE */
};
/*
 * The line of a dbmate file's "-- migrate:down", behind which it takes itself back; 0 when
 * there is none. Run as one script such a file undoes what it did.
 */
int sql_down_section(struct str text);
/* Use after sql_describe(): without it hidden control is not looked for. */
struct sql_transaction sql_outer_transaction(const struct sql_script *script);

/* ------------------------------------------------------------------- writing */

/* Appends a name, quoted where PostgreSQL 13 to 18 would need it. */
void sql_quote_ident(struct strbuf *out, struct str name);
/* Appends a string literal; E'' form when it holds a backslash. Independent of settings. */
void sql_quote_literal(struct strbuf *out, struct str text);

/* One member of `statements` of `gonogo explain --json`; facts not known are absent. */
struct json *sql_statement_json(const struct sql_script *script, size_t index);

#endif
