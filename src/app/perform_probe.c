/* SPDX-License-Identifier: PostgreSQL */
/*
 * PROBE: one look at one thing that is watched. All builtin gauges of a round share one
 * query on the watch session; endpoints are fetched by the curl program, programs are
 * children, a log is read from where the last look ended. What cannot be measured is a
 * gap, never a number.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "files.h"
#include "hook.h"
#include "perform.h"
#include "perform_child.h"

static const struct plan_probe *probe_at(const struct performer *performer, int index)
{
    return &performer->plan->plan->monitoring.probes.items[index];
}

static void tell(struct performer *performer, int index, struct monitor_sample sample,
                 struct str text, int64_t us)
{
    static const enum outcome table[] = {[MONITOR_OK] = OUTCOME_OK,
                                         [MONITOR_FAILED] = OUTCOME_FAILED,
                                         [MONITOR_UNKNOWN] = OUTCOME_UNKNOWN};
    performer_emit(performer, &(struct event){.kind = EVENT_SAMPLE,
                                              .script = -1,
                                              .index = index,
                                              .outcome = table[sample.outcome],
                                              .number = sample.value,
                                              .flag = sample.begins,
                                              .text = text,
                                              .us = us});
}

static void tell_gap(struct performer *performer, int index, const char *why)
{
    tell(performer, index, (struct monitor_sample){.outcome = MONITOR_UNKNOWN}, str_from(why),
         0);
}

/* ---------------------------------------------------------------- builtins */

static enum monitor_query query_of(const struct performer *performer, int index)
{
    return monitor_builtins[probe_at(performer, index)->builtin].query;
}

/* Answers all builtin probes that wait for this query. */
static void tell_waiting(struct performer *performer, enum monitor_query query,
                         const struct monitor_sample samples[PLAN_GAUGE__COUNT],
                         struct str text, int64_t us)
{
    const struct plan_probes *probes = &performer->plan->plan->monitoring.probes;
    for (size_t i = 0; i < probes->count; i++) {
        const struct plan_probe *probe = &probes->items[i];
        if (performer->probes[i].waits && probe->source == PLAN_PROBE_BUILTIN &&
            query_of(performer, (int)i) == query) {
            performer->probes[i].waits = false;
            tell(performer, (int)i, samples[probe->builtin], text, us);
        }
    }
}

static void sample_end(struct job *job, const struct rows *rows, int64_t us)
{
    struct performer *performer = job->performer;
    struct monitor_sample samples[PLAN_GAUGE__COUNT] = {0};
    for (size_t i = 0; i < PLAN_GAUGE__COUNT; i++) {
        samples[i].outcome = MONITOR_UNKNOWN;
    }
    int64_t now_us = performer_now_us(performer);
    struct str remark = {0};
    if (rows) {
        monitor_sampler_take(&performer->sampler, rows, now_us, samples);
        remark = monitor_sampler_remark(&job->arena, rows);
    } else {
        monitor_sampler_lost(&performer->sampler, now_us, samples);
    }
    performer->sample_out = false;
    tell_waiting(performer, MONITOR_QUERY_SAMPLE, samples, remark, us);
}

static void sample_lost(struct job *job)
{
    sample_end(job, NULL, 0);
}

static void sample_step(struct job *job, const struct db_reply *reply)
{
    if (!reply) {
        job_ask(job,
                monitor_query_text(MONITOR_QUERY_SAMPLE, db_server_version(job->session->db)),
                NULL, 0);
        return;
    }
    sample_end(job, reply->outcome == DB_OK ? &reply->rows : NULL, reply->elapsed_us);
    job_end(job);
}

/* One answer for one probe: database_size, slow_statements, a probe's own SQL. */
static void answer_one(struct job *job, struct monitor_sample sample, struct str text,
                       int64_t us)
{
    tell(job->performer, job->effect.index, sample, text, us);
    job_end(job);
}

