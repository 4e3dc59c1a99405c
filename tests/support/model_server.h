/* SPDX-License-Identifier: PostgreSQL */
/*
 * A model of a PostgreSQL server, as far as a migration window can feel it: backends
 * with pid and start time, one transaction each, statements that commit by themselves,
 * ledger rows, an advisory lock, transaction ids that are handed out again after a
 * crash restart, and orphans: backends whose client is gone and that still execute what
 * lay in their socket.
 *
 * It knows nothing of the engine. What becomes durable is written into a history, and
 * sim_checker.h judges that history.
 *
 * A unit is one file: 0..7 the migrations of the plan by step, 8..15 their undo files,
 * 16 the file of a rollback option.
 */
#ifndef GONOGO_TEST_MODEL_SERVER_H
#define GONOGO_TEST_MODEL_SERVER_H

#include "base.h"

enum {
    MODEL_STEPS = 8,
    MODEL_UNDO = 8,
    MODEL_BACK = 16,
    MODEL_UNITS = 17,
    MODEL_STATEMENTS = 4,
    MODEL_BACKENDS = 128,
    MODEL_PENDING = 8,
    MODEL_XIDS = 128,
};

/* What happened, seen from outside; see sim_checker.h for who reads which member. */
enum seen_kind {
    SEEN_SYNCED, /* announcement `number` (word, unit, index) is safely on disk */
    SEEN_SENT, /* word = begin, statement, ledger write, commit, switch, spawn …; unit, index,
                  number = the announcement that is said to cover it; flag = lock held, as far
                  as the program could know */
    SEEN_DURABLE,  /* statement `index` of `unit` took effect for good */
    SEEN_REVERTED, /* every effect of migration `unit` is taken back */
    SEEN_LEDGER,   /* flag: the row of `unit` is there now, or gone */
    SEEN_ASKED,    /* a person was asked; flag = one of our transactions was open */
    SEEN_CLAIM,    /* at the end: `unit` is said to be `word` */
    SEEN_EXIT,     /* number = exit code */
};
struct seen {
    enum seen_kind kind;
    int unit;
    int index;
    int64_t number;
    bool flag;
    const char *word; /* static text */
};
struct history {
    struct seen *items;
    size_t count, capacity;
};
struct seen *history_add(struct history *history, enum seen_kind kind);
void history_release(struct history *history);
/* One fact a line, for whoever has to read a failed history. */
void history_write(struct strbuf *out, const struct history *history);

/* One thing that a transaction will do when it commits. */
enum pending_kind {
    PENDING_STATEMENT,
    PENDING_LEDGER_SET,
    PENDING_LEDGER_CLEAR,
};
struct pending {
    enum pending_kind kind;
    int unit;
    int index;
};
struct model_backend {
    bool alive;    /* on the server */
    bool attached; /* its client is still there */
    bool in_transaction;
    bool locked; /* holds the advisory lock */
    int64_t pid;
    int64_t start_us;
    int64_t xid;
    struct pending pending[MODEL_PENDING];
    size_t pending_count;
};
enum xid_state {
    XID_UNUSED,
    XID_RUNNING,
    XID_COMMITTED,
    XID_ABORTED,
};
struct model_server {
    struct history *history;
    bool up;
    int incarnation; /* crash restarts so far */
    int64_t next_pid;
    int64_t next_xid;
    enum xid_state xids[MODEL_XIDS];
    struct model_backend backends[MODEL_BACKENDS];
    size_t backend_count;
    bool durable[MODEL_UNITS][MODEL_STATEMENTS];
    bool ledger[MODEL_STEPS];
};

void model_init(struct model_server *server, struct history *history);
/* A new backend, or NULL while the server is down. */
struct model_backend *model_connect(struct model_server *server);
void model_begin(struct model_server *server, struct model_backend *backend);
/* In a transaction: kept until COMMIT; outside: durable at once. */
void model_do(struct model_server *server, struct model_backend *backend,
              struct pending pending);
void model_commit(struct model_server *server, struct model_backend *backend);
void model_rollback(struct model_server *server, struct model_backend *backend);
/* The backend ends: its transaction is rolled back, its lock is free. */
void model_end(struct model_server *server, struct model_backend *backend);
bool model_lock(struct model_server *server, struct model_backend *backend);
/* Every backend dies, nothing that was not committed stays, transaction ids are used again. */
void model_crash(struct model_server *server);
/* The database of before, by exchange of names. */
void model_switch(struct model_server *server);
bool model_is_as_before(const struct model_server *server);
bool model_has_open_transaction(const struct model_server *server);

#endif
