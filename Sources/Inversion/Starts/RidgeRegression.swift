import LinearAlgebra

/// Least squares with a ridge, `min |X W - Y|^2 + ridge |W|^2` after centring, in the primal form
/// (one equation a feature) or the kernel form (one a sample), whichever is smaller.
struct RidgeRegression {
  let inputMean: [Float]
  let targetMean: [Float]
  private let inputs: Batch
  private let targets: Batch
  private let isPrimal: Bool
  /// `X^T X`, or `X X^T`.
  private let gramMatrix: SymmetricMatrix

  init(inputs: Batch, targets: Batch) {
    inputMean = Self.mean(inputs)
    targetMean = Self.mean(targets)
    let centred = Translation(origin: inputMean).evaluate(inputs)
    self.inputs = centred
    self.targets = Translation(origin: targetMean).evaluate(targets)
    let primal = centred.width <= centred.count
    isPrimal = primal
    let size = primal ? centred.width : centred.count
    var product = [Float](repeating: 0, count: size * size)
    centred.values.withUnsafeBufferPointer { values in
      guard let base = values.baseAddress else { return }
      let view = MatrixView(base, rows: centred.count, columns: centred.width)
      gram(view, primal ? .transposed : .none, into: &product)
    }
    gramMatrix = SymmetricMatrix(size: size, values: product.map(Double.init))
  }

  /// `W`, `[features, targets]` row-major; `nil` when the equations cannot be solved.
  ///
  /// - Parameter ridge: as a share of the mean of the diagonal.
  func weight(ridge: Double) -> [Float]? {
    let scale = gramMatrix.meanDiagonal
    guard scale > 0, let factor = gramMatrix.shifted(by: ridge * scale).cholesky() else {
      return nil
    }
    // Primal: W = (X'X + r)^-1 X'Y.  Kernel: W = X' (XX' + r)^-1 Y.
    let right = isPrimal ? transposedProduct(inputs, targets) : targets.values
    var solved = [Float](repeating: 0, count: right.count)
    let columns = targets.width
    for column in 0..<columns {
      let solution = factor.solve(
        (0..<factor.size).map { Double(right[$0 * columns + column]) })
      for row in 0..<factor.size { solved[row * columns + column] = Float(solution[row]) }
    }
    guard solved.allSatisfy(\.isFinite) else { return nil }
    if isPrimal { return solved }
    return transposedProduct(
      inputs, Batch(count: inputs.count, width: columns, values: solved))
  }

  /// `a^T b`, row-major.
  private func transposedProduct(_ a: Batch, _ b: Batch) -> [Float] {
    var product = [Float](repeating: 0, count: a.width * b.width)
    a.values.withUnsafeBufferPointer { x in
      b.values.withUnsafeBufferPointer { y in
        guard let x = x.baseAddress, let y = y.baseAddress else { return }
        multiply(
          MatrixView(x, rows: a.count, columns: a.width), .transposed,
          MatrixView(y, rows: b.count, columns: b.width), .none, into: &product)
      }
    }
    return product
  }

  private static func mean(_ batch: Batch) -> [Float] {
    var sums = [Double](repeating: 0, count: batch.width)
    for row in 0..<batch.count {
      for (entry, value) in batch[row].enumerated() { sums[entry] += Double(value) }
    }
    return sums.map { Float($0 / Double(max(batch.count, 1))) }
  }
}