static void one_lost(struct job *job)
{
    tell_gap(job->performer, job->effect.index, "the connection was lost");
}

static void size_step(struct job *job, const struct db_reply *reply)
{
    if (!reply) {
        job_ask(job,
                monitor_query_text(MONITOR_QUERY_SIZE, db_server_version(job->session->db)),
                NULL, 0);
        return;
    }
    int64_t now_us = performer_now_us(job->performer);
    struct monitor_sample sample = {.at_us = now_us, .outcome = MONITOR_UNKNOWN};
    if (reply->outcome == DB_OK) {
        sample = monitor_size_take(&reply->rows, now_us);
    }
    answer_one(job, sample,
               reply->outcome == DB_OK ? (struct str){0} : job_reply_text(job, reply),
               reply->elapsed_us);
}

static void ask_slow(struct job *job)
{
    const struct plan_probe *probe = probe_at(job->performer, job->effect.index);
    int64_t over_us = probe->over_us == PLAN_UNSAID ? US_PER_SECOND : probe->over_us;
    struct strbuf sql = {0};
    monitor_slow_query(&sql, job->performer->slow_schema);
    const char *text = str_text(&job->arena, strbuf_str(&sql));
    strbuf_release(&sql);
    const char *params[] = {
        str_format(&job->arena, "%.3f", (double)over_us / (double)US_PER_MS).ptr};
    job->stage = 1;
    job_ask(job, text, params, COUNT_OF(params));
}

static void slow_step(struct job *job, const struct db_reply *reply)
{
    struct performer *performer = job->performer;
    if (!reply && !performer->slow_known) {
        job_ask(job,
                monitor_query_text(MONITOR_QUERY_SLOW, db_server_version(job->session->db)),
                NULL, 0);
        return;
    }
    if (reply && job->stage == 0 && reply->outcome == DB_OK) {
        performer->slow_known = true;
        performer->slow_schema = str_dup(&performer->arena, rows_text(&reply->rows, 0, 0));
    }
    if (!reply || (job->stage == 0 && reply->outcome == DB_OK)) {
        ask_slow(job);
        return;
    }
    int64_t now_us = performer_now_us(performer);
    struct monitor_sample sample = {.at_us = now_us, .outcome = MONITOR_UNKNOWN};
    struct str text = {0};
    if (reply->outcome == DB_OK) {
        sample = monitor_slow_take(&reply->rows, now_us);
        text = str_from(monitor_slow_source(performer->slow_schema));
    } else if (performer->slow_schema.len > 0) {
        /* pg_stat_statements is there and cannot be read: use what is always there. */
        performer->slow_schema = (struct str){0};
        text = job_reply_text(job, reply);
    }
    answer_one(job, sample, text, reply->elapsed_us);
}

/* ------------------------------------------------------------------- host */

static struct monitor_sample disk_sample(const struct performer *performer, int64_t at_us)
{
    struct statvfs info;
    const char *path = journal_directory(performer->journal);
    if (statvfs(path, &info) != 0) {
        return (struct monitor_sample){.at_us = at_us, .outcome = MONITOR_UNKNOWN};
    }
    int64_t unit = (int64_t)info.f_frsize;
    int64_t all = (int64_t)info.f_blocks * unit;
    return monitor_host_disk(all - (int64_t)info.f_bavail * unit, all, at_us);
}

static bool read_proc(const char *path, struct strbuf *text)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    char bytes[4096];
    ssize_t n;
    while ((n = read(fd, bytes, sizeof(bytes))) > 0) {
        strbuf_add(text, (struct str){bytes, (size_t)n});
    }
    close(fd);
    return n == 0;
}

