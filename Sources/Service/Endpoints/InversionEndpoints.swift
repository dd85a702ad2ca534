import Documents
import HTTP
import HTTPTypes
import Jobs
import Storage

/// `/v1/inversions/{id}`: read, wait for, cancel, delete.
struct InversionEndpoints: EndpointGroup {
  let parts: ServiceParts

  func add(to router: inout Router) {
    router.on(
      .get, "/v1/inversions/{id}",
      .prompt(look: look) { request, responder in
        do {
          try read(request, responder)
        } catch {
          responder.respond(parts.refusal(error, requestID: request.id))
        }
      })
    router.on(.delete, "/v1/inversions/{id}", parts.answering(delete))
    router.on(.post, "/v1/inversions/{id}/cancel", parts.answering(cancel))
  }

  /// Answers, without a change of threads, who asks without further wishes for a job whose documents
  /// are short: most that are asked for often are. What may be compressed is not.
  private func look(_ request: Request) -> Response? {
    guard request.queryItems.isEmpty, let id = request.parameter("id") else { return nil }
    let bytesMax = min(parts.limits.compressedBytesMin, Self.lookBytesMax)
    return parts.jobs.glance(at: id, of: request.client, documentBytesMax: bytesMax).flatMap {
      let response = response($0, known: request.field(.ifNoneMatch))
      guard case .bytes(let bytes) = response.body, bytes.count >= bytesMax else { return response }
      return nil
    }
  }

  /// Longer documents take the event loop more than some microseconds.
  private static let lookBytesMax = 32 << 10

  /// With `?wait=` the answer comes when the inversion is finished or, with `If-None-Match`, when
  /// it is no longer the revision that the client knows.
  private func read(_ request: Request, _ responder: Responder) throws {
    try request.checkQuery(known: ["wait"])
    let seconds = try request.queryInteger("wait", in: 0...parts.limits.waitSecondsMax) ?? 0
    let known = request.field(.ifNoneMatch)
    let isNews: @Sendable (Job) -> Bool = { job in
      known.map { !$0.contains(Self.tag(job)) } ?? (seconds == 0 || job.state.isFinished)
    }
    let acceptEncoding = request.field(.acceptEncoding)
    let answer: @Sendable (JobRecord) -> Response = { record in
      parts.coded(response(record, known: known), acceptEncoding)
    }
    let record = try parts.record(of: request)
    let job = record.job
    if seconds == 0 || isNews(job) || job.state.isFinished {
      responder.respond(answer(record))
    } else {
      parts.waiting.wait(
        for: job.id, seconds: seconds, responder: responder, until: isNews, answer: answer)
    }
  }

  /// 304 for who knows the job as it is.
  private func response(_ record: JobRecord, known: String?) -> Response {
    let fields: HTTPFields = [.eTag: Self.tag(record.job)]
    if known?.contains(Self.tag(record.job)) == true {
      return Response(.notModified, fields: fields)
    }
    return .json(.ok, InversionDocument.bytes(record.job, record.documents), fields: fields)
  }

  private static func tag(_ job: Job) -> String { "\"\(job.revision)\"" }

  private func delete(_ request: Request) throws -> Response {
    try request.checkQuery(known: [])
    try parts.jobs.delete(try parts.job(of: request).id)
    return Response(.noContent)
  }

  /// 202 until the work has stopped, 200 once it has.
  private func cancel(_ request: Request) throws -> Response {
    try request.checkQuery(known: [])
    let before = try parts.job(of: request)
    let job = try parts.pool.cancel(before.id)
    // One that a worker holds is told of when the worker has stopped.
    if before.state == .queued, job.state == .canceled {
      parts.tellCanceledInQueue(job)
    }
    return .json(job.state.isFinished ? .ok : .accepted, try parts.inversion(job))
  }
}
