/* SPDX-License-Identifier: PostgreSQL */
/*
 * What a resume needs of the records: the events in their order, and what was
 * announced about the last COMMIT.
 */
#include "journal_private.h"

static bool fold_one(const struct journal_record *record, struct arena *arena,
                     journal_receiver receive, void *ctx, struct err *err)
{
    struct json *object = json_read(record->data, err);
    struct event event;
    bool ok = object && event_read(object, arena, &event, err);
    json_free(object);
    if (!ok) {
        err_context(err, "record %llu", (unsigned long long)record->seq);
        return false;
    }
    event.seq = record->seq;
    return receive(ctx, &event, err);
}

bool journal_fold(const struct journal_log *log, journal_receiver receive, void *ctx,
                  struct err *err)
{
    struct arena arena = {0};
    bool ok = true;
    for (size_t i = 0; i < log->count && ok; i++) {
        if (log->records[i].type == JOURNAL_EVENT) {
            arena_clear(&arena);
            ok = fold_one(&log->records[i], &arena, receive, ctx, err);
        }
    }
    arena_release(&arena);
    return ok;
}

static void take_announcement(const struct journal_record *record, const struct json *object,
                              struct journal_evidence *evidence)
{
    struct str word = json_text(json_find(object, "announce"));
    if (str_eq(word, record_words[RECORD_INTENT])) {
        *evidence = (struct journal_evidence){
            .script = (int)json_i64(json_find(object, "script"), -1), .statement = -1};
    } else if (str_eq(word, record_words[RECORD_STATEMENT])) {
        evidence->statement = (int)json_i64(json_find(object, "index"), 0);
    } else if (str_eq(word, record_words[RECORD_COMMIT_SENT])) {
        evidence->commit_sent = true;
        evidence->script = (int)json_i64(json_find(object, "script"), -1);
        evidence->xid = json_i64(json_find(object, "xid"), 0);
        evidence->pid = json_i64(json_find(object, "pid"), 0);
        evidence->backend_start_us = json_i64(json_find(object, "backend_start_us"), 0);
        evidence->detail = record->data;
    }
}

/* A definite answer to COMMIT settles it; an unknown one does not. */
static void take_event(const struct json *object, struct journal_evidence *evidence)
{
    struct str outcome = json_text(json_find(object, "outcome"));
    if (str_eq(json_text(json_find(object, "event")), event_infos[EVENT_COMMITTED].word) &&
        !str_eq(outcome, outcome_words[OUTCOME_UNKNOWN])) {
        *evidence = (struct journal_evidence){.script = -1, .statement = -1};
    }
}

/* Only these records matter; the others are not worth a tree. */
static bool may_matter(const struct journal_record *record)
{
    return record->type == JOURNAL_ANNOUNCE ||
           (record->type == JOURNAL_EVENT &&
            str_starts(record->data, "{\"event\":\"committed\""));
}

bool journal_evidence(const struct journal_log *log, struct journal_evidence *evidence,
                      struct err *err)
{
    *evidence = (struct journal_evidence){.script = -1, .statement = -1};
    for (size_t i = 0; i < log->count; i++) {
        const struct journal_record *record = &log->records[i];
        if (!may_matter(record)) {
            continue;
        }
        struct json *object = json_read(record->data, err);
        if (!object) {
            err_context(err, "record %llu", (unsigned long long)record->seq);
            return false;
        }
        if (record->type == JOURNAL_ANNOUNCE) {
            take_announcement(record, object, evidence);
        } else {
            take_event(object, evidence);
        }
        json_free(object);
    }
    return true;
}
