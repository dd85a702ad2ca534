import Documents
import Service
import Testing

/// Event streams: what they tell, how they are taken up again, how many there may be, how they end.
struct EventTests {
  private static func submitEndless(_ client: ServiceClient) throws -> String {
    try client.uploadSmall()
    let busy = try client.post("/v1/inversions", ServiceClient.endless("small")).json()
    let id = try #require(busy["id"]?.string)
    _ = try client.running(id)
    return id
  }

  private static func planted(_ client: ServiceClient) throws -> JSONValue {
    try client.uploadSmall()
    return try client.inverted([
      "generator": "small",
      "observation": ["values": .numbers(SmallGenerator.output(at: [0.4, -0.7]))],
    ])
  }

  @Test func aStreamTellsOfProgressAndEndsWithTheInversion() throws {
    try withService { _, client in
      let id = try Self.submitEndless(client)
      let listener = try EventListener(client.address, "/v1/inversions/\(id)/events")
      #expect(listener.status == 200)
      #expect(listener.head.contains("Content-Type: text/event-stream\r\n"))
      var last = 0
      for _ in 0..<3 {
        let event = try #require(try listener.next())
        #expect(event.name == "progress")
        let data = try JSONParser().parse(Array(event.data.utf8))
        #expect(data["id"]?.string == id && data["status"] == "running")
        #expect(data["revision"]?.number.map { "\(Int($0))" } == event.id)
        let revision = try #require(Int(event.id))
        #expect(revision > last)
        last = revision
      }
      _ = try client.send("POST", "/v1/inversions/\(id)/cancel")
      var final: EventListener.Event?
      while let event = try listener.next() { final = event }
      #expect(listener.isEnded)
      #expect(final?.name == "completed")
      let told = try JSONParser().parse(Array((final?.data ?? "").utf8))
      #expect(told["status"] == "canceled")
      #expect(told == (try client.get("/v1/inversions/\(id)").json()))
    }
  }

  @Test func aStreamIsTakenUpAfterTheLastEvent() throws {
    try withService { _, client in
      let done = try Self.planted(client)
      let path = "/v1/inversions/\(done["id"]?.string ?? "")/events"
      let revision = Int(done["revision"]?.number ?? 0)
      for known in [nil, "", "0", "\(revision - 1)"] {
        let listener = try EventListener(client.address, path, lastEventID: known)
        #expect(try listener.next()?.id == "\(revision)", "\(known ?? "none")")
        #expect(try listener.next() == nil && listener.isEnded)
      }
      // There is nothing more to come: 204 is what stops a browser [WHATWG HTML].
      for known in ["\(revision)", "\(revision + 1)"] {
        #expect(try client.get(path, fields: ["Last-Event-ID": known]).status == 204)
      }
      for bad in ["-1", "x", "1e3", "99999999999999999999"] {
        let refused = try client.get(path, fields: ["Last-Event-ID": bad])
        #expect(refused.status == 400 && refused.code == "invalid_last_event_id", "\(bad)")
      }
      #expect(try client.get(path, fields: ["Accept": "application/json"]).status == 406)
      #expect(try client.get("/v1/inversions/none/events").status == 404)
      #expect(try client.send("HEAD", path).status == 200)
    }
  }

  @Test func aKnownRevisionIsNotToldAgain() throws {
    try withService { _, client in
      let id = try Self.submitEndless(client)
      let path = "/v1/inversions/\(id)/events"
      let first = try EventListener(client.address, path)
      let told = try #require(try first.next())
      let second = try EventListener(client.address, path, lastEventID: told.id)
      let next = try #require(try second.next())
      #expect(try #require(Int(next.id)) > #require(Int(told.id)))
      _ = try client.send("POST", "/v1/inversions/\(id)/cancel")
    }
  }

  @Test func theNumberOfStreamsIsBounded() throws {
    try withService {
      $0.limits.eventStreamsMax = 2
    } _: { _, client in
      let id = try Self.submitEndless(client)
      let path = "/v1/inversions/\(id)/events"
      let open = try (0..<2).map { _ in try EventListener(client.address, path) }
      #expect(open.allSatisfy { $0.status == 200 })
      let refused = try client.get(path)
      #expect(refused.status == 503 && refused.code == "event_streams_full")
      #expect(refused.fields["retry-after"] != nil)
      // Other requests go on, and a stream that ends makes room.
      #expect(try client.get("/v1/inversions/\(id)").status == 200)
      _ = try client.send("POST", "/v1/inversions/\(id)/cancel")
      for listener in open {
        while try listener.next() != nil {}
      }
      let again = try EventListener(client.address, path)
      #expect(again.status == 200)
    }
  }

  @Test func aClientThatGoesMakesRoom() throws {
    try withService {
      $0.limits.eventStreamsMax = 1
    } _: { _, client in
      let id = try Self.submitEndless(client)
      let path = "/v1/inversions/\(id)/events"
      var listener: EventListener? = try EventListener(client.address, path)
      #expect(listener?.status == 200)
      listener = nil
      var status = 503
      while status == 503 { status = try EventListener(client.address, path).status }
      #expect(status == 200)
      _ = try client.send("POST", "/v1/inversions/\(id)/cancel")
    }
  }

  @Test func aSilentStreamIsKeptOpenByComments() throws {
    try withService(workers: 1) {
      $0.limits.eventPingSeconds = 0.1
    } _: { _, client in
      _ = try Self.submitEndless(client)
      let queued = try client.post("/v1/inversions", ServiceClient.endless("small")).json()
      let path = "/v1/inversions/\(queued["id"]?.string ?? "")/events"
      let listener = try EventListener(client.address, path)
      #expect(try listener.next()?.name == "progress")
      for _ in 0..<3 { #expect(try listener.next()?.comment == "ping") }
    }
  }

  @Test func aServerThatStopsEndsItsStreams() throws {
    var listener: EventListener?
    try withService { _, client in
      let id = try Self.submitEndless(client)
      listener = try EventListener(client.address, "/v1/inversions/\(id)/events")
    }
    let open = try #require(listener)
    while try open.next() != nil {}
    #expect(open.isEnded, "the stream broke off")
  }
}
