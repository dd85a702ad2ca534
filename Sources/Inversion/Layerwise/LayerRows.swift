import Networks

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What the outputs of a layer, known up to errors of a given size, say of `W x`, row by row.
package struct LayerRows: Sendable {
  /// What is known of a row.
  package enum Kind: Sendable, Equatable {
    /// `w x = value`, up to an error
    case known
    /// `w x <= value`: the unit is off, or at its lower end.
    case atMost
    /// `w x >= value`: the unit is at its upper end.
    case atLeast
  }

  package var kinds: [Kind]
  /// With the offset taken away.
  package var values: [Double]
  /// Standard deviation of each value's error, in the units of `W x`.
  package var deviations: [Double]

  package var known: [Int] { kinds.indices.filter { kinds[$0] == .known } }
  package var bounded: [Int] { kinds.indices.filter { kinds[$0] != .known } }

  /// A unit counts as on when it lies this many deviations above the kink: about one in a thousand
  /// that are off is taken for on.
  static let activeDeviations = 3.0
  /// The least slope that an activation is inverted by.
  private static let slopeMin = 1e-6
  /// The most that is clipped of either end of a range, which is at least 1 wide.
  private static let marginMax = 0.25
  /// Of a layer that gives nothing but zeros: something to divide by.
  private static let deviationMin = 1e-100

  /// - Parameters:
  ///   - outputs: of the layer, `phi(W x + b)`.
  ///   - deviations: standard deviations of their errors.
  ///   - rounding: relative error of the arithmetic that computed the outputs.
  package init(
    _ layer: LayerChain.Layer, outputs: [Double], deviations: [Double], rounding: Double
  ) {
    (kinds, values, self.deviations) = ([], outputs, deviations)
    kinds.reserveCapacity(outputs.count)
    for row in outputs.indices {
      kinds.append(
        Self.takenBack(&values[row], &self.deviations[row], through: layer.activation))
    }
    // Sums are computed to so many digits of their largest terms.
    let largest = kinds.indices.reduce(0) { max($0, abs(values[$1]), abs(layer.offset[$1])) }
    for row in outputs.indices {
      self.deviations[row] = max(
        hypot(self.deviations[row], 4 * rounding * largest), Self.deviationMin)
      values[row] -= layer.offset[row]
    }
  }

  /// Puts the preimage in the place of a value.
  private static func takenBack(
    _ value: inout Double, _ deviation: inout Double, through activation: (any ActivationFunction)?
  ) -> Kind {
    guard let activation else { return .known }
    if let flat = activation as? any FlatActivation {
      let reach = activeDeviations * deviation
      if let range = flat.flatInputs(of: Float(value - reach)), range.lowerBound == -.infinity {
        value = Double(range.upperBound)
        return .atMost
      }
      if let range = flat.flatInputs(of: Float(value + reach)), range.upperBound == .infinity {
        value = Double(range.lowerBound)
        return .atLeast
      }
      return .known
    }
    // Noise near a saturated end would be magnified without bound: it is clipped by half its size.
    let clipped = deviation <= 1e-6 ? deviation : max(1e-3, deviation / 2)
    let margin = min(max(clipped, 1e-12), marginMax)
    let preimage = activation.precisePreimage(of: value, margin: margin) ?? value
    let slope = abs(Double(activation.derivative(at: Float(preimage), value: Float(value))))
    value = preimage
    deviation /= max(slope, slopeMin)
    return .known
  }
}

extension LayerRows {
  /// For each row the inverse of its deviation, as a share of the most certain one's; 0 for rows that
  /// are not known.
  var relativeWeights: [Double] {
    let unit = known.reduce(Double.infinity) { min($0, deviations[$1]) }
    return kinds.indices.map { kinds[$0] == .known ? unit / deviations[$0] : 0 }
  }

  /// Root mean square of all rows' deviations.
  var typicalDeviation: Double {
    let square = deviations.reduce(0) { $0 + $1 * $1 } / Double(max(deviations.count, 1))
    return max(square.squareRoot(), .leastNormalMagnitude)
  }

  /// How far the furthest of the rows that are bounded lies beyond its bound.
  func violation(of product: [Double]) -> Double {
    bounded.reduce(0) {
      let excess = product[$1] - values[$1]
      return max($0, kinds[$1] == .atMost ? excess : -excess)
    }
  }
}
