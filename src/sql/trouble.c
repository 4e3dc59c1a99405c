/* SPDX-License-Identifier: PostgreSQL */
/*
 * Words for what cannot be cut: one table of messages, and one of psql commands
 * with what to do instead of each.
 */
#include "cutter.h"

struct trouble_text {
    const char *message; /* at most one %.*s, for the word in question */
    const char *detail;
    const char *hint;
};

static const struct trouble_text texts[SQL_TROUBLE__COUNT] = {
    [SQL_TROUBLE_BACKSLASH] =
        {"psql command \"%.*s\" is not run",
         "A backslash outside of quotes is a command to psql, and only SQL is sent to the "
         "server. Nothing of this file was run.",
         "Remove the command, or write it as SQL."},
    [SQL_TROUBLE_NUL] = {"the file holds a byte of value zero",
                         "PostgreSQL text cannot hold that byte; the file is damaged, binary, "
                         "or UTF-16. Nothing of it was run.",
                         "Save the file as UTF-8 text."},
    [SQL_TROUBLE_UTF8] = {"the file is not UTF-8 here",
                          "Statements are sent as UTF-8, so the server would refuse these "
                          "bytes or store other characters. Nothing of the file was run.",
                          "Convert the file to UTF-8, for example with iconv."},
    [SQL_TROUBLE_QUOTE] = {"quoted string that begins here never ends",
                           "The rest of the file would be inside of the string. Nothing of "
                           "the file was run.",
                           "Close the string, or double a quote that belongs to its text."},
    [SQL_TROUBLE_IDENTIFIER] = {"quoted identifier that begins here never ends",
                                "The rest of the file would be inside of the name. Nothing "
                                "of the file was run.",
                                "Close the name with a double quote."},
    [SQL_TROUBLE_DOLLAR] = {"dollar-quoted string that begins here with %.*s never ends",
                            "The rest of the file would be inside of the string. Nothing of "
                            "the file was run.",
                            "Close it with the very same tag; upper and lower case differ."},
    [SQL_TROUBLE_COMMENT] = {"comment that begins here never ends",
                             "C comments nest: each opening needs its own end. Nothing of the "
                             "file was run.",
                             "Close the comment with \"*/\"."},
    [SQL_TROUBLE_PARENTHESIS] = {"parenthesis that opens here is never closed",
                                 "A semicolon inside of parentheses does not end a statement, "
                                 "so the rest of the file would be one statement. Nothing of "
                                 "it was run.",
                                 "Close the parenthesis."},
    [SQL_TROUBLE_BEGIN_ATOMIC] =
        {"BEGIN that stands here in a function has no END",
         "Semicolons between BEGIN and END of a function body do not end the statement, so "
         "the rest of the file would be one statement. Nothing of it was run.",
         "Add the END; or, when the word is a name, put it into double quotes."},
    [SQL_TROUBLE_COPY_DATA] = {"data of this COPY have no end",
                               "A line with \\. alone must follow the data of COPY ... FROM "
                               "stdin; without it the file may have been cut short. Nothing "
                               "of it was run.",
                               "Look whether the file is whole, and add the line \\. behind "
                               "the data."},
    [SQL_TROUBLE_COPY_LINE] = {"more SQL on the line of COPY ... FROM stdin",
                               "The data begin on the next line, so that psql would run this "
                               "after the data although it stands before them. Nothing of "
                               "the file was run.",
                               "Move it behind the line \\. that ends the data."},
    [SQL_TROUBLE_CUSTOM_DUMP] = {"the file is a dump in pg_dump's custom format",
                                 "It holds no SQL text. Nothing of it was run.",
                                 "Restore it with pg_restore, or write it as SQL with "
                                 "pg_restore -f FILE."},
    [SQL_TROUBLE_STOPPED] = {"the cut was stopped", "The caller wanted no more statements.",
                             "Nothing is wrong with the file."},
};

/* What to do instead of a psql command, by its first word. */
static const struct {
    const char *command;
    const char *hint;
} command_hints[] = {
    {"\\i", "Name the other file in a step of its own."},
    {"\\ir", "Name the other file in a step of its own."},
    {"\\include", "Name the other file in a step of its own."},
    {"\\include_relative", "Name the other file in a step of its own."},
    {"\\copy", "Use COPY ... FROM stdin with the data and a line \\. in the file."},
    {"\\set", "Write the value where it is used."},
    {"\\unset", "Write the value where it is used."},
    {"\\gset", "Write the value where it is used, or use a DO block."},
    {"\\gexec", "Use a DO block with EXECUTE."},
    {"\\g", "End the statement with a semicolon."},
    {"\\gx", "End the statement with a semicolon."},
    {"\\if", "Decide in a DO block, or in the plan."},
    {"\\elif", "Decide in a DO block, or in the plan."},
    {"\\else", "Decide in a DO block, or in the plan."},
    {"\\endif", "Decide in a DO block, or in the plan."},
    {"\\c", "Name the database in the plan's target."},
    {"\\connect", "Name the database in the plan's target."},
    {"\\echo", "Remove it; each statement is shown as it runs."},
    {"\\qecho", "Remove it; each statement is shown as it runs."},
    {"\\warn", "Remove it; each statement is shown as it runs."},
    {"\\timing", "Remove it; each statement is timed."},
    {"\\encoding", "Save the file as UTF-8 and remove the command."},
    {"\\!", "Use a hook of the plan."},
    {"\\q", "Remove the command and what follows it."},
    {"\\quit", "Remove the command and what follows it."},
    {"\\;", "Write the semicolon without the backslash."},
    {"\\restrict", "Put it on a line of its own between statements, as pg_dump does."},
    {"\\unrestrict", "Put it between statements, with the key of the \\restrict line before."},
    {"\\.", "Remove the line: no COPY ... FROM stdin stands before it."},
};

static const char *hint_for(struct str command, const char *otherwise)
{
    for (size_t i = 0; i < COUNT_OF(command_hints); i++) {
        if (str_eq(command, command_hints[i].command)) {
            return command_hints[i].hint;
        }
    }
    return otherwise;
}

bool trouble_set(struct sql_trouble *trouble, enum sql_trouble_kind kind,
                 struct sql_place place, struct str word)
{
    enum {
        WORD_SHOWN = 60
    };
    const struct trouble_text *text = &texts[kind];
    const char *gap = strstr(text->message, "%.*s");
    size_t before = gap ? (size_t)(gap - text->message) : strlen(text->message);
    struct strbuf shown = {0};
    sanitise(&shown, str_slice(word, 0, WORD_SHOWN), SANITISE_LINE);
    *trouble = (struct sql_trouble){.kind = kind, .place = place};
    err_set(&trouble->err, ERR_USAGE, "%.*s%s%s", (int)before, text->message,
            gap && shown.ptr ? shown.ptr : "", gap ? gap + strlen("%.*s") : "");
    err_detail(&trouble->err, "%s", text->detail);
    err_hint(&trouble->err, "%s",
             kind == SQL_TROUBLE_BACKSLASH ? hint_for(word, text->hint) : text->hint);
    strbuf_release(&shown);
    return false;
}

bool sql_trouble_to_err(const struct sql_trouble *trouble, const char *file, struct err *err)
{
    if (err != NULL) {
        *err = trouble->err;
        err_context(err, "%s:%d:%d", file, trouble->place.line, trouble->place.column);
    }
    return false;
}
