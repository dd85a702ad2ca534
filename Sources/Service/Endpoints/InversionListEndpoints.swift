import Documents
import HTTP
import HTTPTypes
import Inversion
import Jobs
import Storage

/// `GET /v1/inversions` with its filters, and the search for the nearest past latents.
struct InversionListEndpoints: EndpointGroup {
  let parts: ServiceParts

  private static let filters: Set<String> = [
    "generator", "status", "solver", "verdict", "batch", "created_after", "created_before",
    "residual_max",
    "page_size", "page_token",
  ]

  func add(to router: inout Router) {
    router.on(.get, "/v1/inversions", parts.answering(list))
    router.on(
      .post, "/v1/inversions/search",
      body: BodyRule(bytesMax: parts.limits.jsonBodyBytesMax), parts.answering(search))
  }

  private func list(_ request: Request) throws -> Response {
    try request.checkQuery(known: Self.filters, prefix: "label.")
    var query = JobQuery(
      client: request.client,
      method: try Self.word(request, "solver", of: SolverCatalogue.kinds.map(\.type)),
      verdict: try Self.word(request, "verdict", of: Verdict.allCases.map(\.rawValue)),
      createdAfter: try request.queryValue("created_after").map {
        try Timestamp.parse($0, parameter: "created_after")
      },
      createdBefore: try request.queryValue("created_before").map {
        try Timestamp.parse($0, parameter: "created_before")
      }, batch: request.queryValue("batch"))
    if let name = request.queryValue("generator") {
      // The generator may be gone; its id still finds what it inverted.
      query.subject = try parts.generators.find(name, visibleTo: request.client)?.id ?? name
    }
    if let names = request.queryValue("status") {
      query.states = Set(
        try names.split(separator: ",", omittingEmptySubsequences: false).map(Self.state))
    }
    if let text = request.queryValue("residual_max") {
      guard case .number(let bound)? = try? JSONParser().parse(Array(text.utf8)), bound >= 0 else {
        throw Problem.malformed(
          "invalid_parameter",
          "residual_max is \"\(text.prefix(64))\"; expected a number from 0.")
      }
      query.residualMax = bound
    }
    for item in request.queryItems where item.name.hasPrefix("label.") {
      query.labels[String(item.name.dropFirst("label.".count))] = item.value
    }
    let page = try parts.jobs.list(query, page: try request.page())
    let documents = try parts.jobs.documents(of: page.jobs.map(\.id))
    return .json(
      .ok,
      InversionDocument.list(
        page.jobs.map { InversionDocument.bytes($0, documents[$0.id]) },
        nextToken: page.nextToken))
  }

  private static func word(
    _ request: Request, _ name: String, of known: [String]
  ) throws(Problem) -> String? {
    guard let word = request.queryValue(name) else { return nil }
    guard known.contains(word) else {
      throw .malformed(
        "invalid_parameter",
        "\(name) is \"\(word.prefix(64))\"; expected one of \(known.joined(separator: ", ")).")
    }
    return word
  }

  private static func state(_ name: Substring) throws(Problem) -> JobState {
    guard let state = JobState(rawValue: String(name)) else {
      let known = JobState.allCases.map(\.rawValue).joined(separator: ", ")
      throw .malformed(
        "invalid_parameter", "status is \"\(name.prefix(64))\"; expected one of \(known).")
    }
    return state
  }

  private func search(_ request: Request) throws -> Response {
    try request.checkQuery(known: [])
    let document = try ObjectReader(try request.json(depthMax: parts.limits.jsonDepthMax))
    _ = try document.required("latent")
    let latent = (try document.numbers("latent") ?? []).map { Float($0) }
    let generator = try document.string("generator")
    let limit = try document.integer("limit", in: SQLiteJobStore.nearestLimits) ?? 10
    try document.finish()
    guard !latent.isEmpty, latent.allSatisfy(\.isFinite) else {
      throw document.unprocessable("latent", "expected finite single-precision numbers")
    }
    var subject: String?
    if let generator {
      guard let stored = try parts.generators.find(generator, visibleTo: request.client) else {
        throw document.unprocessable(
          "generator", "there is no generator \"\(generator.prefix(128))\"")
      }
      subject = stored.id
      let count = try GeneratorResource.shape(stored).latent.reduce(1, *)
      guard latent.count == count else {
        throw document.unprocessable(
          "latent", "has \(latent.count) numbers; the generator's latent has \(count)")
      }
    }
    let nearest = try parts.jobs.nearestLatents(
      client: request.client, subject: subject, to: latent, limit: limit)
    let documents = try parts.jobs.documents(of: nearest.map(\.job.id))
    return .json(
      .ok,
      InversionDocument.list(
        nearest.map {
          InversionDocument.bytes($0.job, documents[$0.job.id], distance: $0.distance)
        }, nextToken: nil))
  }
}
