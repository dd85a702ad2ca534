/// The central directory of a ZIP archive [APPNOTE.TXT, 4.3.12 to 4.3.16], as it claims to be.
struct ZipDirectory {
  struct Record {
    var name: String
    var method: Int
    var checksum: UInt32
    /// Of the stored or deflated bytes.
    var storedCount: Int
    /// Of the inflated bytes.
    var byteCount: Int
    /// Of the local header, from the start of the file.
    var offset: Int
  }

  /// Of files; directories are left out.
  private(set) var records: [Record] = []
  /// Where it stands in the file; entries are before it.
  let start: Int

  private let format: String

  private static let endBytes = 22
  private static let commentBytesMax = 0xFFFF
  private static let recordBytes = 46

  init(
    _ source: any ByteSource, format: String, limits: WeightLimits
  ) throws(WeightFormatError) {
    self.format = format
    let end = try End(source, format: format)
    try limits.check(
      "the number of entries in the archive", end.count,
      atMost: Self.entriesMax(limits), named: "tensorsMax")
    try limits.check(
      "the size in bytes of the archive's directory", end.size, atMost: limits.headerBytesMax,
      named: "headerBytesMax")
    start = end.start
    let bytes = try source.bytes(at: end.start, count: end.size)
    var place = 0
    for _ in 0..<end.count { try readRecord(in: bytes, at: &place) }
    guard place == bytes.count else {
      throw malformed("its directory has \(bytes.count - place) bytes more than its entries")
    }
  }

  /// One a tensor, and the few others that writers add.
  private static func entriesMax(_ limits: WeightLimits) -> Int {
    limits.tensorsMax.addingReportingOverflow(16).overflow ? .max : limits.tensorsMax + 16
  }

  private func malformed(_ detail: String) -> WeightFormatError {
    .malformed(format: format, detail: detail)
  }

  private mutating func readRecord(
    in bytes: [UInt8], at place: inout Int
  ) throws(WeightFormatError) {
    guard bytes.count - place >= Self.recordBytes else {
      throw malformed("its directory has fewer entries than it says")
    }
    let fields = LittleEndianFields(bytes[place..<place + Self.recordBytes])
    guard fields.uint32(0) == 0x0201_4B50 else {
      throw malformed("its directory has no entry where one should start")
    }
    let nameStart = place + Self.recordBytes
    let extraStart = nameStart + fields.uint16(28)
    let commentStart = extraStart + fields.uint16(30)
    let next = commentStart + fields.uint16(32)
    guard next <= bytes.count else { throw malformed("an entry is longer than its directory") }
    guard let name = String(validating: bytes[nameStart..<extraStart], as: UTF8.self) else {
      throw malformed("the name of an entry is not UTF-8")
    }
    // Bits 0, 6 and 13: encrypted, strongly encrypted, with a masked header.
    guard fields.uint16(8) & 0x2041 == 0 else {
      throw .unsupported(
        format: format, detail: "entry \"\(shortened(name))\" is encrypted; save it without")
    }
    var record = Record(
      name: name, method: fields.uint16(10), checksum: UInt32(fields.uint32(16)),
      storedCount: fields.uint32(20), byteCount: fields.uint32(24), offset: fields.uint32(42))
    try readExtra(bytes[extraStart..<commentStart], into: &record)
    place = next
    guard !(name.hasSuffix("/") && record.byteCount == 0) else { return }
    records.append(record)
  }

  /// Sizes and places that did not fit into four bytes stand in the extra field 1, in this order.
  private func readExtra(
    _ extra: ArraySlice<UInt8>, into record: inout Record
  ) throws(WeightFormatError) {
    let fieldsNeeded = [\Record.byteCount, \Record.storedCount, \Record.offset].filter {
      record[keyPath: $0] == 0xFFFF_FFFF
    }
    guard !fieldsNeeded.isEmpty else { return }
    var rest = extra
    while rest.count >= 4 {
      let header = LittleEndianFields(rest)
      let count = header.uint16(2)
      let content = rest.dropFirst(4).prefix(count)
      if header.uint16(0) == 1, content.count == count, count >= 8 * fieldsNeeded.count {
        for (index, field) in fieldsNeeded.enumerated() {
          record[keyPath: field] = LittleEndianFields(content).uint64(8 * index)
        }
        return
      }
      rest = rest.dropFirst(4 + count)
    }
    throw malformed("entry \"\(shortened(record.name))\" lacks its 64-bit sizes")
  }

  /// What the file's end says of the directory.
  private struct End {
    var count: Int
    var size: Int
    var start: Int

    init(_ source: any ByteSource, format: String) throws(WeightFormatError) {
      func malformed(_ detail: String) -> WeightFormatError {
        .malformed(format: format, detail: detail)
      }
      let tailBytes = min(source.byteCount, endBytes + commentBytesMax + 20)
      let tailStart = source.byteCount - tailBytes
      let tail = try source.bytes(at: tailStart, count: tailBytes)
      guard let place = Self.place(in: tail) else {
        throw malformed("the archive's directory is missing; was the upload cut off?")
      }
      let fields = LittleEndianFields(tail[place...])
      guard fields.uint16(4) == 0, fields.uint16(6) == 0, fields.uint16(8) == fields.uint16(10)
      else { throw malformed("the archive is one of several parts") }
      count = fields.uint16(10)
      size = fields.uint32(12)
      start = fields.uint32(16)
      var end = tailStart + place
      if place >= 20, LittleEndianFields(tail[(place - 20)...]).uint32(0) == 0x0706_4B50 {
        let offset = LittleEndianFields(tail[(place - 20)...]).uint64(8)
        guard offset <= end - 20 - 56 else {
          throw malformed("the archive's 64-bit directory is not where it should be")
        }
        let large = LittleEndianFields(try source.bytes(at: offset, count: 56))
        guard large.uint32(0) == 0x0606_4B50, large.uint32(16) == 0, large.uint32(20) == 0,
          large.uint64(24) == large.uint64(32),
          count == 0xFFFF || count == large.uint64(32),
          size == 0xFFFF_FFFF || size == large.uint64(40),
          start == 0xFFFF_FFFF || start == large.uint64(48)
        else { throw malformed("the archive's 64-bit directory disagrees with its other one") }
        count = large.uint64(32)
        size = large.uint64(40)
        start = large.uint64(48)
        end = offset
      }
      guard start <= end, size <= end - start, count <= size / recordBytes else {
        throw malformed(
          "its directory of \(count) entries, \(size) bytes at \(start), is not within the file; "
            + "was the upload cut off?")
      }
    }

    /// Where the last record of the archive starts: the one whose comment ends with the file.
    private static func place(in tail: [UInt8]) -> Int? {
      var place = tail.count - endBytes
      while place >= 0 {
        if tail[place] == 0x50 {
          let fields = LittleEndianFields(tail[place..<place + endBytes])
          if fields.uint32(0) == 0x0605_4B50,
            place + endBytes + fields.uint16(20) == tail.count
          {
            return place
          }
        }
        place -= 1
      }
      return nil
    }
  }
}
