/* SPDX-License-Identifier: PostgreSQL */
/*
 * The switch: the restored database takes the name of the live one, which keeps its
 * data under another name. Nothing is ever restored over a live database.
 *
 * What belongs to a database but is in no dump is carried over: its privileges, its
 * owner, its connection limit, its settings (ALTER DATABASE SET and ALTER ROLE IN
 * DATABASE SET). What cannot be carried over (logical slots, subscriptions, prepared
 * transactions) refuses the switch before it begins.
 */
#include "pgtools.h"

/* Columns of pgtools_settings_query(). */
enum {
    SETTING_KIND,
    SETTING_ROLE,
    SETTING_NAME,
    SETTING_VALUE,
    SETTING_OPTION,
    SETTING_COLUMNS,
};

struct str pgtools_old_name(struct arena *arena, struct str database, int64_t at_us)
{
    struct calendar at = calendar_from_us(at_us);
    struct str tail = str_format(arena, "_before_gonogo_%04d%02d%02d_%02d%02d%02d", at.year,
                                 at.month, at.day, at.hour, at.minute, at.second);
    size_t room = PGTOOLS_NAME_MAX - tail.len;
    size_t len = 0;
    uint32_t code_point = 0;
    while (len < database.len) {
        size_t step = utf8_next(str_slice(database, len, database.len), &code_point);
        step = step > 0 ? step : 1;
        if (len + step > room) {
            break;
        }
        len += step;
    }
    return str_format(arena, "%.*s%.*s", (int)len, database.ptr ? database.ptr : "",
                      STR_ARG(tail));
}

const char *pgtools_obstacles_query(void)
{
    return "select 'slot' as kind, slot_name::pg_catalog.text as name, plugin::pg_catalog.text "
           "as detail from pg_catalog.pg_replication_slots "
           "where slot_type = 'logical' and database = $1 "
           "union all select 'subscription', s.subname::pg_catalog.text, null "
           "from pg_catalog.pg_subscription s join pg_catalog.pg_database d on d.oid = "
           "s.subdbid "
           "where d.datname = $1 "
           "union all select 'prepared', gid, owner::pg_catalog.text "
           "from pg_catalog.pg_prepared_xacts where database in ($1, $2) "
           "union all select 'session', pid::pg_catalog.text, usename || ' ' || "
           "application_name "
           "from pg_catalog.pg_stat_activity where datname in ($1, $2) "
           "and pid <> pg_catalog.pg_backend_pid() "
           "union all select 'right', current_user::pg_catalog.text, "
           "'needs CREATEDB to rename a database' from pg_catalog.pg_roles r "
           "where r.rolname = current_user and not r.rolcreatedb and not r.rolsuper "
           "union all select 'right', current_user::pg_catalog.text, "
           "'is not an owner of ' || d.datname from pg_catalog.pg_database d "
           "where d.datname in ($1, $2) and not pg_catalog.pg_has_role(d.datdba, 'USAGE') "
           "union all select 'name', w.name, 'there is no such database' "
           "from (values ($1), ($2)) as w(name) where not exists "
           "(select from pg_catalog.pg_database d where d.datname = w.name) "
           "union all select 'name', d.datname::pg_catalog.text, 'exists already' "
           "from pg_catalog.pg_database d where d.datname = $3 "
           "union all select 'name', d.datname::pg_catalog.text, "
           "'this session is connected to it' from pg_catalog.pg_database d "
           "where d.datname in ($1, $2) and d.datname = pg_catalog.current_database() "
           "order by 1, 2";
}

bool pgtools_obstacle_is_session(struct str kind)
{
    return str_eq(kind, "session");
}

struct str pgtools_lasting_obstacle(const struct rows *rows, struct arena *arena)
{
    for (size_t i = 0; i < rows->row_count; i++) {
        struct str kind = rows_text(rows, i, 0);
        struct str name = rows_text(rows, i, 1);
        if (str_eq(kind, "right")) {
            return str_format(arena, "%.*s %.*s", STR_ARG(name),
                              STR_ARG(rows_text(rows, i, 2)));
        }
        if (str_eq(kind, "slot") || str_eq(kind, "subscription")) {
            return str_format(arena, "the %.*s %.*s holds on to the database", STR_ARG(kind),
                              STR_ARG(name));
        }
    }
    return (struct str){0};
}

