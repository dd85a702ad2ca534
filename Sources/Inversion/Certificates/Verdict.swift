import LinearAlgebra
import Measurements

/// What the data and the fit say together. The words are earned: none claims more than was checked.
public enum Verdict: String, Sendable, CaseIterable {
  /// The latent explains the observation, every direction of it is determined, and more numbers
  /// were observed than other latents could meet by chance.
  case recovered
  /// The latent explains the observation; that no other does is not established.
  case consistent
  /// The latent explains the observation, but so do others: distinct ones were found, or there
  /// are directions that change nothing that was observed.
  case ambiguous
  /// No latent was found that explains the observation.
  case underfit

  init(_ problem: InverseProblem, _ candidate: Candidate, _ certificate: Certificate) {
    guard problem.isExplained(by: candidate.latent, loss: candidate.loss) else {
      self = .underfit
      return
    }
    if certificate.rank < problem.latentCount || !certificate.alternatives.isEmpty
      || problem.isEdge(candidate.latent, certificate.activationRegion)
    {
      self = .ambiguous
      return
    }
    // Latents that another one equals make up a set of dimension 2k - m for m informative numbers
    // in general position: next to none beyond m = k, and the fewer that come near the more numbers
    // there are. And the fit must pin the latent down to three digits.
    let isOverdetermined = !problem.isLoose(at: candidate.latent)
    let smallest = certificate.singularValues.last ?? 0
    let length = candidate.latentNorm
    let reach = (2 * candidate.loss).squareRoot() / max(smallest, .leastNormalMagnitude)
    // With noise, the deviations that are stated have to hold; bounded errors state none.
    let isSharp =
      problem.noise.isNoiseless
      ? reach <= 1e-3 * length
      : problem.noise.isKnown
        && (problem.noise.isLikelihoodFlat || certificate.doIntervalsHold == true)
    self = isOverdetermined && isSharp ? .recovered : .consistent
  }
}

extension InverseProblem {
  /// Multiplications of a full Jacobian up to which the pieces around a latent are looked at. Beyond,
  /// units are so many that none of them decides the rank.
  private static let jacobianMultiplicationsMax = 100_000_000

  /// Whether rounding cannot tell the latent from one of the next piece of the network, and the
  /// observation leaves directions open there: a unit that is barely on determines nothing.
  fileprivate func isEdge(_ latent: [Float], _ region: ActivationRegion?) -> Bool {
    let reach = 1e-4 * sumOfSquares(latent).squareRoot()
    guard let region, region.boundaryDistance < reach,
      latentCount * forward.multiplyCount <= Self.jacobianMultiplicationsMax
    else { return false }
    // A constant seed: the answer belongs to the latent.
    var random = RandomNumbers(seed: 0, stream: 0x6564_6765)
    return (0..<2).contains { _ in
      let direction = random.normal(count: 1, width: latentCount).values
      let length = Float(reach / sumOfSquares(direction).squareRoot())
      return [length, -length].contains { step in
        let next = zip(latent, direction).map { $0 + step * $1 }
        return JacobianSpectrum(forward, at: next).rank < latentCount
      }
    }
  }
}
