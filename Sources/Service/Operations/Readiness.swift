import Foundation
import Storage
import Synchronization

/// Whether the service should be sent work: not while it starts or drains, and not while storage
/// refuses writes.
package final class Readiness: Sendable {
  package enum Phase: String, Sendable {
    case starting
    case ready
    case draining
  }

  private struct State {
    var phase = Phase.starting
    var storageProblem: String?
    var checkedAt = Date.distantPast
  }

  /// A check costs a flush of the disk; probes may come more often than that is worth.
  private static let checkSeconds = 5.0

  private let state = Mutex(State())
  private let database: Database

  init(database: Database) {
    self.database = database
  }

  /// Whether new inversions are taken.
  var isAccepting: Bool { state.withLock { $0.phase == .ready } }

  var isDraining: Bool { state.withLock { $0.phase == .draining } }

  package func enter(_ phase: Phase) {
    state.withLock { $0.phase = phase }
  }

  /// Why no work should be sent here; `nil` when it may.
  func obstacle(now: Date) -> String? {
    let (phase, isDue) = state.withLock { state in
      let isDue = now.timeIntervalSince(state.checkedAt) >= Self.checkSeconds
      if isDue { state.checkedAt = now }
      return (state.phase, isDue)
    }
    guard phase == .ready else { return "The server is \(phase.rawValue)." }
    if isDue {
      var problem: String?
      do { try database.checkWritable() } catch { problem = error.description }
      state.withLock { $0.storageProblem = problem }
    }
    return state.withLock { $0.storageProblem }
  }
}
