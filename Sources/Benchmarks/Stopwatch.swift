/// Times pieces of work on the monotonic clock.
enum Stopwatch {
  /// Seconds that `work` takes.
  static func seconds<Result>(_ work: () throws -> Result) rethrows -> (Double, Result) {
    let clock = ContinuousClock()
    let start = clock.now
    let result = try work()
    return (seconds(start.duration(to: clock.now)), result)
  }

  /// Seconds a repetition takes, repeating for at least `leastSeconds` after one unmeasured time;
  /// the fastest of several rounds, which other programs disturb least.
  static func fastest(leastSeconds: Double = 0.5, rounds: Int = 5, _ work: () -> Void) -> Double {
    work()
    var repetitions = 1
    while seconds({ for _ in 0..<repetitions { work() } }).0 < leastSeconds / Double(rounds) {
      repetitions *= 2
    }
    let times = (0..<rounds).map { _ in
      seconds { for _ in 0..<repetitions { work() } }.0 / Double(repetitions)
    }
    return times.min() ?? 0
  }

  private static func seconds(_ duration: Duration) -> Double {
    let (seconds, attoseconds) = duration.components
    return Double(seconds) + Double(attoseconds) * 1e-18
  }
}

extension [Double] {
  /// The middle one; of an even number, the mean of the two.
  var median: Double {
    let ordered = sorted()
    guard !ordered.isEmpty else { return .nan }
    return (ordered[(count - 1) / 2] + ordered[count / 2]) / 2
  }
}
