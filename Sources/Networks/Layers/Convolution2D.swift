import Documents
import LinearAlgebra

/// PyTorch's `Conv2d` with zero padding.
enum Convolution2DLayer: LayerKind {
  static let type = "conv2d"
  static let summary = "two-dimensional convolution with zero padding"
  static let parameters: [any ParameterDescription] =
    [
      TensorParameter(
        "weight", "[outputs, inputs / groups, kernel height, kernel width]", required: true),
      TensorParameter("bias", "[outputs]", required: false),
    ] + ConvolutionFields.all

  static func build(_ context: LayerContext) throws(DocumentError) -> BuiltLayer {
    let input = try ImageShape(context)
    let fields = try ConvolutionFields(context.document)
    guard input.channels % fields.groups == 0 else {
      throw context.document.unprocessable(
        "groups", "\(fields.groups) does not divide the input's \(input.channels) channels")
    }
    let weight = try context.weights.required(
      "weight", of: context.document, shape: [-1, input.channels / fields.groups, -1, -1])
    let outputs = weight.shape[0]
    guard outputs > 0, outputs % fields.groups == 0, weight.shape[2] > 0, weight.shape[3] > 0 else {
      throw context.document.unprocessable(
        "weight",
        "has shape \(weight.shape); expected positive extents and a multiple of "
          + "\(fields.groups) outputs")
    }
    let height = ConvolutionGeometry.featureExtent(
      image: input.height, kernel: weight.shape[2], stride: fields.stride.height,
      padding: fields.padding.height, dilation: fields.dilation.height)
    let width = ConvolutionGeometry.featureExtent(
      image: input.width, kernel: weight.shape[3], stride: fields.stride.width,
      padding: fields.padding.width, dilation: fields.dilation.width)
    guard height > 0, width > 0 else {
      throw context.document.unprocessable(
        "weight",
        "a kernel of \(weight.shape[2]) x \(weight.shape[3]) does not fit into the padded input "
          + "of \(input.height) x \(input.width)")
    }
    try context.checkOutput([outputs, height, width])
    let bias = try context.weights.tensor("bias", of: context.document, shape: [outputs])
    let geometry = ConvolutionGeometry(
      image: (input.channels, input.height, input.width), features: (outputs, height, width),
      kernel: (weight.shape[2], weight.shape[3]), stride: fields.stride, padding: fields.padding,
      dilation: fields.dilation, groups: fields.groups)
    try context.checkPatches(geometry)
    let map = ConvolutionMap(
      correlation: Correlation(geometry: geometry, weight: weight.values))
    return BuiltLayer(
      outputShape: [outputs, height, width],
      parameterCount: weight.values.count + (bias?.values.count ?? 0),
      stage: AffineMap(
        map, offset: bias.map { channelOffset($0.values, positions: height * width) })
    )
  }
}

/// Channels, height and width of what enters a two-dimensional layer.
struct ImageShape {
  let channels: Int
  let height: Int
  let width: Int

  init(_ context: LayerContext) throws(DocumentError) {
    guard context.inputShape.count == 3 else {
      throw context.document.unprocessable(
        "type",
        "the input has shape \(context.inputShape); expected [channels, height, width] "
          + "(put a reshape before this layer)")
    }
    channels = context.inputShape[0]
    height = context.inputShape[1]
    width = context.inputShape[2]
  }
}

/// The fields that convolutions share.
struct ConvolutionFields {
  private static let strideField = PairParameter(name: "stride", defaultValue: 1, range: 1...4096)
  private static let paddingField = PairParameter(name: "padding", defaultValue: 0, range: 0...4096)
  private static let dilationField = PairParameter(
    name: "dilation", defaultValue: 1, range: 1...4096)
  private static let groupsField = Parameter<Int>(
    "groups", default: 1, in: 1...65536, "blocks of channels that do not mix")
  static let all: [any ParameterDescription] = [
    strideField, paddingField, dilationField, groupsField,
  ]

  let stride: (height: Int, width: Int)
  let padding: (height: Int, width: Int)
  let dilation: (height: Int, width: Int)
  let groups: Int

  init(_ document: ObjectReader) throws(DocumentError) {
    stride = try Self.strideField.value(in: document)
    padding = try Self.paddingField.value(in: document)
    dilation = try Self.dilationField.value(in: document)
    groups = try document.value(Self.groupsField)
  }
}

/// One bias a channel, written out for every position.
func channelOffset(_ bias: [Float], positions: Int) -> [Float] {
  bias.flatMap { [Float](repeating: $0, count: positions) }
}
