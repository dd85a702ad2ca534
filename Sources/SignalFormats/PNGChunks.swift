/// The chunks of a PNG file, walked before libpng sees them [PNG, third edition, section 5]. libpng
/// stops once it has its rows, and so accepts files that are cut off or go on after their end.
struct PNGChunks {
  /// The file with only the chunks that decide its stored samples: the critical ones and `tRNS`.
  /// Colour spaces, which would change the samples, and texts never reach libpng.
  var bytes: [UInt8]
  /// 1 to 16, as the header says.
  var bitDepth: UInt8
  var isInterlaced: Bool

  /// - Throws: `SignalFormatError` unless `bytes` is the signature and whole chunks from `IHDR` to
  ///   `IEND`, and nothing more.
  init(_ bytes: [UInt8]) throws(SignalFormatError) {
    guard bytes.starts(with: Self.signature) else {
      if !bytes.isEmpty, Self.signature.starts(with: bytes) {
        throw .truncated(format: "PNG file", expected: Self.signature.count, found: bytes.count)
      }
      throw .signature(format: "a PNG file", found: Array(bytes.prefix(8)))
    }
    var kept = Self.signature
    kept.reserveCapacity(bytes.count)
    var at = kept.count
    var type = ""
    while type != "IEND" {
      // Length, type and checksum of a chunk are four bytes each.
      guard bytes.count - at >= 12 else {
        throw .truncated(format: "PNG file", expected: at + 12, found: bytes.count)
      }
      let length = bytes[at..<at + 4].reduce(0) { $0 << 8 | Int($1) }
      guard length <= bytes.count - at - 12 else {
        throw .truncated(format: "PNG file", expected: at + 12 + length, found: bytes.count)
      }
      type = String(decoding: bytes[at + 4..<at + 8], as: UTF8.self)
      guard at > Self.signature.count || (type == "IHDR" && length == 13) else {
        throw .png(detail: "the first chunk is not a header of 13 bytes")
      }
      // Bit 5 of a type's first letter marks what a reader may ignore.
      let isCritical = bytes[at + 4] & 0x20 == 0
      if isCritical || type == "tRNS" { kept += bytes[at..<at + 12 + length] }
      at += 12 + length
    }
    guard at == bytes.count else {
      throw .trailing(format: "PNG file", expected: at, found: bytes.count)
    }
    self.bytes = kept
    bitDepth = bytes[24]
    isInterlaced = bytes[28] != 0
  }

  private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
}
