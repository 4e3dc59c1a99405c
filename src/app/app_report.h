/* SPDX-License-Identifier: PostgreSQL */
/*
 * The one place where app meets the writers of reports.
 */
#ifndef GONOGO_APP_REPORT_H
#define GONOGO_APP_REPORT_H

#include "app.h"

struct report_job {
    const struct run *run;
    const struct app_plan *plan;
    const struct journal_head *head;
    struct str journal_hash; /* of the newest record before the report's own */
    uint64_t journal_records;
    const char *chain;      /* the verdict on the chain, in a word */
    const char *connection; /* redacted */
    const char *directory;  /* of the run */
    const char *folder;     /* where the report goes, full path */
    const char *formats;    /* "md,html,json,junit"; NULL = those */
};
/* Writes the files; `hash` is that of report.json, or of the first when there is none. */
bool app_report_write(const struct report_job *job, struct arena *arena, struct str *hash,
                      struct err *err) MUST_CHECK;

#endif
