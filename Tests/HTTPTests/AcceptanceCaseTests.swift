import HTTP
import HTTPTypes
import Testing

extension ServerTests {
  /// The cases of the acceptance script beside the checkout, their bytes in every two pieces and
  /// one by one: it sends them whole.
  @Suite(.serialized, .enabled(if: AcceptanceCase.folder != nil)) struct AcceptanceCases {
    private static let router: Router = {
      var router = Router()
      router.on(.get, "/healthz", .inline { _ in text("ok") })
      return router
    }()

    @Test func areMetByteByByte() throws {
      try withServer(Self.router) { server, address in
        let cases = try AcceptanceCase.all()
        #expect(!cases.isEmpty)
        for one in cases { try expect(one, one.bytes.map { [$0] }, server, address, "one by one") }
      }
    }

    @Test func areMetSplitAtEveryPoint() throws {
      try withServer(Self.router) { server, address in
        for one in try AcceptanceCase.all() {
          for split in WireSplits(one.bytes.count) {
            let pieces = [Array(one.bytes[..<split]), Array(one.bytes[split...])]
            try expect(one, pieces, server, address, "split at \(split)")
          }
        }
      }
    }

    private func expect(
      _ one: AcceptanceCase, _ pieces: [[UInt8]], _ server: HTTPServer, _ address: SocketAddress,
      _ how: String
    ) throws {
      let client = try TestClient(address)
      try client.send(pieces, seenBy: server)
      if one.finishes || one.mayBeAccepted { client.finishSending() }
      let statuses = WireTalk.outcome(try client.readToEnd()).statuses
      #expect(one.isMet(by: statuses), "\(one), \(how): \(one.expected), got \(statuses)")
    }
  }
}
