/// Stored elements as `Float`. A loop a type, without branches, so that each runs at the speed of
/// memory; whether a piece held a value that is refused is learnt from one flag at its end.
enum ElementConversion {
  /// A value that was not accepted, counted in elements from the start of the piece.
  enum Refusal: Equatable {
    /// NaN, infinite, or beyond a `Float`.
    case nonFinite(index: Int, value: Double)
    /// An integer or boolean that a `Float` does not hold exactly.
    case inexact(index: Int, value: String)
  }

  /// Converts all of `piece`, which is whole elements of `type`, to the start of `values`, which has
  /// room for them.
  /// - Returns: the first value that is refused. Every place is initialised in any case.
  static func convert(
    _ piece: [UInt8], of type: ElementType, into values: UnsafeMutableBufferPointer<Float>
  ) -> Refusal? {
    piece.withUnsafeBytes { convert($0, of: type, into: values) }
  }

  /// The same, of bytes wherever they stand.
  static func convert(
    _ piece: UnsafeRawBufferPointer, of type: ElementType,
    into values: UnsafeMutableBufferPointer<Float>
  ) -> Refusal? {
    let count = piece.count / type.width
    precondition(piece.count % type.width == 0 && count <= values.count)
    guard let source = piece.baseAddress, let target = values.baseAddress else { return nil }
    return convert(source, count, of: type, into: target)
  }

  private static func convert(
    _ source: UnsafeRawPointer, _ count: Int, of type: ElementType,
    into target: UnsafeMutablePointer<Float>
  ) -> Refusal? {
    switch type {
    case .float64:
      floats(source, count, into: target) { (stored: UInt64) in
        let value = Double(bitPattern: stored)
        return (Float(value), value)
      }
    case .float32:
      floats(source, count, into: target) { (stored: UInt32) in
        (Float(bitPattern: stored), Double(Float(bitPattern: stored)))
      }
    case .float16:
      floats(source, count, into: target) { (stored: UInt16) in
        (float(half: stored), Double(float(half: stored)))
      }
    case .bfloat16:
      floats(source, count, into: target) { (stored: UInt16) in
        (float(brain: stored), Double(float(brain: stored)))
      }
    case .int64: integers(source, count, into: target) { (stored: Int64) in Float(stored) }
    case .int32: integers(source, count, into: target) { (stored: Int32) in Float(stored) }
    case .int16: integers(source, count, into: target) { (stored: Int16) in Float(stored) }
    case .int8: integers(source, count, into: target) { (stored: Int8) in Float(stored) }
    case .uint64: integers(source, count, into: target) { (stored: UInt64) in Float(stored) }
    case .uint32: integers(source, count, into: target) { (stored: UInt32) in Float(stored) }
    case .uint16: integers(source, count, into: target) { (stored: UInt16) in Float(stored) }
    case .uint8: integers(source, count, into: target) { (stored: UInt8) in Float(stored) }
    case .bool: booleans(source, count, into: target)
    }
  }

  /// IEEE binary16 [IEEE 754, 3.4]. Both readings, normal and subnormal, are computed and one is
  /// chosen: the standard library's conversion is a call a value where the processor has no F16C.
  @inline(__always)
  static func float(half: UInt16) -> Float {
    let magnitude = UInt32(half & 0x7FFF)
    let sign = UInt32(half & 0x8000) << 16
    // A normal number's exponent moves from bias 15 to 127, and the special one to 255.
    let rebias: UInt32 = magnitude >= 0x7C00 ? (255 - 31) << 23 : (127 - 15) << 23
    let normal = magnitude << 13 &+ rebias
    // A subnormal one is an integer of units of 2^-24.
    let subnormal = (Float(Int32(truncatingIfNeeded: magnitude)) * 0x1p-24).bitPattern
    return Float(bitPattern: sign | (magnitude < 0x0400 ? subnormal : normal))
  }

  @inline(__always)
  static func float(brain: UInt16) -> Float {
    Float(bitPattern: UInt32(brain) << 16)
  }

  /// - Parameter read: the element as the `Float` it becomes, and as the value it stands for.
  @inline(__always)
  private static func floats<Stored: FixedWidthInteger & BitwiseCopyable>(
    _ source: UnsafeRawPointer, _ count: Int, into target: UnsafeMutablePointer<Float>,
    _ read: (Stored) -> (value: Float, exact: Double)
  ) -> Refusal? {
    var refused: UInt32 = 0
    for index in 0..<count {
      let value = read(stored(source, index)).value
      target[index] = value
      refused |= value.bitPattern & exponentBits == exponentBits ? 1 : 0
    }
    guard refused != 0, let index = (0..<count).first(where: { !target[$0].isFinite }) else {
      return nil
    }
    return .nonFinite(index: index, value: read(stored(source, index)).exact)
  }

  @inline(__always)
  private static func integers<Stored: FixedWidthInteger & BitwiseCopyable>(
    _ source: UnsafeRawPointer, _ count: Int, into target: UnsafeMutablePointer<Float>,
    _ read: (Stored) -> Float
  ) -> Refusal? {
    var doubtful: UInt32 = 0
    for index in 0..<count {
      let value = read(stored(source, index))
      target[index] = value
      // Not ">": 2^24 + 1 has become 2^24 here.
      doubtful |= value.magnitude >= 0x1p24 ? 1 : 0
    }
    guard doubtful != 0 else { return nil }
    // Some larger integers are exact as well; to know which is slow, and hardly ever needed.
    for index in 0..<count {
      let stored: Stored = stored(source, index)
      guard Float(exactly: stored) != nil else {
        return .inexact(index: index, value: String(stored))
      }
    }
    return nil
  }

  private static func booleans(
    _ source: UnsafeRawPointer, _ count: Int, into target: UnsafeMutablePointer<Float>
  ) -> Refusal? {
    var seen: UInt8 = 0
    for index in 0..<count {
      let stored: UInt8 = stored(source, index)
      target[index] = Float(stored)
      seen |= stored
    }
    guard seen > 1, let index = (0..<count).first(where: { target[$0] > 1 }) else { return nil }
    return .inexact(index: index, value: String(Int(target[index])))
  }

  @inline(__always)
  private static func stored<Stored: FixedWidthInteger & BitwiseCopyable>(
    _ source: UnsafeRawPointer, _ index: Int
  ) -> Stored {
    Stored(
      littleEndian: source.loadUnaligned(
        fromByteOffset: index &* MemoryLayout<Stored>.size, as: Stored.self))
  }

  private static let exponentBits: UInt32 = 0x7F80_0000
}
