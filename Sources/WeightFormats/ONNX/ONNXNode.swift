/// One node as its operator sees it: its inputs as values, its attributes by name, and words for what
/// is wrong with it.
struct ONNXNode {
  /// `node "/main/Conv" (Conv)`.
  let label: String
  /// The name of its first output.
  let outputName: String
  /// `nil` where an optional input is absent.
  let inputs: [ONNXValue?]
  let outputCount: Int
  let limits: WeightLimits
  let source: any ByteSource
  private let attributes: [String: AttributeProto]

  init(
    _ proto: NodeProto, place: Int, inputs: [ONNXValue?], source: any ByteSource,
    limits: WeightLimits
  ) throws(WeightFormatError) {
    label = Self.label(proto, place)
    outputName = proto.output.first ?? ""
    outputCount = proto.output.count
    self.inputs = inputs
    self.source = source
    self.limits = limits
    var attributes: [String: AttributeProto] = [:]
    for attribute in proto.attribute {
      guard attributes.updateValue(attribute, forKey: attribute.name) == nil else {
        throw ONNX.malformed(
          "\(label) has the attribute \"\(shortened(attribute.name))\" twice")
      }
    }
    self.attributes = attributes
  }

  static func label(_ proto: NodeProto, _ place: Int) -> String {
    let name = proto.name.isEmpty ? "\(place) (unnamed)" : "\"\(shortened(proto.name))\""
    return "node \(name) (\(shortened(proto.opType)))"
  }

  func malformed(_ detail: String) -> WeightFormatError { ONNX.malformed("\(label) \(detail)") }

  func unsupported(_ detail: String) -> WeightFormatError {
    ONNX.unsupported("\(label) \(detail)")
  }
}

// Inputs.
extension ONNXNode {
  func value(_ index: Int) throws(WeightFormatError) -> ONNXValue {
    guard index < inputs.count, let value = inputs[index] else {
      throw malformed("lacks its input \(index)")
    }
    return value
  }

  func signal(_ index: Int) throws(WeightFormatError) -> ONNXSignal {
    guard case .signal(let signal) = try value(index) else {
      throw unsupported("has a constant as input \(index); expected what the layers before compute")
    }
    return signal
  }

  func constant(_ index: Int) throws(WeightFormatError) -> ONNXConstant {
    guard case .constant(let constant) = try value(index) else {
      throw unsupported(
        "computes its input \(index) from the latent; expected a constant")
    }
    return constant
  }

  /// `nil` when the input is absent.
  func optionalConstant(_ index: Int) throws(WeightFormatError) -> ONNXConstant? {
    index < inputs.count && inputs[index] != nil ? try constant(index) : nil
  }

  /// A weight: floating point, of this many dimensions, none of them 0.
  func weight(_ index: Int, rank: Int) throws(WeightFormatError) -> ONNXConstant {
    let weight = try constant(index)
    guard weight.shape.count == rank, !weight.shape.contains(0), weight.elementType.isFloatingPoint
    else {
      throw unsupported(
        "has a weight of shape \(weight.shape) and type \(weight.elementType.rawValue) as input "
          + "\(index); expected \(rank) positive dimensions of floats")
    }
    return weight
  }

  /// A shape, axes, places: a list or a single number.
  func integers(_ index: Int) throws(WeightFormatError) -> [Int] {
    let constant = try constant(index)
    guard constant.shape.count <= 1 else {
      throw malformed("has a list of integers of shape \(constant.shape); expected one dimension")
    }
    return try constant.integers(in: source)
  }

  /// A list that newer opsets have as an input, older ones as an attribute.
  func integers(_ index: Int, orAttribute name: String) throws(WeightFormatError) -> [Int]? {
    if index < inputs.count, inputs[index] != nil { return try integers(index) }
    return try integers(name)
  }
}

