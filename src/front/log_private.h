/* SPDX-License-Identifier: PostgreSQL */
/*
 * What the two halves of the log share: what was told already, and the way to tell.
 */
#ifndef GONOGO_LOG_PRIVATE_H
#define GONOGO_LOG_PRIVATE_H

#include "front.h"

/* What was told of one script. */
struct seen_script {
    enum script_state state;
    int attempts;
    int notices;
    enum outcome *statements;
    int *checks; /* runs, those before the step first */
};

struct seen_item {
    bool answered;
    int runs;
};

struct seen_backup {
    enum plan_backup_level level;
    bool running;
    bool failed;
    bool attested;
};

struct front_log {
    front_entry_writer writer;
    void *ctx;
    struct arena arena; /* as long as the log */
    struct arena scratch;
    bool begun;
    bool silent; /* catching up with what was told when it happened */
    bool identified;
    enum state state;
    enum phase phase;
    size_t remarks, votes, signatures;
    struct seen_script *scripts;
    size_t script_count, script_capacity;
    struct seen_item *items;
    struct seen_backup *backups;
    int **sets;
    enum outcome *criteria;
    int64_t snapshots[MOMENT__COUNT];
    int64_t context, obstacles; /* when they were known last */
    bool blocked;
    enum outcome *notices;
    size_t notice_count, notice_capacity;
    int64_t news_us; /* the newest that was told of what is new since the migration */
    uint64_t events;
};

/* Takes `data`. A NULL format is an entry for programs only. */
void front_log_tell(struct front_log *log, int64_t at_us, const char *type, const char *source,
                    struct json *data, const char *format, ...) PRINTF_LIKE(6, 7);
const char *front_log_claim_text(bool claim);
double front_log_to_ms(int64_t us);
const char *front_log_time_text(struct front_log *log, int64_t us); /* in the scratch arena */
const char *front_log_verdict_text(enum outcome outcome);

/* front_log_work.c: what the run did since it was told last */
void front_log_snapshots(struct front_log *log, const struct run *run);
void front_log_surroundings(struct front_log *log, const struct run *run);
void front_log_items(struct front_log *log, const struct run *run);
void front_log_backups(struct front_log *log, const struct run *run);
void front_log_notices(struct front_log *log, const struct run *run);
void front_log_news(struct front_log *log, const struct run *run);
void front_log_blockers(struct front_log *log, const struct run *run);
void front_log_script(struct front_log *log, const struct run *run, size_t number);
void front_log_checks(struct front_log *log, const struct run *run,
                      const struct run_check *checks, size_t count, int *seen);
struct json *front_log_script_data(const struct run *run, const struct run_script *script);

#endif
