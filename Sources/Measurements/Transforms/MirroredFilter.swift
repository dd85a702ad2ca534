import LinearAlgebra

/// Convolution of every channel of a batch with one kernel, the borders mirrored:
/// `y[i, j] = sum_ab w[a, b] x[i - a + (height - 1) / 2, j - b + (width - 1) / 2]`.
struct MirroredFilter: Sendable {
  /// `[height, width]`, row-major, odd extents.
  let weights: [Float]
  let height: Int
  let width: Int

  func apply(_ x: Batch, _ grid: PixelGrid) -> Batch {
    var result = Batch(zeros: x.count, width: x.width)
    let margin = Margin(self, grid)
    var wide = [Float](repeating: 0, count: grid.height * margin.width)
    x.values.withUnsafeBufferPointer { x in
      result.values.withUnsafeMutableBufferPointer { result in
        wide.withUnsafeMutableBufferPointer { wide in
          for image in 0..<x.count / (grid.height * grid.width) {
            let start = image &* grid.height &* grid.width
            for line in 0..<grid.height {
              for (place, source) in margin.columns.enumerated() {
                wide[line &* margin.width &+ place] = x[start &+ line &* grid.width &+ source]
              }
            }
            visit(grid, margin) { pixel, source, weight in
              for column in 0..<grid.width {
                result[start &+ pixel &+ column] += weight * wide[source &+ column]
              }
            }
          }
        }
      }
    }
    return result
  }

  func applyAdjoint(_ y: Batch, _ grid: PixelGrid) -> Batch {
    var result = Batch(zeros: y.count, width: y.width)
    let margin = Margin(self, grid)
    var wide = [Float](repeating: 0, count: grid.height * margin.width)
    y.values.withUnsafeBufferPointer { y in
      result.values.withUnsafeMutableBufferPointer { result in
        wide.withUnsafeMutableBufferPointer { wide in
          for image in 0..<y.count / (grid.height * grid.width) {
            let start = image &* grid.height &* grid.width
            wide.update(repeating: 0)
            visit(grid, margin) { pixel, source, weight in
              for column in 0..<grid.width {
                wide[source &+ column] += weight * y[start &+ pixel &+ column]
              }
            }
            for line in 0..<grid.height {
              for (place, source) in margin.columns.enumerated() {
                result[start &+ line &* grid.width &+ source] +=
                  wide[line &* margin.width &+ place]
              }
            }
          }
        }
      }
    }
    return result
  }

  /// Every line of the result with every weight: where the line starts, where the line that it
  /// takes starts within the widened image, and the weight.
  @inline(__always)
  private func visit(
    _ grid: PixelGrid, _ margin: Margin,
    _ add: (_ pixel: Int, _ source: Int, _ weight: Float) -> Void
  ) {
    for line in 0..<grid.height {
      for a in 0..<height {
        let source = margin.lines[line &+ height &- 1 &- a] &* margin.width
        for b in 0..<width {
          add(line &* grid.width, source &+ width &- 1 &- b, weights[a &* width &+ b])
        }
      }
    }
  }

  /// Which line and column of the image stands at each place of the image with its margins.
  private struct Margin {
    let lines: [Int]
    let columns: [Int]
    var width: Int { columns.count }

    init(_ filter: MirroredFilter, _ grid: PixelGrid) {
      lines = Self.mirrored(grid.height, radius: filter.height / 2)
      columns = Self.mirrored(grid.width, radius: filter.width / 2)
    }

    private static func mirrored(_ extent: Int, radius: Int) -> [Int] {
      (-radius..<extent + radius).map { place in
        let turned = ((place % (2 * extent)) + 2 * extent) % (2 * extent)
        return turned < extent ? turned : 2 * extent - 1 - turned
      }
    }
  }
}
