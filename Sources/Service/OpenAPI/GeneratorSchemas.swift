import Documents
import Networks

/// The schemas of generators, their architectures and their samples.
struct GeneratorSchemas {
  let limits: ServiceLimits

  static let namePattern = "^[A-Za-z0-9._-]{1,128}$"

  var all: JSONObject {
    [
      "Generator": generator,
      "GeneratorList": Schema.object(
        [
          "generators": Schema.array(of: Schema.named("Generator"), "Newest first."),
          "next_page_token": Schema.string("For `page_token`; absent at the end."),
        ], optional: ["next_page_token"]),
      "Architecture": architecture,
      "SamplesRequest": samplesRequest,
      "Samples": Schema.object([
        "shape": shape("The number of samples, then the shape of one."),
        "outputs": Schema.array(of: numbers("One output, row-major.")),
      ]),
      "Signal": Schema.object([
        "shape": shape("Without a batch."), "values": numbers("Row-major."),
      ]),
    ]
  }

  private var generator: JSONValue {
    Schema.object(
      [
        "id": Schema.string(), "name": Schema.nullable(Schema.string(pattern: Self.namePattern)),
        "digest": Schema.string(
          "The SHA-256 of the uploaded bytes.", pattern: "^sha256:[0-9a-f]{64}$"),
        "format": Schema.string("Of the weight file, as found from its bytes."),
        "bytes": Schema.integer(), "parameter_count": Schema.integer(),
        "latent": Schema.object([
          "shape": shape(), "count": Schema.integer(),
          "distribution": Schema.word(Generator.LatentDistribution.allCases.map(\.rawValue)),
        ]),
        "output": Schema.object([
          "shape": shape(), "count": Schema.integer(), "range": Schema.nullable(range),
        ]),
        "layers": Schema.array(
          of: Schema.object([
            "type": Schema.word(LayerCatalogue.kinds.map { $0.type }), "output_shape": shape(),
            "parameter_count": Schema.integer(),
          ])),
        "created_at": Schema.time("When it was uploaded."), "state": Schema.constant("ready"),
        "links": Schema.object([
          "self": Schema.string(), "weights": Schema.string(), "samples": Schema.string(),
          "diagnostics": Schema.string(), "inversions": Schema.string(),
        ]),
      ], "A trained network that turns latent codes into signals.")
  }

  private var architecture: JSONValue {
    Schema.object(
      [
        "version": ["const": 1],
        "latent": Schema.object(
          [
            "shape": shape("At most \(limits.generators.latentCountMax) numbers in all."),
            "distribution": Schema.word(Generator.LatentDistribution.allCases.map(\.rawValue)),
          ], optional: ["distribution"], isClosed: true),
        "output": Schema.object(
          [
            "shape": shape("At most \(limits.generators.outputCountMax) numbers in all."),
            "range": range,
          ], optional: ["range"], isClosed: true),
        "layers": Schema.array(of: Schema.named("Layer"), counts: 1...limits.generators.layersMax),
        "state": Schema.string(),
      ], optional: ["state"], isClosed: true, "What is computed from the tensors, layer by layer.")
  }

  private var samplesRequest: JSONValue {
    Schema.oneOf(
      [
        Schema.object(
          [
            "latents": Schema.array(
              of: numbers("As many numbers as the generator's latent has."),
              counts: 1...limits.samplesCountMax)
          ], isClosed: true, "At these latents."),
        Schema.object(
          [
            "count": Schema.integer(1...limits.samplesCountMax),
            "seed": Schema.integer(0...InversionRequest.seedMax, default: 0),
          ], optional: ["seed"], isClosed: true, "At latents drawn from their distribution."),
      ], "Outputs of more than \(limits.sampleValuesMax) numbers in all are refused.")
  }

  private func numbers(_ text: String) -> JSONValue {
    Schema.array(of: ["type": ["number", "null"]], text)
  }

  private func shape(_ text: String? = nil) -> JSONValue {
    Schema.array(of: ["type": "integer", "minimum": 1], text)
  }

  private var range: JSONValue {
    Schema.array(of: Schema.number(), counts: 2...2, "The lowest and the highest value.")
  }
}
