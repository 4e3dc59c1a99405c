/* SPDX-License-Identifier: PostgreSQL */
/*
 * The sample plans that come with the program, each a folder under plans/ with a seed for a
 * throw-away server. A demo takes any plan with a seed by its path; these it knows by name.
 */
#ifndef GONOGO_DEMO_SAMPLE_H
#define GONOGO_DEMO_SAMPLE_H

#include "base.h"

/* name: the folder; comment: one line for people. The first is the default. */
struct demo_sample {
    const char *name;
    const char *comment;
};
extern const struct demo_sample demo_samples[];
extern const size_t demo_sample_count;

#endif
