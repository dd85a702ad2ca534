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
      .deferred { request, responder in
        do {
          try read(request, responder)
        } catch {
          responder.respond(parts.refusal(error, requestID: request.id))
        }
      })
    router.on(.delete, "/v1/inversions/{id}", parts.answering(delete))
    router.on(.post, "/v1/inversions/{id}/cancel", parts.answering(cancel))
  }

  /// With `?wait=` the answer comes when the inversion is finished or, with `If-None-Match`, when
  /// it is no longer the revision that the client knows.
  private func read(_ request: Request, _ responder: Responder) throws {
    try request.checkQuery(known: ["wait"])
    let seconds = try request.queryInteger("wait", in: 0...parts.limits.waitSecondsMax) ?? 0
    let known = request.field(.ifNoneMatch)
    let isNews: @Sendable (Job) -> Bool = { job in
      known.map { !$0.contains(Self.tag(job)) } ?? (seconds == 0 || job.state.isFinished)
    }
    let parts = parts
    let acceptEncoding = request.field(.acceptEncoding)
    let answer: @Sendable (Job) throws -> Response = { job in
      let fields: HTTPFields = [.eTag: Self.tag(job)]
      if known?.contains(Self.tag(job)) == true { return Response(.notModified, fields: fields) }
      return parts.coded(
        .json(.ok, try parts.inversion(job), fields: fields), acceptEncoding)
    }
    let job = try parts.job(of: request)
    if seconds == 0 || isNews(job) || job.state.isFinished {
      responder.respond(try answer(job))
    } else {
      parts.waiting.wait(
        for: job.id, seconds: seconds, responder: responder, until: isNews, answer: answer)
    }
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
    let job = try parts.pool.cancel(try parts.job(of: request).id)
    return .json(job.state.isFinished ? .ok : .accepted, try parts.inversion(job))
  }
}
