import LinearAlgebra
import Measurements

/// What the derivative at the solution says about how well the data determine it.
public struct Certificate: Sendable {
  /// Directions of the latent that the observation depends on, to first order.
  public var rank: Int
  /// Singular values of `J = d(A G)/dz`, largest first.
  public var singularValues: [Double]
  /// Latent entries that no observed number depends on here.
  public var deadLatents: [Int]
  /// Standard deviation of each latent entry, `sigma^2 (J^T J)^-1`; `nil` for an entry that the
  /// data leave open. Absent when there is no estimate of the noise.
  public var latentDeviations: [Double?]?
  /// The noise that the deviations assume, in the signal's units.
  public var sigma: Double?
  public var isSigmaEstimated: Bool
  /// Standard deviation of each entry of the signal `G(z)`, observed or not: the latent's covariance
  /// pushed through the generator. Infinite for an entry that moves with what the data leave open.
  /// Absent when there is no estimate of the noise.
  public var reconstructionDeviations: [Float]?
  /// Where straight pieces make up the network, the one that holds the latent.
  public var activationRegion: ActivationRegion?
  /// Whether intervals from the deviations cover what they say: the latent explains the data and
  /// has the best fit around, and the linear model holds as far as the noise reaches. Absent with the
  /// deviations.
  public var doIntervalsHold: Bool?
  /// Other latents that explain the observation as well, where restarts found any.
  public var alternatives: [AlternativeLatent]

  /// Largest over smallest singular value; infinite when the rank is deficient.
  public var conditionNumber: Double {
    guard let largest = singularValues.first, let smallest = singularValues.last,
      rank == singularValues.count
    else { return .infinity }
    return largest / smallest
  }

  package init(
    _ problem: InverseProblem, latent: [Float], residual: ResidualNorms,
    alternatives: [AlternativeLatent]
  ) {
    let linearization = problem.forward.linearize(at: Batch(row: latent))
    let spectrum = JacobianSpectrum(linearization.jacobian)
    singularValues = spectrum.singularValues
    let rank = spectrum.rank
    self.rank = rank
    deadLatents = spectrum.deadLatents
    self.alternatives = alternatives

    let freedom = problem.observedCount - rank
    if let declared = problem.noiseDeviation(at: latent) {
      sigma = declared
      isSigmaEstimated = false
    } else {
      sigma = freedom > 0 ? residual.l2 / Double(freedom).squareRoot() : nil
      isSigmaEstimated = true
    }
    let uncertainty = Self.uncertainty(problem, at: latent, spectrum, sigma: sigma)
    latentDeviations = uncertainty.map(\.deviations)
    examine(problem, latent: latent, residual: residual, linearization, spectrum, uncertainty)
  }

  /// The inverse of the latent's covariance: what the noise and a prior say where they are known,
  /// else `J^T J / sigma^2`. `nil` without an estimate of the noise.
  private static func uncertainty(
    _ problem: InverseProblem, at latent: [Float], _ spectrum: JacobianSpectrum, sigma: Double?
  ) -> JacobianSpectrum? {
    if let precision = problem.precision(at: latent) { return JacobianSpectrum(gram: precision) }
    return sigma.map { spectrum.scaled(by: 1 / ($0 * $0)) }
  }

  /// What the pieces of the network and its linear model say.
  private mutating func examine(
    _ problem: InverseProblem, latent: [Float], residual: ResidualNorms,
    _ linearization: Linearization, _ spectrum: JacobianSpectrum, _ uncertainty: JacobianSpectrum?
  ) {
    guard residual.l2.isFinite,
      let propagation = DeviationPropagation(
        problem.generator, at: latent, uncertainty ?? spectrum)
    else { return }
    let differences = Translation(origin: problem.observation).evaluate(linearization.value)
    let step = spectrum.step(
      against: linearization.jacobian.applyAdjoint(differences).values.map(Double.init))
    activationRegion = ActivationRegion(
      problem, propagation, spectrum, step: step,
      latentLength: sumOfSquares(latent).squareRoot(), residualLength: residual.l2,
      hasDeviations: uncertainty != nil)
    guard let uncertainty, let sigma else { return }
    let outputs = propagation.outputs
    reconstructionDeviations = outputs.values.indices.map { Float(outputs.deviation(of: $0)) }
    doIntervalsHold = IntervalCheck(
      problem: problem, latent: latent, uncertainty: uncertainty, sigma: sigma
    ).holds(region: activationRegion)
  }

  /// The rank of `J` at any latent of a problem.
  package static func rank(of problem: InverseProblem, at latent: [Float]) -> Int {
    JacobianSpectrum(problem.forward, at: latent).rank
  }
}
