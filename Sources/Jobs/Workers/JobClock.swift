// Where the pool gets the time from.

import Foundation

/// A source of the present moment.
///
/// Whoever submits jobs and the pool that runs them must use the same one: queue times and
/// deadlines compare their readings.
public struct JobClock: Sendable {
  public let now: @Sendable () -> Date

  public init(now: @escaping @Sendable () -> Date) {
    self.now = now
  }

  /// The system's wall clock, jumps included.
  public static let wall = JobClock { Date() }

  /// The wall clock as it was when this was called, advanced by a clock that only goes forward.
  ///
  /// Setting the system's time can then neither expire every lease nor hold back every deadline.
  /// Call it once a process.
  public static func steady() -> JobClock {
    let origin = Date()
    let start = ContinuousClock.now
    return JobClock {
      let elapsed = start.duration(to: .now).components
      return origin.addingTimeInterval(
        Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18)
    }
  }
}
