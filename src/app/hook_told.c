/* SPDX-License-Identifier: PostgreSQL */
/*
 * The receipt of `gonogo notify --event before_open`: one small file beside the runs, by
 * the plan's digest and the target, so that a run of exactly these bytes finds it.
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

bool hook_note_told(const struct app_plan *plan, const struct plan_target *target,
                    const char *runs_root, int64_t at_us, struct str who, struct err *err)
{
    struct arena arena = {0};
    struct strbuf text = {0};
    struct json *receipt = json_make_object();
    json_put_i64(receipt, "v", 1);
    json_put_text(receipt, "event", str_from(plan_occasion_word(PLAN_WHEN_BEFORE_OPEN)));
    json_put_text(receipt, "plan", plan->plan->name);
    json_put_text(receipt, "target", target->id);
    json_put_i64(receipt, "at_us", at_us);
    json_put_text(receipt, "who", who);
    json_write(&text, receipt, JSON_ONE_LINE);
    strbuf_byte(&text, '\n');
    const char *root = root_of(&arena, runs_root);
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
    json_free(receipt);
    strbuf_release(&text);
    arena_release(&arena);
    return ok;
}

int64_t hook_told_us(struct str digest, struct str target, const char *runs_root,
                     struct arena *arena, struct str *who)
{
    struct strbuf text = {0};
    int64_t at_us = 0;
    const char *root = root_of(arena, runs_root);
    int fd = root ? files_open_directory(AT_FDCWD, root, NULL, NULL) : -1;
    if (fd >= 0 &&
        files_read(fd, receipt_name(arena, digest, target), RECEIPT_MAX, &text, NULL, NULL)) {
        struct json *receipt = json_read(strbuf_str(&text), NULL);
        at_us = json_i64(json_find(receipt, "at_us"), 0);
        *who = str_dup(arena, json_text(json_find(receipt, "who")));
        json_free(receipt);
    }
    if (fd >= 0) {
        close(fd);
    }
    strbuf_release(&text);
    return at_us;
}
