/* SPDX-License-Identifier: PostgreSQL */
/*
 * The line reader of the plain prompts. Typed text is hostile like any other: what is
 * no UTF-8 is refused, and a line has a longest length.
 */
#include "front_lines.h"

#include <errno.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

enum {
    LINE_MAX_BYTES = 4096
};

void front_lines_init(struct front_lines *lines, int fd)
{
    *lines = (struct front_lines){.fd = fd, .ended = fd < 0};
}

void front_lines_release(struct front_lines *lines)
{
    strbuf_release(&lines->buffer);
}

static bool may_read(int fd)
{
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    return poll(&poll_fd, 1, 0) > 0;
}

bool front_lines_waiting(const struct front_lines *lines)
{
    return !lines->ended && may_read(lines->fd);
}

void front_lines_read(struct front_lines *lines)
{
    char bytes[LINE_MAX_BYTES];
    while (!lines->ended && may_read(lines->fd)) {
        ssize_t length = read(lines->fd, bytes, sizeof(bytes));
        if (length < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK)) {
            return;
        }
        if (length <= 0) { /* end of file, or EIO: the terminal is gone */
            lines->ended = true;
            return;
        }
        strbuf_add(&lines->buffer, (struct str){bytes, (size_t)length});
    }
}

static void forget(struct front_lines *lines, size_t count)
{
    memmove(lines->buffer.ptr, lines->buffer.ptr + count, lines->buffer.len - count + 1);
    lines->buffer.len -= count;
}

enum front_line front_lines_next(struct front_lines *lines, struct arena *arena,
                                 struct str *line)
{
    struct str all = strbuf_str(&lines->buffer);
    size_t end = str_find_byte(all, '\n', 0);
    if (end == all.len) {
        if (all.len > LINE_MAX_BYTES) {
            strbuf_clear(&lines->buffer);
            lines->overlong = true;
        }
        return lines->ended ? FRONT_LINE_END : FRONT_LINE_NONE;
    }
    bool bad = lines->overlong || end > LINE_MAX_BYTES;
    struct str typed = str_trim(str_slice(all, 0, end));
    bad = bad || utf8_invalid_at(typed) != typed.len;
    *line = bad ? (struct str){0} : str_dup(arena, typed);
    lines->overlong = false;
    forget(lines, end + 1);
    return bad ? FRONT_LINE_BAD : FRONT_LINE;
}

void front_lines_drop(struct front_lines *lines)
{
    if (lines->fd >= 0 && isatty(lines->fd)) {
        (void)tcflush(lines->fd, TCIFLUSH);
    } else {
        front_lines_read(lines);
    }
    strbuf_clear(&lines->buffer);
    lines->overlong = false;
}
