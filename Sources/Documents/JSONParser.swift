#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Why bytes are not the JSON text that was expected [RFC 8259].
public struct JSONSyntaxError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Where in the text, in bytes from its start.
  public var offset: Int
  public var detail: String

  public var description: String { "\(detail) at byte \(offset)" }
}

/// Reads JSON text strictly [RFC 8259]: one value, valid UTF-8, no duplicate keys, no numbers
/// that a `Double` cannot hold, nesting at most `depthMax`. It scans bytes; an array of numbers
/// costs one pass and one allocation.
public struct JSONParser {
  /// Arrays and objects inside one another, at most.
  public var depthMax: Int

  public init(depthMax: Int = 64) {
    self.depthMax = depthMax
  }

  /// - Throws: `JSONSyntaxError` with the offset of the first byte that does not belong.
  public func parse(_ text: [UInt8]) throws(JSONSyntaxError) -> JSONValue {
    try text.withUnsafeBufferPointer { (text) throws(JSONSyntaxError) -> JSONValue in
      var scanner = JSONScanner(text: text, depthMax: depthMax)
      return try scanner.document()
    }
  }

  public func parse(_ text: String) throws(JSONSyntaxError) -> JSONValue {
    try parse(Array(text.utf8))
  }
}

/// The position in the text and the rules of the grammar, one method each.
private struct JSONScanner {
  let text: UnsafeBufferPointer<UInt8>
  let depthMax: Int
  var at = 0

  init(text: UnsafeBufferPointer<UInt8>, depthMax: Int) {
    self.text = text
    self.depthMax = depthMax
  }

  mutating func document() throws(JSONSyntaxError) -> JSONValue {
    skipSpace()
    let value = try value(depth: 0)
    skipSpace()
    guard at == text.count else { throw error("unexpected text after the value") }
    return value
  }

  func error(_ detail: String) -> JSONSyntaxError {
    JSONSyntaxError(offset: at, detail: at < text.count ? detail : "unexpected end of the text")
  }

  mutating func skipSpace() {
    while at < text.count {
      switch text[at] {
      case 0x20, 0x0A, 0x0D, 0x09: at &+= 1
      default: return
      }
    }
  }

  func next() -> UInt8? { at < text.count ? text[at] : nil }

