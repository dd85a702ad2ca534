/// PyTorch's `Conv2d` with zero padding.
enum Convolution2DLayer: ConvolutionLayer {
  static let type = "conv2d"
  static let summary = "two-dimensional convolution with zero padding"
  static let axes = KernelAxes.two
}
