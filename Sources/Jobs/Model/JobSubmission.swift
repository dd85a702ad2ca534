// What a caller hands in to have a job done, and the bounds on it.

/// A job on its way into the queue.
public struct JobSubmission: Sendable {
  /// 1 to 128 characters of `A-Z a-z 0-9 . _ -`. Submitting the same id with the same
  /// `requestDigest` again gives the job that is there.
  public var id: String
  /// What its client calls the job where that is not `id`; in the form of an id.
  public var name: String?
  /// Who submits; empty where clients are not told apart. Idempotency keys are per client.
  public var client: String
  /// The id of what the job is about; must exist in the store when the job is accepted.
  public var subject: String
  /// The canonical request: opaque JSON, given back verbatim.
  public var document: [UInt8]
  /// What the job works on: opaque bytes, given to the runner verbatim.
  public var input: [UInt8]
  /// Each level is a head start of `JobAdmission.ageingSeconds` in the client's line and between
  /// clients, against what was accepted later or served meanwhile; -1000 to 1000.
  public var priority: Int
  /// At most 64 pairs; keys of 1 to 128 and values of at most 1024 UTF-8 bytes.
  public var labels: [String: String]
  /// Seconds from acceptance until nobody needs the answer; above 0, at most 1e9.
  public var deadlineSeconds: Double?
  /// How often the job may be begun before losing it counts as failure; 1 to 100.
  public var attemptsMax: Int
  /// The SHA-256 of the request as it came, 32 bytes: what "the same request again" means.
  public var requestDigest: [UInt8]
  /// The caller's key for "the same request again", at most 256 UTF-8 bytes.
  public var idempotencyKey: String?
  public var facets: JobFacets
  /// The caller's distributed trace, kept verbatim; at most 512 UTF-8 bytes.
  public var traceContext: String?
  /// What jobs that may be worked on together have in common, at most 256 UTF-8 bytes; `nil` for a job
  /// that is worked on alone.
  public var companionKey: String?
  /// What the job is thought to need while it runs; 0 or more. See `ClaimLimits.memoryBytesMax`.
  public var memoryBytes: Int

  public init(
    id: String, name: String? = nil, client: String = "", subject: String, document: [UInt8],
    input: [UInt8] = [],
    priority: Int = 0, labels: [String: String] = [:], deadlineSeconds: Double? = nil,
    attemptsMax: Int = 3, requestDigest: [UInt8], idempotencyKey: String? = nil,
    facets: JobFacets, traceContext: String? = nil, companionKey: String? = nil,
    memoryBytes: Int = 0
  ) {
    self.id = id
    self.name = name
    self.client = client
    self.subject = subject
    self.document = document
    self.input = input
    self.priority = priority
    self.labels = labels
    self.deadlineSeconds = deadlineSeconds
    self.attemptsMax = attemptsMax
    self.requestDigest = requestDigest
    self.idempotencyKey = idempotencyKey
    self.facets = facets
    self.traceContext = traceContext
    self.companionKey = companionKey
    self.memoryBytes = memoryBytes
  }
}

extension JobSubmission {
  public static let idBytes = 1...128
  public static let priorities = -1000...1000
  public static let labelsMax = 64
  public static let labelKeyBytes = 1...128
  public static let labelValueBytesMax = 1024
  public static let deadlineSecondsMax = 1e9
  public static let attempts = 1...100
  public static let idempotencyKeyBytes = 1...256
  public static let traceContextBytesMax = 512
  public static let companionKeyBytes = 1...256
  public static let requestDigestBytes = 32

  /// Whether `id` can name a job: 1 to 128 characters of `A-Z a-z 0-9 . _ -`.
  public static func isValidID(_ id: String) -> Bool {
    idBytes.contains(id.utf8.count)
      && id.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
          UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }

  /// Refuses what is outside the bounds above; every store calls it first.
  ///
  /// - Throws: `JobStoreError.invalidSubmission` naming the first field at fault.
  public func validate() throws(JobStoreError) {
    func require(
      _ holds: Bool, _ field: String, _ detail: @autoclosure () -> String
    ) throws(JobStoreError) {
      guard holds else { throw .invalidSubmission(field: field, detail: detail()) }
    }
    try require(
      Self.isValidID(id), "id",
      "'\(id.prefix(160))' is not an id: use 1 to 128 characters of A-Z a-z 0-9 . _ -")
    if let name {
      try require(
        Self.isValidID(name), "id",
        "'\(name.prefix(160))' is not an id: use 1 to 128 characters of A-Z a-z 0-9 . _ -")
    }
    try require(
      Self.priorities.contains(priority), "priority",
      "\(priority) is out of range: use \(Self.priorities.lowerBound) to "
        + "\(Self.priorities.upperBound)")
    try require(
      labels.count <= Self.labelsMax, "labels",
      "\(labels.count) labels are too many: use at most \(Self.labelsMax)")
    for (key, value) in labels {
      try require(
        Self.labelKeyBytes.contains(key.utf8.count), "labels",
        "the label key '\(key.prefix(160))' has \(key.utf8.count) bytes: use 1 to 128")
      try require(
        value.utf8.count <= Self.labelValueBytesMax, "labels",
        "the label '\(key)' has \(value.utf8.count) bytes: use at most "
          + "\(Self.labelValueBytesMax)")
    }
    if let seconds = deadlineSeconds {
      try require(
        seconds > 0 && seconds <= Self.deadlineSecondsMax, "deadline_seconds",
        "\(seconds) is out of range: use more than 0 and at most 1e9 seconds")
    }
    try require(
      Self.attempts.contains(attemptsMax), "attempts_max",
      "\(attemptsMax) is out of range: use 1 to 100")
    try require(
      requestDigest.count == Self.requestDigestBytes, "request_digest",
      "\(requestDigest.count) bytes are not a SHA-256 digest: give 32")
    if let key = idempotencyKey {
      try require(
        Self.idempotencyKeyBytes.contains(key.utf8.count), "idempotency_key",
        "the key has \(key.utf8.count) bytes: use 1 to 256")
    }
    try require(
      (traceContext?.utf8.count ?? 0) <= Self.traceContextBytesMax, "trace_context",
      "the trace context is longer than \(Self.traceContextBytesMax) bytes")
    if let key = companionKey {
      try require(
        Self.companionKeyBytes.contains(key.utf8.count), "companion_key",
        "the companion key has \(key.utf8.count) bytes: use 1 to 256")
    }
    try require(
      memoryBytes >= 0, "memory_bytes", "\(memoryBytes) bytes are out of range: use 0 or more")
  }
}
