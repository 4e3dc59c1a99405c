/* SPDX-License-Identifier: PostgreSQL */
/*
 * files: the few things that gonogo does with a file system, each done carefully
 * once. Reading whole files with a cap, opening beneath a folder without passing
 * any symbolic link, creating files that nobody has planted, writing them so
 * that a crash leaves the old or the new content, and walking a folder.
 *
 * The calls block. They keep no state, they never print, and they never follow a
 * symbolic link below the folder that they are given. An interrupted system call
 * is taken up again. Every error says what was not done; `trouble` (may be NULL)
 * says in one word what was in the way, so that a caller can map it.
 *
 * Modes are exact: the umask of the process does not change them.
 */
#ifndef GONOGO_FILES_H
#define GONOGO_FILES_H

#include "base.h"

#include <sys/types.h>

enum files_trouble {
    FILES_OK,
    FILES_MISSING,     /* is not there (ENOENT, or a file where a folder must be) */
    FILES_OUTSIDE,     /* absolute, empty, or with "..": it would leave the folder */
    FILES_SYMLINK,     /* a symbolic link somewhere on the way, wherever it leads */
    FILES_NOT_REGULAR, /* a folder, FIFO, socket or device where a file must be */
    FILES_TOO_LARGE,   /* longer than the cap */
    FILES_DENIED,      /* no permission, foreign owner, or open to others */
    FILES_EXISTS,      /* there already, where a new one must be created */
    FILES_NO_SPACE,    /* the disk or the quota is full */
    FILES_FAILED,      /* anything else that the system refused; the message tells */
};
/* "is not there", "is a symbolic link", "is outside the folder" ...; "" for FILES_OK. */
const char *files_trouble_text(enum files_trouble trouble);
/* What an errno of open, read, write or mkdir means in our words. */
enum files_trouble files_trouble_of(int error_number);

/* ----------------------------------------------------------------- reading */

/*
 * Appends the whole file to `out`. The last component must be a regular file and
 * no symbolic link; the folders before it may be links (a person typed the path:
 * use files_read_beneath for paths out of a plan). Longer than `max` bytes is an
 * error, also when the file grows while it is read. `dir_fd` may be AT_FDCWD.
 */
bool files_read(int dir_fd, const char *path, size_t max, struct strbuf *out,
                enum files_trouble *trouble, struct err *err) MUST_CHECK;
/* The same from a pipe or a terminal, to its end; blocks until there is one. */
bool files_read_stream(int fd, const char *name, size_t max, struct strbuf *out,
                       enum files_trouble *trouble, struct err *err) MUST_CHECK;
/* The same from an open descriptor, from where it stands; `name` is for the message. */
bool files_read_fd(int fd, const char *name, size_t max, struct strbuf *out,
                   enum files_trouble *trouble, struct err *err) MUST_CHECK;

/*
 * Opens `path`, relative to the folder `root_fd`, one component at a time. No
 * component may be a symbolic link, even one that stays inside; "..", an absolute
 * and an empty path are refused; "./" is fine. `flags` as for open(2): O_CLOEXEC,
 * O_NOFOLLOW, O_NOCTTY and O_NONBLOCK are added. With O_CREAT the mode is exact.
 * Any kind of file may be opened (the root itself as "."): look with fstat().
 * Returns the descriptor, or -1 with `trouble` and `err`.
 */
int files_open_beneath(int root_fd, struct str path, int flags, mode_t mode,
                       enum files_trouble *trouble, struct err *err) MUST_CHECK;
/* Opens beneath, insists on a regular file, reads it whole. */
bool files_read_beneath(int root_fd, struct str path, size_t max, struct strbuf *out,
                        enum files_trouble *trouble, struct err *err) MUST_CHECK;

/* Size of an open regular file. */
bool files_size(int fd, int64_t *size, struct err *err) MUST_CHECK;
/* Hash of an open regular file from its beginning, piece by piece; the offset does not move. */
bool files_sha256(int fd, struct sha256_hex *hex, struct err *err) MUST_CHECK;

/* ----------------------------------------------------------------- folders */

