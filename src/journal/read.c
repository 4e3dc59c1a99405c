/* SPDX-License-Identifier: PostgreSQL */
/*
 * The reading side. First the chain, over the bytes as they stand; then, for what
 * passed, the JSON. A line that is unfinished at the very end is what a crash leaves;
 * anything else that does not follow is somebody's work.
 */
#include "journal_private.h"

#include <fcntl.h>
#include <unistd.h>

#include "files.h"

const char *const journal_verdict_words[JOURNAL_VERDICT__COUNT] = {
    [JOURNAL_INTACT] = "intact",   [JOURNAL_TORN] = "torn tail",
    [JOURNAL_ALTERED] = "altered", [JOURNAL_GAP] = "records missing",
    [JOURNAL_EMPTY] = "empty",
};

void journal_log_release(struct journal_log *log)
{
    strbuf_release(&log->bytes);
    free(log->records);
    journal_head_release(&log->head);
    arena_release(&log->arena);
    *log = (struct journal_log){0};
}

/* Takes `text` off the front. */
static bool take(struct str *rest, const char *text)
{
    if (!str_starts(*rest, text)) {
        return false;
    }
    *rest = str_slice(*rest, strlen(text), rest->len);
    return true;
}

static bool take_until(struct str *rest, char byte, struct str *piece)
{
    size_t at = str_find_byte(*rest, byte, 0);
    if (at == rest->len) {
        return false;
    }
    *piece = str_slice(*rest, 0, at);
    *rest = str_slice(*rest, at + 1, rest->len);
    return true;
}

/* The members that every line has, by place: a line of another form is altered. */
static bool split_line(struct str line, struct journal_record *record, struct str *prev)
{
    *record = (struct journal_record){.line = line};
    if (line.len < LINE_END_BYTES) {
        return false;
    }
    struct str end = str_slice(line, line.len - LINE_END_BYTES, LINE_END_BYTES);
    struct str rest = str_slice(line, 0, line.len - LINE_END_BYTES);
    struct str number;
    struct str type;
    if (!take(&end, ",\"prev\":\"") || !take_until(&end, '"', prev) ||
        !take(&end, ",\"hash\":\"") || !take_until(&end, '"', &record->hash) ||
        !str_eq(end, "}") || prev->len != SHA256_HEX || record->hash.len != SHA256_HEX) {
        return false;
    }
    int64_t seq = 0;
    if (!take(&rest, "{\"seq\":") || !take_until(&rest, ',', &number) ||
        !str_to_i64(number, &seq) || seq <= 0 || !take(&rest, "\"at\":\"") ||
        !take_until(&rest, '"', &record->at) || !take(&rest, ",\"type\":\"") ||
        !take_until(&rest, '"', &type) || !take(&rest, ",\"data\":")) {
        return false;
    }
    record->seq = (uint64_t)seq;
    record->data = rest;
    for (int i = 0; i < JOURNAL_TYPE__COUNT; i++) {
        if (str_eq(type, journal_type_words[i])) {
            record->type = (enum journal_type)i;
            return true;
        }
    }
    return false;
}

/* Judges one line against what stands before it. */
static enum journal_verdict judge_line(const struct journal_log *log, struct str line,
                                       struct journal_record *record)
{
    struct str prev;
    if (!split_line(line, record, &prev)) {
        return JOURNAL_ALTERED;
    }
    struct sha256_hex hex = journal_line_hash(line, prev.ptr);
    if (!str_is(sha256_str(&hex), record->hash)) {
        return JOURNAL_ALTERED;
    }
    struct str before =
        log->count > 0 ? log->records[log->count - 1].hash : str_from(JOURNAL_NO_HASH);
    if (!str_is(prev, before) || record->seq != log->count + 1 ||
        (record->type == JOURNAL_HEAD) != (log->count == 0)) {
        return JOURNAL_GAP;
    }
    return JOURNAL_INTACT;
}

static bool read_head(struct journal_log *log, struct err *err)
{
    struct json *object = json_read(log->records[0].data, err);
    bool ok = object && journal_head_read(object, &log->arena, &log->head, err);
    json_free(object);
    return ok;
}

bool journal_read_bytes(struct strbuf *bytes, struct journal_log *log, struct err *err)
{
    *log = (struct journal_log){.bytes = *bytes, .verdict = JOURNAL_INTACT};
    *bytes = (struct strbuf){0};
    struct str rest = strbuf_str(&log->bytes);
    while (rest.len > 0) {
        size_t end = str_find_byte(rest, '\n', 0);
        if (end == rest.len) {
            log->verdict = JOURNAL_TORN;
            break;
        }
        struct journal_record record;
        log->verdict = judge_line(log, str_slice(rest, 0, end), &record);
        if (log->verdict != JOURNAL_INTACT) {
            break;
        }
        *ARRAY_PUSH(log->records, log->count, log->capacity) = record;
        rest = str_slice(rest, end + 1, rest.len);
        log->good += end + 1;
    }
    if (log->verdict != JOURNAL_INTACT) {
        log->at = log->count + 1;
    }
    if (log->count == 0) {
        log->verdict = log->verdict == JOURNAL_ALTERED || log->verdict == JOURNAL_GAP
                           ? log->verdict
                           : JOURNAL_EMPTY;
        err_set(err, ERR_RECORD, "the journal has no head (%s)",
                journal_verdict_words[log->verdict]);
        journal_log_release(log);
        return false;
    }
    if (!read_head(log, err)) {
        journal_log_release(log);
        return false;
    }
    return true;
}

bool journal_read(const char *directory, struct journal_log *log, struct err *err)
{
    *log = (struct journal_log){0};
    int fd = files_open_directory(AT_FDCWD, directory, NULL, err);
    struct strbuf bytes = {0};
    bool ok = fd >= 0 && files_read_beneath(fd, str_from(JOURNAL_FILE), JOURNAL_SIZE_MAX,
                                            &bytes, NULL, err);
    if (fd >= 0) {
        close(fd);
    }
    ok = ok && journal_read_bytes(&bytes, log, err);
    if (!ok) {
        strbuf_release(&bytes);
        if (err) {
            err->kind = ERR_RECORD;
        }
    }
    return ok;
}

void journal_verdict_text(struct strbuf *out, const struct journal_log *log)
{
    const struct journal_record *last = &log->records[log->count - 1];
    switch (log->verdict) {
    case JOURNAL_INTACT:
        strbuf_format(out, "intact: %zu records, head %.*s", log->count, STR_ARG(last->hash));
        return;
    case JOURNAL_TORN:
        strbuf_format(out,
                      "torn tail: record %llu is unfinished, as a crash leaves it; the %zu "
                      "before it are intact, head %.*s",
                      (unsigned long long)log->at, log->count, STR_ARG(last->hash));
        return;
    case JOURNAL_ALTERED:
        strbuf_format(out, "altered: record %llu is not what was written",
                      (unsigned long long)log->at);
        return;
    case JOURNAL_GAP:
        strbuf_format(
            out, "records missing: what stands at %llu does not follow from the one before",
            (unsigned long long)log->at);
        return;
    case JOURNAL_EMPTY:
    case JOURNAL_VERDICT__COUNT:
        strbuf_text(out, "empty");
        return;
    }
}

uint64_t journal_find(const struct journal_log *log, struct str hash)
{
    for (size_t i = log->count; i > 0; i--) {
        if (str_is(log->records[i - 1].hash, hash)) {
            return log->records[i - 1].seq;
        }
    }
    return 0;
}
