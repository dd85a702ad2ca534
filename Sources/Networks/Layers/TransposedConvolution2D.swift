import Documents
import LinearAlgebra

/// PyTorch's `ConvTranspose2d`: the adjoint of a convolution, which enlarges its input.
enum TransposedConvolution2DLayer: LayerKind {
  static let type = "conv_transpose2d"
  static let summary = "two-dimensional transposed convolution"
  private static let outputPaddingField = PairParameter(
    name: "output_padding", defaultValue: 0, range: 0...4096)
  static let parameters: [any ParameterDescription] =
    [
      TensorParameter(
        "weight", "[inputs, outputs / groups, kernel height, kernel width]", required: true),
      TensorParameter("bias", "[outputs]", required: false),
    ] + ConvolutionFields.all + [outputPaddingField]

  static func build(_ context: LayerContext) throws(DocumentError) -> BuiltLayer {
    let input = try ImageShape(context)
    let fields = try ConvolutionFields(context.document)
    let extra = try outputPaddingField.value(in: context.document)
    guard extra.height < max(fields.stride.height, fields.dilation.height),
      extra.width < max(fields.stride.width, fields.dilation.width)
    else {
      throw context.document.unprocessable(
        "output_padding",
        "is [\(extra.height), \(extra.width)]; expected less than the stride or the dilation")
    }
    guard input.channels % fields.groups == 0 else {
      throw context.document.unprocessable(
        "groups", "\(fields.groups) does not divide the input's \(input.channels) channels")
    }
    let weight = try context.weights.required(
      "weight", of: context.document, shape: [input.channels, -1, -1, -1])
    guard weight.shape[2] > 0, weight.shape[3] > 0 else {
      throw context.document.unprocessable(
        "weight", "has shape \(weight.shape); expected positive extents")
    }
    let outputs = weight.shape[1] * fields.groups
    let height = ConvolutionGeometry.imageExtent(
      features: input.height, kernel: weight.shape[2], stride: fields.stride.height,
      padding: fields.padding.height, dilation: fields.dilation.height,
      outputPadding: extra.height)
    let width = ConvolutionGeometry.imageExtent(
      features: input.width, kernel: weight.shape[3], stride: fields.stride.width,
      padding: fields.padding.width, dilation: fields.dilation.width, outputPadding: extra.width)
    guard outputs > 0, height > 0, width > 0 else {
      throw context.document.unprocessable(
        "padding",
        "the output would have shape [\(outputs), \(height), \(width)]; expected positive extents")
    }
    try context.checkOutput([outputs, height, width])
    let bias = try context.weights.tensor("bias", of: context.document, shape: [outputs])
    let geometry = ConvolutionGeometry(
      image: (outputs, height, width), features: (input.channels, input.height, input.width),
      kernel: (weight.shape[2], weight.shape[3]), stride: fields.stride, padding: fields.padding,
      dilation: fields.dilation, groups: fields.groups)
    try context.checkPatches(geometry)
    return BuiltLayer(
      outputShape: [outputs, height, width],
      parameterCount: weight.values.count + (bias?.values.count ?? 0),
      stage: AffineMap(
        map(geometry, weight.values),
        offset: bias.map { channelOffset($0.values, positions: height * width) }))
  }

  /// At a single position a transposed convolution is a matrix: the usual first layer of a
  /// convolutional generator, whose Jacobian is then its weights.
  private static func map(_ geometry: ConvolutionGeometry, _ weight: [Float]) -> any LinearMap {
    let isMatrix =
      geometry.positionCount == 1 && geometry.groups == 1
      && geometry.kernel == (geometry.image.height, geometry.image.width)
      && geometry.padding == (0, 0)
    guard isMatrix else {
      return TransposedConvolutionMap(
        correlation: Correlation(geometry: geometry, weight: weight))
    }
    let inputs = geometry.featureCount
    let outputs = geometry.imageCount
    var matrix = [Float](repeating: 0, count: inputs * outputs)
    for input in 0..<inputs {
      for output in 0..<outputs {
        matrix[output * inputs + input] = weight[input * outputs + output]
      }
    }
    return DenseMap(matrix: matrix, inputCount: inputs, outputCount: outputs)
  }
}
