/// PyTorch's `Conv1d` with zero padding.
enum Convolution1DLayer: ConvolutionLayer {
  static let type = "conv1d"
  static let summary = "one-dimensional convolution with zero padding"
  static let axes = KernelAxes.one
}
