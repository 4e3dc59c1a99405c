/* SPDX-License-Identifier: PostgreSQL */
/*
 * What was in the way, in one word for callers and in a sentence for people. The
 * table below is the whole vocabulary; every error of this room is put together
 * here, so that each says what was not done and what to do next.
 */
#include "files_private.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* text: completes "could not read x: it ..."; hint: what the operator can do. */
static const struct words {
    const char *text;
    const char *hint;
} words[] = {
    [FILES_OK] = {"", ""},
    [FILES_MISSING] = {"is not there", "Check the path and that the file was copied along."},
    [FILES_OUTSIDE] = {"is outside the folder",
                       "Use a relative path inside the folder, without \"..\"."},
    [FILES_SYMLINK] = {"is a symbolic link, or lies behind one",
                       "Put the file itself in place of the link."},
    [FILES_NOT_REGULAR] = {"is not an ordinary file", "Name an ordinary file."},
    [FILES_TOO_LARGE] = {"is larger than allowed",
                         "Check that this is the file that you mean."},
    [FILES_DENIED] = {"is not ours to use safely",
                      "Check owner and permissions of it and of the folders above."},
    [FILES_EXISTS] = {"exists already", "Remove it or choose another name."},
    [FILES_NO_SPACE] = {"does not fit on the disk", "Free space on that disk, then try again."},
    [FILES_FAILED] = {"was refused by the system",
                      "See what the system log says of that disk."},
};

/* error_number: as errno has it; trouble: what it means here. All else is FILES_FAILED. */
static const struct meaning {
    int error_number;
    enum files_trouble trouble;
} meanings[] = {
    {ENOENT, FILES_MISSING},     {ENOTDIR, FILES_MISSING},   {ELOOP, FILES_SYMLINK},
    {EISDIR, FILES_NOT_REGULAR}, {ENXIO, FILES_NOT_REGULAR}, {EFBIG, FILES_TOO_LARGE},
    {EACCES, FILES_DENIED},      {EPERM, FILES_DENIED},      {EROFS, FILES_DENIED},
    {EEXIST, FILES_EXISTS},      {ENOTEMPTY, FILES_EXISTS},  {ENOSPC, FILES_NO_SPACE},
    {EDQUOT, FILES_NO_SPACE},
};

const char *files_trouble_text(enum files_trouble trouble)
{
    return words[trouble].text;
}

enum files_trouble files_trouble_of(int error_number)
{
    if (error_number == 0) {
        return FILES_OK;
    }
    for (size_t i = 0; i < COUNT_OF(meanings); i++) {
        if (meanings[i].error_number == error_number) {
            return meanings[i].trouble;
        }
    }
    return FILES_FAILED;
}

static bool refuse(const struct files_act *act, enum files_trouble what, const char *reason,
                   enum files_trouble *trouble, struct err *err)
{
    struct strbuf name = {0};

    if (trouble) {
        *trouble = what;
    }
    sanitise(&name, act->name, SANITISE_LINE);
    err_set(err, act->kind, "could not %s \"%s\": %s", act->verb, name.ptr ? name.ptr : "",
            reason);
    err_hint(err, "%s", words[what].hint);
    strbuf_release(&name);
    return false;
}

bool files_refuse(const struct files_act *act, enum files_trouble what,
                  enum files_trouble *trouble, struct err *err)
{
    struct strbuf reason = {0};

    strbuf_format(&reason, "it %s", words[what].text);
    refuse(act, what, reason.ptr, trouble, err);
    strbuf_release(&reason);
    return false;
}

bool files_refuse_errno(const struct files_act *act, int error_number,
                        enum files_trouble *trouble, struct err *err)
{
    enum files_trouble what = files_trouble_of(error_number);

    /* Where our words say more than "Too many levels of symbolic links". */
    if (error_number == ENOENT || error_number == ELOOP || what == FILES_NOT_REGULAR) {
        return files_refuse(act, what, trouble, err);
    }
    return refuse(act, what, strerror(error_number), trouble, err);
}

int files_openat(int dir_fd, const char *name, int flags, mode_t mode)
{
    int fd = -1;

    do {
        fd = openat(dir_fd, name, flags | O_CLOEXEC | O_NOCTTY, mode);
    } while (fd < 0 && errno == EINTR);
    return fd;
}

bool files_is_name(const char *name)
{
    return name[0] != '\0' && !strchr(name, '/') && strcmp(name, ".") != 0 &&
           strcmp(name, "..") != 0;
}

void files_drop(int fd)
{
    if (fd >= 0) {
        (void)close(fd);
    }
}
