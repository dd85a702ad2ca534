import HTTP
import HTTPTypes
import Testing

/// The cases read in memory, in every way in which their bytes can arrive.
@Suite struct WireCaseTests {
  @Test func thereAreManyAndTheirNamesDiffer() {
    #expect(WireCase.all.count >= 150)
    #expect(Set(WireCase.all.map(\.name)).count == WireCase.all.count)
    #expect(WireCase.all.allSatisfy { !$0.reason.isEmpty })
  }

  @Test(arguments: WireCase.all) func piecesMeanNothing(_ wireCase: WireCase) {
    let bytes = wireCase.bytes
    let whole = RequestTranscript([bytes])
    if let failure = whole.failure {
      #expect(wireCase.closes && failure.status.code == wireCase.statuses.last, "\(wireCase)")
    }
    #expect(RequestTranscript(bytes.map { [$0] }).events == whole.events, "\(wireCase)")
    for split in WireSplits(bytes.count) {
      let pieces = [Array(bytes[..<split]), Array(bytes[split...])]
      #expect(RequestTranscript(pieces).events == whole.events, "\(wireCase) split at \(split)")
    }
  }
}

/// Where to split so many bytes: everywhere, and in long cases, which are long by one letter again
/// and again, everywhere near both ends and now and then between.
struct WireSplits: Sequence {
  private let count: Int

  init(_ count: Int) { self.count = count }

  func makeIterator() -> AnyIterator<Int> {
    let margin = count <= 2048 ? count : 256
    var next = 1
    return AnyIterator {
      guard next < count else { return nil }
      defer { next += next < margin || next + margin >= count ? 1 : 127 }
      return next
    }
  }
}

extension ServerTests {
  /// The cases over real connections.
  @Suite(.serialized) struct WireCases {
    private static let router: Router = {
      var router = Router()
      router.on(.get, "/healthz", .inline { _ in text("ok") })
      router.on(.get, "/things/{id}", .inline { _ in text("thing") })
      router.on(
        .post, "/echo", body: BodyRule(bytesMax: 1000),
        .queued { Response(.ok, body: .bytes($0.body)) })
      router.on(.post, "/length", body: BodyRule(length: .required), .queued { _ in text("ok") })
      router.on(
        .post, "/upload", body: BodyRule(bytesMax: 100_000),
        .streaming { _, reader, responder in
          while try reader.next() != nil {}
          responder.respond(text("uploaded"))
        })
      router.on(
        .get, "/stream",
        .queued { _ in
          let left = Countdown(2)
          let producer = BodyProducer { left.next() ? Array("piece".utf8) : nil }
          return Response(.ok, body: .stream(byteCount: nil, producer))
        })
      return router
    }()

    @Test func areAnsweredWhole() throws {
      try withServer(Self.router) { _, address in
        for wireCase in WireCase.all {
          try expect(wireCase, try WireTalk(address).converse(wireCase) { $0.send($1) })
        }
      }
    }

    @Test func areAnsweredByteByByte() throws {
      try withServer(Self.router) { server, address in
        for wireCase in WireCase.all {
          try expect(
            wireCase,
            try WireTalk(address).converse(wireCase) { client, bytes in
              let cuts = [0] + WireSplits(bytes.count) + [bytes.count]
              let pieces = zip(cuts, cuts.dropFirst()).map { Array(bytes[$0..<$1]) }
              try client.send(pieces.filter { !$0.isEmpty }, seenBy: server)
            })
        }
      }
    }

    private func expect(_ wireCase: WireCase, _ talk: WireTalk.Outcome) throws {
      let statuses = wireCase.statuses + (wireCase.closes ? [] : [200])
      #expect(talk.statuses == statuses, "\(wireCase)")
      #expect(talk.endsInProbe == !wireCase.closes, "\(wireCase)")
    }
  }
}

/// One connection on which a case is sent, and what comes back.
struct WireTalk {
  struct Outcome: Equatable {
    var statuses: [Int]
    /// Whether the request sent after the case is answered, and answered last.
    var endsInProbe: Bool
  }

  private let client: TestClient

  init(_ address: SocketAddress) throws { client = try TestClient(address) }

  /// Sends the case by `send` and one more request, which must go unanswered when the case closes.
  func converse(
    _ wireCase: WireCase, _ send: (TestClient, [UInt8]) throws -> Void
  ) throws -> Outcome {
    try send(client, wireCase.bytes)
    if wireCase.finishes {
      client.finishSending()
    } else {
      client.get("/healthz", "X-Request-Id: wire-probe\r\nConnection: close\r\n")
    }
    return Self.outcome(try client.readToEnd())
  }

  static func outcome(_ text: String) -> Outcome {
    let heads = text.split(separator: "HTTP/1.1 ", omittingEmptySubsequences: false).dropFirst()
    return Outcome(
      statuses: heads.compactMap { Int($0.prefix(3)) }.filter { $0 >= 200 },
      endsInProbe: heads.last?.contains("X-Request-Id: wire-probe") ?? false)
  }
}

extension TestClient {
  /// Sends piece by piece, each only when the server has read the one before.
  func send(_ pieces: [[UInt8]], seenBy server: HTTPServer) throws {
    for piece in pieces {
      let before = server.statistics.bytesReceived
      guard send(piece) else { return }
      try eventually { server.statistics.bytesReceived >= before + piece.count }
    }
  }
}
