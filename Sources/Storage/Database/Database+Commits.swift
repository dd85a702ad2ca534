// Writes of many threads in few commits.

import Dispatch
import GRDB
import Synchronization

extension Database {
  /// How much of a write survives loss of power. Every committed write survives `kill -9`.
  enum Durability {
    /// On the disk when the call returns: for what somebody is told.
    case flushed
    /// On the disk with the next flushed write: for what can be done again.
    case deferred
  }

  /// Runs `body` in a write transaction, alone or with those of other threads; throws whatever it
  /// throws, after taking back what it wrote.
  ///
  /// When it returns, what it wrote is committed.
  func withWriter<Value>(
    _ durability: Durability, _ body: (GRDB.Database) throws -> Value
  ) throws -> Value {
    try withoutActuallyEscaping(body) { body in
      var value: Value?
      let turn = WriteTurn(durability) { db in value = try body(db) }
      let isLeader = line.withLock { $0.join(turn) }
      if isLeader || turn.sleep() == .lead { lead(turn) }
      if let failure = turn.failure { throw failure }
      guard let value else { throw StorageError.corrupt(detail: "a write ended without a value") }
      return value
    }
  }

  /// Runs `body` in a write transaction soon, with those of other threads, and keeps no thread waiting
  /// for it.
  ///
  /// - Parameter completion: called on a queue of the database once what `body` wrote is committed, or
  ///   was taken back and why.
  func submitWrite<Value: Sendable>(
    _ durability: Durability, _ body: @escaping @Sendable (GRDB.Database) throws -> Value,
    completion: @escaping @Sendable (Result<Value, any Error>) -> Void
  ) {
    let value = Box<Value?>(nil)
    let turn = WriteTurn(durability) { db in
      value.content = try body(db)
    } tell: { failure in
      if let failure {
        completion(.failure(failure))
      } else if let value = value.content {
        completion(.success(value))
      }
    }
    if line.withLock({ $0.join(turn) }) { committing.async { self.lead(turn) } }
  }

  /// Commits the turn's write with all that wait, and sees to it that who is next does the same.
  private func lead(_ own: WriteTurn) {
    let others = line.withLock { $0.take(atMost: Self.togetherMax - 1) }
    commit([own] + others)
    for turn in others { turn.wake(.ended) }
    let told = ([own] + others).filter { !$0.isAwaited }
    if !told.isEmpty { telling.async { for turn in told { turn.tell() } } }
    guard logPages.areManyEnough else { return handOver() }
    // Whoever was committed need not wait for it.
    committing.async {
      self.checkpoint()
      self.handOver()
    }
  }

  /// Copies the log into the file, as far as no reader needs it. What this one cannot, the next one
  /// does.
  private func checkpoint() {
    try? pool.writeWithoutTransaction { db in
      try writerLock.withLock { try db.execute(sql: "PRAGMA wal_checkpoint(PASSIVE)") }
    }
  }

  /// Lets whoever waits next commit.
  private func handOver() {
    guard let next = line.withLock({ $0.next() }) else { return }
    if next.isAwaited {
      next.wake(.lead)
    } else {
      committing.async { self.lead(next) }
    }
  }

  private func commit(_ turns: [WriteTurn]) {
    let flush = turns.contains { $0.durability == .flushed }
    var failure: (any Error)?
    do {
      try pool.writeWithoutTransaction { db in
        if flushes.load(ordering: .relaxed) != flush {
          try db.execute(sql: "PRAGMA synchronous = \(flush ? "FULL" : "NORMAL")")
          flushes.store(flush, ordering: .relaxed)
        }
        try writerLock.withLock {
          try db.cachedStatement(sql: "BEGIN IMMEDIATE").execute()
          do {
            for turn in turns { try turn.run(in: db, isAlone: turns.count == 1) }
            try db.cachedStatement(sql: "COMMIT").execute()
          } catch {
            if db.isInsideTransaction { try? db.rollback() }
            throw error
          }
        }
      }
    } catch {
      failure = error
    }
    for turn in turns { turn.end(failure) }
  }
}

/// What the committing thread leaves for the telling one.
private final class Box<Content>: @unchecked Sendable {
  var content: Content

  init(_ content: Content) { self.content = content }
}
