/* SPDX-License-Identifier: PostgreSQL */
/*
 * monitor: what the watch knows. Query texts for the probes (by server version),
 * rows -> samples, rings of samples with gaps kept as gaps, limits, sparklines, write activity
 * of tables, and the tree of who blocks whom.
 *
 * The room is pure: it sends no query, starts no program, reads no clock and no
 * file. The caller sends the texts (every name in them is qualified, session
 * settings do not matter), runs the argv, reads the log file's new bytes, and
 * brings the answers here together with the time.
 *
 * The rule of the room: unknown is not zero. What could not be measured is a
 * sample with an outcome, never a number, and a run of them breaks a limit as a
 * bad number does.
 */
#ifndef GONOGO_MONITOR_H
#define GONOGO_MONITOR_H

#include "base.h"
#include "plan.h"

/* ----------------------------------------------------------------- samples */

enum monitor_outcome {
    MONITOR_OK,      /* measured: `value` is a number */
    MONITOR_FAILED,  /* the thing watched did not answer: refused, timed out, died */
    MONITOR_UNKNOWN, /* nobody measured: connection lost, statistics reset, no right to see */
};

struct monitor_sample {
    int64_t at_us;
    double value; /* 0 unless MONITOR_OK */
    enum monitor_outcome outcome;
    /* Unknown, though the server answered: a rate that has no former value to grow from. */
    bool begins;
};

enum {
    MONITOR_SERIES_MAX = 1440 /* four hours at 10 s */
};

/* A ring: the oldest sample falls out when it is full. `= {0}` is empty. 34 kB: not for stacks.
 */
struct monitor_series {
    struct monitor_sample samples[MONITOR_SERIES_MAX];
    size_t first; /* index of the oldest */
    size_t count;
};

void monitor_series_add(struct monitor_series *series, struct monitor_sample sample);
/* 0 is the oldest. Out of range gives an MONITOR_UNKNOWN sample at 0. */
struct monitor_sample monitor_series_at(const struct monitor_series *series, size_t index);
/* The newest sample; MONITOR_UNKNOWN at 0 when there is none. */
struct monitor_sample monitor_series_last(const struct monitor_series *series);

/* ------------------------------------------------------------------ limits */

/* What the plan demands of a probe. `= {0}` demands nothing: the probe is only drawn. */
struct monitor_limit {
    bool has_at_most;
    bool has_at_least;
    bool has_equals;
    double at_most;
    double at_least;
    double equals;
};

enum monitor_verdict {
    MONITOR_GOOD,      /* measured and within the limit, or nothing is demanded of it */
    MONITOR_BEYOND,    /* measured, and the limit is broken */
    MONITOR_NO_ANSWER, /* MONITOR_FAILED */
    MONITOR_BLIND,     /* MONITOR_UNKNOWN */
};
/*
 * The limit of a probe of the plan, in the units of its samples: seconds, bytes, shares, HTTP
 * status. False when the plan says `matches`: such a probe is judged by monitor_text_answer(),
 * whose sample is 1 or 0, and `limit` then demands 1.
 */
bool monitor_limit_of(const struct plan_probe *probe, struct monitor_limit *limit);
enum monitor_verdict monitor_judge(const struct monitor_limit *limit,
                                   struct monitor_sample sample);

/* For people, with its unit: "130", "0.97", "4.0 MB/s", "2m05s", "HTTP 503"; NAN: "not known".
 */
void monitor_value_text(struct strbuf *out, const struct plan_probe *probe, double value);
/* The same for a column under the probe's name: "503". */
void monitor_number_text(struct strbuf *out, const struct plan_probe *probe, double value);
/* For people, as the plan writes it: "at most 120", "exactly 200"; "an answer" without one. */
void monitor_limit_text(struct strbuf *out, const struct plan_probe *probe);

/* -------------------------------------------------------------- sparklines */

/*
 * A series as one line of text, one column per stretch of time, the worst value of
 * the stretch. Blocks are scaled from zero to the greatest value drawn. A stretch
 * that nobody measured is '?', one without an answer 'x'; before the first
 * sample there is a blank. `until_us` is now: a watch that stopped shows '?'.
 */
struct monitor_spark {
    int columns;
    int64_t from_us;
    int64_t until_us;
    int64_t every_us;  /* sampling interval */
    bool ascii;        /* "_.,-=+*#" instead of block characters */
    bool low_is_worst; /* draw the lowest of a stretch: cache_hit, and what has at_least */
    const struct monitor_limit *marks; /* not NULL: draw good and bad marks, no blocks */
};
void monitor_sparkline(struct strbuf *out, const struct monitor_series *series,
                       const struct monitor_spark *spark);

