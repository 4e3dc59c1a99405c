/* SPDX-License-Identifier: PostgreSQL */
/*
 * plan_settings: a file of settings (gonogo.yaml), read by the machinery of the plan. Which
 * keys there are comes from the caller, so that they are the options of the command line
 * and nothing else. The conventions are those of plan.h.
 */
#ifndef GONOGO_PLAN_SETTINGS_H
#define GONOGO_PLAN_SETTINGS_H

#include "plan.h"

/*
 * name   as in the file
 * words  the words that it may be, with blanks between; "": any text; NULL: true or false
 */
struct setting_key {
    const char *name;
    const char *words;
};
enum {
    SETTINGS_MAX = 24
};
struct setting {
    struct str text;       /* of a text; ptr NULL: not said */
    enum plan_tristate is; /* of a switch */
};
struct settings {
    struct plan_mark mark;
    struct plan_texts locked;            /* keys that nothing may change; [] unless allowed */
    struct setting values[SETTINGS_MAX]; /* in the order of the keys */
};
/* NULL when there is an error. A file with nothing but comments says nothing. `may_lock`: the
 * file may have `locked:`, a list of its keys. */
struct settings *settings_read(struct str bytes, struct str file_name,
                               const struct setting_key *keys, size_t count, bool may_lock,
                               struct arena *arena,
                               struct plan_diagnostics *diagnostics) MUST_CHECK;

#endif
