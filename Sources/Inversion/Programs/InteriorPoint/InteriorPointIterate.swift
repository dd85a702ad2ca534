import LinearAlgebra

/// A program in its own units, and all that an interior-point iteration reads and writes, in memory
/// that is taken once a solve.
///
/// Rows come in one order throughout, that of `ProgramRows`. `weights` and the like are of rows;
/// `point` and the like of columns.
final class InteriorPointIterate {
  typealias Vector = UnsafeMutableBufferPointer<Double>

  let program: HingeProgram
  let products: RowProducts
  let equations: WeightedNormalEquations
  let rowCount: Int
  let columnCount: Int
  /// Rows whose excess is forgiven at a price.
  let softCount: Int
  var isQuadratic: Bool { program.quadratic != nil }

  /// `H`'s factor in the program's units.
  let quadraticScale: Double
  /// By column: what one unit of the point is in the caller's.
  let columnUnits: [Double]
  /// By row, likewise of limits and slacks.
  let rowUnits: [Double]
  let objectiveUnit: Double
  /// The objective's, in its unit.
  var constant: Double { program.constant / objectiveUnit }

  // Of rows. `soft` is 1 where an excess is forgiven, 0 where not; there `excess` is 0 and `room` 1.
  let limits, soft, slack, dual, excess, room: Vector
  let image, primalResidual, weights, right, weighted: Vector
  let slackStep, dualStep, excessStep, imageStep: Vector
  let bestDual: Vector
  // Of columns.
  let costs, point, step, gradient, dualResidual, columnRight, bestPoint: Vector
  private let memory: Vector

  init(_ program: HingeProgram) {
    self.program = program
    let rows = program.rows
    rowCount = rows.count
    columnCount = rows.columnCount
    let units = program.units
    objectiveUnit = units.objective
    var columnUnits = [Double](repeating: units.column, count: columnCount)
    var marginScale = 1.0
    if rows.margins != nil {
      let marginUnit = program.unit(ofColumn: columnCount - 1)
      columnUnits[columnCount - 1] = marginUnit
      marginScale = marginUnit / units.row
    }
    self.columnUnits = columnUnits
    rowUnits =
      Array(repeating: units.row, count: rows.boundsStart) + rows.floors.map { columnUnits[$0] }
      + rows.ceilings.map { columnUnits[$0] }
    quadraticScale = units.column * units.column / units.objective
    products = RowProducts(
      rows,
      scale: RowProducts.Scale(matrix: units.column / units.row, margin: marginScale))
    equations = WeightedNormalEquations(size: columnCount, rowCount: rows.matrix.rowCount)

    let memory = Vector.allocate(capacity: 16 * rowCount + 7 * columnCount)
    memory.initialize(repeating: 0)
    self.memory = memory
    var taken = 0
    func take(_ count: Int) -> Vector {
      defer { taken += count }
      return Vector(rebasing: memory[taken..<taken + count])
    }
    limits = take(rowCount)
    soft = take(rowCount)
    slack = take(rowCount)
    dual = take(rowCount)
    excess = take(rowCount)
    room = take(rowCount)
    image = take(rowCount)
    primalResidual = take(rowCount)
    weights = take(rowCount)
    right = take(rowCount)
    weighted = take(rowCount)
    slackStep = take(rowCount)
    dualStep = take(rowCount)
    excessStep = take(rowCount)
    imageStep = take(rowCount)
    bestDual = take(rowCount)
    costs = take(columnCount)
    point = take(columnCount)
    step = take(columnCount)
    gradient = take(columnCount)
    dualResidual = take(columnCount)
    columnRight = take(columnCount)
    bestPoint = take(columnCount)

    for row in 0..<rowCount {
      limits[row] = program.limits[row] / rowUnits[row]
      soft[row] = program.penalties[row].isFinite ? 1 : 0
    }
    softCount = program.penalties.reduce(0) { $0 + ($1.isFinite ? 1 : 0) }
    for column in 0..<columnCount {
      costs[column] = program.objective[column] * columnUnits[column] / objectiveUnit
    }
  }

  deinit {
    memory.deallocate()
  }

  /// The penalty of a row whose excess is forgiven, in the program's units.
  func penalty(_ row: Int) -> Double { program.penalties[row] * rowUnits[row] / objectiveUnit }

  func place(at start: HingeProgram.Start) {
    for column in 0..<columnCount { point[column] = start.point[column] / columnUnits[column] }
    for row in 0..<rowCount {
      slack[row] = start.slacks[row] / rowUnits[row]
      dual[row] = start.duals[row] * rowUnits[row] / objectiveUnit
      let isSoft = soft[row] > 0
      excess[row] = isSoft ? start.excesses[row] / rowUnits[row] : 0
      room[row] = isSoft ? penalty(row) - dual[row] : 1
    }
  }

  /// `Hz` in the program's units, added to `vector`.
  func addQuadratic(_ point: Vector, to vector: Vector) {
    guard let quadratic = program.quadratic else { return }
    quadratic.apply(
      UnsafeBufferPointer(point), scale: quadraticScale, addingTo: vector)
  }

  /// Keeps the current point as the best so far.
  func keep() {
    _ = bestPoint.update(fromContentsOf: point)
    _ = bestDual.update(fromContentsOf: dual)
  }

  /// The best point, in the caller's units.
  var found: (point: [Double], duals: [Double]) {
    (
      (0..<columnCount).map { bestPoint[$0] * columnUnits[$0] },
      (0..<rowCount).map { bestDual[$0] * objectiveUnit / rowUnits[$0] }
    )
  }
}
