import LinearAlgebra

/// A way to find what one layer was given from what it gave: `x` from `phi(W x + b)`.
///
/// Adding one is a file with a type that conforms, and a line in ``LayerwiseCatalogue``.
protocol LayerMethod: Sendable {
  /// - Throws: ``LayerFailure`` where no inputs can be named at all.
  func estimate(_ task: LayerTask) throws(LayerFailure) -> LayerEstimate

  /// Whether the method needs `W` as a matrix.
  var needsMatrix: Bool { get }

  /// Whether the latent is estimated anew at the end, on the supports that were found.
  var debiases: Bool { get }

  /// Why a chain is beyond the method; `nil` where it is not.
  func refusal(of chain: LayerChain) -> String?

  /// The method with what it has to know of the whole chain, one that it does not refuse.
  func prepared(for chain: LayerChain) -> any LayerMethod
}

extension LayerMethod {
  var debiases: Bool { false }
  func refusal(of chain: LayerChain) -> String? { nil }
  func prepared(for chain: LayerChain) -> any LayerMethod { self }
}

/// One layer to be inverted.
struct LayerTask: Sendable {
  /// Place in the chain, the latent's layer being 0.
  var place: Int
  var layer: LayerChain.Layer
  /// What the layer gave, as it was observed or estimated.
  var outputs: [Double]
  /// Standard deviations of the errors of the outputs.
  var deviations: [Double]
  /// Relative error of the arithmetic that computed the outputs.
  var rounding: Double
  /// Whether there are no errors but those of rounding.
  var isExact: Bool
  /// What the outputs say of `W x`.
  let rows: LayerRows
  /// Whether the inputs are values of a ReLU.
  var isNonnegative: Bool
  /// Whether the outputs are the observation itself.
  var isObserved: Bool
  var control: SolveControl

  init(
    _ chain: LayerChain, place: Int, outputs: [Double], deviations: [Double], rounding: Double,
    isExact: Bool, control: SolveControl
  ) {
    self.place = place
    layer = chain.layers[place]
    self.outputs = outputs
    self.deviations = deviations
    self.rounding = rounding
    self.isExact = isExact
    self.control = control
    rows = LayerRows(layer, outputs: outputs, deviations: deviations, rounding: rounding)
    isNonnegative = chain.areInputsNonnegative(of: place)
    isObserved = place == chain.layers.count - 1
  }

  /// What the outputs say of `W x` when their errors are taken for that many times larger.
  func rows(widenedBy factor: Double) -> LayerRows {
    LayerRows(
      layer, outputs: outputs, deviations: deviations.map { $0 * factor }, rounding: rounding)
  }

  var weights: LayerOperator { layer.weights }
  var columnCount: Int { weights.columnCount }
}

/// What a method makes of a layer.
struct LayerEstimate: Sendable {
  /// `x`
  var inputs: [Double]
  var report: LayerReport
}

/// A method cannot go on, and why.
package struct LayerFailure: Error, Sendable {
  package var reason: String
  /// What that makes of an inversion that tried nothing else.
  package var termination = Termination.infeasible
}

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

  /// Whether as many independent rows are known as inputs were solved for: the condition of Lei et al. (2019),
  /// and the one that tells success from failure in practice.
  public var isDetermined: Bool { rank.map { $0 == unknownCount } ?? (knownCount >= unknownCount) }
}

extension LayerRows {
  /// How far the furthest of the rows that are bounded lies beyond its bound.
  func violation(of product: [Double]) -> Double {
    bounded.reduce(0) {
      let excess = product[$1] - values[$1]
      return max($0, kinds[$1] == .atMost ? excess : -excess)
    }
  }
}
