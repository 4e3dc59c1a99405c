/* SPDX-License-Identifier: PostgreSQL */
/*
 * One check asked on one session: its queries, each in a read-only transaction that is
 * always rolled back. Used by CHECK and, to measure what "before" was, by SNAPSHOT.
 *
 * One by one: ask_begin(), then ask_step() with NULL and with each reply until it says true.
 * In one go with others, for a check that check_can_share(): ask_requests() instead of the
 * ask_step() with NULL; the caller sends them and hands each reply to ask_step().
 */
#ifndef GONOGO_PERFORM_ASK_H
#define GONOGO_PERFORM_ASK_H

#include "perform.h"

struct ask_check {
    struct check_work work;
    const struct plan_check *check;
    struct catalog_counts own; /* of gonogo's ledger: the plan does not count it */
    const struct check_query *query;
    bool inside; /* in the open transaction of the work session: no BEGIN of our own */
    int stage;
    int reset;     /* inside: how far settings_reset() is */
    bool begun;    /* check_begin() was fine: check_release() is due */
    size_t shared; /* so many are asked in one go, this one among them; 0: it is asked alone */
    bool over;
};

enum {
    ASK_REQUESTS = 4, /* BEGIN, settings and query as one group, ROLLBACK as another */
};

/* False and `err` when there is nothing to ask. */
bool ask_begin(struct ask_check *ask, struct job *job, const struct plan_check *check,
               bool inside, struct err *err) MUST_CHECK;
/* Takes a reply (NULL at first) and sends the next request; true when all is answered. */
bool ask_step(struct ask_check *ask, struct job *job, const struct db_reply *reply);
/* Fills the ASK_REQUESTS requests of a check of one query, with the job's arena. */
void ask_requests(struct ask_check *ask, struct job *job, struct db_request *requests);
void ask_release(struct ask_check *ask);

#endif
