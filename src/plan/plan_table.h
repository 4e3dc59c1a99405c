/* SPDX-License-Identifier: PostgreSQL */
/*
 * The one table of the plan's keys. Private to the room. From it come the walk
 * that fills `struct plan`, the schema of libcyaml, the JSON Schema for editors
 * and the reference text, so that none of them can know a key the others do not.
 */
#ifndef GONOGO_PLAN_TABLE_H
#define GONOGO_PLAN_TABLE_H

#include "plan.h"

enum plan_type {
    TYPE_MAP,      /* struct, in place */
    TYPE_MAPS,     /* list of them: {items, count} */
    TYPE_TEXT,     /* struct str */
    TYPE_TEXTS,    /* struct plan_texts */
    TYPE_NAME,     /* struct str: letters, digits, . _ -; quoted where YAML sees a number */
    TYPE_NAMES,    /* struct plan_texts */
    TYPE_ARGV,     /* struct plan_texts; "./x" as its first is a file of the plan */
    TYPE_WORD,     /* an enum; `words` */
    TYPE_WORDS,    /* struct plan_words; `words` */
    TYPE_WORDTEXT, /* struct str, one of `words` */
    TYPE_BOOL,     /* bool */
    TYPE_TRISTATE, /* enum plan_tristate */
    TYPE_INTEGER,  /* int64_t within minimum..maximum */
    TYPE_DURATION, /* int64_t microseconds */
    TYPE_SIZE,     /* int64_t bytes */
    TYPE_CLOCK,    /* int64_t microseconds since midnight */
    TYPE_DATE,     /* struct str "2024-01-31" */
    TYPE_TIME,     /* int64_t microseconds since 1970, UTC */
    TYPE_SLOT,     /* struct plan_slot */
    TYPE_VALUE,    /* struct plan_value */
    TYPE_PATH,     /* struct str; a file of the plan, `file_kind` */
    TYPE_SHA256,   /* struct str */
    TYPE__COUNT,
};

enum plan_key_flag {
    KEY_REQUIRED = 1,
    KEY_UNBUILT = 2, /* accepted and told; behaviour is not built */
    KEY_TOLD = 4,    /* with KEY_UNBUILT: `run` does not refuse it */
    KEY_FILLED = 8,  /* ${name} is filled from the target's values */
    KEY_QUOTED = 16, /* text that must be quoted where YAML sees a number */
    KEY_SQL = 32,    /* SQL text: ${name} has a message of its own */
};

struct plan_word {
    const char *name;
    int value;
    bool unbuilt; /* as KEY_UNBUILT, for one word */
};
struct plan_wordlist {
    const struct plan_word *items;
    size_t count;
};

struct plan_map;
/*
 * name       as written in the file
 * type       how it is read, and what stands at `offset`
 * offset     in the struct of its mapping
 * map        of MAP and MAPS
 * words      of WORD and WORDS
 * otherwise  default, read like a value from the file; NULL: none
 * minimum, maximum  of INTEGER
 * file_kind  of PATH
 * flags      enum plan_key_flag
 * text       one sentence for the reference and the JSON Schema
 */
struct plan_key {
    const char *name;
    enum plan_type type;
    size_t offset;
    const struct plan_map *map;
    const struct plan_wordlist *words;
    const char *otherwise;
    int64_t minimum;
    int64_t maximum;
    enum plan_file_kind file_kind;
    unsigned flags;
    const char *text;
};
struct plan_map {
    const char *name; /* for the JSON Schema: "step" */
    size_t size;      /* of its struct */
    const struct plan_key *keys;
    size_t key_count; /* at most 64 */
};

extern const struct plan_map plan_root;
extern const struct plan_map answers_root;
extern const struct plan_map policy_root;
/* NULL when the mapping has no such key. */
const struct plan_key *plan_table_find(const struct plan_map *map, struct str name);
/* The word for a value; "" when there is none. */
const char *plan_table_word(const struct plan_wordlist *words, int value);

extern const struct plan_wordlist plan_words_what;
extern const struct plan_wordlist plan_words_builtin;
extern const struct plan_wordlist plan_words_gauge;
extern const struct plan_wordlist plan_words_limit;

#endif
