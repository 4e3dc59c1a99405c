/* SPDX-License-Identifier: PostgreSQL */
/*
 * Reports: of a run that is at its end, and again of a run folded from its journal.
 * Verifying asks separate questions and answers each by itself: does the chain hold, was
 * the tail cut off that the report saw, is the report what was recorded, are the stored
 * files what they were.
 */
#include "app_report.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db.h"
#include "files.h"
#include "report.h"

enum {
    REPORT_MODE = 0600
};
#define REPORT_SIZE_MAX ((size_t)64 << 20)

/* ------------------------------------------------------------------ writing */

static struct report_context context_of(const struct report_job *job, struct arena *arena)
{
    size_t count = job->head->files.count;
    struct report_source *sources = arena_array(arena, count + 1, sizeof(*sources));
    for (size_t i = 0; i < count; i++) {
        const struct journal_pair *pair = &job->head->files.items[i];
        bool plan = pair->name.len == 0;
        sources[i] = (struct report_source){plan ? STR("plan") : pair->name, pair->value};
    }
    return (struct report_context){
        .version = job->head->version,
        .connection = str_from(job->connection),
        .journal_entries = job->journal_records,
        .journal_head = job->journal_hash,
        .chain = str_from(job->chain),
        .approval = job->head->approval,
        .answers_sha256 = job->head->answers,
        .directory = str_from(job->directory),
        .sources = sources,
        .source_count = count,
    };
}

static bool not_whole(struct err *err)
{
    err_context(err, "the report was not written whole");
    err_hint(err, "\"gonogo report\" writes it again from the journal.");
    return false;
}

static bool write_one(int folder, const char *name, struct str text, struct err *err)
{
    return files_write_atomic(folder, name, text, REPORT_MODE, NULL, err) || not_whole(err);
}

/* A file that is written in pieces: never whole in memory. */
struct growing {
    int fd;
    struct sha256 *hash;
    struct err *err;
    bool ok;
};

static void take_piece(void *ctx, struct str piece)
{
    struct growing *growing = ctx;
    sha256_add(growing->hash, piece);
    growing->ok = growing->ok && files_write_all(growing->fd, piece, NULL, growing->err);
}

/* Under another name first: the old report stays until all of the new one is on the disk. */
static bool write_grown(int folder, const struct report *report, enum report_format format,
                        struct sha256_hex *hash, struct err *err)
{
    const char *name = report_file(format);
    char other[64];
    (void)snprintf(other, sizeof(other), ".new-%ld-%s", (long)getpid(), name);
    struct growing growing = {.fd = -1, .hash = sha256_new(), .err = err, .ok = true};
    growing.fd = files_create_exclusive(folder, other, REPORT_MODE, NULL, NULL);
    if (growing.fd < 0) { /* left by one that was killed, or no file can be made here */
        (void)unlinkat(folder, other, 0);
        growing.fd = files_create_exclusive(folder, other, REPORT_MODE, NULL, err);
    }
    growing.ok = growing.fd >= 0;
    if (growing.ok) {
        report_write_pieces(report, format,
                            &(struct report_drain){.take = take_piece, .ctx = &growing});
        growing.ok = growing.ok && files_sync(growing.fd, err);
        growing.ok = files_close(growing.fd, growing.ok ? err : NULL) && growing.ok;
        growing.ok = growing.ok && files_rename(folder, other, name, err);
    }
    *hash = sha256_end(growing.hash);
    if (growing.fd >= 0 && !growing.ok) {
        (void)unlinkat(folder, other, 0);
    }
    return growing.ok || not_whole(err);
}

static bool write_all(const struct report_job *job, const struct report *report,
                      const struct report_formats *formats, int folder, struct arena *arena,
                      struct str *hash, struct err *err)
{
    struct str named = report_named_file(job->run->plan, arena);
    bool ok = true;
    for (size_t i = 0; ok && i < formats->count; i++) {
        enum report_format format = formats->items[i];
        struct sha256_hex hex;
        ok = write_grown(folder, report, format, &hex, err);
        if (ok && format == REPORT_MD && named.len > 0) {
            struct strbuf text = {0};
            report_write(report, format, &text);
            ok = write_one(folder, named.ptr, strbuf_str(&text), err);
            strbuf_release(&text);
        }
        if (format == REPORT_JSON || i == 0) {
            *hash = str_dup(arena, sha256_str(&hex));
        }
    }
    return ok;
}

bool app_report_write(const struct report_job *job, struct arena *arena, struct str *hash,
                      struct err *err)
{
    struct report_formats formats;
    if (!report_formats_parse(str_from(job->formats), &formats, err)) {
        return false;
    }
    struct report_context context = context_of(job, arena);
    const struct report *report = report_build(job->run, &context, arena);
    int folder = files_make_directory_private(job->folder, NULL, err);
    bool ok = folder >= 0 && write_all(job, report, &formats, folder, arena, hash, err);
    if (folder >= 0) {
        close(folder);
    }
    return ok;
}

