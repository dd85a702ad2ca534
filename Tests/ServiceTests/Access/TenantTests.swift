import Documents
import Foundation
import Service
import Storage
import Testing

/// Two clients of one service learn nothing of one another.
struct TenantTests {
  private static let request = request(of: "small")

  private static func request(of generator: String) -> JSONValue {
    [
      "generator": .string(generator),
      "observation": ["values": .numbers(SmallGenerator.output(at: [0.3, 0.3]))],
      "labels": ["set": "a"],
    ]
  }

  @Test func inversionsOfOthersAreNotThere() throws {
    try withGuardedService { guarded in
      let (one, two) = (try guarded.tenant("one"), try guarded.tenant("two"))
      try one.uploadSmall()
      try two.uploadSmall()
      let id = try #require(try one.inverted(Self.request)["id"]?.string)
      let absent = "inv_00000000000000000000000000"
      for (method, suffix) in [
        ("GET", ""), ("GET", "/latent"), ("GET", "/reconstruction"), ("GET", "/uncertainty"),
        ("POST", "/cancel"), ("DELETE", ""),
      ] {
        let theirs = try two.send(method, "/v1/inversions/\(id)\(suffix)")
        let nobodys = try two.send(method, "/v1/inversions/\(absent)\(suffix)")
        #expect(theirs.status == 404 && nobodys.status == 404, "\(method) \(suffix)")
        #expect(theirs.code == "inversion_not_found")
        // Word for word what is said of an id that nobody has.
        #expect(
          Self.said(theirs).replacing(id, with: absent) == Self.said(nobodys), "\(method) \(suffix)"
        )
      }
      #expect(try one.get("/v1/inversions/\(id)").status == 200)
      for query in ["", "?label.set=a", "?status=succeeded", "?generator=small"] {
        let theirs = try two.get("/v1/inversions\(query)").json()["inversions"]?.elements
        #expect(theirs?.isEmpty == true, "\(query)")
        let own = try one.get("/v1/inversions\(query)").json()["inversions"]?.elements
        #expect(own?.count == 1, "\(query)")
      }
      let search: JSONValue = ["latent": [0.3, 0.3]]
      let found = try two.post("/v1/inversions/search", search).json()["inversions"]?.elements
      #expect(found?.isEmpty == true)
      let own = try one.post("/v1/inversions/search", search).json()["inversions"]?.elements
      #expect(own?.count == 1)
    }
  }

  @Test func generatorsOfOthersAreNotThere() throws {
    try withGuardedService { guarded in
      let (one, two) = (try guarded.tenant("one"), try guarded.tenant("two"))
      let id = try #require(try one.uploadSmall(name: "mine")["id"]?.string)
      for name in [id, "mine"] {
        for (method, suffix) in [
          ("GET", ""), ("GET", "/weights"), ("GET", "/diagnostics"), ("DELETE", ""),
        ] {
          let answer = try two.send(method, "/v1/generators/\(name)\(suffix)")
          #expect(answer.status == 404 && answer.code == "generator_not_found", "\(name) \(suffix)")
        }
        #expect(try two.post("/v1/generators/\(name)/samples", ["count": 1]).status == 404)
        let refused = try two.post("/v1/inversions", Self.request(of: name))
        #expect(refused.status == 422 && refused.pointers == ["/generator"])
        let measured = try two.post(
          "/v1/measurements/apply",
          [
            "measurement": ["type": "identity"], "generator": .string(name),
            "signal": ["values": .numbers(SmallGenerator.output(at: [0, 0]))],
          ])
        #expect(measured.status == 422)
        let searched = try two.post(
          "/v1/inversions/search", ["latent": [0, 0], "generator": .string(name)])
        #expect(searched.status == 422)
      }
      #expect(try two.get("/v1/generators").json()["generators"]?.elements?.isEmpty == true)
      #expect(try one.get("/v1/generators/mine").status == 200)
    }
  }

  @Test func batchesStreamsAndModelsOfOthersAreNotThere() throws {
    try withGuardedService { guarded in
      let (one, two) = (try guarded.tenant("one"), try guarded.tenant("two"))
      try one.uploadSmall()
      let batch = try BatchTests.submitted(one, count: 2)
      let id = try #require(batch["id"]?.string)
      for (method, suffix) in [
        ("GET", ""), ("GET", "/latents"), ("GET", "/reconstructions"), ("POST", "/cancel"),
      ] {
        let answer = try two.send(method, "/v1/batches/\(id)\(suffix)")
        #expect(answer.status == 404 && answer.code == "batch_not_found", "\(method) \(suffix)")
      }
      #expect(try two.get("/v1/batches").json()["batches"]?.elements?.isEmpty == true)
      #expect(try one.get("/v1/batches").json()["batches"]?.elements?.count == 1)
      let members = try one.get("/v1/inversions").json()["inversions"]?.elements ?? []
      #expect(members.count == 2)
      for member in members {
        let path = "/v1/inversions/\(member["id"]?.string ?? "")"
        #expect(try two.get(path).status == 404)
        #expect(try two.get("\(path)/events").status == 404)
      }
      for path in ["/v2/models/small", "/v2/models/small/ready"] {
        #expect(try two.get(path).status == 404)
        #expect(try one.get(path).status == 200)
      }
      let infer: JSONValue = [
        "inputs": [
          ["name": "latents", "shape": [1, 2], "datatype": "FP32", "data": [0.1, 0.2]]
        ]
      ]
      #expect(try two.post("/v2/models/small/infer", infer).status == 404)
    }
  }

  @Test func theSameUploadByTwoIsNewToBoth() throws {
    try withGuardedService { guarded in
      let (one, two) = (try guarded.tenant("one"), try guarded.tenant("two"))
      // Both are told 201 and may take the same name.
      let first = try one.uploadSmall(name: "decoder")
      let second = try two.uploadSmall(name: "decoder")
      #expect(first["id"] != second["id"])
      let again = try two.send(
        "POST", "/v1/generators?name=other",
        .bytes(SmallGenerator.file(), type: "application/octet-stream"))
      #expect(again.status == 200)
      #expect(try again.json()["id"] == second["id"])
      // What one deletes, the other keeps, weights included.
      #expect(try one.send("DELETE", "/v1/generators/decoder").status == 204)
      #expect(try two.get("/v1/generators/decoder/weights").body == SmallGenerator.file())
    }
  }

  @Test func idsAndKeysOfClientsAreTheirOwn() throws {
    try withGuardedService { guarded in
      let (one, two) = (try guarded.tenant("one"), try guarded.tenant("two"))
      for client in [one, two] { try client.uploadSmall() }
      let other: JSONValue = [
        "generator": "small",
        "observation": ["values": .numbers(SmallGenerator.output(at: [0, 1]))],
      ]
      for (client, body) in [(one, Self.request), (two, other), (one, Self.request), (two, other)] {
        let put = try client.send("PUT", "/v1/inversions/order-1", .json(body))
        #expect(put.status == 202, "\(put.text)")
        #expect(try put.json()["id"] == "order-1")
        #expect(put.fields["location"] == "/v1/inversions/order-1")
        let posted = try client.post("/v1/inversions", body, fields: ["Idempotency-Key": "k"])
        #expect(posted.status == 202, "\(posted.text)")
      }
      for client in [one, two] {
        var events = try client.get("/v1/inversions/order-1/events").text.split(separator: "\n")
        events.removeAll { !$0.hasPrefix("data:") }
        #expect(try #require(events.last).contains("\"id\":\"order-1\""))
        #expect(try client.finished("order-1")["links"]?["self"] == "/v1/inversions/order-1")
        #expect(try client.get("/v1/inversions").json()["inversions"]?.elements?.count == 2)
      }
      // The id under which it lies in the store opens nothing.
      let stored = try #require(
        try guarded.service.database.executeRaw("SELECT id FROM jobs WHERE name = 'order-1'"))
      #expect(try one.get("/v1/inversions/\(stored)").status == 404)
      #expect(try two.get("/v1/inversions/\(stored)").status == 404)
      // Another body under one's own id is a conflict that names the id as the client knows it.
      let conflict = try one.send("PUT", "/v1/inversions/order-1", .json(other))
      #expect(conflict.status == 409 && conflict.code == "id_taken")
      #expect(conflict.text.contains("'order-1'"))
      #expect(try one.send("DELETE", "/v1/inversions/order-1").status == 204)
      #expect(try two.get("/v1/inversions/order-1").status == 200)
    }
  }

  @Test func pageTokensOfOthersAreRefused() throws {
    try withGuardedService { guarded in
      let (one, two) = (try guarded.tenant("one"), try guarded.tenant("two"))
      try one.uploadSmall()
      for _ in 0..<2 { #expect(try one.post("/v1/inversions", Self.request).status == 202) }
      let page = try one.get("/v1/inversions?page_size=1").json()
      let token = try #require(page["next_page_token"]?.string)
      let refused = try two.get("/v1/inversions?page_size=1&page_token=\(token)")
      #expect(refused.status == 422 && refused.code == "invalid_page_token")
    }
  }

  @Test func bundledGeneratorsAreEverybodysAndOnlyAdministratorsDeleteThem() throws {
    try withGuardedService(bundled: true) { guarded in
      let one = try guarded.tenant("one")
      let names = try one.get("/v1/generators").json()["generators"]?.elements ?? []
      #expect(names.count == 2)
      let refused = try one.send("DELETE", "/v1/generators/fashion-mlp")
      #expect(refused.status == 403 && refused.code == "generator_of_everybody")
      // A name that everybody knows cannot be taken by one.
      let taken = try one.send(
        "POST", "/v1/generators?name=fashion-mlp",
        .bytes(SmallGenerator.file(), type: "application/octet-stream"))
      #expect(taken.status == 409 && taken.code == "name_taken")
      let admin = try guarded.guest([.admin], of: "two")
      #expect(try admin.send("DELETE", "/v1/generators/fashion-mlp").status == 204)
      #expect(try one.get("/v1/generators/fashion-mlp").status == 404)
    }
  }

  @Test func tokensOfTheUnnamedClientSeeWhatWasMadeWithoutTokens() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "a.sqlite").path
    try withService {
      $0.databasePath = path
    } _: { _, client in
      try client.uploadSmall()
    }
    try withGuardedService {
      $0.databasePath = path
    } _: { guarded in
      let own = try guarded.guest([.inversionsRead]).get("/v1/generators/small")
      let others = try guarded.tenant("one").get("/v1/generators/small")
      #expect(own.status == 200 && others.status == 404)
    }
  }

  private static func said(_ answer: Answer) -> String {
    (try? answer.json())?["detail"]?.string ?? answer.text
  }
}
