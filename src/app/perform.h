/* SPDX-License-Identifier: PostgreSQL */
/*
 * The performer: one run being worked at. It owns the loop, the journal, the three
 * sessions and the children, takes the engine's effects in order, and turns answers
 * into events.
 *
 * A session does one job at a time. A job is one effect on one session: a small chain
 * of requests whose function is called with each reply (NULL at the start) and that
 * ends with job_end(). A job that loses its connection is dropped without an answer:
 * EVENT_LOST of the session is the answer to all that was in flight.
 */
#ifndef GONOGO_PERFORM_H
#define GONOGO_PERFORM_H

#include "app_private.h"
#include "check.h"
#include "monitor.h"
#include "pgtools.h"
#include "proc.h"
#include "task.h"

struct performer;
struct channel;

/* -------------------------------------------------------------------- jobs */

struct job;
typedef void job_step(struct job *job, const struct db_reply *reply);

struct job {
    struct job *next;
    struct performer *performer;
    struct channel *session;
    struct effect effect;
    job_step *step;
    void (*lost)(struct job *job);    /* the connection went; may be NULL */
    void (*release)(struct job *job); /* frees what is not in the arena; may be NULL */
    struct arena arena;
    int stage;  /* for the step function: which reply it gets */
    void *data; /* in the arena */
    int64_t started_us;
    int64_t timeout_us; /* of each request; 0 = LOOK_TIMEOUT_US */
    bool waited;        /* the reply failed behind a lock; its message says whose */
    bool ended;
};

/* How long an own question may take before the session counts as lost. */
#define LOOK_TIMEOUT_US (30 * US_PER_SECOND)

/* Said by whoever finds one: the settings of a session, the answers, or the greeting. */
#define POOLER_WORDS                                                                           \
    "a connection pooler stands between: locks and settings would land on other sessions. "    \
    "Name the server itself (host, port) as target"

struct job *job_new(struct performer *performer, enum session which,
                    const struct effect *effect, job_step *step);
/* Queues it; begins at once when the session is free. Without a connection it is lost. */
void job_start(struct job *job);
/* The same, but it begins with the next job_start() or sessions_begin(): others may join it. */
void job_start_later(struct job *job);
/* Sends one question (extended protocol, text parameters); the step gets the reply. */
void job_ask(struct job *job, const char *sql, const char *const *params, size_t param_count);
void job_ask_cells(struct job *job, const char *sql, const struct cell *values, size_t count);
/* The same with a request of one's own; done and ctx are filled in. */
void job_send(struct job *job, struct db_request *request);
/* Fills done, ctx and the arena: the job's step gets the reply. */
void job_fill(struct job *job, struct db_request *request);
/* Pipelines filled requests of this job and of those that wait right behind it; all those jobs
 * end before the next one begins. False: nothing was sent. */
bool job_send_batch(struct job *job, const struct db_request *requests,
                    size_t count) MUST_CHECK;
/* Sends text that is exactly one statement, by the simple protocol. */
void job_say(struct job *job, const char *sql);
/* Ends the job and lets the next one begin. Nothing may be in flight. */
void job_end(struct job *job);
/* The words of a failed reply, in the job's arena, sanitised. */
struct str job_reply_text(struct job *job, const struct db_reply *reply);
enum outcome outcome_of(const struct db_reply *reply);

/* ---------------------------------------------------------------- sessions */

struct resolver;

struct channel {
    struct performer *performer;
    enum session which;
    struct db_session *db;
    uint32_t source;
    int64_t connect_at_us; /* LOOP_NEVER: no connect is planned */
    struct resolver *resolver;
    int attempts;
    int64_t trying_since_us; /* the first of them */
    bool other_timeline;     /* the one that answered last has moved; see there */
    int64_t beat_at_us;      /* watch: when to ask whether the server still answers */
    bool ready;              /* CONNECTED was told */
    bool wanted;             /* connecting or connected */
    int64_t pid;
    int64_t backend_start_us;
    struct job *jobs; /* the first one is at work */
    struct job *last_job;
    /* of the request that is out, perform_wait.c */
    int64_t sent_us; /* 0: none is out, or none that is looked at */
    int64_t wait_due_us;
    size_t batch_left; /* requests of a batch that are not answered yet */
    uint64_t request;  /* its number, so that an answer about an earlier one is known */
    struct lock_holder *holders;
    size_t holder_count;
    struct arena holders_arena;
    bool told;           /* the engine heard who holds it up */
    bool starting;       /* guards against beginning a job twice */
    const char *failing; /* why the connection is not to be used; acted on when the job ended */
    /* work: what holds in the session now, -1 = unknown */
    int64_t lock_timeout_us;
    int64_t statement_timeout_us;
    bool clean;  /* nothing of a file's ran since the settings were made and read back */
    int notices; /* of the statement at work */
};

