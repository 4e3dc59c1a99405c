/* SPDX-License-Identifier: PostgreSQL */
/*
 * libcyaml as the second pair of eyes. Its schema is made from the table: every
 * scalar is a STRING, every word an ENUM, lists are lists, nothing is a union.
 * The struct it fills is an array of slots, one for each row of the table, so no
 * second set of structs has to be kept in step. What it loaded must then say the
 * same as the tree from which `struct plan` was read: a plan that two readers
 * read differently is refused, never guessed.
 *
 * libcyaml alone would not do: it stops at the first problem, its positions are
 * those of the previous value, and its numbers and booleans accept junk.
 */
#include "plan_cyaml.h"

#include <cyaml/cyaml.h>
#include <stdio.h>

/* What libcyaml fills for one key. */
struct slot {
    union {
        char *text;
        struct slot *map;
        void *items;
        int64_t word;
    } as;
    uint64_t count; /* of a list */
};

static const uint32_t no_limit = UINT32_MAX;

static const cyaml_strval_t *make_strings(struct arena *arena,
                                          const struct plan_wordlist *words)
{
    cyaml_strval_t *strings = arena_array(arena, words->count, sizeof(*strings));
    for (size_t i = 0; i < words->count; i++) {
        strings[i].str = words->items[i].name;
        strings[i].val = words->items[i].value;
    }
    return strings;
}

static const cyaml_schema_field_t *make_fields(struct arena *arena, const struct plan_map *map);

static cyaml_schema_value_t make_map(struct arena *arena, const struct plan_map *map, int flags)
{
    return (cyaml_schema_value_t){.type = CYAML_MAPPING,
                                  .flags = (enum cyaml_flag)flags,
                                  .data_size = (uint32_t)(map->key_count * sizeof(struct slot)),
                                  .mapping = {.fields = make_fields(arena, map)}};
}

static cyaml_schema_value_t make_word(struct arena *arena, const struct plan_wordlist *words,
                                      int flags)
{
    return (cyaml_schema_value_t){.type = CYAML_ENUM,
                                  .flags = (enum cyaml_flag)(flags | CYAML_FLAG_STRICT),
                                  .data_size = sizeof(int64_t),
                                  .enumeration = {.strings = make_strings(arena, words),
                                                  .count = (uint32_t)words->count}};
}

static cyaml_schema_value_t make_text(int flags)
{
    return (cyaml_schema_value_t){.type = CYAML_STRING,
                                  .flags = (enum cyaml_flag)(flags | CYAML_FLAG_POINTER),
                                  .data_size = sizeof(char),
                                  .string = {.min = 0, .max = no_limit}};
}

static cyaml_schema_value_t make_list(struct arena *arena, cyaml_schema_value_t entry,
                                      int flags)
{
    cyaml_schema_value_t *kept = arena_alloc(arena, sizeof(*kept));
    *kept = entry;
    return (cyaml_schema_value_t){
        .type = CYAML_SEQUENCE,
        .flags = (enum cyaml_flag)(flags | CYAML_FLAG_POINTER),
        .data_size = entry.type == CYAML_STRING ? (uint32_t)sizeof(char *) : entry.data_size,
        .sequence = {.entry = kept, .min = 0, .max = no_limit}};
}

static cyaml_schema_value_t make_value(struct arena *arena, const struct plan_key *key)
{
    int flags = (key->flags & KEY_REQUIRED) != 0 ? CYAML_FLAG_DEFAULT : CYAML_FLAG_OPTIONAL;
    if (key->type == TYPE_MAP) {
        return make_map(arena, key->map, flags | CYAML_FLAG_POINTER);
    }
    if (key->type == TYPE_MAPS) {
        return make_list(arena, make_map(arena, key->map, CYAML_FLAG_DEFAULT), flags);
    }
    if (key->type == TYPE_WORD) {
        return make_word(arena, key->words, flags);
    }
    if (key->type == TYPE_WORDS) {
        return make_list(arena, make_word(arena, key->words, CYAML_FLAG_DEFAULT), flags);
    }
    if (key->type == TYPE_TEXTS || key->type == TYPE_NAMES || key->type == TYPE_ARGV) {
        return make_list(arena, make_text(CYAML_FLAG_DEFAULT), flags);
    }
    return make_text(flags);
}

