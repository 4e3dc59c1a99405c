/* SPDX-License-Identifier: PostgreSQL */
#include "run_text.h"

static void write_stretches(struct strbuf *out, const struct run_stretch *stretches,
                            size_t count)
{
    for (size_t i = 0; i < count; i++) {
        strbuf_format(out, "  %lld %lld %lld\n", (long long)stretches[i].from_us,
                      (long long)stretches[i].at_us, (long long)stretches[i].rows);
    }
}

static void write_proof(struct strbuf *out, const struct run_backup *backup)
{
    strbuf_format(out, "proof %lld", (long long)backup->bytes_us);
    for (size_t i = 0; i < COUNT_OF(backup->reached_us); i++) {
        strbuf_format(out, " %lld", (long long)backup->reached_us[i]);
    }
    strbuf_byte(out, '\n');
    for (size_t i = 0; i < backup->proof_count; i++) {
        const struct event_item *item = &backup->proof[i];
        strbuf_format(out, "  %.*s %.*s %.*s %lld %lld\n", STR_ARG(item->kind),
                      STR_ARG(item->name), STR_ARG(item->text), (long long)item->value,
                      (long long)item->at_us);
    }
}

static void write_archiver(struct strbuf *out, const struct run *run)
{
    const struct run_archiver *archiver = &run->archiver;
    strbuf_format(out, "archiver %d due %lld at %lld %.*s %d: ", (int)archiver->outcome,
                  (long long)archiver->due_us, (long long)archiver->at_us,
                  STR_ARG(archiver->mode), archiver->commanded);
    archiving_text(out, run);
    strbuf_byte(out, '\n');
}

void run_write_asked(struct strbuf *out, const struct run *run)
{
    for (size_t i = 0; i < run->recent_count; i++) {
        const struct run_recent *recent = &run->recents[i];
        strbuf_format(out, "recent %.*s %.*s %lld since %lld at %lld of %zu%s\n",
                      STR_ARG(recent->name), STR_ARG(recent->identity),
                      (long long)recent->counter, (long long)recent->since_us,
                      (long long)recent->at_us, recent->count, recent->told ? " told" : "");
        write_stretches(out, recent->stretches, recent->count);
    }
    strbuf_format(out, "written %zu\n", run->written_count);
    write_stretches(out, run->written, run->written_count);
    for (size_t i = 0; i < run->backup_count; i++) {
        write_proof(out, &run->backups[i]);
    }
    write_archiver(out, run);
}
