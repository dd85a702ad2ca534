/// A documented option of something in a catalogue: its name, its default and what it may be.
/// The same value decodes the option, lists it as a JSON Schema and gives tests their ranges.
public struct Parameter<Value: Sendable & Comparable>: Sendable {
  public var name: String
  public var summary: String
  public var defaultValue: Value
  public var range: ClosedRange<Value>

  /// `defaultValue` must be within `range`.
  public init(
    _ name: String, default defaultValue: Value, in range: ClosedRange<Value>, _ summary: String
  ) {
    precondition(range.contains(defaultValue), "the default of \(name) is out of its own range")
    self.name = name
    self.summary = summary
    self.defaultValue = defaultValue
    self.range = range
  }
}

/// A documented number that may be left out, or be `null`, to be found by the product.
public struct OptionalParameter<Value: Sendable & Comparable>: Sendable {
  public var name: String
  public var summary: String
  public var range: ClosedRange<Value>

  public init(_ name: String, in range: ClosedRange<Value>, _ summary: String) {
    self.name = name
    self.summary = summary
    self.range = range
  }
}

/// What a catalogue lists of a parameter.
public protocol ParameterDescription: Sendable {
  var name: String { get }
  /// A JSON Schema of the value [JSON Schema 2020-12].
  var schema: JSONValue { get }
}

extension ParameterDescription {
  /// What has a default, or may be null, may be left out.
  public var isRequired: Bool {
    guard let schema = schema.object, schema["default"] == nil else { return false }
    return schema["type"]?.elements?.contains("null") != true
  }
}

extension Parameter: ParameterDescription where Value: JSONScalar {
  /// A bound that is not finite is no bound, and has no JSON.
  public var schema: JSONValue {
    var schema: JSONObject = [
      "type": .string(Value.schemaType), "default": defaultValue.json,
      "description": .string(summary),
    ]
    if range.lowerBound.isFiniteNumber { schema["minimum"] = range.lowerBound.json }
    if range.upperBound.isFiniteNumber { schema["maximum"] = range.upperBound.json }
    return .object(schema)
  }
}

extension OptionalParameter: ParameterDescription where Value: JSONScalar {
  public var schema: JSONValue {
    [
      "type": [.string(Value.schemaType), "null"], "default": .null,
      "minimum": range.lowerBound.json, "maximum": range.upperBound.json,
      "description": .string(summary),
    ]
  }
}

/// A number that a parameter can be.
public protocol JSONScalar {
  static var schemaType: String { get }
  var json: JSONValue { get }
  var isFiniteNumber: Bool { get }
}

extension Double: JSONScalar {
  public static var schemaType: String { "number" }
  public var json: JSONValue { .number(self) }
  public var isFiniteNumber: Bool { isFinite }
}

extension Int: JSONScalar {
  public static var schemaType: String { "integer" }
  public var json: JSONValue { .number(Double(self)) }
  public var isFiniteNumber: Bool { true }
}

/// A parameter that is described by its schema alone, such as a list or a choice.
public struct StructuredParameter: ParameterDescription {
  public var name: String
  public var schema: JSONValue

  public init(_ name: String, schema: JSONValue) {
    self.name = name
    self.schema = schema
  }
}

extension ObjectReader {
  public func value(_ parameter: Parameter<Double>) throws(DocumentError) -> Double {
    try number(parameter.name, in: parameter.range) ?? parameter.defaultValue
  }

  public func value(_ parameter: OptionalParameter<Double>) throws(DocumentError) -> Double? {
    try number(parameter.name, in: parameter.range)
  }

  public func value(_ parameter: Parameter<Int>) throws(DocumentError) -> Int {
    try integer(parameter.name, in: parameter.range) ?? parameter.defaultValue
  }
}
