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
}
