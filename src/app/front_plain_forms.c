/* SPDX-License-Identifier: PostgreSQL */
/*
 * Dialogs: what is asked line by line before an event is sent. Enter alone never
 * approves anything: it leaves the dialog, and nothing was done.
 */
#include "front_plain_private.h"

static bool is_backup(const struct run *run, const struct ask *ask)
{
    for (size_t i = 0; i < run->backup_count; i++) {
        if (str_is(run->backups[i].backup->id, ask->id)) {
            return true;
        }
    }
    return false;
}

static bool can_roll_back(const struct run *run, const struct ask *ask)
{
    (void)ask;
    return run->changed && run->option_count > 0;
}

static bool has_script(const struct run *run, const struct ask *ask)
{
    (void)ask;
    return run->script >= 0;
}

/* Columns: see struct form. */
/* clang-format off */
static const struct form forms[] = {
    {ASK_NOTE, NULL, "", EVENT_NOTE, NULL, {FIELD_TEXT, FIELD_WHO}, NULL},
    {ASK_OVERRIDE, "override", "go on without proof", EVENT_OVERRIDE, NULL, {FIELD_REASON, FIELD_WHO}, NULL},
    {ASK_OVERRIDE, "again", "take that backup again", EVENT_RERUN, NULL, {FIELD_END}, is_backup},
    {ASK_ATTEST, NULL, "", EVENT_ATTEST, NULL, {FIELD_BACKUP, FIELD_TAKEN, FIELD_WHO}, NULL},
    {ASK_VOTE, NULL, "", EVENT_VOTE, NULL, {FIELD_VOTE, FIELD_WHO, FIELD_VOTE_WHY}, NULL},
    {ASK_NAME, NULL, "", EVENT_NAME, NULL, {FIELD_DATABASE}, NULL},
    {ASK_GO_ON, NULL, "", EVENT_GO_ON, NULL, {FIELD_GO}, NULL},
    {ASK_WRONG_COUNTS, "again", "look again", EVENT_RERUN, NULL, {FIELD_END}, NULL},
    {ASK_WRONG_COUNTS, "override", "go on with these counts", EVENT_OVERRIDE, NULL, {FIELD_REASON, FIELD_WHO}, NULL},
    {ASK_WRONG_COUNTS, "leave", "stop here", EVENT_LEAVE, NULL, {FIELD_END}, NULL},
    {ASK_FAILED, "again", "try that step again", EVENT_GO_ON, NULL, {FIELD_END}, NULL},
    {ASK_FAILED, "rollback", "open the rollback decision", EVENT_ROLLBACK, NULL, {FIELD_REASON}, can_roll_back},
    {ASK_FAILED, "leave", "stop here", EVENT_LEAVE, NULL, {FIELD_END}, NULL},
    {ASK_ACCEPT, "accept", "accept it", EVENT_ACCEPT, NULL, {FIELD_REASON, FIELD_WHO}, NULL},
    {ASK_ACCEPT, "again", "run it again", EVENT_RERUN, NULL, {FIELD_END}, NULL},
    {ASK_ACCEPT, "rollback", "open the rollback decision", EVENT_ROLLBACK, NULL, {FIELD_REASON}, can_roll_back},
    {ASK_MANUAL, NULL, "", EVENT_NOTE, NULL, {FIELD_TEXT, FIELD_WHO}, NULL},
    {ASK_ACKNOWLEDGE, NULL, "", EVENT_ACKNOWLEDGE, NULL, {FIELD_TEXT, FIELD_WHO}, NULL},
    {ASK_OPTION, NULL, "", EVENT_OPTION, NULL, {FIELD_OPTION}, NULL},
    {ASK_CRITERION, NULL, "", EVENT_NOTE, NULL, {FIELD_YES_NO, FIELD_TEXT, FIELD_WHO}, NULL},
    {ASK_SIGN_OFF, NULL, "", EVENT_SIGN_OFF, NULL, {FIELD_SIGN, FIELD_WHO}, NULL},
    {ASK_HOLD, "go", "go on where it stopped", EVENT_GO_ON, NULL, {FIELD_END}, NULL},
    {ASK_HOLD, "rollback", "open the rollback decision", EVENT_ROLLBACK, NULL, {FIELD_REASON}, can_roll_back},
    {ASK_HOLD, "leave", "stop here", EVENT_LEAVE, NULL, {FIELD_END}, NULL},
    {ASK_IN_DOUBT, "committed", "a person saw that it is there", EVENT_SETTLE, "committed", {FIELD_REASON, FIELD_WHO}, has_script},
    {ASK_IN_DOUBT, "rolled back", "a person saw that it is not there", EVENT_SETTLE, "rolled back", {FIELD_REASON, FIELD_WHO}, has_script},
    {ASK_IN_DOUBT, "again", "look at the evidence again", EVENT_RERUN, NULL, {FIELD_END}, has_script},
    {ASK_IN_DOUBT, "leave", "stop here, in doubt", EVENT_LEAVE, NULL, {FIELD_END}, NULL},
    /* commands with an argument of their own */
    {ASK__COUNT, "vote", "", EVENT_VOTE, NULL, {FIELD_VOTE, FIELD_WHO, FIELD_VOTE_WHY}, NULL},
    {ASK__COUNT, "override", "", EVENT_OVERRIDE, NULL, {FIELD_REASON, FIELD_WHO}, NULL},
    {ASK__COUNT, "rollback", "", EVENT_ROLLBACK, NULL, {FIELD_REASON}, NULL},
    {ASK__COUNT, "terminate", "", EVENT_TERMINATE, NULL, {FIELD_PID}, NULL},
    {ASK__COUNT, "quit", "", EVENT_LEAVE, NULL, {FIELD_LEAVE}, NULL},
};
/* clang-format on */

