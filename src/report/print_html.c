/* SPDX-License-Identifier: PostgreSQL */
/*
 * The document as one HTML file: no script, nothing fetched, light and dark by the
 * reader's own setting, readable on paper. Signs stand beside colours. The content
 * policy in the head forbids what an escape that failed could do.
 */
#include "document.h"

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
    "'unsafe-inline'\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n";

static const char style[] =
    "<style>\n"
    ":root{--ink:#1b1f24;--paper:#fff;--line:#d0d7de;--soft:#f4f6f8;--good:#146c2e;"
    "--warn:#7a4d00;--bad:#b3131f;--unknown:#6b21a8;--curve:#0b62c4;--plan:#8c959f}\n"
    "@media (prefers-color-scheme:dark){:root{--ink:#e6e9ed;--paper:#14171b;--line:#3a414a;"
    "--soft:#1d2227;--good:#6fd08c;--warn:#f0b849;--bad:#ff8a8a;--unknown:#d3a6ff;"
    "--curve:#6cb0ff;--plan:#7d8590}}\n"
    "body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);"
    "max-width:76rem;margin:2rem auto;padding:0 1rem}\n"
    "h1{font-size:1.7rem}h2{margin-top:2.4rem;border-bottom:2px solid var(--line)}\n"
    "table{border-collapse:collapse;width:100%;margin:.6rem 0 1.2rem}\n"
    "th,td{border-bottom:1px solid var(--line);padding:.25rem .6rem;text-align:left;"
    "vertical-align:top;overflow-wrap:anywhere}\n"
    "th{background:var(--soft);font-size:.85rem}td.n,th.n{text-align:right;"
    "font-variant-numeric:tabular-nums}\n"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem}"
    "dt{font-weight:600}dd{margin:0;overflow-wrap:anywhere}\n"
    ".callout{font-size:1.2rem;font-weight:700;border:2px solid;border-left-width:.6rem;"
    "padding:.6rem 1rem;margin:1rem 0}\n"
    ".good{color:var(--good)}.warn{color:var(--warn)}.bad{color:var(--bad)}"
    ".unknown{color:var(--unknown)}\n"
    "svg{vertical-align:middle}.curve{fill:none;stroke:var(--curve);stroke-width:1.5}"
    ".dot{fill:var(--curve)}.gap{fill:var(--unknown);opacity:.35}"
    ".limit{stroke:var(--bad);stroke-dasharray:3 2}.planned{fill:var(--plan);opacity:.45}"
    ".now{fill:var(--curve)}.before{fill:var(--plan)}.expected{stroke:var(--ink);"
    "stroke-width:2}\n"
    "@media (max-width:40rem){table{display:block;overflow-x:auto}dl{display:block}}\n"
    "@media print{:root{--ink:#000;--paper:#fff;--line:#999;--soft:#eee}body{margin:0;"
    "max-width:none;font-size:10pt}h2,h3{break-after:avoid}tr{break-inside:avoid}}\n"
    "</style>\n";

static const struct {
    const char *name; /* of the class */
    const char *sign;
} tones[TONE__COUNT] = {
    [TONE_PLAIN] = {"", ""},
    [TONE_GOOD] = {"good", "✓ "},
    [TONE_WARN] = {"warn", "▲ "},
    [TONE_BAD] = {"bad", "✗ "},
    [TONE_UNKNOWN] = {"unknown", "? "},
};

static void put_toned(struct strbuf *out, enum tone tone, struct str text)
{
    if (tone == TONE_PLAIN) {
        strbuf_markup(out, text);
        return;
    }
    strbuf_format(out, "<span class=\"%s\">%s", tones[tone].name, tones[tone].sign);
    strbuf_markup(out, text);
    strbuf_text(out, "</span>");
}

