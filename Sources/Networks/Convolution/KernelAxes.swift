import Documents

/// How many axes a kernel slides along. A signal with one axis is an image of height 1, so that
/// both are the same arithmetic; what is told apart here is how documents and messages write them.
enum KernelAxes: Int {
  case one = 1
  case two = 2

  /// What the layer takes, without the batch.
  var inputText: String {
    switch self {
    case .one: "[channels, length]"
    case .two: "[channels, height, width]"
    }
  }

  /// How the kernel's extents stand at the end of a weight's shape.
  var kernelText: String {
    switch self {
    case .one: "kernel length"
    case .two: "kernel height, kernel width"
    }
  }

  /// One number an axis as height and width; `otherwise` is the height where there is one axis.
  func pair(_ numbers: some BidirectionalCollection<Int>, otherwise: Int) -> (
    height: Int, width: Int
  ) {
    let width = numbers[numbers.index(before: numbers.endIndex)]
    return self == .one ? (otherwise, width) : (numbers[numbers.startIndex], width)
  }

  /// Extents as a message shows them.
  func text(_ height: Int, _ width: Int) -> String {
    self == .one ? "\(width)" : "\(height) x \(width)"
  }

  /// The shape of an image, channels first.
  func shape(_ channels: Int, _ height: Int, _ width: Int) -> [Int] {
    self == .one ? [channels, width] : [channels, height, width]
  }
}

/// A field of a convolution with one number for all axes, or one for each in a list. An axis that
/// the layer does not have counts as one with the default.
struct AxesParameter: ParameterDescription {
  let name: String
  let defaultValue: Int
  let range: ClosedRange<Int>
  let axes: KernelAxes

  var schema: JSONValue {
    let integer: JSONValue = [
      "type": "integer", "minimum": JSONValue(range.lowerBound),
      "maximum": JSONValue(range.upperBound),
    ]
    let count = JSONValue(axes.rawValue)
    return [
      "oneOf": [
        integer, ["type": "array", "items": integer, "minItems": count, "maxItems": count],
      ],
      "default": JSONValue([Int](repeating: defaultValue, count: axes.rawValue)),
    ]
  }

  func value(in document: ObjectReader) throws(DocumentError) -> (height: Int, width: Int) {
    let count = axes.rawValue
    switch document.value(name) {
    case .none: return axes.pair([defaultValue, defaultValue], otherwise: defaultValue)
    case .number:
      let all = try document.integer(name, in: range) ?? defaultValue
      return axes.pair([all, all], otherwise: defaultValue)
    default:
      let numbers = try document.integers(name, in: range, counts: count...count) ?? []
      return axes.pair(numbers, otherwise: defaultValue)
    }
  }
}

/// Channels, height and width of what enters a convolution.
struct ImageShape {
  let channels: Int
  let height: Int
  let width: Int

  init(_ context: LayerContext, _ axes: KernelAxes) throws(DocumentError) {
    let shape = context.inputShape
    guard shape.count == axes.rawValue + 1 else {
      throw context.document.unprocessable(
        "type",
        "the input has shape \(shape); expected \(axes.inputText) (put a reshape before this layer)"
      )
    }
    channels = shape[0]
    (height, width) = axes.pair(shape[1...], otherwise: 1)
  }
}
