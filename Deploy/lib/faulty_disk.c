// A disk that fails on demand, for trials: loaded into a server with LD_PRELOAD.
//
// The file that FAULTY_DISK names says what happens to files whose path has ".sqlite" in it, for as
// long as it exists:
//   flush    fsync and fdatasync fail with EIO
//   tear N   the N-th pwrite from then on writes its first half, and the process is killed
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int is_database(int descriptor) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t count = readlink(link, path, sizeof path - 1);
  if (count <= 0) return 0;
  path[count] = 0;
  return strstr(path, ".sqlite") != NULL;
}

// What the trigger says, or the empty text.
static void trigger(char text[32]) {
  int before = errno;
  text[0] = 0;
  const char *path = getenv("FAULTY_DISK");
  int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (file >= 0) {
    ssize_t count = read(file, text, 31);
    text[count > 0 ? count : 0] = 0;
    close(file);
  }
  errno = before;
}

static int flush(int descriptor, const char *name) {
  char text[32];
  trigger(text);
  if (strncmp(text, "flush", 5) == 0 && is_database(descriptor)) {
    errno = EIO;
    return -1;
  }
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  return real(descriptor);
}

int fsync(int descriptor) { return flush(descriptor, "fsync"); }
int fdatasync(int descriptor) { return flush(descriptor, "fdatasync"); }

static ssize_t write_at(int descriptor, const void *bytes, size_t count, off64_t offset) {
  static atomic_long left = -1;
  char text[32];
  long place;
  ssize_t (*real)(int, const void *, size_t, off64_t) =
      (ssize_t(*)(int, const void *, size_t, off64_t))dlsym(RTLD_NEXT, "pwrite64");
  trigger(text);
  if (sscanf(text, "tear %ld", &place) == 1 && is_database(descriptor)) {
    long none = -1;
    atomic_compare_exchange_strong(&left, &none, place);
    if (atomic_fetch_sub(&left, 1) == 1) {
      real(descriptor, bytes, count / 2, offset);
      kill(getpid(), SIGKILL);
    }
  }
  return real(descriptor, bytes, count, offset);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
  return write_at(descriptor, bytes, count, offset);
}
ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t offset) {
  return write_at(descriptor, bytes, count, offset);
}
