import Glibc

/// The server's sense of time, passed in so that tests can turn the hands.
public struct ServerClock: Sendable {
  /// Never goes back; deadlines are measured with it.
  public var monotonicNanoseconds: @Sendable () -> UInt64
  /// Seconds since 1970, for `Date`.
  public var unixSeconds: @Sendable () -> Int

  public init(
    monotonicNanoseconds: @escaping @Sendable () -> UInt64,
    unixSeconds: @escaping @Sendable () -> Int
  ) {
    self.monotonicNanoseconds = monotonicNanoseconds
    self.unixSeconds = unixSeconds
  }

  public static let system = ServerClock(
    monotonicNanoseconds: {
      let now = read(CLOCK_MONOTONIC)
      return UInt64(now.tv_sec) &* 1_000_000_000 &+ UInt64(now.tv_nsec)
    },
    unixSeconds: { read(CLOCK_REALTIME).tv_sec })

  private static func read(_ clock: clockid_t) -> timespec {
    var now = timespec()
    clock_gettime(clock, &now)
    return now
  }
}