/* ---------------------------------------------------------- builtin probes */

enum monitor_kind {
    MONITOR_GAUGE, /* the cell is the value */
    MONITOR_RATE,  /* the cell counts up: the value is its growth per second */
    MONITOR_RATIO, /* two cells count up: growth of the first as a share (0..1) of both */
};

/* Who brings a builtin's cells. */
enum monitor_query {
    MONITOR_QUERY_NONE,   /* PLAN_GAUGE_UNSAID */
    MONITOR_QUERY_SAMPLE, /* one row, cheap, no parameter: at every interval */
    MONITOR_QUERY_SIZE,   /* walks the database's files: every tenth interval is enough */
    MONITOR_QUERY_SLOW,   /* monitor_slow_query() */
    MONITOR_QUERY_HOST,   /* no query: /proc and statvfs of the host, when it is local */
};

struct monitor_builtin_row {
    const char *word;  /* in the plan */
    const char *title; /* on the screen */
    const char *unit;  /* "", "/s", "B", "s"; a share has none */
    enum monitor_kind kind;
    enum monitor_query query;
    const char *cell;       /* column of that query, or NULL */
    const char *other_cell; /* MONITOR_RATIO's second, or NULL */
};
/* Indexed by enum plan_gauge. */
extern const struct monitor_builtin_row monitor_builtins[PLAN_GAUGE__COUNT];
/* PLAN_GAUGE_UNSAID when no builtin has that word. */
enum plan_gauge monitor_builtin_find(struct str word);

/*
 * Text of MONITOR_QUERY_SAMPLE or MONITOR_QUERY_SIZE for a server (server_version_num,
 * e.g. 150018; 130000 and later). MONITOR_QUERY_SLOW gives the text that finds where
 * pg_stat_statements lives (one row, or none): its schema, see monitor_slow_query(), and
 * whether pg_stat_statements_info stands beside it.
 * NULL for the others.
 */
const char *monitor_query_text(enum monitor_query query, int server_version_num);

/* Remembers the counters of the last round. `= {0}` remembers nothing. */
struct monitor_sampler {
    bool has_last;
    int64_t clock_us;      /* the server's */
    int64_t generation_us; /* of its statistics: last reset or server start */
    double counters[PLAN_GAUGE__COUNT];
    double others[PLAN_GAUGE__COUNT];
};
/*
 * One answer of MONITOR_QUERY_SAMPLE -> samples of all builtins that it brings
 * (others stay as they are). The first round, a reset of the statistics, a server
 * restart and a counter that went backwards make rates MONITOR_UNKNOWN; a figure
 * that the role may not see is MONITOR_UNKNOWN, too. Rates are per second of the
 * server's clock.
 */
void monitor_sampler_take(struct monitor_sampler *sampler, const struct rows *rows,
                          int64_t at_us, struct monitor_sample samples[PLAN_GAUGE__COUNT]);
/* The query failed or the connection is gone: the same builtins become MONITOR_UNKNOWN. */
void monitor_sampler_lost(struct monitor_sampler *sampler, int64_t at_us,
                          struct monitor_sample samples[PLAN_GAUGE__COUNT]);
/* Why the figures of this answer are not whole: "", or a sentence for the screen. */
struct str monitor_sampler_remark(struct arena *arena, const struct rows *rows);
/* One answer of MONITOR_QUERY_SIZE. */
struct monitor_sample monitor_size_take(const struct rows *rows, int64_t at_us);

/*
 * The host, from texts that the caller read: share (0..1) of busy time since the last
 * call ("= {0}": the first call is MONITOR_UNKNOWN), share of memory in use, share of
 * disk in use (bytes in use and bytes in all).
 */
struct monitor_host {
    bool has_last;
    double busy;
    double total;
};
struct monitor_sample monitor_host_cpu(struct monitor_host *host, struct str proc_stat,
                                       int64_t at_us);
struct monitor_sample monitor_host_memory(struct str proc_meminfo, int64_t at_us);
struct monitor_sample monitor_host_disk(int64_t used, int64_t all, int64_t at_us);

/*
 * Slow statements: those whose mean time is above $1 (milliseconds, as text). `schema`
 * is where pg_stat_statements lives; empty when it is absent or cannot be read: then
 * statements that have been running for longer than $1 are counted instead.
 * Rows: total (how many there are; NULL when not all may be seen), then one of them in
 * statement, ms (mean, or age), calls, query: slowest first, at most 20. Without any there is
 * one row, the others NULL.
 */
