/* SPDX-License-Identifier: PostgreSQL */
/*
 * Preloaded into the program under test, so that the product needs no seam for faults:
 * it counts the calls by which the program touches the world (write, sync, send, rename,
 * create …) and, at the Nth, kills the process, tears the write, or makes it fail.
 *
 *   FAULT_ACT    kill | torn | full | error | short | trace
 *   FAULT_WHEN   before | after     the call, for kill
 *   FAULT_NTH    number of the call, from 1
 *   FAULT_CALLS  all | record (write or sync of the journal)
 *   FAULT_FROM   counting begins with the write that holds this text; empty = at once
 *   FAULT_EVER   1: every call from the Nth on fails, not just that one
 *   FAULT_TRACE  file that gets one line a counted call
 *
 * torn writes half of the bytes and kills; full is ENOSPC, error EIO; short writes half
 * and says so. Only the process that was started with it counts; its children do not.
 * Everything goes by syscall(), so that nothing of this is counted itself.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static struct {
    bool on;
    pid_t owner;
    const char *act;
    bool after;
    long nth;
    bool record_only;
    const char *from;
    bool ever;
    int trace;
    long count;
    bool counting;
} fault;

enum verdict {
    PASS,
    DIE_AFTER,
    TEAR,
    FAIL,
    HALVE
};

__attribute__((constructor)) static void begin(void)
{
    static const char *const names[] = {"FAULT_ACT",   "FAULT_WHEN", "FAULT_NTH",
                                        "FAULT_CALLS", "FAULT_FROM", "FAULT_EVER",
                                        "FAULT_TRACE", "LD_PRELOAD"};
    static char texts[8][256];
    for (int i = 0; i < 8; i++) {
        const char *value = getenv(names[i]);
        if (value) {
            snprintf(texts[i], sizeof(texts[i]), "%s", value);
        }
        unsetenv(names[i]); /* a child that is exec'd is left alone */
    }
    fault.on = texts[0][0] != '\0';
    fault.owner = (pid_t)syscall(SYS_getpid);
    fault.act = texts[0];
    fault.after = strcmp(texts[1], "after") == 0;
    fault.nth = strtol(texts[2], NULL, 10);
    fault.record_only = strcmp(texts[3], "record") == 0;
    fault.from = texts[4];
    fault.counting = texts[4][0] == '\0';
    fault.ever = texts[5][0] == '1';
    fault.trace = -1;
    if (texts[6][0] != '\0') {
        fault.trace = (int)syscall(SYS_openat, AT_FDCWD, texts[6],
                                   O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    }
}

static void die(void)
{
    syscall(SYS_kill, fault.owner, SIGKILL);
    for (;;) {
        syscall(SYS_pause);
    }
}

static bool is_record(int fd)
{
    static const char name[] = "/journal.jsonl";
    char link[64];
    char path[1024];
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    long length = syscall(SYS_readlink, link, path, sizeof(path));
    size_t tail = sizeof(name) - 1;
    return length >= (long)tail && memcmp(path + length - tail, name, tail) == 0;
}

/* What the call was about: the word of a record, or the beginning of what was sent. */
static void trace(const char *call, const char *bytes, size_t size)
{
    static const char *const keys[] = {"\"announce\":\"", "\"event\":\""};
    char note[64] = "";
    const char *at = bytes;
    char end = '\0';
    for (size_t k = 0; k < 2 && end == '\0' && bytes; k++) {
        const char *key = memmem(bytes, size, keys[k], strlen(keys[k]));
        if (key) {
            at = key + strlen(keys[k]);
            end = '"';
        }
    }
    size_t left = bytes ? size - (size_t)(at - bytes) : 0;
    for (size_t i = 0; i < left && i < sizeof(note) - 1 && (end == '\0' || at[i] != end); i++) {
        note[i] = at[i] >= ' ' && at[i] < 127 ? at[i] : '.';
    }
    char line[160];
    int length = snprintf(line, sizeof(line), "%ld|%s|%s\n", fault.count, call, note);
    syscall(SYS_write, fault.trace, line, (size_t)length);
}

/* One call is about to be made. Kills here when that is the order. */
static enum verdict judge(const char *call, int fd, const char *bytes, size_t size, bool writes,
                          bool syncs)
{
    if (!fault.on || (pid_t)syscall(SYS_getpid) != fault.owner) {
        return PASS;
    }
    int saved = errno;
    bool record = (writes || syncs) && fd >= 0 && is_record(fd);
    if (!fault.counting && record && bytes &&
        memmem(bytes, size, fault.from, strlen(fault.from))) {
        fault.counting = true;
    }
    errno = saved;
    if (!fault.counting || (fault.record_only && !record)) {
        return PASS;
    }
    fault.count++;
    if (fault.trace >= 0) {
        trace(call, bytes, size);
    }
    bool hit = fault.count == fault.nth || (fault.ever && fault.count > fault.nth);
    if (!hit || fault.nth <= 0) {
        return PASS;
    }
    if (strcmp(fault.act, "kill") == 0) {
        if (!fault.after) {
            die();
        }
        return DIE_AFTER;
    }
    if (strcmp(fault.act, "torn") == 0) {
        return TEAR;
    }
    if (strcmp(fault.act, "short") == 0) {
        return writes && size > 1 ? HALVE : PASS;
    }
    if (strcmp(fault.act, "full") == 0 && syncs) {
        return PASS; /* a full disk is seen by writes */
    }
    return FAIL;
}

