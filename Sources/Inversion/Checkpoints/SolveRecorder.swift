import Synchronization

/// Keeps the record of one inversion while it is carried out, hands out checkpoints of it, and gives
/// back what an earlier one held. Used by the thread that solves.
public final class SolveRecorder: Sendable {
  private struct State {
    var record: SolveRecord
    /// Of the next piece, among those that are finished.
    var place = 0
    /// What was seen of the iterations is still to be taken over.
    var owesHistory: Bool
    /// On the recorder's clock.
    var storedAt: Double
    /// The work was stopped: what comes now is not what would have come.
    var isClosed = false
    /// Of the piece whose checkpoint was too large. What it holds only grows.
    var oversizedPlace: Int?

    /// Whether everything that was recorded has been read.
    var isLive: Bool { place == record.finished.count && record.current == nil }
  }

  private let state: Mutex<State>
  private let secondsBetween: Double
  private let bytesMax: Int
  private let beganAt: Double
  private let now: @Sendable () -> Double
  private let store: @Sendable ([UInt8]) -> Void
  private let refuse: @Sendable (_ byteCount: Int) -> Void
  /// Spent on solving before.
  public let secondsBefore: Double
  /// The iteration that the record stood at; `nil` for a new one.
  public let resumedFrom: Int?

  /// - Parameters:
  ///   - record: to go on from, or a new one.
  ///   - secondsBetween: checkpoints, 0 for one an iteration.
  ///   - bytesMax: of a checkpoint; one over it is not handed out, and the earlier one stands.
  ///   - refuse: is told of one over it, once a piece; none is made until the next piece.
  ///   - now: seconds on the steady clock of the inversion's control.
  ///   - store: takes a checkpoint, quickly.
  public init(
    _ record: SolveRecord, secondsBetween: Double = 5, bytesMax: Int = .max,
    now: @escaping @Sendable () -> Double,
    refuse: @escaping @Sendable (_ byteCount: Int) -> Void = { _ in },
    store: @escaping @Sendable ([UInt8]) -> Void
  ) {
    let moment = now()
    state = Mutex(
      State(record: record, owesHistory: record.iteration > 0, storedAt: moment))
    self.secondsBetween = secondsBetween
    self.bytesMax = bytesMax
    self.now = now
    self.store = store
    self.refuse = refuse
    beganAt = moment
    secondsBefore = record.seconds
    resumedFrom = record.isEmpty ? nil : record.iteration
  }

  /// What the next piece came to, where that is recorded. What cannot be read, or does not fit, is
  /// forgotten with all that follows it, and computed again.
  func outcome<Outcome: Checkpointable & Sendable>(
    of name: String, where fits: (Outcome) -> Bool
  ) -> Outcome? {
    state.withLock { state in
      guard state.place < state.record.finished.count else { return nil }
      guard var reader = Self.contents(of: state.record.finished[state.place], name),
        let outcome = try? Outcome(from: &reader), fits(outcome)
      else {
        state.record.finished.removeSubrange(state.place...)
        state.record.current = nil
        return nil
      }
      state.place += 1
      return outcome
    }
  }

  /// Where the next piece stood, where it had begun; the record's own is then forgotten.
  func beginning(of name: String) -> CheckpointReader? {
    state.withLock { state in
      guard state.place == state.record.finished.count, let piece = state.record.current else {
        return nil
      }
      state.record.current = nil
      return Self.contents(of: piece, name)
    }
  }

  private static func contents(
    of piece: SolveRecord.Piece, _ name: String
  ) -> CheckpointReader? {
    piece.name == name ? CheckpointReader(piece.contents) : nil
  }

  /// The piece under way can be gone on with from here.
  ///
  /// - Parameters:
  ///   - isStopping: hands out the last checkpoint, whenever the one before was.
  ///   - write: only called when there is to be one.
  func reach(_ name: String, isStopping: Bool, _ write: (inout CheckpointWriter) -> Void) {
    state.withLock { state in
      let moment = now()
      guard !state.isClosed, isStopping || isDue(state, moment) else { return }
      guard state.oversizedPlace != state.place else {
        state.isClosed = isStopping
        return
      }
      var writer = CheckpointWriter()
      write(&writer)
      state.record.current = SolveRecord.Piece(name: name, contents: writer.bytes)
      handOut(&state, moment)
      state.record.current = nil
      state.isClosed = isStopping
    }
  }

  /// The piece under way came to its own end.
  func finish(_ name: String, _ outcome: some Checkpointable & Sendable) {
    state.withLock { state in
      guard !state.isClosed else { return }
      var writer = CheckpointWriter()
      writer.write(outcome)
      state.record.finished.append(SolveRecord.Piece(name: name, contents: writer.bytes))
      state.place += 1
      let moment = now()
      if isDue(state, moment) { handOut(&state, moment) }
    }
  }

  /// The work is stopped where there is no state to go on from: the last checkpoint is of what is
  /// finished.
  func stop() {
    state.withLock { state in
      guard !state.isClosed else { return }
      handOut(&state, now())
      state.isClosed = true
    }
  }

  /// The work is stopped, and the last checkpoint stands.
  func close() {
    state.withLock { $0.isClosed = true }
  }

  /// What was seen of the iterations up to now.
  ///
  /// - Returns: `false`, with nothing noted, while they are only read.
  func note(_ history: SearchHistory) -> Bool {
    state.withLock { state in
      guard state.isLive else { return false }
      if !state.isClosed { state.record.history = history }
      return true
    }
  }

  /// What had been seen of the iterations, once: when all that was recorded has been read.
  func takeHistory() -> SearchHistory? {
    state.withLock { state in
      guard state.owesHistory, state.isLive else { return nil }
      state.owesHistory = false
      return state.record.history
    }
  }

  private func isDue(_ state: borrowing State, _ moment: Double) -> Bool {
    moment - state.storedAt >= secondsBetween
  }

  private func handOut(_ state: inout State, _ moment: Double) {
    state.record.seconds = secondsBefore + moment - beganAt
    let bytes = state.record.bytes
    state.storedAt = moment
    if bytes.count <= bytesMax {
      store(bytes)
    } else if state.oversizedPlace != state.place {
      state.oversizedPlace = state.place
      refuse(bytes.count)
    }
  }
}

extension SolveControl {
  /// Carries out a piece of the work in one go, or reads what it came to.
  func recorded<Outcome: Checkpointable & Sendable>(
    _ name: String, where fits: (Outcome) -> Bool, by compute: () -> Outcome
  ) -> Outcome {
    guard let recorder else { return compute() }
    if let outcome = recorder.outcome(of: name, where: fits) { return outcome }
    let outcome = compute()
    // What was cut short is not what the piece comes to.
    if interruption() == nil { recorder.finish(name, outcome) } else { recorder.stop() }
    return outcome
  }
}
