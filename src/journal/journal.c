/* SPDX-License-Identifier: PostgreSQL */
/*
 * The writing side: a directory that is ours alone, a file that only grows, and a
 * latch. A record counts as written when write() took all of it, and as certain when
 * fdatasync() said so afterwards. When the disk is full the reserve file goes, the
 * record under way is completed in its room, and the caller is told that this was
 * the last. After a failed sync the kernel may have thrown the pages away and a later
 * sync would lie: then nothing is written any more.
 */
#include "journal_private.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "files.h"

struct journal {
    struct arena arena;
    const char *directory;
    int directory_fd;
    int fd;
    enum journal_trouble trouble;
    bool has_reserve;
    uint64_t count;
    char head[SHA256_HEX + 1];
    struct strbuf line;
};

enum {
    FILE_MODE = 0600,
    DIRECTORY_MODE = 0700
};

/* ------------------------------------------------------------------ writing */

static bool broken(struct journal *journal, const char *what, int error, struct err *err)
{
    journal->trouble = JOURNAL_BROKEN;
    err_set(err, ERR_RECORD, "could not %s the journal: %s", what, strerror(error));
    err_detail(err, "The record in %s ends before this.", journal->directory);
    err_hint(err, "Nothing further is sent to the database. Make room or repair the disk, "
                  "then resume this run.");
    return false;
}

/* Room for the record under way: true when there was a reserve to give up. */
static bool use_reserve(struct journal *journal)
{
    if (!journal->has_reserve) {
        return false;
    }
    journal->has_reserve = false;
    journal->trouble = JOURNAL_FULL;
    return unlinkat(journal->directory_fd, JOURNAL_RESERVE, 0) == 0;
}

/* Writes the line that stands in the buffer. A part that does not fit is cut off again. */
static bool put_line(struct journal *journal, struct err *err)
{
    size_t done = 0;
    while (done < journal->line.len) {
        ssize_t n = write(journal->fd, journal->line.ptr + done, journal->line.len - done);
        if (n > 0) {
            done += (size_t)n;
        } else if (n < 0 && errno == EINTR) {
            continue;
        } else {
            int error = n == 0 ? ENOSPC : errno;
            bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
            if (full && use_reserve(journal)) {
                continue;
            }
            off_t end = lseek(journal->fd, 0, SEEK_END);
            if (done > 0 && end >= (off_t)done &&
                ftruncate(journal->fd, end - (off_t)done) != 0) {
                error = errno; /* the torn line stays; a reader knows what it is */
            }
            return broken(journal, "write", error, err);
        }
    }
    return true;
}

static bool append(struct journal *journal, size_t start, struct err *err)
{
    if (journal->trouble == JOURNAL_BROKEN) {
        err_set(err, ERR_RECORD, "the journal cannot be trusted after an earlier error");
        err_hint(err, "Nothing further is sent to the database; resume this run.");
        return false;
    }
    struct sha256_hex hex = journal_line_end(&journal->line, start, journal->head);
    bool was_full = journal->trouble == JOURNAL_FULL;
    if (!put_line(journal, err)) {
        return false;
    }
    journal->count++;
    memcpy(journal->head, hex.text, sizeof(journal->head));
    if (journal->trouble == JOURNAL_FULL && !was_full) {
        err_set(err, ERR_RECORD, "the disk with the journal is full");
        err_detail(err, "The last record was written in the room of the reserve file in %s.",
                   journal->directory);
        err_hint(err, "Nothing further is sent to the database. Make room, then resume "
                      "this run.");
        return false;
    }
    return true;
}

static bool sync_file(struct journal *journal, struct err *err)
{
    int result;
    do {
        result = fdatasync(journal->fd);
    } while (result != 0 && errno == EINTR);
    return result == 0 || broken(journal, "sync", errno, err);
}

bool journal_append_event(struct journal *journal, const struct event *event, uint64_t *seq,
                          struct err *err)
{
    strbuf_clear(&journal->line);
    *seq = journal->count + 1;
    journal_line_begin(&journal->line, *seq, event->at_us, JOURNAL_EVENT);
    event_write(&journal->line, event);
    return append(journal, 0, err);
}

/* ------------------------------------------------------------ announcements */

static void put_number(struct strbuf *line, const char *key, int64_t value)
{
    if (value != 0) {
        strbuf_format(line, ",\"%s\":%lld", key, (long long)value);
    }
}