static int error_of(void)
{
    return strcmp(fault.act, "full") == 0 ? ENOSPC : EIO;
}

static long done(enum verdict verdict, long result)
{
    if (verdict == DIE_AFTER || verdict == TEAR) {
        die();
    }
    return result;
}

static long fail(void)
{
    errno = error_of();
    return -1;
}

static size_t part(enum verdict verdict, size_t size)
{
    return verdict == TEAR || verdict == HALVE ? size / 2 : size;
}

ssize_t write(int fd, const void *bytes, size_t size)
{
    enum verdict verdict = judge("write", fd, bytes, size, true, false);
    return verdict == FAIL ? fail()
                           : done(verdict, syscall(SYS_write, fd, bytes, part(verdict, size)));
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at)
{
    enum verdict verdict = judge("pwrite", fd, bytes, size, true, false);
    return verdict == FAIL
               ? fail()
               : done(verdict, syscall(SYS_pwrite64, fd, bytes, part(verdict, size), at));
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    enum verdict verdict = judge("writev", fd, NULL, 0, true, false);
    return verdict == FAIL ? fail() : done(verdict, syscall(SYS_writev, fd, parts, count));
}

int fsync(int fd)
{
    enum verdict verdict = judge("fsync", fd, NULL, 0, false, true);
    return (int)(verdict == FAIL ? fail() : done(verdict, syscall(SYS_fsync, fd)));
}

int fdatasync(int fd)
{
    enum verdict verdict = judge("fdatasync", fd, NULL, 0, false, true);
    return (int)(verdict == FAIL ? fail() : done(verdict, syscall(SYS_fdatasync, fd)));
}

/* A socket never fails here: networks are the proxy's work. */
static long send_all(int fd, const void *bytes, size_t size, int flags,
                     const struct sockaddr *to, socklen_t length)
{
    enum verdict verdict = judge("send", -1, bytes, size, false, false);
    size_t most = verdict == TEAR ? size / 2 : size;
    return done(verdict, syscall(SYS_sendto, fd, bytes, most, flags, to, length));
}

ssize_t send(int fd, const void *bytes, size_t size, int flags)
{
    return send_all(fd, bytes, size, flags, NULL, 0);
}

ssize_t sendto(int fd, const void *bytes, size_t size, int flags, const struct sockaddr *to,
               socklen_t length)
{
    return send_all(fd, bytes, size, flags, to, length);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    enum verdict verdict = judge("sendmsg", -1, NULL, 0, false, false);
    return done(verdict, syscall(SYS_sendmsg, fd, message, flags));
}

/* Names: killed before or after; failing when writes fail and all calls count. */
static long named(const char *call, const char *name, long (*act)(void *), void *arguments)
{
    enum verdict verdict = judge(call, -1, name, strlen(name), false, false);
    return verdict == FAIL ? fail() : done(verdict, act(arguments));
}

struct names {
    int from_fd;
    int to_fd;
    const char *from;
    const char *to;
    int flags;
    mode_t mode;
};

static long do_rename(void *arguments)
{
    struct names *n = arguments;
    return syscall(SYS_renameat, n->from_fd, n->from, n->to_fd, n->to);
}

static long do_open(void *arguments)
{
    struct names *n = arguments;
    return syscall(SYS_openat, n->from_fd, n->from, n->flags, n->mode);
}

static long do_unlink(void *arguments)
{
    struct names *n = arguments;
    return syscall(SYS_unlinkat, n->from_fd, n->from, n->flags);
}

int rename(const char *from, const char *to)
{
    struct names names = {AT_FDCWD, AT_FDCWD, from, to, 0, 0};
    return (int)named("rename", to, do_rename, &names);
}

int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
    struct names names = {from_fd, to_fd, from, to, 0, 0};
    return (int)named("renameat", to, do_rename, &names);
}

int unlinkat(int fd, const char *name, int flags)
{
    struct names names = {fd, 0, name, NULL, flags, 0};
    return (int)named("unlinkat", name, do_unlink, &names);
}

int openat(int fd, const char *name, int flags, ...)
{
    struct names names = {fd, 0, name, NULL, flags, 0};
    if (!(flags & O_CREAT)) {
        return (int)do_open(&names);
    }
    va_list rest;
    va_start(rest, flags);
    names.mode = va_arg(rest, mode_t);
    va_end(rest);
    return (int)named("openat", name, do_open, &names);
}

int ftruncate(int fd, off_t length)
{
    enum verdict verdict = judge("ftruncate", fd, NULL, 0, false, false);
    return (int)(verdict == FAIL ? fail() : done(verdict, syscall(SYS_ftruncate, fd, length)));
}
