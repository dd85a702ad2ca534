import Documents
import HTTPTypes

/// The operations of the Open Inference Protocol, version 2.
struct InferenceOperations {
  let limits: ServiceLimits

  private static let tag = "Inference"
  private static let path = "/v2/models/{id}"
  private static let id = OperationParameter.path(
    "id", "The generator's id, or its name.", example: .string(RequestExamples.generator))

  var all: [Operation] {
    [
      get("/v2", "getInferenceServer", "What serves the protocol", "InferenceServer"),
      get("/v2/health/live", "getInferenceLiveness", "Whether the process is alive", "Live"),
      get(
        "/v2/health/ready", "getInferenceReadiness", "Whether work should be sent here", "Ready",
        refusals: [Refusal(503, "not_ready")]),
      get(
        Self.path, "getModel", "A generator as a model", "InferenceModel",
        access: .needs(.inversionsRead), parameters: [Self.id],
        refusals: [.noGenerator]),
      get(
        "\(Self.path)/ready", "getModelReadiness", "Whether a generator can be asked", "ModelReady",
        access: .needs(.inversionsRead), parameters: [Self.id], refusals: [.noGenerator]),
      infer,
    ]
  }

  private func get(
    _ path: String, _ id: String, _ summary: String, _ schema: String,
    access: Access = .open, parameters: [OperationParameter] = [], refusals: [Refusal] = []
  ) -> Operation {
    Operation(
      method: .get, path: path, id: id, tag: Self.tag, access: access, summary: summary,
      parameters: parameters,
      replies: [Reply(status: 200, text: "It is.", content: [.json(Schema.named(schema))])],
      refusals: [.ofQuery] + refusals, errorSchema: "InferenceError")
  }

  private var infer: Operation {
    Operation(
      method: .post, path: "\(Self.path)/infer", id: "infer", tag: Self.tag,
      access: .needs(.inversionsRead),
      summary: "A generator's outputs at latents",
      details: "The forward pass. Parameters are read and have no effect.",
      parameters: [Self.id],
      body: OperationBody(
        content: [.json(Schema.named("InferenceRequest"), examples: RequestExamples.inferences)]),
      replies: [
        Reply(
          status: 200, text: "The outputs.", content: [.json(Schema.named("InferenceResponse"))])
      ],
      refusals: [.ofQuery, .noGenerator] + Refusal.ofJSON, errorSchema: "InferenceError")
  }
}

/// The schemas of the Open Inference Protocol, version 2.
struct InferenceSchemas {
  let limits: ServiceLimits

  var all: JSONObject {
    [
      "InferenceServer": Schema.object([
        "name": Schema.constant("preimage"), "version": Schema.string(),
        "extensions": Schema.array(of: Schema.string()),
      ]),
      "Live": Schema.object(["live": Schema.boolean]),
      "Ready": Schema.object(["ready": Schema.boolean]),
      "ModelReady": Schema.object(["name": Schema.string(), "ready": Schema.boolean]),
      "InferenceError": Schema.object(["error": Schema.string()], "What went wrong."),
      "InferenceModel": Schema.object([
        "name": Schema.string("As it was asked for."), "platform": Schema.string(),
        "inputs": Schema.array(of: Self.description), "outputs": Schema.array(of: Self.description),
      ]),
      "InferenceRequest": request, "InferenceData": Self.data,
      "InferenceResponse": Schema.object(
        [
          "model_name": Schema.string(), "id": Schema.string("The request's."),
          "outputs": Schema.array(
            of: Schema.object([
              "name": Schema.constant(InferenceDocument.outputName),
              "shape": Schema.array(of: Schema.integer()), "datatype": Schema.constant("FP32"),
              "data": Schema.array(of: ["type": ["number", "null"]], "Flat, row-major."),
            ])),
        ], optional: ["id"]),
    ]
  }

  private static let description = Schema.object([
    "name": Schema.string(), "datatype": Schema.constant("FP32"),
    "shape": Schema.array(of: Schema.integer(), "-1 is the number of samples."),
  ])

  private static let parameters: JSONValue = [
    "type": "object", "description": "Read, and without effect.",
  ]

  private static let data = Schema.array(
    of: Schema.oneOf([["type": "number"], Schema.named("InferenceData")]),
    "Numbers, flat or nested, row-major.")

  private var request: JSONValue {
    Schema.object(
      [
        "id": Schema.string("Given back."), "parameters": Self.parameters,
        "inputs": Schema.array(
          of: Schema.object(
            [
              "name": Schema.constant(InferenceDocument.inputName),
              "shape": Schema.array(
                of: Schema.integer(1...Int(Int32.max)),
                "Samples, at most \(limits.samplesCountMax), and the latent's shape."),
              "datatype": Schema.constant("FP32"), "parameters": Self.parameters,
              "data": Schema.named("InferenceData"),
            ], optional: ["parameters"], isClosed: true), counts: 1...1),
        "outputs": Schema.array(
          of: Schema.object(
            [
              "name": Schema.constant(InferenceDocument.outputName), "parameters": Self.parameters,
            ], optional: ["parameters"], isClosed: true)),
      ], optional: ["id", "parameters", "outputs"], isClosed: true)
  }
}
