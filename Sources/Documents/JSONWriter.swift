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
    case .bool(let bool): append(bool ? "true" : "false")
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

  /// JSON has no word for a number that is not finite; `null` stands for it.
  private mutating func write(_ number: Double) {
    guard number.isFinite else { return append("null") }
    append(isSmallInteger(number) ? Int(number).description : number.description)
  }

  private func isSmallInteger(_ number: Double) -> Bool {
    abs(number) < 9.1e15 && number == number.rounded() && !(number == 0 && number.sign == .minus)
  }

  private mutating func write(_ string: String) {
    append("\"")
    for byte in string.utf8 {
      switch byte {
      case UInt8(ascii: "\""): append("\\\"")
      case UInt8(ascii: "\\"): append("\\\\")
      case 0x0A: append("\\n")
      case 0x0D: append("\\r")
      case 0x09: append("\\t")
      case 0..<0x20, 0x7F:
        let digits = Array("0123456789abcdef".utf8)
        append("\\u00")
        bytes.append(digits[Int(byte >> 4)])
        bytes.append(digits[Int(byte & 15)])
      default: bytes.append(byte)
      }
    }
    append("\"")
  }

  private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }
}
