/* SPDX-License-Identifier: PostgreSQL */
/*
 * The commands of the plain prompts, one row each. They are always there, whatever is
 * asked; none of them approves anything by itself.
 */
#include "front_plain_private.h"

#include "loop.h"

#define ARMED_US (3 * US_PER_SECOND)

/* What a command gets: the rest of its line. */
struct call {
    struct plain *plain;
    const struct run *run;
    struct str rest;
    const struct front_events *events;
};

static void emit(const struct call *call, enum event_kind kind, struct str text)
{
    struct event event = {
        .kind = kind, .script = -1, .text = text, .who = call->run->operator_name};
    call->plain->sent = true;
    call->events->emit(call->events->ctx, &event);
}

static void do_status(const struct call *call)
{
    plain_status(call->plain, call->run);
    plain_questions(call->plain, true);
}

static void do_questions(const struct call *call)
{
    plain_questions(call->plain, true);
}

static void do_counts(const struct call *call)
{
    struct strbuf text = {0};
    front_counts_text(&text, call->run, true);
    plain_add(call->plain, strbuf_str(&text));
    strbuf_release(&text);
}

static void do_checks(const struct call *call)
{
    const struct run *run = call->run;
    for (size_t i = 0; i < run->set_count; i++) {
        const struct plan_set *set = &run->plan->verification.sets.items[i];
        plain_say(call->plain, "set %zu  %.*s", i + 1, STR_ARG(set->name));
        for (size_t k = 0; k < set->checks.count; k++) {
            const struct run_check *check = &run->sets[i][k];
            const char *word = check->accepted                    ? "accepted"
                               : check->outcome == OUTCOME_NONE   ? "not yet"
                               : check->outcome == OUTCOME_OK     ? "ok"
                               : check->outcome == OUTCOME_FAILED ? "FAILED"
                                                                  : "CANNOT BE JUDGED";
            plain_say(call->plain, "  %-8s %.*s  %.*s %.*s", word, STR_ARG(check->check->id),
                      STR_ARG(check->check->name),
                      STR_ARG(check->outcome == OUTCOME_OK ? (struct str){0} : check->why));
        }
    }
}

/* "3" of the script at work or next, or "012:3". */
static const struct run_script *find_script(const struct run *run, struct str *rest)
{
    struct str name = *rest;
    struct str id;
    if (str_find_byte(name, ':', 0) < name.len && str_cut(&name, ':', &id)) {
        *rest = name;
        for (size_t i = 0; i < run->script_count; i++) {
            if (str_is(run->scripts[i].id, id)) {
                return &run->scripts[i];
            }
        }
        return NULL;
    }
    if (run->script >= 0) {
        return &run->scripts[run->script];
    }
    return run->script_count > 0 ? &run->scripts[0] : NULL;
}

static void do_sql(const struct call *call)
{
    struct str rest = call->rest;
    int64_t number = 0;
    const struct run_script *script = find_script(call->run, &rest);
    if (!script || !script->sql || !str_to_i64(rest, &number)) {
        plain_say(call->plain, "sql N or sql ID:N, such as sql 012:3");
        return;
    }
    if (number < 1 || (size_t)number > script->sql->count) {
        plain_say(call->plain, "%.*s has %zu statement%s", STR_ARG(script->id),
                  script->sql->count, plural(script->sql->count));
        return;
    }
    struct strbuf line = {0};
    size_t index = (size_t)number - 1;
    front_statement_whole(&line, script->sql, index);
    plain_say(call->plain, "%.*s:%lld  %.*s line %d", STR_ARG(script->id), (long long)number,
              STR_ARG(script->file), script->sql->statements[index].head.line);
    struct str rest_of_text = strbuf_str(&line);
    struct str one;
    while (str_cut(&rest_of_text, '\n', &one)) {
        plain_say(call->plain, "%.*s", STR_ARG(one));
    }
    strbuf_release(&line);
}

static void do_log(const struct call *call)
{
    struct plain *plain = call->plain;
    size_t count = plain->kept_count < LOG_KEPT ? plain->kept_count : LOG_KEPT;
    for (size_t i = plain->kept_count - count; i < plain->kept_count; i++) {
        plain_add(plain, strbuf_str(&plain->kept[i % LOG_KEPT]));
    }
}

static void do_locks(const struct call *call)
{
    const struct run *run = call->run;
    if (run->blocker_count == 0) {
        plain_say(call->plain, "nobody holds us up");
        return;
    }
    struct str waited = duration_text(&call->plain->scratch, run->waited_us);
    plain_say(call->plain, "we have waited %.*s", STR_ARG(waited));
    for (size_t i = 0; i < run->blocker_count; i++) {
        const struct event_item *item = &run->blockers[i];
        plain_say(call->plain, "%*s%lld  %.*s  %.*s%s", item->depth * 2 + 2, "",
                  (long long)item->value, STR_ARG(item->name), STR_ARG(item->text),
                  item->flag ? "  (us)" : "");
    }
    plain_say(call->plain, "terminate PID ends a session that is listed here, and asks first");
}

