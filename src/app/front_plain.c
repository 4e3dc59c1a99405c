/* SPDX-License-Identifier: PostgreSQL */
/*
 * The plain front itself: what it shows when the model changes, what it does with a
 * line, with signals, and with the end of input.
 */
#include "front_plain_private.h"

#include <unistd.h>

#include "loop.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>

enum {
    RETRY_OUTPUT_MS = 50
};
#define WATCH_EVERY_US (60 * US_PER_SECOND)

/* -------------------------------------------------------------------- writing */

/* A window can be made wider in the middle of a walk: asked each time before it is used. */
static void measure(struct plain *plain)
{
    struct winsize size = {0};
    plain->columns = PLAIN_COLUMNS;
    if (ioctl(plain->options.out_fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        int columns = size.ws_col > PLAIN_COLUMNS_MAX ? PLAIN_COLUMNS_MAX : size.ws_col;
        plain->columns = columns < PLAIN_COLUMNS_MIN ? PLAIN_COLUMNS_MIN : columns;
    }
}

void plain_add(struct plain *plain, struct str text)
{
    if (plain->at_prompt) {
        plain->at_prompt = false;
        front_out_add(&plain->out, STR("\n"));
    }
    front_out_add(&plain->out, text);
    plain->prompt_due = true;
}

void plain_say(struct plain *plain, const char *format, ...)
{
    char text[4 * ERR_TEXT_MAX];
    va_list values;
    va_start(values, format);
    (void)vsnprintf(text, sizeof(text), format, values);
    va_end(values);
    struct strbuf clean = {0};
    struct strbuf lines = {0};
    sanitise(&clean, str_from(text), SANITISE_LINE);
    front_wrap(&lines, strbuf_str(&clean), plain->columns, 4);
    strbuf_byte(&lines, '\n');
    plain_add(plain, strbuf_str(&lines));
    strbuf_release(&clean);
    strbuf_release(&lines);
}

static void write_entry(void *ctx, const struct front_entry *entry)
{
    struct plain *plain = ctx;
    if (entry->text.len == 0) {
        return;
    }
    struct strbuf *kept = &plain->kept[plain->kept_count++ % LOG_KEPT];
    strbuf_clear(kept);
    front_entry_text(kept, entry, plain->columns);
    strbuf_byte(kept, '\n');
    plain_add(plain, strbuf_str(kept));
}

static void prompt(struct plain *plain)
{
    if (front_lines_waiting(&plain->lines)) {
        return; /* already typed and echoed: its prompt would stand behind it */
    }
    bool wanted = plain->dialog.open || plain->question_count > 0;
    if (!plain->prompt_due || plain->sent || plain->leaving || plain->lines.ended) {
        return;
    }
    plain->prompt_due = false;
    struct strbuf text = {0};
    if (plain->dialog.open) {
        plain_dialog_prompt(plain, &text);
    } else if (wanted) {
        strbuf_text(&text, "gonogo> ");
    }
    if (text.len > 0 && !plain->at_prompt) {
        front_out_add(&plain->out, strbuf_str(&text));
        plain->at_prompt = true;
    }
    strbuf_release(&text);
}

/* How far the watch is, when it ends, and what is against it. */
static void say_watch(struct plain *plain, const struct run *run)
{
    int64_t begun_us = run->phase_started_us[PHASE_MONITOR];
    struct arena *arena = &plain->scratch;
    struct strbuf line = {0};
    strbuf_format(&line, "watched %.*s of %.*s, until ",
                  STR_ARG(duration_text(arena, run->now_us - begun_us)),
                  STR_ARG(duration_text(arena, run->monitor_ends_us - begun_us)));
    time_to_clock(&line, run->monitor_ends_us);
    strbuf_text(&line, " UTC; ");
    size_t broken = 0;
    for (size_t i = 0; i < run->probe_count; i++) {
        if (run->probes[i].breached) {
            strbuf_format(&line, "%s%.*s", broken++ > 0 ? ", " : "",
                          STR_ARG(run->probes[i].probe->id));
        }
    }
    strbuf_text(&line, broken > 0 ? " broke its limit" : "no probe broke its limit");
    struct str seen = watch_observed_text(run, arena);
    strbuf_format(&line, "%s%.*s", seen.len > 0 ? "; " : "", STR_ARG(seen));
    plain_say(plain, "%s", line.ptr);
    strbuf_release(&line);
    plain->watch_due_us = loop_now_us() + WATCH_EVERY_US;
}

static bool watches(const struct run *run)
{
    return run->state == STATE_MONITOR && run->monitor_ends_us > 0;
}

void plain_status(struct plain *plain, const struct run *run)
{
    struct strbuf text = {0};
    strbuf_repeat(&text, '-', (size_t)plain->columns);
    strbuf_byte(&text, '\n');
    struct strbuf line = {0};
    front_identity_text(&line, run, plain->view->connection);
    front_wrap(&text, strbuf_str(&line), plain->columns, 4);
    strbuf_byte(&text, '\n');
    strbuf_clear(&line);
    front_rail_text(&line, run);
    front_wrap(&text, strbuf_str(&line), plain->columns, 4);
    strbuf_byte(&text, '\n');
    front_counts_text(&text, run, false);
    strbuf_clear(&line);
    strbuf_text(&line, "NEXT  ");
    engine_next_text(run, &line);
    front_wrap(&text, strbuf_str(&line), plain->columns, 6);
    strbuf_byte(&text, '\n');
    plain_add(plain, strbuf_str(&text));
    strbuf_release(&line);
    strbuf_release(&text);
    if (watches(run)) {
        say_watch(plain, run);
    }
}

/* ------------------------------------------------------------------ questions */

static void say_question(struct plain *plain, const struct numbered *question)
{
    const struct ask *ask = &question->ask;
    plain_say(
        plain, "%3d  %.*s%s%.*s%s%.*s%s%s", question->number,
        STR_ARG(ask->kind == ASK_GO_ON || ask->kind == ASK_NAME ? (struct str){0} : ask->id),
        ask->kind == ASK_GO_ON || ask->kind == ASK_NAME ? "" : "  ", STR_ARG(ask->text),
        ask->detail.len > 0 ? "  - " : "", STR_ARG(ask->detail),
        ask->role.len > 0 ? "  for " : "",
        ask->role.len > 0 ? str_text(&plain->scratch, ask->role) : "");
}

void plain_questions(struct plain *plain, bool all)
{
    if (plain->question_count == 0) {
        plain_say(plain, "nothing is asked now");
        return;
    }
    for (size_t i = 0; all && i < plain->question_count; i++) {
        say_question(plain, &plain->questions[i]);
    }
    if (!all) {
        struct strbuf line = {0};
        strbuf_text(&line, "still open:");
        for (size_t i = 0; i < plain->question_count; i++) {
            strbuf_format(&line, " %d", plain->questions[i].number);
        }
        plain_say(plain, "%s", line.ptr);
        strbuf_release(&line);
    }
}

static bool is_same(const struct ask *a, const struct ask *b)
{
    return a->kind == b->kind && str_is(a->id, b->id);
}

static const struct numbered *find_old(const struct numbered *old, size_t count,
                                       const struct ask *ask)
{
    for (size_t i = 0; i < count; i++) {
        if (is_same(&old[i].ask, ask)) {
            return &old[i];
        }
    }
    return NULL;
}

/* What stays keeps its number, what is new gets the next one. */
static void renumber(struct plain *plain, const struct ask *asks, size_t count, bool *fresh,
                     bool *dangerous)
{
    struct numbered old[ASKS_MAX];
    size_t old_count = plain->question_count;
    for (size_t i = 0; i < old_count; i++) {
        old[i] = plain->questions[i];
    }
    bool moved = plain->shown_state != plain->view->run->state;
    for (size_t i = 0; i < count; i++) {
        const struct numbered *same = moved ? NULL : find_old(old, old_count, &asks[i]);
        int number = same ? same->number : ++plain->numbers;
        *fresh = *fresh || !same;
        *dangerous = *dangerous || (!same && front_ask_is_dangerous(asks[i].kind));
        plain->questions[i] = (struct numbered){number, asks[i]};
    }
    plain->question_count = count;
}

static bool dialog_is_stale(const struct plain *plain)
{
    for (size_t i = 0; i < plain->question_count; i++) {
        if (plain->questions[i].number == plain->dialog.number) {
            return false;
        }
    }
    return plain->dialog.open && plain->dialog.number > 0;
}

static void ask(struct plain *plain, const struct run *run)
{
    struct ask asks[ASKS_MAX];
    struct arena arena = {0};
    size_t before = plain->question_count;
    bool fresh = false;
    bool dangerous = false;
    size_t count = engine_asks(run, &arena, asks, COUNT_OF(asks));
    renumber(plain, asks, count, &fresh, &dangerous);
    arena_release(&plain->asked);
    plain->asked = arena;
    bool moved = plain->shown_state != run->state;
    plain->shown_state = run->state;
    if (dialog_is_stale(plain)) {
        plain_dialog_cancel(plain, "that is no longer asked; nothing was done");
    }
    if (fresh) {
        if (moved) {
            plain_status(plain, run);
        }
        plain_questions(plain, true);
    } else if (count > 0 && count != before) {
        plain_questions(plain, false);
    }
    if (dangerous) {
        front_lines_drop(&plain->lines); /* typed before the question: no answer to it */
    }
}

/* ----------------------------------------------------------------- the vtable */

static void present(void *ctx, const struct run *run)
{
    struct plain *plain = ctx;
    measure(plain);
    plain->prompt_due = plain->prompt_due || plain->sent;
    plain->sent = false;
    front_log_compare(plain->log, run);
    ask(plain, run);
    if (watches(run) && loop_now_us() >= plain->watch_due_us) {
        say_watch(plain, run);
    }
    if ((plain->leaving && plain->left_in != run->state) ||
        (plain->rollback_wanted && plain->question_count > 0)) {
        plain->pending = true;
    }
    prompt(plain);
    (void)front_out_flush(&plain->out);
    arena_clear(&plain->scratch);
}

static void wants(void *ctx, int *fd, short *events, int64_t *deadline_us)
{
    struct plain *plain = ctx;
    if (!plain->lines.ended) {
        *fd = plain->lines.fd;
        *events = POLLIN;
    }
    if (plain->pending) {
        *deadline_us = 0;
    } else if (plain->out.pending.len > 0) {
        *deadline_us = loop_now_us() + RETRY_OUTPUT_MS * US_PER_MS;
    }
}

static void emit(const struct run *run, const struct front_events *events, enum event_kind kind,
                 struct str text)
{
    struct event event = {.kind = kind, .script = -1, .text = text, .who = run->operator_name};
    events->emit(events->ctx, &event);
}

/* Nobody types any more: HOLD, and leave as soon as that is safe. */
static void leave(struct plain *plain, const struct run *run, const struct front_events *events)
{
    if (!plain->hold_sent) {
        plain->hold_sent = true;
        emit(run, events, EVENT_HOLD, STR("the input has ended"));
    }
    if (plain->left_in != run->state && !engine_in_transaction(run)) {
        plain->left_in = run->state;
        emit(run, events, EVENT_LEAVE, (struct str){0});
    }
}

/* The terminal echoed it; a pipe shows nothing. */
static void record_typed(struct plain *plain, struct str line)
{
    struct strbuf text = {0};
    if (plain->echoes) {
        sanitise(&text, line, SANITISE_LINE);
        strbuf_byte(&text, '\n');
        front_cast_add(plain->options.cast, strbuf_str(&text));
    }
    strbuf_release(&text);
}

static void take_lines(struct plain *plain, const struct run *run,
                       const struct front_events *events)
{
    for (;;) {
        struct str line;
        switch (front_lines_next(&plain->lines, &plain->scratch, &line)) {
        case FRONT_LINE:
            plain->at_prompt = false; /* Enter was echoed */
            record_typed(plain, line);
            plain->prompt_due = true;
            if (plain->dialog.open) {
                plain_dialog_line(plain, run, line, events);
            } else {
                plain_command(plain, run, line, events);
            }
            break;
        case FRONT_LINE_BAD:
            plain->at_prompt = false;
            plain_say(plain, "that line is no UTF-8 text, or too long: it was thrown away");
            break;
        case FRONT_LINE_NONE:
            return;
        case FRONT_LINE_END:
            if (!plain->leaving) {
                plain_say(plain,
                          "the input has ended: the run holds at the next safe point and "
                          "is left there");
                plain->leaving = true;
                plain->left_in = STATE__COUNT;
                leave(plain, run, events);
            }
            return;
        }
    }
}

static void ready(void *ctx, const struct run *run, short revents,
                  const struct front_events *events)
{
    struct plain *plain = ctx;
    if (revents != 0) {
        front_lines_read(&plain->lines);
        take_lines(plain, run, events);
    }
    if (plain->pending) {
        plain->pending = false;
        if (plain->leaving) {
            leave(plain, run, events);
        } else if (plain->rollback_wanted) {
            plain->rollback_wanted = false;
            emit(run, events, EVENT_ROLLBACK, STR("gonogo rollback"));
        }
    }
    prompt(plain);
    (void)front_out_flush(&plain->out);
    arena_clear(&plain->scratch);
}

static void suspend(struct plain *plain, const struct run *run)
{
    if (engine_in_transaction(run)) {
        plain_say(plain, "not now: a transaction of ours is open, and its locks would stay "
                         "while we sleep. hold REASON stops at the next safe point");
        return;
    }
    plain_say(plain, "suspended; the sessions and the lock of this run stay. fg goes on");
    (void)front_out_flush(&plain->out);
    (void)raise(SIGSTOP);
}

static void on_signal(void *ctx, const struct run *run, int number,
                      const struct front_events *events)
{
    struct plain *plain = ctx;
    if (number == SIGINT) {
        if (plain->dialog.open) {
            plain_dialog_cancel(plain, "nothing was done");
        } else {
            plain_cancel(plain, run, events);
        }
    } else if (number == SIGTSTP) {
        suspend(plain, run);
    } else if (number == SIGCONT) {
        plain_say(plain, "gonogo goes on");
    } else if (number == SIGHUP) {
        plain->lines.ended = true;
        front_out_abandon(&plain->out);
    }
    prompt(plain);
    (void)front_out_flush(&plain->out);
}

static void close_front(void *ctx)
{
    struct plain *plain = ctx;
    if (plain->options.ending) {
        front_ending_fill(plain->options.ending, plain->view->run, plain->view->run_id);
    }
    if (plain->at_prompt) {
        front_out_add(&plain->out, STR("\n"));
    }
    front_out_release_blocking(&plain->out);
    front_lines_release(&plain->lines);
    front_log_free(plain->log);
    for (size_t i = 0; i < LOG_KEPT; i++) {
        strbuf_release(&plain->kept[i]);
    }
    arena_release(&plain->scratch);
    arena_release(&plain->asked);
    arena_release(&plain->dialog.answer.arena);
    free(plain);
}

bool front_plain_open(void *ctx, const struct app_view *view, struct front *front,
                      struct err *err)
{
    (void)err;
    struct plain *plain = mem_zero(1, sizeof(*plain));
    plain->options = *(const struct front_plain_options *)ctx;
    plain->view = view;
    measure(plain);
    plain->shown_state = STATE__COUNT;
    plain->left_in = STATE__COUNT;
    plain->rollback_wanted = plain->options.open_rollback;
    plain->log = front_log_new(write_entry, plain);
    front_out_init(&plain->out, plain->options.out_fd, plain->options.cast);
    plain->echoes = isatty(plain->options.in_fd);
    front_lines_init(&plain->lines, plain->options.in_fd);
    *front = (struct front){.ctx = plain,
                            .present = present,
                            .wants = wants,
                            .ready = ready,
                            .signal = on_signal,
                            .close = close_front};
    return true;
}
