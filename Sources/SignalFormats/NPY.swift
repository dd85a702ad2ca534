/// Reads and writes NumPy's NPY files, the wire form of arrays
/// [numpy.lib.format, versions 1.0 to 3.0]. Nothing in a file is evaluated: the header goes
/// through a parser of exactly the dictionary that NumPy writes.
public enum NPY {
  /// The values of an NPY file as `Float`, in row-major order whatever the file's own order was.
  ///
  /// Element types: `f2`, `f4`, `f8`, `i1` to `i8`, `u1` to `u8` in both byte orders, and `b1`.
  /// `f8` and wide integers are rounded to the nearest `Float`; an `f8` beyond its range becomes
  /// infinite. NaN and infinities pass: they may stand where a mask reads nothing. Callers that
  /// cannot use them ask `NPYArray.firstNonFinite`.
  ///
  /// - Throws: `SignalFormatError` for anything that is not exactly one such file.
  public static func read(
    _ bytes: [UInt8], limits: NPYLimits = NPYLimits()
  ) throws(SignalFormatError) -> NPYArray {
    let (header, dataStart) = try NPYHeader.read(bytes, limits: limits)
    let type = try NPYElementType(header.elementType)
    let count = try elementCount(header.shape, limits: limits)
    let (dataBytes, overflow) = count.multipliedReportingOverflow(by: type.width)
    let (expected, beyond) = dataBytes.addingReportingOverflow(dataStart)
    guard !overflow, !beyond else {
      throw .tooLarge(quantity: "the array in bytes", value: .max, limit: .max)
    }
    guard bytes.count >= expected else {
      throw .truncated(format: "NPY file", expected: expected, found: bytes.count)
    }
    guard bytes.count == expected else {
      throw .trailing(format: "NPY file", expected: expected, found: bytes.count)
    }
    let stored = type.values(in: bytes, at: dataStart, count: count)
    let isFortran = header.isFortranOrder && header.shape.count > 1
    return NPYArray(
      shape: header.shape,
      values: isFortran ? rowMajor(stored, shape: header.shape) : stored)
  }

  /// An NPY file of version 1.0, little-endian `f4`, C order; its data starts at a multiple of 64
  /// bytes, as NumPy's own does.
  ///
  /// `values.count` must be the product of `shape`, which has at most 64 extents (NumPy's own
  /// limit).
  public static func write(_ values: [Float], shape: [Int]) -> [UInt8] {
    precondition(shape.reduce(1, *) == values.count, "an array's shape must fit its values")
    var bytes = header(shape: shape)
    bytes.reserveCapacity(bytes.count + values.count * 4)
    #if _endian(little)
      values.withUnsafeBytes { bytes.append(contentsOf: $0) }
    #else
      for value in values {
        withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
      }
    #endif
    return bytes
  }

  /// What such a file begins with: the values follow it, four bytes each.
  public static func header(shape: [Int]) -> [UInt8] {
    precondition(shape.count <= 64, "NumPy arrays have at most 64 extents")
    let extents = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var text = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(extents)), }"
    let prefixBytes = signature.count + 4
    let unpadded = prefixBytes + text.utf8.count + 1
    text += String(repeating: " ", count: (64 - unpadded % 64) % 64) + "\n"
    let length = text.utf8.count
    return signature + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)] + Array(text.utf8)
  }

  static let signature: [UInt8] = [0x93] + Array("NUMPY".utf8)

  private static func elementCount(
    _ shape: [Int], limits: NPYLimits
  ) throws(SignalFormatError) -> Int {
    guard shape.count <= limits.dimensionsMax else {
      throw .tooLarge(
        quantity: "the number of dimensions", value: shape.count, limit: limits.dimensionsMax)
    }
    // An extent of zero makes the array empty, but must not hide an absurd extent beside it.
    var count = 1
    for extent in shape where extent > 0 {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow else {
        throw .tooLarge(quantity: "the product of the shape", value: .max, limit: .max)
      }
      count = product
    }
    guard count <= limits.elementsMax else {
      throw .tooLarge(
        quantity: "the number of elements", value: count, limit: limits.elementsMax)
    }
    return shape.contains(0) ? 0 : count
  }

  /// Column-major values re-laid: each row-major place is visited in order while `source` follows
  /// it through the strides 1, s0, s0 s1, ...
  private static func rowMajor(_ stored: [Float], shape: [Int]) -> [Float] {
    guard !stored.isEmpty else { return [] }
    var strides: [Int] = []
    var stride = 1
    for extent in shape {
      strides.append(stride)
      stride *= extent
    }
    var values: [Float] = []
    values.reserveCapacity(stored.count)
    var index = [Int](repeating: 0, count: shape.count)
    let last = shape.count - 1
    var source = 0
    while values.count < stored.count {
      for step in 0..<shape[last] { values.append(stored[source + step * strides[last]]) }
      var axis = last - 1
      while axis >= 0 {
        index[axis] += 1
        source += strides[axis]
        guard index[axis] == shape[axis] else { break }
        source -= strides[axis] * shape[axis]
        index[axis] = 0
        axis -= 1
      }
    }
    return values
  }
}

/// A dense array as an NPY file holds it.
public struct NPYArray: Sendable, Equatable {
  /// Extents, outermost first; empty for a scalar.
  public var shape: [Int]
  /// Row-major, as many as the product of `shape`.
  public var values: [Float]

  public init(shape: [Int], values: [Float]) {
    precondition(shape.reduce(1, *) == values.count, "an array's shape must fit its values")
    self.shape = shape
    self.values = values
  }

  /// The flat index of the first NaN or infinity.
  public var firstNonFinite: Int? {
    values.firstIndex { !$0.isFinite }
  }
}

/// What an NPY file may ask for at most.
public struct NPYLimits: Sendable, Equatable {
  /// The header's text, in bytes. NumPy's own is 54 bytes and the shape, padded.
  public var headerBytesMax: Int
  public var dimensionsMax: Int
  /// The product of the shape; extents of zero do not hide the others.
  public var elementsMax: Int

  public init(headerBytesMax: Int = 10_000, dimensionsMax: Int = 32, elementsMax: Int = 1 << 28) {
    self.headerBytesMax = headerBytesMax
    self.dimensionsMax = dimensionsMax
    self.elementsMax = elementsMax
  }
}
