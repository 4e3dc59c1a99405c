/* SPDX-License-Identifier: PostgreSQL */
/*
 * Both sets make their chains when somebody asks, up to the item that was added last.
 */
#include "sets.h"

#include <stdlib.h>

static uint32_t name_hash(struct sql_name name)
{
    return chain_hash(name.schema, name.name, STR(""));
}

bool name_set_has(struct name_set *set, struct sql_name name)
{
    if (set->count <= SETS_SMALL) {
        for (size_t i = 0; i < set->count; i++) {
            if (sql_name_is(set->items[i], name)) {
                return true;
            }
        }
        return false;
    }
    while (set->chains.count < set->count) {
        chain_add(&set->chains, name_hash(set->items[set->chains.count]), set->chains.count);
    }
    ptrdiff_t link = chain_first(&set->chains, name_hash(name));
    while (link != CHAIN_NONE && !sql_name_is(set->items[set->chains.links[link].item], name)) {
        link = chain_next(&set->chains, link);
    }
    return link != CHAIN_NONE;
}

void name_set_add(struct name_set *set, struct sql_name name)
{
    *ARRAY_PUSH(set->items, set->count, set->capacity) = name;
}

void name_set_release(struct name_set *set)
{
    free(set->items);
    chains_release(&set->chains);
    *set = (struct name_set){0};
}

static uint32_t pointer_hash(const void *pointer)
{
    return chain_hash((struct str){(const char *)&pointer, sizeof pointer}, STR(""), STR(""));
}

bool pointer_set_has(struct pointer_set *set, const void *pointer)
{
    if (set->count <= SETS_SMALL) {
        for (size_t i = 0; i < set->count; i++) {
            if (set->items[i] == pointer) {
                return true;
            }
        }
        return false;
    }
    while (set->chains.count < set->count) {
        chain_add(&set->chains, pointer_hash(set->items[set->chains.count]), set->chains.count);
    }
    ptrdiff_t link = chain_first(&set->chains, pointer_hash(pointer));
    while (link != CHAIN_NONE && set->items[set->chains.links[link].item] != pointer) {
        link = chain_next(&set->chains, link);
    }
    return link != CHAIN_NONE;
}

void pointer_set_add(struct pointer_set *set, const void *pointer)
{
    *ARRAY_PUSH(set->items, set->count, set->capacity) = pointer;
}

void pointer_set_release(struct pointer_set *set)
{
    free(set->items);
    chains_release(&set->chains);
    *set = (struct pointer_set){0};
}
