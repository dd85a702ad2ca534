import Documents
import Service
import Testing

/// A service that stops leaves what it was doing to the next one, also where what was found by then
/// explains the observation: with noise, the search goes on all the same.
struct InterruptionTests {
  private static func request(iterations: Int, restarts: Int, seed: Int = 0) -> JSONValue {
    [
      "generator": "small",
      "observation": ["values": .numbers(SmallGenerator.output(at: [0.3, -0.2]))],
      "noise": ["type": "gaussian", "sigma": 0.5], "prior": "none",
      "solver": [
        "type": "adam", "iterations_max": JSONValue(iterations), "starts": "prior",
        "restarts_max": JSONValue(restarts),
      ], "seed": JSONValue(seed),
    ]
  }

  private static func submitted(_ client: ServiceClient, _ request: JSONValue) throws -> String {
    let answer = try client.post("/v1/inversions", request)
    #expect(answer.status == 202, "\(answer.text)")
    return try #require(try answer.json()["id"]?.string)
  }

  @Test func oneAlone() throws {
    try withDatabasePath { path in
      var id = ""
      try withService(at: path) { _, client in
        try client.uploadSmall()
        id = try Self.submitted(client, Self.request(iterations: 100_000, restarts: 4096))
        _ = try client.running(id)
      }
      try withService(at: path) { _, client in
        let inversion = try client.get("/v1/inversions/\(id)").json()
        #expect(inversion["completed_at"] == .null, "\(inversion)")
        #expect(inversion["attempts"]?.elements?.first?["ending"] == "interrupted", "\(inversion)")
        _ = try client.send("POST", "/v1/inversions/\(id)/cancel")
      }
    }
  }

  @Test func companions() throws {
    let iterations = 60_000
    try withDatabasePath { path in
      var ids: [String] = []
      try withService(at: path) { _, client in
        try client.uploadSmall()
        ids = try (0..<60).map { seed in
          try Self.submitted(
            client, Self.request(iterations: iterations, restarts: 1, seed: seed))
        }
        _ = try client.running(ids[59])
      }
      var interruptedCount = 0
      try withService(at: path) { _, client in
        for id in ids {
          let inversion = try client.finished(id)
          #expect(inversion["result"]?["iterations"] == JSONValue(iterations))
          let ending = inversion["attempts"]?.elements?.first?["ending"]
          if ending == "interrupted" { interruptedCount += 1 }
        }
      }
      #expect(interruptedCount > 0)
    }
  }
}
