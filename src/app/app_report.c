/* SPDX-License-Identifier: PostgreSQL */
/*
 * Reports: of a run that is at its end, and again of a run folded from its journal.
 * Verifying asks three separate questions: does the chain hold, was the tail cut off
 * that the report saw, is the report itself what was recorded.
 */
#include "app_report.h"

#include <fcntl.h>
#include <unistd.h>

#include "files.h"

/* The facts in a few lines; the folder is made with the mode of the run directory. */
static void write_facts(struct strbuf *out, const struct report_job *job)
{
    const struct run *run = job->run;
    strbuf_format(out, "run %.*s\nplan %.*s\ndigest %.*s\ntarget %.*s\n", STR_ARG(run->id),
                  STR_ARG(run->plan->name), STR_ARG(run->digest), STR_ARG(run->target->id));
    strbuf_format(out, "state %s\nexit %d\n", state_words[run->state], engine_exit_code(run));
    for (size_t i = 0; i < run->script_count; i++) {
        strbuf_format(out, "script %.*s %s\n", STR_ARG(run->scripts[i].id),
                      script_state_words[run->scripts[i].state]);
    }
    for (size_t i = 0; i < run->remark_count; i++) {
        const struct run_remark *remark = &run->remarks[i];
        strbuf_format(out, "%.*s by ", STR_ARG(remark->kind));
        sanitise(out, remark->who, SANITISE_LINE);
        strbuf_text(out, ": ");
        sanitise(out, remark->text, SANITISE_LINE);
        strbuf_byte(out, '\n');
    }
    strbuf_format(out, "journal %llu records, head %.*s\n",
                  (unsigned long long)job->journal_records, STR_ARG(job->journal_head));
}

bool app_report_write(const struct report_job *job, struct arena *arena, struct str *hash,
                      struct err *err)
{
    struct strbuf text = {0};
    write_facts(&text, job);
    int fd = files_make_directory_private(job->folder, NULL, err);
    bool ok =
        fd >= 0 && files_write_atomic(fd, "report.txt", strbuf_str(&text), 0600, NULL, err);
    if (fd >= 0) {
        close(fd);
    }
    struct sha256_hex hex = sha256_of(strbuf_str(&text));
    *hash = str_dup(arena, sha256_str(&hex));
    strbuf_release(&text);
    return ok;
}
