import HTTP
import HTTPTypes
import Testing

extension ServerTests {
  /// Bounds on what one connection can make the server hold, each from both sides.
  @Suite(.serialized) struct Limits {
    private static let router: Router = {
      var router = Router()
      router.on(.get, "/healthz", .inline { _ in text("ok") })
      let page = [UInt8](repeating: 0x61, count: 100_000)
      router.on(.get, "/page", .inline { _ in Response(.ok, body: .bytes(page)) })
      return router
    }()

    @Test func aRefusedBodyIsReadUpToItsLimit() throws {
      let configuration = configured { $0.limits.discardedBodyBytesMax = 10 }
      try withServer(Self.router, configuration) { _, address in
        let coding = "Transfer-Encoding: chunked\r\n"
        for (body, fields, stays) in [
          ("0123456789", "Content-Length: 10\r\n", true),
          ("0123456789a", "Content-Length: 11\r\n", false),
          ("a\r\n0123456789\r\n0\r\n\r\n", coding, true),
          ("a\r\n0123456789\r\n1\r\na\r\n0\r\n\r\n", coding, false),
        ] {
          let client = try TestClient(address)
          client.send("POST /nothing HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\(body)")
          let answer = try client.answer()
          #expect((answer.status == 404) == (stays || fields != coding), "\(body)")
          #expect((answer.fields["connection"] == nil) == stays, "\(body)")
          if stays {
            client.get("/healthz")
            #expect(try client.status() == 200)
          } else {
            #expect(try client.readToEnd() == "")
          }
        }
      }
    }

    @Test func answersWaitInMemoryUpToTheirLimit() throws {
      // Far more than the kernel holds between the two.
      let count = 400
      let requests = String(repeating: "GET /page HTTP/1.1\r\nHost: a\r\n\r\n", count: count)
      try withServer(Self.router, configured { $0.limits.outputBytesMax = 150_000 }) {
        server, address in
        let client = try TestClient(address, receiveBufferBytes: 4096)
        client.send(requests)
        // Two pages exceed the limit: of the others nothing is made before these are taken.
        try eventually { server.statistics.responsesByClass[2] >= 2 }
        #expect(server.statistics.responsesByClass[2] < count)
        for _ in 0..<count { #expect(try client.answer().body.utf8.count == 100_000) }
        #expect(server.statistics.responsesByClass[2] == count)
      }
      try withServer(Self.router, configured { $0.limits.outputBytesMax = 1 }) { _, address in
        let client = try TestClient(address)
        client.send(String(repeating: "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", count: count))
        for _ in 0..<count { #expect(try client.answer().body == "ok") }
      }
    }

    /// How much of an answer the kernel takes for a client that reads nothing.
    private func bytesSentToAStalledReader(unsentBytesMax: Int) throws -> Int {
      var router = Router()
      let body = [UInt8](repeating: 0x61, count: 24_000_000)
      router.on(.get, "/large", .inline { _ in Response(.ok, body: .bytes(body)) })
      let clock = ManualClock()
      var sent = 0
      try withServer(
        router,
        configured {
          $0.clock = clock.clock
          $0.limits.unsentBytesMax = unsentBytesMax
        }
      ) { server, address in
        let client = try TestClient(address, receiveBufferBytes: 4096)
        client.get("/large")
        try eventually { server.statistics.bytesSent >= 1000 }
        try eventually {
          clock.advance(seconds: 0.01)
          return server.statistics.connectionsOpen == 0
        }
        sent = server.statistics.bytesSent
      }
      return sent
    }

    @Test func theKernelHoldsLittleForASlowReader() throws {
      let little = try bytesSentToAStalledReader(unsentBytesMax: 64 << 10)
      let much = try bytesSentToAStalledReader(unsentBytesMax: 64 << 20)
      #expect(little < 500_000 && little < much)
    }

    @Test func aLongPipelineGivesOthersTheirTurn() throws {
      try withServer(Self.router, configured { $0.limits.pipelineDepthMax = 1 }) { _, address in
        let busy = try TestClient(address)
        let other = try TestClient(address)
        busy.send(String(repeating: "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", count: 500))
        other.get("/healthz")
        #expect(try other.status() == 200)
        for _ in 0..<500 { #expect(try busy.status() == 200) }
      }
    }

    @Test func whoIsNotEvenTurnedAwayIsClosed() throws {
      let configuration = configured {
        $0.limits.connectionsMax = 1
        $0.limits.connectionsTurnedAwayMax = 0
      }
      try withServer(Self.router, configuration) { server, address in
        let first = try TestClient(address)
        first.get("/healthz")
        #expect(try first.status() == 200)
        let second = try TestClient(address)
        #expect(try second.readToEnd() == "")
        #expect(server.statistics.connectionsRejected == 1)
        first.close()
        try eventually { server.statistics.connectionsOpen == 0 }
        let third = try TestClient(address)
        third.get("/healthz")
        #expect(try third.status() == 200)
      }
    }

    @Test func limitsThatCannotWorkAreRefused() throws {
      // Each with its least value that works.
      let least: [(WritableKeyPath<ServerLimits, Int>, Int)] = [
        (\.requestLineBytesMax, 1), (\.headerBytesMax, 1), (\.headerFieldsMax, 1),
        (\.streamWindowBytes, 1), (\.connectionsMax, 1), (\.connectionsPerAddressMax, 1),
        (\.pipelineDepthMax, 1), (\.unsentBytesMax, 1), (\.outputBytesMax, 1),
        (\.handlerThreads, 1),
        (\.streamingHandlersMax, 1), (\.bufferedBodyBytesMax, 0), (\.streamedBodyBytesMax, 0),
        (\.chunkExtensionBytesMax, 0), (\.trailerBytesMax, 0), (\.trailerFieldsMax, 0),
        (\.discardedBodyBytesMax, 0), (\.bodyBytesPerSecondMin, 0), (\.lingerBytesMax, 0),
        (\.handlerQueueMax, 0), (\.connectionsTurnedAwayMax, 0),
      ]
      for (limit, value) in least {
        try withServer(Self.router, configured { $0.limits[keyPath: limit] = value }) { _, _ in }
        #expect(throws: ServerStartError.self, "\(limit)") {
          try withServer(Self.router, configured { $0.limits[keyPath: limit] = value - 1 }) {
            _, _ in
          }
        }
      }
      let durations: [WritableKeyPath<ServerLimits, Double>] = [
        \.headerSeconds, \.bodyGraceSeconds, \.idleSeconds, \.writeStallSeconds, \.lingerSeconds,
        \.lingerPauseSeconds,
      ]
      for limit in durations {
        for (value, works) in [
          (1e-3, true), (1e6, true), (0, false), (1e6 + 1, false), (.nan, false),
        ] {
          let configuration = configured { $0.limits[keyPath: limit] = value }
          if works {
            try withServer(Self.router, configuration) { _, _ in }
          } else {
            #expect(throws: ServerStartError.self, "\(limit)") {
              try withServer(Self.router, configuration) { _, _ in }
            }
          }
        }
      }
    }
  }
}
