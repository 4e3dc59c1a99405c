/* SPDX-License-Identifier: PostgreSQL */
/*
 * Bytes -> tree. libyaml's flow nesting is quadratic (200,000 brackets take more
 * than a minute), it accepts a second document and replays aliases (435 bytes can
 * become 2 GB): so size, nesting, aliases and documents are judged here, event by
 * event, before anything walks the tree. What is refused as a whole: too large,
 * NUL bytes, bytes that are no UTF-8, no document, a second one, nesting beyond
 * PLAN_DEPTH_MAX, and whatever libyaml cannot read. Aliases, tags and keys that
 * are no text are told and the rest is still judged.
 *
 * All nodes live in the arena of the diagnostics.
 */
#include "plan_tree.h"

#include <yaml.h>

/* The caller's place in the event stream. */
struct builder {
    struct plan_diagnostics *diagnostics;
    struct plan_node *root;
    struct plan_node *open;    /* list or mapping that is being filled */
    struct plan_node *pending; /* a key that waits for its value, as a node */
    int depth;
    int documents;
    bool broken;
};

struct plan_mark plan_tree_mark(const struct plan_node *node)
{
    return (struct plan_mark){.line = node->line, .column = node->column, .node = node};
}

struct plan_mark plan_tree_name_mark(const struct plan_node *node)
{
    if (node->name_line == 0) {
        return plan_tree_mark(node);
    }
    return (struct plan_mark){
        .line = node->name_line, .column = node->name_column, .node = node};
}

const struct plan_node *plan_tree_find(const struct plan_node *map, const char *key)
{
    if (map == NULL || map->kind != NODE_MAP) {
        return NULL;
    }
    for (const struct plan_node *node = map->first; node != NULL; node = node->next) {
        if (node->name.len > 0 && node->name.ptr[0] == key[0] && str_eq(node->name, key)) {
            return node;
        }
    }
    return NULL;
}

struct plan_mark plan_mark_of(struct plan_mark mapping, const char *key)
{
    const struct plan_node *node = plan_tree_find(mapping.node, key);
    return node == NULL ? mapping : plan_tree_mark(node);
}

static void path_of(struct strbuf *out, const struct plan_node *node)
{
    if (node->parent == NULL) {
        return;
    }
    path_of(out, node->parent);
    if (node->parent->kind == NODE_LIST) {
        strbuf_format(out, "[%zu]", node->index);
        return;
    }
    if (out->len > 0) {
        strbuf_byte(out, '.');
    }
    strbuf_add(out, node->name);
}

void plan_path(struct strbuf *out, struct plan_mark mark)
{
    if (mark.node != NULL) {
        struct strbuf path = {0};
        path_of(&path, mark.node);
        strbuf_add(out, strbuf_str(&path));
        strbuf_release(&path);
    }
}

/* Line and column, from 1 and in characters, of a byte offset. */
static struct plan_mark mark_at(struct str bytes, size_t offset)
{
    struct plan_mark mark = {.line = 1, .column = 1, .node = NULL};
    for (size_t i = 0; i < offset && i < bytes.len; i++) {
        unsigned char byte = (unsigned char)bytes.ptr[i];
        if (byte == '\n') {
            mark.line++;
            mark.column = 1;
        } else if ((byte & 0xC0) != 0x80) {
            mark.column++;
        }
    }
    return mark;
}

static struct plan_mark mark_from(yaml_mark_t at)
{
    return (struct plan_mark){
        .line = (int)at.line + 1, .column = (int)at.column + 1, .node = NULL};
}

