// Everything a job store may refuse, in words a client can act on.

/// Why a job store did not do what it was asked.
public enum JobStoreError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A field of a submission is outside its bounds.
  case invalidSubmission(field: String, detail: String)
  /// The queue holds as many jobs as admission allows.
  case queueFull(queuedMax: Int)
  /// The client has as many unfinished jobs as its quota allows.
  case clientBusy(unfinishedMax: Int)
  /// The client would have more stored than its quota allows.
  case clientFull(storedBytes: Int, addedBytes: Int, bytesMax: Int)
  /// The idempotency key was used with another request, which made the job `jobID`.
  case idempotencyMismatch(key: String, jobID: String)
  /// The id is taken by a job with another request.
  case identifierConflict(id: String)
  /// There is no such subject.
  case subjectMissing(subject: String)
  /// There is no such job.
  case jobMissing(id: String)
  /// The job is not finished, and only finished jobs can be deleted.
  case jobUnfinished(id: String, state: JobState)
  /// The page size is outside 1...1000.
  case pageSizeInvalid(size: Int)
  /// The page token was not made by this store for this query.
  case pageTokenInvalid(reason: String)
  /// The storage below failed; nothing was changed.
  case unavailable(JobStoreFailure)

  public var description: String {
    switch self {
    case .invalidSubmission(let field, let detail):
      "the job's \(field) is not acceptable: \(detail)"
    case .queueFull(let queuedMax):
      "the queue is full: \(queuedMax) jobs are waiting and no more are accepted; try again when "
        + "some have finished"
    case .clientBusy(let unfinishedMax):
      "\(unfinishedMax) jobs of this client are waiting or running, which is its quota; try again "
        + "when some have finished"
    case .clientFull(let stored, let added, let most):
      "\(stored) bytes are stored for this client and \(added) more would be over its quota of "
        + "\(most); delete what is not needed"
    case .idempotencyMismatch(let key, let jobID):
      "the idempotency key '\(key)' was used with another request, which made the job "
        + "'\(jobID)'; send the same request again or use a new key"
    case .identifierConflict(let id):
      "the id '\(id)' is taken by a job with another request; choose another id"
    case .subjectMissing(let subject):
      "there is no '\(subject)' for the job to be about; it may have been deleted meanwhile"
    case .jobMissing(let id):
      "there is no job '\(id)'"
    case .jobUnfinished(let id, let state):
      "the job '\(id)' is \(state.rawValue) and only finished jobs can be deleted; cancel it first"
    case .pageSizeInvalid(let size):
      "the page size \(size) is out of range: use \(PageRequest.sizes.lowerBound) to "
        + "\(PageRequest.sizes.upperBound)"
    case .pageTokenInvalid(let reason):
      "the page token is not usable: \(reason); start again without one"
    case .unavailable(let failure):
      failure.description
    }
  }
}

/// A failure of what a job store stands on.
public struct JobStoreFailure: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Kind: Sendable, Equatable, CaseIterable {
    /// No room is left.
    case full
    /// Somebody else held the storage for too long; trying again may help.
    case busy
    /// What was stored does not read back.
    case corrupt
    /// Reading or writing failed for another reason.
    case io
  }

  public var kind: Kind
  public var description: String

  public init(kind: Kind, description: String) {
    self.kind = kind
    self.description = description
  }
}
