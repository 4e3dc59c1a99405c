/* SPDX-License-Identifier: PostgreSQL */
/*
 * The files that a plan names, judged from what the app found: there, inside the
 * folder, readable text, the hash that was approved, and no ${name}, which is
 * never filled in SQL.
 */
#include "plan_walk.h"

#include "plan_values.h"

/* What each trouble says; NULL where the trouble is none. */
static const struct trouble_text {
    const char *code;
    const char *text;
} trouble_texts[] = {
    [PLAN_FILE_FINE] = {NULL, NULL},
    [PLAN_FILE_MISSING] = {"Y501", "there is no such file beside the plan"},
    [PLAN_FILE_OUTSIDE] = {"Y502",
                           "the path leaves the plan's folder; copy the file beside the "
                           "plan and name it from there"},
    [PLAN_FILE_SYMLINK_OUT] = {"Y503",
                               "a symbolic link leads out of the plan's folder; copy the "
                               "file beside the plan"},
    [PLAN_FILE_NOT_REGULAR] = {"Y508", "not a regular file"},
    [PLAN_FILE_UNREADABLE] = {"Y508", "the file cannot be read; look at its permissions"},
    [PLAN_FILE_TOO_LARGE] = {"Y508", "the file is too large to be read"},
    [PLAN_FILE_NOT_EXECUTABLE] = {"Y509", "the program is not executable; chmod +x it"},
};

/* Line and column, from 1 and in characters, of an offset. */
static void place_of(struct str bytes, size_t offset, int *line, int *column)
{
    *line = 1;
    *column = 1;
    for (size_t i = 0; i < offset; i++) {
        unsigned char byte = (unsigned char)bytes.ptr[i];
        if (byte == '\n') {
            (*line)++;
            *column = 1;
        } else if ((byte & 0xC0) != 0x80) {
            (*column)++;
        }
    }
}

static void judge_text(const struct plan_file *file, struct str bytes,
                       struct plan_diagnostics *diagnostics)
{
    int line = 0;
    int column = 0;
    size_t bad = utf8_invalid_at(bytes);
    size_t nul = str_find_byte(bytes, '\0', 0);
    if (nul < bad) {
        bad = nul;
    }
    if (bad < bytes.len) {
        place_of(bytes, bad, &line, &column);
        plan_diagnose(diagnostics, file->mark, PLAN_ERROR, "Y504",
                      "%.*s is not UTF-8 text: byte 0x%02x in line %d, column %d; save it as "
                      "UTF-8",
                      SHOWN(file->path), (unsigned)(unsigned char)bytes.ptr[bad], line, column);
        return;
    }
    if (str_trim(bytes).len == 0) {
        plan_diagnose(diagnostics, file->mark, PLAN_ERROR, "Y507", "%.*s is empty",
                      SHOWN(file->path));
    }
    size_t at = 0;
    size_t begin = 0;
    struct str name;
    if (plan_fill_next(bytes, &at, &begin, &name)) {
        place_of(bytes, begin, &line, &column);
        plan_diagnose(diagnostics, file->mark, PLAN_ERROR, "Y506",
                      "%.*s holds ${%.*s} in line %d, column %d, and SQL is never filled; the "
                      "same SQL runs on every target",
                      SHOWN(file->path), SHOWN(name), line, column);
    }
}

static void judge_hash(const struct plan_file *file, struct str bytes,
                       struct plan_diagnostics *diagnostics)
{
    if (file->sha256.ptr == NULL) {
        return;
    }
    struct sha256_hex hash = sha256_of(bytes);
    if (!str_is(file->sha256, sha256_str(&hash))) {
        plan_diagnose(
            diagnostics, file->mark, PLAN_ERROR, "Y505",
            "%.*s has changed: its SHA-256 is %.12s..., the plan says %.12s...; look at "
            "the change, then `gonogo check --write-hashes`",
            SHOWN(file->path), hash.text, file->sha256.ptr);
    }
}

bool plan_check(const struct plan *plan, const struct plan_file_state *files,
                struct plan_diagnostics *diagnostics)
{
    size_t errors = diagnostics->errors;
    for (size_t i = 0; i < plan->file_count; i++) {
        const struct plan_file *file = &plan->files[i];
        const struct trouble_text *trouble = &trouble_texts[files[i].trouble];
        if (trouble->code != NULL) {
            plan_diagnose(diagnostics, file->mark, PLAN_ERROR, trouble->code, "%.*s: %s",
                          SHOWN(file->path), trouble->text);
            continue;
        }
        judge_hash(file, files[i].bytes, diagnostics);
        if (file->kind != PLAN_FILE_HOOK) {
            judge_text(file, files[i].bytes, diagnostics);
        }
    }
    plan_diagnostics_sort(diagnostics);
    return diagnostics->errors == errors;
}