static void do_emergency(const struct call *call)
{
    const struct plan_emergency *cards = &call->run->plan->emergency;
    for (size_t i = 0; i < cards->count; i++) {
        const struct plan_card *card = &cards->items[i];
        plain_say(call->plain, "%.*s", STR_ARG(card->title));
        for (size_t k = 0; k < card->steps.count; k++) {
            plain_say(call->plain, "  %zu  %.*s", k + 1, STR_ARG(card->steps.items[k]));
        }
        for (size_t k = 0; k < card->call.count; k++) {
            plain_say(call->plain, "  call  %.*s", STR_ARG(card->call.items[k]));
        }
    }
    if (cards->count == 0) {
        plain_say(call->plain, "the plan has no emergency cards; `gonogo help plan` tells how "
                               "they are written");
    }
}

static void do_note(const struct call *call)
{
    if (call->rest.len == 0) {
        plain_say(call->plain, "note TEXT");
        return;
    }
    emit(call, EVENT_SCRIBE, call->rest);
}

static void do_hold(const struct call *call)
{
    if (call->rest.len == 0) {
        plain_say(call->plain, "hold REASON");
        return;
    }
    emit(call, EVENT_HOLD, call->rest);
}

static void do_cancel(const struct call *call)
{
    plain_cancel(call->plain, call->run, call->events);
}

static void do_terminate(const struct call *call)
{
    int64_t pid = 0;
    bool typed = str_to_i64(call->rest, &pid);
    for (size_t i = 0; typed && i < call->run->blocker_count; i++) {
        const struct event_item *item = &call->run->blockers[i];
        if (item->value == pid && blocker_can_be_signalled(item, true)) {
            struct event event = {.pid = pid, .backend_start_us = item->at_us, .flag = true};
            plain_say(call->plain, "%lld  %.*s  %.*s", (long long)pid, STR_ARG(item->name),
                      STR_ARG(item->text));
            plain_dialog_command(call->plain, "terminate", (struct str){0}, &event);
            return;
        }
    }
    plain_say(call->plain, "terminate PID, of a session that `locks` lists");
}

static void do_rollback(const struct call *call)
{
    if (!call->run->changed || call->run->option_count == 0) {
        plain_say(call->plain, "there is nothing to roll back: %s",
                  call->run->changed ? "the plan names no way back"
                                     : "nothing was committed yet");
        return;
    }
    plain_dialog_command(call->plain, "rollback", (struct str){0}, NULL);
}

static void do_override(const struct call *call)
{
    if (call->rest.len == 0) {
        plain_say(call->plain, "override ID, of a checklist item or of what a rule blocks, or "
                               "window, or monitor (ends "
                               "the watch early)");
        return;
    }
    struct strbuf ids = {0};
    if (front_override_is_known(call->run, call->rest, &ids)) {
        plain_dialog_command(call->plain, "override", call->rest, NULL);
    } else {
        plain_say(call->plain, "there is no \"%.*s\" to override; there are: %s",
                  STR_ARG(call->rest), ids.ptr);
    }
    strbuf_release(&ids);
}

static void do_vote(const struct call *call)
{
    if (!plan_find_role(call->run->plan, call->rest)) {
        plain_say(call->plain, "vote ROLE, a role of the plan");
        return;
    }
    plain_dialog_command(call->plain, "vote", call->rest, NULL);
}

static void take_backup(const struct call *call, bool prove)
{
    for (size_t i = 0; i < call->run->backup_count; i++) {
        const struct run_backup *backup = &call->run->backups[i];
        if (str_is(backup->backup->id, call->rest) &&
            backup_may_rerun(call->run, backup, prove)) {
            plain_dialog_command(call->plain, prove ? "prove" : "backup", call->rest, NULL);
            return;
        }
    }
    plain_say(call->plain, prove ? "prove ID, of a dump that is there, in BACKUP"
                                 : "backup ID, of a pg_dump of the plan, in BACKUP");
}

static void do_backup(const struct call *call)
{
    take_backup(call, false);
}

static void do_prove(const struct call *call)
{
    take_backup(call, true);
}

static void do_back(const struct call *call)
{
    emit(call, EVENT_BACK, (struct str){0});
}

static void do_quit(const struct call *call)
{
    plain_dialog_command(call->plain, "quit", (struct str){0}, NULL);
}

static void do_abandon(const struct call *call)
{
    const char *trouble = engine_abandon_trouble(call->run);
    if (trouble) {
        plain_say(call->plain, "not now: %s", trouble);
        return;
    }
    plain_say(call->plain,
              "Nothing more will run, nothing is undone, and nobody can resume it; "
              "quit leaves the run so that it can be resumed.");
    plain_dialog_command(call->plain, "abandon", (struct str){0}, NULL);
}

static void do_help(const struct call *call);

