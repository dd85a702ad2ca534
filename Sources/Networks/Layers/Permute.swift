import Documents

/// PyTorch's `permute`: the axes in another order.
enum PermuteLayer: LayerKind {
  static let type = "permute"
  static let summary = "the axes in another order"
  static let parameters: [any ParameterDescription] = [
    StructuredParameter(
      "dims",
      schema: [
        "type": "array", "items": ["type": "integer", "minimum": -8, "maximum": 7], "minItems": 1,
        "maxItems": 8,
        "description": "for each axis of the output the axis of the input, without the batch",
      ])
  ]

  static func build(_ context: LayerContext) throws(DocumentError) -> BuiltLayer {
    let document = context.document
    let shape = context.inputShape
    _ = try document.required("dims")
    let asked = try document.integers("dims", in: -8...7, counts: 1...8) ?? []
    let order = asked.map { $0 < 0 ? $0 + shape.count : $0 }
    guard order.sorted() == Array(shape.indices) else {
      throw document.unprocessable(
        "dims",
        "is \(asked); expected each of 0 to \(shape.count - 1) once for the input of shape \(shape)"
      )
    }
    return .gather(
      GatherMap(shape: shape, order: order), outputShape: order.map { shape[$0] })
  }
}
