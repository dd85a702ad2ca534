import Documents

/// The same numbers in another shape, row-major.
enum ReshapeLayer: LayerKind {
  static let type = "reshape"
  static let summary = "the same numbers in another shape"
  static let parameters: [any ParameterDescription] = [
    StructuredParameter(
      "shape",
      schema: [
        "type": "array", "items": ["type": "integer", "minimum": -1], "minItems": 1,
        "maxItems": 8, "description": "without the batch; one extent may be -1",
      ])
  ]

  static func build(_ context: LayerContext) throws(DocumentError) -> BuiltLayer {
    let document = context.document
    _ = try document.required("shape")
    let asked = try document.integers("shape", in: -1...Int(Int32.max), counts: 1...8) ?? []
    var known = 1
    for extent in asked where extent != -1 {
      let (product, overflow) = known.multipliedReportingOverflow(by: extent)
      known = overflow ? 0 : product
    }
    let open = asked.count { $0 == -1 }
    let count = context.inputCount
    guard known > 0, open <= 1, open == 0 ? known == count : count % known == 0 else {
      throw document.unprocessable(
        "shape", "is \(asked); the input has \(count) numbers (shape \(context.inputShape))")
    }
    return BuiltLayer(
      outputShape: asked.map { $0 == -1 ? count / known : $0 }, parameterCount: 0, stage: nil)
  }
}
