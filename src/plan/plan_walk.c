/* SPDX-License-Identifier: PostgreSQL */
/*
 * Walks the tree with the table in the other hand: every key of a mapping is
 * looked up, every value is read by the strict reader of its type straight into
 * the struct that the table's offset names. Unknown keys, keys twice, missing
 * keys and wrong shapes are told; the walk always goes on, so that one run tells
 * all. Paths, keys that are not built and uses of ${name} are noted on the way.
 */
#include "plan_walk.h"

#include "plan_shape.h"
#include "plan_values.h"

typedef char enums_are_as_wide_as_int[sizeof(enum plan_what) == sizeof(int) ? 1 : -1];

static void put_number(void *place, int64_t value)
{
    memcpy(place, &value, sizeof(value));
}

static void put_word(void *place, int value)
{
    memcpy(place, &value, sizeof(value));
}

static void put_text(void *place, struct str value)
{
    memcpy(place, &value, sizeof(value));
}

static void put_items(void *place, void *items, size_t count)
{
    /* every list of plan.h is {pointer, count} */
    memcpy(place, &items, sizeof(items));
    memcpy((char *)place + sizeof(items), &count, sizeof(count));
}

void plan_walk_release(struct walk *walk)
{
    free(walk->files);
    free(walk->unbuilt);
    free(walk->fills);
}

bool plan_fill_next(struct str text, size_t *at, size_t *begin, struct str *name)
{
    for (size_t i = *at; i + 1 < text.len; i++) {
        if (text.ptr[i] == '$' && text.ptr[i + 1] == '{') {
            size_t end = str_find_byte(text, '}', i + 2);
            *begin = i;
            *name = str_slice(text, i + 2, end - i - 2);
            *at = end < text.len ? end + 1 : end;
            return true;
        }
    }
    return false;
}

static void tell(struct walk *walk, const struct plan_node *node,
                 const struct complaint *complaint)
{
    plan_diagnose(walk->diagnostics, plan_tree_mark(node), PLAN_ERROR, complaint->code, "%s",
                  complaint->text);
}

/* ${name} in a text: noted where it is filled, an error elsewhere. */
static void note_fills(struct walk *walk, const struct plan_key *key,
                       const struct plan_node *node)
{
    size_t at = 0;
    size_t begin = 0;
    struct str name;
    while (plan_fill_next(node->text, &at, &begin, &name)) {
        if ((key->flags & KEY_FILLED) != 0) {
            struct walk_fill *fill =
                ARRAY_PUSH(walk->fills, walk->fill_count, walk->fill_capacity);
            fill->mark = plan_tree_mark(node);
            fill->name = name;
        } else if ((key->flags & KEY_SQL) != 0) {
            plan_diagnose(walk->diagnostics, plan_tree_mark(node), PLAN_ERROR, "Y506",
                          "${%.*s} in SQL is never filled; the same SQL runs on every target",
                          SHOWN(name));
        } else {
            plan_diagnose(walk->diagnostics, plan_tree_mark(node), PLAN_ERROR, "Y304",
                          "${%.*s} is filled only in http, run, log.file and notify",
                          SHOWN(name));
        }
    }
}

static struct str owner_of(const struct plan_node *node)
{
    static const char *const keys[] = {"id", "migration", "name"};
    for (node = node->parent; node != NULL; node = node->parent) {
        for (size_t i = 0; i < COUNT_OF(keys); i++) {
            const struct plan_node *id = plan_tree_find(node, keys[i]);
            if (id != NULL && id->kind == NODE_SCALAR) {
                return id->text;
            }
        }
    }
    return (struct str){0};
}

static void note_file(struct walk *walk, enum plan_file_kind kind, const struct plan_node *node,
                      struct str path)
{
    struct plan_file *file = ARRAY_PUSH(walk->files, walk->file_count, walk->file_capacity);
    file->mark = plan_tree_mark(node);
    file->kind = kind;
    file->path = path;
    file->owner = owner_of(node);
    if (kind == PLAN_FILE_MIGRATION) {
        const struct plan_node *hash = plan_tree_find(node->parent, "sha256");
        if (hash != NULL && hash->kind == NODE_SCALAR && hash->text.len == SHA256_HEX) {
            file->sha256 = hash->text;
        }
    }
}

static void note_unbuilt(struct walk *walk, const struct plan_node *node, bool refuse)
{
    struct strbuf path = {0};
    plan_path(&path, plan_tree_mark(node));
    struct plan_unbuilt *unbuilt =
        ARRAY_PUSH(walk->unbuilt, walk->unbuilt_count, walk->unbuilt_capacity);
    unbuilt->mark = plan_tree_mark(node);
    unbuilt->path = str_dup(walk->arena, strbuf_str(&path));
    unbuilt->refuse = refuse;
    strbuf_release(&path);
    if (refuse) {
        plan_diagnose(walk->diagnostics, plan_tree_mark(node), PLAN_NOTE, "Y901",
                      "not built yet; `run` refuses a plan that uses it");
    } else {
        plan_diagnose(walk->diagnostics, plan_tree_mark(node), PLAN_NOTE, "Y900",
                      "not built yet; it is checked and otherwise without effect");
    }
}

