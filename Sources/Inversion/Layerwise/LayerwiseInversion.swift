import Documents
import LinearAlgebra
import Measurements
import Networks

/// Inverts a generator from its output back, one layer after the other by one method, with numbers
/// in double precision. The errors of each layer's inputs are told to the layer before it.
package struct LayerwiseInversion: Sendable {
  package let chain: LayerChain
  let method: any LayerMethod

  /// - Precondition: ``refusal(of:by:)`` has none.
  init(chain: LayerChain, method: any LayerMethod) {
    self.chain = chain
    self.method = method.prepared(for: chain)
  }

  /// By the method that a solver's document names.
  ///
  /// - Throws: `DocumentError` when it names none, or one that cannot work on the chain.
  package init(chain: LayerChain, document: JSONValue) throws(DocumentError) {
    let reader = try ObjectReader(document, pointer: "/solver")
    let type = try reader.requiredString("type")
    guard let kind = LayerwiseCatalogue.kinds.first(where: { $0.type == type }) else {
      let known = LayerwiseCatalogue.kinds.map(\.type).joined(separator: ", ")
      throw reader.malformed("type", "is \"\(type.prefix(64))\"; expected one of \(known)")
    }
    let method = try kind.build(reader)
    try reader.finish()
    if let reason = Self.refusal(of: chain, by: method) {
      throw reader.unprocessable("type", "is \(type): \(reason)")
    }
    self.init(chain: chain, method: method)
  }

  /// Why the method cannot work on the chain, naming the layer; `nil` where it can.
  static func refusal(of chain: LayerChain, by method: any LayerMethod) -> String? {
    if let reason = method.refusal(of: chain) { return reason }
    guard method.needsMatrix,
      let layer = chain.layers.first(where: { $0.weights.matrix == nil })
    else { return nil }
    return
      "\(layer.name) has a matrix of \(layer.weights.rowCount) x \(layer.weights.columnCount), and "
      + "at most matrix_entries_max = \(chain.matrixEntriesMax) numbers are written down"
  }

  /// What became of one observation.
  package struct Outcome: Sendable {
    /// `x_0 = z`, `x_1`, ...: the estimated inputs of each layer.
    package var inputs: [[Double]]
    /// One a layer, in the same order.
    package var reports: [LayerReport]

    /// Standard deviations of the latent's errors, as far as the layers tell.
    package var latentDeviations: [Double]

    package var latent: [Double] { inputs[0] }
  }

  /// - Throws: ``LayerFailure`` naming the layer at which the method could not go on.
  package func invert(
    _ observation: LayerObservation, control: SolveControl = .init()
  ) throws(LayerFailure) -> Outcome {
    guard observation.isFinite else {
      throw LayerFailure(reason: "the observation is not finite", termination: .nonFinite)
    }
    if let layer = chain.layers.first(where: { !$0.isFinite }) {
      throw LayerFailure(reason: "\(layer.name): its weights overflow", termination: .nonFinite)
    }
    var outputs = observation.values
    var deviations = observation.deviations
    var rows: [LayerRows] = []
    var inputs: [[Double]] = []
    var reports: [LayerReport] = []
    for place in chain.layers.indices.reversed() {
      let task = LayerTask(
        chain, place: place, outputs: outputs, deviations: deviations,
        rounding: observation.rounding, isExact: observation.isExact, control: control)
      let estimate: LayerEstimate
      do {
        estimate = try recordedEstimate(task)
      } catch {
        throw LayerFailure(
          reason: "\(task.layer.name): \(error.reason)", termination: error.termination)
      }
      guard estimate.inputs.allSatisfy(\.isFinite) else {
        throw LayerFailure(
          reason: "\(task.layer.name): its inputs are not finite", termination: .nonFinite)
      }
      rows.insert(task.rows, at: 0)
      inputs.insert(estimate.inputs, at: 0)
      reports.insert(estimate.report, at: 0)
      outputs = estimate.inputs
      deviations = task.inputDeviations(estimate)
    }
    if method.debiases, let latent = chain.debiased(inputs, rows) { inputs[0] = latent }
    return Outcome(inputs: inputs, reports: reports, latentDeviations: deviations)
  }

  private func recordedEstimate(_ task: LayerTask) throws(LayerFailure) -> LayerEstimate {
    let outcome: Result<LayerEstimate, LayerFailure> = task.control.recorded(
      "\(type(of: method)) \(task.layer.name)",
      where: { outcome in
        guard case .success(let estimate) = outcome else { return true }
        return estimate.inputs.count == task.columnCount
      },
      by: { Result { () throws(LayerFailure) in try method.estimate(task) } })
    return try outcome.get()
  }
}

/// The output of a generator as layer-wise solvers take it: numbers and their errors.
package struct LayerObservation: Sendable {
  package var values: [Double]
  /// Standard deviations of the errors.
  package var deviations: [Double]
  /// Relative error of the arithmetic that made the values.
  package var rounding: Double
  /// Whether there are no errors but those of rounding.
  package var isExact: Bool

  /// Of single-precision numbers, and of double-precision ones after a few operations.
  private static let single = 0x1p-24
  private static let double = 0x1p-50

  /// Numbers of full double precision, such as experiments plant.
  ///
  /// - Parameter deviation: of errors that were added; 0 for none.
  package init(precise values: [Double], deviation: Double = 0) {
    self.values = values
    rounding = Self.double
    isExact = deviation == 0
    deviations = values.map { max(deviation, Self.double * abs($0)) }
  }

  /// What was observed of a problem whose measurement takes entries as they are.
  init(_ problem: InverseProblem) {
    values = problem.observation.map(Double.init)
    rounding = Self.single
    let noise = problem.noise
    isExact = noise.isNoiseless
    let size = values.reduce(0) { max($0, abs($1)) }
    // Noise of unknown size: a ten-thousandth, which programs that need more find out.
    let deviation =
      noise.isNoiseless
      ? 0 : noise.isKnown ? noise.standardDeviation(at: problem.observation) : 1e-4 * size
    deviations = values.map { max(deviation ?? 0, Self.single * abs($0)) }
  }
}

extension LayerObservation {
  fileprivate var isFinite: Bool {
    values.allSatisfy(\.isFinite) && deviations.allSatisfy(\.isFinite)
  }
}

extension LayerChain.Layer {
  /// `phi(W x + b)`, in double precision but for activations that have no such evaluation.
  func values(at x: [Double]) -> [Double] {
    zip(weights.apply(x), offset).map { product, offset in
      guard let activation else { return product + offset }
      return activation.nearestValue(at: product + offset)
    }
  }

  /// Whether products with the weights, and their sums, stay within double precision.
  fileprivate var isFinite: Bool {
    offset.allSatisfy(\.isFinite) && (weights.matrix?.values.allSatisfy { abs($0) < 1e100 } ?? true)
  }
}

extension ActivationFunction {
  /// In double precision where there is such an evaluation.
  func nearestValue(at x: Double) -> Double { preciseValue(at: x) ?? Double(value(at: Float(x))) }
}

extension LayerChain {
  /// The inputs of each layer, the latent first, and the outputs of the last: in double precision but
  /// for activations that have no such evaluation.
  package func signals(at latent: [Double]) -> [[Double]] {
    layers.reduce(into: [latent]) { signals, layer in
      signals.append(layer.values(at: signals[signals.count - 1]))
    }
  }
}
