import Foundation
import Glibc
import Testing

/// Commands that make large files, ended before they are done.
@Suite(.serialized, .needsProgram)
struct InterruptionTests {
  /// A copy that has begun and waits for a lock, a moment at which to end it.
  private func withBackup(
    _ tool: String..., body: (Child, _ draft: String, _ letGo: () throws -> Void) throws -> Void
  ) throws {
    try withFolder { folder in
      #expect(try Program.run("migrate", "--database", "a.sqlite", in: folder).status == 0)
      let database = try FileHandle(forUpdating: folder.appending(path: "a.sqlite"))
      // Whoever reads waits for this, at most some seconds.
      var whole = flock()
      whole.l_type = Int16(F_WRLCK)
      whole.l_whence = Int16(SEEK_SET)
      #expect(fcntl(database.fileDescriptor, F_SETLK, &whole) == 0)
      let backup = [try #require(Program.path), "backup", "--database", "a.sqlite", "b.sqlite"]
      let child = try Child("/usr/bin/env", tool + backup, in: folder)
      defer { child.kill() }
      let draft = folder.appending(path: "b.sqlite.preimage-draft").path
      let deadline = ContinuousClock.now + .seconds(30)
      while !FileManager.default.fileExists(atPath: draft), ContinuousClock.now < deadline {
        sched_yield()
      }
      #expect(FileManager.default.fileExists(atPath: draft))
      try body(child, draft) { try database.close() }
    }
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP]) func aBackupThatIsEndedLeavesNothing(
    signal: Int32
  ) throws {
    try withBackup { child, draft, letGo in
      child.signal(signal)
      let ending = try child.wait(seconds: 30)
      #expect(ending.signal == signal, "\(ending.errors)")
      #expect(!FileManager.default.fileExists(atPath: draft))
      try letGo()
    }
  }

  @Test func aBackupUnderNohupGoesOn() throws {
    try withBackup("nohup") { child, draft, letGo in
      child.signal(SIGHUP)
      try letGo()
      let ending = try child.wait(seconds: 30)
      #expect(ending.status == 0, "\(ending.errors)")
      #expect(!FileManager.default.fileExists(atPath: draft))
    }
  }
}
