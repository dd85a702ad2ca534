import Documents

/// What a name in the graph stands for.
enum ONNXValue {
  /// Depends on the latent.
  case signal(ONNXSignal)
  case constant(ONNXConstant)
}

/// A value that depends on the latent.
struct ONNXSignal {
  /// As ONNX has it: the batch first.
  var shape: [Int]
  /// As the layers have it, without the batch. Both hold the same numbers in the same order:
  /// reshaping nodes change `shape` alone, and only a layer that needs its input in another shape
  /// gets a `reshape` in front.
  var layerShape: [Int]
  /// The layer in ``ONNXNetwork/layers`` that gives it; `nil` for the latent itself.
  var layer: Int?
  /// The axis of `shape` along which that layer has a bias, or could have.
  var biasAxis: Int?
}

/// A layer of the architecture document to be, with the signals that it takes.
struct ONNXLayer {
  /// What becomes of one entry of each input, where all entries are treated alike.
  typealias Function = @Sendable ([Double]) -> Double

  let type: String
  let inputs: [ONNXSignal]
  /// By the layer's fields; `nil` becomes `null`.
  var weights: [(field: String, constant: ONNXConstant?)]
  var fields: [(name: String, value: JSONValue)]
  var function: Function?
  /// Why documents have no such layer: it stands for a part of a function that only as a whole is a
  /// layer. Layers that act entry by entry on such a part are parts themselves.
  var refusal: WeightFormatError?
  /// Only scales and shifts.
  var isScaling = false
  /// The order of axes of a layer that only moves them.
  var dims: [Int]?
  /// What a layer takes that only gathers entries along its first axis.
  var places: [Int]?
  /// The value of the graph for which it was made.
  var name = ""

  init(
    _ type: String, of inputs: [ONNXSignal],
    weights: [(field: String, constant: ONNXConstant?)] = [],
    fields: [(name: String, value: JSONValue)] = [], function: Function? = nil,
    refusal: WeightFormatError? = nil
  ) {
    self.type = type
    self.inputs = inputs
    self.weights = weights
    self.fields = fields
    self.function = function
    self.refusal = refusal
  }

  init(
    _ type: String, behind previous: ONNXSignal,
    weights: [(field: String, constant: ONNXConstant?)] = [],
    fields: [(name: String, value: JSONValue)] = [], function: Function? = nil
  ) {
    self.init(type, of: [previous], weights: weights, fields: fields, function: function)
  }
}

/// The layers found so far, each behind those that it takes from. Some lead nowhere: a bias that a
/// later node adds makes a new layer, and so does a function whose parts came first.
struct ONNXNetwork {
  /// The extent of the batch axis: what the file fixes, else 1.
  let batch: Int
  private(set) var layers: [ONNXLayer] = []
  private var namedCount = 0
  private var reshapes: [Reshape: Int] = [:]

  /// What a layer gives, in another shape.
  private struct Reshape: Hashable {
    let layer: Int?
    let shape: [Int]
  }

  init(batch: Int) {
    self.batch = batch
  }

  /// - Parameters:
  ///   - shape: what comes out, as ONNX has it.
  ///   - layerShape: what comes out, as the layer has it.
  mutating func append(
    _ layer: ONNXLayer, shape: [Int], layerShape: [Int], biasAxis: Int? = nil
  ) -> ONNXSignal {
    layers.append(layer)
    return ONNXSignal(
      shape: shape, layerShape: layerShape, layer: layers.count - 1, biasAxis: biasAxis)
  }

  /// A layer that acts on each entry alone. When it completes a function that is a layer by itself,
  /// that one is taken instead of its parts.
  mutating func appendElementwise(_ layer: ONNXLayer, biasAxis: Int? = nil) -> ONNXSignal {
    var layer = layer
    let (shape, layerShape) = (layer.inputs[0].shape, layer.inputs[0].layerShape)
    if layer.function != nil, layer.refusal == nil {
      layer.refusal = layer.inputs.compactMap { self.layer(of: $0)?.refusal }.first
    }
    let signal = append(layer, shape: shape, layerShape: layerShape, biasAxis: biasAxis)
    guard layer.refusal != nil, let whole = recognised(signal) else { return signal }
    return whole
  }

  /// The signal with the layers' shape made that of ONNX.
  mutating func shaped(_ signal: ONNXSignal, _ sampleShape: [Int]) -> ONNXSignal {
    guard signal.layerShape != sampleShape else { return signal }
    let key = Reshape(layer: signal.layer, shape: sampleShape)
    var result = signal
    result.layerShape = sampleShape
    if let known = reshapes[key] {
      result.layer = known
      return result
    }
    var layer = ONNXLayer(
      "reshape", behind: signal, fields: [("shape", JSONValue(sampleShape))], function: { $0[0] })
    layer.refusal = self.layer(of: signal)?.refusal
    layers.append(layer)
    reshapes[key] = layers.count - 1
    result.layer = layers.count - 1
    return result
  }

  /// The layer that gave the signal.
  func layer(of signal: ONNXSignal) -> ONNXLayer? {
    signal.layer.map { layers[$0] }
  }

  /// Calls the layers that were made since the last call by the value that they were made for.
  mutating func nameLayers(_ name: String) {
    for index in namedCount..<layers.count { layers[index].name = name }
    namedCount = layers.count
  }

  /// The places in ``layers`` of those that the signal depends on, in an order of computation.
  /// - Throws: `WeightFormatError.unsupported` when one of them is only a part of a layer.
  func layers(to signal: ONNXSignal) throws(WeightFormatError) -> [Int] {
    var isNeeded = [Bool](repeating: false, count: layers.count)
    if let last = signal.layer { isNeeded[last] = true }
    for index in layers.indices.reversed() where isNeeded[index] {
      for input in layers[index].inputs {
        if let place = input.layer { isNeeded[place] = true }
      }
    }
    let needed = layers.indices.filter { isNeeded[$0] }
    for index in needed {
      if let refusal = layers[index].refusal { throw refusal }
    }
    return needed
  }

  /// The shape of one sample, where the batch is the first axis.
  func sampleShape(_ shape: [Int]) -> [Int]? {
    shape.count > 1 && shape[0] == batch ? Array(shape.dropFirst()) : nil
  }

  /// The shape of one sample, and how many axes stand before it: none where a graph for one sample
  /// has dropped the batch. `nil` where samples are mixed.
  func sample(of shape: [Int]) -> (shape: [Int], offset: Int)? {
    if let sample = sampleShape(shape) { return (sample, 1) }
    return batch == 1 && !shape.isEmpty ? (shape, 0) : nil
  }
}
