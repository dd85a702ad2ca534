import HTTP
import HTTPTypes
import Testing

extension ServerTests {
  /// Deadlines, turned by hand, and how a server and its connections end.
  @Suite(.serialized) struct Lifetimes {
    private func withClock(
      _ router: Router, _ body: (ManualClock, HTTPServer, SocketAddress) throws -> Void
    ) throws {
      let clock = ManualClock()
      try withServer(
        router,
        configured {
          $0.clock = clock.clock
        }
      ) { server, address in try body(clock, server, address) }
    }

    private static let plain: Router = {
      var router = Router()
      router.on(.get, "/healthz", .inline { _ in text("ok") })
      router.on(.post, "/echo", .queued { Response(.ok, body: .bytes($0.body)) })
      return router
    }()

    @Test func aSlowHeadIsRefused() throws {
      try withClock(Self.plain) { clock, server, address in
        let client = try TestClient(address)
        client.send("GET /healthz HT")
        try eventually { server.statistics.bytesReceived >= 15 }
        clock.advance(seconds: 9.9)
        client.send("TP/1.1\r\nHost: a\r\n\r\n")
        let answer = try client.answer()
        #expect(answer.status == 200)
        #expect(answer.fields["date"] == "Sun, 06 Nov 1994 08:49:37 GMT")
        let before = server.statistics.bytesReceived
        client.send("GET /healthz HT")
        try eventually { server.statistics.bytesReceived >= before + 15 }
        clock.advance(seconds: 10.1)
        #expect(try client.status() == 408)
        client.finishSending()
        #expect(try client.readToEnd() == "")
      }
    }

    @Test func anIdleConnectionIsClosed() throws {
      try withClock(Self.plain) { clock, _, address in
        let fresh = try TestClient(address)
        let used = try TestClient(address)
        used.get("/healthz")
        #expect(try used.status() == 200)
        clock.advance(seconds: 59)
        used.get("/healthz")
        #expect(try used.status() == 200)
        clock.advance(seconds: 2)
        #expect(try fresh.readToEnd() == "")
        used.get("/healthz")
        #expect(try used.status() == 200)
        clock.advance(seconds: 61)
        #expect(try used.readToEnd() == "")
      }
    }

    @Test func aSlowBodyIsRefused() throws {
      try withClock(Self.plain) { clock, server, address in
        let client = try TestClient(address)
        client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 20000\r\n\r\n")
        // A loop reads the clock once a turn: without this the head could share its turn, and so
        // its time, with the first bytes of the body.
        var sent = 0
        try eventually { server.statistics.bytesReceived > sent }
        // 5000 bytes in each 15 s: over the grace, but fast enough at 500 bytes a second for 10 s.
        for pause in [15.0, 10.0] {
          sent = server.statistics.bytesReceived
          clock.advance(seconds: pause)
          client.send([UInt8](repeating: 0x61, count: 5000))
          try eventually { server.statistics.bytesReceived >= sent + 5000 }
        }
        // 25 s are over, 10000 bytes have earned 40 s.
        clock.advance(seconds: 14)
        client.send([UInt8](repeating: 0x61, count: 10_000))
        #expect(try client.answer().body.utf8.count == 20_000)
        sent = server.statistics.bytesReceived
        client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 20000\r\n\r\nabc")
        try eventually { server.statistics.bytesReceived > sent }
        clock.advance(seconds: 21)
        #expect(try client.status() == 408)
      }
    }

    @Test func aStalledReaderIsGivenUp() throws {
      var router = Router()
      router.on(
        .get, "/endless",
        .queued { _ in
          let piece = [UInt8](repeating: 0x61, count: 1 << 20)
          return Response(.ok, body: .stream(byteCount: nil, BodyProducer { piece }))
        })
      let records = Arrival<AccessRecord>()
      let clock = ManualClock()
      try withServer(
        router,
        configured {
          $0.clock = clock.clock
          $0.accessLog = { records.bring($0) }
        }
      ) { server, address in
        let client = try TestClient(address, receiveBufferBytes: 4096)
        client.get("/endless")
        // The kernel's buffers fill up, then nothing moves however often the hands are turned.
        try eventually { server.statistics.bytesSent >= 1000 }
        try eventually {
          clock.advance(seconds: 0.01)
          return server.statistics.connectionsOpen == 0
        }
        #expect(try records.wait().routePattern == "/endless")
      }
    }

    @Test func aReaderWhoPausesForLessGetsAll() throws {
      var router = Router()
      // More than the kernel holds between the two.
      let body = [UInt8](repeating: 0x61, count: 24_000_000)
      router.on(.get, "/large", .queued { _ in Response(.ok, body: .bytes(body)) })
      try withClock(router) { clock, server, address in
        let client = try TestClient(address, receiveBufferBytes: 4096)
        client.get("/large")
        try eventually { server.statistics.bytesSent >= 1000 }
        clock.advance(seconds: 29)
        #expect(try client.answer().body.utf8.count == body.count)
      }
    }