/* One word, told when it is not built. */
static bool read_word(struct walk *walk, const struct plan_key *key,
                      const struct plan_node *node, int *value, struct complaint *complaint)
{
    if (!plan_value_word(node->text, key->words, value, complaint)) {
        return false;
    }
    for (size_t i = 0; i < key->words->count; i++) {
        if (key->words->items[i].unbuilt && str_eq(node->text, key->words->items[i].name)) {
            note_unbuilt(walk, node, true);
        }
    }
    return true;
}

static bool read_undo(struct walk *walk, const struct plan_key *key,
                      const struct plan_node *node, void *place, struct complaint *complaint)
{
    struct str path = {0};
    if (key->file_kind == PLAN_FILE_UNDO && str_eq(node->text, "none")) {
        put_text(place, node->text);
        return true;
    }
    if (!plan_value_path(node->text, &path, complaint)) {
        return false;
    }
    put_text(place, path);
    note_file(walk, key->file_kind, node, path);
    return true;
}

static bool read_text(const struct plan_key *key, const struct plan_node *node, void *place,
                      struct complaint *complaint)
{
    put_text(place, node->text);
    return plan_value_text(node->text, (key->flags & KEY_QUOTED) != 0, node->plain, complaint);
}

static bool read_number(const struct plan_key *key, const struct plan_node *node, void *place,
                        struct complaint *complaint)
{
    int64_t number = PLAN_UNSAID;
    bool good = false;
    if (key->type == TYPE_INTEGER) {
        good = plan_value_integer(node->text, key->minimum, key->maximum, &number, complaint);
    } else if (key->type == TYPE_DURATION) {
        good = plan_value_duration(node->text, &number, complaint);
    } else if (key->type == TYPE_SIZE) {
        good = plan_value_size(node->text, &number, complaint);
    } else if (key->type == TYPE_CLOCK) {
        good = plan_value_clock(node->text, node->plain, &number, complaint);
    } else {
        good = plan_value_time(node->text, &number, complaint);
    }
    if (good) {
        put_number(place, number);
    }
    return good;
}

static bool read_truth(const struct plan_key *key, const struct plan_node *node, void *place,
                       struct complaint *complaint)
{
    bool truth = false;
    if (!plan_value_boolean(node->text, &truth, complaint)) {
        return false;
    }
    if (key->type == TYPE_BOOL) {
        memcpy(place, &truth, sizeof(truth));
    } else {
        put_word(place, truth ? PLAN_YES : PLAN_NO);
    }
    return true;
}

static bool read_words(struct walk *walk, const struct plan_key *key,
                       const struct plan_node *node, void *place, struct complaint *complaint)
{
    int word = 0;
    if (!read_word(walk, key, node, &word, complaint)) {
        return false;
    }
    if (key->type == TYPE_WORD) {
        put_word(place, word);
    } else {
        put_text(place, node->text);
    }
    return true;
}

/* A scalar of any type, at its place. */
static bool read_scalar(struct walk *walk, const struct plan_key *key,
                        const struct plan_node *node, void *place, struct complaint *complaint)
{
    int year = 0;
    int month = 0;
    int day = 0;
    switch (key->type) {
    case TYPE_TEXT:
    case TYPE_TEXTS:
    case TYPE_ARGV:
        return read_text(key, node, place, complaint);
    case TYPE_NAME:
    case TYPE_NAMES:
        put_text(place, node->text);
        return plan_value_name(node->text, node->plain, complaint);
    case TYPE_WORD:
    case TYPE_WORDTEXT:
        return read_words(walk, key, node, place, complaint);
    case TYPE_BOOL:
    case TYPE_TRISTATE:
        return read_truth(key, node, place, complaint);
    case TYPE_INTEGER:
    case TYPE_DURATION:
    case TYPE_SIZE:
    case TYPE_CLOCK:
    case TYPE_TIME:
        return read_number(key, node, place, complaint);
    case TYPE_DATE:
        put_text(place, node->text);
        return plan_value_date(node->text, &year, &month, &day, complaint);
    case TYPE_SLOT:
        return plan_value_slot(node->text, place, complaint);
    case TYPE_VALUE:
        return plan_value_any(node->text, node->plain, place, complaint);
    case TYPE_PATH:
        return read_undo(walk, key, node, place, complaint);
    case TYPE_SHA256:
        put_text(place, node->text);
        return plan_value_sha256(node->text, node->plain, complaint);
    case TYPE_MAP:
    case TYPE_MAPS:
    case TYPE_WORDS:
    case TYPE__COUNT:
        break;
    }
    return true;
}

