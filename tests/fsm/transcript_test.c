/* SPDX-License-Identifier: PostgreSQL */
/*
 * Transcripts of the state machine: the .txt files in tests/fsm feed events and state the exact
 * effects and the state that follow. Afterwards every row of the state table must have
 * been met, so a row that nothing reaches, or that nobody tests, is a failure by name.
 *
 *     run wide: a title     a new run of the wide, bare or told plan (plan_fixture.h)
 *     reach STATE [SCRIPT]  an obedient world walks until that state (with that script)
 *     + 2s                  the clock moves
 *     crash                 the process dies here: the events are folded into a new run
 *     > EVENT words         an event; words: ok, failed, unknown, watch, work, check,
 *                           flag, KEY=VALUE, item=KIND:NAME:VALUE,
 *                           change=WHAT:NAME:gone|new|changed[:planned]
 *     < EFFECT              one effect that must follow, in order
 *     = STATE               the state that must follow
 *
 * On every list that is ever produced here the journal law is checked, and at the end of
 * each run that folding its journal gives the same model. GONOGO_GOLDEN=write writes the
 * lines with < and = again; the difference is to be read like code.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "event_line.h"
#include "plan_fixture.h"
#include "testing.h"

enum {
    ROWS_MAX = 512,
    QUEUE_MAX = 8192,
};

struct player {
    const char *file;
    int line;
    struct plan_fixture *fixture;
    struct run run;
    struct effects effects;
    struct strbuf journal; /* one event a line, as the journal would keep them */
    uint64_t announced;
    int64_t clock_us;
    struct event queue[QUEUE_MAX];
    size_t head, tail;
    bool write;
    struct strbuf golden;
};

static bool row_was_met[ROWS_MAX];

#define FAIL(player, ...)                                                                      \
    do {                                                                                       \
        print_error("%s:%d: ", (player)->file, (player)->line);                                \
        fail_msg(__VA_ARGS__);                                                                 \
    } while (0)

/* Every effect that changes the world is covered by an announcement that stands before it. */
static void check_journal_law(struct player *player)
{
    for (size_t i = 0; i < player->effects.count; i++) {
        const struct effect *effect = &player->effects.items[i];
        if (effect->kind == EFFECT_JOURNAL) {
            if (effect->announced != player->announced + 1) {
                FAIL(player, "announcement %llu follows %llu",
                     (unsigned long long)effect->announced,
                     (unsigned long long)player->announced);
            }
            if (!effect->sync) {
                FAIL(player, "announcement %llu is not synced on a live run",
                     (unsigned long long)effect->announced);
            }
            player->announced = effect->announced;
        }
        if (effect_changes_world(effect) &&
            (effect->announced_by == 0 || effect->announced_by > player->announced)) {
            FAIL(player, "an effect that changes the world is not announced");
        }
    }
}

/* Nobody is asked anything inside a transaction: whoever is asked may leave, too. */
static void check_question(struct player *player)
{
    struct arena arena = {0};
    struct ask ask;
    if (engine_asks(&player->run, &arena, &ask, 1) > 0 && engine_in_transaction(&player->run)) {
        FAIL(player, "people are asked in \"%s\", inside a transaction",
             state_words[player->run.state]);
    }
    arena_release(&arena);
}

static void step(struct player *player, struct event event)
{
    struct err err = {0};
    player->clock_us += 1000;
    event.at_us = player->clock_us;
    effects_clear(&player->effects);
    if (event.kind != EVENT_TICK) {
        const struct fsm_row *row = fsm_find(&player->run, &event);
        if (!row) {
            FAIL(player, "no row for \"%s\" in \"%s\"", event_infos[event.kind].word,
                 state_words[player->run.state]);
        }
        row_was_met[row - fsm_rows] = true;
        event_write(&player->journal, &event);
        strbuf_byte(&player->journal, '\n');
    }
    if (!engine_step(&player->run, &event, &player->effects, &err)) {
        FAIL(player, "%s", err.message);
    }
    check_journal_law(player);
    check_question(player);
}

/* ------------------------------------------------------------------- folding */

static void fold(struct player *player, struct run *run)
{
    struct effects effects = {0};
    struct str rest = strbuf_str(&player->journal);
    struct str line;
    run_init(run, &player->fixture->setup, &player->fixture->arena);
    while (str_cut(&rest, '\n', &line)) {
        struct err err = {0};
        struct event event;
        struct json *json = json_read(line, &err);
        if (!json || !event_read(json, &player->fixture->arena, &event, &err) ||
            !engine_step(run, &event, &effects, &err)) {
            FAIL(player, "fold: %s: %.*s", err.message, STR_ARG(line));
        }
        effects_clear(&effects);
        json_free(json);
    }
    effects_release(&effects);
}

