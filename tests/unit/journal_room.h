/* SPDX-License-Identifier: PostgreSQL */
/*
 * For tests of the journal: a run directory on a real file system, with a few records in it.
 */
#ifndef GONOGO_TEST_JOURNAL_ROOM_H
#define GONOGO_TEST_JOURNAL_ROOM_H

#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "files.h"
#include "journal_private.h"

#define NOON INT64_C(1706702400000000) /* 2024-01-31 12:00 UTC */

struct place {
    char root[64];
    char path[128];
    struct journal_head head;
};

static inline int setup(void **state)
{
    struct place *place = mem_zero(1, sizeof(*place));
    snprintf(place->root, sizeof(place->root), "/tmp/gonogo-journal-XXXXXX");
    assert_non_null(mkdtemp(place->root));
    snprintf(place->path, sizeof(place->path), "%s/runs/r1", place->root);
    place->head = (struct journal_head){.version = STR("0.1.0"),
                                        .run = STR("r1"),
                                        .plan = STR("/plans/p.yaml"),
                                        .name = STR("a plan"),
                                        .digest = STR("d1"),
                                        .target = STR("demo"),
                                        .mode = RUN_REHEARSAL,
                                        .time_scale = 720.0,
                                        .opens_us = NOON,
                                        .who = STR("anna@host")};
    *state = place;
    return 0;
}

static inline int teardown(void **state)
{
    struct place *place = *state;
    struct err err = {0};
    const char *name = strrchr(place->root, '/') + 1;
    int tmp = files_open_directory(AT_FDCWD, "/tmp", NULL, &err);
    assert_true(files_remove_tree(tmp, name, &err));
    close(tmp);
    free(place);
    return 0;
}

static inline struct journal *open_new(struct place *place)
{
    struct err err = {0};
    char root[96];
    snprintf(root, sizeof(root), "%s/runs", place->root);
    struct journal *journal = journal_open_new(root, &place->head, NOON, &err);
    if (!journal) {
        print_error("%s\n", err.message);
    }
    assert_non_null(journal);
    return journal;
}

static inline void add_event(struct journal *journal, enum event_kind kind, const char *text)
{
    struct err err = {0};
    uint64_t seq = 0;
    struct event event = {.kind = kind, .at_us = NOON, .script = -1, .text = str_from(text)};
    assert_true(journal_append_event(journal, &event, &seq, &err));
    assert_int_equal(seq, journal_count(journal));
}

static inline bool announce(struct journal *journal, enum record record, int script)
{
    struct err err = {0};
    struct effect effect = {.kind = EFFECT_JOURNAL,
                            .record = record,
                            .script = script,
                            .sync = true,
                            .xid = 77,
                            .pid = 88,
                            .announced = 1};
    return journal_announce(journal, &effect, NOON, "{\"ledger_key\":\"011\"}", &err);
}

/* A journal with a head and six records. */
static inline void write_some(struct place *place)
{
    struct journal *journal = open_new(place);
    add_event(journal, EVENT_START, "");
    add_event(journal, EVENT_SCRIBE, "one \"quoted\" \\ line");
    assert_true(announce(journal, RECORD_INTENT, 0));
    add_event(journal, EVENT_SCRIBE, "two");
    assert_true(announce(journal, RECORD_COMMIT_SENT, 0));
    add_event(journal, EVENT_SCRIBE, "three");
    journal_close(journal);
}

static inline void file_path(const struct place *place, const char *name, char *out,
                             size_t size)
{
    snprintf(out, size, "%s/%s", place->path, name);
}

static inline struct strbuf read_journal(const struct place *place)
{
    char path[256];
    struct strbuf bytes = {0};
    struct err err = {0};
    file_path(place, JOURNAL_FILE, path, sizeof(path));
    assert_true(files_read(AT_FDCWD, path, JOURNAL_SIZE_MAX, &bytes, NULL, &err));
    return bytes;
}

static inline void write_journal(const struct place *place, struct str bytes)
{
    char path[256];
    struct err err = {0};
    file_path(place, JOURNAL_FILE, path, sizeof(path));
    int fd = open(path, O_WRONLY | O_TRUNC);
    assert_true(fd >= 0);
    assert_true(files_write_all(fd, bytes, NULL, &err));
    close(fd);
}

#endif
