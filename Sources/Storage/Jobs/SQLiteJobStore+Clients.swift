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
    if let record = try record(of: publicID), record.isOf(client, named: false) { return record }
    let record = try record(of: Self.id(of: publicID, client: client))
    return record.flatMap { $0.isOf(client, named: true) ? $0 : nil }
  }

  /// The same without waiting for anything, for threads that must not: what is not there, has
  /// documents that are longer than `documentBytesMax` in all or cannot be said at once is `nil`.
  public func glance(
    at publicID: String, of client: String, documentBytesMax: Int
  ) -> JobRecord? {
    guard let glance = database.glance else { return nil }
    if let record = glance.record(of: publicID, documentBytesMax: documentBytesMax),
      record.isOf(client, named: false)
    {
      return record
    }
    let id = Self.id(of: publicID, client: client)
    let record = glance.record(of: id, documentBytesMax: documentBytesMax)
    return record.flatMap { $0.isOf(client, named: true) ? $0 : nil }
  }

  /// The id of a job that its client has chosen a name for. Two clients may choose the same name
  /// and learn nothing of one another by it.
  public static func id(of name: String, client: String) -> String {
    "put_" + ContentDigest(hashing: Array("\(client)/\(name)".utf8)).hexadecimal
  }
}

extension JobRecord {
  /// Whether it is the client's, under a name that the client chose or under its id.
  fileprivate func isOf(_ client: String, named: Bool) -> Bool {
    job.client == client && (named || job.name == nil)
  }
}