void monitor_slow_query(struct strbuf *out, struct str schema);
/* What the number means, for the screen: names the source, since the two differ. */
const char *monitor_slow_source(struct str schema);
struct monitor_sample monitor_slow_take(const struct rows *rows, int64_t at_us);

/* -------------------------------------------------- what the statements cost */

/*
 * Which statements take the server's time, and which take more than before the migration.
 * pg_stat_statements counts up from its last reset, so two answers of it are subtracted; what
 * cannot be subtracted (reset, restart, too many statements) is not known, never a number.
 */
enum {
    MONITOR_COUNTED_MAX = 5000, /* statements of one answer, those with most time */
    MONITOR_LOADS_MAX = 24,     /* … and of one interval */
    MONITOR_RUNNING_MAX = 8,
    MONITOR_TEXT_MAX = 400, /* characters of a statement that are asked for */
};

/* Since the counters began, in one database: queryid and userid of pg_stat_statements. */
struct monitor_counted {
    int64_t query_id;
    int64_t user_id;
    int64_t calls;
    double ms;
};
/* One answer; `= {0}` is none. */
struct monitor_workload {
    int64_t clock_us;      /* the server's */
    struct str generation; /* of the counters: another one after a reset or a restart */
    int64_t evicted; /* statements that the server forgot for want of room; -1: not known */
    bool hidden;     /* some belong to roles into which ours may not look */
    bool whole;      /* it has every statement that the server knows of */
    struct monitor_counted *items; /* by query_id and user_id */
    size_t count;
};
/*
 * Two texts, asked one after the other. `schema` is where pg_stat_statements lives, `has_info`
 * whether pg_stat_statements_info does (1.9, PostgreSQL 14): see MONITOR_QUERY_SLOW. Clock: no
 * parameter. Statements: $1 = name of the database.
 */
void monitor_workload_clock_query(struct strbuf *out, struct str schema, bool has_info);
void monitor_workload_query(struct strbuf *out, struct str schema);
/* Their answers, in that order, copied into `arena`. False: it is not the answer to that text.
 */
bool monitor_workload_begin(struct monitor_workload *workload, struct arena *arena,
                            const struct rows *clock) MUST_CHECK;
bool monitor_workload_read(struct monitor_workload *workload, struct arena *arena,
                           const struct rows *statements) MUST_CHECK;
/* For a file of the run, and back: the baseline outlives the program. */
void monitor_workload_write(struct strbuf *out, const struct monitor_workload *workload);
bool monitor_workload_load(struct monitor_workload *workload, struct arena *arena,
                           struct str text, struct err *err) MUST_CHECK;

enum monitor_news {
    MONITOR_AS_EVER,
    MONITOR_SLOW,   /* above the plan's limit, and it was not, or nobody knows what it was */
    MONITOR_SLOWER, /* at least twice its former time, and that is felt */
};
/* A statement in the time between two answers. */
struct monitor_load {
    int64_t query_id;
    int64_t user_id;
    int64_t calls;
    int64_t us;     /* mean of a call */
    int64_t was_us; /* mean before the migration; 0: never seen then; -1: not known */
    double total_ms;
    enum monitor_news news;
};
struct monitor_interval {
    int64_t us;                 /* by the server's clock; 0: not known, and `why` says why */
    const char *why;            /* a clause for people */
    double total_ms;            /* of all statements */
    struct monitor_load *items; /* most time first; whatever is news is among them */
    size_t count;
};
/*
 * From `last` to `now`, held against `base`: what was counted before the migration. `base` and
 * `last` may be NULL. `over_us`: from when a statement is slow. Items are in `arena`.
 */
void monitor_workload_between(struct monitor_interval *interval, struct arena *arena,
                              const struct monitor_workload *base,
                              const struct monitor_workload *last,
                              const struct monitor_workload *now, int64_t over_us);
/* Mean of one statement in an answer: as monitor_load.was_us. */
int64_t monitor_workload_was(const struct monitor_workload *base, int64_t query_id,
                             int64_t user_id);

/*
 * Texts of statements: $1 = database, $2 and $3 = arrays of queryid and userid, made by
 * monitor_load_array(). Rows: queryid, userid, role, text.
 */
