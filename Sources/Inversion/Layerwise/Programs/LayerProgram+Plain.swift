import LinearAlgebra

extension LayerProgram {
  /// Without starting points, until those are written.
  static func absolute(_ e: LayerEquations) -> HingeProgram {
    let m = e.matrix.scaled(rows: e.rowScales.map { 1 / $0 })
    let v = zip(e.values, e.rowScales).map { $0 / $1 }
    let rows = ProgramRows(
      matrix: m, margins: nil, upper: Array(0..<e.rowCount), lower: [], floors: e.floors)
    let c = m.applyAdjoint(e.isActive.map { $0 ? -1 : 0 })
    return HingeProgram(
      objective: c, rows: rows, limits: v + e.floors.map { _ in 0 },
      penalties: e.isActive.map { $0 ? 2 : 1 } + e.floors.map { _ in .infinity })
  }
  static func relaxed(_ e: LayerEquations, signal: [Double], slack: Double) -> HingeProgram {
    let rows = ProgramRows(
      matrix: e.matrix, margins: nil, upper: Array(0..<e.rowCount), lower: [], floors: e.floors)
    let c = e.matrix.applyAdjoint(signal.map { $0 > 2 * slack ? -$0 : 0 })
    return HingeProgram(
      objective: c, rows: rows,
      limits: zip(e.values, e.isActive).map { $0 + ($1 ? slack : slack) } + e.floors.map { _ in 0 },
      penalties: [Double](repeating: .infinity, count: rows.count))
  }
  static func pursuit(_ e: LayerEquations, weights: [Double], penalty: Double, ridge: Double)
    -> HingeProgram
  {
    let w = zip(weights, e.isActive).map { $1 ? $0 * $0 : 0 }
    let H = e.matrix.gram(weights: w).shifted(by: ridge)
    let c = e.matrix.applyAdjoint(zip(w, e.values).map { -$0 * $1 }).map { $0 + penalty }
    let up = e.isActive.indices.filter { !e.isActive[$0] }
    let rows = ProgramRows(matrix: e.matrix, margins: nil, upper: up, lower: [], floors: e.floors)
    return HingeProgram(
      quadratic: H, objective: c, rows: rows,
      limits: up.map { e.values[$0] } + e.floors.map { _ in 0 },
      penalties: [Double](repeating: .infinity, count: rows.count))
  }
}
