import Documents
import Foundation
import HTTPTypes
import Jobs
import Service
import SignalFormats
import Testing

/// How inversions are accepted: once each, checked against the generator, waited for on request.
struct SubmissionTests {
  private static let latent: [Float] = [0.4, -0.7]

  private static func request(_ changes: JSONObject = [:]) -> JSONValue {
    var request: JSONObject = [
      "generator": "small",
      "observation": ["values": .numbers(SmallGenerator.output(at: latent))], "seed": 3,
    ]
    for (key, value) in changes.members { request[key] = value }
    return .object(request)
  }

  @Test func aPlantedLatentComesBack() throws {
    try withService { _, client in
      let generator = try client.uploadSmall()
      let answer = try client.post(
        "/v1/inversions", Self.request(["labels": ["set": "a"], "priority": 5]),
        fields: ["Prefer": "respond-async, wait=50"])
      #expect(answer.status == 200)
      #expect(answer.fields["preference-applied"] == "wait=50")
      let inversion = try answer.json()
      #expect(answer.fields["location"] == inversion["links"]?["self"]?.string)
      #expect(inversion["status"] == "succeeded")
      #expect(inversion["generator"] == generator["id"])
      #expect(inversion["generator_name"] == "small")
      #expect(inversion["labels"] == ["set": "a"])
      #expect(inversion["priority"] == 5 && inversion["seed"] == 3)
      #expect(inversion["attempt"] == 1)
      let found = try #require(inversion["result"]?["latent"]?.numbers)
      #expect(zip(found, Self.latent).allSatisfy { abs($0 - Double($1)) < 1e-4 }, "\(found)")
      #expect(inversion["result"]?["verdict"] == "recovered")
      #expect(inversion["result"]?["certificate"]?["rank"] == 2)
    }
  }

  @Test func withoutAWaitItIsAccepted() throws {
    try withService { _, client in
      try client.uploadSmall()
      for fields in [[:], ["Prefer": "wait=0"], ["Prefer": "wait=soon"]] {
        let answer = try client.post("/v1/inversions", Self.request(), fields: fields)
        let wait = fields["Prefer"] == "wait=0"
        // One that is preferred may find it finished already.
        #expect(answer.status == 202 || wait && answer.status == 200)
        #expect((answer.fields["preference-applied"] != nil) == wait)
        let id = try #require(try answer.json()["id"]?.string)
        #expect(try client.finished(id)["status"] == "succeeded")
      }
    }
  }

  @Test func aWaitThatIsTooShortEndsWithTheUnfinishedInversion() throws {
    try withService { _, client in
      try client.uploadSmall()
      let answer = try client.post(
        "/v1/inversions", ServiceClient.endless("small"), fields: ["Prefer": "wait=1"])
      #expect(answer.status == 202)
      let inversion = try answer.json()
      #expect(inversion["result"] == .null)
      let id = try #require(inversion["id"]?.string)
      _ = try client.send("POST", "/v1/inversions/\(id)/cancel")
      #expect(try client.finished(id)["status"] == "canceled")
    }
  }

  @Test func theSameSeedGivesTheSameBits() throws {
    try withService(workers: 2) { _, client in
      try client.uploadSmall()
      let results = try (0..<2).map { _ in try client.inverted(Self.request())["result"] }
      #expect(results[0] != nil && results[0] == results[1])
    }
  }

  @Test func anIdempotencyKeyIsOneInversion() throws {
    try withService { _, client in
      try client.uploadSmall()
      let key = ["Idempotency-Key": "\"k-1\""]
      let first = try client.post("/v1/inversions", Self.request(), fields: key).json()
      // Quotes may be left out.
      let again = try client.post(
        "/v1/inversions", Self.request(), fields: ["Idempotency-Key": "k-1"])
      #expect(try again.json()["id"] == first["id"])
      let other = try client.post("/v1/inversions", Self.request(["seed": 4]), fields: key)
      #expect(other.status == 422 && other.code == "idempotency_key_reused")
      #expect(try client.get("/v1/inversions").json()["inversions"]?.elements?.count == 1)
    }
  }

  @Test func anIdempotencyKeyIsBounded() throws {
    try withService { _, client in
      try client.uploadSmall()
      for (key, code) in [
        (String(repeating: "k", count: 256), ""),
        (String(repeating: "k", count: 257), "invalid_idempotency_key"),
        ("\"\"", "invalid_idempotency_key"),
      ] {
        let answer = try client.post(
          "/v1/inversions", Self.request(), fields: ["Idempotency-Key": key])
        #expect(answer.code == code)
      }
    }
  }

