// The few things about a job that past jobs are searched by.

/// What a job can be filtered by once it is finished.
///
/// The words mean something to whoever submits and runs the job; here they are only compared.
public struct JobFacets: Sendable, Hashable {
  /// How the job is to be done; after it ran, how it was done.
  public var method: String
  /// The runner's one-word judgement of its result, once there is one.
  public var verdict: String?
  /// How far the result is from what was asked, zero or more; `nil` when unknown or not finite.
  public var residual: Double?

  public init(method: String, verdict: String? = nil, residual: Double? = nil) {
    self.method = method
    self.verdict = verdict
    self.residual = residual.flatMap { $0.isFinite ? $0 : nil }
  }
}
