/* SPDX-License-Identifier: PostgreSQL */
/*
 * Helpers of the judges: names seen, references, keys that do not belong.
 */
#include "plan_judge.h"

#include "plan_values.h"

static size_t hash_of(struct str name)
{
    uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */
    for (size_t i = 0; i < name.len; i++) {
        hash = (hash ^ (unsigned char)name.ptr[i]) * UINT64_C(1099511628211);
    }
    return (size_t)hash;
}

static struct name_slot *slot_of(const struct name_set *set, struct str name)
{
    size_t at = hash_of(name) & (set->capacity - 1);
    while (set->slots[at].line != 0 && !str_is(set->slots[at].name, name)) {
        at = (at + 1) & (set->capacity - 1);
    }
    return &set->slots[at];
}

static void grow(struct name_set *set)
{
    struct name_set wider = {.capacity = set->capacity == 0 ? 32 : set->capacity * 2};
    wider.slots = mem_zero(wider.capacity, sizeof(*wider.slots));
    wider.count = set->count;
    for (size_t i = 0; i < set->capacity; i++) {
        if (set->slots[i].line != 0) {
            *slot_of(&wider, set->slots[i].name) = set->slots[i];
        }
    }
    free(set->slots);
    *set = wider;
}

int plan_name_add(struct name_set *set, struct str name, int line)
{
    if (set->count * 2 >= set->capacity) {
        grow(set);
    }
    struct name_slot *slot = slot_of(set, name);
    if (slot->line != 0) {
        return slot->line;
    }
    slot->name = name;
    slot->line = line;
    set->count++;
    return 0;
}

int plan_name_line(const struct name_set *set, struct str name)
{
    return set->capacity == 0 ? 0 : slot_of(set, name)->line;
}

void plan_name_release(struct name_set *set)
{
    free(set->slots);
    *set = (struct name_set){0};
}

bool plan_judge_says(struct plan_mark mapping, const char *key)
{
    return plan_tree_find(mapping.node, key) != NULL;
}

size_t plan_judge_says_of(struct plan_mark mapping, const char *const *keys, size_t count,
                          const char **first)
{
    size_t said = 0;
    for (size_t i = 0; i < count; i++) {
        if (plan_judge_says(mapping, keys[i])) {
            if (said++ == 0) {
                *first = keys[i];
            }
        }
    }
    return said;
}

void plan_judge_id(struct judge *judge, struct name_set *set, struct plan_mark mapping,
                   struct str id, const char *kind)
{
    if (id.len == 0) {
        return;
    }
    struct plan_mark mark = plan_mark_of(mapping, plan_judge_says(mapping, "migration") &&
                                                          !plan_judge_says(mapping, "id")
                                                      ? "migration"
                                                      : "id");
    int line = plan_name_add(set, id, mark.line);
    if (line != 0) {
        JUDGE_ERROR(judge, mark, "Y104",
                    "the %s \"%.*s\" stands here twice, first in line %d; name one of them "
                    "otherwise",
                    kind, SHOWN(id), line);
    }
}

void plan_judge_reference(struct judge *judge, const struct name_set *set,
                          struct plan_mark mapping, const char *key, struct str name,
                          const char *kind)
{
    enum {
        NEAR = 2
    };
    if (name.len == 0 || plan_name_line(set, name) != 0) {
        return;
    }
    struct str nearest = {0};
    size_t best = NEAR + 1;
    for (size_t i = 0; i < set->capacity; i++) {
        size_t distance =
            set->slots[i].line == 0 ? best : str_distance(name, set->slots[i].name, NEAR);
        if (distance < best) {
            best = distance;
            nearest = set->slots[i].name;
        }
    }
    struct plan_mark mark = plan_mark_of(mapping, key);
    if (nearest.len > best) {
        JUDGE_ERROR(judge, mark, "Y105", "there is no %s \"%.*s\"; did you mean \"%.*s\"?",
                    kind, SHOWN(name), SHOWN(nearest));
    } else {
        JUDGE_ERROR(judge, mark, "Y105", "there is no %s \"%.*s\" in this plan", kind,
                    SHOWN(name));
    }
}

void plan_judge_stray(struct judge *judge, struct plan_mark mapping, const char *const *keys,
                      size_t count, const char *kind)
{
    for (size_t i = 0; i < count; i++) {
        const struct plan_node *node = plan_tree_find(mapping.node, keys[i]);
        if (node != NULL) {
            JUDGE_ERROR(judge, plan_tree_name_mark(node), "Y103",
                        "the key does not belong to %s; remove it", kind);
        }
    }
}

void plan_judge_argv(struct judge *judge, struct plan_mark mapping, const char *key,
                     const struct plan_texts *argv)
{
    static const char *const shells[] = {"sh", "bash", "dash", "zsh", "ksh"};
    if (argv->count < 2) {
        return;
    }
    struct str program = argv->items[0];
    for (size_t i = program.len; i > 0; i--) {
        if (program.ptr[i - 1] == '/') {
            program = str_slice(program, i, program.len);
            break;
        }
    }
    for (size_t i = 0; i < COUNT_OF(shells); i++) {
        if (str_eq(program, shells[i]) && str_starts(argv->items[1], "-") &&
            str_find_byte(argv->items[1], 'c', 0) < argv->items[1].len) {
            JUDGE_WARNING(
                judge, plan_mark_of(mapping, key), "Y210",
                "a command line for %s is not part of what is hashed and approved as a "
                "file; put it into a script beside the plan",
                shells[i]);
        }
    }
}
