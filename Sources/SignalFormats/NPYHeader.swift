/// The header of an NPY file: the literal of a Python dictionary with exactly the keys `descr`,
/// `fortran_order` and `shape`, each once, in any order.
public struct NPYHeader: Sendable, Equatable {
  /// An array-protocol type string such as `<f4` [NumPy, array interface].
  public var elementType: String
  public var isFortranOrder: Bool
  public var shape: [Int]

  /// The header of `bytes`, and where the data after it starts. Of the limits only
  /// `headerBytesMax` is looked at here.
  ///
  /// - Parameter bytes: the file, or its first ``prefixBytes(_:)``.
  public static func read(
    _ bytes: [UInt8], limits: NPYLimits
  ) throws(SignalFormatError) -> (header: NPYHeader, dataStart: Int) {
    let signature = NPY.signature
    guard bytes.starts(with: signature) else {
      if !bytes.isEmpty, signature.starts(with: bytes) {
        throw .truncated(format: "NPY file", expected: signature.count, found: bytes.count)
      }
      throw .signature(format: "an NPY file", found: Array(bytes.prefix(8)))
    }
    func requireBytes(_ count: Int) throws(SignalFormatError) {
      guard bytes.count >= count else {
        throw .truncated(format: "NPY file", expected: count, found: bytes.count)
      }
    }
    try requireBytes(8)
    guard (1...3).contains(bytes[6]), bytes[7] == 0 else {
      throw .version(major: Int(bytes[6]), minor: Int(bytes[7]))
    }
    let lengthWidth = bytes[6] == 1 ? 2 : 4
    let start = 8 + lengthWidth
    try requireBytes(start)
    let length = bytes[8..<start].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= limits.headerBytesMax else {
      throw .tooLarge(
        quantity: "the NPY header's length in bytes", value: length, limit: limits.headerBytesMax)
    }
    try requireBytes(start + length)
    var parser = NPYHeaderParser(text: bytes[start..<start + length])
    return (try parser.header(), start + length)
  }

  /// As many first bytes of a file as any header within the limits has.
  public static func prefixBytes(_ limits: NPYLimits) -> Int {
    12 + limits.headerBytesMax
  }
}

/// The grammar of the dictionary, one method a rule.
private struct NPYHeaderParser {
  let text: ArraySlice<UInt8>
  var at: Int

  init(text: ArraySlice<UInt8>) {
    self.text = text
    at = text.startIndex
  }

  mutating func header() throws(SignalFormatError) -> NPYHeader {
    var elementType: String?
    var isFortranOrder: Bool?
    var shape: [Int]?
    skipSpace()
    try expect("{")
    skipSpace()
    while next() != UInt8(ascii: "}") {
      let key = try string()
      skipSpace()
      try expect(":")
      skipSpace()
      switch key {
      case "descr" where elementType == nil: elementType = try string()
      case "fortran_order" where isFortranOrder == nil: isFortranOrder = try bool()
      case "shape" where shape == nil: shape = try tuple()
      default:
        throw error("the key '\(key)'; expected descr, fortran_order and shape, each once")
      }
      skipSpace()
      guard next() == UInt8(ascii: ",") else { break }
      at += 1
      skipSpace()
    }
    try expect("}")
    skipSpace()
    guard at == text.endIndex else { throw error("unexpected text after the dictionary") }
    guard let elementType, let isFortranOrder, let shape else {
      throw error("a key is missing; expected descr, fortran_order and shape")
    }
    return NPYHeader(elementType: elementType, isFortranOrder: isFortranOrder, shape: shape)
  }

  func next() -> UInt8? { at < text.endIndex ? text[at] : nil }

  func error(_ detail: String) -> SignalFormatError {
    .header(offset: at - text.startIndex, detail: detail)
  }

  mutating func skipSpace() {
    while let byte = next(), byte == 0x20 || byte == 0x0A { at += 1 }
  }

  mutating func expect(_ character: Unicode.Scalar) throws(SignalFormatError) {
    guard next() == UInt8(ascii: character) else { throw error("expected '\(character)'") }
    at += 1
  }

  /// Printable ASCII between single or double quotes. No escapes: neither the keys nor the element
  /// types of numbers need one.
  mutating func string() throws(SignalFormatError) -> String {
    guard let quote = next(), quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
      throw error("expected a quoted string (records of several fields are not read)")
    }
    at += 1
    let start = at
    while let byte = next(), byte != quote {
      guard (0x20..<0x7F).contains(byte), byte != UInt8(ascii: "\\"), at - start < 64 else {
        throw error("expected at most 64 plain characters in quotes")
      }
      at += 1
    }
    let content = String(decoding: text[start..<at], as: UTF8.self)
    guard next() == quote else { throw error("an unterminated string") }
    at += 1
    return content
  }

  mutating func bool() throws(SignalFormatError) -> Bool {
    for (word, value) in [("True", true), ("False", false)]
    where text[at...].starts(with: Array(word.utf8)) {
      at += word.utf8.count
      return value
    }
    throw error("expected True or False")
  }

  /// `()`, `(3,)`, `(3, 4)`, `(3, 4,)`; Python 2 wrote its long integers as `3L`.
  mutating func tuple() throws(SignalFormatError) -> [Int] {
    var extents: [Int] = []
    var hasComma = false
    try expect("(")
    skipSpace()
    while next() != UInt8(ascii: ")") {
      guard extents.isEmpty || hasComma else { throw error("expected ',' or ')'") }
      extents.append(try extent())
      skipSpace()
      hasComma = next() == UInt8(ascii: ",")
      if hasComma { at += 1 }
      skipSpace()
    }
    guard extents.count != 1 || hasComma else { throw error("expected ',' after one extent") }
    at += 1
    return extents
  }

  mutating func extent() throws(SignalFormatError) -> Int {
    let start = at
    var value = 0
    while let byte = next(), byte &- 0x30 < 10 {
      let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, beyond) = tens.addingReportingOverflow(Int(byte - 0x30))
      guard !overflow, !beyond else { throw error("an extent beyond what can be counted") }
      value = sum
      at += 1
    }
    guard at > start else { throw error("expected an extent of digits") }
    guard text[start] != UInt8(ascii: "0") || at == start + 1 else {
      throw error("an extent with a leading zero")
    }
    if next() == UInt8(ascii: "L") { at += 1 }
    return value
  }
}
