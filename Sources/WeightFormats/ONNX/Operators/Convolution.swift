import Documents

/// What convolutions and their adjoints have in common: an image, a kernel, and the steps between.
struct Convolution {
  let signal: ONNXSignal
  let weight: ONNXConstant
  let bias: ONNXConstant?
  let strides: [Int]
  let dilations: [Int]
  let groups: Int
  /// Before and after each axis, as the node says.
  let pads: [(before: Int, after: Int)]
  private let batch: Int

  /// The largest stride, padding or dilation, as for layers.
  static let stepMax = 4096

  init(_ node: ONNXNode, _ network: ONNXNetwork) throws(WeightFormatError) {
    signal = try node.signal(0)
    let rank = signal.shape.count - 2
    guard (1...2).contains(rank), network.sampleShape(signal.shape) != nil else {
      throw node.unsupported(
        "has an input of shape \(signal.shape); expected \(network.batch) x channels x height x "
          + "width, or \(network.batch) x channels x length")
    }
    weight = try node.weight(1, rank: signal.shape.count)
    let kernel = Array(weight.shape.suffix(rank))
    if let asked = try node.integers("kernel_shape"), asked != kernel {
      throw node.malformed("has kernel_shape \(asked), but a weight of shape \(weight.shape)")
    }
    let steps = 1...Self.stepMax
    let ones = [Int](repeating: 1, count: rank)
    strides = try node.integers("strides", in: steps, count: rank) ?? ones
    dilations = try node.integers("dilations", in: steps, count: rank) ?? ones
    groups = try node.integer("group", default: 1, in: 1...65536)
    // All starts, then all ends.
    let pads =
      try node.integers("pads", in: 0...Self.stepMax, count: 2 * rank)
      ?? [Int](repeating: 0, count: 2 * rank)
    self.pads = (0..<rank).map { (pads[$0], pads[rank + $0]) }
    bias = try node.optionalConstant(2)
    batch = network.batch
  }

  var axes: Range<Int> { strides.indices }
  var channels: Int { signal.shape[1] }
  var image: [Int] { Array(signal.shape[2...]) }

  /// From the first to behind the last tap of the kernel.
  func reach(_ axis: Int) -> Int { dilations[axis] * (weight.shape[2 + axis] - 1) + 1 }

  func mismatch(_ node: ONNXNode) -> WeightFormatError {
    node.malformed(
      "has an input of \(channels) channels and a weight of shape \(weight.shape) in \(groups) "
        + (groups == 1 ? "group" : "groups"))
  }

  /// - Parameters:
  ///   - type: without the number of axes.
  ///   - input: the signal, padded where the layer cannot.
  func append(
    _ type: String, behind input: ONNXSignal, outputs: Int, extents: [Int], padding: [Int],
    extraFields: [(name: String, value: JSONValue)] = [], _ node: ONNXNode,
    _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXSignal {
    let shape = try node.checked([batch, outputs] + extents)
    guard bias == nil || bias?.shape == [outputs] else {
      throw node.malformed("has a bias of shape \(bias?.shape ?? []); expected [\(outputs)]")
    }
    var fields: [(name: String, value: JSONValue)] = [
      ("stride", JSONValue(strides)), ("padding", JSONValue(padding)),
    ]
    if dilations.contains(where: { $0 != 1 }) { fields.append(("dilation", JSONValue(dilations))) }
    if groups != 1 { fields.append(("groups", JSONValue(groups))) }
    let image = network.shaped(input, Array(input.shape.dropFirst()))
    return network.append(
      ONNXLayer(
        "\(type)\(axes.count)d", behind: image, weights: [("weight", weight), ("bias", bias)],
        fields: fields + extraFields),
      shape: shape, layerShape: Array(shape.dropFirst()), biasAxis: 1)
  }
}
