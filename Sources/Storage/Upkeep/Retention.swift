// How long finished jobs are kept, and how what they leave is given back.

import Foundation
import GRDB
import Jobs
import Synchronization

/// When finished jobs are removed.
public struct RetentionPolicy: Sendable, Hashable {
  /// Seconds after its end for which a job is kept; `nil` for as long as there is room.
  public var secondsMax: Double?
  /// Bytes in use above which the oldest go; `nil` for no limit.
  public var bytesMax: Int?
  /// Seconds after its end for which a job is never removed, however little room there is.
  public var secondsMin: Double

  public init(secondsMax: Double? = nil, bytesMax: Int? = nil, secondsMin: Double = 3600) {
    precondition(secondsMin >= 0, "secondsMin must not be negative")
    self.secondsMax = secondsMax
    self.bytesMax = bytesMax
    self.secondsMin = secondsMin
  }
}

/// What a pass of upkeep did.
public struct RetentionReport: Sendable, Equatable {
  /// Jobs removed for their age, and for want of room.
  public var expired = 0
  public var displaced = 0
  /// Pages that the file gave back to the disk.
  public var pagesFreed = 0

  public init() {}
}

/// Removes what is kept no longer, a little at a time so that other writes get between.
public struct Retention: Sendable {
  /// Jobs that one transaction removes.
  static let jobsTogether = 32
  /// Pages that one transaction gives back.
  static let pagesTogether = 256

  let database: Database
  let policy: RetentionPolicy

  public init(database: Database, policy: RetentionPolicy) {
    self.database = database
    self.policy = policy
  }

  /// One pass: the oldest finished jobs over the policy go, then contents that nothing refers to,
  /// then free pages.
  ///
  /// - Parameter shouldStop: asked between two transactions.
  public func pass(
    now: Date, shouldStop: () -> Bool = { false }
  ) throws(StorageError) -> RetentionReport {
    var report = RetentionReport()
    if let seconds = policy.secondsMax {
      let cutoff = now.addingTimeInterval(-max(seconds, policy.secondsMin))
      while !shouldStop() {
        let count = try removeOldest(endedBy: cutoff)
        report.expired += count
        if count == 0 { break }
      }
    }
    if let most = policy.bytesMax {
      let cutoff = now.addingTimeInterval(-policy.secondsMin)
      while !shouldStop(), try database.bytesInUse() > most {
        let count = try removeOldest(endedBy: cutoff)
        report.displaced += count
        if count == 0 { break }
      }
    }
    try BlobStore(database: database).dropUnused()
    while !shouldStop() {
      let count = try giveBackPages()
      report.pagesFreed += count
      if count == 0 { break }
    }
    return report
  }

  /// Removes those of the finished jobs that ended first, and batches that lose their last job.
  ///
  /// - Returns: how many jobs.
  private func removeOldest(endedBy cutoff: Date) throws(StorageError) -> Int {
    // A job that comes back after loss of power is removed again.
    try database.write(.deferred) { db in
      let rows = try Row.fetchAll(
        db.cachedStatement(
          sql: """
            SELECT seq, batch FROM jobs INDEXED BY jobs_completed
            WHERE completed_at IS NOT NULL AND completed_at <= ? ORDER BY completed_at LIMIT ?
            """), arguments: [cutoff.microseconds, Self.jobsTogether])
      for row in rows {
        try db.cachedStatement(sql: "DELETE FROM jobs WHERE seq = ?")
          .execute(arguments: [row[0] as Int64])
      }
      for batch in Set(rows.compactMap { $0[1] as String? }) {
        try db.cachedStatement(
          sql: """
            DELETE FROM batches WHERE id = ?
              AND NOT EXISTS (SELECT 1 FROM jobs WHERE batch = batches.id)
            """
        ).execute(arguments: [batch])
      }
      return rows.count
    }
  }

  private func giveBackPages() throws(StorageError) -> Int {
    guard try database.freePageCount() > 0 else { return 0 }
    return try database.write(.deferred) { db in
      func free() throws -> Int { try Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0 }
      let before = try free()
      try db.execute(sql: "PRAGMA incremental_vacuum(\(Self.pagesTogether))")
      return before - (try free())
    }
  }
}

extension Database {
  /// Bytes of the pages that hold something.
  public func bytesInUse() throws(StorageError) -> Int {
    try read { db in
      func number(_ pragma: String) throws -> Int {
        try Int.fetchOne(db, sql: "PRAGMA \(pragma)") ?? 0
      }
      return (try number("page_count") - number("freelist_count")) * (try number("page_size"))
    }
  }

  func freePageCount() throws(StorageError) -> Int {
    try read { try Int.fetchOne($0, sql: "PRAGMA freelist_count") ?? 0 }
  }

  /// Bytes that may still be written where the database lies; `nil` when that cannot be told.
  public var freeBytes: Int? { Files.freeBytes(at: path) }
}

extension BlobStore {
  /// Removes contents that no generator refers to and nobody holds, and what is left of uploads that
  /// failed and of removals that were cut short.
  func dropUnused() throws(StorageError) {
    let (unused, dropped) = try database.read { db in
      (
        try Row.fetchAll(
          db,
          sql: """
            SELECT digest FROM blobs WHERE state = 'ready'
              AND NOT EXISTS (SELECT 1 FROM generators WHERE blob_id = blobs.id)
            """
        ).compactMap { try $0.bytes(0).flatMap(ContentDigest.init(bytes:)) },
        try Int64.fetchAll(db, sql: "SELECT id FROM blobs WHERE state = 'dropped'")
      )
    }
    var leftovers = dropped
    for digest in unused {
      if let id = try database.write(.deferred, { try dropIfUnused(digest, $0) }) {
        leftovers.append(id)
      }
    }
    for id in leftovers { try purge(id) }
    for id in database.failedUploads.withLock({ $0 }).sorted() {
      try purge(id)
      database.failedUploads.withLock { _ = $0.remove(id) }
    }
  }
}