/* ---------------------------------------------------------- waiting for locks */

/* How long a question of ours waits for a lock: the plan's lock_timeout, 5 s without one. */
int64_t wait_limit_us(const struct plan_safety *safety);
/* A request goes out; its reply is in: `judged` is it, in words that say behind whom it waited.
 */
void wait_begin(struct job *job);
/* The same for requests that go out together and are answered one after the other. */
void wait_begin_batch(struct channel *session, size_t count);
void wait_end(struct job *job, const struct db_reply *reply, struct db_reply *judged);
/* There will be no reply. */
void wait_forget(struct channel *session);
/* When to look who holds the request up (monotonic clock, LOOP_NEVER = not), and the look. */
int64_t wait_deadline_us(const struct channel *session);
void wait_due(struct channel *session, int64_t now_us);

/* ------------------------------------------------------------------- queue */

struct batch {
    struct event *items;
    size_t count;
    size_t capacity;
    struct arena arena;
};

/* --------------------------------------------------------------- performer */

struct child;
struct context_look;
struct kept_rows;
struct notice;
struct switcher;
struct workload;

struct probe_state {
    struct monitor_log *log;
    int log_fd;
    int64_t log_offset;
    int64_t log_inode;
    bool waits; /* builtin: its query is out */
};

/* What was measured just before the first change, for `before` and for a way back. */
struct before {
    bool taken;
    struct catalog_row_counts rows;
    struct check_before *checks; /* one per check of the plan that needs it */
    const struct plan_check **check_of;
    size_t count;
};

struct task_slot {
    struct app_task *task;
    enum task kind;
    int index;
};

struct performer {
    struct arena arena; /* as long as the run */
    struct app_plan *plan;
    const struct plan_target *target;
    struct run *run;
    struct journal *journal;
    const struct journal_head *head;
    const char *connection; /* redacted */
    struct loop *loop;
    struct app_clock clock;
    double time_scale;
    struct batch batches[2];
    int filling;        /* the batch that takes events now */
    bool record_failed; /* RECORD_FAILED was stepped */
    const char *run_id;
    const char *program;
    struct db_params params;   /* complete but for hostaddr */
    struct db_params resolved; /* of the newest connect */
    struct channel sessions[SESSION__COUNT];

    struct catalog_ledger ledger;
    bool has_ledger;
    struct str search_path;           /* quoted, as a setting */
    struct str schemas;               /* as text[] */
    struct catalog_identity identity; /* by LOOK_IDENTITY */
    bool identified;
    struct str checkpointer_start;

    bool has_snapshot[MOMENT__COUNT];
    struct catalog_snapshot snapshots[MOMENT__COUNT];
    struct before before;
    struct run_setup *setup;      /* what the target shows is put in here */
    struct context_look *context; /* what surrounds the plan is being asked; NULL: not */
    struct arena verdicts;        /* those that the setup shows */
    struct event_item *blockers;  /* as last seen, for a lock timeout */
    size_t blocker_count;
    int64_t blockers_at_us;
    struct arena blockers_arena;
    struct arena writes_arena;
    struct rows writes; /* since when */
    bool has_writes;
    bool writes_in_part; /* not from the backup on, but from when the run was taken up */

    struct arena recent_arena;
    struct monitor_counter *recents; /* of what the plan destroys, as told last */
    size_t recent_count;

    struct kept_rows *kept; /* of the newest answer of each check */
    size_t kept_count, kept_capacity;
    struct probe_state *probes;
    struct monitor_sampler sampler;
    struct monitor_host host_cpu;
    bool sample_out;
    struct str slow_schema; /* where pg_stat_statements lives; empty: nowhere */
    bool slow_known;
    struct workload *workload; /* what the statements cost; NULL until it is asked */
    const char *curl;
    struct str app_socket;

    struct child *children;
    struct notice *notices; /* hooks that run */
    struct switcher *switcher;

    struct task_slot *tasks;
    size_t task_count;
    size_t task_capacity;

    struct front front;
    bool has_front;
    uint32_t front_source;
    uint32_t signal_source;
    int64_t presented_us;
    bool dirty;
    enum state presented_state;
    bool headless;
    bool leave_wanted;
    enum state leave_asked_in;
    int64_t ticked_us;

    const char *report_folder;
    bool quit;
    int exit_code;
    struct err err;
};

/* --------------------------------------------------------------- the core */

