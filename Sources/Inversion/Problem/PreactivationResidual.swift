import LinearAlgebra
import Networks

/// Compares before the last activation. Where the observation has one preimage, the residual is
/// the distance to it; where any input at or below zero would have shown the same, it is what
/// exceeds zero. Without noise its zeros are the same latents, and a unit that is off but should
/// be on is no longer invisible to the derivative.
struct PreactivationResidual: DifferentiableMap {
  /// The preimage of each observed entry; NaN where there is no single one.
  private let targets: [Float]

  init(_ observation: [Float], of function: any ActivationFunction) {
    targets = observation.map { function.preimage(of: $0, margin: 0) ?? .nan }
  }

  var inputCount: Int { targets.count }
  var outputCount: Int { targets.count }

  func evaluate(_ x: Batch) -> Batch {
    map(x) { input, target in target.isNaN ? max(input, 0) : input - target }
  }

  func linearize(at x: Batch) -> Linearization {
    let slopes = map(x) { input, target in target.isNaN && !(input > 0) ? 0 : 1 }
    return Linearization(value: evaluate(x), jacobian: DiagonalMap(slopes))
  }

  private func map(_ x: Batch, _ function: (_ input: Float, _ target: Float) -> Float) -> Batch {
    let width = targets.count
    return Batch(count: x.count, width: width) { result in
      x.values.withUnsafeBufferPointer { x in
        targets.withUnsafeBufferPointer { targets in
          for row in 0..<(width > 0 ? x.count / width : 0) {
            for entry in 0..<width {
              result[row &* width &+ entry] = function(x[row &* width &+ entry], targets[entry])
            }
          }
        }
      }
    }
  }
}