/* The journal alone gives the same model; `keep` goes on with the one that was folded. */
static void check_fold(struct player *player, bool keep)
{
    struct run again;
    struct strbuf here = {0};
    struct strbuf there = {0};
    fold(player, &again);
    /* Ticks move the clock of the live run and are not in the journal. */
    again.now_us = player->run.now_us;
    run_write(&here, &player->run);
    run_write(&there, &again);
    if (!str_is(strbuf_str(&here), strbuf_str(&there))) {
        print_error("live:\n%s\nfolded:\n%s\n", here.ptr, there.ptr);
        FAIL(player, "the fold differs");
    }
    strbuf_release(&here);
    strbuf_release(&there);
    if (keep) {
        run_release(&player->run);
        player->run = again;
    } else {
        run_release(&again);
    }
}

static void end_run(struct player *player)
{
    if (!player->fixture) {
        return;
    }
    check_fold(player, false);
    run_release(&player->run);
    effects_release(&player->effects);
    strbuf_release(&player->journal);
    plan_fixture_free(player->fixture);
    player->fixture = NULL;
}

static void begin_run(struct player *player, struct str words)
{
    end_run(player);
    static const char *const kinds[] = {[PLAN_FIXTURE_WIDE] = "wide:",
                                        [PLAN_FIXTURE_BARE] = "bare:",
                                        [PLAN_FIXTURE_TOLD] = "told:"};
    size_t kind = 0;
    while (kind < COUNT_OF(kinds) && !str_starts(words, kinds[kind])) {
        kind++;
    }
    if (kind == COUNT_OF(kinds)) {
        FAIL(player, "run wide:, run bare: or run told:");
    }
    player->fixture = plan_fixture_make((enum plan_fixture_kind)kind);
    player->announced = 0;
    player->clock_us = INT64_C(1706688000000000);
    run_init(&player->run, &player->fixture->setup, &player->fixture->arena);
}

/* ------------------------------------------------------------ the obedient walk */

static void answer_all(struct player *player)
{
    for (size_t i = 0; i < player->effects.count; i++) {
        struct event event;
        if (obedient_answer(&player->effects.items[i], &event)) {
            if (player->tail == QUEUE_MAX) {
                FAIL(player, "the walk does not end");
            }
            player->queue[player->tail++] = event;
        }
    }
}

static void walk_once(struct player *player)
{
    struct ask asks[ASKS_MAX];
    struct event event = {.kind = EVENT_TICK};
    if (player->run.state == STATE_NEW) {
        event = (struct event){.kind = EVENT_START, .who = STR("anna@console")};
    } else if (player->head < player->tail) {
        event = player->queue[player->head++];
    } else if (engine_asks(&player->run, &player->fixture->arena, asks, ASKS_MAX) > 0) {
        event = obedient_word(&asks[0]);
    } else {
        int64_t next = engine_next_us(&player->run);
        player->clock_us =
            next > player->clock_us && next != INT64_MAX ? next : player->clock_us;
        event.kind = engine_due(&player->run, player->clock_us + 1000);
    }
    step(player, event);
    answer_all(player);
}

static void reach(struct player *player, struct str words)
{
    int64_t script = -1;
    size_t digit = words.len;
    while (digit > 0 && words.ptr[digit - 1] >= '0' && words.ptr[digit - 1] <= '9') {
        digit--;
    }
    if (digit < words.len && !str_to_i64(str_slice(words, digit, words.len), &script)) {
        FAIL(player, "reach STATE SCRIPT");
    }
    struct str state = str_trim(str_slice(words, 0, digit));
    player->head = player->tail = 0;
    /* What is out already gets its answer first. */
    answer_all(player);
    for (int round = 0; round < 4000; round++) {
        if (str_eq(state, state_words[player->run.state]) &&
            (script < 0 || player->run.script == script)) {
            return;
        }
        walk_once(player);
    }
    FAIL(player, "the state \"%.*s\" is not reached; it stands in \"%s\"", STR_ARG(state),
         state_words[player->run.state]);
}

/* ---------------------------------------------------------------- playing a file */

/* What follows an event, as the transcript writes it. */
static void write_outcome(struct player *player, struct strbuf *out)
{
    for (size_t i = 0; i < player->effects.count; i++) {
        strbuf_text(out, "  < ");
        effect_write(out, &player->effects.items[i]);
        strbuf_byte(out, '\n');
    }
    strbuf_format(out, "  = %s\n", state_words[player->run.state]);
}

/* Takes the lines with < and = that follow, and compares them. */
static void expect(struct player *player, struct str *rest)
{
    struct strbuf wanted = {0};
    struct strbuf got = {0};
    struct str ahead = *rest;
    struct str line;
    int taken = 0;
    while (str_cut(&ahead, '\n', &line)) {
        struct str trimmed = str_trim(line);
        if (!str_starts(trimmed, "<") && !str_starts(trimmed, "=")) {
            break;
        }
        strbuf_format(&wanted, "  %.*s\n", STR_ARG(trimmed));
        *rest = ahead;
        taken++;
    }
    write_outcome(player, &got);
    if (player->write) {
        strbuf_add(&player->golden, strbuf_str(&got));
    } else if (!str_is(strbuf_str(&wanted), strbuf_str(&got))) {
        print_error("wanted:\n%sgot:\n%s", wanted.ptr ? wanted.ptr : "", got.ptr);
        FAIL(player, "what follows is not what the transcript says");
    }
    player->line += taken;
    strbuf_release(&wanted);
    strbuf_release(&got);
}

