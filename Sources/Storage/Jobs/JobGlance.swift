// What a job is now, as quickly as SQLite can say it.

import Jobs
import Synchronization

/// Reads one job with its documents where they are short, on whatever thread asks, which may be one
/// that must not wait: what is not answered at once is not answered.
final class JobGlance: Sendable {
  private struct Held: ~Copyable {
    let connection: DirectConnection
    let record: DirectStatement
    let labels: DirectStatement
    let attempts: DirectStatement
  }

  private let held: Mutex<Held?>

  init(path: String) throws(StorageError) {
    let connection = try DirectConnection(path: path)
    let record = try connection.prepare(JobRow.recordSelection)
    let labels = try connection.prepare(JobRow.labelSelection)
    let attempts = try connection.prepare(AttemptHistory.selection)
    held = Mutex(
      Held(connection: connection, record: record, labels: labels, attempts: attempts))
  }

  /// - Returns: `nil` when there is no such job, when its request and result are longer than
  ///   `documentBytesMax`, and when SQLite does not answer at once.
  func record(of id: String, documentBytesMax: Int) -> JobRecord? {
    held.withLock { held in
      var found: JobRecord?
      var sequence: Int64 = 0
      var (hasLabels, hasAttempts) = (false, false)
      held?.record.read(.text(id), .integer(Int64(documentBytesMax))) { row in
        found = try? JobRow.decodeRecord(row)
        sequence = row.integer(0) ?? 0
        hasLabels = row.integer(23) == 1
        hasAttempts = (row.integer(JobRow.fenceColumn) ?? 0) > 0
        return false
      }
      guard found != nil else { return nil }
      if hasLabels {
        let isAnswered = held?.labels.read(.integer(sequence)) { row in
          if let key = row.text(0), let value = row.text(1) { found?.job.labels[key] = value }
          return true
        }
        guard isAnswered == true else { return nil }
      }
      if hasAttempts {
        let isAnswered = held?.attempts.read(.integer(sequence)) { row in
          if let attempt = AttemptHistory.decode(row) { found?.documents.attempts.append(attempt) }
          return true
        }
        guard isAnswered == true else { return nil }
      }
      return found
    }
  }

  /// Closes the connection; nothing is found from then on.
  func close() { held.withLock { $0 = nil } }
}
