import LinearAlgebra
import Networks

/// Compares before the last activation. Where the observation has one preimage, the residual is
/// the distance to it; where a whole range of inputs would have shown the same (all at or below
/// zero for a ReLU that is off), it is what lies outside that range. Without noise its zeros are
/// the same latents, and a unit that is off but should be on is no longer invisible to the
/// derivative.
struct PreactivationResidual: DifferentiableMap {
  /// The least and the greatest input that explain each observed entry: equal where there is one,
  /// both infinite where there is none.
  private let least: [Float]
  private let greatest: [Float]
  /// The derivative where an entry is explained: 1 where one input explains it, else 0.
  private let slopes: [Float]

  /// - Parameter function: piecewise linear, its values' preimages unique but where it is flat.
  init(_ observation: [Float], of function: any ActivationFunction) {
    let flat = function as? any FlatActivation
    self.init(
      ranges: observation.map { value in
        if let range = flat?.flatInputs(of: value) { return (range.lowerBound, range.upperBound) }
        let preimage = function.preimage(of: value, margin: 0) ?? .infinity
        return (preimage, preimage)
      })
  }

  /// For an invertible function that saturates: nearer than `margin` to the ends of its range, all
  /// inputs beyond explain an entry. Its zeros are near those of the observation's own residual;
  /// `nil` where the function is not inverted.
  init?(_ observation: [Float], of function: any ActivationFunction, margin: Float) {
    guard
      let least = function.preimage(of: -.greatestFiniteMagnitude, margin: margin),
      let greatest = function.preimage(of: .greatestFiniteMagnitude, margin: margin)
    else { return nil }
    var ranges: [(Float, Float)] = []
    for value in observation {
      guard let preimage = function.preimage(of: value, margin: margin), preimage.isFinite else {
        return nil
      }
      ranges.append(
        (preimage <= least ? -.infinity : preimage, preimage >= greatest ? .infinity : preimage))
    }
    self.init(ranges: ranges)
  }

  private init(ranges: [(Float, Float)]) {
    least = ranges.map(\.0)
    greatest = ranges.map(\.1)
    slopes = ranges.map { $0.0 < $0.1 ? 0 : 1 }
  }

  var inputCount: Int { least.count }
  var outputCount: Int { least.count }

  func evaluate(_ x: Batch) -> Batch {
    Batch(count: x.count, width: x.width) { residuals in
      forEachEntry(x) { place, _, residual in residuals[place] = residual }
    }
  }

  func linearize(at x: Batch) -> Linearization {
    var residuals = Batch(zeros: x.count, width: x.width)
    let jacobian = residuals.values.withUnsafeMutableBufferPointer { residuals in
      slopes.withUnsafeBufferPointer { slopes in
        Batch(count: x.count, width: x.width) { derivatives in
          forEachEntry(x) { place, entry, residual in
            residuals[place] = residual
            derivatives[place] = residual == 0 ? slopes[entry] : 1
          }
        }
      }
    }
    return Linearization(value: residuals, jacobian: DiagonalMap(jacobian))
  }

  /// How far each input lies outside the range that explains its entry. Without branches, so that
  /// several are computed at once.
  @inline(__always)
  private func forEachEntry(
    _ x: Batch, _ body: (_ place: Int, _ entry: Int, _ residual: Float) -> Void
  ) {
    let width = least.count
    x.values.withUnsafeBufferPointer { x in
      least.withUnsafeBufferPointer { least in
        greatest.withUnsafeBufferPointer { greatest in
          for row in 0..<(width > 0 ? x.count / width : 0) {
            for entry in 0..<width {
              let place = row &* width &+ entry
              let input = x[place]
              let raised = input < least[entry] ? least[entry] : input
              let explained = raised > greatest[entry] ? greatest[entry] : raised
              body(place, entry, input - explained)
            }
          }
        }
      }
    }
  }
}
