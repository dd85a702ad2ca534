import Documents
import HTTPTypes

/// The description of the API that clients and tools read [OpenAPI 3.1]. What the catalogues and
/// limits know comes from them, so that it cannot say anything else than the service does.
package struct OpenAPIDocument {
  package let document: JSONValue

  /// Every operation: what it takes, answers and demands.
  static func operations(_ limits: ServiceLimits) -> [Operation] {
    [
      OperatingOperations().all, CatalogueOperations().all,
      GeneratorOperations(limits: limits).all,
      [DiagnosticsOperation(limits: limits).operation], InversionOperations(limits: limits).all,
      InversionListOperations(limits: limits).all, InversionOutputOperations().all,
      BatchOperations(limits: limits).all, InferenceOperations(limits: limits).all,
    ].flatMap { $0 }
  }

  /// Operations, as method and path, that nothing says the access of.
  package static func withoutAccess(_ limits: ServiceLimits) -> [String] {
    operations(limits).filter { $0.access == nil }.map { "\($0.method.rawValue) \($0.path)" }
  }

  /// - Parameter requiresTokens: whether the server that it describes does.
  package init(limits: ServiceLimits, requiresTokens: Bool = true) {
    var paths: [(path: String, methods: JSONObject)] = []
    for operation in Self.operations(limits) {
      let document = operation.document(isAccessOptional: !requiresTokens)
      let method = operation.method.rawValue.lowercased()
      if let place = paths.firstIndex(where: { $0.path == operation.path }) {
        paths[place].methods[method] = document
      } else {
        paths.append((operation.path, [method: document]))
      }
    }
    var pathsObject: JSONObject = [:]
    for (path, methods) in paths { pathsObject[path] = .object(methods) }
    let schemas =
      ProblemSchemas.all + CatalogueSchemas.all + GeneratorSchemas(limits: limits).all
      + RequestSchemas(limits: limits).all + InversionSchemas.all + DiagnosticsSchemas.all
      + BatchSchemas(limits: limits).all + InferenceSchemas(limits: limits).all
    document = [
      "openapi": "3.1.0", "info": Self.info, "servers": [["url": "/"]], "tags": Self.tags,
      "paths": .object(pathsObject),
      "components": [
        "schemas": .object(schemas), "securitySchemes": .object(SecuritySchemes.all),
      ],
    ]
  }

  private static let info: JSONValue = [
    "title": "Preimage", "version": .string(PreimageService.version),
    "summary": "Recovers what a generative network was given from what can be seen of its output.",
    "description": .string(
      """
      Upload a trained generator, post an observation, and get back the latent code, the completed \
      signal and an honest statement of how far both can be trusted.

      JSON is UTF-8 with names in snake_case; request fields and query parameters that are unknown \
      are refused. Every error is a problem document [RFC 9457] with a stable `code`. A path that \
      is not here is 404 `not_found`; a method that a path does not have is 405 \
      `method_not_allowed` with `Allow`. Every `get` answers HEAD too. Times are RFC 3339 in UTC, \
      sizes bytes, durations seconds. Numbers that are not finite are written as null.
      """),
    "license": ["name": "See the repository"],
  ]

  private static let tags: JSONValue = [
    ["name": "Generators", "description": "Trained networks that turn latent codes into signals."],
    ["name": "Inversions", "description": "From an observation back to the latent code."],
    ["name": "Batches", "description": "Many observations, inverted alike."],
    [
      "name": "Inference",
      "description": "The Open Inference Protocol, version 2: a generator's forward pass.",
    ],
    ["name": "Catalogues", "description": "What exists, with the schemas of its options."],
    ["name": "Operating", "description": "For those who run the service."],
  ]
}
