// Whether a database is what it should be: its pages, its references, and what we say of it.

import Foundation
import GRDB

/// Looks a database over, also while a server uses it. Nothing is changed.
public enum DatabaseCheck {
  /// - Parameter isFull: whether every page and every stored content is read, which takes as long as
  ///   reading the file.
  /// - Returns: what is wrong, a line each; nothing when all is well.
  /// - Throws: when the file cannot be read at all.
  public static func findings(
    in path: String, isFull: Bool
  ) throws(BackupError) -> [String] {
    let reader = try DatabaseBackup.reader(of: path)
    do {
      // One transaction: a server that writes meanwhile changes nothing of what is compared.
      let findings = try reader.read { db in
        var findings = try structure(db, isFull: isFull)
        let unknown = try Schema.unknownMigrations(db)
        guard unknown.isEmpty else {
          return findings + ["it is of a newer version: \(unknown.joined(separator: ", "))"]
        }
        // What an earlier version left is checked once it has been brought up to date.
        guard try Schema.migrator.hasCompletedMigrations(db) else { return findings }
        for rule in rules + (isFull ? fullRules : []) {
          if let count = try Int.fetchOne(db, sql: rule.sql), count > 0 {
            findings.append("\(rule.finding): \(count)")
          }
        }
        if isFull { findings += try damagedContents(db) }
        return findings
      }
      try reader.close()
      return findings
    } catch {
      throw BackupError(sorting: error)
    }
  }

  /// SQLite's own checks.
  static func structure(_ db: GRDB.Database, isFull: Bool) throws -> [String] {
    let check = isFull ? "integrity_check" : "quick_check"
    let pages = try String.fetchAll(db, sql: "PRAGMA \(check)(20)").filter { $0 != "ok" }
    let references = try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").prefix(20).map { row in
      "a row of \(row[0] as String? ?? "a table") refers to none of \(row[2] as String? ?? "another")"
    }
    return pages + references
  }

  private struct Rule {
    var finding: String
    /// Counts what breaks the rule.
    var sql: String
  }

  private static let rules = [
    Rule(
      finding: "states whose count is not that of their jobs",
      sql: """
        SELECT COUNT(*) FROM job_counts WHERE count <>
          (SELECT COUNT(*) FROM jobs WHERE jobs.state = job_counts.state)
        """),
    Rule(
      finding: "clients whose count of unfinished or running jobs is not that of their jobs",
      sql: """
        SELECT COUNT(*) FROM clients LEFT JOIN (SELECT client, COUNT(*) AS unfinished,
            SUM(state = 'running') AS running FROM jobs
            WHERE state IN ('queued', 'running') GROUP BY client) AS held ON held.client = name
        WHERE clients.unfinished <> COALESCE(held.unfinished, 0)
          OR clients.running <> COALESCE(held.running, 0)
        """),
    Rule(
      finding: "clients whose jobs wait without a line, or whose line has no jobs",
      sql: """
        SELECT COUNT(*) FROM clients WHERE (head_key IS NULL) = EXISTS
          (SELECT 1 FROM jobs WHERE client = clients.name AND state = 'queued')
        """),
    Rule(
      finding: "clients whose stored bytes are not those of their jobs and generators",
      sql: """
        SELECT COUNT(*) FROM clients WHERE bytes <>
          COALESCE((SELECT SUM(stored_bytes) FROM jobs WHERE client = clients.name), 0)
          + COALESCE((SELECT SUM(byte_count) FROM generators JOIN blobs ON blobs.id = blob_id
            WHERE client = clients.name), 0)
        """),
    Rule(
      finding: "unfinished jobs without their request or input",
      sql: """
        SELECT COUNT(*) FROM jobs WHERE state IN ('queued', 'running') AND (
          NOT EXISTS (SELECT 1 FROM job_requests WHERE job_requests.seq = jobs.seq)
          OR NOT EXISTS (SELECT 1 FROM job_inputs WHERE job_inputs.seq = jobs.seq))
        """),
    Rule(
      finding: "unfinished jobs whose generator is gone",
      sql: """
        SELECT COUNT(*) FROM jobs WHERE state IN ('queued', 'running')
          AND NOT EXISTS (SELECT 1 FROM generators WHERE generators.id = jobs.subject)
        """),
    Rule(
      finding: "attempts that go on though their job does not run, or the reverse",
      sql: """
        SELECT COUNT(*) FROM job_attempts JOIN jobs USING (seq)
        WHERE (ended_at IS NULL) <> (jobs.state = 'running' AND jobs.fence = job_attempts.fence)
        """),
    Rule(
      finding: "checkpoints of jobs that are finished or gone",
      sql: """
        SELECT COUNT(*) FROM job_checkpoints WHERE NOT EXISTS (SELECT 1 FROM jobs
          WHERE jobs.seq = job_checkpoints.seq AND state IN ('queued', 'running'))
        """),
    Rule(
      finding: "generators whose weights are not there",
      sql: """
        SELECT COUNT(*) FROM generators JOIN blobs ON blobs.id = blob_id WHERE state <> 'ready'
        """),
    Rule(
      finding: "batches with more jobs than they were accepted with",
      sql: """
        SELECT COUNT(*) FROM batches WHERE count <
          (SELECT COUNT(*) FROM jobs WHERE batch = batches.id)
        """),
  ]

  private static let fullRules = [
    Rule(
      finding: "jobs whose stored bytes are not those of their documents",
      sql: """
        SELECT COUNT(*) FROM jobs WHERE stored_bytes <>
          COALESCE((SELECT length(document) FROM job_requests WHERE seq = jobs.seq), 0)
          + COALESCE((SELECT length(bytes) FROM job_inputs WHERE seq = jobs.seq), 0)
          + COALESCE((SELECT length(document) FROM job_results WHERE seq = jobs.seq), 0)
          + COALESCE((SELECT SUM(length(bytes)) FROM job_outputs WHERE seq = jobs.seq), 0)
        """),
    Rule(
      finding: "latents to be searched whose job is gone",
      sql: """
        SELECT COUNT(*) FROM job_latents
        WHERE NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.seq = job_latents.seq)
        """),
  ]

  /// Contents whose bytes do not have their digest.
  private static func damagedContents(_ db: GRDB.Database) throws -> [String] {
    var findings: [String] = []
    let blobs = try Row.fetchAll(
      db, sql: "SELECT id, digest, byte_count FROM blobs WHERE state = 'ready'")
    for blob in blobs {
      let hasher = ContentDigest.Hasher()
      var byteCount = 0
      let chunks = try Row.fetchCursor(
        db, sql: "SELECT bytes FROM blob_chunks WHERE blob_id = ? ORDER BY ordinal",
        arguments: [blob[0] as Int64])
      while let chunk = try chunks.next() {
        let bytes = try chunk.bytes(0) ?? []
        hasher.update(bytes)
        byteCount += bytes.count
      }
      let digest = try blob.bytes(1) ?? []
      if hasher.finalize().bytes != digest || byteCount != blob[2] as Int {
        let name = ContentDigest(bytes: digest)?.description ?? "of an unknown digest"
        findings.append("the content \(name) is not what was stored")
      }
    }
    return findings
  }
}