/*
 * word   what is typed
 * rest   what follows it, for people
 * help   one clause
 * run    does it
 */
static const struct {
    const char *word;
    const char *rest;
    const char *help;
    void (*run)(const struct call *call);
} commands[] = {
    {"status", "", "where we are and what is asked", do_status},
    {"questions", "", "what is asked", do_questions},
    {"counts", "", "before, now, expected", do_counts},
    {"checks", "", "the verification sets", do_checks},
    {"sql", "N", "statement N of the file at work; sql 012:3", do_sql},
    {"log", "", "the newest lines", do_log},
    {"locks", "", "who holds us up", do_locks},
    {"emergency", "", "the plan's cards: what to do, whom to call", do_emergency},
    {"note", "TEXT", "a note for the record", do_note},
    {"vote", "ROLE", "vote, or change a vote", do_vote},
    {"override", "ID", "go on without an item's proof, with a reason", do_override},
    {"backup", "ID", "take a backup now, anew", do_backup},
    {"prove", "ID", "prove a dump that is there once more", do_prove},
    {"hold", "REASON", "stop at the next safe point", do_hold},
    {"cancel", "", "cancel what runs (twice within 3 s), as ^C", do_cancel},
    {"terminate", "PID", "end a session that holds us up", do_terminate},
    {"rollback", "", "open the rollback decision", do_rollback},
    {"back", "", "leave the rollback decision, nothing done", do_back},
    {"quit", "", "leave the run at a safe point; it can be resumed", do_quit},
    {"leave", "", "the same as quit", do_quit},
    {"abandon", "", "end the run for good, with a reason; nobody resumes it", do_abandon},
    {"help", "", "this list; ? too", do_help},
};

static void do_help(const struct call *call)
{
    plain_say(call->plain, "A question is answered by its number. Always there:");
    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        plain_say(call->plain, "  %-9s %-7s %s", commands[i].word, commands[i].rest,
                  commands[i].help);
    }
}

/* Is a program of ours at work outside the connection? */
static bool task_runs(const struct run *run)
{
    for (size_t i = 0; i < run->backup_count; i++) {
        if (run->state == STATE_BACKUP && run->backups[i].running) {
            return true;
        }
    }
    return run->state == STATE_RESTORE;
}

void plain_cancel(struct plain *plain, const struct run *run, const struct front_events *events)
{
    bool task = task_runs(run);
    if (run->state != STATE_RUNNING && !task) {
        plain_say(plain, engine_in_transaction(run)
                             ? "the answer is on its way, nothing can be cancelled now; hold "
                               "REASON stops at the next safe point"
                             : "nothing of ours runs. The way out: quit (leave, resume later), "
                               "hold REASON, help");
        return;
    }
    int64_t now_us = loop_now_us();
    if (now_us < plain->armed_until_us) {
        plain->armed_until_us = 0;
        struct event event = {.kind = EVENT_CANCEL, .script = -1, .who = run->operator_name};
        events->emit(events->ctx, &event);
        plain_say(plain, "cancel is sent; its answer is waited for");
        return;
    }
    plain->armed_until_us = now_us + ARMED_US;
    if (task) {
        plain_say(plain, "once more within 3 s stops the %s; it must then be taken again",
                  run->state == STATE_BACKUP ? "backup" : "restore");
        return;
    }
    const struct run_script *script = &run->scripts[run->script];
    plain_say(plain,
              "once more within 3 s cancels statement %d of %.*s; %s is lost, and the run "
              "holds",
              script->statement + 1, STR_ARG(script->id),
              script->transaction == PLAN_TRANSACTION_ONE ? "what this file did so far"
                                                          : "that statement");
}

static bool is_number(struct str line, int64_t *number)
{
    return str_to_i64(line, number) && *number > 0;
}

static void open_question(struct plain *plain, const struct run *run, int64_t number)
{
    for (size_t i = 0; i < plain->question_count; i++) {
        if (plain->questions[i].number == number) {
            plain_dialog_begin(plain, run, (int)number, &plain->questions[i].ask);
            return;
        }
    }
    plain_say(plain, "question %lld is not open; `questions` lists those that are",
              (long long)number);
}

void plain_command(struct plain *plain, const struct run *run, struct str line,
                   const struct front_events *events)
{
    int64_t number;
    if (line.len == 0) {
        return;
    }
    if (is_number(line, &number)) {
        open_question(plain, run, number);
        return;
    }
    size_t blank = str_find_byte(line, ' ', 0);
    struct str word = str_slice(line, 0, blank);
    struct call call = {plain, run, str_trim(str_slice(line, blank, line.len)), events};
    if (str_eq(word, "?")) {
        word = STR("help");
    }
    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        if (str_eq(word, commands[i].word)) {
            commands[i].run(&call);
            return;
        }
    }
    plain_say(plain,
              "\"%.*s\" is no command; a number answers a question, ? lists the commands",
              STR_ARG(word));
}
