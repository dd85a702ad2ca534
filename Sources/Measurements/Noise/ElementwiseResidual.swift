import LinearAlgebra

/// `r(p; y)` of one entry.
protocol ResidualFunction: Sendable {
  /// The residual and its derivative by the prediction, both finite for finite predictions.
  func residual(of prediction: Double, _ seen: Seen) -> (value: Double, slope: Double)
}

/// A residual function over the entries of one observation.
struct ElementwiseResidual<Function: ResidualFunction>: DifferentiableMap {
  private let function: Function
  private let seen: [Seen]

  init(_ function: Function, _ observation: [Float], _ clipping: Clipping? = nil) {
    self.function = function
    seen = observation.map { value in
      clipping?.seen(Double(value)) ?? .exactly(Double(value))
    }
  }

  var inputCount: Int { seen.count }
  var outputCount: Int { seen.count }

  func evaluate(_ x: Batch) -> Batch {
    Batch(count: x.count, width: x.width) { values in
      forEachEntry(x) { place, residual in values[place] = Float(residual.value) }
    }
  }

  func linearize(at x: Batch) -> Linearization {
    var values = Batch(zeros: x.count, width: x.width)
    let slopes = values.values.withUnsafeMutableBufferPointer { values in
      Batch(count: x.count, width: x.width) { slopes in
        forEachEntry(x) { place, residual in
          values[place] = Float(residual.value)
          slopes[place] = Float(residual.slope)
        }
      }
    }
    return Linearization(value: values, jacobian: DiagonalMap(slopes))
  }

  @inline(__always)
  private func forEachEntry(
    _ x: Batch, _ body: (_ place: Int, _ residual: (value: Double, slope: Double)) -> Void
  ) {
    let width = seen.count
    x.values.withUnsafeBufferPointer { x in
      seen.withUnsafeBufferPointer { seen in
        for row in 0..<(width > 0 ? x.count / width : 0) {
          for entry in 0..<width {
            let place = row &* width &+ entry
            body(place, function.residual(of: Double(x[place]), seen[entry]))
          }
        }
      }
    }
  }
}