    @Test func withoutALeastRateOnlyPausesCount() throws {
      let clock = ManualClock()
      try withServer(
        Self.plain,
        configured {
          $0.clock = clock.clock
          $0.limits.bodyBytesPerSecondMin = 0
        }
      ) { server, address in
        let client = try TestClient(address)
        let head = Array("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n".utf8)
        try client.send([head], seenBy: server)
        for letter in "abc".utf8 {
          try client.send([[letter]], seenBy: server)
          clock.advance(seconds: 19)
        }
        client.send("d")
        #expect(try client.answer().body == "abcd")
        try client.send([head, [0x61]], seenBy: server)
        clock.advance(seconds: 21)
        #expect(try client.status() == 408)
      }
    }

    @Test func connectionsOverTheLimitAreToldSo() throws {
      try withServer(Self.plain, configured { $0.limits.connectionsMax = 2 }) { server, address in
        let clients = try (0..<2).map { _ in try TestClient(address) }
        for client in clients {
          client.get("/healthz")
          #expect(try client.status() == 200)
        }
        let third = try TestClient(address)
        #expect(try third.status() == 503)
        #expect(server.statistics.connectionsRejected == 1)
        clients[0].close()
        try eventually { server.statistics.connectionsOpen <= 1 }
        let fourth = try TestClient(address)
        fourth.get("/healthz")
        #expect(try fourth.status() == 200)
      }
    }

    @Test func oneAddressHasItsShareAndLoopbackAll() {
      var limits = ServerLimits()
      limits.connectionsMax = 5
      limits.connectionsPerAddressMax = 2
      limits.connectionsTurnedAwayMax = 2
      let ledger = ConnectionLedger(limits: limits)
      func admit(_ address: SocketAddress, _ expected: ConnectionLedger.Admission...) {
        for admission in expected { #expect(ledger.admit(address) == admission) }
      }
      let stranger = SocketAddress(host: "192.0.2.1", port: 1)
      admit(stranger, .admitted, .admitted, .turnedAway, .turnedAway, .refused)
      ledger.release(stranger, .turnedAway)
      admit(stranger, .turnedAway, .refused)
      let local = SocketAddress(host: "127.0.0.1", port: 1)
      admit(local, .admitted, .admitted, .admitted, .refused)
      ledger.release(local, .turnedAway)
      admit(local, .turnedAway, .refused)
      ledger.release(stranger, .admitted)
      admit(stranger, .admitted, .refused)
      #expect(ledger.open == 5)
    }

    @Test func exemptAddressesOnlyCountTowardsAll() {
      var limits = ServerLimits()
      limits.connectionsMax = 3
      limits.connectionsPerAddressMax = 1
      let ledger = ConnectionLedger(limits: limits) { $0.host == "192.0.2.1" }
      let proxy = SocketAddress(host: "192.0.2.1", port: 1)
      let local = SocketAddress(host: "127.0.0.1", port: 1)
      for address in [proxy, proxy, local] { #expect(ledger.admit(address) == .admitted) }
      for address in [local, proxy] { #expect(ledger.admit(address) == .turnedAway) }
      ledger.release(proxy, .admitted)
      #expect(ledger.admit(proxy) == .admitted)
    }

    @Test func stoppingLetsWorkFinish() throws {
      let started = Arrival<Bool>()
      let stopped = Arrival<Bool>()
      let go = Semaphore()
      var router = Self.plain
      router.on(
        .get, "/work",
        .queued { _ in
          started.bring(true)
          _ = go.wait(seconds: 5)
          return text("done")
        })
      try withServer(router) { server, address in
        let idle = try TestClient(address)
        idle.get("/healthz")
        #expect(try idle.status() == 200)
        let busy = try TestClient(address)
        busy.get("/work")
        _ = try started.wait()
        Sending(idle) { _ in
          server.stop(graceSeconds: 5)
          stopped.bring(true)
        }.start()
        #expect(try idle.readToEnd() == "")
        #expect(throws: (any Error).self) { try TestClient(address) }
        go.post()
        let answer = try busy.answer()
        #expect(answer.body == "done" && answer.fields["connection"] == "close")
        #expect(try stopped.wait())
        #expect(server.statistics.connectionsOpen == 0)
      }
    }

    @Test func stoppingCutsOffWhatDoesNotFinish() throws {
      let responders = Arrival<Responder>()
      let disconnects = Arrival<Bool>()
      var router = Router()
      router.on(
        .get, "/poll",
        .deferred { _, responder in
          responder.onDisconnect { disconnects.bring(true) }
          responders.bring(responder)
        })
      try withServer(router) { server, address in
        let client = try TestClient(address)
        client.get("/poll")
        let responder = try responders.wait()
        server.stop(graceSeconds: 0.05)
        #expect(try disconnects.wait())
        #expect(throws: TestClient.Ended.self) { try client.answer() }
        responder.respond(text("too late"))
      }
    }

    @Test func stopAcceptingKeepsConnections() throws {
      try withServer(Self.plain) { server, address in
        let client = try TestClient(address)
        client.get("/healthz")
        #expect(try client.status() == 200)
        server.stopAccepting()
        try eventually { (try? TestClient(address)) == nil }
        client.get("/healthz")
        #expect(try client.status() == 200)
      }
    }
  }
}
