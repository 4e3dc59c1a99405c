/* SPDX-License-Identifier: PostgreSQL */
/*
 * Makes hostile text harmless to a terminal and honest to its reader. Names,
 * notices and error texts come from a database that somebody else filled; they
 * may move the cursor, colour the screen, reverse the reading order or hide what
 * they say. All of that becomes visible here, at the one door where text enters:
 *
 *   controls (C0, DEL) and bytes that are no UTF-8   \x1b
 *   C1 controls, everything that is drawn as nothing \u{202e}
 *
 * A backslash stays as it is, so that Windows paths and regular expressions remain
 * readable: the output is for people, not for decoding.
 */
#include "base.h"

enum {
    TAB_STOP = 8,
    LONGEST_SEQUENCE = 4
};

/* Where we are in the line that is being written: needed for tabs only. */
struct column {
    size_t measured; /* offset in the output up to which columns are counted */
    int columns;
};

static void add_tab(struct strbuf *out, struct column *column)
{
    column->columns += str_width(str_slice(strbuf_str(out), column->measured, out->len));
    int spaces = TAB_STOP - column->columns % TAB_STOP;
    strbuf_repeat(out, ' ', (size_t)spaces);
    column->columns = (column->columns + spaces) % TAB_STOP;
    column->measured = out->len;
}

static void add_byte_visible(struct strbuf *out, unsigned char byte)
{
    static const char digits[] = "0123456789abcdef";
    char shown[] = {'\\', 'x', digits[byte >> 4], digits[byte & 15]};

    strbuf_add(out, (struct str){shown, sizeof(shown)});
}

/* One byte below 0x20 or DEL. */
static void add_control(struct strbuf *out, char byte, enum sanitise_mode mode,
                        struct column *column)
{
    if (byte == '\n' && mode == SANITISE_LINES) {
        strbuf_byte(out, '\n');
        *column = (struct column){.measured = out->len};
    } else if (byte == '\t' && mode == SANITISE_LINES) {
        add_tab(out, column);
    } else if (byte == '\n') {
        strbuf_text(out, "\\n");
    } else if (byte == '\t') {
        strbuf_text(out, "\\t");
    } else {
        add_byte_visible(out, (unsigned char)byte);
    }
}

/* One character beyond ASCII, or one byte that begins none; returns the bytes it took. */
static size_t add_beyond_ascii(struct strbuf *out, struct str rest)
{
    uint32_t code_point = 0;
    size_t len = utf8_next(str_slice(rest, 0, LONGEST_SEQUENCE), &code_point);

    if (len == 0) {
        add_byte_visible(out, (unsigned char)rest.ptr[0]);
        return 1;
    }
    if (utf8_is_hidden(code_point)) {
        strbuf_format(out, "\\u{%04x}", (unsigned)code_point);
    } else {
        strbuf_add(out, str_slice(rest, 0, len));
    }
    return len;
}

static bool is_plain(char byte)
{
    return byte >= 0x20 && byte < 0x7F;
}

void sanitise(struct strbuf *out, struct str text, enum sanitise_mode mode)
{
    struct column column = {.measured = out->len};
    size_t at = 0;

    while (at < text.len) {
        size_t plain = at;
        while (at < text.len && is_plain(text.ptr[at])) {
            at++;
        }
        strbuf_add(out, str_slice(text, plain, at - plain));
        if (at == text.len) {
            break;
        }
        unsigned char byte = (unsigned char)text.ptr[at];
        if (byte < 0x80) {
            add_control(out, text.ptr[at], mode, &column);
            at++;
        } else {
            at += add_beyond_ascii(out, str_slice(text, at, LONGEST_SEQUENCE));
        }
    }
}

struct str sanitise_line(struct arena *arena, struct str text)
{
    struct strbuf out = {0};

    sanitise(&out, text, SANITISE_LINE);
    struct str copy = str_dup(arena, strbuf_str(&out));
    strbuf_release(&out);
    return copy;
}
