import Documents
import LinearAlgebra
import Networks

/// Layers with random weights and without biases, put together like any other generator: a document
/// and the tensors that it names.
struct RandomNetwork {
  /// What a weight is drawn from.
  enum Weights: Sendable {
    case normal(deviation: Double)
    case uniform(ClosedRange<Double>)

    fileprivate func draw(_ count: Int, from random: inout RandomNumbers) -> [Float] {
      switch self {
      case .normal(let deviation): (0..<count).map { _ in Float(deviation * random.normal()) }
      case .uniform(let range):
        (0..<count).map { _ in
          Float(range.lowerBound + (range.upperBound - range.lowerBound) * random.uniform())
        }
      }
    }
  }

  private var layers: [JSONValue] = []
  private var tensors: [String: Tensor] = [:]

  mutating func appendLinear(
    inputs: Int, outputs: Int, _ weights: Weights, from random: inout RandomNumbers
  ) {
    let name = append(shape: [outputs, inputs], weights, from: &random)
    layers.append(["type": "linear", "weight": .string(name)])
  }

  /// - Parameter channels: of what the layer takes and of what it gives.
  mutating func appendTransposedConvolution(
    channels: (inputs: Int, outputs: Int), kernel: Int, stride: Int, _ weights: Weights,
    from random: inout RandomNumbers
  ) {
    let name = append(
      shape: [channels.inputs, channels.outputs, kernel, kernel], weights, from: &random)
    layers.append([
      "type": "conv_transpose2d", "weight": .string(name), "stride": JSONValue(stride),
    ])
  }

  /// - Parameter type: as architecture documents call it.
  mutating func appendActivation(_ type: String) {
    appendActivation(["type": .string(type)])
  }

  /// - Parameter document: of a layer without weights.
  mutating func appendActivation(_ document: JSONValue) {
    layers.append(document)
  }

  private mutating func append(
    shape: [Int], _ weights: Weights, from random: inout RandomNumbers
  ) -> String {
    let name = "weight\(tensors.count)"
    tensors[name] = Tensor(
      shape: shape, values: weights.draw(shape.reduce(1, *), from: &random))
    return name
  }

  /// - Throws: `DocumentError` when the layers and the shapes do not fit.
  func generator(latentShape: [Int], outputShape: [Int]) throws(DocumentError) -> Generator {
    try Generator(
      architecture: [
        "version": 1, "latent": ["shape": JSONValue(latentShape)],
        "output": ["shape": JSONValue(outputShape)], "layers": .array(layers),
      ], tensors: tensors)
  }
}

extension RandomNetwork {
  /// The network of Ma et al. (2018, section 4.2): two transposed convolutions of kernel 5 and stride
  /// 3, with 16 channels between them, each with its activation; from a latent of one pixel to a
  /// picture of 17 x 17.
  static func twoTransposedConvolutions(
    latentCount: Int, activation: String, _ weights: Weights, from random: inout RandomNumbers
  ) throws(DocumentError) -> Generator {
    var network = RandomNetwork()
    network.appendTransposedConvolution(
      channels: (latentCount, 16), kernel: 5, stride: 3, weights, from: &random)
    network.appendActivation(activation)
    network.appendTransposedConvolution(
      channels: (16, 1), kernel: 5, stride: 3, weights, from: &random)
    network.appendActivation(activation)
    return try network.generator(latentShape: [latentCount, 1, 1], outputShape: [1, 17, 17])
  }

  /// The network of Cocola (2022): dense layers with ReLU, weights `N(0, 2 / n_i)` (remark 2), so that
  /// signals are about as long as latents.
  static func perceptron(
    _ widths: [Int], from random: inout RandomNumbers
  ) throws(DocumentError) -> Generator {
    try perceptron(
      widths, [JSONValue](repeating: ["type": "relu"], count: widths.count - 1),
      variance: { 2 / Double($0.outputs) }, from: &random)
  }

  /// The network of Lei et al. (2019, section 5.1): dense layers, weights `N(0, 1 / n_i)`, and one
  /// activation after each.
  static func expansive(
    _ widths: [Int], activation: JSONValue, from random: inout RandomNumbers
  ) throws(DocumentError) -> Generator {
    try perceptron(
      widths, [JSONValue](repeating: activation, count: widths.count - 1),
      variance: { 1 / Double($0.outputs) }, from: &random)
  }

  /// The network of Aberdam et al. (2020, equation 11): `tanh(W_2 ReLU(W_1 z))`. The weights are
  /// `N(0, 1 / n_{i-1})`, so that every layer's inputs to its activation are of order one.
  static func tanhPerceptron(
    _ widths: [Int], from random: inout RandomNumbers
  ) throws(DocumentError) -> Generator {
    let hidden = [JSONValue](repeating: ["type": "relu"], count: widths.count - 2)
    return try perceptron(
      widths, hidden + [["type": "tanh"]], variance: { 1 / Double($0.inputs) }, from: &random)
  }

  /// - Parameter activations: one a layer.
  private static func perceptron(
    _ widths: [Int], _ activations: [JSONValue],
    variance: ((inputs: Int, outputs: Int)) -> Double, from random: inout RandomNumbers
  ) throws(DocumentError) -> Generator {
    var network = RandomNetwork()
    for (size, activation) in zip(zip(widths, widths.dropFirst()), activations) {
      network.appendLinear(
        inputs: size.0, outputs: size.1,
        .normal(deviation: variance((size.0, size.1)).squareRoot()), from: &random)
      network.appendActivation(activation)
    }
    return try network.generator(
      latentShape: [widths[0]], outputShape: [widths[widths.count - 1]])
  }
}
