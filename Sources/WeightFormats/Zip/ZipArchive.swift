/// A ZIP archive as NumPy and PyTorch write them: its table of contents, every claim in it checked
/// against the file, and the bytes of its entries on demand
/// [PKWARE, APPNOTE.TXT 6.3.10; RFC 1951].
///
/// Entries are stored or deflated; ZIP64 is read. Refused are encryption, other methods, archives in
/// parts, entries that share bytes or a name, and a deflated entry that claims more than deflate can
/// hold in so few bytes. The table of contents alone says what there is.
struct ZipArchive {
  struct Entry: Equatable {
    enum Method: Int {
      case stored = 0
      case deflated = 8
    }

    var name: String
    var method: Method
    /// Where the stored or deflated bytes stand in the file.
    var range: Range<Int>
    /// What they are when they are inflated.
    var byteCount: Int
    var checksum: UInt32
  }

  /// In the order of their places in the file, without directories; the names are unique.
  let entries: [Entry]
  private let source: any ByteSource
  private let format: String
  private let places: [String: Int]

  /// No deflated byte stands for more bytes than this: a match of 258 bytes takes two bits at least
  /// [zlib, "Technical Details"].
  private static let deflateRatioMax = 1032
  /// Stored entries are looked through in pieces of at most this many bytes.
  private static let pieceBytes = 1 << 18

  /// - Parameter format: the name of the weight format that messages give the file.
  init(
    _ source: any ByteSource, format: String, limits: WeightLimits
  ) throws(WeightFormatError) {
    try limits.check(
      "the file's size in bytes", source.byteCount, atMost: limits.bytesMax, named: "bytesMax")
    let directory = try ZipDirectory(source, format: format, limits: limits)
    var entries: [Entry] = []
    var places: [String: Int] = [:]
    var end = 0
    for record in directory.records.sorted(by: { $0.offset < $1.offset }) {
      guard record.offset >= end else {
        throw .malformed(
          format: format, detail: "entry \"\(shortened(record.name))\" overlaps the one before it")
      }
      let entry = try Self.entry(record, source, before: directory.start, format: format)
      end = entry.range.upperBound
      guard places.updateValue(entries.count, forKey: entry.name) == nil else {
        throw .malformed(
          format: format, detail: "two entries are named \"\(shortened(entry.name))\"")
      }
      entries.append(entry)
    }
    self.entries = entries
    self.source = source
    self.format = format
    self.places = places
  }

  /// The name of the entry that a file with these first bytes starts with, as far as it is there;
  /// `nil` when the file starts with none.
  static func firstName(in head: [UInt8]) -> String? {
    guard head.count >= 30 else { return nil }
    let header = LittleEndianFields(head)
    guard header.uint32(0) == 0x0403_4B50 else { return nil }
    return String(decoding: head[30...].prefix(header.uint16(26)), as: UTF8.self)
  }

  subscript(_ name: String) -> Entry? {
    places[name].map { entries[$0] }
  }

  /// All of an entry, its checksum checked. The caller has found `byteCount` to be within a limit.
  func bytes(of entry: Entry) throws(WeightFormatError) -> [UInt8] {
    let bytes = try head(of: entry, count: entry.byteCount)
    var checksum = CRC32()
    checksum.add(bytes)
    try check(checksum, of: entry)
    return bytes
  }

  /// All of an entry as a source of its own, its checksum checked. A stored entry is read for that
  /// once, piece by piece, and stays where it is; a deflated one is inflated in memory.
  func source(of entry: Entry) throws(WeightFormatError) -> any ByteSource {
    guard entry.method == .stored else { return MemoryBytes(try bytes(of: entry)) }
    let part = PartBytes(of: source, entry.range)
    var checksum = CRC32()
    for start in stride(from: 0, to: part.byteCount, by: Self.pieceBytes) {
      checksum.add(
        try part.bytes(at: start, count: min(Self.pieceBytes, part.byteCount - start)))
    }
    try check(checksum, of: entry)
    return part
  }

  private func check(_ checksum: CRC32, of entry: Entry) throws(WeightFormatError) {
    guard checksum.value == entry.checksum else {
      throw .malformed(
        format: format,
        detail: "entry \"\(shortened(entry.name))\" has the CRC-32 "
          + "\(String(checksum.value, radix: 16)), and the archive says "
          + "\(String(entry.checksum, radix: 16)); was the file damaged?")
    }
  }

  /// All of an entry that has at most `count` bytes.
  func bytes(of entry: Entry, atMost count: Int) throws(WeightFormatError) -> [UInt8] {
    guard entry.byteCount <= count else {
      throw .malformed(
        format: format,
        detail: "entry \"\(shortened(entry.name))\" has \(entry.byteCount) bytes; "
          + "expected at most \(count)")
    }
    return try bytes(of: entry)
  }

  /// The first `count` bytes of an entry, or all of it when it has fewer.
  func head(of entry: Entry, count: Int) throws(WeightFormatError) -> [UInt8] {
    let count = min(count, entry.byteCount)
    switch entry.method {
    case .stored: return try source.bytes(at: entry.range.lowerBound, count: count)
    case .deflated:
      do {
        return try Inflation.bytes(
          in: source, range: entry.range, count: count, isAll: count == entry.byteCount)
      } catch {
        switch error {
        case .damaged(let detail):
          throw .malformed(
            format: format, detail: "entry \"\(shortened(entry.name))\": \(detail)")
        case .source(let error): throw error
        }
      }
    }
  }

  /// Finds an entry's bytes behind its local header, which must agree with the directory.
  private static func entry(
    _ record: ZipDirectory.Record, _ source: any ByteSource, before limit: Int, format: String
  ) throws(WeightFormatError) -> Entry {
    let name = shortened(record.name)
    func malformed(_ detail: String) -> WeightFormatError {
      .malformed(format: format, detail: "entry \"\(name)\" \(detail)")
    }
    let headerBytes = 30
    guard record.offset <= limit - headerBytes - record.name.utf8.count else {
      throw malformed("is not within the file; was the upload cut off?")
    }
    let bytes = try source.bytes(
      at: record.offset, count: headerBytes + record.name.utf8.count)
    let header = LittleEndianFields(bytes)
    guard header.uint32(0) == 0x0403_4B50 else { throw malformed("has no local header") }
    guard header.uint16(8) == record.method, header.uint16(26) == record.name.utf8.count,
      bytes[headerBytes...].elementsEqual(record.name.utf8)
    else {
      throw malformed("is described differently in the directory and in its own header")
    }
    guard let method = Entry.Method(rawValue: record.method) else {
      throw .unsupported(
        format: format,
        detail: "entry \"\(name)\" is compressed by method \(record.method); read are stored (0) "
          + "and deflated (8) entries")
    }
    let start = record.offset + bytes.count + header.uint16(28)
    guard start <= limit, record.storedCount <= limit - start else {
      throw malformed("is not within the file; was the upload cut off?")
    }
    switch method {
    case .stored:
      guard record.storedCount == record.byteCount else {
        throw malformed(
          "is stored in \(record.storedCount) bytes, and said to have \(record.byteCount)")
      }
    case .deflated:
      guard record.byteCount / deflateRatioMax <= record.storedCount else {
        throw malformed(
          "is said to have \(record.byteCount) bytes, more than deflate can hold in "
            + "\(record.storedCount)")
      }
    }
    return Entry(
      name: record.name, method: method, range: start..<start + record.storedCount,
      byteCount: record.byteCount, checksum: record.checksum)
  }
}
