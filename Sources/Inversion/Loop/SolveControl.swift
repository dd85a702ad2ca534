/// What a solver is told from outside, and tells: cancellation, time, progress.
public struct SolveControl: Sendable {
  /// Asked once an iteration.
  public var isCancelled: @Sendable () -> Bool
  /// Seconds on any steady clock.
  public var now: @Sendable () -> Double
  /// On the same clock; `nil` for no limit.
  public var deadline: Double?
  public var report: @Sendable (SolveProgress) -> Void
  /// Of what is computed; `nil` keeps no record.
  public var recorder: SolveRecorder?

  public init(
    isCancelled: @escaping @Sendable () -> Bool = { false },
    now: @escaping @Sendable () -> Double = { 0 }, deadline: Double? = nil,
    report: @escaping @Sendable (SolveProgress) -> Void = { _ in },
    recorder: SolveRecorder? = nil
  ) {
    self.isCancelled = isCancelled
    self.now = now
    self.deadline = deadline
    self.report = report
    self.recorder = recorder
  }

  /// Brings the deadline forward to `seconds` of solving, those before a checkpoint counted; `nil`
  /// leaves it.
  mutating func shorten(to seconds: Double?) {
    guard let seconds else { return }
    deadline = min(deadline ?? .infinity, now() + seconds - (recorder?.secondsBefore ?? 0))
  }

  /// Why the work has to stop now, if it has to.
  func interruption() -> Termination? {
    if isCancelled() { return .cancelled }
    if let deadline, now() >= deadline { return .timeLimit }
    return nil
  }
}

/// How far a solver has come.
public struct SolveProgress: Sendable, Equatable {
  /// Iterations of all restarts together.
  public var iteration: Int
  public var iterationsMax: Int
  /// The smallest loss so far.
  public var loss: Double
  public var restartsFinished: Int
}
