import LinearAlgebra
import Networks

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The published iterations of Latent-Pursuit (Aberdam et al. 2020), which only multiply by `W` and
/// `W^T`: for reference, and for layers whose matrix is not written down.
struct FirstOrderPursuit: Sendable {
  /// As an engine.
  static let name = "first_order"
  /// Of each layer, at most.
  var iterationsMax = 10_000
  /// Stops when a step moves no entry by more than that share of the largest.
  var tolerance = 1e-9
  /// `rho` of the alternating directions; 1e-2 as published.
  var penalty = 1e-2

  /// Where a descent ended.
  struct Descent: Sendable {
    var x: [Double]
    var iterations: Int
    var termination: Termination
  }

  /// Algorithm 5, projected accelerated descent on `|y - phi(W x + b)|^2 / 2 + l 1'x` for `x >= 0`.
  ///
  /// - Parameter sparsity: `l`.
  func lastLayer(_ task: LayerTask, sparsity: Double) -> Descent {
    let bound = task.curvatureMax { _ in 1 }
    guard bound > 0 else { return Descent(x: task.zeros, iterations: 0, termination: .converged) }
    let step = 1 / (bound * 1.02 * task.layer.slopeMax * task.layer.slopeMax)
    var previous = task.zeros
    var x = previous
    var momentum = 1.0
    for iteration in 1...iterationsMax {
      if let stop = task.control.interruption() {
        return Descent(x: previous, iterations: iteration, termination: stop)
      }
      let gradient = task.weights.applyAdjoint(task.outputResidual(at: x))
      let next = zip(x, gradient).map { max($0 - step * ($1 + sparsity), 0) }
      let nextMomentum = (1 + (1 + 4 * momentum * momentum).squareRoot()) / 2
      let share = (momentum - 1) / nextMomentum
      x = zip(next, previous).map { $0 + share * ($0 - $1) }
      momentum = nextMomentum
      let isStill = next.isWithin(tolerance, of: previous)
      previous = next
      if isStill { return Descent(x: previous, iterations: iteration, termination: .converged) }
    }
    return Descent(x: previous, iterations: iterationsMax, termination: .iterationLimit)
  }

  /// Algorithm 2, linearised alternating directions on
  ///
  ///     |W_S x - v_S|^2 / 2 + l 1'x + g |x|^2 / 2   subject to   W_c x <= v_c,  x >= 0
  ///
  /// with `a = W_c x`; the first layer has no sign constraint and equation 10's step.
  ///
  /// - Parameters:
  ///   - sparsity: `l`.
  ///   - ridge: `g`.
  func hiddenLayer(_ task: LayerTask, sparsity: Double, ridge: Double) -> Descent {
    let rows = task.rows
    let isKnown = rows.kinds.map { $0 == .known }
    let signs = rows.kinds.map { $0 == .atLeast ? -1.0 : 1.0 }
    let bounds = zip(signs, rows.values).map { $0 * $1 }
    // alpha + beta, at least the largest eigenvalue of W_S'W_S + rho W_c'W_c.
    let curvature = 1.02 * task.curvatureMax { isKnown[$0] ? 1 : penalty }
    guard curvature > 0 else {
      return Descent(x: task.zeros, iterations: 0, termination: .converged)
    }
    var x = task.zeros
    var a = bounds.map { min(0, $0) }
    var u = rows.values.map { _ in 0.0 }
    var product = task.weights.apply(x)
    for iteration in 1...iterationsMax {
      if let stop = task.control.interruption() {
        return Descent(x: x, iterations: iteration, termination: stop)
      }
      let cotangent = product.indices.map { row in
        isKnown[row]
          ? product[row] - rows.values[row]
          : penalty * signs[row] * (signs[row] * product[row] - a[row] - u[row])
      }
      let gradient = task.weights.applyAdjoint(cotangent)
      let next = zip(x, gradient).map { entry, slope in
        let moved = (curvature * entry - slope - sparsity) / (curvature + ridge)
        return task.isNonnegative ? max(moved, 0) : moved
      }
      product = task.weights.apply(next)
      for row in product.indices where !isKnown[row] {
        let value = signs[row] * product[row]
        a[row] = min(value - u[row], bounds[row])
        u[row] += a[row] - value
      }
      let isStill = next.isWithin(tolerance, of: x)
      x = next
      if isStill { return Descent(x: x, iterations: iteration, termination: .converged) }
    }
    return Descent(x: x, iterations: iterationsMax, termination: .iterationLimit)
  }
}

extension LayerTask {
  fileprivate var zeros: [Double] { [Double](repeating: 0, count: columnCount) }

  /// `phi'(p) (phi(W x + b) - y)`
  fileprivate func outputResidual(at x: [Double]) -> [Double] {
    let product = weights.apply(x)
    return product.indices.map { row in
      let input = product[row] + layer.offset[row]
      guard let activation = layer.activation else { return input - outputs[row] }
      let value = activation.nearestValue(at: input)
      let slope = Double(activation.derivative(at: Float(input), value: Float(value)))
      return slope * (value - outputs[row])
    }
  }

  /// The largest eigenvalue of `W^T D W`, from below but for a few parts in a thousand, by power
  /// iterations.
  fileprivate func curvatureMax(_ weight: (Int) -> Double) -> Double {
    var random = RandomNumbers(seed: 0, stream: 0x706f_7765)
    var vector = (0..<columnCount).map { _ in random.normal() }
    var eigenvalue = 0.0
    for _ in 0..<60 {
      let length = vector.squareSum.squareRoot()
      guard length > 0 else { return 0 }
      vector = vector.map { $0 / length }
      let product = weights.apply(vector)
      vector = weights.applyAdjoint(product.indices.map { weight($0) * product[$0] })
      eigenvalue = vector.squareSum.squareRoot()
    }
    return eigenvalue
  }
}

extension LayerChain.Layer {
  /// The steepest slope of the activation, by which residuals before it grow at most.
  fileprivate var slopeMax: Double {
    guard let activation else { return 1 }
    return (-400...400).reduce(0) {
      let x = Float($1) / 50
      return max($0, Double(activation.derivative(at: x, value: activation.value(at: x))))
    }
  }
}

extension [Double] {
  /// Whether no entry differs by more than that share of the largest.
  fileprivate func isWithin(_ tolerance: Double, of other: [Double]) -> Bool {
    var (largest, furthest) = (0.0, 0.0)
    for (a, b) in zip(self, other) {
      largest = Swift.max(largest, abs(a))
      furthest = Swift.max(furthest, abs(a - b))
    }
    return furthest <= tolerance * largest
  }
}