  mutating func value(depth: Int) throws(JSONSyntaxError) -> JSONValue {
    switch next() {
    case UInt8(ascii: "{"): return .object(try object(depth: depth + 1))
    case UInt8(ascii: "["): return try array(depth: depth + 1)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try literal("true", .bool(true))
    case UInt8(ascii: "f"): return try literal("false", .bool(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    default: return .number(try number())
    }
  }

  mutating func literal(
    _ word: StaticString, _ value: JSONValue
  ) throws(JSONSyntaxError) -> JSONValue {
    let end = at + word.utf8CodeUnitCount
    guard end <= text.count, text[at..<end].elementsEqual(String(describing: word).utf8) else {
      throw error("expected a JSON value")
    }
    at = end
    return value
  }

  mutating func object(depth: Int) throws(JSONSyntaxError) -> JSONObject {
    guard depth <= depthMax else { throw error("nested deeper than \(depthMax)") }
    at += 1
    var object = JSONObject()
    var keys = Set<String>()
    skipSpace()
    if next() == UInt8(ascii: "}") {
      at += 1
      return object
    }
    while true {
      skipSpace()
      guard next() == UInt8(ascii: "\"") else { throw error("expected a member name in quotes") }
      let key = try string()
      // As Swift compares strings: keys that differ only in Unicode normalisation are one.
      guard keys.insert(key).inserted else {
        throw error("the member \"\(key.prefix(64))\" is named twice")
      }
      skipSpace()
      guard next() == UInt8(ascii: ":") else { throw error("expected \":\" after a member name") }
      at += 1
      skipSpace()
      object.append(key: key, value: try value(depth: depth))
      skipSpace()
      switch next() {
      case UInt8(ascii: ","): at += 1
      case UInt8(ascii: "}"):
        at += 1
        return object
      default: throw error("expected \",\" or \"}\" after a member")
      }
    }
  }

  mutating func array(depth: Int) throws(JSONSyntaxError) -> JSONValue {
    guard depth <= depthMax else { throw error("nested deeper than \(depthMax)") }
    at += 1
    var numbers: [Double] = []
    var elements: [JSONValue]?
    skipSpace()
    if next() == UInt8(ascii: "]") {
      at += 1
      return .numbers([])
    }
    while true {
      skipSpace()
      if elements == nil, let byte = next(), byte == UInt8(ascii: "-") || isDigit(byte) {
        numbers.append(try number())
      } else {
        let element = try value(depth: depth)
        if elements == nil { elements = numbers.map(JSONValue.number) }
        elements?.append(element)
      }
      skipSpace()
      switch next() {
      case UInt8(ascii: ","): at += 1
      case UInt8(ascii: "]"):
        at += 1
        return elements.map(JSONValue.array) ?? .numbers(numbers)
      default: throw error("expected \",\" or \"]\" after an element")
      }
    }
  }

  func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

  mutating func number() throws(JSONSyntaxError) -> Double {
    let start = at
    var number = DecimalNumber()
    if next() == UInt8(ascii: "-") { at &+= 1 }
    guard let first = next(), isDigit(first) else { throw error("expected a JSON value") }
    if first == UInt8(ascii: "0") {
      at &+= 1
      if let after = next(), isDigit(after) { throw error("a number with a leading zero") }
    } else {
      number.readDigits(text, &at)
    }
    if next() == UInt8(ascii: ".") {
      at &+= 1
      let fraction = at
      number.readDigits(text, &at)
      guard at > fraction else { throw error("expected a digit after the decimal point") }
      number.exponent = fraction &- at
    }
    if let byte = next(), byte | 0x20 == UInt8(ascii: "e") { number.exponent += try exponent() }
    if let magnitude = number.nearest {
      return text[start] == UInt8(ascii: "-") ? -magnitude : magnitude
    }
    let terminated = text[start..<at].map { CChar(bitPattern: $0) } + [0]
    let value = strtod(terminated, nil)
    guard value.isFinite else {
      throw JSONSyntaxError(offset: start, detail: "a number beyond the range of a Double")
    }
    return value
  }

  private mutating func exponent() throws(JSONSyntaxError) -> Int {
    at &+= 1
    let negative = next() == UInt8(ascii: "-")
    if negative || next() == UInt8(ascii: "+") { at &+= 1 }
    guard let first = next(), isDigit(first) else {
      throw error("expected a digit in the exponent")
    }
    var power = 0
    while let byte = next(), isDigit(byte) {
      power = min(power * 10 + Int(byte - 0x30), 100_000)
      at &+= 1
    }
    return negative ? -power : power
  }

  mutating func string() throws(JSONSyntaxError) -> String {
    at += 1
    var bytes: [UInt8] = []
    let start = at
    while true {
      guard let byte = next() else { throw error("unterminated string") }
      switch byte {
      case UInt8(ascii: "\""):
        at += 1
        guard let string = String(validating: bytes, as: UTF8.self) else {
          throw JSONSyntaxError(offset: start, detail: "a string that is not valid UTF-8")
        }
        return string
      case UInt8(ascii: "\\"):
        at += 1
        try escape(into: &bytes)
      case 0..<0x20: throw error("a control character in a string (escape it)")
      default:
        // Most strings are short; base64 signals are not, so plain runs are copied at once.
        var end = at
        while end < text.count, text[end] >= 0x20, text[end] != UInt8(ascii: "\""),
          text[end] != UInt8(ascii: "\\")
        { end &+= 1 }
        bytes.append(contentsOf: text[at..<end])
        at = end
      }
    }
  }

  mutating func escape(into bytes: inout [UInt8]) throws(JSONSyntaxError) {
    guard let byte = next() else { throw error("unterminated string") }
    at += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(byte)
    case UInt8(ascii: "b"): bytes.append(0x08)
    case UInt8(ascii: "f"): bytes.append(0x0C)
    case UInt8(ascii: "n"): bytes.append(0x0A)
    case UInt8(ascii: "r"): bytes.append(0x0D)
    case UInt8(ascii: "t"): bytes.append(0x09)
    case UInt8(ascii: "u"): bytes.append(contentsOf: try unicodeEscape().utf8)
    default: throw error("an unknown escape in a string")
    }
  }

  mutating func unicodeEscape() throws(JSONSyntaxError) -> Character {
    var units = [try hexadecimalUnit()]
    if units[0] & 0xFC00 == 0xD800, at + 1 < text.count, text[at] == UInt8(ascii: "\\"),
      text[at + 1] == UInt8(ascii: "u")
    {
      at += 2
      units.append(try hexadecimalUnit())
    }
    guard let string = String(validating: units, as: UTF16.self), let character = string.first
    else { throw error("half of a surrogate pair in a string") }
    return character
  }

  mutating func hexadecimalUnit() throws(JSONSyntaxError) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = next() else { throw error("unterminated string") }
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - 0x30
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - 0x61 + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - 0x41 + 10
      default: throw error("expected four hexadecimal digits after \\u")
      }
      unit = unit << 4 | UInt16(digit)
      at += 1
    }
    return unit
  }
}
