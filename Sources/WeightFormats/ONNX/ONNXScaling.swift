import Documents

// Constants that scale and shift what layers compute. Documents have batch normalisation for that:
// with mean 0, variance 1 and no epsilon it is `y = weight x + bias` for each channel, exactly, and
// behind an affine layer it costs nothing.
extension ONNXNetwork {
  /// The signal times a constant, by the rules of broadcasting.
  mutating func scale(
    _ signal: ONNXSignal, by factor: ONNXConstant, _ node: ONNXNode
  ) throws(WeightFormatError) -> ONNXSignal {
    let number = try Self.number(factor, node)
    if number == 1 { return signal }
    if let number, let merged = merging(signal, scale: number, shift: 0, node) { return merged }
    return try affine(
      signal, field: "weight", factor, function: Self.function(number) { $0 * $1 }, node)
  }

  mutating func scale(
    _ signal: ONNXSignal, by factor: Double, _ node: ONNXNode
  ) throws(WeightFormatError) -> ONNXSignal {
    let constant = ONNXConstant(reals: [factor], shape: [], name: "\(node.outputName).weight")
    return try scale(signal, by: constant, node)
  }

  /// The signal plus a constant: as the bias of the layer before it, if that has none yet.
  mutating func shift(
    _ signal: ONNXSignal, by term: ONNXConstant, _ node: ONNXNode
  ) throws(WeightFormatError) -> ONNXSignal {
    let number = try Self.number(term, node)
    if number == 0 { return signal }
    if let axis = signal.biasAxis, var layer = layer(of: signal), layer.refusal == nil,
      let place = layer.weights.firstIndex(where: { $0.field == "bias" && $0.constant == nil }),
      let bias = try channelVector(term, axis: axis, of: signal.shape)
    {
      layer.weights[place].constant = bias
      layer.function = Self.function(1, number, behind: layer.function)
      return append(layer, shape: signal.shape, layerShape: signal.layerShape)
    }
    if let number, let merged = merging(signal, scale: 1, shift: number, node) { return merged }
    return try affine(
      signal, field: "bias", term, function: Self.function(number) { $0 + $1 }, node)
  }

  mutating func shift(
    _ signal: ONNXSignal, by term: Double, _ node: ONNXNode
  ) throws(WeightFormatError) -> ONNXSignal {
    let constant = ONNXConstant(reals: [term], shape: [], name: "\(node.outputName).bias")
    return try shift(signal, by: constant, node)
  }

  /// The one value of a constant; `nil` when it has several.
  private static func number(
    _ constant: ONNXConstant, _ node: ONNXNode
  ) throws(WeightFormatError) -> Double? {
    constant.elementCount == 1 ? try constant.reals(in: node.source)[0] : nil
  }

  /// Of one entry and the number, where there is one.
  private static func function(
    _ number: Double?, _ combine: @escaping @Sendable (Double, Double) -> Double
  ) -> ONNXLayer.Function? {
    guard let number else { return nil }
    return { values in combine(values[0], number) }
  }

  /// What a function gives, scaled and shifted, where there are all three.
  private static func function(
    _ scale: Double?, _ shift: Double?, behind function: ONNXLayer.Function?
  ) -> ONNXLayer.Function? {
    guard let scale, let shift, let function else { return nil }
    return { values in function(values) * scale + shift }
  }

