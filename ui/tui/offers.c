/* SPDX-License-Identifier: PostgreSQL */
/*
 * What Tab offers behind each word of the command line: names of the plan and of the
 * run, never anything that was made up.
 */
#include "commands.h"

#include <inttypes.h>

void offer(struct offers *offers, struct str text)
{
    bool begins = text.len >= offers->begin.len &&
                  str_is(str_slice(text, 0, offers->begin.len), offers->begin);
    for (size_t i = 0; i < offers->count; i++) {
        begins = begins && !str_is(offers->found[i], text);
    }
    if (begins && text.len > 0 && offers->count < offers->max) {
        offers->found[offers->count++] = sanitise_line(offers->arena, text);
    }
}

static void offer_checks(struct offers *offers)
{
    const struct run *run = offers->run;
    for (size_t i = 0; i < run->set_count; i++) {
        for (size_t k = 0; k < run->plan->verification.sets.items[i].checks.count; k++) {
            offer(offers, run->sets[i][k].check->id);
        }
    }
    for (size_t i = 0; i < run->script_count; i++) {
        for (size_t k = 0; k < run->scripts[i].check_count; k++) {
            offer(offers, run->scripts[i].checks[k].check->id);
        }
    }
}

static void offer_scripts(struct offers *offers)
{
    for (size_t i = 0; i < offers->run->script_count; i++) {
        offer(offers, offers->run->scripts[i].id);
    }
}

void offer_places(struct offers *offers)
{
    for (size_t i = 0; i < SCREEN__COUNT; i++) {
        offer(offers, str_from(screens[i].name));
    }
    offer_scripts(offers);
    offer_checks(offers);
    offer_items(offers);
    offer_probes(offers);
}

void offer_statements(struct offers *offers)
{
    const struct run *run = offers->run;
    for (size_t i = 0; i < run->script_count; i++) {
        const struct run_script *script = &run->scripts[i];
        for (size_t k = script->first; script->sql && k < script->last; k++) {
            offer(offers, str_format(offers->arena, "%.*s:%zu", STR_ARG(script->id), k + 1));
        }
    }
}

void offer_roles(struct offers *offers)
{
    for (size_t i = 0; i < offers->run->plan->roles.count; i++) {
        offer(offers, offers->run->plan->roles.items[i].id);
    }
}

void offer_items(struct offers *offers)
{
    for (size_t i = 0; i < offers->run->item_count; i++) {
        offer(offers, offers->run->items[i].item->id);
    }
    for (size_t i = 0; i < offers->run->block_count; i++) {
        offer(offers, offers->run->blocks[i].id);
    }
    for (size_t i = 0; i < offers->run->undo_block_count; i++) {
        const struct run_block *block = &offers->run->undo_blocks[i];
        if (undo_block_counts(offers->run, block)) {
            offer(offers, block->id);
        }
    }
}

static void offer_asked(struct offers *offers, enum ask_kind kind)
{
    for (size_t i = 0; i < offers->ui->ask_count; i++) {
        if (offers->ui->asks[i].kind == kind) {
            offer(offers, offers->ui->asks[i].id);
        }
    }
}

void offer_backups(struct offers *offers)
{
    for (size_t i = 0; i < offers->run->backup_count; i++) {
        if (backup_may_rerun(offers->run, &offers->run->backups[i], false)) {
            offer(offers, offers->run->backups[i].backup->id);
        }
    }
}

void offer_attested(struct offers *offers)
{
    offer_asked(offers, ASK_ATTEST);
}

void offer_accepted(struct offers *offers)
{
    offer_asked(offers, ASK_ACCEPT);
}

void offer_probes(struct offers *offers)
{
    for (size_t i = 0; i < offers->run->probe_count; i++) {
        offer(offers, offers->run->probes[i].probe->id);
    }
}

void offer_blockers(struct offers *offers)
{
    for (size_t i = 0; i < offers->run->blocker_count; i++) {
        const struct event_item *item = &offers->run->blockers[i];
        if (!item->flag) {
            offer(offers, str_format(offers->arena, "%" PRId64, item->value));
        }
    }
}

void offer_themes(struct offers *offers)
{
    static const struct theme *const themes[] = {&theme_default, &theme_contrast, &theme_light,
                                                 &theme_mono};
    for (size_t i = 0; i < COUNT_OF(themes); i++) {
        offer(offers, str_from(themes[i]->word));
    }
}

void offer_glyphs(struct offers *offers)
{
    offer(offers, str_from(glyphs_full.word));
    offer(offers, str_from(glyphs_linux.word));
    offer(offers, str_from(glyphs_ascii.word));
}

void offer_words(struct offers *offers)
{
    for (size_t i = 0; i < command_count; i++) {
        offer(offers, str_from(commands[i].word));
    }
}

void offer_numbers(struct offers *offers)
{
    for (size_t i = 0; i < offers->ui->ask_count; i++) {
        offer(offers, str_format(offers->arena, "%zu", i + 1));
    }
}

void offer_troubles(struct offers *offers)
{
    const struct ui_sources *sources = &offers->ui->sources;
    for (size_t i = 0; i < sources->trouble_count; i++) {
        offer(offers, str_from(sources->troubles[i].name));
    }
}
