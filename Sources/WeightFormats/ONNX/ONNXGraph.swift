/// Follows the graph from its input to its output, node by node in the order of the file, which ONNX
/// demands to be an order of computation.
///
/// Everything is done as for a batch of the size that the file fixes, or of one sample where it fixes
/// none, so that every shape is a list of plain numbers.
struct ONNXGraph {
  private(set) var network: ONNXNetwork
  let latentShape: [Int]

  private let nodes: [NodeProto]
  private let declaredOutput: ValueInfoProto
  private let source: any ByteSource
  private let limits: WeightLimits
  /// What each name stands for that has a value by now.
  private var values: [String: ONNXValue] = [:]

  init(
    _ file: ONNXFile, source: any ByteSource, limits: WeightLimits
  ) throws(WeightFormatError) {
    for tensor in file.initializers { values[tensor.name] = .constant(ONNXConstant(tensor)) }
    // Old files name every initializer as an input as well.
    let inputs = file.graph.input.filter { [values] in values[$0.name] == nil }
    guard let input = inputs.first, inputs.count == 1 else {
      throw ONNX.unsupported(
        "its graph has \(inputs.count) inputs"
          + (inputs.isEmpty ? "" : " (\(Self.quoted(inputs.map(\.name))))")
          + "; expected one, the latent code")
    }
    guard let output = file.graph.output.first, file.graph.output.count == 1 else {
      throw ONNX.unsupported(
        "its graph has \(file.graph.output.count) outputs"
          + (file.graph.output.isEmpty ? "" : " (\(Self.quoted(file.graph.output.map(\.name))))")
          + "; expected one, the signal")
    }
    let shape = try Self.shape(of: input, limits: limits)
    network = ONNXNetwork(batch: shape[0])
    latentShape = Array(shape.dropFirst())
    values[input.name] = .signal(
      ONNXSignal(shape: shape, layerShape: latentShape, layer: nil, biasAxis: nil))
    nodes = file.graph.node
    declaredOutput = output
    self.source = source
    self.limits = limits
  }

  private static func quoted(_ names: [String]) -> String {
    names.prefix(8).map { "\"\(shortened($0))\"" }.joined(separator: ", ")
      + (names.count > 8 ? " and \(names.count - 8) more" : "")
  }

  /// The shape of the input with the batch, 1 where that is open.
  private static func shape(
    of input: ValueInfoProto, limits: WeightLimits
  ) throws(WeightFormatError) -> [Int] {
    let label = "the graph's input \"\(shortened(input.name))\""
    guard let type = input.type?.tensorType, let dimensions = type.shape?.dim else {
      throw ONNX.unsupported("\(label) has no shape; expected the latent's, the batch first")
    }
    guard ElementType(onnx: type.elemType)?.isFloatingPoint == true else {
      throw ONNX.unsupported("\(label) has the data type \(type.elemType); expected floats")
    }
    guard dimensions.count > 1 else {
      throw ONNX.unsupported(
        "\(label) has \(dimensions.count) dimensions; expected the batch and the latent's")
    }
    var shape: [Int] = []
    for (place, dimension) in dimensions.enumerated() {
      guard let value = dimension.dimValue else {
        guard place == 0 else {
          throw ONNX.unsupported(
            "\(label) has an open dimension \(place); only the batch, dimension 0, may be open")
        }
        shape.append(1)
        continue
      }
      guard let extent = ONNX.extent(value), extent > 0 else {
        throw ONNX.malformed("\(label) has the dimension \(value); expected 1 to \(Int32.max)")
      }
      shape.append(extent)
    }
    _ = try limits.elementCount(shape: shape, tensor: input.name)
    return shape
  }

  /// Gives every name that the output needs its value.
  mutating func run() throws(WeightFormatError) {
    let needed = neededNodes()
    for (place, proto) in nodes.enumerated() {
      for name in proto.output where !name.isEmpty && values[name] != nil {
        throw ONNX.malformed(
          "\(ONNXNode.label(proto, place)) gives \"\(shortened(name))\", which has a value already")
      }
      if needed[place] { try run(proto, at: place) }
    }
  }

  /// Which nodes the output depends on.
  private func neededNodes() -> [Bool] {
    var names: Set<String> = [declaredOutput.name]
    var needed = [Bool](repeating: false, count: nodes.count)
    for (place, node) in nodes.enumerated().reversed()
    where node.output.contains(where: { names.contains($0) }) {
      needed[place] = true
      names.formUnion(node.input.filter { !$0.isEmpty })
    }
    return needed
  }

  private mutating func run(_ proto: NodeProto, at place: Int) throws(WeightFormatError) {
    let label = ONNXNode.label(proto, place)
    guard ONNX.isOwnDomain(proto.domain), let kind = ONNXOperators.kind(proto.opType) else {
      let domain = ONNX.isOwnDomain(proto.domain) ? "" : " of domain \(shortened(proto.domain))"
      throw ONNX.unsupported(
        "\(label) has an operator\(domain) that is not supported; supported are "
          + ONNXOperators.names)
    }
    var inputs: [ONNXValue?] = []
    for name in proto.input {
      guard name.isEmpty || values[name] != nil else {
        let isLater = nodes[place...].contains { $0.output.contains(name) }
        throw ONNX.malformed(
          "\(label) uses \"\(shortened(name))\", which "
            + (isLater
              ? "is computed only later: the graph has a cycle, or is out of order"
              : "no input, initializer or node of the graph gives"))
      }
      inputs.append(name.isEmpty ? nil : values[name])
    }
    let node = try ONNXNode(proto, place: place, inputs: inputs, source: source, limits: limits)
    guard !node.holdsGraph else {
      throw node.unsupported("has a graph within it; expected a plain graph of layers")
    }
    guard !node.outputName.isEmpty else { throw node.malformed("has no output") }
    // Further outputs (a mask, statistics) are for training; who uses one finds no value.
    let outputs = try kind.outputs(node, &network)
    network.nameLayers(node.outputName)
    for (name, value) in zip(proto.output, outputs) where !name.isEmpty { values[name] = value }
  }

  /// The signal that leaves the graph, in the shape that it has there, without the batch.
  mutating func output() throws(WeightFormatError) -> ONNXSignal {
    let label = "the graph's output \"\(shortened(declaredOutput.name))\""
    guard let value = values[declaredOutput.name] else {
      throw ONNX.malformed("no node gives \(label)")
    }
    guard case .signal(let signal) = value, signal.layer != nil else {
      throw ONNX.unsupported("\(label) does not come out of a layer")
    }
    if let declared = declaredOutput.type?.tensorType?.shape?.dim {
      let agrees =
        declared.count == signal.shape.count
        && zip(declared, signal.shape).enumerated().allSatisfy { place, pair in
          // A batch that is fixed in one place and open in another says nothing.
          place == 0 || pair.0.dimValue == nil || pair.0.dimValue == Int64(pair.1)
        }
      guard agrees else {
        let shown = declared.map { $0.dimValue.map(String.init) ?? "?" }.joined(separator: ", ")
        throw ONNX.malformed("\(label) is declared as [\(shown)], but has shape \(signal.shape)")
      }
    }
    // A graph for one sample may have dropped the batch.
    guard let shape = network.sampleShape(signal.shape) ?? (network.batch == 1 ? signal.shape : nil)
    else {
      throw ONNX.unsupported(
        "\(label) has shape \(signal.shape); expected \(network.batch) samples first")
    }
    return network.shaped(signal, shape)
  }
}
