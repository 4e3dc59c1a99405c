/* SPDX-License-Identifier: PostgreSQL */
/*
 * Accounts and folders of throw-away servers, and the broom. A folder holds a file
 * "owner" with the pid and the start time of the process that made it: a pid alone
 * would be taken again one day. A folder is swept when that process is gone and no
 * postmaster of its data directory lives.
 */
#include "scratch_place.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "pgtools.h"
#include "scratch_server.h"

#define SERVER_PREFIX "gonogo-scratch-"
#define RUNS_PREFIX   "gonogo-demo-runs."

enum {
    SMALL_FILE_MAX = 4096,
    UNMARKED_SECONDS = 600, /* a folder without a mark this old was never finished */
    PLACES_MAX = 5,
};
static const char memory_place[] = "/dev/shm";
#define MEMORY_FREE_MIN (INT64_C(1) << 30)

bool scratch_account_find(struct scratch_account *account, struct err *err)
{
    *account = (struct scratch_account){.uid = geteuid(), .gid = getegid()};
    if (account->uid != 0) {
        return true;
    }
    const struct passwd *user = getpwnam("postgres");
    if (user == NULL) {
        user = getpwnam("nobody");
    }
    if (user == NULL || user->pw_uid == 0) {
        err_set(err, ERR_INTERNAL, "no account to run a throw-away server under");
        err_detail(err, "PostgreSQL refuses to run as root, and there is neither an account "
                        "\"postgres\" nor \"nobody\".");
        err_hint(err, "Nothing was started. Run as an ordinary user, or add the account.");
        return false;
    }
    *account = (struct scratch_account){.drop = true, .uid = user->pw_uid, .gid = user->pw_gid};
    return true;
}

/* ---------------------------------------------------------------- processes */

int64_t scratch_process_start(pid_t pid)
{
    enum {
        STATE_FIELD = 3 - 2, /* blanks behind the command's closing parenthesis */
        START_FIELD = 22 - 2
    };
    char path[64];
    struct strbuf text = {0};
    int64_t start = 0;
    (void)snprintf(path, sizeof path, "/proc/%" PRId64 "/stat", (int64_t)pid);
    if (files_read(AT_FDCWD, path, SMALL_FILE_MAX, &text, NULL, NULL)) {
        struct str rest = strbuf_str(&text);
        for (size_t at = rest.len; at > 0; at--) { /* the name may hold blanks and ")" */
            if (rest.ptr[at - 1] == ')') {
                rest = str_slice(rest, at, rest.len);
                break;
            }
        }
        struct str piece;
        bool ended = false; /* a zombie waits for nobody we know */
        for (int field = 0; str_cut(&rest, ' ', &piece); field++) {
            ended = ended || (field == STATE_FIELD && str_eq(piece, "Z"));
            if (field == START_FIELD && (ended || !str_to_i64(piece, &start))) {
                start = 0;
            }
        }
    }
    strbuf_release(&text);
    return start;
}

/* Is a postmaster alive under this pid? Its number may be somebody else's by now. */
static bool is_postgres(pid_t pid)
{
    char path[64];
    struct strbuf name = {0};
    (void)snprintf(path, sizeof path, "/proc/%" PRId64 "/comm", (int64_t)pid);
    bool alive = files_read(AT_FDCWD, path, SMALL_FILE_MAX, &name, NULL, NULL) &&
                 str_starts(strbuf_str(&name), "postgres");
    strbuf_release(&name);
    return alive;
}

/* ------------------------------------------------------------------ folders */

static bool write_mark(const char *path, struct str text, struct err *err)
{
    int dir = files_open_directory(AT_FDCWD, path, NULL, err);
    bool done = dir >= 0 && files_write_atomic(dir, "owner", text, 0600, NULL, err);
    if (dir >= 0) {
        close(dir);
    }
    return done;
}

/* Can `account` pass through every folder on the way to `path`? Ancestors without x for all
 * are fine only if they are its own. */