int64_t performer_now_us(const struct performer *performer); /* the run's clock */
/* Queues an event; texts are copied. It is stepped by the loop, never at once. */
void performer_emit(struct performer *performer, const struct event *event);
/* Walks until the engine says QUIT. */
void performer_walk(struct performer *performer);
void performer_init(struct performer *performer);
void performer_release(struct performer *performer);
/* Marks the journal as failed: the engine hears it before anything else happens. */
void performer_perform(struct performer *performer, const struct effects *effects);

/* by subject; each takes one effect and begins it */
void perform_connect(struct performer *performer, const struct effect *effect);
void perform_disconnect(struct performer *performer, enum session which);
void perform_look(struct performer *performer, const struct effect *effect);
void perform_snapshot(struct performer *performer, const struct effect *effect);
void perform_check(struct performer *performer, const struct effect *effect);
void perform_begin(struct performer *performer, const struct effect *effect);
void perform_statement(struct performer *performer, const struct effect *effect);
void perform_ledger(struct performer *performer, const struct effect *effect);
void perform_evidence(struct performer *performer, const struct effect *effect);
void perform_commit(struct performer *performer, const struct effect *effect);
void perform_rollback(struct performer *performer, const struct effect *effect);
void perform_probe(struct performer *performer, const struct effect *effect);
void perform_blockers(struct performer *performer, const struct effect *effect);
void perform_signal(struct performer *performer, const struct effect *effect);
void perform_counts(struct performer *performer, const struct effect *effect);
void perform_writes(struct performer *performer, const struct effect *effect);
void perform_archiver(struct performer *performer, const struct effect *effect);
void perform_recent(struct performer *performer, const struct effect *effect);
void perform_switch(struct performer *performer, const struct effect *effect);
void perform_context(struct performer *performer, const struct effect *effect);
void perform_workload(struct performer *performer, const struct effect *effect);
void perform_spawn(struct performer *performer, const struct effect *effect);
void perform_notify(struct performer *performer, const struct effect *effect);
void perform_kill(struct performer *performer, const struct effect *effect);
void perform_report(struct performer *performer, const struct effect *effect);

/* tasks that have ended are freed between two rounds */
void performer_reap_tasks(struct performer *performer);
void notices_reap(struct performer *performer);
void notices_release(struct performer *performer);
void probes_release(struct performer *performer);
void context_release(struct performer *performer);
void workload_release(struct performer *performer);
/* Closes its session: somebody wants the database for himself. */
void workload_disconnect(struct performer *performer);
void switcher_release(struct performer *performer);
void sessions_init(struct performer *performer);
/* Begins what job_start_later() left. */
void sessions_begin(struct performer *performer);
void sessions_release(struct performer *performer);
/* The rows of a check's newest answer, for the screen only. */
void performer_keep_rows(struct performer *performer, const struct effect *effect,
                         const struct rows *rows);
void performer_release_rows(struct performer *performer);
/* Takes the counters of writes as the point to count from. */
void perform_writes_begin(struct performer *performer);

/* ------------------------------------------------------- shared small things */

/* The script that an effect is about. */
const struct run_script *script_of(const struct performer *performer, int script);
const struct plan_step *step_of(const struct performer *performer,
                                const struct run_script *script);
/* The ledger's entry for a script. */
struct catalog_ledger_entry ledger_entry_of(struct performer *performer,
                                            const struct run_script *script,
                                            struct arena *arena);
/* Is it that server, on another timeline: after a failover or a restore? */
bool identity_has_moved(const struct performer *performer,
                        const struct catalog_identity *identity);
struct str identity_moved_words(const struct performer *performer,
                                const struct catalog_identity *identity, struct arena *arena);
/* Does the server answer as the one that LOOK_IDENTITY saw? Else `why` says what differs. */
bool identity_is_same(const struct performer *performer,
                      const struct catalog_identity *identity, struct arena *arena,
                      struct str *why);
/* Does it fit the target's pins? */
bool identity_fits(const struct performer *performer, const struct catalog_identity *identity,
                   struct arena *arena, struct str *why);
/* Loads a stored snapshot of a moment (after a resume). */
bool performer_load_snapshot(struct performer *performer, enum moment moment, struct str hash,
                             struct err *err) MUST_CHECK;
bool performer_load_before(struct performer *performer, struct str hash,
                           struct err *err) MUST_CHECK;
/*
 * Takes back what a script left on in the work session (F27), so that what we ask and write
 * there, the ledger row above all, is as in a clean session; in the open transaction, too.
 * Called first with reply NULL and *stage 0, then with each reply until it is not ASKED.
 */
enum settings_end {
    SETTINGS_ASKED,   /* a command is out; call again with its reply */
    SETTINGS_CLEAN,   /* nothing is in flight */
    SETTINGS_REFUSED, /* the reply says why; nothing is in flight */
};
enum settings_end settings_reset(struct job *job, int *stage, const struct db_reply *reply);

#endif
