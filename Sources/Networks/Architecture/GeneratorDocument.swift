import Documents
import LinearAlgebra

extension Generator {
  /// Builds a generator from an architecture document and the tensors that it names.
  ///
  /// - Throws: `DocumentError` naming the layer and field: malformed where the document breaks
  ///   its grammar, unprocessable where shapes, tensors or limits do not agree.
  public init(
    architecture: JSONValue, tensors: consuming [String: Tensor], limits: GeneratorLimits = .init()
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
    var graph = LayerGraph()
    var shapes = [latentShape]
    var parameterCount = 0
    var summaries: [LayerSummary] = []
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
      graph.append(built.operation, inputs: inputs)
      shapes.append(built.outputShape)
      parameterCount += built.parameterCount
      guard parameterCount <= limits.parametersMax else {
        throw layer.unprocessable(
          "type", "the generator exceeds \(limits.parametersMax) parameters here")
      }
      summaries.append(
        LayerSummary(
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
    self.init(
      latentShape: latentShape, latentDistribution: distribution, outputShape: outputShape,
      outputRange: range, layers: summaries,
      stages: (consume graph).stages(inputCount: latentShape.reduce(1, *)))
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
  ) throws(DocumentError) -> LatentDistribution {
    guard let name = try latent.string("distribution") else { return .standardNormal }
    guard let distribution = LatentDistribution(rawValue: name) else {
      let known = LatentDistribution.allCases.map(\.rawValue).joined(separator: ", ")
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
