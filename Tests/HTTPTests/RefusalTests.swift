import HTTP
import HTTPTypes
import Testing

extension ServerTests {
  /// Refusals of uploads that are still being sent: the answer must survive that
  /// (RFC 9112 section 9.6).
  @Suite(.serialized) struct Refusals {
    /// More than the kernel holds between the two.
    private static let upload = [UInt8](repeating: 0x78, count: 24_000_000)

    private static let router: Router = {
      var router = Router()
      for status in [401, 403, 415, 422] as [HTTPResponse.Status] {
        router.on(
          .post, "/refused/\(status.code)",
          .streaming { _, _, _ in throw HTTPFailure(status, "refused", "By the head alone.") })
      }
      router.on(
        .post, "/after",
        .streaming { _, reader, _ in
          _ = try reader.next()
          throw HTTPFailure(.unprocessableContent, "refused", "By the first piece.")
        })
      router.on(.post, "/small", body: BodyRule(bytesMax: 5), .queued { _ in text("ok") })
      return router
    }()

    private static let cases: [(String, Int)] = [
      ("/refused/401", 401), ("/refused/403", 403), ("/refused/415", 415), ("/refused/422", 422),
      ("/after", 422), ("/small", 413), ("/nothing", 404),
    ]

    @Test(arguments: cases) func reachWhoSendsOn(_ path: String, _ status: Int) throws {
      try withServer(Self.router) { _, address in
        let client = try TestClient(address)
        client.send(
          "POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: \(Self.upload.count)\r\n\r\n")
        #expect(client.send(Self.upload))
        let answer = try client.answer()
        #expect(answer.status == status)
        #expect(answer.fields["connection"] == "close")
        #expect(try client.readToEnd() == "")
      }
    }

    @Test(arguments: cases) func reachWhoSendsChunks(_ path: String, _ status: Int) throws {
      try withServer(Self.router) { _, address in
        let client = try TestClient(address)
        client.send("POST \(path) HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        let chunk = Array("f4240\r\n".utf8) + Self.upload.prefix(1_000_000) + [13, 10]
        for _ in 0..<24 { #expect(client.send(chunk)) }
        // A body that is not read to its end is refused for its length where nothing is.
        #expect(try client.status() == (path == "/nothing" ? 413 : status))
        #expect(try client.readToEnd() == "")
      }
    }

    @Test func reachWhoHasMoreConnectionsThanAllowed() throws {
      try withServer(Self.router, configured { $0.limits.connectionsMax = 1 }) { server, address in
        let first = try TestClient(address)
        try eventually { server.statistics.connectionsOpen == 1 }
        for _ in 0..<20 {
          let second = try TestClient(address)
          #expect(second.send([UInt8](repeating: 0x78, count: 1_000_000)))
          let answer = try second.answer()
          #expect(answer.status == 503 && answer.fields["retry-after"] != nil)
          #expect(try second.readToEnd() == "")
        }
        withExtendedLifetime(first) {}
      }
    }

    @Test func nobodyIsListenedToForEver() throws {
      let clock = ManualClock()
      try withServer(
        Self.router,
        configured {
          $0.clock = clock.clock
          $0.limits.lingerBytesMax = 1_000_000
        }
      ) { server, address in
        // Of whom little comes: until there is a pause of 5 s, or for 30 s in all.
        for (pauses, each, last) in [(2, 4.0, 5.5), (8, 3.5, 3.5)] {
          let client = try TestClient(address)
          client.send("bad\r\n")
          #expect(try client.status() == 400)
          for _ in 0..<pauses {
            clock.advance(seconds: each)
            try client.send([[0x78]], seenBy: server)
          }
          #expect(server.statistics.connectionsOpen == 1)
          clock.advance(seconds: last)
          try eventually { server.statistics.connectionsOpen == 0 }
        }
        // Of whom much comes: up to the limit.
        let client = try TestClient(address)
        client.send("bad\r\n")
        #expect(try client.status() == 400)
        let before = server.statistics.bytesReceived
        client.send([UInt8](repeating: 0x78, count: 1_000_000))
        try eventually { server.statistics.bytesReceived == before + 1_000_000 }
        #expect(server.statistics.connectionsOpen == 1)
        client.send("x")
        try eventually { server.statistics.connectionsOpen == 0 }
      }
    }
  }
}
