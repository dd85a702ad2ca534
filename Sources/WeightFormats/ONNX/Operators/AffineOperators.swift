/// `Y = alpha A' B' + beta C`, where `'` may transpose. One of `A` and `B` is the weight; with `A`
/// the samples are columns, which only a single one can be.
enum GemmOperator: ONNXOperator {
  static let name = "Gemm"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    let transA = try node.integer("transA", default: 0, in: 0...1) == 1
    let transB = try node.integer("transB", default: 0, in: 0...1) == 1
    let product =
      if case .constant = try node.value(0) {
        try VectorProduct(
          node, signal: 1, axis: transB ? 1 : 0, weight: 0, isTransposed: transA,
          resultAxis: 0, network)
      } else {
        try VectorProduct(
          node, signal: 0, axis: transA ? 0 : 1, weight: 1, isTransposed: !transB,
          resultAxis: 1, network)
      }
    var (signal, weight) = (product.signal, product.weight)
    weight = try weight.scaled(by: try node.float("alpha", default: 1))
    let shape = try node.checked(product.shape)
    var bias: ONNXConstant?
    let beta = try node.float("beta", default: 1)
    if beta != 0, let constant = try node.optionalConstant(2) {
      bias = try channelVector(constant, axis: product.resultAxis, of: shape, node)
        .scaled(by: beta)
    }
    signal.biasAxis = nil
    return .signal(
      network.append(
        ONNXLayer("linear", behind: signal, weights: [("weight", weight), ("bias", bias)]),
        shape: shape, layerShape: [weight.shape[0]], biasAxis: product.resultAxis))
  }
}

/// The product of a signal and a matrix, on either side. One vector a sample is a linear layer; of
/// several, each is multiplied alike, as a convolution by a kernel of one tap does.
enum MatMulOperator: ONNXOperator {
  static let name = "MatMul"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    if let result = try manyVectors(node, &network) { return .signal(result) }
    let product: VectorProduct
    if case .constant = try node.value(0) {
      let rank = try node.signal(1).shape.count
      let axis = max(rank - 2, 0)
      product = try VectorProduct(
        node, signal: 1, axis: axis, weight: 0, isTransposed: false, resultAxis: axis, network)
    } else {
      let axis = try node.signal(0).shape.count - 1
      product = try VectorProduct(
        node, signal: 0, axis: axis, weight: 1, isTransposed: true, resultAxis: axis, network)
    }
    return .signal(
      network.append(
        ONNXLayer(
          "linear", behind: product.signal, weights: [("weight", product.weight), ("bias", nil)]),
        shape: try node.checked(product.shape), layerShape: [product.weight.shape[0]],
        biasAxis: product.resultAxis))
  }
}

extension MatMulOperator {
  /// `nil` when each sample has one vector.
  private static func manyVectors(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXSignal? {
    let isInFront = if case .constant = try node.value(0) { true } else { false }
    let signal = try node.signal(isInFront ? 1 : 0)
    let rank = signal.shape.count
    guard let (sample, offset) = network.sample(of: signal.shape), sample.count > 1 else {
      return nil
    }
    let axis = isInFront ? rank - 2 : rank - 1
    let inputs = signal.shape[axis]
    let vectors = sample.reduce(1, *) / inputs
    guard vectors > 1 else { return nil }
    let stored = try node.weight(isInFront ? 0 : 1, rank: 2)
    let weight = isInFront ? stored : try stored.permuted([1, 0])
    guard weight.shape[1] == inputs else {
      throw node.malformed(
        "multiplies vectors of \(inputs) numbers by a weight of shape \(stored.shape)")
    }
    guard axis >= offset else {
      throw node.unsupported("multiplies along the batch of the shape \(signal.shape)")
    }
    // The vectors' axis first, as channels; the others are one length.
    let order = [axis] + signal.shape.indices.filter { $0 >= offset && $0 != axis }
    let batch = Array(0..<offset)
    let columns = try network.permute(signal, batch + order, node)
    let input = network.shaped(columns, [inputs, vectors])
    var shape = columns.shape
    shape[offset] = weight.shape[0]
    let product = network.append(
      ONNXLayer(
        "conv1d", behind: input,
        weights: [("weight", weight.reshaped(weight.shape + [1])), ("bias", nil)]),
      shape: try node.checked(shape), layerShape: [weight.shape[0], vectors], biasAxis: offset)
    // Back to where it was.
    let inverse = order.indices.map { place in (order.firstIndex(of: place + offset) ?? 0) + offset
    }
    return try network.permute(product, batch + inverse, node)
  }
}

/// A signal that is one vector a sample, and the matrix that it is multiplied with, as `linear` has
/// it: a row for each output.
private struct VectorProduct {
  let signal: ONNXSignal
  let weight: ONNXConstant
  let resultAxis: Int
  let shape: [Int]

  /// - Parameters:
  ///   - axis: of the signal, along which its vectors lie.
  ///   - isTransposed: whether the weight in the file has a column for each output.
  ///   - resultAxis: along which the resulting vectors lie.
  init(
    _ node: ONNXNode, signal signalIndex: Int, axis: Int, weight weightIndex: Int,
    isTransposed: Bool, resultAxis: Int, _ network: ONNXNetwork
  ) throws(WeightFormatError) {
    let signal = try node.signal(signalIndex)
    let stored = try node.weight(weightIndex, rank: 2)
    let weight = isTransposed ? try stored.permuted([1, 0]) : stored
    let (outputs, inputs) = (weight.shape[0], weight.shape[1])
    let count = signal.shape.reduce(1, *)
    let batch = network.batch
    guard signal.shape.indices.contains(axis), signal.shape[axis] == inputs,
      count / inputs == batch, batch == 1 || (axis > 0 && signal.shape[0] == batch)
    else {
      throw node.unsupported(
        "multiplies an input of shape \(signal.shape) by a weight of shape \(stored.shape); "
          + "expected one vector of \(inputs) numbers a sample, \(batch) "
          + (batch == 1 ? "sample" : "samples"))
    }
    var shape = signal.shape
    // Transposing the signal moves its axis.
    shape[axis] = 1
    if shape.indices.contains(resultAxis) { shape.swapAt(axis, resultAxis) }
    shape[min(resultAxis, shape.count - 1)] = outputs
    self.signal = signal
    self.weight = weight
    self.resultAxis = min(resultAxis, shape.count - 1)
    self.shape = shape
  }
}

/// A constant that is added to something of `shape`, as one number for each place along `axis`, by
/// the rules of broadcasting [onnx/onnx, docs/Broadcasting.md].
func channelVector(
  _ constant: ONNXConstant, axis: Int, of shape: [Int], _ node: ONNXNode
) throws(WeightFormatError) -> ONNXConstant {
  guard let vector = try channelVector(constant, axis: axis, of: shape) else {
    throw node.unsupported(
      "has a constant of shape \(constant.shape) and type \(constant.elementType.rawValue) beside "
        + "the shape \(shape); expected one float for each of the \(shape[axis]) channels")
  }
  return vector
}

/// `nil` when the constant differs along other axes, or is no float.
func channelVector(
  _ constant: ONNXConstant, axis: Int, of shape: [Int]
) throws(WeightFormatError) -> ONNXConstant? {
  let missing = shape.count - constant.shape.count
  let fits =
    missing >= 0 && constant.elementType.isFloatingPoint
    && constant.shape.enumerated().allSatisfy { place, extent in
      extent == 1 || (place + missing == axis && extent == shape[axis])
    }
  guard fits else { return nil }
  return try constant.reshaped([constant.elementCount]).broadcast(to: [shape[axis]])
}
