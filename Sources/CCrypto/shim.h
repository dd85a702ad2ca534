// OpenSSL's digests and its comparison in constant time, as one Swift module: `Storage` names weight
// files by their SHA-256 and knows access tokens by theirs.
#ifndef PREIMAGE_CCRYPTO_SHIM_H
#define PREIMAGE_CCRYPTO_SHIM_H

#include <openssl/crypto.h>
#include <openssl/evp.h>

#endif
