import Documents

/// The same numbers in a row: PyTorch's `Flatten` with its defaults.
enum FlattenLayer: LayerKind {
  static let type = "flatten"
  static let summary = "the same numbers in one row"
  static let parameters: [any ParameterDescription] = []

  static func build(_ context: LayerContext) throws(DocumentError) -> BuiltLayer {
    BuiltLayer(outputShape: [context.inputCount], parameterCount: 0, stage: nil)
  }
}
