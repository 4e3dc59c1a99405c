/* SPDX-License-Identifier: PostgreSQL */
/*
 * The headless front. After every change of the model it looks at the open questions
 * and emits at most one event, so that each answer meets the model that it was asked
 * of. An answer that the engine did not take is not given twice: then the run is left,
 * and the log says which answer was missing and how to give it.
 *
 * One table says what each kind of question does.
 */
#include "front_headless.h"

#include "front_out.h"
#include "loop.h"

enum {
    TRIED_MAX = 1024,
    RETRY_OUTPUT_MS = 50,
};
/* A gate that waits for probes which never answer must not wait for ever. */
#define PATIENCE_US (60 * US_PER_SECOND)

struct headless {
    struct front_headless_options options;
    const struct app_view *view;
    struct front_log *log;
    struct front_out text;
    struct front_out json;
    uint64_t seq;
    struct arena arena; /* as long as the front */
    struct arena scratch;
    struct str *tried; /* answers that were given; the key holds the place, too */
    size_t tried_count, tried_capacity;
    uint64_t decided; /* run->events at the last decision */
    bool pending;     /* something may be asked: decide at once */
    bool leaving;
    enum state left_in;
    int64_t idle_since_us; /* monotonic; POLL without a question */
    struct str who;        /* for what the file says */
    struct str operator;   /* for what the command line says */
};

/* ------------------------------------------------------------------ speaking */

static void write_entry(void *ctx, const struct front_entry *entry)
{
    struct headless *front = ctx;
    struct strbuf line = {0};
    if (front->text.fd >= 0 && entry->text.len > 0) {
        front_entry_text(&line, entry, 0);
        strbuf_byte(&line, '\n');
        front_out_add(&front->text, strbuf_str(&line));
        strbuf_clear(&line);
    }
    front->seq++;
    if (front->json.fd >= 0) {
        front_entry_json(&line, entry, str_from(front->view->run_id), front->seq);
        front_out_add(&front->json, strbuf_str(&line));
    }
    strbuf_release(&line);
}

static void say(struct headless *front, const struct run *run, const char *format, ...)
    PRINTF_LIKE(3, 4);

static void say(struct headless *front, const struct run *run, const char *format, ...)
{
    char text[2 * ERR_TEXT_MAX];
    va_list values;
    va_start(values, format);
    (void)vsnprintf(text, sizeof(text), format, values);
    va_end(values);
    front_log_say(front->log, run->now_us, "ask", "answers", str_from(text));
}

/* -------------------------------------------------------------------- events */

static struct str by_file(struct headless *front, struct str name)
{
    return name.len > 0 ? str_format(&front->scratch, "%.*s by file", STR_ARG(name))
                        : front->who;
}

/* What a decision needs. */
struct question {
    struct headless *front;
    const struct run *run;
    const struct ask *ask;
    const struct answers *answers;
    struct event event;
};

/* What became of a question. */
enum reply {
    REPLY_EVENT,   /* `event` answers it */
    REPLY_MISSING, /* it needs an answer that the file does not have */
    REPLY_PASS,    /* it may stay open */
    REPLY_LEAVE,   /* the answers say: stop here; said already */
};

static enum reply reply(struct question *question, enum event_kind kind, struct str who)
{
    question->event = (struct event){
        .kind = kind, .script = -1, .id = question->ask->id, .who = who, .flag = true};
    return REPLY_EVENT;
}

static const struct answer_reason *find_reason(const struct answer_reasons *list, struct str id)
{
    for (size_t i = 0; i < list->count; i++) {
        if (str_is(list->items[i].id, id)) {
            return &list->items[i];
        }
    }
    return NULL;
}

static enum reply reason_reply(struct question *question, const struct answer_reasons *list,
                               enum event_kind kind)
{
    const struct answer_reason *reason = find_reason(list, question->ask->id);
    if (!reason || reason->reason.len == 0) {
        return REPLY_MISSING;
    }
    (void)reply(question, kind, by_file(question->front, reason->by));
    question->event.text = reason->reason;
    return REPLY_EVENT;
}