bool plain_is_dangerous(enum ask_kind kind)
{
    switch (kind) {
    case ASK_NOTE:
    case ASK_ATTEST:
    case ASK_MANUAL:
    case ASK_ACKNOWLEDGE:
    case ASK_CRITERION:
        return false;
    case ASK_OVERRIDE:
    case ASK_VOTE:
    case ASK_NAME:
    case ASK_GO_ON:
    case ASK_WRONG_COUNTS:
    case ASK_FAILED:
    case ASK_ACCEPT:
    case ASK_OPTION:
    case ASK_SIGN_OFF:
    case ASK_HOLD:
    case ASK_IN_DOUBT:
    case ASK__COUNT:
        return true;
    }
    return true;
}

static bool offered(const struct form *form, const struct run *run, const struct ask *ask)
{
    return form->ask == ask->kind && (!form->fits || form->fits(run, ask));
}

/* ------------------------------------------------------------------- fields */

/* One typed line; false with a word of why when it does not fit. */
struct typed {
    struct plain *plain;
    const struct run *run;
    struct dialog *dialog;
    struct str line;
    const char *why;
};
typedef bool field_taker(struct typed *typed);

static struct str keep(struct typed *typed)
{
    return str_dup(&typed->dialog->arena, typed->line);
}

static bool take_text(struct typed *typed)
{
    typed->dialog->event.text = keep(typed);
    return true;
}

/* Who speaks for a role must be among its people; a HOLD may come from anybody listed. */
static bool take_who(struct typed *typed)
{
    struct dialog *dialog = typed->dialog;
    const struct plan_role *role = plan_find_role(typed->run->plan, dialog->ask.role);
    bool hold = dialog->event.kind == EVENT_VOTE && !str_eq(dialog->event.tag, "GO");
    bool known = !role || role->people.count == 0 || hold;
    struct strbuf names = {0};
    for (size_t i = 0; role && i < role->people.count; i++) {
        known = known || str_is(role->people.items[i], typed->line);
        strbuf_format(&names, "%s%.*s", i > 0 ? ", " : "", STR_ARG(role->people.items[i]));
    }
    if (!known) {
        struct str why = str_format(&dialog->arena, "for %.*s the plan lists %.*s",
                                    STR_ARG(role->title), STR_ARG(strbuf_str(&names)));
        typed->why = why.ptr;
    }
    strbuf_release(&names);
    dialog->event.who = keep(typed);
    return known;
}

