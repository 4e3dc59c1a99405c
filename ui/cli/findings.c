/* SPDX-License-Identifier: PostgreSQL */
/*
 * Findings of the rules, for those who print them: as JSON, as a line of text, as an exit
 * code. HIGH and BLOCK make an exit code; what is below is advice.
 */
#include "cli_private.h"
#include "lint.h"

struct json *cli_finding_json(const struct lint_finding *finding)
{
    struct json *json = json_make_object();
    json_put_text(json, "rule", str_from(finding->rule->id));
    json_put_text(json, "severity", str_from(lint_severity_name(finding->severity)));
    if (finding->at.place.line > 0) {
        json_put_i64(json, "line", finding->at.place.line);
        json_put_i64(json, "column", finding->at.place.column);
    }
    json_put_text(json, "message", finding->message);
    if (finding->object.len > 0) {
        json_put_text(json, "object", finding->object);
    }
    if (finding->safer.len > 0) {
        json_put_text(json, "safer", finding->safer);
    }
    if (finding->unknown.len > 0) {
        json_put_text(json, "not_known", finding->unknown);
    }
    if (finding->waived) {
        json_put_text(json, "waived_by", finding->waived_by);
        json_put_text(json, "waived_why", finding->waived_why);
        if (finding->waived_until_us != 0) {
            struct strbuf until = {0};
            cli_add_time(&until, finding->waived_until_us);
            json_put_text(json, "waived_until", strbuf_str(&until));
            strbuf_release(&until);
        }
    }
    return json;
}

void cli_waiver_text(struct strbuf *out, const struct lint_finding *finding)
{
    strbuf_add(out, finding->waived_why);
    strbuf_format(out, " (%.*s", STR_ARG(finding->waived_by));
    if (finding->waived_until_us != 0) { /* midnight behind the last day */
        struct calendar day = calendar_from_us(finding->waived_until_us - 1);
        strbuf_format(out, ", until %04d-%02d-%02d", day.year, day.month, day.day);
    }
    strbuf_byte(out, ')');
}

const struct sql_script *cli_script_of(const struct app_plan *plan, size_t file)
{
    struct sql_script **lists[] = {plan->step_scripts, plan->undo_scripts};
    for (size_t k = 0; k < COUNT_OF(lists); k++) {
        for (size_t i = 0; i < plan->plan->steps.count; i++) {
            if (lists[k][i] && file-- == 0) {
                return lists[k][i];
            }
        }
    }
    return NULL;
}

bool cli_finding_end(const struct app_plan *plan, const struct lint_finding *finding,
                     struct cli_end *end)
{
    const struct sql_script *script = cli_script_of(plan, finding->at.file);
    if (!script || finding->at.statement >= script->count || finding->at.place.line == 0) {
        return false;
    }
    if (!end->known || end->file != finding->at.file ||
        end->statement != finding->at.statement) {
        const struct sql_statement *statement = &script->statements[finding->at.statement];
        end->known = true;
        end->file = finding->at.file;
        end->statement = finding->at.statement;
        end->place = sql_place_from(script->text, statement->head,
                                    statement->offset + statement->length);
    }
    return end->place.line > finding->at.place.line ||
           (end->place.line == finding->at.place.line &&
            end->place.column > finding->at.place.column);
}

void cli_file_path(struct strbuf *out, const struct app_plan *plan, struct str file)
{
    struct str path = str_from(plan->path);
    while (str_starts(path, "./")) {
        path = str_slice(path, 2, path.len);
    }
    size_t name = path.len;
    while (name > 0 && path.ptr[name - 1] != '/') {
        name--;
    }
    strbuf_add(out, str_slice(path, 0, file.len > 0 ? name : path.len));
    strbuf_add(out, file);
}

bool cli_finding_is_serious(const struct lint_finding *finding)
{
    return !finding->waived && finding->severity >= LINT_HIGH;
}

const struct lint_finding *cli_worst_serious(const struct lint_result *result)
{
    const struct lint_finding *worst = NULL;
    for (size_t i = 0; result && i < result->finding_count; i++) {
        const struct lint_finding *finding = &result->findings[i];
        if (cli_finding_is_serious(finding) &&
            (!worst || finding->severity > worst->severity)) {
            worst = finding;
        }
    }
    return worst;
}

void cli_finding_line(struct strbuf *out, const struct lint_result *result,
                      const struct lint_finding *finding)
{
    sanitise(out, result->files[finding->at.file].name, SANITISE_LINE);
    if (finding->at.place.line > 0) {
        strbuf_format(out, ":%d:%d", finding->at.place.line, finding->at.place.column);
    }
    strbuf_format(
        out, ": %s: %s: ", finding->waived ? "waived" : lint_severity_name(finding->severity),
        finding->rule->id);
    sanitise(out, finding->message, SANITISE_LINE);
    if (finding->unknown.len > 0) {
        strbuf_text(out, "; not known: ");
        sanitise(out, finding->unknown, SANITISE_LINE);
    }
    if (finding->waived) {
        struct strbuf waiver = {0};
        cli_waiver_text(&waiver, finding);
        strbuf_text(out, "; waived: ");
        sanitise(out, strbuf_str(&waiver), SANITISE_LINE);
        strbuf_release(&waiver);
    }
    strbuf_byte(out, '\n');
}
