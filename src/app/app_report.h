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
    struct str journal_head; /* before the report's own records */
    uint64_t journal_records;
    const char *folder;  /* full path */
    const char *formats; /* "md,html,json,junit"; NULL = all */
};
/* Writes the files; `hash` is that of report.json. */
bool app_report_write(const struct report_job *job, struct arena *arena, struct str *hash,
                      struct err *err) MUST_CHECK;

#endif
