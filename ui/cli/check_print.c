/* SPDX-License-Identifier: PostgreSQL */
/*
 * What check found, printed: for people, as one JSON document, as annotations of a GitHub
 * step, and as a Markdown table for the step's page.
 */
#include "cli_private.h"

/* ---------------------------------------------------------------- text and JSON */

static struct json *diagnostic_json(const struct plan_diagnostic *diagnostic)
{
    static const char *const severities[] = {
        [PLAN_ERROR] = "error", [PLAN_WARNING] = "warning", [PLAN_NOTE] = "note"};
    struct json *one = json_make_object();
    json_put_i64(one, "line", diagnostic->line);
    json_put_i64(one, "column", diagnostic->column);
    json_put_text(one, "severity", str_from(severities[diagnostic->severity]));
    json_put_text(one, "code", str_from(diagnostic->code));
    json_put_text(one, "path", diagnostic->path);
    json_put_text(one, "message", diagnostic->message);
    return one;
}

static struct json *findings_json(const struct lint_result *result)
{
    struct json *list = json_make_array();
    for (size_t i = 0; result && i < result->finding_count; i++) {
        struct json *one = cli_finding_json(&result->findings[i]);
        json_put_text(one, "file", result->files[result->findings[i].at.file].name);
        json_push_take(list, one);
    }
    return list;
}

/* Each line of the preflight begins with its verdict. */
static const struct {
    const char *start;
    const char *word;
} preflight_words[] = {{"ok      ", "ok"}, {"NOT OK  ", "not ok"}, {"note    ", "note"}};

struct str cli_cut_verdict(struct str line, const char **word)
{
    *word = "note";
    for (size_t i = 0; i < COUNT_OF(preflight_words); i++) {
        if (str_starts(line, preflight_words[i].start)) {
            *word = preflight_words[i].word;
            return str_slice(line, strlen(preflight_words[i].start), line.len);
        }
    }
    return line;
}

static struct json *preflight_json(const struct check_preflight *preflight)
{
    struct json *root = json_make_object();
    struct json *lines = json_make_array();
    struct str rest = strbuf_str(&preflight->lines);
    struct str line;
    while (str_cut(&rest, '\n', &line)) {
        const char *word;
        struct json *one = json_make_object();
        json_put_text(one, "text", cli_cut_verdict(line, &word));
        json_put_text(one, "verdict", str_from(word));
        json_push_take(lines, one);
    }
    json_put_i64(root, "exit", preflight->exit);
    json_put_take(root, "lines", lines);
    return root;
}

static void check_json(struct strbuf *out, const struct app_plan *plan,
                       const struct check_preflight *preflight)
{
    struct json *root = json_make_object();
    struct json *list = json_make_array();
    struct json *targets = json_make_array();
    for (size_t i = 0; i < plan->diagnostics.count; i++) {
        json_push_take(list, diagnostic_json(&plan->diagnostics.items[i]));
    }
    json_put_i64(root, "v", 1);
    json_put_text(root, "plan", str_from(plan->path));
    json_put_bool(root, "good", plan->good);
    json_put_i64(root, "errors", (int64_t)plan->diagnostics.errors);
    json_put_i64(root, "warnings", (int64_t)plan->diagnostics.warnings);
    json_put_take(root, "diagnostics", list);
    json_put_take(root, "findings", findings_json(plan->lint));
    for (size_t i = 0; plan->good && i < plan->plan->targets.count; i++) {
        const struct plan_target *target = &plan->plan->targets.items[i];
        struct sha256_hex approval = app_plan_approval(plan, target);
        struct json *one = json_make_object();
        json_put_text(one, "id", target->id);
        json_put_bool(one, "guarded", target->guarded);
        json_put_text(one, "approval", sha256_str(&approval));
        json_push_take(targets, one);
    }
    if (plan->good) {
        json_put_text(root, "name", plan->plan->name);
        json_put_text(root, "digest", sha256_str(&plan->digest));
    }
    json_put_take(root, "targets", targets);
    if (preflight->asked) {
        json_put_take(root, "preflight", preflight_json(preflight));
    }
    json_write(out, root, JSON_PRETTY);
    json_free(root);
}

/* How many findings of each kind, and the whole plan's risk. */
static void put_findings_total(struct strbuf *out, const struct lint_result *result)
{
    if (!result || result->finding_count == 0) {
        return;
    }
    const size_t *found = result->by_severity;
    strbuf_format(out, "findings %zu block, %zu high, %zu medium, %zu low\n", found[LINT_BLOCK],
                  found[LINT_HIGH], found[LINT_MEDIUM], found[LINT_LOW]);
    strbuf_format(out, "risk %s: ", lint_severity_name(result->overall.severity));
    sanitise(out, result->overall.why, SANITISE_LINE);
    strbuf_byte(out, '\n');
}

