// Both sides of each bound on a submission.

import Jobs
import Testing

@Suite("Job submissions")
struct JobSubmissionTests {
  struct Bound: Sendable, CustomTestStringConvertible {
    var field: String
    var inside: @Sendable (inout JobSubmission) -> Void
    var outside: @Sendable (inout JobSubmission) -> Void
    var testDescription: String { field }
  }

  static func text(_ count: Int) -> String { String(repeating: "x", count: count) }

  static func labels(_ count: Int) -> [String: String] {
    Dictionary(uniqueKeysWithValues: (0..<count).map { ("\($0)", "") })
  }

  static let bounds = [
    Bound(field: "id", inside: { $0.id = text(128) }, outside: { $0.id = text(129) }),
    Bound(field: "id", inside: { $0.id = "A" }, outside: { $0.id = "" }),
    Bound(field: "id", inside: { $0.id = "aZ09._-" }, outside: { $0.id = "a/b" }),
    Bound(field: "id", inside: { $0.id = "k" }, outside: { $0.id = "\u{212A}" }),
    Bound(field: "priority", inside: { $0.priority = 1000 }, outside: { $0.priority = 1001 }),
    Bound(field: "priority", inside: { $0.priority = -1000 }, outside: { $0.priority = -1001 }),
    Bound(
      field: "labels",
      inside: { $0.labels = labels(64) }, outside: { $0.labels = labels(65) }),
    Bound(
      field: "labels", inside: { $0.labels[text(128)] = "" },
      outside: { $0.labels[text(129)] = "" }),
    Bound(field: "labels", inside: { $0.labels["k"] = "" }, outside: { $0.labels[""] = "v" }),
    Bound(
      field: "labels", inside: { $0.labels["k"] = text(1024) },
      outside: { $0.labels["k"] = text(1025) }),
    Bound(
      field: "deadline_seconds", inside: { $0.deadlineSeconds = 1e-3 },
      outside: { $0.deadlineSeconds = 0 }),
    Bound(
      field: "deadline_seconds", inside: { $0.deadlineSeconds = 1e9 },
      outside: { $0.deadlineSeconds = 1.1e9 }),
    Bound(
      field: "deadline_seconds", inside: { $0.deadlineSeconds = nil },
      outside: { $0.deadlineSeconds = .nan }),
    Bound(
      field: "attempts_max", inside: { $0.attemptsMax = 1 }, outside: { $0.attemptsMax = 0 }),
    Bound(
      field: "attempts_max", inside: { $0.attemptsMax = 100 }, outside: { $0.attemptsMax = 101 }),
    Bound(
      field: "request_digest", inside: { _ in }, outside: { $0.requestDigest.removeLast() }),
    Bound(
      field: "idempotency_key", inside: { $0.idempotencyKey = text(256) },
      outside: { $0.idempotencyKey = text(257) }),
    Bound(
      field: "idempotency_key", inside: { $0.idempotencyKey = "k" },
      outside: { $0.idempotencyKey = "" }),
    Bound(
      field: "trace_context", inside: { $0.traceContext = text(512) },
      outside: { $0.traceContext = text(513) }),
    Bound(
      field: "companion_key", inside: { $0.companionKey = text(256) },
      outside: { $0.companionKey = text(257) }),
    Bound(
      field: "companion_key", inside: { $0.companionKey = "k" },
      outside: { $0.companionKey = "" }),
    Bound(
      field: "memory_bytes", inside: { $0.memoryBytes = 0 }, outside: { $0.memoryBytes = -1 }),
    Bound(
      field: "memory_bytes", inside: { $0.memoryBytes = .max },
      outside: { $0.memoryBytes = .min }),
  ]

  @Test("bound", arguments: bounds)
  func bound(_ bound: Bound) throws {
    let plain = JobSubmission(
      id: "a", subject: "s", document: [], requestDigest: [UInt8](repeating: 0, count: 32),
      facets: JobFacets(method: "m"))
    var inside = plain
    bound.inside(&inside)
    try inside.validate()
    var outside = plain
    bound.outside(&outside)
    let error = #expect(throws: JobStoreError.self) { try outside.validate() }
    guard case .invalidSubmission(bound.field, let detail) = error else {
      Issue.record("\(String(describing: error)) does not name \(bound.field)")
      return
    }
    #expect(!detail.isEmpty)
  }

  @Test("a residual that is not finite is unknown")
  func residual() {
    #expect(JobFacets(method: "m", residual: .nan).residual == nil)
    #expect(JobFacets(method: "m", residual: .infinity).residual == nil)
    #expect(JobFacets(method: "m", residual: 0).residual == 0)
  }
}
