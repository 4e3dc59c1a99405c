/* SPDX-License-Identifier: PostgreSQL */
/*
 * check as SARIF 2.1.0, the OASIS standard that code hosts and editors read. One log with one
 * run; section numbers below are those of the standard. Results leave one by one, each on a
 * line of its own, so that a plan with very many findings needs no memory for its document.
 *
 * Places: our columns count characters, which SARIF calls unicodeCodePoints. Paths are told
 * as they were given, relative to %SRCROOT%, the folder that gonogo was run in; a path that
 * climbs or begins at the root is told in full.
 *
 * Secrets: a statement goes into a fingerprint only as it is shown to people, so that no hash
 * of a password is published.
 */
#include "cli_private.h"
#include "lint.h"

#include <stdlib.h>

static const char schema_uri[] =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
    "sarif-schema-2.1.0.json";

enum {
    FLUSH_BYTES = 1 << 18,
};

/* A result before it is written: a diagnostic of the plan, or a finding of the rules. */
struct result {
    struct sha256_hex key; /* of what it is about, without its line */
    size_t order;          /* diagnostics first, then findings */
    size_t occurrence;     /* the so manieth with this key */
};

struct sarif {
    struct strbuf *out;
    const struct app_plan *plan;
    const struct lint_result *lint; /* NULL: not judged */
    struct result *results;         /* in their order */
    size_t count;
    int *rules; /* index in the log by lint_rule_at(); -1: not used */
    int *codes; /* the same by plan_codes() */
    bool absolute;
    struct cli_end end;
};

static void put(struct json *object, const char *key, struct json *value)
{
    json_put_take(object, key, value);
}

static struct json *text_object(struct str text)
{
    struct json *object = json_make_object();
    json_put_text(object, "text", text);
    return object;
}

/* 3.11.5: braces that are no placeholders are doubled. */
static struct json *message(struct str text)
{
    struct strbuf clean = {0};
    struct strbuf out = {0};
    sanitise(&clean, text, SANITISE_LINE);
    for (size_t i = 0; i < clean.len; i++) {
        if (clean.ptr[i] == '{' || clean.ptr[i] == '}') {
            strbuf_byte(&out, clean.ptr[i]);
        }
        strbuf_byte(&out, clean.ptr[i]);
    }
    struct json *object = text_object(strbuf_str(&out));
    strbuf_release(&clean);
    strbuf_release(&out);
    return object;
}

/* ------------------------------------------------------------------------ places */

/* RFC 3986: what is not unreserved is written as its bytes. */
static void add_path(struct strbuf *out, struct str path)
{
    for (size_t i = 0; i < path.len; i++) {
        unsigned char byte = (unsigned char)path.ptr[i];
        bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                     (byte >= '0' && byte <= '9') || (byte != 0 && strchr("/-._~", byte));
        if (plain) {
            strbuf_byte(out, (char)byte);
        } else {
            strbuf_format(out, "%%%02X", (unsigned)byte);
        }
    }
}

/* Would the path leave the folder that gonogo was run in? */
static bool climbs(struct str path)
{
    struct str part;
    bool up = str_starts(path, "/");
    while (str_cut(&path, '/', &part)) {
        up = up || str_eq(part, "..");
    }
    return up;
}

/* `file` beside the plan; empty: the plan itself. */
static struct json *artifact(const struct sarif *sarif, struct str file)
{
    struct json *object = json_make_object();
    struct strbuf path = {0};
    struct strbuf uri = {0};
    if (sarif->absolute) {
        const char *slash = strrchr(sarif->plan->path, '/');
        struct str name = str_from(slash ? slash + 1 : sarif->plan->path);
        strbuf_format(&path, "%s/%.*s", sarif->plan->folder,
                      STR_ARG(file.len > 0 ? file : name));
        strbuf_text(&uri, "file://");
    } else {
        cli_file_path(&path, sarif->plan, file);
        json_put_text(object, "uriBaseId", STR("%SRCROOT%"));
    }
    add_path(&uri, strbuf_str(&path));
    json_put_text(object, "uri", strbuf_str(&uri));
    strbuf_release(&path);
    strbuf_release(&uri);
    return object;
}

