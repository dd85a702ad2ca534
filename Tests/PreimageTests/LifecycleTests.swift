import Documents
import Foundation
import Glibc
import Testing

/// What whoever runs `preimage serve` relies on: its service manager hears how it stands, its
/// configuration is read again when asked, and it stops in time.
@Suite(.serialized, .needsProgram)
struct LifecycleTests {
  @Test(arguments: [true, false])
  func theServiceManagerHearsHowItStands(isAbstract: Bool) throws {
    try withFolder { folder in
      let manager = try NotificationSocket(in: folder, isAbstract: isAbstract)
      let server = try RunningServer(
        "a.sqlite", in: folder, environment: ["NOTIFY_SOCKET": manager.name])
      defer { server.child.kill() }
      let ready = try manager.message(with: "READY=1")
      #expect(ready.contains("STATUS=Listens at http://127.0.0.1:\(server.port)"))
      let before = Self.monotonicMicroseconds
      server.child.signal(SIGHUP)
      let reloading = try manager.message(with: "RELOADING=1")
      let time = reloading.first { $0.hasPrefix("MONOTONIC_USEC=") }?.dropFirst(15)
      let moment = try #require(time.flatMap { UInt64($0) })
      #expect((before...Self.monotonicMicroseconds).contains(moment))
      try manager.message(with: "READY=1")
      server.child.signal(SIGTERM)
      try manager.message(with: "STOPPING=1")
      let ending = try server.child.wait(seconds: 20)
      #expect(ending.status == 0, "\(ending.errors)")
      // Nobody asked for it.
      #expect(manager.next(seconds: 0) == nil)
    }
  }

  @Test func theWatchdogIsFedForAsLongAsTheServerRuns() throws {
    try withFolder { folder in
      let manager = try NotificationSocket(in: folder, isAbstract: true)
      let server = try RunningServer(
        "a.sqlite", in: folder,
        environment: ["NOTIFY_SOCKET": manager.name, "WATCHDOG_USEC": "2000000"])
      defer { server.child.kill() }
      try manager.message(with: "READY=1")
      for _ in 0..<3 { try manager.message(with: "WATCHDOG=1", seconds: 5) }
      // A process that stands still is silent.
      server.child.signal(SIGSTOP)
      while manager.next(seconds: 0) != nil {}
      #expect(manager.next(seconds: 2.5) == nil)
      server.child.signal(SIGCONT)
      try manager.message(with: "WATCHDOG=1", seconds: 5)
    }
  }

  @Test func theWatchdogOfAnotherProcessIsNotFed() throws {
    try withFolder { folder in
      let manager = try NotificationSocket(in: folder, isAbstract: true)
      let server = try RunningServer(
        "a.sqlite", in: folder,
        environment: [
          "NOTIFY_SOCKET": manager.name, "WATCHDOG_USEC": "100000", "WATCHDOG_PID": "1",
        ])
      defer { server.child.kill() }
      try manager.message(with: "READY=1")
      #expect(manager.next(seconds: 1) == nil)
    }
  }

