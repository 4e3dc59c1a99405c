/* SPDX-License-Identifier: PostgreSQL */
/*
 * The headless front. After every change of the model it looks at the open questions
 * and emits at most one event, so that each answer meets the model that it was asked
 * of. An answer that the engine did not take is not given twice: then the run is left,
 * and the log says which answer was missing and how to give it.
 * What the file says to each kind of question is in front_headless_answers.c.
 */
#include "front_headless_private.h"
#include "loop.h"

enum {
    TRIED_MAX = 1024,
    RETRY_OUTPUT_MS = 50,
};
/* A gate that waits for probes which never answer must not wait for ever. */
#define PATIENCE_US (60 * US_PER_SECOND)

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

void headless_say(struct headless *front, const struct run *run, const char *format, ...)
{
    char text[2 * ERR_TEXT_MAX];
    va_list values;
    va_start(values, format);
    (void)vsnprintf(text, sizeof(text), format, values);
    va_end(values);
    front_log_say(front->log, run->now_us, "ask", "answers", str_from(text));
}

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
    headless_say(front, run,
                 "missing answer: %.*s%s%.*s. The answers file would need: %s%.*s%s",
                 STR_ARG(ask->text), ask->detail.len > 0 ? " " : "", STR_ARG(ask->detail),
                 headless_answers[ask->kind].before, STR_ARG(ask->id),
                 headless_answers[ask->kind].after);
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
        headless_say(
            front, run,
            "the target is guarded: answers of a file open its gates only when each is signed "
            "by its person, and this version reads no signatures");
        leave(front, run, events);
        return true;
    }
    if (!try_once(front, key)) {
        if (headless_answers[ask->kind].answer(&question) == REPLY_PASS) {
            return false;
        }
        if (!front->leaving) {
            headless_say(front, run,
                         "the answer to \"%.*s\" was given and does not open the way",
                         STR_ARG(ask->text));
        }
        leave(front, run, events);
        return true;
    }
    switch (headless_answers[ask->kind].answer(&question)) {
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
        headless_say(front, run, "the poll waits for probes that do not answer");
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
