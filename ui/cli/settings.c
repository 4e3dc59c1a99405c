/* SPDX-License-Identifier: PostgreSQL */
/*
 * What flags leave open: a flag goes before GONOGO_NAME in the environment, that before
 * ./gonogo.yaml, that before the person's own file, that before the machine's, and what the
 * machine's file locks goes before everything. Only looks and places can be set so; what
 * decides about a run is said where the run is started.
 */
#include "cli_private.h"
#include "files.h"
#include "plan_settings.h"

#include <ctype.h>
#include <fcntl.h>
#include <strings.h>
#include <unistd.h>

#define PROJECT_FILE "gonogo.yaml"
#define SYSTEM_FILE  "/etc/gonogo/gonogo.yaml"
enum {
    SETTINGS_SIZE_MAX = 64 * 1024
};

const struct cli_settings_place cli_settings_places[] = {
    {"./" PROJECT_FILE, "settings of the folder that one works in"},
    {"$XDG_CONFIG_HOME/gonogo/gonogo.yaml",
     "a person's own settings; without the variable in ~/.config/gonogo"},
    {SYSTEM_FILE, "settings of the machine; what it names under `locked:` goes before "
                  "everything, flags included"},
};
const size_t cli_settings_place_count = COUNT_OF(cli_settings_places);

const char *cli_setting_variable(struct arena *arena, int option)
{
    struct strbuf name = {0};
    strbuf_text(&name, "GONOGO_");
    for (const char *at = cli_options[option].name; *at != '\0'; at++) {
        strbuf_byte(&name, *at == '-' ? '_' : (char)toupper((unsigned char)*at));
    }
    const char *kept = str_text(arena, strbuf_str(&name));
    strbuf_release(&name);
    return kept;
}

/* ------------------------------------------------------------------ one value */

/* Words of the shell that a value may be; "": any text; NULL: a switch. */
static const char *words_of(const struct cli_option_row *row)
{
    const char *completes = row->completes ? row->completes : "";
    bool place = strcmp(completes, "file") == 0 || strcmp(completes, "folder") == 0;
    return !row->value ? NULL : place ? "" : completes;
}

/* Does it contradict something that was said nearer? */
static bool is_spoken_for(const struct cli *cli, int option)
{
    static const int pairs[][2] = {{OPTION_QUIET, OPTION_VERBOSE},
                                   {OPTION_PLAIN, OPTION_HEADLESS}};
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        for (int side = 0; side < 2; side++) {
            if (pairs[i][side] == option && cli->given[pairs[i][1 - side]]) {
                return true;
            }
        }
    }
    /* Prompts are for people: without a terminal a setting asks nobody. */
    bool nobody = option == OPTION_PLAIN && !cli_has_terminal() &&
                  strcmp(cli->command->name, "help") != 0;
    return nobody || cli->origins[option] != NULL;
}

static void take(struct cli *cli, int option, struct str text, bool is, const char *origin)
{
    bool is_switch = !cli_options[option].value;
    cli->given[option] = is_switch ? is : true;
    cli->values[option] = is_switch ? NULL : str_text(&cli->arena, text);
    cli->origins[option] = origin;
}

/* ---------------------------------------------------------------- environment */

static bool is_word(const char *words, const char *value)
{
    struct str rest = str_from(words);
    struct str word;
    bool good = words[0] == '\0';
    while (!good && str_cut(&rest, ' ', &word)) {
        good = str_eq(word, value);
    }
    return good;
}

static bool yes_or_no(const char *value, bool *is)
{
    static const char *const words[] = {"no", "false", "off", "0", "yes", "true", "on", "1"};
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (strcasecmp(words[i], value) == 0) {
            *is = i >= COUNT_OF(words) / 2;
            return true;
        }
    }
    return false;
}

static bool take_variable(struct cli *cli, int option, int *code)
{
    const struct cli_option_row *row = &cli_options[option];
    const char *name = cli_setting_variable(&cli->arena, option);
    const char *value = getenv(name);
    const char *words = words_of(row);
    bool is = false;
    if (!value || value[0] == '\0' || is_spoken_for(cli, option)) {
        return true;
    }
    if (words ? !is_word(words, value) : !yes_or_no(value, &is)) {
        struct strbuf clean = {0};
        sanitise(&clean, str_from(value), SANITISE_LINE);
        *code = cli_usage("the variable %s is \"%s\", and is one of: %s; nothing was done",
                          name, clean.ptr, words ? words : "yes no");
        strbuf_release(&clean);
        (void)snprintf(cli->next, sizeof(cli->next), "gonogo help environment");
        return false;
    }
    take(cli, option, str_from(value), is,
         str_format(&cli->arena, "the variable %s", name).ptr);
    return true;
}

/* ---------------------------------------------------------------------- files */

/* The settings in the order of the table, and which option each of them is. */
struct setting_table {
    struct setting_key keys[OPTION__COUNT];
    int options[OPTION__COUNT];
    size_t count;
};

static struct setting_table make_table(void)
{
    struct setting_table table = {0};
    for (int i = 0; i < OPTION__COUNT; i++) {
        if (cli_options[i].is_setting) {
            table.keys[table.count].name = cli_options[i].name;
            table.keys[table.count].words = words_of(&cli_options[i]);
            table.options[table.count++] = i;
        }
    }
    return table;
}

