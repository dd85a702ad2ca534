// Who gets into the queue, and what came of asking.

/// The bounds that a submission must meet in the moment it is stored.
public struct JobAdmission: Sendable, Hashable {
  /// How many jobs may wait at once; 0 accepts none. Jobs that go back to the queue after an
  /// interruption or a crash are not asked: they were accepted before.
  public var queuedMax: Int
  /// How many jobs of the submission's client may wait or run at once; `nil` for no limit.
  public var clientUnfinishedMax: Int?
  /// Bytes that may be stored for the submission's client, this job's request and input included;
  /// `nil` for no limit. What a job leaves when it ends is counted but never refused.
  public var clientBytesMax: Int?
  /// How long a job waits until it counts as one priority higher, in seconds; above 0, at most 1e9.
  public var ageingSeconds: Double

  public init(
    queuedMax: Int = 10_000, clientUnfinishedMax: Int? = nil, clientBytesMax: Int? = nil,
    ageingSeconds: Double = 60
  ) {
    precondition(queuedMax >= 0, "queuedMax must not be negative")
    precondition(ageingSeconds > 0 && ageingSeconds <= 1e9, "ageingSeconds must be in 0...1e9")
    self.queuedMax = queuedMax
    self.clientUnfinishedMax = clientUnfinishedMax
    self.clientBytesMax = clientBytesMax
    self.ageingSeconds = ageingSeconds
  }
}

/// An accepted job, and whether it was this submission that made it.
public struct EnqueuedJob: Sendable, Equatable {
  public var job: Job
  /// `false` when the id or the idempotency key gave an earlier job.
  public var isNew: Bool

  public init(job: Job, isNew: Bool) {
    self.job = job
    self.isNew = isNew
  }
}

/// How much there is to do, for metrics and for admission.
public struct JobStatistics: Sendable, Equatable {
  /// How many jobs are in each state; every state is present.
  public var counts: [JobState: Int]
  /// Seconds the longest waiting job has waited; `nil` when none waits.
  public var oldestQueuedSeconds: Double?
  /// How many clients have jobs that wait.
  public var waitingClientCount: Int

  public init(
    counts: [JobState: Int], oldestQueuedSeconds: Double?, waitingClientCount: Int = 0
  ) {
    self.counts = counts
    self.oldestQueuedSeconds = oldestQueuedSeconds
    self.waitingClientCount = waitingClientCount
  }
}
