import LinearAlgebra
import Measurements

/// The normal distribution of a latent around a solution, as the linear model has it: of covariance
/// `unit^2 M^-1`.
struct LinearModel {
  /// Of `M`: `J^T J` where all numbers are equally uncertain and nothing else is known of the latent;
  /// else the precision that noise and prior give together, in whose units `unit` is 1.
  let spectrum: JacobianSpectrum
  let unit: Double

  /// `nil` without an estimate of the noise.
  ///
  /// - Parameters:
  ///   - spectrum: of `J^T J`.
  ///   - sigma: of the noise.
  init?(
    _ problem: InverseProblem, at latent: [Float], _ spectrum: JacobianSpectrum, sigma: Double?
  ) {
    if !problem.isLeastSquares, let precision = problem.precision(at: latent) {
      (self.spectrum, unit) = (JacobianSpectrum(gram: precision), 1)
    } else if let sigma {
      (self.spectrum, unit) = (spectrum, sigma)
    } else {
      return nil
    }
  }

  /// - Parameter deviation: for noise of deviation 1; infinite for what the data leave open, however
  ///   small the noise.
  func deviation(_ deviation: Double) -> Double {
    deviation.isFinite ? unit * deviation : .infinity
  }
}

extension InverseProblem {
  /// Whether solvers make `|A G(z) - y|^2` small and nothing else, of numbers that are equally
  /// uncertain.
  var isLeastSquares: Bool {
    prior == .none && (noise.isNoiseless || noise is GaussianNoise && noise.clipping == nil)
      && measurement.surrogate(for: observation) == nil
  }
}