/* kind: "owner", "limit", "acl" (privilege, grantable) or "set" (name, value). */
const char *pgtools_settings_query(void)
{
    return "select 'owner' as kind, pg_catalog.pg_get_userbyid(datdba)::pg_catalog.text as "
           "role, "
           "'' as name, '' as value, '' as option from pg_catalog.pg_database where datname = "
           "$1 "
           "union all select 'limit', '', '', datconnlimit::pg_catalog.text, '' "
           "from pg_catalog.pg_database where datname = $1 and datconnlimit >= -1 "
           "union all select distinct 'acl', case p.grantee when 0 then '' "
           "else pg_catalog.pg_get_userbyid(p.grantee)::pg_catalog.text end, "
           "p.privilege_type, '', p.is_grantable::pg_catalog.text "
           "from pg_catalog.pg_database d, lateral pg_catalog.aclexplode(coalesce(d.datacl, "
           "pg_catalog.acldefault('d', d.datdba))) p where d.datname = $1 "
           "union all select 'set', coalesce(r.rolname::pg_catalog.text, ''), "
           "pg_catalog.split_part(c.setting, '=', 1), "
           "pg_catalog.substr(c.setting, pg_catalog.strpos(c.setting, '=') + 1), '' "
           "from pg_catalog.pg_db_role_setting s "
           "join pg_catalog.pg_database d on d.oid = s.setdatabase "
           "left join pg_catalog.pg_roles r on r.oid = s.setrole, "
           "lateral pg_catalog.unnest(s.setconfig) as c(setting) where d.datname = $1 "
           "order by 1, 2, 3, 4, 5";
}

/* Settings whose value is a list of names, stored quoted: each part becomes a literal. */
static bool is_list(struct str name)
{
    static const char *const lists[] = {"search_path",
                                        "temp_tablespaces",
                                        "local_preload_libraries",
                                        "session_preload_libraries",
                                        "shared_preload_libraries",
                                        "unix_socket_directories"};
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        if (str_eq(name, lists[i])) {
            return true;
        }
    }
    return false;
}

/* "\"$user\", public" -> '$user', 'public' */
static void add_list_value(struct strbuf *out, struct str value)
{
    struct strbuf part = {0};
    bool quoted = false;
    for (size_t i = 0; i <= value.len; i++) {
        char byte = i < value.len ? value.ptr[i] : ',';
        if (byte == '"') {
            if (quoted && i + 1 < value.len && value.ptr[i + 1] == '"') {
                strbuf_byte(&part, '"');
                i++;
            } else {
                quoted = !quoted;
            }
        } else if (byte == ',' && (!quoted || i == value.len)) {
            pgtools_quote_literal(out, strbuf_str(&part));
            strbuf_clear(&part);
            if (i < value.len) {
                strbuf_text(out, ", ");
            }
        } else if (byte != ' ' || quoted) {
            strbuf_byte(&part, byte);
        }
    }
    strbuf_release(&part);
}

static void add_set(struct strbuf *out, const struct rows *rows, size_t row, struct str to)
{
    struct str role = rows_text(rows, row, SETTING_ROLE);
    struct str name = rows_text(rows, row, SETTING_NAME);
    struct str rest = name;
    struct str part = {0};
    if (role.len > 0) {
        strbuf_text(out, "ALTER ROLE ");
        pgtools_quote_name(out, role);
        strbuf_text(out, " IN DATABASE ");
    } else {
        strbuf_text(out, "ALTER DATABASE ");
    }
    pgtools_quote_name(out, to);
    strbuf_text(out, " SET ");
    for (bool first = true; str_cut(&rest, '.', &part); first = false) {
        strbuf_text(out, first ? "" : ".");
        pgtools_quote_name(out, part); /* app.tenant is two names */
    }
    strbuf_text(out, " TO ");
    if (is_list(name)) {
        add_list_value(out, rows_text(rows, row, SETTING_VALUE));
    } else {
        pgtools_quote_literal(out, rows_text(rows, row, SETTING_VALUE));
    }
}

static void add_grant(struct strbuf *out, const struct rows *rows, size_t row, struct str to)
{
    struct str role = rows_text(rows, row, SETTING_ROLE);
    strbuf_format(out, "GRANT %.*s ON DATABASE ", STR_ARG(rows_text(rows, row, SETTING_NAME)));
    pgtools_quote_name(out, to);
    strbuf_text(out, " TO ");
    if (role.len > 0) {
        pgtools_quote_name(out, role);
    } else {
        strbuf_text(out, "PUBLIC");
    }
    if (rows_bool(rows, row, SETTING_OPTION)) {
        strbuf_text(out, " WITH GRANT OPTION");
    }
}

static void add_setting(struct strbuf *out, const struct rows *rows, size_t row, struct str to)
{
    struct str kind = rows_text(rows, row, SETTING_KIND);
    if (str_eq(kind, "set")) {
        add_set(out, rows, row, to);
    } else if (str_eq(kind, "acl")) {
        add_grant(out, rows, row, to);
    } else {
        bool owner = str_eq(kind, "owner");
        strbuf_text(out, "ALTER DATABASE ");
        pgtools_quote_name(out, to);
        strbuf_text(out, owner ? " OWNER TO " : " CONNECTION LIMIT ");
        if (owner) {
            pgtools_quote_name(out, rows_text(rows, row, SETTING_ROLE));
        } else {
            strbuf_add(out, rows_text(rows, row, SETTING_VALUE));
        }
    }
}

