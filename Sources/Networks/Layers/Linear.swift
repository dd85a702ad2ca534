import Documents
import LinearAlgebra

/// `y = W x + b`, PyTorch's `Linear`.
enum LinearLayer: LayerKind {
  static let type = "linear"
  static let summary = "y = W x + b over the flattened input"
  static let parameters: [any ParameterDescription] = [
    TensorParameter("weight", "[outputs, inputs]", required: true),
    TensorParameter("bias", "[outputs]", required: false),
  ]

  static func build(_ context: LayerContext) throws(DocumentError) -> BuiltLayer {
    let inputs = context.inputCount
    let weight = try context.weights.required(
      "weight", of: context.document, shape: [-1, inputs])
    let outputs = weight.shape[0]
    guard outputs > 0 else { throw context.document.unprocessable("weight", "has no rows") }
    try context.checkOutput([outputs])
    let bias = try context.weights.tensor("bias", of: context.document, shape: [outputs])
    return BuiltLayer(
      outputShape: [outputs], parameterCount: weight.count + (bias?.count ?? 0),
      stage: AffineMap(
        DenseMap(matrix: weight.values, inputCount: inputs, outputCount: outputs),
        offset: bias?.values))
  }
}
