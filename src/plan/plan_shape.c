/* SPDX-License-Identifier: PostgreSQL */
/*
 * One value, a list or a mapping: which of the three a type wants, and what is
 * said when another stands there. A union is never read: lists are always lists.
 */
#include "plan_shape.h"

#include "plan_values.h"

enum node_kind plan_shape_kind(enum plan_type type)
{
    switch (type) {
    case TYPE_MAP:
        return NODE_MAP;
    case TYPE_MAPS:
    case TYPE_TEXTS:
    case TYPE_NAMES:
    case TYPE_WORDS:
    case TYPE_ARGV:
        return NODE_LIST;
    case TYPE_TEXT:
    case TYPE_NAME:
    case TYPE_WORD:
    case TYPE_WORDTEXT:
    case TYPE_BOOL:
    case TYPE_TRISTATE:
    case TYPE_INTEGER:
    case TYPE_DURATION:
    case TYPE_SIZE:
    case TYPE_CLOCK:
    case TYPE_DATE:
    case TYPE_TIME:
    case TYPE_SLOT:
    case TYPE_VALUE:
    case TYPE_PATH:
    case TYPE_SHA256:
    case TYPE__COUNT:
        break;
    }
    return NODE_SCALAR;
}

const char *plan_shape_words(enum plan_type type)
{
    switch (plan_shape_kind(type)) {
    case NODE_MAP:
        return "a mapping of keys";
    case NODE_LIST:
        return type == TYPE_MAPS ? "a list of mappings (\"- \" before each)" : "a list";
    case NODE_SCALAR:
    case NODE_REFUSED:
        break;
    }
    return "one value";
}

bool plan_shape_fits(struct walk *walk, const struct plan_node *node, enum node_kind wanted,
                     const char *words)
{
    if (node->kind == NODE_REFUSED) {
        return false;
    }
    if (node->kind == NODE_SCALAR && node->plain && plan_value_is_null(node->text)) {
        plan_diagnose(walk->diagnostics, plan_tree_mark(node), PLAN_ERROR, "Y019",
                      "no value; write one or remove the key");
        return false;
    }
    if (node->kind == wanted) {
        return true;
    }
    static const char *const found[] = {[NODE_SCALAR] = "one value",
                                        [NODE_LIST] = "a list",
                                        [NODE_MAP] = "a mapping",
                                        [NODE_REFUSED] = "an alias"};
    if (node->kind == NODE_SCALAR && wanted == NODE_LIST) {
        plan_diagnose(walk->diagnostics, plan_tree_mark(node), PLAN_ERROR, "Y006",
                      "one value where %s is wanted; write [%.*s]", words, SHOWN(node->text));
    } else {
        plan_diagnose(walk->diagnostics, plan_tree_mark(node), PLAN_ERROR, "Y006",
                      "%s where %s is wanted", found[node->kind], words);
    }
    return false;
}
