import LinearAlgebra

/// From a solution that is right to some digits to the exact one on its support.
///
/// Interior points and descents leave entries small that should be zero. Where the sorted entries
/// fall off most steeply, a cut is tried: the others are solved for by least squares. Of the cuts
/// whose solution stays nonnegative the one that fits best is taken, then the one with the fewest
/// entries; a cut that fits as well as the rows are known ends the search.
struct Crossover {
  let rows: KnownRows
  /// Whether entries below zero rule a cut out.
  let isNonnegative: Bool

  private static let cutsMax = 6
  /// Least squares solutions may fall below zero by as much of their largest entry.
  private static let negativeShare = 1e-6
  /// A fit that much better makes up for a larger support.
  private static let betterFit = 0.1
  /// A relative residual that is nothing but rounding.
  private static let exact = 1e-9

  /// - Returns: `nil` where no cut has a solution.
  func refined(_ x: [Double]) -> [Double]? {
    var best: (x: [Double], residual: Double, count: Int)?
    for support in Self.supports(of: x) where support.count <= rows.matrix.rowCount {
      guard let (candidate, residual) = solution(on: support) else { continue }
      if let best, residual > best.residual * Self.betterFit,
        residual > Self.exact || support.count >= best.count
      {
        continue
      }
      best = (candidate, residual, support.count)
      if residual <= max(Self.exact, 3 * rows.resolution) { break }
    }
    return best?.x
  }

  /// The entries above each of the steepest falls, and all of them.
  private static func supports(of x: [Double]) -> [[Int]] {
    let largest = x.reduce(0) { max($0, abs($1)) }
    guard largest > 0 else { return [] }
    let order = x.indices.sorted { abs(x[$0]) > abs(x[$1]) }
    let sizes = order.map { max(abs(x[$0]) / largest, 1e-14) }
    let falls = (0..<max(sizes.count - 1, 0)).map {
      (count: $0 + 1, fall: sizes[$0] / sizes[$0 + 1])
    }
    .sorted { $0.fall > $1.fall }
    let counts = falls.prefix(cutsMax).map(\.count) + [order.count]
    return counts.map { order.prefix($0).sorted() }
  }

  private func solution(on support: [Int]) -> (x: [Double], residual: Double)? {
    let solution = rows.selecting(columns: support).leastSquares()
    guard solution.rank == support.count else { return nil }
    let largest = solution.x.reduce(0) { max($0, abs($1)) }
    if isNonnegative, solution.x.contains(where: { $0 < -Self.negativeShare * largest }) {
      return nil
    }
    var x = [Double](repeating: 0, count: rows.matrix.columnCount)
    for (entry, value) in zip(support, solution.x) {
      x[entry] = isNonnegative ? max(value, 0) : value
    }
    return (x, rows.relativeResidual(of: x))
  }
}

extension KnownRows {
  /// `|W x - v| / |v|`, in units of the rows' errors.
  func relativeResidual(of x: [Double]) -> Double {
    let square = zip(matrix.apply(x), values).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    let scale = values.reduce(0) { $0 + $1 * $1 }
    return scale > 0 ? (square / scale).squareRoot() : square.squareRoot()
  }
}

extension LayerTask {
  /// An exact solution on the support in the place of a program's, where there is no noise and it
  /// fits no worse.
  ///
  /// - Parameters:
  ///   - isNonnegative: whether the method keeps the inputs from falling below zero; `nil` for what the
  ///     layer says.
  ///   - makesSquaresSmall: whether the method makes the sum of squares small, whose solution with noise
  ///     is that of least squares on its support, too.
  func crossedOver(
    _ inputs: [Double], _ rows: LayerRows, _ program: LayerReport.ProgramReport,
    isNonnegative: Bool? = nil, makesSquaresSmall: Bool = false
  ) -> LayerEstimate {
    let isNonnegative = isNonnegative ?? self.isNonnegative
    let inputs = isNonnegative ? Self.withoutDust(inputs) : inputs
    guard isExact || makesSquaresSmall, let known = KnownRows(self, rows),
      let exact = Crossover(rows: known, isNonnegative: isNonnegative)
        .refined(inputs),
      known.relativeResidual(of: exact) <= max(known.relativeResidual(of: inputs), 1e-9),
      rows.violation(of: weights.apply(exact))
        <= max(rows.violation(of: weights.apply(inputs)), 10 * rows.typicalDeviation)
    else {
      return LayerEstimate(
        inputs: inputs, report: LayerReport(self, inputs: inputs, rows: rows, program: program))
    }
    var report = LayerReport(self, inputs: exact, rows: rows, program: program)
    report.isCrossedOver = true
    return LayerEstimate(inputs: exact, report: report)
  }

  /// What an interior point leaves of a zero.
  private static func withoutDust(_ inputs: [Double]) -> [Double] {
    let largest = inputs.reduce(0, max)
    return inputs.map { $0 > 1e-9 * largest ? $0 : 0 }
  }
}
