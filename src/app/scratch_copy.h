/* SPDX-License-Identifier: PostgreSQL */
/*
 * Copies a folder tree piece by piece, so that a loop can go on meanwhile. Files are
 * cloned where the file system can, else copied inside the kernel. Only folders and
 * regular files exist in a cluster without tablespaces: anything else is refused.
 */
#ifndef GONOGO_SCRATCH_COPY_H
#define GONOGO_SCRATCH_COPY_H

#include "base.h"
#include "scratch_place.h"

enum scratch_copy_state {
    SCRATCH_COPY_MORE,
    SCRATCH_COPY_DONE,
    SCRATCH_COPY_FAILED,
};
struct scratch_copy;
/* `to` must not exist. The copy belongs to `owner` (its uid and gid, when it drops), else to
 * us. `sync`: every file is on the disk before the end. */
struct scratch_copy *scratch_copy_new(const char *from, const char *to,
                                      const struct scratch_account *owner, bool sync);
/* Works on at most `files` files. */
enum scratch_copy_state scratch_copy_step(struct scratch_copy *copy, size_t files,
                                          struct err *err) MUST_CHECK;
void scratch_copy_free(struct scratch_copy *copy);

#endif
