/* SPDX-License-Identifier: PostgreSQL */
/*
 * Fuzz target of the facts, for libFuzzer: tests/support/sql_study_check.c says what must
 * hold. tests/unit/sql_fuzz_test.c replays the corpus without a fuzzer.
 */
#include "sql_study_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!sql_study_check((struct str){(const char *)data, size})) {
        abort();
    }
    return 0;
}