static enum reply answer_note(struct question *question)
{
    const struct answer_items *list = &question->answers->checklist;
    for (size_t i = 0; i < list->count; i++) {
        const struct answer_item *item = &list->items[i];
        if (!str_is(item->id, question->ask->id)) {
            continue;
        }
        if (item->answer == ANSWER_NO) {
            say(question->front, question->run, "%.*s is answered with no", STR_ARG(item->id));
            return REPLY_LEAVE;
        }
        (void)reply(question, EVENT_NOTE, by_file(question->front, item->by));
        question->event.text = item->note.len > 0 ? item->note : STR("yes");
        return REPLY_EVENT;
    }
    return reason_reply(question, &question->answers->override, EVENT_OVERRIDE);
}

static enum reply answer_override(struct question *question)
{
    return reason_reply(question, &question->answers->override, EVENT_OVERRIDE);
}

static bool backup_is_required(const struct run *run, struct str id)
{
    for (size_t i = 0; i < run->backup_count; i++) {
        if (str_is(run->backups[i].backup->id, id)) {
            return run->backups[i].backup->required;
        }
    }
    return true;
}

static enum reply answer_attest(struct question *question)
{
    const struct answer_backups *list = &question->answers->backup;
    for (size_t i = 0; i < list->count; i++) {
        if (str_is(list->items[i].id, question->ask->id)) {
            (void)reply(question, EVENT_ATTEST, question->front->who);
            question->event.name = list->items[i].name;
            int64_t taken_us = list->items[i].taken_us;
            question->event.value = taken_us == PLAN_UNSAID ? question->run->now_us : taken_us;
            return REPLY_EVENT;
        }
    }
    if (find_reason(&question->answers->override, question->ask->id)) {
        return answer_override(question);
    }
    return backup_is_required(question->run, question->ask->id) ? REPLY_MISSING : REPLY_PASS;
}

static enum reply answer_vote(struct question *question)
{
    static const char *const words[] = {[ANSWER_VOTE_UNSAID] = "",
                                        [ANSWER_VOTE_GO] = "GO",
                                        [ANSWER_VOTE_NO_GO] = "NO-GO",
                                        [ANSWER_VOTE_HOLD] = "HOLD"};
    const struct answer_votes *list = &question->answers->votes;
    for (size_t i = 0; i < list->count; i++) {
        const struct answer_vote *vote = &list->items[i];
        if (str_is(vote->role, question->ask->id) && vote->vote != ANSWER_VOTE_UNSAID) {
            (void)reply(question, EVENT_VOTE, by_file(question->front, vote->name));
            question->event.tag = str_from(words[vote->vote]);
            question->event.text = vote->reason;
            return REPLY_EVENT;
        }
    }
    return REPLY_MISSING;
}

static enum reply answer_name(struct question *question)
{
    if (question->answers->database.len == 0) {
        return REPLY_MISSING;
    }
    (void)reply(question, EVENT_NAME, question->front->who);
    question->event.text = question->answers->database;
    return REPLY_EVENT;
}

static enum reply answer_go_on(struct question *question)
{
    if (question->run->state == STATE_CHECKPOINT) {
        switch (question->answers->checkpoints) {
        case ANSWER_CHECKPOINTS_UNSAID:
            return REPLY_MISSING;
        case ANSWER_CHECKPOINTS_HOLD:
            say(question->front, question->run, "the answers say checkpoints: hold");
            return REPLY_LEAVE;
        case ANSWER_CHECKPOINTS_CONTINUE:
            break;
        }
    }
    return reply(question, EVENT_GO_ON, question->front->who);
}

static enum reply answer_wrong_counts(struct question *question)
{
    if (!question->run->snapshots[MOMENT_REVIEW].taken) {
        say(question->front, question->run,
            "what could not be looked at cannot be overridden: resume looks again");
        return REPLY_LEAVE;
    }
    return reason_reply(question, &question->answers->override, EVENT_OVERRIDE);
}

/* What the answers say about a failure: stop here, or open the rollback decision. */
static enum reply on_failure(struct question *question)
{
    const struct run *run = question->run;
    if (question->answers->on_failure != ANSWER_FAILURE_ROLLBACK) {
        say(question->front, run, "the answers say on_failure: hold");
        return REPLY_LEAVE;
    }
    if (!run->changed || run->option_count == 0) {
        say(question->front, run, "there is nothing to roll back to: %s",
            run->changed ? "the plan names no way back" : "nothing was committed");
        return REPLY_LEAVE;
    }
    (void)reply(question, EVENT_ROLLBACK, question->front->who);
    question->event.id = (struct str){0};
    question->event.text = str_format(&question->front->scratch, "on_failure: %.*s",
                                      STR_ARG(question->answers->on_failure_text));
    return REPLY_EVENT;
}

