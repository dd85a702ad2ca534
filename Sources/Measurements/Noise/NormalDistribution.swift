import Foundation

/// The standard normal distribution, with tails that neither vanish nor cancel.
enum NormalDistribution {
  /// `phi(u)`
  static func density(_ u: Double) -> Double { exp(-u * u / 2) * 0.398_942_280_401_432_7 }

  /// `Phi(u)`
  static func probability(below u: Double) -> Double { erfc(-u * 0.5.squareRoot()) / 2 }

  /// `log Phi(u)`; by its asymptotic series where `Phi` itself would be lost.
  static func logProbability(below u: Double) -> Double {
    if u > 5 { return log1p(-probability(below: -u)) }
    if u > tail { return log(probability(below: u)) }
    return -u * u / 2 - log(-u) - 0.918_938_533_204_672_7 + log1p(correction(u))
  }

  /// `phi(u) / Phi(u)`, the derivative of `log Phi`.
  static func hazard(_ u: Double) -> Double {
    u > tail ? density(u) / probability(below: u) : -u / (1 + correction(u))
  }

  private static let tail = -30.0

  /// Of `phi(u) / -u` to `Phi(u)`, as a share; below 1e-12 beyond the terms that are kept.
  private static func correction(_ u: Double) -> Double {
    let inverse = 1 / (u * u)
    return inverse * (-1 + inverse * (3 + inverse * (-15 + inverse * 105)))
  }
}
