/* SPDX-License-Identifier: PostgreSQL */
/*
 * What the files of this room share: telling what was in the way, in one form, and
 * the few system calls that must be taken up again after a signal.
 *
 * A name from a disk or a plan is hostile text. It reaches a message only through
 * files_refuse(), which sanitises it.
 */
#ifndef GONOGO_FILES_PRIVATE_H
#define GONOGO_FILES_PRIVATE_H

#include "files.h"

/* What was attempted on what, for the message: {"read", "plan.yaml", ERR_USAGE}. */
struct files_act {
    const char *verb; /* "could not <verb> "<name>": ..." */
    struct str name;
    enum err_kind kind; /* ERR_USAGE when reading, ERR_RECORD when writing */
};

/* Both return false, and set `trouble` and `err` where they are not NULL. */
bool files_refuse(const struct files_act *act, enum files_trouble what,
                  enum files_trouble *trouble, struct err *err);
/* As files_refuse(), from an errno, with the words of the system. */
bool files_refuse_errno(const struct files_act *act, int error_number,
                        enum files_trouble *trouble, struct err *err);

/* openat() that is taken up again after a signal; O_CLOEXEC and O_NOCTTY are added. */
int files_openat(int dir_fd, const char *name, int flags, mode_t mode);
/* Creates exclusively, with the exact mode whatever the umask; -1 with errno, and no file. */
int files_create(int dir_fd, const char *name, int flags, mode_t mode);
/* One component: not empty, no slash, neither "." nor "..". */
bool files_is_name(const char *name);
/* close() for descriptors that were only read: nothing can be lost. -1 is fine. */
void files_drop(int fd);

#endif
