/* SPDX-License-Identifier: PostgreSQL */
/*
 * The recording server of recorder.h: one listening socket in a folder of its own,
 * one client at a time, blocking reads. The only clever part is knowing when to
 * ask for COPY data, which a real server learns from its grammar: here a query
 * whose first word is COPY and which says FROM STDIN, or FROM STDOUT, which is the same.
 */
#include "recorder.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    CONNECT_MS = 20000,
    PORT_PATH_MAX = 108
};

const char *recorder_psql_path(void)
{
    static const char *const debian = "/usr/lib/postgresql/15/bin/psql";
    const char *chosen = getenv("GONOGO_PSQL");
    if (chosen != NULL && chosen[0] != '\0') {
        return chosen;
    }
    return access(debian, X_OK) == 0 ? debian : "psql";
}

static void socket_path(const struct recorder *recorder, char *path, size_t size)
{
    snprintf(path, size, "%s/.s.PGSQL.5432", recorder->folder);
}

bool recorder_init(struct recorder *recorder)
{
    *recorder = (struct recorder){.listener = -1, .strings_on = true};
    snprintf(recorder->folder, sizeof recorder->folder, "/tmp/gonogo-recorder-XXXXXX");
    if (mkdtemp(recorder->folder) == NULL) {
        return false;
    }
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    socket_path(recorder, address.sun_path, sizeof address.sun_path);
    recorder->listener = socket(AF_UNIX, SOCK_STREAM, 0);
    return recorder->listener >= 0 && fcntl(recorder->listener, F_SETFD, FD_CLOEXEC) == 0 &&
           bind(recorder->listener, (const struct sockaddr *)&address, sizeof address) == 0 &&
           listen(recorder->listener, 4) == 0;
}

void recorder_clear(struct recorder *recorder)
{
    recorder->count = 0;
    recorder->strings_on = true;
    arena_clear(&recorder->arena);
}

void recorder_release(struct recorder *recorder)
{
    char path[PORT_PATH_MAX];
    if (recorder->listener >= 0) {
        close(recorder->listener);
        socket_path(recorder, path, sizeof path);
        unlink(path);
    }
    rmdir(recorder->folder);
    arena_release(&recorder->arena);
    strbuf_release(&recorder->data);
    free(recorder->messages);
    *recorder = (struct recorder){.listener = -1};
}

/* ------------------------------------------------------------ the protocol */

static bool read_whole(int client, void *into, size_t size)
{
    char *at = into;
    while (size > 0) {
        ssize_t got = read(client, at, size);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return false;
        }
        at += got;
        size -= (size_t)got;
    }
    return true;
}

static bool write_whole(int client, struct str bytes)
{
    while (bytes.len > 0) {
        ssize_t done = send(client, bytes.ptr, bytes.len, MSG_NOSIGNAL);
        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done <= 0) {
            return false;
        }
        bytes = str_slice(bytes, (size_t)done, bytes.len);
    }
    return true;
}

static bool read_length(int client, size_t *length)
{
    unsigned char raw[4];
    if (!read_whole(client, raw, sizeof raw)) {
        return false;
    }
    *length = (size_t)raw[0] << 24 | (size_t)raw[1] << 16 | (size_t)raw[2] << 8 | raw[3];
    return *length >= sizeof raw;
}

static void put_message(struct strbuf *out, char type, struct str body)
{
    size_t length = body.len + 4;
    strbuf_byte(out, type);
    for (int shift = 24; shift >= 0; shift -= 8) {
        strbuf_byte(out, (char)(unsigned char)(length >> shift & 0xff));
    }
    strbuf_add(out, body);
}

static void put_parameter(struct strbuf *out, const char *name, const char *value)
{
    struct strbuf body = {0};
    strbuf_text(&body, name);
    strbuf_byte(&body, '\0');
    strbuf_text(&body, value);
    strbuf_byte(&body, '\0');
    put_message(out, 'S', strbuf_str(&body));
    strbuf_release(&body);
}

static bool flush(int client, struct strbuf *out)
{
    bool sent = write_whole(client, strbuf_str(out));
    strbuf_release(out);
    return sent;
}

static bool greet(struct recorder *recorder, int client)
{
    enum {
        GSS_OR_TLS = 8 /* length of both requests for encryption */
    };
    size_t length = 0;
    char body[1024];
    while (read_length(client, &length) && length - 4 <= sizeof body &&
           read_whole(client, body, length - 4)) {
        if (length == GSS_OR_TLS) {
            if (!write_whole(client, STR("N"))) {
                return false;
            }
            continue;
        }
        struct strbuf out = {0};
        put_message(&out, 'R', (struct str){"\0\0\0\0", 4});
        put_parameter(&out, "server_version", "15.1");
        put_parameter(&out, "client_encoding", "UTF8");
        put_parameter(&out, "server_encoding", "UTF8");
        put_parameter(&out, "standard_conforming_strings", recorder->strings_on ? "on" : "off");
        put_message(&out, 'K', (struct str){"\0\0\0\1\0\0\0\1", 8});
        put_message(&out, 'Z', STR("I"));
        return flush(client, &out);
    }
    return false;
}

/* ---------------------------------------------------------- what was asked */

