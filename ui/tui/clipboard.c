/* SPDX-License-Identifier: PostgreSQL */
/*
 * OSC 52: ESC ] 52 ; c ; base64 BEL.
 */
#include "clipboard.h"

enum {
    DCS_PIECE = 76, /* what screen keeps of one string is not much more */
};

static void add_base64(struct strbuf *out, struct str bytes)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t left = bytes.len - i;
        uint32_t three = (uint32_t)(unsigned char)bytes.ptr[i] << 16;
        three |= left > 1 ? (uint32_t)(unsigned char)bytes.ptr[i + 1] << 8 : 0;
        three |= left > 2 ? (uint32_t)(unsigned char)bytes.ptr[i + 2] : 0;
        strbuf_byte(out, digits[three >> 18]);
        strbuf_byte(out, digits[three >> 12 & 63]);
        strbuf_byte(out, left > 1 ? digits[three >> 6 & 63] : '=');
        strbuf_byte(out, left > 2 ? digits[three & 63] : '=');
    }
}

void clipboard_bytes(struct strbuf *out, struct str text, bool within_screen)
{
    struct strbuf bytes = {0};
    strbuf_text(&bytes, "\033]52;c;");
    add_base64(&bytes, text);
    strbuf_byte(&bytes, '\a');
    struct str rest = strbuf_str(&bytes);
    while (within_screen && rest.len > 0) {
        strbuf_text(out, "\033P");
        strbuf_add(out, str_slice(rest, 0, DCS_PIECE));
        strbuf_text(out, "\033\\");
        rest = str_slice(rest, DCS_PIECE, rest.len);
    }
    strbuf_add(out, rest);
    strbuf_release(&bytes);
}
