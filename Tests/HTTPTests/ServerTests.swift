import Glibc
import HTTP
import HTTPTypes
import Synchronization
import Testing

private let healthz = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"

/// Laws of a running server, over real sockets on loopback, one after another.
@Suite(.serialized) struct ServerTests {
  private static let echo: Router = {
    var router = Router()
    router.on(.get, "/healthz", .inline { _ in text("ok") })
    router.on(.get, "/slow", .queued { _ in text("slow") })
    router.on(.post, "/echo", .queued { Response(.ok, body: .bytes($0.body)) })
    router.on(
      .post, "/small", body: BodyRule(bytesMax: 5),
      .queued { Response(.ok, body: .bytes($0.body)) })
    router.on(.post, "/length", body: BodyRule(length: .required), .queued { _ in text("ok") })
    router.on(.get, "/empty", .inline { _ in Response(.noContent) })
    router.on(.get, "/same", .inline { _ in Response(.notModified, fields: [.eTag: "\"a\""]) })
    router.on(.get, "/bye", .inline { _ in Response(.ok, fields: [.connection: "close"]) })
    router.on(.get, "/wrong", .queued { _ in throw HTTPFailure(.conflict, "taken", "Taken.") })
    router.on(.get, "/broken", .queued { _ in throw CancellationError() })
    router.on(.get, "/dropped", .deferred { _, _ in })
    return router
  }()

  @Test(arguments: ["127.0.0.1", "[::1]"]) func answersOnOneConnection(_ host: String) throws {
    try withServer(Self.echo, configured { $0.host = host }) { server, address in
      let client = try TestClient(address)
      for _ in 0..<3 {
        client.get("/healthz", "X-Request-Id: my.id-1\r\n")
        let answer = try client.answer()
        #expect(answer.status == 200)
        #expect(answer.body == "ok")
        #expect(answer.fields["x-request-id"] == "my.id-1")
        #expect(answer.fields["date"]?.hasSuffix("GMT") == true)
        #expect(answer.fields["connection"] == nil)
      }
      client.get("/healthz", "X-Request-Id: bad id\r\n")
      #expect(try client.answer().fields["x-request-id"]?.count == 13)
      let statistics = server.statistics
      #expect(statistics.connectionsOpen == 1)
      #expect(statistics.connectionsAccepted == 1)
      #expect(statistics.responsesByClass == [0, 0, 4, 0, 0, 0])
      #expect(statistics.bytesReceived > 100)
      // The client may have the last bytes before the server has counted them.
      try eventually { server.statistics.bytesSent > 400 }
    }
  }

