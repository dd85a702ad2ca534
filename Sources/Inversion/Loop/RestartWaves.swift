/// How much of an inversion goes on at once, for those who have to find room for it.
public struct RestartWaves: Sendable, Equatable {
  /// Starts that advance together at most.
  public var rowsMax: Int
  /// Whether full Jacobians of them are built.
  public var isSecondOrder: Bool
  /// Whether the starts are an encoder's, which is fitted to outputs of the generator first.
  public var fitsEncoder: Bool
  /// Multiplications of a full Jacobian above which starts advance one by one.
  public var multiplicationsTogetherMax: Double

  public init(
    rowsMax: Int, isSecondOrder: Bool, fitsEncoder: Bool,
    multiplicationsTogetherMax: Double = .infinity
  ) {
    self.rowsMax = rowsMax
    self.isSecondOrder = isSecondOrder
    self.fitsEncoder = fitsEncoder
    self.multiplicationsTogetherMax = multiplicationsTogetherMax
  }

  /// What a solver does that says nothing else.
  static let usual = RestartWaves(rowsMax: 64, isSecondOrder: true, fitsEncoder: true)

  /// Entries of Jacobians that are held at once; one start's are held whatever their number.
  public static let jacobianEntriesMax = LeastSquares.jacobianEntriesMax

  /// Pairs of latents and outputs that an encoder is fitted to.
  public static func encoderPairs(
    outputCount: Int, latentCount: Int, multiplyCount: Double
  ) -> Double {
    let affordable = Double(LatentBank.multiplicationsMax) / max(multiplyCount, 1)
    let storable = max(8, Double(LatentBank.outputBytesMax) / (4 * max(Double(outputCount), 1)))
    return min(
      Double(LatentBank.pairsMax), max(affordable, 4 * Double(latentCount) + 100), storable)
  }
}
