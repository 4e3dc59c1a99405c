/* SPDX-License-Identifier: PostgreSQL */
/*
 * Chains: items found by a hash of what they are about, the newest first. Two things may have
 * one hash: whoever follows a chain compares.
 */
#include "base.h"

enum {
    SMALL = 64
};

/* FNV-1a, 64 bits: offset basis and prime of its authors */
static uint64_t add_bytes(uint64_t hash, struct str bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        hash = (hash ^ (unsigned char)bytes.ptr[i]) * 1099511628211U;
    }
    return (hash ^ 0xff) * 1099511628211U; /* no byte of UTF-8: parts do not run together */
}

uint32_t chain_hash(struct str first, struct str second, struct str third)
{
    uint64_t hash = 14695981039346656037U;
    hash = add_bytes(add_bytes(add_bytes(hash, first), second), third);
    return (uint32_t)(hash ^ (hash >> 32));
}

static void hang(struct chains *chains, size_t link)
{
    size_t bucket = (size_t)chains->links[link].hash & (chains->bucket_count - 1);
    chains->links[link].next = chains->buckets[bucket];
    chains->buckets[bucket] = (int32_t)link;
}

static void grow(struct chains *chains)
{
    chains->bucket_count = chains->bucket_count == 0 ? SMALL : chains->bucket_count * 2;
    chains->buckets = mem_grow(chains->buckets, chains->bucket_count, sizeof *chains->buckets);
    for (size_t i = 0; i < chains->bucket_count; i++) {
        chains->buckets[i] = CHAIN_NONE;
    }
    for (size_t i = 0; i < chains->count; i++) {
        hang(chains, i);
    }
}

void chain_add(struct chains *chains, uint32_t hash, size_t item)
{
    struct chain_link *link = ARRAY_PUSH(chains->links, chains->count, chains->capacity);
    link->hash = hash;
    link->item = (uint32_t)item;
    if (chains->count > chains->bucket_count) {
        grow(chains);
    } else {
        hang(chains, chains->count - 1);
    }
}

static ptrdiff_t same_hash(const struct chains *chains, ptrdiff_t link, uint32_t hash)
{
    while (link != CHAIN_NONE && chains->links[link].hash != hash) {
        link = chains->links[link].next;
    }
    return link;
}

ptrdiff_t chain_first(const struct chains *chains, uint32_t hash)
{
    if (chains->bucket_count == 0) {
        return CHAIN_NONE;
    }
    return same_hash(chains, chains->buckets[(size_t)hash & (chains->bucket_count - 1)], hash);
}

ptrdiff_t chain_next(const struct chains *chains, ptrdiff_t link)
{
    return same_hash(chains, chains->links[link].next, chains->links[link].hash);
}

void chains_cut(struct chains *chains, size_t item)
{
    while (chains->count > 0 && chains->links[chains->count - 1].item >= item) {
        const struct chain_link *last = &chains->links[--chains->count];
        chains->buckets[(size_t)last->hash & (chains->bucket_count - 1)] = last->next;
    }
}

void chains_release(struct chains *chains)
{
    free(chains->links);
    free(chains->buckets);
    *chains = (struct chains){0};
}
