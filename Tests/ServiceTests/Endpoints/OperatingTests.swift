import BundledGenerators
import Documents
import Foundation
import HTTPTypes
import Service
import Testing

/// What those who run the service ask, and what every path answers.
struct OperatingTests {
  @Test func probesAndLinks() throws {
    try withService { _, client in
      #expect(try client.get("/healthz").text == "ok\n")
      #expect(try client.get("/readyz").text == "ready\n")
      #expect(try client.get("/version").json()["version"]?.string == PreimageService.version)
      let links = try #require(try client.get("/").json()["links"]?.object)
      #expect(links.members.count >= 8)
      for (name, path) in links.members {
        #expect(try client.get(try #require(path.string)).status == 200, "\(name)")
      }
    }
  }

  @Test func everyGetAnswersHead() throws {
    try withService { _, client in
      for path in ["/healthz", "/readyz", "/version", "/v1/solvers", "/v1/generators"] {
        let head = try client.send("HEAD", path)
        #expect(head.status == 200 && head.body.isEmpty, "\(path)")
      }
    }
  }

  @Test func cataloguesListTheirSchemas() throws {
    try withService { _, client in
      for (name, some) in [
        ("solvers", ["automatic", "adam", "levenberg_marquardt"]),
        ("measurements", ["identity", "mask"]),
        ("noises", ["none", "gaussian", "uniform", "laplace", "outliers", "poisson"]),
        ("layers", ["linear", "conv_transpose2d", "relu"]),
      ] {
        let entries = try #require(try client.get("/v1/\(name)").json()[name]?.elements)
        let types = entries.compactMap { $0["type"]?.string }
        #expect(Set(some).isSubset(of: types))
        for entry in entries {
          #expect(entry["schema"]?["properties"]?["type"]?["const"] == entry["type"])
          #expect(entry["schema"]?["additionalProperties"] == false)
        }
      }
      let measurements = try #require(
        try client.get("/v1/measurements").json()["measurements"]?.elements)
      let mask = measurements.first { $0["type"] == "mask" }
      #expect(mask?["schema"]?["required"] == ["type", "observed"])
    }
  }

  @Test func unknownPathsAndMethodsAreProblems() throws {
    try withService { _, client in
      for path in ["/nowhere", "/v1", "/v1/", "/v1/generators/", "/v1/inversions/a/b", "//"] {
        let answer = try client.get(path)
        #expect(answer.status == 404 && answer.code == "not_found", "\(path)")
      }
      for (method, path, allow) in [
        ("DELETE", "/healthz", "GET, HEAD, OPTIONS"),
        ("PUT", "/v1/generators", "GET, HEAD, OPTIONS, POST"),
        ("POST", "/v1/inversions/a", "DELETE, GET, HEAD, OPTIONS, PUT"),
      ] {
        let answer = try client.send(method, path)
        #expect(answer.status == 405 && answer.code == "method_not_allowed", "\(path)")
        #expect(answer.fields["allow"] == allow)
      }
    }
  }

  @Test func everyProblemNamesItsRequest() throws {
    try withService { _, client in
      for path in ["/nowhere", "/v1/generators/nobody", "/v1/inversions?x=1"] {
        let answer = try client.get(path, fields: ["X-Request-Id": "mine-1"])
        #expect(answer.fields["x-request-id"] == "mine-1")
        let problem = try answer.json()
        #expect(problem["request_id"] == "mine-1")
        #expect(problem["status"]?.number == Double(answer.status))
        #expect(problem["type"]?.string == "urn:preimage:problem:\(answer.code)")
      }
      let insane = try client.get("/nowhere", fields: ["X-Request-Id": "a b"])
      #expect(insane.fields["x-request-id"] != "a b")
      #expect(try insane.json()["request_id"]?.string == insane.fields["x-request-id"])
    }
  }

  @Test func metricsAreThoseOfPrometheus() throws {
    try withService { _, client in
      try client.uploadSmall()
      let latent = SmallGenerator.output(at: [0.3, 0.3])
      _ = try client.inverted([
        "generator": "small", "observation": ["values": .numbers(latent)],
      ])
      let answer = try client.get("/metrics")
      #expect(answer.fields["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
      let samples = try Self.samples(answer.text)
      #expect(samples["preimage_inversions{status=\"succeeded\"}"] == 1)
      let ended = samples.filter { $0.key.hasPrefix("preimage_inversions_finished_total{") }
      #expect(ended.count == 1 && ended.values.first == 1)
      let labels = try #require(ended.keys.first)
      #expect(labels.contains("status=\"succeeded\",verdict=\"recovered\",reason=\"converged\""))
      let iterations = samples["preimage_solver_iterations_total{solver=\"automatic\"}"]
      #expect((iterations ?? 0) >= 1)
      #expect(samples["preimage_queue_depth"] == 0 && samples["preimage_queue_oldest_seconds"] == 0)
      #expect((samples["process_resident_memory_bytes"] ?? 0) > 1e6)
      #expect(samples["preimage_workers"] == 1)
      #expect(samples["preimage_inversion_duration_seconds_count"] == 1)
      let upload =
        "preimage_http_requests_total{method=\"POST\",route=\"/v1/generators\",status=\"201\"}"
      #expect(samples[upload] == 1)
      #expect((samples["preimage_storage_bytes"] ?? 0) > 0)
      // Nothing of a client's own words is in a label.
      _ = try client.get("/v1/inversions/secret-id")
      #expect(!(try client.get("/metrics").text.contains("secret-id")))
    }
  }

  /// Every sample, by its name and labels; checks the grammar on the way.
  private static func samples(_ text: String) throws -> [String: Double] {
    var samples: [String: Double] = [:]
    var types: [String: String] = [:]
    let line = try Regex(
      #"^[a-z_]+(\{[a-z_]+="([^"\\\n]|\\[\\"n])*"(,[a-z_]+="([^"\\\n]|\\[\\"n])*")*\})? \S+$"#)
    #expect(text.hasSuffix("\n"))
    for sample in text.split(separator: "\n") {
      if sample.hasPrefix("# HELP ") { continue }
      if sample.hasPrefix("# TYPE ") {
        let words = sample.split(separator: " ")
        #expect(types.updateValue(String(words[3]), forKey: String(words[2])) == nil)
        continue
      }
      #expect(sample.wholeMatch(of: line) != nil, "\(sample)")
      let space = try #require(sample.lastIndex(of: " "))
      let key = String(sample[..<space])
      let value = try #require(Double(sample[sample.index(after: space)...]), "\(sample)")
      #expect(samples.updateValue(value, forKey: key) == nil, "\(key) twice")
      let name = String(key.prefix { $0 != "{" })
      let families =
        [name]
        + ["_bucket", "_sum", "_count"].filter(name.hasSuffix).map {
          String(name.dropLast($0.count))
        }
      #expect(families.contains { types[$0] != nil }, "\(name) has no type")
      #expect(name.hasPrefix("preimage_") || name.hasPrefix("process_"))
    }
    return samples
  }

  @Test func anEmptyDatabaseIsGivenTheBundledGenerators() throws {
    try withService(bundled: true) { _, client in
      let page = try client.get("/v1/generators").json()
      let names = (page["generators"]?.elements ?? []).compactMap { $0["name"]?.string }
      #expect(Set(names) == Set(BundledGenerator.all.map(\.name)))
    }
  }

  @Test func theDatabaseBelongsToOneService() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try withService {
      $0.databasePath = folder.appending(path: "a.sqlite").path
    } _: { _, _ in
      var second = PreimageService.Configuration()
      second.databasePath = folder.appending(path: "a.sqlite").path
      #expect(throws: (any Error).self) { try PreimageService(second) }
    }
  }
}
