/* SPDX-License-Identifier: PostgreSQL */
/*
 * The door of the room: the formats and their files, the order of the parts, and the
 * table of printers.
 */
#include "document.h"

const char *const report_format_words[REPORT_FORMAT__COUNT] = {
    [REPORT_MD] = "md",       [REPORT_HTML] = "html", [REPORT_JSON] = "json",
    [REPORT_JUNIT] = "junit", [REPORT_TAP] = "tap",   [REPORT_GITHUB] = "github",
};

static const struct {
    const char *file;
    void (*print)(const struct report *report, struct strbuf *out);
} printers[REPORT_FORMAT__COUNT] = {
    [REPORT_MD] = {"report.md", print_markdown},
    [REPORT_HTML] = {"report.html", print_html},
    [REPORT_JSON] = {"report.json", print_json},
    [REPORT_JUNIT] = {"junit.xml", print_junit},
    [REPORT_TAP] = {"report.tap", print_tap},
    [REPORT_GITHUB] = {"report.github", print_github},
};

const char *report_file(enum report_format format)
{
    return printers[format].file;
}

static bool is_default_name(struct str name)
{
    static const char fallback[] = "report";
    for (size_t i = 0; i < name.len; i++) {
        char byte = name.ptr[i];
        char small = byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
        if (i >= sizeof(fallback) - 1 || small != fallback[i]) {
            return false;
        }
    }
    return name.len == sizeof(fallback) - 1;
}

struct str report_named_file(const struct plan *plan, struct arena *arena)
{
    enum {
        NAME_MAX_BYTES = 200
    };
    struct str name = str_trim(plan->report.name);
    if (str_ends(name, ".md")) {
        name.len -= 3;
    }
    if (name.len == 0 || name.len > NAME_MAX_BYTES || name.ptr[0] == '.' ||
        is_default_name(name)) {
        return (struct str){0};
    }
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] == '/' || name.ptr[i] == '\\' || (unsigned char)name.ptr[i] < 0x20) {
            return (struct str){0};
        }
    }
    return str_format(arena, "%.*s.md", STR_ARG(name));
}

static bool find_format(struct str word, enum report_format *format)
{
    for (int i = 0; i < REPORT_FORMAT__COUNT; i++) {
        if (str_eq(word, report_format_words[i])) {
            *format = (enum report_format)i;
            return true;
        }
    }
    return false;
}

bool report_formats_parse(struct str list, struct report_formats *formats, struct err *err)
{
    *formats = (struct report_formats){0};
    struct str rest = str_trim(list).len > 0 ? list : STR("md,html,json,junit");
    struct str piece;
    while (str_cut(&rest, ',', &piece)) {
        enum report_format format;
        if (!find_format(str_trim(piece), &format)) {
            err_set(err, ERR_USAGE, "no report format is called \"%.*s\"",
                    STR_ARG(str_trim(piece)));
            err_hint(err, "The formats are md, html, json, junit, tap and github.");
            return false;
        }
        bool again = false;
        for (size_t i = 0; i < formats->count; i++) {
            again = again || formats->items[i] == format;
        }
        if (!again) {
            formats->items[formats->count++] = format;
        }
    }
    return true;
}

struct report *report_build(const struct run *run, const struct report_context *context,
                            struct arena *arena)
{
    struct report *report = arena_alloc(arena, sizeof(*report));
    *report = (struct report){.arena = arena, .run = run, .context = context};
    part_front(report);
    part_review(report, run->setup ? run->setup->lint : NULL);
    part_state_counts(report);
    part_schedule(report);
    if (part_is_included(run, PLAN_PART_LOG)) {
        part_execution(report);
    }
    part_members(report); /* long: behind what was done */
    part_people(report);
    part_backups(report);
    if (part_is_included(run, PLAN_PART_SIGN_OFF)) {
        part_votes(report);
    }
    if (part_is_included(run, PLAN_PART_VERIFICATION)) {
        part_verification(report);
    }
    part_criteria(report);
    part_monitoring(report);
    part_rollback(report);
    part_notices(report);
    if (part_is_included(run, PLAN_PART_LOG)) {
        part_remarks(report);
    }
    part_evidence(report);
    return report;
}

void report_write(const struct report *report, enum report_format format, struct strbuf *out)
{
    printers[format].print(report, out);
}

void report_drain(const struct report *report, struct strbuf *out)
{
    enum {
        PIECE = 1 << 16
    };
    if (report->drain && out->len >= PIECE) {
        report->drain->take(report->drain->ctx, strbuf_str(out));
        strbuf_clear(out);
    }
}

void report_write_pieces(const struct report *report, enum report_format format,
                         const struct report_drain *drain)
{
    struct report draining = *report;
    struct strbuf out = {0};
    draining.drain = drain;
    report_write(&draining, format, &out);
    drain->take(drain->ctx, strbuf_str(&out));
    strbuf_release(&out);
}
