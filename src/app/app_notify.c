/* SPDX-License-Identifier: PostgreSQL */
/*
 * `gonogo notify`: the plan's hooks of one occasion, without a run and without a server.
 * For cron; and for people who want to see whether their hooks work.
 */
#include "app_private.h"
#include "hook.h"

struct telling {
    size_t index; /* of the hook in the plan */
    const struct plan_notification *notification;
    struct hook *hook;
    struct strbuf *out;
    bool over;
    bool ok;
};

static void say(struct telling *telling, bool ok, struct str text, struct str output)
{
    telling->over = true;
    telling->ok = ok;
    strbuf_format(telling->out, "%s ", ok ? "ok  " : "FAIL");
    sanitise(telling->out, telling->notification->run.items[0], SANITISE_LINE);
    strbuf_text(telling->out, ok ? ": " : " was not heard: ");
    sanitise(telling->out, text, SANITISE_LINE);
    if (output.len > 0) {
        strbuf_format(telling->out, "; it said: %.*s", STR_ARG(output));
    }
    strbuf_byte(telling->out, '\n');
}

static void on_ended(void *ctx, const struct hook_end *end)
{
    say(ctx, end->ok, end->text, end->output);
}

static size_t start_all(struct telling *tellings, const struct app_notify_options *options,
                        const struct hook_news *news, struct loop *loop, struct strbuf *out)
{
    const struct plan_notify *notify = &options->plan->plan->notify;
    struct strbuf input = {0};
    size_t count = 0;
    hook_write_news(&input, news);
    for (size_t i = 0; i < notify->count; i++) {
        if (!plan_is_told(&notify->items[i], options->occasion)) {
            continue;
        }
        struct telling *telling = &tellings[count++];
        struct err err = {0};
        *telling = (struct telling){.index = i, .notification = &notify->items[i], .out = out};
        telling->hook = hook_start(&(struct hook_spec){.plan = options->plan,
                                                       .target = options->target,
                                                       .notification = &notify->items[i],
                                                       .input = strbuf_str(&input),
                                                       .loop = loop,
                                                       .ended = on_ended,
                                                       .ctx = telling},
                                   &err);
        if (!telling->hook) {
            say(telling, false, str_from(err.message), str_from(err.hint));
        }
    }
    strbuf_release(&input);
    return count;
}

/* The loop ends by itself: every hook has its limit of time. */
static bool wait_all(const struct telling *tellings, size_t count, struct loop *loop,
                     struct err *err)
{
    for (size_t i = 0; i < count;) {
        if (tellings[i].over) {
            i++;
        } else if (!loop_run_once(loop, LOOP_NEVER, err)) {
            return false;
        }
    }
    return true;
}

static void window_of(const struct plan *plan, struct hook_news *news)
{
    const struct plan_window *window = &plan->window;
    if (window->mark.line == 0 || !plan_window_us(plan, window->opens_us, &news->opens_us) ||
        !plan_window_us(plan, window->closes_us, &news->closes_us)) {
        news->opens_us = news->closes_us = 0; /* a zone by name is the server's to convert */
    }
}

static bool any_is_told(const struct app_notify_options *options)
{
    const struct plan_notify *notify = &options->plan->plan->notify;
    for (size_t i = 0; i < notify->count; i++) {
        if (plan_is_told(&notify->items[i], options->occasion)) {
            return true;
        }
    }
    return false;
}

bool app_notify(const struct app_notify_options *options, bool *all_heard, struct strbuf *out,
                struct err *err)
{
    const struct plan *plan = options->plan->plan;
    if (!any_is_told(options)) {
        err_set(err, ERR_USAGE, "the plan has no hook for %s",
                plan_occasion_word(options->occasion));
        err_hint(err, "Add it to `when:` of an item of `notify:`. Nobody was told.");
        return false;
    }
    struct arena arena = {0};
    int64_t at_us = options->simulated_clock ? options->clock_at_us : loop_wall_us();
    struct hook_news news = {.occasion = options->occasion,
                             .plan = plan,
                             .target = options->target,
                             .at_us = at_us,
                             .digest = sha256_str(&options->plan->digest),
                             .exit_code = -1};
    window_of(plan, &news);
    struct loop *loop = loop_new();
    struct telling *tellings = arena_array(&arena, plan->notify.count, sizeof(*tellings));
    size_t count = start_all(tellings, options, &news, loop, out);
    bool ok = wait_all(tellings, count, loop, err);
    bool *heard = arena_array(&arena, plan->notify.count, sizeof(*heard));
    size_t heard_count = 0;
    for (size_t i = 0; i < count; i++) {
        heard[tellings[i].index] = tellings[i].ok;
        heard_count += tellings[i].ok ? 1 : 0;
        hook_free(tellings[i].hook);
    }
    *all_heard = heard_count == count;
    loop_free(loop);
    if (ok && heard_count > 0 && options->occasion == PLAN_WHEN_BEFORE_OPEN) {
        ok = hook_note_told(options->plan, options->target, options->runs_root, at_us,
                            app_operator(&arena), heard, err);
    }
    arena_release(&arena);
    return ok;
}
