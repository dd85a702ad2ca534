// What a worker asks of a store when it works on several jobs together.

/// Jobs that are to join one that is held.
public struct CompanionRequest: Sendable, Equatable {
  /// The `JobSubmission.companionKey` that all have.
  public var key: String
  /// How many, at most; 0 or more.
  public var countMax: Int
  /// Workers that could work on them too, who asks among them; 1 or more. Of `n` that wait, at most
  /// `n / workerCount` are handed out.
  public var workerCount: Int
  /// What holds for them as for any job that is claimed.
  public var limits: ClaimLimits

  public init(key: String, countMax: Int, workerCount: Int, limits: ClaimLimits = .none) {
    precondition(countMax >= 0 && workerCount >= 1, "a count and at least the worker that asks")
    self.key = key
    self.countMax = countMax
    self.workerCount = workerCount
    self.limits = limits
  }
}

/// How one of several attempts ended.
public struct JobEnding: Sendable {
  public var lease: JobLease
  public var report: JobReport

  public init(lease: JobLease, report: JobReport) {
    self.lease = lease
    self.report = report
  }
}
