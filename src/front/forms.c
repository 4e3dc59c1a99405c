/* SPDX-License-Identifier: PostgreSQL */
/*
 * How each question is answered: one row of a table for each way, and one function for
 * each kind of thing that people type. What does not fit is told why.
 */
#include "front.h"

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

/* Columns: see struct front_form. */
/* clang-format off */
static const struct front_form all_forms[] = {
    {ASK_NOTE, NULL, "", EVENT_NOTE, NULL, {FIELD_NOTE, FIELD_WHO}, NULL},
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
    {ASK_CONFIRM, NULL, "", EVENT_CONFIRM, NULL, {FIELD_ROLLBACK, FIELD_WHO}, NULL},
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
    {ASK__COUNT, "backup", "", EVENT_RERUN, NULL, {FIELD_GO}, NULL},
    {ASK__COUNT, "prove", "", EVENT_RERUN, "prove", {FIELD_GO}, NULL},
    {ASK__COUNT, "hold", "", EVENT_HOLD, NULL, {FIELD_REASON}, NULL},
    {ASK__COUNT, "rollback", "", EVENT_ROLLBACK, NULL, {FIELD_REASON}, NULL},
    {ASK__COUNT, "terminate", "", EVENT_TERMINATE, NULL, {FIELD_PID}, NULL},
    {ASK__COUNT, "quit", "", EVENT_LEAVE, NULL, {FIELD_LEAVE}, NULL},
    {ASK__COUNT, "abandon", "", EVENT_ABANDON, NULL, {FIELD_REASON, FIELD_WHO, FIELD_ABANDON}, NULL},
};
/* clang-format on */

bool front_ask_is_dangerous(enum ask_kind kind)
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
    case ASK_CONFIRM:
    case ASK_SIGN_OFF:
    case ASK_HOLD:
    case ASK_IN_DOUBT:
    case ASK__COUNT:
        return true;
    }
    return true;
}

size_t front_forms(const struct run *run, const struct ask *ask,
                   const struct front_form *forms[FORMS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < COUNT_OF(all_forms) && count < FORMS_MAX; i++) {
        const struct front_form *form = &all_forms[i];
        if (form->ask == ask->kind && (!form->fits || form->fits(run, ask))) {
            forms[count++] = form;
        }
    }
    return count;
}

const struct front_form *front_command_form(const char *word)
{
    for (size_t i = 0; i < COUNT_OF(all_forms); i++) {
        if (all_forms[i].ask == ASK__COUNT && strcmp(all_forms[i].word, word) == 0) {
            return &all_forms[i];
        }
    }
    return NULL;
}

/* ------------------------------------------------------------------- fields */

/* One typed line; false with a word of why when it does not fit. */
struct typed {
    const struct run *run;
    struct front_answer *answer;
    struct str line;
    struct str why;
};
typedef bool field_taker(struct typed *typed);

static struct str keep(struct typed *typed)
{
    return str_dup(&typed->answer->arena, typed->line);
}

static bool take_text(struct typed *typed)
{
    typed->answer->event.text = keep(typed);
    return true;
}

/* The question wants a yes: whatever begins with no or not is taken for the no that it is. */
static bool take_note(struct typed *typed)
{
    static const char *const denials[] = {"no", "not", "n"};
    char word[8] = "";
    size_t len = 0;
    for (; len < typed->line.len && len + 1 < sizeof(word); len++) {
        char letter = typed->line.ptr[len];
        letter = letter >= 'A' && letter <= 'Z' ? (char)(letter - 'A' + 'a') : letter;
        if (letter < 'a' || letter > 'z') {
            break;
        }
        word[len] = letter;
    }
    word[len] = 0;
    for (size_t i = 0; i < COUNT_OF(denials); i++) {
        if (strcmp(word, denials[i]) == 0) {
            typed->answer->event.tag = STR("no");
        }
    }
    return take_text(typed);
}

/* Two roles are two people: one who confirmed for another role does not count twice. */
static bool spoke_already(struct typed *typed)
{
    const struct run *run = typed->run;
    for (size_t i = 0; typed->answer->ask.kind == ASK_CONFIRM && i < run->confirmation_count;
         i++) {
        const struct run_signature *spoken = &run->confirmations[i];
        if (str_is(spoken->who, typed->line)) {
            typed->why = str_format(&typed->answer->arena,
                                    "%.*s confirmed for another role; it takes two people",
                                    STR_ARG(spoken->who));
            return true;
        }
    }
    return false;
}

/* Who speaks for a role must be among its people; a HOLD may come from anybody listed. */
static bool take_who(struct typed *typed)
{
    struct front_answer *answer = typed->answer;
    const struct plan_role *role = plan_find_role(typed->run->plan, answer->ask.role);
    bool hold = answer->event.kind == EVENT_VOTE && !str_eq(answer->event.tag, "GO");
    bool known = !role || role->people.count == 0 || hold;
    struct strbuf names = {0};
    for (size_t i = 0; role && i < role->people.count; i++) {
        known = known || str_is(role->people.items[i], typed->line);
        strbuf_format(&names, "%s%.*s", i > 0 ? ", " : "", STR_ARG(role->people.items[i]));
    }
    if (!known) {
        typed->why = str_format(&answer->arena, "for %.*s the plan lists %.*s",
                                STR_ARG(role->title), STR_ARG(strbuf_str(&names)));
    }
    strbuf_release(&names);
    answer->event.who = keep(typed);
    return known && !spoke_already(typed);
}

static bool take_vote(struct typed *typed)
{
    typed->why = STR("type GO, NO-GO or HOLD, in capitals");
    typed->answer->event.tag = keep(typed);
    return str_eq(typed->line, "GO") || str_eq(typed->line, "NO-GO") ||
           str_eq(typed->line, "HOLD");
}

