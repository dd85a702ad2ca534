import LinearAlgebra

extension Correlation {
  /// From `[samples, image]` to `[samples, features]`.
  func featuresFromImage(_ x: Batch) -> Batch {
    precondition(x.width == geometry.imageCount, "a row has one entry a pixel and channel")
    return Batch(count: x.count, width: geometry.featureCount) { result in
      x.values.withUnsafeBufferPointer { x in
        guard let images = x.baseAddress, let features = result.baseAddress else { return }
        CorrelationProducts(self, samples: x.count / geometry.imageCount)
          .featuresFromImages(images, into: features)
      }
    }
  }

  /// From `[samples, features]` to `[samples, image]`.
  func imageFromFeatures(_ y: Batch) -> Batch {
    precondition(y.width == geometry.featureCount, "a row has one entry a feature")
    return Batch(count: y.count, width: geometry.imageCount) { result in
      y.values.withUnsafeBufferPointer { y in
        guard let features = y.baseAddress, let images = result.baseAddress else { return }
        CorrelationProducts(self, samples: y.count / geometry.featureCount)
          .imagesFromFeatures(features, into: images)
      }
    }
  }
}

/// How the work on one batch is cut into products: blocks of samples, which share a product, and
/// within them blocks of image channels, so that patches are still in the cache when they are moved.
private struct CorrelationProducts {
  /// Columns that a product should have, and numbers that a block of patches may have.
  private static let columnsWanted = 256
  private static let patchNumbersWanted = 1 << 17

  private let correlation: Correlation
  private let samples: Int
  /// Of each block but the last.
  private let blockSamples: Int
  private let blockChannels: Int
  /// Numbers between two rows of patches that movers may use.
  private let margin: Int
  private let rowStride: Int
  private let mover: any PatchMover

  init(_ correlation: Correlation, samples: Int) {
    let g = correlation.geometry
    self.correlation = correlation
    self.samples = samples
    blockSamples = max(1, min(samples, Self.columnsWanted / g.positionCount))
    margin = correlation.phases?.margin ?? 0
    rowStride = blockSamples * g.positionCount + margin
    let channels = g.image.channels / g.groups
    blockChannels = max(1, min(channels, Self.patchNumbersWanted / (g.kernelCount * rowStride)))
    if let phases = correlation.phases {
      mover = PhaseMover(g, phases, rowStride: rowStride)
    } else {
      mover = RunMover(geometry: g, rowStride: rowStride)
    }
  }

  private struct Block {
    let first: Int
    let samples: Int
    let group: Int
  }

  func featuresFromImages(
    _ images: UnsafePointer<Float>, into features: UnsafeMutablePointer<Float>
  ) {
    let g = correlation.geometry
    let rows = g.features.channels / g.groups
    forEachBlock { block, patches, packed in
      let columns = block.samples * g.positionCount
      // A single sample's features lie as a product leaves them.
      let own = features + featureStart(block)
      let target = block.samples == 1 ? own : packed
      forEachChannelBlock { first, count in
        for channel in 0..<count {
          mover.gather(
            images + imageStart(block, channel: first + channel), imageStride: g.imageCount,
            samples: block.samples, into: patches + channel * g.kernelCount * rowStride)
        }
        correlation.weight.withUnsafeBufferPointer { weight in
          guard let weight = weight.baseAddress else { return }
          // Of the group's rows, the columns that belong to these channels.
          let start = block.group * rows * g.patchCount + first * g.kernelCount
          let taps = count * g.kernelCount
          multiply(
            MatrixView(weight + start, rows: rows, columns: taps, stride: g.patchCount), .none,
            MatrixView(patches, rows: taps, columns: columns, stride: rowStride), .none,
            into: target, keep: first == 0 ? 0 : 1)
        }
      }
      guard block.samples > 1 else { return }
      forEachPlane(block) { plain, packedPlace in
        (own + plain).update(from: packed + packedPlace, count: g.positionCount)
      }
    }
  }

  func imagesFromFeatures(
    _ features: UnsafePointer<Float>, into images: UnsafeMutablePointer<Float>
  ) {
    let g = correlation.geometry
    let rows = g.features.channels / g.groups
    forEachBlock { block, patches, packed in
      let columns = block.samples * g.positionCount
      let own = features + featureStart(block)
      if block.samples > 1 {
        forEachPlane(block) { plain, packedPlace in
          (packed + packedPlace).update(from: own + plain, count: g.positionCount)
        }
      }
      let right = block.samples == 1 ? own : UnsafePointer(packed)
      forEachChannelBlock { first, count in
        correlation.transposedWeight.withUnsafeBufferPointer { weight in
          guard let weight = weight.baseAddress else { return }
          let start = (block.group * g.patchCount + first * g.kernelCount) * rows
          multiply(
            MatrixView(weight + start, rows: count * g.kernelCount, columns: rows), .none,
            MatrixView(right, rows: rows, columns: columns), .none, into: patches,
            stride: rowStride)
        }
        for channel in 0..<count {
          mover.scatter(
            patches + channel * g.kernelCount * rowStride, samples: block.samples,
            into: images + imageStart(block, channel: first + channel), imageStride: g.imageCount)
        }
      }
    }
  }

  /// Walks over samples and groups with room for patches, zero between their rows, and for the
  /// features of several samples side by side.
  private func forEachBlock(
    _ body: (
      _ block: Block, _ patches: UnsafeMutablePointer<Float>,
      _ packed: UnsafeMutablePointer<Float>
    ) -> Void
  ) {
    let g = correlation.geometry
    let rows = blockChannels * g.kernelCount
    let packedCount =
      blockSamples > 1 ? g.features.channels / g.groups * blockSamples * g.positionCount : 0
    Workspace.withRoom(for: 2 * margin + rows * rowStride + packedCount) { room in
      guard let base = room.baseAddress else { return }
      let patches = base + margin
      let packed = patches + rows * rowStride + margin
      base.update(repeating: 0, count: margin)
      for first in stride(from: 0, to: samples, by: blockSamples) {
        let count = min(blockSamples, samples - first)
        let columns = count * g.positionCount
        for row in 0..<rows where margin > 0 {
          (patches + (row * rowStride + columns)).update(repeating: 0, count: margin)
        }
        for group in 0..<g.groups {
          body(Block(first: first, samples: count, group: group), patches, packed)
        }
      }
    }
  }

  private func forEachChannelBlock(_ body: (_ first: Int, _ count: Int) -> Void) {
    let channels = correlation.geometry.image.channels / correlation.geometry.groups
    for first in stride(from: 0, to: channels, by: blockChannels) {
      body(first, min(blockChannels, channels - first))
    }
  }

  /// Where each plane of a block's features lies among those of its first sample, and where side
  /// by side with those of the other samples.
  private func forEachPlane(_ block: Block, _ body: (_ plain: Int, _ packed: Int) -> Void) {
    let g = correlation.geometry
    for channel in 0..<g.features.channels / g.groups {
      for sample in 0..<block.samples {
        body(
          sample &* g.featureCount &+ channel &* g.positionCount,
          (channel &* block.samples &+ sample) &* g.positionCount)
      }
    }
  }

  private func featureStart(_ block: Block) -> Int {
    let g = correlation.geometry
    return block.first * g.featureCount + block.group * (g.featureCount / g.groups)
  }

  private func imageStart(_ block: Block, channel: Int) -> Int {
    let g = correlation.geometry
    return block.first * g.imageCount + block.group * (g.imageCount / g.groups)
      + channel * g.image.height * g.image.width
  }
}
