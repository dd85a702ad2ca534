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
    let network = graph.network
    let places = try network.layers(to: output)
    let wiring = ONNXWiring(network.layers, places)
    var naming = WeightNaming()
    var layers: [JSONValue] = []
    for place in places {
      var document = naming.document(of: network.layers[place])
      for (field, value) in wiring.fields(of: place) { document[field] = value }
      layers.append(.object(document))
    }
    try limits.check(
      "the number of elements of all layers' weights", naming.elementCount,
      atMost: limits.elementsMax, named: "elementsMax")
    weights = naming.weights
    document = [
      "version": 1,
      "latent": ["shape": JSONValue(graph.latentShape), "distribution": "standard_normal"],
      "output": Self.output(output, network),
      "layers": .array(layers),
    ]
  }

  /// The range is known where the last layer bounds it.
  private static func output(_ output: ONNXSignal, _ network: ONNXNetwork) -> JSONValue {
    let shape = JSONValue(output.layerShape)
    var last = network.layer(of: output)
    while let layer = last, layer.type == "reshape" { last = network.layer(of: layer.inputs[0]) }
    switch last?.type {
    case "tanh": return ["shape": shape, "range": [-1, 1]]
    case "sigmoid": return ["shape": shape, "range": [0, 1]]
    default: return ["shape": shape]
    }
  }
}

/// Gives each weight a name of its own: exporters let equal tensors share one initializer, but a
/// document may name a tensor only once.
private struct WeightNaming {
  var weights: [(name: String, constant: ONNXConstant)] = []
  var elementCount = 0
  private var names = UniqueNames()

  mutating func document(of layer: ONNXLayer) -> JSONObject {
    var document: JSONObject = ["type": .string(layer.type)]
    for (field, constant) in layer.weights {
      guard let constant else {
        document[field] = .null
        continue
      }
      let (sum, overflow) = elementCount.addingReportingOverflow(constant.elementCount)
      elementCount = overflow ? .max : sum
      let name = names.unused(constant.name)
      weights.append((name, constant))
      document[field] = .string(name)
    }
    for (name, value) in layer.fields { document[name] = value }
    return document
  }
}

/// The fields `name` and `from` of the layers: only where a layer takes something other than what
/// the layer before it gives, so that a chain is written without either.
private struct ONNXWiring {
  private let layers: [ONNXLayer]
  /// Where each layer stands among those that are written, counted from 1; 0 is the latent.
  private var positions: [Int?: Int] = [nil: 0]
  /// What layers are called whose outputs others ask for by name.
  private var names: [Int?: String] = [nil: "latent"]

  init(_ layers: [ONNXLayer], _ places: [Int]) {
    self.layers = layers
    for (position, place) in places.enumerated() { positions[place] = position + 1 }
    var unique = UniqueNames()
    _ = unique.unused("latent")
    for place in places where !takesTheOneBefore(place) {
      for input in layers[place].inputs where names[input.layer] == nil {
        guard let layer = input.layer else { continue }
        let shown = shortened(layers[layer].name)
        names[layer] = unique.unused(shown.isEmpty ? layers[layer].type : shown)
      }
    }
  }

  func fields(of place: Int) -> [(String, JSONValue)] {
    var fields: [(String, JSONValue)] = []
    if let name = names[place] { fields.append(("name", .string(name))) }
    if !takesTheOneBefore(place) {
      let from = layers[place].inputs.map { JSONValue.string(names[$0.layer] ?? "") }
      fields.append(("from", from.count == 1 ? from[0] : .array(from)))
    }
    return fields
  }

  private func takesTheOneBefore(_ place: Int) -> Bool {
    let inputs = layers[place].inputs
    guard inputs.count == 1, let position = positions[place] else { return false }
    return positions[inputs[0].layer] == position - 1
  }
}

/// Names of which none is given twice.
private struct UniqueNames {
  private var names: Set<String> = []
  /// How often each was asked for.
  private var counts: [String: Int] = [:]

  mutating func unused(_ name: String) -> String {
    var candidate = name
    var count = counts[name, default: 1]
    while !names.insert(candidate).inserted {
      count += 1
      candidate = "\(name)#\(count)"
    }
    counts[name] = count
    return candidate
  }
}
