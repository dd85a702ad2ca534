/// Moves one channel of an image into the patches that the kernel sees, and sums patches back into
/// it. Patches are rows, one a tap of the kernel, in which the positions of each sample's plane lie
/// next to one another, sample after sample.
protocol PatchMover {
  /// Fills the channel's rows of patches.
  ///
  /// - Parameters:
  ///   - image: the channel's plane of the first sample.
  ///   - imageStride: numbers from one sample's plane to the next.
  ///   - patches: the channel's first row.
  func gather(
    _ image: UnsafePointer<Float>, imageStride: Int, samples: Int,
    into patches: UnsafeMutablePointer<Float>)

  /// Gives each pixel of the channel the sum of the patches that hold it, and may change the
  /// patches on the way.
  func scatter(
    _ patches: UnsafeMutablePointer<Float>, samples: Int,
    into image: UnsafeMutablePointer<Float>, imageStride: Int)
}

/// Moves patches of any geometry, in the runs of a row that lie within the image.
struct RunMover: PatchMover {
  let geometry: ConvolutionGeometry
  /// Numbers from one row of patches to the next.
  let rowStride: Int

  func gather(
    _ image: UnsafePointer<Float>, imageStride: Int, samples: Int,
    into patches: UnsafeMutablePointer<Float>
  ) {
    let step = geometry.stride.width
    let rows = geometry.kernel.height * geometry.kernel.width
    for row in 0..<rows {
      (patches + row * rowStride).update(
        repeating: 0, count: samples * geometry.positionCount)
    }
    for sample in 0..<samples {
      let own = patches + sample &* geometry.positionCount
      let plane = image + sample &* imageStride
      forEachRun { (tap: Int, position: Int, pixel: Int, count: Int) in
        let to = own + (tap &* rowStride &+ position)
        let from = plane + pixel
        for entry in 0..<count { to[entry] = from[entry &* step] }
      }
    }
  }

  func scatter(
    _ patches: UnsafeMutablePointer<Float>, samples: Int,
    into image: UnsafeMutablePointer<Float>, imageStride: Int
  ) {
    let step = geometry.stride.width
    for sample in 0..<samples {
      let own = patches + sample &* geometry.positionCount
      let plane = image + sample &* imageStride
      plane.update(repeating: 0, count: geometry.image.height * geometry.image.width)
      forEachRun { (tap: Int, position: Int, pixel: Int, count: Int) in
        let from = own + (tap &* rowStride &+ position)
        let to = plane + pixel
        for entry in 0..<count { to[entry &* step] += from[entry] }
      }
    }
  }

  /// Calls `body` for each run of one row of patches that lies within the image: where it starts
  /// among the positions, where in the channel's plane, how many positions it has.
  @inline(__always)
  private func forEachRun(
    _ body: (_ tap: Int, _ position: Int, _ pixel: Int, _ count: Int) -> Void
  ) {
    let g = geometry
    var tap = 0
    for kernelRow in 0..<g.kernel.height {
      for kernelColumn in 0..<g.kernel.width {
        let columnShift = kernelColumn &* g.dilation.width &- g.padding.width
        // Positions whose pixel column lies in 0..<width.
        let first = columnShift >= 0 ? 0 : (-columnShift + g.stride.width - 1) / g.stride.width
        let last = g.image.width - 1 - columnShift
        let end = last < 0 ? 0 : min(g.features.width, last / g.stride.width + 1)
        if first < end {
          for row in 0..<g.features.height {
            let imageRow =
              row &* g.stride.height &+ kernelRow &* g.dilation.height &- g.padding.height
            guard imageRow >= 0, imageRow < g.image.height else { continue }
            let pixel = imageRow &* g.image.width &+ first &* g.stride.width &+ columnShift
            body(tap, row &* g.features.width &+ first, pixel, end &- first)
          }
        }
        tap &+= 1
      }
    }
  }
}
