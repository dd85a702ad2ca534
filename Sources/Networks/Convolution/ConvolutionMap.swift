import LinearAlgebra

/// A convolution without its bias, as PyTorch's `Conv2d` defines it (a cross-correlation).
struct ConvolutionMap: LinearMap {
  let correlation: Correlation

  var inputCount: Int { correlation.geometry.imageCount }
  var outputCount: Int { correlation.geometry.featureCount }
  var multiplyCount: Int { correlation.multiplyCount }

  func apply(_ x: consuming Batch) -> Batch { correlation.featuresFromImage(x) }
  func applyAdjoint(_ y: consuming Batch) -> Batch { correlation.imageFromFeatures(y) }
}

/// A transposed convolution without its bias: the adjoint of a convolution with the same weight.
struct TransposedConvolutionMap: LinearMap {
  let correlation: Correlation

  var inputCount: Int { correlation.geometry.featureCount }
  var outputCount: Int { correlation.geometry.imageCount }
  var multiplyCount: Int { correlation.multiplyCount }

  func apply(_ x: consuming Batch) -> Batch { correlation.imageFromFeatures(x) }
  func applyAdjoint(_ y: consuming Batch) -> Batch { correlation.featuresFromImage(y) }
}

/// A linear map that can take a diagonal scaling of its outputs into its own weights.
protocol OutputScalable: LinearMap {
  /// `diag(scales) A` as a map of the same kind; `nil` when the weights cannot express it.
  func scalingOutputs(by scales: [Float]) -> (any LinearMap)?
}

extension DenseMap: OutputScalable {
  func scalingOutputs(by scales: [Float]) -> (any LinearMap)? {
    var scaled = matrix
    for output in 0..<outputCount {
      for input in 0..<inputCount { scaled[output * inputCount + input] *= scales[output] }
    }
    return DenseMap(matrix: scaled, inputCount: inputCount, outputCount: outputCount)
  }
}

extension ConvolutionMap: OutputScalable {
  func scalingOutputs(by scales: [Float]) -> (any LinearMap)? {
    channelScales(scales, correlation.geometry.features.channels).map {
      ConvolutionMap(correlation: correlation.scalingFeatureChannels(by: $0))
    }
  }
}

extension TransposedConvolutionMap: OutputScalable {
  func scalingOutputs(by scales: [Float]) -> (any LinearMap)? {
    channelScales(scales, correlation.geometry.image.channels).map {
      TransposedConvolutionMap(correlation: correlation.scalingImageChannels(by: $0))
    }
  }
}

/// One scale a channel, when all positions of each channel agree.
private func channelScales(_ scales: [Float], _ channels: Int) -> [Float]? {
  let size = scales.count / channels
  let chosen = (0..<channels).map { scales[$0 * size] }
  for (place, scale) in scales.enumerated() where scale != chosen[place / size] { return nil }
  return chosen
}