/* Problems of the bytes themselves. */
static bool bytes_are_fine(struct str bytes, struct plan_diagnostics *diagnostics)
{
    struct plan_mark start = {.line = 1, .column = 1, .node = NULL};
    if (bytes.len > PLAN_SIZE_MAX) {
        plan_diagnose(diagnostics, start, PLAN_ERROR, "Y002",
                      "the file has %zu bytes, more than the %d that are read; move SQL into "
                      "files of its own",
                      bytes.len, PLAN_SIZE_MAX);
        return false;
    }
    size_t nul = str_find_byte(bytes, '\0', 0);
    if (nul < bytes.len) {
        plan_diagnose(diagnostics, mark_at(bytes, nul), PLAN_ERROR, "Y020",
                      "a NUL byte; save the file as UTF-8 text");
        return false;
    }
    size_t bad = utf8_invalid_at(bytes);
    if (bad < bytes.len) {
        plan_diagnose(diagnostics, mark_at(bytes, bad), PLAN_ERROR, "Y020",
                      "byte 0x%02x is not UTF-8; save the file as UTF-8",
                      (unsigned)(unsigned char)bytes.ptr[bad]);
        return false;
    }
    return true;
}

static struct plan_node *add_node(struct builder *builder, enum node_kind kind,
                                  const yaml_event_t *event)
{
    struct plan_node *node = arena_alloc(builder->diagnostics->arena, sizeof(*node));
    node->kind = kind;
    node->line = (int)event->start_mark.line + 1;
    node->column = (int)event->start_mark.column + 1;
    struct plan_node *open = builder->open;
    node->parent = open;
    if (open == NULL) {
        builder->root = node;
        return node;
    }
    if (open->kind == NODE_MAP && builder->pending == NULL) {
        builder->pending = node; /* this one is a key */
        return node;
    }
    if (open->kind == NODE_MAP) {
        node->name = builder->pending->text;
        node->name_line = builder->pending->line;
        node->name_column = builder->pending->column;
        builder->pending = NULL;
    }
    node->index = open->count++;
    if (open->last == NULL) {
        open->first = node;
    } else {
        open->last->next = node;
    }
    open->last = node;
    return node;
}

static void refuse_tag(struct builder *builder, const yaml_event_t *event, const void *tag)
{
    if (tag != NULL) {
        plan_diagnose(builder->diagnostics, mark_from(event->start_mark), PLAN_ERROR, "Y007",
                      "a YAML tag (\"%s\") is not read; remove it", (const char *)tag);
    }
}

static void on_scalar(struct builder *builder, const yaml_event_t *event)
{
    struct plan_node *node = add_node(builder, NODE_SCALAR, event);
    node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    node->text = str_dup(
        builder->diagnostics->arena,
        (struct str){(const char *)event->data.scalar.value, event->data.scalar.length});
    refuse_tag(builder, event, event->data.scalar.tag);
}

static void on_alias(struct builder *builder, const yaml_event_t *event)
{
    bool is_key =
        builder->open != NULL && builder->open->kind == NODE_MAP && builder->pending == NULL;
    struct plan_node *node = add_node(builder, NODE_REFUSED, event);
    plan_diagnose(builder->diagnostics,
                  is_key ? mark_from(event->start_mark) : plan_tree_mark(node), PLAN_ERROR,
                  "Y007", "an alias (\"*%s\") is not read; write the value itself",
                  (const char *)event->data.alias.anchor);
}

static void on_open(struct builder *builder, const yaml_event_t *event, enum node_kind kind)
{
    if (builder->open != NULL && builder->open->kind == NODE_MAP && builder->pending == NULL) {
        plan_diagnose(builder->diagnostics, mark_from(event->start_mark), PLAN_ERROR, "Y001",
                      "a key must be a word, not a list or a mapping; quote text that begins "
                      "with [ or {");
        builder->broken = true;
        return;
    }
    if (++builder->depth > PLAN_DEPTH_MAX) {
        plan_diagnose(builder->diagnostics, mark_from(event->start_mark), PLAN_ERROR, "Y021",
                      "nested deeper than %d levels; no plan needs that", PLAN_DEPTH_MAX);
        builder->broken = true;
        return;
    }
    builder->open = add_node(builder, kind, event);
}

static void on_close(struct builder *builder)
{
    builder->depth--;
    builder->open = builder->open->parent;
}

