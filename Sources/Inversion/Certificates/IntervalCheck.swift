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
  /// The inverse of the latent's covariance.
  let uncertainty: JacobianSpectrum
  /// Of the noise.
  let sigma: Double

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
    let latents = Batch(row: latent)
    let (losses, gradients) = problem.objective.gradients(at: latents)
    // Where all that is explained is as likely as one another, errors are not normal.
    guard uncertainty.rank > 0, !problem.noise.isLikelihoodFlat,
      problem.isExplained(by: latent, loss: losses[0])
    else { return false }
    let unit = problem.noise.unit ?? sigma
    let step = uncertainty.step(against: gradients.values.map { Double($0) / (unit * unit) })
    let length = sumOfSquares(latent).squareRoot()
    // Rounding of the latent is no offset, however small the noise.
    guard step.reach <= Self.offsetMax || step.length <= 1e-5 * length else { return false }
    if let region, region.leastSquares != nil, let deviations = region.boundaryDeviations,
      deviations >= Self.boundaryDeviationsMin
    {
      return true
    }
    return misfit().map { $0 <= Self.misfitMax } ?? true
  }

  /// How wrong the linear model is at latents drawn as from its covariance: the root mean square,
  /// over draws and determined directions, of the error that it causes in the latent, in deviations
  /// of that latent. `nil` where the noise is so small that only rounding would be seen.
  private func misfit() -> Double? {
    let size = uncertainty.size
    let scale = (sumOfSquares(problem.observation) / Double(problem.observedCount)).squareRoot()
    guard sigma > 1e-5 * scale else { return nil }
    // A constant seed: the check belongs to the solution.
    var random = RandomNumbers(seed: 0, stream: 0x7072_6f62)
    var steps = Batch(zeros: Self.probes, width: size)
    for direction in 0..<size where uncertainty.isDetermined(direction) {
      let deviation = 1 / uncertainty.eigenvalues[direction].squareRoot()
      for probe in 0..<Self.probes {
        let length = Self.probeScale * deviation * random.normal()
        for entry in 0..<size {
          steps.values[probe * size + entry] += Float(
            length * uncertainty.vectors[direction * size + entry])
        }
      }
    }
    let linearization = problem.forward.linearize(at: Batch(row: latent))
    let here = linearization.value.values
    let moved = problem.forward.evaluate(
      Batch(
        count: steps.count, width: size,
        values: zip(steps.values, steps.values.indices).map { $0 + latent[$1 % size] }))
    var misses = linearization.jacobian.apply(steps)
    for place in misses.values.indices {
      misses.values[place] = moved.values[place] - here[place % here.count] - misses.values[place]
    }
    // What each number says of its prediction, as the covariance weighs it.
    let weights =
      problem.noise.information(at: here, observation: problem.observation)
      ?? [Double](repeating: 1 / (sigma * sigma), count: here.count)
    misses = DiagonalMap(Batch(row: weights.map { Float($0) })).apply(misses)
    let pulled = linearization.jacobian.applyAdjoint(misses)
    var sum = 0.0
    for probe in 0..<Self.probes {
      let reach = uncertainty.step(against: pulled[probe].map(Double.init)).reach
      sum += reach * reach
    }
    return (sum / Double(Self.probes * uncertainty.rank)).squareRoot()
  }
}
