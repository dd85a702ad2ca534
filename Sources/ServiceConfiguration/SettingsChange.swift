/// What other settings mean for a server that runs: what it takes up at once, and what has to wait
/// for its next start.
public struct SettingsChange: Sendable, Equatable {
  /// Settings that changed and are taken up, as `key=value`.
  public let taken: [String]
  /// Settings that changed and need a restart, as `key=value`.
  public let waiting: [String]
  /// The running settings with what is taken up.
  public let settings: ServiceSettings

  /// - Parameters:
  ///   - running: what the server runs with.
  ///   - wanted: what its configuration says now.
  public init(from running: ServiceSettings, to wanted: ServiceSettings) {
    var taken: [String] = []
    var waiting: [String] = []
    var settings = running
    for setting in Setting.all {
      let text = setting.text(in: wanted)
      guard text != setting.text(in: running) else { continue }
      if setting.isReloadable, setting.read(text, into: &settings) {
        taken.append("\(setting.key)=\(text)")
      } else {
        waiting.append("\(setting.key)=\(text)")
      }
    }
    self.taken = taken
    self.waiting = waiting
    self.settings = settings
  }
}

extension Setting {
  /// Whether a running server takes up another value of it.
  public var isReloadable: Bool { Self.reloadable.contains(key) }

  /// What is read where it is needed, request by request or line by line. The rest is built into
  /// sockets, threads and the database's own state when the server starts.
  static let reloadable: Set<String> = [
    "http.compressed_bytes_min",
    "auth.token_memory_seconds", "auth.failures_per_minute",
    "quotas.requests_per_second", "quotas.requests_burst", "quotas.unfinished_inversions_max",
    "quotas.storage_bytes_max",
    "jobs.queue_length_max", "jobs.batch_count_max", "jobs.attempts_max",
    "jobs.deadline_seconds_default", "jobs.deadline_seconds_max",
    "generators.diagnostic_latents_max", "generators.diagnostic_multiplications_max",
    "measurements.signal_count_max",
    "inversions.restarts_max", "inversions.iterations_max", "inversions.samples_count_max",
    "inversions.labels_max", "inversions.label_bytes_max",
    "log.level", "log.format",
  ]
}
