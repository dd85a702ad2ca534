// Writes of many threads, committed together.

import Dispatch
import GRDB

/// One caller's write while it waits to be carried out, by whichever thread commits next.
///
/// The caller's thread sleeps until its turn is over, so that what `work` refers to outlives it, and
/// only one thread at a time touches the turn: the caller before it joins and after it is woken, the
/// committing one in between.
final class WriteTurn: @unchecked Sendable {
  /// What a sleeping caller is woken for.
  enum Wake {
    /// Its write was committed, or was not and why.
    case ended
    /// To commit what waits, its own write first.
    case lead
  }

  let durability: Database.Durability
  /// `nil` once the turn is over: it refers to what is the caller's alone.
  private var work: ((GRDB.Database) throws -> Void)?
  private(set) var failure: (any Error)?
  private let signal = DispatchSemaphore(value: 0)
  private var wake = Wake.lead

  init(_ durability: Database.Durability, _ work: @escaping (GRDB.Database) throws -> Void) {
    self.durability = durability
    self.work = work
  }

  /// Carries the write out. One that shares its transaction leaves nothing of itself when it fails.
  ///
  /// - Throws: what ended the whole transaction.
  func run(in db: GRDB.Database, isAlone: Bool) throws {
    guard !isAlone else {
      try work?(db)
      return
    }
    do {
      try db.inSavepoint {
        try work?(db)
        return .commit
      }
    } catch {
      // SQLite ends the whole transaction after some errors, such as a full disk.
      guard db.isInsideTransaction else { throw error }
      failure = error
    }
  }

  /// The transaction was ended.
  ///
  /// - Parameter error: why nothing of it was kept.
  func end(_ error: (any Error)?) {
    failure = error ?? failure
    work = nil
  }

  func wake(_ wake: Wake) {
    self.wake = wake
    signal.signal()
  }

  func sleep() -> Wake {
    signal.wait()
    return wake
  }
}
