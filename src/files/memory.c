/* SPDX-License-Identifier: PostgreSQL */
/*
 * A file that is only memory: for a library that insists on writing to a descriptor.
 */
#include "files.h"

/* Linux; hidden by strict POSIX headers. */
int memfd_create(const char *name, unsigned int flags);

enum {
    CLOSE_ON_EXEC = 1 /* MFD_CLOEXEC */
};

int files_make_memory(void)
{
    return memfd_create("gonogo", CLOSE_ON_EXEC);
}
