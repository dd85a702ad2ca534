import Documents
import Inversion

/// What an inversion is thought to need of memory while it runs, from what is known when it is
/// accepted.
///
/// The largest parts, in numbers of 4 bytes, for a generator of `P` parameters whose layers' outputs
/// have `a` entries together and `w` at most, a latent of `k` and an observation of `m` entries:
///
///     P + 2 R a + T k (2 w + m)
///
/// `R` starts advance together, each with its activations and their slopes, and the Jacobians of `T`
/// of them are built at once, a tangent an entry of the latent.
package struct MemoryEstimate: Sendable {
  package var parameterCount: Int
  /// Entries of each layer's output.
  package var layerCounts: [Int]
  package var latentCount: Int
  package var observedCount: Int
  /// Starts that advance together at most.
  package var rowCount: Int
  /// Whether each of them has a Jacobian, and not only the answer.
  package var isSecondOrder: Bool

  package init(
    parameterCount: Int, layerCounts: [Int], latentCount: Int, observedCount: Int, rowCount: Int,
    isSecondOrder: Bool
  ) {
    self.parameterCount = parameterCount
    self.layerCounts = layerCounts
    self.latentCount = latentCount
    self.observedCount = observedCount
    self.rowCount = rowCount
    self.isSecondOrder = isSecondOrder
  }

  /// What comes with any inversion: code, tables, its documents.
  private static let standingBytes = 8 << 20

  package var bytes: Int {
    let activations = Double(layerCounts.reduce(0, +) + latentCount)
    let widest = Double(layerCounts.max() ?? 0)
    let jacobian = Double(latentCount) * Double(observedCount)
    let together =
      isSecondOrder
      ? min(Double(rowCount), max(1, Double(RestartWaves.jacobianEntriesMax) / max(jacobian, 1)))
      : 1
    let numbers =
      Double(parameterCount) + 2 * Double(rowCount) * activations
      + together * (2 * Double(latentCount) * widest + jacobian)
    // What is beyond this is beyond any machine.
    return Self.standingBytes + Int(min(4 * numbers, 1e18))
  }
}

extension MemoryEstimate {
  /// - Parameter summary: of the generator, as it is stored.
  /// - Throws: when the summary cannot be read.
  package init(
    summary: [UInt8], parameterCount: Int, observedCount: Int, waves: RestartWaves
  ) throws {
    let document = try ObjectReader(try JSONParser().parse(summary))
    let latent = try document.requiredObject("latent").value("shape")?.numbers ?? []
    let layers = document.value("layers")?.elements ?? []
    self.init(
      parameterCount: parameterCount,
      layerCounts: layers.map { Self.count($0.object?["output_shape"]?.numbers ?? []) },
      latentCount: Self.count(latent), observedCount: observedCount,
      rowCount: waves.rowsMax, isSecondOrder: waves.isSecondOrder)
  }

  private static func count(_ shape: [Double]) -> Int { Int(shape.reduce(1, *)) }
}
