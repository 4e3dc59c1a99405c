/* SPDX-License-Identifier: PostgreSQL */
/*
 * Probes that are programs, endpoints and log files. An endpoint is asked by the curl
 * program: its own configuration file, proxies and redirects are off, so that the
 * answer is the endpoint's and nobody else's.
 */
#include "monitor.h"

#include <regex.h>

enum {
    LOG_LINE_MAX = 8192, /* the rest of a longer line is not looked at */
    DEFAULT_TIMEOUT_SECONDS = 5,
};

/* ---------------------------------------------------------------- endpoints */

const char **monitor_http_argv(struct arena *arena, const struct monitor_http *http)
{
    enum {
        ARGUMENTS_MAX = 20
    };
    const char **argv = arena_array(arena, ARGUMENTS_MAX, sizeof(*argv));
    int64_t timeout_us =
        http->timeout_us > 0 ? http->timeout_us : DEFAULT_TIMEOUT_SECONDS * US_PER_SECOND;
    struct str seconds = str_format(arena, "%.3f", (double)timeout_us / (double)US_PER_SECOND);
    size_t n = 0;
    argv[n++] = http->curl;
    argv[n++] = "-q"; /* only the first argument keeps ~/.curlrc out */
    argv[n++] = "--noproxy";
    argv[n++] = "*";
    argv[n++] = "-sS";
    argv[n++] = "--globoff"; /* brackets in a URL are not a range */
    argv[n++] = "--proto";
    argv[n++] = "=http,https";
    argv[n++] = "-o";
    argv[n++] = "/dev/null";
    argv[n++] = "-w";
    argv[n++] = "%{http_code} %{time_total}";
    argv[n++] = "--max-time";
    argv[n++] = str_text(arena, seconds);
    if (http->socket.len > 0) {
        argv[n++] = "--unix-socket";
        argv[n++] = str_text(arena, http->socket);
    }
    argv[n++] = "--url"; /* a URL that begins with a dash is still a URL */
    argv[n++] = str_text(arena, http->url);
    argv[n] = NULL;
    return argv;
}

/* Exit statuses of curl that people meet; status, what it means. */
static const struct {
    int status;
    const char *reason;
} curl_reasons[] = {
    {1, "the URL is neither http nor https"},
    {3, "the URL is malformed"},
    {6, "the host name could not be resolved"},
    {7, "connection refused"},
    {28, "timed out"},
    {35, "TLS handshake failed"},
    {52, "the server closed the connection without an answer"},
    {56, "the connection was reset"},
    {60, "the server's certificate is not trusted"},
};

static void failed(struct monitor_answer *answer, int exit_status)
{
    answer->sample.outcome = MONITOR_FAILED;
    if (exit_status < 0) {
        snprintf(answer->reason, sizeof(answer->reason), "killed, or not started");
        return;
    }
    for (size_t i = 0; i < COUNT_OF(curl_reasons); i++) {
        if (curl_reasons[i].status == exit_status) {
            snprintf(answer->reason, sizeof(answer->reason), "%s", curl_reasons[i].reason);
            return;
        }
    }
    snprintf(answer->reason, sizeof(answer->reason), "curl ended with status %d", exit_status);
}

struct monitor_answer monitor_http_answer(struct str output, int exit_status, int64_t at_us)
{
    struct monitor_answer answer = {.sample.at_us = at_us};
    struct str rest = str_trim(output);
    struct str status = {0};
    double seconds = 0;
    int64_t code = 0;
    if (exit_status != 0) {
        failed(&answer, exit_status);
    } else if (!str_cut(&rest, ' ', &status) || !str_to_i64(status, &code) || code < 100 ||
               code > 999 || !str_to_double(rest, &seconds)) {
        answer.sample.outcome = MONITOR_FAILED;
        snprintf(answer.reason, sizeof(answer.reason), "curl reported no HTTP status");
    } else {
        answer.sample.value = (double)code;
        answer.took_us = (int64_t)(seconds * (double)US_PER_SECOND + 0.5);
    }
    return answer;
}

