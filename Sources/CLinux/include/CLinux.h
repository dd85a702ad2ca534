// The Linux calls that Swift's Glibc module does not offer: epoll, eventfd and accept4 for the event
// loop, mallopt for the allocator. Each is a plain function, so that Swift sees no macros and no packed unions.

#ifndef CLINUX_H
#define CLINUX_H

#include <malloc.h>
#include <stdint.h>

/// What a descriptor is ready for, as a set of CLINUX_* bits, and the token it was added with.
struct clinux_event {
  uint64_t token;
  uint32_t ready;
};

/// Bits of `clinux_event.ready` and of an interest (epoll_ctl(2)).
enum {
  CLINUX_READABLE = 0x001,
  CLINUX_WRITABLE = 0x004,
  CLINUX_ERROR = 0x008,
  CLINUX_HANGUP = 0x010,
  CLINUX_PEER_CLOSED = 0x2000,
};

/// The most events one wait returns.
enum { CLINUX_EVENTS_MAX = 256 };

/// A new epoll descriptor, close-on-exec; -1 and errno on failure.
int clinux_epoll_create(void);

/// Watches `descriptor`, level-triggered; 0, or -1 and errno.
int clinux_epoll_add_level(int epoll, int descriptor, uint32_t interest, uint64_t token);

/// Watches `descriptor`, edge-triggered; 0, or -1 and errno.
int clinux_epoll_add_edge(int epoll, int descriptor, uint32_t interest, uint64_t token);

/// Stops watching `descriptor`; 0, or -1 and errno.
int clinux_epoll_remove(int epoll, int descriptor);

/// Waits at most `timeout_ms` (-1: for ever) and fills at most CLINUX_EVENTS_MAX of `events`;
/// how many there are, or -1 and errno.
int clinux_epoll_wait(int epoll, struct clinux_event *events, int capacity, int timeout_ms);

/// A new nonblocking close-on-exec eventfd with count 0; -1 and errno on failure.
int clinux_eventfd(void);

/// Adds 1 to an eventfd, which wakes whoever waits for it.
void clinux_eventfd_signal(int eventfd);

/// Accepts one nonblocking close-on-exec connection without asking for its address; -1 and errno.
int clinux_accept(int listener);

/// A new nonblocking close-on-exec TCP socket of `family`; -1 and errno on failure.
int clinux_tcp_socket(int family);

#endif
