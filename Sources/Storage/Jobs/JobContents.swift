// What a worker is given of a job beside its row, and what becomes of a job that has lost it.

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

/// A job that cannot be done because what it asks for is lost. It must not stop those behind it.
///
/// Where a page of the file itself is damaged, SQLite allows no further write in the transaction that
/// came upon it: that one fails as a whole, and the database has to be seen to.
enum UnreadableJob {
  /// How many of them one write may end.
  static let passedMax = 16

  /// Why it failed: opaque to the store, in the form of what the service says of other failures.
  static let error = Array(
    """
    {"type":"urn:preimage:problem:request_lost","title":"Internal Server Error","status":500,\
    "detail":"The request or the input of this inversion is no longer stored: the database was \
    damaged. Submit it again, and check the database.","code":"request_lost"}
    """.utf8)
}
