import Networks

/// A constant as nodes pass it on: where its values are, and what is to be done to them once they
/// are read. Nothing is read before the whole graph is understood.
struct ONNXConstant {
  enum Origin {
    case stored(ONNXTensor)
    /// Computed from shapes.
    case integers([Int])
    /// Computed from sizes, or one number that a node has.
    case reals([Double])
  }

  enum Step {
    /// Moves the axes of a tensor of this shape: axis `i` of the result is axis `axes[i]`.
    case permute(shape: [Int], axes: [Int])
    case scale(Float)
    case shift(Float)
    /// Each value's reciprocal.
    case invert
    /// Repeats the values along the axes where the first shape has extent 1.
    case broadcast(from: [Int], to: [Int])
  }

  /// What the weight is called in the architecture document.
  private(set) var name: String
  private(set) var shape: [Int]
  let elementType: ElementType
  let origin: Origin
  private var steps: [Step] = []

  /// More rearranging than this is no exporter's work.
  private static let stepsMax = 8
  /// Lists of numbers are shapes, axes and places in them, sizes and scales.
  static let integersMax = 1024

  init(_ tensor: ONNXTensor, name: String? = nil) {
    self.name = name ?? tensor.name
    shape = tensor.shape
    elementType = tensor.elementType
    origin = .stored(tensor)
  }

  /// - Parameter shape: `[]` for a single number.
  init(integers: [Int], shape: [Int], name: String) {
    self.name = name
    self.shape = shape
    elementType = .int64
    origin = .integers(integers)
  }

  /// - Parameter shape: `[]` for a single number.
  init(reals: [Double], shape: [Int], name: String) {
    self.name = name
    self.shape = shape
    elementType = .float32
    origin = .reals(reals)
  }

  var elementCount: Int { shape.reduce(1, *) }

  func renamed(_ name: String) -> ONNXConstant {
    var result = self
    result.name = name
    return result
  }

  /// The same values in another shape, which has as many.
  func reshaped(_ shape: [Int]) -> ONNXConstant {
    var result = self
    result.shape = shape
    return result
  }

  func permuted(_ axes: [Int]) throws(WeightFormatError) -> ONNXConstant {
    guard axes != Array(0..<shape.count) else { return self }
    return try adding(.permute(shape: shape, axes: axes), shape: axes.map { shape[$0] })
  }

  func scaled(by factor: Float) throws(WeightFormatError) -> ONNXConstant {
    factor == 1 ? self : try adding(.scale(factor), shape: shape)
  }

  func shifted(by term: Float) throws(WeightFormatError) -> ONNXConstant {
    term == 0 ? self : try adding(.shift(term), shape: shape)
  }

  func inverted() throws(WeightFormatError) -> ONNXConstant {
    try adding(.invert, shape: shape)
  }

  /// The values repeated to a shape of as many axes, in which this one's extents are 1 or stay.
  func broadcast(to shape: [Int]) throws(WeightFormatError) -> ONNXConstant {
    self.shape == shape
      ? self : try adding(.broadcast(from: self.shape, to: shape), shape: shape)
  }

  private func adding(
    _ step: Step, shape: [Int]
  ) throws(WeightFormatError) -> ONNXConstant {
    guard steps.count < Self.stepsMax else {
      throw ONNX.unsupported(
        "tensor \"\(shortened(name))\" is rearranged more than \(Self.stepsMax) times")
    }
    var result = self
    result.steps.append(step)
    result.shape = shape
    return result
  }

  /// - Throws: `WeightFormatError.unsupported` when it is not a short list of integers.
  func integers(in source: any ByteSource) throws(WeightFormatError) -> [Int] {
    if elementCount <= Self.integersMax, var integers = try storedIntegers(in: source) {
      var isPlain = true
      for step in steps {
        switch step {
        case .permute(let shape, let axes):
          integers = rearranged(integers, shape: shape, axes: axes)
        case .broadcast(let from, let to): integers = repeated(integers, from: from, to: to)
        case .scale, .shift, .invert: isPlain = false
        }
      }
      if isPlain { return integers }
    }
    throw ONNX.unsupported(
      "\"\(shortened(name))\" of shape \(shape) and type \(elementType.rawValue) is used as a shape "
        + "or a list of axes; expected at most \(Self.integersMax) integers")
  }

  private func storedIntegers(in source: any ByteSource) throws(WeightFormatError) -> [Int]? {
    switch origin {
    case .integers(let integers): integers
    case .reals: nil
    case .stored(let tensor):
      tensor.elementCount <= Self.integersMax ? try tensor.integers(in: source) : nil
    }
  }

  /// - Throws: `WeightFormatError.unsupported` when it is not a short list of numbers.
  func reals(in source: any ByteSource) throws(WeightFormatError) -> [Double] {
    guard elementCount <= Self.integersMax else {
      throw ONNX.unsupported(
        "\"\(shortened(name))\" of shape \(shape) is used as a list of sizes or scales; expected at "
          + "most \(Self.integersMax) numbers")
    }
    if steps.isEmpty, case .reals(let reals) = origin { return reals }
    if !elementType.isFloatingPoint { return try integers(in: source).map(Double.init) }
    return try tensor(in: source).values.map(Double.init)
  }

  func tensor(in source: any ByteSource) throws(WeightFormatError) -> Tensor {
    var values: [Float]
    switch origin {
    case .stored(let tensor): values = try tensor.values(in: source)
    case .integers(let integers): values = integers.map(Float.init)
    case .reals(let reals): values = reals.map { Float($0) }
    }
    for step in steps {
      switch step {
      case .permute(let shape, let axes): values = rearranged(values, shape: shape, axes: axes)
      case .scale(let factor): for index in values.indices { values[index] *= factor }
      case .shift(let term): for index in values.indices { values[index] += term }
      case .invert: for index in values.indices { values[index] = 1 / values[index] }
      case .broadcast(let from, let to): values = repeated(values, from: from, to: to)
      }
    }
    if let index = values.firstIndex(where: { !$0.isFinite }) {
      throw .nonFinite(tensor: name, index: index, value: Double(values[index]))
    }
    return Tensor(shape: shape, values: values)
  }
}