/* Lower-cased words of the query's code outside of parentheses, one blank between them. */
static void words_of(struct str query, struct strbuf *words)
{
    int depth = 0;
    for (size_t i = 0; i < query.len; i++) {
        struct str rest = str_slice(query, i, query.len);
        if (str_starts(rest, "--")) {
            i = str_find_byte(query, '\n', i);
        } else if (str_starts(rest, "/*")) {
            while (i < query.len && !str_starts(str_slice(query, i, query.len), "*/")) {
                i++;
            }
            i++;
        } else if (!isspace((unsigned char)query.ptr[i])) {
            depth += query.ptr[i] == '(';
            depth -= query.ptr[i] == ')';
            if (depth > 0) {
                continue;
            }
            strbuf_byte(words, (char)tolower((unsigned char)query.ptr[i]));
            continue;
        }
        if (words->len > 0 && words->ptr[words->len - 1] != ' ') {
            strbuf_byte(words, ' ');
        }
    }
    strbuf_byte(words, ' ');
}

static void follow_strings(struct recorder *recorder, const char *words, struct strbuf *out)
{
    static const struct {
        const char *start;
        bool on;
    } table[] = {
        {"set standard_conforming_strings = off", false},
        {"set standard_conforming_strings to off", false},
        {"set standard_conforming_strings=off", false},
        {"set session standard_conforming_strings to 'off'", false},
        {"set standard_conforming_strings = on", true},
        {"set standard_conforming_strings to default", true},
        {"reset standard_conforming_strings", true},
        {"reset all", true},
        {"discard all", true},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        if (str_starts(str_from(words), table[i].start)) {
            recorder->strings_on = table[i].on;
            put_parameter(out, "standard_conforming_strings", table[i].on ? "on" : "off");
            return;
        }
    }
}

static void keep(struct recorder *recorder, bool is_data, struct str text)
{
    struct recorded *message =
        ARRAY_PUSH(recorder->messages, recorder->count, recorder->capacity);
    message->is_data = is_data;
    message->text = str_dup(&recorder->arena, text);
}

static bool answer_query(struct recorder *recorder, int client, struct str query)
{
    struct strbuf words = {0};
    struct strbuf out = {0};
    keep(recorder, false, query);
    words_of(query, &words);
    if (str_starts(strbuf_str(&words), "copy ") && strstr(words.ptr, " from std") != NULL) {
        strbuf_release(&words);
        put_message(&out, 'G', (struct str){"\0\0\0", 3});
        return flush(client, &out);
    }
    follow_strings(recorder, words.ptr, &out);
    if (words.len <= 1 || str_is(str_trim(strbuf_str(&words)), STR(";"))) {
        put_message(&out, 'I', STR(""));
    } else {
        put_message(&out, 'C', (struct str){"OK", 3});
    }
    strbuf_release(&words);
    put_message(&out, 'Z', STR("I"));
    return flush(client, &out);
}

static bool answer(struct recorder *recorder, int client, char type, struct str body)
{
    struct strbuf out = {0};
    switch (type) {
    case 'Q':
        return body.len > 0 && answer_query(recorder, client, str_slice(body, 0, body.len - 1));
    case 'd':
        strbuf_add(&recorder->data, body);
        return true;
    case 'c':
    case 'f':
        keep(recorder, true, strbuf_str(&recorder->data));
        strbuf_clear(&recorder->data);
        put_message(&out, 'C', (struct str){"COPY 0", 7});
        put_message(&out, 'Z', STR("I"));
        return flush(client, &out);
    default:
        return false; /* 'X': the client says goodbye */
    }
}

static void serve(struct recorder *recorder, int client)
{
    char type;
    size_t length;
    if (!greet(recorder, client)) {
        return;
    }
    while (read_whole(client, &type, 1) && read_length(client, &length)) {
        char *body = mem_alloc(length);
        bool more = read_whole(client, body, length - 4) &&
                    answer(recorder, client, type, (struct str){body, length - 4});
        free(body);
        if (!more) {
            return;
        }
    }
}

/* ------------------------------------------------------------------- psql */

static void become_psql(const struct recorder *recorder, const char *const *words)
{
    enum {
        WORDS_MAX = 2048
    };
    static const char *const leading[] = {"-X", "-q", "-p", "5432", "-U", "nobody", "-h"};
    char *argv[WORDS_MAX];
    size_t count = 0;
    argv[count++] = mem_text(recorder_psql_path());
    for (size_t i = 0; i < COUNT_OF(leading); i++) {
        argv[count++] = mem_text(leading[i]);
    }
    argv[count++] = mem_text(recorder->folder);
    for (size_t i = 0; words[i] != NULL && count < WORDS_MAX - 2; i++) {
        argv[count++] = mem_text(words[i]);
    }
    argv[count++] = mem_text("nothing");
    argv[count] = NULL;
    int null = open("/dev/null", O_RDWR);
    if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 ||
        (getenv("GONOGO_RECORDER_SHOW") == NULL && dup2(null, 2) < 0)) {
        _exit(126);
    }
    setenv("PGCLIENTENCODING", "UTF8", 1);
    execvp(argv[0], argv);
    _exit(127);
}

static int wait_for(pid_t child)
{
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) {
            return -1;
        }
    }
    return status;
}

bool recorder_run_psql(struct recorder *recorder, const char *const *words)
{
    pid_t child = fork();
    if (child < 0) {
        return false;
    }
    if (child == 0) {
        become_psql(recorder, words);
    }
    struct pollfd wanted = {.fd = recorder->listener, .events = POLLIN};
    int client =
        poll(&wanted, 1, CONNECT_MS) == 1 ? accept(recorder->listener, NULL, NULL) : -1;
    if (client < 0) {
        kill(child, SIGKILL);
    } else {
        serve(recorder, client);
        close(client);
    }
    int status = wait_for(child);
    return client >= 0 && WIFEXITED(status);
}
