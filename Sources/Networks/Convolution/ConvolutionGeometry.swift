/// How a kernel slides over an image: the extents on both sides and the steps between. The *image*
/// is the side the kernel slides over, the *features* the side with one entry a position. A
/// convolution goes from image to features, a transposed one from features to image.
public struct ConvolutionGeometry: Sendable, Equatable {
  /// Channels, height, width.
  public var image: (channels: Int, height: Int, width: Int)
  public var features: (channels: Int, height: Int, width: Int)
  public var kernel: (height: Int, width: Int)
  public var stride: (height: Int, width: Int)
  public var padding: (height: Int, width: Int)
  public var dilation: (height: Int, width: Int)
  public var groups: Int

  /// Taps of a kernel.
  var kernelCount: Int { kernel.height * kernel.width }
  /// Rows of the matrix of patches of one group.
  var patchCount: Int { image.channels / groups * kernelCount }
  var imageCount: Int { image.channels * image.height * image.width }
  var featureCount: Int { features.channels * features.height * features.width }
  /// Positions of the kernel.
  var positionCount: Int { features.height * features.width }

  /// Positions of a kernel along one axis; 0 or less when the padded image is too short.
  static func featureExtent(
    image: Int, kernel: Int, stride: Int, padding: Int, dilation: Int
  ) -> Int {
    let room = image + 2 * padding - dilation * (kernel - 1) - 1
    return room < 0 ? 0 : room / stride + 1
  }

  /// The shortest image along one axis that has the given positions, plus `outputPadding`.
  static func imageExtent(
    features: Int, kernel: Int, stride: Int, padding: Int, dilation: Int, outputPadding: Int
  ) -> Int {
    (features - 1) * stride - 2 * padding + dilation * (kernel - 1) + outputPadding + 1
  }

  public static func == (a: ConvolutionGeometry, b: ConvolutionGeometry) -> Bool {
    a.image == b.image && a.features == b.features && a.kernel == b.kernel && a.stride == b.stride
      && a.padding == b.padding && a.dilation == b.dilation && a.groups == b.groups
  }
}
