/* SPDX-License-Identifier: PostgreSQL */
/*
 * The receipt of `gonogo notify --event before_open`: one small file beside the runs, by
 * the plan's digest and the target, so that a run of exactly these bytes finds it. It
 * names each hook that was heard, so that none is told twice because another failed.
 */
#include "hook.h"

#include <fcntl.h>
#include <unistd.h>

#include "files.h"

enum {
    RECEIPT_MAX = 64 << 10,
    RECEIPT_MODE = 0600
};

static const char *receipt_name(struct arena *arena, struct str digest, struct str target)
{
    return str_format(arena, "told-%.*s-%.*s.json", STR_ARG(digest), STR_ARG(target)).ptr;
}

static const char *root_of(struct arena *arena, const char *runs_root)
{
    return runs_root ? runs_root : app_runs_root(arena);
}

/* NULL: there is none, or none that can be read. The caller frees it. */
static struct json *read_receipt(struct str digest, struct str target, const char *root,
                                 struct arena *arena)
{
    struct strbuf text = {0};
    struct json *receipt = NULL;
    int fd = root ? files_open_directory(AT_FDCWD, root, NULL, NULL) : -1;
    if (fd >= 0 &&
        files_read(fd, receipt_name(arena, digest, target), RECEIPT_MAX, &text, NULL, NULL)) {
        receipt = json_read(strbuf_str(&text), NULL);
    }
    if (fd >= 0) {
        close(fd);
    }
    strbuf_release(&text);
    return receipt;
}

/* When that hook was heard by an earlier receipt; 0: never. */
static int64_t heard_us(const struct json *receipt, size_t hook)
{
    const struct json *hooks = json_find(receipt, "hooks");
    for (size_t i = 0; i < json_count(hooks); i++) {
        const struct json *entry = json_at(hooks, i);
        if (json_i64(json_find(entry, "hook"), -1) == (int64_t)hook) {
            return json_i64(json_find(entry, "at_us"), 0);
        }
    }
    return 0;
}

static void put_hooks(struct json *receipt, const struct json *earlier, size_t count,
                      const bool *heard, int64_t at_us)
{
    struct json *hooks = json_make_array();
    for (size_t i = 0; i < count; i++) {
        int64_t when_us = heard[i] ? at_us : heard_us(earlier, i);
        if (when_us != 0) {
            struct json *entry = json_make_object();
            json_put_i64(entry, "hook", (int64_t)i);
            json_put_i64(entry, "at_us", when_us);
            json_push_take(hooks, entry);
        }
    }
    json_put_take(receipt, "hooks", hooks);
}

bool hook_note_told(const struct app_plan *plan, const struct plan_target *target,
                    const char *runs_root, int64_t at_us, struct str who, const bool *heard,
                    struct err *err)
{
    struct arena arena = {0};
    struct strbuf text = {0};
    const char *root = root_of(&arena, runs_root);
    struct json *earlier = read_receipt(sha256_str(&plan->digest), target->id, root, &arena);
    struct json *receipt = json_make_object();
    json_put_i64(receipt, "v", 2);
    json_put_text(receipt, "event", str_from(plan_occasion_word(PLAN_WHEN_BEFORE_OPEN)));
    json_put_text(receipt, "plan", plan->plan->name);
    json_put_text(receipt, "target", target->id);
    json_put_i64(receipt, "at_us", at_us);
    json_put_text(receipt, "who", who);
    put_hooks(receipt, earlier, plan->plan->notify.count, heard, at_us);
    json_write(&text, receipt, JSON_ONE_LINE);
    strbuf_byte(&text, '\n');
    int fd = root ? files_make_directory_private(root, NULL, err) : -1;
    if (!root) {
        err_set(err, ERR_RECORD,
                "no folder for the record: HOME and XDG_STATE_HOME are not set");
    }
    bool ok = fd >= 0 && files_write_atomic(
                             fd, receipt_name(&arena, sha256_str(&plan->digest), target->id),
                             strbuf_str(&text), RECEIPT_MODE, NULL, err);
    if (fd >= 0) {
        close(fd);
    }
    json_free(earlier);
    json_free(receipt);
    strbuf_release(&text);
    arena_release(&arena);
    return ok;
}

void hook_keep_told(struct str digest, struct str target, const char *runs_root,
                    struct arena *arena, struct event *first)
{
    struct json *receipt = read_receipt(digest, target, root_of(arena, runs_root), arena);
    const struct json *hooks = json_find(receipt, "hooks");
    struct event_item *items = arena_array(arena, json_count(hooks) + 1, sizeof(*items));
    for (size_t i = 0; i < json_count(hooks); i++) {
        const struct json *entry = json_at(hooks, i);
        items[i] = (struct event_item){.value = json_i64(json_find(entry, "hook"), -1),
                                       .at_us = json_i64(json_find(entry, "at_us"), 0)};
    }
    first->items = items;
    first->item_count = json_count(hooks);
    first->value = json_i64(json_find(receipt, "at_us"), 0);
    first->name = str_dup(arena, json_text(json_find(receipt, "who")));
    json_free(receipt);
}
