// Many jobs that were accepted together: the same request, each with an input of its own.

import Foundation

/// A batch on its way into the queue.
public struct BatchSubmission: Sendable {
  /// What all jobs share. Its id, idempotency key and request digest are the batch's own; its input
  /// is not used.
  public var common: JobSubmission
  /// The batch as it is to be shown: opaque JSON, given back verbatim.
  public var document: [UInt8]
  /// The id and the input of each job, in the order of the batch; at least one.
  public var members: [(id: String, input: [UInt8])]

  public init(
    common: JobSubmission, document: [UInt8], members: [(id: String, input: [UInt8])]
  ) {
    self.common = common
    self.document = document
    self.members = members
  }

  /// Refuses what is outside the bounds of a submission; every store calls it first.
  ///
  /// - Throws: `JobStoreError.invalidSubmission` naming the first field at fault.
  public func validate() throws(JobStoreError) {
    try common.validate()
    guard !members.isEmpty else {
      throw .invalidSubmission(field: "observations", detail: "a batch has at least one")
    }
    if let bad = members.first(where: { !JobSubmission.isValidID($0.id) }) {
      throw .invalidSubmission(
        field: "id", detail: "'\(bad.id.prefix(160))' is not an id: use 1 to 128 characters")
    }
  }
}

/// Where a job stands in its batch.
public struct BatchPlace: Sendable, Hashable {
  /// The batch's id.
  public var batch: String
  /// Of the job's observation, from 0.
  public var index: Int

  public init(batch: String, index: Int) {
    self.batch = batch
    self.index = index
  }
}

/// A batch as it stood when it was read.
public struct JobBatch: Sendable, Equatable, Identifiable {
  public var id: String
  /// Who submitted it; empty where clients are not told apart.
  public var client: String
  /// The id of what its jobs are about.
  public var subject: String
  /// The subject's name when the batch was accepted.
  public var subjectName: String?
  /// How many jobs it was accepted with.
  public var count: Int
  /// How many of its jobs are in each state; every state is present. Deleted jobs are in none.
  public var counts: [JobState: Int]
  public var createdAt: Date
  /// As submitted.
  public var document: [UInt8]

  public init(
    id: String, client: String, subject: String, subjectName: String?, count: Int,
    counts: [JobState: Int], createdAt: Date, document: [UInt8]
  ) {
    self.id = id
    self.client = client
    self.subject = subject
    self.subjectName = subjectName
    self.count = count
    self.counts = counts
    self.createdAt = createdAt
    self.document = document
  }

  public var unfinishedCount: Int {
    counts.reduce(0) { $1.key.isFinished ? $0 : $0 + $1.value }
  }
}

/// Which batches are wanted. What is `nil` matches all.
public struct BatchQuery: Sendable, Hashable {
  public var client: String?
  public var subject: String?

  public init(client: String? = nil, subject: String? = nil) {
    self.client = client
    self.subject = subject
  }
}

/// Some batches, newest first.
public struct BatchPage: Sendable {
  public var batches: [JobBatch]
  /// Where the next page begins; `nil` at the end.
  public var nextToken: String?

  public init(batches: [JobBatch], nextToken: String?) {
    self.batches = batches
    self.nextToken = nextToken
  }
}
