/* SPDX-License-Identifier: PostgreSQL */
/*
 * explain --target: the server is asked before anything is judged, because who judges has no
 * connection. Names go there, and with --probe
 * queries made of names and of the condition of a CHECK.
 */
#include "explain.h"

#include "loop.h"

enum {
    VERSION_OF_MAJOR = 10000
};

bool explain_names_target(const struct cli *cli)
{
    static const enum cli_option naming[] = {OPTION_TARGET, OPTION_HOST,   OPTION_PORT,
                                             OPTION_USER,   OPTION_DBNAME, OPTION_SERVICE};
    bool named = false;
    for (size_t i = 0; i < COUNT_OF(naming); i++) {
        named = named || cli->given[naming[i]];
    }
    return named;
}

static struct app_lint_where where_of(const struct cli *cli, const struct explained *explained)
{
    return (struct app_lint_where){.word = cli->values[OPTION_TARGET],
                                   .connection = &explained->connection};
}

bool explain_ask_target(struct cli *cli, struct explained *explained,
                        struct app_lint_world *world, struct err *err)
{
    struct app_lint_names names = {0};
    struct app_lint_where where = where_of(cli, explained);
    if (!cli_connection(cli, &explained->connection, err)) {
        return false;
    }
    for (size_t i = 0; i < explained->file_count; i++) {
        app_lint_names_add(&names, strbuf_str(&explained->files[i].bytes));
    }
    explained->asked_us = loop_wall_us();
    bool ok = app_lint_context(&where, &names, world, err);
    app_lint_names_release(&names);
    if (!ok) {
        return false;
    }
    app_lint_traffic_guarded(world);
    world->context.today_us = explained->asked_us;
    explained->world = world;
    explained->context = &world->context;
    explained->version = world->context.version / VERSION_OF_MAJOR;
    return true;
}

bool cli_writes_seconds(struct cli *cli, int *seconds, struct err *err)
{
    enum {
        SECONDS_MAX = 600
    };
    int64_t number = 0;
    const char *text = cli->values[OPTION_WRITES];
    if (!cli->given[OPTION_WRITES]) {
        return true;
    }
    if (!str_to_i64(str_from(text), &number) || number < 1 || number > SECONDS_MAX) {
        err_set(err, ERR_USAGE, "--writes \"%s\" is no number of seconds from 1 to 600", text);
        err_hint(err, "Nothing was asked. Thirty seconds are a short look, five minutes a good "
                      "one.");
        return false;
    }
    *seconds = (int)number;
    return true;
}

void cli_add_recent_writes(struct strbuf *out, const struct lint_destroyed *gone, int seconds)
{
    if (gone->recent_writes < 0) {
        strbuf_format(out, ", whether it is still written is not known%s",
                      seconds > 0 ? "" : " by one look");
        return;
    }
    strbuf_text(out, gone->recent_writes > 0 ? ", STILL WRITTEN: " : ", not written: ");
    number_to_text(out, gone->recent_writes);
    strbuf_format(out, " row%s in %d s", plural((size_t)gone->recent_writes), seconds);
}

bool explain_ask_writes(struct cli *cli, struct explained *explained,
                        struct app_lint_world *world, struct err *err)
{
    struct app_lint_where where = where_of(cli, explained);
    where.writes_seconds = explained->writes_seconds;
    return app_lint_recent(&where, explained->result, world, err);
}

bool explain_ask_rows(struct cli *cli, struct explained *explained,
                      struct app_lint_world *world, struct err *err)
{
    struct app_lint_where where = where_of(cli, explained);
    return app_lint_probe(&where, explained->result, world, err);
}