static void read_one(struct walk *walk, const struct plan_key *key,
                     const struct plan_node *node, void *place)
{
    struct complaint complaint = {{0}, {0}};
    if (!read_scalar(walk, key, node, place, &complaint)) {
        tell(walk, node, &complaint);
    }
    note_fills(walk, key, node);
}

static void read_texts(struct walk *walk, const struct plan_key *key,
                       const struct plan_node *list, void *place)
{
    struct str *items = arena_array(walk->arena, list->count, sizeof(*items));
    size_t count = 0;
    for (const struct plan_node *node = list->first; node != NULL; node = node->next) {
        if (plan_shape_fits(walk, node, NODE_SCALAR, "one value")) {
            read_one(walk, key, node, &items[count]);
            count++;
        }
    }
    put_items(place, items, count);
    if (key->type != TYPE_ARGV) {
        return;
    }
    if (count == 0) {
        plan_diagnose(walk->diagnostics, plan_tree_mark(list), PLAN_ERROR, "Y019",
                      "no program; write [./hooks/name, argument]");
    } else if (str_starts(items[0], "./")) {
        struct complaint complaint = {{0}, {0}};
        struct str path;
        if (plan_value_path(items[0], &path, &complaint)) {
            note_file(walk, PLAN_FILE_HOOK, list->first, path);
        } else {
            tell(walk, list->first, &complaint);
        }
    }
}

static void read_word_list(struct walk *walk, const struct plan_key *key,
                           const struct plan_node *list, void *place)
{
    int *items = arena_array(walk->arena, list->count, sizeof(*items));
    size_t count = 0;
    for (const struct plan_node *node = list->first; node != NULL; node = node->next) {
        struct complaint complaint = {{0}, {0}};
        if (!plan_shape_fits(walk, node, NODE_SCALAR, "a word")) {
            continue;
        }
        if (read_word(walk, key, node, &items[count], &complaint)) {
            count++;
        } else {
            tell(walk, node, &complaint);
        }
    }
    put_items(place, items, count);
}

static void read_maps(struct walk *walk, const struct plan_key *key,
                      const struct plan_node *list, void *place)
{
    char *items = arena_array(walk->arena, list->count, key->map->size);
    size_t count = 0;
    for (const struct plan_node *node = list->first; node != NULL; node = node->next) {
        if (plan_shape_fits(walk, node, NODE_MAP, plan_shape_words(TYPE_MAP))) {
            plan_walk_map(walk, key->map, node, items + count * key->map->size);
            count++;
        }
    }
    put_items(place, items, count);
}

static void read_value(struct walk *walk, const struct plan_key *key,
                       const struct plan_node *node, void *place)
{
    if ((key->flags & KEY_UNBUILT) != 0) {
        note_unbuilt(walk, node, (key->flags & KEY_TOLD) == 0);
    }
    if (!plan_shape_fits(walk, node, plan_shape_kind(key->type), plan_shape_words(key->type))) {
        return;
    }
    if (key->type == TYPE_MAP) {
        plan_walk_map(walk, key->map, node, place);
    } else if (key->type == TYPE_MAPS) {
        read_maps(walk, key, node, place);
    } else if (key->type == TYPE_WORDS) {
        read_word_list(walk, key, node, place);
    } else if (node->kind == NODE_LIST) {
        read_texts(walk, key, node, place);
    } else {
        read_one(walk, key, node, place);
    }
}

static void default_values(struct walk *walk, const struct plan_map *map, void *target);

/* Defaults come from the table, and are read as if the file said them. */
static void default_value(struct walk *walk, const struct plan_key *key, void *place)
{
    if (key->otherwise == NULL) {
        if (key->type == TYPE_INTEGER || key->type == TYPE_DURATION || key->type == TYPE_SIZE ||
            key->type == TYPE_CLOCK || key->type == TYPE_TIME || key->type == TYPE_SLOT) {
            put_number(place, PLAN_UNSAID);
        } else if (key->type == TYPE_MAP) {
            default_values(walk, key->map, place);
        }
        return;
    }
    struct plan_node node = {.kind = NODE_SCALAR, .text = str_from(key->otherwise)};
    struct complaint complaint = {{0}, {0}};
    if (plan_shape_kind(key->type) == NODE_LIST) {
        struct str *items = arena_array(walk->arena, 1, sizeof(*items));
        items[0] = node.text;
        put_items(place, items, 1);
    } else if (!read_scalar(walk, key, &node, place, &complaint)) {
        tell(walk, &node, &complaint);
    }
}

