import Documents
import HTTP
import HTTPTypes
import Jobs
import Storage

/// `POST /v1/inversions` and `PUT /v1/inversions/{id}`: accept an inversion as JSON or as a form
/// with files, and wait for it when the client prefers that.
struct SubmissionEndpoint: EndpointGroup {
  let parts: ServiceParts

  func add(to router: inout Router) {
    add(to: &router, .post, "/v1/inversions") { _ in nil }
    add(to: &router, .put, "/v1/inversions/{id}") { $0.parameter("id") ?? "" }
  }

  private static let files = ["observation", "mask", "matrix"]

  private func add(
    to router: inout Router, _ method: HTTPRequest.Method, _ pattern: String,
    name: @escaping @Sendable (Request) -> String?
  ) {
    router.on(
      method, pattern, body: BodyRule(bytesMax: parts.limits.jsonBodyBytesMax),
      .deferred { request, responder in
        handle(request, responder) {
          try submit(
            InversionForm(request, limits: parts.limits), request, responder, name: name(request))
        }
      },
      alternative: RouteAlternative(
        when: InversionForm.isForm, body: BodyRule(bytesMax: parts.limits.formBytesMax),
        .streaming { request, body, responder in
          handle(request, responder) {
            let form = try InversionForm(request, body, files: Self.files, limits: parts.limits)
            try submit(form, request, responder, name: name(request))
          }
        }))
  }

  private func handle(
    _ request: Request, _ responder: Responder, _ body: () throws -> Void
  ) {
    do {
      try request.checkQuery(known: [])
      try parts.checkAccepting()
      try body()
    } catch {
      responder.respond(parts.refusal(error, requestID: request.id))
    }
  }

  private func submit(
    _ form: InversionForm, _ request: Request, _ responder: Responder, name: String?
  ) throws {
    let wait = try Prefer.wait(request, secondsMax: parts.limits.waitSecondsMax)
    let key = try request.idempotencyKey()
    let asked = try InversionRequest(form.document, files: form.files, limits: parts.limits)
    let generator = try parts.generator(askedFor: asked.generator, by: request.client)
    let observed = try asked.observedValues(shape: try GeneratorResource.shape(generator))
    if asked.readsLayers { try asked.check(try parts.library.generator(generator.id)) }
    let companionKey = try asked.companionKey(for: generator)
    let id = try submissionID(name, client: request.client)
    let memoryBytes = try parts.memoryBytes(asked, generator, observedCount: observed.count)
    let document = JSONWriter.bytes(of: .object(asked.storedDocument))
    let acceptEncoding = request.field(.acceptEncoding)
    // No thread waits for the disk: acceptances that arrive together are flushed together.
    parts.jobs.enqueue(
      JobSubmission(
        id: id.stored, name: id.chosen, client: request.client, subject: generator.id,
        document: document, input: StoredNumbers.bytes(observed), priority: asked.priority,
        labels: asked.labels, deadlineSeconds: asked.deadlineSeconds,
        attemptsMax: parts.limits.attemptsMax, requestDigest: form.digest, idempotencyKey: key,
        facets: JobFacets(method: asked.method),
        traceContext: request.serviceContext?.trace?.traceparent, companionKey: companionKey,
        memoryBytes: memoryBytes),
      admission: parts.admission, now: parts.clock.now()
    ) { result in
      do {
        let enqueued = try result.get()
        if enqueued.isNew { parts.pool.wake(deadline: enqueued.job.deadline) }
        let record =
          enqueued.isNew
          ? JobRecord(job: enqueued.job, documents: JobDocuments(request: document, result: nil))
          : try parts.jobs.record(of: enqueued.job.id)
        guard let record else { throw Problem.notFound("inversion", enqueued.job.id) }
        answer(record, wait: wait, responder, acceptEncoding)
      } catch {
        responder.respond(parts.refusal(error, requestID: responder.requestID))
      }
    }
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

  private func answer(
    _ record: JobRecord, wait: Int?, _ responder: Responder, _ acceptEncoding: String?
  ) {
    let parts = parts
    let reply: @Sendable (JobRecord) -> Response = { record in
      var fields: HTTPFields = [.location: "/v1/inversions/\(record.job.publicID)"]
      if let wait { fields[.preferenceApplied] = "wait=\(wait)" }
      let isDone = wait != nil && record.job.state.isFinished
      return parts.coded(
        .json(
          isDone ? .ok : .accepted, InversionDocument.bytes(record.job, record.documents),
          fields: fields), acceptEncoding)
    }
    guard let wait, wait > 0 else {
      responder.respond(reply(record))
      return
    }
    parts.waiting.wait(
      for: record.job.id, seconds: wait, responder: responder, until: \.state.isFinished,
      answer: reply)
  }
}

extension Request {
  /// `Idempotency-Key` [draft-ietf-httpapi-idempotency-key-header].
  func idempotencyKey() throws(Problem) -> String? {
    guard let name = HTTPField.Name("Idempotency-Key"), let value = field(name) else { return nil }
    return try IdempotencyKey.parse(value)
  }
}

/// The client's name for a request that must not be carried out twice.
package enum IdempotencyKey {
  /// A structured-field string carries quotes, and may hold spaces; many clients leave them out.
  static let pattern = #"^("[ !#-\[\]-~]{1,256}"|[!#-\[\]-~]{1,256})$"#

  /// - Throws: `Problem` 400 for what is not of the pattern.
  package static func parse(_ value: String) throws(Problem) -> String {
    let isQuoted = value.utf8.count >= 2 && value.hasPrefix("\"") && value.hasSuffix("\"")
    let key = isQuoted ? String(value.dropFirst().dropLast()) : value
    let lowest: UInt8 = isQuoted ? 0x20 : 0x21
    guard JobSubmission.idempotencyKeyBytes.contains(key.utf8.count),
      key.utf8.allSatisfy({ (lowest...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C })
    else {
      throw .malformed(
        "invalid_idempotency_key",
        "Idempotency-Key has \(key.utf8.count) bytes; expected 1 to "
          + "\(JobSubmission.idempotencyKeyBytes.upperBound) visible ASCII characters other than "
          + "quotes and backslashes, in quotes or not.")
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
