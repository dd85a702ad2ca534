/// ZIP archives built by hand, so that they can be wrong in one place at a time.
struct ZipWriter {
  struct Entry {
    var name: String
    /// As it stands in the file: for method 8 deflated already.
    var data: [UInt8]
    var method = 0
    var flags = 0
    /// What the directory claims, where it is not the truth.
    var byteCount: Int?
    var storedCount: Int?
    var checksum: UInt32?
    var offset: Int?
    var localName: String?
    var localMethod: Int?
  }

  var entries: [Entry] = []
  var comment: [UInt8] = []
  /// What the end claims, where it is not the truth.
  var entryCount: Int?
  var directoryStart: Int?
  var directoryBytes: Int?
  var disk = 0

  /// Stored entries.
  init(_ files: KeyValuePairs<String, [UInt8]>) {
    entries = files.map { Entry(name: $0.key, data: $0.value) }
  }

  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    var directory: [UInt8] = []
    for entry in entries {
      let checksum = entry.checksum ?? Self.checksum(entry.data)
      let name = Array(entry.name.utf8)
      let localName = Array((entry.localName ?? entry.name).utf8)
      let start = bytes.count
      bytes += Self.fields((0x0403_4B50, 4), (20, 2), (entry.flags, 2))
      bytes += Self.fields((entry.localMethod ?? entry.method, 2), (0, 4), (Int(checksum), 4))
      bytes += Self.fields((entry.data.count, 4), (entry.data.count, 4))
      bytes += Self.fields((localName.count, 2), (0, 2)) + localName + entry.data
      directory += Self.fields((0x0201_4B50, 4), (20, 2), (20, 2), (entry.flags, 2))
      directory += Self.fields((entry.method, 2), (0, 4), (Int(checksum), 4))
      directory += Self.fields(
        (entry.storedCount ?? entry.data.count, 4), (entry.byteCount ?? entry.data.count, 4))
      directory += Self.fields((name.count, 2), (0, 2), (0, 2), (0, 2), (0, 2), (0, 4))
      directory += Self.fields((entry.offset ?? start, 4)) + name
    }
    let start = bytes.count
    bytes += directory
    bytes += Self.fields((0x0605_4B50, 4), (disk, 2), (disk, 2))
    bytes += Self.fields((entryCount ?? entries.count, 2), (entryCount ?? entries.count, 2))
    bytes += Self.fields((directoryBytes ?? directory.count, 4), (directoryStart ?? start, 4))
    return bytes + Self.fields((comment.count, 2)) + comment
  }

  /// Deflate's form for what it cannot compress: one stored block [RFC 1951, 3.2.4].
  static func deflated(_ data: [UInt8]) -> [UInt8] {
    [1] + fields((data.count, 2), (~data.count & 0xFFFF, 2)) + data
  }

  static func fields(_ fields: (value: Int, width: Int)...) -> [UInt8] {
    fields.flatMap { field in
      (0..<field.width).map { UInt8(truncatingIfNeeded: field.value >> (8 * $0)) }
    }
  }

  /// CRC-32, a bit at a time.
  static func checksum(_ data: [UInt8]) -> UInt32 {
    ~data.reduce(UInt32.max) { remainder, byte in
      (0..<8).reduce(remainder ^ UInt32(byte)) { value, _ in
        value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1
      }
    }
  }
}
