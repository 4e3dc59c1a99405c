/* SPDX-License-Identifier: PostgreSQL */
/*
 * Writing so that a crash at any moment leaves the old or the new content, and so
 * that nothing planted at a name is ever written through. A new file is created
 * exclusively and narrow, then gets its exact mode; every write, sync and close
 * is checked; a rename counts only when its folder is synced.
 */
#include "files_private.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    TEMPORARY_TRIES = 100,
    TEMPORARY_NAME_MAX = 64,
    WAIT_FOR_EVER = -1
};

int files_create_exclusive(int dir_fd, const char *name, mode_t mode,
                           enum files_trouble *trouble, struct err *err)
{
    struct files_act act = {"create", str_from(name), ERR_RECORD};

    if (!files_is_name(name)) {
        files_refuse(&act, FILES_OUTSIDE, trouble, err);
        return -1;
    }
    int fd = files_create(dir_fd, name, O_RDWR | O_NOFOLLOW, mode);
    if (fd < 0) {
        files_refuse_errno(&act, errno, trouble, err);
    } else if (trouble) {
        *trouble = FILES_OK;
    }
    return fd;
}

/* After EAGAIN: until the descriptor takes bytes again. */
static bool wait_writable(int fd)
{
    struct pollfd one = {.fd = fd, .events = POLLOUT};

    return poll(&one, 1, WAIT_FOR_EVER) >= 0 || errno == EINTR;
}

/* False with errno. */
static bool write_pieces(int fd, struct str bytes)
{
    while (bytes.len > 0) {
        ssize_t done = write(fd, bytes.ptr, bytes.len);
        if (done > 0) {
            bytes = str_slice(bytes, (size_t)done, bytes.len);
        } else if (done == 0) {
            errno = EIO; /* no progress and no reason: never spin */
            return false;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            if (!wait_writable(fd)) {
                return false;
            }
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

bool files_write_all(int fd, struct str bytes, enum files_trouble *trouble, struct err *err)
{
    static const struct files_act act = {"write", {"file", 4}, ERR_RECORD};

    if (!write_pieces(fd, bytes)) {
        return files_refuse_errno(&act, errno, trouble, err);
    }
    if (trouble) {
        *trouble = FILES_OK;
    }
    return true;
}

static bool sync_data(int fd)
{
    int result = 0;

    do {
        result = fdatasync(fd);
    } while (result != 0 && errno == EINTR);
    return result == 0;
}

/* Some file systems cannot sync a folder and say EINVAL: names are safe there or nowhere. */
static bool sync_names(int dir_fd)
{
    int result = 0;

    do {
        result = fsync(dir_fd);
    } while (result != 0 && errno == EINTR);
    return result == 0 || errno == EINVAL;
}

bool files_sync(int fd, struct err *err)
{
    static const struct files_act act = {"sync to the disk the", {"file", 4}, ERR_RECORD};
    return sync_data(fd) || files_refuse_errno(&act, errno, NULL, err);
}

bool files_sync_directory(int dir_fd, struct err *err)
{
    static const struct files_act act = {"sync to the disk the", {"folder", 6}, ERR_RECORD};
    return sync_names(dir_fd) || files_refuse_errno(&act, errno, NULL, err);
}

bool files_rename(int dir_fd, const char *from, const char *to, struct err *err)
{
    struct files_act act = {"rename", str_from(from), ERR_RECORD};

    if (!files_is_name(from) || !files_is_name(to)) {
        return files_refuse(&act, FILES_OUTSIDE, NULL, err);
    }
    if (renameat(dir_fd, from, dir_fd, to) != 0) {
        return files_refuse_errno(&act, errno, NULL, err);
    }
    return files_sync_directory(dir_fd, err);
}

bool files_remove(int dir_fd, const char *name, struct err *err)
{
    struct files_act act = {"remove", str_from(name), ERR_RECORD};

    if (!files_is_name(name)) {
        return files_refuse(&act, FILES_OUTSIDE, NULL, err);
    }
    if (unlinkat(dir_fd, name, 0) != 0 && errno != ENOENT) {
        return files_refuse_errno(&act, errno, NULL, err);
    }
    return files_sync_directory(dir_fd, err);
}

bool files_close(int fd, struct err *err)
{
    static const struct files_act act = {"close", {"file", 4}, ERR_RECORD};
    return close(fd) == 0 || errno == EINTR || files_refuse_errno(&act, errno, NULL, err);
}

/* A temporary name of this process that nobody holds; leaves it in `name`. -1 with errno. */
static int create_temporary(int dir_fd, char name[TEMPORARY_NAME_MAX], mode_t mode)
{
    for (int i = 0; i < TEMPORARY_TRIES; i++) {
        (void)snprintf(name, TEMPORARY_NAME_MAX, ".new-%ld-%d", (long)getpid(), i);
        int fd = files_create(dir_fd, name, O_RDWR | O_NOFOLLOW, mode);
        if (fd >= 0 || errno != EEXIST) {
            return fd;
        }
    }
    errno = EEXIST;
    return -1;
}

bool files_write_atomic(int dir_fd, const char *name, struct str bytes, mode_t mode,
                        enum files_trouble *trouble, struct err *err)
{
    struct files_act act = {"write", str_from(name), ERR_RECORD};
    char temporary[TEMPORARY_NAME_MAX];

    if (!files_is_name(name)) {
        return files_refuse(&act, FILES_OUTSIDE, trouble, err);
    }
    int fd = create_temporary(dir_fd, temporary, mode);
    if (fd < 0) {
        return files_refuse_errno(&act, errno, trouble, err);
    }
    bool ok = write_pieces(fd, bytes) && sync_data(fd);
    int error_number = errno;
    if (close(fd) != 0 && ok && errno != EINTR) {
        ok = false;
        error_number = errno;
    }
    if (ok && renameat(dir_fd, temporary, dir_fd, name) != 0) {
        ok = false;
        error_number = errno;
    }
    if (!ok) {
        (void)unlinkat(dir_fd, temporary, 0);
        return files_refuse_errno(&act, error_number, trouble, err);
    }
    if (!sync_names(dir_fd)) {
        return files_refuse_errno(&act, errno, trouble, err);
    }
    if (trouble) {
        *trouble = FILES_OK;
    }
    return true;
}
