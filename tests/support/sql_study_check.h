/* SPDX-License-Identifier: PostgreSQL */
/* The checks of facts on any bytes, for the fuzzer and for the replay of its corpus. */
#ifndef GONOGO_TESTS_SQL_STUDY_CHECK_H
#define GONOGO_TESTS_SQL_STUDY_CHECK_H

#include "base.h"

/* False when something that must hold of the facts of every text does not hold of this one;
 * what and where is printed. */
bool sql_study_check(struct str text);

#endif
