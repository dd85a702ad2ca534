import Documents
import LinearAlgebra

/// A convolution along some axes: from an image to features.
protocol ConvolutionLayer: LayerKind {
  static var axes: KernelAxes { get }
}

extension ConvolutionLayer {
  static var parameters: [any ParameterDescription] {
    [
      TensorParameter("weight", "[outputs, inputs / groups, \(axes.kernelText)]", required: true),
      TensorParameter("bias", "[outputs]", required: false),
    ] + ConvolutionFields.parameters(axes)
  }

  static func build(_ context: LayerContext) throws(DocumentError) -> BuiltLayer {
    let document = context.document
    let input = try ImageShape(context, axes)
    let fields = try ConvolutionFields(document, axes)
    guard input.channels % fields.groups == 0 else {
      throw document.unprocessable(
        "groups", "\(fields.groups) does not divide the input's \(input.channels) channels")
    }
    let anyKernel = [Int](repeating: -1, count: axes.rawValue)
    let weight = try context.weights.required(
      "weight", of: document, shape: [-1, input.channels / fields.groups] + anyKernel)
    let outputs = weight.shape[0]
    let kernel = axes.pair(weight.shape[2...], otherwise: 1)
    guard outputs > 0, outputs % fields.groups == 0, kernel.height > 0, kernel.width > 0 else {
      throw document.unprocessable(
        "weight",
        "has shape \(weight.shape); expected positive extents and a multiple of "
          + "\(fields.groups) outputs")
    }
    let height = ConvolutionGeometry.featureExtent(
      image: input.height, kernel: kernel.height, stride: fields.stride.height,
      padding: fields.padding.height, dilation: fields.dilation.height)
    let width = ConvolutionGeometry.featureExtent(
      image: input.width, kernel: kernel.width, stride: fields.stride.width,
      padding: fields.padding.width, dilation: fields.dilation.width)
    guard height > 0, width > 0 else {
      throw document.unprocessable(
        "weight",
        "a kernel of \(axes.text(kernel.height, kernel.width)) does not fit into the padded input "
          + "of \(axes.text(input.height, input.width))")
    }
    let outputShape = axes.shape(outputs, height, width)
    try context.checkOutput(outputShape)
    let bias = try context.weights.tensor("bias", of: document, shape: [outputs])
    let geometry = ConvolutionGeometry(
      image: (input.channels, input.height, input.width), features: (outputs, height, width),
      kernel: kernel, stride: fields.stride, padding: fields.padding, dilation: fields.dilation,
      groups: fields.groups)
    try context.checkPatches(geometry)
    return BuiltLayer(
      outputShape: outputShape,
      parameterCount: weight.count + (bias?.count ?? 0),
      stage: AffineMap(
        ConvolutionMap(correlation: Correlation(geometry: geometry, weight: weight.values)),
        offset: bias.map { channelOffset($0.values, positions: height * width) }))
  }
}