/* 3.28, 3.29, 3.30; `end` NULL: the end is not known. A file as a whole has no region. */
static struct json *locations(const struct sarif *sarif, struct str file, int line, int column,
                              const struct sql_place *end)
{
    struct json *place = json_make_object();
    struct json *location = json_make_object();
    struct json *list = json_make_array();
    put(place, "artifactLocation", artifact(sarif, file));
    if (line > 0) {
        struct json *region = json_make_object();
        json_put_i64(region, "startLine", line);
        if (column > 0) {
            json_put_i64(region, "startColumn", column);
        }
        if (end) {
            json_put_i64(region, "endLine", end->line);
            json_put_i64(region, "endColumn", end->column); /* behind the last character */
        }
        put(place, "region", region);
    }
    put(location, "physicalLocation", place);
    json_push_take(list, location);
    return list;
}

/* ------------------------------------------------------------------------- rules */

static const char *level_of(enum lint_severity severity)
{
    return severity == LINT_BLOCK ? "error" : severity >= LINT_MEDIUM ? "warning" : "note";
}

static const char *level_of_diagnostic(enum plan_severity severity)
{
    return severity == PLAN_ERROR ? "error" : severity == PLAN_WARNING ? "warning" : "note";
}

static struct json *configuration(const char *level)
{
    struct json *object = json_make_object();
    json_put_text(object, "level", str_from(level));
    return object;
}

static void add_part(struct strbuf *out, const char *title, const char *text)
{
    if (text[0] != '\0') {
        strbuf_format(out, "### %s\n\n%s\n\n", title, text);
    }
}

/* The rule's page, as text and as Markdown. */
static struct json *help_of(const struct lint_rule *rule)
{
    struct json *help = json_make_object();
    struct strbuf page = {0};
    lint_rule_page(rule, &page);
    json_put_text(help, "text", strbuf_str(&page));
    strbuf_clear(&page);
    add_part(&page, "What it sees", rule->what);
    add_part(&page, "Why", rule->why);
    add_part(&page, "The safe way", rule->safe);
    if (rule->safe_sql[0] != '\0') {
        strbuf_format(&page, "```sql\n%s\n```\n\n", rule->safe_sql);
    }
    add_part(&page, "When it does not apply", rule->unless);
    json_put_text(help, "markdown", str_trim(strbuf_str(&page)));
    strbuf_release(&page);
    return help;
}

static struct json *rule_object(const struct lint_rule *rule)
{
    struct json *object = json_make_object();
    struct json *properties = json_make_object();
    json_put_text(object, "id", str_from(rule->id));
    put(object, "shortDescription", text_object(str_from(rule->title)));
    put(object, "fullDescription", text_object(str_from(rule->what)));
    put(object, "help", help_of(rule));
    put(object, "defaultConfiguration", configuration(level_of(rule->severity)));
    json_put_text(properties, "severity", str_from(lint_severity_name(rule->severity)));
    put(object, "properties", properties);
    return object;
}

/* A diagnostic brings its own level: one code may be an error here and a note there. */
static struct json *code_object(const struct plan_code *code)
{
    struct json *object = json_make_object();
    json_put_text(object, "id", str_from(code->code));
    put(object, "shortDescription", text_object(str_from(code->title)));
    put(object, "fullDescription", text_object(str_from(code->text)));
    put(object, "help", text_object(str_from(code->text)));
    put(object, "defaultConfiguration", configuration("error"));
    return object;
}

static size_t rule_number(const struct lint_rule *rule)
{
    size_t number = 0;
    while (lint_rule_at(number) != rule) {
        number++;
    }
    return number;
}

static size_t code_number(const char *code)
{
    size_t count;
    const struct plan_code *codes = plan_codes(&count);
    size_t number = 0;
    while (number + 1 < count && strcmp(codes[number].code, code) != 0) {
        number++;
    }
    return number;
}

