/* SPDX-License-Identifier: PostgreSQL */
/*
 * What a check expects, in words, for the column "expected" of screen and report.
 */
#include "check_private.h"

static const char *const comparator_words[] = {
    [PLAN_COMPARE_UNSAID] = "an answer",
    [PLAN_EQUALS] = "",
    [PLAN_AT_LEAST] = "at least ",
    [PLAN_AT_MOST] = "at most ",
    [PLAN_EMPTY] = "no row",
    [PLAN_EXISTS] = "a row",
    [PLAN_MATCHES] = "matches ",
    [PLAN_SAME_AS] = "same as ",
};

static struct str value_words(struct arena *arena, const struct plan_check *check,
                              const struct check_before *before)
{
    if (!check_needs_before(check)) {
        return check_shown(arena, check->expected.text);
    }
    /* the value itself is a row value: it may be shown where the answer may */
    bool shown = check->show || check->source == PLAN_SOURCE_BUILTIN;
    if (before != NULL && before->taken && before->has_value && shown) {
        return str_format(arena, "before (%.*s)", STR_ARG(check_shown(arena, before->value)));
    }
    return STR("before");
}

static struct str object_words(struct arena *arena, const struct plan_check *check)
{
    struct strbuf out = {0};
    strbuf_text(&out, check_wants_none(check) ? "no " : "");
    strbuf_add(&out, check_object_label(arena, check));
    if (check->type.len > 0) {
        strbuf_format(&out, ", %.*s", STR_ARG(check_shown(arena, check->type)));
    }
    if (check->nullable != PLAN_NOT_SAID) {
        strbuf_text(&out, check->nullable == PLAN_YES ? ", nullable" : ", not null");
    }
    if (check->valid != PLAN_NOT_SAID) {
        strbuf_text(&out, check->valid == PLAN_YES ? ", valid" : ", not valid");
    }
    if (check->command.len > 0) {
        strbuf_format(&out, ", for %.*s", STR_ARG(check_shown(arena, check->command)));
    }
    for (size_t i = 0; i < check->roles.count; i++) {
        strbuf_format(&out, "%s%.*s", i == 0 ? ", to " : ", ",
                      STR_ARG(check_shown(arena, check->roles.items[i])));
    }
    struct str words = str_dup(arena, strbuf_str(&out));
    strbuf_release(&out);
    return words;
}

struct str check_expected(struct arena *arena, const struct plan_check *check,
                          const struct check_before *before)
{
    struct str words;
    if (check->source == PLAN_SOURCE_BUILTIN && check_shape_of(check) == SHAPE_OBJECT) {
        words = object_words(arena, check);
    } else if (check->comparator == PLAN_EMPTY || check->comparator == PLAN_EXISTS) {
        words = check_wants_none(check) ? STR("no row") : STR("a row");
    } else if (check->comparator == PLAN_COMPARE_UNSAID) {
        words = str_from(comparator_words[PLAN_COMPARE_UNSAID]);
    } else {
        words = str_format(arena, "%s%.*s", comparator_words[check->comparator],
                           STR_ARG(value_words(arena, check, before)));
    }
    if (check->within_us != PLAN_UNSAID) {
        words = str_format(arena, "%.*s within %.*s", STR_ARG(words),
                           STR_ARG(duration_text(arena, check->within_us)));
    }
    return words;
}
