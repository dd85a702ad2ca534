import Documents
import LinearAlgebra

/// PyTorch's batch norm in evaluation: `(x - mean) / sqrt(var + eps) * weight + bias` a channel.
/// Behind an affine layer it is folded into that layer's weights when the generator is built.
enum BatchNormLayer: LayerKind {
  static let type = "batch_norm"
  static let summary = "batch normalisation with its running statistics"
  private static let epsField = Parameter<Double>(
    "eps", default: 1e-5, in: 0...1, "added to the variance")
  static let parameters: [any ParameterDescription] = [
    TensorParameter("weight", "[channels]", required: false),
    TensorParameter("bias", "[channels]", required: false),
    TensorParameter("running_mean", "[channels]", required: true),
    TensorParameter("running_var", "[channels]", required: true),
    epsField,
  ]

  static func build(_ context: LayerContext) throws(DocumentError) -> BuiltLayer {
    let channels = context.inputShape.first ?? 1
    let document = context.document
    let shape = [channels]
    let weight = try context.weights.tensor("weight", of: document, shape: shape)
    let bias = try context.weights.tensor("bias", of: document, shape: shape)
    let mean = try context.weights.required("running_mean", of: document, shape: shape)
    let variance = try context.weights.required("running_var", of: document, shape: shape)
    let eps = try document.value(epsField)
    let positions = context.inputCount / channels
    var scales: [Float] = []
    var shifts: [Float] = []
    for channel in 0..<channels {
      let spread = Double(variance.values[channel]) + eps
      guard spread > 0 else {
        throw document.unprocessable(
          "running_var",
          "is \(variance.values[channel]) at \(channel); with eps the variance must be positive")
      }
      let scale = Double(weight?.values[channel] ?? 1) / spread.squareRoot()
      let shift = Double(bias?.values[channel] ?? 0) - Double(mean.values[channel]) * scale
      scales += [Float](repeating: Float(scale), count: positions)
      shifts += [Float](repeating: Float(shift), count: positions)
    }
    return BuiltLayer(
      outputShape: context.inputShape,
      parameterCount: [weight, bias, mean, variance].reduce(0) { $0 + ($1?.count ?? 0) },
      stage: EntryScaling(scales: scales, shifts: shifts))
  }
}

/// `y_i = a_i x_i + b_i`, the same for every sample.
struct EntryScaling: DifferentiableMap {
  let scales: [Float]
  let shifts: [Float]

  var inputCount: Int { scales.count }
  var outputCount: Int { scales.count }

  func evaluate(_ x: Batch) -> Batch {
    Batch(count: x.count, width: x.width) { result in
      for row in 0..<x.count {
        for entry in 0..<scales.count {
          let place = row &* scales.count &+ entry
          result[place] = x.values[place] * scales[entry] + shifts[entry]
        }
      }
    }
  }

  func linearize(at x: Batch) -> Linearization {
    Linearization(
      value: evaluate(x), jacobian: DiagonalMap(Batch(row: scales).repeatingRows(x.count)))
  }

  /// This map after `affine`, as one affine map; `nil` when `affine` cannot take it in.
  func folded(into affine: AffineMap) -> AffineMap? {
    guard let scalable = affine.linear as? any OutputScalable,
      let linear = scalable.scalingOutputs(by: scales)
    else { return nil }
    let offset = (0..<scales.count).map { (affine.offset?[$0] ?? 0) * scales[$0] + shifts[$0] }
    return AffineMap(linear, offset: offset)
  }
}
