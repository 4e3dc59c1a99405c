/* SPDX-License-Identifier: PostgreSQL */
/*
 * result_members: the structs of a result, each as a table of its members, for whoever writes
 * them, reads them back or compares them. Private to the room.
 */
#ifndef GONOGO_LINT_RESULT_MEMBERS_H
#define GONOGO_LINT_RESULT_MEMBERS_H

#include "lint_private.h"

enum member_type {
    MEMBER_TEXT,   /* struct str */
    MEMBER_STRING, /* const char * */
    MEMBER_SIZE,   /* size_t; SIZE_MAX is written as -1 */
    MEMBER_U32,
    MEMBER_INT,
    MEMBER_I64,
    MEMBER_DOUBLE,
    MEMBER_BOOL,
    MEMBER_WORD, /* an enum, by the word of each value */
    MEMBER_RULE, /* const struct lint_rule *, by its id */
};

struct member {
    const char *key;
    size_t offset;
    enum member_type type;
    const char *(*word)(int value); /* MEMBER_WORD; NULL behind the last value */
};

/* One kind of struct: its size and its members. */
struct shape {
    size_t size;
    const struct member *members;
    size_t member_count;
};
extern const struct shape finding_shape;
extern const struct shape destroyed_shape;
extern const struct shape verdict_shape;
extern const struct shape risk_shape;
extern const struct shape count_shape;
extern const struct shape name_shape;
extern const struct shape file_shape;

/* Zero, or none: what is left out when it is written. */
bool member_is_zero(const struct member *member, const void *at);
/* The same in every member of the table; texts by their bytes. */
bool shape_is_same(const struct shape *shape, const void *left, const void *right);

#endif
