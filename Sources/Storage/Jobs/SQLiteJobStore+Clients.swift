// What clients call their jobs, and how one client's names stay apart from another's.

import Foundation
import GRDB
import Jobs

extension SQLiteJobStore {
  /// The client's job of this name: the id that it was given, or the one that the client chose.
  /// Jobs of others are not found.
  public func find(_ publicID: String, of client: String) throws(JobStoreError) -> Job? {
    if let job = try find(publicID), job.name == nil, job.client == client { return job }
    guard let job = try find(Self.id(of: publicID, client: client)), job.client == client else {
      return nil
    }
    return job
  }

  /// The same with the job's documents.
  public func record(
    of publicID: String, of client: String
  ) throws(JobStoreError) -> JobRecord? {
    if let record = try record(of: publicID), record.job.name == nil, record.job.client == client {
      return record
    }
    guard let record = try record(of: Self.id(of: publicID, client: client)),
      record.job.client == client
    else { return nil }
    return record
  }

  /// The id of a job that its client has chosen a name for. Two clients may choose the same name
  /// and learn nothing of one another by it.
  public static func id(of name: String, client: String) -> String {
    "put_" + ContentDigest(hashing: Array("\(client)/\(name)".utf8)).hexadecimal
  }
}
