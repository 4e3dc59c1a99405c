/* SPDX-License-Identifier: PostgreSQL */
/*
 * All rules in their order, and how they are asked.
 */
#include "lint_private.h"

#include <ctype.h>

static const struct rule_table *const tables[] = {
    &rules_of_indexes,      &rules_of_waiting,     &rules_of_tables, &rules_of_columns,
    &rules_of_names,        &rules_of_constraints, &rules_of_types,  &rules_of_data,
    &rules_of_transactions, &rules_of_claims,      &rules_of_rls,    &rules_of_exposure,
};

typedef void visit_row(struct lint *lint, const struct step *step, const struct rule_row *row);

static void each_row(struct lint *lint, const struct step *step, visit_row *visit)
{
    for (size_t table = 0; table < COUNT_OF(tables); table++) {
        for (size_t i = 0; i < tables[table]->count; i++) {
            visit(lint, step, &tables[table]->rows[i]);
        }
    }
}

static void judge_action(struct lint *lint, const struct step *step, const struct rule_row *row)
{
    if (row->on_action && (!step->is_temporary || row->also_temporary)) {
        row->on_action(lint, step);
    }
}

static void judge_statement(struct lint *lint, const struct step *step,
                            const struct rule_row *row)
{
    if (row->on_statement) {
        row->on_statement(lint, step);
    }
}

static void judge_file(struct lint *lint, const struct step *step, const struct rule_row *row)
{
    if (row->on_file) {
        row->on_file(lint, step);
    }
}

void rules_judge_action(struct lint *lint, const struct step *step)
{
    each_row(lint, step, judge_action);
}

void rules_judge_statement(struct lint *lint, const struct step *step)
{
    each_row(lint, step, judge_statement);
}

void rules_judge_file(struct lint *lint)
{
    each_row(lint, NULL, judge_file);
}

size_t lint_rule_count(void)
{
    size_t count = 0;
    for (size_t table = 0; table < COUNT_OF(tables); table++) {
        count += tables[table]->count;
    }
    return count;
}

const struct lint_rule *lint_rule_at(size_t index)
{
    for (size_t table = 0; table < COUNT_OF(tables); table++) {
        if (index < tables[table]->count) {
            return &tables[table]->rows[index].rule;
        }
        index -= tables[table]->count;
    }
    return NULL;
}

size_t rules_index(const struct lint_rule *rule)
{
    size_t index = 0;
    while (index + 1 < lint_rule_count() && lint_rule_at(index) != rule) {
        index++;
    }
    return index;
}

bool lint_rule_is_judged(const struct lint_rule *rule)
{
    size_t index = rules_index(rule);
    for (size_t table = 0; table < COUNT_OF(tables); table++) {
        if (index < tables[table]->count) {
            const struct rule_row *row = &tables[table]->rows[index];
            return row->on_action || row->on_statement || row->on_file;
        }
        index -= tables[table]->count;
    }
    return false;
}

static bool same_id(struct str id, const char *of)
{
    if (id.len != strlen(of)) {
        return false;
    }
    for (size_t i = 0; i < id.len; i++) {
        if (toupper((unsigned char)id.ptr[i]) != of[i]) {
            return false;
        }
    }
    return true;
}

const struct lint_rule *lint_rule_find(struct str id)
{
    for (size_t i = 0; i < lint_rule_count(); i++) {
        const struct lint_rule *rule = lint_rule_at(i);
        if (same_id(id, rule->id)) {
            return rule;
        }
    }
    return NULL;
}

static void put_paragraph(struct strbuf *out, const char *title, const char *text)
{
    enum {
        WIDTH = 76
    };
    if (text[0] == '\0') {
        return;
    }
    strbuf_format(out, "\n%s\n", title);
    size_t column = 0;
    struct str rest = str_from(text);
    struct str word;
    while (str_cut(&rest, ' ', &word)) {
        if (column > 0 && column + 1 + word.len > WIDTH) {
            strbuf_byte(out, '\n');
            column = 0;
        }
        strbuf_text(out, column == 0 ? "    " : " ");
        strbuf_add(out, word);
        column += word.len + 1;
    }
    strbuf_byte(out, '\n');
}

static void put_sql(struct strbuf *out, const char *sql)
{
    struct str rest = str_from(sql);
    struct str line;
    strbuf_text(out, rest.len > 0 ? "\n" : "");
    while (str_cut(&rest, '\n', &line)) {
        strbuf_text(out, "    ");
        strbuf_add(out, line);
        strbuf_byte(out, '\n');
    }
}

void lint_rule_page(const struct lint_rule *rule, struct strbuf *out)
{
    strbuf_format(out, "%s  %s  (%s)\n", rule->id, rule->title,
                  lint_severity_name(rule->severity));
    put_paragraph(out, "What it sees", rule->what);
    put_paragraph(out, "Why", rule->why);
    put_paragraph(out, "The safe way", rule->safe);
    put_sql(out, rule->safe_sql);
    put_paragraph(out, "When it does not apply", rule->unless);
}
