/// Moves patches phase by phase: a row of pixels and the rows of patches that hold it have the same
/// numbering, so that no bounds are looked at and no pixel is touched twice.
struct PhaseMover: PatchMover {
  private let geometry: ConvolutionGeometry
  private let phases: PhaseGeometry
  private let rowStride: Int
  /// Where each tap of a phase lies relative to an entry, phase after phase.
  private let offsets: [Int]
  /// Where each phase begins in `offsets`, and where the last one ends.
  private let starts: [Int]

  init(_ geometry: ConvolutionGeometry, _ phases: PhaseGeometry, rowStride: Int) {
    self.geometry = geometry
    self.phases = phases
    self.rowStride = rowStride
    var starts = [0]
    for taps in phases.taps { starts.append(starts[starts.count - 1] + taps.count) }
    self.starts = starts
    offsets = phases.taps.joined().map { $0.tap * rowStride - $0.shift }
  }

  func gather(
    _ image: UnsafePointer<Float>, imageStride: Int, samples: Int,
    into patches: UnsafeMutablePointer<Float>
  ) {
    for sample in 0..<samples {
      spread(image + sample &* imageStride, into: patches + sample &* geometry.positionCount)
    }
    clearOutside(patches, samples: samples)
  }

  func scatter(
    _ patches: UnsafeMutablePointer<Float>, samples: Int,
    into image: UnsafeMutablePointer<Float>, imageStride: Int
  ) {
    clearOutside(patches, samples: samples)
    for sample in 0..<samples {
      sum(patches + sample &* geometry.positionCount, into: image + sample &* imageStride)
    }
  }

  /// Sets the patches of one channel to zero at the positions whose pixel lies outside the image.
  private func clearOutside(_ patches: UnsafeMutablePointer<Float>, samples: Int) {
    let plane = geometry.positionCount
    for (tap, positions) in phases.outside.enumerated() where !positions.isEmpty {
      let row = patches + tap &* rowStride
      positions.withUnsafeBufferPointer { positions in
        for sample in 0..<samples {
          let own = row + sample &* plane
          for position in positions { own[position] = 0 }
        }
      }
    }
  }

  /// Each pixel of a channel becomes the sum of the patches that hold it.
  private func sum(_ patches: UnsafePointer<Float>, into image: UnsafeMutablePointer<Float>) {
    forEachRow { row in
      let from = patches + row.position
      let to = image + row.pixel
      switch geometry.stride.width {
      case 1: sumRow(from, row.taps(0), count: phases.columns[0], into: to)
      case 2 where phases.columns[0] == phases.columns[1]:
        sumPairs(from, row.taps(0), row.taps(1), count: phases.columns[0], into: to)
      case let stride:
        for phase in 0..<stride {
          let taps = row.taps(phase)
          for entry in 0..<phases.columns[phase] {
            var sum: Float = 0
            for offset in taps { sum += from[offset &+ entry] }
            to[entry &* stride &+ phase] = sum
          }
        }
      }
    }
  }

  /// Each pixel of a channel is copied into the patches that hold it. What is written over an
  /// edge is for `clearOutside` to remove.
  private func spread(_ image: UnsafePointer<Float>, into patches: UnsafeMutablePointer<Float>) {
    forEachRow { row in
      let from = image + row.pixel
      let to = patches + row.position
      switch geometry.stride.width {
      case 1:
        for offset in row.taps(0) { (to + offset).update(from: from, count: phases.columns[0]) }
      case 2 where phases.columns[0] == phases.columns[1]:
        spreadPairs(from, count: phases.columns[0], into: to, row.taps(0), row.taps(1))
      case let stride:
        for phase in 0..<stride {
          let taps = row.taps(phase)
          for entry in 0..<phases.columns[phase] {
            let pixel = from[entry &* stride &+ phase]
            for offset in taps { to[offset &+ entry] = pixel }
          }
        }
      }
    }
  }

  /// One row of pixels: where it begins, the position of its entries, and its phases' taps.
  private struct Row {
    let pixel: Int
    let position: Int
    let offsets: UnsafePointer<Int>
    let starts: UnsafePointer<Int>

    @inline(__always)
    func taps(_ phase: Int) -> UnsafeBufferPointer<Int> {
      UnsafeBufferPointer(
        start: offsets + starts[phase], count: starts[phase &+ 1] &- starts[phase])
    }
  }

