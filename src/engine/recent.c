/* SPDX-License-Identifier: PostgreSQL */
/*
 * Who still writes to what the plan drops or empties? The server counts the rows that were
 * inserted, updated and deleted in each table, and never says when. So the counters are asked
 * every few seconds from PREP until the first file begins, and each answer is a stretch of
 * time with the rows that were written in it. The stretches of the last minutes are the number
 * that people decide by. A stretch over a reset of the statistics, a crash, or a table that
 * was made anew is not known; it is never taken for none.
 */
#include "engine_private.h"

enum {
    SOON_US = 1000000, /* the second answer: the first alone is no number */
    EVERY_US = 10000000,
    STALE_US = 60000000, /* older than that is not "now" any more */
};

/* ------------------------------------------------------------------ the tables */

bool run_empties(const struct lint_destroyed *gone)
{
    return str_eq(str_from(gone->kind), "table") || str_eq(str_from(gone->kind), "rows of");
}

size_t run_recent_tables(const struct run *run, struct str *names, size_t capacity)
{
    const struct lint_result *lint = run_lint(run);
    size_t count = 0;
    for (size_t i = 0; lint && i < lint->destroyed_count && count < capacity; i++) {
        const struct lint_destroyed *gone = &lint->destroyed[i];
        if (run_empties(gone) && !lint->files[gone->at.file].is_undo) {
            names[count++] = gone->name;
        }
    }
    return count;
}

static struct run_recent *find(const struct run *run, struct str name)
{
    for (size_t i = 0; i < run->recent_count; i++) {
        if (str_is(run->recents[i].name, name)) {
            return &run->recents[i];
        }
    }
    return NULL;
}

/* ------------------------------------------------------------------- asking */

/* Until the first file begins: then the run itself locks, drops and writes. */
static bool is_wanted(const struct run *run)
{
    struct str one;
    return run->phase <= PHASE_POLL && probes_are_on(run) && run->connected[SESSION_WATCH] &&
           !run->recent_out && run_recent_tables(run, &one, 1) > 0;
}

int64_t next_recent_us(const struct run *run)
{
    return is_wanted(run) ? run->recent_due_us : INT64_MAX;
}

void ask_recent(struct run *run, struct effects *effects)
{
    if (is_wanted(run) && run->now_us >= run->recent_due_us) {
        run->recent_out = true;
        send_query(effects, QUERY_RECENT)->session = SESSION_WATCH;
    }
}

/* ------------------------------------------------------------------ answers */

static void add_stretch(struct run_recent *recent, int64_t at_us, int64_t rows)
{
    struct run_stretch *stretch = &recent->stretches[recent->next];
    *stretch = (struct run_stretch){.from_us = recent->at_us, .at_us = at_us, .rows = rows};
    recent->next = (recent->next + 1) % RECENT_STRETCHES;
    recent->count += recent->count < RECENT_STRETCHES ? 1 : 0;
    recent->at_us = at_us;
}

/* Rows between two answers about the same counters; -1: nobody knows. */
static int64_t grown(const struct run_recent *recent, const struct event_item *item)
{
    bool same = recent->counter >= 0 && item->value >= recent->counter &&
                str_is(recent->identity, item->kind);
    return same ? item->value - recent->counter : -1;
}

static struct run_recent *add_table(struct run *run, struct str name, int64_t at_us)
{
    struct run_recent *recent =
        ARRAY_PUSH(run->recents, run->recent_count, run->recent_capacity);
    *recent = (struct run_recent){
        .name = run_keep(run, name), .counter = -1, .since_us = at_us, .at_us = at_us};
    return recent;
}

static void hear(struct run *run, struct run_recent *recent, const struct event_item *item,
                 int64_t at_us)
{
    if (at_us > recent->since_us) {
        add_stretch(recent, at_us, grown(recent, item));
    }
    recent->counter = item->value;
    if (!str_is(recent->identity, item->kind)) {
        recent->identity = run_keep(run, item->kind);
    }
}

/* Told once a table: the first rows are the news. */
static void tell(struct run *run, struct run_recent *recent)
{
    struct recent_writes writes;
    if (recent->told || !run_recent_writes(run, recent->name, &writes) || writes.rows <= 0) {
        return;
    }
    struct strbuf text = {0};
    recent->told = true;
    recent_writes_text(&text, &writes);
    strbuf_text(&text, ", and the plan drops or empties it");
    run_remark(run, "writes", STR("gonogo"), recent->name, strbuf_str(&text), false);
    strbuf_release(&text);
}

static const struct event_item *item_of(const struct event *event, struct str name)
{
    for (size_t i = 0; i < event->item_count; i++) {
        if (str_is(event->items[i].name, name)) {
            return &event->items[i];
        }
    }
    return NULL;
}

