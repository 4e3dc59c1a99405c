/* SPDX-License-Identifier: PostgreSQL */
/* Dice, log and disk of a history: what the other parts draw, say and keep. */
#include "sim_private.h"

uint64_t sim_draw(struct sim_world *world)
{
    /* splitmix64, by Sebastiano Vigna, public domain */
    uint64_t z = (world->random += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

bool sim_one_in(struct sim_world *world, unsigned sides)
{
    return sim_draw(world) % sides == 0;
}

/* A fault may happen here, as long as there are any left. */
bool sim_fault(struct sim_world *world)
{
    if (world->faults == 0 || !sim_one_in(world, world->fault_rate)) {
        return false;
    }
    world->faults--;
    return true;
}

void sim_note(struct sim_world *world, const char *mark, const struct strbuf *line)
{
    if (world->log) {
        strbuf_format(&world->result->log, "%s %.*s\n", mark, STR_ARG(strbuf_str(line)));
    }
}

void sim_note_text(struct sim_world *world, const char *text)
{
    if (world->log) {
        strbuf_format(&world->result->log, "** %s\n", text);
    }
}

/* Which file a script of the run is, for the model and the judge. */
int sim_unit_of(const struct sim_world *world, int script)
{
    if (script < 0 || (size_t)script >= world->run.script_count) {
        return -1;
    }
    const struct run_script *entry = &world->run.scripts[script];
    switch (entry->kind) {
    case SCRIPT_MIGRATION:
    case SCRIPT_MANUAL:
        return entry->step;
    case SCRIPT_DOWN:
        return MODEL_UNDO + entry->step;
    case SCRIPT_SQL:
    case SCRIPT__COUNT:
        break;
    }
    return MODEL_BACK;
}

void sim_append_event(struct sim_world *world, const struct event *event)
{
    if (world->record_count == SIM_RECORDS_MAX) {
        return;
    }
    struct sim_record *record = &world->records[world->record_count++];
    *record = (struct sim_record){.from = world->text.len};
    event_write(&world->text, event);
    record->length = world->text.len - record->from;
}

/* What an announcement is about stands in the fact once it is safely on disk. */
void sim_sync_disk(struct sim_world *world)
{
    for (size_t i = world->synced_count; i < world->record_count; i++) {
        const struct sim_record *record = &world->records[i];
        if (record->length == 0) {
            struct seen *fact = history_add(&world->result->history, SEEN_SYNCED);
            fact->number = (int64_t)record->number;
            fact->word = record_words[record->kind];
            fact->unit = record->unit;
            fact->index = record->index;
        }
    }
    world->synced_count = world->record_count;
}
