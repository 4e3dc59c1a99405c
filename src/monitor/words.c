/* SPDX-License-Identifier: PostgreSQL */
/*
 * Samples and limits for people: a number with its unit, a limit as the plan writes it.
 */
#include "monitor.h"

#include <math.h>

static void add_number(struct strbuf *out, double value)
{
    bool whole = fabs(value) < 1e15 && fabs(value - (double)(int64_t)value) < 1e-9;
    strbuf_format(out, whole ? "%.0f" : "%.4g", value);
}

void monitor_number_text(struct strbuf *out, const struct plan_probe *probe, double value)
{
    const char *unit =
        probe->source == PLAN_PROBE_BUILTIN ? monitor_builtins[probe->builtin].unit : "";
    bool sane = fabs(value) < 1e12;
    if (isnan(value)) {
        strbuf_text(out, "not known");
    } else if (strcmp(unit, "s") == 0 && sane) {
        duration_to_text(out, (int64_t)(value * (double)US_PER_SECOND));
    } else if (unit[0] == 'B' && sane) {
        size_to_text(out, (int64_t)value);
        strbuf_text(out, unit + 1);
    } else {
        add_number(out, value);
        strbuf_text(out, unit);
    }
}

void monitor_value_text(struct strbuf *out, const struct plan_probe *probe, double value)
{
    strbuf_text(out, probe->source == PLAN_PROBE_HTTP && !isnan(value) ? "HTTP " : "");
    monitor_number_text(out, probe, value);
}

void monitor_limit_text(struct strbuf *out, const struct plan_probe *probe)
{
    static const char *const words[] = {
        [PLAN_COMPARE_UNSAID] = "an answer",
        [PLAN_EQUALS] = "exactly ",
        [PLAN_AT_LEAST] = "at least ",
        [PLAN_AT_MOST] = "at most ",
        [PLAN_EMPTY] = "no row",
        [PLAN_EXISTS] = "a row",
        [PLAN_MATCHES] = "a match of ",
        [PLAN_SAME_AS] = "the same as ",
    };
    strbuf_text(out, words[probe->comparator]);
    sanitise(out, probe->expected.text, SANITISE_LINE);
}
