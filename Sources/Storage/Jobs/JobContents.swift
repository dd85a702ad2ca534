// What a worker is given of a job beside its row.

import Foundation
import GRDB
import Jobs

/// The documents of a job that was just taken.
struct JobContents {
  var fence: Int
  var document: [UInt8]
  var input: [UInt8]
  var companionKey: String?
  var checkpoint: [UInt8]?

  /// - Returns: `nil` where the request or the input is not there.
  static func read(_ sequence: Int64, _ db: GRDB.Database) throws -> JobContents? {
    try Row.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT jobs.fence, job_requests.document, job_inputs.bytes, jobs.companion_key,
            job_checkpoints.bytes
          FROM jobs JOIN job_requests USING (seq) JOIN job_inputs USING (seq)
          LEFT JOIN job_checkpoints USING (seq) WHERE jobs.seq = ?
          """), arguments: [sequence]
    ).map { row in
      JobContents(
        fence: row[0], document: try row.bytes(1) ?? [], input: try row.bytes(2) ?? [],
        companionKey: row[3], checkpoint: try row.bytes(4))
    }
  }
}
