import Networks

// Reading the values of a tensor whose bytes stand in one piece in the file.
extension WeightSummary.Entry {
  /// Values are read and converted in pieces of at most this many bytes, so that a piece is still
  /// in the processor's cache when it is converted.
  static let pieceBytes = 1 << 18

  /// Beside the result it holds at most one piece of ``pieceBytes``. `byteRange` must have whole
  /// elements, as many as `shape` says.
  func tensor(
    in source: any ByteSource, isBigEndian: Bool = false
  ) throws(WeightFormatError) -> Tensor {
    let count = byteRange.count / elementType.width
    var failure: WeightFormatError?
    let values = [Float](unsafeUninitializedCapacity: count) { values, filled in
      do throws(WeightFormatError) {
        while filled < count {
          let rest = UnsafeMutableBufferPointer(rebasing: values[filled..<count])
          filled += try fill(rest, from: filled, in: source, isBigEndian: isBigEndian)
        }
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return Tensor(shape: shape, values: values)
  }

  /// The tensor with every value checked; its outline where it is large. It holds one piece of
  /// ``pieceBytes`` at a time.
  func outline(in source: any ByteSource) throws(WeightFormatError) -> Tensor {
    let count = byteRange.count / elementType.width
    guard count > GeneratorOutline.outlinedTensorCountMin else { return try tensor(in: source) }
    let room = UnsafeMutableBufferPointer<Float>.allocate(
      capacity: Self.pieceBytes / elementType.width)
    defer { room.deallocate() }
    var place = 0
    while place < count {
      place += try fill(room, from: place, in: source, isBigEndian: false)
    }
    return Tensor(outline: shape)
  }

  /// Converts the next piece of the tensor, the one that starts with its element `place`.
  /// - Returns: how many elements it was.
  private func fill(
    _ values: UnsafeMutableBufferPointer<Float>, from place: Int, in source: any ByteSource,
    isBigEndian: Bool
  ) throws(WeightFormatError) -> Int {
    let offset = byteRange.lowerBound + place * elementType.width
    var piece = try source.bytes(
      at: offset, count: min(Self.pieceBytes, byteRange.upperBound - offset))
    if isBigEndian { elementType.swapBytes(&piece) }
    switch ElementConversion.convert(piece, of: elementType, into: values) {
    case nil: return piece.count / elementType.width
    case .nonFinite(let index, let value):
      throw .nonFinite(tensor: name, index: place + index, value: value)
    case .inexact(let index, let value):
      throw .inexact(tensor: name, index: place + index, value: value, elementType: elementType)
    }
  }
}

extension ElementType {
  /// Turns big-endian elements into little-endian ones; they are whole.
  fileprivate func swapBytes(_ bytes: inout [UInt8]) {
    guard width > 1 else { return }
    let width = width
    bytes.withUnsafeMutableBufferPointer { bytes in
      for start in stride(from: 0, to: bytes.count, by: width) {
        for place in 0..<width / 2 {
          bytes.swapAt(start &+ place, start &+ width &- 1 &- place)
        }
      }
    }
  }
}