  /// Numbers taken into the scaling layer that gives the signal; `nil` when another layer does.
  private mutating func merging(
    _ signal: ONNXSignal, scale: Double, shift: Double, _ node: ONNXNode
  ) -> ONNXSignal? {
    guard var layer = layer(of: signal), layer.isScaling, layer.refusal == nil else { return nil }
    let count = layer.weights[0].constant?.elementCount ?? layer.weights[1].constant?.elementCount
    do {
      let weight = try layer.weights[0].constant?.scaled(by: Float(scale))
      let bias = try layer.weights[1].constant?.scaled(by: Float(scale)).shifted(by: Float(shift))
      layer.weights[0].constant =
        try weight ?? (scale == 1 ? nil : Self.fill(scale, "weight", count ?? 1, node))
      layer.weights[1].constant =
        try bias ?? (shift == 0 ? nil : Self.fill(shift, "bias", count ?? 1, node))
    } catch {
      // Rearranged too often already: a layer of its own will do.
      return nil
    }
    layer.function = Self.function(scale, shift, behind: layer.function)
    return append(layer, shape: signal.shape, layerShape: signal.layerShape)
  }

  /// One number for each channel.
  private static func fill(
    _ value: Double, _ field: String, _ count: Int, _ node: ONNXNode
  ) throws(WeightFormatError) -> ONNXConstant {
    try ONNXConstant(reals: [value], shape: [1], name: "\(node.outputName).\(field)")
      .broadcast(to: [count])
  }

  private mutating func affine(
    _ signal: ONNXSignal, field: String, _ constant: ONNXConstant, function: ONNXLayer.Function?,
    _ node: ONNXNode
  ) throws(WeightFormatError) -> ONNXSignal {
    let channels = try Channels(constant, signal, self, node)
    let input = shaped(signal, channels.layerShape)
    let count = channels.vector.elementCount
    var layer = ONNXLayer(
      "batch_norm", behind: input,
      weights: [
        ("weight", field == "weight" ? channels.vector : nil),
        ("bias", field == "bias" ? channels.vector : nil),
        ("running_mean", try Self.fill(0, "running_mean", count, node)),
        ("running_var", try Self.fill(1, "running_var", count, node)),
      ], fields: [("eps", 0)], function: function)
    layer.isScaling = true
    return appendElementwise(layer, biasAxis: channels.axis)
  }
}

/// A constant as one number for each place along the first axis that a layer sees.
private struct Channels {
  let vector: ONNXConstant
  let layerShape: [Int]
  /// The axis of the signal along which they lie, where it is a single one.
  let axis: Int?

  init(
    _ constant: ONNXConstant, _ signal: ONNXSignal, _ network: ONNXNetwork, _ node: ONNXNode
  ) throws(WeightFormatError) {
    let shape = signal.shape
    let missing = shape.count - constant.shape.count
    guard constant.elementType.isFloatingPoint, missing >= 0,
      let (sample, offset) = network.sample(of: shape),
      zip(shape.dropFirst(missing), constant.shape).allSatisfy({ $1 == 1 || $1 == $0 })
    else {
      throw node.unsupported(
        "has a constant of shape \(constant.shape) and type \(constant.elementType.rawValue) beside "
          + "the shape \(shape); expected floats that are one number, or lie along its axes")
    }
    let whole = constant.reshaped([Int](repeating: 1, count: missing) + constant.shape)
    guard offset == 0 || whole.shape[0] == 1 else {
      throw node.unsupported(
        "has a constant of shape \(constant.shape), which differs from sample to sample")
    }
    let extents = Array(whole.shape.dropFirst(offset))
    // The axes along which the constant varies, and those between them.
    guard let first = extents.firstIndex(where: { $0 != 1 }),
      let last = extents.lastIndex(where: { $0 != 1 })
    else {
      layerShape = signal.layerShape
      vector = try constant.reshaped([1]).broadcast(to: [layerShape[0]])
      axis =
        layerShape == sample ? offset : sample.count == 1 && layerShape.count == 1 ? offset : nil
      return
    }
    let start = sample[..<first].allSatisfy { $0 == 1 } ? first : 0
    let block = Array(sample[start...last])
    let count = block.reduce(1, *)
    vector = try whole.reshaped(Array(extents[start...last])).broadcast(to: block)
      .reshaped([count])
    layerShape = [count] + sample[(last + 1)...]
    axis = start == last ? start + offset : nil
  }
}
