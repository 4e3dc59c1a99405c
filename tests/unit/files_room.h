/* SPDX-License-Identifier: PostgreSQL */
/*
 * What the tests of the files room share: a fresh folder on a real disk for each
 * test, which is gone afterwards, and short words to plant and to look. The
 * functions are inline because no test uses all of them.
 */
#ifndef GONOGO_TESTS_FILES_ROOM_H
#define GONOGO_TESTS_FILES_ROOM_H

#include "files.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

/* A fresh folder for each test, and its descriptor. */
struct room {
    char path[64];
    int fd;
};

static inline int make_room(void **state)
{
    struct room *room = mem_zero(1, sizeof(*room));

    (void)umask(022);
    (void)snprintf(room->path, sizeof(room->path), "/tmp/gonogo-files-XXXXXX");
    if (!mkdtemp(room->path)) {
        return -1;
    }
    room->fd = open(room->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    *state = room;
    return room->fd < 0 ? -1 : 0;
}

static inline int drop_room(void **state)
{
    struct room *room = *state;
    struct err err = {0};
    int tmp = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = files_remove_tree(tmp, strrchr(room->path, '/') + 1, &err);

    (void)close(tmp);
    (void)close(room->fd);
    free(room);
    return ok ? 0 : -1;
}

static inline void put(struct room *room, const char *name, const char *text)
{
    int fd = openat(room->fd, name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(close(fd), 0);
}

static inline void expect_content(struct room *room, const char *name, const char *wanted)
{
    struct strbuf out = {0};
    struct err err = {0};

    if (!files_read(room->fd, name, 1 << 24, &out, NULL, &err)) {
        fail_msg("%s", err.message);
    }
    assert_string_equal(out.ptr ? out.ptr : "", wanted);
    strbuf_release(&out);
}

static inline bool is_there(struct room *room, const char *name)
{
    struct stat status;
    return fstatat(room->fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

static inline mode_t mode_of(struct room *room, const char *name)
{
    struct stat status;
    assert_int_equal(fstatat(room->fd, name, &status, AT_SYMLINK_NOFOLLOW), 0);
    return status.st_mode & 07777;
}

#define in_room(test) cmocka_unit_test_setup_teardown(test, make_room, drop_room)

#endif
