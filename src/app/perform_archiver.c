/* SPDX-License-Identifier: PostgreSQL */
/* ARCHIVER: what the server says of its WAL archiving, asked on the watch session. */
#include "perform.h"

static void archiver_step(struct job *job, const struct db_reply *reply)
{
    if (!reply) {
        job_ask(job, monitor_archiver_query(), NULL, 0);
        return;
    }
    struct event event = {.kind = EVENT_ARCHIVER, .outcome = outcome_of(reply), .script = -1};
    if (reply->outcome == DB_OK) {
        struct monitor_archiver found = monitor_archiver_read(&reply->rows);
        struct event_item *items = arena_array(&job->arena, 4, sizeof *items);
        items[0] = (struct event_item){
            .kind = STR("mode"), .text = found.mode, .flag = found.commanded};
        items[1] = (struct event_item){
            .kind = STR("archived"), .name = found.archived, .value = found.archived_us};
        items[2] = (struct event_item){
            .kind = STR("failed"), .name = found.failed, .value = found.failed_us};
        items[3] = (struct event_item){.kind = STR("failures"), .value = found.failures};
        event.items = items;
        event.item_count = 4;
    } else {
        event.text = job_reply_text(job, reply);
    }
    performer_emit(job->performer, &event);
    job_end(job);
}

void perform_archiver(struct performer *performer, const struct effect *effect)
{
    job_start(job_new(performer, SESSION_WATCH, effect, archiver_step));
}
