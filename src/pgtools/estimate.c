/* SPDX-License-Identifier: PostgreSQL */
/*
 * How long a restore will take and how much room it needs. The estimate says where it
 * comes from: a guess must not look like a measurement when the way back is chosen.
 */
#include "pgtools.h"

/* Bytes of a database that a restore brings back in a second, indexes and ANALYZE included. */
static const int64_t guessed_bytes_per_second = INT64_C(20) * 1024 * 1024;
/* What connecting, creating and comparing costs at least. */
static const int64_t guessed_least_us = 5 * US_PER_SECOND;

struct pgtools_estimate pgtools_restore_estimate(int64_t measured_us, int64_t measured_bytes,
                                                 int64_t bytes)
{
    struct pgtools_estimate estimate = {.basis = PGTOOLS_MEASURED, .duration_us = measured_us};
    if (measured_us > 0 && (measured_bytes <= 0 || bytes == measured_bytes)) {
        return estimate;
    }
    double size = (double)(bytes > 0 ? bytes : 0);
    if (measured_us > 0) {
        estimate.basis = PGTOOLS_SCALED;
        double scaled = (double)measured_us * (size / (double)measured_bytes);
        /* a smaller database is not trusted to be faster: fixed costs stay */
        estimate.duration_us = scaled > (double)measured_us ? (int64_t)scaled : measured_us;
        return estimate;
    }
    estimate.basis = PGTOOLS_GUESSED;
    estimate.duration_us =
        guessed_least_us +
        (int64_t)(size / (double)guessed_bytes_per_second * (double)US_PER_SECOND);
    return estimate;
}

int64_t pgtools_restore_space(int64_t database_bytes)
{
    /* the copy, its WAL and the sorting of its indexes: a fifth more */
    int64_t bytes = database_bytes > 0 ? database_bytes : 0;
    return bytes + bytes / 5;
}
