import Documents
import LinearAlgebra

/// What an architecture document and the tensors that it names say of a generator, before anything
/// of it is computed.
public struct GeneratorOutline: Sendable {
  public var latentShape: [Int]
  public var latentDistribution: Generator.LatentDistribution
  public var outputShape: [Int]
  public var outputRange: ClosedRange<Float>?
  public var layers: [Generator.LayerSummary]

  public var parameterCount: Int { layers.reduce(0) { $0 + $1.parameterCount } }
  public var latentCount: Int { latentShape.reduce(1, *) }
  public var outputCount: Int { outputShape.reduce(1, *) }

  /// Finds out whether the tensors make the generator. Those of more than
  /// ``outlinedTensorCountMin`` values may be outlines.
  ///
  /// - Throws: `DocumentError` as building the generator would.
  public init(
    architecture: JSONValue, tensors: consuming [String: Tensor], limits: GeneratorLimits = .init()
  ) throws(DocumentError) {
    try self.init(architecture: architecture, tensors: tensors, limits: limits) { _, _ in }
  }

  /// What batch norms look at is a channel's: far smaller than this.
  public static let outlinedTensorCountMin = 1 << 18

  /// - Parameter take: gets each layer and what it takes from, in order.
  fileprivate init(
    architecture: JSONValue, tensors: consuming [String: Tensor], limits: GeneratorLimits,
    take: (_ layer: BuiltLayer, _ inputs: [Int]) -> Void
  ) throws(DocumentError) {
    let document = try ObjectReader(architecture)
    _ = try document.required("version")
    _ = try document.integer("version", in: 1...1)
    // Says which tensors of a file are meant; here they have been chosen.
    _ = try document.string("state")

    let latent = try document.requiredObject("latent")
    let latentShape = try Self.shape(latent, countMax: limits.latentCountMax)
    let distribution = try Self.distribution(latent)
    try latent.finish()

    let output = try document.requiredObject("output")
    let outputShape = try Self.shape(output, countMax: limits.outputCountMax)
    let range = try Self.range(output)
    try output.finish()

    _ = try document.required("layers")
    let layerDocuments = try document.objects("layers") ?? []
    try document.finish()
    guard (1...limits.layersMax).contains(layerDocuments.count) else {
      throw document.unprocessable(
        "layers", "has \(layerDocuments.count) layers; expected 1 to \(limits.layersMax)")
    }

    let weights = WeightReader(consume tensors)
    var wiring = LayerWiring()
    var shapes = [latentShape]
    var parameterCount = 0
    var summaries: [Generator.LayerSummary] = []
    for layer in layerDocuments {
      let type = try layer.requiredString("type")
      guard let kind = LayerCatalogue.kind(type) else {
        let known = LayerCatalogue.kinds.map { $0.type }.joined(separator: ", ")
        throw layer.unprocessable(
          "type", "is \"\(type.prefix(64))\"; supported layers: \(known)")
      }
      let inputs = try wiring.inputs(of: layer, counts: kind.inputCounts)
      try wiring.add(layer)
      let built = try kind.build(
        LayerContext(
          document: layer, weights: weights, inputShapes: inputs.map { shapes[$0] },
          limits: limits))
      try layer.finish()
      take(built, inputs)
      shapes.append(built.outputShape)
      parameterCount += built.parameterCount
      guard parameterCount <= limits.parametersMax else {
        throw layer.unprocessable(
          "type", "the generator exceeds \(limits.parametersMax) parameters here")
      }
      summaries.append(
        Generator.LayerSummary(
          type: type, outputShape: built.outputShape, parameterCount: built.parameterCount))
    }
    try wiring.finish()
    let shape = shapes[layerDocuments.count]
    guard Self.product(shape) == Self.product(outputShape) else {
      throw output.unprocessable(
        "shape", "is \(outputShape), but the layers end with shape \(shape)")
    }
    let unused = weights.unused
    guard unused.isEmpty else {
      throw document.unprocessable(
        "layers",
        "no layer names the tensors \(unused.prefix(10).joined(separator: ", "))"
          + (unused.count > 10 ? " and \(unused.count - 10) more" : ""))
    }
    self.latentShape = latentShape
    latentDistribution = distribution
    self.outputShape = outputShape
    outputRange = range
    layers = summaries
  }

  private static func product(_ shape: [Int]) -> Int? {
    var count = 1
    for extent in shape {
      let (next, overflow) = count.multipliedReportingOverflow(by: extent)
      if overflow { return nil }
      count = next
    }
    return count
  }

  private static func shape(
    _ reader: ObjectReader, countMax: Int
  ) throws(DocumentError) -> [Int] {
    _ = try reader.required("shape")
    let shape = try reader.integers("shape", in: 1...Int(Int32.max), counts: 1...8) ?? []
    guard let count = product(shape), count <= countMax else {
      throw reader.unprocessable(
        "shape", "is \(shape); expected at most \(countMax) numbers in all")
    }
    return shape
  }

  private static func distribution(
    _ latent: ObjectReader
  ) throws(DocumentError) -> Generator.LatentDistribution {
    guard let name = try latent.string("distribution") else { return .standardNormal }
    guard let distribution = Generator.LatentDistribution(rawValue: name) else {
      let known = Generator.LatentDistribution.allCases.map(\.rawValue).joined(separator: ", ")
      throw latent.malformed("distribution", "is \"\(name.prefix(64))\"; expected one of \(known)")
    }
    return distribution
  }

  private static func range(_ output: ObjectReader) throws(DocumentError) -> ClosedRange<Float>? {
    guard let bounds = try output.numbers("range") else { return nil }
    guard bounds.count == 2, bounds[0] < bounds[1], abs(bounds[0]) < 1e30, abs(bounds[1]) < 1e30
    else {
      throw output.malformed("range", "is \(bounds.prefix(4)); expected [lowest, highest]")
    }
    return Float(bounds[0])...Float(bounds[1])
  }
}

extension Generator {
  /// Builds a generator from an architecture document and the tensors that it names.
  ///
  /// - Throws: `DocumentError` naming the layer and field: malformed where the document breaks
  ///   its grammar, unprocessable where shapes, tensors or limits do not agree.
  public init(
    architecture: JSONValue, tensors: consuming [String: Tensor], limits: GeneratorLimits = .init()
  ) throws(DocumentError) {
    var graph = LayerGraph()
    let outline = try GeneratorOutline(
      architecture: architecture, tensors: consume tensors, limits: limits
    ) { layer, inputs in graph.append(layer.operation(), inputs: inputs) }
    self.init(
      latentShape: outline.latentShape, latentDistribution: outline.latentDistribution,
      outputShape: outline.outputShape, outputRange: outline.outputRange, layers: outline.layers,
      stages: (consume graph).stages(inputCount: outline.latentCount))
  }

  /// The tensors that the layers of an architecture document name; whatever is wrong with the
  /// document is left to building it.
  public static func tensorNames(in architecture: JSONValue) -> Set<String> {
    var names: Set<String> = []
    guard case .array(let layers) = architecture.object?["layers"] else { return [] }
    for layer in layers {
      guard let layer = layer.object, let kind = LayerCatalogue.kind(layer["type"]?.string ?? "")
      else { continue }
      for parameter in kind.parameters where parameter is TensorParameter {
        if let name = layer[parameter.name]?.string { names.insert(name) }
      }
    }
    return names
  }
}
