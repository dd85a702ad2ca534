import Inversion
import LinearAlgebra

/// Linear programs of every kind that an engine may meet: with an optimum, infeasible, unbounded,
/// degenerate, without rows or columns, rank-deficient, badly scaled. Nothing is known of one but that
/// its numbers are multiples of 1/8, so that what is tight is so exactly, times powers of two.
struct RandomLinearProgram {
  enum Kind: Int, CaseIterable {
    /// Independent numbers: mostly infeasible or unbounded.
    case plain
    /// Feasible at a point that was drawn before.
    case feasible
    /// With an optimum that was drawn before.
    case planted
    /// Rows and columns that repeat, small integers, many bounds met at once.
    case degenerate
    /// Products of factors with few columns.
    case rankDeficient
    /// Rows and columns multiplied by up to 2^12 and divided by as much.
    case badlyScaled
    /// Many zeros, empty rows and columns.
    case sparse
  }

  let program: LinearProgram
  let kind: Kind

  init(seed: UInt64) {
    var source = RandomNumbers(seed: seed, stream: 7)
    let kind = Kind.allCases[Int(seed % UInt64(Kind.allCases.count))]
    self.kind = kind
    let rowCount = Int.random(in: 0...12, using: &source)
    let columnCount = Int.random(in: 0...10, using: &source)
    func eighths(_ range: ClosedRange<Int>) -> Double {
      Double(Int.random(in: range, using: &source)) / 8
    }
    if kind == .planted || kind == .badlyScaled {
      let planted = RandomProgram(
        seed: seed, rowCount: max(rowCount, 1), columnCount: max(columnCount, 1))
      program =
        kind == .planted ? planted.program : Self.scaled(planted.program, using: &source)
      return
    }
    let isSmall = kind == .degenerate
    func entry() -> Double {
      if kind == .sparse, Int.random(in: 0..<10, using: &source) < 7 { return 0 }
      return isSmall ? Double(Int.random(in: -1...1, using: &source)) : eighths(-16...16)
    }
    var matrix = (0..<rowCount * columnCount).map { _ in entry() }
    if kind == .rankDeficient, rowCount > 0, columnCount > 0 {
      let rank = Int.random(in: 1...max(1, min(rowCount, columnCount) - 1), using: &source)
      let left = (0..<rowCount * rank).map { _ in Double(Int.random(in: -2...2, using: &source)) }
      let right = (0..<rank * columnCount).map { _ in eighths(-8...8) }
      for row in 0..<rowCount {
        for column in 0..<columnCount {
          matrix[row * columnCount + column] = (0..<rank).reduce(0) {
            $0 + left[row * rank + $1] * right[$1 * columnCount + column]
          }
        }
      }
    }
    if kind == .degenerate, rowCount > 1 {
      for column in 0..<columnCount {
        matrix[(rowCount - 1) * columnCount + column] = matrix[column]
      }
    }
    let point = (0..<columnCount).map { _ in isSmall ? 0 : eighths(-16...16) }
    let image = (0..<rowCount).map { row in
      (0..<columnCount).reduce(0) { $0 + matrix[row * columnCount + $1] * point[$1] }
    }
    let isFeasible = kind != .plain && Int.random(in: 0..<4, using: &source) > 0
    func bounds(around value: Double) -> LinearProgram.Bounds {
      let center = isFeasible ? value : eighths(-16...16)
      let below = center - max(0, eighths(-8...16))
      let above = center + max(0, eighths(-8...16))
      switch Int.random(in: 0..<6, using: &source) {
      case 0: return .atLeast(below)
      case 1, 2: return .atMost(above)
      case 3: return LinearProgram.Bounds(lower: below, upper: above)
      case 4: return .equal(to: center)
      default: return .free
      }
    }
    program = LinearProgram(
      objective: (0..<columnCount).map { _ in
        isSmall ? Double(Int.random(in: -1...2, using: &source)) : eighths(-8...16)
      },
      matrix: matrix, rowBounds: image.map(bounds(around:)),
      columnBounds: point.map { value in
        Int.random(in: 0..<3, using: &source) == 0 ? bounds(around: value) : .atLeast(value - 1)
      })
  }

  private static func scaled(
    _ program: LinearProgram, using source: inout RandomNumbers
  ) -> LinearProgram {
    func factor() -> Double {
      Double(sign: .plus, exponent: Int.random(in: -12...12, using: &source), significand: 1)
    }
    let rows = program.rowBounds.map { _ in factor() }
    let columns = program.columnBounds.map { _ in factor() }
    return LinearProgram(
      objective: zip(program.objective, columns).map { $0 * $1 },
      matrix: program.matrix.enumerated().map { place, entry in
        entry * rows[place / program.columnCount] * columns[place % program.columnCount]
      },
      rowBounds: zip(program.rowBounds, rows).map {
        LinearProgram.Bounds(lower: $0.lower * $1, upper: $0.upper * $1)
      },
      columnBounds: zip(program.columnBounds, columns).map {
        LinearProgram.Bounds(lower: $0.lower / $1, upper: $0.upper / $1)
      })
  }
}
