/* SPDX-License-Identifier: PostgreSQL */
/*
 * Writing the recording. Each piece is one write(2) of whole lines, so that a recording
 * that broke off can still be played.
 */
#include "front_cast.h"

#include "files.h"
#include "loop.h"

#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

struct front_cast {
    int fd;
    int64_t began_us;
    bool failed;
    struct err err; /* of the first failure */
};

static void write_lines(struct front_cast *cast, struct strbuf *lines)
{
    if (!cast->failed && !files_write_all(cast->fd, strbuf_str(lines), NULL, &cast->err)) {
        cast->failed = true;
    }
    strbuf_release(lines);
}

static void write_header(struct front_cast *cast, int columns, int rows, const char *title)
{
    enum {
        USUAL_COLUMNS = 80,
        USUAL_ROWS = 24
    };
    const char *terminal = getenv("TERM");
    struct strbuf line = {0};
    strbuf_format(&line,
                  "{\"version\": 2, \"width\": %d, \"height\": %d, \"timestamp\": %" PRId64
                  ", \"title\": ",
                  columns > 0 ? columns : USUAL_COLUMNS, rows > 0 ? rows : USUAL_ROWS,
                  loop_wall_us() / US_PER_SECOND);
    json_quote(&line, str_from(title));
    strbuf_text(&line, ", \"env\": {\"TERM\": ");
    json_quote(&line, str_from(terminal ? terminal : "dumb"));
    strbuf_text(&line, "}}\n");
    write_lines(cast, &line);
}

static int create(const char *path, struct err *err)
{
    const char *slash = strrchr(path, '/');
    struct arena arena = {0};
    struct str parent = {path, slash ? (size_t)(slash + 1 - path) : 0};
    const char *folder = slash ? str_text(&arena, parent) : ".";
    int directory = files_open_directory(AT_FDCWD, folder, NULL, err);
    int fd = directory < 0
                 ? -1
                 : files_create_exclusive(directory, slash ? slash + 1 : path, 0600, NULL, err);
    if (directory >= 0) {
        close(directory);
    }
    arena_release(&arena);
    return fd;
}

struct front_cast *front_cast_open(const char *path, int columns, int rows, const char *title,
                                   struct err *err)
{
    int fd = create(path, err);
    if (fd < 0) {
        if (err) {
            err->kind = ERR_USAGE;
        }
        return NULL;
    }
    struct front_cast *cast = mem_zero(1, sizeof(*cast));
    *cast = (struct front_cast){.fd = fd, .began_us = loop_now_us()};
    write_header(cast, columns, rows, title);
    return cast;
}

void front_cast_add(struct front_cast *cast, struct str text)
{
    if (!cast || cast->failed || text.len == 0) {
        return;
    }
    struct strbuf shown = {0};
    struct strbuf line = {0};
    for (size_t i = 0; i < text.len; i++) {
        strbuf_text(&shown, text.ptr[i] == '\n' ? "\r" : ""); /* as the terminal did it */
        strbuf_byte(&shown, text.ptr[i]);
    }
    int64_t us = loop_now_us() - cast->began_us;
    strbuf_format(&line, "[%" PRId64 ".%06" PRId64 ", \"o\", ", us / US_PER_SECOND,
                  us % US_PER_SECOND);
    json_quote(&line, strbuf_str(&shown));
    strbuf_text(&line, "]\n");
    strbuf_release(&shown);
    write_lines(cast, &line);
}

bool front_cast_close(struct front_cast *cast, struct err *err)
{
    if (!cast) {
        return true;
    }
    bool failed = cast->failed;
    bool closed = files_close(cast->fd, failed ? NULL : err);
    if (failed && err) {
        *err = cast->err;
    }
    free(cast);
    return closed && !failed;
}
