/// Writes JSON text as bytes: numbers as the shortest digits that read back as the same value, and
/// integers without a fraction.
public struct JSONWriter {
  public private(set) var bytes: [UInt8] = []

  public init() {}

  /// The text of one value, without insignificant space.
  public static func bytes(of value: JSONValue) -> [UInt8] {
    var writer = JSONWriter()
    writer.write(value)
    return writer.bytes
  }

  public mutating func write(_ value: JSONValue) {
    switch value {
    case .null: append("null")
    case .bool(true): append("true")
    case .bool(false): append("false")
    case .number(let number): write(number)
    case .string(let string): write(string)
    case .numbers(let numbers):
      append("[")
      bytes.reserveCapacity(bytes.count + numbers.count * 20)
      for (place, number) in numbers.enumerated() {
        if place > 0 { append(",") }
        write(number)
      }
      append("]")
    case .array(let elements):
      append("[")
      for (place, element) in elements.enumerated() {
        if place > 0 { append(",") }
        write(element)
      }
      append("]")
    case .object(let object):
      append("{")
      for (place, member) in object.members.enumerated() {
        if place > 0 { append(",") }
        write(member.key)
        append(":")
        write(member.value)
      }
      append("}")
    }
  }

  /// Numbers as the shortest digits that read back as the same `Float`: half the size of the
  /// same values written as `Double`.
  public mutating func write(_ numbers: [Float]) {
    append("[")
    bytes.reserveCapacity(bytes.count + numbers.count * 12)
    for (place, number) in numbers.enumerated() {
      if place > 0 { append(",") }
      if number.isFinite {
        append(isSmallInteger(Double(number)) ? Int(number).description : number.description)
      } else {
        append("null")
      }
    }
    append("]")
  }

  /// Text that is JSON already.
  public mutating func write(verbatim text: [UInt8]) { bytes.append(contentsOf: text) }
  mutating func write(verbatim text: ArraySlice<UInt8>) { bytes.append(contentsOf: text) }
  mutating func write(verbatim text: StaticString) { append(text) }

  /// JSON has no word for a number that is not finite; `null` stands for it.
  private mutating func write(_ number: Double) {
    guard number.isFinite else { return append("null") }
    append(isSmallInteger(number) ? Int(number).description : number.description)
  }

  private func isSmallInteger(_ number: Double) -> Bool {
    abs(number) < 9.1e15 && number == number.rounded() && !(number == 0 && number.sign == .minus)
  }

  /// A string: what has to be escaped is rare, and all between goes in at once.
  private mutating func write(_ string: String) {
    var string = string
    append("\"")
    string.withUTF8 { text in
      var written = 0
      for (place, byte) in text.enumerated() where Self.isEscaped(byte) {
        bytes.append(contentsOf: text[written..<place])
        writeEscaped(byte)
        written = place + 1
      }
      bytes.append(contentsOf: text[written...])
    }
    append("\"")
  }

  private static func isEscaped(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == 0x7F || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
  }

  private mutating func writeEscaped(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""): append("\\\"")
    case UInt8(ascii: "\\"): append("\\\\")
    case 0x0A: append("\\n")
    case 0x0D: append("\\r")
    case 0x09: append("\\t")
    default:
      let digits: StaticString = "0123456789abcdef"
      append("\\u00")
      bytes.append(digits.utf8Start[Int(byte >> 4)])
      bytes.append(digits.utf8Start[Int(byte & 15)])
    }
  }

  private mutating func append(_ text: StaticString) {
    bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }
}
