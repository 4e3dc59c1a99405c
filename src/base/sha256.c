/* SPDX-License-Identifier: PostgreSQL */
/*
 * SHA-256 by libcrypto, in hexadecimal. These are libcrypto's plain functions, which 3.0
 * calls deprecated: the ones that it prefers look for a provider first, which costs every
 * start of the program a millisecond and 2 MiB, for the same bytes. They need no memory and
 * cannot fail; a hash that cannot be computed must never look like one that was.
 */
#define OPENSSL_API_COMPAT 0x10100000L /* the way to say that this is known */
#include <openssl/sha.h>

#include "base.h"

struct sha256 {
    SHA256_CTX context;
};

static struct sha256_hex to_hex(const unsigned char bytes[SHA256_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    struct sha256_hex hex;

    for (size_t i = 0; i < SHA256_BYTES; i++) {
        hex.text[2 * i] = digits[bytes[i] >> 4];
        hex.text[2 * i + 1] = digits[bytes[i] & 15];
    }
    hex.text[SHA256_HEX] = '\0';
    return hex;
}

/* libcrypto says 1 in any case; whatever else it might say, there is no hash. */
static void must(int result)
{
    if (result != 1) {
        die_no_memory();
    }
}

struct sha256 *sha256_new(void)
{
    struct sha256 *hash = mem_zero(1, sizeof(*hash));

    must(SHA256_Init(&hash->context));
    return hash;
}

void sha256_add(struct sha256 *hash, struct str bytes)
{
    if (bytes.len > 0) {
        must(SHA256_Update(&hash->context, bytes.ptr, bytes.len));
    }
}

struct sha256_hex sha256_end(struct sha256 *hash)
{
    unsigned char bytes[SHA256_BYTES];

    must(SHA256_Final(bytes, &hash->context));
    free(hash);
    return to_hex(bytes);
}

struct sha256_hex sha256_of(struct str bytes)
{
    struct sha256 *hash = sha256_new();

    sha256_add(hash, bytes);
    return sha256_end(hash);
}

struct str sha256_str(const struct sha256_hex *hex)
{
    return (struct str){hex->text, SHA256_HEX};
}
