/* SPDX-License-Identifier: PostgreSQL */
/*
 * The copy of a folder tree: a list of folders still to visit, the one being visited,
 * and how far in it we are. A cluster of PostgreSQL has a thousand small files; each
 * is cloned (FICLONE, free on file systems that share blocks) or sent inside the
 * kernel. Everything is opened relative to a descriptor, no link is followed.
 */
#include "scratch_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"

struct scratch_copy {
    struct arena arena; /* texts and lists; small beside the files themselves */
    const char *from;
    const char *to;
    struct scratch_account owner;
    bool sync;
    const char **pending; /* folders below `from`, relative; "" is the root */
    size_t count, capacity;
    int from_fd, to_fd; /* of the folder at work, -1 between two */
    const char *at;     /* its name, relative */
    struct files_list list;
    size_t next;
};

struct scratch_copy *scratch_copy_new(const char *from, const char *to,
                                      const struct scratch_account *owner, bool sync)
{
    struct scratch_copy *copy = mem_zero(1, sizeof *copy);
    copy->from = str_text(&copy->arena, str_from(from));
    copy->to = str_text(&copy->arena, str_from(to));
    copy->owner = *owner;
    copy->sync = sync;
    copy->from_fd = copy->to_fd = -1;
    *ARRAY_PUSH(copy->pending, copy->count, copy->capacity) = "";
    return copy;
}

static void leave_folder(struct scratch_copy *copy)
{
    if (copy->from_fd >= 0) {
        close(copy->from_fd);
    }
    if (copy->to_fd >= 0) {
        close(copy->to_fd);
    }
    copy->from_fd = copy->to_fd = -1;
}

void scratch_copy_free(struct scratch_copy *copy)
{
    if (copy == NULL) {
        return;
    }
    leave_folder(copy);
    free(copy->pending);
    arena_release(&copy->arena);
    free(copy);
}

static bool refuse(struct err *err, const char *what, const char *path)
{
    return err_set(err, ERR_INTERNAL, "could not copy %s: %s: %s", path, what, strerror(errno));
}

static bool give(const struct scratch_copy *copy, int fd)
{
    return !copy->owner.drop || fchown(fd, copy->owner.uid, copy->owner.gid) == 0;
}

static bool copy_bytes(int from, int to)
{
    if (ioctl(to, FICLONE, from) == 0) {
        return true;
    }
    for (;;) {
        static const size_t piece = (size_t)16 << 20;
        ssize_t sent = sendfile(to, from, NULL, piece);
        if (sent == 0) {
            return true;
        }
        if (sent < 0 && errno != EINTR) {
            return false;
        }
    }
}

static bool copy_file(struct scratch_copy *copy, const char *name, struct err *err)
{
    int from = openat(copy->from_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (from < 0) {
        return refuse(err, "open", name);
    }
    int to = files_create_exclusive(copy->to_fd, name, 0600, NULL, err);
    bool done = to >= 0;
    if (done && (!copy_bytes(from, to) || !give(copy, to))) {
        done = refuse(err, "write", name);
    }
    if (done && copy->sync) {
        done = files_sync(to, err);
    }
    close(from);
    if (to >= 0) {
        done = files_close(to, done ? err : NULL) && done;
    }
    return done;
}

static bool enter_folder(struct scratch_copy *copy, struct err *err)
{
    copy->at = copy->pending[--copy->count];
    const char *slash = copy->at[0] != '\0' ? "/" : "";
    struct str from = str_format(&copy->arena, "%s%s%s", copy->from, slash, copy->at);
    struct str to = str_format(&copy->arena, "%s%s%s", copy->to, slash, copy->at);
    copy->from_fd = files_open_directory(AT_FDCWD, from.ptr, NULL, err);
    if (copy->from_fd < 0) {
        return false;
    }
    if (mkdir(to.ptr, 0700) != 0) {
        return refuse(err, "make", to.ptr);
    }
    copy->to_fd = files_open_directory(AT_FDCWD, to.ptr, NULL, err);
    if (copy->to_fd < 0) {
        return false;
    }
    if (!give(copy, copy->to_fd)) {
        return refuse(err, "owner", to.ptr);
    }
    copy->next = 0;
    return files_list(copy->from_fd, &copy->arena, &copy->list, err);
}

static bool copy_entry(struct scratch_copy *copy, const struct files_entry *entry,
                       struct err *err)
{
    switch (entry->type) {
    case FILES_TYPE_REGULAR:
        return copy_file(copy, entry->name.ptr, err);
    case FILES_TYPE_DIRECTORY:
        *ARRAY_PUSH(copy->pending, copy->count, copy->capacity) =
            str_format(&copy->arena, "%s%s%s", copy->at, copy->at[0] != '\0' ? "/" : "",
                       entry->name.ptr)
                .ptr;
        return true;
    case FILES_TYPE_SYMLINK:
    case FILES_TYPE_OTHER:
        break;
    }
    return err_set(err, ERR_INTERNAL, "could not copy %s: no file and no folder",
                   entry->name.ptr);
}

enum scratch_copy_state scratch_copy_step(struct scratch_copy *copy, size_t files,
                                          struct err *err)
{
    for (size_t done = 0; done < files;) {
        if (copy->from_fd < 0) {
            if (copy->count == 0) {
                return SCRATCH_COPY_DONE;
            }
            if (!enter_folder(copy, err)) {
                return SCRATCH_COPY_FAILED;
            }
        }
        if (copy->next == copy->list.count) {
            if (copy->sync && !files_sync_directory(copy->to_fd, err)) {
                return SCRATCH_COPY_FAILED;
            }
            leave_folder(copy);
            continue;
        }
        if (!copy_entry(copy, &copy->list.entries[copy->next], err)) {
            return SCRATCH_COPY_FAILED;
        }
        copy->next++;
        done++;
    }
    return SCRATCH_COPY_MORE;
}
