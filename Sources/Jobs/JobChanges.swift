// Tells those who wait for a job that it changed.

import Synchronization

/// In-process notices by job id.
///
/// A notice carries nothing but the id: whoever gets one reads the job again. Read the job after
/// observing and before waiting, or a change in between goes unseen.
public final class JobChanges: Sendable {
  public typealias Handler = @Sendable (_ jobID: String) -> Void

  private struct State {
    var nextKey: UInt64 = 0
    var handlers: [String: [UInt64: Handler]] = [:]
  }

  private let state = Mutex(State())

  public init() {}

  /// Calls `handler` on the publisher's thread after every change of the job until the observation
  /// is canceled. The handler must be quick and may observe, cancel and publish.
  public func observe(_ jobID: String, handler: @escaping Handler) -> JobObservation {
    let key = state.withLock { state in
      state.nextKey += 1
      state.handlers[jobID, default: [:]][state.nextKey] = handler
      return state.nextKey
    }
    return JobObservation { [weak self] in self?.remove(jobID, key) }
  }

  /// Tells the observers of this job; costs one lookup when there are none.
  public func publish(_ jobID: String) {
    let handlers = state.withLock { state in state.handlers[jobID].map { Array($0.values) } }
    for handler in handlers ?? [] { handler(jobID) }
  }

  /// How many observations are in force.
  public var observerCount: Int {
    state.withLock { $0.handlers.values.reduce(0) { $0 + $1.count } }
  }

  private func remove(_ jobID: String, _ key: UInt64) {
    state.withLock { state in
      state.handlers[jobID]?[key] = nil
      if state.handlers[jobID]?.isEmpty == true { state.handlers[jobID] = nil }
    }
  }
}

/// A wish to be told of a job's changes; ends when canceled or released.
public final class JobObservation: Sendable {
  private let end: @Sendable () -> Void

  init(end: @escaping @Sendable () -> Void) {
    self.end = end
  }

  /// Ends the observation. A notice that is being delivered on another thread may still arrive.
  public func cancel() { end() }

  deinit { end() }
}
