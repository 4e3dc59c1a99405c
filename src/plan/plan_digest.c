/* SPDX-License-Identifier: PostgreSQL */
/*
 * The two digests and the window's clock. The plan digest names the bytes of the
 * plan and of every file in it; the approval adds the target and what it must
 * say. Their canonical forms are in plan.h: people may compute them by hand.
 */
#include "plan.h"

static void add_file(struct strbuf *text, const char *word, struct str bytes, struct str path)
{
    struct sha256_hex hash = sha256_of(bytes);
    strbuf_format(text, "%s %s %zu", word, hash.text, bytes.len);
    if (path.len > 0) {
        strbuf_byte(text, ' ');
        strbuf_add(text, path);
    }
    strbuf_byte(text, '\n');
}

struct mention {
    struct str path;
    struct str bytes;
};

static int compare(const void *left, const void *right)
{
    const struct mention *a = left;
    const struct mention *b = right;
    return str_compare(a->path, b->path);
}

struct sha256_hex plan_digest(const struct plan *plan, const struct plan_file_state *files)
{
    struct strbuf text = {0};
    struct mention *mentions = mem_zero(plan->file_count + 1, sizeof(*mentions));
    size_t count = 0;
    for (size_t i = 0; i < plan->file_count; i++) {
        if (plan->files[i].first == i) {
            mentions[count++] = (struct mention){plan->files[i].path, files[i].bytes};
        }
    }
    qsort(mentions, count, sizeof(*mentions), compare);
    strbuf_text(&text, "gonogo plan 1\n");
    add_file(&text, "plan", plan->bytes, (struct str){0});
    for (size_t i = 0; i < count; i++) {
        add_file(&text, "file", mentions[i].bytes, mentions[i].path);
    }
    struct sha256_hex digest = sha256_of(strbuf_str(&text));
    free(mentions);
    strbuf_release(&text);
    return digest;
}

static void add_pin(struct strbuf *text, const char *key, struct str value)
{
    if (value.len > 0) {
        strbuf_format(text, "%s %zu ", key, value.len);
        strbuf_add(text, value);
        strbuf_byte(text, '\n');
    }
}

struct sha256_hex plan_approval(const struct sha256_hex *digest,
                                const struct plan_target *target)
{
    static const char *const primary[] = {
        [PLAN_NOT_SAID] = "", [PLAN_YES] = "true", [PLAN_NO] = "false"};
    struct strbuf text = {0};
    strbuf_format(&text, "gonogo approval 1\nplan %s\ntarget %zu ", digest->text,
                  target->id.len);
    strbuf_add(&text, target->id);
    strbuf_byte(&text, '\n');
    add_pin(&text, "environment", target->environment);
    add_pin(&text, "system_identifier", target->system_identifier);
    add_pin(&text, "expect_database", target->expect_database);
    add_pin(&text, "expect_role", target->expect_role);
    add_pin(&text, "expect_major", target->expect_major);
    add_pin(&text, "expect_primary", str_from(primary[target->expect_primary]));
    add_pin(&text, "sslmode", target->sslmode);
    struct sha256_hex approval = sha256_of(strbuf_str(&text));
    strbuf_release(&text);
    return approval;
}

bool plan_zone_offset(struct str zone, int64_t *offset_us)
{
    if (str_eq(zone, "UTC") || str_eq(zone, "Z")) {
        *offset_us = 0;
        return true;
    }
    int64_t hours = 0;
    int64_t minutes = 0;
    if (zone.len != 6 || (zone.ptr[0] != '+' && zone.ptr[0] != '-') || zone.ptr[3] != ':' ||
        !str_to_i64(str_slice(zone, 1, 2), &hours) ||
        !str_to_i64(str_slice(zone, 4, 2), &minutes) || hours < 0 || hours > 15 ||
        minutes < 0 || minutes > 59) {
        return false;
    }
    *offset_us = hours * US_PER_HOUR + minutes * US_PER_MINUTE;
    if (zone.ptr[0] == '-') {
        *offset_us = -*offset_us;
    }
    return true;
}

bool plan_window_us(const struct plan *plan, int64_t local_us, int64_t *time_us)
{
    const struct plan_window *window = &plan->window;
    int64_t offset_us = 0;
    if (window->year == 0 || !plan_zone_offset(window->timezone, &offset_us)) {
        return false;
    }
    struct calendar midnight = {
        .year = window->year, .month = window->month, .day = window->day};
    *time_us = calendar_to_us(&midnight) + local_us - offset_us;
    return true;
}
