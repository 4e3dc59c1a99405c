/* SPDX-License-Identifier: PostgreSQL */
/*
 * plan: YAML bytes from the caller -> a checked `struct plan`, its files and its digests.
 * What a plan is made of is in plan_basics.h, plan_terms.h and plan_work.h; the answers
 * file of a headless run, read by the same machinery, is in plan_answers.h.
 *
 * The room opens no file. The app reads the plan's bytes, calls plan_read(),
 * opens what plan_files() lists, hands the bytes (or the trouble) to
 * plan_check(), and may then ask for the digests. All problems are collected
 * in `struct plan_diagnostics`, sorted by position, never only the first.
 *
 * Conventions for every struct here and there:
 *  - All memory, and the text that `struct str` members point to, belongs to
 *    the arena that plan_read() was given.
 *  - The first member of what was a mapping in the file is `mark`, where it
 *    began; `mark.line == 0` says that the plan does not have it at all (its
 *    other members then hold the defaults).
 *  - Durations are microseconds and end in _us; sizes are bytes.
 *  - A number, duration or size that the plan does not say is PLAN_UNSAID,
 *    unless a default is noted. A text that it does not say has ptr NULL.
 *  - An enum's value 0 is *_UNSAID, unless a default is noted.
 *  - A list has `items` and `count`.
 */
#ifndef GONOGO_PLAN_H
#define GONOGO_PLAN_H

#include "plan_basics.h"
#include "plan_terms.h"
#include "plan_work.h"

/* ------------------------------------------------------------ files, unbuilt */

enum plan_file_kind {
    PLAN_FILE_MIGRATION,
    PLAN_FILE_UNDO,
    PLAN_FILE_CHECK, /* one query, of a check or a checklist item */
    PLAN_FILE_COUNT, /* one query, of state.count */
    PLAN_FILE_SEED,
    PLAN_FILE_ROLLBACK,
    PLAN_FILE_HOOK, /* a program under the plan's folder, "./..."; not SQL */
};
/* One mention of a path in the plan. */
struct plan_file {
    struct plan_mark mark; /* of the path */
    enum plan_file_kind kind;
    struct str path;   /* relative to the plan's folder, as written without a leading "./" */
    struct str owner;  /* id of the step, check, target, option ... that names it */
    struct str sha256; /* what the plan expects; ptr NULL when nothing */
    size_t first;      /* index of the first mention of the same path */
};
struct plan_unbuilt {
    struct plan_mark mark; /* of the key's value */
    struct str path;       /* "steps[2].queue_limit" */
    bool refuse;           /* `run` refuses the plan; false: it is only told */
};

/* ---------------------------------------------------------------------- plan */

struct plan {
    struct plan_mark mark;
    struct str file;  /* as given to plan_read() */
    struct str bytes; /* a copy, as read */
    int64_t version;
    struct str name;
    struct plan_window window;
    struct plan_texts search_path; /* default [public] */
    struct plan_ledger ledger;
    struct plan_targets targets; /* at least one */
    struct plan_roles roles;
    struct plan_limits limits;
    struct plan_safety safety;
    struct plan_state state;
    struct plan_checklist checklist;
    struct plan_backups backup;
    struct plan_steps steps;
    struct plan_steps_from steps_from;
    struct plan_verification verification;
    struct plan_monitoring monitoring;
    struct plan_rollback rollback;
    struct plan_criteria criteria;
    struct plan_report report;
    struct plan_notify notify;
    struct plan_emergency emergency;
    struct plan_metadata metadata;
    struct plan_waivers waivers;
    struct plan_benchmark benchmark;
    struct plan_texts applied;
    int64_t rows_exact_below; /* default 10 GB; larger tables are counted by estimate */
    /* computed */
    struct plan_file *files;
    size_t file_count;
    struct plan_unbuilt *unbuilt;
    size_t unbuilt_count;
};

enum {
    PLAN_SIZE_MAX = 1024 * 1024, /* bytes of a plan or answers file */
    PLAN_DEPTH_MAX = 64,
};

/*
 * Reads and judges everything that needs no other file. NULL when there is an error (the
 * diagnostics have at least one); warnings and notes do not stop it. `bytes` may be larger than
 * PLAN_SIZE_MAX: that is a diagnostic. The plan lives in `arena`.
 */
