import Documents
import HTTP
import HTTPTypes
import Inversion
import Measurements
import Networks

/// `/v1/solvers`, `/v1/measurements`, `/v1/noises`, `/v1/layers`: what exists, with the schemas of its
/// options.
struct CatalogueEndpoints: EndpointGroup {
  func add(to router: inout Router) {
    let solvers = Self.solvers
    let measurements = Self.measurements
    let noises = Self.noises
    let layers = Self.layers
    router.on(.get, "/v1/solvers", .queued { _ in .json(.ok, ["solvers": solvers]) })
    router.on(
      .get, "/v1/measurements", .queued { _ in .json(.ok, ["measurements": measurements]) })
    router.on(.get, "/v1/noises", .queued { _ in .json(.ok, ["noises": noises]) })
    router.on(.get, "/v1/layers", .queued { _ in .json(.ok, ["layers": layers]) })
  }

  static var solvers: JSONValue {
    .array(SolverCatalogue.kinds.map { entry($0.type, $0.summary, $0.parameters) })
  }

  static var measurements: JSONValue {
    .array(MeasurementCatalogue.kinds.map { entry($0.type, $0.summary, $0.parameters) })
  }

  static var noises: JSONValue {
    .array(NoiseCatalogue.kinds.map { entry($0.type, $0.summary, $0.parameters) })
  }

  static var layers: JSONValue {
    .array(LayerCatalogue.kinds.map { entry($0.type, $0.summary, $0.allParameters) })
  }

  private static func entry(
    _ type: String, _ summary: String, _ parameters: [any ParameterDescription]
  ) -> JSONValue {
    [
      "type": .string(type), "summary": .string(summary), "schema": schema(type, parameters),
    ]
  }

  /// The document of one entry: its type and its own options, nothing else.
  static func schema(_ type: String, _ parameters: [any ParameterDescription]) -> JSONValue {
    var properties: JSONObject = ["type": ["const": .string(type)]]
    for parameter in parameters { properties[parameter.name] = parameter.schema }
    let required = ["type"] + parameters.filter(\.isRequired).map(\.name)
    return [
      "type": "object", "required": .array(required.map(JSONValue.string)),
      "additionalProperties": false, "properties": .object(properties),
    ]
  }
}
