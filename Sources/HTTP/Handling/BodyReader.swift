import Dispatch
import Synchronization

/// The body of a streaming request, piece by piece as it arrives.
public final class BodyReader: Sendable {
  private let pipe: BodyPipe

  init(_ pipe: BodyPipe) {
    self.pipe = pipe
  }

  /// A reader over pieces that are already there, for tests of handlers.
  public convenience init(pieces: [[UInt8]]) {
    let pipe = BodyPipe(windowBytes: .max)
    for piece in pieces { _ = pipe.push(piece) }
    pipe.finish()
    self.init(pipe)
  }

  deinit {
    pipe.abandon()
  }

  /// Blocks until the next piece is there; nil at the end. The first call lets a client that sent
  /// `Expect: 100-continue` go ahead. One thread at a time may call it.
  ///
  /// Throws `HTTPFailure`: the body is malformed (400), too slow (408) or too large (413), or the
  /// client has gone (400).
  public func next() throws(HTTPFailure) -> [UInt8]? {
    try pipe.next()
  }
}

/// The bounded buffer between the loop, which pushes, and one handler thread, which takes.
final class BodyPipe: Sendable {
  private struct State: Sendable {
    var pieces: [[UInt8]] = []
    var first = 0
    var bytes = 0
    var isFinished = false
    var failure: HTTPFailure?
    var isReaderWaiting = false
    var isLoopWaiting = false
    var wasAsked = false
    var isAbandoned = false
    var wakeLoop: (@Sendable () -> Void)?
  }

  private let state: Mutex<State>
  private let windowBytes: Int
  private let arrival = DispatchSemaphore(value: 0)

  /// `wakeLoop` tells the loop to look at the pipe again.
  init(windowBytes: Int, wakeLoop: (@Sendable () -> Void)? = nil) {
    self.windowBytes = windowBytes
    state = Mutex(State(wakeLoop: wakeLoop))
  }

  // MARK: The handler's side

  func next() throws(HTTPFailure) -> [UInt8]? {
    while true {
      let (outcome, wake) = state.withLock { state in Self.take(&state, windowBytes) }
      wake?()
      if let outcome { return try outcome.get() }
      arrival.wait()
    }
  }

  func abandon() {
    let wake = state.withLock { state in
      state.isAbandoned = true
      state.pieces = []
      return state.wakeLoop
    }
    wake?()
  }

  private static func take(
    _ state: inout State, _ windowBytes: Int
  ) -> (Result<[UInt8]?, HTTPFailure>?, (@Sendable () -> Void)?) {
    let isFirst = !state.wasAsked
    state.wasAsked = true
    if state.first < state.pieces.count {
      let piece = state.pieces[state.first]
      state.first += 1
      state.bytes -= piece.count
      if state.first == state.pieces.count {
        state.pieces.removeAll(keepingCapacity: true)
        state.first = 0
      }
      let resumes = state.isLoopWaiting && state.bytes <= windowBytes / 2
      if resumes { state.isLoopWaiting = false }
      return (.success(piece), resumes || isFirst ? state.wakeLoop : nil)
    }
    if let failure = state.failure { return (.failure(failure), nil) }
    if state.isFinished { return (.success(nil), nil) }
    state.isReaderWaiting = true
    return (nil, isFirst ? state.wakeLoop : nil)
  }

  // MARK: The loop's side

  /// Whether the handler has asked for the body at all.
  var wasAsked: Bool { state.withLock { $0.wasAsked } }
  var isAbandoned: Bool { state.withLock { $0.isAbandoned } }
  /// Whether the loop must wait for the handler; it will be woken.
  var isFull: Bool { state.withLock { $0.isLoopWaiting } }

  /// Appends; false when the window is now full.
  func push(_ piece: [UInt8]) -> Bool {
    change { state in
      if state.isAbandoned { return }
      state.pieces.append(piece)
      state.bytes += piece.count
      state.isLoopWaiting = state.bytes >= windowBytes
    }
    return !isFull
  }

  func finish() {
    change { $0.isFinished = true }
  }

  /// What was pushed before may still be read.
  func fail(_ failure: HTTPFailure) {
    change { state in
      if !state.isFinished, state.failure == nil { state.failure = failure }
    }
  }

  private func change(_ body: (inout State) -> Void) {
    let wakes = state.withLock { state in
      body(&state)
      defer { state.isReaderWaiting = false }
      return state.isReaderWaiting
    }
    if wakes { arrival.signal() }
  }
}
