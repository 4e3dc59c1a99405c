/* SPDX-License-Identifier: PostgreSQL */
/*
 * What the looks share: telling the answer.
 */
#ifndef GONOGO_PERFORM_LOOK_H
#define GONOGO_PERFORM_LOOK_H

#include "perform.h"

/* Ends the job with EVENT_LOOKED. */
void look_tell(struct job *job, enum outcome outcome, struct str id, struct str text);
/* The reply was an error: the answer is "cannot read". True when it was. */
bool look_refused(struct job *job, const struct db_reply *reply, enum outcome outcome);

job_step look_ready;
job_step look_ledger;
job_step look_ledger_row;

/* --------------------------------------------------------- ledger questions */

/* File name without folder and ending: what node-pg-migrate calls a migration. */
struct str ledger_name_of(struct str path);
/* Asks for the columns of the ledger; ledger_take_columns() with the reply. */
void ledger_ask_columns(struct job *job);
bool ledger_take_columns(struct performer *performer, const struct db_reply *reply,
                         struct err *err) MUST_CHECK;
/* What gonogo's own ledger (run->ledger_made) adds to the counts; NULL: nothing of it. */
const struct catalog_counts *ledger_own(const struct performer *performer,
                                        struct catalog_counts *counts);
/* Asks for the row of one script. */
void ledger_ask_row(struct job *job, const struct catalog_ledger_entry *entry);
/* Is the row there? `found` may be NULL. */
bool ledger_has_row(struct performer *performer, struct job *job, const struct db_reply *reply,
                    const struct catalog_ledger_entry *entry,
                    const struct catalog_ledger_entry **found, struct err *err) MUST_CHECK;

/* Who stands in the way of the plan's locks (perform_context.c). */
void look_in_the_way(struct job *job, const struct db_reply *reply);

#endif
