// Thin calls to epoll, eventfd and accept4; see CLinux.h.

#define _GNU_SOURCE
#include "CLinux.h"

#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

_Static_assert(CLINUX_READABLE == EPOLLIN, "epoll bits");
_Static_assert(CLINUX_WRITABLE == EPOLLOUT, "epoll bits");
_Static_assert(CLINUX_ERROR == EPOLLERR, "epoll bits");
_Static_assert(CLINUX_HANGUP == EPOLLHUP, "epoll bits");
_Static_assert(CLINUX_PEER_CLOSED == EPOLLRDHUP, "epoll bits");

int clinux_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

static int add(int epoll, int descriptor, uint32_t interest, uint64_t token) {
  struct epoll_event event = {.events = interest, .data = {.u64 = token}};
  return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

int clinux_epoll_add_level(int epoll, int descriptor, uint32_t interest, uint64_t token) {
  return add(epoll, descriptor, interest, token);
}

int clinux_epoll_add_edge(int epoll, int descriptor, uint32_t interest, uint64_t token) {
  return add(epoll, descriptor, interest | (uint32_t)EPOLLET, token);
}

int clinux_epoll_remove(int epoll, int descriptor) {
  return epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, 0);
}

int clinux_epoll_wait(int epoll, struct clinux_event *events, int capacity, int timeout_ms) {
  struct epoll_event raw[CLINUX_EVENTS_MAX];
  int most = capacity < CLINUX_EVENTS_MAX ? capacity : CLINUX_EVENTS_MAX;
  int count = epoll_wait(epoll, raw, most, timeout_ms);
  for (int i = 0; i < count; i++) {
    events[i].token = raw[i].data.u64;
    events[i].ready = raw[i].events;
  }
  return count;
}

int clinux_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

void clinux_eventfd_signal(int eventfd) { (void)eventfd_write(eventfd, 1); }

int clinux_accept(int listener) { return accept4(listener, 0, 0, SOCK_NONBLOCK | SOCK_CLOEXEC); }

int clinux_tcp_socket(int family) {
  return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
}
