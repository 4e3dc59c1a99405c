/* SPDX-License-Identifier: PostgreSQL */
/*
 * check --write-hashes: the hash of each migration goes into the plan, where it
 * stands or beneath the `file:` of a step in block style. Every other byte stays as it
 * is, and the file is replaced in one atomic rename.
 */
#include "cli_private.h"
#include "files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* One change of the text, by position. */
struct edit {
    size_t offset;
    size_t length; /* bytes that go */
    struct str text;
};

/* Byte offset of a line and column (from 1, columns in characters); text.len when outside. */
static size_t offset_of(struct str text, int line, int column)
{
    size_t at = 0;
    for (int i = 1; i < line && at < text.len; i++) {
        at = str_find_byte(text, '\n', at) + 1;
    }
    for (int i = 1; i < column && at < text.len; i++) {
        uint32_t code_point;
        size_t length = utf8_next(str_slice(text, at, text.len), &code_point);
        at += length > 0 ? length : 1;
    }
    return at < text.len ? at : text.len;
}

static bool replace_old(struct str text, const struct plan_step *step,
                        const struct sha256_hex *hash, struct arena *arena, struct edit *edit)
{
    struct plan_mark mark = plan_mark_of(step->mark, "sha256");
    size_t at = offset_of(text, mark.line, mark.column);
    if (at < text.len && (text.ptr[at] == '"' || text.ptr[at] == '\'')) {
        at++;
    }
    struct str old = str_slice(text, at, step->sha256.len);
    *edit = (struct edit){at, old.len, str_dup(arena, sha256_str(hash))};
    return str_is(old, step->sha256);
}

/* Beneath `file:`, as deep as that; only where the key begins its line. */
static bool add_new(struct str text, const struct plan_step *step,
                    const struct sha256_hex *hash, struct arena *arena, struct edit *edit)
{
    struct plan_mark mark = plan_mark_of(step->mark, "file");
    size_t line = offset_of(text, mark.line, 1);
    size_t end = str_find_byte(text, '\n', line);
    size_t key = line;
    while (key < end && (text.ptr[key] == ' ' || text.ptr[key] == '-')) {
        key++;
    }
    if (!str_starts(str_slice(text, key, text.len), "file:")) {
        return false;
    }
    struct strbuf added = {0};
    strbuf_text(&added, end < text.len ? "" : "\n");
    strbuf_repeat(&added, ' ', key - line);
    strbuf_format(&added, "sha256: \"%s\"\n", hash->text);
    size_t at = end < text.len ? end + 1 : text.len;
    *edit = (struct edit){at, 0, str_dup(arena, strbuf_str(&added))};
    strbuf_release(&added);
    return true;
}

/* 1 = an edit is needed, 0 = the hash is right, -1 = it cannot be placed. */
static int edit_of(const struct app_plan *plan, const struct plan_step *step,
                   struct arena *arena, struct edit *edit)
{
    struct str bytes = app_plan_bytes(plan, step->file);
    if (step->kind != PLAN_STEP_MIGRATION || !bytes.ptr) {
        return 0;
    }
    struct sha256_hex hash = sha256_of(bytes);
    if (str_is(step->sha256, sha256_str(&hash))) {
        return 0;
    }
    struct str text = plan->plan->bytes;
    bool placed = step->sha256.ptr ? replace_old(text, step, &hash, arena, edit)
                                   : add_new(text, step, &hash, arena, edit);
    if (!placed) {
        cli_talk("gonogo: error: step %.*s (line %d): write sha256: \"%s\" by hand",
                 STR_ARG(step->id), step->mark.line, hash.text);
        return -1;
    }
    return 1;
}

/* Edits are in the order of the file. */
static bool write_plan(const struct app_plan *plan, const struct edit *edits, size_t count,
                       struct err *err)
{
    struct strbuf out = {0};
    struct str text = plan->plan->bytes;
    size_t done = 0;
    for (size_t i = 0; i < count; i++) {
        strbuf_add(&out, str_slice(text, done, edits[i].offset - done));
        strbuf_add(&out, edits[i].text);
        done = edits[i].offset + edits[i].length;
    }
    strbuf_add(&out, str_slice(text, done, text.len));
    char *full = realpath(plan->path, NULL);
    const char *slash = full ? strrchr(full, '/') : NULL;
    struct stat status;
    int folder = files_open_directory(AT_FDCWD, plan->folder, NULL, err);
    bool ok = folder >= 0 && slash && stat(full, &status) == 0 &&
              files_write_atomic(folder, slash + 1, strbuf_str(&out), status.st_mode & 0777,
                                 NULL, err);
    if (folder >= 0) {
        close(folder);
    }
    free(full);
    strbuf_release(&out);
    return ok;
}

int cli_write_hashes(const struct app_plan *plan)
{
    struct err err = {0};
    struct arena arena = {0};
    if (!plan->plan) {
        return cli_usage("the plan %s cannot be read; no hash was written (see `gonogo check "
                         "%s`)",
                         plan->path, plan->path);
    }
    const struct plan_steps *steps = &plan->plan->steps;
    struct edit *edits = arena_array(&arena, steps->count + 1, sizeof(*edits));
    size_t count = 0;
    bool placed = true;
    for (size_t i = 0; i < steps->count; i++) {
        int needed = edit_of(plan, &steps->items[i], &arena, &edits[count]);
        count += needed > 0 ? 1 : 0;
        placed = placed && needed >= 0;
    }
    int code = 0;
    if (!placed) {
        code = cli_usage("no hash was written");
    } else if (count > 0 && !write_plan(plan, edits, count, &err)) {
        code = cli_fail(&err);
    } else {
        cli_talk("gonogo: %zu hashes written into %s", count, plan->path);
    }
    arena_release(&arena);
    return code;
}
