/* SPDX-License-Identifier: PostgreSQL */
/*
 * Versions of the programs, and which folder of them to use. An old pg_dump against a
 * newer server is the classic of quiet failure: it is found before the window, not in it.
 */
#include "pgtools.h"

enum {
    VERSION_NUM_PER_MAJOR = 10000, /* server_version_num since version 10 */
    PROGRAM_MAX = 32,
};

/* Decimal digits at the start of `text`; false when there are none or too many. */
static bool leading_number(struct str *text, int *number)
{
    size_t digits = 0;
    int64_t value = 0;
    while (digits < text->len && text->ptr[digits] >= '0' && text->ptr[digits] <= '9') {
        digits++;
    }
    if (digits == 0 || digits > 6 || !str_to_i64(str_slice(*text, 0, digits), &value)) {
        return false;
    }
    *text = str_slice(*text, digits, text->len);
    *number = (int)value;
    return true;
}

bool pgtools_version_read(struct pgtools_version *version, struct str output, struct err *err)
{
    static const char middle[] = " (PostgreSQL) ";
    struct str line = str_slice(output, 0, str_find_byte(output, '\n', 0));
    struct str rest = {0};
    *version = (struct pgtools_version){0};
    version->program = str_slice(line, 0, str_find_byte(line, ' ', 0));
    rest = str_slice(line, version->program.len, line.len);
    if (version->program.len == 0 || version->program.len > PROGRAM_MAX ||
        !str_starts(rest, middle)) {
        goto unreadable;
    }
    rest = str_slice(rest, sizeof(middle) - 1, rest.len);
    if (!leading_number(&rest, &version->major)) {
        goto unreadable;
    }
    version->released = rest.len == 0 || rest.ptr[0] == '.' || rest.ptr[0] == ' ';
    if (rest.len > 0 && rest.ptr[0] == '.') {
        rest = str_slice(rest, 1, rest.len);
        if (!leading_number(&rest, &version->minor)) {
            goto unreadable;
        }
    }
    return true;
unreadable:
    err_set(err, ERR_CHECK, "cannot read the version of a PostgreSQL program from \"%.*s\"",
            (int)(line.len < 80 ? line.len : 80), line.ptr ? line.ptr : "");
    err_hint(err, "Nothing was started; look which program of that name is found first.");
    return false;
}

bool pgtools_versions_fit(const struct pgtools_version *dump,
                          const struct pgtools_version *restore, int scratch,
                          int server_version_num, struct err *err)
{
    int server = server_version_num / VERSION_NUM_PER_MAJOR;
    if (dump->major < server) {
        err_set(err, ERR_CHECK, "pg_dump %d cannot dump a server of version %d", dump->major,
                server);
        err_detail(err, "pg_dump must not be older than the server.");
        err_hint(err, "No backup was taken; install postgresql-client-%d.", server);
        return false;
    }
    if (restore->major < dump->major) {
        err_set(err, ERR_CHECK, "pg_restore %d cannot read a dump of pg_dump %d",
                restore->major, dump->major);
        err_hint(err, "No backup was taken; use both programs of version %d.", dump->major);
        return false;
    }
    if (scratch != 0 && scratch != server) {
        err_set(err, ERR_CHECK, "the scratch server is version %d, the database version %d",
                scratch, server);
        err_detail(err, "A restore into another version proves neither the time nor the "
                        "catalog.");
        err_hint(err, "Nothing was restored; install postgresql-%d.", server);
        return false;
    }
    return true;
}

int pgtools_bindir_major(struct str path)
{
    struct str piece = {0};
    int major = 0;
    while (str_cut(&path, '/', &piece)) {
        int number = 0;
        if (leading_number(&piece, &number) && piece.len == 0 && number >= 10) {
            major = number;
        }
    }
    return major;
}

/* Is `a` to be preferred to `b` when `wanted` is the server's version? Neither is `wanted`. */
static bool is_better(int a, int b, int wanted)
{
    if (wanted > 0 && (a > wanted) != (b > wanted)) {
        return a > wanted;
    }
    return wanted > 0 && a > wanted ? a < b : a > b;
}

const struct pgtools_bindir *pgtools_choose_bindir(const struct pgtools_bindir *bindirs,
                                                   size_t count, int wanted, bool exactly)
{
    const struct pgtools_bindir *best = NULL;
    int best_major = 0;
    for (size_t i = 0; i < count; i++) {
        int major =
            bindirs[i].major > 0 ? bindirs[i].major : pgtools_bindir_major(bindirs[i].path);
        if (!bindirs[i].has_programs || major == 0) {
            continue;
        }
        if (wanted > 0 && major == wanted) {
            return &bindirs[i];
        }
        if (!exactly && (!best || is_better(major, best_major, wanted))) {
            best = &bindirs[i];
            best_major = major;
        }
    }
    return best;
}
