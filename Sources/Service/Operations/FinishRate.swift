import Foundation
import Synchronization

/// How quickly inversions finish now: what `Retry-After` is computed from.
package final class FinishRate: Sendable {
  /// The finishes that are remembered.
  private static let keptMax = 64

  private struct State {
    /// Of the last finishes.
    var moments: [Date] = []
    /// When a worker last took one.
    var beganAt: Date?
  }

  private let state = Mutex(State())

  package init() {}

  /// A worker took an inversion.
  package func begin(at moment: Date) {
    state.withLock { $0.beganAt = moment }
  }

  /// An inversion finished, well or not.
  package func record(at moment: Date) {
    state.withLock { state in
      state.moments.append(moment)
      if state.moments.count > Self.keptMax { state.moments.removeFirst() }
    }
  }

  /// Seconds from one finish to the next, on the mean; `nil` before there were three.
  ///
  /// The longest of the gaps is left out, which may be one in which there was nothing to do. If
  /// nothing has finished, nor begun, for longer than that, it is slower now.
  package func secondsPerFinish(at now: Date) -> Double? {
    let (moments, beganAt) = state.withLock { ($0.moments, $0.beganAt) }
    guard moments.count >= 3, let last = moments.last else { return nil }
    let gaps = zip(moments.dropFirst(), moments).map { max($0.timeIntervalSince($1), 0) }
    let mean = (gaps.reduce(0, +) - (gaps.max() ?? 0)) / Double(gaps.count - 1)
    return max(mean, now.timeIntervalSince(max(last, beganAt ?? last)))
  }
}

/// When it is worth trying again, in whole seconds.
package struct RetryAdvice: Sendable {
  /// What `Retry-After` may say.
  package static let bounds = 1...3600

  /// Seconds from one finished inversion to the next.
  package var secondsPerFinish: Double

  package init(secondsPerFinish: Double) {
    self.secondsPerFinish = secondsPerFinish
  }

  /// For a full queue: a place is free when any inversion ends.
  package var queueFull: Int { Self.bounded(secondsPerFinish) }

  /// For a client at its quota: clients take turns, so that one of its own ends when one of each
  /// has.
  package func clientBusy(clientCount: Int) -> Int {
    Self.bounded(secondsPerFinish * Double(max(clientCount, 1)))
  }

  /// For event streams, of which one ends with the inversion that it follows.
  package func streamsFull(unfinishedCount: Int, streamCount: Int) -> Int {
    Self.bounded(
      secondsPerFinish * max(Double(unfinishedCount) / Double(max(streamCount, 1)), 1))
  }

  private static func bounded(_ seconds: Double) -> Int {
    guard seconds < Double(bounds.upperBound) else { return bounds.upperBound }
    return max(Int(seconds.rounded(.up)), bounds.lowerBound)
  }
}
