/* SPDX-License-Identifier: PostgreSQL */
/* What `demo --plan list` prints. */
#include "demo_sample.h"

const struct demo_sample demo_samples[] = {
    {"week1-wednesday", "four hours: three tables repaired, nine removed, twelve checks"},
    {"adaptive-mastery", "one table and four columns more; claims that the SQL does not keep"},
    {"policy", "three migrations under a policy of the house; emergency cards"},
};
const size_t demo_sample_count = COUNT_OF(demo_samples);