struct monitor_answer monitor_run_answer(int exit_status, int64_t at_us)
{
    struct monitor_answer answer = {.sample.at_us = at_us};
    if (exit_status < 0) {
        answer.sample.outcome = MONITOR_FAILED;
        snprintf(answer.reason, sizeof(answer.reason), "killed, or not started");
        return answer;
    }
    answer.sample.value = exit_status;
    return answer;
}

/* --------------------------------------------------------------------- logs */

struct monitor_log {
    regex_t expression;
    struct strbuf line; /* unfinished, at most LOG_LINE_MAX bytes are kept */
    struct strbuf last;
};

struct monitor_log *monitor_log_new(struct str expression, struct err *err)
{
    struct strbuf text = {0};
    struct monitor_log *log = mem_zero(1, sizeof(*log));
    strbuf_add(&text, expression);
    int status = regcomp(&log->expression, text.ptr ? text.ptr : "", REG_EXTENDED | REG_NOSUB);
    if (status != 0) {
        char reason[128];
        regerror(status, &log->expression, reason, sizeof(reason));
        err_set(err, ERR_USAGE, "the regular expression \"%s\" is wrong: %s",
                text.ptr ? text.ptr : "", reason);
        err_hint(err, "Nothing was watched; write a POSIX extended regular expression.");
        free(log);
        log = NULL;
    }
    strbuf_release(&text);
    return log;
}

void monitor_log_free(struct monitor_log *log)
{
    if (!log) {
        return;
    }
    regfree(&log->expression);
    strbuf_release(&log->line);
    strbuf_release(&log->last);
    free(log);
}

void monitor_log_restart(struct monitor_log *log)
{
    strbuf_clear(&log->line);
}

/* Adds what fits; a NUL in a log would end the line for the matcher, so it is shown as a blank.
 */
static void keep(struct strbuf *line, struct str piece)
{
    size_t room = line->len < LOG_LINE_MAX ? LOG_LINE_MAX - line->len : 0;
    size_t from = line->len;
    strbuf_add(line, str_slice(piece, 0, room));
    for (size_t i = from; i < line->len; i++) {
        if (line->ptr[i] == '\0') {
            line->ptr[i] = ' ';
        }
    }
}

struct monitor_matches monitor_log_feed(struct monitor_log *log, struct str bytes)
{
    struct monitor_matches matches = {0};
    size_t from = 0;
    while (from < bytes.len) {
        size_t newline = str_find_byte(bytes, '\n', from);
        keep(&log->line, str_slice(bytes, from, newline - from));
        if (newline == bytes.len) {
            break;
        }
        from = newline + 1;
        matches.lines++;
        const char *line = log->line.ptr ? log->line.ptr : "";
        if (regexec(&log->expression, line, 0, NULL, 0) == 0) {
            matches.matches++;
            strbuf_clear(&log->last);
            strbuf_add(&log->last, strbuf_str(&log->line));
        }
        strbuf_clear(&log->line);
    }
    if (matches.matches > 0) {
        matches.last = strbuf_str(&log->last);
    }
    return matches;
}

struct monitor_answer monitor_text_answer(struct str expression, struct str text, int64_t at_us)
{
    struct monitor_answer answer = {.sample = {.at_us = at_us, .outcome = MONITOR_UNKNOWN}};
    struct err err = {0};
    struct monitor_log *log = monitor_log_new(expression, &err);
    if (!log) {
        snprintf(answer.reason, sizeof(answer.reason), "%.90s", err.message);
        return answer;
    }
    struct strbuf subject = {0};
    keep(&subject, text);
    answer.sample.outcome = MONITOR_OK;
    answer.sample.value =
        regexec(&log->expression, subject.ptr ? subject.ptr : "", 0, NULL, 0) == 0 ? 1 : 0;
    strbuf_release(&subject);
    monitor_log_free(log);
    return answer;
}
