import Documents
import Foundation
import Glibc
import Testing

/// What was accepted survives `kill -9`: every inversion is done after the restart, none twice.
@Suite(.serialized, .needsProgram)
struct CrashTests {
  private static let count = 50
  private static let settings = "jobs:\n  workers: 1\nlog:\n  level: error\n"

  /// Some hundredths of a second each.
  private static func request(_ index: Int) -> JSONValue {
    [
      "generator": "fashion-conv", "observation": ["values": [0.9, -0.9, 0.8]],
      "measurement": ["type": "mask", "observed": ["indices": [500, 501, 502]]],
      "solver": ["type": "adam", "iterations_max": 60, "restarts_max": 4, "starts": "prior"],
      "seed": JSONValue(index), "labels": ["index": .string("\(index)")],
    ]
  }

  /// After how many finished inversions the server is killed; from the round's seed.
  static func killMoments(seed: UInt64) -> [Int] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15
    func next(_ range: ClosedRange<Int>) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return range.lowerBound + Int(state >> 33) % range.count
    }
    let first = next(1...20)
    return [first, next(first + 1...44)]
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func everyAcceptedInversionIsDoneOnce(seed: UInt64) throws {
    let moments = Self.killMoments(seed: seed)
    try withFolder { folder in
      var server = try RunningServer("a.sqlite", in: folder, settings: Self.settings)
      defer { server.child.kill() }
      var ids: [String] = []
      for index in 0..<Self.count {
        let answer = try server.post("/v1/inversions", Self.request(index))
        try #require(answer.status == 202)
        ids.append(try #require(try answer.json()["id"]?.string))
      }
      #expect(Set(ids).count == Self.count)
      var finished: [String: JSONValue] = [:]
      for moment in moments {
        // The oldest is done first, so that this one is the last of `moment`.
        _ = try server.get("/v1/inversions/\(ids[moment - 1])?wait=50")
        let before = try Self.inversions(server).filter { $0.value["status"] == "succeeded" }
        #expect((moment..<Self.count).contains(before.count), "seed \(seed), moment \(moment)")
        for (id, inversion) in finished { #expect(before[id] == inversion, "seed \(seed): \(id)") }
        finished = before
        server.child.kill()
        try Self.checkIntegrity("a.sqlite", in: folder)
        server = try RunningServer("a.sqlite", in: folder, settings: Self.settings)
      }
      _ = try server.get("/v1/inversions/\(ids[Self.count - 1])?wait=50")
      let all = try Self.inversions(server)
      #expect(Set(all.keys) == Set(ids))
      try check(all, finished, kills: moments.count)
      server.child.signal(SIGTERM)
      #expect(try server.child.wait(seconds: 20).status == 0)
      try Self.checkIntegrity("a.sqlite", in: folder)
      let results = try DatabaseFile.query(
        "SELECT count(*) FROM job_results", "a.sqlite", in: folder)
      #expect(results == "\(Self.count)")
    }
  }

  private func check(
    _ all: [String: JSONValue], _ finished: [String: JSONValue], kills: Int
  ) throws {
    var attempts = 0
    for (id, inversion) in all {
      #expect(inversion["status"] == "succeeded", "\(id)")
      let result = try #require(inversion["result"])
      #expect(result["latent"]?.numbers?.count == 10)
      attempts += Int(inversion["attempt"]?.number ?? 0)
    }
    // A kill costs the one inversion that its worker held an attempt, and no other.
    #expect((Self.count...Self.count + kills).contains(attempts), "\(attempts) attempts")
    // What was done stays as it was, revision, times and bits.
    for (id, inversion) in finished { #expect(all[id] == inversion, "\(id)") }
  }

  private static func inversions(_ server: RunningServer) throws -> [String: JSONValue] {
    let page = try server.get("/v1/inversions?page_size=1000").json()
    var found: [String: JSONValue] = [:]
    for inversion in page["inversions"]?.elements ?? [] {
      let id = try #require(inversion["id"]?.string)
      #expect(found.updateValue(inversion, forKey: id) == nil, "\(id) is listed twice")
    }
    return found
  }

  private static func checkIntegrity(_ database: String, in folder: URL) throws {
    #expect(try DatabaseFile.query("PRAGMA integrity_check", database, in: folder) == "ok")
    #expect(try DatabaseFile.query("PRAGMA foreign_key_check", database, in: folder) == "")
  }
}
