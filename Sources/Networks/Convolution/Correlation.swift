import LinearAlgebra

/// The arithmetic that convolutions share: from an image to features, and its adjoint back. Both
/// gather the patches of several samples side by side, so that one matrix product serves them all.
struct Correlation: Sendable {
  let geometry: ConvolutionGeometry
  /// `[features, image channels / groups * kernel height * kernel width]`, row-major.
  let weight: [Float]

  var multiplyCount: Int { weight.count * geometry.positionCount }

  /// Samples that share one product: enough columns to keep the kernels busy, no more memory
  /// than needed.
  private func samplesPerProduct(of count: Int) -> Int {
    let positions = max(geometry.positionCount, 1)
    return max(1, min(count, 1024 / positions, (1 << 24) / (positions * geometry.patchCount)))
  }

  func featuresFromImage(_ x: Batch) -> Batch {
    let g = geometry
    return Batch(count: x.count, width: g.featureCount) { result in
      x.values.withUnsafeBufferPointer { x in
        forEachBlock(of: x.count / max(g.imageCount, 1)) { first, samples, patches, features in
          for group in 0..<g.groups {
            let columns = samples * g.positionCount
            patches.update(repeating: 0, count: g.patchCount * columns)
            for sample in 0..<samples {
              let image = x.baseAddress! + imageStart(first + sample, group)
              let samplePatches = patches + sample * g.positionCount
              g.forEachRun { (patch: Int, position: Int, pixel: Int, count: Int) in
                let to = samplePatches + (patch &* columns &+ position)
                let from = image + pixel
                for step in 0..<count { to[step] = from[step &* g.stride.width] }
              }
            }
            multiplyWeight(group, .none, patches, columns: columns, into: features)
            exchange(features, result.baseAddress!, first, samples, group, toBatch: true)
          }
        }
      }
    }
  }

  func imageFromFeatures(_ y: Batch) -> Batch {
    let g = geometry
    return Batch(count: y.count, width: g.imageCount) { result in
      result.update(repeating: 0)
      y.values.withUnsafeBufferPointer { y in
        forEachBlock(of: y.count / max(g.featureCount, 1)) { first, samples, patches, features in
          for group in 0..<g.groups {
            let columns = samples * g.positionCount
            exchange(
              features, UnsafeMutablePointer(mutating: y.baseAddress!), first, samples, group,
              toBatch: false)
            multiplyWeight(group, .transposed, features, columns: columns, into: patches)
            for sample in 0..<samples {
              let image = result.baseAddress! + imageStart(first + sample, group)
              let samplePatches = patches + sample * g.positionCount
              g.forEachRun { (patch: Int, position: Int, pixel: Int, count: Int) in
                let from = samplePatches + (patch &* columns &+ position)
                let to = image + pixel
                for step in 0..<count { to[step &* g.stride.width] += from[step] }
              }
            }
          }
        }
      }
    }
  }

  private func imageStart(_ sample: Int, _ group: Int) -> Int {
    sample * geometry.imageCount + group * (geometry.imageCount / geometry.groups)
  }

  /// Walks over the batch with room for the patches and the features of one block of samples.
  private func forEachBlock(
    of count: Int,
    _ body: (
      _ first: Int, _ samples: Int, _ patches: UnsafeMutablePointer<Float>,
      _ features: UnsafeMutablePointer<Float>
    ) -> Void
  ) {
    let block = samplesPerProduct(of: count)
    let columns = block * geometry.positionCount
    withUnsafeTemporaryAllocation(
      of: Float.self,
      capacity: columns * (geometry.patchCount + geometry.features.channels / geometry.groups)
    ) { room in
      guard let patches = room.baseAddress else { return }
      let features = patches + columns * geometry.patchCount
      var first = 0
      while first < count {
        let samples = min(block, count - first)
        body(first, samples, patches, features)
        first += samples
      }
    }
  }

  private func multiplyWeight(
    _ group: Int, _ transposition: Transposition, _ right: UnsafePointer<Float>, columns: Int,
    into result: UnsafeMutablePointer<Float>
  ) {
    let g = geometry
    let rows = g.features.channels / g.groups
    weight.withUnsafeBufferPointer { weight in
      let groupWeight = weight.baseAddress! + group * rows * g.patchCount
      multiply(
        MatrixView(groupWeight, rows: rows, columns: g.patchCount), transposition,
        MatrixView(
          right, rows: transposition == .none ? g.patchCount : rows, columns: columns), .none,
        into: result)
    }
  }

  /// Copies one group's features between `[channel][sample, position]`, as products want them,
  /// and `[sample][channel][position]`, as batches have them.
  private func exchange(
    _ features: UnsafeMutablePointer<Float>, _ batch: UnsafeMutablePointer<Float>, _ first: Int,
    _ samples: Int, _ group: Int, toBatch: Bool
  ) {
    let g = geometry
    let channels = g.features.channels / g.groups
    for channel in 0..<channels {
      for sample in 0..<samples {
        let packed = features + (channel * samples + sample) * g.positionCount
        let plain =
          batch + (first + sample) * g.featureCount
          + (group * channels + channel) * g.positionCount
        if toBatch {
          plain.update(from: packed, count: g.positionCount)
        } else {
          packed.update(from: plain, count: g.positionCount)
        }
      }
    }
  }

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