  @Test func anIDOfTheClientsIsOneInversion() throws {
    try withService { _, client in
      try client.uploadSmall()
      let path = "/v1/inversions/mine-1.a_B"
      let first = try client.send(
        "PUT", path, fields: ["Prefer": "wait=50"], .json(Self.request()))
      #expect(first.status == 200 && first.fields["location"] == path)
      #expect(try first.json()["id"] == "mine-1.a_B")
      let again = try client.send("PUT", path, .json(Self.request()))
      #expect(try again.json()["result"] == first.json()["result"])
      let other = try client.send("PUT", path, .json(Self.request(["seed": 4])))
      #expect(other.status == 409 && other.code == "id_taken")
      for id in ["a%20b", String(repeating: "i", count: 129), "%C3%A4"] {
        let refused = try client.send("PUT", "/v1/inversions/\(id)", .json(Self.request()))
        #expect(refused.status == 400 && refused.pointers == ["/id"])
      }
      let longest = String(repeating: "i", count: 128)
      #expect(
        try client.send("PUT", "/v1/inversions/\(longest)", .json(Self.request())).status == 202)
    }
  }

  @Test func tracesAreKeptOrIgnoredButNeverRefused() throws {
    try withService { _, client in
      try client.uploadSmall()
      for trace in ["00-4bf92f3577b34da6-00f067aa-01", String(repeating: "t", count: 600)] {
        let answer = try client.post(
          "/v1/inversions", Self.request(), fields: ["traceparent": trace])
        #expect(answer.status == 202)
      }
    }
  }

  @Test(
    arguments: [
      (["generator": "nobody"], 422, "/generator"), (["generator": 3], 400, "/generator"),
      (["observation": ["values": [1, 2]]], 422, "/observation/values"),
      (["measurement": ["type": "magic"]], 400, "/measurement/type"),
      (["solver": ["type": "magic"]], 400, "/solver/type"), (["slover": [:]], 400, "/slover"),
      (["seed": -1], 400, "/seed"),
    ] as [(JSONObject, Int, String)])
  func whatCannotBeInvertedIsRefused(changes: JSONObject, status: Int, pointer: String) throws {
    try withService { _, client in
      try client.uploadSmall()
      let answer = try client.post("/v1/inversions", Self.request(changes))
      #expect(answer.status == status, "\(answer.text)")
      #expect(answer.pointers == [pointer])
      #expect(try client.get("/v1/inversions").json()["inversions"]?.elements?.isEmpty == true)
    }
  }

  @Test func theQueueIsBounded() throws {
    try withService {
      $0.limits.queueLengthMax = 1
    } _: { _, client in
      try client.uploadSmall()
      let running = try client.post("/v1/inversions", ServiceClient.endless("small")).json()
      let id = try #require(running["id"]?.string)
      _ = try client.running(id)
      #expect(try client.post("/v1/inversions", Self.request()).status == 202)
      let refused = try client.post("/v1/inversions", Self.request(["seed": 9]))
      #expect(refused.status == 503 && refused.code == "queue_full")
      #expect(Int(refused.fields["retry-after"] ?? "").map { $0 > 0 } == true)
      _ = try client.send("POST", "/v1/inversions/\(id)/cancel")
    }
  }

  @Test func whatIsNotDoneInTimeExpires() throws {
    try withService { _, client in
      try client.uploadSmall()
      var request = ServiceClient.endless("small").object ?? [:]
      request["deadline_seconds"] = 0.5
      let inversion = try client.inverted(.object(request))
      #expect(inversion["status"] == "expired")
    }
  }

  @Test func aSolverThatTakesTooLongEndsWithWhatItHas() throws {
    try withService {
      $0.limits.inversionSecondsMax = 0.3
    } _: { _, client in
      try client.uploadSmall()
      let inversion = try client.inverted(ServiceClient.endless("small"))
      #expect(inversion["status"] == "succeeded")
      #expect(inversion["result"]?["termination"] == "time_limit")
      #expect(inversion["result"]?["verdict"] == "underfit")
    }
  }

  @Test func noWorkIsTakenWhileTheServerDrains() throws {
    try withService { service, client in
      try client.uploadSmall()
      #expect(try client.get("/readyz").status == 200)
      service.readiness.enter(.draining)
      let refused = try client.post("/v1/inversions", Self.request())
      #expect(refused.status == 503 && refused.code == "draining")
      #expect(refused.fields["retry-after"] != nil)
      let ready = try client.get("/readyz")
      #expect(ready.status == 503 && ready.code == "not_ready")
      #expect(try client.get("/healthz").status == 200)
      #expect(try client.get("/v1/inversions").status == 200)
    }
  }
}
