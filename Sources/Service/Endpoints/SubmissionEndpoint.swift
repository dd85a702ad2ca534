import Documents
import HTTP
import HTTPTypes
import Jobs
import Storage

/// `POST /v1/inversions`: accepts an inversion, and waits for it when the client prefers that.
struct SubmissionEndpoint: EndpointGroup {
  let parts: ServiceParts

  func add(to router: inout Router) {
    let rule = BodyRule(bytesMax: parts.limits.jsonBodyBytesMax)
    router.on(
      .post, "/v1/inversions", body: rule,
      .deferred { request, responder in
        handle(request, responder, name: nil)
      })
    router.on(
      .put, "/v1/inversions/{id}", body: rule,
      .deferred { request, responder in
        handle(request, responder, name: request.parameter("id") ?? "")
      })
  }

  private func handle(
    _ request: Request, _ responder: Responder, name: String?
  ) {
    do {
      try submit(request, responder, name: name)
    } catch {
      responder.respond(parts.refusal(error, requestID: request.id))
    }
  }

  private func submit(
    _ request: Request, _ responder: Responder, name: String?
  ) throws {
    try request.checkQuery(known: [])
    guard parts.readiness.isAccepting else {
      throw Problem(
        .serviceUnavailable, "draining", "The server is shutting down; send this to another.",
        retryAfterSeconds: 10)
    }
    let wait = try Prefer.wait(request, secondsMax: parts.limits.waitSecondsMax)
    let key = try Self.idempotencyKey(request)
    let asked = try InversionRequest(
      try request.json(depthMax: parts.limits.jsonDepthMax), limits: parts.limits)
    guard let generator = try parts.generators.find(asked.generator, visibleTo: request.client)
    else {
      throw DocumentError.unprocessable(
        "/generator", "there is no generator \"\(asked.generator.prefix(128))\"")
    }
    let observed = try asked.observedValues(shape: try GeneratorResource.shape(generator))
    if asked.readsLayers { try asked.check(try parts.library.generator(generator.id)) }
    let id = try submissionID(name, client: request.client)
    let document = asked.storedDocument()
    let enqueued = try parts.jobs.enqueue(
      JobSubmission(
        id: id.stored, name: id.chosen, client: request.client, subject: generator.id,
        document: document,
        input: StoredNumbers.bytes(observed), priority: asked.priority, labels: asked.labels,
        deadlineSeconds: asked.deadlineSeconds, attemptsMax: parts.limits.attemptsMax,
        requestDigest: ContentDigest(hashing: request.body).bytes, idempotencyKey: key,
        facets: JobFacets(method: asked.solver.object?["type"]?.string ?? "automatic"),
        traceContext: request.serviceContext?.trace?.traceparent),
      admission: parts.admission, now: parts.clock.now())
    if enqueued.isNew { parts.pool.wake() }
    let record =
      enqueued.isNew
      ? JobRecord(job: enqueued.job, documents: JobDocuments(request: document, result: nil))
      : try parts.jobs.record(of: enqueued.job.id)
    guard let record else { throw Problem.notFound("inversion", enqueued.job.id) }
    answer(record, wait: wait, responder)
  }

  /// The id to store, and the one that the client chose where that is another.
  private func submissionID(
    _ name: String?, client: String
  ) throws -> (stored: String, chosen: String?) {
    guard let name else { return (ResourceID.make(prefix: "inv", at: parts.clock.now()), nil) }
    // An id that the server gave to this client before names that inversion.
    if let job = try parts.jobs.find(name, of: client), job.name == nil { return (name, nil) }
    return (SQLiteJobStore.id(of: name, client: client), name)
  }

  private func answer(_ record: JobRecord, wait: Int?, _ responder: Responder) {
    let reply: @Sendable (JobRecord) -> Response = { record in
      var fields: HTTPFields = [.location: "/v1/inversions/\(record.job.publicID)"]
      if let wait { fields[.preferenceApplied] = "wait=\(wait)" }
      let isDone = wait != nil && record.job.state.isFinished
      return .json(
        isDone ? .ok : .accepted, InversionDocument.bytes(record.job, record.documents),
        fields: fields)
    }
    guard let wait, wait > 0 else {
      responder.respond(reply(record))
      return
    }
    parts.waiting.wait(
      for: record.job.id, seconds: wait, responder: responder, until: \.state.isFinished,
      answer: reply)
  }

  private static func idempotencyKey(_ request: Request) throws(Problem) -> String? {
    guard let name = HTTPField.Name("Idempotency-Key"), let value = request.field(name) else {
      return nil
    }
    // A structured-field string carries quotes; many clients leave them out.
    let key =
      value.count >= 2 && value.hasPrefix("\"") && value.hasSuffix("\"")
      ? String(value.dropFirst().dropLast()) : value
    guard JobSubmission.idempotencyKeyBytes.contains(key.utf8.count) else {
      throw .malformed(
        "invalid_idempotency_key",
        "Idempotency-Key has \(key.utf8.count) bytes; expected 1 to "
          + "\(JobSubmission.idempotencyKeyBytes.upperBound).")
    }
    return key
  }
}

/// `Prefer` [RFC 7240].
package enum Prefer {
  /// The seconds of `wait=N`, cut to what is allowed; `nil` when it is not preferred. As with all
  /// preferences, what cannot be read is ignored.
  package static func wait(_ request: Request, secondsMax: Int) throws(Problem) -> Int? {
    guard let name = HTTPField.Name("Prefer"), let value = request.field(name) else { return nil }
    for preference in value.split(whereSeparator: { $0 == "," || $0 == ";" }) {
      let pair = preference.split(separator: "=", maxSplits: 1)
      guard pair.count == 2, pair[0].trimmingSpaces().lowercased() == "wait",
        case let digits = pair[1].trimmingSpaces(), digits.utf8.allSatisfy({ $0 &- 0x30 < 10 }),
        let seconds = Int(digits)
      else { continue }
      return min(seconds, secondsMax)
    }
    return nil
  }
}

extension HTTPField.Name {
  static let preferenceApplied = Self("Preference-Applied")!
}
