import LinearAlgebra
import Measurements

/// Whether intervals from the linear model around a latent can be trusted: whether the latent
/// explains the data, whether it is where the model has its best fit, and whether the model still
/// describes the network as far away as the noise reaches.
///
/// The last holds exactly where the noise stays within one region of a piecewise linear network. That
/// is rare where units are many (one in a thousand of them is always near its kink), and a unit that
/// crosses its kink a little changes next to nothing. So the model is also compared with the network
/// itself, at latents as far away as the noise may carry the solution.
struct IntervalCheck {
  let problem: InverseProblem
  let latent: [Float]
  /// Of `A G`, at the latent.
  let linearization: Linearization
  /// Of `J^T J`.
  let spectrum: JacobianSpectrum
  let model: LinearModel

  /// Latents whose misfit to the linear model is looked at.
  private static let probes = 16
  /// How far away they are drawn, in deviations: a 90 % interval ends at 1.6.
  private static let probeScale = 1.5
  /// Deviations that every boundary of the region has to be away for the model to be exact.
  private static let boundaryDeviationsMin = 3.0
  /// A best fit that far away, in deviations, costs a 90 % interval two percent of its coverage.
  private static let offsetMax = 0.3
  /// What the model may miss at the probes, in deviations. Measured: at 0.2 intervals that are said
  /// to hold cover 85 to 95 %, at 0.4 those of small networks cover 80 %.
  private static let misfitMax = 0.2

  func holds(region: ActivationRegion?) -> Bool {
    let (losses, gradients) = problem.objective.gradients(at: Batch(row: latent))
    let found = Candidate(
      problem, latent: latent, loss: losses[0], termination: .converged)
    // Where every explained latent is as likely as another, errors are not normal.
    guard model.spectrum.rank > 0, !problem.noise.isLikelihoodFlat, problem.isExplained(by: found),
      isBestFit(gradient: gradients.values)
    else { return false }
    if let region, region.leastSquares != nil, let deviations = region.boundaryDeviations,
      deviations >= Self.boundaryDeviationsMin
    {
      return true
    }
    return misfit().map { $0 <= Self.misfitMax } ?? true
  }

  /// Whether a step to where the model fits best is short: in deviations, or lost in the rounding of
  /// the latent, however small the noise.
  ///
  /// - Parameter gradient: of the objective.
  private func isBestFit(gradient: [Float]) -> Bool {
    // The model's own unit is 1 where its precision is, that of losses is the noise's.
    let scale = problem.isLeastSquares ? 1 : problem.noise.unit.map { 1 / ($0 * $0) } ?? 1
    let step = model.spectrum.step(against: gradient.map { scale * Double($0) })
    return step.reach <= Self.offsetMax * model.unit
      || step.length <= 1e-5 * sumOfSquares(latent).squareRoot()
  }

  /// How wrong the linear model is at latents drawn as from its covariance: the root mean square,
  /// over draws, of the part of its error that a least squares fit would follow, in deviations.
  /// `nil` where the noise is so small that only rounding would be seen.
  private func misfit() -> Double? {
    let size = model.spectrum.size
    // A constant seed: the check belongs to the solution.
    var random = RandomNumbers(seed: 0, stream: 0x7072_6f62)
    var steps = Batch(zeros: Self.probes, width: size)
    for direction in 0..<size where model.spectrum.isDetermined(direction) {
      let deviation = model.unit / model.spectrum.eigenvalues[direction].squareRoot()
      for probe in 0..<Self.probes {
        let length = Self.probeScale * deviation * random.normal()
        for entry in 0..<size {
          steps.values[probe * size + entry] += Float(
            length * model.spectrum.vectors[direction * size + entry])
        }
      }
    }
    let here = linearization.value.values
    let moved = problem.forward.evaluate(
      Batch(
        count: steps.count, width: size,
        values: zip(steps.values, steps.values.indices).map { $0 + latent[$1 % size] }))
    var misses = linearization.jacobian.apply(steps)
    let reach = sumOfSquares(misses.values)
    let rounding = 1e-10 * sumOfSquares(here) / Double(here.count)
    guard reach > rounding * Double(Self.probes * model.spectrum.rank) else { return nil }
    for place in misses.values.indices {
      misses.values[place] = moved.values[place] - here[place % here.count] - misses.values[place]
    }
    let pulled = linearization.jacobian.applyAdjoint(misses)
    var sum = 0.0
    for probe in 0..<Self.probes {
      let part = spectrum.step(against: pulled[probe].map(Double.init)).reach
      sum += part * part
    }
    return Self.probeScale * (sum / reach).squareRoot()
  }
}