static bool take_vote(struct typed *typed)
{
    typed->why = "type GO, NO-GO or HOLD, in capitals";
    typed->dialog->event.tag = keep(typed);
    return str_eq(typed->line, "GO") || str_eq(typed->line, "NO-GO") ||
           str_eq(typed->line, "HOLD");
}

static bool take_go(struct typed *typed)
{
    typed->why = "type the word go";
    return str_eq(typed->line, "go");
}

static bool take_sign(struct typed *typed)
{
    typed->why = "type the word sign";
    return str_eq(typed->line, "sign");
}

static bool take_leave(struct typed *typed)
{
    typed->why = "type the word leave";
    return str_eq(typed->line, "leave");
}

static bool take_option(struct typed *typed)
{
    typed->why = "type the option's id, as it is written above";
    return str_is(typed->line, typed->dialog->ask.id);
}

static bool take_yes_no(struct typed *typed)
{
    typed->why = "type yes or no";
    typed->dialog->event.tag = keep(typed);
    return str_eq(typed->line, "yes") || str_eq(typed->line, "no");
}

static bool take_backup(struct typed *typed)
{
    typed->dialog->event.name = keep(typed);
    return true;
}

static bool take_taken(struct typed *typed)
{
    typed->why = "write it as 2024-01-31T08:00Z";
    return time_from_text(typed->line, &typed->dialog->event.value);
}

static bool take_pid(struct typed *typed)
{
    int64_t pid;
    typed->why = "that is another pid";
    return str_to_i64(typed->line, &pid) && pid == typed->dialog->event.pid;
}

/*
 * prompt  what is typed
 * take    puts it into the event
 */
static const struct {
    const char *prompt;
    field_taker *take;
} fields[FIELD__COUNT] = {
    [FIELD_TEXT] = {"what is true now", take_text},
    [FIELD_REASON] = {"reason", take_text},
    [FIELD_WHO] = {"who says so (name)", take_who},
    [FIELD_VOTE] = {"GO, NO-GO or HOLD", take_vote},
    [FIELD_VOTE_WHY] = {"reason", take_text},
    [FIELD_DATABASE] = {"name of the database", take_text},
    [FIELD_GO] = {"type go to go on", take_go},
    [FIELD_SIGN] = {"type sign to sign off", take_sign},
    [FIELD_LEAVE] = {"type leave to stop at the next safe point; it can be resumed",
                     take_leave},
    [FIELD_OPTION] = {"type the option's id to choose it", take_option},
    [FIELD_YES_NO] = {"yes or no", take_yes_no},
    [FIELD_BACKUP] = {"the provider's name of the backup", take_backup},
    [FIELD_TAKEN] = {"when it was taken (2024-01-31T08:00Z)", take_taken},
    [FIELD_PID] = {"type the pid again to end that session", take_pid},
};

/* ------------------------------------------------------------------- dialog */

void plain_dialog_cancel(struct plain *plain, const char *why)
{
    if (plain->dialog.open) {
        plain->dialog.open = false;
        plain_say(plain, "%s", why);
        arena_clear(&plain->dialog.arena);
    }
}

static void send(struct plain *plain, const struct run *run, const struct front_events *events)
{
    struct dialog *dialog = &plain->dialog;
    if (dialog->event.who.len == 0) {
        dialog->event.who = run->operator_name;
    }
    dialog->open = false;
    plain->sent = true;
    events->emit(events->ctx, &dialog->event);
    if (dialog->event.kind == EVENT_LEAVE) {
        plain->leaving = true;
        plain->hold_sent = true; /* leaving is a HOLD by itself */
        plain->left_in = run->state;
    }
    arena_clear(&dialog->arena);
}

/* A GO needs no reason. */
static void skip_fields(struct dialog *dialog)
{
    while (dialog->field < FORM_FIELDS &&
           dialog->form->fields[dialog->field] == FIELD_VOTE_WHY &&
           str_eq(dialog->event.tag, "GO")) {
        dialog->field++;
    }
}

