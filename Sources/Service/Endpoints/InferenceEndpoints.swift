import Documents
import HTTP
import HTTPTypes
import Jobs
import Networks
import Storage

/// `/v2`: generators as models of the Open Inference Protocol, so that its clients and probes work
/// as they are. An inference is the generator's forward pass.
struct InferenceEndpoints: EndpointGroup {
  let parts: ServiceParts

  func add(to router: inout Router) {
    router.on(.get, "/v2", answering { _ in .json(.ok, InferenceDocument.server) })
    router.on(.get, "/v2/health/live", answering { _ in .json(.ok, ["live": true]) })
    router.on(.get, "/v2/health/ready", answering(ready))
    router.on(.get, "/v2/models/{id}", answering(model))
    router.on(.get, "/v2/models/{id}/ready", answering(modelReady))
    router.on(
      .post, "/v2/models/{id}/infer", body: BodyRule(bytesMax: parts.limits.jsonBodyBytesMax),
      answering(infer))
  }

  /// Like the other endpoints, with errors in the protocol's own words.
  private func answering(
    _ body: @escaping @Sendable (Request) throws -> Response
  ) -> RouteHandler {
    .queued { request in
      do {
        try request.checkQuery(known: [])
        return parts.coded(try body(request), request.field(.acceptEncoding))
      } catch {
        let problem = Problem(error, requestID: request.id, log: parts.logger)
        parts.metrics.record(problem)
        return InferenceDocument.refusal(problem)
      }
    }
  }

  private func ready(_ request: Request) throws -> Response {
    if let obstacle = parts.readiness.obstacle(now: parts.clock.now()) {
      throw Problem(.serviceUnavailable, "not_ready", obstacle, retryAfterSeconds: 5)
    }
    return .json(.ok, ["ready": true])
  }

  private func model(_ request: Request) throws -> Response {
    let stored = try parts.generator(of: request)
    return .json(
      .ok,
      InferenceDocument.model(
        request.parameter("id") ?? "", try GeneratorResource.shape(stored)))
  }

  private func modelReady(_ request: Request) throws -> Response {
    _ = try parts.generator(of: request)
    return .json(.ok, ["name": .string(request.parameter("id") ?? ""), "ready": true])
  }

  private func infer(_ request: Request) throws -> Response {
    let stored = try parts.generator(of: request)
    let shape = try GeneratorResource.shape(stored)
    let most = parts.limits.sampleValuesMax / max(shape.output.reduce(1, *), 1)
    let asked = try InferenceRequest(
      try request.json(depthMax: parts.limits.jsonDepthMax), shape: shape.latent,
      countMax: min(parts.limits.samplesCountMax, max(most, 1)))
    let outputs = try parts.library.generator(stored.id).evaluate(asked.latents)
    return .json(
      .ok,
      InferenceDocument.output(
        model: request.parameter("id") ?? "", id: asked.id, outputs, shape: shape.output))
  }
}
