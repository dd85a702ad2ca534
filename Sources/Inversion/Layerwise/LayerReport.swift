import LinearAlgebra

/// How one layer was inverted, and how far that can be trusted.
public struct LayerReport: Sendable, Equatable {
  /// As messages call the layer.
  public var name: String
  /// Of a layer's `W`.
  public var rowCount: Int
  public var columnCount: Int
  /// Rows whose value is known, because their units are on.
  public var knownCount: Int
  /// Inputs that were solved for: all, unless the support was known beforehand.
  public var unknownCount: Int
  /// The rank of the known rows, where it was computed.
  public var rank: Int?
  /// Inputs that are not zero.
  public var supportCount: Int
  /// Root mean square of the known rows' errors, in the units of `W x`.
  public var residual: Double
  /// How far the furthest row lies beyond what its unit allows.
  public var violation: Double
  /// What a program or a descent says of itself; `nil` for linear systems.
  public var program: ProgramReport?
  /// Whether an exact solution on a support took the place of the method's own.
  public var isCrossedOver = false

  /// The certificate of a convex program.
  public struct ProgramReport: Sendable, Equatable {
    public var engine: String
    public var status: String
    /// `nil` from descents, which do not evaluate it.
    public var objective: Double?
    /// The largest lower bound that the dual gives; `nil` from engines that have none.
    public var dualObjective: Double?
    /// Of the two, relative to their size.
    public var relativeGap: Double?
    /// How far a row of the program lies beyond its limit.
    public var primalViolation: Double?
    /// Of all programs that were solved for the layer.
    public var iterations: Int
    /// The tolerance on each row, in the units of `W x`, where the method has one.
    public var tolerance: Double?
  }

  /// - Parameter rows: as the method took them, where it did not take them as they are.
  init(
    _ task: LayerTask, inputs: [Double], rows: LayerRows? = nil, program: ProgramReport? = nil
  ) {
    let rows = rows ?? task.rows
    name = task.layer.name
    rowCount = task.weights.rowCount
    columnCount = task.columnCount
    unknownCount = columnCount
    let known = rows.known
    knownCount = known.count
    supportCount = inputs.count { $0 != 0 }
    let product = task.weights.apply(inputs)
    let square = known.reduce(0.0) {
      let error = product[$1] - rows.values[$1]
      return $0 + error * error
    }
    residual = (square / Double(max(known.count, 1))).squareRoot()
    violation = rows.violation(of: product)
    self.program = program
  }

  /// Whether as many independent rows are known as inputs were solved for: the condition
  /// of Lei et al. (2019), and the one that tells success from failure in practice.
  public var isDetermined: Bool { rank.map { $0 == unknownCount } ?? (knownCount >= unknownCount) }
}

extension LayerReport: Checkpointable {
  public init(from reader: inout CheckpointReader) throws(CheckpointError) {
    name = try reader.read()
    rowCount = try reader.read()
    columnCount = try reader.read()
    knownCount = try reader.read()
    unknownCount = try reader.read()
    rank = try reader.read()
    supportCount = try reader.read()
    residual = try reader.read()
    violation = try reader.read()
    program = try reader.read()
    isCrossedOver = try reader.read()
  }

  public func write(to writer: inout CheckpointWriter) {
    writer.write(name)
    writer.write(rowCount)
    writer.write(columnCount)
    writer.write(knownCount)
    writer.write(unknownCount)
    writer.write(rank)
    writer.write(supportCount)
    writer.write(residual)
    writer.write(violation)
    writer.write(program)
    writer.write(isCrossedOver)
  }
}

extension LayerReport.ProgramReport: Checkpointable {
  public init(from reader: inout CheckpointReader) throws(CheckpointError) {
    engine = try reader.read()
    status = try reader.read()
    objective = try reader.read()
    dualObjective = try reader.read()
    relativeGap = try reader.read()
    primalViolation = try reader.read()
    iterations = try reader.read()
    tolerance = try reader.read()
  }

  public func write(to writer: inout CheckpointWriter) {
    writer.write(engine)
    writer.write(status)
    writer.write(objective)
    writer.write(dualObjective)
    writer.write(relativeGap)
    writer.write(primalViolation)
    writer.write(iterations)
    writer.write(tolerance)
  }
}