static bool is_complete(const struct dialog *dialog)
{
    return dialog->field >= FORM_FIELDS || dialog->form->fields[dialog->field] == FIELD_END;
}

static void choose(struct dialog *dialog, const struct form *form)
{
    dialog->form = form;
    dialog->field = 0;
    dialog->event.kind = form->event;
    dialog->event.tag = str_from(form->tag);
    if (form->event == EVENT_RERUN && dialog->ask.kind == ASK_WRONG_COUNTS) {
        dialog->event.id = (struct str){0};
    }
}

static void begin(struct plain *plain, int number, const struct ask *ask)
{
    struct dialog *dialog = &plain->dialog;
    arena_clear(&dialog->arena);
    dialog->open = true;
    dialog->number = number;
    dialog->form = NULL;
    dialog->ask = (struct ask){.kind = ask->kind,
                               .id = str_dup(&dialog->arena, ask->id),
                               .role = str_dup(&dialog->arena, ask->role)};
    dialog->event = (struct event){.script = -1, .id = dialog->ask.id};
}

void plain_dialog_begin(struct plain *plain, const struct run *run, int number,
                        const struct ask *ask)
{
    size_t count = 0;
    const struct form *only = NULL;
    begin(plain, number, ask);
    plain_say(plain, "%d  %.*s", number, STR_ARG(ask->text));
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        if (offered(&forms[i], run, ask)) {
            only = &forms[i];
            count++;
        }
    }
    if (count == 1 && !only->word) {
        choose(&plain->dialog, only);
        return;
    }
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        if (offered(&forms[i], run, ask)) {
            plain_say(plain, "    %-12s %s", forms[i].word, forms[i].help);
        }
    }
}

void plain_dialog_command(struct plain *plain, const struct run *run, const char *word,
                          struct str id, const struct event *event)
{
    struct ask ask = {.kind = ASK__COUNT, .id = id};
    (void)run;
    if (strcmp(word, "vote") == 0) {
        ask.role = id;
    }
    begin(plain, 0, &ask);
    if (event) {
        plain->dialog.event.pid = event->pid;
        plain->dialog.event.backend_start_us = event->backend_start_us;
        plain->dialog.event.flag = event->flag;
    }
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        if (forms[i].ask == ASK__COUNT && strcmp(forms[i].word, word) == 0) {
            choose(&plain->dialog, &forms[i]);
        }
    }
}

static void choose_by_word(struct plain *plain, const struct run *run, struct str line,
                           const struct front_events *events)
{
    struct dialog *dialog = &plain->dialog;
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        if (offered(&forms[i], run, &dialog->ask) && str_eq(line, forms[i].word)) {
            choose(dialog, &forms[i]);
            if (is_complete(dialog)) {
                send(plain, run, events);
            }
            return;
        }
    }
    plain_say(plain, "type one of the words above; Enter alone leaves the question open");
}

void plain_dialog_line(struct plain *plain, const struct run *run, struct str line,
                       const struct front_events *events)
{
    struct dialog *dialog = &plain->dialog;
    if (line.len == 0) {
        plain_dialog_cancel(plain, "nothing was done");
        return;
    }
    if (!dialog->form) {
        choose_by_word(plain, run, line, events);
        return;
    }
    struct typed typed = {plain, run, dialog, line, ""};
    if (!fields[dialog->form->fields[dialog->field]].take(&typed)) {
        plain_say(plain, "%s; Enter alone leaves it", typed.why);
        return;
    }
    dialog->field++;
    skip_fields(dialog);
    if (is_complete(dialog)) {
        send(plain, run, events);
    }
}

void plain_dialog_prompt(struct plain *plain, struct strbuf *out)
{
    const struct dialog *dialog = &plain->dialog;
    if (!dialog->form) {
        strbuf_text(out, "which? ");
    } else {
        strbuf_format(out, "%s: ", fields[dialog->form->fields[dialog->field]].prompt);
    }
}