/* Only when the server is on this host; else it is somebody else's load. */
static void probe_host(struct performer *performer, int index)
{
    struct db_session *watch = performer->sessions[SESSION_WATCH].db;
    int64_t now_us = performer_now_us(performer);
    struct monitor_sample sample = {.at_us = now_us, .outcome = MONITOR_UNKNOWN};
    struct strbuf text = {0};
    if (!db_peer(watch).local) {
        tell_gap(performer, index, "the server is not on this host");
        return;
    }
    enum plan_gauge gauge = probe_at(performer, index)->builtin;
    if (gauge == PLAN_GAUGE_HOST_CPU && read_proc("/proc/stat", &text)) {
        sample = monitor_host_cpu(&performer->host_cpu, strbuf_str(&text), now_us);
    } else if (gauge == PLAN_GAUGE_HOST_MEMORY && read_proc("/proc/meminfo", &text)) {
        sample = monitor_host_memory(strbuf_str(&text), now_us);
    } else if (gauge == PLAN_GAUGE_HOST_DISK) {
        sample = disk_sample(performer, now_us);
    }
    strbuf_release(&text);
    tell(performer, index, sample, (struct str){0}, 0);
}

static void start_one(struct performer *performer, const struct effect *effect, job_step *step)
{
    struct job *job = job_new(performer, SESSION_WATCH, effect, step);
    job->lost = one_lost;
    job->timeout_us = probe_at(performer, effect->index)->timeout_us;
    job_start(job);
}

static void probe_builtin(struct performer *performer, const struct effect *effect)
{
    switch (query_of(performer, effect->index)) {
    case MONITOR_QUERY_SAMPLE:
        performer->probes[effect->index].waits = true;
        if (!performer->sample_out) {
            performer->sample_out = true;
            struct job *job = job_new(performer, SESSION_WATCH, effect, sample_step);
            job->lost = sample_lost;
            job_start(job);
        }
        return;
    case MONITOR_QUERY_SIZE:
        start_one(performer, effect, size_step);
        return;
    case MONITOR_QUERY_SLOW:
        start_one(performer, effect, slow_step);
        return;
    case MONITOR_QUERY_HOST:
        probe_host(performer, effect->index);
        return;
    case MONITOR_QUERY_NONE:
        tell_gap(performer, effect->index, "nothing to measure");
        return;
    }
}

/* ----------------------------------------------------------------- own SQL */

static void take_text(struct job *job, struct str text, int64_t us)
{
    const struct plan_probe *probe = probe_at(job->performer, job->effect.index);
    int64_t now_us = performer_now_us(job->performer);
    struct monitor_sample sample = {.at_us = now_us, .outcome = MONITOR_UNKNOWN};
    double number = 0;
    if (probe->comparator == PLAN_MATCHES) {
        sample = monitor_text_answer(probe->matches.text, text, now_us).sample;
    } else if (str_to_double(text, &number) && isfinite(number)) {
        sample =
            (struct monitor_sample){.at_us = now_us, .outcome = MONITOR_OK, .value = number};
    }
    answer_one(job, sample,
               sample.outcome == MONITOR_OK ? (struct str){0} : STR("the answer is no number"),
               us);
}

/* The plan's SQL: extended protocol, read only, rolled back, like any check. */
static void sql_step(struct job *job, const struct db_reply *reply)
{
    struct performer *performer = job->performer;
    const struct plan_probe *probe = probe_at(performer, job->effect.index);
    if (!reply) {
        job_say(job, "begin transaction read only");
        return;
    }
    if (job->stage == 3) {
        struct str *text = job->data;
        if (text) {
            take_text(job, *text, job->effect.delay_us);
        } else {
            answer_one(job, (struct monitor_sample){.outcome = MONITOR_FAILED},
                       STR("the query gave no single value, or was refused"), 0);
        }
        return;
    }
    if (job->stage == 0 && reply->outcome == DB_OK) {
        const char *params[] = {
            str_text(&job->arena, performer->search_path),
            str_format(&job->arena, "%lld", (long long)(probe->timeout_us / US_PER_MS)).ptr};
        job->stage = 1;
        job_ask(job,
                "select pg_catalog.set_config('search_path', $1, true), "
                "pg_catalog.set_config('statement_timeout', $2, true)",
                params, COUNT_OF(params));
        return;
    }
    if (job->stage == 1 && reply->outcome == DB_OK) {
        struct db_request request = {.sql = probe->sql, .single_row = true, .max_rows = 2};
        job->stage = 2;
        job_send(job, &request);
        return;
    }
    if (reply->outcome == DB_OK && reply->rows.row_count == 1 &&
        reply->rows.column_count == 1) {
        struct str *text = arena_alloc(&job->arena, sizeof(*text));
        *text = str_dup(&job->arena, rows_text(&reply->rows, 0, 0));
        job->data = text;
        job->effect.delay_us = reply->elapsed_us;
    }
    job->stage = 3;
    job_say(job, "rollback");
}

