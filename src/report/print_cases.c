/* SPDX-License-Identifier: PostgreSQL */
/*
 * The cases for machines: JUnit XML (cases of one suite stand together), TAP 13, and
 * the workflow commands of a CI log.
 */
#include "document.h"

static void put_seconds(struct strbuf *out, int64_t us)
{
    int64_t ms = us > 0 ? (us + US_PER_MS / 2) / US_PER_MS : 0;
    strbuf_format(out, "%lld.%03lld", (long long)(ms / 1000), (long long)(ms % 1000));
}

/* ------------------------------------------------------------------- JUnit */

struct tally {
    size_t tests, failures, errors, skipped;
    int64_t us;
};

static struct tally tally_of(const struct report_cases *cases, const struct str *suite)
{
    struct tally tally = {0};
    for (size_t i = 0; i < cases->count; i++) {
        const struct report_case *entry = &cases->items[i];
        if (suite && !str_is(entry->suite, *suite)) {
            continue;
        }
        tally.tests++;
        tally.failures += entry->state == CASE_FAILED ? 1 : 0;
        tally.errors += entry->state == CASE_ERROR ? 1 : 0;
        tally.skipped += entry->state == CASE_SKIPPED || entry->state == CASE_ACCEPTED ? 1 : 0;
        tally.us += entry->us;
    }
    return tally;
}

static void put_attributes(struct strbuf *out, struct str name, const struct tally *tally)
{
    strbuf_text(out, " name=\"");
    strbuf_markup(out, name);
    strbuf_format(out,
                  "\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"",
                  tally->tests, tally->failures, tally->errors, tally->skipped);
    put_seconds(out, tally->us);
    strbuf_text(out, "\">\n");
}

static void put_case(struct strbuf *out, const struct report_case *entry)
{
    static const char *const elements[] = {
        [CASE_PASSED] = NULL,       [CASE_FAILED] = "failure", [CASE_ACCEPTED] = "skipped",
        [CASE_SKIPPED] = "skipped", [CASE_ERROR] = "error",
    };
    strbuf_text(out, "    <testcase classname=\"");
    strbuf_markup(out, entry->suite);
    strbuf_text(out, "\" name=\"");
    strbuf_markup(out, entry->name);
    strbuf_text(out, "\" time=\"");
    put_seconds(out, entry->us);
    if (!elements[entry->state]) {
        strbuf_text(out, "\"/>\n");
        return;
    }
    strbuf_format(out, "\">\n      <%s message=\"", elements[entry->state]);
    strbuf_markup(out, entry->message);
    strbuf_text(out, "\"/>\n    </testcase>\n");
}

void print_junit(const struct report *report, struct strbuf *out)
{
    struct report_cases cases = report_cases(report);
    struct tally all = tally_of(&cases, NULL);
    strbuf_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
    put_attributes(out, sanitise_line(report->arena, report->run->plan->name), &all);
    for (size_t i = 0; i < cases.count; i++) {
        struct str suite = cases.items[i].suite;
        bool first = true;
        for (size_t k = 0; k < i; k++) {
            first = first && !str_is(cases.items[k].suite, suite);
        }
        if (!first) {
            continue;
        }
        struct tally tally = tally_of(&cases, &suite);
        strbuf_text(out, "  <testsuite");
        put_attributes(out, suite, &tally);
        for (size_t k = i; k < cases.count; k++) {
            if (str_is(cases.items[k].suite, suite)) {
                put_case(out, &cases.items[k]);
            }
        }
        strbuf_text(out, "  </testsuite>\n");
    }
    strbuf_text(out, "</testsuites>\n");
}

/* --------------------------------------------------------------------- TAP */

/* A '#' begins a directive, so it is escaped as TAP 14 has it. */
static void put_tap(struct strbuf *out, struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '#' || text.ptr[i] == '\\') {
            strbuf_byte(out, '\\');
        }
        strbuf_byte(out, text.ptr[i]);
    }
}

void print_tap(const struct report *report, struct strbuf *out)
{
    struct report_cases cases = report_cases(report);
    strbuf_format(out, "TAP version 13\n1..%zu\n", cases.count);
    for (size_t i = 0; i < cases.count; i++) {
        const struct report_case *entry = &cases.items[i];
        bool bad = entry->state == CASE_FAILED || entry->state == CASE_ERROR;
        strbuf_format(out, "%sok %zu - ", bad ? "not " : "", i + 1);
        put_tap(out, entry->suite);
        strbuf_text(out, ": ");
        put_tap(out, entry->name);
        if (entry->state == CASE_SKIPPED || entry->state == CASE_ACCEPTED) {
            strbuf_text(out, " # SKIP ");
            put_tap(out, entry->message);
        }
        strbuf_byte(out, '\n');
        if (bad) {
            strbuf_text(out, "# ");
            put_tap(out, entry->message);
            strbuf_byte(out, '\n');
        }
    }
}

/* ------------------------------------------------------- workflow commands */

/* In the message % alone is special (there is no newline in it); properties mind : and , too.
 */
static void put_command_text(struct strbuf *out, struct str text, bool property)
{
    for (size_t i = 0; i < text.len; i++) {
        char byte = text.ptr[i];
        if (byte == '%') {
            strbuf_text(out, "%25");
        } else if (property && byte == ':') {
            strbuf_text(out, "%3A");
        } else if (property && byte == ',') {
            strbuf_text(out, "%2C");
        } else {
            strbuf_byte(out, byte);
        }
    }
}

static void put_command(struct strbuf *out, const char *command, struct str title,
                        struct str message)
{
    strbuf_format(out, "::%s title=", command);
    put_command_text(out, title, true);
    strbuf_text(out, "::");
    put_command_text(out, message, false);
    strbuf_byte(out, '\n');
}

void print_github(const struct report *report, struct strbuf *out)
{
    const struct run *run = report->run;
    struct report_cases cases = report_cases(report);
    int code = engine_exit_code(run);
    put_command(out, code == 0 ? "notice" : "error",
                sanitise_line(report->arena, run->plan->name),
                str_format(report->arena, "%.*s (exit code %d)",
                           STR_ARG(report_outcome(run, report->arena)), code));
    for (size_t i = 0; i < cases.count; i++) {
        const struct report_case *entry = &cases.items[i];
        bool bad = entry->state == CASE_FAILED || entry->state == CASE_ERROR;
        if (bad || entry->state == CASE_ACCEPTED) {
            put_command(out, bad ? "error" : "warning",
                        str_format(report->arena, "%.*s: %.*s", STR_ARG(entry->suite),
                                   STR_ARG(entry->name)),
                        entry->message);
        }
    }
}
