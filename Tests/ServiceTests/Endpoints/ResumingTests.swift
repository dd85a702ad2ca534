import Documents
import Service
import Storage
import Testing

/// What a service that is started again makes of inversions that were under way.
struct ResumingTests {
  /// Nothing explains what was observed, so that no start ends early.
  private static let request: JSONValue = [
    "generator": "small", "observation": ["values": SmallGenerator.unreachable],
    "solver": [
      "type": "adam", "iterations_max": 100_000, "restarts_max": 32, "starts": "prior",
    ], "seed": 5,
  ]

  /// Begins an inversion, and stops the service under it.
  ///
  /// - Returns: its id.
  private func interrupted(at path: String) throws -> String {
    var id = ""
    try withService(at: path) { _, client in
      let accepted = try client.post("/v1/inversions", Self.request).json()
      id = try #require(accepted["id"]?.string)
      var inversion = try client.running(id)
      while inversion["progress"]?["iteration"]?.number == nil {
        let known = "\"\(Int(inversion["revision"]?.number ?? 0))\""
        let answer = try client.get(
          "/v1/inversions/\(id)?wait=20", fields: ["If-None-Match": known])
        try #require(answer.status == 200, "it makes no progress")
        inversion = try answer.json()
      }
      try #require(inversion["status"] == "running", "it ended too soon to be disturbed")
    }
    return id
  }

  private func expectSame(_ a: JSONValue?, _ b: JSONValue?) throws {
    let (a, b) = (try #require(a), try #require(b))
    for member in [
      "latent", "residual", "termination", "verdict", "iterations", "restarts", "trace",
      "forward_equivalents",
    ] {
      #expect(a[member] == b[member], "\(member)")
    }
  }

  @Test func aStoppedInversionGoesOnAndSaysSo() throws {
    try withDatabasePath { path in
      var whole: JSONValue?
      try withService(at: path) { _, client in
        try client.uploadSmall()
        whole = try client.inverted(Self.request)
        #expect(whole?["result"]?["resumed_from_iteration"] == .null)
        #expect(try client.get("/metrics").text.contains("preimage_inversions_resumed_total 0"))
      }
      let id = try interrupted(at: path)
      try withService(at: path) { service, client in
        let resumed = try client.finished(id)
        try expectSame(resumed["result"], whole?["result"])
        #expect(try #require(resumed["result"]?["resumed_from_iteration"]?.number) > 0)
        #expect(resumed["attempt"] == 1)
        #expect(try client.get("/metrics").text.contains("preimage_inversions_resumed_total 1"))
        let left = try service.database.executeRaw("SELECT count(*) FROM job_checkpoints")
        #expect(left == "0")
      }
    }
  }

  /// Cut off, altered, emptied, or not a checkpoint at all.
  @Test(
    arguments: [
      "substr(bytes, 1, length(bytes) / 2)", "x''", "randomblob(1000)",
      "CAST(substr(bytes, 1, 100) || x'5a5a' || substr(bytes, 103) AS BLOB)",
    ])
  func aCheckpointThatIsOfNoUseIsLeftAside(damage: String) throws {
    try withDatabasePath { path in
      try withService(at: path) { _, client in try client.uploadSmall() }
      let id = try interrupted(at: path)
      let database = try Database(path: path)
      try database.executeRaw("UPDATE job_checkpoints SET bytes = \(damage)")
      try database.close()
      try withService(at: path) { _, client in
        let again = try client.finished(id)
        #expect(again["status"] == "succeeded")
        #expect(again["result"]?["resumed_from_iteration"] == .null)
        try expectSame(again["result"], try client.inverted(Self.request)["result"])
      }
    }
  }

  /// A limit that no checkpoint keeps turns them off.
  @Test(arguments: [(0, "0"), (1 << 20, "1")])
  func checkpointsOverTheLimitAreLeftOut(bytesMax: Int, count: String) throws {
    try withDatabasePath { path in
      try withService(at: path, { $0.limits.checkpointBytesMax = bytesMax }) { _, client in
        try client.uploadSmall()
        let accepted = try client.post("/v1/inversions", ServiceClient.endless("small")).json()
        _ = try client.running(try #require(accepted["id"]?.string))
      }
      let database = try Database(path: path)
      #expect(try database.executeRaw("SELECT count(*) FROM job_checkpoints") == count)
      try database.close()
    }
  }
}
