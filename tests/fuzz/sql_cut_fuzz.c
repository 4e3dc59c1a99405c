/* SPDX-License-Identifier: PostgreSQL */
/*
 * Fuzz target of the cut, for libFuzzer: tests/support/sql_cut_check.c says what
 * must hold. tests/unit/sql_fuzz_test.c replays the corpus without a fuzzer.
 */
#include "sql_cut_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!sql_cut_check((struct str){(const char *)data, size})) {
        abort();
    }
    return 0;
}
