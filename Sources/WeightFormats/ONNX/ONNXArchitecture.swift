import Documents

/// The graph as an architecture document, and the constants that become its weights.
struct ONNXArchitecture {
  let document: JSONValue
  /// In the order of the layers; each name once.
  let weights: [(name: String, constant: ONNXConstant)]

  init(
    of file: ONNXFile, source: any ByteSource, limits: WeightLimits
  ) throws(WeightFormatError) {
    var graph = try ONNXGraph(file, source: source, limits: limits)
    try graph.run()
    let output = try graph.output()
    let chain = graph.network.chain(to: output)
    var naming = Naming()
    var layers: [JSONValue] = []
    for layer in chain { layers.append(naming.document(of: layer)) }
    try limits.check(
      "the number of elements of all layers' weights", naming.elementCount,
      atMost: limits.elementsMax, named: "elementsMax")
    weights = naming.weights
    document = [
      "version": 1,
      "latent": ["shape": JSONValue(graph.latentShape), "distribution": "standard_normal"],
      "output": Self.output(output.layerShape, chain),
      "layers": .array(layers),
    ]
  }

  /// The range is known where the last layer bounds it.
  private static func output(_ shape: [Int], _ chain: [ONNXLayer]) -> JSONValue {
    switch chain.last(where: { $0.type != "reshape" })?.type {
    case "tanh": ["shape": JSONValue(shape), "range": [-1, 1]]
    case "sigmoid": ["shape": JSONValue(shape), "range": [0, 1]]
    default: ["shape": JSONValue(shape)]
    }
  }

  /// Gives each weight a name of its own: exporters let equal tensors share one initializer, but a
  /// document may name a tensor only once.
  private struct Naming {
    var weights: [(name: String, constant: ONNXConstant)] = []
    var elementCount = 0
    private var names: Set<String> = []

    mutating func document(of layer: ONNXLayer) -> JSONValue {
      var document: JSONObject = ["type": .string(layer.type)]
      for (field, constant) in layer.weights {
        guard let constant else {
          document[field] = .null
          continue
        }
        let (sum, overflow) = elementCount.addingReportingOverflow(constant.elementCount)
        elementCount = overflow ? .max : sum
        let name = unused(constant.name)
        weights.append((name, constant))
        document[field] = .string(name)
      }
      for (name, value) in layer.fields { document[name] = value }
      return .object(document)
    }

    private mutating func unused(_ name: String) -> String {
      var candidate = name
      var count = 1
      while !names.insert(candidate).inserted {
        count += 1
        candidate = "\(name)#\(count)"
      }
      return candidate
    }
  }
}
