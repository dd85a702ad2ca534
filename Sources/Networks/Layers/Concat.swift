import Documents
import LinearAlgebra

/// Several layers' outputs side by side, along one axis.
enum ConcatLayer: LayerKind {
  static let type = "concat"
  static let summary = "outputs side by side along one axis"
  private static let dimField = Parameter<Int>(
    "dim", default: 0, in: -8...7, "the axis, without the batch; from the last where negative")
  static let parameters: [any ParameterDescription] = [dimField]
  static let inputCounts = 2...64

  static func build(_ context: LayerContext) throws(DocumentError) -> BuiltLayer {
    let shapes = context.inputShapes
    let rank = context.inputShape.count
    let asked = try context.document.value(dimField)
    let axis = asked < 0 ? asked + rank : asked
    guard (0..<rank).contains(axis) else {
      throw context.document.unprocessable(
        "dim", "is \(asked); the outputs have the axes 0 to \(rank - 1)")
    }
    let fits = shapes.allSatisfy { shape in
      shape.count == rank && (0..<rank).allSatisfy { $0 == axis || shape[$0] == shapes[0][$0] }
    }
    guard fits else {
      throw context.document.unprocessable(
        "from",
        "joins outputs of the shapes \(shapes); expected equal extents but along axis \(axis)")
    }
    var shape = shapes[0]
    shape[axis] = shapes.reduce(0) { $0 + $1[axis] }
    try context.checkOutput(shape)
    return BuiltLayer(
      outputShape: shape, parameterCount: 0,
      operation: .joining(blocks: shape[..<axis].reduce(1, *)))
  }
}
