/* SPDX-License-Identifier: PostgreSQL */
/*
 * Opening beneath a folder. A plan names files; a plan may come from somebody else.
 * The path is walked one component at a time from the folder's descriptor, each
 * opened without following links, so that no name can lead out: not by "..", not
 * by a link, and not by a link that is planted while we walk. A link that stays
 * inside is refused too: one simple rule can be checked by reading it.
 */
#include "files_private.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * After a failed open: what is at the name? With O_DIRECTORY the system answers
 * "not a directory" for a link as well, so the name is looked at again. Only the
 * words of the message depend on this second look.
 */
static bool tell_why(int dir_fd, const char *name, int error_number,
                     const struct files_act *act, enum files_trouble *trouble, struct err *err)
{
    struct stat status;
    bool seen = (error_number == ENOTDIR || error_number == ELOOP) &&
                fstatat(dir_fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0;

    if (seen && S_ISLNK(status.st_mode)) {
        return files_refuse(act, FILES_SYMLINK, trouble, err);
    }
    return files_refuse_errno(act, error_number, trouble, err);
}

int files_create(int dir_fd, const char *name, int flags, mode_t mode)
{
    /* Narrow first, so that nobody else can open it before the mode is set. */
    int fd = files_openat(dir_fd, name, flags | O_CREAT | O_EXCL, mode & S_IRWXU);
    if (fd >= 0 && fchmod(fd, mode) != 0) {
        int error_number = errno;
        files_drop(fd);
        (void)unlinkat(dir_fd, name, 0);
        errno = error_number;
        return -1;
    }
    return fd;
}

/* Creates with the exact mode whatever the umask; an existing file is opened as it is. */
static int open_or_create(int dir_fd, const char *name, int flags, mode_t mode)
{
    int plain = flags & ~(O_CREAT | O_EXCL);

    for (;;) {
        int fd = -1;
        if (!(flags & O_EXCL)) {
            fd = files_openat(dir_fd, name, plain, 0);
            if (fd >= 0 || errno != ENOENT) {
                return fd;
            }
        }
        fd = files_create(dir_fd, name, plain, mode);
        if (fd < 0 && errno == EEXIST && !(flags & O_EXCL)) {
            continue; /* somebody was faster: open theirs */
        }
        return fd;
    }
}

/* Opens one component; `last` takes the caller's flags, the others must be folders. */
static int open_component(int dir_fd, const char *name, bool last, int flags, mode_t mode)
{
    if (!last) {
        return files_openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
    }
    if (flags & O_CREAT) {
        return open_or_create(dir_fd, name, flags, mode);
    }
    return files_openat(dir_fd, name, flags, mode);
}

/* Cuts the next component off; "." and empty ones are passed over. False at the end. */
static bool next_component(struct str *rest, struct str *component)
{
    while (str_cut(rest, '/', component)) {
        if (component->len > 0 && !str_eq(*component, ".")) {
            return true;
        }
    }
    return false;
}

/* Judges the path as text: before anything is opened. */
static enum files_trouble judge_path(struct str path)
{
    struct str rest = path;
    struct str component = {0};

    if (path.len == 0 || path.ptr[0] == '/') {
        return FILES_OUTSIDE;
    }
    if (str_find_byte(path, '\0', 0) < path.len) {
        return FILES_MISSING; /* no file can have such a name */
    }
    while (next_component(&rest, &component)) {
        if (str_eq(component, "..")) {
            return FILES_OUTSIDE;
        }
        if (component.len > NAME_MAX) {
            return FILES_MISSING;
        }
    }
    return FILES_OK;
}

static bool only_slashes_and_dots(struct str rest)
{
    struct str component = {0};
    return !next_component(&rest, &component);
}

int files_open_beneath(int root_fd, struct str path, int flags, mode_t mode,
                       enum files_trouble *trouble, struct err *err)
{
    struct files_act act = {"open", path, flags & O_CREAT ? ERR_RECORD : ERR_USAGE};
    int safe_flags = flags | O_NOFOLLOW | O_NONBLOCK;
    enum files_trouble verdict = judge_path(path);

    if (verdict != FILES_OK) {
        files_refuse(&act, verdict, trouble, err);
        return -1;
    }
    struct str rest = path;
    struct str component = {0};
    int dir_fd = root_fd;
    int fd = -1;
    bool last = false;
    while (!last) {
        char name[NAME_MAX + 1] = "."; /* the root itself, when nothing but dots is left */
        if (next_component(&rest, &component)) {
            memcpy(name, component.ptr, component.len);
            name[component.len] = '\0';
        }
        last = only_slashes_and_dots(rest);
        bool folder_meant = last && str_ends(path, "/");
        fd = open_component(dir_fd, name, last, safe_flags | (folder_meant ? O_DIRECTORY : 0),
                            mode);
        if (fd < 0) {
            tell_why(dir_fd, name, errno, &act, trouble, err);
        }
        if (dir_fd != root_fd) {
            files_drop(dir_fd);
        }
        dir_fd = fd;
        last = last || fd < 0;
    }
    if (fd >= 0 && trouble) {
        *trouble = FILES_OK;
    }
    return fd;
}
