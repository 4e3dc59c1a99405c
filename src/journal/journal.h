/* SPDX-License-Identifier: PostgreSQL */
/*
 * journal: the run directory and the one file in it that is believed afterwards.
 *
 * A run directory (mode 0700, its files 0600, whatever the umask) holds
 *   journal.jsonl   one JSON object a line, appended, never changed
 *   reserve         64 KiB, removed when the disk is full, so that the last record fits
 *   <64 hex>        blobs named by the SHA-256 of their bytes: plan, scripts, snapshots
 *
 * A record is one line:
 *   {"seq":3,"at":"2024-01-31T08:00:00.000000Z","type":"event","data":{…},"prev":"<64 hex>",
 *    "hash":"<64 hex>"}   (without the line break shown here)
 * `prev` is the `hash` of the line before, 64 zeros in the first. `hash` is the
 * SHA-256 over the 64 digits of `prev` and then the bytes of the line up to, and
 * without, `,"hash":` – so that `{ printf %s PREV; sed 's/,"hash":.*$//' | tr -d '\n'; }
 * | sha256sum` on one line gives it. seq counts 1, 2, 3 …
 * What a terminal would obey is a \u escape in it, so that less and cat do no harm.
 *
 * The chain shows later edits and gaps. It cannot show a tail that was cut off at a
 * line end, nor a rewrite of the whole: for that there are anchors (the ledger row,
 * the report), see journal_find().
 *
 * After one failed write or sync nothing is trusted any more: see journal_trouble().
 */
#ifndef GONOGO_JOURNAL_H
#define GONOGO_JOURNAL_H

#include "base.h"
#include "engine.h"

#define JOURNAL_FILE    "journal.jsonl"
#define JOURNAL_RESERVE "reserve"
enum {
    JOURNAL_FORMAT = 1,
    JOURNAL_RESERVE_BYTES = 64 * 1024,
};
#define JOURNAL_SIZE_MAX ((size_t)1 << 30)
#define JOURNAL_BLOB_MAX ((size_t)256 << 20)

/* -------------------------------------------------------------------- head */

struct journal_pair {
    struct str name;
    struct str value;
};
struct journal_pairs {
    struct journal_pair *items;
    size_t count;
    size_t capacity;
};

/* The first record: all that a resume needs and the events do not say. No secret is in it. */
struct journal_head {
    int64_t format;     /* JOURNAL_FORMAT */
    struct str version; /* of the program: another one may report, not resume */
    struct str run;     /* id of the run, the directory's name */
    struct str plan;    /* full path of the plan file, as it was */
    struct str name;    /* of the plan, for lists */
    struct str digest;
    struct str approval;
    struct str target; /* id */
    enum run_mode mode;
    struct journal_pairs connection; /* libpq keyword and value; never a password */
    struct journal_pairs values;     /* target values that the program filled in itself */
    struct journal_pairs files;      /* path in the plan, blob; the plan itself has path "" */
    bool simulated_clock;
    int64_t clock_shift_us; /* run's clock minus wall clock at the start */
    double time_scale;      /* of the watch; 1 = real time */
    int64_t opens_us;
    int64_t closes_us;
    int64_t day_us;
    struct str report;  /* folder for the report; empty = in the run directory */
    struct str who;     /* OS user at host */
    struct str answers; /* SHA-256 of the answers file of a headless run; may be empty */
};
void journal_head_release(struct journal_head *head); /* the lists only */

/* ----------------------------------------------------------------- writing */

struct journal;

/*
 * Makes `root` (and parents, mode 0700) and the run's own directory in it, takes the
 * lock, stores nothing but the head, synced. `root` is a full path. Fails with
 * ERR_RECORD; with ERR_USAGE when a run of that id exists.
 */
struct journal *journal_open_new(const char *root, const struct journal_head *head,
                                 int64_t at_us, struct err *err) MUST_CHECK;
/*
 * Opens an existing run directory to go on: takes the lock (ERR_LOCKED when another
 * process has it), verifies the chain, cuts a torn last line off, makes the reserve
 * again. Anything but an intact or torn chain refuses.
 */
struct journal *journal_open_again(const char *directory, struct err *err) MUST_CHECK;
/* Closes; the lock goes. NULL is fine. Never syncs: what had to be on disk is. */
void journal_close(struct journal *journal);

/* Appends one event. `seq` of the record goes to *seq. */
bool journal_append_event(struct journal *journal, const struct event *event, uint64_t *seq,
                          struct err *err) MUST_CHECK;
