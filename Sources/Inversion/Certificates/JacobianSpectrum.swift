import LinearAlgebra

/// What the derivative of an observation in the latent does to directions of the latent: the
/// eigenvalues and eigenvectors of `J^T J`, which are the squared singular values of `J` and its
/// right singular vectors.
struct JacobianSpectrum {
  /// Of `J^T J`, ascending.
  let eigenvalues: [Double]
  /// `k * k` numbers, one eigenvector a row, in the order of the eigenvalues. None where `J` is not
  /// finite.
  let vectors: [Double]
  /// Directions of the latent that the observation depends on.
  let rank: Int
  /// Squared lengths of the columns of `J`.
  private let columnSquares: [Double]

  /// Singular values below this share of the largest are rounding: the Jacobian is in single
  /// precision.
  static let rankTolerance = 2e-6

  /// Of `d f / dz` at one latent.
  init(_ forward: Chain, at latent: [Float]) {
    self.init(forward.linearize(at: Batch(row: latent)).jacobian)
  }

  /// - Parameter jacobian: bound to one sample.
  init(_ jacobian: any LinearMap) {
    let columns =
      (jacobian as? LinearChain)?.activeColumns()?.first?.columns ?? jacobian.columns(for: 1)
    let gram = columns.values.withUnsafeBufferPointer { values in
      values.baseAddress.map {
        SymmetricMatrix(preciseGramOf: MatrixView($0, rows: columns.count, columns: columns.width))
      } ?? SymmetricMatrix(zeros: columns.count)
    }
    self.init(gram: gram)
  }

  /// - Parameter gram: `J^T J`, or the inverse of a covariance.
  init(gram: SymmetricMatrix) {
    let eigen = gram.eigen() ?? ([Double](repeating: 0, count: gram.size), [])
    eigenvalues = eigen.values
    vectors = eigen.vectors
    columnSquares = (0..<gram.size).map { gram[$0, $0] }
    let least = Self.rankTolerance * max(eigen.values.last ?? 0, 0).squareRoot()
    rank = eigen.values.count { $0 > 0 && $0.squareRoot() > least }
  }

  private init(
    eigenvalues: [Double], vectors: [Double], rank: Int, columnSquares: [Double]
  ) {
    self.eigenvalues = eigenvalues
    self.vectors = vectors
    self.rank = rank
    self.columnSquares = columnSquares
  }

  /// Of `factor J^T J`.
  func scaled(by factor: Double) -> JacobianSpectrum {
    JacobianSpectrum(
      eigenvalues: eigenvalues.map { $0 * factor }, vectors: vectors, rank: rank,
      columnSquares: columnSquares.map { $0 * factor })
  }

  /// The diagonal of the inverse, square-rooted. Entries that take part in a direction without data
  /// have none.
  var deviations: [Double?] {
    guard vectors.count == size * size else { return [Double?](repeating: nil, count: size) }
    return (0..<size).map { entry in
      var variance = 0.0
      for direction in 0..<size {
        let share = vectors[direction * size + entry]
        if isDetermined(direction) {
          variance += share * share / eigenvalues[direction]
        } else if abs(share) > 1e-3 {
          return nil
        }
      }
      return variance.squareRoot()
    }
  }

  /// Entries of the latent, `k`.
  var size: Int { eigenvalues.count }

  /// Largest first.
  var singularValues: [Double] { eigenvalues.reversed().map { max($0, 0).squareRoot() } }

  /// What is no larger is rounding.
  private var threshold: Double {
    Self.rankTolerance * max(eigenvalues.last ?? 0, 0).squareRoot()
  }

  /// Entries of the latent that no observed number depends on.
  var deadLatents: [Int] {
    columnSquares.indices.filter { columnSquares[$0] <= threshold * threshold }
  }

  /// Largest over smallest singular value; infinite when the rank is deficient.
  var conditionNumber: Double {
    guard size > 0, rank == size else { return .infinity }
    return (eigenvalues[size - 1] / eigenvalues[0]).squareRoot()
  }

  /// Whether the observation depends on the direction of that eigenvector.
  func isDetermined(_ direction: Int) -> Bool { direction >= size - rank }

  /// The length of the shortest step that a least squares fit of the linear model wants,
  /// `J^+ r`, and its length measured by the model, `|J J^+ r|`.
  ///
  /// - Parameter gradient: `J^T r`.
  func step(against gradient: [Double]) -> (length: Double, reach: Double) {
    guard vectors.count == size * size else { return (.infinity, .infinity) }
    let rank = rank
    var squares = (length: 0.0, reach: 0.0)
    for direction in size - rank..<size {
      var share = 0.0
      for entry in 0..<size { share += vectors[direction * size + entry] * gradient[entry] }
      squares.length += share * share / (eigenvalues[direction] * eigenvalues[direction])
      squares.reach += share * share / eigenvalues[direction]
    }
    return (squares.length.squareRoot(), squares.reach.squareRoot())
  }
}
