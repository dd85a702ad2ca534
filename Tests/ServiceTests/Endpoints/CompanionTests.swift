import Documents
import Jobs
import Service
import Testing

/// Inversions that a worker advances together, as clients see them: no different from others.
struct CompanionTests {
  static let count = 40
  static let tolerance = 1e-3

  /// Of a signal that no latent gives, so that no descent ends early.
  static func request(_ place: Int) -> JSONValue {
    let output = SmallGenerator.output(at: [0.1 * Float(place % 7), -0.05 * Float(place)])
    return [
      "generator": "small",
      "observation": [
        "values": .numbers(output.enumerated().map { $1 + ($0.isMultiple(of: 2) ? 0.1 : -0.1) })
      ],
      "solver": ["type": "adam", "iterations_max": 4000, "restarts_max": 1, "starts": "prior"],
      "seed": .number(Double(place)),
    ]
  }

  static func submitted(_ client: ServiceClient, _ request: JSONValue) throws -> String {
    let answer = try client.post("/v1/inversions", request)
    #expect(answer.status == 202, "\(answer.text)")
    return try #require(try answer.json()["id"]?.string)
  }

  /// What a service without companions finds.
  static func alone(_ places: [Int]) throws -> [Int: JSONValue] {
    var found: [Int: JSONValue] = [:]
    let adjust: (inout PreimageService.Configuration) -> Void = { $0.workers.companionsMax = 0 }
    try withService(workers: 1, adjust) { _, client in
      try client.uploadSmall()
      for place in places { found[place] = try client.inverted(request(place)) }
      let metrics = try client.get("/metrics").text
      #expect(metrics.contains("preimage_companion_inversions_count 0\n"))
    }
    return found
  }

  static func expectAlike(_ a: JSONValue, _ b: JSONValue?) throws {
    #expect(a["status"] == "succeeded" && b?["status"] == "succeeded")
    let (a, b) = (try #require(a["result"]), try #require(b?["result"]))
    let residuals = try [a, b].map { try #require($0["residual"]?["relative"]?.number) }
    #expect(abs(residuals[0] - residuals[1]) <= tolerance)
    #expect(a["termination"] == b["termination"] && a["iterations"] == b["iterations"])
    for (x, y) in zip(a["latent"]?.numbers ?? [], b["latent"]?.numbers ?? []) {
      #expect(abs(x - y) <= 1e-3)
    }
  }

  @Test func manyInversionsEndAsEachWouldAlone() throws {
    var found: [JSONValue] = []
    try withService(workers: 1) { _, client in
      try client.uploadSmall()
      // While the worker is busy, they wait.
      let endless = try Self.submitted(client, ServiceClient.endless("small"))
      _ = try client.running(endless)
      let ids = try (0..<Self.count).map { try Self.submitted(client, Self.request($0)) }
      _ = try client.send("POST", "/v1/inversions/\(endless)/cancel")
      found = try ids.map { try client.finished($0) }
      let metrics = try client.get("/metrics").text
      #expect(metrics.contains("preimage_companion_inversions_bucket{le=\"64\"} 1\n"), "\(metrics)")
      #expect(metrics.contains("preimage_companion_inversions_sum 40\n"))
    }
    let alone = try Self.alone(Array(0..<Self.count))
    for (place, inversion) in found.enumerated() {
      try Self.expectAlike(inversion, alone[place])
    }
  }

  @Test func oneThatIsCanceledLeavesTheOthersAlone() throws {
    let canceled = 7
    func request(_ place: Int) -> JSONValue {
      var request = Self.request(place).object ?? [:]
      request["solver"] = [
        "type": "adam", "iterations_max": 50_000, "restarts_max": 1, "starts": "prior",
      ]
      return .object(request)
    }
    var found: [JSONValue] = []
    var again: [JSONValue] = []
    for cancels in [true, false] {
      try withService(workers: 1) { _, client in
        try client.uploadSmall()
        let ids = try (0..<12).map { try Self.submitted(client, request($0)) }
        if cancels {
          _ = try client.running(ids[canceled])
          #expect(try client.get("/v1/inversions/\(ids[0])").json()["status"] == "running")
          let answer = try client.send("POST", "/v1/inversions/\(ids[canceled])/cancel")
          #expect(answer.status == 202 || answer.status == 200)
        }
        let all = try ids.map { try client.finished($0) }
        if cancels { found = all } else { again = all }
      }
    }
    #expect(found[canceled]["status"] == "canceled")
    for place in 0..<12 where place != canceled {
      try Self.expectAlike(found[place], again[place])
    }
  }

  /// They are not gathered, to be done one by one by a single worker.
  @Test func whatCannotBeARowIsDoneAllTheSame() throws {
    try withService(workers: 1) { _, client in
      try client.uploadSmall()
      let others: [(name: String, value: JSONValue)] = [
        ("measurement", ["type": "one_bit", "of": ["type": "identity"]]),
        (
          "measurement",
          [
            "type": "compose",
            "of": [["type": "identity"], ["type": "one_bit", "of": ["type": "identity"]]],
          ]
        ),
        ("noise", ["type": "laplace", "scale": 0.1]),
      ]
      let ids = try (0..<12).map { place in
        var request = Self.request(place).object ?? [:]
        if place % 4 < 3 { request[others[place % 4].name] = others[place % 4].value }
        let answer = try client.post("/v1/inversions", .object(request))
        #expect(answer.status == 202, "\(answer.text)")
        return try #require(try answer.json()["id"]?.string)
      }
      for id in ids { #expect(try client.finished(id)["status"] == "succeeded") }
      let gathered = try client.get("/metrics").text.split(separator: "\n")
        .first { $0.hasPrefix("preimage_companion_inversions_sum ") }
      let count = try #require(gathered?.split(separator: " ").last.flatMap { Int($0) })
      #expect(count <= 3)
    }
  }
}