static bool reaches(const struct scratch_account *account, const char *path)
{
    char part[PGTOOLS_SOCKET_MAX + 1];
    size_t length = strlen(path);
    if (path[0] != '/' || length >= sizeof part) {
        return false;
    }
    for (size_t at = 1; at <= length; at++) {
        if (path[at] != '/' && path[at] != '\0') {
            continue;
        }
        memcpy(part, path, at);
        part[at] = '\0';
        struct stat info;
        if (stat(part, &info) != 0 || !S_ISDIR(info.st_mode) ||
            ((info.st_mode & S_IXOTH) == 0 &&
             (info.st_uid != account->uid || (info.st_mode & S_IXUSR) == 0))) {
            return false;
        }
    }
    return true;
}

static bool memory_has_room(void)
{
    int64_t bytes = 0;
    return access(memory_place, W_OK | X_OK) == 0 &&
           files_free_bytes(memory_place, &bytes, NULL) && bytes >= MEMORY_FREE_MIN;
}

/* Where folders may stand, the best first. A TMPDIR is somebody's wish and comes before memory.
 */
static size_t places(bool memory, const char **list)
{
    const char *wanted[PLACES_MAX] = {getenv("TMPDIR"), memory ? memory_place : NULL, "/tmp",
                                      getenv("XDG_RUNTIME_DIR"), "/run"};
    size_t count = 0;
    for (size_t i = 0; i < PLACES_MAX; i++) {
        if (wanted[i] != NULL && wanted[i][0] == '/') {
            list[count++] = wanted[i];
        }
    }
    return count;
}

static bool make_in(const struct scratch_account *account, const char *place,
                    const char *prefix, char *path, size_t size, struct err *err)
{
    int length = snprintf(path, size, "%s/%sXXXXXX", place, prefix);
    if (length < 0 || length > PGTOOLS_SOCKET_MAX) {
        return err_set(err, ERR_INTERNAL, "the path is too long for a socket");
    }
    if (!reaches(account, place)) {
        return err_set(err, ERR_INTERNAL, "the server's account cannot enter it");
    }
    if (mkdtemp(path) == NULL) {
        return err_set(err, ERR_INTERNAL, "%s", strerror(errno));
    }
    char mark[64];
    (void)snprintf(mark, sizeof mark, "%" PRId64 " %" PRId64 "\n", (int64_t)getpid(),
                   scratch_process_start(getpid()));
    if (write_mark(path, str_from(mark), err) &&
        (!account->drop || chown(path, account->uid, account->gid) == 0 ||
         err_set(err, ERR_INTERNAL, "chown: %s", strerror(errno)))) {
        return true;
    }
    if (!scratch_folder_remove(path, NULL)) {
        err_detail(err, "%s was left behind.", path);
    }
    return false;
}

static bool make_somewhere(const struct scratch_account *account, bool memory,
                           const char *prefix, struct strbuf *path, struct err *err)
{
    const char *list[PLACES_MAX];
    size_t count = places(memory && memory_has_room(), list);
    struct strbuf why = {0};
    for (size_t i = 0; i < count; i++) {
        char candidate[PGTOOLS_SOCKET_MAX + 1];
        struct err problem = {0};
        if (make_in(account, list[i], prefix, candidate, sizeof candidate, &problem)) {
            strbuf_text(path, candidate);
            strbuf_release(&why);
            return true;
        }
        strbuf_format(&why, "%s%s: %s", i == 0 ? "" : "; ", list[i], problem.message);
    }
    err_set(err, ERR_INTERNAL, "no place for a folder %s...", prefix);
    err_detail(err, "%s.", why.len > 0 ? why.ptr : "No place was tried");
    err_hint(err, "Nothing was started. Set TMPDIR to a short folder that the account of the "
                  "server can enter.");
    strbuf_release(&why);
    return false;
}

bool scratch_folder_make(const struct scratch_account *account, bool memory,
                         struct strbuf *path, struct err *err)
{
    return make_somewhere(account, memory, SERVER_PREFIX, path, err);
}

