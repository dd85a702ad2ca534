import LinearAlgebra
import Networks

/// Least squares on supports that are known beforehand, those of a given latent (Aberdam et al. 2020,
/// algorithm 4): what the best layer-wise method could reach, for reference.
struct Oracle: LayerMethod {
  static let type = "oracle"
  let latent: [Double]
  /// What each layer gives at the latent, the latent itself first.
  private var signals: [[Double]] = []
  var needsMatrix: Bool { true }

  init(latent: [Double]) {
    self.latent = latent
  }

  func refusal(of chain: LayerChain) -> String? {
    let count = chain.layers.first?.weights.columnCount ?? 0
    return latent.count == count
      ? nil : "/solver/latent has \(latent.count) numbers, and the generator takes \(count)"
  }

  func prepared(for chain: LayerChain) -> any LayerMethod {
    var prepared = self
    prepared.signals = chain.signals(at: latent)
    return prepared
  }

  func estimate(_ task: LayerTask) throws(LayerFailure) -> LayerEstimate {
    var rows = task.rows
    if let flat = task.layer.activation as? any FlatActivation {
      let known = signals[task.place + 1].map { flat.flatInputs(of: Float($0)) == nil }
      for row in rows.kinds.indices where known[row] && rows.kinds[row] != .known {
        rows.values[row] = task.outputs[row] - task.layer.offset[row]
      }
      for row in rows.kinds.indices {
        rows.kinds[row] =
          known[row] ? .known : rows.kinds[row] == .atLeast ? .atLeast : .atMost
      }
    }
    guard let known = KnownRows(task, rows) else {
      throw LayerFailure(reason: "its matrix is not written down")
    }
    let support = signals[task.place].indices.filter {
      !task.isNonnegative || signals[task.place][$0] != 0
    }
    let solution = known.matrix.selecting(columns: support).leastSquares(known.values)
    var inputs = [Double](repeating: 0, count: task.columnCount)
    for (entry, value) in zip(support, solution.x) { inputs[entry] = value }
    var report = LayerReport(task, inputs: inputs, rows: rows)
    report.rank = solution.rank
    report.unknownCount = support.count
    return LayerEstimate(inputs: inputs, report: report)
  }
}
