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

  /// Rows of the matrix of patches of one group.
  var patchCount: Int { image.channels / groups * kernel.height * kernel.width }
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

  /// Calls `body` for each run of one row of patches that lies within the image: where it starts
  /// among the positions, where in the image's group of channels, how many positions it has.
  @inline(__always)
  func forEachRun(_ body: (_ patch: Int, _ position: Int, _ pixel: Int, _ count: Int) -> Void) {
    let channels = image.channels / groups
    var patch = 0
    for channel in 0..<channels {
      for kernelRow in 0..<kernel.height {
        for kernelColumn in 0..<kernel.width {
          let columnShift = kernelColumn &* dilation.width &- padding.width
          // Positions whose pixel column lies in 0..<width.
          let first = columnShift >= 0 ? 0 : (-columnShift + stride.width - 1) / stride.width
          let last = image.width - 1 - columnShift
          let end = last < 0 ? 0 : min(features.width, last / stride.width + 1)
          if first < end {
            for row in 0..<features.height {
              let imageRow = row &* stride.height &+ kernelRow &* dilation.height &- padding.height
              guard imageRow >= 0, imageRow < image.height else { continue }
              let pixel =
                (channel &* image.height &+ imageRow) &* image.width
                &+ first &* stride.width &+ columnShift
              body(patch, row &* features.width &+ first, pixel, end &- first)
            }
          }
          patch &+= 1
        }
      }
    }
  }
}
