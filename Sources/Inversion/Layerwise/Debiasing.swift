import LinearAlgebra
import Networks

extension LayerChain {
  /// The latent that fits the observation best with every hidden unit left on the piece where the
  /// estimates have it: a least squares problem from end to end (Aberdam et al. 2020, algorithm 3,
  /// last step).
  ///
  /// - Parameters:
  ///   - inputs: estimates of each layer's inputs.
  ///   - rows: what each layer's outputs were taken to say, among that which units are on.
  /// - Returns: `nil` where the frozen network does not determine the latent.
  func debiased(_ inputs: [[Double]], _ rows: [LayerRows]) -> [Double]? {
    guard let last = layers.last, let observed = rows.last, let latentCount = inputs.first?.count
    else { return nil }
    let pieces = layers.indices.dropLast().map { piece(of: $0, inputs[$0], rows[$0]) }
    /// Before the last activation, every hidden unit on its piece.
    func frozen(_ latent: [Double]) -> [Double] {
      var signal = latent
      for (place, layer) in layers.enumerated() {
        signal = zip(layer.weights.apply(signal), layer.offset).map { $0 + $1 }
        guard place < pieces.count else { break }
        for unit in signal.indices {
          signal[unit] = pieces[place].offsets[unit] + pieces[place].slopes[unit] * signal[unit]
        }
      }
      return signal
    }
    let known = observed.known
    let weights = observed.relativeWeights
    let origin = frozen([Double](repeating: 0, count: latentCount))
    var values = [Double](repeating: 0, count: known.count * latentCount)
    for column in 0..<latentCount {
      var unit = [Double](repeating: 0, count: latentCount)
      unit[column] = 1
      let moved = frozen(unit)
      for (place, row) in known.enumerated() {
        values[place * latentCount + column] = weights[row] * (moved[row] - origin[row])
      }
    }
    let solution = DenseMatrix(rowCount: known.count, columnCount: latentCount, values: values)
      .leastSquares(
        known.map { weights[$0] * (observed.values[$0] + last.offset[$0] - origin[$0]) })
    return solution.rank == latentCount ? solution.x : nil
  }

  /// The straight piece of each unit of a hidden layer, `offset + slope p`.
  private func piece(
    of place: Int, _ inputs: [Double], _ rows: LayerRows
  ) -> (offsets: [Double], slopes: [Double]) {
    let layer = layers[place]
    guard let activation = layer.activation else {
      return (layer.offset.map { _ in 0 }, layer.offset.map { _ in 1 })
    }
    if activation is ReLU {
      return (layer.offset.map { _ in 0 }, rows.kinds.map { $0 == .known ? 1 : 0 })
    }
    let reached = zip(layer.weights.apply(inputs), layer.offset).map { $0 + $1 }
    let values = reached.map { activation.value(at: Float($0)) }
    let slopes = zip(reached, values).map {
      Double(activation.derivative(at: Float($0), value: $1))
    }
    let offsets = reached.indices.map { Double(values[$0]) - slopes[$0] * reached[$0] }
    return (offsets, slopes)
  }
}
