import Documents
import Service
import SignalFormats
import Testing

/// Batches: accepted as a whole, counted, canceled, and what they found as arrays.
struct BatchTests {
  static let latents: [[Float]] = [
    [0.4, -0.7], [-0.2, 0.5], [0.9, 0.1], [0, 0.3], [-0.6, -0.6],
  ]

  /// The outputs at some latents, one a row.
  static func observations(_ count: Int) -> [UInt8] {
    let rows = (0..<count).map { SmallGenerator.output(at: latents[$0 % latents.count]) }
    return NPY.write(rows.flatMap { $0.map { Float($0) } }, shape: [count, 1, 4, 4])
  }

  static func form(
    _ request: JSONValue = ["generator": "small"], _ observations: [UInt8]
  ) -> ServiceClient.Body {
    .bytes(
      Form.bytes([("request", JSONWriter.bytes(of: request)), ("observations", observations)]),
      type: Form.type)
  }

  /// The batch once it is finished.
  static func finished(_ id: String, _ client: ServiceClient) throws -> JSONValue {
    let list = try client.get("/v1/inversions?batch=\(id)&page_size=1000").json()
    for inversion in list["inversions"]?.elements ?? [] {
      _ = try client.finished(try #require(inversion["id"]?.string))
    }
    let batch = try client.get("/v1/batches/\(id)").json()
    #expect(batch["status"] == "finished")
    return batch
  }

  static func submitted(
    _ client: ServiceClient, _ request: JSONValue = ["generator": "small"], count: Int = 5
  ) throws -> JSONValue {
    let answer = try client.send("POST", "/v1/batches", form(request, observations(count)))
    #expect(answer.status == 202, "\(answer.text)")
    let batch = try answer.json()
    #expect(answer.fields["location"] == "/v1/batches/\(batch["id"]?.string ?? "")")
    return batch
  }

  @Test func everyObservationIsInvertedAndItsRowComesBack() throws {
    try withService { _, client in
      try client.uploadSmall()
      let batch = try Self.submitted(
        client, ["generator": "small", "labels": ["dataset": "test"], "priority": 3])
      let id = try #require(batch["id"]?.string)
      #expect(batch["count"] == 5 && batch["labels"]?["dataset"] == "test")
      #expect(batch["priority"] == 3 && batch["generator_name"] == "small")
      let done = try Self.finished(id, client)
      #expect(done["counts"]?["succeeded"] == 5 && done["counts"]?["queued"] == 0)

      let latents = try client.get("/v1/batches/\(id)/latents")
      #expect(try latents.json()["shape"] == [5, 2])
      #expect(try latents.json()["indices"] == [0, 1, 2, 3, 4])
      for (row, planted) in zip(try latents.json()["outputs"]?.elements ?? [], Self.latents) {
        for (found, wanted) in zip(row.numbers ?? [], planted) {
          #expect(abs(found - Double(wanted)) < 1e-3)
        }
      }
      let array = try NPY.read(try client.get("/v1/batches/\(id)/reconstructions?format=npy").body)
      #expect(array.shape == [5, 1, 4, 4])
      let wanted = Self.latents.flatMap { SmallGenerator.output(at: $0) }
      #expect(zip(array.values, wanted).allSatisfy { abs(Double($0) - $1) < 1e-4 })
      let sheet = try client.get(
        "/v1/batches/\(id)/reconstructions", fields: ["Accept": "image/png"])
      // Three columns and two rows of 4 x 4 pixels, two pixels around each.
      let raster = try PNG.decode(sheet.body)
      #expect(raster.width == 20 && raster.height == 14)
      let inversions = try client.get("/v1/inversions?batch=\(id)").json()
      let places = (inversions["inversions"]?.elements ?? []).map { $0["batch_index"]?.number }
      #expect(places == [4, 3, 2, 1, 0])
      #expect(try client.get("/v1/inversions?batch=bat_none").json()["inversions"] == [])
    }
  }

  @Test func safetensorsNameTheirRows() throws {
    try withService { _, client in
      try client.uploadSmall()
      let id = try #require(try Self.submitted(client)["id"]?.string)
      _ = try Self.finished(id, client)
      let file = try client.get("/v1/batches/\(id)/latents?format=safetensors")
      #expect(file.fields["content-type"] == "application/x-safetensors")
      let length = Int(file.body[0]) | Int(file.body[1]) << 8
      let header = try JSONParser().parse(Array(file.body[8..<8 + length]))
      #expect(header["indices"]?["shape"] == [5] && header["indices"]?["dtype"] == "I64")
      #expect(header["latents"]?["shape"] == [5, 2] && header["latents"]?["dtype"] == "F32")
      #expect(header["latents"]?["data_offsets"] == [40, 80])
      #expect(file.body.count == 8 + length + 80 && length % 8 == 0)
      let data = Array(file.body[(8 + length)...])
      #expect((0..<5).map { data[8 * $0] } == [0, 1, 2, 3, 4])
      let values = try NPY.read(try client.get("/v1/batches/\(id)/latents?format=npy").body).values
      #expect(StoredNumbers.values(Array(data[40...])) == values)
    }
  }

  @Test func aBatchIsCanceledAndKeepsTheRowsThatItHas() throws {
    try withService { _, client in
      try client.uploadSmall()
      let first = try #require(try Self.submitted(client, count: 2)["id"]?.string)
      _ = try Self.finished(first, client)
      let endless: JSONValue = [
        "generator": "small",
        "solver": [
          "type": "adam", "iterations_max": 100_000, "restarts_max": 4096, "starts": "prior",
        ],
      ]
      let values = [Float](repeating: 0.9, count: 48).enumerated().map { $0 % 2 == 0 ? $1 : -$1 }
      let answer = try client.send(
        "POST", "/v1/batches", Self.form(endless, NPY.write(values, shape: [3, 16])))
      let id = try #require(try answer.json()["id"]?.string)
      #expect(try client.get("/v1/batches/\(id)/latents").code == "batch_not_finished")
      let list = try client.get("/v1/inversions?batch=\(id)").json()
      let running = try #require(list["inversions"]?.elements?.last?["id"]?.string)
      _ = try client.running(running)
      #expect(try client.get("/v1/batches/\(id)").json()["status"] == "running")
      let canceled = try client.send("POST", "/v1/batches/\(id)/cancel")
      #expect([200, 202].contains(canceled.status))
      let isOver = try canceled.json()["status"] == "finished"
      #expect((canceled.status == 200) == isOver)
      #expect(try Self.finished(id, client)["counts"]?["canceled"] == 3)
      #expect(try client.send("POST", "/v1/batches/\(id)/cancel").status == 200)
      #expect(try client.get("/v1/batches/\(id)/latents").code == "no_result")
      // The other batch is as it was.
      #expect(try client.get("/v1/batches/\(first)").json()["counts"]?["succeeded"] == 2)
      #expect(try client.send("POST", "/v1/batches/none/cancel").code == "batch_not_found")
    }
  }

  @Test func aFinishedBatchIsRemovedWithItsInversions() throws {
    try withService { _, client in
      try client.uploadSmall()
      // More than are removed at a time.
      let id = try #require(try Self.submitted(client, count: 300)["id"]?.string)
      let other = try #require(try Self.submitted(client, count: 2)["id"]?.string)
      let endless = try client.post("/v1/inversions", ServiceClient.endless("small"))
      let kept = try #require(try endless.json()["id"]?.string)
      _ = try Self.finished(id, client)
      _ = try Self.finished(other, client)
      #expect(try client.send("DELETE", "/v1/batches/\(id)").status == 204)
      #expect(try client.get("/v1/batches/\(id)").code == "batch_not_found")
      #expect(try client.send("DELETE", "/v1/batches/\(id)").code == "batch_not_found")
      let left = try client.get("/v1/inversions?page_size=1000").json()["inversions"]?.elements
      #expect(left?.count == 3)
      #expect(try client.get("/v1/batches/\(other)").json()["counts"]?["succeeded"] == 2)
      _ = try client.send("POST", "/v1/inversions/\(kept)/cancel")
    }
  }

  @Test func aBatchThatIsNotFinishedStays() throws {
    try withService { _, client in
      try client.uploadSmall()
      let request: JSONValue = [
        "generator": "small",
        "solver": [
          "type": "adam", "iterations_max": 100_000, "restarts_max": 4096, "starts": "prior",
        ],
      ]
      let values = [Float](repeating: 0.9, count: 48).enumerated().map { $0 % 2 == 0 ? $1 : -$1 }
      let answer = try client.send(
        "POST", "/v1/batches", Self.form(request, NPY.write(values, shape: [3, 16])))
      let id = try #require(try answer.json()["id"]?.string)
      let refusal = try client.send("DELETE", "/v1/batches/\(id)")
      #expect(refusal.status == 409 && refusal.code == "batch_not_finished")
      #expect(try client.get("/v1/batches/\(id)").json()["count"] == 3)
      _ = try client.send("POST", "/v1/batches/\(id)/cancel")
      #expect(try Self.finished(id, client)["counts"]?["canceled"] == 3)
    }
  }

  @Test func rowsThatAreMissingAreNotANumberInArraysAndLeftOutElsewhere() throws {
    try withService { _, client in
      try client.uploadSmall()
      let id = try #require(try Self.submitted(client, count: 3)["id"]?.string)
      _ = try Self.finished(id, client)
      let list = try client.get("/v1/inversions?batch=\(id)").json()
      let middle = try #require(list["inversions"]?.elements?[1]["id"]?.string)
      #expect(try client.send("DELETE", "/v1/inversions/\(middle)").status == 204)
      let batch = try client.get("/v1/batches/\(id)").json()
      #expect(batch["count"] == 3 && batch["counts"]?["succeeded"] == 2)
      let json = try client.get("/v1/batches/\(id)/latents").json()
      #expect(json["indices"] == [0, 2] && json["shape"] == [2, 2])
      let array = try NPY.read(try client.get("/v1/batches/\(id)/latents?format=npy").body)
      #expect(array.shape == [3, 2])
      #expect(array.values.map(\.isNaN) == [false, false, true, true, false, false])
    }
  }

  @Test func aBatchIsAcceptedAsAWholeOrNotAtAll() throws {
    try withService(workers: 1) {
      $0.limits.queueLengthMax = 5
      $0.limits.batchCountMax = 6
    } _: { _, client in
      try client.uploadSmall()
      func send(_ file: [UInt8]) throws -> Answer {
        try client.send("POST", "/v1/batches", Self.form(["generator": "small"], file))
      }
      let tooMany = try send(Self.observations(6))
      #expect(tooMany.status == 503 && tooMany.code == "queue_full")
      #expect(try send(Self.observations(7)).pointers == ["/observations"])
      var values = [Float](repeating: 0.1, count: 48)
      values[37] = .nan
      let bad = try send(NPY.write(values, shape: [3, 16]))
      #expect(bad.status == 422 && bad.pointers == ["/observations/2/5"])
      let short = try send(NPY.write([Float](repeating: 0, count: 45), shape: [3, 15]))
      #expect(short.status == 422 && short.pointers == ["/observations/0"])
      for file in [NPY.write([1], shape: []), NPY.write([1, 2], shape: [2]), [1, 2, 3], []] {
        let refused = try send(file)
        #expect(refused.status == 422 && refused.pointers == ["/observations"])
      }
      #expect(try client.get("/v1/inversions").json()["inversions"] == [])
      #expect(try client.get("/v1/batches").json()["batches"] == [])
      #expect(try send(Self.observations(5)).status == 202)
      #expect(try client.get("/v1/batches").json()["batches"]?.elements?.count == 1)
    }
  }

  @Test func theSameKeyAndFormAreTheSameBatch() throws {
    try withService { _, client in
      try client.uploadSmall()
      let key = ["Idempotency-Key": "\"k\""]
      let form = Self.form(["generator": "small"], Self.observations(2))
      let first = try client.send("POST", "/v1/batches", fields: key, form)
      let again = try client.send("POST", "/v1/batches", fields: key, form)
      #expect(try again.status == 202 && again.json()["id"] == first.json()["id"])
      let other = try client.send(
        "POST", "/v1/batches", fields: key, Self.form(["generator": "small"], Self.observations(3)))
      #expect(other.status == 422 && other.code == "idempotency_key_reused")
      #expect(try client.get("/v1/inversions").json()["inversions"]?.elements?.count == 2)
    }
  }

  @Test func batchesAreListedInPages() throws {
    try withService { _, client in
      try client.uploadSmall()
      try client.uploadSmall(name: "other", scale: 2)
      var ids: [String] = []
      for index in 0..<3 {
        let batch = try Self.submitted(
          client, ["generator": index == 1 ? "other" : "small"], count: 1)
        ids.insert(try #require(batch["id"]?.string), at: 0)
      }
      func list(_ query: String) throws -> JSONValue {
        try client.get("/v1/batches\(query)").json()
      }
      func names(_ page: JSONValue) -> [String?] {
        (page["batches"]?.elements ?? []).map { $0["id"]?.string }
      }
      #expect(names(try list("")) == ids)
      #expect(names(try list("?generator=other")) == [ids[1]])
      let first = try list("?page_size=2")
      #expect(names(first) == Array(ids[..<2]))
      let token = try #require(first["next_page_token"]?.string)
      #expect(names(try list("?page_size=2&page_token=\(token)")) == [ids[2]])
      let foreign = try client.get("/v1/batches?generator=other&page_token=\(token)")
      #expect(foreign.status == 422 && foreign.code == "invalid_page_token")
      #expect(try client.get("/v1/batches?page_token=x").status == 400)
    }
  }

  @Test func whatIsNoFormIsRefused() throws {
    try withService { _, client in
      try client.uploadSmall()
      let asJSON = try client.post("/v1/batches", ["generator": "small"])
      #expect(asJSON.status == 415)
      func send(_ parts: [(String, [UInt8])]) throws -> Answer {
        try client.send(
          "POST", "/v1/batches",
          .bytes(Form.bytes(parts.map { (name: $0, content: $1) }), type: Form.type))
      }
      let request = Array(#"{"generator":"small"}"#.utf8)
      let rows = Self.observations(1)
      #expect(try send([("request", request)]).code == "missing_part")
      #expect(try send([("observations", rows)]).code == "missing_part")
      #expect(try send([("request", request), ("request", request)]).code == "repeated_part")
      #expect(try send([("request", request), ("observation", rows)]).code == "unknown_part")
      let both = Array(#"{"generator":"small","observation":{"values":[1]}}"#.utf8)
      #expect(try send([("request", both), ("observations", rows)]).pointers == ["/observation"])
      let unknown = Array(#"{"generator":"nobody"}"#.utf8)
      #expect(try send([("request", unknown), ("observations", rows)]).pointers == ["/generator"])
    }
  }
}