  @Test func hangingUpReadsTheConfigurationAgain() throws {
    try withFolder { folder in
      let manager = try NotificationSocket(in: folder, isAbstract: true)
      let server = try RunningServer(
        "a.sqlite", in: folder, settings: "log:\n  level: error\n  format: text\n",
        environment: ["NOTIFY_SOCKET": manager.name])
      defer { server.child.kill() }
      try manager.message(with: "READY=1")
      func reload(_ settings: String) throws {
        try server.write(settings: settings)
        server.child.signal(SIGHUP)
        try manager.message(with: "RELOADING=1")
        try manager.message(with: "READY=1")
      }
      _ = try server.get("/v1/generators/nobody-1")
      try reload(
        """
        log:
          level: info
          format: json
        quotas:
          requests_per_second: 0.001
          requests_burst: 2
        jobs:
          workers: 7
        inversions:
          labels_max: 7
        """)
      #expect(try server.get("/v1/generators/nobody-2").status == 404)
      #expect(try server.get("/v1/generators/nobody-3").status == 404)
      #expect(try server.get("/v1/generators/nobody-4").status == 429)
      let description = try server.get("/openapi.json").body
      let hasNewLimit = String(decoding: description, as: UTF8.self).contains("\"maxProperties\":7")
      #expect(hasNewLimit)
      // What is refused changes nothing.
      try reload("log:\n  level: loud\n")
      #expect(try server.get("/v1/generators/nobody-5").status == 429)
      server.child.signal(SIGTERM)
      let ending = try server.child.wait(seconds: 20)
      #expect(ending.status == 0)
      let lines = try ending.errors.split(separator: "\n").map {
        try JSONParser().parse(Array($0.utf8))
      }
      let taken = try #require(
        lines.first { $0["message"] == "the configuration was read again" })
      #expect(
        taken["taken"]?.string
          == "quotas.requests_per_second=0.001 quotas.requests_burst=2 inversions.labels_max=7 "
          + "log.level=info log.format=json")
      #expect(taken["needs_restart"]?.string == "jobs.workers=7")
      let refused = try #require(lines.first { $0["level"] == "error" })
      #expect(refused["error"]?.string?.contains("settings.yaml:2: log.level is 'loud'") == true)
      // The first was not of the level then.
      #expect(lines.count { $0["message"] == "request" } == 4)
    }
  }

  @Test(arguments: [(SIGTERM, SIGTERM), (SIGTERM, SIGINT), (SIGINT, SIGTERM)])
  func aSecondSignalEndsItAtOnce(first: Int32, second: Int32) throws {
    try withFolder { folder in
      let manager = try NotificationSocket(in: folder, isAbstract: true)
      let server = try RunningServer(
        "a.sqlite", in: folder, settings: "http:\n  stop_grace_seconds: 600\n",
        environment: ["NOTIFY_SOCKET": manager.name])
      defer { server.child.kill() }
      // A request that never ends keeps the stop waiting.
      let connection = try server.begin("POST /v1/inversions HTTP/1.1\r\nHost: a\r\n")
      defer { close(connection) }
      _ = try server.get("/healthz")
      server.child.signal(first)
      try manager.message(with: "STOPPING=1")
      server.child.signal(second)
      let ending = try server.child.wait(seconds: 10)
      #expect(ending.signal == second, "\(ending)")
    }
  }

  @Test func aStopAnswersThoseWhoWaitAndEndsWithinItsGrace() throws {
    try withFolder { folder in
      let server = try RunningServer(
        "a.sqlite", in: folder,
        settings: "http:\n  stop_grace_seconds: 5\njobs:\n  workers: 1\nlog:\n  level: error\n")
      defer { server.child.kill() }
      let id = try server.beginEndless()
      let head = " HTTP/1.1\r\nHost: a\r\n"
      let poll = try server.begin("GET /v1/inversions/\(id)?wait=60\(head)\r\n")
      defer { close(poll) }
      let events = try server.begin("GET /v1/inversions/\(id)/events\(head)\r\n")
      defer { close(events) }
      // Neither sends a second request: it keeps its connection for as long as it may.
      let stuck = try server.begin("POST /v1/inversions\(head)Content-Length: 9\r\n\r\n{")
      defer { close(stuck) }
      _ = try server.get("/healthz")
      let begin = ContinuousClock.now
      server.child.signal(SIGTERM)
      #expect(try RunningServer.readToEnd(poll).hasPrefix("HTTP/1.1 200 "))
      #expect(try RunningServer.readToEnd(events).contains("text/event-stream"))
      let ending = try server.child.wait(seconds: 20)
      let elapsed = ContinuousClock.now - begin
      #expect(ending.status == 0, "\(ending.errors)")
      #expect(elapsed < .seconds(12), "\(elapsed)")
    }
  }

  @Test func aStopWithoutGraceEndsInOrderToo() throws {
    try withFolder { folder in
      let settings = "http:\n  stop_grace_seconds: 0\nlog:\n  level: error\n"
      let first = try RunningServer("a.sqlite", in: folder, settings: settings)
      defer { first.child.kill() }
      // A start is solved for as long as this takes: its worker does not listen in time.
      let request: JSONValue = [
        "generator": "fashion-conv", "observation": ["values": [90, -90, 90]],
        "measurement": ["type": "mask", "observed": ["indices": [300, 301, 302]]],
        "solver": ["type": "adam", "iterations_max": 200, "restarts_max": 64, "starts": "prior"],
      ]
      let id = try #require(try first.post("/v1/inversions", request).json()["id"]?.string)
      try first.waitUntilTaken(id)
      first.child.signal(SIGTERM)
      let ending = try first.child.wait(seconds: 20)
      #expect(ending.status == 0, "\(ending)")
      let second = try RunningServer("a.sqlite", in: folder, settings: settings)
      defer { second.child.kill() }
      let done = try second.get("/v1/inversions/\(id)?wait=50").json()
      #expect(
        done["status"] == "succeeded" && done["attempt"] == 1, "\(done["attempts"] ?? .null)")
    }
  }

  private static var monotonicMicroseconds: UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1000
  }
}
