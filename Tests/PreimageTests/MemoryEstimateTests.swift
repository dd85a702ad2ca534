import Documents
import Foundation
import Glibc
import Testing

/// What an inversion is said to need of memory is what it takes, within a factor of two.
@Suite(.serialized, .needsProgram)
struct MemoryEstimateTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var generator: String
    var solver: JSONObject
    var testDescription: String { "\(generator), \(solver["type"]?.string ?? "")" }
  }

  /// Large enough that a server's own memory is small beside them.
  private static let cases = [
    Case(
      generator: "fashion-mlp",
      solver: ["type": "levenberg_marquardt", "restarts_max": 160, "iterations_max": 1]),
    Case(
      generator: "fashion-mlp",
      solver: ["type": "adam", "restarts_max": 4096, "iterations_max": 1, "starts": "prior"]),
    Case(
      generator: "fashion-conv",
      solver: ["type": "adam", "restarts_max": 512, "iterations_max": 1, "starts": "prior"]),
    Case(
      generator: "fashion-conv",
      solver: ["type": "levenberg_marquardt", "restarts_max": 160, "iterations_max": 1]),
  ]

  /// A checkerboard, which neither generator makes, so that every start is tried.
  private static func request(_ given: Case) -> JSONValue {
    let side = given.generator == "fashion-mlp" ? 28 : 32
    let values = (0..<side * side).map { ($0 / side + $0) % 2 == 0 ? 1.0 : -1.0 }
    return [
      "generator": .string(given.generator), "observation": ["values": .numbers(values)],
      "solver": .object(given.solver), "seed": 7,
    ]
  }

  /// A line of the process's status, in bytes.
  private static func memory(_ name: String, of server: RunningServer) throws -> Int {
    let text = try String(
      contentsOfFile: "/proc/\(server.child.processIdentifier)/status", encoding: .utf8)
    let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("\(name):") })
    return 1024 * (try #require(Int(line.filter(\.isNumber))))
  }

  private static func estimate(_ given: Case, in folder: URL) throws -> Int {
    let server = try RunningServer(
      "estimate.sqlite", in: folder,
      settings: "jobs:\n  memory_bytes_max: 1\nlog:\n  level: critical\n")
    defer { server.child.kill() }
    let refused = try server.post("/v1/inversions", request(given))
    #expect(refused.status == 422)
    let detail = try #require(try refused.json()["detail"]?.string)
    return try #require(Int(detail.drop { !$0.isNumber }.prefix { $0.isNumber }), "\(detail)")
  }

  @Test(arguments: cases)
  func estimatesAreWithinAFactorOfTwo(given: Case) throws {
    try withFolder { folder in
      let estimate = try Self.estimate(given, in: folder)
      let server = try RunningServer(
        "a.sqlite", in: folder, settings: "jobs:\n  workers: 1\nlog:\n  level: critical\n")
      defer { server.child.kill() }
      _ = try server.get("/v1/generators")
      let before = try Self.memory("VmRSS", of: server)
      let answer = try server.post("/v1/inversions", Self.request(given))
      let id = try #require(try answer.json()["id"]?.string)
      var done = try server.get("/v1/inversions/\(id)?wait=60").json()
      for _ in 0..<10 where done["completed_at"] == .null {
        done = try server.get("/v1/inversions/\(id)?wait=60").json()
      }
      #expect(done["status"] == "succeeded", "\(done)")
      let taken = try Self.memory("VmHWM", of: server) - before
      print("\(given.testDescription): said \(estimate >> 20) MiB, took \(taken >> 20) MiB")
      #expect(taken <= 2 * estimate && estimate <= 2 * taken, "\(estimate), \(taken)")
    }
  }
}
