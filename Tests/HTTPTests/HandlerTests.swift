import HTTP
import HTTPTypes
import Synchronization
import Testing

extension ServerTests {
  /// Late answers, streams in both directions, and the limits on handlers.
  @Suite(.serialized) struct Handlers {
    @Test func anAnswerMayComeLaterFromAnyThread() throws {
      let responders = Arrival<Responder>()
      var router = Router()
      router.on(.get, "/poll", .deferred { _, responder in responders.bring(responder) })
      try withServer(router) { _, address in
        let client = try TestClient(address)
        client.get("/poll")
        let responder = try responders.wait()
        #expect(responder.isConnected)
        #expect(responder.respond(text("late")))
        #expect(!responder.respond(text("again")))
        #expect(try client.answer().body == "late")
        client.get("/poll")
        try responders.wait().fail(HTTPFailure(.gone, "gone", "Gone."))
        #expect(try client.status() == 410)
      }
    }

    @Test func aDisconnectIsSeen() throws {
      let responders = Arrival<Responder>()
      let disconnects = Arrival<Bool>()
      var router = Router()
      router.on(
        .get, "/poll",
        .deferred { _, responder in
          responder.onDisconnect { disconnects.bring(true) }
          responders.bring(responder)
        })
      try withServer(router) { _, address in
        let client = try TestClient(address)
        client.get("/poll")
        let responder = try responders.wait()
        client.close()
        #expect(try disconnects.wait())
        #expect(!responder.isConnected)
        responder.respond(text("nobody"))
      }
    }

