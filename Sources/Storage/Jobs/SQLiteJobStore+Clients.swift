// What clients call their jobs, and how one client's names stay apart from another's.

import Foundation
import GRDB
import Jobs

extension SQLiteJobStore {
  /// The client's job of this name: the id that it was given, or the one that the client chose.
  /// Jobs of others are not found.
  public func find(_ publicID: String, of client: String) throws(JobStoreError) -> Job? {
    try read { db in
      if let job = try JobRow.fetch(id: publicID, db), job.name == nil, job.client == client {
        return job
      }
      let id = Self.id(of: publicID, client: client)
      guard let job = try JobRow.fetch(id: id, db), job.client == client else { return nil }
      return job
    }
  }

  /// The id of a job that its client has chosen a name for. Two clients may choose the same name
  /// and learn nothing of one another by it.
  public static func id(of name: String, client: String) -> String {
    "put_" + ContentDigest(hashing: Array("\(client)/\(name)".utf8)).hexadecimal
  }
}
