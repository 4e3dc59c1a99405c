/* SPDX-License-Identifier: PostgreSQL */
/*
 * What a script does with transactions by itself: decides whether its one outer
 * BEGIN ... COMMIT can be taken over, and words what stands in the way.
 */
#include "sql.h"

static const char *const control_names[SQL_CONTROL__COUNT] = {
    [SQL_CONTROL_NONE] = "",
    [SQL_CONTROL_BEGIN] = "begin",
    [SQL_CONTROL_COMMIT] = "commit",
    [SQL_CONTROL_ROLLBACK] = "rollback",
    [SQL_CONTROL_SAVEPOINT] = "savepoint",
    [SQL_CONTROL_RELEASE] = "release",
    [SQL_CONTROL_ROLLBACK_TO] = "rollback to",
    [SQL_CONTROL_PREPARE] = "prepare transaction",
    [SQL_CONTROL_COMMIT_PREPARED] = "commit prepared",
    [SQL_CONTROL_ROLLBACK_PREPARED] = "rollback prepared",
    [SQL_CONTROL_SET] = "set transaction",
};

const char *sql_control_name(enum sql_control control)
{
    return control_names[control];
}

/* Control that opens or ends a transaction; savepoints live inside of one. */
static bool is_outer(enum sql_control control)
{
    static const bool outer[SQL_CONTROL__COUNT] = {
        [SQL_CONTROL_BEGIN] = true,           [SQL_CONTROL_COMMIT] = true,
        [SQL_CONTROL_ROLLBACK] = true,        [SQL_CONTROL_PREPARE] = true,
        [SQL_CONTROL_COMMIT_PREPARED] = true, [SQL_CONTROL_ROLLBACK_PREPARED] = true,
    };
    return outer[control];
}

/* Index of the next statement with outer control at or after `from`; count when none. */
static size_t next_outer(const struct sql_script *script, size_t from)
{
    while (from < script->count && !is_outer(script->statements[from].control)) {
        from++;
    }
    return from;
}

static size_t find_hidden(const struct sql_script *script)
{
    size_t at = 0;
    while (at < script->count && script->statements[at].hides_control != SQL_YES) {
        at++;
    }
    return at;
}

static bool is_commit(const struct sql_statement *statement)
{
    return statement->control == SQL_CONTROL_COMMIT && !statement->chain;
}

static struct sql_transaction finding(const struct sql_script *script, enum sql_outer outer,
                                      size_t culprit, const char *detail, const char *hint)
{
    const struct sql_statement *statement = &script->statements[culprit];
    struct sql_transaction result = {.outer = outer, .culprit = culprit};
    const char *name = sql_control_name(statement->control);
    err_set(&result.err, ERR_USAGE, "own transaction control: %s",
            name[0] != '\0' ? name : "inside of a block of code");
    err_detail(&result.err, "%s", detail);
    err_hint(&result.err, "%s", hint);
    return result;
}

struct sql_transaction sql_outer_transaction(const struct sql_script *script)
{
    static const char take_out[] =
        "Take the transaction control out of the file, or say \"transaction: file\".";
    size_t hidden = find_hidden(script);
    if (hidden < script->count) {
        return finding(script, SQL_OUTER_HIDDEN, hidden,
                       "This block ends transactions by itself, so that the file cannot be "
                       "one transaction.",
                       take_out);
    }
    size_t first = next_outer(script, 0);
    if (first == script->count) {
        return (struct sql_transaction){.outer = SQL_OUTER_NONE};
    }
    size_t second = next_outer(script, first + 1);
    if (script->statements[first].control == SQL_CONTROL_BEGIN && second == script->count) {
        return finding(script, SQL_OUTER_OPEN, first,
                       "No COMMIT follows: each statement would report success, and nothing "
                       "would be kept.",
                       "Add the COMMIT at the end of the file, or take the BEGIN out.");
    }
    if (first != 0 || script->statements[first].control != SQL_CONTROL_BEGIN) {
        return finding(script, SQL_OUTER_STRAY, first,
                       "Only a BEGIN that is the first statement of the file, with the COMMIT "
                       "that is its last, can be taken over.",
                       take_out);
    }
    if (second + 1 != script->count || !is_commit(&script->statements[second])) {
        size_t third = next_outer(script, second + 1);
        bool more = is_commit(&script->statements[second]) && third < script->count;
        return finding(script, SQL_OUTER_STRAY, more ? third : second,
                       "The file's transaction ends before its last statement, or not with "
                       "COMMIT, so that a failure could leave half of the file committed.",
                       take_out);
    }
    return (struct sql_transaction){.outer = SQL_OUTER_ONE};
}

int sql_down_section(struct str text)
{
    struct str line;
    for (int number = 1; str_cut(&text, '\n', &line); number++) {
        if (str_starts(line, "-- migrate:down")) {
            return number;
        }
    }
    return 0;
}
