/* SPDX-License-Identifier: PostgreSQL */
/*
 * How the parser's tree reaches us. libpg_query builds a typed tree, packs it into protobuf and
 * throws it away; the reader unpacks the bytes into an equal tree. Packing asks each Node for
 * its more than 250 members, twice, and with the unpacking took most of an analysis' time.
 *
 * The library packs by two functions of its own that can be seen from outside, and a program's
 * function of the same name goes before a library's. So ours stand in for them: asked for the
 * size, we tell that of the tree's copy; asked to pack, we copy the tree as it is in memory,
 * one block with its pointers, into the bytes that the library gives away. Where the library
 * calls its own all the same (linked so that names are bound within), its bytes are protobuf:
 * tree_read() sees which they are, and both give the same tree.
 */
#include "tree.h"

/* ------------------------------------------------------------------- the walk */

/* Where a copy goes; without a block only its size is counted. */
struct copy {
    char *block;
    size_t size;
};

static size_t padded(size_t size)
{
    static const size_t unit = sizeof(uint64_t);
    return (size + unit - 1) / unit * unit;
}

static void *copy_bytes(struct copy *copy, const void *bytes, size_t size)
{
    char *place = copy->block == NULL ? NULL : copy->block + copy->size;
    if (place != NULL) {
        memcpy(place, bytes, size);
    }
    copy->size += padded(size);
    return place;
}

static void *copy_message(struct copy *copy, const ProtobufCMessage *message);

/* The copy's pointer at `to` follows the tree's at `from`; NULL while the size is counted. */
static void copy_pointer(struct copy *copy, ProtobufCType type, const char *from, char *to)
{
    const void *item;
    memcpy(&item, from, sizeof item);
    if (item == NULL || item == &protobuf_c_empty_string) {
        return;
    }
    const void *made = type == PROTOBUF_C_TYPE_MESSAGE
                           ? copy_message(copy, item)
                           : copy_bytes(copy, item, strlen(item) + 1);
    if (to != NULL) {
        memcpy(to, &made, sizeof made);
    }
}

/* Lists hold pointers, but for sets of numbers, which the grammar leaves empty. */
static void copy_list(struct copy *copy, const ProtobufCMessage *message,
                      const ProtobufCFieldDescriptor *field, char *to)
{
    size_t count;
    const char *items;
    memcpy(&count, (const char *)message + field->quantifier_offset, sizeof count);
    if (count == 0) {
        return;
    }
    memcpy(&items, (const char *)message + field->offset, sizeof items);
    char *list = copy_bytes(copy, items, count * sizeof(uint64_t));
    if (to != NULL) {
        memcpy(to, &list, sizeof list);
    }
    for (size_t i = 0; field->type != PROTOBUF_C_TYPE_UINT64 && i < count; i++) {
        size_t at = i * sizeof(uint64_t);
        copy_pointer(copy, field->type, items + at, list == NULL ? NULL : list + at);
    }
}

static void copy_field(struct copy *copy, const ProtobufCMessage *message,
                       const ProtobufCFieldDescriptor *field, char *made)
{
    char *to = made == NULL ? NULL : made + field->offset;
    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        copy_list(copy, message, field, to);
    } else if ((field->type == PROTOBUF_C_TYPE_MESSAGE ||
                field->type == PROTOBUF_C_TYPE_STRING) &&
               tree_is_chosen(message, field)) {
        copy_pointer(copy, field->type, (const char *)message + field->offset, to);
    }
}

/*
 * As deep as the library's packing would go. A Node is a choice of more than 200 messages that
 * share one pointer: its first field stands for whichever it is.
 */
static void *copy_message(struct copy *copy, const ProtobufCMessage *message)
{
    const ProtobufCMessageDescriptor *descriptor = message->descriptor;
    char *made = copy_bytes(copy, message, descriptor->sizeof_message);
    if (descriptor == &pg_query__node__descriptor) {
        size_t at = descriptor->fields[0].offset;
        copy_pointer(copy, PROTOBUF_C_TYPE_MESSAGE, (const char *)message + at,
                     made == NULL ? NULL : made + at);
        return made;
    }
    for (unsigned i = 0; i < descriptor->n_fields; i++) {
        copy_field(copy, message, &descriptor->fields[i], made);
    }
    return made;
}

/* -------------------------------------------------- in the place of the library's own */

EXPORTED size_t pg_query__parse_result__get_packed_size(const PgQuery__ParseResult *message)
{
    struct copy copy = {NULL, 0};
    (void)copy_message(&copy, &message->base);
    return copy.size;
}

EXPORTED size_t pg_query__parse_result__pack(const PgQuery__ParseResult *message, uint8_t *out)
{
    struct copy copy = {(char *)out, 0};
    (void)copy_message(&copy, &message->base);
    return copy.size;
}

/* -------------------------------------------------------------------- reading */

static void *shelf_alloc(void *shelf, size_t size)
{
    return arena_alloc(&((struct tree_shelf *)shelf)->arena, size);
}

static void shelf_keep(void *shelf, void *memory)
{
    (void)shelf;
    (void)memory;
}

/* A tree begins with the address of its description, protobuf with a field's number. */
static bool is_tree(PgQueryProtobuf bytes)
{
    const ProtobufCMessageDescriptor *descriptor = &pg_query__parse_result__descriptor;
    return bytes.len >= sizeof(PgQuery__ParseResult) &&
           memcmp(bytes.data, &descriptor, sizeof descriptor) == 0;
}

const PgQuery__ParseResult *tree_read(struct tree_shelf *shelf, struct str text,
                                      const PgQueryError **error)
{
    PgQueryProtobufParseResult *result =
        ARRAY_PUSH(shelf->results, shelf->count, shelf->capacity);
    *result = pg_query_parse_protobuf(str_text(&shelf->arena, text));
    *error = result->error;
    if (result->error != NULL) {
        return NULL;
    }
    if (is_tree(result->parse_tree)) {
        return (const void *)result->parse_tree.data;
    }
    ProtobufCAllocator allocator = {shelf_alloc, shelf_keep, shelf};
    return pg_query__parse_result__unpack(&allocator, result->parse_tree.len,
                                          (const uint8_t *)result->parse_tree.data);
}

void tree_shelf_clear(struct tree_shelf *shelf)
{
    for (size_t i = 0; i < shelf->count; i++) {
        pg_query_free_protobuf_parse_result(shelf->results[i]);
    }
    shelf->count = 0;
    arena_clear(&shelf->arena);
}

void tree_shelf_release(struct tree_shelf *shelf)
{
    tree_shelf_clear(shelf);
    free(shelf->results);
    arena_release(&shelf->arena);
    *shelf = (struct tree_shelf){0};
}
