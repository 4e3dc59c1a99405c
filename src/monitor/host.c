/* SPDX-License-Identifier: PostgreSQL */
/*
 * The host's own figures, read from texts that the caller brings: /proc/stat,
 * /proc/meminfo, and the two numbers of statvfs. All are shares from 0 to 1.
 */
#include "monitor.h"

enum {
    CPU_IDLE = 3, /* columns of the "cpu" line of /proc/stat */
    CPU_IO_WAIT = 4,
    CPU_COLUMNS = 8, /* guest time behind them is part of user time already */
};

static struct monitor_sample share(double part, double whole, int64_t at_us)
{
    if (!(whole > 0) || part < 0 || part > whole) {
        return (struct monitor_sample){.at_us = at_us, .outcome = MONITOR_UNKNOWN};
    }
    return (struct monitor_sample){.at_us = at_us, .value = part / whole};
}

/* The next word of a line whose words are separated by blanks. */
static bool next_number(struct str *rest, double *number)
{
    *rest = str_trim(*rest);
    struct str word = str_slice(*rest, 0, str_find_byte(*rest, ' ', 0));
    *rest = str_slice(*rest, word.len, rest->len - word.len);
    return word.len > 0 && str_to_double(word, number);
}

struct monitor_sample monitor_host_cpu(struct monitor_host *host, struct str proc_stat,
                                       int64_t at_us)
{
    struct monitor_sample unknown = {.at_us = at_us, .outcome = MONITOR_UNKNOWN};
    struct str line = str_slice(proc_stat, 0, str_find_byte(proc_stat, '\n', 0));
    struct monitor_host now = {.has_last = true};
    if (!str_starts(line, "cpu ")) {
        return unknown;
    }
    line = str_slice(line, 4, line.len - 4);
    for (int i = 0; i < CPU_COLUMNS; i++) {
        double ticks = 0;
        if (!next_number(&line, &ticks)) {
            return unknown;
        }
        now.total += ticks;
        now.busy += i == CPU_IDLE || i == CPU_IO_WAIT ? 0 : ticks;
    }
    struct monitor_host last = *host;
    *host = now;
    return last.has_last ? share(now.busy - last.busy, now.total - last.total, at_us) : unknown;
}

/* "MemTotal:       16384256 kB" */
static bool memory_line(struct str text, const char *key, double *kilobytes)
{
    struct str line = {0};
    while (str_cut(&text, '\n', &line)) {
        if (str_starts(line, key)) {
            struct str rest = str_slice(line, strlen(key), line.len);
            return next_number(&rest, kilobytes);
        }
    }
    return false;
}

struct monitor_sample monitor_host_memory(struct str proc_meminfo, int64_t at_us)
{
    double total = 0;
    double available = 0;
    if (!memory_line(proc_meminfo, "MemTotal:", &total) ||
        !memory_line(proc_meminfo, "MemAvailable:", &available)) {
        return (struct monitor_sample){.at_us = at_us, .outcome = MONITOR_UNKNOWN};
    }
    return share(total - available, total, at_us);
}

struct monitor_sample monitor_host_disk(int64_t used, int64_t all, int64_t at_us)
{
    return share((double)used, (double)all, at_us);
}
