/* SPDX-License-Identifier: PostgreSQL */
/*
 * Names become addresses in a child, since getaddrinfo() blocks for as long as it
 * likes. The child inherits no connection that it uses, writes the addresses to a
 * pipe and ends. libpq then gets `hostaddr` beside `host`, which certificates are
 * checked against.
 */
#include "perform_connect.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    ADDRESS_MAX = 128 /* an IPv6 address with its scope */
};

struct resolver {
    pid_t child;
    int fd;
    int64_t deadline_us;
    struct strbuf text;
};

static bool is_address(const char *host, size_t length)
{
    char text[INET6_ADDRSTRLEN + 1];
    unsigned char bytes[sizeof(struct in6_addr)];
    if (length >= sizeof(text)) {
        return false;
    }
    memcpy(text, host, length);
    text[length] = '\0';
    return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

static bool needs(struct str host)
{
    return host.len > 0 && host.ptr[0] != '/' && host.ptr[0] != '@' &&
           !is_address(host.ptr, host.len);
}

bool resolver_is_needed(const char *hosts)
{
    struct str rest = str_from(hosts);
    struct str host;
    bool needed = false;
    /* With a socket's folder among them libpq wants no addresses at all. */
    while (str_cut(&rest, ',', &host)) {
        if (host.len == 0 || host.ptr[0] == '/' || host.ptr[0] == '@') {
            return false;
        }
        needed = needed || needs(host);
    }
    return needed;
}

/* Appends the first address of a host, or "!" and why not. */
static bool resolve_one(struct strbuf *out, struct str host)
{
    struct arena arena = {0};
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    int result = getaddrinfo(str_text(&arena, host), NULL, &hints, &found);
    char text[ADDRESS_MAX];
    if (result == 0) {
        result = getnameinfo(found->ai_addr, found->ai_addrlen, text, sizeof(text), NULL, 0,
                             NI_NUMERICHOST);
    }
    if (result != 0) {
        strbuf_clear(out);
        strbuf_format(out, "!host %.*s: %s", STR_ARG(host), gai_strerror(result));
    } else {
        strbuf_text(out, text);
    }
    if (found) {
        freeaddrinfo(found);
    }
    arena_release(&arena);
    return result == 0;
}

static NORETURN void be_child(const char *hosts, int fd)
{
    loop_signals_close();
    struct strbuf out = {0};
    struct str rest = str_from(hosts);
    struct str host;
    bool ok = true;
    while (ok && str_cut(&rest, ',', &host)) {
        if (out.len > 0) {
            strbuf_byte(&out, ',');
        }
        if (needs(host)) {
            ok = resolve_one(&out, host);
        } else {
            strbuf_add(&out, host);
        }
    }
    strbuf_byte(&out, '\n');
    ssize_t n = write(fd, out.ptr, out.len);
    _exit(n == (ssize_t)out.len ? 0 : 1);
}

struct resolver *resolver_start(const char *hosts, int64_t deadline_us, struct err *err)
{
    int ends[2];
    if (pipe(ends) != 0) {
        err_set(err, ERR_CONNECT, "no pipe for the resolver: %s", strerror(errno));
        return NULL;
    }
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        be_child(hosts, ends[1]);
    }
    close(ends[1]);
    if (child < 0 || fcntl(ends[0], F_SETFD, FD_CLOEXEC) != 0 ||
        fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0) {
        err_set(err, ERR_CONNECT, "no process for the resolver: %s", strerror(errno));
        close(ends[0]);
        return NULL;
    }
    struct resolver *resolver = mem_zero(1, sizeof(*resolver));
    resolver->child = child;
    resolver->fd = ends[0];
    resolver->deadline_us = deadline_us;
    return resolver;
}

void resolver_wants(const struct resolver *resolver, struct loop_want *want)
{
    want->fd = resolver->fd;
    want->events = POLLIN;
    want->deadline_us = resolver->deadline_us;
}

bool resolver_take(struct resolver *resolver, int64_t now_us, struct strbuf *addresses,
                   struct err *err)
{
    char bytes[1024];
    ssize_t n;
    while ((n = read(resolver->fd, bytes, sizeof(bytes))) > 0) {
        strbuf_add(&resolver->text, (struct str){bytes, (size_t)n});
    }
    bool over = n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
    if (!over && now_us < resolver->deadline_us) {
        return false;
    }
    struct str text = strbuf_str(&resolver->text);
    if (!over) {
        err_set(err, ERR_CONNECT, "the resolver gave no answer in time");
    } else if (text.len == 0 || !str_ends(text, "\n")) {
        err_set(err, ERR_CONNECT, "the resolver ended without an answer");
    } else if (str_starts(text, "!")) {
        err_set(err, ERR_CONNECT, "%.*s", STR_ARG(str_slice(text, 1, text.len - 2)));
        err_hint(err, "Nothing was changed. Check the host's name in target, service file and "
                      "flags.");
    } else {
        strbuf_add(addresses, str_slice(text, 0, text.len - 1));
    }
    return true;
}

void resolver_free(struct resolver *resolver)
{
    if (!resolver) {
        return;
    }
    close(resolver->fd);
    kill(resolver->child, SIGKILL);
    while (waitpid(resolver->child, NULL, 0) < 0 && errno == EINTR) {
    }
    strbuf_release(&resolver->text);
    free(resolver);
}