bool scratch_runs_make(struct strbuf *path, struct err *err)
{
    struct scratch_account account = {.uid = geteuid(), .gid = getegid()};
    return make_somewhere(&account, false, RUNS_PREFIX, path, err);
}

bool scratch_folder_remove(const char *path, struct err *err)
{
    const char *slash = strrchr(path, '/');
    struct arena arena = {0};
    const char *parent = slash == NULL || slash == path
                             ? "/"
                             : str_text(&arena, (struct str){path, (size_t)(slash - path)});
    int dir = files_open_directory(AT_FDCWD, parent, NULL, err);
    bool done = dir >= 0 && files_remove_tree(dir, slash != NULL ? slash + 1 : path, err);
    if (dir >= 0) {
        close(dir);
    }
    arena_release(&arena);
    return done;
}

/* -------------------------------------------------------------------- broom */

/* The first numbers of a small file; how many there were. */
static size_t read_numbers(int dir, const char *name, int64_t *numbers, size_t max)
{
    struct strbuf text = {0};
    size_t count = 0;
    if (files_read(dir, name, SMALL_FILE_MAX, &text, NULL, NULL)) {
        struct str rest = strbuf_str(&text);
        struct str line;
        if (str_cut(&rest, '\n', &line)) {
            struct str piece;
            while (count < max && str_cut(&line, ' ', &piece) &&
                   str_to_i64(piece, &numbers[count])) {
                count++;
            }
        }
    }
    strbuf_release(&text);
    return count;
}

static bool is_left_over(int dir, const struct stat *info)
{
    int64_t mark[2] = {0, 0};
    int64_t postmaster = 0;
    size_t marks = read_numbers(dir, "owner", mark, COUNT_OF(mark));
    if (marks < COUNT_OF(mark)) {
        return time(NULL) - info->st_mtime > UNMARKED_SECONDS;
    }
    if (scratch_process_start((pid_t)mark[0]) == mark[1]) {
        return false;
    }
    return read_numbers(dir, "data/postmaster.pid", &postmaster, 1) == 0 ||
           !is_postgres((pid_t)postmaster);
}

static void sweep_place(const struct scratch_account *account, int place_fd)
{
    struct arena arena = {0};
    struct files_list list = {0};
    bool listed = files_list(place_fd, &arena, &list, NULL);
    for (size_t i = 0; listed && i < list.count; i++) {
        struct stat info;
        bool named = str_starts(list.entries[i].name, SERVER_PREFIX) ||
                     str_starts(list.entries[i].name, RUNS_PREFIX);
        if (list.entries[i].type != FILES_TYPE_DIRECTORY || !named) {
            continue;
        }
        int dir = files_open_directory(place_fd, list.entries[i].name.ptr, NULL, NULL);
        if (dir < 0) {
            continue;
        }
        bool ours =
            fstat(dir, &info) == 0 && (info.st_uid == geteuid() || info.st_uid == account->uid);
        bool sweep = ours && is_left_over(dir, &info);
        close(dir);
        if (sweep && !files_remove_tree(place_fd, list.entries[i].name.ptr, NULL)) {
            continue; /* the next start tries again */
        }
    }
    arena_release(&arena);
}

void scratch_sweep(void)
{
    struct scratch_account account;
    const char *list[PLACES_MAX];
    if (!scratch_account_find(&account, NULL)) {
        return;
    }
    size_t count = places(true, list);
    for (size_t i = 0; i < count; i++) {
        int place = files_open_directory(AT_FDCWD, list[i], NULL, NULL);
        if (place >= 0) {
            sweep_place(&account, place);
            close(place);
        }
    }
}

const char *scratch_cache_folder(struct arena *arena)
{
    const char *cache = getenv("XDG_CACHE_HOME");
    const char *home = getenv("HOME");
    if (cache != NULL && cache[0] == '/') {
        return str_format(arena, "%s/gonogo", cache).ptr;
    }
    return home != NULL && home[0] == '/' ? str_format(arena, "%s/.cache/gonogo", home).ptr
                                          : NULL;
}
