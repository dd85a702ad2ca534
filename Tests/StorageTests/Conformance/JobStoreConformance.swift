// The laws that every job store obeys. A new backend passes these and is done.

import Foundation
import Jobs
import Testing

/// A fresh, empty store and what the laws need beside the protocol.
protocol JobStoreFixture: Sendable {
  var store: any JobStore { get }
  /// Makes a subject that jobs can be about.
  func addSubject(_ id: String) throws
  /// Moves a job past the store, as raw access to the backend would, with everything else that the
  /// new state asks for; whether the backend let it happen.
  func force(_ id: String, into state: JobState) -> Bool
}

/// One statement about job stores that can be checked on any of them.
struct JobStoreLaw: Sendable, CustomTestStringConvertible {
  var name: String
  var check: @Sendable (any JobStoreFixture) throws -> Void
  var testDescription: String { name }

  init(_ name: String, _ check: @escaping @Sendable (any JobStoreFixture) throws -> Void) {
    self.name = name
    self.check = check
  }

  static let all =
    transitions + admission + leases + exchanges + turns + checkpoints + endings + history + clocks
    + queries + crashes + companions
}

/// The laws' own clock: seconds after an arbitrary moment.
func moment(_ seconds: Double) -> Date { Date(timeIntervalSince1970: 1_700_000_000 + seconds) }

func digest(_ text: String) -> [UInt8] {
  Array((Array(text.utf8) + [UInt8](repeating: 0, count: 32)).prefix(32))
}

extension JobSubmission {
  static func sample(
    _ id: String, subject: String = "gen", priority: Int = 0, labels: [String: String] = [:],
    deadlineSeconds: Double? = nil, attemptsMax: Int = 3, request: String = "request",
    key: String? = nil, method: String = "automatic", client: String = "", memoryBytes: Int = 0
  ) -> JobSubmission {
    JobSubmission(
      id: id, client: client, subject: subject, document: Array("{\"r\":\"\(id)\"}".utf8),
      input: [1, 2, 3], priority: priority, labels: labels, deadlineSeconds: deadlineSeconds,
      attemptsMax: attemptsMax, requestDigest: digest(request), idempotencyKey: key,
      facets: JobFacets(method: method), memoryBytes: memoryBytes)
  }
}

extension JobStore {
  @discardableResult
  func add(
    _ submission: JobSubmission, queuedMax: Int = 100_000, at seconds: Double = 0
  ) throws -> EnqueuedJob {
    try enqueue(
      submission, admission: JobAdmission(queuedMax: queuedMax), now: moment(seconds))
  }

  func take(at seconds: Double = 0, for leaseSeconds: Double = 10) throws -> ClaimedJob? {
    try claim(worker: "w", now: moment(seconds), leaseSeconds: leaseSeconds)
  }

  func take(_ limits: ClaimLimits, at seconds: Double = 0) throws -> ClaimedJob? {
    try claim(worker: "w", limits: limits, now: moment(seconds), leaseSeconds: 10)
  }

  @discardableResult
  func end(
    _ claimed: ClaimedJob, _ outcome: JobOutcome = .succeeded, at seconds: Double
  ) throws -> Bool {
    try finish(claimed.lease, report: JobReport(outcome: outcome), now: moment(seconds))
  }

  func recover(_ scope: RecoveryScope, at seconds: Double) throws -> JobRecovery {
    try recoverAbandoned(scope, error: Array("lost".utf8), now: moment(seconds))
  }

  /// Brings a new job into a state by legal moves only.
  func add(_ id: String, in state: JobState) throws {
    try add(.sample(id))
    guard state != .queued else { return }
    let claimed = try #require(try take())
    let outcome: JobOutcome? =
      switch state {
      case .queued, .running: nil
      case .succeeded: .succeeded
      case .failed: .failed(Array("no".utf8))
      case .canceled: .canceled
      case .expired: .expired
      }
    if let outcome {
      #expect(try finish(claimed.lease, report: JobReport(outcome: outcome), now: moment(1)))
    }
    #expect(try find(id)?.state == state)
  }
}

extension JobStoreLaw {
  static let transitions = [
    JobStoreLaw("the backend itself allows exactly the legal transitions") { fixture in
      try fixture.addSubject("gen")
      for from in JobState.allCases {
        for to in JobState.allCases {
          let id = "\(from)-to-\(to)"
          try fixture.store.add(id, in: from)
          #expect(fixture.force(id, into: to) == from.canBecome(to), "\(id)")
          // Leave nothing waiting: the next round claims its own job.
          for state in [JobState.queued, .running] where try fixture.store.find(id)?.state == state
          {
            #expect(fixture.force(id, into: .canceled))
          }
        }
      }
    },
    JobStoreLaw("a job carries what it was submitted with") { fixture in
      try fixture.addSubject("gen")
      var submission = JobSubmission.sample(
        "a", priority: 7, labels: ["dataset": "test", "ü": ""], deadlineSeconds: 30, key: "k")
      submission.traceContext = "00-abc"
      let job = try fixture.store.add(submission, at: 5).job
      #expect(try fixture.store.find("a") == job)
      #expect(job.labels == submission.labels)
      #expect(job.priority == 7 && job.state == .queued && job.revision == 1)
      #expect(job.deadline == moment(35) && job.createdAt == moment(5))
      #expect(job.traceContext == "00-abc" && job.attempt == 0 && job.attemptsMax == 3)
      let claimed = try #require(try fixture.store.take(at: 6.5))
      #expect(claimed.document == submission.document && claimed.input == submission.input)
      #expect(claimed.job.queueSeconds == 1.5)
      #expect(try fixture.store.input(of: "a") == submission.input)
    },
    JobStoreLaw("a report is stored whole") { fixture in
      try fixture.addSubject("gen")
      try fixture.store.add(.sample("a"))
      let lease = try #require(try fixture.store.take()).lease
      let report = JobReport(
        outcome: .succeeded, document: [1], outputs: ["latent": [0, 0, 0, 0], "other": []],
        facets: JobFacets(method: "adam", verdict: "recovered", residual: 0.25))
      #expect(try fixture.store.finish(lease, report: report, now: moment(2)))
      let job = try #require(try fixture.store.find("a"))
      #expect(job.facets == report.facets)
      #expect(job.completedAt == moment(2) && job.solveSeconds == 2)
      #expect(try fixture.store.output(of: "a", named: "latent") == [0, 0, 0, 0])
      #expect(try fixture.store.output(of: "a", named: "other") == [])
      #expect(try fixture.store.output(of: "a", named: "none") == nil)
      let documents = try fixture.store.documents(of: ["a", "nobody"])
      #expect(documents.keys.sorted() == ["a"])
      #expect(documents["a"]?.result == [1])
      let record = try #require(try fixture.store.record(of: "a"))
      #expect(record.job == job && record.documents == documents["a"])
      #expect(try fixture.store.record(of: "nobody") == nil)
    },
  ]
}
