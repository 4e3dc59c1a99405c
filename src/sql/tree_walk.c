/* SPDX-License-Identifier: PostgreSQL */
/*
 * A walk over the whole tree of a statement without naming its 230 kinds of nodes: the
 * library's message descriptors say where a message keeps others.
 */
#include "tree.h"

static void walk_field(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field,
                       tree_visitor *visit, void *context)
{
    const char *at = (const char *)message + field->offset;
    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        size_t count;
        ProtobufCMessage *const *items;
        memcpy(&count, (const char *)message + field->quantifier_offset, sizeof count);
        memcpy(&items, at, sizeof items);
        for (size_t item = 0; item < count; item++) {
            tree_walk(items[item], visit, context);
        }
        return;
    }
    const ProtobufCMessage *child;
    memcpy(&child, at, sizeof child);
    if (child != NULL) {
        tree_walk(child, visit, context);
    }
}

bool tree_is_chosen(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    unsigned chosen = field->id;
    if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0) {
        memcpy(&chosen, (const char *)message + field->quantifier_offset, sizeof chosen);
    }
    return chosen == field->id;
}

/*
 * As deep as the library's unpacking went before us. A Node is a choice of more than 200
 * messages that share one pointer: its first field stands for whichever it is.
 */
void tree_walk(const ProtobufCMessage *message, tree_visitor *visit, void *context)
{
    const ProtobufCMessageDescriptor *descriptor = message->descriptor;
    if (!visit(context, message)) {
        return;
    }
    if (descriptor == &pg_query__node__descriptor) {
        walk_field(message, &descriptor->fields[0], visit, context);
        return;
    }
    for (unsigned i = 0; i < descriptor->n_fields; i++) {
        if (descriptor->fields[i].type == PROTOBUF_C_TYPE_MESSAGE &&
            tree_is_chosen(message, &descriptor->fields[i])) {
            walk_field(message, &descriptor->fields[i], visit, context);
        }
    }
}
