/* SPDX-License-Identifier: PostgreSQL */
/*
 * Words around children: how one ended, and where a bare program name leads. The
 * search goes through a fixed list of folders, because PATH belongs to whoever
 * started us, and an approval must name what will run.
 */
#include "proc.h"

#include <sys/stat.h>
#include <unistd.h>

bool proc_end_ok(const struct proc_end *end)
{
    return end->how == PROC_EXITED && end->status == 0;
}

void proc_end_text(const struct proc_end *end, struct strbuf *out)
{
    if (end->timed_out || end->stopped) {
        strbuf_text(out, "stopped after ");
        duration_to_text(out, end->elapsed_us);
        strbuf_text(out, end->timed_out ? " (timeout), " : ", ");
    }
    switch (end->how) {
    case PROC_EXITED:
        strbuf_format(out, "exit status %d", end->status);
        break;
    case PROC_SIGNALLED:
        strbuf_format(out, "killed by signal %d", end->signal_number);
        break;
    case PROC_NOT_STARTED:
        strbuf_format(out, "not started: %s", strerror(end->exec_errno));
        break;
    }
}

static bool is_program(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, X_OK) == 0;
}

bool proc_find(struct arena *arena, const char *name, const char *const *folders,
               const char **path, struct err *err)
{
    struct strbuf shown = {0};
    bool plain = name[0] != '\0' && strchr(name, '/') == NULL && strcmp(name, ".") != 0 &&
                 strcmp(name, "..") != 0;
    for (size_t i = 0; plain && folders[i] != NULL; i++) {
        struct str candidate = str_format(arena, "%s/%s", folders[i], name);
        if (is_program(candidate.ptr)) {
            *path = candidate.ptr;
            return true;
        }
    }
    sanitise(&shown, str_from(name), SANITISE_LINE);
    (void)err_set(err, ERR_USAGE, "program \"%s\" not found",
                  shown.ptr != NULL ? shown.ptr : "");
    if (!plain) {
        err_detail(err, "It is no bare program name.");
    }
    strbuf_clear(&shown);
    for (size_t i = 0; folders[i] != NULL; i++) {
        strbuf_format(&shown, "%s%s", i > 0 ? ", " : "", folders[i]);
    }
    err_hint(err,
             "Nothing was started. Programs are looked for in %s; write ./name for one "
             "beside the plan.",
             shown.ptr != NULL ? shown.ptr : "no folder");
    strbuf_release(&shown);
    return false;
}
