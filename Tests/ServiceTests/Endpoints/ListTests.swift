import Documents
import Foundation
import HTTPTypes
import Service
import Testing

/// The lists with their filters and pages, and the search by latent.
struct ListTests {
  private static let latents: [[Float]] = [
    [0.1, 0.2], [-0.5, 0.4], [0.9, -0.3], [0, 1], [-1, -1],
  ]

  private static func request(_ latent: [Float], _ changes: JSONObject = [:]) -> JSONValue {
    var request: JSONObject = [
      "generator": "small",
      "observation": ["values": .numbers(SmallGenerator.output(at: latent))],
    ]
    for (key, value) in changes.members { request[key] = value }
    return .object(request)
  }

  /// Five inversions of one generator: two with the label `fold` 0, three with 1, the last by adam.
  private static func fill(_ client: ServiceClient) throws -> [String] {
    try client.uploadSmall()
    return try latents.enumerated().map { index, latent in
      var changes: JSONObject = ["labels": ["set": "a b", "fold": index < 2 ? "0" : "1"]]
      if index == 4 { changes["solver"] = ["type": "adam", "iterations_max": 3] }
      let done = try client.inverted(request(latent, changes))
      return try #require(done["id"]?.string)
    }
  }

  private static func ids(_ client: ServiceClient, _ query: String) throws -> [String] {
    let answer = try client.get("/v1/inversions\(query)")
    #expect(answer.status == 200, "\(query): \(answer.text.prefix(300))")
    return (try answer.json()["inversions"]?.elements ?? []).compactMap { $0["id"]?.string }
  }

  @Test func filtersFindWhatMatches() throws {
    try withService(workers: 2) { _, client in
      let ids = try Self.fill(client)
      let newest = Array(ids.reversed())
      let id = try #require(try client.get("/v1/generators/small").json()["id"]?.string)
      #expect(try Self.ids(client, "") == newest)
      for query in [
        "?generator=small", "?generator=\(id)", "?status=succeeded", "?status=succeeded,failed",
        "?label.set=a%20b", "?label.set=a+b", "?residual_max=1e30",
        "?created_after=2020-01-01T00:00:00Z", "?created_before=2100-01-01T00:00:00%2B01:00",
      ] {
        #expect(try Self.ids(client, query) == newest, "\(query)")
      }
      #expect(try Self.ids(client, "?label.fold=0") == [ids[1], ids[0]])
      #expect(try Self.ids(client, "?label.fold=1&label.set=a%20b&solver=automatic").count == 2)
      #expect(try Self.ids(client, "?solver=adam") == [ids[4]])
      #expect(try Self.ids(client, "?verdict=underfit") == [ids[4]])
      #expect(try Self.ids(client, "?verdict=recovered&residual_max=0.001").count == 4)
      for query in [
        "?generator=nobody", "?status=failed", "?label.fold=2", "?label.none=0", "?label.=0",
        "?created_after=2100-01-01T00:00:00Z", "?created_before=2020-01-01T00:00:00Z",
        "?residual_max=0&solver=adam", "?solver=levenberg_marquardt",
      ] {
        #expect(try Self.ids(client, query).isEmpty, "\(query)")
      }
    }
  }

  @Test(arguments: [
    "status=done", "status=", "status=queued,", "created_after=yesterday", "created_before=",
    "residual_max=x", "residual_max=-1", "residual_max=nan", "residual_max=inf", "residual_max=",
    "page_size=0", "page_size=1001", "page_size=x", "page_size=+5", "page_token=x",
    "generator=a&generator=b", "label.a=1&label.a=2", "labels.a=1", "lable=1", "Status=queued",
  ])
  func filtersThatMakeNoSenseAreRefused(query: String) throws {
    try withService { _, client in
      let answer = try client.get("/v1/inversions?\(query)")
      #expect(answer.status == 400, "\(answer.text)")
      #expect(answer.code.hasPrefix("invalid_") || answer.code.hasSuffix("_parameter"))
    }
  }

