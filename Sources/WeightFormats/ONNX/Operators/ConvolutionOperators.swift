import Documents

/// A convolution of images.
enum ConvOperator: ONNXOperator {
  static let name = "Conv"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    let convolution = try Convolution(node, &network)
    let weight = convolution.weight
    guard convolution.channels == weight.shape[1] * convolution.groups,
      weight.shape[0] % convolution.groups == 0
    else { throw convolution.mismatch(node) }
    let extents = (0..<2).map { axis in
      let padded = convolution.image[axis] + 2 * convolution.padding[axis]
      // Rounded down, also where the kernel is too large by less than a stride.
      let room = padded - convolution.reach(axis)
      return room < 0 ? 0 : room / convolution.strides[axis] + 1
    }
    return try convolution.append(
      "conv2d", outputs: weight.shape[0], extents: extents, node, &network)
  }
}

/// The adjoint of a convolution, PyTorch's `ConvTranspose2d`.
enum ConvTransposeOperator: ONNXOperator {
  static let name = "ConvTranspose"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    guard !node.has("output_shape") else {
      throw node.unsupported("has the attribute \"output_shape\"; expected pads and output_padding")
    }
    let convolution = try Convolution(node, &network)
    let weight = convolution.weight
    guard convolution.channels == weight.shape[0],
      convolution.channels % convolution.groups == 0
    else { throw convolution.mismatch(node) }
    let extra =
      try node.integers("output_padding", in: 0...Convolution.stepMax, count: 2) ?? [0, 0]
    let extents = (0..<2).map { axis in
      (convolution.image[axis] - 1) * convolution.strides[axis] + convolution.reach(axis)
        + extra[axis] - 2 * convolution.padding[axis]
    }
    let fields: [(name: String, value: JSONValue)] =
      extra == [0, 0] ? [] : [("output_padding", JSONValue(extra))]
    return try convolution.append(
      "conv_transpose2d", outputs: weight.shape[1] * convolution.groups, extents: extents,
      extraFields: fields, node, &network)
  }
}

/// What both have in common: an image, a kernel, and the steps between.
private struct Convolution {
  let signal: ONNXSignal
  let weight: ONNXConstant
  let bias: ONNXConstant?
  let strides: [Int]
  let padding: [Int]
  let dilations: [Int]
  let groups: Int
  let batch: Int

  /// The largest stride, padding or dilation, as for layers.
  static let stepMax = 4096

  init(_ node: ONNXNode, _ network: inout ONNXNetwork) throws(WeightFormatError) {
    let signal = try node.signal(0)
    guard signal.shape.count == 4, let sample = network.sampleShape(signal.shape) else {
      throw node.unsupported(
        "has an input of shape \(signal.shape); expected \(network.batch) x channels x height x "
          + "width: only two-dimensional convolutions are supported")
    }
    weight = try node.weight(1, rank: 4)
    let autoPad = try node.text("auto_pad", default: "NOTSET")
    guard autoPad == "NOTSET" || (autoPad == "VALID" && !node.has("pads")) else {
      throw node.unsupported("has auto_pad \(autoPad); expected NOTSET, with explicit pads")
    }
    if let kernel = try node.integers("kernel_shape"), kernel != Array(weight.shape.suffix(2)) {
      throw node.malformed("has kernel_shape \(kernel), but a weight of shape \(weight.shape)")
    }
    let steps = 1...Self.stepMax
    strides = try node.integers("strides", in: steps, count: 2) ?? [1, 1]
    dilations = try node.integers("dilations", in: steps, count: 2) ?? [1, 1]
    groups = try node.integer("group", default: 1, in: 1...65536)
    // Both starts, then both ends.
    let pads = try node.integers("pads", in: 0...Self.stepMax, count: 4) ?? [0, 0, 0, 0]
    guard pads[..<2] == pads[2...] else {
      throw node.unsupported("has pads \(pads); expected the same at both ends of an axis")
    }
    padding = Array(pads[..<2])
    bias = try node.optionalConstant(2)
    batch = network.batch
    self.signal = network.shaped(signal, sample)
  }

  var channels: Int { signal.shape[1] }
  var image: [Int] { Array(signal.shape[2...]) }

  /// From the first to behind the last tap of the kernel.
  func reach(_ axis: Int) -> Int { dilations[axis] * (weight.shape[2 + axis] - 1) + 1 }

  func mismatch(_ node: ONNXNode) -> WeightFormatError {
    node.malformed(
      "has an input of \(channels) channels and a weight of shape \(weight.shape) in \(groups) "
        + (groups == 1 ? "group" : "groups"))
  }

  func append(
    _ type: String, outputs: Int, extents: [Int],
    extraFields: [(name: String, value: JSONValue)] = [], _ node: ONNXNode,
    _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    let shape = try node.checked([batch, outputs] + extents)
    guard bias == nil || bias?.shape == [outputs] else {
      throw node.malformed("has a bias of shape \(bias?.shape ?? []); expected [\(outputs)]")
    }
    var fields: [(name: String, value: JSONValue)] = [
      ("stride", JSONValue(strides)), ("padding", JSONValue(padding)),
    ]
    if dilations != [1, 1] { fields.append(("dilation", JSONValue(dilations))) }
    if groups != 1 { fields.append(("groups", JSONValue(groups))) }
    return network.append(
      ONNXLayer(
        type, behind: signal, weights: [("weight", weight), ("bias", bias)],
        fields: fields + extraFields),
      shape: shape, layerShape: Array(shape.dropFirst()), biasAxis: 1)
  }
}
