import Inversion
import LinearAlgebra

/// A layer with Gaussian weights and a ReLU, leaky or not, its output with bounded noise, and the input
/// that it had.
struct RandomLayer {
  let equations: LayerEquations
  let input: [Double]
  let noise: Double

  init(
    seed: UInt64, columnCount: Int, rowCount: Int, isNonnegative: Bool = false,
    noise: Double = 0.02, slope: Double = 0
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
    let values = before.map {
      ($0 > 0 ? $0 : slope * $0) + noise * size * (2 * random.uniform() - 1)
    }
    // A leaky ReLU is undone, and its errors grow with it.
    let isUndone = values.map { slope > 0 && $0 < 0 }
    equations = LayerEquations(
      matrix: matrix, values: zip(values, isUndone).map { $1 ? $0 / slope : $0 },
      isActive: values.map { slope > 0 || $0 > noise * size },
      rowScales: isUndone.map { $0 ? 1 / slope : 1 }, isNonnegative: isNonnegative)
    self.input = input
    self.noise = noise * size
  }
}
