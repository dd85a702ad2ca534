/// PyTorch's `ConvTranspose2d`.
enum TransposedConvolution2DLayer: TransposedConvolutionLayer {
  static let type = "conv_transpose2d"
  static let summary = "two-dimensional transposed convolution"
  static let axes = KernelAxes.two
}
