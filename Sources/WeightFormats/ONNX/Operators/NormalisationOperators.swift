import Documents

/// Batch normalisation with its running statistics.
enum BatchNormalizationOperator: ONNXOperator {
  static let name = "BatchNormalization"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    let signal = try node.signal(0)
    guard let sample = network.sampleShape(signal.shape) else {
      throw node.unsupported(
        "has an input of shape \(signal.shape); expected \(network.batch) x channels first")
    }
    guard try node.integer("training_mode", default: 0, in: 0...1) == 0 else {
      throw node.unsupported("is in training mode; export the model after model.eval()")
    }
    var weights: [(field: String, constant: ONNXConstant?)] = []
    for (place, field) in ["weight", "bias", "running_mean", "running_var"].enumerated() {
      let weight = try node.weight(place + 1, rank: 1)
      guard weight.shape == [sample[0]] else {
        throw node.malformed(
          "has a \(field) of shape \(weight.shape) for \(sample[0]) channels")
      }
      weights.append((field, weight))
    }
    let epsilon = try node.float("epsilon", default: 1e-5)
    return .signal(
      network.appendElementwise(
        ONNXLayer(
          "batch_norm", behind: network.shaped(signal, sample), weights: weights,
          fields: [("eps", decimal(epsilon))])))
  }
}
