import HTTP
import HTTPTypes
import Jobs
import Networks
import Storage

/// `/v1/inversions/{id}/reconstruction` and `/latent`, as JSON, npy or PNG; the latent
/// as safetensors too.
struct InversionOutputEndpoints: EndpointGroup {
  let parts: ServiceParts

  func add(to router: inout Router) {
    router.on(
      .get, "/v1/inversions/{id}/reconstruction",
      parts.answering { request in
        try output("reconstruction", request, .signals) { ($0.output, $0.range) }
      })
    router.on(
      .get, "/v1/inversions/{id}/latent",
      parts.answering { request in
        try output("latent", request, .withSafetensors) { ($0.latent, nil) }
      })
  }

  private func output(
    _ name: String, _ request: Request, _ offers: [SignalRepresentation],
    _ description: (GeneratorShape) -> (shape: [Int], range: ClosedRange<Float>?)
  ) throws -> Response {
    try request.checkQuery(known: ["format"])
    let representation = try SignalRepresentation(request, offers: offers)
    let job = try parts.job(of: request)
    guard let bytes = try parts.jobs.output(of: job.id, named: name) else {
      throw try parts.absence(of: name, job)
    }
    let values = StoredNumbers.values(bytes)
    // A generator that was deleted since leaves its outputs without their shape.
    let known = try parts.generators.find(id: job.subject).map {
      description(try GeneratorResource.shape($0))
    }
    let isWhole = known.map { $0.shape.reduce(1, *) == values.count } ?? false
    return try representation.response(
      values, name: name, count: 1,
      shape: isWhole ? known?.shape ?? [values.count] : [values.count],
      range: known?.range, isList: false)
  }
}
