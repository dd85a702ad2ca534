/// PyTorch's `ConvTranspose1d`.
enum TransposedConvolution1DLayer: TransposedConvolutionLayer {
  static let type = "conv_transpose1d"
  static let summary = "one-dimensional transposed convolution"
  static let axes = KernelAxes.one
}
