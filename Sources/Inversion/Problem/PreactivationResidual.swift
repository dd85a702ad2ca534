import LinearAlgebra
import Networks

/// Compares before the last activation. Where the observation has one preimage, the residual is
/// the distance to it; where a whole range of inputs would have shown the same (all at or below
/// zero for a ReLU that is off), it is what lies outside that range. Without noise its zeros are
/// the same latents, and a unit that is off but should be on is no longer invisible to the
/// derivative.
struct PreactivationResidual: DifferentiableMap {
  /// The least and the greatest input that explain each observed entry: equal where there is one,
  /// not a number where there is none.
  private let least: [Float]
  private let greatest: [Float]

  /// - Parameter function: piecewise linear, its values' preimages unique but where it is flat.
  init(_ observation: [Float], of function: any ActivationFunction) {
    let flat = function as? any FlatActivation
    let ranges = observation.map { value in
      if let range = flat?.flatInputs(of: value) { return (range.lowerBound, range.upperBound) }
      let preimage = function.preimage(of: value, margin: 0) ?? .nan
      return (preimage, preimage)
    }
    least = ranges.map(\.0)
    greatest = ranges.map(\.1)
  }

  var inputCount: Int { least.count }
  var outputCount: Int { least.count }

  func evaluate(_ x: Batch) -> Batch {
    map(x) { input, least, greatest in
      input <= greatest ? input >= least ? 0 : input - least : input - greatest
    }
  }

  func linearize(at x: Batch) -> Linearization {
    let slopes = map(x) { input, least, greatest in
      least < greatest && input >= least && input <= greatest ? 0 : 1
    }
    return Linearization(value: evaluate(x), jacobian: DiagonalMap(slopes))
  }

  private func map(
    _ x: Batch, _ function: (_ input: Float, _ least: Float, _ greatest: Float) -> Float
  ) -> Batch {
    let width = least.count
    return Batch(count: x.count, width: width) { result in
      x.values.withUnsafeBufferPointer { x in
        least.withUnsafeBufferPointer { least in
          greatest.withUnsafeBufferPointer { greatest in
            for row in 0..<(width > 0 ? x.count / width : 0) {
              for entry in 0..<width {
                let place = row &* width &+ entry
                result[place] = function(x[place], least[entry], greatest[entry])
              }
            }
          }
        }
      }
    }
  }
}
