/* SPDX-License-Identifier: PostgreSQL */
/*
 * lint: what will go wrong with these statements, told before they run.
 *
 *   struct lint *lint = lint_new(&arena, &context);
 *   lint_begin_file(lint, &file);
 *   sql_study(&script, version, &arena, lint_statement, lint);    each statement in its turn
 *   lint_end_file(lint);                                         ... for every file of the plan
 *   const struct lint_result *result = lint_finish(lint);
 *   lint_free(lint);
 *
 * Rules judge actions (sql_facts.h) within what came before: objects made earlier in the
 * plan, locks that the transaction holds already, timeouts in force. What only a server
 * knows comes as a context value that the caller fills; without it a verdict says what it
 * does not know, and never "safe". The room asks no server and opens no file, so that every
 * verdict can be tested from literals.
 */
#ifndef GONOGO_LINT_H
#define GONOGO_LINT_H

#include "base.h"
#include "sql_facts.h"

/* ----------------------------------------------------------------- severity */

enum lint_severity {
    LINT_NOTE, /* said, counted nowhere */
    LINT_LOW,
    LINT_MEDIUM,
    LINT_HIGH,
    LINT_BLOCK, /* GO needs a typed override with a reason */
    LINT_SEVERITY__COUNT
};
const char *lint_severity_name(enum lint_severity severity); /* "note", "low" ... "block" */

/* -------------------------------------------------------------------- rules */

/* Which part of the world a rule needs to be sure; without it the finding says "if". */
enum lint_needs {
    LINT_NEEDS_NOTHING = 0,
    LINT_NEEDS_TABLES = 1 << 0,  /* sizes, columns, constraints, indexes */
    LINT_NEEDS_TRAFFIC = 1 << 1, /* pg_stat_statements */
    LINT_NEEDS_ROLE = 1 << 2,    /* rights and attributes of the executing role */
    LINT_NEEDS_VERSION = 1 << 3,
    LINT_NEEDS_ACTIVITY = 1 << 4, /* other sessions */
    LINT_NEEDS_HISTORY = 1 << 5,  /* the ledger */
};

/* A rule's page: `gonogo help L1`. Texts are whole sentences; SQL in `safe_sql`. */
struct lint_rule {
    const char *id;    /* "L1" */
    const char *title; /* "CREATE INDEX without CONCURRENTLY" */
    enum lint_severity severity;
    unsigned needs;       /* enum lint_needs */
    const char *what;     /* what it sees */
    const char *why;      /* lock, hazard, cost */
    const char *safe;     /* the safe way, in words */
    const char *safe_sql; /* the safe way, as SQL with names to fill in; "" when words do */
    const char *unless;   /* when it does not apply */
};
size_t lint_rule_count(void);
const struct lint_rule *lint_rule_at(size_t index);    /* in the order L, C, K, D, T, R */
const struct lint_rule *lint_rule_find(struct str id); /* any case; NULL: there is none */
/* False: the rule has a page here and is judged elsewhere (the cut, the ledger). */
bool lint_rule_is_judged(const struct lint_rule *rule);
/* The page as text for a terminal of 80 columns. */
void lint_rule_page(const struct lint_rule *rule, struct strbuf *out);

/* ------------------------------------------------------------------ context */