static const cyaml_schema_field_t *make_fields(struct arena *arena, const struct plan_map *map)
{
    /* one more, zeroed, ends the list */
    cyaml_schema_field_t *fields = arena_array(arena, map->key_count + 1, sizeof(*fields));
    for (size_t i = 0; i < map->key_count; i++) {
        size_t offset = i * sizeof(struct slot);
        fields[i].key = map->keys[i].name;
        fields[i].data_offset = (uint32_t)offset;
        fields[i].count_offset = (uint32_t)(offset + offsetof(struct slot, count));
        fields[i].count_size = sizeof(uint64_t);
        fields[i].value = make_value(arena, &map->keys[i]);
    }
    return fields;
}

static bool same_map(const struct plan_map *map, const struct plan_node *node,
                     const struct slot *slots);

static bool same_text(const struct plan_node *node, const char *text)
{
    return text != NULL && str_eq(node->text, text);
}

static bool same_list(const struct plan_key *key, const struct plan_node *list,
                      const struct slot *slot)
{
    if (slot->count != list->count) {
        return false;
    }
    size_t i = 0;
    for (const struct plan_node *node = list->first; node != NULL; node = node->next, i++) {
        bool same = false;
        if (key->type == TYPE_MAPS) {
            const struct slot *items = slot->as.items;
            same = same_map(key->map, node, items + i * key->map->key_count);
        } else if (key->type == TYPE_WORDS) {
            const int64_t *words = slot->as.items;
            same = str_eq(node->text, plan_table_word(key->words, (int)words[i]));
        } else {
            char *const *texts = slot->as.items;
            same = same_text(node, texts[i]);
        }
        if (!same) {
            return false;
        }
    }
    return true;
}

/* A word may have two names with one value (mon, monday). */
static bool same_word(const struct plan_key *key, const struct plan_node *node, int64_t word)
{
    for (size_t i = 0; i < key->words->count; i++) {
        if (str_eq(node->text, key->words->items[i].name)) {
            return key->words->items[i].value == word;
        }
    }
    return false;
}

static bool same_map(const struct plan_map *map, const struct plan_node *node,
                     const struct slot *slots)
{
    for (const struct plan_node *child = node->first; child != NULL; child = child->next) {
        const struct plan_key *key = plan_table_find(map, child->name);
        if (key == NULL) {
            return false;
        }
        const struct slot *slot = &slots[key - map->keys];
        bool same = false;
        if (key->type == TYPE_MAP) {
            same = slot->as.map != NULL && same_map(key->map, child, slot->as.map);
        } else if (child->kind == NODE_LIST) {
            same = same_list(key, child, slot);
        } else if (key->type == TYPE_WORD) {
            same = same_word(key, child, slot->as.word);
        } else {
            same = same_text(child, slot->as.text);
        }
        if (!same) {
            return false;
        }
    }
    return true;
}

/* libcyaml tells the reason first and then the way up; the first line is kept. */
static void keep_first_line(cyaml_log_t level, void *context, const char *format, va_list args)
{
    char *line = context;
    (void)level;
    if (line[0] == '\0') {
        (void)vsnprintf(line, ERR_TEXT_MAX, format, args);
    }
}

bool plan_cyaml_agrees(struct str bytes, const struct plan_map *map,
                       const struct plan_node *root, struct plan_diagnostics *diagnostics)
{
    char line[ERR_TEXT_MAX] = "";
    const cyaml_config_t config = {.log_fn = keep_first_line,
                                   .log_ctx = line,
                                   .mem_fn = cyaml_mem,
                                   .log_level = CYAML_LOG_ERROR,
                                   .flags = CYAML_CFG_NO_ALIAS};
    struct arena arena = {0};
    cyaml_schema_value_t schema = make_map(&arena, map, CYAML_FLAG_POINTER);
    cyaml_data_t *data = NULL;
    cyaml_err_t code =
        cyaml_load_data((const uint8_t *)bytes.ptr, bytes.len, &config, &schema, &data, NULL);
    bool agrees = code == CYAML_OK && data != NULL;
    if (!agrees) {
        struct str reason = str_trim(str_from(line[0] != '\0' ? line : cyaml_strerror(code)));
        plan_diagnose(
            diagnostics, plan_tree_mark(root), PLAN_ERROR, "Y990",
            "libcyaml reads this file otherwise (%.*s); please report it with the file",
            STR_ARG(reason));
    } else if (!same_map(map, root, data)) {
        agrees = false;
        plan_diagnose(diagnostics, plan_tree_mark(root), PLAN_ERROR, "Y990",
                      "two readers read this file differently; please report it with the file");
    }
    (void)cyaml_free(&config, &schema, data, 0);
    arena_release(&arena);
    return agrees;
}
