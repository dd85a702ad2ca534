import Documents
import Foundation
import Testing

/// What `/metrics` says, as Prometheus' own tool reads it.
@Suite(.serialized, .needsProgram)
struct PrometheusTests {
  private static let hasPromtool = FileManager.default.isExecutableFile(atPath: "/usr/bin/promtool")

  @Test(.enabled(if: hasPromtool, "promtool is not installed: apt-get install prometheus"))
  func promtoolFindsNothing() throws {
    try withFolder { folder in
      let server = try RunningServer("a.sqlite", in: folder)
      defer { server.child.kill() }
      let request: JSONValue = [
        "generator": "fashion-mlp", "observation": ["values": [0, 0, 0]],
        "measurement": ["type": "mask", "observed": ["indices": [300, 301, 302]]],
        "solver": ["type": "adam", "iterations_max": 2, "restarts_max": 1],
      ]
      let id = try #require(try server.post("/v1/inversions", request).json()["id"]?.string)
      _ = try server.get("/v1/inversions/\(id)?wait=50")
      _ = try server.get("/nowhere")
      let metrics = try server.get("/metrics")
      #expect(metrics.status == 200 && metrics.body.count > 4000)
      try Data(metrics.body).write(to: folder.appending(path: "metrics"))
      let ending = try Program.tool(
        "sh", "-c", "promtool check metrics < metrics 2>&1", in: folder, seconds: 60)
      #expect(ending.status == 0 && ending.output.isEmpty, "\(ending.output)")
    }
  }

  /// What operators look at is what the server tells.
  @Test(arguments: ["Deploy/prometheus/alerts.yaml", "Deploy/grafana/dashboard.json"])
  func everyMetricThatIsNamedIsThere(path: String) throws {
    let file = try String(contentsOf: Program.checkout.appending(path: path), encoding: .utf8)
    let named = Set(
      file.matches(of: /\b(preimage|process)_[a-z_]+/).map { String($0.0) })
    #expect(named.count > 10)
    try withFolder { folder in
      let server = try RunningServer("a.sqlite", in: folder)
      defer { server.child.kill() }
      let metrics = String(decoding: try server.get("/metrics").body, as: UTF8.self)
      var families: Set<String> = []
      for match in metrics.matches(of: /# TYPE (\S+) (\S+)/) {
        let name = String(match.1)
        let suffixes = match.2 == "histogram" ? ["_bucket", "_sum", "_count"] : [""]
        families.formUnion(suffixes.map { name + $0 })
      }
      let missing = named.subtracting(families)
      #expect(missing.isEmpty, "\(missing.sorted()) of \(path)")
    }
  }
}
