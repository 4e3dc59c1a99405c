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
    VOLATILE("pg_advisory_lock"),
    VOLATILE("pg_advisory_unlock"),
    VOLATILE("pg_advisory_unlock_all"),
    VOLATILE("pg_advisory_xact_lock"),
    VOLATILE("pg_database_size"),
    VOLATILE("pg_indexes_size"),
    VOLATILE("pg_is_in_recovery"),
    VOLATILE("pg_relation_size"),
    VOLATILE("pg_sleep"),
    VOLATILE("pg_table_size"),
    VOLATILE("pg_total_relation_size"),
    VOLATILE("pg_try_advisory_lock"),
    VOLATILE("pg_try_advisory_xact_lock"),
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
    STABLE("array_to_json"),
    STABLE("array_to_string"),
    STABLE("col_description"),
    STABLE("concat"),
    STABLE("concat_ws"),
    STABLE("current_database"),
    STABLE("current_schema"),
    STABLE("current_schemas"),
    STABLE("current_setting"),
    STABLE("date_part"),
    STABLE("date_trunc"),
    STABLE("format"),
    STABLE("format_type"),
    STABLE("generate_series"),
    STABLE("has_column_privilege"),
    STABLE("has_database_privilege"),
    STABLE("has_function_privilege"),
    STABLE("has_schema_privilege"),
    STABLE("has_sequence_privilege"),
    STABLE("has_table_privilege"),
    STABLE("inet_client_addr"),
    STABLE("inet_client_port"),
    STABLE("json_agg"),
    STABLE("json_build_array"),
    STABLE("json_build_object"),
    STABLE("json_object_agg"),
    STABLE("jsonb_agg"),
    STABLE("jsonb_build_array"),
    STABLE("jsonb_build_object"),
    STABLE("length"),
    STABLE("now"),
    STABLE("obj_description"),
    STABLE("pg_backend_pid"),
    STABLE("pg_conf_load_time"),
    STABLE("pg_current_xact_id"),
    STABLE("pg_current_xact_id_if_assigned"),
    STABLE("pg_get_constraintdef"),
    STABLE("pg_get_expr"),
    STABLE("pg_get_functiondef"),
    STABLE("pg_get_indexdef"),
    STABLE("pg_get_serial_sequence"),
    STABLE("pg_get_userbyid"),
    STABLE("pg_get_viewdef"),
    STABLE("pg_has_role"),
    STABLE("pg_postmaster_start_time"),
    STABLE("pg_table_is_visible"),
    STABLE("quote_literal"),
    STABLE("quote_nullable"),
    STABLE("row_to_json"),
    STABLE("statement_timestamp"),
    STABLE("to_char"),
    STABLE("to_date"),
    STABLE("to_json"),
    STABLE("to_jsonb"),
    STABLE("to_number"),
    STABLE("to_regclass"),
    STABLE("to_regproc"),
    STABLE("to_regprocedure"),
    STABLE("to_regrole"),
    STABLE("to_regtype"),
    STABLE("to_timestamp"),
    STABLE("transaction_timestamp"),
    STABLE("txid_current"),
    STABLE("txid_current_if_assigned"),
    STABLE("version"),
    IMMUTABLE("abs"),
    IMMUTABLE("array_agg"),
    IMMUTABLE("array_append"),
    IMMUTABLE("array_cat"),
    IMMUTABLE("array_length"),
    IMMUTABLE("array_lower"),
    IMMUTABLE("array_position"),
    IMMUTABLE("array_remove"),
    IMMUTABLE("array_replace"),
    IMMUTABLE("array_upper"),
    IMMUTABLE("avg"),
    IMMUTABLE("bit_length"),
    IMMUTABLE("bool_and"),
    IMMUTABLE("bool_or"),
    IMMUTABLE("btrim"),
    IMMUTABLE("cardinality"),
    IMMUTABLE("ceil"),
    IMMUTABLE("char_length"),
    IMMUTABLE("chr"),
    IMMUTABLE("count"),
    IMMUTABLE("decode"),
    IMMUTABLE("dense_rank"),
    IMMUTABLE("encode"),
    IMMUTABLE("every"),
    IMMUTABLE("first_value"),
    IMMUTABLE("floor"),
    IMMUTABLE("initcap"),
    IMMUTABLE("json_array_elements"),
    IMMUTABLE("json_array_elements_text"),
    IMMUTABLE("json_array_length"),
    IMMUTABLE("json_each"),
    IMMUTABLE("json_each_text"),
    IMMUTABLE("json_object_keys"),
    IMMUTABLE("json_typeof"),
    IMMUTABLE("jsonb_array_elements"),
    IMMUTABLE("jsonb_array_elements_text"),
    IMMUTABLE("jsonb_array_length"),
    IMMUTABLE("jsonb_each"),
    IMMUTABLE("jsonb_each_text"),
    IMMUTABLE("jsonb_object_agg"),
    IMMUTABLE("jsonb_object_keys"),
    IMMUTABLE("jsonb_set"),
    IMMUTABLE("jsonb_strip_nulls"),
    IMMUTABLE("jsonb_typeof"),
    IMMUTABLE("lag"),
    IMMUTABLE("last_value"),
    IMMUTABLE("lead"),
    IMMUTABLE("left"),
    IMMUTABLE("like_escape"),
    IMMUTABLE("lower"),
    IMMUTABLE("lpad"),
    IMMUTABLE("ltrim"),
    IMMUTABLE("make_date"),
    IMMUTABLE("make_interval"),
    IMMUTABLE("make_timestamp"),
    IMMUTABLE("max"),
    IMMUTABLE("md5"),
    IMMUTABLE("min"),
    IMMUTABLE("mod"),
    IMMUTABLE("ntile"),
    IMMUTABLE("octet_length"),
    IMMUTABLE("pg_size_pretty"),
    IMMUTABLE("position"),
    IMMUTABLE("power"),
    IMMUTABLE("quote_ident"),
    IMMUTABLE("rank"),
    IMMUTABLE("regexp_match"),
    IMMUTABLE("regexp_matches"),
    IMMUTABLE("regexp_replace"),
    IMMUTABLE("regexp_split_to_array"),
    IMMUTABLE("regexp_split_to_table"),
    IMMUTABLE("repeat"),
    IMMUTABLE("replace"),
    IMMUTABLE("reverse"),
    IMMUTABLE("right"),
    IMMUTABLE("round"),
    IMMUTABLE("row_number"),
    IMMUTABLE("rpad"),
    IMMUTABLE("rtrim"),
    IMMUTABLE("sha256"),
    IMMUTABLE("sign"),
    IMMUTABLE("similar_to_escape"),
    IMMUTABLE("split_part"),
    IMMUTABLE("sqrt"),
    IMMUTABLE("starts_with"),
    IMMUTABLE("string_agg"),
    IMMUTABLE("string_to_array"),
    IMMUTABLE("string_to_table"),
    IMMUTABLE("strpos"),
    IMMUTABLE("substr"),
    IMMUTABLE("sum"),
    IMMUTABLE("to_ascii"),
    IMMUTABLE("to_hex"),
    IMMUTABLE("translate"),
    IMMUTABLE("trunc"),
    IMMUTABLE("unnest"),
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
