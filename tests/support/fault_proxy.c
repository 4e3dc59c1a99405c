/* SPDX-License-Identifier: PostgreSQL */
/*
 * Blocking writes and one poll(): the messages are small and both ends read. What comes
 * from the program is cut into messages, what comes from the server is passed as it is.
 */
#include "fault_proxy.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base.h"
#include "fault_world.h"

const char *const fault_cut_words[CUT__COUNT] = {
    [CUT_BEFORE] = "before COMMIT",     [CUT_INSIDE] = "inside COMMIT",
    [CUT_AFTER] = "after COMMIT",       [CUT_SWALLOW] = "the answer swallowed",
    [CUT_LATE] = "COMMIT arrives late",
};

enum {
    PAIRS_MAX = 32,
    BUFFER = 16384
};

struct pair {
    int client; /* -1: free */
    int server;
    bool started; /* the startup message has passed */
    bool work;    /* it named the work session */
    bool hole;    /* it named the session of the black hole */
    bool swallow; /* cut when the server answers */
    struct strbuf pending;
};
/* A COMMIT that is still on its way when the program has long lost its connection. */
struct late {
    int server; /* -1: none */
    int64_t due_us;
    struct strbuf message;
};
struct proxy {
    int listener;
    int report;
    const char *server_folder;
    enum fault_cut cut;
    int commits_left;
    int64_t late_us;
    const char *hole_session;
    const char *hole_text; /* NULL: no black hole */
    struct late late;
    struct pair pairs[PAIRS_MAX];
};

static struct sockaddr_un address_of(const char *folder)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%.80s/.s.PGSQL.5432", folder);
    return address;
}

static void close_pair(struct pair *pair)
{
    (void)close(pair->client);
    (void)close(pair->server);
    strbuf_release(&pair->pending);
    *pair = (struct pair){.client = -1, .server = -1};
}

static bool put(int fd, const char *bytes, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t n = send(fd, bytes + done, size - done, MSG_NOSIGNAL);
        if (n <= 0) {
            return false;
        }
        done += (size_t)n;
    }
    return true;
}

static void report(struct proxy *proxy)
{
    proxy->commits_left = -1;
    if (write(proxy->report, "x", 1) != 1) {
        _exit(97);
    }
}

static void cut_here(struct proxy *proxy, struct pair *pair, const char *message, size_t size)
{
    if (proxy->cut == CUT_INSIDE) {
        (void)put(pair->server, message, size / 2);
    } else if (proxy->cut == CUT_LATE) {
        proxy->late.server = dup(pair->server);
        proxy->late.due_us = test_now_us() + proxy->late_us;
        strbuf_add(&proxy->late.message, (struct str){message, size});
    } else if (proxy->cut != CUT_BEFORE) {
        (void)put(pair->server, message, size);
    }
    if (proxy->cut == CUT_SWALLOW) {
        pair->swallow = true;
    } else {
        report(proxy);
        close_pair(pair);
    }
}