  @inline(__always)
  private func forEachRow(_ body: (Row) -> Void) {
    let g = geometry
    offsets.withUnsafeBufferPointer { offsets in
      starts.withUnsafeBufferPointer { starts in
        guard let offsets = offsets.baseAddress, let starts = starts.baseAddress else { return }
        for phase in 0..<g.stride.height {
          for entry in 0..<phases.rows[phase] {
            body(
              Row(
                pixel: (entry &* g.stride.height &+ phase) &* g.image.width,
                position: entry &* g.features.width, offsets: offsets,
                starts: starts + phase &* g.stride.width))
          }
        }
      }
    }
  }
}

private typealias Four = SIMD4<Float>

@inline(__always)
private func four(_ place: UnsafePointer<Float>) -> Four {
  UnsafeRawPointer(place).loadUnaligned(as: Four.self)
}

@inline(__always)
private func store<Vector: SIMD>(_ vector: Vector, _ place: UnsafeMutablePointer<Float>) {
  UnsafeMutableRawPointer(place).storeBytes(of: vector, as: Vector.self)
}

/// `to[j] = sum of from[offset + j]`.
private func sumRow(
  _ from: UnsafePointer<Float>, _ taps: UnsafeBufferPointer<Int>, count: Int,
  into to: UnsafeMutablePointer<Float>
) {
  var entry = 0
  while entry &+ 4 <= count {
    var sum = Four.zero
    for offset in taps { sum += four(from + (offset &+ entry)) }
    store(sum, to + entry)
    entry &+= 4
  }
  while entry < count {
    var sum: Float = 0
    for offset in taps { sum += from[offset &+ entry] }
    to[entry] = sum
    entry &+= 1
  }
}

/// `to[2 j]` and `to[2 j + 1]` are the sums over the taps of the even and the odd phase.
private func sumPairs(
  _ from: UnsafePointer<Float>, _ even: UnsafeBufferPointer<Int>,
  _ odd: UnsafeBufferPointer<Int>, count: Int, into to: UnsafeMutablePointer<Float>
) {
  var entry = 0
  if even.count == 4, odd.count == 4 {
    // The usual kernel of extent 4, without loops over its taps.
    let (e0, e1, e2, e3) = (from + even[0], from + even[1], from + even[2], from + even[3])
    let (o0, o1, o2, o3) = (from + odd[0], from + odd[1], from + odd[2], from + odd[3])
    while entry &+ 4 <= count {
      var pairs = SIMD8<Float>()
      pairs.evenHalf =
        (four(e0 + entry) + four(e1 + entry)) + (four(e2 + entry) + four(e3 + entry))
      pairs.oddHalf =
        (four(o0 + entry) + four(o1 + entry)) + (four(o2 + entry) + four(o3 + entry))
      store(pairs, to + 2 &* entry)
      entry &+= 4
    }
  }
  while entry &+ 4 <= count {
    var pairs = SIMD8<Float>()
    for offset in even { pairs.evenHalf += four(from + (offset &+ entry)) }
    for offset in odd { pairs.oddHalf += four(from + (offset &+ entry)) }
    store(pairs, to + 2 &* entry)
    entry &+= 4
  }
  while entry < count {
    var sums: (Float, Float) = (0, 0)
    for offset in even { sums.0 += from[offset &+ entry] }
    for offset in odd { sums.1 += from[offset &+ entry] }
    to[2 &* entry] = sums.0
    to[2 &* entry &+ 1] = sums.1
    entry &+= 1
  }
}

/// `from[2 j]` goes to the taps of the even phase, `from[2 j + 1]` to those of the odd one.
private func spreadPairs(
  _ from: UnsafePointer<Float>, count: Int, into to: UnsafeMutablePointer<Float>,
  _ even: UnsafeBufferPointer<Int>, _ odd: UnsafeBufferPointer<Int>
) {
  var entry = 0
  while entry &+ 4 <= count {
    let pairs = UnsafeRawPointer(from + 2 &* entry).loadUnaligned(as: SIMD8<Float>.self)
    let (first, second) = (pairs.evenHalf, pairs.oddHalf)
    for offset in even { store(first, to + (offset &+ entry)) }
    for offset in odd { store(second, to + (offset &+ entry)) }
    entry &+= 4
  }
  while entry < count {
    for offset in even { to[offset &+ entry] = from[2 &* entry] }
    for offset in odd { to[offset &+ entry] = from[2 &* entry &+ 1] }
    entry &+= 1
  }
}
