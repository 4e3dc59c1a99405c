/* SPDX-License-Identifier: PostgreSQL */
/*
 * COUNTS: the counts alone, in one statement, so that the boards follow each file. What
 * the plan is judged by is the snapshot of VERIFY, members and all.
 */
#include "perform_look.h"

static void tell(struct job *job, const struct catalog_counts *counts, struct str why)
{
    struct event_item items[COUNT__COUNT];
    struct catalog_counts own;
    const struct catalog_counts *left_out = ledger_own(job->performer, &own);
    for (int kind = 0; counts && kind < COUNT__COUNT; kind++) {
        struct str word = str_from(catalog_count_infos[kind].word);
        int64_t less = left_out ? left_out->value[kind] : 0;
        items[kind] = (struct event_item){
            .kind = word, .name = word, .value = counts->value[kind] - less, .flag = true};
    }
    performer_emit(job->performer,
                   &(struct event){.kind = EVENT_COUNTED,
                                   .outcome = counts ? OUTCOME_OK : OUTCOME_FAILED,
                                   .script = -1,
                                   .text = why,
                                   .items = items,
                                   .item_count = counts ? COUNT__COUNT : 0});
    job_end(job);
}

static void counts_step(struct job *job, const struct db_reply *reply)
{
    struct catalog_counts counts;
    struct err err = {0};
    if (!reply) {
        const char *params[] = {str_text(&job->arena, job->performer->schemas)};
        job_ask(job, catalog_counts_query(), params, COUNT_OF(params));
    } else if (reply->outcome != DB_OK) {
        tell(job, NULL, job_reply_text(job, reply));
    } else if (!catalog_counts_read(&reply->rows, &counts, &err)) {
        tell(job, NULL, str_from(err.message));
    } else {
        tell(job, &counts, (struct str){0});
    }
}

void perform_counts(struct performer *performer, const struct effect *effect)
{
    job_start(job_new(performer, SESSION_CHECK, effect, counts_step));
}
