/* SPDX-License-Identifier: PostgreSQL */
/*
 * The character set of the locale.
 */
#include "charset.h"

#include <langinfo.h>
#include <locale.h>

static bool is_utf8(void)
{
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

/* Does every sign have the width that we count on? */
static bool glyphs_fit(const struct glyphs *glyphs)
{
    for (size_t i = 0; i < GLYPH__COUNT; i++) {
        struct str rest = str_from(glyphs->text[i]);
        while (rest.len > 0) {
            uint32_t code_point = 0;
            size_t length = utf8_next(rest, &code_point);
            if (length == 0 || wcwidth((wchar_t)code_point) != 1) {
                return false;
            }
            rest = str_slice(rest, length, rest.len);
        }
    }
    return true;
}

const struct glyphs *charset_glyphs(const char *wish, bool linux_console)
{
    static const struct glyphs *const all[] = {&glyphs_full, &glyphs_linux, &glyphs_ascii};
    (void)setlocale(LC_CTYPE, "");
    if (wish && strcmp(wish, "ascii") != 0 && !is_utf8()) {
        (void)setlocale(LC_CTYPE, "C.UTF-8"); /* a person says that it can be shown */
    }
    const struct glyphs *glyphs = linux_console ? &glyphs_linux : &glyphs_full;
    for (size_t i = 0; wish && i < COUNT_OF(all); i++) {
        glyphs = strcmp(all[i]->word, wish) == 0 ? all[i] : glyphs;
    }
    return is_utf8() && glyphs_fit(glyphs) ? glyphs : &glyphs_ascii;
}

bool charset_cell(const struct grid_cell *cell, wchar_t text[CELL_CHARACTERS])
{
    struct str rest = {cell->text, cell->len};
    int count = 0;
    text[0] = L' ';
    text[1] = L'\0';
    while (rest.len > 0 && count < CELL_CHARACTERS - 1) {
        uint32_t code_point = 0;
        size_t length = utf8_next(rest, &code_point);
        bool ascii = code_point < 0x80;
        int width = ascii ? 1 : is_utf8() ? wcwidth((wchar_t)code_point) : -1;
        if (length == 0 || (count == 0 && width != cell->width)) {
            return false;
        }
        if (count == 0 || width == 0) {
            text[count++] = (wchar_t)code_point;
            text[count] = L'\0';
        }
        rest = str_slice(rest, length, rest.len);
    }
    return true;
}
