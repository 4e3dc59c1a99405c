/* SPDX-License-Identifier: PostgreSQL */
/*
 * The comparison of psql_compare.h. Scripts are copied into a folder of their own, and psql
 * runs a hundred of them at a time, with a mark behind each.
 */
#include "psql_compare.h"
#include "recorder.h"
#include "testing.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum {
    BATCH = 100
};

/* ----------------------------------------------------------------- scripts */

void collection_add(struct collection *all, const char *name, struct str text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%zu.sql", all->folder, all->count);
    struct script_file *file = ARRAY_PUSH(all->files, all->count, all->capacity);
    *file = (struct script_file){0};
    test_write_file(path, text);
    file->name = mem_text(name);
    file->path = mem_text(path);
    file->text = mem_alloc(text.len + 1);
    memcpy(file->text, text.ptr, text.len);
    file->text[text.len] = 0;
    file->length = text.len;
}

static bool is_sql(const char *name)
{
    return str_ends(str_from(name), ".sql");
}

void collection_add_folder(struct collection *all, const char *folder, collection_adder *add)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        char path[1024];
        struct stat status;
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.' && stat(path, &status) == 0) {
            if (S_ISDIR(status.st_mode)) {
                collection_add_folder(all, path, add);
            } else if (is_sql(path)) {
                add(all, path);
            }
        }
        free(entries[i]);
    }
    free(entries);
}

void collection_init(struct collection *all)
{
    *all = (struct collection){0};
    snprintf(all->folder, sizeof all->folder, "/tmp/gonogo-scripts-XXXXXX");
    assert_non_null(mkdtemp(all->folder));
}

void collection_release(struct collection *all)
{
    for (size_t i = 0; i < all->count; i++) {
        unlink(all->files[i].path);
        free(all->files[i].name);
        free(all->files[i].path);
        free(all->files[i].text);
    }
    rmdir(all->folder);
    free(all->files);
}

/* -------------------------------------------------------------- comparison */

/* Whether `ours` becomes `theirs` when some empty lines are left out of it. */
static bool same_but_empty_lines(struct str ours, struct str theirs)
{
    size_t at = 0;
    for (size_t i = 0; i < ours.len; i++) {
        if (at < theirs.len && ours.ptr[i] == theirs.ptr[at]) {
            at++;
        } else if (ours.ptr[i] != '\n' || i == 0 || ours.ptr[i - 1] != '\n') {
            return false;
        }
    }
    return at == theirs.len;
}

static struct str without_end(struct str text)
{
    while (text.len > 0 && strchr(" \t\r\n\f", text.ptr[text.len - 1]) != NULL) {
        text.len--;
    }
    return text;
}

/* Says where cut and psql differ first, and marks the file. */
static void differ_at(struct script_file *file, size_t index, struct str ours,
                      struct str theirs)
{
    file->differs = true;
    print_error("%s: statement %zu\n--- cut:\n%.*s\n--- psql:\n%.*s\n--- script:\n%.*s\n",
                file->name, index + 1, STR_ARG(ours), STR_ARG(theirs),
                (int)(file->length < 4000 ? file->length : 4000), file->text);
}

/* Gaps and statements make up the text, in order and without overlap. */
static void check_order(const struct script_file *file, const struct sql_script *script)
{
    size_t at = 0;
    for (size_t i = 0; i < script->count; i++) {
        const struct sql_statement *statement = &script->statements[i];
        assert_true(statement->offset >= at);
        at = statement->offset + statement->length;
        assert_true(at <= file->length);
        struct sql_place place = sql_place_at(script->text, statement->offset);
        assert_int_equal(place.line, statement->line);
        assert_int_equal(place.column, statement->column);
        if (statement->data != NULL) {
            assert_true(statement->data->offset >= at);
            assert_int_equal(sql_place_at(script->text, statement->data->offset).line,
                             statement->data->line);
            at = statement->data->offset + statement->data->length;
        }
    }
    assert_true(at <= file->length);
}

/* What psql sent for one file, read on from message to message. */
struct reading {
    const struct recorded *sent;
    size_t count;
    size_t at;
};

