import Documents
import Networks
import Storage

/// A generator as clients see it.
enum GeneratorResource {
  /// The part that never changes, computed once at upload.
  static func summary(_ generator: GeneratorOutline) -> JSONValue {
    [
      "latent": [
        "shape": JSONValue(generator.latentShape), "count": JSONValue(generator.latentCount),
        "distribution": .string(generator.latentDistribution.rawValue),
      ],
      "output": [
        "shape": JSONValue(generator.outputShape), "count": JSONValue(generator.outputCount),
        "range": generator.outputRange.map { JSONValue([$0.lowerBound, $0.upperBound]) } ?? .null,
      ],
      "layers": .array(
        generator.layers.map {
          [
            "type": .string($0.type), "output_shape": JSONValue($0.outputShape),
            "parameter_count": JSONValue($0.parameterCount),
          ]
        }),
    ]
  }

  static func bytes(_ stored: StoredGenerator) -> [UInt8] {
    var object = JSONObjectWriter()
    object.add("id", .string(stored.id))
    object.add("name", stored.name.map(JSONValue.string) ?? .null)
    object.add("digest", .string(stored.blob.digest.description))
    object.add("format", .string(stored.format))
    object.add("bytes", JSONValue(stored.blob.byteCount))
    object.add("parameter_count", JSONValue(stored.parameterCount))
    object.addMembers(ofObject: stored.summary)
    object.add("created_at", .string(Timestamp.text(stored.createdAt)))
    object.add("state", "ready")
    let path = "/v1/generators/\(stored.id)"
    object.add(
      "links",
      [
        "self": .string(path), "weights": .string("\(path)/weights"),
        "samples": .string("\(path)/samples"),
        "diagnostics": .string("\(path)/diagnostics"),
        "inversions": .string("/v1/inversions?generator=\(stored.id)"),
      ])
    return object.finish()
  }

  /// The shapes of a stored generator, without loading it.
  static func shape(_ stored: StoredGenerator) throws -> GeneratorShape {
    let summary = try ObjectReader(try JSONParser().parse(stored.summary))
    let output = try summary.requiredObject("output")
    let bounds = try output.numbers("range")
    return GeneratorShape(
      latent: shape(try summary.requiredObject("latent")), output: shape(output),
      range: bounds.flatMap { $0.count == 2 ? Float($0[0])...Float($0[1]) : nil })
  }

  /// The layers of a stored generator, without loading it.
  static func layers(_ stored: StoredGenerator) throws -> [Generator.LayerSummary] {
    let layers = try JSONParser().parse(stored.summary).object?["layers"]?.elements ?? []
    return layers.compactMap(\.object).map { layer in
      Generator.LayerSummary(
        type: layer["type"]?.string ?? "",
        outputShape: (layer["output_shape"]?.numbers ?? []).map { Int($0) },
        parameterCount: Int(layer["parameter_count"]?.number ?? 0))
    }
  }

  static func latentDistribution(
    _ stored: StoredGenerator
  ) throws -> Generator.LatentDistribution? {
    try JSONParser().parse(stored.summary).object?["latent"]?.object?["distribution"]?.string
      .flatMap(Generator.LatentDistribution.init(rawValue:))
  }

  private static func shape(_ reader: ObjectReader) -> [Int] {
    (reader.value("shape")?.numbers ?? []).map { Int($0) }
  }
}
