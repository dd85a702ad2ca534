import LinearAlgebra
import Networks

/// How the uncertainty of a latent spreads through a generator: for every unit in front of an
/// activation and for every output, the length of its gradient in the latent and its variance.
///
/// The directions that are carried are the eigenvectors `v_j` of the inverse of the latent's
/// covariance: with `t_j` the derivative of a unit along `v_j` and `s_j^2` the eigenvalue, its
/// variance is `sum_j t_j^2 / s_j^2`, the diagonal of `T C T^T`. Nothing of size n x n is formed, and
/// only as many directions are carried at once as fit in bounded memory.
struct DeviationPropagation {
  /// The units of one activation, or the outputs.
  struct Layer {
    /// `nil` for the outputs.
    let function: (any ActivationFunction)?
    /// What the units are at the latent.
    let values: [Float]
    /// Squared length of each unit's gradient.
    fileprivate(set) var squares: [Double]
    /// Variance of each, as far as the data determine it.
    fileprivate(set) var variances: [Double]
    /// Squared length of the gradient's part in directions that the data leave open.
    fileprivate(set) var openSquares: [Double]

    fileprivate init(function: (any ActivationFunction)?, values: [Float]) {
      self.function = function
      self.values = values
      squares = [Double](repeating: 0, count: values.count)
      variances = squares
      openSquares = squares
    }

    /// Squared lengths that are no more than this are rounding of the others.
    fileprivate(set) var stillness = 0.0

    fileprivate mutating func settle() { stillness = 1e-12 * (squares.max() ?? 0) }

    /// Infinite for a unit that moves with what the data leave open.
    func deviation(of unit: Int) -> Double {
      // A thousandth of the gradient, as for the latent's own entries.
      if openSquares[unit] > max(1e-6 * squares[unit], stillness) { return .infinity }
      return variances[unit].squareRoot()
    }
  }

  /// In the order of computation, those of branches in the order of the graph.
  private(set) var activations: [Layer] = []
  private(set) var outputs: Layer

  /// Numbers of tangents that are carried at once; one direction is carried whatever its size.
  private static let numbersMax = 1 << 26

  /// `nil` where the derivative is not finite.
  init?(_ generator: Generator, at latent: [Float], _ spectrum: JacobianSpectrum) {
    let size = spectrum.size
    guard size > 0, spectrum.vectors.count == size * size else { return nil }
    let together = max(1, Self.numbersMax / max(1, generator.widestCount))
    outputs = Layer(function: nil, values: [])
    var isFirst = true
    for start in stride(from: 0, to: size, by: together) {
      let directions = start..<min(start + together, size)
      var rows = latent
      rows += spectrum.vectors[directions.lowerBound * size..<directions.upperBound * size]
        .map { Float($0) }
      var place = 0
      let end = Self.carry(
        Batch(count: directions.count + 1, width: size, values: rows), through: generator.stages
      ) { map, rows in
        if isFirst {
          activations.append(Layer(function: map.function, values: Array(rows[0])))
        }
        Self.add(rows, directions, spectrum, to: &activations[place])
        place += 1
      }
      if isFirst { outputs = Layer(function: nil, values: Array(end[0])) }
      Self.add(end, directions, spectrum, to: &outputs)
      isFirst = false
    }
    for place in activations.indices { activations[place].settle() }
    outputs.settle()
  }

  /// Carries a value, the first row, and tangents, the others.
  private static func carry(
    _ rows: Batch, through stages: [any DifferentiableMap],
    atActivation: (any ElementwiseMap, Batch) -> Void
  ) -> Batch {
    func step(_ map: any DifferentiableMap, _ rows: Batch) -> Batch {
      if let graph = map as? Graph { return graph.carry(rows, through: step) }
      if let activation = map as? any ElementwiseMap { atActivation(activation, rows) }
      let linearization = map.linearize(at: rows.rows([0]))
      let tangents = linearization.jacobian.apply(rows.rows(Array(1..<rows.count)))
      return Batch(
        count: rows.count, width: map.outputCount,
        values: linearization.value.values + tangents.values)
    }
    return stages.reduce(rows) { step($1, $0) }
  }

  private static func add(
    _ rows: Batch, _ directions: Range<Int>, _ spectrum: JacobianSpectrum, to layer: inout Layer
  ) {
    for (row, direction) in directions.enumerated() {
      let tangents = rows[row + 1]
      Self.add(tangents, weight: 1, to: &layer.squares)
      if spectrum.isDetermined(direction) {
        Self.add(tangents, weight: 1 / spectrum.eigenvalues[direction], to: &layer.variances)
      } else {
        Self.add(tangents, weight: 1, to: &layer.openSquares)
      }
    }
  }

  /// `sums += weight * tangents^2`
  private static func add(
    _ tangents: ArraySlice<Float>, weight: Double, to sums: inout [Double]
  ) {
    sums.withUnsafeMutableBufferPointer { sums in
      tangents.withUnsafeBufferPointer { tangents in
        for unit in 0..<sums.count {
          sums[unit] += weight * Double(tangents[unit]) * Double(tangents[unit])
        }
      }
    }
  }
}