static struct str next_text(struct reading *reading)
{
    size_t at = reading->at++;
    return at < reading->count ? reading->sent[at].text : STR("(nothing)");
}

static void compare_statement(struct script_file *file, const struct sql_script *script,
                              size_t index, struct reading *reading)
{
    bool is_query = reading->at < reading->count && !reading->sent[reading->at].is_data;
    struct str ours = sql_statement_text(script, index);
    struct str theirs = next_text(reading);
    if (index + 1 == script->count) {
        theirs = without_end(theirs);
    }
    if (!is_query || !same_but_empty_lines(ours, theirs)) {
        differ_at(file, index, ours, theirs);
    }
}

static void compare_data(struct script_file *file, const struct sql_script *script,
                         size_t index, bool whole, struct reading *reading)
{
    struct str data = sql_statement_data(script, index);
    struct str got = next_text(reading);
    if (!str_is(str_slice(got, 0, data.len), data) ||
        (whole && !str_starts(str_slice(got, data.len, got.len), "\\."))) {
        differ_at(file, index, data, got);
    }
}

/* `sent` starts at the file's first message and ends before the mark behind it. */
static void compare_file(struct script_file *file, const struct recorded *sent, size_t count)
{
    static const struct sql_settings settings = {.keep_empty = true};
    struct arena arena = {0};
    struct sql_script script;
    struct reading reading = {sent, count, 0};
    bool whole = sql_cut((struct str){file->text, file->length}, &settings, &arena, &script,
                         &file->trouble);
    check_order(file, &script);
    for (size_t i = 0; i < script.count && !file->differs; i++) {
        compare_statement(file, &script, i, &reading);
        if (script.statements[i].data != NULL && !file->differs) {
            compare_data(file, &script, i, whole, &reading);
        }
    }
    if (whole && !file->differs && reading.at != count) {
        differ_at(file, script.count, STR("(nothing)"), next_text(&reading));
    }
    arena_release(&arena);
}

/* Returns how many files psql came through. */
static size_t run_batch(struct recorder *recorder, struct script_file *files, size_t count)
{
    static const char mark[] = "GONOGO MARK";
    const char *words[6 * BATCH + 1];
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        words[used++] = "-f";
        words[used++] = files[i].path;
        words[used++] = "-c";
        words[used++] = "RESET ALL; --";
        words[used++] = "-c";
        words[used++] = mark;
    }
    words[used] = NULL;
    recorder_clear(recorder);
    assert_true(recorder_run_psql(recorder, words));
    size_t start = 0;
    size_t done = 0;
    for (size_t i = 0; i < recorder->count; i++) {
        if (str_eq(recorder->messages[i].text, mark)) {
            compare_file(&files[done++], recorder->messages + start, i - start - 1);
            start = i + 1;
        }
    }
    return done;
}

size_t collection_differences(struct collection *all)
{
    struct recorder recorder;
    size_t differences = 0;
    assert_true(recorder_init(&recorder));
    for (size_t at = 0; at < all->count;) {
        size_t count = all->count - at < BATCH ? all->count - at : BATCH;
        size_t done = run_batch(&recorder, all->files + at, count);
        if (done < count) {
            all->files[at + done].aborted = true;
        }
        at += done + (done < count);
    }
    recorder_release(&recorder);
    for (size_t i = 0; i < all->count; i++) {
        differences += all->files[i].differs;
    }
    return differences;
}

/*
 * psql 15.20 aborts when its own idea of COPY ... FROM STDIN, kept from an earlier
 * statement, is not the server's; such a file says nothing about the cut and is left
 * out. It must stay rare.
 */
void collection_must_agree(struct collection *all)
{
    size_t aborted = 0;
    assert_true(all->count > 0);
    assert_int_equal(collection_differences(all), 0);
    for (size_t i = 0; i < all->count; i++) {
        aborted += all->files[i].aborted;
    }
    if (aborted > all->count / 200) {
        fail_msg("psql aborted in %zu of %zu files", aborted, all->count);
    }
}
