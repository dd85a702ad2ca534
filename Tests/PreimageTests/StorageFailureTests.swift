import Documents
import Foundation
import Glibc
import Testing

/// Disks that fill up and empty, and disks that cannot flush: nothing that was acknowledged is lost,
/// and the server recovers by itself.
@Suite(.serialized, .needsProgram)
struct StorageFailureTests {
  private static let settings = """
    jobs:
      workers: 1
    storage:
      free_bytes_min: 0
    log:
      level: critical
    """

  private static func request(_ index: Int, iterations: Int = 5) -> JSONValue {
    [
      "generator": "fashion-mlp", "observation": ["values": [0.9, -0.9, 0.8]],
      "measurement": ["type": "mask", "observed": ["indices": [500, 501, 502]]],
      "solver": [
        "type": "adam", "iterations_max": JSONValue(iterations), "restarts_max": 1,
        "starts": "prior",
      ],
      "seed": JSONValue(index),
    ]
  }

  private static func isReady(_ server: RunningServer) throws -> Bool {
    try server.get("/readyz").status == 200
  }

  /// Asks the server again until `isEnough` or a minute has passed.
  private static func poll(_ what: Comment, _ isEnough: () throws -> Bool) throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while try !isEnough() {
      try #require(ContinuousClock.now < deadline, what)
    }
  }

  /// Whether this process may mount; as a rule only root may.
  private static let mayMount: Bool = {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "preimage-mount-\(UUID().uuidString)")
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    guard mount("tmpfs", folder.path, "tmpfs", 0, "size=64k") == 0 else { return false }
    umount(folder.path)
    return true
  }()

  @Test(.enabled(if: mayMount, "a small tmpfs cannot be mounted here: run it as root"))
  func aDiskThatFillsAndEmpties() throws {
    try withFolder { folder in
      let disk = folder.appending(path: "disk")
      try FileManager.default.createDirectory(at: disk, withIntermediateDirectories: true)
      try #require(mount("tmpfs", disk.path, "tmpfs", 0, "size=24m") == 0)
      defer { umount2(disk.path, Int32(MNT_DETACH)) }
      let server = try RunningServer("disk/a.sqlite", in: folder, settings: Self.settings)
      defer { server.child.kill() }
      var accepted: [String] = []
      func submit(_ index: Int, iterations: Int = 5) throws -> Int {
        let answer = try server.post("/v1/inversions", Self.request(index, iterations: iterations))
        if answer.status == 202 {
          accepted.append(try #require(try answer.json()["id"]?.string))
        }
        return answer.status
      }
      for index in 0..<5 { #expect(try submit(index) == 202) }
      _ = try server.get("/v1/inversions/\(accepted[4])?wait=50")
      #expect(try Self.isReady(server))
      // One that runs while the disk fills up, and has to store its result then.
      #expect(try submit(5, iterations: 3000) == 202)

      let ballast = disk.appending(path: "ballast").path
      let descriptor = open(ballast, O_WRONLY | O_CREAT, 0o600)
      let zeros = [UInt8](repeating: 1, count: 4096)
      while write(descriptor, zeros, zeros.count) > 0 {}
      close(descriptor)

      var refused = 0
      var index = 6
      try Self.poll("the disk is not full for the server") {
        index += 1
        let status = try submit(index)
        #expect([202, 507].contains(status), "\(status)")
        refused += status == 507 ? 1 : 0
        return refused >= 5
      }
      let ready = try server.get("/readyz")
      #expect(ready.status == 503, "readiness is off")
      #expect(String(decoding: ready.body, as: UTF8.self).contains("full"))
      #expect(try server.get("/healthz").status == 200)
      #expect(try server.get("/v1/inversions").status == 200, "what is stored can be read")

      unlink(ballast)
      try Self.poll("the server does not recover") { try Self.isReady(server) }
      #expect(try submit(1000) == 202)
      for id in accepted {
        let inversion = try server.get("/v1/inversions/\(id)?wait=50").json()
        #expect(inversion["status"] == "succeeded", "\(id) is \(inversion)")
        #expect(inversion["attempt"] == 1, "\(id) was done again")
      }
      server.child.signal(SIGTERM)
      #expect(try server.child.wait(seconds: 30).status == 0)
      let checked = try Program.run("check", "--database", "disk/a.sqlite", "--full", in: folder)
      #expect(checked.status == 0, "\(checked.output)")
    }
  }

  @Test func aDiskWithTooLittleFreeTakesNoNewWork() throws {
    try withFolder { folder in
      let server = try RunningServer(
        "a.sqlite", in: folder,
        settings: "storage:\n  free_bytes_min: 1024GiB\nlog:\n  level: critical\n")
      defer { server.child.kill() }
      let refused = try server.post("/v1/inversions", Self.request(0))
      #expect(refused.status == 507)
      #expect(try refused.json()["code"] == "storage_full")
      let upload = try server.post(
        "/v1/generators", [UInt8](repeating: 1, count: 100), type: "application/octet-stream")
      #expect(upload.status == 507)
      #expect(try upload.json()["code"] == "storage_full")
      #expect(try !Self.isReady(server))
      #expect(try server.get("/v1/inversions").status == 200)
    }
  }

  /// A library that makes flushes fail while a file is there.
  private static let failingFlushes = """
    #define _GNU_SOURCE
    #include <dlfcn.h>
    #include <errno.h>
    #include <stdlib.h>
    #include <unistd.h>

    static int fails(void) {
      const char *flag = getenv("FAILING_FLUSHES");
      return flag && access(flag, F_OK) == 0;
    }

    int fsync(int descriptor) {
      if (fails()) { errno = EIO; return -1; }
      return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(descriptor);
    }

    int fdatasync(int descriptor) {
      if (fails()) { errno = EIO; return -1; }
      return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(descriptor);
    }
    """

  /// The library's path; `nil` where there is no compiler.
  private static func makeLibrary(in folder: URL) throws -> String? {
    try failingFlushes.write(
      to: folder.appending(path: "flushes.c"), atomically: true, encoding: .utf8)
    let path = folder.appending(path: "flushes.so").path
    for compiler in ["cc", "clang", "gcc"] {
      let made = try Program.tool(
        compiler, "-shared", "-fPIC", "-o", path, "flushes.c", "-ldl", in: folder, seconds: 60)
      if made.status == 0 { return path }
    }
    return nil
  }

  private static let hasCompiler: Bool = {
    var isThere = false
    try? withFolder { isThere = try makeLibrary(in: $0) != nil }
    return isThere
  }()

  @Test(.enabled(if: hasCompiler, "there is no C compiler to build failing flushes with"))
  func aFlushThatFailsAcknowledgesNothing() throws {
    try withFolder { folder in
      let library = try #require(try Self.makeLibrary(in: folder))
      let flag = folder.appending(path: "flag")
      let environment = ["LD_PRELOAD": library, "FAILING_FLUSHES": flag.path]
      let server = try RunningServer(
        "a.sqlite", in: folder, settings: Self.settings, environment: environment)
      defer { server.child.kill() }
      var accepted: Set<String> = []
      func submit(_ index: Int) throws -> Int {
        let answer = try server.post("/v1/inversions", Self.request(index))
        if answer.status == 202 {
          accepted.insert(try #require(try answer.json()["id"]?.string))
        }
        return answer.status
      }
      for index in 0..<5 { #expect(try submit(index) == 202) }
      try Data().write(to: flag)
      for index in 5..<10 { #expect(try submit(index) == 500) }
      try Self.poll("readiness stays on") { try !Self.isReady(server) }
      try FileManager.default.removeItem(at: flag)
      try Self.poll("the server does not recover") { try Self.isReady(server) }
      for index in 10..<15 { #expect(try submit(index) == 202) }
      // As after loss of power: what counts is what the file holds.
      server.child.kill()
      let next = try RunningServer("a.sqlite", in: folder, settings: Self.settings)
      defer { next.child.kill() }
      let listed = try next.get("/v1/inversions?page_size=100").json()["inversions"]?.elements ?? []
      #expect(Set(listed.compactMap { $0["id"]?.string }) == accepted)
      for id in accepted {
        let inversion = try next.get("/v1/inversions/\(id)?wait=50").json()
        #expect(inversion["status"] == "succeeded")
      }
      next.child.signal(SIGTERM)
      #expect(try next.child.wait(seconds: 30).status == 0)
      let checked = try Program.run("check", "--database", "a.sqlite", "--full", in: folder)
      #expect(checked.status == 0, "\(checked.output)")
    }
  }
}
