/* SPDX-License-Identifier: PostgreSQL */
/*
 * A desk for tests of the screens: a run in a world that obeys, the state of the screens
 * over it, keys that are pressed, and the events that come out. No terminal, no clock.
 */
#ifndef GONOGO_TEST_TUI_ROOM_H
#define GONOGO_TEST_TUI_ROOM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "frame_dump.h"
#include "plan_fixture.h"
#include "ui_private.h"

struct desk {
    struct plan_fixture *fixture;
    struct run run;
    struct effects effects;
    int64_t clock_us;
    struct event queue[8192];
    size_t head, tail;
    struct ui ui;
    struct grid grid;
    struct strbuf frame;
    int64_t now_us;        /* monotonic */
    struct event sent[64]; /* what the screens emitted; texts in `said` */
    size_t sent_count;
    struct arena said;
};

static inline void desk_emit(void *ctx, const struct event *event)
{
    struct desk *desk = ctx;
    assert_true(desk->sent_count < COUNT_OF(desk->sent));
    struct event *copy = &desk->sent[desk->sent_count++];
    *copy = *event;
    copy->text = str_dup(&desk->said, event->text);
    copy->id = str_dup(&desk->said, event->id);
    copy->tag = str_dup(&desk->said, event->tag);
    copy->who = str_dup(&desk->said, event->who);
}

static inline void desk_step(struct desk *desk, struct event event)
{
    struct err err = {0};
    desk->clock_us += 1000;
    event.at_us = desk->clock_us;
    effects_clear(&desk->effects);
    if (!engine_step(&desk->run, &event, &desk->effects, &err)) {
        fail_msg("%s", err.message);
    }
    for (size_t i = 0; i < desk->effects.count; i++) {
        struct event answer;
        if (obedient_answer(&desk->effects.items[i], &answer)) {
            assert_true(desk->tail < COUNT_OF(desk->queue));
            desk->queue[desk->tail++] = answer;
        }
    }
}

static inline void desk_see(struct desk *desk)
{
    ui_present(&desk->ui, &desk->run, desk->now_us);
}

/* The run goes on by itself until it stands there. */
static inline void desk_reach(struct desk *desk, enum state state)
{
    for (int round = 0; round < 4000 && desk->run.state != state; round++) {
        struct ask asks[ASKS_MAX];
        struct event event = {.kind = EVENT_TICK};
        if (desk->run.state == STATE_NEW) {
            event = (struct event){.kind = EVENT_START, .who = STR("anna@console")};
        } else if (desk->head < desk->tail) {
            event = desk->queue[desk->head++];
        } else if (engine_asks(&desk->run, &desk->fixture->arena, asks, ASKS_MAX) > 0) {
            event = obedient_word(&asks[0]);
        } else {
            int64_t next = engine_next_us(&desk->run);
            desk->clock_us = next > desk->clock_us && next != INT64_MAX ? next : desk->clock_us;
            event.kind = engine_due(&desk->run, desk->clock_us + 1000);
        }
        desk_step(desk, event);
    }
    assert_string_equal(state_words[desk->run.state], state_words[state]);
    desk_see(desk);
}

static inline struct desk *desk_open(enum plan_fixture_kind kind, int columns, int rows)
{
    struct desk *desk = mem_zero(1, sizeof(*desk));
    desk->fixture = plan_fixture_make(kind);
    desk->clock_us = INT64_C(1706688000000000);
    desk->now_us = US_PER_HOUR;
    run_init(&desk->run, &desk->fixture->setup, &desk->fixture->arena);
    ui_init(&desk->ui, columns, rows);
    return desk;
}

static inline void desk_close(struct desk *desk)
{
    ui_release(&desk->ui);
    grid_release(&desk->grid);
    strbuf_release(&desk->frame);
    arena_release(&desk->said);
    run_release(&desk->run);
    effects_release(&desk->effects);
    plan_fixture_free(desk->fixture);
    free(desk);
}

/* One key, a moment after the last one. */
static inline void desk_key(struct desk *desk, uint32_t key)
{
    struct front_events events = {desk, desk_emit};
    desk->now_us += 10 * US_PER_MS;
    ui_key(&desk->ui, &desk->run, key, desk->now_us, &events);
}

/* A person who reads before they type. */
static inline void desk_wait(struct desk *desk)
{
    desk->now_us += 5 * US_PER_SECOND;
    desk_see(desk);
}

static inline void desk_type(struct desk *desk, const char *text)
{
    struct str rest = str_from(text);
    while (rest.len > 0) {
        uint32_t key = 0;
        size_t length = utf8_next(rest, &key);
        desk_key(desk, key == '\n' ? KEY_RETURN : key);
        rest = str_slice(rest, length, rest.len);
    }
}

static inline const char *desk_frame(struct desk *desk)
{
    strbuf_clear(&desk->frame);
    view_draw(&desk->run, &desk->ui, &desk->grid);
    frame_text(&desk->grid, &desk->frame);
    return desk->frame.ptr;
}

#define SEES(desk, text)                                                                       \
    do {                                                                                       \
        if (!strstr(desk_frame(desk), (text))) {                                               \
            fprintf(stderr, "\"%s\" is not on the screen:\n%s", (text), (desk)->frame.ptr);    \
            fail();                                                                            \
        }                                                                                      \
    } while (0)
#define SEES_NOT(desk, text)                                                                   \
    do {                                                                                       \
        if (strstr(desk_frame(desk), (text))) {                                                \
            fprintf(stderr, "\"%s\" is on the screen:\n%s", (text), (desk)->frame.ptr);        \
            fail();                                                                            \
        }                                                                                      \
    } while (0)

/* Are these words on the screen, each letter of them underlined? */
static inline bool desk_underlines(struct desk *desk, const char *words)
{
    const char *frame = desk_frame(desk);
    const char *found = strstr(frame, words);
    assert_non_null(found);
    int row = 0;
    const char *line = frame;
    for (const char *at = frame; at < found; at++) {
        if (*at == '\n') {
            row++;
            line = at + 1;
        }
    }
    int column = str_width((struct str){line, (size_t)(found - line)});
    for (size_t i = 0; i < strlen(words); i++) {
        const struct grid_cell *cell =
            &desk->grid.cells[row * desk->grid.columns + column + (int)i];
        if (!(cell->marks & CELL_RISK)) {
            return false;
        }
    }
    return true;
}

/* The only event that came out since the last look. */
static inline const struct event *desk_only(struct desk *desk, enum event_kind kind)
{
    if (desk->sent_count != 1 || desk->sent[0].kind != kind) {
        fail_msg("%zu events, the first \"%s\", wanted one \"%s\":\n%s", desk->sent_count,
                 desk->sent_count > 0 ? event_infos[desk->sent[0].kind].word : "-",
                 event_infos[kind].word, desk_frame(desk));
    }
    desk->sent_count = 0;
    return &desk->sent[0];
}

static inline void desk_silent(struct desk *desk)
{
    if (desk->sent_count != 0) {
        fail_msg("\"%s\" came out:\n%s", event_infos[desk->sent[0].kind].word,
                 desk_frame(desk));
    }
}

#endif
