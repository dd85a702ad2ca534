import CLinux
import Dispatch

/// One epoll loop: waits, lets connections go on, takes messages from other threads, and looks at
/// the deadlines some times a second. It lives on one Dispatch queue and is touched by no other.
final class EventLoop {
  let context: ServerContext
  let mailbox: LoopMailbox
  /// Monotonic nanoseconds, read once a round.
  private(set) var now: UInt64
  /// Made once a second.
  @exclusivity(unchecked) private(set) var headBeginnings = HeadBeginnings(unixSeconds: 0)
  private(set) var isDraining = false
  /// What its connections read into and write from.
  @exclusivity(unchecked) var buffers = BufferPool()

  private let poller: Poller
  private let acceptor: Acceptor?
  @exclusivity(unchecked) private var slots: [Connection?] = []
  @exclusivity(unchecked) private var generations: [UInt32] = []
  private var freeSlots: [Int] = []
  private var openCount = 0
  @exclusivity(unchecked) private var later: [Connection] = []
  private var dateSecond = -1
  private var sweptAt: UInt64
  private let tickMilliseconds: Int32

  init(context: ServerContext, poller: Poller, mailbox: LoopMailbox, acceptor: Acceptor?) {
    self.context = context
    self.poller = poller
    self.mailbox = mailbox
    self.acceptor = acceptor
    now = context.configuration.clock.monotonicNanoseconds()
    sweptAt = now
    let limits = context.limits
    let shortest = min(
      limits.headerSeconds, limits.bodyGraceSeconds, limits.idleSeconds, limits.writeStallSeconds,
      limits.lingerSeconds, limits.lingerPauseSeconds)
    // An eighth of the shortest deadline is as late as anything is noticed.
    tickMilliseconds = Int32(min(max(shortest * 125, 5), 250))
  }

  /// Until it was drained or aborted.
  func run() {
    acceptor?.start(poller)
    refreshTime()
    var events = [clinux_event](repeating: clinux_event(), count: Int(CLINUX_EVENTS_MAX))
    while !(isDraining && openCount == 0) {
      let timeout: Int32? =
        !later.isEmpty ? 0 : openCount == 0 && !acceptorIsPaused ? nil : tickMilliseconds
      let count = poller.wait(&events, timeoutMilliseconds: timeout)
      refreshTime()
      for index in 0..<count { handle(events[index]) }
      for message in mailbox.take() { handle(message) }
      serviceQueued()
      if count == 0 || now &- sweptAt > UInt64(tickMilliseconds) * 1_000_000 { sweep() }
    }
    acceptor?.stop(poller)
    for message in mailbox.close() { discard(message) }
  }

  func serviceLater(_ connection: Connection) {
    if connection.isQueuedForLater { return }
    connection.isQueuedForLater = true
    later.append(connection)
  }

  func runOnHandlers(_ actions: [@Sendable () -> Void]) {
    for action in actions { context.handlers.submitContinuation(action) }
  }

  /// The connection is closed; its socket still is to be.
  func forget(_ connection: Connection) {
    let slot = Int(connection.token & 0xffff_ffff)
    poller.remove(connection.socket)
    slots[slot] = nil
    generations[slot] &+= 1
    freeSlots.append(slot)
    openCount -= 1
    context.ledger.release(connection.peer, connection.admission)
  }

  private var acceptorIsPaused: Bool { acceptor?.isPaused ?? false }

  private func refreshTime() {
    let clock = context.configuration.clock
    now = max(now, clock.monotonicNanoseconds())
    let second = clock.unixSeconds()
    if second != dateSecond {
      dateSecond = second
      headBeginnings = HeadBeginnings(unixSeconds: second)
    }
  }

  private func handle(_ event: clinux_event) {
    switch event.token {
    case Poller.wakeToken:
      break
    case Poller.listenerToken:
      acceptor?.acceptAll(poller)
    default:
      connection(event.token)?.notice(
        isReadable: event.ready & UInt32(CLINUX_READABLE) != 0,
        isWritable: event.ready & UInt32(CLINUX_WRITABLE) != 0,
        hasPeerEnded: event.ready & UInt32(CLINUX_PEER_CLOSED) != 0,
        isBroken: event.ready & UInt32(CLINUX_ERROR | CLINUX_HANGUP) != 0)
    }
  }

  private func handle(_ message: LoopMailbox.Message) {
    switch message {
    case .adopt(let socket, let peer, let admission):
      adopt(socket, peer, admission)
    case .answer(let id, let response):
      guard let connection = connection(id.connection) else { break }
      connection.receive(response, number: id.number)
      connection.service()
    case .piece(let id, let piece):
      guard let connection = connection(id.connection) else { break }
      connection.receive(piece, number: id.number)
      connection.service()
    case .look(let id):
      guard let connection = connection(id.connection) else { break }
      connection.look(number: id.number)
      connection.service()
    case .echo(let answer):
      answer()
    case .stopAccepting:
      acceptor?.stop(poller)
    case .drain:
      isDraining = true
      acceptor?.stop(poller)
      for connection in slots { connection?.drain() }
    case .abort:
      isDraining = true
      for connection in slots { connection?.close(resetting: true) }
    }
  }

  private func discard(_ message: LoopMailbox.Message) {
    guard case .adopt(let socket, let peer, let admission) = message else { return }
    context.ledger.release(peer, admission)
    socket.close()
  }

  private func connection(_ token: UInt64) -> Connection? {
    let slot = Int(token & 0xffff_ffff)
    guard slot < slots.count, generations[slot] == UInt32(token >> 32) else { return nil }
    return slots[slot]
  }

  private func adopt(
    _ socket: Socket, _ peer: SocketAddress, _ admission: ConnectionLedger.Admission
  ) {
    let slot: Int
    if let free = freeSlots.popLast() {
      slot = free
    } else {
      slot = slots.count
      slots.append(nil)
      // The highest generations belong to the poller's own tokens.
      generations.append(0)
    }
    generations[slot] &= 0x7fff_ffff
    let token = UInt64(generations[slot]) << 32 | UInt64(slot)
    guard poller.add(socket, token: token) else {
      freeSlots.append(slot)
      context.ledger.release(peer, admission)
      socket.close()
      return
    }
    openCount += 1
    let connection = Connection(
      token: token, socket: socket, peer: peer, admission: admission, loop: self)
    slots[slot] = connection
    if admission == .turnedAway { connection.turnAway() }
    connection.service()
    if isDraining { connection.drain() }
  }

  private func serviceQueued() {
    if later.isEmpty { return }
    let due = later
    later.removeAll(keepingCapacity: true)
    for connection in due {
      connection.isQueuedForLater = false
      connection.service()
    }
  }

  private func sweep() {
    sweptAt = now
    acceptor?.resume(poller)
    for connection in slots { connection?.checkDeadlines() }
  }
}
