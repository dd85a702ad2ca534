import Synchronization

/// How long the parts of an experiment take that it names as being of interest.
final class WorkTimes: Sendable {
  private struct State {
    var names: [String] = []
    var durations: [String: Duration] = [:]
    var current: (name: String, start: ContinuousClock.Instant)?
  }

  private let state = Mutex(State())

  /// Ends what was begun before; `nil` begins nothing.
  func begin(_ work: String?) {
    let now = ContinuousClock.now
    state.withLock { state in
      if let (name, start) = state.current {
        if state.durations[name] == nil { state.names.append(name) }
        state.durations[name, default: .zero] += now - start
      }
      state.current = work.map { ($0, now) }
    }
  }

  /// One line for each name, in the order in which they came.
  var lines: [String] {
    state.withLock { state in
      state.names.map { name in
        let seconds = (state.durations[name] ?? .zero) / .seconds(1)
        return "\(name): \((seconds * 10).rounded() / 10) s"
      }
    }
  }
}
