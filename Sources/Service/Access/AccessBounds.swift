/// What the gate holds clients to: replaced as a whole when the service is adjusted.
struct AccessBounds: Sendable {
  /// Requests by client; `nil` for no limit.
  private(set) var rate: RateQuota?
  /// Look-ups of tokens that were none, by address; `nil` for no limit.
  private(set) var failures: RateQuota?
  /// How long what was read of a token may be used, in seconds.
  private(set) var tokenMemorySeconds: Double
  private let quotas: ClientQuotas
  private let failuresPerMinute: Int

  init(_ access: AccessConfiguration) {
    quotas = access.quotas
    failuresPerMinute = access.failuresPerMinute
    tokenMemorySeconds = access.tokenMemorySeconds
    rate = RateQuota(perSecond: quotas.requestsPerSecond, burst: quotas.requestsBurst)
    failures = RateQuota(perSecond: Double(failuresPerMinute) / 60, burst: failuresPerMinute)
  }

  /// The bounds of another configuration. What it leaves as it is goes on counting from where it is.
  func adjusted(to access: AccessConfiguration) -> AccessBounds {
    var bounds = AccessBounds(access)
    if quotas.requestsPerSecond == bounds.quotas.requestsPerSecond
      && quotas.requestsBurst == bounds.quotas.requestsBurst
    {
      bounds.rate = rate
    }
    if failuresPerMinute == bounds.failuresPerMinute { bounds.failures = failures }
    return bounds
  }
}
