import Documents

/// Python's slice `start:end:step` along one axis.
enum SliceLayer: LayerKind {
  static let type = "slice"
  static let summary = "the entries start:end:step along one axis"
  private static let placeRange = -Int(Int32.max)...Int(Int32.max)
  private static let dimField = Parameter<Int>(
    "dim", default: 0, in: -8...7, "the axis, without the batch; from the last where negative")
  private static let startField = Parameter<Int>(
    "start", default: 0, in: placeRange, "the first entry; from the end where negative")
  private static let stepField = Parameter<Int>(
    "step", default: 1, in: 1...Int(Int32.max), "from one entry to the next")
  static let parameters: [any ParameterDescription] = [
    dimField, startField,
    StructuredParameter(
      "end",
      schema: [
        "type": ["integer", "null"], "minimum": JSONValue(placeRange.lowerBound),
        "maximum": JSONValue(placeRange.upperBound),
        "description":
          "the entry before which to stop; from the end where negative, null for the end itself",
      ]),
    stepField,
  ]

  static func build(_ context: LayerContext) throws(DocumentError) -> BuiltLayer {
    let document = context.document
    let shape = context.inputShape
    let asked = try document.value(dimField)
    let axis = asked < 0 ? asked + shape.count : asked
    guard shape.indices.contains(axis) else {
      throw document.unprocessable(
        "dim", "is \(asked); the input of shape \(shape) has the axes 0 to \(shape.count - 1)")
    }
    let extent = shape[axis]
    func place(_ asked: Int) -> Int {
      min(max(asked < 0 ? asked + extent : asked, 0), extent)
    }
    let start = try document.value(startField)
    let end = try document.integer("end", in: placeRange)
    let step = try document.value(stepField)
    let chosen = Array(stride(from: place(start), to: place(end ?? extent), by: step))
    guard !chosen.isEmpty else {
      throw document.unprocessable(
        "start",
        "takes nothing of \(extent) entries: from \(start) to \(end.map(String.init) ?? "the end")")
    }
    var axes = shape.map { Array(0..<$0) }
    axes[axis] = chosen
    return .gather(GatherMap(shape: shape, axes: axes), outputShape: axes.map(\.count))
  }
}