static enum reply answer_accept(struct question *question)
{
    const struct run *run = question->run;
    if (find_reason(&question->answers->accept, question->ask->id)) {
        return reason_reply(question, &question->answers->accept, EVENT_ACCEPT);
    }
    if (run->state == STATE_CLOSE || run->state == STATE_MONITOR) {
        return REPLY_PASS; /* it stands as a finding, and the exit code says so */
    }
    return on_failure(question);
}

static enum reply answer_failed(struct question *question)
{
    return on_failure(question);
}

/* A way back is what somebody named; the program has no favourite. */
static enum reply answer_option(struct question *question)
{
    const struct run *run = question->run;
    struct headless *front = question->front;
    struct str wanted = question->answers->rollback_option;
    for (size_t i = 0; wanted.len > 0 && i < run->option_count; i++) {
        const struct run_option *option = &run->options[i];
        if (!str_is(option->option->id, wanted)) {
            continue;
        }
        if (option->possible) {
            (void)reply(question, EVENT_OPTION, front->who);
            question->event.id = wanted;
            return REPLY_EVENT;
        }
        say(front, run, "the way back %.*s is not possible: %.*s", STR_ARG(wanted),
            STR_ARG(option->why_not));
        return REPLY_LEAVE;
    }
    struct ask asks[ASKS_MAX];
    size_t count = engine_asks(run, &front->scratch, asks, COUNT_OF(asks));
    say(front, run,
        "no way back is named. The answers file would need: on_failure: "
        "\"rollback:ID\", with one of these:");
    for (size_t i = 0; i < count; i++) {
        say(front, run, "%.*s: %.*s, %.*s", STR_ARG(asks[i].id), STR_ARG(asks[i].text),
            STR_ARG(asks[i].detail));
    }
    return REPLY_LEAVE;
}

static const struct answer_sign_off *find_sign_off(const struct answers *answers,
                                                   struct str role)
{
    for (size_t i = 0; i < answers->sign_off.count; i++) {
        if (str_is(answers->sign_off.items[i].role, role)) {
            return &answers->sign_off.items[i];
        }
    }
    return NULL;
}

/* A criterion is attested by name or not at all: a sign-off says nothing about it. */
static enum reply answer_criterion(struct question *question)
{
    const struct answer_items *list = &question->answers->criteria;
    for (size_t i = 0; i < list->count; i++) {
        const struct answer_item *item = &list->items[i];
        if (!str_is(item->id, question->ask->id) && !str_is(item->id, question->ask->text)) {
            continue;
        }
        bool denied = item->answer == ANSWER_NO;
        (void)reply(question, EVENT_NOTE, by_file(question->front, item->by));
        question->event.tag = denied ? STR("no") : STR("yes");
        question->event.text = item->note.len > 0 ? item->note : question->event.tag;
        return REPLY_EVENT;
    }
    return REPLY_MISSING;
}

static enum reply answer_sign_off(struct question *question)
{
    const struct answer_sign_off *sign_off =
        find_sign_off(question->answers, question->ask->id);
    return sign_off ? reply(question, EVENT_SIGN_OFF, by_file(question->front, sign_off->name))
                    : REPLY_MISSING;
}

/* Nobody is there to take notice: an accepted breach is accepted, any other stays a finding. */
static enum reply answer_acknowledge(struct question *question)
{
    return find_reason(&question->answers->accept, question->ask->id)
               ? reason_reply(question, &question->answers->accept, EVENT_ACCEPT)
               : REPLY_PASS;
}

static enum reply answer_manual(struct question *question)
{
    (void)question;
    return REPLY_MISSING;
}

static enum reply answer_nothing(struct question *question)
{
    (void)question;
    return REPLY_LEAVE;
}

/*
 * answer         what the file says to a question of that kind
 * before, after  how the answer is given, around the question's id, for people
 */
