import Documents
import LinearAlgebra

/// The adjoint of a convolution along some axes, which enlarges its input: from features to an
/// image.
protocol TransposedConvolutionLayer: LayerKind {
  static var axes: KernelAxes { get }
}

extension TransposedConvolutionLayer {
  private static var outputPaddingField: AxesParameter {
    AxesParameter(name: "output_padding", defaultValue: 0, range: 0...4096, axes: axes)
  }

  static var parameters: [any ParameterDescription] {
    [
      TensorParameter("weight", "[inputs, outputs / groups, \(axes.kernelText)]", required: true),
      TensorParameter("bias", "[outputs]", required: false),
    ] + ConvolutionFields.parameters(axes) + [outputPaddingField]
  }

  static func build(_ context: LayerContext) throws(DocumentError) -> BuiltLayer {
    let document = context.document
    let input = try ImageShape(context, axes)
    let fields = try ConvolutionFields(document, axes)
    let extra = try outputPaddingField.value(in: document)
    guard extra.height < max(fields.stride.height, fields.dilation.height),
      extra.width < max(fields.stride.width, fields.dilation.width)
    else {
      throw document.unprocessable(
        "output_padding",
        "is \(axes.text(extra.height, extra.width)); expected less than the stride or the dilation")
    }
    guard input.channels % fields.groups == 0 else {
      throw document.unprocessable(
        "groups", "\(fields.groups) does not divide the input's \(input.channels) channels")
    }
    let anyKernel = [Int](repeating: -1, count: axes.rawValue)
    let weight = try context.weights.required(
      "weight", of: document, shape: [input.channels, -1] + anyKernel)
    let kernel = axes.pair(weight.shape[2...], otherwise: 1)
    guard kernel.height > 0, kernel.width > 0 else {
      throw document.unprocessable(
        "weight", "has shape \(weight.shape); expected positive extents")
    }
    let outputs = weight.shape[1] * fields.groups
    let height = ConvolutionGeometry.imageExtent(
      features: input.height, kernel: kernel.height, stride: fields.stride.height,
      padding: fields.padding.height, dilation: fields.dilation.height,
      outputPadding: extra.height)
    let width = ConvolutionGeometry.imageExtent(
      features: input.width, kernel: kernel.width, stride: fields.stride.width,
      padding: fields.padding.width, dilation: fields.dilation.width, outputPadding: extra.width)
    let outputShape = axes.shape(outputs, height, width)
    guard outputs > 0, height > 0, width > 0 else {
      throw document.unprocessable(
        "padding", "the output would have shape \(outputShape); expected positive extents")
    }
    try context.checkOutput(outputShape)
    let bias = try context.weights.tensor("bias", of: document, shape: [outputs])
    let geometry = ConvolutionGeometry(
      image: (outputs, height, width), features: (input.channels, input.height, input.width),
      kernel: kernel, stride: fields.stride, padding: fields.padding, dilation: fields.dilation,
      groups: fields.groups)
    try context.checkPatches(geometry)
    return BuiltLayer(
      outputShape: outputShape,
      parameterCount: weight.count + (bias?.count ?? 0),
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