/* Those that were found, in the order of their tables. */
static struct json *rules(struct sarif *sarif)
{
    size_t code_count;
    const struct plan_code *codes = plan_codes(&code_count);
    struct json *list = json_make_array();
    int next = 0;
    sarif->rules = mem_zero(lint_rule_count(), sizeof *sarif->rules);
    sarif->codes = mem_zero(code_count, sizeof *sarif->codes);
    for (size_t i = 0; sarif->lint && i < sarif->lint->finding_count; i++) {
        sarif->rules[rule_number(sarif->lint->findings[i].rule)] = 1;
    }
    for (size_t i = 0; i < sarif->plan->diagnostics.count; i++) {
        sarif->codes[code_number(sarif->plan->diagnostics.items[i].code)] = 1;
    }
    for (size_t i = 0; i < lint_rule_count(); i++) {
        if (sarif->rules[i]) {
            json_push_take(list, rule_object(lint_rule_at(i)));
        }
        sarif->rules[i] = sarif->rules[i] ? next++ : -1;
    }
    for (size_t i = 0; i < code_count; i++) {
        if (sarif->codes[i]) {
            json_push_take(list, code_object(&codes[i]));
        }
        sarif->codes[i] = sarif->codes[i] ? next++ : -1;
    }
    return list;
}

/* ------------------------------------------------------------------ fingerprints */

static void add_key(struct sha256 *hash, struct str text)
{
    sha256_add(hash, text);
    sha256_add(hash, STR("\n"));
}

static struct sha256_hex diagnostic_key(const struct plan_diagnostic *diagnostic)
{
    struct sha256 *hash = sha256_new();
    add_key(hash, str_from(diagnostic->code));
    add_key(hash, diagnostic->path);
    add_key(hash, diagnostic->message);
    return sha256_end(hash);
}

static struct sha256_hex finding_key(const struct sarif *sarif,
                                     const struct lint_finding *finding, struct str statement)
{
    struct sha256 *hash = sha256_new();
    add_key(hash, str_from(finding->rule->id));
    add_key(hash, sarif->lint->files[finding->at.file].name);
    add_key(hash, finding->object);
    add_key(hash, statement);
    return sha256_end(hash);
}

static int by_key(const void *left, const void *right)
{
    const struct result *a = left;
    const struct result *b = right;
    int order = strcmp(a->key.text, b->key.text);
    return order != 0 ? order : a->order < b->order ? -1 : a->order > b->order;
}

static int by_order(const void *left, const void *right)
{
    const struct result *a = left;
    const struct result *b = right;
    return a->order < b->order ? -1 : a->order > b->order;
}

static void count_occurrences(struct sarif *sarif)
{
    qsort(sarif->results, sarif->count, sizeof *sarif->results, by_key);
    for (size_t i = 0; i < sarif->count; i++) {
        bool again =
            i > 0 && strcmp(sarif->results[i - 1].key.text, sarif->results[i].key.text) == 0;
        sarif->results[i].occurrence = again ? sarif->results[i - 1].occurrence + 1 : 1;
    }
    qsort(sarif->results, sarif->count, sizeof *sarif->results, by_order);
}

static void take_keys(struct sarif *sarif)
{
    const struct plan_diagnostics *diagnostics = &sarif->plan->diagnostics;
    size_t findings = sarif->lint ? sarif->lint->finding_count : 0;
    struct strbuf statement = {0};
    const struct sql_script *script = NULL;
    size_t file = SIZE_MAX;
    size_t index = SIZE_MAX;
    sarif->results = mem_zero(diagnostics->count + findings + 1, sizeof *sarif->results);
    for (size_t i = 0; i < diagnostics->count; i++) {
        sarif->results[i] =
            (struct result){.key = diagnostic_key(&diagnostics->items[i]), .order = i};
    }
    for (size_t i = 0; i < findings; i++) {
        const struct lint_finding *finding = &sarif->lint->findings[i];
        if (finding->at.file != file || finding->at.statement != index) {
            file = finding->at.file;
            index = finding->at.statement;
            script = cli_script_of(sarif->plan, file);
            strbuf_clear(&statement);
            if (script && index < script->count) {
                front_statement_text(&statement, script, index, 0);
            }
        }
        size_t order = diagnostics->count + i;
        sarif->results[order] = (struct result){
            .key = finding_key(sarif, finding, strbuf_str(&statement)), .order = order};
    }
    strbuf_release(&statement);
    sarif->count = diagnostics->count + findings;
    if (sarif->count > 0) {
        count_occurrences(sarif);
    }
}

