/* SPDX-License-Identifier: PostgreSQL */
/*
 * Memory by lifetime. Three ways: the heap for what has one owner, arenas for what
 * dies together (a plan, a run, a frame), growing arrays for lists. None of them
 * returns NULL: running out of memory ends the program like kill -9, after one
 * hook that gives the terminal back. The journal makes that survivable, so no
 * caller carries a branch for it.
 *
 * An arena is a chain of blocks, the newest first; bytes are handed out from the
 * head. A request that would waste much of the head gets a block of its own
 * behind it.
 */
#include "base.h"

#include <stdalign.h>

enum {
    ARENA_FIRST_BLOCK = 4096,
    ARENA_LARGEST_STEP = 1 << 20,
    ARRAY_FIRST_ROOM = 8
};

/*
 * The one file-scope variable of base: the hook must be reachable from a failed
 * allocation in any room, where no context is at hand. Set once, before the rest.
 */
static no_memory_hook installed_hook;

void on_no_memory(no_memory_hook hook)
{
    installed_hook = hook;
}

void die_no_memory(void)
{
    no_memory_hook hook = installed_hook;

    installed_hook = NULL; /* a hook that allocates must not come back here */
    if (hook) {
        hook();
    }
    abort();
}

static size_t checked_product(size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size) {
        die_no_memory();
    }
    return count * size;
}

void *mem_alloc(size_t size)
{
    void *memory = malloc(size ? size : 1);

    if (!memory) {
        die_no_memory();
    }
    return memory;
}

void *mem_zero(size_t count, size_t size)
{
    size_t bytes = checked_product(count, size);
    void *memory = calloc(1, bytes ? bytes : 1);

    if (!memory) {
        die_no_memory();
    }
    return memory;
}

void *mem_grow(void *old, size_t count, size_t size)
{
    size_t bytes = checked_product(count, size);
    void *memory = realloc(old, bytes ? bytes : 1);

    if (!memory) {
        die_no_memory();
    }
    return memory;
}

char *mem_text(const char *text)
{
    if (!text) {
        return NULL;
    }
    size_t size = strlen(text) + 1;
    char *copy = mem_alloc(size);
    memcpy(copy, text, size);
    return copy;
}

/* ------------------------------------------------------------------- arena */

struct arena_block {
    struct arena_block *next;
    void *adopted; /* memory of its own that dies with the block; NULL: none */
    size_t size;
    size_t used;
    alignas(max_align_t) unsigned char bytes[];
};

static struct arena_block *block_new(size_t size)
{
    if (size > SIZE_MAX - sizeof(struct arena_block)) {
        die_no_memory();
    }
    struct arena_block *block = mem_alloc(sizeof(*block) + size);
    block->next = NULL;
    block->adopted = NULL;
    block->size = size;
    block->used = 0;
    return block;
}

/* The block that has room for `size` bytes, which is a new one unless the head has it. */
static struct arena_block *block_with_room(struct arena *arena, size_t size)
{
    struct arena_block *head = arena->block;

    if (head && head->size - head->used >= size) {
        return head;
    }
    size_t step = ARENA_FIRST_BLOCK;
    if (head) {
        step = head->size < ARENA_LARGEST_STEP / 2 ? head->size * 2 : ARENA_LARGEST_STEP;
    }
    if (head && size > step / 4) {
        struct arena_block *own = block_new(size);
        own->next = head->next;
        head->next = own;
        return own;
    }
    struct arena_block *block = block_new(size > step ? size : step);
    block->next = head;
    arena->block = block;
    return block;
}

/* `unit` is a power of two; a block's bytes begin aligned for any type. */
static void *take(struct arena *arena, size_t size, size_t unit)
{
    const struct arena_block *head = arena->block;
    size_t gap = head ? (unit - head->used % unit) % unit : 0;

    if (size > SIZE_MAX - unit) {
        die_no_memory();
    }
    struct arena_block *block = block_with_room(arena, size + gap);
    if (block != head) { /* another one, or the first: nothing stands before it */
        gap = 0;
    }
    void *memory = block->bytes + block->used + gap;
    block->used += gap + size;
    arena->used += gap + size;
    return memory;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    size = size ? size : 1;
    return memset(take(arena, size, alignof(max_align_t)), 0, size);
}

char *arena_bytes(struct arena *arena, size_t size)
{
    return take(arena, size, 1);
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    return arena_alloc(arena, checked_product(count, size));
}

/* Stands behind a block with room, so that it is neither looked into nor kept by a clear. */
struct str arena_adopt(struct arena *arena, struct strbuf *buf)
{
    struct arena_block *head = block_with_room(arena, 1);
    struct arena_block *own = block_new(0);
    struct str kept = {.len = buf->len};
    kept.ptr = own->adopted = strbuf_detach(buf);
    own->next = head->next;
    head->next = own;
    arena->used += kept.len;
    return kept;
}

static void block_free(struct arena_block *block)
{
    if (block) {
        free(block->adopted);
        free(block);
    }
}

void arena_clear(struct arena *arena)
{
    struct arena_block *largest = NULL;
    struct arena_block *block = arena->block;

    while (block) {
        struct arena_block *next = block->next;
        if (!largest || block->size > largest->size) {
            block_free(largest);
            largest = block;
        } else {
            block_free(block);
        }
        block = next;
    }
    if (largest) {
        largest->next = NULL;
        largest->used = 0;
    }
    arena->block = largest;
    arena->used = 0;
}

void arena_release(struct arena *arena)
{
    if (!arena) {
        return;
    }
    struct arena_block *block = arena->block;
    while (block) {
        struct arena_block *next = block->next;
        block_free(block);
        block = next;
    }
    *arena = (struct arena){0};
}

/* ---------------------------------------------------------- growing arrays */

void *array_room(void *items, size_t count, size_t *capacity, size_t size)
{
    if (count >= *capacity) {
        size_t wanted = *capacity < ARRAY_FIRST_ROOM ? ARRAY_FIRST_ROOM : *capacity;
        while (wanted <= count) {
            wanted = checked_product(wanted, 2);
        }
        items = mem_grow(items, wanted, size);
        *capacity = wanted;
    }
    memset((unsigned char *)items + count * size, 0, size);
    return items;
}
