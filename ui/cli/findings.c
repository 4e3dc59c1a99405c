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
    }
    return json;
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
    strbuf_byte(out, '\n');
}
