import HTTP
import HTTPTypes
import Jobs

/// `GET /v1/inversions/{id}/events`: what becomes of an inversion, told as it happens.
struct EventsEndpoint: EndpointGroup {
  let parts: ServiceParts

  func add(to router: inout Router) {
    router.on(.get, "/v1/inversions/{id}/events", parts.answering(listen))
  }

  private func listen(_ request: Request) throws -> Response {
    try request.checkQuery(known: [])
    let job = try parts.job(of: request)
    let known = try Self.lastEventID(request)
    // Told all there will ever be: what a browser understands as an end [WHATWG HTML].
    if job.state.isFinished, let known, known >= job.revision { return Response(.noContent) }
    return Response(
      .ok,
      fields: [.contentType: ServerSentEvent.mediaType, .cacheControl: "no-store"],
      body: .feed(try parts.events.open(job.id, known: known)))
  }

  private static func lastEventID(_ request: Request) throws(Problem) -> Int? {
    guard let name = HTTPField.Name("Last-Event-ID"), let text = request.field(name), !text.isEmpty
    else { return nil }
    guard text.utf8.allSatisfy({ $0 &- 0x30 < 10 }), let id = Int(text) else {
      throw .malformed(
        "invalid_last_event_id",
        "Last-Event-ID is \"\(text.prefix(64))\"; expected the id of an event, a revision.")
    }
    return id
  }
}
