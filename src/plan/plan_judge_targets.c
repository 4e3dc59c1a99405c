/* SPDX-License-Identifier: PostgreSQL */
/*
 * Targets: no secret, enough pins on a guarded one, a certificate that is judged
 * where the host is remote, references that exist, values for every ${name}.
 */
#include "plan_judge.h"

#include "plan_values.h"

/* "key = value" or "key='value'"; backslash escapes. False at the end. */
static bool next_setting(struct str *rest, struct str *key, struct str *value)
{
    *rest = str_trim(*rest);
    size_t equals = str_find_byte(*rest, '=', 0);
    if (equals == rest->len) {
        return false;
    }
    *key = str_trim(str_slice(*rest, 0, equals));
    struct str tail = str_trim(str_slice(*rest, equals + 1, rest->len));
    bool quoted = tail.len > 0 && tail.ptr[0] == '\'';
    size_t begin = quoted ? 1 : 0;
    size_t at = begin;
    while (at < tail.len && tail.ptr[at] != (quoted ? '\'' : ' ')) {
        at += tail.ptr[at] == '\\' ? 2 : 1;
    }
    *value = str_slice(tail, begin, at - begin);
    *rest = str_slice(tail, quoted ? at + 1 : at, tail.len);
    return true;
}

/* A connection text or URI: does it hold a password; its host and sslmode. */
struct conninfo_facts {
    bool password;
    struct str host;
    struct str sslmode;
};

static void take_setting(struct conninfo_facts *facts, struct str key, struct str value)
{
    if (str_eq(key, "password") || str_eq(key, "sslpassword")) {
        facts->password = true;
    } else if (str_eq(key, "host")) {
        facts->host = value;
    } else if (str_eq(key, "sslmode")) {
        facts->sslmode = value;
    }
}

static struct conninfo_facts uri_facts(struct str rest)
{
    struct conninfo_facts facts = {0};
    size_t query = str_find_byte(rest, '?', 0);
    struct str settings = str_slice(rest, query + 1, rest.len);
    struct str address = str_slice(rest, 0, query);
    address = str_slice(address, 0, str_find_byte(address, '/', 0));
    size_t at = address.len;
    while (at > 0 && address.ptr[at - 1] != '@') {
        at--;
    }
    if (at > 0) {
        struct str login = str_slice(address, 0, at - 1);
        facts.password = str_find_byte(login, ':', 0) < login.len;
        address = str_slice(address, at, address.len);
    }
    facts.host = str_slice(address, 0, str_find_byte(address, ':', 0));
    struct str setting;
    while (str_cut(&settings, '&', &setting)) {
        size_t equals = str_find_byte(setting, '=', 0);
        take_setting(&facts, str_slice(setting, 0, equals),
                     str_slice(setting, equals + 1, setting.len));
    }
    return facts;
}

static struct conninfo_facts facts_of(struct str conninfo)
{
    if (str_starts(conninfo, "postgres://")) {
        return uri_facts(str_slice(conninfo, strlen("postgres://"), conninfo.len));
    }
    if (str_starts(conninfo, "postgresql://")) {
        return uri_facts(str_slice(conninfo, strlen("postgresql://"), conninfo.len));
    }
    struct conninfo_facts facts = {0};
    struct str key;
    struct str value;
    while (next_setting(&conninfo, &key, &value)) {
        take_setting(&facts, key, value);
    }
    return facts;
}

static bool is_local(struct str host)
{
    return host.len == 0 || host.ptr[0] == '/' || host.ptr[0] == '@' ||
           str_starts(host, "%2F") || str_eq(host, "localhost") || str_eq(host, "127.0.0.1") ||
           str_eq(host, "::1");
}

static bool has_pin(const struct plan_target *target)
{
    return target->system_identifier.len > 0 || target->expect_database.len > 0 ||
           target->expect_role.len > 0 || target->expect_major.len > 0 ||
           target->expect_primary != PLAN_NOT_SAID;
}

/* Secrets also hide in connection texts that stand in other keys. */
static void judge_secrets(struct judge *judge, const struct plan_target *target)
{
    const struct {
        const char *key;
        struct str text;
    } texts[] = {{"conninfo", target->conninfo},
                 {"service", target->service},
                 {"host", target->host},
                 {"database", target->database}};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        if (facts_of(texts[i].text).password) {
            JUDGE_ERROR(
                judge, plan_mark_of(target->mark, texts[i].key), "Y301",
                "a password in the connection text; remove it, change it where it was in "
                "use, and let libpq find it in ~/.pgpass or a service file");
        }
    }
}

