import Documents

/// Images, and signals along one axis, at another size.
enum ResizeOperator: ONNXOperator {
  static let name = "Resize"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    // Opset 10 has only scales.
    let isOld = node.inputs.count == 2
    let scales = try node.reals(isOld ? 1 : 2)
    var sizes: [Int] = []
    if let constant = try node.optionalConstant(3) {
      sizes = try constant.integers(in: node.source)
    }
    guard try node.integer("antialias", default: 0, in: 0...1) == 0,
      try node.text("keep_aspect_ratio_policy", default: "stretch") == "stretch"
    else {
      throw node.unsupported("has antialias, or keeps the aspect ratio; expected neither")
    }
    let resizing = try Resizing(
      node, scales: scales, sizes: sizes, axes: try node.integers("axes"),
      coordinates: isOld
        ? "asymmetric" : try node.text("coordinate_transformation_mode", default: "half_pixel"),
      rounding: isOld ? "floor" : try node.text("nearest_mode", default: "round_prefer_floor"))
    return .signal(try resizing.append(node, &network))
  }
}

/// `Resize` as it was called up to opset 9.
enum UpsampleOperator: ONNXOperator {
  static let name = "Upsample"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    let resizing = try Resizing(
      node, scales: try node.reals(1), sizes: [], axes: nil, coordinates: "asymmetric",
      rounding: "floor")
    return .signal(try resizing.append(node, &network))
  }
}

extension ONNXNode {
  /// Factors; none where the input is absent.
  fileprivate func reals(_ index: Int) throws(WeightFormatError) -> [Double] {
    try optionalConstant(index)?.reals(in: source) ?? []
  }
}

/// A signal and what becomes of each axis.
private struct Resizing {
  let signal: ONNXSignal
  let isNearest: Bool
  /// Where pixels lie that straight lines are drawn between, as ONNX calls it.
  let coordinates: String
  let axes: [ResizedAxis]

  init(
    _ node: ONNXNode, scales: [Double], sizes: [Int], axes: [Int]?, coordinates: String,
    rounding: String
  ) throws(WeightFormatError) {
    let signal = try node.signal(0)
    let mode = try node.text("mode", default: "nearest")
    guard let isNearest = ["nearest": true, "linear": false][mode] else {
      throw node.unsupported("has mode \"\(mode)\"; expected nearest or linear")
    }
    let shape = signal.shape
    let asked = axes ?? Array(shape.indices)
    guard scales.isEmpty != sizes.isEmpty, max(scales.count, sizes.count) == asked.count else {
      throw node.malformed(
        "has the scales \(scales) and sizes \(sizes); expected one of them, for \(asked.count) axes"
      )
    }
    var resized = shape.map { ResizedAxis(input: $0, output: $0, scale: 1) }
    for (place, asked) in asked.enumerated() {
      let axis = try node.axis(asked, rank: shape.count)
      let input = Double(shape[axis])
      let scale = scales.isEmpty ? Double(sizes[place]) / input : scales[place]
      let output = scales.isEmpty ? Double(sizes[place]) : (input * scale).rounded(.down)
      guard scale == 1 || scale > 0 && (1...ResizedAxis.extentMax).contains(output) else {
        throw node.unsupported(
          "makes \(shape[axis]) entries of axis \(axis) \(output); expected 1 to "
            + "\(Int(ResizedAxis.extentMax))")
      }
      resized[axis] = ResizedAxis(input: shape[axis], output: Int(output), scale: scale)
    }
    var agrees = true
    for axis in resized where axis.scale != 1 {
      let own =
        try isNearest
        ? axis.agreesNearest(coordinates, rounding, node) : axis.agreesLinear(coordinates, node)
      agrees = agrees && own
    }
    guard agrees else {
      throw node.unsupported(
        "takes pixels by coordinate_transformation_mode \(coordinates)"
          + (isNearest ? " and nearest_mode \(rounding)" : "") + " in mode \(mode) from shape "
          + "\(shape) to \(resized.map(\.output)); expected the pixels that PyTorch's upsampling "
          + "takes: "
          + (isNearest ? "asymmetric and floor" : "half_pixel, align_corners or asymmetric")
          + " (torch.onnx.export writes that from opset 11 on)")
    }
    self.signal = signal
    self.isNearest = isNearest
    self.axes = resized
    self.coordinates = coordinates
  }

