/* SPDX-License-Identifier: PostgreSQL */
/*
 * Standard error of pg_dump and pg_restore under --verbose, line by line -> how far
 * they are, and what they complained about. And the judgement of a whole run: the exit
 * status, the size of the file and the complaints together, because each of them alone
 * has lied to somebody.
 */
#include "pgtools.h"

/*
 * start: of the line, behind "pg_dump: " or "pg_restore: ". line: what it says. named:
 * the rest is a quoted name.
 */
static const struct {
    const char *start;
    enum pgtools_line line;
    bool named;
} line_table[] = {
    {"error: ", PGTOOLS_ERROR, false},
    {"fatal: ", PGTOOLS_ERROR, false},
    {"warning: ", PGTOOLS_WARNING, false},
    {"detail: ", PGTOOLS_DETAIL, false},
    {"hint: ", PGTOOLS_DETAIL, false},
    {"dumping contents of table ", PGTOOLS_TABLE, true},
    {"processing data for table ", PGTOOLS_TABLE, true},
    {"creating ", PGTOOLS_CREATE, true},
    {"executing ", PGTOOLS_CREATE, true},
    {"reading ", PGTOOLS_READING, false},
    {"finding ", PGTOOLS_READING, false},
    {"flagging ", PGTOOLS_READING, false},
    {"identifying ", PGTOOLS_READING, false},
    {"saving ", PGTOOLS_READING, false},
    {"last built-in OID ", PGTOOLS_READING, false},
};

/* Lines without the program's name that follow an error or a warning. */
static const char *const continuations[] = {
    "Command was: ", "DETAIL: ", "HINT: ", "CONTEXT: ", "LINE ", "QUERY: ",
};

static void keep(char kept[PGTOOLS_TEXT_MAX], struct str text)
{
    struct strbuf clean = {0};
    sanitise(&clean, str_slice(text, 0, PGTOOLS_TEXT_MAX), SANITISE_LINE);
    struct str fitting = strbuf_str(&clean);
    for (int columns = PGTOOLS_TEXT_MAX; fitting.len > PGTOOLS_TEXT_MAX - 1; columns -= 8) {
        fitting = str_fit(strbuf_str(&clean), columns); /* never inside a character */
    }
    if (fitting.len > 0) {
        memcpy(kept, fitting.ptr, fitting.len);
    }
    kept[fitting.len] = '\0';
    strbuf_release(&clean);
}

/* TABLE "public.quests" -> public.quests */
static struct str quoted_part(struct str text)
{
    size_t first = str_find_byte(text, '"', 0);
    if (first == text.len) {
        return text;
    }
    text = str_slice(text, first + 1, text.len);
    if (str_ends(text, "\"")) {
        text.len--;
    }
    return text;
}

static bool strip_program(struct str *line)
{
    static const char *const programs[] = {"pg_dump: ", "pg_restore: ", "pg_dumpall: "};
    for (size_t i = 0; i < COUNT_OF(programs); i++) {
        if (str_starts(*line, programs[i])) {
            *line = str_slice(*line, strlen(programs[i]), line->len);
            return true;
        }
    }
    return false;
}

static enum pgtools_line continuation(struct str line)
{
    for (size_t i = 0; i < COUNT_OF(continuations); i++) {
        if (str_starts(line, continuations[i])) {
            return PGTOOLS_DETAIL;
        }
    }
    return PGTOOLS_OTHER;
}

static void take_detail(struct pgtools_progress *progress, struct str text)
{
    if (progress->errors == 1 && !progress->first_detail[0]) {
        keep(progress->first_detail, text);
    }
}

enum pgtools_line pgtools_progress_take(struct pgtools_progress *progress, struct str line)
{
    if (!strip_program(&line)) {
        enum pgtools_line detail = continuation(line);
        if (detail == PGTOOLS_DETAIL) {
            take_detail(progress, line);
        } else if (line.len > 0) {
            keep(progress->last_words, line);
        }
        return detail;
    }
    enum pgtools_line kind = PGTOOLS_OTHER;
    struct str rest = line;
    for (size_t i = 0; i < COUNT_OF(line_table) && kind == PGTOOLS_OTHER; i++) {
        if (str_starts(line, line_table[i].start)) {
            kind = line_table[i].line;
            rest = str_slice(line, strlen(line_table[i].start), line.len);
            rest = line_table[i].named ? quoted_part(rest) : rest;
        }
    }
    if (kind == PGTOOLS_TABLE || kind == PGTOOLS_CREATE) {
        progress->done++;
        progress->tables += kind == PGTOOLS_TABLE;
        keep(progress->current, rest);
    } else if (kind == PGTOOLS_WARNING && progress->warnings++ == 0) {
        keep(progress->first_warning, rest);
    } else if (kind == PGTOOLS_ERROR && progress->errors++ == 0) {
        keep(progress->first_error, rest);
    } else if (kind == PGTOOLS_DETAIL) {
        take_detail(progress, rest);
    } else if (kind == PGTOOLS_OTHER && rest.len > 0) {
        keep(progress->last_words, rest);
    }
    return kind;
}

bool pgtools_run_passed(const struct pgtools_progress *progress, const char *program,
                        int exit_status, int64_t file_bytes, struct err *err)
{
    const char *complaint = progress->first_error[0]     ? progress->first_error
                            : progress->last_words[0]    ? progress->last_words
                            : progress->first_warning[0] ? progress->first_warning
                                                         : "It said nothing about why.";
    if (exit_status < 0) {
        err_set(err, ERR_CHECK, "%s was killed, or could not be started", program);
    } else if (exit_status > 0) {
        err_set(err, ERR_CHECK, "%s ended with status %d", program, exit_status);
    } else if (progress->errors > 0) {
        err_set(err, ERR_CHECK, "%s reported %lld errors and yet ended with status 0", program,
                (long long)progress->errors);
    } else if (file_bytes < 0) {
        err_set(err, ERR_CHECK, "%s ended with status 0 and there is no file", program);
    } else if (file_bytes == 0) {
        err_set(err, ERR_CHECK, "%s ended with status 0 and the file is empty", program);
    } else {
        return true;
    }
    err_detail(err, "%s%s%s", complaint, progress->first_detail[0] ? "; " : "",
               progress->first_detail);
    err_hint(err,
             "This is no backup; nothing else was changed. Find the cause and run it again.");
    return false;
}
