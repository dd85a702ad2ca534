import Documents

/// The fields that convolutions share.
struct ConvolutionFields {
  private static let groupsField = Parameter<Int>(
    "groups", default: 1, in: 1...65536, "blocks of channels that do not mix")

  private static func stride(_ axes: KernelAxes) -> AxesParameter {
    AxesParameter(name: "stride", defaultValue: 1, range: 1...4096, axes: axes)
  }

  private static func padding(_ axes: KernelAxes) -> AxesParameter {
    AxesParameter(name: "padding", defaultValue: 0, range: 0...4096, axes: axes)
  }

  private static func dilation(_ axes: KernelAxes) -> AxesParameter {
    AxesParameter(name: "dilation", defaultValue: 1, range: 1...4096, axes: axes)
  }

  static func parameters(_ axes: KernelAxes) -> [any ParameterDescription] {
    [stride(axes), padding(axes), dilation(axes), groupsField]
  }

  let stride: (height: Int, width: Int)
  let padding: (height: Int, width: Int)
  let dilation: (height: Int, width: Int)
  let groups: Int

  init(_ document: ObjectReader, _ axes: KernelAxes) throws(DocumentError) {
    stride = try Self.stride(axes).value(in: document)
    padding = try Self.padding(axes).value(in: document)
    dilation = try Self.dilation(axes).value(in: document)
    groups = try document.value(Self.groupsField)
  }
}

/// One bias a channel, written out for every position.
func channelOffset(_ bias: [Float], positions: Int) -> [Float] {
  bias.flatMap { [Float](repeating: $0, count: positions) }
}