static void judge_ssl(struct judge *judge, struct plan_target *target)
{
    struct conninfo_facts facts = facts_of(target->conninfo);
    struct str host = target->host.len > 0 ? target->host : facts.host;
    struct str mode = target->sslmode.len > 0 ? target->sslmode : facts.sslmode;
    if (host.len == 0 && target->hostaddr.len > 0) {
        host = target->hostaddr;
    }
    bool full = str_eq(mode, "verify-full");
    target->ssl_weak = !is_local(host) && mode.len > 0 && !full;
    if (!target->guarded || is_local(host) || full) {
        return;
    }
    if (mode.len == 0) {
        JUDGE_ERROR(judge, plan_mark_of(target->mark, "host"), "Y303",
                    "a guarded target on another host without sslmode; write `sslmode: "
                    "verify-full`, or a weaker value, which is then shown");
    } else {
        JUDGE_WARNING(judge, plan_mark_of(target->mark, "sslmode"), "Y306",
                      "%.*s does not prove which server answers; verify-full does",
                      SHOWN(mode));
    }
}

static void judge_major(struct judge *judge, const struct plan_target *target)
{
    int64_t major = 0;
    if (target->expect_major.len > 0 &&
        (!str_to_i64(target->expect_major, &major) || major < 9 || major > 99)) {
        JUDGE_ERROR(judge, plan_mark_of(target->mark, "expect_major"), "Y307",
                    "\"%.*s\" is not a major version; write \"15\"",
                    SHOWN(target->expect_major));
    }
    int64_t identifier = 0;
    if (target->system_identifier.len > 0 &&
        (!str_to_i64(target->system_identifier, &identifier) || identifier <= 0)) {
        JUDGE_ERROR(judge, plan_mark_of(target->mark, "system_identifier"), "Y307",
                    "\"%.*s\" is not a system identifier; `select system_identifier from "
                    "pg_control_system()` tells it",
                    SHOWN(target->system_identifier));
    }
}

static void judge_before(struct judge *judge, const struct plan_target *target)
{
    for (size_t i = 0; i < target->before.count; i++) {
        struct plan_target_count *count = &target->before.items[i];
        if (count->what == PLAN_WHAT_QUERY && count->id.len == 0) {
            JUDGE_ERROR(judge, count->mark, "Y005",
                        "the key \"id\" is missing: which query of state.count is meant?");
            continue;
        }
        if (count->id.len == 0) {
            count->id = str_from(plan_what_word(count->what));
        }
        plan_judge_reference(judge, &judge->counts, count->mark,
                             plan_judge_says(count->mark, "id") ? "id" : "what", count->id,
                             "count in state.count named");
    }
}

void plan_judge_targets(struct judge *judge)
{
    struct plan *plan = judge->plan;
    if (plan_judge_says(plan->mark, "targets") && plan->targets.count == 0 &&
        plan_tree_find(plan->mark.node, "targets")->kind == NODE_LIST) {
        JUDGE_ERROR(judge, plan_mark_of(plan->mark, "targets"), "Y019",
                    "no target; name at least one server");
    }
    for (size_t i = 0; i < plan->targets.count; i++) {
        plan_judge_id(judge, &judge->targets, plan->targets.items[i].mark,
                      plan->targets.items[i].id, "target");
    }
    for (size_t i = 0; i < plan->targets.count; i++) {
        struct plan_target *target = &plan->targets.items[i];
        struct name_set values = {0};
        for (size_t k = 0; k < target->values.count; k++) {
            struct plan_named_value *value = &target->values.items[k];
            if (value->name.len > 0 &&
                plan_name_add(&values, value->name, value->mark.line) != 0) {
                JUDGE_ERROR(judge, plan_mark_of(value->mark, "name"), "Y104",
                            "the value \"%.*s\" stands here twice", SHOWN(value->name));
            }
        }
        plan_name_release(&values);
        judge_secrets(judge, target);
        judge_ssl(judge, target);
        judge_major(judge, target);
        judge_before(judge, target);
        if (target->guarded && !has_pin(target)) {
            JUDGE_ERROR(
                judge, target->mark, "Y302",
                "a guarded target without a pin; say system_identifier, expect_database, "
                "expect_role, expect_major or expect_primary, so that another server is "
                "refused");
        }
        plan_judge_reference(judge, &judge->targets, target->mark, "needs_rehearsal_on",
                             target->needs_rehearsal_on, "target");
        if (target->needs_rehearsal_on.len > 0 &&
            str_is(target->needs_rehearsal_on, target->id)) {
            JUDGE_ERROR(judge, plan_mark_of(target->mark, "needs_rehearsal_on"), "Y105",
                        "a target cannot be its own rehearsal");
        }
    }
}

static bool has_value(const struct plan_target *target, struct str name)
{
    for (size_t i = 0; i < target->values.count; i++) {
        if (str_is(target->values.items[i].name, name)) {
            return true;
        }
    }
    return false;
}

void plan_judge_fills(struct judge *judge)
{
    const struct plan *plan = judge->plan;
    for (size_t i = 0; i < judge->walk->fill_count; i++) {
        const struct walk_fill *fill = &judge->walk->fills[i];
        for (size_t k = 0; k < plan->targets.count; k++) {
            const struct plan_target *target = &plan->targets.items[k];
            if (!has_value(target, fill->name)) {
                JUDGE_ERROR(
                    judge, fill->mark, "Y305",
                    "the target \"%.*s\" has no value \"%.*s\"; add it to its `values:`",
                    SHOWN(target->id), SHOWN(fill->name));
            }
        }
    }
}
