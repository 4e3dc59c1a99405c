/* SPDX-License-Identifier: PostgreSQL */
/*
 * The judge of the fault tests. It knows nothing of gonogo's code: it reads the run's
 * journal as JSON lines and checks the chain itself, reads the database by libpq and the
 * server's own log of statements, and compares what it finds with what the program says.
 *
 * fault_judge() is a function of plain data, so that it can be tested on histories that
 * are bad on purpose; fault_gather() fills that data from a case.
 */
#ifndef GONOGO_TEST_FAULT_CHECKER_H
#define GONOGO_TEST_FAULT_CHECKER_H

#include "fault_world.h"

enum {
    FAULT_MIGRATIONS = 2 /* 011, 012 */
};

struct fault_history {
    struct strbuf journal; /* journal.jsonl */
    struct strbuf log;     /* the server's, from the case's beginning on; other databases too */
    const char *database;
    bool ledger;
    /* the truth, from the database */
    int tables;
    int keys;
    int policies;
    int ledger_rows[FAULT_MIGRATIONS];
    int64_t committed_xid[FAULT_MIGRATIONS]; /* 0: none; -1: more than one */
    int idle_in_transaction;
    int sessions;  /* of gonogo, in this database */
    int processes; /* of the program, without itself */
    int advisory_locks;
    /* what the program says */
    int exit_code;        /* FAULT_KILLED + signal when it was killed */
    struct strbuf status; /* status --json; empty = it could not say */
    struct strbuf report; /* report.json; empty = there is none */
    bool torn_allowed;    /* the last start was killed */
};
void fault_history_release(struct fault_history *history);

/* Appends one line for each thing that is wrong; true when none is. */
bool fault_judge(const struct fault_history *history, struct strbuf *wrong);

void fault_gather(struct fault_case *c, pid_t session, struct fault_history *history);
/*
 * Gathers and judges; tells on standard output what is wrong. `what` says which round it
 * was. With `done`, both migrations have to be there.
 */
bool fault_verdict(struct fault_case *c, pid_t session, bool done, const char *what);

#endif
