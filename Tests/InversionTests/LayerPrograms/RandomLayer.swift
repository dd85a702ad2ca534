import Inversion
import LinearAlgebra

/// A ReLU layer with Gaussian weights, its output with bounded noise, and the input that it had.
struct RandomLayer {
  let equations: LayerEquations
  let input: [Double]
  let noise: Double

  init(
    seed: UInt64, columnCount: Int, rowCount: Int, isNonnegative: Bool = false,
    noise: Double = 0.02
  ) {
    var random = RandomNumbers(seed: seed)
    let matrix = DenseMatrix(
      rowCount: rowCount, columnCount: columnCount,
      values: (0..<rowCount * columnCount).map { _ in
        random.normal() / Double(rowCount).squareRoot()
      })
    let input = (0..<columnCount).map { _ in
      isNonnegative ? max(random.normal(), 0) : random.normal()
    }
    let before = matrix.apply(input)
    let size = (before.reduce(0) { $0 + $1 * $1 } / Double(rowCount)).squareRoot()
    let values = before.map { max($0, 0) + noise * size * (2 * random.uniform() - 1) }
    equations = LayerEquations(
      matrix: matrix, values: values, isActive: values.map { $0 > noise * size },
      rowScales: [Double](repeating: 1, count: rowCount), isNonnegative: isNonnegative)
    self.input = input
    self.noise = noise * size
  }
}
