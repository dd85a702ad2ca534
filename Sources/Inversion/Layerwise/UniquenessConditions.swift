import Networks

/// Published conditions for a latent to be the only one, evaluated at the latent that was found. They
/// are statements about the sparsest or the generic case; the rank of the Jacobian decides the case
/// at hand.
public struct UniquenessConditions: Sendable, Equatable {
  /// `s_i`: the inputs of each layer that are not zero, those of the latent's layer first, which are
  /// all of them.
  public var supportCounts: [Int]
  /// Rows of each layer whose value is known, because their units are on.
  public var knownCounts: [Int]
  /// The inputs of each layer.
  public var widths: [Int]

  /// Lei et al. (2019), theorem 2: as many known rows as inputs, at each layer.
  public var isEachLayerDetermined: Bool {
    zip(knownCounts, widths).allSatisfy { $0 >= $1 }
  }

  /// Aberdam et al. (2020), theorem 1 for weights in general position (equation 3):
  /// `s_i < (s_{i+1} + 1) / 2` at hidden layers and `s_1 >= n_0`.
  public var doSupportsDouble: Bool { doSupportsGrow { 2 * $0 < $1 + 1 } }

  /// Aberdam et al. (2020), theorem 2 for random weights: `s_i < s_{i+1}` and `s_1 >= n_0`.
  public var doSupportsExpand: Bool { doSupportsGrow { $0 < $1 } }

  private func doSupportsGrow(_ grows: (Int, Int) -> Bool) -> Bool {
    guard let latent = widths.first, let first = knownCounts.first, first >= latent else {
      return false
    }
    return zip(supportCounts, knownCounts).dropFirst().allSatisfy(grows)
  }

  package init(_ chain: LayerChain, at latent: [Float]) {
    let signals = chain.signals(at: latent.map(Double.init))
    widths = signals.dropLast().map(\.count)
    supportCounts = signals.dropLast().enumerated().map { place, signal in
      place == 0 ? signal.count : signal.count { $0 != 0 }
    }
    knownCounts = chain.layers.indices.map { place in
      guard let flat = chain.layers[place].activation as? any FlatActivation else {
        return signals[place + 1].count
      }
      return signals[place + 1].count { flat.flatInputs(of: Float($0)) == nil }
    }
  }
}
