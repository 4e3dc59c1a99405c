/* SPDX-License-Identifier: PostgreSQL */
/*
 * A file of settings: the table of its keys is made from what the caller knows, then it is
 * walked like a plan, with the same errors at the same places.
 */
#include "plan_settings.h"
#include "plan_read.h"
#include "plan_values.h"

#include <assert.h>

static const struct plan_wordlist *make_words(struct arena *arena, const char *words)
{
    struct plan_wordlist *list = arena_alloc(arena, sizeof(*list));
    struct plan_word *items = arena_array(arena, strlen(words), sizeof(*items));
    struct str rest = str_from(words);
    struct str word;
    while (str_cut(&rest, ' ', &word)) {
        items[list->count].name = str_text(arena, word);
        items[list->count].value = (int)list->count + 1;
        list->count++;
    }
    list->items = items;
    return list;
}

static struct plan_map make_map(struct arena *arena, const struct setting_key *keys,
                                size_t count, bool may_lock)
{
    struct plan_key *rows = arena_array(arena, count + 1, sizeof(*rows));
    for (size_t i = 0; i < count; i++) {
        size_t offset = offsetof(struct settings, values) + i * sizeof(struct setting);
        const char *words = keys[i].words;
        rows[i].name = keys[i].name;
        rows[i].type = !words ? TYPE_TRISTATE : words[0] == '\0' ? TYPE_TEXT : TYPE_WORDTEXT;
        rows[i].words = words && words[0] != '\0' ? make_words(arena, words) : NULL;
        rows[i].offset =
            offset + (words ? offsetof(struct setting, text) : offsetof(struct setting, is));
    }
    rows[count] = (struct plan_key){
        .name = "locked", .type = TYPE_NAMES, .offset = offsetof(struct settings, locked)};
    return (struct plan_map){.name = "settings",
                             .size = sizeof(struct settings),
                             .keys = rows,
                             .key_count = count + may_lock};
}

static bool says_nothing(struct str bytes)
{
    struct str line;
    while (str_cut(&bytes, '\n', &line)) {
        line = str_trim(line);
        if (line.len > 0 && line.ptr[0] != '#') {
            return false;
        }
    }
    return true;
}

/* Only what the file says can be locked by it. */
static void judge_locked(const struct settings *settings, const struct setting_key *keys,
                         size_t count, struct plan_diagnostics *diagnostics)
{
    for (size_t i = 0; i < settings->locked.count; i++) {
        bool said = false;
        for (size_t k = 0; k < count; k++) {
            const struct setting *value = &settings->values[k];
            said = said || (str_eq(settings->locked.items[i], keys[k].name) &&
                            (value->text.ptr || value->is != PLAN_NOT_SAID));
        }
        if (!said) {
            plan_diagnose(diagnostics, plan_mark_of(settings->mark, "locked"), PLAN_ERROR,
                          "Y801", "\"%.*s\" is locked, but this file does not set it",
                          SHOWN(settings->locked.items[i]));
        }
    }
}

struct settings *settings_read(struct str bytes, struct str file_name,
                               const struct setting_key *keys, size_t count, bool may_lock,
                               struct arena *arena, struct plan_diagnostics *diagnostics)
{
    assert(count <= SETTINGS_MAX);
    diagnostics->arena = arena;
    diagnostics->file = str_dup(arena, file_name);
    struct plan_map map = make_map(arena, keys, count, may_lock);
    struct walk walk = {.diagnostics = diagnostics, .arena = arena};
    struct settings *settings = arena_alloc(arena, sizeof(*settings));
    const struct plan_node *root = NULL;
    size_t errors = diagnostics->errors;
    if (!says_nothing(bytes) && plan_read_root(bytes, &walk, &root)) {
        plan_walk_map(&walk, &map, root, settings);
        judge_locked(settings, keys, count, diagnostics);
    }
    plan_walk_release(&walk);
    plan_diagnostics_sort(diagnostics);
    return diagnostics->errors == errors ? settings : NULL;
}
