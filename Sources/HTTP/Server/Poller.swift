import CLinux
import Glibc

/// One epoll descriptor and the eventfd that wakes it.
struct Poller: Sendable {
  /// Token of the eventfd.
  static let wakeToken = UInt64.max
  /// Token of the listener.
  static let listenerToken = UInt64.max - 1

  private let epoll: Int32
  private let wakeup: Int32

  init() throws(ServerStartError) {
    epoll = clinux_epoll_create()
    guard epoll >= 0 else { throw .lastError("cannot make an epoll descriptor") }
    wakeup = clinux_eventfd()
    guard wakeup >= 0,
      clinux_epoll_add_edge(epoll, wakeup, UInt32(CLINUX_READABLE), Self.wakeToken) == 0
    else {
      let error = ServerStartError.lastError("cannot make an eventfd")
      _ = close(epoll)
      throw error
    }
  }

  /// Edge-triggered in both directions: no call is needed when what is waited for changes.
  func add(_ socket: Socket, token: UInt64) -> Bool {
    let interest = CLINUX_READABLE | CLINUX_WRITABLE | CLINUX_PEER_CLOSED
    return clinux_epoll_add_edge(epoll, socket.descriptor, UInt32(interest), token) == 0
  }

  /// Level-triggered, so that connections left in the backlog are offered again.
  func addListener(_ socket: Socket) {
    _ = clinux_epoll_add_level(
      epoll, socket.descriptor, UInt32(CLINUX_READABLE), Self.listenerToken)
  }

  func remove(_ socket: Socket) {
    _ = clinux_epoll_remove(epoll, socket.descriptor)
  }

  /// Waits and fills `events`; how many there are. nil timeout waits for ever.
  func wait(_ events: inout [clinux_event], timeoutMilliseconds: Int32?) -> Int {
    let count = clinux_epoll_wait(epoll, &events, Int32(events.count), timeoutMilliseconds ?? -1)
    return max(0, Int(count))
  }

  /// Ends the current or the next wait. An edge-triggered eventfd need not be read.
  func wake() {
    clinux_eventfd_signal(wakeup)
  }

  func closeAll() {
    _ = close(wakeup)
    _ = close(epoll)
  }
}
