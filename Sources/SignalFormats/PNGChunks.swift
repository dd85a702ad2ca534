/// Walks the chunks of a PNG file before libpng sees it [PNG, third edition, section 5]. libpng
/// stops reading once it has its rows, and so accepts files that are cut off or go on after their
/// end.
enum PNGChunks {
  /// - Throws: `SignalFormatError` unless `bytes` is the signature and whole chunks from `IHDR` to
  ///   `IEND`, and nothing more.
  static func check(_ bytes: [UInt8]) throws(SignalFormatError) {
    guard bytes.starts(with: signature) else {
      if !bytes.isEmpty, signature.starts(with: bytes) {
        throw .truncated(format: "PNG file", expected: signature.count, found: bytes.count)
      }
      throw .signature(format: "a PNG file", found: Array(bytes.prefix(8)))
    }
    var at = signature.count
    while true {
      // Length, type and checksum of a chunk are four bytes each.
      guard bytes.count - at >= 12 else {
        throw .truncated(format: "PNG file", expected: at + 12, found: bytes.count)
      }
      let length = bytes[at..<at + 4].reduce(0) { $0 << 8 | Int($1) }
      guard length <= bytes.count - at - 12 else {
        throw .truncated(format: "PNG file", expected: at + 12 + length, found: bytes.count)
      }
      let type = bytes[at + 4..<at + 8]
      guard at > signature.count || type.elementsEqual("IHDR".utf8) else {
        throw .png(detail: "the first chunk is not IHDR")
      }
      at += 12 + length
      if type.elementsEqual("IEND".utf8) { break }
    }
    guard at == bytes.count else {
      throw .trailing(format: "PNG file", expected: at, found: bytes.count)
    }
  }

  private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
}
