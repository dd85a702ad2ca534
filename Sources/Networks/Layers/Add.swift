import Documents
import LinearAlgebra

/// The sum of several layers' outputs: the residual connection.
enum AddLayer: LayerKind {
  static let type = "add"
  static let summary = "the sum of outputs of one shape: a residual connection"
  static let parameters: [any ParameterDescription] = []
  static let inputCounts = 2...64

  static func build(_ context: LayerContext) throws(DocumentError) -> BuiltLayer {
    for shape in context.inputShapes where shape != context.inputShape {
      throw context.document.unprocessable(
        "from", "adds outputs of the shapes \(context.inputShapes); expected one shape")
    }
    return BuiltLayer(outputShape: context.inputShape, parameterCount: 0, operation: .sum)
  }
}
