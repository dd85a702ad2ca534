import Documents

/// A field of a noise document that is a size: above zero, and at most `max`.
struct PositiveNumber: ParameterDescription {
  var name: String
  var summary: String
  var isRequired: Bool
  static let max = 1e30

  init(_ name: String, isRequired: Bool = true, _ summary: String) {
    self.name = name
    self.summary = summary
    self.isRequired = isRequired
  }

  var schema: JSONValue {
    [
      "type": isRequired ? "number" : ["number", "null"], "exclusiveMinimum": 0,
      "maximum": .number(Self.max), "description": .string(summary),
    ]
  }

  /// - Throws: `DocumentError` when it is not a positive number.
  func read(_ document: ObjectReader) throws(DocumentError) -> Double? {
    guard let number = try document.number(name, in: 0...Self.max) else { return nil }
    guard number > 0 else {
      throw document.malformed(name, "is 0; expected a positive number, or noise \"none\"")
    }
    return number
  }

  /// - Throws: `DocumentError` when it is missing, or not a positive number.
  func required(_ document: ObjectReader) throws(DocumentError) -> Double {
    guard let number = try read(document) else {
      throw document.malformed(name, "is missing; expected a positive number")
    }
    return number
  }
}