// Attributes.
extension ONNXNode {
  private func attribute(
    _ name: String, _ kind: AttributeProto.Kind
  ) throws(WeightFormatError) -> AttributeProto? {
    guard let attribute = attributes[name] else { return nil }
    // Very old writers leave the type out.
    guard attribute.type == 0 || attribute.type == kind.rawValue else {
      throw malformed("has an attribute \"\(name)\" of type \(attribute.type); expected \(kind)")
    }
    return attribute
  }

  func has(_ name: String) -> Bool { attributes[name] != nil }

  func integer(
    _ name: String, default value: Int, in range: ClosedRange<Int>
  ) throws(WeightFormatError) -> Int {
    guard let attribute = try attribute(name, .int) else { return value }
    return try checked(attribute.i ?? 0, name, range)
  }

  func integers(
    _ name: String, in range: ClosedRange<Int> = Int.min...Int.max, count: Int? = nil
  ) throws(WeightFormatError) -> [Int]? {
    guard let attribute = try attribute(name, .ints) else { return nil }
    guard attribute.ints.count == count ?? attribute.ints.count,
      attribute.ints.count <= ONNXConstant.integersMax
    else {
      throw unsupported(
        "has \(attribute.ints.count) numbers as its attribute \"\(name)\"; expected "
          + (count.map(String.init) ?? "at most \(ONNXConstant.integersMax)"))
    }
    var integers: [Int] = []
    for integer in attribute.ints { integers.append(try checked(integer, name, range)) }
    return integers
  }

  private func checked(
    _ integer: Int64, _ name: String, _ range: ClosedRange<Int>
  ) throws(WeightFormatError) -> Int {
    guard let value = Int(exactly: integer), range.contains(value) else {
      throw unsupported(
        "has \(integer) in its attribute \"\(name)\"; expected \(range.lowerBound) to "
          + "\(range.upperBound)")
    }
    return value
  }

  func float(_ name: String, default value: Float) throws(WeightFormatError) -> Float {
    guard let attribute = try attribute(name, .float) else { return value }
    let float = attribute.f ?? 0
    guard float.isFinite else { throw malformed("has \(float) as its attribute \"\(name)\"") }
    return float
  }

  func floats(_ name: String) throws(WeightFormatError) -> [Float]? {
    guard let attribute = try attribute(name, .floats) else { return nil }
    guard attribute.floats.count <= ONNXConstant.integersMax,
      attribute.floats.allSatisfy(\.isFinite)
    else {
      throw unsupported(
        "has \(attribute.floats.count) numbers as its attribute \"\(name)\"; expected at most "
          + "\(ONNXConstant.integersMax), all of them finite")
    }
    return attribute.floats
  }

  func text(_ name: String, default value: String) throws(WeightFormatError) -> String {
    guard let attribute = try attribute(name, .string) else { return value }
    return shortened(attribute.text)
  }

  func tensor(_ name: String) throws(WeightFormatError) -> ONNXTensor? {
    guard let proto = try attribute(name, .tensor)?.t else { return nil }
    return try ONNXTensor(proto, limits: limits)
  }

  /// The operator has a body of its own.
  var holdsGraph: Bool { attributes.values.contains { $0.holdsGraph } }
}

// Shapes.
extension ONNXNode {
  /// The shape, when it may come out of the node.
  func checked(_ shape: [Int]) throws(WeightFormatError) -> [Int] {
    guard shape.allSatisfy({ (1...Int(Int32.max)).contains($0) }) else {
      throw malformed("would give the shape \(shape); expected positive dimensions")
    }
    _ = try limits.elementCount(shape: shape, tensor: outputName)
    return shape
  }

  /// An axis counted from either end.
  func axis(_ axis: Int, rank: Int) throws(WeightFormatError) -> Int {
    guard (-rank..<rank).contains(axis) else {
      throw malformed("names the axis \(axis) of \(rank) dimensions")
    }
    return axis < 0 ? axis + rank : axis
  }
}