/* The head's pairs as people may see them; there is no password among them. */
static const char *connection_of(const struct journal_head *head, struct arena *arena)
{
    struct db_params params = {0};
    struct strbuf text = {0};
    for (size_t i = 0; i < head->connection.count; i++) {
        const struct journal_pair *pair = &head->connection.items[i];
        db_params_set(&params, arena, str_text(arena, pair->name),
                      str_text(arena, pair->value));
    }
    db_params_redact(&params, &text);
    const char *copy = str_text(arena, strbuf_str(&text));
    strbuf_release(&text);
    return copy;
}

/* The newest record before a report was first told of: what that report carried as head. */
static const struct journal_record *record_before_report(const struct journal_log *log)
{
    for (size_t i = log->count; i > 1; i--) {
        if (str_starts(log->records[i - 1].data, "{\"event\":\"reported\"")) {
            return &log->records[i - 2];
        }
    }
    return &log->records[log->count - 1];
}

static struct report_job job_of_fold(const struct app_fold *fold, struct arena *arena)
{
    const struct journal_record *last = record_before_report(&fold->log);
    return (struct report_job){.run = &fold->run,
                               .plan = &fold->plan,
                               .head = &fold->log.head,
                               .journal_hash = last->hash,
                               .journal_records = last->seq,
                               .chain = journal_verdict_words[fold->log.verdict],
                               .connection = connection_of(&fold->log.head, arena),
                               .directory = fold->directory};
}

bool app_report(const struct app_fold *fold, const char *folder, const char *formats,
                struct err *err)
{
    struct arena arena = {0};
    struct str hash;
    const char *own = str_format(&arena, "%s/report", fold->directory).ptr;
    char *full = folder && folder[0] != '/' ? realpath(folder, NULL) : NULL;
    if (folder && folder[0] != '/' && !full) {
        char here[4096];
        folder =
            getcwd(here, sizeof(here)) ? str_format(&arena, "%s/%s", here, folder).ptr : folder;
    }
    struct report_job job = job_of_fold(fold, &arena);
    job.folder = full ? full : folder ? folder : own;
    job.formats = formats;
    bool ok = app_report_write(&job, &arena, &hash, err);
    free(full);
    arena_release(&arena);
    return ok;
}

static void put_markdown(const struct report_job *job, struct strbuf *out, struct arena *arena)
{
    struct report_context context = context_of(job, arena);
    report_write(report_build(job->run, &context, arena), REPORT_MD, out);
}

void app_report_fold_text(const struct app_fold *fold, struct strbuf *out)
{
    struct arena arena = {0};
    struct report_job job = job_of_fold(fold, &arena);
    put_markdown(&job, out, &arena);
    arena_release(&arena);
}

/* The file that was written when the run ended; false: there is none. */
static bool read_written(const struct run *run, struct strbuf *out, struct arena *arena)
{
    if (run->state != STATE_END || run->report_folder.len == 0) {
        return false;
    }
    const char *path = str_text(arena, run->report_folder);
    int folder = files_open_directory(AT_FDCWD, path, NULL, NULL);
    bool read = folder >= 0 &&
                files_read(folder, report_file(REPORT_MD), REPORT_SIZE_MAX, out, NULL, NULL);
    if (folder >= 0) {
        close(folder);
    }
    if (!read) {
        strbuf_clear(out);
    }
    return read;
}

void app_report_text(const struct app_view *view, struct strbuf *out)
{
    struct arena arena = {0};
    if (!read_written(view->run, out, &arena)) {
        struct report_job job = {.run = view->run,
                                 .plan = view->plan,
                                 .head = view->head,
                                 .journal_hash = str_from(journal_head_hash(view->journal)),
                                 .journal_records = journal_count(view->journal),
                                 .chain = "intact",
                                 .connection = view->connection,
                                 .directory = view->directory};
        put_markdown(&job, out, &arena);
    }
    arena_release(&arena);
}

void app_report_files(const struct app_view *view, struct strbuf *out)
{
    struct arena arena = {0};
    struct err err = {0};
    struct files_list list = {0};
    const char *path = str_text(&arena, view->run->report_folder);
    int folder = files_open_directory(AT_FDCWD, path, NULL, &err);
    if (folder < 0 || !files_list(folder, &arena, &list, &err)) {
        strbuf_format(out, "not known: %s\n", err.message);
    }
    for (size_t i = 0; i < list.count; i++) {
        struct stat about;
        struct str name = list.entries[i].name;
        sanitise(out, name, SANITISE_LINE);
        if (fstatat(folder, name.ptr, &about, AT_SYMLINK_NOFOLLOW) == 0) {
            strbuf_repeat(out, ' ', name.len < 24 ? 24 - name.len : 1);
            size_to_text(out, about.st_size);
        }
        strbuf_byte(out, '\n');
    }
    if (folder >= 0) {
        close(folder);
    }
    arena_release(&arena);
}