/* Rank of a kind: the owner before the privileges that depend on it. */
static int rank_of(struct str kind)
{
    return str_eq(kind, "owner") ? 0 : str_eq(kind, "acl") ? 1 : 2;
}

const char **pgtools_copy_settings(struct arena *arena, const struct rows *rows, struct str to)
{
    const char **list = arena_array(arena, rows->row_count + 2, sizeof(*list));
    struct strbuf text = {0};
    size_t count = 0;
    for (int rank = 0; rank < 3; rank++) {
        if (rank == 1) { /* a new database grants CONNECT and TEMPORARY to all by itself */
            strbuf_text(&text, "REVOKE ALL ON DATABASE ");
            pgtools_quote_name(&text, to);
            strbuf_text(&text, " FROM PUBLIC");
            list[count++] = str_text(arena, strbuf_str(&text));
            strbuf_clear(&text);
        }
        for (size_t i = 0; i < rows->row_count; i++) {
            if (rank_of(rows_text(rows, i, SETTING_KIND)) == rank) {
                add_setting(&text, rows, i, to);
                list[count++] = str_text(arena, strbuf_str(&text));
                strbuf_clear(&text);
            }
        }
    }
    list[count] = NULL;
    strbuf_release(&text);
    return list;
}

bool pgtools_settings_equal(const struct rows *from, const struct rows *to, struct err *err)
{
    size_t rows = from->row_count > to->row_count ? from->row_count : to->row_count;
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < SETTING_COLUMNS; j++) {
            bool both = i < from->row_count && i < to->row_count;
            if (both && str_is(rows_text(from, i, j), rows_text(to, i, j))) {
                continue;
            }
            const struct rows *has = i < from->row_count ? from : to;
            err_set(err, ERR_CHECK, "the two databases differ in %.*s %.*s %.*s",
                    STR_ARG(rows_text(has, i, SETTING_KIND)),
                    STR_ARG(rows_text(has, i, SETTING_ROLE)),
                    STR_ARG(rows_text(has, i, SETTING_NAME)));
            err_hint(err, "Nothing was switched; the live database is as it was.");
            return false;
        }
    }
    return true;
}

const char *pgtools_sessions_query(void)
{
    return "select pid, (extract(epoch from backend_start) * 1000000)::bigint as "
           "backend_start_us, usename, application_name from pg_catalog.pg_stat_activity "
           "where datname = $1 and pid <> pg_catalog.pg_backend_pid() order by pid";
}

static const char *alter(struct arena *arena, struct str database, const char *what,
                         struct str name)
{
    struct strbuf text = {0};
    strbuf_text(&text, "ALTER DATABASE ");
    pgtools_quote_name(&text, database);
    strbuf_text(&text, what);
    if (name.len > 0) {
        pgtools_quote_name(&text, name);
    }
    const char *copy = str_text(arena, strbuf_str(&text));
    strbuf_release(&text);
    return copy;
}

void pgtools_switch_statements(struct pgtools_switch_sql *sql, struct arena *arena,
                               const struct pgtools_switch *names)
{
    struct str none = {0};
    sql->close = alter(arena, names->database, " ALLOW_CONNECTIONS false", none);
    sql->rename = alter(arena, names->database, " RENAME TO ", names->old_name);
    sql->adopt = alter(arena, names->restored, " RENAME TO ", names->database);
    sql->reopen = alter(arena, names->database, " ALLOW_CONNECTIONS true", none);
    sql->undo_adopt = alter(arena, names->database, " RENAME TO ", names->restored);
    sql->undo_rename = alter(arena, names->old_name, " RENAME TO ", names->database);
}

/* ------------------------------------------------------ a database to restore into */

const char *pgtools_database_query(void)
{
    return "select pg_catalog.pg_encoding_to_char(encoding), datcollate, datctype "
           "from pg_catalog.pg_database where datname = pg_catalog.current_database()";
}

bool pgtools_create_database(struct strbuf *out, struct str name, const struct rows *rows,
                             struct err *err)
{
    if (rows->row_count != 1 || rows_text(rows, 0, 0).len == 0) {
        err_set(err, ERR_INTERNAL, "the encoding of the source database is not known");
        err_hint(err, "No database was made for the restore.");
        return false;
    }
    strbuf_text(out, "CREATE DATABASE ");
    pgtools_quote_name(out, name);
    strbuf_text(out, " TEMPLATE template0 ENCODING ");
    pgtools_quote_literal(out, rows_text(rows, 0, 0));
    strbuf_text(out, " LC_COLLATE ");
    pgtools_quote_literal(out, rows_text(rows, 0, 1));
    strbuf_text(out, " LC_CTYPE ");
    pgtools_quote_literal(out, rows_text(rows, 0, 2));
    return true;
}
