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
  /// Other latents that explain the observation as well, where restarts found any.
  public var alternatives: [[Float]]

  /// Largest over smallest singular value; infinite when the rank is deficient.
  public var conditionNumber: Double {
    guard let largest = singularValues.first, let smallest = singularValues.last,
      rank == singularValues.count
    else { return .infinity }
    return largest / smallest
  }

  /// Singular values below this share of the largest are rounding: the Jacobian is in single
  /// precision.
  static let rankTolerance = 2e-6

  package init(
    _ problem: InverseProblem, latent: [Float], residual: ResidualNorms, alternatives: [[Float]]
  ) {
    let gram = Self.gram(of: problem, at: latent)
    let eigen = gram.eigen() ?? ([Double](repeating: 0, count: gram.size), [])
    singularValues = eigen.values.reversed().map { max($0, 0).squareRoot() }
    let threshold = Self.rankTolerance * (singularValues.first ?? 0)
    let rank = singularValues.count { $0 > threshold && $0 > 0 }
    self.rank = rank
    deadLatents = (0..<gram.size).filter { gram[$0, $0] <= threshold * threshold }
    self.alternatives = alternatives

    let freedom = problem.observedCount - rank
    if let declared = problem.noiseDeviation(at: latent) {
      sigma = declared
      isSigmaEstimated = false
    } else {
      sigma = freedom > 0 ? residual.l2 / Double(freedom).squareRoot() : nil
      isSigmaEstimated = true
    }
    if let precision = problem.precision(at: latent) {
      latentDeviations = Self.deviations(precision)
    } else {
      latentDeviations = sigma.map {
        Self.deviations(sigma: $0, rank: rank, eigenvalues: eigen.values, vectors: eigen.vectors)
      }
    }
  }

  /// The rank of `J` at any latent of a problem.
  package static func rank(of problem: InverseProblem, at latent: [Float]) -> Int {
    let eigenvalues = gram(of: problem, at: latent).eigen()?.values ?? []
    let threshold = rankTolerance * max(eigenvalues.last ?? 0, 0).squareRoot()
    return eigenvalues.count { max($0, 0).squareRoot() > threshold && $0 > 0 }
  }

  /// `J^T J`
  private static func gram(of problem: InverseProblem, at latent: [Float]) -> SymmetricMatrix {
    let jacobian = problem.forward.linearize(at: Batch(row: latent)).jacobian
    let columns =
      (jacobian as? LinearChain)?.activeColumns()?.first?.columns ?? jacobian.columns(for: 1)
    return columns.values.withUnsafeBufferPointer { values in
      values.baseAddress.map {
        SymmetricMatrix(preciseGramOf: MatrixView($0, rows: columns.count, columns: columns.width))
      } ?? SymmetricMatrix(zeros: columns.count)
    }
  }

  /// The diagonal of the inverse of a precision, square-rooted.
  private static func deviations(_ precision: SymmetricMatrix) -> [Double?] {
    let eigen = precision.eigen() ?? ([Double](repeating: 0, count: precision.size), [])
    let threshold = rankTolerance * rankTolerance * (eigen.values.last ?? 0)
    return deviations(
      sigma: 1, rank: eigen.values.count { $0 > threshold && $0 > 0 }, eigenvalues: eigen.values,
      vectors: eigen.vectors)
  }

  /// The diagonal of `sigma^2 (J^T J)^-1`, square-rooted. Entries that take part in a direction
  /// without data have none.
  private static func deviations(
    sigma: Double, rank: Int, eigenvalues: [Double], vectors: [Double]
  ) -> [Double?] {
    let size = eigenvalues.count
    guard vectors.count == size * size else { return [Double?](repeating: nil, count: size) }
    return (0..<size).map { entry in
      var variance = 0.0
      for direction in 0..<size {
        let share = vectors[direction * size + entry]
        if direction < size - rank {
          if abs(share) > 1e-3 { return nil }
        } else {
          variance += share * share / eigenvalues[direction]
        }
      }
      return sigma * variance.squareRoot()
    }
  }
}
