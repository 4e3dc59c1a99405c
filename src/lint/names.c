/* SPDX-License-Identifier: PostgreSQL */
/*
 * Names to positions: a plan of a hundred thousand statements asks for each of them what
 * came before, and a server has ten thousand tables.
 */
#include "lint_private.h"

#include <stdlib.h>

enum {
    SMALL = 64
};

static size_t hash_of(struct sql_name name)
{
    /* FNV-1a, 64 bits: offset basis and prime of its authors */
    uint64_t hash = 14695981039346656037U;
    const struct str parts[] = {name.schema, STR("."), name.name};
    for (size_t part = 0; part < COUNT_OF(parts); part++) {
        for (size_t i = 0; i < parts[part].len; i++) {
            hash = (hash ^ (unsigned char)parts[part].ptr[i]) * 1099511628211U;
        }
    }
    return (size_t)hash;
}

static void link_item(struct names *names, size_t item)
{
    size_t bucket = hash_of(names->keys[item]) & (names->bucket_count - 1);
    names->next[item] = names->buckets[bucket];
    names->buckets[bucket] = (ptrdiff_t)item;
}

static void grow(struct names *names)
{
    names->bucket_count = names->bucket_count == 0 ? SMALL : names->bucket_count * 2;
    names->buckets = mem_grow(names->buckets, names->bucket_count, sizeof *names->buckets);
    for (size_t i = 0; i < names->bucket_count; i++) {
        names->buckets[i] = NAMES_NONE;
    }
    for (size_t i = 0; i < names->count; i++) {
        link_item(names, i);
    }
}

void names_add(struct names *names, struct sql_name name)
{
    size_t count = names->count;
    *ARRAY_PUSH(names->next, count, names->next_capacity) = NAMES_NONE;
    *ARRAY_PUSH(names->keys, names->count, names->key_capacity) = name;
    if (names->count > names->bucket_count) {
        grow(names);
    } else {
        link_item(names, names->count - 1);
    }
}

static ptrdiff_t same_name(const struct names *names, ptrdiff_t item, struct sql_name name)
{
    while (item != NAMES_NONE && !sql_name_is(names->keys[item], name)) {
        item = names->next[item];
    }
    return item;
}

ptrdiff_t names_first(const struct names *names, struct sql_name name)
{
    return names->bucket_count == 0
               ? NAMES_NONE
               : same_name(names, names->buckets[hash_of(name) & (names->bucket_count - 1)],
                           name);
}

ptrdiff_t names_next(const struct names *names, ptrdiff_t item)
{
    return same_name(names, names->next[item], names->keys[item]);
}

void names_cut(struct names *names, size_t count)
{
    while (names->count > count) {
        size_t last = --names->count;
        names->buckets[hash_of(names->keys[last]) & (names->bucket_count - 1)] =
            names->next[last];
    }
}

void names_clear(struct names *names)
{
    if (names->bucket_count > SMALL) { /* many once are seldom many again */
        names_release(names);
    }
    names->count = 0;
    for (size_t i = 0; i < names->bucket_count; i++) {
        names->buckets[i] = NAMES_NONE;
    }
}

void names_release(struct names *names)
{
    free(names->keys);
    free(names->next);
    free(names->buckets);
    *names = (struct names){0};
}