struct lint_column {
    struct str name;
    struct str type; /* as format_type() writes it: "character varying(40)" */
    bool not_null;
    bool has_default;
    bool indexed_first; /* some full, valid index begins with it */
};
enum lint_constraint_kind {
    LINT_CHECK = 'c',
    LINT_FOREIGN_KEY = 'f',
    LINT_PRIMARY_KEY = 'p',
    LINT_UNIQUE = 'u',
    LINT_EXCLUSION = 'x',
    LINT_NOT_NULL = 'n', /* as a constraint of its own: PostgreSQL 18 */
};
struct lint_constraint {
    struct str name;
    enum lint_constraint_kind kind; /* pg_constraint.contype */
    bool validated;
    const struct str *columns;
    size_t column_count;
    struct sql_name references; /* foreign keys */
    struct str proves_not_null; /* the column that a CHECK (c IS NOT NULL) proves, else empty */
};
struct lint_index {
    struct str name;
    bool unique;
    bool valid;
    bool partial;
    bool of_constraint;
    const struct str *columns; /* an expression is an empty name */
    size_t column_count;
    int64_t scans; /* since statistics were reset; -1: not known */
};
/* Something that depends on a relation, or on one of its columns (pg_depend). */
struct lint_dependent {
    const char *kind;  /* "view", "foreign key", "policy", "function", "trigger", "rule" ... */
    struct str name;   /* for people: "v_unread", "orders.orders_customer_fkey" */
    struct str column; /* empty: on the whole relation */
    bool own;          /* stands on the relation itself, and goes with it without CASCADE */
    bool dropped_by_cascade;
};
enum lint_relation_kind {
    LINT_TABLE = 'r',
    LINT_PARTITIONED = 'p',
    LINT_VIEW = 'v',
    LINT_MATERIALIZED_VIEW = 'm',
    LINT_FOREIGN_TABLE = 'f',
    LINT_SEQUENCE = 'S',
    LINT_INDEX = 'i',
};
struct lint_relation {
    struct sql_name name;         /* schema always given */
    enum lint_relation_kind kind; /* pg_class.relkind */
    int64_t rows;                 /* estimate; -1: never analysed */
    int64_t bytes;                /* with indexes and TOAST; -1: not known */
    int64_t recent_writes;        /* rows written in the last minutes; -1: not known */
    struct str owner;
    bool rls_enabled;
    bool rls_forced;
    bool published;        /* member of a publication, FOR ALL TABLES included */
    bool replica_identity; /* updates can be replicated */
    bool exposed;          /* roles of an API have rights on it */
    const struct lint_column *columns;
    size_t column_count;
    const struct lint_constraint *constraints;
    size_t constraint_count;
    const struct lint_index *indexes;
    size_t index_count;
    const struct lint_dependent *dependents;
    size_t dependent_count;
    size_t policy_count;
    const struct sql_name *referenced_by; /* tables whose foreign keys point here */
    size_t referenced_by_count;
};

/* A statement of live traffic that uses a relation. */
struct lint_traffic {
    struct sql_name relation;  /* schema always given */
    const struct str *columns; /* that it names; none: unknown or all */
    size_t column_count;
    bool all_columns; /* SELECT * */
    bool writes;
    double calls_per_second; /* < 0: not known */
    struct str text;         /* normalised, for people */
};

/* A session that a lock of ours would queue behind. */
struct lint_activity {
    int pid;                  /* 0: a prepared transaction has none */
    const char *kind;         /* "pg_dump", "anti-wraparound vacuum", "open transaction",
                                 "prepared transaction GID" */
    struct sql_name relation; /* empty: not known which, or all of them */
    int64_t age_us;           /* -1: not known */
    int64_t since_us;         /* Unix time at which it began; with the pid it is known again by
                                 that; 0: not known */
};

/* What present rows answered to a probe of an earlier result; see lint_result.probes. */
struct lint_probed {
    struct str sql;     /* of the probe */
    int64_t rows;       /* that do not fit; -1: not known */
    struct str example; /* the key of one of them, as a row: "(7)"; empty: none, or no key */
    struct str why;     /* not known: a clause */
};

/*
 * The world as the caller knows it; `= {0}` is "nothing is known". Arrays are sorted by
 * nothing; texts stay the caller's and outlive the lint.
 */
struct lint_context {
    unsigned knows; /* enum lint_needs: which of the parts below are filled */
    int version;    /* server_version_num; 0: not known */
    struct str role;
    bool role_superuser;
    bool role_bypass_rls;
    bool pooler;                   /* a transaction pooler stands between */
    const struct str *search_path; /* in force at the beginning; none known: "public" */
    size_t search_path_count;
    int64_t lock_timeout_us;      /* in force at the beginning; 0: none; -1: not known */
    int64_t statement_timeout_us; /* the same */
    int64_t free_bytes;           /* on the volume of the data, by the plan; -1: not known */
    const struct lint_relation *relations;
    size_t relation_count;
    const struct lint_traffic *traffic;
    size_t traffic_count;
    const struct lint_activity *activity;
    size_t activity_count;
    bool probes_asked; /* present rows were asked wherever a query could be made */
    const struct lint_probed *probed;
    size_t probed_count;
    const struct str *exposed_schemas; /* whose tables an API serves; none: by grants alone */
    size_t exposed_schema_count;
    int64_t today_us; /* for the expiry of waivers, Unix time; 0: not known */
};