/*
 * Makes sure that `path` is a folder that only we can enter: it and its missing
 * parents are created with mode 0700. An existing last folder must be ours, not
 * writable for group or others, and no symbolic link. An existing parent must
 * belong to us or root, and if group or others may write to it, carry the sticky
 * bit (/tmp). A parent that is a symbolic link must belong to us or root, and what
 * it leads to is judged like any parent. ".." is refused. Returns an open
 * descriptor of the folder, or -1.
 */
int files_make_directory_private(const char *path, enum files_trouble *trouble,
                                 struct err *err) MUST_CHECK;
/* A new folder `name` in `dir_fd` with exactly `mode`; FILES_EXISTS when anything is there.
 * Returns its descriptor, or -1. */
int files_make_directory(int dir_fd, const char *name, mode_t mode, enum files_trouble *trouble,
                         struct err *err) MUST_CHECK;
/* Opens a folder for the calls below; the last component may not be a symbolic link. */
int files_open_directory(int dir_fd, const char *path, enum files_trouble *trouble,
                         struct err *err) MUST_CHECK;

enum files_type {
    FILES_TYPE_REGULAR,
    FILES_TYPE_DIRECTORY,
    FILES_TYPE_SYMLINK,
    FILES_TYPE_OTHER,
};
struct files_entry {
    struct str name; /* as the disk has it: hostile until sanitised; a NUL follows */
    enum files_type type;
};
struct files_list {
    struct files_entry *entries; /* sorted by bytes; without "." and ".." */
    size_t count;
};
/* Lists a folder into the arena. */
bool files_list(int dir_fd, struct arena *arena, struct files_list *list,
                struct err *err) MUST_CHECK;
/*
 * Removes `name` in `dir_fd` and all that is below it. Symbolic links are removed,
 * never followed; other file systems mounted below are not entered. What is not
 * there is success.
 */
bool files_remove_tree(int dir_fd, const char *name, struct err *err) MUST_CHECK;
/* Bytes that an ordinary user may still write on the file system of `path`. */
bool files_free_bytes(const char *path, int64_t *bytes, struct err *err) MUST_CHECK;

/* A file that has no name and is only memory, read and write; -1 where the system has none. */
int files_make_memory(void);

/* ----------------------------------------------------------------- writing */

/* A new empty file, read and write, with exactly `mode`; FILES_EXISTS when anything is
 * there. `name` is one component. Returns its descriptor, or -1. */
int files_create_exclusive(int dir_fd, const char *name, mode_t mode,
                           enum files_trouble *trouble, struct err *err) MUST_CHECK;
/* Writes everything, also in several pieces; waits when the descriptor is non-blocking. */
bool files_write_all(int fd, struct str bytes, enum files_trouble *trouble,
                     struct err *err) MUST_CHECK;
/* Data and what is needed to read it back are on the disk (fdatasync). */
bool files_sync(int fd, struct err *err) MUST_CHECK;
/* Names in the folder are on the disk. */
bool files_sync_directory(int dir_fd, struct err *err) MUST_CHECK;
/* Renames inside one folder, replacing `to`, and syncs the folder. */
bool files_rename(int dir_fd, const char *from, const char *to, struct err *err) MUST_CHECK;
/* Removes one file and syncs the folder; what is not there is success. */
bool files_remove(int dir_fd, const char *name, struct err *err) MUST_CHECK;
/*
 * After success, and after a crash at any moment, `name` has the old content or all
 * of the new. A symbolic link at `name` is replaced, not followed. On failure the
 * temporary file is gone again and `name` is as it was, unless only the sync of the
 * folder failed: then the new content is there and may be lost with the power. A
 * process that is killed in between leaves a file named ".new-<pid>-<n>".
 */
bool files_write_atomic(int dir_fd, const char *name, struct str bytes, mode_t mode,
                        enum files_trouble *trouble, struct err *err) MUST_CHECK;
/* close() whose result counts: for files that were written. EINTR counts as closed. */
bool files_close(int fd, struct err *err) MUST_CHECK;

#endif
