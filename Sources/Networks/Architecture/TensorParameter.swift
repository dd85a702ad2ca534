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
