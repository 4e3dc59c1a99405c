/* SPDX-License-Identifier: PostgreSQL */
/*
 * Quoting for the few statements that cannot take parameters: names of databases,
 * roles and tables in ALTER, CREATE, GRANT and count(*). Always quoted, so that no word
 * is ever a keyword.
 */
#include "pgtools.h"

void pgtools_quote_name(struct strbuf *out, struct str name)
{
    strbuf_quoted(out, name, '"', false);
}

void pgtools_quote_literal(struct strbuf *out, struct str text)
{
    /* E'' means the same whatever standard_conforming_strings says */
    bool escape = str_find_byte(text, '\\', 0) < text.len;
    strbuf_text(out, escape ? "E" : "");
    strbuf_quoted(out, text, '\'', escape);
}

void pgtools_create_role(struct strbuf *out, struct str role)
{
    strbuf_text(out, "CREATE ROLE ");
    pgtools_quote_name(out, role);
    strbuf_text(out, " NOLOGIN");
}