    @Test func uploadsStreamWithBackpressure() throws {
      let pieces = Arrival<Int>()
      let go = Semaphore()
      var router = Router()
      router.on(
        .post, "/upload", body: BodyRule(bytesMax: 20_000_000),
        .streaming { _, reader, responder in
          _ = go.wait(seconds: 5)
          var total = 0
          while let piece = try reader.next() { total += piece.count }
          pieces.bring(total)
          responder.respond(text("\(total)"))
        })
      // Large enough that kernel buffers cannot hold it.
      let count = 16_000_000
      try withServer(router) { server, address in
        let client = try TestClient(address)
        client.send("POST /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        let sender = Arrival<Bool>()
        let chunk = Array("f4240\r\n".utf8) + [UInt8](repeating: 7, count: 1_000_000) + [13, 10]
        let sending = Sending(client) { client in
          for _ in 0..<count / 1_000_000 where !client.send(chunk) { return }
          client.send("0\r\n\r\n")
          sender.bring(true)
        }
        sending.start()
        // The window and the kernel are full long before the end; the server has read little more
        // than its window.
        try eventually { server.statistics.bytesReceived >= 200_000 }
        #expect(server.statistics.bytesReceived < 2_000_000)
        go.post()
        #expect(try sender.wait())
        #expect(try client.answer().body == "\(count)")
        #expect(try pieces.wait() == count)
      }
    }

    @Test func aStreamingHandlerRefusesBeforeTheUploadBegins() throws {
      var router = Router()
      router.on(
        .post, "/upload",
        .streaming { request, reader, responder in
          guard request.queryValue("name") != nil else {
            throw HTTPFailure(.badRequest, "missing_name", "Give a name.")
          }
          var body: [UInt8] = []
          while let piece = try reader.next() { body += piece }
          responder.respond(Response(.ok, body: .bytes(body)))
        })
      try withServer(router) { _, address in
        let expect = "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n"
        let refused = try TestClient(address)
        refused.send("POST /upload HTTP/1.1\r\nHost: a\r\n\(expect)")
        #expect(try refused.status() == 400)
        refused.finishSending()
        #expect(try refused.readToEnd() == "")
        let client = try TestClient(address)
        client.send("POST /upload?name=a HTTP/1.1\r\nHost: a\r\n\(expect)")
        #expect(try client.status() == 100)
        client.send("hello")
        #expect(try client.answer().body == "hello")
        client.send("POST /upload?name=a HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.answer().body == "")
        // An early answer with little body left keeps the connection.
        client.post("/upload", "12345")
        #expect(try client.status() == 400)
        client.post("/upload?name=b", "67890")
        #expect(try client.answer().body == "67890")
      }
    }

    @Test func aBrokenUploadReachesItsHandler() throws {
      let failures = Arrival<HTTPFailure>()
      var router = Router()
      router.on(
        .post, "/upload", body: BodyRule(bytesMax: 10),
        .streaming { _, reader, _ in
          do throws(HTTPFailure) {
            while try reader.next() != nil {}
          } catch {
            failures.bring(error)
            throw error
          }
        })
      try withServer(router) { _, address in
        for (body, status) in [("zz\r\n", 400), ("9\r\n123456789\r\n2\r\n", 413)] {
          let client = try TestClient(address)
          client.send(
            "POST /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(body)xx")
          #expect(try failures.wait().status.code == status)
          #expect(try client.status() == status)
          #expect(try client.readToEnd() == "")
        }
        let client = try TestClient(address)
        client.send("POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc")
        client.close()
        #expect(try failures.wait().code == "incomplete_request")
      }
    }

    @Test func responsesStream() throws {
      var router = Router()
      for (path, byteCount) in [("/known", 300_000), ("/unknown", nil), ("/short", 300_001)] {
        router.on(
          .get, path,
          .queued { _ in
            let left = Countdown(3)
            let producer = BodyProducer {
              left.next() ? [UInt8](repeating: 0x61, count: 100_000) : nil
            }
            return Response(.ok, body: .stream(byteCount: byteCount, producer))
          })
      }
      try withServer(router) { _, address in
        let client = try TestClient(address)
        let expected = String(repeating: "a", count: 300_000)
        client.get("/known")
        let known = try client.answer()
        #expect(known.body == expected && known.fields["content-length"] == "300000")
        client.get("/unknown")
        let unknown = try client.answer()
        #expect(unknown.body == expected && unknown.fields["transfer-encoding"] == "chunked")
        client.send("HEAD /known HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.answer(to: "HEAD").fields["content-length"] == "300000")
        client.send("GET /unknown HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        let old = try client.answer()
        #expect(old.body == expected && old.fields["connection"] == "close")
        let short = try TestClient(address)
        short.get("/short")
        #expect(throws: TestClient.Ended.self) { try short.answer() }
      }
    }

    @Test func feedsPushAndSeeTheirClientGo() throws {
      let feeds = Arrival<BodyFeed>()
      let disconnects = Arrival<Bool>()
      var router = Router()
      router.on(
        .get, "/events",
        .queued { _ in
          let feed = BodyFeed(bytesMax: 100)
          feed.onDisconnect { disconnects.bring(true) }
          feed.send(Array("first".utf8))
          feeds.bring(feed)
          return Response(.ok, body: .feed(feed))
        })
      try withServer(router) { _, address in
        let client = try TestClient(address)
        client.get("/events")
        let feed = try feeds.wait()
        #expect(feed.send(Array(",second".utf8)))
        feed.finish()
        #expect(!feed.send([1]))
        #expect(try client.answer().body == "first,second")
        client.get("/events")
        let dropped = try feeds.wait()
        client.close()
        #expect(try disconnects.wait())
        #expect(!dropped.isConnected && !dropped.send([1]))
      }
      let full = BodyFeed(bytesMax: 3)
      #expect(full.send([1, 2, 3]))
      #expect(!full.send([4]) && !full.isConnected)
    }

    @Test func streamingHandlersAreBounded() throws {
      var router = Router()
      router.on(
        .post, "/upload",
        .streaming { _, reader, responder in
          while try reader.next() != nil {}
          responder.respond(text("done"))
        })
      try withServer(router, configured { $0.limits.streamingHandlersMax = 1 }) { server, address in
        let first = try TestClient(address)
        first.send("POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na")
        try eventually { server.statistics.streamingHandlersRunning == 1 }
        let second = try TestClient(address)
        second.post("/upload", "b")
        #expect(try second.status() == 503)
        first.send("b")
        #expect(try first.answer().body == "done")
        try eventually { server.statistics.streamingHandlersRunning == 0 }
        second.post("/upload", "b")
        #expect(try second.status() == 200)
      }
    }

    @Test func aFullLineIsRefused() throws {
      let started = Arrival<Bool>()
      let go = Semaphore()
      var router = Router()
      router.on(
        .get, "/work",
        .queued { _ in
          started.bring(true)
          _ = go.wait(seconds: 5)
          return text("done")
        })
      router.on(.get, "/healthz", .inline { _ in text("ok") })
      try withServer(
        router,
        configured {
          $0.limits.handlerThreads = 1
          $0.limits.handlerQueueMax = 1
        }
      ) { server, address in
        let clients = try (0..<3).map { _ in try TestClient(address) }
        clients[0].get("/work")
        _ = try started.wait()
        clients[1].get("/work")
        try eventually { server.statistics.handlersWaiting >= 1 }
        clients[2].get("/work")
        let refused = try clients[2].answer()
        #expect(refused.status == 503)
        #expect(refused.fields["retry-after"].flatMap { Int($0) } ?? 0 >= 1)
        clients[2].get("/healthz")
        #expect(try clients[2].status() == 200)
        go.post()
        go.post()
        #expect(try clients[0].answer().body == "done")
        #expect(try clients[1].answer().body == "done")
      }
    }
  }
}

/// True a given number of times.
final class Countdown: Sendable {
  private let left: Atomic<Int>

  init(_ count: Int) { left = Atomic(count) }

  func next() -> Bool {
    left.wrappingSubtract(1, ordering: .relaxed).oldValue > 0
  }
}
