import SignalFormats

/// One text as an NPY file holds it: an array without dimensions, of `U` (UTF-32) or `S` (bytes),
/// padded with zeros [NumPy, "Array-protocol type strings"].
enum NPYText {
  /// The text of the file `bytes`.
  static func utf8(of bytes: [UInt8]) throws(WeightFormatError) -> [UInt8] {
    let header: NPYHeader
    let start: Int
    do {
      (header, start) = try NPYHeader.read(bytes, limits: NPYArrayFile.headerLimits)
    } catch {
      throw malformed(error.message)
    }
    let type = header.elementType
    guard header.shape.isEmpty, type.utf8.count >= 3, let order = type.first,
      let kind = type.dropFirst().first, "<>|".contains(order),
      let count = Int(type.dropFirst(2)), count >= 0
    else { throw malformed("it is no single text, but \(type) of shape \(header.shape)") }
    let data = bytes[start...]
    switch kind {
    case "S":
      guard data.count == count else { throw malformed("its \(count) bytes are \(data.count)") }
      return Array(trimmed(data) { $0 == 0 })
    case "U":
      guard data.count % 4 == 0, data.count / 4 == count else {
        throw malformed("its \(count) characters are \(data.count) bytes")
      }
      var text = String.UnicodeScalarView()
      for scalar in trimmed(scalars(data, isBigEndian: order == ">")[...], isPadding: { $0 == 0 }) {
        guard let scalar = Unicode.Scalar(scalar) else {
          throw malformed("it is no valid Unicode")
        }
        text.append(scalar)
      }
      return Array(String(text).utf8)
    default: throw malformed("its element type is \(type); expected a text")
    }
  }

  private static func malformed(_ detail: String) -> WeightFormatError {
    .malformed(format: NPZ.name, detail: "the array \"architecture\": \(detail)")
  }

  private static func scalars(_ data: ArraySlice<UInt8>, isBigEndian: Bool) -> [UInt32] {
    stride(from: data.startIndex, to: data.endIndex, by: 4).map { place in
      let bytes = data[place..<place + 4]
      return isBigEndian
        ? bytes.reduce(0) { $0 << 8 | UInt32($1) }
        : bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
  }

  private static func trimmed<Element>(
    _ elements: ArraySlice<Element>, isPadding: (Element) -> Bool
  ) -> ArraySlice<Element> {
    guard let last = elements.lastIndex(where: { !isPadding($0) }) else { return [] }
    return elements[...last]
  }
}
