import LinearAlgebra

/// The arithmetic that convolutions share: from an image to features, and its adjoint back. Either
/// is one matrix product for several samples with the patches that the kernel sees: gathered from
/// the image before the product, or summed into it afterwards.
struct Correlation: Sendable {
  let geometry: ConvolutionGeometry
  /// `[features, image channels / groups * kernel height * kernel width]`, row-major.
  let weight: [Float]
  private let transposedCopy: TransposedCopy
  /// How patches are moved where the image is no larger than its features times the stride.
  let phases: PhaseGeometry?

  init(geometry: ConvolutionGeometry, weight: [Float]) {
    self.geometry = geometry
    self.weight = weight
    transposedCopy = TransposedCopy(
      of: weight, blocks: geometry.groups, rows: geometry.features.channels / geometry.groups,
      columns: geometry.patchCount)
    phases = PhaseGeometry(geometry)
  }

  /// For each group `[patches, features / groups]`.
  var transposedWeight: [Float] { transposedCopy.values }

  var multiplyCount: Int { weight.count * geometry.positionCount }

  /// The same correlation with each feature channel scaled.
  func scalingFeatureChannels(by scales: [Float]) -> Correlation {
    var scaled = weight
    for channel in 0..<geometry.features.channels {
      for entry in 0..<geometry.patchCount {
        scaled[channel * geometry.patchCount + entry] *= scales[channel]
      }
    }
    return Correlation(geometry: geometry, weight: scaled)
  }

  /// The same correlation with each image channel scaled.
  func scalingImageChannels(by scales: [Float]) -> Correlation {
    let g = geometry
    let kernelCount = g.kernel.height * g.kernel.width
    let imageChannels = g.image.channels / g.groups
    let featureChannels = g.features.channels / g.groups
    var scaled = weight
    for feature in 0..<g.features.channels {
      let group = feature / featureChannels
      for channel in 0..<imageChannels {
        for tap in 0..<kernelCount {
          scaled[feature * g.patchCount + channel * kernelCount + tap] *=
            scales[group * imageChannels + channel]
        }
      }
    }
    return Correlation(geometry: g, weight: scaled)
  }
}
