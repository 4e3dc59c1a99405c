/* SPDX-License-Identifier: PostgreSQL */
/*
 * Output that never blocks. Terminals are opened again with O_NONBLOCK, because the
 * flag belongs to the open file and would follow the shell; pipes and files are
 * written in pieces that poll() has announced room for.
 */
#include "front_out.h"

#include "loop.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

enum {
    PENDING_MAX = 1024 * 1024,
    RELEASE_WAIT_MS = 1000,
};

void front_out_init(struct front_out *out, int fd, struct front_cast *cast)
{
    *out = (struct front_out){.fd = fd, .cast = cast};
    char name[PATH_MAX];
    if (fd >= 0 && isatty(fd) && ttyname_r(fd, name, sizeof(name)) == 0) {
        int again = open(name, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        if (again >= 0) {
            out->fd = again;
            out->own = true;
        }
    }
}

void front_out_abandon(struct front_out *out)
{
    if (out->own && out->fd >= 0) {
        close(out->fd);
    }
    out->fd = -1;
    out->own = false;
    strbuf_clear(&out->pending);
}

void front_out_add(struct front_out *out, struct str text)
{
    if (out->fd < 0) {
        return;
    }
    if (out->pending.len + text.len > PENDING_MAX) {
        out->dropped += out->pending.len;
        strbuf_clear(&out->pending);
        strbuf_format(&out->pending, "\n(%zu bytes of output were dropped: nobody reads)\n",
                      out->dropped);
    }
    strbuf_add(&out->pending, text);
    front_cast_add(out->cast, text);
}

void front_out_format(struct front_out *out, const char *format, ...)
{
    char text[4 * ERR_TEXT_MAX];
    va_list values;
    va_start(values, format);
    int length = vsnprintf(text, sizeof(text), format, values);
    va_end(values);
    if (length > 0) {
        front_out_add(out, str_from(text));
    }
}

/* How much is gone now; -1 when it can never be written. */
static ssize_t write_piece(const struct front_out *out, struct str text)
{
    struct pollfd poll_fd = {.fd = out->fd, .events = POLLOUT};
    if (poll(&poll_fd, 1, 0) <= 0 || (poll_fd.revents & POLLOUT) == 0) {
        return (poll_fd.revents & (POLLERR | POLLHUP | POLLNVAL)) ? -1 : 0;
    }
    size_t length = text.len < _POSIX_PIPE_BUF ? text.len : _POSIX_PIPE_BUF;
    ssize_t written = write(out->fd, text.ptr, length);
    if (written < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
        return 0;
    }
    return written;
}

bool front_out_flush(struct front_out *out)
{
    size_t done = 0;
    while (out->fd >= 0 && done < out->pending.len) {
        ssize_t written =
            write_piece(out, str_slice(strbuf_str(&out->pending), done, out->pending.len));
        if (written < 0) {
            front_out_abandon(out);
            return true;
        }
        if (written == 0) {
            break;
        }
        done += (size_t)written;
    }
    if (done > 0) {
        memmove(out->pending.ptr, out->pending.ptr + done, out->pending.len - done + 1);
        out->pending.len -= done;
    }
    return out->pending.len == 0;
}

void front_out_release_blocking(struct front_out *out)
{
    int64_t until_us = loop_now_us() + RELEASE_WAIT_MS * US_PER_MS;
    while (!front_out_flush(out) && loop_now_us() < until_us) {
        struct pollfd poll_fd = {.fd = out->fd, .events = POLLOUT};
        (void)poll(&poll_fd, 1, RELEASE_WAIT_MS / 10);
    }
    front_out_abandon(out);
    strbuf_release(&out->pending);
}
