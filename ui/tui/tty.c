/* SPDX-License-Identifier: PostgreSQL */
/*
 * The terminal is opened a second time with O_NONBLOCK, because that flag belongs to
 * the open file and would follow the shell.
 *
 * Crashes: while the screen is ours, the fatal signals first give the terminal back and
 * then do what they did before. That needs one file-scope record, prepared beforehand,
 * because a handler gets no context and may not allocate.
 */
#include "tty.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    CLOSE_WAIT_MS = 1000,
    PIECE_WAIT_MS = 50,
    LEAVE_MAX = 512,
    STACK_SIZE = 64 * 1024,
};

/* ------------------------------------------------------------- the way back */

static const int fatal[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGQUIT};

static struct {
    volatile sig_atomic_t active;
    int in_fd, out_fd;
    struct termios modes;
    char leave[LEAVE_MAX];
    size_t leave_len;
    struct sigaction actions[COUNT_OF(fatal)]; /* as they were */
    stack_t stack;
} restore;

/* All of it, however slow the reader is, but not for ever. Safe in a signal handler. */
static void write_whole(int fd, const char *bytes, size_t length)
{
    enum {
        TRIES = 20,
        WAIT_MS = 50
    };
    for (int i = 0; i < TRIES && length > 0; i++) {
        ssize_t done = write(fd, bytes, length);
        if (done > 0) {
            bytes += done;
            length -= (size_t)done;
        } else if (done < 0 && errno != EAGAIN && errno != EINTR) {
            return;
        }
        if (length > 0) {
            struct pollfd poll_fd = {.fd = fd, .events = POLLOUT};
            (void)poll(&poll_fd, 1, WAIT_MS);
        }
    }
}

void tty_restore(void)
{
    if (restore.active) {
        int kept = errno;
        restore.active = 0;
        write_whole(restore.out_fd, restore.leave, restore.leave_len);
        (void)tcsetattr(restore.in_fd, TCSANOW, &restore.modes);
        errno = kept;
    }
}

static void on_fatal(int number)
{
    tty_restore();
    for (size_t i = 0; i < COUNT_OF(fatal); i++) {
        if (fatal[i] == number) {
            (void)sigaction(number, &restore.actions[i], NULL);
        }
    }
    (void)raise(number); /* delivered when this handler returns */
}

static void guard(const struct tty *tty)
{
    static char stack[STACK_SIZE]; /* a deep recursion has used up the other one */
    restore.in_fd = tty->in_fd;
    restore.out_fd = tty->out_fd;
    restore.modes = tty->before;
    restore.leave_len = tty->leave.len < LEAVE_MAX ? tty->leave.len : LEAVE_MAX;
    memcpy(restore.leave, tty->leave.ptr ? tty->leave.ptr : "", restore.leave_len);
    stack_t own = {.ss_sp = stack, .ss_size = sizeof(stack)};
    if (sigaltstack(&own, &restore.stack) != 0) {
        restore.stack = (stack_t){.ss_flags = SS_DISABLE};
    }
    struct sigaction action = {.sa_handler = on_fatal, .sa_flags = SA_ONSTACK};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < COUNT_OF(fatal); i++) {
        (void)sigaction(fatal[i], &action, &restore.actions[i]);
    }
    restore.active = 1;
}

static void unguard(void)
{
    restore.active = 0;
    for (size_t i = 0; i < COUNT_OF(fatal); i++) {
        (void)sigaction(fatal[i], &restore.actions[i], NULL);
    }
    (void)sigaltstack(&restore.stack, NULL);
}

/* ------------------------------------------------------------------ modes */

static bool is_one_device(int a, int b)
{
    struct stat left;
    struct stat right;
    return fstat(a, &left) == 0 && fstat(b, &right) == 0 && left.st_rdev == right.st_rdev;
}

/* By its name, or by the descriptor where the name is not of this place (a container). */
static int open_again(int fd)
{
    char name[PATH_MAX];
    int flags = O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    int again = ttyname_r(fd, name, sizeof(name)) == 0 ? open(name, flags) : -1;
    if (again < 0) {
        (void)snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
        again = open(name, flags);
    }
    return again;
}

bool tty_open(struct tty *tty, int in_fd, int out_fd, struct err *err)
{
    *tty = (struct tty){.in_fd = in_fd, .out_fd = out_fd};
    if (!isatty(in_fd) || !isatty(out_fd) || tcgetattr(in_fd, &tty->before) != 0) {
        err_set(err, ERR_USAGE, "input and output are not both a terminal");
        err_hint(err, "Use --plain.");
        return false;
    }
    int again = open_again(out_fd);
    tty->own = again >= 0;
    tty->out_fd = tty->own ? again : out_fd;
    tty->one = is_one_device(in_fd, out_fd);
    return true;
}

