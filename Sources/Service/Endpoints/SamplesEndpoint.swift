import Documents
import HTTP
import HTTPTypes
import LinearAlgebra
import Networks
import Storage

/// `POST /v1/generators/{id}/samples`: the generator forward, at given latents or random ones.
struct SamplesEndpoint: EndpointGroup {
  let parts: ServiceParts

  func add(to router: inout Router) {
    router.on(
      .post, "/v1/generators/{id}/samples",
      body: BodyRule(bytesMax: parts.limits.jsonBodyBytesMax), parts.answering(sample))
  }

  private func sample(_ request: Request) throws -> Response {
    try request.checkQuery(known: ["format"])
    let representation = try SignalRepresentation(request)
    let stored = try parts.generator(of: request)
    let shape = try GeneratorResource.shape(stored)
    let document = try ObjectReader(try request.json(depthMax: parts.limits.jsonDepthMax))
    let count = parts.limits.sampleValuesMax / max(shape.output.reduce(1, *), 1)
    let latents: Batch
    if document.has("latents") {
      latents = try Self.latents(
        document, width: shape.latent.reduce(1, *),
        countMax: min(parts.limits.samplesCountMax, max(count, 1)))
      try document.finish()
    } else {
      guard document.has("count") else {
        throw document.malformed("latents", "is missing; expected \"latents\" or \"count\"")
      }
      let asked =
        try document.integer("count", in: 1...min(parts.limits.samplesCountMax, max(count, 1)))
        ?? 1
      let seed = try document.integer("seed", in: 0...InversionRequest.seedMax) ?? 0
      try document.finish()
      var random = RandomNumbers(seed: UInt64(seed))
      latents = try parts.library.generator(stored.id).drawLatents(count: asked, from: &random)
    }
    let outputs = try parts.library.generator(stored.id).evaluate(latents)
    return try representation.response(
      outputs.values, count: latents.count, shape: shape.output, range: shape.range, isList: true)
  }

  private static func latents(
    _ document: ObjectReader, width: Int, countMax: Int
  ) throws(DocumentError) -> Batch {
    guard let rows = document.value("latents")?.elements, !rows.isEmpty, rows.count <= countMax
    else {
      throw document.malformed(
        "latents", "expected 1 to \(countMax) latents, each an array of \(width) numbers")
    }
    var values: [Float] = []
    for (place, row) in rows.enumerated() {
      guard let numbers = row.numbers, numbers.count == width else {
        throw .unprocessable(
          "/latents/\(place)",
          "has \(row.elements?.count ?? 0) numbers; the generator's latent has \(width)")
      }
      let row = numbers.map { Float($0) }
      guard row.allSatisfy(\.isFinite) else {
        throw .unprocessable("/latents/\(place)", "holds a number beyond single precision")
      }
      values += row
    }
    return Batch(count: rows.count, width: width, values: values)
  }
}