/* Asked again until it is right: another name would end the question, not the mistake. */
static bool take_database(struct typed *typed)
{
    typed->why = STR("that is not the name of this database, and nothing was started; type it "
                     "as it stands above");
    typed->answer->event.text = keep(typed);
    return str_is(typed->line, typed->run->database);
}

static bool take_go(struct typed *typed)
{
    typed->why = STR("type the word go");
    return str_eq(typed->line, "go");
}

static bool take_sign(struct typed *typed)
{
    typed->why = STR("type the word sign");
    return str_eq(typed->line, "sign");
}

static bool take_leave(struct typed *typed)
{
    typed->why = STR("type the word leave");
    return str_eq(typed->line, "leave");
}

static bool take_abandon(struct typed *typed)
{
    typed->why = STR("type the word abandon");
    return str_eq(typed->line, "abandon");
}

static bool take_option(struct typed *typed)
{
    typed->why = STR("type the option's id, as it is written above");
    return str_is(typed->line, typed->answer->ask.id);
}

static bool take_rollback(struct typed *typed)
{
    typed->why = STR("type the word ROLLBACK, in capitals");
    typed->answer->event.text = keep(typed);
    return str_eq(typed->line, "ROLLBACK");
}

static bool take_yes_no(struct typed *typed)
{
    typed->why = STR("type yes or no");
    typed->answer->event.tag = keep(typed);
    return str_eq(typed->line, "yes") || str_eq(typed->line, "no");
}

static bool take_backup(struct typed *typed)
{
    typed->answer->event.name = keep(typed);
    return true;
}

static bool take_taken(struct typed *typed)
{
    typed->why = STR("write it as 2024-01-31T08:00Z");
    return time_from_text(typed->line, &typed->answer->event.value);
}

static bool take_pid(struct typed *typed)
{
    int64_t pid;
    typed->why = STR("that is another pid");
    return str_to_i64(typed->line, &pid) && pid == typed->answer->event.pid;
}

const char *const form_field_prompts[FIELD__COUNT] = {
    [FIELD_END] = "",
    [FIELD_TEXT] = "what is true now",
    [FIELD_NOTE] = "what is true now",
    [FIELD_REASON] = "reason",
    [FIELD_WHO] = "who says so (name)",
    [FIELD_VOTE] = "GO, NO-GO or HOLD",
    [FIELD_VOTE_WHY] = "reason",
    [FIELD_DATABASE] = "name of the database",
    [FIELD_GO] = "type go to go on",
    [FIELD_SIGN] = "type sign to sign off",
    [FIELD_LEAVE] = "type leave to stop at the next safe point; it can be resumed",
    [FIELD_ABANDON] = "type abandon to end the run for good; it cannot be resumed",
    [FIELD_OPTION] = "type the option's id to choose it",
    [FIELD_ROLLBACK] = "type ROLLBACK to confirm the way back",
    [FIELD_YES_NO] = "yes or no",
    [FIELD_BACKUP] = "the provider's name of the backup",
    [FIELD_TAKEN] = "when it was taken (2024-01-31T08:00Z)",
    [FIELD_PID] = "type the pid again",
};

static field_taker *const takers[FIELD__COUNT] = {
    [FIELD_TEXT] = take_text,         [FIELD_NOTE] = take_note,
    [FIELD_REASON] = take_text,       [FIELD_WHO] = take_who,
    [FIELD_VOTE] = take_vote,         [FIELD_VOTE_WHY] = take_text,
    [FIELD_DATABASE] = take_database, [FIELD_GO] = take_go,
    [FIELD_SIGN] = take_sign,         [FIELD_LEAVE] = take_leave,
    [FIELD_OPTION] = take_option,     [FIELD_YES_NO] = take_yes_no,
    [FIELD_BACKUP] = take_backup,     [FIELD_TAKEN] = take_taken,
    [FIELD_PID] = take_pid,           [FIELD_ROLLBACK] = take_rollback,
    [FIELD_ABANDON] = take_abandon,
};

/* ------------------------------------------------------------------- answers */

void front_answer_begin(struct front_answer *answer, const struct ask *ask)
{
    arena_clear(&answer->arena);
    answer->form = NULL;
    answer->field = 0;
    answer->ask = (struct ask){.kind = ask->kind,
                               .id = str_dup(&answer->arena, ask->id),
                               .text = str_dup(&answer->arena, ask->text),
                               .detail = str_dup(&answer->arena, ask->detail),
                               .role = str_dup(&answer->arena, ask->role)};
    answer->event = (struct event){.script = -1, .id = answer->ask.id};
}

void front_answer_choose(struct front_answer *answer, const struct front_form *form)
{
    answer->form = form;
    answer->field = 0;
    answer->event.kind = form->event;
    answer->event.tag = str_from(form->tag);
    if (form->event == EVENT_RERUN && answer->ask.kind == ASK_WRONG_COUNTS) {
        answer->event.id = (struct str){0};
    }
}

enum form_field front_answer_field(const struct front_answer *answer)
{
    return answer->field < FORM_FIELDS ? answer->form->fields[answer->field] : FIELD_END;
}

bool front_answer_take(struct front_answer *answer, const struct run *run, struct str line,
                       struct str *why)
{
    struct typed typed = {run, answer, line, {0}};
    if (!takers[front_answer_field(answer)](&typed)) {
        *why = typed.why;
        return false;
    }
    answer->field++;
    /* A GO needs no reason. */
    if (front_answer_field(answer) == FIELD_VOTE_WHY && str_eq(answer->event.tag, "GO")) {
        answer->field++;
    }
    return true;
}