/* How a run will send a file; decides which locks are held together. */
enum lint_transaction {
    LINT_TRANSACTION_ONE,  /* the whole file in one transaction */
    LINT_TRANSACTION_EACH, /* each statement by itself */
    LINT_TRANSACTION_FILE, /* as the file says with its own BEGIN and COMMIT */
};

enum lint_claim {
    LINT_NOT_CLAIMED,
    LINT_CLAIMED_NO,
    LINT_CLAIMED_YES,
};

struct lint_file {
    struct str name; /* as it is shown in front of a place */
    struct str text; /* whose waiver comments are read */
    enum lint_transaction transaction;
    bool is_undo;
    bool alone;     /* read by itself: no plan says how it is run or taken back */
    bool undo_none; /* the plan says that there is no way back */
    bool has_undo;
    bool has_rows_expectation;
    int64_t lock_timeout_us; /* set by the run in front of the file; 0: none; -1: as before */
    int64_t statement_timeout_us; /* the same */
    bool long_unbounded; /* the run takes both timeouts off CONCURRENTLY and VALIDATE, whatever
                            the file sets before */
    enum lint_claim rerun_safe;
    enum lint_claim zero_downtime;
    enum lint_claim destructive;
    const struct sql_transaction *outer; /* what the file does with transactions by itself */
    const struct str *named_victims;     /* objects that the plan says will go */
    size_t named_victim_count;
};

/* ------------------------------------------------------------------ results */

struct lint_place {
    size_t file;            /* index, in the order of lint_begin_file() */
    size_t statement;       /* index in the file's script; SIZE_MAX: the file as a whole */
    struct sql_place place; /* line 0: the file as a whole */
};

struct lint_finding {
    const struct lint_rule *rule;
    enum lint_severity severity; /* the rule's, moved by what is known */
    struct lint_place at;
    struct str object;  /* what it is about, for people: "public.orders" */
    struct str message; /* plain words: what happens, to what, how much of it */
    struct str safer;   /* SQL with the statement's own names; empty: see the rule's page */
    struct str unknown; /* what could not be known, as a clause; empty when nothing */
    struct str
        unknown_besides; /* … and besides the rows of the object, where others count those */
    bool waived;
    struct str waived_by;    /* person */
    struct str waived_why;   /* reason */
    int64_t waived_until_us; /* Unix time; 0: never expires */
    bool waived_by_plan;     /* by lint_waive(), not by a comment of the file */
};

/* The judgement of one statement, for tables of statements. */
struct lint_verdict {
    struct str lock_on;       /* the object that the strongest lock is taken on, as written */
    struct str undo_sql;      /* statements that take it back; empty when there are none */
    int64_t rows;             /* of the table that is scanned or rewritten; -1: not known */
    int64_t bytes;            /* the same */
    double queued_per_second; /* calls that will queue behind the lock; < 0: not known */
    enum sql_lock lock;       /* strongest */
    uint32_t more_locks;      /* on so many other relations */
    enum sql_work work;       /* refined by the context */
    enum lint_severity severity; /* the worst of the findings; LINT_NOTE: there is none */
    uint32_t finding_count;      /* not waived */
    enum sql_rerun rerun;
    enum sql_loss loss;
    enum sql_undo undo;
    bool rerun_in_transaction; /* safe since an earlier statement of the same transaction drops
                                  it */
    bool judged; /* false: the statement could not be parsed, or is opaque in part */
    bool shared; /* of several statements: while they are judged */
};

