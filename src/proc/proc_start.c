/* SPDX-License-Identifier: PostgreSQL */
/*
 * Making a child. Between fork and exec only async-signal-safe calls are used, and
 * all signals are blocked, so that a signal meant for us never runs our handler in
 * the child (it would write into our signal pipe).
 *
 * An exec that fails, or anything before it, sends its errno through a close-on-exec
 * pipe: end of file there means that the program runs.
 */
#include "proc_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Both are hidden by strict POSIX. */
int setgroups(size_t count, const gid_t *groups);
long syscall(long number, ...);

enum {
    LAST_SIGNAL = 64,
    EXEC_FAILED = 127,
    MARK_CLOSE_ON_EXEC = 4, /* CLOSE_RANGE_CLOEXEC */
    FALLBACK_FDS = 4096
};

/* A close-on-exec pipe; ends are -1 on failure. */
struct ends {
    int read;
    int write;
};

static bool make_pipe(struct ends *ends)
{
    int pair[2] = {-1, -1};
    bool made = pipe(pair) == 0 && fcntl(pair[0], F_SETFD, FD_CLOEXEC) == 0 &&
                fcntl(pair[1], F_SETFD, FD_CLOEXEC) == 0;
    *ends = (struct ends){pair[0], pair[1]};
    return made;
}

static void close_fd(int *fd)
{
    if (*fd >= 0) {
        (void)close(*fd);
        *fd = -1;
    }
}

static bool set_nonblocking(int fd)
{
    return fcntl(fd, F_SETFL, O_NONBLOCK) == 0;
}

/* Everything that a start opens, so that one place closes it. */
struct opening {
    struct ends error;
    struct ends input;
    struct ends streams[PROC_STREAM__COUNT];
    int null_fd;
    sigset_t mask; /* as it was */
};

/* ------------------------------------------------------------- in the child */

NORETURN static void give_up(int error_fd)
{
    int failure = errno;
    ssize_t ignored = write(error_fd, &failure, sizeof(failure));
    (void)ignored; /* nobody is left to tell */
    _exit(EXEC_FAILED);
}

static void reset_signals(void)
{
    struct sigaction standard = {.sa_handler = SIG_DFL};
    for (int number = 1; number <= LAST_SIGNAL; number++) {
        (void)sigaction(number, &standard, NULL); /* refused for KILL, STOP and libc's own */
    }
}