/* ---------------------------------------------------------------- verifying */

void app_evidence(const struct app_view *view, struct app_evidence *evidence)
{
    struct journal_log log = {0};
    *evidence = (struct app_evidence){.entries = journal_count(view->journal)};
    struct err err = {0};
    if (journal_read(view->directory, &log, &err) && log.count > 0) {
        struct str tail = log.records[log.count - 1].hash;
        evidence->entries = log.count;
        evidence->verdict = journal_verdict_words[log.verdict];
        (void)snprintf(evidence->tail.text, sizeof(evidence->tail.text), "%.*s", STR_ARG(tail));
    }
    journal_log_release(&log);
}

static bool say(struct strbuf *out, bool well, const char *what, const char *text)
{
    strbuf_format(out, "%-8s %s: %s\n", well ? "ok" : "NOT OK", what, text);
    return well;
}

/* Does the chain still hold the record that the report saw as its newest? */
static bool verify_report(struct strbuf *out, const struct journal_log *log, struct str text,
                          struct str recorded)
{
    struct err err = {0};
    struct json *report = json_read(text, &err);
    if (!report) {
        return say(out, false, "report", err.message);
    }
    const struct json *journal = json_find(report, "journal");
    struct str head = json_text(json_find(journal, "head"));
    uint64_t seq = journal_find(log, head);
    bool well = say(out, seq > 0, "anchor in report.json",
                    seq > 0 ? "the record that it names is in the chain"
                            : "the record that it names is not in the chain: the tail was cut "
                              "off, or all of it was written anew");
    struct sha256_hex hex = sha256_of(text);
    bool same = str_is(sha256_str(&hex), recorded);
    well = say(out, same, "report.json",
               same ? "is what was recorded"
                    : "is not what was recorded: it was changed or written again") &&
           well;
    json_free(report);
    return well;
}

static bool take_reported(void *ctx, const struct event *event, struct err *err)
{
    struct strbuf *hash = ctx;
    (void)err;
    if (event->kind == EVENT_REPORTED && event->hash.len > 0) {
        strbuf_clear(hash);
        strbuf_add(hash, event->hash);
    }
    return true;
}

static bool verify_files(struct strbuf *out, int directory, const struct journal_head *head)
{
    for (size_t i = 0; i < head->files.count; i++) {
        struct strbuf bytes = {0};
        struct err err = {0};
        bool well = journal_load_blob(directory, head->files.items[i].value, &bytes, &err);
        strbuf_release(&bytes);
        if (!well) {
            return say(out, false, "stored files", err.message);
        }
    }
    return say(out, true, "stored files", "plan and scripts are what was hashed");
}

static bool verify_all(struct strbuf *out, const char *directory, const struct journal_log *log)
{
    struct strbuf text = {0};
    struct strbuf recorded = {0};
    struct strbuf report = {0};
    struct err err = {0};
    journal_verdict_text(&text, log);
    bool whole = log->verdict == JOURNAL_INTACT;
    bool well = say(out, whole, "chain", text.ptr);
    int fd = files_open_directory(AT_FDCWD, directory, NULL, &err);
    well = fd >= 0 && verify_files(out, fd, &log->head) && well;
    if (!journal_fold(log, take_reported, &recorded, &err)) {
        well = say(out, false, "events", err.message);
    }
    bool there = fd >= 0 && files_read_beneath(fd, STR("report/report.json"), REPORT_SIZE_MAX,
                                               &report, NULL, NULL);
    if (there) {
        well = verify_report(out, log, strbuf_str(&report), strbuf_str(&recorded)) && well;
    } else if (recorded.len > 0 && log->head.report.len == 0) {
        well = say(out, false, "report.json", "was recorded and is not there any more");
    }
    if (fd >= 0) {
        close(fd);
    }
    strbuf_release(&text);
    strbuf_release(&recorded);
    strbuf_release(&report);
    return well;
}

bool app_report_verify(const char *run, const char *runs_root, struct strbuf *out,
                       struct err *err)
{
    struct arena arena = {0};
    struct journal_log log = {0};
    const char *directory = app_find_run(&arena, run, runs_root, err);
    bool well = false;
    if (directory && journal_read(directory, &log, err)) {
        well = verify_all(out, directory, &log);
        if (!well) {
            err_set(err, ERR_CHECK, "the record of this run is not as it was written");
        }
    }
    journal_log_release(&log);
    arena_release(&arena);
    return well;
}
