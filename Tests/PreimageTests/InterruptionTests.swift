import Foundation
import Glibc
import Testing

/// Commands that make large files, ended before they are done.
@Suite(.serialized, .needsProgram)
struct InterruptionTests {
  @Test(arguments: [SIGINT, SIGTERM, SIGHUP]) func aBackupThatIsEndedLeavesNothing(
    signal: Int32
  ) throws {
    try withFolder { folder in
      #expect(try Program.run("migrate", "--database", "a.sqlite", in: folder).status == 0)
      let database = try FileHandle(forUpdating: folder.appending(path: "a.sqlite"))
      // Whoever reads waits for this, at most some seconds.
      var whole = flock()
      whole.l_type = Int16(F_WRLCK)
      whole.l_whence = Int16(SEEK_SET)
      #expect(fcntl(database.fileDescriptor, F_SETLK, &whole) == 0)
      let child = try Child(
        try #require(Program.path), ["backup", "--database", "a.sqlite", "b.sqlite"], in: folder)
      defer { child.kill() }
      let draft = folder.appending(path: "b.sqlite.preimage-draft").path
      let deadline = ContinuousClock.now + .seconds(30)
      while !FileManager.default.fileExists(atPath: draft), ContinuousClock.now < deadline {
        sched_yield()
      }
      #expect(FileManager.default.fileExists(atPath: draft))
      child.signal(signal)
      let ending = try child.wait(seconds: 30)
      #expect(ending.signal == signal, "\(ending.errors)")
      let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(!left.contains { $0.hasPrefix("b.sqlite") }, "\(left)")
      try database.close()
    }
  }
}