  func append(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXSignal {
    let output = try node.checked(axes.map(\.output))
    if output == signal.shape { return signal }
    let kept = axes.prefix(2).allSatisfy { $0.input == $0.output }
    guard let sample = network.sampleShape(signal.shape), (2...3).contains(sample.count), kept
    else {
      throw node.unsupported(
        "makes the shape \(signal.shape) \(output); expected \(network.batch) x channels, which "
          + "stay, x one or two axes")
    }
    let image = axes.dropFirst(2)
    var fields: [(name: String, value: JSONValue)] = [
      image.allSatisfy(\.isExact)
        ? ("size", JSONValue(image.map(\.output)))
        : ("scale_factor", .numbers(image.map(\.scale))),
      ("mode", isNearest ? "nearest" : image.count == 1 ? "linear" : "bilinear"),
    ]
    switch coordinates {
    case "align_corners" where !isNearest: fields.append(("align_corners", true))
    case "asymmetric" where !isNearest: fields.append(("coordinates", "asymmetric"))
    default: break
    }
    let input = network.shaped(signal, sample)
    return network.append(
      ONNXLayer("upsample", behind: input, fields: fields), shape: output,
      layerShape: Array(output.dropFirst()))
  }
}

/// An axis at another size, and whether the layer takes the entries that ONNX does.
private struct ResizedAxis {
  let input: Int
  let output: Int
  /// Of the output's coordinates to the input's, which need not be the ratio of the extents.
  let scale: Double

  static let extentMax = 65_536.0

  /// Whether the scale is the ratio of the extents.
  var isExact: Bool { Double(input) * scale == Double(output) }

  private var step: Double { isExact ? Double(input) / Double(output) : 1 / scale }

  func agreesNearest(
    _ coordinates: String, _ rounding: String, _ node: ONNXNode
  ) throws(WeightFormatError) -> Bool {
    for place in 0..<output {
      let exact = try coordinate(of: place, coordinates, node)
      let rounded: Double
      switch rounding {
      case "floor": rounded = exact.rounded(.down)
      case "ceil": rounded = exact.rounded(.up)
      case "round_prefer_floor": rounded = (exact - 0.5).rounded(.up)
      case "round_prefer_ceil": rounded = (exact + 0.5).rounded(.down)
      default: throw node.unsupported("has nearest_mode \"\(rounding)\"; expected floor")
      }
      let own = Double(Float(place) * Float(step)).rounded(.down)
      let last = Double(input - 1)
      guard min(max(rounded, 0), last) == min(own, last) else { return false }
    }
    return true
  }

  func agreesLinear(
    _ coordinates: String, _ node: ONNXNode
  ) throws(WeightFormatError) -> Bool {
    // The layer has both, exactly.
    if ["align_corners", "asymmetric"].contains(coordinates) { return true }
    let last = Double(input - 1)
    for place in 0..<output {
      let exact = try coordinate(of: place, coordinates, node)
      let own = step * (Double(place) + 0.5) - 0.5
      guard abs(min(max(exact, 0), last) - min(max(own, 0), last)) <= 1e-6 else { return false }
    }
    return true
  }

  /// Where an entry of the output lies in the input [onnx/onnx, docs/Operators.md, Resize].
  private func coordinate(
    of place: Int, _ mode: String, _ node: ONNXNode
  ) throws(WeightFormatError) -> Double {
    let place = Double(place)
    switch mode {
    case "asymmetric": return place / scale
    case "half_pixel": return (place + 0.5) / scale - 0.5
    case "pytorch_half_pixel": return output > 1 ? (place + 0.5) / scale - 0.5 : 0
    case "align_corners":
      return output > 1 ? place * Double(input - 1) / Double(output - 1) : 0
    default:
      throw node.unsupported(
        "has coordinate_transformation_mode \"\(mode)\"; expected half_pixel, align_corners or "
          + "asymmetric")
    }
  }
}
