import Documents
import Foundation
import Glibc
import Testing

/// `preimage serve` as a process: it starts, answers, stops, and is alone with its database.
@Suite(.serialized, .needsProgram)
struct ServeTests {
  @Test(arguments: [SIGTERM, SIGINT])
  func aSignalStopsItInOrder(number: Int32) throws {
    try withFolder { folder in
      let server = try RunningServer("a.sqlite", in: folder)
      defer { server.child.kill() }
      #expect(try server.get("/healthz").status == 200)
      #expect(try server.get("/readyz").status == 200)
      let names = try server.get("/v1/generators").json()["generators"]?.elements ?? []
      #expect(names.count == 2)
      server.child.signal(number)
      let ending = try server.child.wait(seconds: 20)
      #expect(ending.status == 0, "\(ending.errors)")
      #expect(ending.output.isEmpty, "one line is all that it prints")
    }
  }

  @Test func aRunningInversionIsHandedBackAtAStopAndDoneAfterTheNextStart() throws {
    try withFolder { folder in
      // Far from everything that the generator gives, so that all iterations are made.
      let request: JSONValue = [
        "generator": "fashion-mlp", "observation": ["values": [90, -90, 90]],
        "measurement": ["type": "mask", "observed": ["indices": [300, 301, 302]]],
        "solver": [
          "type": "adam", "iterations_max": 1000, "restarts_max": 16, "starts": "prior",
        ],
      ]
      let first = try RunningServer("a.sqlite", in: folder)
      defer { first.child.kill() }
      let accepted = try first.post("/v1/inversions", request)
      #expect(accepted.status == 202)
      let id = try #require(try accepted.json()["id"]?.string)
      try first.waitUntilTaken(id)
      #expect(try first.get("/v1/inversions/\(id)").json()["status"] == "running")
      first.child.signal(SIGTERM)
      #expect(try first.child.wait(seconds: 20).status == 0)
      let second = try RunningServer("a.sqlite", in: folder)
      defer { second.child.kill() }
      let done = try second.get("/v1/inversions/\(id)?wait=50").json()
      #expect(done["status"] == "succeeded")
      // An attempt that was handed back does not count.
      #expect(done["attempt"] == 1)
    }
  }

  @Test func aDatabaseHasOneServer() throws {
    try withFolder { folder in
      let server = try RunningServer("a.sqlite", in: folder)
      defer { server.child.kill() }
      let second = try Program.run("serve", "--port", "0", "--database", "a.sqlite", in: folder)
      #expect(second.status != 0 && second.status != nil)
      #expect(second.errors.contains("'a.sqlite' is in use by process"))
      #expect(second.output.isEmpty)
      #expect(try server.get("/readyz").status == 200)
    }
  }

  @Test func aPortHasOneServer() throws {
    try withFolder { folder in
      let server = try RunningServer("a.sqlite", in: folder)
      defer { server.child.kill() }
      let second = try Program.run(
        "serve", "--port", "\(server.port)", "--database", "b.sqlite", in: folder)
      #expect(second.status != 0 && second.status != nil)
      #expect(second.errors.contains("port \(server.port)"), "\(second.errors)")
    }
  }

  /// Restarted again and again, it must not use up what waits.
  @Test func aServerWithoutItsPortTakesNothingUp() throws {
    try withFolder { folder in
      let server = try RunningServer("a.sqlite", in: folder, settings: "log:\n  level: error\n")
      defer { server.child.kill() }
      let other = try RunningServer("b.sqlite", in: folder)
      defer { other.child.kill() }
      _ = try server.beginEndless()
      server.child.kill()
      let before = try DatabaseFile.query(
        "SELECT state, attempt, fence, suspect FROM jobs", "a.sqlite", in: folder)
      #expect(before == "running 1 1 0")
      for _ in 0..<2 {
        let refused = try Program.run(
          "serve", "--port", "\(other.port)", "--database", "a.sqlite", in: folder)
        #expect(refused.status == 1)
      }
      let after = try DatabaseFile.query(
        "SELECT state, attempt, fence, suspect FROM jobs", "a.sqlite", in: folder)
      #expect(after == before)
    }
  }

  @Test(.enabled(if: Program.shared != nil, "there is no shared folder beside the checkout"))
  func everyCaseOfTheWireHolds() throws {
    try withFolder { folder in
      let cases = try #require(Program.shared).appending(path: "acceptance/http_cases.py")
      let server = try RunningServer("a.sqlite", in: folder)
      defer { server.child.kill() }
      // Half a second of silence is long enough on loopback to know that nothing more comes.
      let ending = try Program.tool(
        "python3", cases.path, "127.0.0.1", "\(server.port)", in: folder,
        environment: ["T": "0.5"], seconds: 120)
      #expect(ending.status == 0, "\(ending.output.suffix(2000)) \(ending.errors.suffix(500))")
      #expect(ending.output.contains(" 0 failed"))
    }
  }
}
