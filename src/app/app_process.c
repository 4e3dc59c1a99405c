/* SPDX-License-Identifier: PostgreSQL */
/*
 * The process itself: no core file and no debugger may show what it holds, whatever
 * the shell's limits say; who runs it; where its runs live.
 */
#include "app_private.h"

#include <errno.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Large memory goes back to the system as soon as it is freed. glibc gives that up for all
 * sizes below the largest that was ever freed, up to 32 MiB, unless the border is set; then
 * each array that doubled leaves a hole, and a 20 MB file takes 165 MiB instead of 127.
 */
static void give_back_large_memory(void)
{
#if defined(__GLIBC__)
    (void)mallopt(M_MMAP_THRESHOLD, 128 << 10); /* its own first value */
#endif
}

bool app_harden(struct err *err)
{
    give_back_large_memory();
    umask(077);
    struct rlimit none = {0};
    if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_DUMPABLE, 0) != 0) {
        return err_set(err, ERR_INTERNAL, "could not forbid core files: %s", strerror(errno));
    }
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigemptyset(&ignore.sa_mask);
    if (sigaction(SIGPIPE, &ignore, NULL) != 0 || sigaction(SIGXFSZ, &ignore, NULL) != 0) {
        return err_set(err, ERR_INTERNAL, "could not ignore signals: %s", strerror(errno));
    }
    return true;
}

static const char *home_folder(void)
{
    const char *home = getenv("HOME");
    if (home && home[0] == '/') {
        return home;
    }
    const struct passwd *entry = getpwuid(geteuid());
    return entry && entry->pw_dir && entry->pw_dir[0] == '/' ? entry->pw_dir : NULL;
}

size_t app_surroundings(struct arena *arena, struct str *warnings, size_t max)
{
    size_t count = 0;
    const char *password = getenv("PGPASSWORD");
    if (password && password[0] != '\0' && count < max) {
        warnings[count++] = STR("PGPASSWORD is set: every program of this account can read it; "
                                "a passfile is safer");
    }
    const char *path = getenv("PGPASSFILE");
    const char *home = home_folder();
    struct str file = path && path[0] != '\0' ? str_from(path)
                      : home                  ? str_format(arena, "%s/.pgpass", home)
                                              : (struct str){0};
    struct stat info;
    if (file.len > 0 && count < max && stat(str_text(arena, file), &info) == 0 &&
        (info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        warnings[count++] = str_format(
            arena, "%.*s is open to others, so that it is not used: chmod 0600", STR_ARG(file));
    }
    return count;
}

struct str app_operator(struct arena *arena)
{
    char host[256] = "";
    if (gethostname(host, sizeof(host) - 1) != 0) {
        host[0] = '\0';
    }
    const struct passwd *entry = getpwuid(geteuid());
    if (entry) {
        return str_format(arena, "%s@%s", entry->pw_name, host);
    }
    return str_format(arena, "uid %u@%s", (unsigned)geteuid(), host);
}

const char *app_runs_root(struct arena *arena)
{
    const char *state = getenv("XDG_STATE_HOME");
    if (state && state[0] == '/') {
        return str_format(arena, "%s/gonogo/runs", state).ptr;
    }
    const char *home = home_folder();
    return home ? str_format(arena, "%s/.local/state/gonogo/runs", home).ptr : NULL;
}

/* Milliseconds before the random digits, so that names sort as the runs began. */
bool app_run_id(char *id, size_t size, int64_t wall_us, struct err *err)
{
    uint8_t random[2];
    if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random)) {
        return err_set(err, ERR_INTERNAL, "no random numbers: %s", strerror(errno));
    }
    struct calendar at = calendar_from_us(wall_us);
    int milliseconds = (int)(wall_us % US_PER_SECOND / US_PER_MS);
    int length =
        snprintf(id, size, "%04d%02d%02d-%02d%02d%02d-%03d%02x%02x", at.year, at.month, at.day,
                 at.hour, at.minute, at.second, milliseconds, random[0], random[1]);
    return (length > 0 && (size_t)length < size) ||
           err_set(err, ERR_INTERNAL, "a run's id does not fit");
}

int app_exit_code_of(const struct err *err)
{
    static const int codes[] = {
        [ERR_NONE] = 0,    [ERR_USAGE] = 2,   [ERR_SQL] = 3,    [ERR_CONNECT] = 4,
        [ERR_CHECK] = 5,   [ERR_STOPPED] = 6, [ERR_LOCKED] = 7, [ERR_UNKNOWN] = 9,
        [ERR_RECORD] = 11, [ERR_INTERNAL] = 1};
    return codes[err->kind];
}