static struct termios raw_of(const struct termios *before)
{
    struct termios raw = *before;
    raw.c_iflag &=
        ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
    raw.c_oflag &= ~(tcflag_t)OPOST;
    raw.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
    raw.c_cflag = (raw.c_cflag & ~(tcflag_t)(CSIZE | PARENB)) | CS8;
    raw.c_cc[VMIN] = 0; /* read() never waits */
    raw.c_cc[VTIME] = 0;
    return raw;
}

static void tell(const struct tty *tty, struct str bytes)
{
    if (tty->shown && bytes.len > 0) {
        tty->shown(tty->ctx, bytes);
    }
}

bool tty_enter(struct tty *tty)
{
    pid_t foreground = tcgetpgrp(tty->in_fd);
    if (tty->entered || tty->gone || (foreground >= 0 && foreground != getpgrp())) {
        return tty->entered;
    }
    struct termios raw = raw_of(&tty->before);
    guard(tty);
    tty->entered = true;
    (void)tcsetattr(tty->in_fd, TCSANOW, &raw);
    tty_write(tty, strbuf_str(&tty->enter));
    return true;
}

void tty_leave(struct tty *tty)
{
    if (!tty->entered) {
        return;
    }
    tty->entered = false;
    strbuf_clear(&tty->pending);
    tell(tty, strbuf_str(&tty->leave));
    write_whole(tty->out_fd, tty->leave.ptr, tty->leave.len);
    (void)tcsetattr(tty->in_fd, TCSANOW, &tty->before);
    unguard();
}

void tty_close(struct tty *tty)
{
    for (int waited = 0; tty->entered && !tty_flush(tty) && waited < CLOSE_WAIT_MS;
         waited += PIECE_WAIT_MS) {
        struct pollfd poll_fd = {.fd = tty->out_fd, .events = POLLOUT};
        (void)poll(&poll_fd, 1, PIECE_WAIT_MS);
    }
    tty_leave(tty);
    if (tty->own) {
        close(tty->out_fd);
    }
    strbuf_release(&tty->pending);
    strbuf_release(&tty->enter);
    strbuf_release(&tty->leave);
    *tty = (struct tty){.in_fd = -1, .out_fd = -1, .gone = true};
}

bool tty_size(const struct tty *tty, int *columns, int *rows)
{
    struct winsize size;
    if (ioctl(tty->in_fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) {
        return false;
    }
    *columns = size.ws_col;
    *rows = size.ws_row;
    return true;
}

/* ------------------------------------------------------------------ bytes */

bool tty_read(struct tty *tty, struct strbuf *out)
{
    char bytes[4096];
    struct pollfd poll_fd = {.fd = tty->in_fd, .events = POLLIN};
    for (;;) {
        if (tty->gone || poll(&poll_fd, 1, 0) <= 0 || poll_fd.revents == 0) {
            return !tty->gone;
        }
        ssize_t length = read(tty->in_fd, bytes, sizeof(bytes));
        if (length < 0 && (errno == EINTR || errno == EAGAIN)) {
            continue;
        }
        if (length <= 0) { /* poll() said that there is something, and there is only the end */
            tty->gone = true;
            return false;
        }
        strbuf_add(out, (struct str){bytes, (size_t)length});
        if ((size_t)length < sizeof(bytes)) {
            return true;
        }
    }
}

void tty_write(struct tty *tty, struct str bytes)
{
    if (!tty->gone && tty->entered) {
        tell(tty, bytes);
        strbuf_add(&tty->pending, bytes);
        (void)tty_flush(tty);
    }
}

bool tty_flush(struct tty *tty)
{
    size_t done = 0;
    while (!tty->gone && done < tty->pending.len) {
        struct pollfd poll_fd = {.fd = tty->out_fd, .events = POLLOUT};
        if (!tty->own && poll(&poll_fd, 1, 0) <= 0) {
            break;
        }
        size_t length = tty->pending.len - done;
        length = tty->own || length < _POSIX_PIPE_BUF / 2 ? length : _POSIX_PIPE_BUF / 2;
        ssize_t written = write(tty->out_fd, tty->pending.ptr + done, length);
        if (written < 0 && errno != EAGAIN && errno != EINTR) {
            tty->gone = true;
        }
        if (written <= 0) {
            break;
        }
        done += (size_t)written;
    }
    if (done > 0) {
        memmove(tty->pending.ptr, tty->pending.ptr + done, tty->pending.len - done + 1);
        tty->pending.len -= done;
    }
    return tty->gone || tty->pending.len == 0;
}