static void default_values(struct walk *walk, const struct plan_map *map, void *target)
{
    for (size_t i = 0; i < map->key_count; i++) {
        default_value(walk, &map->keys[i], (char *)target + map->keys[i].offset);
    }
}

static bool is_secret(struct str name)
{
    static const char *const secrets[] = {"password",   "sslpassword", "passwd", "pass",
                                          "pgpassword", "PGPASSWORD",  "secret", "token"};
    for (size_t i = 0; i < COUNT_OF(secrets); i++) {
        if (str_eq(name, secrets[i])) {
            return true;
        }
    }
    return false;
}

/* The key that was meant, as far as the letters tell; NULL when none is near. */
static const char *nearest_key(const struct plan_map *map, struct str name)
{
    enum {
        NEAR = 3
    };
    const char *nearest = NULL;
    size_t best = NEAR + 1;
    for (size_t i = 0; i < map->key_count; i++) {
        const char *key = map->keys[i].name;
        size_t distance = str_distance(name, str_from(key), NEAR);
        if (distance < best && distance < strlen(key)) {
            best = distance;
            nearest = key;
        }
    }
    return nearest;
}

static void tell_keys(struct walk *walk, const struct plan_map *map, struct plan_mark mark)
{
    struct strbuf keys = {0};
    for (size_t i = 0; i < map->key_count; i++) {
        strbuf_format(&keys, "%s%s", i == 0 ? "" : ", ", map->keys[i].name);
    }
    plan_diagnose(walk->diagnostics, mark, PLAN_ERROR, "Y003",
                  "unknown key; the keys here are %s", keys.ptr);
    strbuf_release(&keys);
}

static void unknown_key(struct walk *walk, const struct plan_map *map,
                        const struct plan_node *node)
{
    struct plan_mark mark = plan_tree_name_mark(node);
    bool empty = node->kind == NODE_SCALAR && node->plain && node->text.len == 0;
    const char *nearest = nearest_key(map, node->name);
    if (is_secret(node->name)) {
        plan_diagnose(walk->diagnostics, mark, PLAN_ERROR, "Y301",
                      "a plan holds no secrets; remove it, change it where it was in use, and "
                      "let libpq find it in ~/.pgpass or a service file");
    } else if (str_eq(node->name, "<<")) {
        plan_diagnose(walk->diagnostics, mark, PLAN_ERROR, "Y007",
                      "a merge key is not read; write the keys themselves");
    } else if (str_eq(node->name, "dbname")) { /* libpq's word */
        plan_diagnose(walk->diagnostics, mark, PLAN_ERROR, "Y003",
                      "unknown key; did you mean \"database\"?");
    } else if (empty) {
        plan_diagnose(
            walk->diagnostics, mark, PLAN_ERROR, "Y003",
            "unknown key without a value; inside { } a comma begins a new key, so quote "
            "text that holds one");
    } else if (nearest) {
        plan_diagnose(walk->diagnostics, mark, PLAN_ERROR, "Y003",
                      "unknown key; did you mean \"%s\"?", nearest);
    } else {
        tell_keys(walk, map, mark);
    }
}

static void missing_keys(struct walk *walk, const struct plan_map *map,
                         const struct plan_node *node, uint64_t seen)
{
    for (size_t i = 0; i < map->key_count; i++) {
        const struct plan_key *key = &map->keys[i];
        if ((key->flags & KEY_REQUIRED) != 0 && (seen >> i & 1) == 0) {
            plan_diagnose(walk->diagnostics, plan_tree_mark(node), PLAN_ERROR, "Y005",
                          "the key \"%s\" is missing", key->name);
        }
    }
}

void plan_walk_map(struct walk *walk, const struct plan_map *map, const struct plan_node *node,
                   void *target)
{
    struct plan_mark mark = plan_tree_mark(node);
    memcpy(target, &mark, sizeof(mark)); /* the first member of every mapping */
    uint64_t seen = 0;
    default_values(walk, map, target);
    for (const struct plan_node *child = node->first; child != NULL; child = child->next) {
        const struct plan_key *key = plan_table_find(map, child->name);
        if (key == NULL) {
            unknown_key(walk, map, child);
            continue;
        }
        uint64_t bit = UINT64_C(1) << (key - map->keys);
        if ((seen & bit) != 0) {
            plan_diagnose(walk->diagnostics, plan_tree_name_mark(child), PLAN_ERROR, "Y004",
                          "the key stands here twice, first in line %d; remove one",
                          plan_tree_find(node, key->name)->name_line);
            continue;
        }
        seen |= bit;
        read_value(walk, key, child, (char *)target + key->offset);
    }
    missing_keys(walk, map, node, seen);
}