static uint32_t length_at(const char *bytes)
{
    const unsigned char *b = (const unsigned char *)bytes;
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static bool holds(struct str message, const char *text)
{
    size_t length = strlen(text);
    for (size_t i = 0; i + length <= message.len; i++) {
        if (memcmp(message.ptr + i, text, length) == 0) {
            return true;
        }
    }
    return false;
}

/* Connections stay open and take what fits into them; nobody reads it. */
NORETURN static void be_a_black_hole(struct proxy *proxy)
{
    report(proxy);
    for (;;) {
        (void)pause();
    }
}

/* One whole message of the program; false when the pair is gone afterwards. */
static bool pass_message(struct proxy *proxy, struct pair *pair, const char *message,
                         size_t size)
{
    if (!pair->started) {
        pair->started = true;
        pair->work = holds((struct str){message, size}, "gonogo work");
        pair->hole =
            proxy->hole_text && holds((struct str){message, size}, proxy->hole_session);
    } else if (pair->hole && holds((struct str){message, size}, proxy->hole_text)) {
        be_a_black_hole(proxy);
    } else if (pair->work && proxy->commits_left > 0 && message[0] == 'Q' && size >= 11 &&
               strncasecmp(message + 5, "commit", 6) == 0 && --proxy->commits_left == 0) {
        cut_here(proxy, pair, message, size);
        return pair->client >= 0;
    }
    if (!put(pair->server, message, size)) {
        close_pair(pair);
        return false;
    }
    return true;
}

static void from_client(struct proxy *proxy, struct pair *pair)
{
    char bytes[BUFFER];
    ssize_t n = recv(pair->client, bytes, sizeof(bytes), 0);
    if (n <= 0) {
        close_pair(pair);
        return;
    }
    strbuf_add(&pair->pending, (struct str){bytes, (size_t)n});
    size_t done = 0;
    for (;;) {
        size_t head = pair->started ? 5 : 4;
        size_t left = pair->pending.len - done;
        if (left < head) {
            break;
        }
        const char *message = pair->pending.ptr + done;
        size_t size = length_at(message + head - 4) + head - 4;
        if (left < size) {
            break;
        }
        if (!pass_message(proxy, pair, message, size)) {
            return;
        }
        done += size;
    }
    struct strbuf rest = {0};
    strbuf_add(&rest, str_slice(strbuf_str(&pair->pending), done, pair->pending.len));
    strbuf_release(&pair->pending);
    pair->pending = rest;
}

static void from_server(struct proxy *proxy, struct pair *pair)
{
    char bytes[BUFFER];
    ssize_t n = recv(pair->server, bytes, sizeof(bytes), 0);
    if (pair->swallow) {
        report(proxy);
        close_pair(pair);
    } else if (n <= 0 || !put(pair->client, bytes, (size_t)n)) {
        close_pair(pair);
    }
}

static void take_client(struct proxy *proxy)
{
    struct sockaddr_un address = address_of(proxy->server_folder);
    int client = accept(proxy->listener, NULL, NULL);
    int server = socket(AF_UNIX, SOCK_STREAM, 0);
    for (int i = 0; i < PAIRS_MAX && client >= 0; i++) {
        struct pair *pair = &proxy->pairs[i];
        if (pair->client < 0 &&
            connect(server, (const struct sockaddr *)&address, sizeof(address)) == 0) {
            *pair = (struct pair){.client = client, .server = server};
            return;
        }
    }
    (void)close(client);
    (void)close(server);
}

/* How long poll() may sleep; delivers what is due. */
static int deliver_late(struct proxy *proxy)
{
    struct late *late = &proxy->late;
    int64_t left_us = late->due_us - test_now_us();
    if (late->server < 0) {
        return -1;
    }
    if (left_us > 0) {
        return (int)(left_us / US_PER_MS) + 1;
    }
    (void)put(late->server, late->message.ptr, late->message.len);
    (void)close(late->server);
    strbuf_release(&late->message);
    late->server = -1;
    return -1;
}

NORETURN static void serve(struct proxy *proxy)
{
    for (;;) {
        struct pollfd polls[1 + 2 * PAIRS_MAX];
        struct pair *owners[1 + 2 * PAIRS_MAX];
        nfds_t count = 1;
        polls[0] = (struct pollfd){.fd = proxy->listener, .events = POLLIN};
        for (int i = 0; i < PAIRS_MAX; i++) {
            struct pair *pair = &proxy->pairs[i];
            if (pair->client >= 0) {
                owners[count] = pair;
                polls[count++] = (struct pollfd){.fd = pair->client, .events = POLLIN};
                owners[count] = pair;
                polls[count++] = (struct pollfd){.fd = pair->server, .events = POLLIN};
            }
        }
        if (poll(polls, count, deliver_late(proxy)) < 0 && errno != EINTR) {
            _exit(97);
        }
        for (nfds_t i = 1; i < count; i++) {
            bool client = i % 2 == 1;
            int fd = client ? owners[i]->client : owners[i]->server;
            if (polls[i].revents != 0 && fd == polls[i].fd) {
                (client ? from_client : from_server)(proxy, owners[i]);
            }
        }
        if (polls[0].revents != 0) {
            take_client(proxy);
        }
    }
}

static void start(struct fault_proxy *handle, struct proxy *proxy, const char *folder)
{
    struct sockaddr_un address = address_of(folder);
    int ends[2];
    proxy->late.server = -1;
    proxy->listener = socket(AF_UNIX, SOCK_STREAM, 0);
    (void)unlink(address.sun_path);
    if (proxy->listener < 0 || pipe(ends) != 0 ||
        bind(proxy->listener, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
        listen(proxy->listener, PAIRS_MAX) != 0) {
        (void)printf("Bail out! no proxy in %s: %s\n", folder, strerror(errno));
        exit(99);
    }
    for (int i = 0; i < PAIRS_MAX; i++) {
        proxy->pairs[i] = (struct pair){.client = -1, .server = -1};
    }
    proxy->report = ends[1];
    (void)fflush(stdout);
    handle->report = ends[0];
    handle->pid = fork();
    if (handle->pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)close(ends[0]);
        if (proxy->hole_text && proxy->hole_text[0] == '\0') {
            be_a_black_hole(proxy);
        }
        serve(proxy);
    }
    (void)close(ends[1]);
    (void)close(proxy->listener);
}

void fault_proxy_start(struct fault_proxy *handle, const char *folder,
                       const char *server_folder, enum fault_cut cut, int commit_number,
                       int64_t late_us)
{
    struct proxy proxy = {.server_folder = server_folder,
                          .cut = cut,
                          .commits_left = commit_number,
                          .late_us = late_us};
    start(handle, &proxy, folder);
}

void fault_hole_start(struct fault_proxy *handle, const char *folder, const char *server_folder,
                      const char *session, const char *text)
{
    struct proxy proxy = {
        .server_folder = server_folder, .hole_session = session, .hole_text = text};
    start(handle, &proxy, folder);
}

bool fault_proxy_stop(struct fault_proxy *handle)
{
    char byte;
    (void)kill(handle->pid, SIGKILL);
    (void)waitpid(handle->pid, NULL, 0);
    bool cut = read(handle->report, &byte, 1) == 1;
    (void)close(handle->report);
    return cut;
}