static void move_clock(struct player *player, struct str words)
{
    int64_t amount = 0;
    struct str unit = str_slice(words, words.len - 1, 1);
    int64_t factor = str_eq(unit, "s")   ? US_PER_SECOND
                     : str_eq(unit, "m") ? US_PER_MINUTE
                                         : US_PER_HOUR;
    if (!str_to_i64(str_slice(words, 0, words.len - 1), &amount)) {
        FAIL(player, "+ 2s, 3m or 1h");
    }
    player->clock_us += amount * factor;
}

static void play_line(struct player *player, struct str line, struct str *rest)
{
    if (line.len == 0 || line.ptr[0] == '#') {
        return;
    }
    if (str_starts(line, "run ")) {
        begin_run(player, str_slice(line, 4, line.len));
    } else if (str_starts(line, "reach ")) {
        reach(player, str_trim(str_slice(line, 6, line.len)));
    } else if (str_starts(line, "+ ")) {
        move_clock(player, str_trim(str_slice(line, 2, line.len)));
    } else if (str_eq(line, "crash")) {
        check_fold(player, true);
        effects_clear(&player->effects);
    } else if (str_starts(line, "> ")) {
        struct event event;
        struct err err = {0};
        if (!event_line_read(str_trim(str_slice(line, 2, line.len)), &player->fixture->arena,
                             &event, &err)) {
            FAIL(player, "%s", err.message);
        }
        step(player, event);
        expect(player, rest);
    } else {
        FAIL(player, "not a line of a transcript: %.*s", STR_ARG(line));
    }
}

static void play_file(const char *path)
{
    struct player *player = mem_zero(1, sizeof(*player));
    struct strbuf text = {0};
    struct str line;
    player->file = path;
    const char *golden = getenv("GONOGO_GOLDEN");
    player->write = golden && str_eq(str_from(golden), "write");
    assert_true(test_read_file(path, 0, &text));
    struct str rest = strbuf_str(&text);
    while (str_cut(&rest, '\n', &line)) {
        player->line++;
        struct str trimmed = str_trim(line);
        if (player->write && !str_starts(trimmed, "<") && !str_starts(trimmed, "=")) {
            strbuf_add(&player->golden, trimmed);
            strbuf_byte(&player->golden, '\n');
        }
        if (!player->write || (!str_starts(trimmed, "<") && !str_starts(trimmed, "="))) {
            play_line(player, trimmed, &rest);
        }
    }
    end_run(player);
    if (player->write) {
        test_write_file(path, strbuf_str(&player->golden));
    }
    strbuf_release(&player->golden);
    strbuf_release(&text);
    free(player);
}

static void transcript(void **state)
{
    play_file(*state);
}

static void every_row_of_the_state_table_is_met(void **state)
{
    (void)state;
    size_t missed = 0;
    assert_true(fsm_row_count <= ROWS_MAX);
    for (size_t i = 0; i < fsm_row_count; i++) {
        const struct fsm_row *row = &fsm_rows[i];
        if (!row_was_met[i]) {
            missed++;
            print_error("never met: %s, %s, %s: %s\n",
                        row->state == STATE__COUNT ? "any state" : state_words[row->state],
                        event_infos[row->event].word,
                        row->guard_word ? row->guard_word : "always", row->comment);
        }
    }
    assert_int_equal(missed, 0);
}

static int compare_texts(const void *a, const void *b)
{
    return str_compare(str_from(*(char *const *)a), str_from(*(char *const *)b));
}

int main(void)
{
    enum {
        FILES_MAX = 64
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    char *paths[FILES_MAX];
    size_t count = 0;
    struct arena arena = {0};
    struct str folder = str_format(&arena, "%s/tests/fsm", test_root());
    DIR *directory = opendir(folder.ptr);
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        if (str_ends(str_from(entry->d_name), ".txt") && count < FILES_MAX) {
            struct str path = str_format(&arena, "%.*s/%s", STR_ARG(folder), entry->d_name);
            paths[count++] = mem_text(str_text(&arena, path));
        }
    }
    if (directory) {
        (void)closedir(directory);
    }
    qsort(paths, count, sizeof(paths[0]), compare_texts);
    struct CMUnitTest tests[FILES_MAX + 1];
    for (size_t i = 0; i < count; i++) {
        tests[i] = (struct CMUnitTest){paths[i], transcript, NULL, NULL, paths[i]};
    }
    tests[count] = (struct CMUnitTest){"every_row_of_the_state_table_is_met",
                                       every_row_of_the_state_table_is_met, NULL, NULL, NULL};
    int failed = _cmocka_run_group_tests("transcripts", tests, count + 1, NULL, NULL);
    for (size_t i = 0; i < count; i++) {
        free(paths[i]);
    }
    arena_release(&arena);
    return failed;
}
