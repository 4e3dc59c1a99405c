/* SPDX-License-Identifier: PostgreSQL */
/*
 * The form of a line. Written straight into a buffer: with `transaction: each` two
 * lines stand between two statements, and each costs one write and one hash.
 */
#include "journal_private.h"

const char *const journal_type_words[JOURNAL_TYPE__COUNT] = {
    [JOURNAL_HEAD] = "head",
    [JOURNAL_EVENT] = "event",
    [JOURNAL_ANNOUNCE] = "announce",
};

void journal_line_begin(struct strbuf *line, uint64_t seq, int64_t at_us,
                        enum journal_type type)
{
    strbuf_text(line, "{\"seq\":");
    strbuf_i64(line, (int64_t)seq);
    strbuf_text(line, ",\"at\":\"");
    time_to_text(line, at_us);
    strbuf_text(line, "\",\"type\":\"");
    strbuf_text(line, journal_type_words[type]);
    strbuf_text(line, "\",\"data\":");
}

static struct sha256_hex hash_of(const char *prev, struct str body)
{
    struct sha256 *hash = sha256_new();
    sha256_add(hash, (struct str){prev, SHA256_HEX});
    sha256_add(hash, body);
    return sha256_end(hash);
}

struct sha256_hex journal_line_end(struct strbuf *line, size_t start, const char *prev)
{
    strbuf_text(line, ",\"prev\":\"");
    strbuf_add(line, (struct str){prev, SHA256_HEX});
    strbuf_byte(line, '"');
    struct sha256_hex hex = hash_of(prev, (struct str){line->ptr + start, line->len - start});
    strbuf_text(line, ",\"hash\":\"");
    strbuf_add(line, sha256_str(&hex));
    strbuf_text(line, "\"}\n");
    return hex;
}

struct sha256_hex journal_line_hash(struct str line, const char *prev)
{
    size_t end = LINE_HASH_BYTES + 1;
    return hash_of(prev, str_slice(line, 0, line.len > end ? line.len - end : 0));
}
