/* SPDX-License-Identifier: PostgreSQL */
/* What can be seen of a case from outside: its journal, what it printed. */
#include "fault_world.h"

#include <dirent.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum {
    JOURNAL_SECONDS = 10,
    TAIL_BYTES = 700
};

bool fault_run_directory(const struct fault_case *c, char path[FAULT_PATH])
{
    char runs[2 * FAULT_PATH];
    char best[128] = "";
    struct timespec newest = {0};
    (void)snprintf(runs, sizeof(runs), "%s/gonogo/runs", c->home);
    DIR *folder = opendir(runs);
    for (struct dirent *entry; folder && (entry = readdir(folder)) != NULL;) {
        char journal[4 * FAULT_PATH];
        struct stat status;
        (void)snprintf(journal, sizeof(journal), "%s/%s/journal.jsonl", runs, entry->d_name);
        if (entry->d_name[0] != '.' && stat(journal, &status) == 0 &&
            (status.st_mtim.tv_sec > newest.tv_sec ||
             (status.st_mtim.tv_sec == newest.tv_sec &&
              status.st_mtim.tv_nsec > newest.tv_nsec))) {
            newest = status.st_mtim;
            (void)snprintf(best, sizeof(best), "%.100s", entry->d_name);
        }
    }
    if (folder) {
        (void)closedir(folder);
    }
    (void)snprintf(path, FAULT_PATH, "%.150s/gonogo/runs/%.80s", c->home, best);
    return best[0] != '\0';
}

bool fault_journal_says(const struct fault_case *c, const char *text, pid_t pid)
{
    int64_t until = test_now_us() + JOURNAL_SECONDS * US_PER_SECOND;
    bool found = false;
    bool ended = false;
    while (!found && !ended && test_now_us() < until) {
        char directory[FAULT_PATH];
        char path[2 * FAULT_PATH];
        struct strbuf bytes = {0};
        siginfo_t info = {0};
        ended = waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
                info.si_pid == pid;
        if (fault_run_directory(c, directory)) {
            (void)snprintf(path, sizeof(path), "%s/journal.jsonl", directory);
            found = test_read_file(path, 0, &bytes) && bytes.ptr && strstr(bytes.ptr, text);
        }
        strbuf_release(&bytes);
        if (!found && !ended) {
            test_pause_us(300);
        }
    }
    return found;
}

void fault_tell_output(const struct fault_case *c)
{
    for (int i = 1; i <= c->starts; i++) {
        char path[2 * FAULT_PATH];
        struct strbuf text = {0};
        (void)snprintf(path, sizeof(path), "%s/out.%d", c->home, i);
        if (test_read_file(path, 0, &text)) {
            size_t from = text.len > TAIL_BYTES ? text.len - TAIL_BYTES : 0;
            struct str rest = str_slice(strbuf_str(&text), from, TAIL_BYTES);
            struct str line;
            while (str_cut(&rest, '\n', &line)) {
                printf("#   start %d: %.*s\n", i, STR_ARG(line));
            }
        }
        strbuf_release(&text);
    }
    (void)fflush(stdout);
}
