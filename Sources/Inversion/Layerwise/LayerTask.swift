import LinearAlgebra

/// One layer to be inverted.
struct LayerTask: Sendable {
  /// Place in the chain, the latent's layer being 0.
  var place: Int
  var layer: LayerChain.Layer
  /// What the layer gave, as it was observed or estimated.
  var outputs: [Double]
  /// Standard deviations of the errors of the outputs.
  var deviations: [Double]
  /// Relative error of the arithmetic that computed the outputs.
  var rounding: Double
  /// Whether there are no errors but those of rounding.
  var isExact: Bool
  /// What the outputs say of `W x`.
  let rows: LayerRows
  /// Whether the inputs are values of a ReLU.
  var isNonnegative: Bool
  /// Whether the outputs are the observation itself.
  var isObserved: Bool
  var control: SolveControl

  init(
    _ chain: LayerChain, place: Int, outputs: [Double], deviations: [Double], rounding: Double,
    isExact: Bool, control: SolveControl
  ) {
    self.place = place
    layer = chain.layers[place]
    self.outputs = outputs
    self.deviations = deviations
    self.rounding = rounding
    self.isExact = isExact
    self.control = control
    rows = LayerRows(layer, outputs: outputs, deviations: deviations, rounding: rounding)
    isNonnegative = chain.areInputsNonnegative(of: place)
    isObserved = place == chain.layers.count - 1
  }

  /// What the outputs say of `W x` when their errors are taken for that many times larger.
  func rows(widenedBy factor: Double) -> LayerRows {
    LayerRows(
      layer, outputs: outputs, deviations: deviations.map { $0 * factor }, rounding: rounding)
  }

  var weights: LayerOperator { layer.weights }
  var columnCount: Int { weights.columnCount }
}
