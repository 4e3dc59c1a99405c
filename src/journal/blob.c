/* SPDX-License-Identifier: PostgreSQL */
/*
 * Blobs: bytes under the name of their own hash, so that a record which names one
 * says which bytes it means, and nobody has to believe the file.
 */
#include "journal_private.h"

#include <fcntl.h>
#include <unistd.h>

#include "files.h"

static bool is_hash(struct str name)
{
    if (name.len != SHA256_HEX) {
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
            return false;
        }
    }
    return true;
}

bool journal_store_blob(struct journal *journal, struct str bytes, struct sha256_hex *name,
                        struct err *err)
{
    *name = sha256_of(bytes);
    int directory = journal_directory_fd(journal);
    if (faccessat(directory, name->text, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
        struct strbuf there = {0};
        bool same = journal_load_blob(directory, sha256_str(name), &there, err);
        strbuf_release(&there);
        return same;
    }
    if (!files_write_atomic(directory, name->text, bytes, 0600, NULL, err)) {
        if (err) {
            err->kind = ERR_RECORD;
        }
        return false;
    }
    return true;
}

bool journal_load_blob(int directory_fd, struct str name, struct strbuf *out, struct err *err)
{
    if (!is_hash(name)) {
        return err_set(err, ERR_RECORD, "\"%.*s\" is no name of a stored file", STR_ARG(name));
    }
    size_t before = out->len;
    if (!files_read_beneath(directory_fd, name, JOURNAL_BLOB_MAX, out, NULL, err)) {
        if (err) {
            err->kind = ERR_RECORD;
        }
        return false;
    }
    struct sha256_hex hex = sha256_of(str_slice(strbuf_str(out), before, out->len - before));
    if (!str_is(sha256_str(&hex), name)) {
        err_set(err, ERR_RECORD, "the stored file %.*s was changed", STR_ARG(name));
        err_hint(err, "This run cannot be resumed from it; nothing was changed.");
        return false;
    }
    return true;
}