static void put_cell(struct strbuf *out, const struct table_cell *cell)
{
    if (cell->figure) {
        html_figure(out, cell->figure);
        if (cell->figure->kind != FIGURE_SPARK) {
            strbuf_byte(out, ' ');
            strbuf_markup(out, cell->text);
        }
        return;
    }
    put_toned(out, cell->tone, cell->text.len > 0 ? cell->text : STR("-"));
}

static void put_table(struct strbuf *out, const struct block *block)
{
    if (block->row_count == 0) {
        strbuf_text(out, "<p>None.</p>\n");
        return;
    }
    strbuf_text(out, "<table>\n<thead><tr>");
    for (size_t i = 0; i < block->column_count; i++) {
        bool right = block->columns[i][0] == '>';
        strbuf_format(out, "<th scope=\"col\"%s>", right ? " class=\"n\"" : "");
        strbuf_markup(out, str_from(block->columns[i] + (right ? 1 : 0)));
        strbuf_text(out, "</th>");
    }
    strbuf_text(out, "</tr></thead>\n<tbody>\n");
    for (size_t row = 0; row < block->row_count; row++) {
        strbuf_text(out, "<tr>");
        for (size_t i = 0; i < block->column_count; i++) {
            strbuf_text(out, block->columns[i][0] == '>' ? "<td class=\"n\">" : "<td>");
            put_cell(out, &block->cells[row * block->column_count + i]);
            strbuf_text(out, "</td>");
        }
        strbuf_text(out, "</tr>\n");
    }
    strbuf_text(out, "</tbody>\n</table>\n");
}

static void put_list(struct strbuf *out, const struct block *block)
{
    bool facts = block->kind == BLOCK_FACTS;
    strbuf_text(out, facts ? "<dl>\n" : "<ul>\n");
    for (size_t i = 0; i < block->row_count; i++) {
        const struct table_cell *cells = &block->cells[i * block->column_count];
        if (facts) {
            strbuf_text(out, "<dt>");
            strbuf_markup(out, cells[0].text);
            strbuf_text(out, "</dt>");
        }
        strbuf_text(out, facts ? "<dd>" : "<li>");
        put_cell(out, &cells[block->column_count - 1]);
        strbuf_text(out, facts ? "</dd>\n" : "</li>\n");
    }
    strbuf_text(out, facts ? "</dl>\n" : "</ul>\n");
}

static void put_block(struct strbuf *out, const struct block *block)
{
    switch (block->kind) {
    case BLOCK_HEADING:
        strbuf_format(out, "<h%d>", block->level);
        strbuf_markup(out, block->text);
        strbuf_format(out, "</h%d>\n", block->level);
        return;
    case BLOCK_PARAGRAPH:
        strbuf_text(out, "<p>");
        put_toned(out, block->tone, block->text);
        strbuf_text(out, "</p>\n");
        return;
    case BLOCK_CALLOUT:
        strbuf_format(out, "<p class=\"callout %s\">%s", tones[block->tone].name,
                      tones[block->tone].sign);
        strbuf_markup(out, block->text);
        strbuf_text(out, "</p>\n");
        return;
    case BLOCK_LIST:
    case BLOCK_FACTS:
        put_list(out, block);
        return;
    case BLOCK_TABLE:
        put_table(out, block);
        return;
    }
}

void print_html(const struct report *report, struct strbuf *out)
{
    struct str name = sanitise_line(report->arena, report->run->plan->name);
    strbuf_text(out, head);
    strbuf_text(out, "<title>");
    strbuf_markup(out, name);
    strbuf_text(out, ": ");
    strbuf_markup(out, report_outcome(report->run, report->arena));
    strbuf_text(out, "</title>\n");
    strbuf_text(out, style);
    strbuf_text(out, "</head>\n<body>\n<main>\n<h1>");
    strbuf_markup(out, name);
    strbuf_text(out, "</h1>\n");
    for (size_t i = 0; i < report->count; i++) {
        put_block(out, &report->blocks[i]);
    }
    strbuf_text(out, "</main>\n</body>\n</html>\n");
}