/*
 * Appends the announcement that a JOURNAL effect asks for; with effect->sync it is on
 * the disk when this returns true. `extra` (may be NULL) is put in as "evidence":
 * ledger key, checkpointer start. When the reserve had to be used, announcements of
 * what changes the world are refused from then on, those that end a run are not.
 */
bool journal_announce(struct journal *journal, const struct effect *effect, int64_t at_us,
                      const char *extra_json, struct err *err) MUST_CHECK;

/* How far the record can be trusted. Never gets better. */
enum journal_trouble {
    JOURNAL_FINE,
    JOURNAL_FULL,   /* the reserve is used: endings may still be written, no new step */
    JOURNAL_BROKEN, /* a write or sync failed: nothing is written any more */
};
enum journal_trouble journal_trouble(const struct journal *journal);
bool journal_has_failed(const struct journal *journal); /* FULL or BROKEN */

const char *journal_directory(const struct journal *journal); /* full path */
int journal_directory_fd(const struct journal *journal);
uint64_t journal_count(const struct journal *journal);        /* records so far */
const char *journal_head_hash(const struct journal *journal); /* of the newest record */

/*
 * Stores bytes under their hash; what is there already is not written again. Synced,
 * because a record will refer to it.
 */
bool journal_store_blob(struct journal *journal, struct str bytes, struct sha256_hex *name,
                        struct err *err) MUST_CHECK;
/* Appends the bytes; refuses a file whose content does not give its name. */
bool journal_load_blob(int directory_fd, struct str name, struct strbuf *out,
                       struct err *err) MUST_CHECK;

/* ----------------------------------------------------------------- reading */

enum journal_verdict {
    JOURNAL_INTACT,  /* every record follows from the one before */
    JOURNAL_TORN,    /* the last line is unfinished: a crash while it was written */
    JOURNAL_ALTERED, /* the record `at` does not give its own hash, or is no record */
    JOURNAL_GAP,   /* record `at` is whole but does not follow: records are missing or moved */
    JOURNAL_EMPTY, /* no head */
    JOURNAL_VERDICT__COUNT
};
extern const char *const journal_verdict_words[JOURNAL_VERDICT__COUNT];

enum journal_type {
    JOURNAL_HEAD,
    JOURNAL_EVENT,
    JOURNAL_ANNOUNCE,
    JOURNAL_TYPE__COUNT
};
struct journal_record {
    uint64_t seq;
    enum journal_type type;
    struct str at;   /* as written */
    struct str data; /* the JSON object, as written */
    struct str hash; /* 64 digits */
    struct str line; /* without its newline */
};
/* A journal read whole. The records before `at` are good, whatever the verdict. */
struct journal_log {
    struct strbuf bytes;
    struct journal_record *records;
    size_t count;
    size_t capacity;
    enum journal_verdict verdict;
    uint64_t at; /* number of the line that is bad, from 1; 0 when none is */
    size_t good; /* bytes of the good records */
    struct journal_head head;
    struct arena arena; /* texts of the head */
};
/* False only when there is no readable journal at all; the verdict tells the rest. */
bool journal_read(const char *directory, struct journal_log *log, struct err *err) MUST_CHECK;
/* The same from bytes that the caller has; they are taken. */
bool journal_read_bytes(struct strbuf *bytes, struct journal_log *log,
                        struct err *err) MUST_CHECK;
void journal_log_release(struct journal_log *log);
/* One sentence for people: "intact: 214 records, head 5d41c0…". */
void journal_verdict_text(struct strbuf *out, const struct journal_log *log);

/*
 * Is `hash` (an anchor: of a ledger row, of a report) in the chain? Its seq, or 0: then
 * the tail was cut off, or all of it was rewritten.
 */
uint64_t journal_find(const struct journal_log *log, struct str hash);

/*
 * Feeds each event, with its seq, in order. Texts of an event are good during the call
 * only. Stops at false, or at an event that cannot be read.
 */
typedef bool (*journal_receiver)(void *ctx, const struct event *event, struct err *err);
bool journal_fold(const struct journal_log *log, journal_receiver receive, void *ctx,
                  struct err *err) MUST_CHECK;

/* What the journal knows about the last COMMIT whose answer it does not have. */
struct journal_evidence {
    bool commit_sent; /* COMMIT-SENT is there and no definite answer after it */
    int script;
    int64_t xid;
    int64_t pid;
    int64_t backend_start_us;
    struct str detail; /* data of the record, as JSON text; in the log */
    int statement;     /* last RECORD_STATEMENT (transaction: each) since INTENT, or -1 */
};
bool journal_evidence(const struct journal_log *log, struct journal_evidence *evidence,
                      struct err *err) MUST_CHECK;

#endif
