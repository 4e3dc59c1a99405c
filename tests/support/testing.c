/* SPDX-License-Identifier: PostgreSQL */
#include "testing.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <sys/wait.h>
#include <unistd.h>

void test_bail_out(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    (void)fputs("Bail out! ", stdout);
    (void)vprintf(format, values);
    (void)fputs("\n", stdout);
    (void)fflush(stdout);
    va_end(values);
    exit(99);
}

const char *test_root(void)
{
    const char *given = getenv("GONOGO_ROOT");
    return given ? given : ".";
}

bool test_read_file(const char *path, long from, struct strbuf *out)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        return false;
    }
    bool good = fseek(file, from, SEEK_SET) == 0;
    char bytes[8192];
    for (size_t n; good && (n = fread(bytes, 1, sizeof(bytes), file)) > 0;) {
        strbuf_add(out, (struct str){bytes, n});
    }
    good = good && !ferror(file);
    return fclose(file) == 0 && good;
}

void test_write_file(const char *path, struct str bytes)
{
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(bytes.ptr, 1, bytes.len, file) != bytes.len || fclose(file) != 0) {
        test_bail_out("cannot write %s: %s", path, strerror(errno));
    }
}

int64_t test_now_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * US_PER_SECOND + now.tv_nsec / 1000;
}

int64_t test_now_ms(void)
{
    return test_now_us() / US_PER_MS;
}

void test_pause_us(int64_t us)
{
    struct timespec pause = {us / US_PER_SECOND, (long)(us % US_PER_SECOND) * 1000};
    while (nanosleep(&pause, &pause) != 0 && errno == EINTR) {
    }
}

long test_number(const char *name, long otherwise)
{
    const char *text = getenv(name);
    int64_t value = 0;
    return text && str_to_i64(str_from(text), &value) ? (long)value : otherwise;
}

/* proc(5), /proc/PID/stat; the name in parentheses may hold anything. */
static bool lives_in(const char *stat, pid_t group, pid_t session)
{
    const char *after_name = strrchr(stat, ')');
    char state = 'X';
    long parent = 0;
    long its_group = 0;
    long its_session = 0;
    return after_name &&
           sscanf(after_name + 1, " %c %ld %ld %ld", &state, &parent, &its_group,
                  &its_session) == 4 &&
           state != 'Z' && state != 'X' && (group == 0 || its_group == (long)group) &&
           (session == 0 || its_session == (long)session);
}

int test_living(pid_t group, pid_t session)
{
    DIR *folder = opendir("/proc");
    int count = 0;
    if (!folder) {
        test_bail_out("cannot read /proc: %s", strerror(errno));
    }
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char path[300];
        int64_t pid = 0;
        struct strbuf text = {0};
        (void)snprintf(path, sizeof(path), "/proc/%s/stat", entry->d_name);
        if (str_to_i64(str_from(entry->d_name), &pid) && test_read_file(path, 0, &text)) {
            count += lives_in(text.ptr ? text.ptr : "", group, session);
        }
        strbuf_release(&text);
    }
    (void)closedir(folder);
    return count;
}

int test_wait_status(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) {
            test_bail_out("cannot wait: %s", strerror(errno));
        }
    }
    return status;
}

void test_run_tool(const char *const *argv)
{
    (void)fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        execvp(argv[0], (char *const *)(uintptr_t)argv);
        _exit(98);
    }
    if (pid < 0 || test_wait_status(pid) != 0) {
        test_bail_out("%s failed", argv[0]);
    }
}
