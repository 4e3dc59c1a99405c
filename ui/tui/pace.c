/* SPDX-License-Identifier: PostgreSQL */
/*
 * How often the probes ask: a person may have them ask oftener than the plan does, and back,
 * never less often, because the plan's limits are judged by its own pace.
 */
#include "commands.h"
#include "monitor_parts.h"

static const int64_t paces_us[] = {
    US_PER_SECOND / 2,  US_PER_SECOND,      2 * US_PER_SECOND,  5 * US_PER_SECOND,
    10 * US_PER_SECOND, 30 * US_PER_SECOND, 60 * US_PER_SECOND,
};

static bool probes_ask(const struct run *run)
{
    return run->probe_count > 0 && run->state != STATE_NEW && run->phase < PHASE_CLOSE &&
           run->plan->monitoring.every_us > 0;
}

int64_t ui_next_pace_us(const struct run *run, int direction)
{
    int64_t least_us = run_pace_least_us(run);
    int64_t most_us = run->plan->monitoring.every_us;
    int64_t best_us = run->pace_us;
    if (!probes_ask(run)) {
        return best_us;
    }
    for (size_t i = 0; i <= COUNT_OF(paces_us); i++) {
        int64_t one_us = i < COUNT_OF(paces_us) ? paces_us[i] : most_us;
        bool beyond = direction < 0 ? one_us < run->pace_us : one_us > run->pace_us;
        bool nearer =
            best_us == run->pace_us || (direction < 0 ? one_us > best_us : one_us < best_us);
        if (one_us >= least_us && one_us <= most_us && beyond && nearer) {
            best_us = one_us;
        }
    }
    return best_us;
}

bool press_pace(const struct press *press, int64_t pace_us)
{
    const struct run *run = press->run;
    int64_t most_us = run->plan->monitoring.every_us;
    struct strbuf text = {0};
    bool good = false;
    if (!probes_ask(run)) {
        strbuf_text(&text, "no probe asks now");
    } else if (pace_us > most_us) {
        strbuf_text(&text, "the plan asks every ");
        part_pace_text(&text, most_us);
        strbuf_text(&text, ": its limits are judged by that, so not less often");
    } else if (pace_us < run_pace_least_us(run)) {
        strbuf_text(&text, "not oftener than every ");
        part_pace_text(&text, run_pace_least_us(run));
        strbuf_text(&text, ": the server has other work");
    } else {
        good = true;
        strbuf_text(&text, "the probes ask every ");
        part_pace_text(&text, pace_us);
        strbuf_text(&text, pace_us == most_us ? ", as the plan says"
                                              : "; what takes long to answer, less often");
        struct event event = {
            .kind = EVENT_PACE, .script = -1, .us = pace_us, .who = run->operator_name};
        press->events->emit(press->events->ctx, &event);
    }
    ui_say(press->ui, good ? STYLE_NORMAL : STYLE_WARN, "%s", text.ptr);
    strbuf_release(&text);
    return good;
}

void offer_paces(struct offers *offers)
{
    int64_t most_us = offers->run->plan->monitoring.every_us;
    for (size_t i = 0; i < COUNT_OF(paces_us) && paces_us[i] <= most_us; i++) {
        bool part = paces_us[i] < US_PER_SECOND;
        offer(offers, str_format(offers->arena, "%lld%s",
                                 (long long)(paces_us[i] / (part ? US_PER_MS : US_PER_SECOND)),
                                 part ? "ms" : "s"));
    }
    offer(offers, STR("plan"));
}