void monitor_load_text_query(struct strbuf *out, struct str schema);
void monitor_load_array(struct strbuf *out, const struct monitor_load *loads, size_t count,
                        bool users);
/*
 * What runs right now for longer than $2 ms in the database $1, but for sessions of gonogo.
 * Rows: queryid (NULL before 14, or not computed), userid, role, ms, pid, text; the oldest
 * first, at most MONITOR_RUNNING_MAX.
 */
const char *monitor_running_query(int server_version_num);
/* A statement's text on one line, without runs of white space. Not sanitised. */
void monitor_statement_line(struct strbuf *out, struct str text);
/* Is it no work of the application: a setting, or a question to the system catalogs by their
 * qualified name, as every look of gonogo is? */
bool monitor_is_housekeeping(struct str text);
/* A line of a log without what differs from line to line: runs of digits become "#". */
void monitor_log_kind(struct strbuf *out, struct str line);

/* ---------------------------------------------------------- write activity */

struct monitor_table {
    struct str schema;
    struct str name;
};
/*
 * $1 and $2 are arrays: schemas and names of the tables to watch, both made by
 * monitor_array(). Rows: schema, table, inserted, updated, deleted (since the last
 * reset), the generation of the statistics, oid. A table that is gone has no row.
 */
const char *monitor_writes_query(void);
/* A text[] literal of the schemas (or the names) of `tables`. */
void monitor_array(struct strbuf *out, const struct monitor_table *tables, size_t count,
                   bool schemas);

struct monitor_writes {
    struct monitor_table table;
    int64_t inserted; /* between the two answers */
    int64_t updated;
    int64_t deleted;
    bool known; /* false: absent from one of the answers, or the statistics were reset */
};
/* Growth from one answer to the next; `count` elements in `arena`, in the order of `after`. */
struct monitor_writes *monitor_writes_between(struct arena *arena, const struct rows *before,
                                              const struct rows *after, size_t *count);

/*
 * $1: names of tables as SQL writes them (sql_name_written()), $2: the schemas in which names
 * without one are looked for, in order; both text[]. A table that is not there has no row.
 */
const char *monitor_recent_query(void);
struct monitor_counter {
    struct str table;    /* as it was asked */
    struct str identity; /* only numbers of the same one can be held against each other */
    int64_t rows;        /* inserted, updated, deleted; -1: the server does not count */
};
/* One for each row, in `arena`; text is copied. */
struct monitor_counter *monitor_recent_read(const struct rows *rows, struct arena *arena);

/* ------------------------------------------------------------- WAL archiving */

const char *monitor_archiver_query(void);
struct monitor_archiver {
    struct str mode;     /* archive_mode; borrowed from the rows, as all texts here */
    bool commanded;      /* archive_command, or archive_library, is set */
    struct str archived; /* newest segment */
    int64_t archived_us; /* how long ago; -1: never */
    struct str failed;
    int64_t failed_us;
    int64_t failures; /* since those statistics began; -1: not known */
};
struct monitor_archiver monitor_archiver_read(const struct rows *rows);

/* ------------------------------------------------- endpoints, logs, programs */

struct monitor_http {
    const char *curl;   /* full path of the curl program */
    struct str url;     /* values already filled in */
    struct str socket;  /* path of a unix socket, or empty */
    int64_t timeout_us; /* 0: five seconds */
};
/* NULL-terminated, in `arena`. No configuration file, no proxy, http and https only, no
 * redirects. */
const char **monitor_http_argv(struct arena *arena, const struct monitor_http *http);

struct monitor_answer {
    struct monitor_sample sample; /* value = HTTP status, or the exit status of a program */
    int64_t took_us;              /* 0 when not known */
    char reason[96];              /* empty when there is nothing to say */
};
/*
 * What curl printed and how it ended (`exit_status` is -1 when it was killed or did
 * not start). No answer is MONITOR_FAILED with the reason; any HTTP status is MONITOR_OK.
 */
struct monitor_answer monitor_http_answer(struct str output, int exit_status, int64_t at_us);
/* A program's end as a sample: value = exit status; killed or not started is MONITOR_FAILED. */
struct monitor_answer monitor_run_answer(int exit_status, int64_t at_us);
/* Does a text match a POSIX extended regular expression? 1 or 0; MONITOR_UNKNOWN when it is
 * none. */
struct monitor_answer monitor_text_answer(struct str expression, struct str text,
                                          int64_t at_us);

