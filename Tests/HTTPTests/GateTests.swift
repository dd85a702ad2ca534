import HTTP
import HTTPTypes
import Synchronization
import Testing

extension ServerTests {
  /// The owner's word on every request: before its body, before its handler, before its answer.
  @Suite(.serialized) struct Gates {
    private final class Note: Sendable {
      let text: String
      init(_ text: String) { self.text = text }
    }

    private static func gated(_ configuration: inout ServerConfiguration) {
      configuration.standingFields = [.server: "gate", .cacheControl: "private"]
      configuration.gate = RequestGate(
        admit: { (request) throws(HTTPFailure) in
          request.context = Note(request.field(.userAgent) ?? "nobody")
          guard request.field(.authorization) != "no" else {
            throw HTTPFailure(
              .unauthorized, "no", "No.", fields: [.wwwAuthenticate: "Bearer"])
          }
        },
        verify: { (request) throws(HTTPFailure) in
          guard request.field(.authorization) != "later" else {
            throw HTTPFailure(.forbidden, "later", "No, as it turns out.")
          }
        },
        isVerified: { $0.field(.authorization) != "later" },
        finish: { request, response in
          response.fields[.from] = (request.context as? Note)?.text ?? "none"
        })
    }

    private static let router: Router = {
      var router = Router()
      let echo: @Sendable (Request) -> Response = { request in
        text((request.context as? Note)?.text ?? "none")
      }
      router.on(.get, "/inline", .inline(echo))
      router.on(.get, "/queued", .queued(echo))
      router.on(.post, "/queued", .queued(echo))
      router.on(.post, "/deferred", .deferred { $1.respond(echo($0)) })
      router.on(
        .post, "/streaming",
        .streaming { request, reader, responder in
          while try reader.next() != nil {}
          responder.respond(echo(request))
        })
      router.on(
        .get, "/prompt",
        .prompt(look: { $0.queryItems.isEmpty ? text("looked") : nil }) { request, responder in
          responder.respond(echo(request))
        })
      router.on(
        .get, "/own",
        .inline { _ in Response(.ok, fields: [.cacheControl: "no-store"]) })
      return router
    }()

    @Test func theContextReachesEveryKindOfHandler() throws {
      try withServer(Self.router, configured(Self.gated)) { _, address in
        for (method, path) in [
          ("GET", "/inline"), ("GET", "/queued"), ("POST", "/deferred"), ("POST", "/streaming"),
        ] {
          let client = try TestClient(address)
          client.send(
            "\(method) \(path) HTTP/1.1\r\nHost: a\r\nUser-Agent: me\r\nContent-Length: 0\r\n\r\n")
          let answer = try client.answer()
          #expect(answer.status == 200 && answer.body == "me", "\(path)")
          #expect(answer.fields["from"] == "me")
        }
      }
    }

    @Test func aRefusalComesBeforeALongBodyAndKeepsTheConnectionAfterAShortOne() throws {
      try withServer(Self.router, configured(Self.gated)) { _, address in
        let head = "POST /queued HTTP/1.1\r\nHost: a\r\nAuthorization: no\r\n"
        let short = try TestClient(address)
        for _ in 0..<2 {
          short.send(head + "Content-Length: 3\r\n\r\nabc")
          let answer = try short.answer()
          #expect(answer.status == 401 && answer.fields["www-authenticate"] == "Bearer")
        }
        let patient = try TestClient(address)
        patient.send(head + "Content-Length: 3\r\nExpect: 100-continue\r\n\r\n")
        #expect(try patient.status() == 401)
        let long = try TestClient(address)
        long.send(head + "Content-Length: 5000000\r\n\r\nabc")
        #expect(try long.status() == 401)
      }
    }

    @Test func aLaterRefusalStandsInForTheHandler() throws {
      try withServer(Self.router, configured(Self.gated)) { _, address in
        for (method, path) in [
          ("GET", "/queued"), ("POST", "/deferred"), ("POST", "/streaming"),
        ] {
          let client = try TestClient(address)
          client.send(
            "\(method) \(path) HTTP/1.1\r\nHost: a\r\nAuthorization: later\r\n"
              + "Content-Length: 0\r\n\r\n")
          #expect(try client.status() == 403, "\(path)")
        }
      }
    }

    @Test func aLookAnswersWhatItCanOnceTheRequestIsVerified() throws {
      try withServer(Self.router, configured(Self.gated)) { _, address in
        let client = try TestClient(address)
        for (path, authorization, status, body) in [
          ("/prompt", "yes", 200, "looked"), ("/prompt?wait=1", "yes", 200, "me"),
          ("/prompt", "later", 403, ""), ("/prompt?wait=1", "later", 403, ""),
          ("/prompt", "no", 401, ""),
        ] {
          client.send(
            "GET \(path) HTTP/1.1\r\nHost: a\r\nUser-Agent: me\r\n"
              + "Authorization: \(authorization)\r\n\r\n")
          let answer = try client.answer()
          #expect(answer.status == status, "\(path) \(authorization)")
          if status == 200 { #expect(answer.body == body) }
          #expect(answer.fields["from"] == "me")
        }
        // One after the other down one connection.
        let pipelining = try TestClient(address)
        let one = "GET /prompt HTTP/1.1\r\nHost: a\r\n\r\n"
        pipelining.send(String(repeating: one, count: 20))
        for _ in 0..<20 { #expect(try pipelining.answer().body == "looked") }
      }
    }

    @Test func whereNoRouteIsTheGateDoesNotDecide() throws {
      try withServer(Self.router, configured(Self.gated)) { _, address in
        let client = try TestClient(address)
        for (method, path, status) in [("GET", "/nowhere", 404), ("PUT", "/queued", 405)] {
          client.send(
            "\(method) \(path) HTTP/1.1\r\nHost: a\r\nAuthorization: no\r\nContent-Length: 0\r\n\r\n"
          )
          let answer = try client.answer()
          #expect(answer.status == status && answer.fields["from"] == "nobody")
        }
      }
    }

    @Test func standingFieldsAreOnEveryAnswerThatDoesNotSetThem() throws {
      try withServer(Self.router, configured(Self.gated)) { _, address in
        let client = try TestClient(address)
        for (path, cache) in [("/inline", "private"), ("/own", "no-store"), ("/x", "private")] {
          client.get(path)
          let answer = try client.answer()
          #expect(answer.fields["server"] == "gate" && answer.fields["cache-control"] == cache)
        }
        client.send("nonsense\r\n\r\n")
        let answer = try client.answer()
        #expect(answer.status == 400 && answer.fields["server"] == "gate")
      }
    }
  }
}