static void check_text(struct strbuf *out, const struct app_plan *plan,
                       const struct check_preflight *preflight)
{
    const char *path = plan->path;
    for (size_t i = 0; i < plan->diagnostics.count; i++) {
        plan_diagnostic_text(out, &plan->diagnostics, &plan->diagnostics.items[i]);
    }
    if (!plan->good) {
        sanitise(out, str_from(path), SANITISE_LINE);
        strbuf_format(out, ": %zu error%s, %zu warning%s\n", plan->diagnostics.errors,
                      plural(plan->diagnostics.errors), plan->diagnostics.warnings,
                      plural(plan->diagnostics.warnings));
        return;
    }
    for (size_t i = 0; plan->lint && i < plan->lint->finding_count; i++) {
        cli_finding_line(out, plan->lint, &plan->lint->findings[i]);
    }
    size_t statements = 0;
    for (size_t i = 0; i < plan->plan->steps.count; i++) {
        statements += plan->step_scripts[i] ? plan->step_scripts[i]->count : 0;
    }
    strbuf_format(out, "%s: good, %zu step%s, %zu statement%s, %zu warning%s\ndigest %s\n",
                  path, plan->plan->steps.count, plural(plan->plan->steps.count), statements,
                  plural(statements), plan->diagnostics.warnings,
                  plural(plan->diagnostics.warnings), plan->digest.text);
    put_findings_total(out, plan->lint);
    strbuf_add(out, strbuf_str(&preflight->lines));
}

/* --------------------------------------------------------------------- GitHub */

/* Workflow commands: %, CR and LF are escaped in the message, colon and comma in values. */
static void add_escaped(struct strbuf *out, struct str text, bool value)
{
    struct strbuf clean = {0};
    sanitise(&clean, text, SANITISE_LINE);
    for (size_t i = 0; i < clean.len; i++) {
        char byte = clean.ptr[i];
        if (byte == '%' || (value && (byte == ':' || byte == ','))) {
            strbuf_format(out, "%%%02X", (unsigned)byte);
        } else {
            strbuf_byte(out, byte);
        }
    }
    strbuf_release(&clean);
}

static void add_annotation(struct strbuf *out, const char *kind, const struct app_plan *plan,
                           const struct plan_diagnostic *diagnostic)
{
    strbuf_format(out, "::%s file=", kind);
    add_escaped(out, str_from(plan->path), true);
    strbuf_format(out, ",line=%d,col=%d,title=%s::", diagnostic->line, diagnostic->column,
                  diagnostic->code);
    if (diagnostic->path.len > 0) {
        add_escaped(out, diagnostic->path, false);
        strbuf_text(out, ": ");
    }
    add_escaped(out, diagnostic->message, false);
    strbuf_byte(out, '\n');
}

static const struct {
    enum plan_severity severity;
    const char *kind; /* as GitHub calls it */
    const char *word; /* as we call it */
} severities[] = {{PLAN_ERROR, "error", "error"},
                  {PLAN_WARNING, "warning", "warning"},
                  {PLAN_NOTE, "notice", "note"}};

static void annotate_finding(struct strbuf *out, const struct app_plan *plan,
                             const struct lint_finding *finding)
{
    struct strbuf path = {0};
    struct cli_end end = {0};
    cli_file_path(&path, plan, plan->lint->files[finding->at.file].name);
    strbuf_format(out, "::%s file=", finding->severity == LINT_BLOCK ? "error" : "warning");
    add_escaped(out, strbuf_str(&path), true);
    if (finding->at.place.line > 0) {
        strbuf_format(out, ",line=%d,col=%d", finding->at.place.line, finding->at.place.column);
    }
    if (cli_finding_end(plan, finding, &end)) {
        strbuf_format(out, ",endLine=%d", end.place.line);
    }
    strbuf_format(out, ",title=%s::", finding->rule->id);
    add_escaped(out, finding->message, false);
    strbuf_byte(out, '\n');
    strbuf_release(&path);
}

/* HIGH and BLOCK, at their places in the SQL files; GitHub shows ten of a kind. */
static void annotate_findings(struct strbuf *out, const struct app_plan *plan)
{
    enum {
        SHOWN_MAX = 10
    };
    const struct lint_result *lint = plan->good ? plan->lint : NULL;
    for (enum lint_severity severity = LINT_BLOCK; lint && severity >= LINT_HIGH; severity--) {
        size_t all = 0;
        for (size_t i = 0; i < lint->finding_count; i++) {
            const struct lint_finding *finding = &lint->findings[i];
            if (cli_finding_is_serious(finding) && finding->severity == severity &&
                all++ < SHOWN_MAX - 1) {
                annotate_finding(out, plan, finding);
            }
        }
        if (all >= SHOWN_MAX) {
            strbuf_format(out, "::%s::%zu more of the rules; `gonogo check` lists them all\n",
                          severity == LINT_BLOCK ? "error" : "warning", all - SHOWN_MAX + 1);
        }
    }
}

