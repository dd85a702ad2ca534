import Documents
import HTTP
import HTTPTypes
import Inversion
import Measurements
import Networks
import Storage
import WeightFormats

/// `GET /v1/generators/{id}/diagnostics`: what can be said of a generator and a measurement before
/// anything is inverted.
struct DiagnosticsEndpoint: EndpointGroup {
  let parts: ServiceParts

  /// Latents that are drawn where the client names no number and the limit allows it.
  static let latentsDefault = 32
  static let measurementDefault: JSONValue = ["type": "identity"]

  func add(to router: inout Router) {
    router.on(.get, "/v1/generators/{id}/diagnostics", parts.answering(read))
  }

  private func read(_ request: Request) throws -> Response {
    try request.checkQuery(known: ["measurement", "latents", "seed", "noise_sigma"])
    let asked = try request.queryInteger("latents", in: 1...parts.limits.diagnosticLatentsMax)
    let seed = try request.queryInteger("seed", in: 0...InversionRequest.seedMax) ?? 0
    let sigma = try Self.sigma(request)
    let document = try measurement(request)
    let stored = try parts.generator(of: request)
    let measurement = try MeasurementCatalogue.build(
      document, signalShape: try GeneratorResource.shape(stored).output,
      limits: parts.limits.measurements)
    let generator = try parts.library.generator(stored.id)
    let draws = try draws(asked, GeneratorDiagnosis.multiplyCount(generator, measurement))
    let diagnosis = GeneratorDiagnosis(
      generator, measurement, weights: try weights(stored), draws: draws, seed: UInt64(seed))
    return .json(
      .ok,
      DiagnosticsDocument.value(diagnosis, measurement: document, sigma: sigma, seed: seed))
  }

  private func measurement(_ request: Request) throws -> JSONValue {
    guard let text = request.queryValue("measurement") else { return Self.measurementDefault }
    do {
      return try JSONParser(depthMax: parts.limits.jsonDepthMax).parse(Array(text.utf8))
    } catch {
      throw Problem.malformed(
        "invalid_parameter",
        "measurement is not JSON: \(error.description). Expected a document such as "
          + "{\"type\":\"identity\"}, percent-encoded.")
    }
  }

  private static func sigma(_ request: Request) throws(Problem) -> Double? {
    guard let text = request.queryValue("noise_sigma") else { return nil }
    guard case .number(let sigma)? = try? JSONParser().parse(Array(text.utf8)), sigma > 0,
      sigma <= 1e30
    else {
      throw .malformed(
        "invalid_parameter",
        "noise_sigma is \"\(text.prefix(64))\"; expected a positive number up to 1e30.")
    }
    return sigma
  }

  /// How many latents to draw within the limit of the work.
  ///
  /// - Throws: `Problem` 422 naming what to lower.
  private func draws(
    _ asked: Int?, _ cost: (perDraw: Double, fixed: Double)
  ) throws(Problem) -> Int {
    let most = Double(parts.limits.diagnosticMultiplicationsMax)
    let affordable = ((most - cost.fixed) / cost.perDraw).rounded(.down)
    guard affordable >= 1 else {
      throw Problem(
        .unprocessableContent, "diagnosis_too_large",
        "The generator and the measurement take \(Self.text(cost.perDraw + cost.fixed)) "
          + "multiplications for one latent; at most \(Self.text(most)) are allowed. Observe "
          + "fewer numbers, or raise generators.diagnostic_multiplications_max.")
    }
    let wanted = asked ?? min(Self.latentsDefault, parts.limits.diagnosticLatentsMax)
    guard asked == nil || Double(wanted) <= affordable else {
      throw Problem(
        .unprocessableContent, "diagnosis_too_large",
        "\(wanted) latents take \(Self.text(Double(wanted) * cost.perDraw + cost.fixed)) "
          + "multiplications; at most \(Self.text(most)) are allowed. Lower latents to "
          + "\(Int(affordable)).",
        errors: [
          .init(pointer: "/latents", detail: "is \(wanted); at most \(Int(affordable)) here")
        ])
    }
    return min(wanted, Int(min(affordable, 1e9)))
  }

  /// A count of multiplications, to the million.
  private static func text(_ count: Double) -> String {
    "\(Int((min(count, 1e18) / 1e6).rounded(.up))) million"
  }

  /// The tensors as they were uploaded.
  private func weights(_ stored: StoredGenerator) throws -> [Int: [Float]] {
    guard let text = try parts.generators.architecture(of: stored.id) else { return [:] }
    let architecture = try JSONParser().parse(text)
    let source = StoredWeights(reader: try parts.blobs.reader(for: stored.blob.digest))
    return GeneratorDiagnosis.weights(
      of: architecture,
      in: try WeightFormats.tensors(
        in: source, of: architecture, limits: parts.limits.weights))
  }
}
