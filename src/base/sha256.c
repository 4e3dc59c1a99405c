/* SPDX-License-Identifier: PostgreSQL */
/*
 * SHA-256 by libcrypto, in hexadecimal. libcrypto fails here only without memory
 * (or when its installation is broken, which ends the same way): a hash that
 * cannot be computed must never look like one that was.
 */
#include "base.h"

#include <openssl/evp.h>

struct sha256 {
    EVP_MD_CTX *context;
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

struct sha256 *sha256_new(void)
{
    struct sha256 *hash = mem_zero(1, sizeof(*hash));

    hash->context = EVP_MD_CTX_new();
    if (!hash->context || EVP_DigestInit_ex(hash->context, EVP_sha256(), NULL) != 1) {
        die_no_memory();
    }
    return hash;
}

void sha256_add(struct sha256 *hash, struct str bytes)
{
    if (bytes.len > 0 && EVP_DigestUpdate(hash->context, bytes.ptr, bytes.len) != 1) {
        die_no_memory();
    }
}

struct sha256_hex sha256_end(struct sha256 *hash)
{
    unsigned char bytes[SHA256_BYTES];

    if (EVP_DigestFinal_ex(hash->context, bytes, NULL) != 1) {
        die_no_memory();
    }
    EVP_MD_CTX_free(hash->context);
    free(hash);
    return to_hex(bytes);
}

struct sha256_hex sha256_of(struct str bytes)
{
    unsigned char digest[SHA256_BYTES];

    if (EVP_Digest(bytes.ptr ? bytes.ptr : "", bytes.len, digest, NULL, EVP_sha256(), NULL) !=
        1) {
        die_no_memory();
    }
    return to_hex(digest);
}

struct str sha256_str(const struct sha256_hex *hex)
{
    return (struct str){hex->text, SHA256_HEX};
}
