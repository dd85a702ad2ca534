import LinearAlgebra
import Networks

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension InverseProblem {
  /// Observed numbers that can tell latents apart. Those that are zero because the units before
  /// them are off cannot; nor can more numbers than there are entries of the signal that move.
  func informativeCount(at latent: [Float]) -> Int {
    let largest = observation.reduce(0) { max($0, abs($1)) }
    let seen = observation.count { abs($0) > 1e-6 * largest }
    // A tangent in general position moves whatever moves.
    var random = RandomNumbers(seed: 0, stream: 0x6d6f_7665)
    let tangent = random.normal(count: 1, width: latentCount)
    let moved = generator.linearize(at: Batch(row: latent)).jacobian.apply(tangent)
    return min(seen, moved.values.count { $0 != 0 })
  }

  /// Whether so few numbers tell latents apart that others may well meet them too: each number
  /// beyond the latent's entries is met by chance about as rarely as rounding is small.
  func isLoose(at latent: [Float]) -> Bool {
    informativeCount(at: latent) <= latentCount + max(4, latentCount / 5)
  }

  /// The logarithm of the posterior weight of a latent that explains noiseless data, up to a
  /// constant: its density times the volume of latents that a small error of the data would leave.
  func logarithmicWeight(of latent: [Float]) -> Double {
    let eigenvalues = JacobianSpectrum(forward, at: latent).eigenvalues
    let density =
      switch generator.latentDistribution {
      case .standardNormal: -sumOfSquares(latent) / 2
      case .uniform: latent.allSatisfy { abs($0) <= 1.001 } ? 0 : -Double.infinity
      }
    return density - eigenvalues.reduce(0) { $0 + log(max($1, .leastNormalMagnitude)) } / 2
  }
}
