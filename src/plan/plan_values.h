/* SPDX-License-Identifier: PostgreSQL */
/*
 * Strict readers of scalars: text -> value, or a complaint with its code. Private
 * to the room. None of them guesses: a number has no junk behind it, a duration
 * has its unit, true and false are spelled so.
 */
#ifndef GONOGO_PLAN_VALUES_H
#define GONOGO_PLAN_VALUES_H

#include "plan_table.h"

struct complaint {
    char code[8];
    char text[800];
};

/* Fills the complaint and returns false. */
bool plan_value_complain(struct complaint *complaint, const char *code, const char *format, ...)
    PRINTF_LIKE(3, 4);
/* For %.*s: text in a message, cut where it would be longer than a line. */
#define SHOWN(value)                                                                           \
    (int)((value).len > 60 ? 60 : (value).len), ((value).ptr ? (value).ptr : "")

bool plan_value_integer(struct str text, int64_t minimum, int64_t maximum, int64_t *value,
                        struct complaint *complaint) MUST_CHECK;
bool plan_value_boolean(struct str text, bool *value, struct complaint *complaint) MUST_CHECK;
bool plan_value_duration(struct str text, int64_t *value_us,
                         struct complaint *complaint) MUST_CHECK;
bool plan_value_size(struct str text, int64_t *bytes, struct complaint *complaint) MUST_CHECK;
bool plan_value_clock(struct str text, bool plain, int64_t *value_us,
                      struct complaint *complaint) MUST_CHECK;
bool plan_value_date(struct str text, int *year, int *month, int *day,
                     struct complaint *complaint) MUST_CHECK;
bool plan_value_time(struct str text, int64_t *time_us, struct complaint *complaint) MUST_CHECK;
bool plan_value_slot(struct str text, struct plan_slot *slot,
                     struct complaint *complaint) MUST_CHECK;
bool plan_value_sha256(struct str text, bool plain, struct complaint *complaint) MUST_CHECK;
bool plan_value_word(struct str text, const struct plan_wordlist *words, int *value,
                     struct complaint *complaint) MUST_CHECK;
bool plan_value_name(struct str text, bool plain, struct complaint *complaint) MUST_CHECK;
bool plan_value_text(struct str text, bool must_quote, bool plain,
                     struct complaint *complaint) MUST_CHECK;
bool plan_value_path(struct str text, struct str *clean,
                     struct complaint *complaint) MUST_CHECK;
/* What a comparator compares with; `plain` scalars are told apart from quoted text. */
bool plan_value_any(struct str text, bool plain, struct plan_value *value,
                    struct complaint *complaint) MUST_CHECK;
/* Is a plain scalar nothing to YAML: "", ~, null? */
bool plan_value_is_null(struct str text);
/* Appends "one, each or file". */
void plan_words_list(struct strbuf *out, const struct plan_wordlist *words);

#endif
