/* SPDX-License-Identifier: PostgreSQL */
/*
 * The stations of the demo window as an operator passes them, every question answered
 * through its box. Each begins where the one before it ended.
 */
#ifndef GONOGO_TEST_DEMO_WALK_H
#define GONOGO_TEST_DEMO_WALK_H

#include "operator.h"

void demo_walk_prep(struct operator* me);  /* the checklist, up to BACKUP */
void demo_walk_poll(struct operator* me);  /* BACKUP and POLL, up to the typed name */
void demo_walk_close(struct operator* me); /* what people saw, the signatures, the report */

#endif
