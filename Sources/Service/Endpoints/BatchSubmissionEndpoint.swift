import Documents
import Foundation
import HTTP
import HTTPTypes
import Jobs
import SignalFormats
import Storage

/// `POST /v1/batches`: many observations with one generator, measurement and solver, as a form; all
/// of them are accepted or none.
struct BatchSubmissionEndpoint: EndpointGroup {
  let parts: ServiceParts

  private static let files = ["observations", "mask", "matrix"]

  func add(to router: inout Router) {
    router.on(
      .post, "/v1/batches", body: BodyRule(bytesMax: parts.limits.formBytesMax),
      .streaming { request, body, responder in
        do {
          responder.respond(
            parts.coded(try submit(request, body), request.field(.acceptEncoding)))
        } catch {
          responder.respond(parts.refusal(error, requestID: request.id))
        }
      })
  }

  private func submit(_ request: Request, _ body: BodyReader) throws -> Response {
    try request.checkQuery(known: [])
    try parts.checkAccepting()
    let key = try request.idempotencyKey()
    guard InversionForm.isForm(request) else {
      throw Problem(
        .unsupportedMediaType, "unsupported_media_type",
        "The body is \"\(request.field(.contentType)?.prefix(64) ?? "")\"; expected "
          + "multipart/form-data with the parts request and observations.")
    }
    let form = try InversionForm(request, body, files: Self.files, limits: parts.limits)
    let asked = try InversionRequest(form.document, files: form.files, limits: parts.limits)
    let generator = try parts.generator(askedFor: asked.generator, by: request.client)
    let rows = try asked.observedRows(
      try observations(form), shape: try GeneratorResource.shape(generator))
    if asked.readsLayers { try asked.check(try parts.library.generator(generator.id)) }
    let companionKey = try asked.companionKey(for: generator)
    let memoryBytes = try parts.memoryBytes(
      asked, generator, observedCount: rows.first?.count ?? 0)
    let now = parts.clock.now()
    let submission = BatchSubmission(
      common: JobSubmission(
        id: ResourceID.make(prefix: "bat", at: now), client: request.client, subject: generator.id,
        document: JSONWriter.bytes(of: .object(asked.storedDocument)), priority: asked.priority,
        labels: asked.labels, deadlineSeconds: asked.deadlineSeconds,
        attemptsMax: parts.limits.attemptsMax, requestDigest: form.digest, idempotencyKey: key,
        facets: JobFacets(method: asked.method),
        traceContext: request.serviceContext?.trace?.traceparent, companionKey: companionKey,
        memoryBytes: memoryBytes),
      document: JSONWriter.bytes(
        of: .object(
          asked.storedDocument + [
            "priority": JSONValue(asked.priority),
            "labels": InversionDocument.labels(asked.labels),
          ])),
      members: rows.map {
        (id: ResourceID.make(prefix: "inv", at: now), input: StoredNumbers.bytes($0))
      })
    let (batch, isNew) = try parts.jobs.enqueue(
      submission, admission: parts.admission, now: now)
    if isNew {
      parts.metrics.record(batchOf: batch.count)
      parts.pool.wake(
        batch.count, deadline: now.addingTimeInterval(asked.deadlineSeconds))
    }
    return .json(
      .accepted, BatchDocument.bytes(batch), fields: [.location: "/v1/batches/\(batch.id)"])
  }

  private func observations(_ form: InversionForm) throws -> NPYArray {
    let array: NPYArray
    do {
      array = try NPY.read(form.observations ?? [])
    } catch {
      throw DocumentError.unprocessable("/observations", error.message)
    }
    let most = parts.limits.batchCountMax
    guard let count = array.shape.first, array.shape.count > 1, (1...most).contains(count) else {
      throw DocumentError.unprocessable(
        "/observations",
        "has shape \(array.shape); expected [N, ...], one observation a row, N from 1 to \(most)")
    }
    return array
  }
}
