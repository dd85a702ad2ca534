/// Reads the members of one JSON object, each at most once, and refuses what nobody asked for.
/// Every error names the field by a JSON Pointer [RFC 6901], the value, and what was expected.
///
/// Not `Sendable`: a reader lives inside one function.
public final class ObjectReader {
  /// Where this object stands in its document.
  public let pointer: String
  private let object: JSONObject
  private var asked: [String] = []
  private static let unknownNamedMax = 16

  /// - Throws: `DocumentError` when `value` is not an object.
  public init(_ value: JSONValue, pointer: String = "") throws(DocumentError) {
    guard case .object(let object) = value else {
      throw .malformed(pointer, "is \(value.kindName); expected an object")
    }
    self.object = object
    self.pointer = pointer
  }

  /// Whether a member is there and not `null`.
  public func has(_ name: String) -> Bool {
    object[name].map { $0 != .null } ?? false
  }

  /// The member, `nil` when it is absent or `null`.
  public func value(_ name: String) -> JSONValue? {
    asked.append(name)
    guard let value = object[name], value != .null else { return nil }
    return value
  }

  public func required(_ name: String) throws(DocumentError) -> JSONValue {
    guard let value = value(name) else { throw .malformed(pointer(to: name), "is missing") }
    return value
  }

  /// To be called when everything known was read.
  /// - Throws: `DocumentError` naming the members that nobody asked for, the first sixteen of them
  ///   each and the others by their number: a document of a million unknown members must not make
  ///   an answer that is many times its size.
  public func finish() throws(DocumentError) {
    let unknown = object.members.map(\.key).filter { !asked.contains($0) }
    guard !unknown.isEmpty else { return }
    let known = Set(asked).sorted().joined(separator: ", ")
    var fields = unknown.prefix(Self.unknownNamedMax).map {
      DocumentError.Field(pointer: pointer(to: $0), detail: "unknown field; known here: \(known)")
    }
    if unknown.count > fields.count {
      let others = unknown.count - fields.count
      fields.append(.init(pointer: pointer, detail: "has \(others) more unknown fields"))
    }
    throw DocumentError(kind: .malformed, fields: fields)
  }

  public func pointer(to name: String) -> String {
    // By scalars: a "/" with a combining mark after it is another Character, yet still a "/".
    var escaped = String.UnicodeScalarView()
    for scalar in name.unicodeScalars {
      switch scalar {
      case "~": escaped.append(contentsOf: "~0".unicodeScalars)
      case "/": escaped.append(contentsOf: "~1".unicodeScalars)
      default: escaped.append(scalar)
      }
    }
    return "\(pointer)/\(String(escaped))"
  }

  /// An error about one of this object's members.
  public func malformed(_ name: String, _ detail: String) -> DocumentError {
    .malformed(pointer(to: name), detail)
  }

  public func unprocessable(_ name: String, _ detail: String) -> DocumentError {
    .unprocessable(pointer(to: name), detail)
  }
}

// Kinds of members.
extension ObjectReader {
  public func string(_ name: String) throws(DocumentError) -> String? {
    guard let value = value(name) else { return nil }
    guard case .string(let string) = value else { throw wrongKind(name, value, "a string") }
    return string
  }

  /// An array of at least one of the `known` strings.
  public func strings(_ name: String, of known: [String]) throws(DocumentError) -> [String]? {
    guard let value = value(name) else { return nil }
    guard let elements = value.elements, !elements.isEmpty else {
      throw wrongKind(name, value, "an array of \(known.joined(separator: ", "))")
    }
    var strings: [String] = []
    for element in elements {
      guard let string = element.string, known.contains(string) else {
        let given = element.string.map { "\"\($0.prefix(64))\"" } ?? element.kindName
        throw malformed(
          name, "has \(given); expected any of \(known.joined(separator: ", "))")
      }
      strings.append(string)
    }
    return strings
  }

