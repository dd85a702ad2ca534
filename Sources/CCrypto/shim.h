// OpenSSL's digests, as one Swift module: `Storage` names weight files by their SHA-256.
#ifndef PREIMAGE_CCRYPTO_SHIM_H
#define PREIMAGE_CCRYPTO_SHIM_H

#include <openssl/evp.h>

#endif
