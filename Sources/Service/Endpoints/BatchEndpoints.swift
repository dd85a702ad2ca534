import HTTP
import HTTPTypes
import Jobs
import Storage

/// `/v1/batches`: list, read, cancel, delete, and what all inversions of a batch found.
struct BatchEndpoints: EndpointGroup {
  let parts: ServiceParts

  func add(to router: inout Router) {
    router.on(.get, "/v1/batches", parts.answering(list))
    router.on(.get, "/v1/batches/{id}", parts.answering(read))
    router.on(.delete, "/v1/batches/{id}", parts.answering(delete))
    router.on(.post, "/v1/batches/{id}/cancel", parts.answering(cancel))
    router.on(
      .get, "/v1/batches/{id}/latents",
      parts.answering { request in
        try outputs(request, .latents) { ($0.latent, nil) }
      })
    router.on(
      .get, "/v1/batches/{id}/reconstructions",
      parts.answering { request in
        try outputs(request, .reconstructions) { ($0.output, $0.range) }
      })
  }

  private func list(_ request: Request) throws -> Response {
    try request.checkQuery(known: ["generator", "page_size", "page_token"])
    // The generator may be gone; its id still finds what it inverted.
    let subject = try request.queryValue("generator").map { name in
      try parts.generators.find(name, visibleTo: request.client)?.id ?? name
    }
    let page = try parts.jobs.listBatches(
      BatchQuery(client: request.client, subject: subject), page: try request.page())
    return .json(.ok, BatchDocument.list(page))
  }

  private func read(_ request: Request) throws -> Response {
    try request.checkQuery(known: [])
    return .json(.ok, BatchDocument.bytes(try batch(of: request)))
  }

  private func delete(_ request: Request) throws -> Response {
    try request.checkQuery(known: [])
    let batch = try batch(of: request)
    guard try parts.jobs.deleteBatch(batch.id) else {
      throw Self.unfinished(batch, advice: "cancel it first")
    }
    return Response(.noContent)
  }

  private static func unfinished(_ batch: JobBatch, advice: String) -> Problem {
    Problem(
      .conflict, "batch_not_finished",
      "\(batch.unfinishedCount) of the batch's \(batch.count) inversions are not finished; \(advice)."
    )
  }

  /// 202 until the work has stopped, 200 once it has.
  private func cancel(_ request: Request) throws -> Response {
    try request.checkQuery(known: [])
    let id = try batch(of: request).id
    let asked = try parts.jobs.requestCancelBatch(id, now: parts.clock.now())
    parts.pool.noteCancelRequests(asked)
    for id in asked {
      // Those that a worker holds are told of when it has stopped.
      guard let job = try parts.jobs.find(id), job.state == .canceled, job.solveSeconds == nil
      else { continue }
      parts.tellCanceledInQueue(job)
    }
    let batch = try batch(of: request)
    return .json(batch.unfinishedCount == 0 ? .ok : .accepted, BatchDocument.bytes(batch))
  }

  private func outputs(
    _ request: Request, _ kind: BatchOutputs.Kind,
    _ description: (GeneratorShape) -> (shape: [Int], range: ClosedRange<Float>?)
  ) throws -> Response {
    try request.checkQuery(known: ["format"])
    let representation = try SignalRepresentation(request, offers: .withSafetensors)
    let batch = try batch(of: request)
    guard batch.unfinishedCount == 0 else {
      throw Self.unfinished(
        batch, advice: "wait for GET /v1/batches/\(batch.id) to say \"finished\"")
    }
    let known = try parts.generators.find(batch.subject, visibleTo: request.client).map {
      description(try GeneratorResource.shape($0))
    }
    let outputs = try BatchOutputs(
      kind, of: batch, jobs: parts.jobs, shape: known?.shape, range: known?.range)
    return try outputs.response(representation, limits: parts.limits)
  }

  private func batch(of request: Request) throws -> JobBatch {
    let id = request.parameter("id") ?? ""
    guard let batch = try parts.jobs.findBatch(id), batch.client == request.client else {
      throw Problem.notFound("batch", id)
    }
    return batch
  }
}