static void write_announcement(struct strbuf *line, const struct effect *effect,
                               const char *extra_json)
{
    strbuf_text(line, "{\"announce\":");
    json_quote(line, str_from(record_words[effect->record]));
    put_number(line, "number", (int64_t)effect->announced);
    if (effect->record == RECORD_PHASE) {
        strbuf_text(line, ",\"phase\":");
        json_quote(line, str_from(phase_words[effect->phase]));
    }
    if (effect->record == RECORD_TASK) {
        strbuf_text(line, ",\"task\":");
        json_quote(line, str_from(task_words[effect->task]));
    }
    if (effect->occasion != PLAN_WHEN_UNSAID) {
        strbuf_text(line, ",\"occasion\":");
        json_quote(line, str_from(plan_occasion_word(effect->occasion)));
    }
    if (effect->script >= 0) {
        strbuf_format(line, ",\"script\":%d", effect->script);
    }
    if (effect->record == RECORD_END) {
        strbuf_format(line, ",\"exit_code\":%d", effect->exit_code);
    }
    put_number(line, "index", effect->index);
    put_number(line, "attempt", effect->attempt);
    put_number(line, "xid", effect->xid);
    put_number(line, "pid", effect->pid);
    put_number(line, "backend_start_us", effect->backend_start_us);
    if (extra_json) {
        strbuf_text(line, ",\"evidence\":");
        strbuf_text(line, extra_json);
    }
    strbuf_byte(line, '}');
}

/* What may still be written when the reserve is gone: nothing that begins a change. */
static bool ends_only(enum record record)
{
    static const bool table[RECORD__COUNT] = {
        [RECORD_PHASE] = true, [RECORD_DECISION] = true, [RECORD_END] = true};
    return table[record];
}

bool journal_announce(struct journal *journal, const struct effect *effect, int64_t at_us,
                      const char *extra_json, struct err *err)
{
    if (journal->trouble == JOURNAL_FULL && !ends_only(effect->record)) {
        err_set(err, ERR_RECORD, "the disk with the journal is full");
        err_detail(err, "The announcement \"%s\" was not written, so that it is not done.",
                   record_words[effect->record]);
        err_hint(err, "Make room, then resume this run.");
        return false;
    }
    strbuf_clear(&journal->line);
    journal_line_begin(&journal->line, journal->count + 1, at_us, JOURNAL_ANNOUNCE);
    write_announcement(&journal->line, effect, extra_json);
    if (!append(journal, 0, err)) {
        return false;
    }
    return !effect->sync || sync_file(journal, err);
}

/* ------------------------------------------------------------------ opening */

static bool make_reserve(struct journal *journal, struct err *err)
{
    if (!files_remove(journal->directory_fd, JOURNAL_RESERVE, err)) {
        return false;
    }
    int fd =
        files_create_exclusive(journal->directory_fd, JOURNAL_RESERVE, FILE_MODE, NULL, err);
    if (fd < 0) {
        return false;
    }
    struct strbuf zeros = {0};
    strbuf_repeat(&zeros, '\0', JOURNAL_RESERVE_BYTES);
    bool ok = files_write_all(fd, strbuf_str(&zeros), NULL, err) && files_sync(fd, err);
    strbuf_release(&zeros);
    bool closed = files_close(fd, ok ? err : NULL);
    journal->has_reserve = ok && closed;
    return journal->has_reserve;
}

static bool take_lock(struct journal *journal, struct err *err)
{
    if (flock(journal->directory_fd, LOCK_EX | LOCK_NB) == 0) {
        return true;
    }
    if (errno == EWOULDBLOCK) {
        err_set(err, ERR_LOCKED, "another process works on the run in %s", journal->directory);
        err_hint(err, "Look at it with \"gonogo status\"; it was not touched.");
        return false;
    }
    return err_set(err, ERR_RECORD, "could not lock %s: %s", journal->directory,
                   strerror(errno));
}

static struct journal *journal_make(const char *directory)
{
    struct journal *journal = mem_zero(1, sizeof(*journal));
    journal->directory_fd = journal->fd = -1;
    journal->directory = str_text(&journal->arena, str_from(directory));
    memcpy(journal->head, JOURNAL_NO_HASH, sizeof(journal->head));
    return journal;
}