/* -------------------------------------------------------------- endpoints */

static void http_ended(struct child *child)
{
    struct performer *performer = child->performer;
    int status = child->end.how == PROC_EXITED ? child->end.status : -1;
    struct monitor_answer answer =
        monitor_http_answer(strbuf_str(&child->output), status, performer_now_us(performer));
    struct str text = answer.reason[0] != '\0'
                          ? str_from(answer.reason)
                          : str_format(&child->arena, "HTTP %.0f", answer.sample.value);
    tell(performer, child->effect.index, answer.sample, text,
         answer.took_us > 0 ? answer.took_us : child->end.elapsed_us);
}

static void probe_http(struct performer *performer, const struct effect *effect)
{
    const struct plan_probe *probe = probe_at(performer, effect->index);
    struct arena arena = {0};
    struct strbuf url = {0};
    struct err err = {0};
    bool ok = plan_fill(&url, probe->http, performer->target, &err);
    if (ok && !performer->curl) {
        performer->curl = hook_program(performer->plan, &performer->arena, "curl", &err);
        ok = performer->curl != NULL;
    }
    if (ok) {
        struct monitor_http http = {.curl = performer->curl,
                                    .url = strbuf_str(&url),
                                    .socket = performer->app_socket,
                                    .timeout_us = probe->timeout_us};
        struct child_spec spec = {.argv = monitor_http_argv(&arena, &http),
                                  .timeout_us = probe->timeout_us + US_PER_SECOND,
                                  .ended = http_ended};
        ok = child_start(performer, effect, &spec, &err);
    }
    if (!ok) {
        tell_gap(performer, effect->index, err.message);
    }
    strbuf_release(&url);
    arena_release(&arena);
}

static void run_ended(struct child *child)
{
    struct performer *performer = child->performer;
    const struct plan_probe *probe = probe_at(performer, child->effect.index);
    int status = child->end.how == PROC_EXITED ? child->end.status : -1;
    struct str output = str_trim(strbuf_str(&child->output));
    int64_t now_us = performer_now_us(performer);
    struct monitor_answer answer = monitor_run_answer(status, now_us);
    double number = 0;
    if (status > 0 &&
        probe->comparator == PLAN_MATCHES) { /* what a failed program says fits nothing */
        answer.sample.value = 0;
        (void)snprintf(answer.reason, sizeof(answer.reason), "exit status %d", status);
    } else if (status == 0 && probe->comparator == PLAN_MATCHES) {
        answer = monitor_text_answer(probe->matches.text, output, now_us);
    } else if (status == 0 && probe->comparator != PLAN_COMPARE_UNSAID &&
               str_to_double(output, &number) && isfinite(number)) {
        answer.sample.value = number;
    }
    struct str line = str_slice(output, 0, str_find_byte(output, '\n', 0));
    tell(performer, child->effect.index, answer.sample,
         answer.reason[0] != '\0' ? str_from(answer.reason)
                                  : sanitise_line(&child->arena, line),
         child->end.elapsed_us);
}

