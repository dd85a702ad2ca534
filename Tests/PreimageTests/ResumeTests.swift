import Documents
import Foundation
import Glibc
import Testing

/// An inversion that was under way when the server died, or was stopped, goes on from where it stood
/// and comes to the bits of one that nobody disturbed.
@Suite(.serialized, .needsProgram)
struct ResumeTests {
  private static let settings = """
    jobs:
      workers: 1
      checkpoint_seconds: 0.1
    log:
      level: error

    """

  /// Some seconds: nothing explains what was observed, so that no start ends early.
  private static func request(_ solver: JSONValue, seed: Int) -> JSONValue {
    let indices = Array(stride(from: 0, to: 784, by: 5))
    let values = indices.map { $0 % 2 == 0 ? 0.9 : -0.9 }
    return [
      "generator": "fashion-mlp", "observation": ["values": .numbers(values)],
      "measurement": ["type": "mask", "observed": ["indices": JSONValue(indices)]],
      "solver": solver, "seed": JSONValue(seed),
    ]
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var solver: JSONValue
    /// Iterations that are left between a checkpoint and the end of the server, at most.
    var iterationsMax: Int
    var testDescription: String { solver["type"]?.string ?? "" }
  }

  static let cases = [
    Case(
      solver: ["type": "adam", "iterations_max": 30_000, "restarts_max": 4, "starts": "prior"],
      iterationsMax: 500),
    Case(
      solver: [
        "type": "levenberg_marquardt", "iterations_max": 200, "restarts_max": 300,
        "starts": "prior",
      ], iterationsMax: 20),
  ]

  /// What became of the inversion, as far as it is to be the same.
  private struct Ending: Equatable {
    var latent: [UInt8]
    var reconstruction: [UInt8]
    var iterations: JSONValue?
    var restarts: JSONValue?
    var forwardEquivalents: JSONValue?
    var trace: JSONValue?
    var verdict: JSONValue?
    var termination: JSONValue?

    init(_ server: RunningServer, _ path: String, _ result: JSONValue) throws {
      latent = try server.get("\(path)/latent?format=npy").body
      reconstruction = try server.get("\(path)/reconstruction?format=npy").body
      iterations = result["iterations"]
      restarts = result["restarts"]
      forwardEquivalents = result["forward_equivalents"]
      trace = result["trace"]
      verdict = result["verdict"]
      termination = result["termination"]
    }
  }

  /// - Returns: where the inversion is.
  private static func submit(_ request: JSONValue, to server: RunningServer) throws -> String {
    let answer = try server.post("/v1/inversions", request)
    try #require(answer.status == 202)
    return "/v1/inversions/\(try #require(try answer.json()["id"]?.string))"
  }

  private static func finished(_ server: RunningServer, _ path: String) throws -> JSONValue {
    let deadline = ContinuousClock.now + .seconds(240)
    while ContinuousClock.now < deadline {
      let inversion = try server.get("\(path)?wait=50").json()
      if inversion["completed_at"]?.string != nil { return inversion }
    }
    throw Child.Failure(detail: "the inversion did not end")
  }

  /// Waits until a checkpoint is stored and the inversion has made so many iterations more.
  ///
  /// - Returns: the iteration that was last told.
  private static func advance(
    _ server: RunningServer, _ path: String, by iterations: Int, in folder: URL
  ) throws -> Int {
    let deadline = ContinuousClock.now + .seconds(60)
    var first: Int?
    while ContinuousClock.now < deadline {
      let inversion = try server.get(path).json()
      try #require(inversion["completed_at"]?.string == nil, "it ended too soon to be disturbed")
      guard let number = inversion["progress"]?["iteration"]?.number else { continue }
      let iteration = Int(number)
      if first == nil {
        guard try checkpointCount(in: folder) == 1 else { continue }
        first = iteration
      }
      if let first, iteration >= first + iterations { return iteration }
    }
    throw Child.Failure(detail: "the inversion made no progress")
  }

  private static func checkpointCount(in folder: URL) throws -> Int {
    let text = try DatabaseFile.query(
      "SELECT count(*) FROM job_checkpoints", "a.sqlite", in: folder)
    return try #require(Int(text), "\(text)")
  }

  private static func undisturbed(_ request: JSONValue) throws -> Ending {
    var ending: Ending?
    try withFolder { folder in
      let server = try RunningServer("a.sqlite", in: folder, settings: settings)
      defer { server.child.kill() }
      let path = try submit(request, to: server)
      let result = try #require(try finished(server, path)["result"])
      #expect(result["resumed_from_iteration"] == .null)
      ending = try Ending(server, path, result)
    }
    return try #require(ending)
  }

  @Test(arguments: cases, [1, 2])
  func aKilledInversionGoesOn(_ inversion: Case, seed: Int) throws {
    let request = Self.request(inversion.solver, seed: seed)
    let whole = try Self.undisturbed(request)
    try withFolder { folder in
      var server = try RunningServer("a.sqlite", in: folder, settings: Self.settings)
      defer { server.child.kill() }
      let path = try Self.submit(request, to: server)
      var random = SplitMix(seed: UInt64(seed))
      for _ in 0..<2 {
        _ = try Self.advance(
          server, path, by: random.next(below: inversion.iterationsMax), in: folder)
        server.child.kill()
        #expect(try DatabaseFile.query("PRAGMA integrity_check", "a.sqlite", in: folder) == "ok")
        server = try RunningServer("a.sqlite", in: folder, settings: Self.settings)
      }
      let finished = try Self.finished(server, path)
      let result = try #require(finished["result"])
      #expect(finished["attempt"] == 3)
      #expect(try Ending(server, path, result) == whole, "seed \(seed)")
      #expect(try #require(result["resumed_from_iteration"]?.number) > 0)
      #expect(try Self.checkpointCount(in: folder) == 0)
    }
  }

  @Test(arguments: cases)
  func aStoppedInversionGoesOnWhereItStood(_ inversion: Case) throws {
    let request = Self.request(inversion.solver, seed: 3)
    let whole = try Self.undisturbed(request)
    try withFolder { folder in
      var server = try RunningServer("a.sqlite", in: folder, settings: Self.settings)
      defer { server.child.kill() }
      let path = try Self.submit(request, to: server)
      let iteration = try Self.advance(server, path, by: inversion.iterationsMax, in: folder)
      server.child.signal(SIGTERM)
      #expect(try server.child.wait(seconds: 20).status == 0)
      server = try RunningServer("a.sqlite", in: folder, settings: Self.settings)
      let finished = try Self.finished(server, path)
      let result = try #require(finished["result"])
      #expect(finished["attempt"] == 1, "an interruption is no attempt")
      #expect(try Ending(server, path, result) == whole)
      #expect(try #require(result["resumed_from_iteration"]?.number) >= Double(iteration))
    }
  }
}

/// A few numbers from a seed.
struct SplitMix {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 }

  mutating func next(below bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % bound
  }
}
