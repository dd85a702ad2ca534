import Documents
import Inversion
import LinearAlgebra
import Networks
import Testing

/// What outputs say of the numbers before an activation.
struct LayerRowsTests {
  private static func rows(
    _ outputs: [Double], deviation: Double, _ activation: String
  ) throws -> LayerRows {
    let generator = try SmallGenerators.linear(
      outputs.map { _ in [1] }, offset: outputs.map { _ in 0.25 },
      then: ["type": .string(activation)])
    return LayerRows(
      LayerChain(generator).layers[0], outputs: outputs,
      deviations: outputs.map { _ in deviation }, rounding: 0)
  }

  @Test func unitsAreOnBeyondTheNoise() throws {
    let rows = try Self.rows([0, 0.29, 0.31, 2, -0.5], deviation: 0.1, "relu")
    #expect(rows.kinds == [.atMost, .atMost, .known, .known, .atMost])
    // Known values lose the offset; units that are off lie at most at its negative.
    for (value, expected) in zip(rows.values, [-0.25, -0.25, 0.06, 1.75, -0.25]) {
      #expect(abs(value - expected) < 1e-12)
    }
    #expect(rows.known == [2, 3] && rows.bounded == [0, 1, 4])
  }

  @Test func bothEndsOfAClippedUnitAreBounds() throws {
    let rows = try Self.rows([-1, -0.9, 0, 0.9, 1], deviation: 0.01, "hardtanh")
    #expect(rows.kinds == [.atMost, .known, .known, .known, .atLeast])
    #expect(rows.values[0] == -1.25 && rows.values[4] == 0.75)
  }

  /// An error grows by the slope that it is divided by.
  @Test func errorsGrowWhereSlopesAreSmall() throws {
    let rows = try Self.rows([0.5, 0.9, 0.99], deviation: 1e-3, "sigmoid")
    for (row, output) in [0.5, 0.9, 0.99].enumerated() {
      #expect(rows.kinds[row] == .known)
      let slope = output * (1 - output)
      #expect(abs(rows.deviations[row] * slope / 1e-3 - 1) < 1e-3)
    }
  }

  /// Values beyond a saturated end are clipped, and stay finite.
  @Test(arguments: ["sigmoid", "tanh"])
  func saturatedValuesStayFinite(activation: String) throws {
    for deviation in [0, 1e-7, 0.1] {
      let rows = try Self.rows([-3, -1, 0, 1, 3], deviation: deviation, activation)
      #expect(
        rows.values.allSatisfy { $0.isFinite }
          && rows.deviations.allSatisfy { $0.isFinite && $0 > 0 })
    }
  }
}
