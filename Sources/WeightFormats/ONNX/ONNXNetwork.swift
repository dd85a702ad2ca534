import Documents

/// What a name in the graph stands for.
enum ONNXValue {
  /// Depends on the latent.
  case signal(ONNXSignal)
  case constant(ONNXConstant)
}

/// A value that depends on the latent, somewhere along the chain.
struct ONNXSignal {
  /// As ONNX has it: the batch first.
  var shape: [Int]
  /// As the layers have it, without the batch. Both hold the same numbers in the same order:
  /// reshaping nodes change `shape` alone, and only a layer that needs its input in another shape
  /// gets a `reshape` in front.
  var layerShape: [Int]
  /// The last layer in ``ONNXNetwork/layers``; `nil` for the latent itself.
  var layer: Int?
  /// The axis of `shape` along which that layer has a bias, or could have.
  var biasAxis: Int?
}

/// A layer of the architecture document to be, behind the one that `previous` gives.
struct ONNXLayer {
  let previous: ONNXSignal
  let type: String
  /// By the layer's fields; `nil` becomes `null`.
  var weights: [(field: String, constant: ONNXConstant?)] = []
  var fields: [(name: String, value: JSONValue)] = []

  init(
    _ type: String, behind previous: ONNXSignal,
    weights: [(field: String, constant: ONNXConstant?)] = [],
    fields: [(name: String, value: JSONValue)] = []
  ) {
    self.type = type
    self.previous = previous
    self.weights = weights
    self.fields = fields
  }
}

/// The layers found so far. Each knows the one before it, so that a signal may be used twice (only
/// one use can end in the output), and a bias that a later node adds makes a new layer.
struct ONNXNetwork {
  /// The extent of the batch axis: what the file fixes, else 1.
  let batch: Int
  private(set) var layers: [ONNXLayer] = []

  init(batch: Int) {
    self.batch = batch
  }

  /// - Parameters:
  ///   - shape: what comes out, as ONNX has it.
  ///   - layerShape: what comes out, as the layer has it.
  mutating func append(
    _ layer: ONNXLayer, shape: [Int], layerShape: [Int], biasAxis: Int? = nil
  ) -> ONNXValue {
    layers.append(layer)
    return .signal(
      ONNXSignal(
        shape: shape, layerShape: layerShape, layer: layers.count - 1, biasAxis: biasAxis))
  }

  /// A layer that acts on each entry alone.
  mutating func appendElementwise(_ layer: ONNXLayer) -> ONNXValue {
    append(layer, shape: layer.previous.shape, layerShape: layer.previous.layerShape)
  }

  /// The signal with the layers' shape made that of ONNX.
  mutating func shaped(_ signal: ONNXSignal, _ sampleShape: [Int]) -> ONNXSignal {
    guard signal.layerShape != sampleShape else { return signal }
    layers.append(
      ONNXLayer("reshape", behind: signal, fields: [("shape", JSONValue(sampleShape))]))
    var result = signal
    result.layerShape = sampleShape
    result.layer = layers.count - 1
    return result
  }

  /// The layer that gave the signal.
  func layer(of signal: ONNXSignal) -> ONNXLayer? {
    signal.layer.map { layers[$0] }
  }

  /// The layers from the latent to the signal.
  func chain(to signal: ONNXSignal) -> [ONNXLayer] {
    var chain: [ONNXLayer] = []
    var end = signal
    while let layer = layer(of: end) {
      chain.append(layer)
      end = layer.previous
    }
    return chain.reversed()
  }

  /// The shape of one sample, where the batch is the first axis.
  func sampleShape(_ shape: [Int]) -> [Int]? {
    shape.count > 1 && shape[0] == batch ? Array(shape.dropFirst()) : nil
  }
}
