import Documents

/// Builds JSON Schemas [2020-12, as OpenAPI 3.1 uses them] so that a type reads as what it is.
enum Schema {
  /// Another schema, by its name among the components.
  static func named(_ name: String) -> JSONValue {
    ["$ref": .string("#/components/schemas/\(name)")]
  }

  /// - Parameter isClosed: whether other members are refused: what clients send is closed, and null
  ///   is the same as leaving a member out there; what they get may gain members.
  static func object(
    _ members: JSONObject, optional: Set<String> = [], isClosed: Bool = false, _ text: String? = nil
  ) -> JSONValue {
    var schema: JSONObject = ["type": "object"]
    let required = members.members.map(\.key).filter { !optional.contains($0) }
    if !required.isEmpty { schema["required"] = .array(required.map(JSONValue.string)) }
    var properties = members
    if isClosed {
      for name in optional { properties[name] = properties[name].map(orNull) }
      schema["additionalProperties"] = false
    }
    schema["properties"] = .object(properties)
    schema["description"] = text.map(JSONValue.string)
    return .object(schema)
  }

  /// The parts of a form; what is left out is left out.
  static func form(_ members: JSONObject, optional: Set<String>) -> JSONValue {
    guard var schema = object(members, optional: optional).object else { return true }
    schema["additionalProperties"] = false
    return .object(schema)
  }

  /// The schema, and null.
  private static func orNull(_ schema: JSONValue) -> JSONValue {
    guard var object = schema.object, let type = object["type"] else { return nullable(schema) }
    let types = type.elements ?? [type]
    guard !types.contains("null") else { return schema }
    object["type"] = .array(types + ["null"])
    object["enum"] = object["enum"]?.elements.map { .array($0 + [.null]) }
    return .object(object)
  }

  /// An object whose keys are the client's.
  static func map(
    of values: JSONValue, countMax: Int, names pattern: String? = nil, _ text: String
  ) -> JSONValue {
    var schema: JSONObject = [
      "type": "object", "additionalProperties": values, "maxProperties": JSONValue(countMax),
      "description": .string(text),
    ]
    if let pattern { schema["propertyNames"] = string(pattern: pattern) }
    return .object(schema)
  }

  static func array(
    of items: JSONValue, counts: ClosedRange<Int>? = nil, _ text: String? = nil
  ) -> JSONValue {
    var schema: JSONObject = ["type": "array", "items": items]
    if let counts {
      schema["minItems"] = JSONValue(counts.lowerBound)
      schema["maxItems"] = JSONValue(counts.upperBound)
    }
    schema["description"] = text.map(JSONValue.string)
    return .object(schema)
  }

  static func string(
    _ text: String? = nil, bytes: ClosedRange<Int>? = nil, pattern: String? = nil,
    example: JSONValue? = nil
  ) -> JSONValue {
    var schema: JSONObject = ["type": "string"]
    if let bytes {
      schema["minLength"] = JSONValue(bytes.lowerBound)
      schema["maxLength"] = JSONValue(bytes.upperBound)
    }
    schema["pattern"] = pattern.map(JSONValue.string)
    schema["description"] = text.map(JSONValue.string)
    if let example { schema["examples"] = .array([example]) }
    return .object(schema)
  }

  static func word(_ words: [String], _ text: String? = nil) -> JSONValue {
    var schema: JSONObject = ["type": "string", "enum": .array(words.map(JSONValue.string))]
    schema["description"] = text.map(JSONValue.string)
    return .object(schema)
  }

  static func constant(_ text: String) -> JSONValue { ["const": .string(text)] }

  static func integer(
    _ range: ClosedRange<Int>? = nil, default value: Int? = nil, _ text: String? = nil
  ) -> JSONValue {
    var schema: JSONObject = ["type": "integer"]
    if let range {
      schema["minimum"] = JSONValue(range.lowerBound)
      schema["maximum"] = JSONValue(range.upperBound)
    }
    if let value { schema["default"] = JSONValue(value) }
    schema["description"] = text.map(JSONValue.string)
    return .object(schema)
  }

  static func number(_ text: String? = nil, from lowest: Double? = nil) -> JSONValue {
    var schema: JSONObject = ["type": "number"]
    if let lowest { schema["minimum"] = .number(lowest) }
    schema["description"] = text.map(JSONValue.string)
    return .object(schema)
  }

  static let boolean: JSONValue = ["type": "boolean"]

  static func time(_ text: String) -> JSONValue {
    ["type": "string", "format": "date-time", "description": .string(text)]
  }

  /// A file inside JSON.
  static func base64(_ mediaType: String, _ text: String) -> JSONValue {
    [
      "type": "string", "contentEncoding": "base64", "contentMediaType": .string(mediaType),
      "pattern": "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$",
      "description": .string(text),
    ]
  }

  /// A file as a body, or as a part of one.
  static func bytes(_ mediaType: String, _ text: String? = nil) -> JSONValue {
    var schema: JSONObject = ["type": "string", "contentMediaType": .string(mediaType)]
    schema["description"] = text.map(JSONValue.string)
    return .object(schema)
  }

  /// The same or `null`.
  static func nullable(_ schema: JSONValue, _ text: String? = nil) -> JSONValue {
    var either: JSONObject = ["oneOf": .array([schema, ["type": "null"]])]
    either["description"] = text.map(JSONValue.string)
    return .object(either)
  }

  static func oneOf(_ schemas: [JSONValue], _ text: String? = nil) -> JSONValue {
    var either: JSONObject = ["oneOf": .array(schemas)]
    either["description"] = text.map(JSONValue.string)
    return .object(either)
  }
}

extension JSONObject {
  /// Every member of both, in this order; keys must differ.
  static func + (first: JSONObject, second: JSONObject) -> JSONObject {
    var sum = first
    for (key, value) in second.members { sum[key] = value }
    return sum
  }
}
