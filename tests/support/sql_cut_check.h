/* SPDX-License-Identifier: PostgreSQL */
/* The checks of the cut on any bytes, for the fuzzer and for the replay of its corpus. */
#ifndef GONOGO_TESTS_SQL_CUT_CHECK_H
#define GONOGO_TESTS_SQL_CUT_CHECK_H

#include "base.h"

/* False when something that must hold of every cut does not hold of this one. */
bool sql_cut_check(struct str bytes);

#endif
