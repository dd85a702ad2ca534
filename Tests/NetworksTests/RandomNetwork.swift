import Documents
import LinearAlgebra
import Networks

/// Networks of several layers, drawn from a seed.
enum RandomNetwork {
  /// A chain that starts from a vector or an image and takes one random layer after another.
  static func draw(seed: UInt64) -> NetworkExample {
    var drawing = Drawing(seed: seed)
    let layerCount = drawing.integer(2...7)
    for _ in 0..<layerCount { drawing.addLayer() }
    return NetworkExample(
      name: "random network \(seed)", latentShape: drawing.latentShape, layers: drawing.layers,
      tensors: drawing.tensors)
  }

  /// One convolution or transposed convolution of a random geometry.
  static func drawConvolution(_ type: String, seed: UInt64) -> NetworkExample {
    var drawing = Drawing(seed: seed, axes: type.hasSuffix("1d") ? 1 : 2)
    drawing.addConvolution(isTransposed: type.hasPrefix("conv_transpose"))
    return NetworkExample(
      name: "\(type) \(seed): \(drawing.latentShape), \(drawing.layers)",
      latentShape: drawing.latentShape, layers: drawing.layers, tensors: drawing.tensors)
  }
}

private struct Drawing {
  var random: RandomNumbers
  var latentShape: [Int]
  var shape: [Int]
  var layers: [JSONValue] = []
  var tensors: [String: Tensor] = [:]

  /// - Parameter axes: of the latent, beside its channels; `nil` for none or two, as chance has it.
  init(seed: UInt64, axes: Int? = nil) {
    random = RandomNumbers(seed: seed, stream: 0x6472_6177)
    latentShape = []
    shape = []
    let channels = integer(1...6)
    latentShape =
      switch axes ?? (random.uniform() < 0.5 ? 2 : 0) {
      case 0: [integer(1...8)]
      case let count: [channels] + (0..<count).map { _ in integer(1...7) }
      }
    shape = latentShape
  }

  mutating func integer(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(random.uniform() * Double(range.count))
  }

  private mutating func chance(_ probability: Double) -> Bool { random.uniform() < probability }

  private mutating func name(_ extents: [Int], scale: Double = 1) -> JSONValue {
    let name = "tensor.\(tensors.count)"
    tensors[name] = NetworkExample.tensor(extents, &random, scale: scale)
    return .string(name)
  }

  mutating func addLayer() {
    let count = shape.reduce(1, *)
    switch integer(0...9) {
    case 0, 1:
      if shape.count == 3, count < 600 {
        addConvolution(isTransposed: chance(0.5))
      } else {
        addLinear(count)
      }
    case 2: addLinear(count)
    case 3: addBatchNorm()
    case 4: layers.append(["type": "relu"])
    case 5:
      layers.append([
        "type": "leaky_relu", "negative_slope": .number(0.05 + 0.9 * random.uniform()),
      ])
    case 6: layers.append(["type": chance(0.5) ? "tanh" : "sigmoid"])
    case 7:
      let smooth = ["elu", "softplus", "silu", "gelu"]
      layers.append(["type": .string(smooth[integer(0...smooth.count - 1)])])
    case 8: addRearrangement()
    default:
      if shape.count == 1 {
        let channels = (1...count).filter { count % $0 == 0 }
        let chosen = channels[integer(0...channels.count - 1)]
        shape = [chosen, count / chosen, 1]
        layers.append(["type": "reshape", "shape": JSONValue([chosen, -1, 1])])
      } else {
        shape = [count]
        layers.append(["type": "flatten"])
      }
    }
  }

  private mutating func addLinear(_ inputs: Int) {
    let outputs = integer(1...24)
    let weight = name([outputs, inputs], scale: 1 / Double(inputs).squareRoot())
    layers.append([
      "type": "linear", "weight": weight, "bias": chance(0.5) ? name([outputs], scale: 0.3) : .null,
    ])
    shape = [outputs]
  }

  private mutating func addBatchNorm() {
    let variances = "tensor.\(tensors.count)"
    tensors[variances] = NetworkExample.variances(shape[0], &random)
    let isAffine = chance(0.7)
    layers.append([
      "type": "batch_norm", "running_mean": name([shape[0]], scale: 0.3),
      "running_var": .string(variances), "weight": isAffine ? name([shape[0]]) : .null,
      "bias": isAffine ? name([shape[0]], scale: 0.3) : .null,
    ])
  }

  /// Axes in another order, or an image that is padded, cut or of another size.
  private mutating func addRearrangement() {
    if shape.count == 1 || chance(0.3) {
      var order = Array(shape.indices)
      for place in order.indices { order.swapAt(place, integer(0...order.count - 1)) }
      layers.append(["type": "permute", "dims": JSONValue(order)])
      shape = order.map { shape[$0] }
    } else if chance(0.5) {
      let padding = (0..<4).map { _ in integer(0...2) }
      layers.append([
        "type": "pad", "padding": JSONValue(padding),
        "mode": chance(0.5) ? "constant" : "replicate",
      ])
      shape[2] += padding[0] + padding[1]
      shape[1] += padding[2] + padding[3]
    } else {
      let size = [integer(1...8), integer(1...8)]
      layers.append([
        "type": "upsample", "size": JSONValue(size), "mode": chance(0.5) ? "nearest" : "bilinear",
      ])
      shape = [shape[0]] + size
    }
  }

  /// Draws until a geometry has an output of a moderate size.
  mutating func addConvolution(isTransposed: Bool) {
    let axes = 0..<shape.count - 1
    while true {
      let groups = (1...shape[0]).filter { shape[0] % $0 == 0 }
      let group = groups[integer(0...groups.count - 1)]
      let share = integer(1...3)
      let kernel = axes.map { _ in integer(1...4) }
      let stride = axes.map { _ in integer(1...3) }
      let padding = axes.map { _ in integer(0...3) }
      let dilation = axes.map { _ in integer(1...3) }
      let extra = axes.map { integer(0...max(stride[$0], dilation[$0]) - 1) }
      let extents = axes.map { axis in
        let reach = dilation[axis] * (kernel[axis] - 1) + 1
        return isTransposed
          ? (shape[axis + 1] - 1) * stride[axis] - 2 * padding[axis] + reach + extra[axis]
          : shape[axis + 1] + 2 * padding[axis] < reach
            ? 0 : (shape[axis + 1] + 2 * padding[axis] - reach) / stride[axis] + 1
      }
      guard extents.allSatisfy({ $0 > 0 }), extents.reduce(share * group, *) < 1500 else {
        continue
      }
      let weightShape =
        isTransposed ? [shape[0], share] + kernel : [share * group, shape[0] / group] + kernel
      let scale = 1 / Double(weightShape.dropFirst().reduce(1, *)).squareRoot()
      var layer: JSONObject = [
        "type": .string((isTransposed ? "conv_transpose" : "conv") + "\(axes.count)d"),
        "weight": name(weightShape, scale: scale),
        "bias": chance(0.5) ? name([share * group], scale: 0.3) : .null,
        "stride": JSONValue(stride), "padding": JSONValue(padding),
        "dilation": JSONValue(dilation), "groups": JSONValue(group),
      ]
      if isTransposed { layer["output_padding"] = JSONValue(extra) }
      layers.append(.object(layer))
      shape = [share * group] + extents
      return
    }
  }
}
