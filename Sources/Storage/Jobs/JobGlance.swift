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
  }

  private let held: Mutex<Held?>

  init(path: String) throws(StorageError) {
    let connection = try DirectConnection(path: path)
    let record = try connection.prepare(JobRow.recordSelection)
    let labels = try connection.prepare(JobRow.labelSelection)
    held = Mutex(Held(connection: connection, record: record, labels: labels))
  }

  /// - Returns: `nil` when there is no such job, when its request and result are longer than
  ///   `documentBytesMax`, and when SQLite does not answer at once.
  func record(of id: String, documentBytesMax: Int) -> JobRecord? {
    held.withLock { held in
      var found: JobRecord?
      var labelled: Int64?
      var isDecoded = true
      let isAnswered = held?.record.read(.text(id), .integer(Int64(documentBytesMax))) { row in
        if found == nil, row.integer(23) == 1 { labelled = row.integer(0) }
        do { try JobRow.add(row, to: &found) } catch { isDecoded = false }
        return isDecoded
      }
      guard isAnswered == true, isDecoded else { return nil }
      if let labelled {
        let isAnswered = held?.labels.read(.integer(labelled)) { row in
          if let key = row.text(0), let value = row.text(1) { found?.job.labels[key] = value }
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
