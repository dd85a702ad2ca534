import Synchronization

/// Names one request of one connection; a late message to one that is over is dropped.
struct ExchangeID: Sendable, Equatable {
  let connection: UInt64
  let number: UInt64
}

/// Where other threads leave word for an event loop.
final class LoopMailbox: Sendable {
  enum Message: Sendable {
    case adopt(Socket, SocketAddress, ConnectionLedger.Admission)
    case answer(ExchangeID, Response)
    /// The next piece of a produced body; nil at its end.
    case piece(ExchangeID, Result<[UInt8]?, any Error>)
    /// A feed has bytes, or a body reader wants some.
    case look(ExchangeID)
    /// Called on the loop, which shows that it turns.
    case echo(@Sendable () -> Void)
    case stopAccepting
    case drain
    case abort
  }

  private struct State: Sendable {
    var messages: [Message] = []
    var isClosed = false
  }

  private let state = Mutex(State())
  private let poller: Poller

  init(_ poller: Poller) {
    self.poller = poller
  }

  /// False when the loop has ended.
  @discardableResult
  func post(_ message: Message) -> Bool {
    state.withLock { state in
      if state.isClosed { return false }
      state.messages.append(message)
      // Under the lock: the descriptor must not be closed, and reused, in between.
      if state.messages.count == 1 { poller.wake() }
      return true
    }
  }

  func take() -> [Message] {
    state.withLock { state in
      if state.messages.isEmpty { return [] }
      defer { state.messages = [] }
      return state.messages
    }
  }

  /// Closes the loop's descriptors and refuses what comes later; what nobody took.
  func close() -> [Message] {
    state.withLock { state in
      state.isClosed = true
      poller.closeAll()
      defer { state.messages = [] }
      return state.messages
    }
  }
}
