/* SPDX-License-Identifier: PostgreSQL */
/*
 * How migration tools name their files. Paths are as a person would type them from here;
 * texts live in the arena.
 */
#ifndef GONOGO_CLI_NAMING_H
#define GONOGO_CLI_NAMING_H

#include "base.h"

/* 011_fix.sql is 011, V1_2__add.sql is 1.2, anything else is called as its file. */
struct str naming_version(struct arena *arena, const char *file);
/* The file that takes it back, when there is one that can be read; else NULL. */
const char *naming_undo(struct arena *arena, const char *file);
/*
 * The migrations of a folder in the order of their versions. False when it cannot be read,
 * holds none, or two files are the same version.
 */
bool naming_folder(struct arena *arena, const char *folder, const char ***files, size_t *count,
                   struct err *err) MUST_CHECK;

#endif
