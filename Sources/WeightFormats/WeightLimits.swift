/// What a weight file may ask for at most. Each limit is checked before the memory it stands for is
/// taken; a value equal to the limit is accepted.
public struct WeightLimits: Sendable, Equatable {
  /// The whole file.
  public var bytesMax: Int
  /// What describes the tensors, apart from their values: a safetensors header, an ONNX graph, a
  /// checkpoint's pickle, an archive's directory.
  public var headerBytesMax: Int
  public var tensorsMax: Int
  /// The operators of a graph.
  public var nodesMax: Int
  /// The elements of all tensors together.
  public var elementsMax: Int
  public var dimensionsMax: Int
  /// One tensor's name, in UTF-8.
  public var nameBytesMax: Int
  /// The opcodes of a checkpoint's pickle, each of which makes a value at most.
  public var pickleStepsMax: Int

  public init(
    bytesMax: Int = 2 << 30, headerBytesMax: Int = 16 << 20, tensorsMax: Int = 10_000,
    elementsMax: Int = 1 << 29, dimensionsMax: Int = 8, nameBytesMax: Int = 512,
    nodesMax: Int = 10_000, pickleStepsMax: Int = 1 << 20
  ) {
    self.bytesMax = bytesMax
    self.headerBytesMax = headerBytesMax
    self.tensorsMax = tensorsMax
    self.elementsMax = elementsMax
    self.dimensionsMax = dimensionsMax
    self.nameBytesMax = nameBytesMax
    self.nodesMax = nodesMax
    self.pickleStepsMax = pickleStepsMax
  }

  /// - Throws: `WeightFormatError.limit` when `value` is over `limit`.
  func check(
    _ quantity: String, _ value: Int, atMost limit: Int, named name: String
  ) throws(WeightFormatError) {
    guard value <= limit else {
      throw .limit(name: name, quantity: quantity, value: value, limit: limit)
    }
  }

  /// The number of elements of a tensor of this shape, within `elementsMax`.
  ///
  /// Extents of zero make a tensor empty, but do not hide an absurd extent beside them.
  func elementCount(shape: [Int], tensor: String) throws(WeightFormatError) -> Int {
    try check(
      "the number of dimensions of tensor \"\(tensor)\"", shape.count, atMost: dimensionsMax,
      named: "dimensionsMax")
    var count = 1
    for extent in shape where extent > 0 {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      count = overflow ? .max : product
      try check(
        "the number of elements of tensor \"\(tensor)\"", count, atMost: elementsMax,
        named: "elementsMax")
    }
    return shape.contains(0) ? 0 : count
  }
}
