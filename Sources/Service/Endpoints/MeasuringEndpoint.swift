import Documents
import HTTP
import HTTPTypes
import LinearAlgebra
import Measurements
import Storage

/// `POST /v1/measurements/apply`: what a measurement shows of a signal, so that clients need not
/// draw it again themselves.
struct MeasuringEndpoint: EndpointGroup {
  let parts: ServiceParts

  /// Extents of a signal.
  static let dimensionsMax = 8

  func add(to router: inout Router) {
    router.on(
      .post, "/v1/measurements/apply", body: BodyRule(bytesMax: parts.limits.jsonBodyBytesMax),
      parts.answering(apply))
  }

  private func apply(_ request: Request) throws -> Response {
    try request.checkQuery(known: ["format"])
    let representation = try SignalRepresentation(request)
    let document = try ObjectReader(try request.json(depthMax: parts.limits.jsonDepthMax))
    let asked = try document.required("measurement")
    let name = try document.string("generator")
    let signal = try document.requiredObject("signal")
    try document.finish()

    let given = try GivenSignal(signal)
    let shape = try shape(signal, given, generator: name, client: request.client)
    let values = try given.values(shape)
    try signal.finish()
    let count = shape.output.reduce(1, *)
    guard values.count == count else {
      throw signal.unprocessable(
        given.way, "has \(values.count) numbers; a signal of shape \(shape.output) has \(count)")
    }
    if let bad = values.firstIndex(where: { !$0.isFinite }) {
      throw DocumentError.unprocessable(
        "\(signal.pointer(to: given.way))/\(bad)",
        "is \(values[bad]) as a single-precision number; expected a finite one")
    }
    let measurement = try MeasurementCatalogue.build(
      asked, signalShape: shape.output, limits: parts.limits.measurements)
    let observed = measurement.evaluate(Batch(row: values))
    return try representation.response(
      observed.values, count: 1, shape: measurement.outputShape, range: shape.range, isList: false)
  }

  /// The shape that is given, else the generator's, else the array's own.
  private func shape(
    _ signal: ObjectReader, _ given: GivenSignal, generator name: String?, client: String
  ) throws -> GeneratorShape {
    let extents = try signal.integers(
      "shape", in: 1...parts.limits.signalCountMax, counts: 1...Self.dimensionsMax)
    if let name {
      guard extents == nil else {
        throw signal.malformed("shape", "is the generator's; leave out one of the two")
      }
      guard let stored = try parts.generators.find(name, visibleTo: client) else {
        throw DocumentError.unprocessable(
          "/generator", "there is no generator \"\(name.prefix(128))\"; upload it first")
      }
      return try GeneratorResource.shape(stored)
    }
    guard let own = try extents ?? given.ownShape() else {
      throw signal.malformed("shape", "is missing; expected the signal's extents, or a generator")
    }
    let most = parts.limits.signalCountMax
    // Cut off as it grows, so that no product of extents is too large to be counted.
    let count = own.reduce(1) { min($0, most + 1) * min($1, most + 1) }
    guard (1...Self.dimensionsMax).contains(own.count), (1...most).contains(count) else {
      throw signal.unprocessable(
        extents == nil ? given.way : "shape",
        "the shape is \(own.prefix(Self.dimensionsMax + 1)); expected 1 to \(Self.dimensionsMax) "
          + "extents and 1 to \(most) entries in all")
    }
    return GeneratorShape(latent: [], output: own)
  }
}
