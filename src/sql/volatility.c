/* SPDX-License-Identifier: PostgreSQL */
/*
 * How often the server must evaluate a function that it brings along, or that an extension
 * of its own does: what decides whether ADD COLUMN ... DEFAULT rewrites a table. Of several
 * functions of one name the most volatile counts. Held against pg_proc by
 * tests/db/sql_volatility_test.c.
 */
#include "sql_facts.h"

struct function {
    const char *name;
    enum sql_volatility volatility;
    bool extension; /* lives in whatever schema its extension was put */
};
#define IMMUTABLE(name)                                                                        \
    {                                                                                          \
        name, SQL_VOLATILITY_IMMUTABLE, false                                                  \
    }
#define STABLE(name)                                                                           \
    {                                                                                          \
        name, SQL_VOLATILITY_STABLE, false                                                     \
    }
#define VOLATILE(name)                                                                         \
    {                                                                                          \
        name, SQL_VOLATILITY_VOLATILE, false                                                   \
    }
#define EXTENSION(name, volatility)                                                            \
    {                                                                                          \
        name, SQL_VOLATILITY_##volatility, true                                                \
    }

static const struct function functions[] = {
    VOLATILE("clock_timestamp"),
    VOLATILE("currval"),
    VOLATILE("gen_random_uuid"),
    VOLATILE("lastval"),
    VOLATILE("nextval"),
    VOLATILE("pg_sleep"),
    VOLATILE("random"),
    VOLATILE("random_normal"),
    VOLATILE("set_config"),
    VOLATILE("setseed"),
    VOLATILE("setval"),
    VOLATILE("timeofday"),
    VOLATILE("uuidv4"),
    VOLATILE("uuidv7"),
    EXTENSION("gen_random_bytes", VOLATILE),
    EXTENSION("gen_salt", VOLATILE),
    EXTENSION("uuid_generate_v1", VOLATILE),
    EXTENSION("uuid_generate_v1mc", VOLATILE),
    EXTENSION("uuid_generate_v4", VOLATILE),
    STABLE("age"),
    STABLE("concat"),
    STABLE("concat_ws"),
    STABLE("current_database"),
    STABLE("current_schema"),
    STABLE("current_schemas"),
    STABLE("current_setting"),
    STABLE("date_part"),
    STABLE("date_trunc"),
    STABLE("format"),
    STABLE("inet_client_addr"),
    STABLE("inet_client_port"),
    STABLE("json_build_array"),
    STABLE("json_build_object"),
    STABLE("jsonb_build_array"),
    STABLE("jsonb_build_object"),
    STABLE("now"),
    STABLE("pg_backend_pid"),
    STABLE("pg_conf_load_time"),
    STABLE("pg_current_xact_id"),
    STABLE("pg_current_xact_id_if_assigned"),
    STABLE("pg_postmaster_start_time"),
    STABLE("statement_timestamp"),
    STABLE("to_char"),
    STABLE("to_date"),
    STABLE("to_json"),
    STABLE("to_jsonb"),
    STABLE("to_timestamp"),
    STABLE("transaction_timestamp"),
    STABLE("txid_current"),
    STABLE("txid_current_if_assigned"),
    STABLE("version"),
    IMMUTABLE("abs"),
    IMMUTABLE("array_append"),
    IMMUTABLE("array_cat"),
    IMMUTABLE("array_length"),
    IMMUTABLE("btrim"),
    IMMUTABLE("ceil"),
    IMMUTABLE("char_length"),
    IMMUTABLE("chr"),
    IMMUTABLE("decode"),
    IMMUTABLE("encode"),
    IMMUTABLE("floor"),
    IMMUTABLE("initcap"),
    IMMUTABLE("left"),
    IMMUTABLE("length"),
    IMMUTABLE("like_escape"),
    IMMUTABLE("lower"),
    IMMUTABLE("lpad"),
    IMMUTABLE("ltrim"),
    IMMUTABLE("make_date"),
    IMMUTABLE("make_interval"),
    IMMUTABLE("make_timestamp"),
    IMMUTABLE("md5"),
    IMMUTABLE("octet_length"),
    IMMUTABLE("power"),
    IMMUTABLE("regexp_replace"),
    IMMUTABLE("repeat"),
    IMMUTABLE("replace"),
    IMMUTABLE("reverse"),
    IMMUTABLE("right"),
    IMMUTABLE("round"),
    IMMUTABLE("rpad"),
    IMMUTABLE("rtrim"),
    IMMUTABLE("sha256"),
    IMMUTABLE("similar_to_escape"),
    IMMUTABLE("split_part"),
    IMMUTABLE("strpos"),
    IMMUTABLE("substr"),
    IMMUTABLE("to_hex"),
    IMMUTABLE("translate"),
    IMMUTABLE("trunc"),
    IMMUTABLE("upper"),
    EXTENSION("crypt", IMMUTABLE),
    EXTENSION("digest", IMMUTABLE),
    EXTENSION("uuid_generate_v3", IMMUTABLE),
    EXTENSION("uuid_generate_v5", IMMUTABLE),
    EXTENSION("uuid_nil", IMMUTABLE),
};

enum sql_volatility sql_builtin_volatility(struct sql_name name)
{
    bool catalog = name.schema.len == 0 || str_eq(name.schema, "pg_catalog");
    for (size_t i = 0; i < COUNT_OF(functions); i++) {
        if (str_eq(name.name, functions[i].name) && (catalog || functions[i].extension)) {
            return functions[i].volatility;
        }
    }
    return SQL_VOLATILITY_UNKNOWN;
}

const char *sql_builtin_name(size_t index)
{
    return index < COUNT_OF(functions) ? functions[index].name : NULL;
}