  public func requiredString(_ name: String) throws(DocumentError) -> String {
    _ = try required(name)
    return try string(name) ?? ""
  }

  public func bool(_ name: String) throws(DocumentError) -> Bool? {
    guard let value = value(name) else { return nil }
    guard case .bool(let bool) = value else { throw wrongKind(name, value, "true or false") }
    return bool
  }

  public func number(
    _ name: String, in range: ClosedRange<Double>
  ) throws(DocumentError) -> Double? {
    guard let value = value(name) else { return nil }
    guard case .number(let number) = value else { throw wrongKind(name, value, "a number") }
    guard range.contains(number) else { throw outOfRange(name, value, range) }
    return number
  }

  public func integer(_ name: String, in range: ClosedRange<Int>) throws(DocumentError) -> Int? {
    guard let value = value(name) else { return nil }
    guard case .number(let number) = value, let integer = Int(exactly: number) else {
      throw wrongKind(name, value, "an integer")
    }
    guard range.contains(integer) else { throw outOfRange(name, value, range) }
    return integer
  }

  public func numbers(_ name: String) throws(DocumentError) -> [Double]? {
    guard let value = value(name) else { return nil }
    guard case .numbers(let numbers) = value else {
      throw wrongKind(name, value, "an array of numbers")
    }
    return numbers
  }

  /// An array of integers, each within `range`, `counts` of them.
  public func integers(
    _ name: String, in range: ClosedRange<Int>, counts: ClosedRange<Int>
  ) throws(DocumentError) -> [Int]? {
    guard let numbers = try numbers(name) else { return nil }
    guard counts.contains(numbers.count) else {
      throw malformed(
        name, "has \(numbers.count) elements; expected \(Self.text(counts))")
    }
    var integers: [Int] = []
    integers.reserveCapacity(numbers.count)
    for (place, number) in numbers.enumerated() {
      guard let integer = Int(exactly: number), range.contains(integer) else {
        throw .malformed(
          "\(pointer(to: name))/\(place)",
          "is \(Self.text(number)); expected an integer, \(Self.text(range))")
      }
      integers.append(integer)
    }
    return integers
  }

  public func object(_ name: String) throws(DocumentError) -> ObjectReader? {
    guard let value = value(name) else { return nil }
    return try ObjectReader(value, pointer: pointer(to: name))
  }

  public func requiredObject(_ name: String) throws(DocumentError) -> ObjectReader {
    try ObjectReader(required(name), pointer: pointer(to: name))
  }

  public func objects(_ name: String) throws(DocumentError) -> [ObjectReader]? {
    guard let value = value(name) else { return nil }
    guard let elements = value.elements else { throw wrongKind(name, value, "an array of objects") }
    var readers: [ObjectReader] = []
    for (place, element) in elements.enumerated() {
      readers.append(try ObjectReader(element, pointer: "\(pointer(to: name))/\(place)"))
    }
    return readers
  }

  private func wrongKind(_ name: String, _ value: JSONValue, _ expected: String) -> DocumentError {
    let shown: String
    switch value {
    case .number(let number): shown = Self.text(number)
    case .string(let string): shown = "the string \"\(string.prefix(64))\""
    case .bool(let bool): shown = bool ? "true" : "false"
    default: shown = value.kindName
    }
    return malformed(name, "is \(shown); expected \(expected)")
  }

  private func outOfRange<Bound>(
    _ name: String, _ value: JSONValue, _ range: ClosedRange<Bound>
  ) -> DocumentError {
    malformed(name, "is \(Self.text(value.number ?? 0)); expected \(Self.text(range))")
  }

  private static func text(_ number: Double) -> String {
    String(decoding: JSONWriter.bytes(of: .number(number)), as: UTF8.self)
  }

  private static func text<Bound>(_ range: ClosedRange<Bound>) -> String {
    range.lowerBound == range.upperBound
      ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
  }
}
