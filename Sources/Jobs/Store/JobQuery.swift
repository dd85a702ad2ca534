// Asking for past and present jobs, a page at a time.

import Foundation

/// Which jobs are wanted. Conditions are joined by "and"; what is `nil` or empty matches all.
public struct JobQuery: Sendable, Hashable {
  /// The client that submitted them.
  public var client: String?
  /// The id of what they are about.
  public var subject: String?
  /// Any of these states.
  public var states: Set<JobState>
  public var method: String?
  public var verdict: String?
  /// Each of these labels with exactly this value.
  public var labels: [String: String]
  /// Created strictly after this moment.
  public var createdAfter: Date?
  /// Created strictly before this moment.
  public var createdBefore: Date?
  /// A residual that is known and at most this.
  public var residualMax: Double?
  /// The id of the batch that they are of.
  public var batch: String?

  public init(
    client: String? = nil, subject: String? = nil, states: Set<JobState> = [],
    method: String? = nil, verdict: String? = nil, labels: [String: String] = [:],
    createdAfter: Date? = nil, createdBefore: Date? = nil, residualMax: Double? = nil,
    batch: String? = nil
  ) {
    self.client = client
    self.subject = subject
    self.states = states
    self.method = method
    self.verdict = verdict
    self.labels = labels
    self.createdAfter = createdAfter
    self.createdBefore = createdBefore
    self.residualMax = residualMax
    self.batch = batch
  }
}

/// Which part of a list is wanted.
public struct PageRequest: Sendable, Hashable {
  /// The sizes a page may have.
  public static let sizes = 1...1000
  public static let defaultSize = 50

  /// How many items at most.
  public var size: Int
  /// `nextToken` of the page before, with the same filters; `nil` for the newest.
  public var token: String?

  public init(size: Int = PageRequest.defaultSize, token: String? = nil) {
    self.size = size
    self.token = token
  }
}

/// Some jobs, newest first.
public struct JobPage: Sendable {
  public var jobs: [Job]
  /// Where the next page begins; `nil` at the end.
  public var nextToken: String?

  public init(jobs: [Job], nextToken: String?) {
    self.jobs = jobs
    self.nextToken = nextToken
  }
}

/// A job with its documents, as they were at one moment.
public struct JobRecord: Sendable, Equatable {
  public var job: Job
  public var documents: JobDocuments

  public init(job: Job, documents: JobDocuments) {
    self.job = job
    self.documents = documents
  }
}

/// A job's request and its result, both verbatim, and its history.
public struct JobDocuments: Sendable, Equatable {
  public var request: [UInt8]
  /// `nil` until the job is finished, and when it ended without one.
  public var result: [UInt8]?
  /// What happened each time that a worker took the job, the oldest first.
  public var attempts: [JobAttempt]

  public init(request: [UInt8], result: [UInt8]?, attempts: [JobAttempt] = []) {
    self.request = request
    self.result = result
    self.attempts = attempts
  }
}
