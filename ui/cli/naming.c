/* SPDX-License-Identifier: PostgreSQL */
/*
 * How migration tools name their files: which version a file is, which file takes it
 * back, and in which order a folder is applied. Known are golang-migrate (001_x.up.sql,
 * 001_x.down.sql), Flyway (V1_2__x.sql, U1_2__x.sql, R__x.sql), sqitch (sqitch.plan,
 * deploy/, revert/), and files that begin with a number, as dbmate, Supabase and people
 * write them.
 */
#include "cli_private.h"
#include "files.h"
#include "naming.h"

#include <ctype.h>
#include <fcntl.h>
#include <unistd.h>

enum {
    SQITCH_PLAN_MAX = 1024 * 1024
};

static struct str base_of(const char *file)
{
    const char *slash = strrchr(file, '/');
    struct str base = str_from(slash ? slash + 1 : file);
    base = str_ends(base, ".sql") ? str_slice(base, 0, base.len - 4) : base;
    return str_ends(base, ".up") ? str_slice(base, 0, base.len - 3) : base;
}

/* Where a version of Flyway ends; base.len when there is no such place. */
static size_t find_separator(struct str base)
{
    for (size_t at = 0; at + 1 < base.len; at++) {
        if (base.ptr[at] == '_' && base.ptr[at + 1] == '_') {
            return at;
        }
    }
    return base.len;
}

/* V1_2__name, U1_2__name: the letter, a version, two underscores. */
static bool is_flyway(struct str base, char letter)
{
    return base.len > 1 && base.ptr[0] == letter && isdigit((unsigned char)base.ptr[1]) &&
           find_separator(base) < base.len;
}

struct str naming_version(struct arena *arena, const char *file)
{
    struct str base = base_of(file);
    struct str number = base;
    bool flyway = is_flyway(base, 'V') || is_flyway(base, 'U');
    if (flyway) {
        number = str_slice(base, 1, find_separator(base) - 1);
    } else {
        size_t end = 0;
        while (end < base.len && isdigit((unsigned char)base.ptr[end])) {
            end++;
        }
        number = end > 0 ? str_slice(base, 0, end) : base;
    }
    struct strbuf name = {0};
    for (size_t i = 0; i < number.len; i++) {
        bool fine = isalnum((unsigned char)number.ptr[i]) || strchr("._-", number.ptr[i]);
        bool point = flyway && number.ptr[i] == '_';
        strbuf_byte(&name, point ? '.' : fine ? number.ptr[i] : '_');
    }
    struct str kept = str_dup(arena, strbuf_str(&name));
    strbuf_release(&name);
    return kept;
}

/* ---------------------------------------------------------------------- undo */

const char *naming_undo(struct arena *arena, const char *path)
{
    struct str file = str_from(path);
    struct str base = base_of(path);
    struct str version = naming_version(arena, path);
    const char *slash = strrchr(path, '/');
    struct str folder = str_slice(file, 0, slash ? (size_t)(slash + 1 - path) : 0);
    struct str above =
        str_ends(folder, "deploy/") ? str_slice(folder, 0, folder.len - 7) : folder;
    struct str rest = is_flyway(base, 'V') ? str_slice(base, 1, base.len) : base;
    const struct str guesses[] = {
        str_format(arena, "%.*s%.*s_down.sql", STR_ARG(folder), STR_ARG(base)),
        str_format(arena, "%.*s%.*s.down.sql", STR_ARG(folder), STR_ARG(base)),
        str_format(arena, "%.*s%.*s_down.sql", STR_ARG(folder), STR_ARG(version)),
        str_format(arena, "%.*sU%.*s.sql", STR_ARG(folder), STR_ARG(rest)),
        str_format(arena, "%.*srollback/%.*s.sql", STR_ARG(folder), STR_ARG(base)),
        str_format(arena, "%.*srevert/%.*s.sql", STR_ARG(above), STR_ARG(base)),
    };
    for (size_t i = 0; i < COUNT_OF(guesses); i++) {
        const char *guess = str_text(arena, guesses[i]);
        if (strcmp(guess, path) != 0 && access(guess, R_OK) == 0) {
            return guess;
        }
    }
    return NULL;
}

static bool takes_back(struct str name)
{
    return str_ends(name, ".down.sql") || str_ends(name, "_down.sql") || is_flyway(name, 'U');
}

/* --------------------------------------------------------------------- order */

