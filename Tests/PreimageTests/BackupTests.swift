import Documents
import Foundation
import Glibc
import Testing

/// `preimage backup`, `restore`, `check` and `migrate`, beside a server and without one.
@Suite(.serialized, .needsProgram)
struct BackupTests {
  private static let request: JSONValue = [
    "generator": "fashion-mlp", "observation": ["values": [0.9, -0.9, 0.8]],
    "measurement": ["type": "mask", "observed": ["indices": [500, 501, 502]]],
    "solver": ["type": "adam", "iterations_max": 5, "restarts_max": 1],
  ]

  private func count(_ server: RunningServer) throws -> Int {
    try server.get("/v1/inversions").json()["inversions"]?.elements?.count ?? -1
  }

  @Test func aCopyOfARunningServersDatabaseIsRestoredAfterItHasStopped() throws {
    try withFolder { folder in
      let server = try RunningServer("a.sqlite", in: folder)
      defer { server.child.kill() }
      #expect(try server.post("/v1/inversions", Self.request).status == 202)
      let made = try Program.run("backup", "--database", "a.sqlite", "b.sqlite", in: folder)
      #expect(made.status == 0 && made.output.contains("b.sqlite"), "\(made.errors)")
      #expect(try server.post("/v1/inversions", Self.request).status == 202)
      #expect(try count(server) == 2)

      let again = try Program.run("backup", "--database", "a.sqlite", "b.sqlite", in: folder)
      #expect(again.status != 0 && again.errors.contains("b.sqlite"))
      let locked = try Program.run("restore", "--database", "a.sqlite", "b.sqlite", in: folder)
      #expect(locked.status != 0 && locked.errors.contains("in use"), "\(locked.errors)")
      let checked = try Program.run("check", "--database", "a.sqlite", "--full", in: folder)
      #expect(checked.status == 0 && checked.output.contains("is sound"), "\(checked.output)")

      server.child.signal(SIGTERM)
      #expect(try server.child.wait(seconds: 30).status == 0)
      let restored = try Program.run("restore", "--database", "a.sqlite", "b.sqlite", in: folder)
      #expect(restored.status == 0 && restored.output.contains("before-"), "\(restored.errors)")
      let next = try RunningServer("a.sqlite", in: folder)
      defer { next.child.kill() }
      #expect(try count(next) == 1)
      let forced = try Program.run(
        "backup", "--database", "a.sqlite", "--force", "b.sqlite", in: folder)
      #expect(forced.status == 0, "\(forced.errors)")
    }
  }

  @Test func aDamagedDatabaseIsSaidToBe() throws {
    try withFolder { folder in
      #expect(try Program.run("migrate", "--database", "a.sqlite", in: folder).status == 0)
      let file = folder.appending(path: "b.sqlite")
      #expect(
        try Program.run("backup", "--database", "a.sqlite", "b.sqlite", in: folder).status == 0)
      var bytes = try Data(contentsOf: file)
      for index in bytes.count / 2..<bytes.count / 2 + 20_000 { bytes[index] ^= 0x5a }
      try bytes.write(to: file)
      let checked = try Program.run("check", "--database", "b.sqlite", in: folder)
      #expect(checked.status != 0, "\(checked.output)")
      let restored = try Program.run("restore", "--database", "a.sqlite", "b.sqlite", in: folder)
      #expect(restored.status != 0)
    }
  }

  @Test func migrationsAreShownBeforeTheyRun() throws {
    try withFolder { folder in
      let dry = try Program.run("migrate", "--dry-run", "--database", "a.sqlite", in: folder)
      #expect(dry.status == 0 && dry.output.contains("0001-blobs  would run"))
      #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "a.sqlite").path))
      #expect(try Program.run("migrate", "--database", "a.sqlite", in: folder).status == 0)
      let done = try Program.run("migrate", "--dry-run", "--database", "a.sqlite", in: folder)
      #expect(done.output == "The database is up to date.\n")
    }
  }
}