/* ----------------------------------------------------------------------- results */

static struct json *fingerprints(const struct result *result)
{
    struct json *object = json_make_object();
    struct strbuf text = {0};
    strbuf_format(&text, "%s:%zu", result->key.text, result->occurrence);
    json_put_text(object, "gonogoFinding/v1", strbuf_str(&text));
    strbuf_release(&text);
    return object;
}

static void write_line(struct sarif *sarif, struct json *object, bool first)
{
    strbuf_text(sarif->out, first ? "\n" : ",\n");
    json_write(sarif->out, object, JSON_ONE_LINE);
    json_free(object);
    if (sarif->out->len > FLUSH_BYTES) {
        cli_out(sarif->out);
    }
}

static struct json *result_object(const char *rule, int index, const char *level)
{
    struct json *object = json_make_object();
    json_put_text(object, "ruleId", str_from(rule));
    json_put_i64(object, "ruleIndex", index);
    json_put_text(object, "level", str_from(level));
    return object;
}

static struct json *diagnostic_result(const struct sarif *sarif, const struct result *result)
{
    const struct plan_diagnostic *diagnostic = &sarif->plan->diagnostics.items[result->order];
    struct json *object =
        result_object(diagnostic->code, sarif->codes[code_number(diagnostic->code)],
                      level_of_diagnostic(diagnostic->severity));
    struct strbuf text = {0};
    strbuf_add(&text, diagnostic->path);
    strbuf_text(&text, diagnostic->path.len > 0 ? ": " : "");
    strbuf_add(&text, diagnostic->message);
    put(object, "message", message(strbuf_str(&text)));
    put(object, "locations",
        locations(sarif, STR(""), diagnostic->line, diagnostic->column, NULL));
    put(object, "partialFingerprints", fingerprints(result));
    put(object, "suppressions", json_make_array()); /* 3.27.23: on all results or on none */
    strbuf_release(&text);
    return object;
}

/* 3.35: a waiver stands in the file, or in the plan; both are accepted by whoever merged it. */
static struct json *suppressions(const struct lint_finding *finding)
{
    struct json *list = json_make_array();
    if (finding->waived) {
        struct json *one = json_make_object();
        struct strbuf why = {0};
        cli_waiver_text(&why, finding);
        json_put_text(one, "kind", finding->waived_by_plan ? STR("external") : STR("inSource"));
        json_put_text(one, "status", STR("accepted"));
        json_put_text(one, "justification", strbuf_str(&why));
        json_push_take(list, one);
        strbuf_release(&why);
    }
    return list;
}

static struct json *properties_of(const struct lint_finding *finding)
{
    struct json *object = json_make_object();
    json_put_text(object, "severity", str_from(lint_severity_name(finding->severity)));
    if (finding->object.len > 0) {
        json_put_text(object, "object", finding->object);
    }
    if (finding->safer.len > 0) {
        json_put_text(object, "safer", finding->safer);
    }
    if (finding->unknown.len > 0) {
        json_put_text(object, "not_known", finding->unknown);
    }
    return object;
}

