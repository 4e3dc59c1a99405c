/* SPDX-License-Identifier: PostgreSQL */
/*
 * Making and opening folders, above all one that only we can enter.
 *
 * A private folder is worth as much as the folders above it: whoever may write to
 * one of those can move ours away and put another in its place. So the path is
 * walked from its beginning, each folder judged by its descriptor, before the
 * next is created in it.
 */
#include "files_private.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    PRIVATE_MODE = S_IRWXU,
    OTHERS_WRITE = S_IWGRP | S_IWOTH
};

static bool is_link(int dir_fd, const char *name)
{
    struct stat status;

    return fstatat(dir_fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(status.st_mode);
}

static bool is_ours_or_root(uid_t owner)
{
    return owner == geteuid() || owner == 0;
}

/*
 * Makes a folder and opens it; -1 with errno. The umask is out of the way for that moment:
 * one that takes our own rights away would leave a folder that only root can open.
 */
static int make_and_open(int dir_fd, const char *name, mode_t mode)
{
    mode_t mask = umask(0);
    int made = mkdirat(dir_fd, name, mode & PRIVATE_MODE);
    int made_errno = errno;
    umask(mask);
    if (made != 0) {
        errno = made_errno;
        return -1;
    }
    int fd = files_openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
    if (fd >= 0 && fchmod(fd, mode) != 0) {
        int error_number = errno;
        files_drop(fd);
        errno = error_number;
        return -1;
    }
    return fd;
}

int files_make_directory(int dir_fd, const char *name, mode_t mode, enum files_trouble *trouble,
                         struct err *err)
{
    struct files_act act = {"create folder", str_from(name), ERR_RECORD};

    if (!files_is_name(name)) {
        files_refuse(&act, FILES_OUTSIDE, trouble, err);
        return -1;
    }
    int fd = make_and_open(dir_fd, name, mode);
    if (fd < 0) {
        files_refuse_errno(&act, errno, trouble, err);
    } else if (trouble) {
        *trouble = FILES_OK;
    }
    return fd;
}

int files_open_directory(int dir_fd, const char *path, enum files_trouble *trouble,
                         struct err *err)
{
    struct files_act act = {"open folder", str_from(path), ERR_USAGE};
    int fd = files_openat(dir_fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);

    if (fd >= 0) {
        if (trouble) {
            *trouble = FILES_OK;
        }
        return fd;
    }
    int error_number = errno;
    if (is_link(dir_fd, path)) {
        files_refuse(&act, FILES_SYMLINK, trouble, err);
    } else {
        files_refuse_errno(&act, error_number, trouble, err);
    }
    return -1;
}

/* ---------------------------------------------------------- private folders */

/* Why an open folder may not be the last one, or a parent, of a private folder. */
static enum files_trouble judge_folder(int fd, bool last)
{
    struct stat status;

    if (fstat(fd, &status) != 0) {
        return FILES_FAILED;
    }
    if (last) {
        bool safe = status.st_uid == geteuid() && !(status.st_mode & OTHERS_WRITE);
        return safe ? FILES_OK : FILES_DENIED;
    }
    /* In a folder with the sticky bit others may add names, but not move ours away. */
    bool movable = (status.st_mode & OTHERS_WRITE) && !(status.st_mode & S_ISVTX);
    return is_ours_or_root(status.st_uid) && !movable ? FILES_OK : FILES_DENIED;
}

/* A link on the way is followed only when nobody else could have put it there. */
static bool link_is_safe(int dir_fd, const char *name)
{
    struct stat status;

    return fstatat(dir_fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISLNK(status.st_mode) && is_ours_or_root(status.st_uid);
}

/* Opens `name`, which is made when it is missing; never through a link. -1 with errno. */
static int open_or_make(int dir_fd, const char *name)
{
    static const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
    int fd = files_openat(dir_fd, name, flags, 0);

    if (fd < 0 && errno == ENOENT) {
        fd = make_and_open(dir_fd, name, PRIVATE_MODE);
        if (fd < 0 && errno == EEXIST) { /* another process made it meanwhile */
            fd = files_openat(dir_fd, name, flags, 0);
        }
    }
    return fd;
}

/* Enters one folder of the path. Returns a judged descriptor, or -1. */
static int enter_private(int dir_fd, const char *name, bool last, const struct files_act *act,
                         enum files_trouble *trouble, struct err *err)
{
    int fd = open_or_make(dir_fd, name);
    int error_number = errno;

    if (fd < 0 && is_link(dir_fd, name)) {
        if (last || !link_is_safe(dir_fd, name)) {
            files_refuse(act, FILES_SYMLINK, trouble, err);
            return -1;
        }
        fd = files_openat(dir_fd, name, O_RDONLY | O_DIRECTORY, 0);
        error_number = errno;
    }
    if (fd < 0) {
        files_refuse_errno(act, error_number, trouble, err);
        return -1;
    }
    enum files_trouble verdict = judge_folder(fd, last);
    if (verdict != FILES_OK) {
        files_refuse(act, verdict, trouble, err);
        files_drop(fd);
        return -1;
    }
    return fd;
}

static bool next_folder(struct str *rest, char name[NAME_MAX + 1], bool *too_long)
{
    struct str component = {0};

    while (str_cut(rest, '/', &component)) {
        if (component.len == 0 || str_eq(component, ".")) {
            continue;
        }
        *too_long = component.len > NAME_MAX;
        if (!*too_long) {
            memcpy(name, component.ptr, component.len);
            name[component.len] = '\0';
        }
        return true;
    }
    return false;
}

static bool is_last(struct str rest)
{
    char name[NAME_MAX + 1];
    bool too_long = false;
    return !next_folder(&rest, name, &too_long);
}

int files_make_directory_private(const char *path, enum files_trouble *trouble, struct err *err)
{
    struct files_act act = {"make private folder", str_from(path), ERR_RECORD};
    struct str rest = str_from(path);
    bool last = is_last(rest); /* nothing but "/" or ".": the start itself must be private */
    int fd = files_openat(AT_FDCWD, path[0] == '/' ? "/" : ".", O_RDONLY | O_DIRECTORY, 0);

    if (fd < 0) {
        files_refuse_errno(&act, errno, trouble, err);
        return -1;
    }
    enum files_trouble verdict = rest.len > 0 ? judge_folder(fd, last) : FILES_OUTSIDE;
    if (verdict != FILES_OK) {
        files_refuse(&act, verdict, trouble, err);
        files_drop(fd);
        return -1;
    }
    char name[NAME_MAX + 1];
    bool too_long = false;
    while (fd >= 0 && next_folder(&rest, name, &too_long)) {
        int next = -1;
        if (too_long) {
            files_refuse_errno(&act, ENAMETOOLONG, trouble, err);
        } else if (strcmp(name, "..") == 0) {
            files_refuse(&act, FILES_OUTSIDE, trouble, err);
        } else {
            next = enter_private(fd, name, is_last(rest), &act, trouble, err);
        }
        files_drop(fd);
        fd = next;
    }
    if (fd >= 0 && trouble) {
        *trouble = FILES_OK;
    }
    return fd;
}