/* The next part of "1.10"; numbers count as numbers. */
static int compare_versions(struct str left, struct str right)
{
    struct str a;
    struct str b;
    for (;;) {
        bool more = str_cut(&left, '.', &a);
        bool other = str_cut(&right, '.', &b);
        if (!more || !other) {
            return more - other;
        }
        int64_t x = 0;
        int64_t y = 0;
        bool numbers = str_to_i64(a, &x) && str_to_i64(b, &y);
        int order = !numbers ? str_compare(a, b) : x < y ? -1 : x > y;
        if (order != 0) {
            return order;
        }
    }
}

struct named {
    const char *path;
    struct str version;
    bool repeatable; /* R__name.sql: whenever it changed, behind all others */
};

static int by_version(const void *left, const void *right)
{
    const struct named *a = left;
    const struct named *b = right;
    if (a->repeatable != b->repeatable) {
        return a->repeatable ? 1 : -1;
    }
    int order = compare_versions(a->version, b->version);
    return order != 0 ? order : strcmp(a->path, b->path);
}

static bool are_distinct(const struct named *list, size_t count, struct err *err)
{
    for (size_t i = 1; i < count; i++) {
        if (compare_versions(list[i - 1].version, list[i].version) == 0) {
            err_set(err, ERR_USAGE, "two files are version %.*s: %s and %s",
                    STR_ARG(list[i].version), list[i - 1].path, list[i].path);
            err_hint(err, "Nothing was written. Give one of them another number, or name the "
                          "files one by one in their order.");
            return false;
        }
    }
    return true;
}

/* -------------------------------------------------------------------- folder */

static bool take_named(struct arena *arena, const char *folder, const struct files_list *list,
                       const char ***files, size_t *count, struct err *err)
{
    struct named *found = arena_array(arena, list->count + 1, sizeof(*found));
    for (size_t i = 0; i < list->count; i++) {
        struct str name = list->entries[i].name;
        if (list->entries[i].type != FILES_TYPE_REGULAR || !str_ends(name, ".sql") ||
            takes_back(name)) {
            continue;
        }
        const char *path = str_format(arena, "%s/%.*s", folder, STR_ARG(name)).ptr;
        found[(*count)++] = (struct named){.path = path,
                                           .version = naming_version(arena, path),
                                           .repeatable = str_starts(name, "R__")};
    }
    qsort(found, *count, sizeof(*found), by_version);
    *files = arena_array(arena, *count + 1, sizeof(**files));
    for (size_t i = 0; i < *count; i++) {
        (*files)[i] = found[i].path;
    }
    return are_distinct(found, *count, err);
}

/* sqitch.plan: "name [requirements] date who # note" a line; %pragmas and @tags between. */
static bool take_sqitch(struct arena *arena, const char *folder, struct str plan,
                        const char ***files, size_t *count)
{
    size_t lines = 1;
    for (size_t at = 0; (at = str_find_byte(plan, '\n', at)) < plan.len; at++) {
        lines++;
    }
    *files = arena_array(arena, lines, sizeof(**files));
    struct str line;
    while (str_cut(&plan, '\n', &line)) {
        size_t end = str_find_byte(line, ' ', 0);
        struct str name = str_slice(line, 0, end);
        if (name.len > 0 && !strchr("%@#", name.ptr[0])) {
            (*files)[(*count)++] =
                str_format(arena, "%s/deploy/%.*s.sql", folder, STR_ARG(name)).ptr;
        }
    }
    return true;
}

bool naming_folder(struct arena *arena, const char *folder, const char ***files, size_t *count,
                   struct err *err)
{
    struct files_list list;
    struct strbuf sqitch = {0};
    size_t length = strlen(folder);
    while (length > 1 && folder[length - 1] == '/') {
        length--;
    }
    folder = str_text(arena, (struct str){folder, length});
    *files = NULL;
    *count = 0;
    int fd = files_open_directory(AT_FDCWD, folder, NULL, err);
    bool ok = fd >= 0 && files_list(fd, arena, &list, err);
    if (ok && files_read(fd, "sqitch.plan", SQITCH_PLAN_MAX, &sqitch, NULL, NULL)) {
        ok = take_sqitch(arena, folder, str_dup(arena, strbuf_str(&sqitch)), files, count);
    } else if (ok) {
        ok = take_named(arena, folder, &list, files, count, err);
    }
    if (fd >= 0) {
        close(fd);
    } else if (err) {
        err->kind = ERR_USAGE;
    }
    strbuf_release(&sqitch);
    if (ok && *count == 0) {
        err_set(err, ERR_USAGE, "%s holds no migration: no file NAME.sql", folder);
        err_hint(err, "Nothing was written. Name the folder that the files lie in.");
    }
    return ok && *count > 0;
}
