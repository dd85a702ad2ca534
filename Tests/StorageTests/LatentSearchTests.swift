// The nearest past latents are the ones a plain computation gives, and ids sort by time.

import Foundation
import Jobs
import Storage
import Testing

@Suite("Latent search")
struct LatentSearchTests {
  static func bytes(_ latent: [Float]) -> [UInt8] {
    latent.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian) { Array($0) } }
  }

  func finish(
    _ store: SQLiteJobStore, _ id: String, subject: String = "gen", latent: [Float],
    outcome: JobOutcome = .succeeded
  ) throws {
    try store.add(.sample(id, subject: subject))
    let lease = try #require(try store.take()).lease
    let report = JobReport(outcome: outcome, outputs: ["latent": Self.bytes(latent)])
    #expect(try store.finish(lease, report: report, now: moment(1)))
  }

  @Test("the nearest come first, with their distances", arguments: [1, 7, 8, 9, 21])
  func nearest(length: Int) throws {
    let temporary = try TemporaryDatabase()
    let store = temporary.jobs
    try temporary.addGenerator("gen")
    try temporary.addGenerator("other")
    var randomness = SeededRandomness(seed: 5)
    func latent() -> [Float] { (0..<length).map { _ in .random(in: -2...2, using: &randomness) } }
    let target = latent()
    var expected: [(String, Double)] = []
    for index in 0..<60 {
      let candidate = latent()
      try finish(store, "\(index)", latent: candidate)
      let squares = zip(candidate, target).map { Double(($0 - $1) * ($0 - $1)) }
      expected.append(("\(index)", squares.reduce(0, +).squareRoot()))
    }
    expected.sort { $0.1 < $1.1 }
    try finish(store, "longer", latent: target + [0])
    try finish(store, "canceled", latent: target, outcome: .canceled)
    try finish(store, "nan", latent: [Float](repeating: .nan, count: length))
    try finish(store, "elsewhere", subject: "other", latent: target)
    for limit in [1, 5, 1000] {
      let found = try store.nearestLatents(subject: "gen", to: target, limit: limit)
      #expect(found.map(\.job.id) == expected.prefix(limit).map(\.0))
      for (near, wanted) in zip(found, expected) {
        #expect(abs(near.distance - wanted.1) < 1e-5)
      }
    }
    let everywhere = try store.nearestLatents(subject: nil, to: target, limit: 1)
    #expect(everywhere.map(\.job.id) == ["elsewhere"] && everywhere.first?.distance == 0)
    try store.delete("elsewhere")
    #expect(try store.nearestLatents(subject: "other", to: target, limit: 1).isEmpty)
  }

  @Test("the limit is bounded on both sides", arguments: [0, 1001])
  func limits(limit: Int) throws {
    let temporary = try TemporaryDatabase()
    #expect(throws: JobStoreError.pageSizeInvalid(size: limit)) {
      try temporary.jobs.nearestLatents(subject: nil, to: [1], limit: limit)
    }
    #expect(try temporary.jobs.nearestLatents(subject: nil, to: [1], limit: 1000).isEmpty)
  }

  @Test("ids have their prefix, differ, are safe in URLs and sort by time")
  func ids() {
    var randomness = SeededRandomness(seed: 3)
    let ids = (0..<200).map {
      ResourceID.make(prefix: "inv", at: moment(Double($0) / 1000), using: &randomness)
    }
    #expect(ids == ids.sorted() && Set(ids).count == 200)
    #expect(ids.allSatisfy { $0.hasPrefix("inv_") && $0.utf8.count == 30 })
    #expect(ids.allSatisfy(JobSubmission.isValidID))
    #expect(
      ResourceID.make(prefix: "a", at: moment(0)) != ResourceID.make(prefix: "a", at: moment(0)))
  }
}
