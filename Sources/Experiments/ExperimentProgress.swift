/// Told how far an experiment has come.
public struct ExperimentProgress: Sendable {
  /// Called with the share that is done, 0 to 1, and with what is done next.
  public var report: @Sendable (_ share: Double, _ step: String) -> Void

  /// Called when work begins whose time is of interest, with what it is called, and with `nil` when
  /// it ends: experiments read no clock.
  public var time: @Sendable (_ work: String?) -> Void

  public init(
    report: @escaping @Sendable (_ share: Double, _ step: String) -> Void,
    time: @escaping @Sendable (_ work: String?) -> Void = { _ in }
  ) {
    self.report = report
    self.time = time
  }

  public static let silent = ExperimentProgress { _, _ in }

  /// Does what is to be timed under that name; the same name again adds to it.
  func timed<Value>(_ work: String, _ body: () throws -> Value) rethrows -> Value {
    time(work)
    defer { time(nil) }
    return try body()
  }

  func steps(_ count: Int) -> Steps { Steps(count: count, progress: self) }

  /// Counts steps of about the same length.
  struct Steps {
    let count: Int
    let progress: ExperimentProgress
    private(set) var done = 0

    init(count: Int, progress: ExperimentProgress) {
      self.count = count
      self.progress = progress
    }

    /// Says what begins now; what was begun before it is done.
    mutating func begin(_ step: String) {
      progress.report(Double(done) / Double(max(count, 1)), step)
      done += 1
    }
  }
}
