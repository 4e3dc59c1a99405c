/* SPDX-License-Identifier: PostgreSQL */
/*
 * What is in a folder: listing it in an order that does not depend on the disk,
 * removing it with all that is below, and how much room its disk has.
 *
 * Removal works from descriptors, never from paths, so that a folder that is
 * swapped for a link while we work leads nowhere: a link is removed as a link.
 * Mounted file systems are not entered, because nothing of ours is there.
 */
#include "files_private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum {
    DEPTH_MAX = 100 /* one descriptor a level */
};

static enum files_type type_of(mode_t mode)
{
    if (S_ISREG(mode)) {
        return FILES_TYPE_REGULAR;
    }
    if (S_ISDIR(mode)) {
        return FILES_TYPE_DIRECTORY;
    }
    return S_ISLNK(mode) ? FILES_TYPE_SYMLINK : FILES_TYPE_OTHER;
}

static int compare_entries(const void *a, const void *b)
{
    return str_compare(((const struct files_entry *)a)->name,
                       ((const struct files_entry *)b)->name);
}

/* Reads all entries into a heap array; false with errno. */
static bool gather(DIR *stream, struct arena *arena, struct files_entry **entries,
                   size_t *count)
{
    size_t capacity = 0;

    for (;;) {
        errno = 0;
        const struct dirent *found = readdir(stream);
        if (!found) {
            return errno == 0;
        }
        struct stat status;
        if (!files_is_name(found->d_name)) {
            continue;
        }
        if (fstatat(dirfd(stream), found->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
            if (errno == ENOENT) { /* removed since: not in the list */
                continue;
            }
            return false;
        }
        struct files_entry *entry = ARRAY_PUSH(*entries, *count, capacity);
        entry->name = str_dup(arena, str_from(found->d_name));
        entry->type = type_of(status.st_mode);
    }
}

bool files_list(int dir_fd, struct arena *arena, struct files_list *list, struct err *err)
{
    static const struct files_act act = {"list", {"folder", 6}, ERR_USAGE};
    /* A descriptor of our own: reading must not move the caller's. */
    int fd = files_openat(dir_fd, ".", O_RDONLY | O_DIRECTORY, 0);
    DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;

    *list = (struct files_list){0};
    if (!stream) {
        int error_number = errno;
        files_drop(fd);
        return files_refuse_errno(&act, error_number, NULL, err);
    }
    struct files_entry *entries = NULL;
    size_t count = 0;
    bool ok =
        gather(stream, arena, &entries, &count) || files_refuse_errno(&act, errno, NULL, err);
    (void)closedir(stream);
    if (ok && count > 0) {
        qsort(entries, count, sizeof(*entries), compare_entries);
        list->entries = arena_array(arena, count, sizeof(*entries));
        memcpy(list->entries, entries, count * sizeof(*entries));
        list->count = count;
    }
    free(entries);
    return ok;
}

/* ----------------------------------------------------------------- removal */

static bool remove_below(int dir_fd, const char *name, int depth, struct err *err);

/* Empties an open folder, whose device the entries must share. */
static bool remove_content(int fd, int depth, struct err *err)
{
    struct arena arena = {0};
    struct files_list list;
    bool ok = files_list(fd, &arena, &list, err);

    for (size_t i = 0; ok && i < list.count; i++) {
        ok = remove_below(fd, list.entries[i].name.ptr, depth + 1, err);
    }
    arena_release(&arena);
    return ok;
}

static bool same_device(int fd, int dir_fd)
{
    struct stat inner;
    struct stat outer;

    return fstat(fd, &inner) == 0 && fstat(dir_fd, &outer) == 0 && inner.st_dev == outer.st_dev;
}

/* Removes one name, with all below it when it is a folder. */
static bool remove_below(int dir_fd, const char *name, int depth, struct err *err)
{
    struct files_act act = {"remove", str_from(name), ERR_RECORD};

    /* A folder is refused with EISDIR (Linux) or EPERM (POSIX); links and files go at once. */
    if (unlinkat(dir_fd, name, 0) == 0 || errno == ENOENT) {
        return true;
    }
    if (errno != EISDIR && errno != EPERM) {
        return files_refuse_errno(&act, errno, NULL, err);
    }
    if (depth >= DEPTH_MAX) {
        return files_refuse_errno(&act, ENAMETOOLONG, NULL, err);
    }
    int refusal = errno;
    int fd = files_openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
    if (fd < 0) {
        /* No folder after all: then the first refusal is the true reason. */
        return files_refuse_errno(&act, errno == ENOTDIR ? refusal : errno, NULL, err);
    }
    bool ok = same_device(fd, dir_fd) ? remove_content(fd, depth, err)
                                      : files_refuse_errno(&act, EXDEV, NULL, err);
    files_drop(fd);
    if (ok && unlinkat(dir_fd, name, AT_REMOVEDIR) != 0 && errno != ENOENT) {
        return files_refuse_errno(&act, errno, NULL, err);
    }
    return ok;
}

bool files_remove_tree(int dir_fd, const char *name, struct err *err)
{
    struct files_act act = {"remove", str_from(name), ERR_RECORD};

    if (!files_is_name(name)) {
        return files_refuse(&act, FILES_OUTSIDE, NULL, err);
    }
    return remove_below(dir_fd, name, 0, err);
}

bool files_free_bytes(const char *path, int64_t *bytes, struct err *err)
{
    struct files_act act = {"measure free space at", str_from(path), ERR_USAGE};
    struct statvfs space;
    int result = 0;

    do {
        result = statvfs(path, &space);
    } while (result != 0 && errno == EINTR);
    if (result != 0) {
        return files_refuse_errno(&act, errno, NULL, err);
    }
    uintmax_t unit = space.f_frsize;
    uintmax_t free_blocks = space.f_bavail;
    bool huge = unit > 0 && free_blocks > (uintmax_t)INT64_MAX / unit;
    *bytes = huge ? INT64_MAX : (int64_t)(unit * free_blocks);
    return true;
}
