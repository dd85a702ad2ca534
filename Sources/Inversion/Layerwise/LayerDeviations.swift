import LinearAlgebra

extension LayerTask {
  /// How the errors of a layer's outputs become errors of its inputs, so that the next layer's tests
  /// know what to tell from zero: standard deviations of the inputs that are not zero, the square
  /// roots of the diagonal of `(W_S^T D^-2 W_S)^-1` over the columns of the support. Those of the
  /// zeros are that of the most uncertain one. What the known rows leave open is as uncertain as it
  /// is large.
  ///
  /// What a program leaves is added: its entries are right to about as many digits as its gap.
  func inputDeviations(_ estimate: LayerEstimate) -> [Double] {
    let deviations = deviations(of: estimate.inputs)
    guard estimate.report.program != nil, !estimate.report.isCrossedOver else { return deviations }
    let left = Self.programError * estimate.inputs.reduce(0) { max($0, abs($1)) }
    return deviations.map { max($0, left) }
  }

  /// Of a program's entries, as a share of the largest.
  private static let programError = 1e-7

  private func deviations(of inputs: [Double]) -> [Double] {
    let size = inputs.reduce(0) { max($0, abs($1)) }
    let support = inputs.indices.filter { inputs[$0] != 0 }
    guard !support.isEmpty else { return inputs }
    let known = rows.known
    let unit = known.reduce(Double.infinity) { min($0, rows.deviations[$1]) }
    guard unit.isFinite else { return inputs.map { _ in size } }
    guard let whole = weights.matrix else {
      return inputs.map { _ in min(typicalDeviation(known), size) }
    }
    let gram = whole.selecting(rows: known).selecting(columns: support).gram(
      weights: known.map {
        let ratio = unit / rows.deviations[$0]
        return ratio * ratio
      })
    guard let factor = gram.cholesky() else { return inputs.map { _ in size } }
    let deviations = factor.inverseDiagonal().map { min($0.squareRoot() * unit, size) }
    let widest = deviations.max() ?? size
    var all = inputs.map { _ in widest }
    for (entry, deviation) in zip(support, deviations) { all[entry] = deviation }
    return all
  }

  /// As if the columns were orthogonal and of one length: all that products alone tell.
  private func typicalDeviation(_ known: [Int]) -> Double {
    // A column's mean square length, from what signs in random order make of all of them.
    var random = RandomNumbers(seed: 0, stream: 0x636f_6c75)
    let signs = (0..<columnCount).map { _ in random.uniform() < 0.5 ? -1.0 : 1.0 }
    let product = weights.apply(signs)
    let square = known.reduce(0.0) { $0 + product[$1] * product[$1] } / Double(columnCount)
    let errors = known.reduce(0.0) { $0 + rows.deviations[$1] * rows.deviations[$1] }
    return square > 0 ? (errors / Double(known.count) / square).squareRoot() : .infinity
  }
}
