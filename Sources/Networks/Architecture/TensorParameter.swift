import Documents

/// A field of a layer that names a tensor of the weight file.
struct TensorParameter: ParameterDescription {
  let name: String
  let schema: JSONValue

  init(_ name: String, _ shape: String, required: Bool) {
    self.name = name
    schema = [
      "type": required ? "string" : ["string", "null"],
      "description": .string("name of a tensor of shape \(shape)"),
    ]
  }
}

/// A field of a convolution with one number for both axes, or one for each: `[height, width]`.
struct PairParameter: ParameterDescription {
  let name: String
  let defaultValue: Int
  let range: ClosedRange<Int>

  var schema: JSONValue {
    let integer: JSONValue = [
      "type": "integer", "minimum": JSONValue(range.lowerBound),
      "maximum": JSONValue(range.upperBound),
    ]
    return [
      "oneOf": [
        integer, ["type": "array", "items": integer, "minItems": 2, "maxItems": 2],
      ],
      "default": JSONValue([defaultValue, defaultValue]),
    ]
  }

  func value(in document: ObjectReader) throws(DocumentError) -> (height: Int, width: Int) {
    guard let value = document.value(name) else { return (defaultValue, defaultValue) }
    if case .number = value {
      let both = try document.integer(name, in: range) ?? defaultValue
      return (both, both)
    }
    let pair = try document.integers(name, in: range, counts: 2...2) ?? []
    return (pair[0], pair[1])
  }
}
