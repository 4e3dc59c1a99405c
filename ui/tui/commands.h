/* SPDX-License-Identifier: PostgreSQL */
/*
 * One table of commands feeds dispatch, completion, help and the manual.
 */
#ifndef GONOGO_TUI_COMMANDS_H
#define GONOGO_TUI_COMMANDS_H

#include "ui_private.h"

/* A command on its way: `rest` is what follows its word, trimmed. */
struct call {
    const struct press *press;
    struct ui *ui;
    const struct run *run;
    struct str rest;
};

/* What may follow a word, one after the other; `found` grows in `arena`. */
struct offers {
    const struct run *run;
    const struct ui *ui;
    struct arena *arena;
    struct str begin; /* what they must begin with */
    struct str *found;
    size_t count, max;
};
/* Takes it when it begins as it must and is not there yet. */
void offer(struct offers *offers, struct str text);

/*
 * word   what is typed
 * rest   what follows it, for people
 * help   one clause
 * run    does it; false: it says how it is used, and the line stays
 * offers what may follow; NULL: free text, or nothing
 */
struct command {
    const char *word;
    const char *rest;
    const char *help;
    bool (*run)(const struct call *call);
    void (*offers)(struct offers *offers);
};
extern const struct command commands[];
extern const size_t command_count;

/* offers.c: what may follow a word */
void offer_places(struct offers *offers);
void offer_roles(struct offers *offers);
void offer_items(struct offers *offers);
void offer_probes(struct offers *offers);
void offer_attested(struct offers *offers);
void offer_backups(struct offers *offers);
void offer_accepted(struct offers *offers);
void offer_blockers(struct offers *offers);
void offer_themes(struct offers *offers);
void offer_glyphs(struct offers *offers);
void offer_words(struct offers *offers);
void offer_numbers(struct offers *offers);
void offer_statements(struct offers *offers);
void offer_troubles(struct offers *offers);
void offer_paces(struct offers *offers); /* pace.c */

/* backup_keys.c: opens the form that takes or proves the named backup anew. */
bool backup_command(const struct call *call, bool prove);

#endif
