/* SPDX-License-Identifier: PostgreSQL */
/*
 * The line behind `:`: typing, history, completion, and who is meant by its first word.
 */
#include "commands.h"

#include <stdio.h>
#include <string.h>

enum {
    OFFERS_MAX = 64,
    FAR = 2,              /* how different a word may be at most to be meant … */
    LETTERS_PER_SLIP = 3, /* … and for each slip it has at least so many letters */
};

void command_begin(struct ui *ui, const char *text)
{
    ui->mode = MODE_COMMAND;
    ui->under = MODE_BROWSE;
    ui->command.back = 0;
    ui->command.completing = false;
    input_set(&ui->input, text);
}

/* ------------------------------------------------------------------- history */

static void remember(struct command_line *command, const char *text)
{
    const char *last = command->history[(command->count + HISTORY_MAX - 1) % HISTORY_MAX];
    if (command->count == 0 || strcmp(last, text) != 0) {
        char *room = command->history[command->count++ % HISTORY_MAX];
        (void)snprintf(room, INPUT_MAX, "%s", text);
    }
}

static void recall(struct ui *ui, int direction)
{
    struct command_line *command = &ui->command;
    size_t most = command->count < HISTORY_MAX ? command->count : HISTORY_MAX;
    if (direction > 0 && command->back < most) {
        command->back++;
    } else if (direction < 0 && command->back > 0) {
        command->back--;
    }
    input_set(&ui->input,
              command->back == 0
                  ? ""
                  : command->history[(command->count - command->back) % HISTORY_MAX]);
}

/* ---------------------------------------------------------------- completion */

static const struct command *find_command(struct str word)
{
    for (size_t i = 0; i < command_count; i++) {
        if (str_eq(word, commands[i].word)) {
            return &commands[i];
        }
    }
    return NULL;
}

size_t command_candidates(const struct run *run, const struct ui *ui, struct str line,
                          struct arena *arena, struct str *found, size_t max)
{
    struct offers offers = {
        .run = run, .ui = ui, .arena = arena, .begin = line, .found = found, .max = max};
    size_t blank = str_find_byte(line, ' ', 0);
    if (blank >= line.len) {
        offer_words(&offers);
        return offers.count;
    }
    const struct command *command = find_command(str_slice(line, 0, blank));
    offers.begin = str_slice(line, blank + 1, line.len);
    if (command && command->offers) {
        command->offers(&offers);
    }
    for (size_t i = 0; i < offers.count; i++) {
        found[i] = str_format(arena, "%s %.*s", command->word, STR_ARG(found[i]));
    }
    return offers.count;
}

/* Tab again takes the next one; what was typed first stays what they begin with. */
static void complete(const struct press *press, int direction)
{
    struct ui *ui = press->ui;
    struct command_line *command = &ui->command;
    struct arena arena = {0};
    struct str found[OFFERS_MAX];
    if (!command->completing) {
        (void)snprintf(command->typed, sizeof(command->typed), "%s", ui->input.text);
        command->candidate = direction > 0 ? -1 : 0;
    }
    int count = (int)command_candidates(press->run, ui, str_from(command->typed), &arena, found,
                                        OFFERS_MAX);
    if (count == 0) {
        ui_say(ui, STYLE_NORMAL, "nothing begins like that");
    } else {
        command->completing = true;
        command->candidate = (command->candidate + direction + count) % count;
        input_set(&ui->input, str_text(&arena, found[command->candidate]));
    }
    arena_release(&arena);
}

/* ------------------------------------------------------------------ dispatch */

/* The command that was meant: the only one that begins like that, else one that differs in a
 * letter of three. A short word is near to everything, so that nothing else is meant by it. */
static const char *nearest_command(struct str word)
{
    const char *begun = NULL;
    const char *nearest = NULL;
    size_t count = 0;
    size_t least = word.len / LETTERS_PER_SLIP < FAR ? word.len / LETTERS_PER_SLIP : FAR;
    for (size_t i = 0; i < command_count; i++) {
        struct str other = str_from(commands[i].word);
        size_t distance = str_distance(word, other, FAR);
        if (other.len > word.len && str_is(str_slice(other, 0, word.len), word)) {
            begun = commands[i].word;
            count++;
        }
        if (distance <= least && (!nearest || distance < least)) {
            least = distance;
            nearest = commands[i].word;
        }
    }
    return count == 1 ? begun : nearest;
}

static void say_unknown(struct ui *ui, struct str word)
{
    const char *nearest = nearest_command(word);
    if (nearest) {
        ui_say(ui, STYLE_WARN, "\"%.*s\" is no command; did you mean %s?", STR_ARG(word),
               nearest);
        return;
    }
    struct strbuf all = {0};
    for (size_t i = 0; i < command_count; i++) {
        strbuf_format(&all, " %s", commands[i].word);
    }
    ui_say(ui, STYLE_WARN, "\"%.*s\" is no command; :help explains them:%s", STR_ARG(word),
           all.ptr);
    strbuf_release(&all);
}

static void run_line(const struct press *press)
{
    struct ui *ui = press->ui;
    char text[INPUT_MAX];
    (void)snprintf(text, sizeof(text), "%s", ui->input.text);
    struct str line = str_trim(str_from(text));
    size_t blank = str_find_byte(line, ' ', 0);
    struct str word = str_slice(line, 0, blank);
    struct call call = {press, ui, press->run, str_trim(str_slice(line, blank, line.len))};
    const struct command *command = find_command(word);
    if (line.len == 0) {
        ui->mode = MODE_BROWSE;
        return;
    }
    if (!command) {
        say_unknown(ui, word);
        return;
    }
    ui->mode = MODE_BROWSE;
    if (command->run(&call)) {
        remember(&ui->command, text);
    } else {
        ui->mode = MODE_COMMAND; /* the line stays to be mended */
    }
}

void command_key(const struct press *press)
{
    struct ui *ui = press->ui;
    struct command_line *command = &ui->command;
    bool completes = press->key == KEY_TAB || press->key == KEY_BACK_TAB;
    if (completes) {
        complete(press, press->key == KEY_TAB ? 1 : -1);
        return;
    }
    command->completing = false;
    switch (press->key) {
    case KEY_ESCAPE:
    case KEY_CONTROL('c'):
        ui->mode = MODE_BROWSE;
        break;
    case KEY_RETURN:
    case '\n':
        run_line(press);
        break;
    case KEY_UP_ARROW:
    case KEY_CONTROL('p'):
        recall(ui, 1);
        break;
    case KEY_DOWN_ARROW:
    case KEY_CONTROL('n'):
        recall(ui, -1);
        break;
    default:
        if (press->key == KEY_RUB && ui->input.len == 0) {
            ui->mode = MODE_BROWSE;
        } else if (!input_key(&ui->input, press->key)) {
            press_unknown(press);
        }
        break;
    }
}
