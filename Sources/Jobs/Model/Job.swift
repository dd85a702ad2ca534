// The record of one job: everything that can be said of it without opening its documents.

import Foundation

/// A job as it stood when it was read. Its request, input and outputs are fetched separately.
public struct Job: Sendable, Equatable, Identifiable {
  /// Chosen by whoever submitted it; unique in the store.
  public var id: String
  /// What its client calls it where that is not `id`; unique for the client.
  public var name: String?
  /// Who submitted it; empty where clients are not told apart.
  public var client: String
  /// The id of what the job is about, which must exist while the job is unfinished.
  public var subject: String
  /// The subject's name when the job was accepted; readable after the subject is gone.
  public var subjectName: String?
  public var state: JobState
  /// A head start in its client's line and between clients: see `JobStore.claim`.
  public var priority: Int
  public var labels: [String: String]
  public var facets: JobFacets
  public var createdAt: Date
  /// When the current or last attempt began.
  public var startedAt: Date?
  /// When the job reached a final state.
  public var completedAt: Date?
  /// The moment after which nobody needs the answer.
  public var deadline: Date?
  /// How many attempts have begun and were not handed back, 0 to `attemptsMax`.
  public var attempt: Int
  public var attemptsMax: Int
  /// Starts at 1 and grows with every visible change.
  public var revision: Int
  /// The runner's last words on how far it is: small opaque JSON.
  public var progress: [UInt8]?
  /// Somebody asked to stop, and the worker has not stopped yet (or stopped for another reason).
  public var cancelRequested: Bool
  /// Seconds spent waiting in the queue, over all attempts; `nil` until first claimed.
  public var queueSeconds: Double?
  /// Seconds the attempt that ended the job took; `nil` until then.
  public var solveSeconds: Double?
  /// Why it failed: opaque JSON; present exactly when `state` is `failed`.
  public var error: [UInt8]?
  /// The caller's distributed trace, kept verbatim.
  public var traceContext: String?
  /// Of which batch it is, and where in it.
  public var batch: BatchPlace?

  /// What its client knows it by.
  public var publicID: String { name ?? id }

  public init(
    id: String, name: String? = nil, client: String = "", subject: String,
    subjectName: String? = nil,
    state: JobState = .queued, priority: Int = 0, labels: [String: String] = [:],
    facets: JobFacets, createdAt: Date, startedAt: Date? = nil, completedAt: Date? = nil,
    deadline: Date? = nil, attempt: Int = 0, attemptsMax: Int, revision: Int = 1,
    progress: [UInt8]? = nil, cancelRequested: Bool = false, queueSeconds: Double? = nil,
    solveSeconds: Double? = nil, error: [UInt8]? = nil, traceContext: String? = nil,
    batch: BatchPlace? = nil
  ) {
    self.id = id
    self.name = name
    self.client = client
    self.subject = subject
    self.subjectName = subjectName
    self.state = state
    self.priority = priority
    self.labels = labels
    self.facets = facets
    self.createdAt = createdAt
    self.startedAt = startedAt
    self.completedAt = completedAt
    self.deadline = deadline
    self.attempt = attempt
    self.attemptsMax = attemptsMax
    self.revision = revision
    self.progress = progress
    self.cancelRequested = cancelRequested
    self.queueSeconds = queueSeconds
    self.solveSeconds = solveSeconds
    self.error = error
    self.traceContext = traceContext
    self.batch = batch
  }
}
