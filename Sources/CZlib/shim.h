// zlib's raw inflate and its CRC-32, for weight files that are ZIP archives.
#ifndef PREIMAGE_CZLIB_SHIM_H
#define PREIMAGE_CZLIB_SHIM_H

#include <zlib.h>

#endif