/* A thing that is destroyed; shown first everywhere. */
struct lint_destroyed {
    struct lint_place at;
    const char *kind; /* "table", "column", "rows of" ... */
    struct str name;
    bool by_cascade; /* not named by the statement */
    bool named_by_plan;
    int64_t rows;             /* live, estimate; -1: not known */
    int64_t bytes;            /* with indexes and TOAST; -1: not known */
    int64_t recent_writes;    /* -1: not known */
    struct str referenced_by; /* who still points at it, for people; empty: nobody known */
};

enum lint_risk {
    LINT_RISK_DATA_LOSS,
    LINT_RISK_BREAKING,
    LINT_RISK_SECURITY,
    LINT_RISK_PERFORMANCE,
    LINT_RISK_ROLLBACK,
    LINT_RISK__COUNT
};
const char *lint_risk_name(enum lint_risk risk); /* "data loss", "breaking change" ... */

struct lint_risk_level {
    enum lint_severity severity; /* LINT_NOTE: none was found */
    struct str why;              /* a clause */
};

struct lint_count {
    const char *kind; /* "table", "column", "index", "policy" ... */
    size_t added;
    size_t altered;
    size_t dropped;
};

struct lint_file_result {
    struct str name;
    bool is_undo;
    size_t statement_count;
    /* statement_count of them; those in a row that say the same may be one and the same */
    const struct lint_verdict *const *verdicts;
    struct lint_risk_level risks[LINT_RISK__COUNT];
    struct lint_risk_level overall;
    const struct lint_count *counts;
    size_t count_count;
    /* "drops nothing, alters nothing existing, adds 1 table, 4 columns; rerun-safe except
     * CREATE POLICY at 31:1" */
    struct str summary;
};

struct lint_result {
    const struct lint_finding *findings; /* by file, place, rule */
    size_t finding_count;
    size_t by_severity[LINT_SEVERITY__COUNT]; /* not waived */
    const struct lint_destroyed *destroyed;
    size_t destroyed_count;
    const struct lint_file_result *files;
    size_t file_count;
    const struct sql_name *exclusive; /* relations that were there before and that the files,
                                         undo files apart, lock ACCESS EXCLUSIVE */
    size_t exclusive_count;
    /*
     * Queries that tell whether present rows fit: one row, (bigint, text): how many do not, and
     * the key of one. Only for relations of the context; each once. They are not part of the
     * JSON. Who asks them judges once more, with the answers in lint_context.probed.
     */
    const struct str *probes;
    size_t probe_count;
    struct lint_risk_level overall;
    struct str not_known; /* which parts of the world were not known, for people */
};
/*
 * The result as lines of JSON, for a process that judged elsewhere and for the record of a
 * run; and back, into the arena. NULL with ERR_RECORD: it is damaged, or of another format.
 */
void lint_result_write(const struct lint_result *result, struct strbuf *out);
const struct lint_result *lint_result_read(struct str text, struct arena *arena,
                                           struct err *err) MUST_CHECK;

/* ---------------------------------------------------------------- the walk */

struct lint;
/* Results live in the arena. `context` is borrowed until lint_free(); NULL: nothing known. */
struct lint *lint_new(struct arena *arena, const struct lint_context *context);
void lint_free(struct lint *lint);
/* A waiver of the plan; the comment form `-- gonogo: waive L1 until 2026-12-31 by anna: reason`
 * is found in the files' own texts. */
struct lint_waiver {
    struct str rule;
    struct str file;  /* empty: every file */
    size_t statement; /* of the file, from 1; 0: all of them */
    struct str reason;
    struct str by;
    int64_t until_us; /* Unix time; 0: never expires */
};
void lint_waive(struct lint *lint, const struct lint_waiver *waiver);
void lint_begin_file(struct lint *lint, const struct lint_file *file);
/* A sql_facts_receiver; `lint` is the context. */
void lint_statement(void *lint, const struct sql_statement *statement, size_t index,
                    const struct sql_facts *facts);
void lint_end_file(struct lint *lint);
const struct lint_result *lint_finish(struct lint *lint);

#endif
