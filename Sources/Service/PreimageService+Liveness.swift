import HTTP
import Jobs

extension PreimageService {
  /// From the moment that `stop` is called.
  public var isStopping: Bool { parts.readiness.isDraining }

  /// Whether the process does its work, as a watchdog asks: every event loop takes a message within
  /// `seconds`, and the pool's upkeep has begun a round in that time. `false` before the start; while
  /// it stops, which has a bound of its own, always `true`.
  ///
  /// Storage that refuses, or a queue that is long, is no reason for a restart: that is what readiness
  /// and metrics tell. Blocks for at most `seconds`; not for a handler.
  public func isAlive(withinSeconds seconds: Double) -> Bool {
    if isStopping { return true }
    guard let silence = parts.pool.upkeepSilenceSeconds, silence < seconds else { return false }
    return runningServer?.answers(withinSeconds: seconds) ?? false
  }
}
