/* SPDX-License-Identifier: PostgreSQL */
/*
 * A source against its restored copy: two lists of facts, sorted and walked together.
 * Every difference is named. Only two things are not a fault: a sequence that went on
 * while the dump ran (sequences do not wait for snapshots), and a table so large that
 * the plan has it estimated, which is named and not compared.
 */
#include "pgtools.h"

static int compare_facts(const void *a, const void *b)
{
    const struct pgtools_fact *x = a;
    const struct pgtools_fact *y = b;
    int kind = str_compare(x->kind, y->kind);
    return kind != 0 ? kind : str_compare(x->name, y->name);
}

/* "212 by 1" -> 212 and 1; "-" (never used) has no position. */
static bool position_of(struct str value, bool *used, int64_t *position, int64_t *increment)
{
    struct str first = str_slice(value, 0, str_find_byte(value, ' ', 0));
    struct str rest = str_slice(value, first.len, value.len);
    *used = !str_eq(first, "-");
    *position = 0;
    return str_starts(rest, " by ") && str_to_i64(str_slice(rest, 4, rest.len), increment) &&
           (!*used || str_to_i64(first, position));
}

/* Did the sequence only go on in its own direction between the two looks? */
static bool only_moved(const struct pgtools_fact *source, const struct pgtools_fact *copy)
{
    bool used = false;
    bool copy_used = false;
    int64_t position = 0;
    int64_t copy_position = 0;
    int64_t increment = 0;
    int64_t copy_increment = 0;
    if (!str_eq(source->kind, "sequence") ||
        !position_of(source->value, &used, &position, &increment) ||
        !position_of(copy->value, &copy_used, &copy_position, &copy_increment) ||
        increment != copy_increment || !copy_used) {
        return false;
    }
    return !used || (increment > 0 ? copy_position > position : copy_position < position);
}

/* Judges one pair; false when the two are equal. */
static bool differ(struct pgtools_finding *finding)
{
    const struct pgtools_fact *source = finding->source;
    const struct pgtools_fact *copy = finding->copy;
    if (!copy) {
        finding->difference = PGTOOLS_MISSING;
    } else if (!source) {
        finding->difference = PGTOOLS_EXTRA;
    } else if (!source->exact || !copy->exact) {
        finding->difference = PGTOOLS_ESTIMATE;
    } else if (str_is(source->value, copy->value)) {
        return false;
    } else {
        finding->difference = only_moved(source, copy) ? PGTOOLS_MOVED : PGTOOLS_DIFFERS;
    }
    return true;
}

static bool is_fault(enum pgtools_difference difference)
{
    switch (difference) {
    case PGTOOLS_MISSING:
    case PGTOOLS_EXTRA:
    case PGTOOLS_DIFFERS:
        return true;
    case PGTOOLS_MOVED:
    case PGTOOLS_ESTIMATE:
        break;
    }
    return false;
}

static void count_source(struct pgtools_comparison *comparison, const struct pgtools_fact *fact)
{
    int64_t rows = 0;
    comparison->compared++;
    if (fact->exact && str_eq(fact->kind, "rows") && str_to_i64(fact->value, &rows)) {
        comparison->rows += rows;
    }
}

static void sort(struct pgtools_facts *facts)
{
    if (facts->count > 0) {
        qsort(facts->items, facts->count, sizeof(*facts->items), compare_facts);
    }
}

void pgtools_compare(struct pgtools_comparison *comparison, struct arena *arena,
                     struct pgtools_facts *source, struct pgtools_facts *copy)
{
    size_t i = 0;
    size_t j = 0;
    *comparison = (struct pgtools_comparison){0};
    comparison->findings =
        arena_array(arena, source->count + copy->count, sizeof(*comparison->findings));
    sort(source);
    sort(copy);
    while (i < source->count || j < copy->count) {
        struct pgtools_finding *finding = &comparison->findings[comparison->count];
        int order = i == source->count ? 1
                    : j == copy->count ? -1
                                       : compare_facts(&source->items[i], &copy->items[j]);
        *finding = (struct pgtools_finding){0};
        if (order <= 0) {
            finding->source = &source->items[i++];
            count_source(comparison, finding->source);
        }
        if (order >= 0) {
            finding->copy = &copy->items[j++];
        }
        if (differ(finding)) {
            comparison->count++;
            comparison->faults += is_fault(finding->difference);
        }
    }
    comparison->equal = comparison->faults == 0 && comparison->compared > 0;
}

void pgtools_finding_text(struct strbuf *out, const struct pgtools_finding *finding)
{
    const struct pgtools_fact *any = finding->source ? finding->source : finding->copy;
    /* values of anything but counts and positions are hashes: of no use to a reader */
    bool readable = str_eq(any->kind, "rows") || str_eq(any->kind, "sequence");
    sanitise(out, any->kind, SANITISE_LINE);
    strbuf_text(out, str_eq(any->kind, "rows") || str_eq(any->kind, "content") ? " of " : " ");
    sanitise(out, any->name, SANITISE_LINE);
    switch (finding->difference) {
    case PGTOOLS_MISSING:
        strbuf_text(out, ": missing in the copy");
        return;
    case PGTOOLS_EXTRA:
        strbuf_text(out, ": only in the copy");
        return;
    case PGTOOLS_DIFFERS:
        break;
    case PGTOOLS_MOVED:
        strbuf_text(out, ": went on while the dump ran");
        break;
    case PGTOOLS_ESTIMATE:
        strbuf_text(out, ": too large to be counted, not compared");
        break;
    }
    if (!readable) {
        bool content = str_eq(any->kind, "content");
        strbuf_text(out, content ? ": the rows differ" : ": its definition differs");
        return;
    }
    strbuf_text(out, finding->difference == PGTOOLS_DIFFERS ? ": " : ", ");
    sanitise(out, finding->source->value, SANITISE_LINE);
    strbuf_text(out, " in the source, ");
    sanitise(out, finding->copy->value, SANITISE_LINE);
    strbuf_text(out, " in the copy");
}