static bool is_locked(const struct settings *settings, const char *name)
{
    for (size_t i = 0; i < settings->locked.count; i++) {
        if (str_eq(settings->locked.items[i], name)) {
            return true;
        }
    }
    return false;
}

static const char *place_of(struct cli *cli, const char *path, const struct settings *settings,
                            const char *key, bool locked)
{
    struct plan_mark mark = plan_mark_of(settings->mark, key);
    return str_format(&cli->arena, "%s:%d:%d%s", path, mark.line, mark.column,
                      locked ? " (locked)" : "")
        .ptr;
}

/* What is locked is not only said louder: whoever says otherwise hears it. */
static void tell_locked(const struct cli *cli, int option, const char *place)
{
    if (cli->origins[option] && !cli->given[OPTION_QUIET]) {
        cli_talk("gonogo: --%s is set by %s; what %s says does not count",
                 cli_options[option].name, place, cli->origins[option]);
    }
}

static void take_settings(struct cli *cli, const char *path, const struct settings *settings,
                          const struct setting_table *table, bool only_locked)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct setting *value = &settings->values[i];
        int option = table->options[i];
        bool locked = is_locked(settings, table->keys[i].name);
        bool said = value->text.ptr || value->is != PLAN_NOT_SAID;
        if (!said || locked != only_locked || (!locked && is_spoken_for(cli, option))) {
            continue;
        }
        const char *place = place_of(cli, path, settings, table->keys[i].name, locked);
        if (locked) {
            tell_locked(cli, option, place);
        }
        take(cli, option, value->text, value->is == PLAN_YES, place);
    }
}

/* NULL with *code set when it is wrong; NULL without when it is not there. */
static const struct settings *read_place(struct cli *cli, const char *path,
                                         const struct setting_table *table, int *code)
{
    struct err err = {0};
    struct strbuf bytes = {0};
    struct plan_diagnostics diagnostics = {0};
    bool machine = strcmp(path, SYSTEM_FILE) == 0;
    if (access(path, F_OK) != 0) {
        return NULL;
    }
    if (!files_read(AT_FDCWD, path, SETTINGS_SIZE_MAX, &bytes, NULL, &err)) {
        err.kind = ERR_USAGE;
        *code = cli_fail(&err);
        strbuf_release(&bytes);
        return NULL;
    }
    struct str kept = str_dup(&cli->arena, strbuf_str(&bytes));
    strbuf_release(&bytes);
    const struct settings *settings = settings_read(
        kept, str_from(path), table->keys, table->count, machine, &cli->arena, &diagnostics);
    cli_print_diagnostics(&diagnostics);
    plan_diagnostics_release(&diagnostics);
    if (!settings) {
        *code = cli_usage("the settings in %s cannot be used; nothing was done", path);
        (void)snprintf(cli->next, sizeof(cli->next), "mend %s, or take it away", path);
    }
    return settings;
}

static const char *own_file(struct cli *cli)
{
    const char *folder = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");
    if (folder && folder[0] == '/') {
        return str_format(&cli->arena, "%s/gonogo/%s", folder, PROJECT_FILE).ptr;
    }
    return str_format(&cli->arena, "%s/.config/gonogo/%s", home ? home : "", PROJECT_FILE).ptr;
}

bool cli_apply_settings(struct cli *cli, int *code)
{
    const char *paths[] = {PROJECT_FILE, own_file(cli), SYSTEM_FILE};
    const struct settings *found[COUNT_OF(paths)] = {NULL};
    struct setting_table table = make_table();
    bool asked = cli->operand_count > 0 && strcmp(cli->operands[0], "settings") == 0;
    bool helps = strcmp(cli->command->name, "help") == 0 && !asked;
    if (helps || strcmp(cli->command->name, "dev") == 0) {
        return true; /* their results are the same everywhere, whatever lies around */
    }
    for (size_t i = 0; i < COUNT_OF(paths) && *code == 0; i++) {
        found[i] = read_place(cli, paths[i], &table, code);
    }
    if (*code == 0 && found[COUNT_OF(paths) - 1]) {
        take_settings(cli, SYSTEM_FILE, found[COUNT_OF(paths) - 1], &table, true);
    }
    for (size_t i = 0; i < table.count && *code == 0; i++) {
        (void)take_variable(cli, table.options[i], code);
    }
    for (size_t i = 0; i < COUNT_OF(paths) && *code == 0; i++) {
        if (found[i]) {
            take_settings(cli, paths[i], found[i], &table, false);
        }
    }
    return *code == 0;
}

void cli_write_settings(struct strbuf *out, const struct cli *cli)
{
    for (int i = 0; i < OPTION__COUNT; i++) {
        const struct cli_option_row *row = &cli_options[i];
        if (!row->is_setting) {
            continue;
        }
        const char *value = !row->value      ? (cli->given[i] ? "yes" : "no")
                            : cli->values[i] ? cli->values[i]
                                             : "-";
        struct strbuf line = {0};
        strbuf_format(&line, "%-10s %-12s %s", row->name, value,
                      cli->origins[i] ? cli->origins[i] : "built in");
        sanitise(out, strbuf_str(&line), SANITISE_LINE);
        strbuf_byte(out, '\n');
        strbuf_release(&line);
    }
}
