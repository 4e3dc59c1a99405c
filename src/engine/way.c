/* SPDX-License-Identifier: PostgreSQL */
/*
 * Before a way back begins: what it takes and what it loses, in words, and who may set it
 * going. Where the plan names roles, a person of each types the word ROLLBACK, all of them
 * different people; the name of the database alone is not enough then.
 */
#include "engine_private.h"

const struct run_backup *backup_of_option(const struct run *run,
                                          const struct run_option *option)
{
    for (size_t i = 0; i < run->backup_count; i++) {
        if (str_is(run->backups[i].backup->id, option->option->from)) {
            return &run->backups[i];
        }
    }
    return NULL;
}

bool way_is_confirmed(const struct run *run, struct str role)
{
    for (size_t i = 0; i < run->confirmation_count; i++) {
        if (str_is(run->confirmations[i].role, role)) {
            return true;
        }
    }
    return false;
}

bool way_name_is_enough(const struct run *run, const struct event *event)
{
    return name_is_right(run, event) && run->options[run->option].option->confirm.count == 0;
}

void on_way_named(struct run *run, const struct event *event, struct effects *effects)
{
    (void)event;
    (void)effects;
    run->way_named = true;
}

/* The word, from a role that is waited for, by a person who has not spoken for another. */
bool confirm_fits(const struct run *run, const struct event *event)
{
    const struct plan_texts *roles = &run->options[run->option].option->confirm;
    bool wanted = false;
    for (size_t i = 0; i < roles->count; i++) {
        wanted = wanted || str_is(roles->items[i], event->id);
    }
    for (size_t i = 0; i < run->confirmation_count; i++) {
        wanted = wanted && !str_is(run->confirmations[i].who, event->who);
    }
    return run->way_named && wanted && !way_is_confirmed(run, event->id) &&
           event->who.len > 0 && str_eq(event->text, "ROLLBACK");
}

bool confirm_is_last(const struct run *run, const struct event *event)
{
    return confirm_fits(run, event) &&
           run->confirmation_count + 1 == run->options[run->option].option->confirm.count;
}

void on_confirm(struct run *run, const struct event *event, struct effects *effects)
{
    (void)effects;
    struct run_signature *entry =
        ARRAY_PUSH(run->confirmations, run->confirmation_count, run->confirmation_capacity);
    *entry = (struct run_signature){.at_us = event->at_us, .claim = event->flag};
    entry->role = run_keep(run, event->id);
    entry->who = run_keep(run, event->who);
    run_remark(run, "confirmed", event->who, event->id,
               run_keep_format(run, "ROLLBACK, by %.*s",
                               STR_ARG(run->options[run->option].option->id)),
               event->flag);
}

void on_confirm_last(struct run *run, const struct event *event, struct effects *effects)
{
    on_confirm(run, event, effects);
    on_way_name(run, event, effects);
}

struct str way_time_text(const struct run *run, const struct run_option *option,
                         struct arena *arena)
{
    if (option->estimate_us <= 0) {
        return STR("how long it takes is not known");
    }
    struct str time = duration_text(arena, option->estimate_us);
    bool said = !option->measured || !backup_of_option(run, option);
    return said ? str_format(arena, "takes %.*s: the plan says so, it was not measured",
                             STR_ARG(time))
                : str_format(arena,
                             "takes %.*s: so long the restore took when the backup %.*s "
                             "was proved",
                             STR_ARG(time), STR_ARG(option->option->from));
}

enum {
    TABLES_TOLD = 5, /* by name, where a restore would lose their rows */
};

int64_t run_rows_written(const struct run *run, bool *more)
{
    int64_t rows = 0;
    *more = run->writes_in_part || run->writes_due_us == 0;
    for (size_t i = 0; i < run->write_count; i++) {
        rows += run->writes[i].value > 0 ? run->writes[i].value : 0;
        *more = *more || run->writes[i].value < 0;
    }
    int64_t own = run_own_rows(run);
    if (rows < own) {
        rows = own;
        *more = true;
    }
    return rows == 0 && *more ? -1 : rows;
}

void add_own_writes(struct strbuf *out, const struct run *run, const struct event_item *table)
{
    int64_t own = run_own_writes(run, table);
    if (own > 0) {
        strbuf_text(out, " (at least ");
        number_to_text(out, own);
        strbuf_text(out, " by this run)");
    }
}

static void add_tables(const struct run *run, struct strbuf *names)
{
    for (size_t i = 0; i < run->write_count; i++) {
        const struct event_item *table = &run->writes[i];
        bool known = table->value >= 0;
        if (i < TABLES_TOLD) {
            strbuf_format(names, "%s%.*s ", i > 0 ? ", " : "", STR_ARG(table->name));
            if (known) {
                number_to_text(names, table->value);
            } else {
                strbuf_text(names, "??");
            }
            add_own_writes(names, run, table);
        }
    }
    if (run->write_count > TABLES_TOLD) {
        strbuf_format(names, " and %zu tables more", run->write_count - TABLES_TOLD);
    }
}

/* Since when a restore loses rows: its own backup, else the newest that was taken here. */
static void add_since(const struct run *run, const struct run_option *option, bool counted,
                      struct strbuf *out)
{
    const struct run_backup *backup = backup_of_option(run, option);
    strbuf_text(out, "the backup");
    if (backup && backup->taken_us > 0) {
        strbuf_text(out, " of ");
        time_to_clock(out, backup->taken_us);
    }
    if (counted && run->writes_at_us > 0) {
        strbuf_text(out, " (counted at ");
        time_to_clock(out, run->writes_at_us);
        strbuf_byte(out, ')');
    }
}

/* Between the sum and its tables; nobody may have counted any. */
static const char *names_lead(const struct run *run, const struct strbuf *names)
{
    if (names->len > 0) {
        return ": ";
    }
    return run->writes_at_us > 0 ? ", all by this run"
                                 : ", by this run; those of others are not known";
}

struct str way_loss_text(const struct run *run, const struct run_option *option,
                         struct arena *arena)
{
    enum plan_rollback_kind kind = option->option->kind;
    if (kind == PLAN_ROLLBACK_SQL || kind == PLAN_ROLLBACK_DOWN) {
        return STR("loses what its statements take away, and nothing else");
    }
    struct strbuf since = {0};
    struct strbuf names = {0};
    bool more = false;
    int64_t rows = run_rows_written(run, &more);
    add_since(run, option, rows >= 0, &since);
    add_tables(run, &names);
    struct strbuf text = {0};
    if (rows < 0) {
        strbuf_format(&text, "loses every row written since %.*s: how many is not known",
                      STR_ARG(strbuf_str(&since)));
    } else if (rows == 0) {
        strbuf_format(&text,
                      "loses nothing: no row was written since %.*s, as the server's counters "
                      "say, seconds late",
                      STR_ARG(strbuf_str(&since)));
    } else {
        strbuf_format(&text, "loses %s", more ? "at least " : "");
        number_to_text(&text, rows);
        strbuf_format(&text, " row%s written since %.*s%s%.*s", plural((size_t)rows),
                      STR_ARG(strbuf_str(&since)), names_lead(run, &names),
                      STR_ARG(strbuf_str(&names)));
    }
    if (kind == PLAN_ROLLBACK_RESTORE) {
        strbuf_text(&text, "; the switch at its end closes every session of the database");
    }
    struct str kept = str_dup(arena, strbuf_str(&text));
    strbuf_release(&text);
    strbuf_release(&since);
    strbuf_release(&names);
    return kept;
}