  @Test func pagesHoldEverythingOnce() throws {
    try withService(workers: 2) { _, client in
      let ids = try Self.fill(client)
      for size in [1, 2, 4, 5, 1000] {
        var found: [String] = []
        var token: String?
        repeat {
          let page = try client.get(
            "/v1/inversions?label.set=a%20b&page_size=\(size)"
              + (token.map { "&page_token=\($0)" } ?? "")
          ).json()
          let items = page["inversions"]?.elements ?? []
          #expect((1...size).contains(items.count))
          found += items.compactMap { $0["id"]?.string }
          token = page["next_page_token"]?.string
        } while token != nil
        #expect(found == ids.reversed(), "pages of \(size)")
      }
      let first = try client.get("/v1/inversions?page_size=1").json()
      let token = try #require(first["next_page_token"]?.string)
      // A token belongs to its filters.
      let refused = try client.get("/v1/inversions?page_size=1&solver=adam&page_token=\(token)")
      #expect(refused.code == "invalid_page_token")
    }
  }

  @Test func generatorsAreListedByNameAndFormat() throws {
    try withService { _, client in
      for index in 0..<3 { try client.uploadSmall(name: "g\(index)", scale: Float(index + 1)) }
      func names(_ query: String) throws -> [String] {
        let page = try client.get("/v1/generators\(query)").json()
        return (page["generators"]?.elements ?? []).compactMap { $0["name"]?.string }
      }
      #expect(try names("") == ["g2", "g1", "g0"])
      #expect(try names("?name=g1") == ["g1"])
      #expect(try names("?format=safetensors&name=g0") == ["g0"])
      #expect(try names("?format=onnx").isEmpty)
      #expect(try names("?name=nobody").isEmpty)
      let first = try client.get("/v1/generators?page_size=2").json()
      let token = try #require(first["next_page_token"]?.string)
      #expect(try names("?page_size=2&page_token=\(token)") == ["g0"])
      #expect(try client.get("/v1/generators?page_token=x").code == "invalid_page_token")
      #expect(try client.get("/v1/generators?page_size=0").status == 400)
      #expect(try client.get("/v1/generators?label.a=0").code == "unknown_parameter")
    }
  }

  @Test func theNearestLatentsAreFound() throws {
    try withService(workers: 2) { _, client in
      let ids = try Self.fill(client)
      let answer = try client.post(
        "/v1/inversions/search", ["latent": [0.9, -0.31], "generator": "small", "limit": 2])
      let near = try #require(try answer.json()["inversions"]?.elements)
      #expect(near.count == 2)
      #expect(near.first?["id"]?.string == ids[2])
      let distances = near.compactMap { $0["distance"]?.number }
      #expect(distances.count == 2 && distances[0] < distances[1])
      #expect(abs(distances[0] - 0.01) < 1e-3)
      let all = try client.post("/v1/inversions/search", ["latent": [0, 0]]).json()
      #expect(all["inversions"]?.elements?.count == 5)
    }
  }

  @Test(
    arguments: [
      ([:], 400), (["latent": "x"], 400), (["latent": []], 422), (["latent": [1e39, 0]], 422),
      (["latent": [0]], 422), (["latent": [0, 0, 0]], 422),
      (["latent": [0, 0], "generator": "nobody"], 422), (["latent": [0, 0], "limit": 0], 400),
      (["latent": [0, 0], "limit": 1001], 400), (["latent": [0, 0], "limit": 1.5], 400),
      (["latent": [0, 0], "limt": 1], 400),
    ] as [(JSONObject, Int)])
  func searchesThatMakeNoSenseAreRefused(changes: JSONObject, status: Int) throws {
    try withService { _, client in
      try client.uploadSmall()
      var request: JSONObject = ["generator": "small"]
      for (key, value) in changes.members { request[key] = value }
      let answer = try client.post("/v1/inversions/search", .object(request))
      #expect(answer.status == status, "\(answer.text)")
    }
  }

  @Test func aGeneratorInUseIsNotDeleted() throws {
    try withService { _, client in
      try client.uploadSmall()
      let running = try client.post("/v1/inversions", ServiceClient.endless("small")).json()
      let id = try #require(running["id"]?.string)
      let refused = try client.send("DELETE", "/v1/generators/small")
      #expect(refused.status == 409 && refused.code == "generator_in_use")
      _ = try client.send("POST", "/v1/inversions/\(id)/cancel")
      _ = try client.finished(id)
      #expect(try client.send("DELETE", "/v1/generators/small").status == 204)
      #expect(try client.get("/v1/generators/small").code == "generator_not_found")
      #expect(try client.send("DELETE", "/v1/generators/small").status == 404)
      // Its name and its weights are free again.
      try client.uploadSmall()
    }
  }
}
