/* SPDX-License-Identifier: PostgreSQL */
/*
 * NOTIFY: a hook of the plan, as the engine asked for it. Its end, or that it could not be
 * started, is an event like the end of any task.
 */
#include "hook.h"
#include "perform.h"

struct notice {
    struct notice *next;
    struct performer *performer;
    struct hook *hook;
    int index;
};

static void tell(struct performer *performer, int index, enum outcome outcome, struct str text,
                 struct str output, int64_t us)
{
    performer_emit(performer, &(struct event){.kind = EVENT_TASK_DONE,
                                              .task = TASK_NOTIFY,
                                              .index = index,
                                              .script = -1,
                                              .outcome = outcome,
                                              .text = text,
                                              .detail = output,
                                              .us = us});
}

static void on_ended(void *ctx, const struct hook_end *end)
{
    struct notice *notice = ctx;
    tell(notice->performer, notice->index, end->ok ? OUTCOME_OK : OUTCOME_FAILED, end->text,
         end->output, end->us);
}

static void write_news(struct strbuf *out, const struct performer *performer,
                       const struct run_notice *notice)
{
    const struct run *run = performer->run;
    struct hook_news news = {
        .occasion = notice->occasion,
        .plan = run->plan,
        .target = run->target,
        .at_us = notice->at_us,
        .digest = run->digest,
        .run_id = run->id,
        .mode = run->mode == RUN_LIVE ? "live" : "rehearsal",
        .phase = phase_words[run->phase],
        .state = state_words[run->state],
        .reason = notice->why,
        .exit_code = engine_exit_code(run),
        .opens_us = run->opens_us,
        .closes_us = run->closes_us,
    };
    hook_write_news(out, &news);
}

void perform_notify(struct performer *performer, const struct effect *effect)
{
    const struct run_notice *wanted = &performer->run->notices[effect->index];
    struct notice *notice = mem_zero(1, sizeof(*notice));
    struct strbuf input = {0};
    struct err err = {0};
    *notice = (struct notice){.performer = performer, .index = effect->index};
    write_news(&input, performer, wanted);
    struct hook_spec spec = {.plan = performer->plan,
                             .target = performer->target,
                             .notification = wanted->hook,
                             .input = strbuf_str(&input),
                             .loop = performer->loop,
                             .ended = on_ended,
                             .ctx = notice};
    notice->hook = hook_start(&spec, &err);
    strbuf_release(&input);
    if (!notice->hook) {
        tell(performer, effect->index, OUTCOME_FAILED, str_from(err.message),
             str_from(err.detail), 0);
        free(notice);
        return;
    }
    notice->next = performer->notices;
    performer->notices = notice;
}

static void notices_drop(struct performer *performer, bool all)
{
    struct notice **link = &performer->notices;
    while (*link) {
        struct notice *notice = *link;
        if (all || hook_has_ended(notice->hook)) {
            *link = notice->next;
            hook_free(notice->hook);
            free(notice);
        } else {
            link = &notice->next;
        }
    }
}

void notices_reap(struct performer *performer)
{
    notices_drop(performer, false);
}

void notices_release(struct performer *performer)
{
    notices_drop(performer, true);
}
