import Documents

/// Moves axes: of a weight as it is read, of a signal by a layer where numbers change their places.
enum TransposeOperator: ONNXOperator {
  static let name = "Transpose"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    let value = try node.value(0)
    let axes = try node.integers("perm") ?? value.shape.indices.reversed()
    guard axes.sorted() == Array(value.shape.indices) else {
      throw node.malformed("has perm \(axes) for the shape \(value.shape)")
    }
    switch value {
    case .constant(let constant): return .constant(try constant.permuted(axes))
    case .signal(let signal): return .signal(try network.permute(signal, axes, node))
    }
  }
}

/// Blocks of channels spread over a finer grid: PyTorch's pixel shuffle, whose channels stay
/// together (CRD), or those of one place in a block (DCR).
enum DepthToSpaceOperator: ONNXOperator {
  static let name = "DepthToSpace"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    let size = try node.blockSize()
    let mode = try node.text("mode", default: "DCR")
    guard ["DCR", "CRD"].contains(mode) else {
      throw node.unsupported("has mode \"\(mode)\"; expected DCR or CRD")
    }
    let (signal, image) = try node.image(network)
    guard image[0] % (size * size) == 0 else {
      throw node.malformed("spreads \(image[0]) channels over blocks of \(size) x \(size)")
    }
    let channels = image[0] / (size * size)
    var shuffled = signal
    if mode == "DCR" {
      let places = network.reshaped(signal, [size * size, channels, image[1], image[2]])
      shuffled = try network.permute(places, [0, 2, 1, 3, 4], node)
    }
    let output = [channels, image[1] * size, image[2] * size]
    let input = network.shaped(shuffled, image)
    return .signal(
      network.append(
        ONNXLayer(
          "pixel_shuffle", behind: input, fields: [("upscale_factor", JSONValue(size))]),
        shape: try node.checked([network.batch] + output), layerShape: output))
  }
}

/// Blocks of pixels as channels, those of one place in a block together.
enum SpaceToDepthOperator: ONNXOperator {
  static let name = "SpaceToDepth"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    let size = try node.blockSize()
    let (signal, image) = try node.image(network)
    let (height, width) = (image[1] / size, image[2] / size)
    guard image[1] % size == 0, image[2] % size == 0 else {
      throw node.malformed("cuts an image of \(image[1]) x \(image[2]) into blocks of \(size)")
    }
    let blocks = network.reshaped(signal, [image[0], height, size, width, size])
    let moved = try network.permute(blocks, [0, 3, 5, 1, 2, 4], node)
    return .signal(network.reshaped(moved, [image[0] * size * size, height, width]))
  }
}

extension ONNXNode {
  fileprivate func blockSize() throws(WeightFormatError) -> Int {
    guard has("blocksize") else { throw malformed("lacks its attribute \"blocksize\"") }
    return try integer("blocksize", default: 1, in: 1...1024)
  }

  fileprivate func image(
    _ network: ONNXNetwork
  ) throws(WeightFormatError) -> (signal: ONNXSignal, shape: [Int]) {
    let signal = try signal(0)
    guard let sample = network.sampleShape(signal.shape), sample.count == 3 else {
      throw unsupported(
        "has an input of shape \(signal.shape); expected \(network.batch) x channels x height x "
          + "width")
    }
    return (signal, sample)
  }
}

extension ONNXNetwork {
  /// The signal with samples of another shape of as many numbers.
  func reshaped(_ signal: ONNXSignal, _ sampleShape: [Int]) -> ONNXSignal {
    var result = signal
    result.shape = [batch] + sampleShape
    result.biasAxis = nil
    return result
  }

  /// The signal with its axes moved: axis `i` of the result is axis `axes[i]`.
  mutating func permute(
    _ signal: ONNXSignal, _ axes: [Int], _ node: ONNXNode
  ) throws(WeightFormatError) -> ONNXSignal {
    let shape = signal.shape
    let resultShape = axes.map { shape[$0] }
    guard batch == 1 || (axes.first == 0 && shape.first == batch) else {
      throw node.unsupported(
        "moves the axes \(axes) of the shape \(shape), the batch among them; expected that only "
          + "of a batch of one, or an open one")
    }
    // Only these move numbers.
    let long = axes.filter { shape[$0] != 1 && (batch == 1 || $0 != 0) }
    let extents = long.sorted().map { shape[$0] }
    let order = long.sorted()
    let dims = long.map { axis in order.firstIndex(of: axis) ?? 0 }
    var result = try permuted(signal, extents, dims)
    result.shape = resultShape
    result.biasAxis = nil
    return result
  }

  /// - Parameters:
  ///   - extents: of one sample, whose axes move.
  ///   - dims: axis `i` of the result is axis `dims[i]`.
  mutating func permuted(
    _ signal: ONNXSignal, _ extents: [Int], _ dims: [Int]
  ) throws(WeightFormatError) -> ONNXSignal {
    guard dims != Array(extents.indices) else { return signal }
    let layerShape = dims.map { extents[$0] }
    switch layer(of: signal) {
    case let layer? where layer.type == "linear":
      return append(
        try layer.permutingOutputs(extents, dims), shape: signal.shape,
        layerShape: signal.layerShape)
    case let layer? where layer.dims != nil && signal.layerShape == extents:
      let earlier = layer.dims ?? []
      return try permuted(
        layer.inputs[0], layer.inputs[0].layerShape, dims.map { earlier[$0] })
    default:
      let input = shaped(signal, extents)
      var layer = ONNXLayer("permute", behind: input, fields: [("dims", JSONValue(dims))])
      layer.dims = dims
      return append(layer, shape: signal.shape, layerShape: layerShape)
    }
  }
}

extension ONNXLayer {
  /// A linear layer whose outputs are in another order: they have these extents, whose axes move.
  fileprivate func permutingOutputs(
    _ extents: [Int], _ dims: [Int]
  ) throws(WeightFormatError) -> ONNXLayer {
    var result = self
    for (place, weight) in weights.enumerated() {
      guard let constant = weight.constant else { continue }
      let rest = Array(constant.shape.dropFirst())
      let axes = dims + rest.indices.map { extents.count + $0 }
      result.weights[place].constant = try constant.reshaped(extents + rest).permuted(axes)
        .reshaped(constant.shape)
    }
    return result
  }
}
