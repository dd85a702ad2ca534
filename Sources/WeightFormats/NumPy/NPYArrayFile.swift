import Networks
import SignalFormats

/// One array in NumPy's NPY format [numpy.lib.format, versions 1.0 to 3.0], of which so far only the
/// header was read.
struct NPYArrayFile {
  let elements: StridedTensor
  /// Bytes before the first element.
  let dataStart: Int
  private let isBigEndian: Bool

  /// - Parameters:
  ///   - head: the file's first ``headBytes`` bytes, or all of it.
  ///   - byteCount: of the whole file, which must be just what the header promises.
  init(
    head: [UInt8], byteCount: Int, name: String, format: String, limits: WeightLimits
  ) throws(WeightFormatError) {
    try limits.check(
      "the length in bytes of the array name \"\(shortened(name))\"", name.utf8.count,
      atMost: limits.nameBytesMax, named: "nameBytesMax")
    let header: NPYHeader
    do {
      (header, dataStart) = try NPYHeader.read(head, limits: Self.headerLimits)
    } catch {
      throw .malformed(format: format, detail: "array \"\(shortened(name))\": \(error.message)")
    }
    guard let stored = try? NPYElementType(header.elementType),
      let type = ElementType(stored)
    else {
      throw .elementType(
        tensor: shortened(name), found: shortened(header.elementType),
        known: ["f2", "f4", "f8", "i1 to i8", "u1 to u8", "b1 (astype(numpy.float32) is one)"])
    }
    isBigEndian = stored.isBigEndian
    let count = try limits.elementCount(shape: header.shape, tensor: shortened(name))
    let expected = dataStart + count * type.width
    guard byteCount == expected else {
      throw .malformed(
        format: format,
        detail: "array \"\(shortened(name))\" of shape \(header.shape) has \(byteCount) bytes; "
          + "expected \(expected)" + (byteCount < expected ? "; was the upload cut off?" : ""))
    }
    elements = try StridedTensor(
      name: name, elementType: type, shape: header.shape,
      strides: Self.strides(header.shape, isFortranOrder: header.isFortranOrder), offset: 0,
      storageCount: count, format: format, limits: limits)
  }

  static let headerLimits = NPYLimits()
  /// As many first bytes as any header has.
  static let headBytes = NPYHeader.prefixBytes(headerLimits)

  /// - Parameter file: the whole file.
  func tensor(in file: any ByteSource) throws(WeightFormatError) -> Tensor {
    try elements.tensor(in: file, from: dataStart, isBigEndian: isBigEndian)
  }

  /// Elements from one place of an axis to the next. The product of the positive extents is within
  /// the limits.
  private static func strides(_ shape: [Int], isFortranOrder: Bool) -> [Int] {
    var strides = [Int](repeating: 1, count: shape.count)
    var stride = 1
    for axis in isFortranOrder ? Array(shape.indices) : shape.indices.reversed() {
      strides[axis] = stride
      stride *= max(shape[axis], 1)
    }
    return strides
  }
}

extension ElementType {
  fileprivate init?(_ stored: NPYElementType) {
    switch (stored.kind, stored.width) {
    case (.bool, _): self = .bool
    case (.floating, 2): self = .float16
    case (.floating, 4): self = .float32
    case (.floating, 8): self = .float64
    case (.signed, 1): self = .int8
    case (.signed, 2): self = .int16
    case (.signed, 4): self = .int32
    case (.signed, 8): self = .int64
    case (.unsigned, 1): self = .uint8
    case (.unsigned, 2): self = .uint16
    case (.unsigned, 4): self = .uint32
    case (.unsigned, 8): self = .uint64
    default: return nil
    }
  }
}
