// Writes of many threads, committed together.

import Dispatch
import GRDB

/// One caller's write while it waits to be carried out, by whichever thread commits next.
///
/// A caller that waits sleeps until its turn is over, so that what `work` refers to outlives it; one
/// that does not is told. Only one thread at a time touches the turn: the caller before it joins and
/// after it is woken, the committing one in between, who tells last.
final class WriteTurn: @unchecked Sendable {
  /// What a sleeping caller is woken for.
  enum Wake {
    /// Its write was committed, or was not and why.
    case ended
    /// To commit what waits, its own write first.
    case lead
  }

  private enum Caller {
    case sleeping(DispatchSemaphore)
    case elsewhere(tell: (_ failure: (any Error)?) -> Void)
  }

  let durability: Database.Durability
  /// `nil` once the turn is over: it refers to what is the caller's alone.
  private var work: ((GRDB.Database) throws -> Void)?
  private(set) var failure: (any Error)?
  private let caller: Caller
  private var wake = Wake.lead

  /// The turn of a caller that will sleep.
  init(_ durability: Database.Durability, _ work: @escaping (GRDB.Database) throws -> Void) {
    self.durability = durability
    self.work = work
    caller = .sleeping(DispatchSemaphore(value: 0))
  }

  /// The turn of a caller that goes on.
  init(
    _ durability: Database.Durability,
    work: @escaping @Sendable (GRDB.Database) throws -> Void,
    tell: @escaping @Sendable (_ failure: (any Error)?) -> Void
  ) {
    self.durability = durability
    self.work = work
    caller = .elsewhere(tell: tell)
  }

  var isAwaited: Bool {
    if case .sleeping = caller { true } else { false }
  }

  /// Carries the write out. One that shares its transaction leaves nothing of itself when it fails.
  ///
  /// - Throws: what ended the whole transaction.
  func run(in db: GRDB.Database, isAlone: Bool) throws {
    guard !isAlone else {
      try work?(db)
      return
    }
    try db.cachedStatement(sql: "SAVEPOINT turn").execute()
    do {
      try work?(db)
    } catch {
      // SQLite ends the whole transaction after some errors, such as a full disk.
      guard db.isInsideTransaction else { throw error }
      try db.cachedStatement(sql: "ROLLBACK TO turn").execute()
      failure = error
    }
    try db.cachedStatement(sql: "RELEASE turn").execute()
  }

  /// The transaction was ended.
  ///
  /// - Parameter error: why nothing of it was kept.
  func end(_ error: (any Error)?) {
    failure = error ?? failure
    work = nil
  }

  /// Tells a caller that went on; the turn must have ended.
  func tell() {
    if case .elsewhere(let tell) = caller { tell(failure) }
  }

  func wake(_ wake: Wake) {
    guard case .sleeping(let signal) = caller else { return }
    self.wake = wake
    signal.signal()
  }

  func sleep() -> Wake {
    guard case .sleeping(let signal) = caller else { return .ended }
    signal.wait()
    return wake
  }
}