/* Whatever somebody forgot to mark: nothing of ours goes through exec. */
static void close_others_at_exec(void)
{
    if (syscall(SYS_close_range, 3U, ~0U, MARK_CLOSE_ON_EXEC) != 0) {
        for (int fd = 3; fd < FALLBACK_FDS; fd++) {
            (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
        }
    }
}

void proc_stand_alone(int keep_fd)
{
    unsigned kept = (unsigned)keep_fd;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    int null_fd = open("/dev/null", O_RDWR);
    for (int fd = 0; null_fd >= 0 && fd < 3; fd++) {
        (void)dup2(null_fd, fd);
    }
    bool closed = (kept == 3 || syscall(SYS_close_range, 3U, kept - 1, 0) == 0) &&
                  syscall(SYS_close_range, kept + 1, ~0U, 0) == 0;
    for (int fd = 3; !closed && fd < FALLBACK_FDS; fd++) {
        if (fd != keep_fd) {
            close(fd);
        }
    }
}

static bool become(const struct proc_spec *spec)
{
    return !spec->run_as ||
           (setgroups(0, NULL) == 0 && setgid(spec->gid) == 0 && setuid(spec->uid) == 0);
}

/* After the change of user, which would clear it. */
static bool die_with_parent(const struct proc_spec *spec, pid_t parent)
{
    if (spec->death_signal == 0) {
        return true;
    }
    if (prctl(PR_SET_PDEATHSIG, spec->death_signal) != 0) {
        return false;
    }
    errno = ESRCH;
    return getppid() == parent; /* it died before we asked */
}

NORETURN static void run_child(const struct proc_spec *spec, const struct opening *opening,
                               pid_t parent)
{
    static const char *const no_environment[] = {NULL};
    const char *const *envp = spec->envp != NULL ? spec->envp : no_environment;
    int error_fd = opening->error.write;
    int from = opening->input.read >= 0 ? opening->input.read
               : spec->input_fd > 2     ? spec->input_fd
                                        : opening->null_fd;
    int out = spec->output_fd > 2 ? spec->output_fd : opening->streams[PROC_STDOUT].write;
    reset_signals();
    if (setpgid(0, 0) != 0 || dup2(from, 0) < 0 || dup2(out, 1) < 0 ||
        dup2(opening->streams[PROC_STDERR].write, 2) < 0) {
        give_up(error_fd);
    }
    close_others_at_exec();
    if (!become(spec) || (spec->directory != NULL && chdir(spec->directory) != 0) ||
        !die_with_parent(spec, parent)) {
        give_up(error_fd);
    }
    (void)sigprocmask(SIG_SETMASK, &opening->mask, NULL);
    /* execve() takes char *const * for history's sake and writes to none of it. */
    union {
        const char *const *read;
        char *const *exec;
    } argv = {spec->argv}, environment = {envp};
    (void)execve(spec->path, argv.exec, environment.exec);
    give_up(error_fd);
}

/* ------------------------------------------------------------ in the parent */

/* Descriptors 0 to 2 would be overwritten in the child: keep ours above them. */
static bool lift(int *fd)
{
    if (*fd < 0 || *fd > 2) {
        return true;
    }
    int higher = fcntl(*fd, F_DUPFD_CLOEXEC, 3);
    if (higher < 0) {
        return false;
    }
    (void)close(*fd);
    *fd = higher;
    return true;
}

static bool open_ends(struct ends *ends)
{
    return make_pipe(ends) && lift(&ends->read) && lift(&ends->write);
}

static bool open_all(const struct proc_spec *spec, struct opening *opening)
{
    if (!open_ends(&opening->error) || !open_ends(&opening->streams[PROC_STDERR])) {
        return false;
    }
    if (spec->output_fd <= 2 && !open_ends(&opening->streams[PROC_STDOUT])) {
        return false;
    }
    if (spec->input.len > 0) {
        return open_ends(&opening->input);
    }
    opening->null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    return opening->null_fd >= 0 && lift(&opening->null_fd);
}

static void close_all(struct opening *opening)
{
    close_fd(&opening->error.read);
    close_fd(&opening->error.write);
    close_fd(&opening->input.read);
    close_fd(&opening->input.write);
    for (int stream = 0; stream < PROC_STREAM__COUNT; stream++) {
        close_fd(&opening->streams[stream].read);
        close_fd(&opening->streams[stream].write);
    }
    close_fd(&opening->null_fd);
}

/* Our ends move from the opening into the child's record. */
static bool adopt(struct proc *proc, struct opening *opening)
{
    proc->error_fd = opening->error.read;
    proc->input_fd = opening->input.write;
    proc->pipes[PROC_STDOUT].fd = opening->streams[PROC_STDOUT].read;
    proc->pipes[PROC_STDERR].fd = opening->streams[PROC_STDERR].read;
    opening->error.read = opening->input.write = -1;
    opening->streams[PROC_STDOUT].read = opening->streams[PROC_STDERR].read = -1;
    bool good = set_nonblocking(proc->error_fd);
    for (int stream = 0; stream < PROC_STREAM__COUNT; stream++) {
        int fd = proc->pipes[stream].fd;
        good = good && (fd < 0 || (set_nonblocking(fd) && proc_watch(proc, fd, EPOLLIN)));
    }
    return good && (proc->input_fd < 0 || (set_nonblocking(proc->input_fd) &&
                                           proc_watch(proc, proc->input_fd, EPOLLOUT)));
}

static pid_t make_child(const struct proc_spec *spec, struct opening *opening)
{
    sigset_t every;
    pid_t parent = getpid();
    (void)sigfillset(&every);
    (void)sigprocmask(SIG_SETMASK, &every, &opening->mask);
    pid_t pid = fork();
    if (pid == 0) {
        run_child(spec, opening, parent);
    }
    int failure = errno;
    if (pid > 0) {
        (void)setpgid(pid, pid); /* both sides do it; whoever is second gets EACCES */
    }
    (void)sigprocmask(SIG_SETMASK, &opening->mask, NULL);
    errno = failure;
    return pid;
}

static struct proc *new_record(const struct proc_spec *spec, int64_t now_us)
{
    struct proc *proc = mem_zero(1, sizeof(*proc));
    *proc = (struct proc){
        .running = true,
        .reaped = true, /* nothing to reap yet */
        .epoll_fd = -1,
        .pid_fd = -1,
        .error_fd = -1,
        .input_fd = -1,
        .raw = spec->raw,
        .output_cap = spec->output_cap > 0 ? spec->output_cap : PROC_OUTPUT_CAP,
        .start_us = now_us,
        .timeout_at_us = spec->timeout_us > 0 ? now_us + spec->timeout_us : PROC_NEVER,
        .kill_at_us = PROC_NEVER,
        .look_at_us = PROC_NEVER,
        .drain_until_us = PROC_NEVER,
        .grace_us = spec->grace_us > 0 ? spec->grace_us : PROC_GRACE_US,
        .output = spec->output,
        .ended = spec->ended,
        .ctx = spec->ctx,
    };
    for (int stream = 0; stream < PROC_STREAM__COUNT; stream++) {
        proc->pipes[stream].fd = -1;
    }
    if (spec->input.len > 0) {
        char *copy = mem_alloc(spec->input.len);
        memcpy(copy, spec->input.ptr, spec->input.len);
        proc->input = (struct str){copy, spec->input.len};
    }
    return proc;
}

struct proc *proc_start(const struct proc_spec *spec, int64_t now_us, struct err *err)
{
    struct opening opening = {.error = {-1, -1}, .input = {-1, -1}, .null_fd = -1};
    for (int stream = 0; stream < PROC_STREAM__COUNT; stream++) {
        opening.streams[stream] = (struct ends){-1, -1};
    }
    struct proc *proc = new_record(spec, now_us);
    proc->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    bool good = proc->epoll_fd >= 0 && open_all(spec, &opening) && adopt(proc, &opening);
    if (good) {
        proc->pid = make_child(spec, &opening);
        good = proc->pid > 0;
    }
    int failure = errno;
    close_all(&opening);
    if (!good) {
        (void)err_set(err, ERR_INTERNAL, "cannot start %s: %s", spec->path, strerror(failure));
        err_hint(err, "It was not started. Raise the limits of open files or processes.");
        proc_free(proc);
        return NULL;
    }
    proc->reaped = false;
    proc->pid_fd = (int)syscall(SYS_pidfd_open, proc->pid, 0U); /* close-on-exec by itself */
    if (proc->pid_fd < 0 || !proc_watch(proc, proc->pid_fd, EPOLLIN)) {
        proc->look_at_us = now_us; /* without it: ask now and then */
    }
    return proc;
}
