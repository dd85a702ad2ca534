import Measurements
import Networks

/// The straight piece of a piecewise linear network that holds a latent.
///
/// As long as no unit crosses a kink, every unit is an affine function of the latent. So the
/// distances here are exact: the region is a polytope, each unit one of its half-spaces. Smooth
/// activations at the end (a sigmoid, a tanh) leave that so for everything before them; the
/// observation is then a smooth function of an affine one.
public struct ActivationRegion: Sendable, Equatable {
  /// The units of one activation.
  public struct Layer: Sendable, Equatable {
    public var unitCount: Int
    /// How many units are on each straight piece, from left to right: for a ReLU those that are off
    /// and those that are on.
    public var pieceCounts: [Int]
  }

  /// One for each piecewise linear activation, in the order of computation. Of the last one, only
  /// the units that are observed, where entries are observed as they are.
  public var layers: [Layer]
  /// How far the latent may move, in any direction, before a unit crosses a kink; infinite where no
  /// unit moves.
  public var boundaryDistance: Double
  /// The same for the directions and lengths that the noise suggests: the least
  /// `|unit - kink| / deviation` of all units, the deviation being that of the unit under the
  /// latent's covariance. `nil` without an estimate of the noise.
  public var boundaryDeviations: Double?
  /// What the least squares solution of this piece is to the latent; `nil` where the observation is
  /// not affine in the latent here, because of a smooth activation or a nonlinear measurement, and
  /// where something other than the sum of squares is made small, because of the noise or a prior.
  public var leastSquares: LeastSquaresPiece?

  /// The least squares solution of an affine piece, compared with the latent.
  public struct LeastSquaresPiece: Sendable, Equatable {
    /// `|z_ls - z| / |z|`; of all solutions, the nearest one.
    public var relativeDistance: Double
    /// Whether the two agree to rounding: then no latent of the region fits better.
    public var isLatent: Bool
    /// Whether it is also the only such latent in the region.
    public var isUnique: Bool

    /// What single precision leaves of a solution at condition numbers of a hundred, relative to the
    /// latent.
    static let tolerance = 1e-5
    /// The share of the residual below which a step is lost in the rounding of the sum of squares,
    /// of which it changes the square of that.
    static let residualTolerance = 1e-3
  }

  /// `nil` when the network is not made of straight pieces up to the last activations.
  ///
  /// - Parameters:
  ///   - step: from the latent to the least squares solution of the linear model: its length, and
  ///     how much it moves what is predicted.
  ///   - residualLength: of what is predicted, from what is observed.
  ///   - hasDeviations: whether `propagation` carries the latent's covariance.
  init?(
    _ problem: InverseProblem, _ propagation: DeviationPropagation, _ spectrum: JacobianSpectrum,
    step: (length: Double, reach: Double), latentLength: Double, residualLength: Double,
    hasDeviations: Bool
  ) {
    guard let kinked = Self.kinkedCount(of: propagation) else { return nil }
    let activations = propagation.activations
    let tail = activations.count - problem.generator.finalActivationCount
    layers = []
    boundaryDistance = .infinity
    var deviations = Double.infinity
    for (place, layer) in activations.prefix(kinked).enumerated() {
      guard let function = layer.function as? any KinkedActivation else { continue }
      let entries = place >= tail ? problem.measurement.observedEntries : nil
      let kinks = function.kinks
      var counts = [Int](repeating: 0, count: kinks.count + 1)
      for unit in entries ?? Array(layer.values.indices) {
        let value = layer.values[unit]
        counts[kinks.count { value > $0 }] += 1
        guard layer.squares[unit] > layer.stillness else { continue }
        let gap = kinks.reduce(Double.infinity) { min($0, Double(abs(value - $1))) }
        boundaryDistance = min(boundaryDistance, gap / layer.squares[unit].squareRoot())
        if hasDeviations { deviations = min(deviations, gap / layer.deviation(of: unit)) }
      }
      layers.append(Layer(unitCount: counts.reduce(0, +), pieceCounts: counts))
    }
    boundaryDeviations = hasDeviations ? deviations : nil
    if kinked == activations.count, problem.isLeastSquaresOfLinear {
      let distance = latentLength > 0 ? step.length / latentLength : .infinity
      let isLost =
        distance <= LeastSquaresPiece.tolerance
        || step.reach <= LeastSquaresPiece.residualTolerance * residualLength
      let isLatent = isLost && step.length < boundaryDistance
      leastSquares = LeastSquaresPiece(
        relativeDistance: distance, isLatent: isLatent,
        isUnique: isLatent && spectrum.rank == spectrum.size)
    }
  }

  /// How many activations come before the first that is not made of straight pieces; `nil` where
  /// straight pieces follow on it, or there are none at all.
  private static func kinkedCount(of propagation: DeviationPropagation) -> Int? {
    let isKinked = propagation.activations.map { $0.function is any KinkedActivation }
    let count = isKinked.prefix { $0 }.count
    guard count > 0 || isKinked.isEmpty else { return nil }
    return isKinked.dropFirst(count).contains(true) ? nil : count
  }
}

extension InverseProblem {
  /// Whether solvers make `|A G(z) - y|^2` small and nothing else, `A` being linear.
  fileprivate var isLeastSquaresOfLinear: Bool {
    measurement.isLinear && prior == .none
      && (noise.isNoiseless || noise is GaussianNoise && noise.clipping == nil)
  }
}

extension Generator {
  /// Activations at the end, after the last map that mixes entries.
  fileprivate var finalActivationCount: Int {
    stages.reversed().prefix { $0 is any ElementwiseMap }.count
  }
}
