/* SPDX-License-Identifier: PostgreSQL */
/*
 * What the files of the journal share: the form of a line, and the head as JSON.
 * Nobody outside this room includes it.
 */
#ifndef GONOGO_JOURNAL_PRIVATE_H
#define GONOGO_JOURNAL_PRIVATE_H

#include "journal.h"

extern const char *const journal_type_words[JOURNAL_TYPE__COUNT];

enum {
    LINE_PREV_BYTES = sizeof(",\"prev\":\"") - 1 + SHA256_HEX + 1,
    LINE_HASH_BYTES = sizeof(",\"hash\":\"") - 1 + SHA256_HEX + 1,
    LINE_END_BYTES = LINE_PREV_BYTES + LINE_HASH_BYTES + 1, /* with the closing brace */
};

/* What stands for the hash before the first record. */
#define JOURNAL_NO_HASH "0000000000000000000000000000000000000000000000000000000000000000"

/* Appends {"seq":…,"at":…,"type":…,"data": ; the data follow, then journal_line_end(). */
void journal_line_begin(struct strbuf *line, uint64_t seq, int64_t at_us,
                        enum journal_type type);
/* Appends prev, hash, brace and newline; `start` is where the line began. Gives the hash. */
struct sha256_hex journal_line_end(struct strbuf *line, size_t start, const char *prev);
/* The hash that a line (without newline) should have: over `prev` and the bytes before it. */
struct sha256_hex journal_line_hash(struct str line, const char *prev);

void journal_head_write(struct strbuf *out, const struct journal_head *head);
bool journal_head_read(const struct json *object, struct arena *arena,
                       struct journal_head *head, struct err *err) MUST_CHECK;

#endif
