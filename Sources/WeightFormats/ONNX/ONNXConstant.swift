import Networks

/// A constant as nodes pass it on: where its values are, and what is to be done to them once they
/// are read. Nothing is read before the whole graph is understood.
struct ONNXConstant {
  enum Origin {
    case stored(ONNXTensor)
    /// Computed from shapes.
    case integers([Int])
  }

  enum Step {
    /// Moves the axes of a tensor of this shape: axis `i` of the result is axis `axes[i]`.
    case permute(shape: [Int], axes: [Int])
    case scale(Float)
    /// The one value, this many times.
    case spread(Int)
  }

  /// What the weight is called in the architecture document.
  let name: String
  private(set) var shape: [Int]
  let elementType: ElementType
  let origin: Origin
  private var steps: [Step] = []

  /// More rearranging than this is no exporter's work.
  private static let stepsMax = 8
  /// Lists of integers are shapes, axes and places in them.
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

  var elementCount: Int { shape.reduce(1, *) }

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

  /// A list of `count` values from a tensor that has one.
  func spread(_ count: Int) throws(WeightFormatError) -> ONNXConstant {
    try adding(.spread(count), shape: [count])
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
    if steps.isEmpty, elementCount <= Self.integersMax {
      switch origin {
      case .integers(let integers): return integers
      case .stored(let tensor):
        if let integers = try tensor.integers(in: source) { return integers }
      }
    }
    throw ONNX.unsupported(
      "\"\(shortened(name))\" of shape \(shape) and type \(elementType.rawValue) is used as a shape "
        + "or a list of axes; expected at most \(Self.integersMax) integers")
  }

  func tensor(in source: any ByteSource) throws(WeightFormatError) -> Tensor {
    var values: [Float]
    switch origin {
    case .stored(let tensor): values = try tensor.values(in: source)
    case .integers(let integers): values = integers.map(Float.init)
    }
    for step in steps {
      switch step {
      case .permute(let shape, let axes): values = rearranged(values, shape: shape, axes: axes)
      case .scale(let factor):
        for index in values.indices { values[index] *= factor }
        if let index = values.firstIndex(where: { !$0.isFinite }) {
          throw .nonFinite(tensor: name, index: index, value: Double(values[index]))
        }
      case .spread(let count): values = [Float](repeating: values[0], count: count)
      }
    }
    return Tensor(shape: shape, values: values)
  }
}

/// The values of a tensor of this shape with its axes moved.
private func rearranged(_ values: [Float], shape: [Int], axes: [Int]) -> [Float] {
  guard !values.isEmpty else { return [] }
  if axes == [1, 0] { return transposed(values, rows: shape[0], columns: shape[1]) }
  var strides = [Int](repeating: 1, count: shape.count)
  for axis in shape.indices.dropLast().reversed() {
    strides[axis] = strides[axis + 1] * shape[axis + 1]
  }
  let extents = axes.map { shape[$0] }
  let steps = axes.map { strides[$0] }
  var place = [Int](repeating: 0, count: axes.count)
  var source = 0
  return [Float](unsafeUninitializedCapacity: values.count) { result, filled in
    while filled < values.count {
      result.initializeElement(at: filled, to: values[source])
      filled += 1
      for axis in axes.indices.reversed() {
        place[axis] += 1
        source += steps[axis]
        if place[axis] < extents[axis] { break }
        source -= steps[axis] * extents[axis]
        place[axis] = 0
      }
    }
  }
}

/// In squares that stay in the cache on both sides.
private func transposed(_ values: [Float], rows: Int, columns: Int) -> [Float] {
  let side = 32
  return [Float](unsafeUninitializedCapacity: values.count) { result, filled in
    for top in stride(from: 0, to: rows, by: side) {
      for left in stride(from: 0, to: columns, by: side) {
        for row in top..<min(top + side, rows) {
          for column in left..<min(left + side, columns) {
            result.initializeElement(
              at: column &* rows &+ row, to: values[row &* columns &+ column])
          }
        }
      }
    }
    filled = values.count
  }
}