static struct json *finding_result(struct sarif *sarif, const struct result *result)
{
    /* 3.27.25: the more urgent, the higher. */
    static const int ranks[LINT_SEVERITY__COUNT] = {0, 25, 50, 75, 100};
    const struct lint_finding *finding =
        &sarif->lint->findings[result->order - sarif->plan->diagnostics.count];
    struct json *object =
        result_object(finding->rule->id, sarif->rules[rule_number(finding->rule)],
                      level_of(finding->severity));
    struct strbuf text = {0};
    strbuf_add(&text, finding->message);
    if (finding->unknown.len > 0) {
        strbuf_text(&text, "; not known: ");
        strbuf_add(&text, finding->unknown);
    }
    put(object, "message", message(strbuf_str(&text)));
    bool ends = cli_finding_end(sarif->plan, finding, &sarif->end);
    put(object, "locations",
        locations(sarif, sarif->lint->files[finding->at.file].name, finding->at.place.line,
                  finding->at.place.column, ends ? &sarif->end.place : NULL));
    put(object, "partialFingerprints", fingerprints(result));
    put(object, "suppressions", suppressions(finding));
    json_put_i64(object, "rank", ranks[finding->severity]);
    put(object, "properties", properties_of(finding));
    strbuf_release(&text);
    return object;
}

/* --------------------------------------------------------------------------- run */

/* 3.20: how it ended; what `check --db` found has no place in a file and stands here. */
static struct json *invocations(const struct check_preflight *preflight, int code)
{
    struct json *invocation = json_make_object();
    struct json *notes = json_make_array();
    struct json *list = json_make_array();
    struct str rest = strbuf_str(&preflight->lines);
    struct str line;
    while (str_cut(&rest, '\n', &line)) {
        const char *word;
        struct json *note = json_make_object();
        struct str text = cli_cut_verdict(line, &word);
        put(note, "message", message(text));
        json_put_text(note, "level",
                      strcmp(word, "not ok") == 0 ? STR("warning")
                      : strcmp(word, "ok") == 0   ? STR("none")
                                                  : STR("note"));
        json_push_take(notes, note);
    }
    json_put_bool(invocation, "executionSuccessful",
                  code == 0 || code == CHECK_EXIT_BAD_PLAN || code == CHECK_EXIT_COUNTS ||
                      code == CHECK_EXIT_FINDINGS);
    json_put_i64(invocation, "exitCode", code);
    json_put_text(invocation, "exitCodeDescription", str_from(cli_exit_of(code)->meaning));
    put(invocation, "toolExecutionNotifications", notes);
    json_push_take(list, invocation);
    return list;
}

static struct json *tool(struct sarif *sarif)
{
    struct json *driver = json_make_object();
    struct json *object = json_make_object();
    json_put_text(driver, "name", STR("gonogo"));
    json_put_text(driver, "version", STR(GONOGO_VERSION));
    put(driver, "rules", rules(sarif));
    put(object, "driver", driver);
    return object;
}

static struct json *base_ids(void)
{
    struct json *base = json_make_object();
    struct json *object = json_make_object();
    put(base, "description", text_object(STR("the folder that gonogo was run in")));
    put(object, "%SRCROOT%", base);
    return object;
}

static void member(struct strbuf *out, const char *key, struct json *value)
{
    strbuf_format(out, "\"%s\":", key);
    json_write(out, value, JSON_ONE_LINE);
    strbuf_text(out, ",\n");
    json_free(value);
}

void cli_write_sarif(struct strbuf *out, const struct app_plan *plan,
                     const struct check_preflight *preflight, int code)
{
    struct sarif sarif = {.out = out,
                          .plan = plan,
                          .lint = plan->good ? plan->lint : NULL,
                          .absolute = climbs(str_from(plan->path))};
    strbuf_format(out, "{\"$schema\":\"%s\",\n\"version\":\"2.1.0\",\n\"runs\":[{\n",
                  schema_uri);
    member(out, "tool", tool(&sarif));
    member(out, "invocations", invocations(preflight, code));
    member(out, "originalUriBaseIds", base_ids());
    strbuf_text(out, "\"columnKind\":\"unicodeCodePoints\",\n\"results\":[");
    take_keys(&sarif);
    for (size_t i = 0; i < sarif.count; i++) {
        bool of_plan = i < plan->diagnostics.count;
        write_line(&sarif,
                   of_plan ? diagnostic_result(&sarif, &sarif.results[i])
                           : finding_result(&sarif, &sarif.results[i]),
                   i == 0);
    }
    strbuf_text(out, "\n]}]}\n");
    free(sarif.results);
    free(sarif.rules);
    free(sarif.codes);
}
