import Documents
import Foundation
import HTTP
import Inversion
import Service
import Testing

/// What clients see of the queue: histories, bounds on what runs, memory.
struct QueueTests {
  private static let quick: JSONValue = [
    "generator": "small",
    "observation": ["values": .numbers(SmallGenerator.output(at: [0, 0]))],
  ]

  @Test func anInversionShowsItsAttempts() throws {
    try withService { _, client in
      try client.uploadSmall()
      let inversion = try client.inverted(Self.quick)
      let attempts = try #require(inversion["attempts"]?.elements)
      #expect(attempts.count == 1)
      #expect(attempts[0]["attempt"] == 1 && attempts[0]["counted"] == true)
      #expect(attempts[0]["ending"] == "finished")
      #expect(attempts[0]["started_at"] == inversion["started_at"])
      let list = try client.get("/v1/inversions").json()
      #expect(list["inversions"]?.elements?.first?["attempts"] == inversion["attempts"])
    }
  }

  @Test func aClientRunsNoMoreAtOnceThanItsQuota() throws {
    try withService(workers: 3) {
      $0.access.quotas.runningInversionsMax = 1
    } _: { _, client in
      try client.uploadSmall()
      let ids = try (0..<2).map { _ in
        try #require(
          try client.post("/v1/inversions", ServiceClient.endless("small")).json()["id"]?.string)
      }
      _ = try client.running(ids[0])
      #expect(try client.get("/v1/inversions/\(ids[1])").json()["status"] == "queued")
      _ = try client.send("POST", "/v1/inversions/\(ids[0])/cancel")
      // The place is given on at once.
      _ = try client.running(ids[1])
      _ = try client.send("POST", "/v1/inversions/\(ids[1])/cancel")
      #expect(try client.finished(ids[1])["status"] == "canceled")
    }
  }

  @Test func whatNoMemoryCouldHoldIsRefused() throws {
    try withService {
      $0.limits.memoryBytesMax = 16 << 20
    } _: { _, client in
      try client.uploadSmall()
      #expect(try client.inverted(Self.quick)["status"] == "succeeded")
      var request = Self.quick.object ?? [:]
      request["solver"] = ["type": "adam", "restarts_max": 4096, "iterations_max": 1]
      let few = try client.post("/v1/inversions", .object(request))
      #expect(few.status == 202)
    }
    try withService {
      $0.limits.memoryBytesMax = 1 << 20
    } _: { _, client in
      try client.uploadSmall()
      let refused = try client.post("/v1/inversions", Self.quick)
      #expect(refused.status == 422 && refused.code == "memory_over_limit")
      #expect(refused.pointers == ["/solver"])
      let observations = BatchTests.form(["generator": "small"], BatchTests.observations(2))
      let batch = try client.send("POST", "/v1/batches", observations)
      #expect(batch.status == 422 && batch.code == "memory_over_limit")
    }
  }

  @Test func estimatesGrowWithWhatIsDone() {
    var estimate = MemoryEstimate(
      generator: MemoryEstimate.Size(
        parameterCount: 1000, latentCount: 10, outputCount: 1000, widestCount: 1000,
        activationCount: 1100, multiplyCount: 1e6),
      observedCount: 500,
      waves: RestartWaves(rowsMax: 64, isSecondOrder: true, fitsEncoder: true))
    var bytes = [estimate.bytes]
    estimate.waves.fitsEncoder = false
    bytes.append(estimate.bytes)
    estimate.waves.isSecondOrder = false
    bytes.append(estimate.bytes)
    estimate.waves.rowsMax = 1
    bytes.append(estimate.bytes)
    #expect(bytes == bytes.sorted(by: >) && Set(bytes).count == 4, "\(bytes)")
    // What advances one by one where a Jacobian is dear is estimated so.
    estimate.waves = RestartWaves(
      rowsMax: 64, isSecondOrder: true, fitsEncoder: false, multiplicationsTogetherMax: 1e7)
    let together = estimate.bytes
    estimate.generator.multiplyCount = 1.1e6
    #expect(estimate.bytes < together)
    estimate.generator.latentCount = .max / 2
    #expect(estimate.bytes > 1 << 50)
  }
}
