import Inversion
import LinearAlgebra
import Testing

/// Layers that leave something open or say too little: every program has an answer all the same, with
/// certificates in order. They have columns enough for sums in single precision.
struct CornerLayerTests {
  enum Corner: String, CaseIterable {
    case repeatedColumns, zeroRows, allInactive, allZero, fewActiveRows, fewerRowsThanColumns
    case smallWeights, largeWeights, rowsOfManyScales, oneColumn

    var equations: LayerEquations {
      let layer = RandomLayer(seed: 4, columnCount: 50, rowCount: 160).equations
      var changed = layer
      let (rowCount, columnCount) = (layer.rowCount, layer.columnCount)
      func selecting(_ rows: [Int], _ columns: [Int]) -> LayerEquations {
        LayerEquations(
          matrix: layer.matrix.selecting(rows: rows).selecting(columns: columns),
          values: rows.map { layer.values[$0] }, isActive: rows.map { layer.isActive[$0] },
          rowScales: rows.map { layer.rowScales[$0] }, isNonnegative: layer.isNonnegative)
      }
      switch self {
      case .repeatedColumns:
        return selecting(Array(0..<rowCount), Array(0..<columnCount) + [0, 1, 2])
      case .zeroRows:
        for row in 0..<8 { for column in 0..<columnCount { changed.matrix[row, column] = 0 } }
      case .allInactive:
        changed.values = layer.values.map { -0.1 * abs($0) }
        changed.isActive = layer.isActive.map { _ in false }
      case .allZero:
        changed.values = layer.values.map { _ in 0 }
        changed.isActive = layer.isActive.map { _ in false }
      case .fewActiveRows:
        let few = layer.isActive.indices.filter { layer.isActive[$0] }.prefix(20)
        changed.isActive = layer.isActive.indices.map { few.contains($0) }
        changed.values = layer.values.indices.map { few.contains($0) ? layer.values[$0] : 0.02 }
      case .fewerRowsThanColumns:
        return selecting(Array(0..<30), Array(0..<columnCount))
      case .smallWeights:
        changed.matrix = layer.matrix.scaled(rows: Array(repeating: 1e-8, count: rowCount))
      case .largeWeights:
        changed.matrix = layer.matrix.scaled(rows: Array(repeating: 1e8, count: rowCount))
      case .rowsOfManyScales:
        // From 1e-4 to 1e4, and the values along with the rows.
        var factor = 1e-4
        let factors = (0..<rowCount).map { _ in
          defer { factor *= 1.123 }
          return factor
        }
        changed.matrix = layer.matrix.scaled(rows: factors)
        changed.values = zip(layer.values, factors).map { $0 * $1 }
      case .oneColumn:
        return selecting(Array(0..<rowCount), [0])
      }
      return changed
    }
  }

  @Test(arguments: Corner.allCases, [false, true])
  func everyProgramHasAnAnswer(corner: Corner, isNonnegative: Bool) throws {
    var equations = corner.equations
    equations.isNonnegative = isNonnegative
    let weights = [Double](repeating: 1, count: equations.rowCount)
    let largest = equations.values.reduce(0) { max($0, abs($1)) }
    let size = largest > 0 ? largest : 1
    let programs = [
      ("supremum", LayerProgram.supremum(equations)),
      ("absolute", LayerProgram.absolute(equations)),
      ("relaxed", LayerProgram.relaxed(equations, signal: equations.values, slack: 0.02 * size)),
      ("pursuit", LayerProgram.pursuit(equations, weights: weights, penalty: 0, ridge: 0)),
    ]
    for (name, program) in programs {
      let solution = try InteriorPointEngine().solve(program)
      let context = Comment("\(name), \(corner)")
      if corner != .smallWeights, corner != .largeWeights {
        // Beyond these, the simplex method's tolerances have no meaning.
        let reference = try GLPKEngine().solve(program.linear)
        #expect(solution.status == reference.status, context)
        if solution.status == .optimal, program.quadratic == nil {
          let difference = abs(solution.objective - reference.objective)
          // In units of the values, the tolerances of the simplex method.
          #expect(difference < 1e-6 * (size + abs(reference.objective)), context)
        }
      }
      guard solution.status == .optimal else { continue }
      #expect(solution.relativeGap < 1e-9, context)
      // Small weights make large points, and bounds are measured on those.
      let pointScale = corner == .smallWeights ? 1e8 : 1
      #expect(solution.primalViolation <= 1e-8 * size * pointScale, context)
    }
  }
}

extension HingeProgram {
  /// The program itself, or, where it is quadratic, the question whether its rows leave a point.
  fileprivate var linear: HingeProgram {
    guard quadratic != nil else { return self }
    return HingeProgram(
      objective: objective.map { _ in 0 }, rows: rows, limits: limits, penalties: penalties)
  }
}
