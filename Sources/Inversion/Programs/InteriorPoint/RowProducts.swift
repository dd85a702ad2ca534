import LinearAlgebra

/// The products with a program's rows, in units of one's choice and in memory taken once: what an
/// iteration of the interior-point method consists of.
final class RowProducts {
  /// What the rows are multiplied by on the way: `W` by `matrix`, margins by `margin`. Bounds stay.
  struct Scale {
    var matrix: Double
    var margin: Double

    static let unit = Scale(matrix: 1, margin: 1)
  }

  typealias Vector = UnsafeMutableBufferPointer<Double>
  typealias ReadVector = UnsafeBufferPointer<Double>

  private let rows: ProgramRows
  private let scale: Scale
  /// One entry a row of `W` each: `W z`, or the sum of what a row's uses weigh.
  private let image: Vector
  private let border: Vector
  private let margins: Vector
  private let hasMargins: Bool

  init(_ rows: ProgramRows, scale: Scale) {
    self.rows = rows
    self.scale = scale
    hasMargins = rows.margins != nil
    // Memory has an address also where there are no rows.
    let count = max(rows.matrix.rowCount, 1)
    image = .allocate(capacity: count)
    border = .allocate(capacity: count)
    margins = .allocate(capacity: count)
    image.initialize(repeating: 0)
    border.initialize(repeating: 0)
    margins.initialize(repeating: 0)
    for (row, margin) in (rows.margins ?? []).enumerated() {
      margins[row] = margin * scale.margin
    }
  }

  deinit {
    image.deallocate()
    border.deallocate()
    margins.deallocate()
  }

  /// `A z`
  func apply(_ point: ReadVector, into product: Vector) {
    if let source = point.baseAddress, let target = image.baseAddress {
      rows.matrix.apply(source, into: target)
    }
    let factor = scale.matrix
    let lowerStart = rows.upper.count
    if !hasMargins {
      for place in rows.upper.indices { product[place] = factor * image[rows.upper[place]] }
      for place in rows.lower.indices {
        product[lowerStart &+ place] = -factor * image[rows.lower[place]]
      }
    } else {
      let d = point[point.count - 1]
      for place in rows.upper.indices {
        let row = rows.upper[place]
        product[place] = factor * image[row] - margins[row] * d
      }
      for place in rows.lower.indices {
        let row = rows.lower[place]
        product[lowerStart &+ place] = -factor * image[row] - margins[row] * d
      }
    }
    applyBounds(point, into: product)
  }

  private func applyBounds(_ point: ReadVector, into product: Vector) {
    let floorsStart = rows.boundsStart
    for place in rows.floors.indices { product[floorsStart &+ place] = -point[rows.floors[place]] }
    let ceilingsStart = floorsStart + rows.floors.count
    for place in rows.ceilings.indices {
      product[ceilingsStart &+ place] = point[rows.ceilings[place]]
    }
  }

  /// `A^T y`
  func applyAdjoint(_ prices: ReadVector, into product: Vector) {
    let lowerStart = rows.upper.count
    image.update(repeating: 0)
    var margin = 0.0
    for place in rows.upper.indices { image[rows.upper[place]] = prices[place] }
    for place in rows.lower.indices { image[rows.lower[place]] -= prices[lowerStart &+ place] }
    if hasMargins {
      for place in rows.upper.indices { margin -= margins[rows.upper[place]] * prices[place] }
      for place in rows.lower.indices {
        margin -= margins[rows.lower[place]] * prices[lowerStart &+ place]
      }
    }
    if let image = image.baseAddress, let target = product.baseAddress {
      rows.matrix.applyAdjoint(image, into: target)
    }
    for column in 0..<rows.matrix.columnCount { product[column] *= scale.matrix }
    if hasMargins { product[rows.matrix.columnCount] = margin }
    let floorsStart = rows.boundsStart
    for place in rows.floors.indices {
      product[rows.floors[place]] -= prices[floorsStart &+ place]
    }
    let ceilingsStart = floorsStart + rows.floors.count
    for place in rows.ceilings.indices {
      product[rows.ceilings[place]] += prices[ceilingsStart &+ place]
    }
  }

  /// `A^T D A`
  func setGram(
    weights: ReadVector, in equations: WeightedNormalEquations,
    precision: WeightedNormalEquations.Precision = .double
  ) {
    let lowerStart = rows.upper.count
    let square = scale.matrix * scale.matrix
    image.update(repeating: 0)
    border.update(repeating: 0)
    var corner = 0.0
    for place in rows.upper.indices { image[rows.upper[place]] = weights[place] * square }
    for place in rows.lower.indices {
      image[rows.lower[place]] += weights[lowerStart &+ place] * square
    }
    if hasMargins {
      for place in rows.upper.indices {
        let row = rows.upper[place]
        border[row] = -weights[place] * margins[row] * scale.matrix
        corner += weights[place] * margins[row] * margins[row]
      }
      for place in rows.lower.indices {
        let row = rows.lower[place]
        let weight = weights[lowerStart &+ place]
        border[row] += weight * margins[row] * scale.matrix
        corner += weight * margins[row] * margins[row]
      }
    }
    if let image = image.baseAddress {
      equations.setGram(
        of: rows.matrix, weights: image, border: hasMargins ? border.baseAddress : nil,
        precision: precision)
    }
    if hasMargins {
      let last = rows.matrix.columnCount
      equations[last, last] = corner
    }
    let floorsStart = rows.boundsStart
    for place in rows.floors.indices {
      let column = rows.floors[place]
      equations[column, column] += weights[floorsStart &+ place]
    }
    let ceilingsStart = floorsStart + rows.floors.count
    for place in rows.ceilings.indices {
      let column = rows.ceilings[place]
      equations[column, column] += weights[ceilingsStart &+ place]
    }
  }
}
