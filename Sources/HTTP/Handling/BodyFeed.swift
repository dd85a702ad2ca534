import Synchronization

/// A response body that is pushed: server-sent events, progress.
///
/// Any thread sends; nothing blocks and no thread is held while nothing happens. Bytes wait in
/// memory until the client takes them, up to `bytesMax`; a client that falls behind further loses
/// its connection, since bytes left out would be a lie.
public final class BodyFeed: Sendable {
  private struct State: Sendable {
    var waiting: [UInt8] = []
    var isFinished = false
    var isClosed = false
    var isSignalled = false
    var signal: (@Sendable () -> Void)?
    var onClose: [@Sendable () -> Void] = []
  }

  private let state = Mutex(State())
  private let bytesMax: Int

  public init(bytesMax: Int = 1 << 20) {
    self.bytesMax = bytesMax
  }

  /// Appends to the body. False when nobody will read it: the client has gone, has fallen behind by
  /// more than `bytesMax`, or the feed was finished.
  @discardableResult
  public func send(_ bytes: [UInt8]) -> Bool {
    var accepted = false
    signal { state in
      guard !state.isFinished, !state.isClosed else { return }
      if state.waiting.count + bytes.count > bytesMax {
        state.isClosed = true
      } else {
        state.waiting += bytes
        accepted = true
      }
    }
    return accepted
  }

  /// Ends the body after what was sent.
  public func finish() {
    signal { $0.isFinished = true }
  }

  /// Whether the client is still there, as far as the socket knows.
  public var isConnected: Bool { state.withLock { !$0.isClosed } }

  /// Runs `action` once when the client has gone (at once when it already has), on a handler
  /// thread or the caller's.
  public func onDisconnect(_ action: @escaping @Sendable () -> Void) {
    let isLate = state.withLock { state in
      if !state.isClosed { state.onClose.append(action) }
      return state.isClosed
    }
    if isLate { action() }
  }

  private func signal(_ change: (inout State) -> Void) {
    let signal = state.withLock { state -> (@Sendable () -> Void)? in
      change(&state)
      if state.isSignalled { return nil }
      state.isSignalled = state.signal != nil
      return state.signal
    }
    signal?()
  }
}

extension BodyFeed {
  /// What the loop finds when it looks.
  enum Taken {
    case bytes([UInt8])
    case finished([UInt8])
    case closed
  }

  /// Called by the loop once the response is on its way; `signal` must wake the loop.
  func attach(_ signal: @escaping @Sendable () -> Void) {
    state.withLock { $0.signal = signal }
  }

  func take() -> Taken {
    state.withLock { state in
      state.isSignalled = false
      if state.isClosed { return .closed }
      let bytes = state.waiting
      state.waiting = []
      return state.isFinished ? .finished(bytes) : .bytes(bytes)
    }
  }

  /// The response is over, one way or the other; what to run about it, if the client left early.
  func close() -> [@Sendable () -> Void] {
    state.withLock { state in
      state.signal = nil
      state.isClosed = true
      defer { state.onClose = [] }
      return state.onClose
    }
  }
}