/* The head is on the disk, and so are the names that lead to it. */
static bool write_first(struct journal *journal, int root_fd, const struct journal_head *head,
                        int64_t at_us, struct err *err)
{
    journal->fd =
        files_create_exclusive(journal->directory_fd, JOURNAL_FILE, FILE_MODE, NULL, err);
    if (journal->fd < 0 || !make_reserve(journal, err)) {
        return false;
    }
    journal_line_begin(&journal->line, 1, at_us, JOURNAL_HEAD);
    journal_head_write(&journal->line, head);
    return append(journal, 0, err) && sync_file(journal, err) &&
           files_sync_directory(journal->directory_fd, err) &&
           files_sync_directory(root_fd, err);
}

struct journal *journal_open_new(const char *root, const struct journal_head *head,
                                 int64_t at_us, struct err *err)
{
    enum files_trouble trouble = FILES_OK;
    int root_fd = files_make_directory_private(root, &trouble, err);
    if (root_fd < 0) {
        return NULL;
    }
    struct strbuf path = {0};
    strbuf_format(&path, "%s/%.*s", root, STR_ARG(head->run));
    struct journal *journal = journal_make(path.ptr);
    strbuf_release(&path);
    const char *name = str_text(&journal->arena, head->run);
    journal->directory_fd = files_make_directory(root_fd, name, DIRECTORY_MODE, &trouble, err);
    bool ok = journal->directory_fd >= 0 && take_lock(journal, err) &&
              write_first(journal, root_fd, head, at_us, err);
    if (!ok && trouble == FILES_EXISTS && err) {
        err->kind = ERR_USAGE;
    } else if (!ok && err && err->kind != ERR_LOCKED) {
        err->kind = ERR_RECORD;
    }
    close(root_fd);
    if (!ok) {
        journal_close(journal);
        return NULL;
    }
    return journal;
}

/* Leaves the file as its good records are, and takes up the chain behind them. */
static bool take_up(struct journal *journal, struct err *err)
{
    struct journal_log log;
    if (!journal_read(journal->directory, &log, err)) {
        return false;
    }
    bool ok = log.verdict == JOURNAL_INTACT || log.verdict == JOURNAL_TORN;
    if (!ok) {
        struct strbuf text = {0};
        journal_verdict_text(&text, &log);
        err_set(err, ERR_RECORD, "the journal of this run is not whole: %s", text.ptr);
        err_hint(err, "It may be reported, not resumed. Nothing was changed.");
        strbuf_release(&text);
    } else {
        journal->count = log.count;
        memcpy(journal->head, log.records[log.count - 1].hash.ptr, SHA256_HEX);
    }
    if (ok && log.verdict == JOURNAL_TORN &&
        (ftruncate(journal->fd, (off_t)log.good) != 0 || !sync_file(journal, err))) {
        ok = err_set(err, ERR_RECORD, "could not cut the unfinished record off: %s",
                     strerror(errno));
    }
    journal_log_release(&log);
    return ok;
}

struct journal *journal_open_again(const char *directory, struct err *err)
{
    struct journal *journal = journal_make(directory);
    journal->directory_fd = files_open_directory(AT_FDCWD, directory, NULL, err);
    bool ok = journal->directory_fd >= 0 && take_lock(journal, err);
    if (ok) {
        journal->fd = files_open_beneath(journal->directory_fd, str_from(JOURNAL_FILE),
                                         O_RDWR | O_APPEND, 0, NULL, err);
        ok = journal->fd >= 0 && take_up(journal, err) && make_reserve(journal, err);
    }
    if (!ok) {
        if (err && err->kind != ERR_LOCKED) {
            err->kind = ERR_RECORD;
        }
        journal_close(journal);
        return NULL;
    }
    return journal;
}

void journal_close(struct journal *journal)
{
    if (!journal) {
        return;
    }
    if (journal->fd >= 0) {
        close(journal->fd);
    }
    if (journal->directory_fd >= 0) {
        close(journal->directory_fd);
    }
    strbuf_release(&journal->line);
    arena_release(&journal->arena);
    free(journal);
}

/* ------------------------------------------------------------------ looking */

enum journal_trouble journal_trouble(const struct journal *journal)
{
    return journal->trouble;
}

bool journal_has_failed(const struct journal *journal)
{
    return journal->trouble != JOURNAL_FINE;
}

const char *journal_directory(const struct journal *journal)
{
    return journal->directory;
}

int journal_directory_fd(const struct journal *journal)
{
    return journal->directory_fd;
}

uint64_t journal_count(const struct journal *journal)
{
    return journal->count;
}

const char *journal_head_hash(const struct journal *journal)
{
    return journal->head;
}
