/* SPDX-License-Identifier: PostgreSQL */
/*
 * The part of a run's model that is asked again and again before the first file begins, as
 * text; see run_write().
 */
#ifndef GONOGO_TEST_RUN_TEXT_H
#define GONOGO_TEST_RUN_TEXT_H

#include "engine.h"

void run_write_asked(struct strbuf *out, const struct run *run);

#endif