/* A compiled POSIX extended regular expression and the log's unfinished last line. */
struct monitor_log;
struct monitor_log *monitor_log_new(struct str expression, struct err *err) MUST_CHECK;
void monitor_log_free(struct monitor_log *log);
struct monitor_matches {
    int64_t lines;   /* complete lines in these bytes */
    int64_t matches; /* of which this many match */
    struct str last; /* text of the last that matched; borrowed until the next feed */
};
/* New bytes at the end of the file. A line counts when its newline has come. */
struct monitor_matches monitor_log_feed(struct monitor_log *log, struct str bytes);
/* The file was rotated or cut: forget the unfinished line. */
void monitor_log_restart(struct monitor_log *log);

/* ---------------------------------------------------------- who blocks whom */

/*
 * Who holds up one of our own sessions while it waits; $1 = its pid. No row: it does not wait
 * for a lock. Reads functions only, no catalog: the lock may be on one.
 */
const char *lock_holders_query(void);
struct lock_holder {
    int64_t pid;              /* 0: a prepared transaction */
    int64_t backend_start_us; /* -1 when it may not be seen */
    struct str who;           /* "app_owner / psql"; sanitised */
    struct str what;          /* state, since when, its query's start; sanitised */
};
/* The rows as a list in `arena`, the oldest transaction first; returns how many. */
size_t lock_holders_read(const struct rows *rows, struct arena *arena,
                         struct lock_holder **holders);
/* "process 4711 (app_owner / psql), idle in transaction for 12 s, …; and 2 more". */
void lock_holders_text(struct strbuf *out, const struct lock_holder *holders, size_t count);

/*
 * The cheap question first: does anybody wait for a lock at all? $1 = pid of our work
 * session. One row: waiters (sessions waiting for a lock), us_waiting, us_state,
 * hidden (sessions that our role may not look into).
 */
const char *lock_poll_query(void);
/* True when the answer says that the tree is worth asking for. */
bool lock_poll_says_waiting(const struct rows *rows);

enum {
    LOCK_NODES_MAX = 256
};
/* The tree itself. $1 = pid of our work session, 0 for none. */
const char *lock_tree_query(int server_version_num);

struct lock_node {
    int64_t pid;              /* 0: a prepared transaction, which has no process */
    int64_t backend_start_us; /* -1 when it may not be seen; pins the pid */
    struct str user;          /* raw text of the server: sanitise before showing */
    struct str application;
    struct str state; /* "active", "idle in transaction", "prepared"; "" when hidden */
    struct str query;
    struct str gid;       /* of a prepared transaction */
    struct str waits_for; /* "public.quests", "transaction 88214"; "" when it waits for none */
    struct str wait_mode; /* "AccessExclusiveLock" */
    struct str held_mode; /* strongest mode it holds on what its children wait for; "" = it only
                             queues ahead */
    int64_t transaction_us; /* age of its transaction; -1 when not known */
    int64_t statement_us;   /* age of its statement; -1 */
    int64_t parent;         /* index of the node it is drawn under; -1 at the top */
    int depth;              /* 0 at the top */
    size_t behind;          /* sessions that wait on it, directly or not */
    bool is_us;
    bool repeated; /* stands elsewhere too: it has more than one blocker */
};

/* Drawn from top to bottom: blockers first, those that wait for them indented below. */
struct lock_tree {
    struct lock_node *nodes;
    size_t count;
    int64_t us;         /* index of our session, -1 when it is not part of it */
    size_t waiting;     /* sessions that wait, ours included */
    size_t behind_us;   /* sessions that wait on us, directly or through others */
    size_t ahead_of_us; /* sessions that we wait for, directly or through others */
    bool cut;           /* more than LOCK_NODES_MAX */
};
/*
 * Rows of lock_tree_query -> tree in `arena`; text is copied. A session that waits on
 * several is drawn under the nearest only (what that one waits on is implied), and
 * once more, marked `repeated`, under each other one that is not implied.
 */
void lock_tree_build(struct lock_tree *tree, struct arena *arena, const struct rows *rows,
                     int64_t our_pid);
/* As text, one line a node, sanitised: for logs, the report and the headless front. */
void lock_tree_text(struct strbuf *out, const struct lock_tree *tree, bool ascii);

/*
 * Signals bound to one backend: $1 = pid, $2 = backend_start in microseconds as
 * lock_node has it. One row with true: sent. No row: that backend is gone, nobody
 * was signalled. Asking whether it is still there is lock_backend_query().
 */
const char *lock_cancel_query(void);
const char *lock_terminate_query(void);
const char *lock_backend_query(void);

#endif
