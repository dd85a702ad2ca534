import Networks

/// A tensor whose elements stand in a larger piece of memory with a step for each axis: a view of a
/// storage, or an array in column-major order.
struct StridedTensor: Sendable, Equatable {
  var name: String
  var elementType: ElementType
  var shape: [Int]
  /// Elements from one place of an axis to the next, an axis each.
  private(set) var strides: [Int]
  /// Elements before the first one.
  private(set) var offset: Int
  let elementCount: Int
  /// How many elements of the storage have to be there.
  private var storageReach: Int

  /// - Parameters:
  ///   - strides: as many as `shape` has extents.
  ///   - storageCount: how many elements there are to choose from.
  ///   - format: the name of the weight format that messages give the file.
  /// - Throws: `WeightFormatError` when any element is not within the storage, and when there are
  ///   more elements than it has: a small file could ask for any amount of memory so.
  init(
    name: String, elementType: ElementType, shape: [Int], strides: [Int], offset: Int,
    storageCount: Int, format: String, limits: WeightLimits
  ) throws(WeightFormatError) {
    func malformed(_ detail: String) -> WeightFormatError {
      .malformed(format: format, detail: "tensor \"\(shortened(name))\" \(detail)")
    }
    guard shape.count == strides.count else {
      throw malformed("has \(strides.count) strides for \(shape.count) dimensions")
    }
    elementCount = try limits.elementCount(shape: shape, tensor: shortened(name))
    guard (shape + strides + [offset]).allSatisfy({ $0 >= 0 }) else {
      throw malformed(
        "has the shape \(shape), strides \(strides) and offset \(offset); "
          + "expected no negative number")
    }
    var last = offset
    for (extent, stride) in zip(shape, strides) where elementCount > 0 {
      let (step, overflow) = (extent - 1).multipliedReportingOverflow(by: stride)
      let (sum, beyond) = last.addingReportingOverflow(step)
      last = overflow || beyond ? .max : sum
    }
    guard elementCount == 0 || last < storageCount else {
      throw malformed(
        "of shape \(shape), strides \(strides) and offset \(offset) reaches beyond its storage "
          + "of \(storageCount) elements")
    }
    guard elementCount <= storageCount else {
      throw .unsupported(
        format: format,
        detail: "tensor \"\(shortened(name))\" of shape \(shape) repeats the \(storageCount) "
          + "elements of its storage; save it with .contiguous()")
    }
    self.name = name
    self.elementType = elementType
    self.shape = shape
    self.strides = strides
    self.offset = elementCount == 0 ? 0 : offset
    storageReach = elementCount == 0 ? 0 : last + 1
  }

  /// The same tensor in a storage that has `count` elements more at its start.
  mutating func shift(by count: Int) {
    guard elementCount > 0 else { return }
    offset += count
    storageReach += count
  }

  /// Whether the elements follow one another in row-major order.
  var isContiguous: Bool {
    var expected = 1
    for (extent, stride) in zip(shape, strides).reversed() where extent != 1 {
      guard stride == expected || elementCount == 0 else { return false }
      expected = expected &* extent
    }
    return true
  }

  /// Elements that follow one another are read piece by piece; others are gathered from all of their
  /// storage that they need.
  ///
  /// - Parameters:
  ///   - storage: with all of the storage's elements.
  ///   - start: where they start in it.
  func tensor(
    in storage: any ByteSource, from start: Int = 0, isBigEndian: Bool = false
  ) throws(WeightFormatError) -> Tensor {
    let width = elementType.width
    let (reach, byteCount) = (storageReach * width, elementCount * width)
    precondition(storage.byteCount - start >= reach, "a storage must hold its tensors")
    var elements = WeightSummary.Entry(
      name: name, elementType: elementType, shape: shape, byteRange: 0..<byteCount)
    if isContiguous {
      let first = start + offset * width
      elements.byteRange = first..<first + byteCount
      return try elements.tensor(in: storage, isBigEndian: isBigEndian)
    }
    let gathered = gathered(try storage.bytes(at: start, count: reach))
    return try elements.tensor(in: MemoryBytes(gathered), isBigEndian: isBigEndian)
  }

  /// The bytes of the elements in row-major order.
  private func gathered(_ storage: consuming [UInt8]) -> [UInt8] {
    storage.withUnsafeBytes { storage in
      switch elementType.width {
      case 1: gathered(storage, as: UInt8.self)
      case 2: gathered(storage, as: UInt16.self)
      case 4: gathered(storage, as: UInt32.self)
      default: gathered(storage, as: UInt64.self)
      }
    }
  }

  private func gathered<Stored: FixedWidthInteger & BitwiseCopyable>(
    _ storage: UnsafeRawBufferPointer, as type: Stored.Type
  ) -> [UInt8] {
    let width = MemoryLayout<Stored>.size
    let (extents, strides) = (shape, strides)
    let rowCount = extents.last ?? 1
    let rowStride = (strides.last ?? 1) &* width
    return [UInt8](unsafeUninitializedCapacity: elementCount * width) { target, filled in
      var index = [Int](repeating: 0, count: extents.count)
      var row = offset &* width
      while filled < elementCount &* width {
        for place in 0..<rowCount {
          let stored = storage.loadUnaligned(
            fromByteOffset: row &+ place &* rowStride, as: Stored.self)
          UnsafeMutableRawPointer(target.baseAddress! + (filled &+ place &* width))
            .storeBytes(of: stored, as: Stored.self)
        }
        filled += rowCount &* width
        for axis in extents.indices.dropLast().reversed() {
          index[axis] += 1
          row = row &+ strides[axis] &* width
          guard index[axis] == extents[axis] else { break }
          row = row &- strides[axis] &* extents[axis] &* width
          index[axis] = 0
        }
      }
    }
  }
}
