// Counts what a thread asks of the C library's allocator. Linked into measurements and tests only:
// the functions of the allocator are replaced by ones that count and pass on.

#pragma once

#include <stdbool.h>
#include <stdint.h>

/// What the calling thread has asked for since `callocations_reset`.
typedef struct {
  /// Blocks of any size.
  int64_t all;
  /// Blocks of at least the size given to `callocations_reset`.
  int64_t large;
  int64_t large_bytes;
} callocations_count;

/// Whether anything is counted: where the C library is glibc, and no sanitizer has the allocator.
bool callocations_counts(void);

/// Starts over on the calling thread.
void callocations_reset(int64_t large_bytes_min);

callocations_count callocations_read(void);