static void on_document(struct builder *builder, const yaml_event_t *event)
{
    if (++builder->documents > 1) {
        plan_diagnose(builder->diagnostics, mark_from(event->start_mark), PLAN_ERROR, "Y008",
                      "a second document begins; a file holds one, remove the line \"---\" or "
                      "split the file");
        builder->broken = true;
    }
}

/* True while there is more to read. */
static bool take_event(struct builder *builder, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        on_document(builder, event);
        break;
    case YAML_ALIAS_EVENT:
        on_alias(builder, event);
        break;
    case YAML_SCALAR_EVENT:
        on_scalar(builder, event);
        break;
    case YAML_SEQUENCE_START_EVENT:
        refuse_tag(builder, event, event->data.sequence_start.tag);
        on_open(builder, event, NODE_LIST);
        break;
    case YAML_MAPPING_START_EVENT:
        refuse_tag(builder, event, event->data.mapping_start.tag);
        on_open(builder, event, NODE_MAP);
        break;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        on_close(builder);
        break;
    case YAML_STREAM_END_EVENT:
        return false;
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        break;
    }
    return !builder->broken;
}

/* What to do about a problem that libyaml tells in its own words. */
static const char *advice_for(const char *problem)
{
    /* words: part of the problem; advice: what is said behind it */
    static const struct {
        const char *words;
        const char *advice;
    } rows[] = {
        {"tab character", "; indent with spaces"},
        {"cannot start any token", "; quote text that begins with %, @, ` or a tab"},
        {"mapping values are not allowed", "; quote text that holds a colon and a space"},
        {"control characters", "; remove them"},
        {"end of stream", "; a quote or bracket is not closed"},
        {"did not find expected",
         "; look at the indentation, and quote text that holds : # [ ] "
         "{ } , & * ! | > % or @"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (strstr(problem, rows[i].words) != NULL) {
            return rows[i].advice;
        }
    }
    return "";
}

static void syntax_error(struct builder *builder, const yaml_parser_t *parser, struct str bytes)
{
    const char *problem = parser->problem != NULL ? parser->problem : "this is not YAML";
    const char *advice = advice_for(problem);
    struct plan_mark mark = parser->error == YAML_READER_ERROR
                                ? mark_at(bytes, parser->problem_offset)
                                : mark_from(parser->problem_mark);
    if (parser->context != NULL) {
        plan_diagnose(builder->diagnostics, mark, PLAN_ERROR, "Y001",
                      "%s %s that began in line %zu%s", problem, parser->context,
                      parser->context_mark.line + 1, advice);
    } else {
        plan_diagnose(builder->diagnostics, mark, PLAN_ERROR, "Y001", "%s%s", problem, advice);
    }
    builder->broken = true;
}

struct plan_node *plan_tree_read(struct str bytes, struct plan_diagnostics *diagnostics)
{
    if (!bytes_are_fine(bytes, diagnostics)) {
        return NULL;
    }
    if (str_starts(bytes, "\xEF\xBB\xBF")) {
        bytes = str_slice(bytes, 3, bytes.len); /* a byte order mark is no text */
    }
    struct builder builder = {.diagnostics = diagnostics};
    yaml_parser_t parser;
    if (yaml_parser_initialize(&parser) == 0) {
        die_no_memory();
    }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    const char *input = bytes.ptr != NULL ? bytes.ptr : "";
    yaml_parser_set_input_string(&parser, (const unsigned char *)input, bytes.len);
    bool more = true;
    while (more) {
        yaml_event_t event;
        if (yaml_parser_parse(&parser, &event) == 0) {
            syntax_error(&builder, &parser, bytes);
            break;
        }
        more = take_event(&builder, &event);
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    if (builder.broken) {
        return NULL;
    }
    if (builder.root == NULL) {
        struct plan_mark start = {.line = 1, .column = 1, .node = NULL};
        plan_diagnose(diagnostics, start, PLAN_ERROR, "Y009",
                      "the file is empty; a plan begins with \"version: 1\"");
    }
    return builder.root;
}
