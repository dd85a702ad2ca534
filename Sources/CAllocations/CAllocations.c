// The allocator's functions in front of glibc's own; see CAllocations.h.

#include "CAllocations.h"

#include <stddef.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define IS_SANITIZED 1
#endif
#endif

static _Thread_local callocations_count count;
static _Thread_local int64_t large_bytes_min = INT64_MAX;

void callocations_reset(int64_t bytes_min) {
  count = (callocations_count){0};
  large_bytes_min = bytes_min;
}

callocations_count callocations_read(void) { return count; }

#if defined(__GLIBC__) && !defined(IS_SANITIZED)

#include <errno.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

bool callocations_counts(void) { return true; }

static void note(size_t bytes) {
  count.all++;
  if (bytes < (size_t)large_bytes_min) return;
  count.large++;
  count.large_bytes += (int64_t)bytes;
}

void *malloc(size_t bytes) {
  note(bytes);
  return __libc_malloc(bytes);
}

void *calloc(size_t members, size_t bytes) {
  note(members * bytes);
  return __libc_calloc(members, bytes);
}

void *realloc(void *block, size_t bytes) {
  note(bytes);
  return __libc_realloc(block, bytes);
}

void *aligned_alloc(size_t alignment, size_t bytes) {
  note(bytes);
  return __libc_memalign(alignment, bytes);
}

int posix_memalign(void **block, size_t alignment, size_t bytes) {
  note(bytes);
  *block = __libc_memalign(alignment, bytes);
  return *block ? 0 : ENOMEM;
}

#else

bool callocations_counts(void) { return false; }

#endif
