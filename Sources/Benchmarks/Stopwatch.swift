/// Times pieces of work on the monotonic clock.
enum Stopwatch {
  /// Seconds that `work` takes.
  static func seconds<Result>(_ work: () throws -> Result) rethrows -> (Double, Result) {
    let clock = ContinuousClock()
    let start = clock.now
    let result = try work()
    return (seconds(start.duration(to: clock.now)), result)
  }

  /// Seconds a repetition takes, the fastest of several means, which other programs disturb least.
  static func fastest(leastSeconds: Double = 0.5, rounds: Int = 5, _ work: () -> Void) -> Double {
    work()
    return (0..<rounds).map { _ in mean(leastSeconds: leastSeconds / Double(rounds), work) }
      .min() ?? 0
  }

  /// Seconds a repetition takes, on the mean of as many as take `leastSeconds`.
  static func mean(leastSeconds: Double, _ work: () -> Void) -> Double {
    let clock = ContinuousClock()
    let start = clock.now
    var repetitions = 0
    var elapsed = 0.0
    var nextLook = 1
    repeat {
      while repetitions < nextLook {
        work()
        repetitions += 1
      }
      elapsed = seconds(start.duration(to: clock.now))
      // As many more as seem to be missing, at most ten times those done.
      let missing = Double(repetitions) * (leastSeconds / max(elapsed, 1e-9) - 1)
      nextLook += max(1, Int(min(missing, 10 * Double(repetitions))))
    } while elapsed < leastSeconds
    return elapsed / Double(repetitions)
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
