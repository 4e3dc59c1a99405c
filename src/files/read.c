/* SPDX-License-Identifier: PostgreSQL */
/*
 * Reading whole files, with a cap. A file is opened without waiting (a FIFO at the
 * name must not hang us), judged by its descriptor and not by its name (so that
 * nobody can swap it in between), and read to its end. A file that grows while it
 * is read is held to the same cap. What fails leaves the buffer as it was.
 */
#include "files_private.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    PIECE = 16 * 1024,
    HASH_PIECE = 128 * 1024
};

static ssize_t read_piece(int fd, char *piece, size_t size)
{
    ssize_t got = 0;

    do {
        got = read(fd, piece, size);
    } while (got < 0 && errno == EINTR);
    return got;
}

/* Fills `status` and insists on an ordinary file. */
static bool judge(int fd, const struct files_act *act, struct stat *status,
                  enum files_trouble *trouble, struct err *err)
{
    if (fstat(fd, status) != 0) {
        return files_refuse_errno(act, errno, trouble, err);
    }
    return S_ISREG(status->st_mode) || files_refuse(act, FILES_NOT_REGULAR, trouble, err);
}

/* The cap is named: who has a file that is too large wants to know by how much. */
static bool too_large(const struct files_act *act, size_t max, enum files_trouble *trouble,
                      struct err *err)
{
    struct strbuf cap = {0};
    size_to_text(&cap, (int64_t)max);
    files_refuse(act, FILES_TOO_LARGE, trouble, err);
    err_detail(err, "At most %s (%zu bytes) are read.", cap.ptr, max);
    strbuf_release(&cap);
    return false;
}

static bool read_to_end(int fd, const struct files_act *act, size_t max, struct strbuf *out,
                        enum files_trouble *trouble, struct err *err)
{
    char piece[PIECE];
    size_t total = 0;

    for (;;) {
        ssize_t got = read_piece(fd, piece, sizeof(piece));
        if (got < 0) {
            return files_refuse_errno(act, errno, trouble, err);
        }
        if (got == 0) {
            return true;
        }
        if ((size_t)got > max - total) {
            return too_large(act, max, trouble, err);
        }
        strbuf_add(out, (struct str){piece, (size_t)got});
        total += (size_t)got;
    }
}

/* What fails leaves `out` as it was. */
static bool read_whole(int fd, const struct files_act *act, size_t max, struct strbuf *out,
                       enum files_trouble *trouble, struct err *err)
{
    size_t before = out->len;
    if (!read_to_end(fd, act, max, out, trouble, err)) {
        out->len = before;
        if (out->ptr) {
            out->ptr[before] = '\0';
        }
        return false;
    }
    if (trouble) {
        *trouble = FILES_OK;
    }
    return true;
}

static bool read_fd(int fd, const struct files_act *act, size_t max, struct strbuf *out,
                    enum files_trouble *trouble, struct err *err)
{
    struct stat status;

    if (!judge(fd, act, &status, trouble, err)) {
        return false;
    }
    if (status.st_size > 0 && (uintmax_t)status.st_size > max) {
        return too_large(act, max, trouble, err);
    }
    return read_whole(fd, act, max, out, trouble, err);
}

bool files_read_stream(int fd, const char *name, size_t max, struct strbuf *out,
                       enum files_trouble *trouble, struct err *err)
{
    struct files_act act = {"read", str_from(name), ERR_USAGE};
    return read_whole(fd, &act, max, out, trouble, err);
}

bool files_read_fd(int fd, const char *name, size_t max, struct strbuf *out,
                   enum files_trouble *trouble, struct err *err)
{
    struct files_act act = {"read", str_from(name), ERR_USAGE};
    return read_fd(fd, &act, max, out, trouble, err);
}

bool files_read(int dir_fd, const char *path, size_t max, struct strbuf *out,
                enum files_trouble *trouble, struct err *err)
{
    struct files_act act = {"read", str_from(path), ERR_USAGE};
    int fd = files_openat(dir_fd, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);

    if (fd < 0) {
        return files_refuse_errno(&act, errno, trouble, err);
    }
    bool ok = read_fd(fd, &act, max, out, trouble, err);
    files_drop(fd);
    return ok;
}

bool files_read_beneath(int root_fd, struct str path, size_t max, struct strbuf *out,
                        enum files_trouble *trouble, struct err *err)
{
    struct files_act act = {"read", path, ERR_USAGE};
    int fd = files_open_beneath(root_fd, path, O_RDONLY, 0, trouble, err);

    if (fd < 0) {
        return false;
    }
    bool ok = read_fd(fd, &act, max, out, trouble, err);
    files_drop(fd);
    return ok;
}

bool files_size(int fd, int64_t *size, struct err *err)
{
    static const struct files_act act = {"measure", {"file", 4}, ERR_USAGE};
    struct stat status;

    if (!judge(fd, &act, &status, NULL, err)) {
        return false;
    }
    *size = (int64_t)status.st_size;
    return true;
}

bool files_sha256(int fd, struct sha256_hex *hex, struct err *err)
{
    static const struct files_act act = {"hash", {"file", 4}, ERR_USAGE};
    struct stat status;

    if (!judge(fd, &act, &status, NULL, err)) {
        return false;
    }
    char *piece = mem_alloc(HASH_PIECE);
    struct sha256 *hash = sha256_new();
    off_t at = 0;
    bool ok = true;
    for (;;) {
        ssize_t got = pread(fd, piece, HASH_PIECE, at);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            ok = files_refuse_errno(&act, errno, NULL, err);
        }
        if (got <= 0) {
            break;
        }
        sha256_add(hash, (struct str){piece, (size_t)got});
        at += got;
    }
    struct sha256_hex result = sha256_end(hash);
    free(piece);
    if (ok) {
        *hex = result;
    }
    return ok;
}