static const struct {
    enum reply (*answer)(struct question *question);
    const char *before;
    const char *after;
} table[ASK__COUNT] = {
    [ASK_NOTE] = {answer_note, "checklist: [{ id: ", ", answer: \"yes\", note: ... }]"},
    [ASK_OVERRIDE] = {answer_override, "override: [{ id: ", ", reason: ..., by: NAME }]"},
    [ASK_ATTEST] = {answer_attest, "backup: [{ id: ", ", name: NAME, taken: \"TIME\" }]"},
    [ASK_VOTE] = {answer_vote, "votes: [{ role: ", ", vote: GO, name: NAME }]"},
    [ASK_NAME] = {answer_name, "database: ", ""},
    [ASK_GO_ON] = {answer_go_on, "checkpoints: continue    # at the ", ""},
    [ASK_WRONG_COUNTS] = {answer_wrong_counts,
                          "override: [{ id: ", ", reason: ..., by: NAME }]"},
    [ASK_FAILED] = {answer_failed, "on_failure: rollback    # of ", ""},
    [ASK_ACCEPT] = {answer_accept, "accept: [{ id: ", ", reason: ..., by: NAME }]"},
    [ASK_MANUAL] = {answer_manual, "(no key: ", " is done by people, use --plain)"},
    [ASK_ACKNOWLEDGE] = {answer_acknowledge, "accept: [{ id: ", ", reason: ..., by: NAME }]"},
    [ASK_OPTION] = {answer_option, "on_failure: rollback:", ""},
    [ASK_CRITERION] = {answer_criterion,
                       "criteria: [{ id: ", ", answer: \"yes\", note: ..., by: NAME }]"},
    [ASK_SIGN_OFF] = {answer_sign_off, "sign_off: [{ role: ", ", name: NAME }]"},
    [ASK_HOLD] = {answer_nothing, "", ""},
    [ASK_IN_DOUBT] = {answer_nothing, "", ""},
};

/* ------------------------------------------------------------------- deciding */

static struct str key_of(struct headless *front, const struct run *run, const struct ask *ask)
{
    int script = run->script;
    int attempts = script >= 0 ? run->scripts[script].attempts : 0;
    return str_format(&front->arena, "%d %d %d %d %d %.*s", (int)ask->kind, (int)run->state,
                      script, attempts, run->option, STR_ARG(ask->id));
}

/* True the first time. */
static bool try_once(struct headless *front, struct str key)
{
    for (size_t i = 0; i < front->tried_count; i++) {
        if (str_is(front->tried[i], key)) {
            return false;
        }
    }
    if (front->tried_count < TRIED_MAX) {
        *ARRAY_PUSH(front->tried, front->tried_count, front->tried_capacity) = key;
    }
    return true;
}

static void leave(struct headless *front, const struct run *run,
                  const struct front_events *events)
{
    front->leaving = true;
    if (front->left_in == run->state || engine_in_transaction(run)) {
        return;
    }
    front->left_in = run->state;
    struct event event = {.kind = EVENT_LEAVE, .script = -1, .who = front->who, .flag = true};
    events->emit(events->ctx, &event);
}

static void say_missing(struct headless *front, const struct run *run, const struct ask *ask)
{
    say(front, run, "missing answer: %.*s%s%.*s. The answers file would need: %s%.*s%s",
        STR_ARG(ask->text), ask->detail.len > 0 ? " " : "", STR_ARG(ask->detail),
        table[ask->kind].before, STR_ARG(ask->id), table[ask->kind].after);
}

/* Did this question end the round? */
static bool decide_one(struct headless *front, const struct run *run, const struct ask *ask,
                       const struct front_events *events)
{
    static const struct answers none = {0};
    struct question question = {.front = front, .run = run, .ask = ask};
    question.answers = front->options.answers ? front->options.answers : &none;
    struct str key = key_of(front, run, ask);
    if (run->target->guarded) {
        say(front, run,
            "the target is guarded: answers of a file open its gates only when each is signed "
            "by its person, and this version reads no signatures");
        leave(front, run, events);
        return true;
    }
    if (!try_once(front, key)) {
        if (table[ask->kind].answer(&question) == REPLY_PASS) {
            return false;
        }
        if (!front->leaving) {
            say(front, run, "the answer to \"%.*s\" was given and does not open the way",
                STR_ARG(ask->text));
        }
        leave(front, run, events);
        return true;
    }
    switch (table[ask->kind].answer(&question)) {
    case REPLY_EVENT:
        events->emit(events->ctx, &question.event);
        return true;
    case REPLY_MISSING:
        say_missing(front, run, ask);
        leave(front, run, events);
        return true;
    case REPLY_LEAVE:
        leave(front, run, events);
        return true;
    case REPLY_PASS:
        return false;
    }
    return false;
}