static void check_github(struct strbuf *out, const struct app_plan *plan,
                         const struct check_preflight *preflight)
{
    enum {
        SHOWN_MAX = 10 /* of a kind in one step; GitHub drops the rest silently */
    };
    const struct plan_diagnostics *diagnostics = &plan->diagnostics;
    for (size_t k = 0; k < COUNT_OF(severities); k++) {
        size_t total = 0;
        size_t shown = 0;
        for (size_t i = 0; i < diagnostics->count; i++) {
            total += diagnostics->items[i].severity == severities[k].severity ? 1 : 0;
        }
        size_t most = total > SHOWN_MAX ? SHOWN_MAX - 1 : SHOWN_MAX;
        for (size_t i = 0; i < diagnostics->count && shown < most; i++) {
            if (diagnostics->items[i].severity == severities[k].severity) {
                add_annotation(out, severities[k].kind, plan, &diagnostics->items[i]);
                shown++;
            }
        }
        if (shown < total) {
            strbuf_format(out, "::%s::%zu more; `gonogo check` lists them all\n",
                          severities[k].kind, total - shown);
        }
    }
    annotate_findings(out, plan);
    struct str rest = strbuf_str(&preflight->lines);
    struct str line;
    while (str_cut(&rest, '\n', &line)) {
        const char *word;
        struct str text = cli_cut_verdict(line, &word);
        strbuf_text(out, strcmp(word, "not ok") == 0 ? "::warning title=check --db::" : "");
        if (strcmp(word, "not ok") == 0) {
            add_escaped(out, text, false);
        } else {
            strbuf_add(out, line);
        }
        strbuf_byte(out, '\n');
    }
}

void cli_write_check(struct strbuf *out, enum check_format format, const struct app_plan *plan,
                     const struct check_preflight *preflight, int code)
{
    if (format == CHECK_SARIF) {
        cli_write_sarif(out, plan, preflight, code);
        return;
    }
    static void (*const printers[])(struct strbuf *, const struct app_plan *,
                                    const struct check_preflight *) = {
        [CHECK_TEXT] = check_text, [CHECK_JSON] = check_json, [CHECK_GITHUB] = check_github};
    printers[format](out, plan, preflight);
}

/* -------------------------------------------------------------------- summary */

static void add_cell(struct strbuf *out, struct str text)
{
    struct strbuf clean = {0};
    sanitise(&clean, text, SANITISE_LINE);
    for (size_t i = 0; i < clean.len; i++) {
        strbuf_text(out, clean.ptr[i] == '|' || clean.ptr[i] == '<' ? "\\" : "");
        strbuf_byte(out, clean.ptr[i]);
    }
    strbuf_release(&clean);
}

/* The worst first, so that what is cut off is what matters least. */
static void summarise_findings(struct strbuf *out, const struct app_plan *plan,
                               enum lint_severity severity)
{
    for (size_t i = 0; plan->lint && i < plan->lint->finding_count; i++) {
        const struct lint_finding *finding = &plan->lint->findings[i];
        if (finding->severity != severity) {
            continue;
        }
        struct strbuf path = {0};
        cli_file_path(&path, plan, plan->lint->files[finding->at.file].name);
        strbuf_format(out, "| %s | ",
                      finding->waived ? "waived" : lint_severity_name(severity));
        add_cell(out, strbuf_str(&path));
        if (finding->at.place.line > 0) {
            strbuf_format(out, ":%d:%d", finding->at.place.line, finding->at.place.column);
        }
        strbuf_format(out, " | %s | ", finding->rule->id);
        add_cell(out, finding->message);
        if (finding->waived) {
            struct strbuf waiver = {0};
            strbuf_text(out, "; waived: ");
            cli_waiver_text(&waiver, finding);
            add_cell(out, strbuf_str(&waiver));
            strbuf_release(&waiver);
        }
        strbuf_text(out, " |\n");
        strbuf_release(&path);
    }
}

void cli_write_check_summary(struct strbuf *out, const struct app_plan *plan,
                             const struct check_preflight *preflight)
{
    strbuf_text(out, "| severity | place | code | what |\n|---|---|---|---|\n");
    for (size_t k = 0; k < COUNT_OF(severities); k++) {
        for (size_t i = 0; i < plan->diagnostics.count; i++) {
            const struct plan_diagnostic *one = &plan->diagnostics.items[i];
            if (one->severity == severities[k].severity) {
                strbuf_format(out, "| %s | ", severities[k].word);
                add_cell(out, str_from(plan->path));
                strbuf_format(out, ":%d:%d | %s | ", one->line, one->column, one->code);
                add_cell(out, one->path);
                strbuf_text(out, one->path.len > 0 ? ": " : "");
                add_cell(out, one->message);
                strbuf_text(out, " |\n");
            }
        }
    }
    for (enum lint_severity severity = LINT_BLOCK; plan->good && severity > LINT_NOTE;
         severity--) {
        summarise_findings(out, plan, severity);
    }
    if (preflight->lines.len > 0) {
        strbuf_text(out, "\n```text\n");
        strbuf_add(out, strbuf_str(&preflight->lines));
        strbuf_text(out, "```\n");
    }
    strbuf_byte(out, '\n');
}