void on_recent(struct run *run, const struct event *event, struct effects *effects)
{
    (void)effects;
    run->recent_out = false;
    bool first = event->outcome == OUTCOME_OK && run->recent_answers == 0;
    run->recent_due_us = event->at_us + (first ? SOON_US : EVERY_US);
    if (event->outcome != OUTCOME_OK) {
        return; /* the next answer's stretch is longer by this one */
    }
    run->recent_answers++;
    for (size_t i = 0; i < event->item_count; i++) {
        if (!find(run, event->items[i].name)) {
            add_table(run, event->items[i].name, event->at_us);
        }
    }
    for (size_t i = 0; i < run->recent_count; i++) {
        struct run_recent *recent = &run->recents[i];
        const struct event_item *item = item_of(event, recent->name);
        struct event_item same = {.kind = recent->identity, .value = recent->counter};
        hear(run, recent, item ? item : &same, event->at_us);
        tell(run, recent);
    }
}

/* ------------------------------------------------------------------ what it is worth */

/* How long this table has been looked at, within the window. */
static int64_t span_of(const struct run_recent *recent)
{
    int64_t span_us = recent->at_us - recent->since_us;
    return span_us < RECENT_WINDOW_US ? span_us : RECENT_WINDOW_US;
}

int64_t run_recent_span_us(const struct run *run)
{
    int64_t least_us = run->recent_count > 0 ? RECENT_WINDOW_US : 0;
    for (size_t i = 0; i < run->recent_count; i++) {
        int64_t span_us = span_of(&run->recents[i]);
        least_us = span_us < least_us ? span_us : least_us;
    }
    return least_us;
}

/* Before the first file only what is new is true; what was known then stays on the record. */
static bool is_stale(const struct run *run, const struct run_recent *recent)
{
    return run->phase <= PHASE_POLL && run->now_us - recent->at_us > STALE_US;
}

/* A stretch that begins long before the window tells nothing of it, unless it was quiet. */
static void add_rows(struct recent_writes *writes, const struct run_stretch *stretch,
                     int64_t from_us)
{
    bool fits = stretch->from_us + EVERY_US >= from_us;
    if (stretch->rows > 0 && fits) {
        writes->rows += stretch->rows;
    } else if (stretch->rows != 0) {
        writes->more = true;
    }
}

bool run_recent_writes(const struct run *run, struct str name, struct recent_writes *writes)
{
    const struct run_recent *recent = find(run, name);
    *writes = (struct recent_writes){.span_us = run_recent_span_us(run)};
    if (!recent || recent->count == 0 || writes->span_us == 0 || is_stale(run, recent)) {
        return false;
    }
    int64_t from_us = recent->at_us - writes->span_us;
    for (size_t i = 0; i < recent->count; i++) {
        if (recent->stretches[i].at_us > from_us) {
            add_rows(writes, &recent->stretches[i], from_us);
        }
    }
    return writes->rows > 0 || !writes->more;
}

void recent_span_text(struct strbuf *out, int64_t span_us)
{
    int64_t seconds = (span_us + US_PER_SECOND / 2) / US_PER_SECOND;
    if (seconds < 60) {
        strbuf_format(out, "%lld s", (long long)(seconds > 0 ? seconds : 1));
    } else if (seconds >= 3600) {
        duration_to_text(out, span_us);
    } else if (seconds % 60 == 0) {
        strbuf_format(out, "%lld min", (long long)(seconds / 60));
    } else {
        strbuf_format(out, "%lldm%02llds", (long long)(seconds / 60),
                      (long long)(seconds % 60));
    }
}

void recent_writes_text(struct strbuf *out, const struct recent_writes *writes)
{
    strbuf_text(out, writes->more ? "at least " : "");
    number_to_text(out, writes->rows);
    strbuf_text(out, writes->rows == 1 ? " row in " : " rows in ");
    recent_span_text(out, writes->span_us);
}

static void add_first(struct strbuf *out, struct str name, const struct recent_writes *writes)
{
    size_t dot = str_find_byte(name, '.', 0);
    strbuf_format(out, "\"%.*s\" is still written: ",
                  STR_ARG(dot < name.len ? str_slice(name, dot + 1, name.len) : name));
    recent_writes_text(out, writes);
}

size_t still_written_text(struct strbuf *out, const struct run *run)
{
    size_t count = 0;
    for (size_t i = 0; run->phase <= PHASE_POLL && i < run->recent_count; i++) {
        struct recent_writes writes;
        struct str name = run->recents[i].name;
        if (run_recent_writes(run, name, &writes) && writes.rows > 0 && count++ == 0) {
            add_first(out, name, &writes);
        }
    }
    if (count > 1) {
        strbuf_format(out, ", and %zu other table%s", count - 1, plural(count - 1));
    }
    return count;
}
