import HTTP
import HTTPTypes
import Testing

extension ServerTests {
  /// One path and method that answer two kinds of requests, each with limits of its own.
  @Suite(.serialized) struct Alternatives {
    private static func router() -> Router {
      var router = Router()
      router.on(
        .post, "/things", body: BodyRule(bytesMax: 4), .queued { text("whole \($0.body.count)") },
        alternative: RouteAlternative(
          when: { $0.field(.contentType) == "text/streamed" }, body: BodyRule(bytesMax: 8),
          .streaming { request, reader, responder in
            var count = 0
            while let piece = try reader.next() { count += piece.count }
            responder.respond(text("streamed \(count) \(request.routePattern ?? "")"))
          }))
      return router
    }

    @Test func theHeadDecidesWhichHandlerAnswers() throws {
      try withServer(Self.router()) { _, address in
        let client = try TestClient(address)
        client.post("/things", "1234")
        #expect(try client.answer().body == "whole 4")
        client.post("/things", "12345678", "Content-Type: text/streamed\r\n")
        #expect(try client.answer().body == "streamed 8 /things")
        client.post("/things", "", "Content-Type: text/plain\r\n")
        #expect(try client.answer().body == "whole 0")
      }
    }

    @Test(arguments: [("12345", ""), ("123456789", "Content-Type: text/streamed\r\n")])
    func eachHasItsOwnLimit(body: String, fields: String) throws {
      try withServer(Self.router()) { _, address in
        let client = try TestClient(address)
        client.post("/things", body, fields)
        #expect(try client.status() == 413)
      }
    }
  }
}