/* `gonogo rollback` without a person: straight to the decision. */
static bool begin_rollback(struct headless *front, const struct run *run, size_t asks,
                           const struct front_events *events)
{
    if (!front->options.open_rollback || asks == 0 || run->state == STATE_CHOOSE) {
        return false;
    }
    front->options.open_rollback = false;
    struct event event = {.kind = EVENT_ROLLBACK,
                          .script = -1,
                          .who = front->operator,
                          .text = STR("gonogo rollback")};
    events->emit(events->ctx, &event);
    return true;
}

/* Nothing is asked at a gate: only the probes can open it, and they may be silent. */
static void mind_patience(struct headless *front, const struct run *run,
                          const struct front_events *events)
{
    if (run->state != STATE_POLL) {
        front->idle_since_us = 0;
        return;
    }
    int64_t now_us = loop_now_us();
    if (front->idle_since_us == 0) {
        front->idle_since_us = now_us;
    }
    if (now_us - front->idle_since_us > PATIENCE_US && !front->leaving) {
        say(front, run, "the poll waits for probes that do not answer");
        leave(front, run, events);
    }
}

static void decide(struct headless *front, const struct run *run,
                   const struct front_events *events)
{
    struct ask asks[ASKS_MAX];
    if (front->leaving) {
        leave(front, run, events);
        return;
    }
    size_t count = engine_asks(run, &front->scratch, asks, COUNT_OF(asks));
    if (begin_rollback(front, run, count, events)) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (decide_one(front, run, &asks[i], events)) {
            return;
        }
    }
    mind_patience(front, run, events);
}

/* ------------------------------------------------------------------ the vtable */

static void present(void *ctx, const struct run *run)
{
    struct headless *front = ctx;
    front_log_compare(front->log, run);
    if (run->events != front->decided) {
        front->decided = run->events;
        front->pending = true;
    }
    (void)front_out_flush(&front->text);
    (void)front_out_flush(&front->json);
}

static void wants(void *ctx, int *fd, short *events, int64_t *deadline_us)
{
    struct headless *front = ctx;
    (void)fd;
    (void)events;
    if (front->pending) {
        *deadline_us = 0;
    } else if (front->text.pending.len > 0 || front->json.pending.len > 0) {
        *deadline_us = loop_now_us() + RETRY_OUTPUT_MS * US_PER_MS;
    }
}

static void ready(void *ctx, const struct run *run, short revents,
                  const struct front_events *events)
{
    struct headless *front = ctx;
    (void)revents;
    if (front->pending) {
        front->pending = false;
        decide(front, run, events);
        arena_clear(&front->scratch);
    }
    (void)front_out_flush(&front->text);
    (void)front_out_flush(&front->json);
}

static void close_front(void *ctx)
{
    struct headless *front = ctx;
    if (front->options.ending) {
        front_ending_fill(front->options.ending, front->view->run, front->view->run_id);
    }
    front_out_release_blocking(&front->text);
    front_out_release_blocking(&front->json);
    front_log_free(front->log);
    free(front->tried);
    arena_release(&front->arena);
    arena_release(&front->scratch);
    free(front);
}

static struct str name_of(struct headless *front)
{
    const struct answers *answers = front->options.answers;
    struct str name = str_from(front->options.who);
    if (name.len == 0 && answers) {
        name = answers->as.name;
    }
    if (name.len == 0) {
        name = app_operator(&front->arena);
    }
    return str_format(&front->arena, "%.*s by file", STR_ARG(name));
}

bool front_headless_open(void *ctx, const struct app_view *view, struct front *front,
                         struct err *err)
{
    (void)err;
    struct headless *headless = mem_zero(1, sizeof(*headless));
    headless->options = *(const struct front_headless_options *)ctx;
    headless->view = view;
    headless->left_in = STATE__COUNT;
    headless->log = front_log_new(write_entry, headless);
    headless->who = name_of(headless);
    headless->operator= app_operator(&headless->arena);
    front_out_init(&headless->text, headless->options.log_fd, headless->options.cast);
    front_out_init(&headless->json, headless->options.json_fd, NULL);
    /* No signal: the shell itself holds and leaves when nobody is there. */
    *front = (struct front){.ctx = headless,
                            .present = present,
                            .wants = wants,
                            .ready = ready,
                            .close = close_front};
    return true;
}
