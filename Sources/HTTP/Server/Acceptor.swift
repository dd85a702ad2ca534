import Logging

/// Takes connections from the listener and deals them to the loops in turn. It lives on the first
/// loop.
final class Acceptor {
  private let context: ServerContext
  private let mailboxes: [LoopMailbox]
  private var listener: Socket?
  private var next = 0
  /// The process has no descriptor left: the listener rests until the next sweep.
  private(set) var isPaused = false

  /// Connections taken in a row before others get their turn.
  private static let batchMax = 64

  init(context: ServerContext, listener: Socket, mailboxes: [LoopMailbox]) {
    self.context = context
    self.listener = listener
    self.mailboxes = mailboxes
  }

  func start(_ poller: Poller) {
    if let listener { poller.addListener(listener) }
  }

  func stop(_ poller: Poller) {
    guard let listener else { return }
    acceptAll(poller)
    if !isPaused { poller.remove(listener) }
    isPaused = false
    listener.close()
    self.listener = nil
  }

  func resume(_ poller: Poller) {
    guard isPaused, let listener else { return }
    isPaused = false
    poller.addListener(listener)
  }

  func acceptAll(_ poller: Poller) {
    guard let listener, !isPaused else { return }
    for _ in 0..<Self.batchMax {
      switch listener.accept() {
      case .connection(let socket):
        place(socket)
      case .nothing:
        return
      case .exhausted:
        context.configuration.logger.warning(
          "No descriptor is left for a connection; raise the limit on open files")
        isPaused = true
        poller.remove(listener)
        return
      }
    }
  }

  private func place(_ socket: Socket) {
    guard let peer = socket.peerAddress else {
      socket.close()
      return
    }
    let admission = context.ledger.admit(peer)
    if admission == .admitted {
      context.counters.connectionsAccepted.add(1)
    } else {
      context.counters.connectionsRejected.add(1)
    }
    guard admission != .refused else {
      socket.close()
      return
    }
    socket.disableDelay()
    let mailbox = mailboxes[next]
    next = (next + 1) % mailboxes.count
    if !mailbox.post(.adopt(socket, peer, admission)) {
      context.ledger.release(peer, admission)
      socket.close()
    }
  }
}