static void probe_run(struct performer *performer, const struct effect *effect)
{
    const struct plan_probe *probe = probe_at(performer, effect->index);
    struct child_spec spec = {
        .run = &probe->run, .timeout_us = probe->timeout_us, .ended = run_ended};
    struct err err = {0};
    if (!child_start(performer, effect, &spec, &err)) {
        tell_gap(performer, effect->index, err.message);
    }
}

/* --------------------------------------------------------------------- log */

enum {
    LOG_BYTES_MAX = 4 << 20 /* of one look; a flood beyond it is skipped, and said */
};

/* Opens the log and places the first look at its end: what was there before is not ours. */
static bool log_open(struct performer *performer, int index, struct err *err)
{
    struct probe_state *state = &performer->probes[index];
    const struct plan_probe *probe = probe_at(performer, index);
    struct strbuf path = {0};
    struct stat info;
    bool ok = plan_fill(&path, probe->log.file, performer->target, err);
    int fd = ok ? open(path.ptr, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK) : -1;
    if (ok && (fd < 0 || fstat(fd, &info) != 0 || !S_ISREG(info.st_mode))) {
        ok = err_set(err, ERR_CHECK, "%s: %s", path.ptr,
                     fd < 0 ? strerror(errno) : "is no regular file");
    }
    strbuf_release(&path);
    if (!ok) {
        if (fd >= 0) {
            close(fd);
        }
        return false;
    }
    bool first = state->log == NULL;
    bool other = state->log_inode != (int64_t)info.st_ino;
    if (first) {
        state->log = monitor_log_new(probe->log.match, err);
        state->log_offset = info.st_size;
    } else if (other || info.st_size < state->log_offset) {
        monitor_log_restart(state->log);
        state->log_offset = 0;
    }
    state->log_inode = (int64_t)info.st_ino;
    state->log_fd = fd;
    return state->log != NULL;
}

static void probe_log(struct performer *performer, const struct effect *effect)
{
    struct probe_state *state = &performer->probes[effect->index];
    struct err err = {0};
    struct strbuf bytes = {0};
    if (!log_open(performer, effect->index, &err)) {
        tell_gap(performer, effect->index, err.message);
        return;
    }
    char piece[16384];
    ssize_t n = 1;
    while (n > 0 && bytes.len < LOG_BYTES_MAX) {
        n = pread(state->log_fd, piece, sizeof(piece), (off_t)state->log_offset);
        if (n > 0) {
            strbuf_add(&bytes, (struct str){piece, (size_t)n});
            state->log_offset += n;
        }
    }
    close(state->log_fd);
    state->log_fd = -1;
    struct monitor_matches matches = monitor_log_feed(state->log, strbuf_str(&bytes));
    struct arena arena = {0};
    struct monitor_sample sample = {.at_us = performer_now_us(performer),
                                    .outcome = n < 0 ? MONITOR_UNKNOWN : MONITOR_OK,
                                    .value = (double)matches.matches};
    tell(performer, effect->index, sample, sanitise_line(&arena, matches.last), 0);
    arena_release(&arena);
    strbuf_release(&bytes);
}

/* ---------------------------------------------------------------- dispatch */

void perform_probe(struct performer *performer, const struct effect *effect)
{
    switch (probe_at(performer, effect->index)->source) {
    case PLAN_PROBE_BUILTIN:
        probe_builtin(performer, effect);
        return;
    case PLAN_PROBE_SQL:
        start_one(performer, effect, sql_step);
        return;
    case PLAN_PROBE_RUN:
        probe_run(performer, effect);
        return;
    case PLAN_PROBE_HTTP:
        probe_http(performer, effect);
        return;
    case PLAN_PROBE_LOG:
        probe_log(performer, effect);
        return;
    case PLAN_PROBE_UNSAID:
        tell_gap(performer, effect->index, "nothing to measure");
        return;
    }
}

void probes_release(struct performer *performer)
{
    for (size_t i = 0; performer->probes && i < performer->run->probe_count; i++) {
        monitor_log_free(performer->probes[i].log);
    }
}
