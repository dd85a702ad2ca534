/// How much of an inversion goes on at once, for those who have to find room for it.
public struct RestartWaves: Sendable, Equatable {
  /// Starts that advance together at most.
  public var rowsMax: Int
  /// Whether full Jacobians of them are built.
  public var isSecondOrder: Bool

  /// Entries of Jacobians that are held at once; one start's are held whatever their number.
  public static let jacobianEntriesMax = LeastSquares.jacobianEntriesMax

  public init(rowsMax: Int, isSecondOrder: Bool) {
    self.rowsMax = rowsMax
    self.isSecondOrder = isSecondOrder
  }

  /// What a solver does that says nothing else.
  static let usual = RestartWaves(rowsMax: 64, isSecondOrder: true)
}
