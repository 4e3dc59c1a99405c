/* SPDX-License-Identifier: PostgreSQL */
/*
 * plan_policy: what a house asks of every plan, in a YAML file of its own (`check --policy`),
 * read by the machinery of the plan. The conventions are those of plan.h.
 */
#ifndef GONOGO_PLAN_POLICY_H
#define GONOGO_PLAN_POLICY_H

#include "plan.h"

enum policy_part {
    POLICY_PART_UNSAID,
    POLICY_UNDO,   /* each migration names an undo file */
    POLICY_CHECKS, /* each migration has a check behind it */
    POLICY_DOCS,   /* a text of the same name, ending in .md, stands beside each migration */
};
struct policy {
    struct plan_mark mark;
    struct str name_pattern;     /* POSIX extended regular expression; ptr NULL: any name */
    struct plan_words require;   /* enum policy_part */
    struct plan_texts promotion; /* environments, in their order */
    int64_t recovery_max_us;     /* PLAN_UNSAID: any */
    bool index_concurrently;
};
/* NULL when there is an error. The policy lives in `arena`. */
struct policy *policy_read(struct str bytes, struct str file_name, struct arena *arena,
                           struct plan_diagnostics *diagnostics) MUST_CHECK;
bool policy_requires(const struct policy *policy, enum policy_part part);
/*
 * What the plan itself says against the policy, as warnings with its marks: names, numbers,
 * parts that are missing, promotion, recovery. Documents and statements (E106, E109) are the
 * app's to look at.
 */
void policy_check(const struct policy *policy, const struct plan *plan,
                  struct plan_diagnostics *diagnostics);
/* One entry per key, as plan_reference(). */
void policy_reference(struct strbuf *out);

#endif
