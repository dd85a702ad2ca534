import Foundation
import Jobs
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
  private static let mendedSeconds = 1.0

  private let state = Mutex(State())
  private let database: Database
  private let freeBytesMin: Int

  /// - Parameter freeBytesMin: bytes that must be free where the database lies.
  init(database: Database, freeBytesMin: Int) {
    self.database = database
    self.freeBytesMin = freeBytesMin
  }

  /// New work is taken in `ready` and in no other.
  var phase: Phase { state.withLock { $0.phase } }

  var isDraining: Bool { phase == .draining }

  package func enter(_ phase: Phase) {
    state.withLock { $0.phase = phase }
  }

  /// Why no work should be sent here; `nil` when it may.
  func obstacle(now: Date) -> String? {
    let phase = phase
    guard phase == .ready else { return "The server is \(phase.rawValue)." }
    return storageObstacle(now: now)
  }

  /// A write was refused for want of room: that is so until a later write succeeds.
  func noteFull(_ detail: String, now: Date) {
    state.withLock { state in
      state.storageProblem = detail
      state.checkedAt = now
    }
  }

  /// A worker could not store something. Want of room is the same for all; whether another failure is,
  /// the next probe finds out by a write of its own.
  func note(_ event: PoolEvent, now: Date) {
    guard case .storeFailed(during: _, .unavailable(let failure)) = event else { return }
    switch failure.kind {
    case .full: noteFull(failure.description, now: now)
    case .io, .corrupt: state.withLock { $0.checkedAt = .distantPast }
    case .busy: break
    }
  }

  /// - Parameter bytes: that are to be stored, for which the log and then the file have to have room.
  /// - Throws: `StorageError.full` when less is free than new work may need, so that what runs can
  ///   still store its results.
  func checkRoom(for bytes: Int = 0) throws(StorageError) {
    let (twice, overflows) = bytes.multipliedReportingOverflow(by: 2)
    guard let problem = shortage(for: overflows ? .max : twice) else { return }
    throw .full(detail: problem)
  }

  private func storageObstacle(now: Date) -> String? {
    if let shortage = shortage() { return "The storage is full: \(shortage)." }
    let isDue = state.withLock { state in
      let elapsed = now.timeIntervalSince(state.checkedAt)
      // What is broken is looked at more often, to be back as soon as it is mended.
      let seconds = state.storageProblem == nil ? Self.checkSeconds : Self.mendedSeconds
      guard elapsed >= seconds || elapsed < 0 else { return false }
      state.checkedAt = now
      return true
    }
    if isDue {
      var problem: String?
      do { try database.checkWritable() } catch { problem = error.description }
      state.withLock { $0.storageProblem = problem }
    }
    return state.withLock { $0.storageProblem }
  }

  /// - Parameter bytes: that will be used of what is free.
  private func shortage(for bytes: Int = 0) -> String? {
    guard freeBytesMin > 0, let free = database.freeBytes, free - bytes < freeBytesMin else {
      return nil
    }
    let use = bytes > 0 ? ", of which this would use up to \(bytes)" : ""
    return "\(free) bytes are free where the database lies\(use), and new work is taken from "
      + "\(freeBytesMin) on"
  }
}
