import Documents
import HTTPTypes
import Inversion
import Measurements
import Networks

/// The operations that list what exists.
struct CatalogueOperations {
  var all: [Operation] {
    [
      list("solvers", "listSolvers", "The ways to invert, with their options", "SolverList"),
      list(
        "measurements", "listMeasurements", "The ways to observe a signal, with their options",
        "MeasurementList"),
      list("noises", "listNoises", "The kinds of noise, with their options", "NoiseList"),
      list("layers", "listLayers", "The layers that architectures may name", "LayerList"),
      apply,
    ]
  }

  private var apply: Operation {
    Operation(
      method: .post, path: "/v1/measurements/apply", id: "applyMeasurement", tag: "Catalogues",
      access: .needs(.inversionsRead),
      summary: "What a measurement shows of a signal",
      details: """
        Clients need not draw a seeded measurement themselves. Nothing is added: noise is theirs.
        """,
      parameters: [SignalContent.format(), SignalContent.accept],
      body: OperationBody(
        content: [
          .json(Schema.named("MeasuringRequest"), examples: RequestExamples.measurings)
        ]),
      replies: [
        Reply(
          status: 200, text: "The observed numbers, in the measurement's order and shape.",
          content: SignalContent.all("Signal"), fields: [SignalContent.vary])
      ],
      refusals: [.ofQuery, .notAcceptable, Refusal(422, "unreadable_signal")] + Refusal.ofJSON)
  }

  private func list(_ name: String, _ id: String, _ summary: String, _ schema: String) -> Operation
  {
    Operation(
      method: .get, path: "/v1/\(name)", id: id, tag: "Catalogues", access: .open, summary: summary,
      replies: [
        Reply(status: 200, text: "All of them.", content: [.json(Schema.named(schema))])
      ])
  }
}

/// The schemas of what the catalogues hold: of the entries as they are listed, and of documents
/// that use them.
enum CatalogueSchemas {
  static let all: JSONObject = [
    "SolverList": list("solvers", of: SolverCatalogue.kinds.map(\.type)),
    "MeasurementList": list("measurements", of: MeasurementCatalogue.kinds.map { $0.type }),
    "NoiseList": list("noises", of: NoiseCatalogue.kinds.map { $0.type }),
    "LayerList": list("layers", of: LayerCatalogue.kinds.map { $0.type }),
    "Solver": anyOf(
      CatalogueEndpoints.solvers, default: SolverCatalogue.defaultDocument,
      "How to invert: one of `GET /v1/solvers`, with its options."),
    "Measurement": anyOf(
      CatalogueEndpoints.measurements, default: ["type": "identity"],
      "What is seen of the signal: one of `GET /v1/measurements`, with its options."),
    "Layer": anyOf(CatalogueEndpoints.layers, "One of `GET /v1/layers`, with its fields."),
    "Noise": anyOf(
      CatalogueEndpoints.noises, default: NoiseCatalogue.defaultDocument,
      "What was added to what is observed: one of `GET /v1/noises`, with its options."),
  ]

  private static func list(_ name: String, of types: [String]) -> JSONValue {
    Schema.object([
      name: Schema.array(
        of: Schema.object([
          "type": Schema.word(types), "summary": Schema.string(),
          "schema": ["type": "object", "description": "A JSON Schema of the whole document."],
        ]))
    ])
  }

  /// One of the documents that a catalogue lists.
  private static func anyOf(
    _ entries: JSONValue, default value: JSONValue? = nil, _ text: String
  ) -> JSONValue {
    let schemas: [JSONValue] = (entries.elements ?? []).compactMap { entry in
      guard let entry = entry.object, var schema = entry["schema"]?.object else { return nil }
      schema["description"] = entry["summary"]
      return .object(schema)
    }
    var schema: JSONObject = ["oneOf": .array(schemas), "description": .string(text)]
    schema["default"] = value
    return .object(schema)
  }
}
