/* SPDX-License-Identifier: PostgreSQL */
/*
 * What a command leaves beside its result when it is asked to: a recording of the
 * terminal (--cast), a summary for the page of a CI step (GITHUB_STEP_SUMMARY), and, with
 * -v, which bytes were read.
 */
#include "cli_private.h"
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* ------------------------------------------------------------------ recording */

bool cli_cast_begin(struct cli *cli, struct err *err)
{
    const char *path = cli->values[OPTION_CAST];
    if (!path || cli->cast) {
        return true;
    }
    struct winsize size = {0};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 &&
        ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0) {
        size = (struct winsize){0};
    }
    struct strbuf title = {0};
    strbuf_format(&title, "gonogo %s", cli->command->name);
    cli->cast = front_cast_open(path, size.ws_col, size.ws_row, title.ptr, err);
    strbuf_release(&title);
    return cli->cast != NULL;
}

void cli_cast_end(struct cli *cli)
{
    struct err err = {0};
    if (!front_cast_close(cli->cast, &err)) {
        cli_talk("gonogo: warning: the recording %s is not whole: %s", cli->values[OPTION_CAST],
                 err.message);
    }
    cli->cast = NULL;
}

/* -------------------------------------------------------------------- verbose */

void cli_tell_plan(const struct cli *cli, const struct app_plan *plan)
{
    if (!plan->plan) {
        return;
    }
    struct sha256_hex own = sha256_of(plan->plan->bytes);
    cli_verbose(cli, "read %s, %zu bytes, sha256 %s", plan->path, plan->plan->bytes.len,
                own.text);
    for (size_t i = 0; i < plan->file_count; i++) {
        if (plan->files[i].first == i) {
            struct str bytes = plan->states[i].bytes;
            struct sha256_hex hash = sha256_of(bytes);
            cli_verbose(cli, "read %.*s, %zu bytes, sha256 %s", STR_ARG(plan->files[i].path),
                        bytes.len, hash.text);
        }
    }
}

/* --------------------------------------------------------------- step summary */

enum {
    SUMMARY_MAX = 1024 * 1024, /* of the whole file: beyond it GitHub drops all of it */
    REPORT_MAX = 64 * 1024 * 1024,
};

void cli_read_report(const struct cli *cli, struct strbuf *out)
{
    struct err err = {0};
    if (!cli->ending.report[0]) {
        return;
    }
    int folder = files_open_directory(AT_FDCWD, cli->ending.report, NULL, &err);
    if (folder < 0 || !files_read(folder, "report.md", REPORT_MAX, out, NULL, &err)) {
        cli_error(&err);
    }
    if (folder >= 0) {
        close(folder);
    }
}

static const char *summary_path(void)
{
    const char *path = getenv("GITHUB_STEP_SUMMARY");
    return path && path[0] != '\0' ? path : NULL;
}

/* Whole lines that fit; what is left out is told. */
static void add_fitting(struct strbuf *out, struct str text, size_t room)
{
    static const char cut[] = "\n\n(cut here: the rest stands in the report)\n";
    if (text.len <= room) {
        strbuf_add(out, text);
        return;
    }
    size_t end = room > sizeof(cut) ? room - sizeof(cut) : 0;
    while (end > 0 && text.ptr[end - 1] != '\n') {
        end--;
    }
    strbuf_add(out, str_slice(text, 0, end));
    strbuf_text(out, room > sizeof(cut) ? cut : "");
}

static bool append(const char *path, struct str markdown, const struct strbuf *head)
{
    struct stat info;
    struct strbuf text = {0};
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
    bool ok = fd >= 0 && fstat(fd, &info) == 0;
    if (ok) {
        size_t used = info.st_size > 0 ? (size_t)info.st_size : 0;
        size_t room = used < SUMMARY_MAX ? SUMMARY_MAX - used : 0;
        strbuf_add(&text, strbuf_str(head));
        add_fitting(&text, markdown, room > text.len ? room - text.len : 0);
        ok = text.len > room || files_write_all(fd, strbuf_str(&text), NULL, NULL);
    }
    if (fd >= 0) {
        close(fd);
    }
    strbuf_release(&text);
    return ok;
}

void cli_step_summary(const struct cli *cli, int code, struct str markdown)
{
    const char *path = summary_path();
    if (!path) {
        return;
    }
    struct strbuf verdict = {0};
    struct strbuf head = {0};
    cli_verdict_text(cli, code, &verdict);
    strbuf_format(&head, "## gonogo %s: ", cli->command->name);
    sanitise(&head, strbuf_str(&verdict), SANITISE_LINE);
    strbuf_text(&head, "\n\n");
    if (!append(path, markdown, &head)) {
        cli_talk("gonogo: warning: the step summary %s could not be written: %s", path,
                 strerror(errno));
    }
    strbuf_release(&verdict);
    strbuf_release(&head);
}

void cli_run_summary(const struct cli *cli, int code)
{
    struct strbuf report = {0};
    if (summary_path()) {
        cli_read_report(cli, &report);
        cli_step_summary(cli, code, strbuf_str(&report));
    }
    strbuf_release(&report);
}
