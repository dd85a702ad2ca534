// Laws of lists: filters, pages, tokens.

import Foundation
import Jobs
import Testing

extension JobStoreLaw {
  static let queries = [
    JobStoreLaw("each filter gives exactly the jobs that match") { fixture in
      try fixture.addSubject("gen")
      try fixture.addSubject("other")
      let jobs = try populate(fixture.store)
      let queries = [
        JobQuery(), JobQuery(subject: "other"), JobQuery(states: [.queued]),
        JobQuery(states: [.succeeded, .canceled, .running]), JobQuery(method: "adam"),
        JobQuery(verdict: "recovered"), JobQuery(labels: ["parity": "1"]),
        JobQuery(labels: ["parity": "0", "third": "2"]), JobQuery(createdAfter: moment(20)),
        JobQuery(createdBefore: moment(20)), JobQuery(residualMax: 12), JobQuery(client: "c1"),
        JobQuery(
          subject: "gen", states: [.succeeded, .queued], labels: ["parity": "0"],
          createdAfter: moment(3), createdBefore: moment(35)),
        JobQuery(subject: "nothing"),
      ]
      for query in queries {
        let expected = jobs.filter(query.matches).map(\.id)
        #expect(try fixture.store.every(query, pageSize: 1000) == expected, "\(query)")
        #expect(try fixture.store.every(query, pageSize: 3) == expected, "\(query)")
      }
    },
    JobStoreLaw("pages hold every job once while others come and finish") { fixture in
      try fixture.addSubject("gen")
      let store = fixture.store
      // Several jobs share each moment: the order within it counts too.
      for index in 0..<50 { try store.add(.sample("old-\(index)"), at: Double(index / 7)) }
      var seen: [String] = []
      var token: String?
      var round = 0
      repeat {
        let page = try store.list(JobQuery(), page: PageRequest(size: 7, token: token))
        seen += page.jobs.map(\.id)
        token = page.nextToken
        try store.add(.sample("new-\(round)"), at: 100)
        _ = try store.take(at: 100, for: 1000)
        round += 1
      } while token != nil
      #expect(seen == (0..<50).reversed().map { "old-\($0)" })
    },
    JobStoreLaw("page sizes are bounded on both sides and the last page ends") { fixture in
      try fixture.addSubject("gen")
      for index in 0..<4 { try fixture.store.add(.sample("\(index)")) }
      for size in [0, -1, 1001] {
        #expect(throws: JobStoreError.pageSizeInvalid(size: size)) {
          try fixture.store.list(JobQuery(), page: PageRequest(size: size))
        }
      }
      #expect(try fixture.store.list(JobQuery(), page: PageRequest(size: 4)).nextToken == nil)
      #expect(try fixture.store.list(JobQuery(), page: PageRequest(size: 3)).nextToken != nil)
      #expect(try fixture.store.list(JobQuery(), page: PageRequest(size: 1000)).jobs.count == 4)
    },
    JobStoreLaw("a token is refused with other filters and when it is none") { fixture in
      try fixture.addSubject("gen")
      for index in 0..<4 { try fixture.store.add(.sample("\(index)")) }
      let query = JobQuery(subject: "gen", labels: [:])
      let token = try #require(
        try fixture.store.list(query, page: PageRequest(size: 2)).nextToken)
      let bad: [(JobQuery, String)] = [
        (JobQuery(), token), (JobQuery(subject: "gen", states: [.queued]), token), (query, ""),
        (query, token + "A"), (query, String(token.reversed())), (query, "💡"),
      ]
      for (query, token) in bad {
        let error = #expect(throws: JobStoreError.self) {
          try fixture.store.list(query, page: PageRequest(size: 2, token: token))
        }
        guard case .pageTokenInvalid = error else {
          Issue.record("'\(token)' gave \(String(describing: error))")
          continue
        }
      }
    },
  ]

  /// Forty jobs in every state with facets and labels of all kinds; newest first.
  private static func populate(_ store: any JobStore) throws -> [Job] {
    for index in 0..<40 {
      let labels = ["parity": "\(index % 2)", "third": "\(index % 3)"]
      try store.add(
        .sample(
          "\(index)", subject: index % 5 == 0 ? "other" : "gen", priority: -index,
          labels: labels, method: index % 4 == 0 ? "adam" : "automatic",
          client: "c\(index % 2)"), at: Double(index))
    }
    for index in 0..<30 {
      let lease = try #require(try store.take(at: 50, for: 100)).lease
      let facets = JobFacets(
        method: index % 2 == 0 ? "adam" : "levenberg_marquardt",
        verdict: index % 3 == 0 ? "recovered" : "ambiguous",
        residual: index % 7 == 0 ? nil : Double(index))
      let outcome: JobOutcome? =
        [.succeeded, .canceled, .failed([1]), .expired, .succeeded, nil][index % 6]
      guard let outcome else { continue }
      let report = JobReport(outcome: outcome, facets: facets)
      #expect(try store.finish(lease, report: report, now: moment(60)))
    }
    return try (0..<40).reversed().map { try #require(try store.find("\($0)")) }
  }
}

extension JobQuery {
  /// The meaning of a query, said once more without SQL.
  fileprivate func matches(_ job: Job) -> Bool {
    (client.map { $0 == job.client } ?? true)
      && (subject.map { $0 == job.subject } ?? true)
      && (states.isEmpty || states.contains(job.state))
      && (method.map { $0 == job.facets.method } ?? true)
      && (verdict.map { $0 == job.facets.verdict } ?? true)
      && labels.allSatisfy { job.labels[$0.key] == $0.value }
      && (createdAfter.map { job.createdAt > $0 } ?? true)
      && (createdBefore.map { job.createdAt < $0 } ?? true)
      && (residualMax.map { (job.facets.residual ?? .infinity) <= $0 } ?? true)
  }
}

extension JobStore {
  /// The ids of all pages.
  fileprivate func every(_ query: JobQuery, pageSize: Int) throws -> [String] {
    var ids: [String] = []
    var token: String?
    repeat {
      let page = try list(query, page: PageRequest(size: pageSize, token: token))
      ids += page.jobs.map(\.id)
      token = page.nextToken
    } while token != nil
    return ids
  }
}
