import Documents

/// PyTorch's `pad`: more entries at both ends of some axes, or fewer where the padding is negative.
enum PadLayer: LayerKind {
  static let type = "pad"
  static let summary = "more entries at the ends of axes"
  private static let paddingRange = -(1 << 22)...1 << 22
  private static let modeField = ChoiceParameter(
    "mode", ["constant", "reflect", "replicate"],
    "what is added: value, the mirror image without the edge, or the edge")
  private static let valueField = Parameter<Double>(
    "value", default: 0, in: -1e30...1e30, "what is added in mode constant")
  static let parameters: [any ParameterDescription] = [
    StructuredParameter(
      "padding",
      schema: [
        "type": "array",
        "items": [
          "type": "integer", "minimum": JSONValue(paddingRange.lowerBound),
          "maximum": JSONValue(paddingRange.upperBound),
        ], "minItems": 2, "maxItems": 16,
        "description": "before and after the last axis, before and after the one before it, ...",
      ]),
    modeField, valueField,
  ]

  static func build(_ context: LayerContext) throws(DocumentError) -> BuiltLayer {
    let document = context.document
    let shape = context.inputShape
    _ = try document.required("padding")
    let padding = try document.integers("padding", in: paddingRange, counts: 2...16) ?? []
    guard padding.count.isMultiple(of: 2), padding.count <= 2 * shape.count else {
      throw document.unprocessable(
        "padding",
        "has \(padding.count) numbers; expected two for each of the last axes of the input, which "
          + "has shape \(shape)")
    }
    let mode = try modeField.value(in: document)
    let fill = try document.value(valueField)
    guard fill == 0 || mode == "constant" else {
      throw document.unprocessable("value", "is \(fill); mode \(mode) adds no value of its own")
    }

    var ranges = shape.map { 0..<$0 }
    for (place, axis) in shape.indices.suffix(padding.count / 2).reversed().enumerated() {
      let (before, after) = (padding[2 * place], padding[2 * place + 1])
      let extent = shape[axis]
      guard extent + before + after > 0, extent + after > 0, extent + before > 0 else {
        throw document.unprocessable(
          "padding", "is \(padding); it leaves nothing of axis \(axis) of the input, \(shape)")
      }
      guard mode != "reflect" || max(before, after) < extent else {
        throw document.unprocessable(
          "padding",
          "is \(padding); a mirror image is shorter than the axis, and the input has shape \(shape)"
        )
      }
      ranges[axis] = -before..<extent + after
    }
    let outputShape = ranges.map(\.count)
    try context.checkOutput(outputShape)
    let axes = zip(ranges, shape).map { range, extent in
      range.map { source(of: $0, extent: extent, mode: mode) }
    }
    return .gather(
      GatherMap(shape: shape, axes: axes), outputShape: outputShape, fill: Float(fill))
  }

  /// The entry of an axis that stands at a place in or around it; -1 for none.
  private static func source(of place: Int, extent: Int, mode: String) -> Int {
    if (0..<extent).contains(place) { return place }
    switch mode {
    case "reflect": return place < 0 ? -place : 2 * (extent - 1) - place
    case "replicate": return place < 0 ? 0 : extent - 1
    default: return -1
    }
  }
}
