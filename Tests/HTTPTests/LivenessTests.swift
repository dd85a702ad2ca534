import Dispatch
import HTTP
import HTTPTypes
import Testing

extension ServerTests {
  /// Whether a server's loops turn, as a watchdog asks.
  @Suite(.serialized) struct Liveness {
    @Test func loopsAnswerWhileTheyTurn() throws {
      let entered = DispatchSemaphore(value: 0)
      let proceed = DispatchSemaphore(value: 0)
      var router = Router()
      router.on(
        .get, "/hang",
        .inline { _ in
          entered.signal()
          proceed.wait()
          return text("ok")
        })
      let server = HTTPServer(
        configuration: configured { $0.eventLoops = 2 }, router: router)
      #expect(!server.answers(withinSeconds: 1), "it has not started")
      let address = try server.start()
      #expect(server.answers(withinSeconds: 20))
      let client = try TestClient(address)
      client.get("/hang")
      entered.wait()
      #expect(!server.answers(withinSeconds: 0.05), "one of its loops hangs")
      proceed.signal()
      #expect(server.answers(withinSeconds: 20))
      server.stop(graceSeconds: 0)
      #expect(!server.answers(withinSeconds: 1), "it has stopped")
    }
  }
}