struct plan *plan_read(struct str bytes, struct str file_name, struct arena *arena,
                       struct plan_diagnostics *diagnostics) MUST_CHECK;
/*
 * The same, but a plan with mistakes is handed out too (*fine false), so that its files can
 * be judged along with it; nothing else may be done with it. NULL: not even a mapping.
 */
struct plan *plan_read_all(struct str bytes, struct str file_name, struct arena *arena,
                           struct plan_diagnostics *diagnostics, bool *fine) MUST_CHECK;
/* Each mention of a path, in the order of the file. */
const struct plan_file *plan_files(const struct plan *plan, size_t *count);

enum plan_file_trouble {
    PLAN_FILE_FINE,
    PLAN_FILE_MISSING,
    PLAN_FILE_OUTSIDE,     /* the path leaves the plan's folder */
    PLAN_FILE_SYMLINK_OUT, /* a symbolic link on the way leaves it */
    PLAN_FILE_NOT_REGULAR,
    PLAN_FILE_UNREADABLE,
    PLAN_FILE_TOO_LARGE,
    PLAN_FILE_NOT_EXECUTABLE, /* hooks */
};
struct plan_file_state {
    enum plan_file_trouble trouble;
    struct str bytes; /* when FINE */
};
/* `files` has one element per plan_files(). True when it added no error. */
bool plan_check(const struct plan *plan, const struct plan_file_state *files,
                struct plan_diagnostics *diagnostics) MUST_CHECK;
/* Keys in use whose behaviour is not built. */
const struct plan_unbuilt *plan_not_built(const struct plan *plan, size_t *count);

/* Lookups; NULL when there is none. */
const struct plan_target *plan_find_target(const struct plan *plan, struct str id);
/* Is one of the ways back a restore? */
bool plan_has_restore(const struct plan *plan);
const struct plan_role *plan_find_role(const struct plan *plan, struct str id);
/* Is the name among the people of any role? */
bool plan_lists_person(const struct plan *plan, struct str name);
const struct plan_check *plan_find_check(const struct plan *plan, struct str id);
const struct plan_count *plan_find_count(const struct plan *plan, struct str id);
/* The count that a target expects before: its own `before`, else the plan's; PLAN_UNSAID. */
int64_t plan_count_before(const struct plan *plan, const struct plan_target *target,
                          const struct plan_count *count);
/* Appends `text` with each ${name} replaced by the target's value; false when one is unknown.
 */
bool plan_fill(struct strbuf *out, struct str text, const struct plan_target *target,
               struct err *err) MUST_CHECK;

/* ------------------------------------------------------------------- digests */

/*
 * SHA-256 over: "gonogo plan 1\n", "plan HASH LENGTH\n", then for each distinct path in byte
 * order "file HASH LENGTH PATH\n"; HASH is the SHA-256 of the bytes in lower-case hex, LENGTH
 * their number in decimal.
 */
struct sha256_hex plan_digest(const struct plan *plan, const struct plan_file_state *files);
/*
 * What is approved: SHA-256 over "gonogo approval 1\n", "plan DIGEST\n", "target LENGTH ID\n",
 * then for each pin that the target has, in the order environment, system_identifier,
 * expect_database, expect_role, expect_major, expect_primary, sslmode: "KEY LENGTH VALUE\n".
 */
struct sha256_hex plan_approval(const struct sha256_hex *digest,
                                const struct plan_target *target);

/* -------------------------------------------------------------------- window */

/* Offset of UTC, Z, or "+02:00" (microseconds east); false for names, which the server
 * converts.
 */
bool plan_zone_offset(struct str zone, int64_t *offset_us) MUST_CHECK;
/*
 * A time of the window's day (opens_us, a slot's start_us ...) as UTC; false without a window
 * or when its zone is a name: ask the server for
 * `(date + interval) at time zone name` then.
 */
bool plan_window_us(const struct plan *plan, int64_t local_us, int64_t *time_us) MUST_CHECK;

/* -------------------------------------------------- what the one table also gives */

/* JSON Schema (draft 7, which editors read best) for editors; committed as
 * plans/schema/plan-v1.schema.json. */
void plan_json_schema(struct strbuf *out);
/* One entry per key: "path  type  default" and one sentence, as plain Markdown. */
void plan_reference(struct strbuf *out);

#endif