  @Test func mapsOutcomesToStatuses() throws {
    try withServer(Self.echo) { _, address in
      let client = try TestClient(address)
      for (path, status) in [
        ("/empty", 204), ("/same", 304), ("/wrong", 409), ("/broken", 500), ("/dropped", 500),
        ("/nothing", 404), ("/echo", 405), ("/healthz", 200),
      ] {
        client.get(path)
        let answer = try client.answer()
        #expect(answer.status == status, "\(path)")
        if status == 405 { #expect(answer.fields["allow"] == "OPTIONS, POST") }
        if status == 204 || status == 304 { #expect(answer.fields["content-length"] == nil) }
      }
      client.send(
        "OPTIONS /healthz HTTP/1.1\r\nHost: a\r\n\r\n" + "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(try client.answer().fields["allow"] == "GET, HEAD, OPTIONS")
      #expect(try client.answer().fields["allow"] == "GET, HEAD, OPTIONS, POST")
      client.send("HEAD /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
      let head = try client.answer(to: "HEAD")
      #expect(head.status == 200 && head.fields["content-length"] == "2")
      client.get("/bye")
      #expect(try client.answer().fields["connection"] == "close")
      #expect(try client.readToEnd() == "")
    }
  }

  @Test func statusLinesSayWhatTheirCodesMean() throws {
    try withServer(Self.echo) { _, address in
      for (path, line) in [
        ("/healthz", "HTTP/1.1 200 OK"), ("/empty", "HTTP/1.1 204 No Content"),
        ("/wrong", "HTTP/1.1 409 Conflict"), ("/nothing", "HTTP/1.1 404 Not Found"),
      ] {
        let client = try TestClient(address)
        client.get(path, "Connection: close\r\n")
        #expect(try client.readToEnd().hasPrefix(line + "\r\n"))
      }
    }
  }

  @Test func http10ClosesUnlessAsked() throws {
    try withServer(Self.echo) { _, address in
      let client = try TestClient(address)
      client.send("GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
      #expect(try client.answer().fields["connection"] == "keep-alive")
      client.send("GET /healthz HTTP/1.0\r\n\r\n")
      #expect(try client.answer().fields["connection"] == "close")
      #expect(try client.readToEnd() == "")
    }
  }

  @Test func pipelinedAnswersKeepTheirOrder() throws {
    try withServer(Self.echo, configured { $0.limits.pipelineDepthMax = 2 }) { _, address in
      let client = try TestClient(address)
      var sent = ""
      for index in 0..<50 {
        let path = index % 3 == 0 ? "/slow" : index % 3 == 1 ? "/healthz" : "/echo"
        sent +=
          path == "/echo"
          ? "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nX-Request-Id: \(index)\r\n\r\ne"
          : "GET \(path) HTTP/1.1\r\nHost: a\r\nX-Request-Id: \(index)\r\n\r\n"
      }
      client.send(sent)
      for index in 0..<50 {
        let answer = try client.answer()
        #expect(answer.fields["x-request-id"] == "\(index)")
        #expect(answer.body == ["slow", "ok", "e"][index % 3])
      }
    }
  }

  @Test func nothingAfterAFramingErrorIsAnswered() throws {
    try withServer(Self.echo) { _, address in
      for bad in [
        "GET / HTTP/1.1\r\n\r\n", "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
        "POST /nothing HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
      ] {
        let client = try TestClient(address)
        client.send(healthz + bad + healthz)
        #expect(try client.status() == 200)
        let answer = try client.answer()
        #expect(answer.status == 400)
        #expect(answer.fields["connection"] == "close")
        #expect(try client.readToEnd() == "")
      }
    }
  }

  @Test func bodiesAreReadWhole() throws {
    try withServer(Self.echo) { _, address in
      let client = try TestClient(address)
      let large = String(repeating: "0123456789", count: 300_000)
      client.post("/echo", large)
      #expect(try client.answer().body == large)
      client.send(
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
          + "5\r\nhello\r\n0\r\nT: x\r\n\r\n")
      #expect(try client.answer().body == "hello")
      client.post("/nothing", "ignored")
      #expect(try client.status() == 404)
      client.send("POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody" + healthz)
      #expect(try client.status() == 405)
      #expect(try client.status() == 200)
    }
  }

  @Test func bodyLimitsOnBothSides() throws {
    try withServer(Self.echo) { _, address in
      let client = try TestClient(address)
      let coding = "Transfer-Encoding: chunked\r\n"
      client.post("/small", "12345")
      #expect(try client.answer().body == "12345")
      client.send(
        "POST /small HTTP/1.1\r\nHost: a\r\n\(coding)\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
      #expect(try client.answer().body == "abcde")
      client.post("/length", "x")
      #expect(try client.status() == 200)
      for request in [
        "POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n123456",
        "POST /small HTTP/1.1\r\nHost: a\r\n\(coding)\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n",
        "POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999999\r\n\r\n",
      ] {
        let client = try TestClient(address)
        client.send(request)
        #expect(try client.status() == 413)
        #expect(try client.readToEnd() == "")
      }
      let unknown = try TestClient(address)
      unknown.send("POST /length HTTP/1.1\r\nHost: a\r\n\(coding)\r\n0\r\n\r\n")
      #expect(try unknown.status() == 411)
    }
  }

  @Test func aLargeRefusedUploadCanReadWhy() throws {
    try withServer(Self.echo) { _, address in
      for path in ["/nothing", "/small"] {
        let client = try TestClient(address)
        client.send("POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: 4000000\r\n\r\n")
        // Sent although the answer is already on its way: it must survive that.
        #expect(client.send([UInt8](repeating: 0x78, count: 4_000_000)))
        #expect(try client.status() == (path == "/small" ? 413 : 404))
        #expect(try client.readToEnd() == "")
      }
    }
  }

  @Test func goAheadIsGivenOnlyWhenTheRequestIsAcceptable() throws {
    try withServer(Self.echo) { _, address in
      let client = try TestClient(address)
      let expect = "Expect: 100-continue\r\n"
      client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\(expect)\r\n")
      #expect(try client.status() == 100)
      client.send("hello")
      #expect(try client.answer().body == "hello")
      let length = 6
      for (path, status) in [("/small", 413), ("/nothing", 404), ("/healthz", 405)] {
        let client = try TestClient(address)
        let fields = "Content-Length: \(length)\r\n\(expect)"
        client.send("POST \(path) HTTP/1.1\r\nHost: a\r\n\(fields)\r\n")
        #expect(try client.status() == status)
        client.finishSending()
        #expect(try client.readToEnd() == "")
      }
      let other = try TestClient(address)
      other.get("/healthz", "Expect: a-miracle\r\n")
      #expect(try other.status() == 417)
    }
  }

  @Test func aClientThatOnlyStopsSendingIsAnswered() throws {
    try withServer(Self.echo) { _, address in
      let client = try TestClient(address)
      client.get("/slow")
      client.finishSending()
      #expect(try client.answer().body == "slow")
      let truncated = try TestClient(address)
      truncated.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhello")
      truncated.finishSending()
      #expect(try truncated.status() == 400)
    }
  }

  @Test func twoLoopsShareTheConnections() throws {
    try withServer(Self.echo, configured { $0.eventLoops = 2 }) { server, address in
      let clients = try (0..<8).map { _ in try TestClient(address) }
      for client in clients { client.get("/slow") }
      for client in clients { #expect(try client.answer().body == "slow") }
      withExtendedLifetime(clients) { #expect(server.statistics.connectionsOpen == 8) }
    }
  }

  @Test func connectionsLeaveNoDescriptors() throws {
    try withServer(Self.echo) { server, address in
      let before = descriptors(at: address.port)
      #expect(before >= 1)
      for _ in 0..<1000 {
        let client = try TestClient(address)
        client.get("/healthz", "Connection: close\r\n")
        #expect(try client.answer().body == "ok")
        #expect(try client.readToEnd() == "")
      }
      #expect(descriptors(at: address.port) <= before + 2)
      #expect(server.statistics.connectionsAccepted == 1000)
    }
  }

  @Test func accessLogTellsWhatHappened() throws {
    let records = Arrival<AccessRecord>()
    try withServer(Self.echo, configured { $0.accessLog = { records.bring($0) } }) { _, address in
      let client = try TestClient(address)
      client.post("/echo", "12345", "X-Request-Id: r1\r\n")
      #expect(try client.status() == 200)
      let record = try records.wait()
      #expect(record.requestID == "r1" && record.method == .post && record.status == 200)
      #expect(record.routePattern == "/echo" && record.responseBodyBytes == 5)
      #expect(record.requestBodyBytes == 5 && record.durationSeconds >= 0)
      client.send("bad\r\n")
      #expect(try client.status() == 400)
      #expect(try records.wait().method == nil)
    }
  }

  @Test func impossibleConfigurationsAreRefused() throws {
    var configuration = ServerConfiguration()
    configuration.limits.handlerThreads = 0
    #expect(throws: ServerStartError.self) {
      try HTTPServer(configuration: configuration, router: Router()).start()
    }
    try withServer(Self.echo) { server, address in
      #expect(throws: ServerStartError.self) { try server.start() }
      #expect(throws: ServerStartError.self) {
        var taken = ServerConfiguration()
        taken.port = address.port
        try HTTPServer(configuration: taken, router: Router()).start()
      }
    }
  }
}

/// How many IPv4 sockets of this process have `port` as their own: other tests' sockets, which
/// come and go meanwhile, are at other ports.
private func descriptors(at port: Int) -> Int {
  (0..<4096).reduce(0) { count, descriptor in
    var name = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutablePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        getsockname(Int32(descriptor), $0, &length)
      }
    }
    return count + (status == 0 && Int(UInt16(bigEndian: name.sin_port)) == port ? 1 : 0)
  }
}
