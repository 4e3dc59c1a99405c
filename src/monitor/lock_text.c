/* SPDX-License-Identifier: PostgreSQL */
/*
 * A lock tree as lines of text. All words of the server are sanitised here; the
 * screen draws the tree itself and sanitises on its own.
 */
#include "monitor.h"

enum {
    QUERY_COLUMNS = 60,
};

static void add_hostile(struct strbuf *out, struct str text)
{
    struct strbuf clean = {0};
    sanitise(&clean, text, SANITISE_LINE);
    strbuf_add(out, str_fit(strbuf_str(&clean), QUERY_COLUMNS));
    strbuf_release(&clean);
}

static void add_who(struct strbuf *out, const struct lock_node *node)
{
    if (node->pid == 0) {
        strbuf_text(out, "prepared transaction ");
        add_hostile(out, node->gid.len > 0 ? node->gid : STR("that nobody may see"));
    } else {
        strbuf_i64(out, node->pid);
    }
    if (node->is_us) {
        strbuf_text(out, " us");
    } else if (node->user.len > 0) {
        strbuf_byte(out, ' ');
        add_hostile(out, node->user);
    }
    if (node->application.len > 0) {
        strbuf_byte(out, '/');
        add_hostile(out, node->application);
    }
}

static void add_what(struct strbuf *out, const struct lock_node *node)
{
    if (node->waits_for.len > 0) {
        strbuf_text(out, "  waits for ");
        add_hostile(out, node->waits_for);
        strbuf_format(out, " (%.*s)", STR_ARG(node->wait_mode));
    } else if (node->pid != 0) {
        strbuf_text(out, "  ");
        add_hostile(out, node->state.len > 0 ? node->state : STR("state may not be seen"));
    }
    if (node->held_mode.len > 0) {
        strbuf_format(out, "  holds %.*s", STR_ARG(node->held_mode));
    } else if (node->behind > 0) {
        strbuf_text(out, "  queues ahead");
    }
    if (node->transaction_us >= 0) {
        strbuf_text(out, "  transaction ");
        duration_to_text(out, node->transaction_us);
    }
    if (node->behind > 0) {
        strbuf_format(out, "  %zu behind", node->behind);
    }
    if (node->query.len > 0) {
        strbuf_text(out, "  ");
        add_hostile(out, node->query);
    }
}

void lock_tree_text(struct strbuf *out, const struct lock_tree *tree, bool ascii)
{
    for (size_t i = 0; i < tree->count; i++) {
        const struct lock_node *node = &tree->nodes[i];
        if (node->depth > 0) {
            strbuf_repeat(out, ' ', (size_t)(node->depth - 1) * 3);
            strbuf_text(out, ascii ? "`- " : "└─ ");
        }
        add_who(out, node);
        if (node->repeated) {
            strbuf_text(out, "  (see above)");
        } else {
            add_what(out, node);
        }
        strbuf_byte(out, '\n');
    }
    if (tree->cut) {
        strbuf_text(out, "more sessions wait than are shown here\n");
    }
}
