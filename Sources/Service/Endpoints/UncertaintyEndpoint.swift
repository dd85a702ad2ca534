import Documents
import HTTP
import HTTPTypes
import Jobs
import Networks
import SignalFormats
import Storage

/// `GET /v1/inversions/{id}/uncertainty`: how far each entry of the latent and of the signal can be
/// trusted, as JSON; the signal's deviations as npy or as a grey picture.
struct UncertaintyEndpoint: EndpointGroup {
  let parts: ServiceParts

  /// What the intervals cover that JSON speaks of, and how many deviations wide they are to either
  /// side: the normal distribution's quantile.
  static let level = 0.9
  static let quantile = 1.6449

  /// The deviation that is white in the picture; black is none.
  static let whiteField = "Preimage-White"

  func add(to router: inout Router) {
    router.on(.get, "/v1/inversions/{id}/uncertainty", parts.answering(read))
  }

  private func read(_ request: Request) throws -> Response {
    try request.checkQuery(known: ["format"])
    let representation = try SignalRepresentation(request)
    let job = try parts.job(of: request)
    guard let bytes = try parts.jobs.output(of: job.id, named: "uncertainty") else {
      throw try parts.absence(of: "uncertainty", job, otherwise: Self.noEstimate(job))
    }
    let deviations = StoredNumbers.values(bytes)
    let known = try parts.generators.find(id: job.subject).map {
      try GeneratorResource.shape($0).output
    }
    let shape = known.flatMap { $0.reduce(1, *) == deviations.count ? $0 : nil }
    let extents = shape ?? [deviations.count]
    switch representation {
    case .json:
      return .json(.ok, try document(job, deviations, extents), fields: [.vary: "Accept"])
    case .npy, .safetensors:
      return try representation.response(
        deviations, count: 1, shape: extents, range: nil, isList: false)
    case .png:
      let picture = Self.grey(deviations, extents)
      let white = picture.values.reduce(0) { $1.isFinite ? max($0, $1) : $0 }
      var response = try representation.response(
        picture.values.map { $0.isFinite ? $0 : .greatestFiniteMagnitude }, count: 1,
        shape: picture.shape, range: 0...(white > 0 ? white : 1), isList: false)
      if let name = HTTPField.Name(Self.whiteField) { response.fields[name] = "\(white)" }
      return response
    }
  }

  private func document(
    _ job: Job, _ deviations: [Float], _ shape: [Int]
  ) throws -> [UInt8] {
    let result = try parts.jobs.documents(of: [job.id])[job.id]?.result
    let certificate = try result.flatMap {
      try JSONParser().parse($0).object?["certificate"]?.object
    }
    var object = JSONObjectWriter()
    object.add("shape", JSONValue(shape))
    object.add("reconstruction_std", numbers: deviations)
    for name in ["latent_std", "intervals_hold", "sigma", "sigma_estimated"] {
      object.add(name, certificate?[name] ?? .null)
    }
    object.add("level", .number(Self.level))
    object.add("quantile", .number(Self.quantile))
    return object.finish()
  }

  /// Of colours, the root mean square over the channels.
  private static func grey(_ values: [Float], _ shape: [Int]) -> (values: [Float], shape: [Int]) {
    guard shape.count == 3, shape[0] == 3 else { return (values, shape) }
    let size = shape[1] * shape[2]
    let squares = (0..<size).map { pixel in
      (0..<3).reduce(Float(0)) { $0 + values[$1 * size + pixel] * values[$1 * size + pixel] }
    }
    return (squares.map { ($0 / 3).squareRoot() }, [1, shape[1], shape[2]])
  }

  private static func noEstimate(_ job: Job) -> Problem {
    Problem(
      .notFound, "no_noise_estimate",
      "The inversion has no estimate of its noise: no more numbers were observed than the latent "
        + "has free directions, or nothing was found. Declare the noise's sigma.")
  }
}

extension ServiceParts {
  /// Why an output is not there: not yet, or not at all.
  func absence(of name: String, _ job: Job, otherwise: Problem? = nil) throws -> Problem {
    guard job.state.isFinished else {
      return Problem(
        .conflict, "inversion_not_finished",
        "The inversion is \(job.state.rawValue) and has no \(name) yet; wait for it with "
          + "GET /v1/inversions/\(job.publicID)?wait=30.")
    }
    if let otherwise, try jobs.output(of: job.id, named: "latent") != nil { return otherwise }
    return Problem(
      .notFound, "no_result", "The inversion is \(job.state.rawValue) and has no \(name).")
  }
}
