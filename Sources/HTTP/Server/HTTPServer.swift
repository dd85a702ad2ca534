import Dispatch
import Synchronization

/// An HTTP/1.1 server: one or two event loops, a bounded set of handler threads, and limits on
/// everything a peer could make it spend.
public final class HTTPServer: Sendable {
  private struct State: Sendable {
    var address: SocketAddress?
    var mailboxes: [LoopMailbox] = []
    var hasStopped = false
  }

  private let context: ServerContext
  private let state = Mutex(State())
  private let running = DispatchGroup()

  public init(configuration: ServerConfiguration, router: Router) {
    context = ServerContext(configuration: configuration, router: router)
  }

  deinit {
    post(.abort)
  }

  /// Listens and begins to answer; the address with the port that was taken. Once in a server's
  /// life.
  ///
  /// Throws when a limit makes no sense, or the address cannot be had.
  @discardableResult
  public func start() throws(ServerStartError) -> SocketAddress {
    let configuration = context.configuration
    if let defect = context.limits.defect { throw ServerStartError(defect) }
    guard (1...64).contains(configuration.eventLoops) else {
      throw ServerStartError("eventLoops is \(configuration.eventLoops), expected 1 to 64")
    }
    guard state.withLock({ $0.address == nil && !$0.hasStopped }) else {
      throw ServerStartError("the server was started before")
    }
    let listener = try Socket.listen(host: configuration.host, port: configuration.port)
    guard let address = listener.localAddress else {
      listener.close()
      throw ServerStartError("the listener has no address")
    }
    var pollers: [Poller] = []
    do {
      for _ in 0..<configuration.eventLoops { pollers.append(try Poller()) }
    } catch {
      for poller in pollers { poller.closeAll() }
      listener.close()
      throw error
    }
    let mailboxes = pollers.map(LoopMailbox.init)
    state.withLock { state in
      state.address = address
      state.mailboxes = mailboxes
    }
    let context = context
    for (index, poller) in pollers.enumerated() {
      let queue = DispatchQueue(label: "preimage.http.loop.\(index)", qos: .userInteractive)
      queue.async(group: running) {
        let acceptor =
          index == 0
          ? Acceptor(context: context, listener: listener, mailboxes: mailboxes) : nil
        EventLoop(
          context: context, poller: poller, mailbox: mailboxes[index], acceptor: acceptor
        ).run()
      }
    }
    return address
  }

  /// The address it listens at, once started.
  public var address: SocketAddress? { state.withLock { $0.address } }

  /// Closes the listener; open connections go on.
  public func stopAccepting() {
    post(.stopAccepting)
  }

  /// Stops accepting, closes idle connections, lets what is under way finish for `graceSeconds`,
  /// then cuts off the rest, and returns when the loops have ended. Blocks; not for a handler.
  public func stop(graceSeconds: Double) {
    state.withLock { $0.hasStopped = true }
    post(.drain)
    if running.wait(timeout: .now() + max(0, graceSeconds)) == .timedOut {
      post(.abort)
      running.wait()
    }
  }

  /// Whether every event loop takes a message within `seconds`: false where one hangs, before the
  /// start and after the stop. Blocks; not for a handler.
  public func answers(withinSeconds seconds: Double) -> Bool {
    let mailboxes = state.withLock { $0.mailboxes }
    let deadline = DispatchTime.now() + max(0, seconds)
    let answered = DispatchSemaphore(value: 0)
    let isPosted = mailboxes.allSatisfy { $0.post(.echo { answered.signal() }) }
    return isPosted && !mailboxes.isEmpty
      && mailboxes.allSatisfy { _ in answered.wait(timeout: deadline) == .success }
  }

  /// What it has done so far; may be read at any time.
  public var statistics: ServerStatistics {
    let counters = context.counters
    let load = context.handlers.load
    return ServerStatistics(
      connectionsOpen: context.ledger.open,
      connectionsAccepted: counters.connectionsAccepted.now,
      connectionsRejected: counters.connectionsRejected.now,
      responsesByClass: counters.responsesByClass,
      bytesReceived: counters.bytesReceived.now, bytesSent: counters.bytesSent.now,
      handlersRunning: load.running, handlersWaiting: load.waiting,
      streamingHandlersRunning: context.streamingHandlers.load.running)
  }

  private func post(_ message: LoopMailbox.Message) {
    for mailbox in state.withLock({ $0.mailboxes }) { mailbox.post(message) }
  }
}
