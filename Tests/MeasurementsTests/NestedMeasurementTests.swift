import Documents
import LinearAlgebra
import Measurements
import Testing

/// Measurements of measurements: magnitudes, signs, compositions.
struct NestedMeasurementTests {
  private func build(
    _ document: JSONValue, _ shape: [Int], _ limits: MeasurementLimits = MeasurementLimits()
  ) throws(DocumentError) -> any Measurement {
    try MeasurementCatalogue.build(document, signalShape: shape, limits: limits)
  }

  @Test func magnitudesHaveNoSign() throws {
    let linear = try build(["type": "gaussian", "rows": 9, "seed": 2], [4])
    let phaseless = try build(
      ["type": "phaseless", "of": ["type": "gaussian", "rows": 9, "seed": 2]], [4])
    var random = RandomNumbers(seed: 40)
    let x = random.normal(count: 1, width: 4)
    #expect(phaseless.evaluate(x).values == linear.evaluate(x).values.map(abs))
    #expect(phaseless.evaluate(x) == phaseless.evaluate(-x))
    #expect(phaseless.outputShape == [9] && phaseless.observedEntries == nil)
  }

  /// At the kink the derivative is zero.
  @Test func theKinkIsFlat() throws {
    let measurement = PhaselessMeasurement(of: IdentityMeasurement(count: 3))
    let linearization = measurement.linearize(at: Batch(row: [-2, 0, 3]))
    #expect(linearization.value.values == [2, 0, 3])
    #expect(linearization.jacobian.apply(Batch(row: [1, 1, 1])).values == [-1, 0, 1])
  }

  @Test func signsAreOnes() throws {
    let measurement = OneBitMeasurement(of: IdentityMeasurement(count: 4))
    #expect(measurement.evaluate(Batch(row: [-2, 0, 3, -1e-30])).values == [-1, 1, 1, -1])
    #expect(!measurement.isDifferentiable)
    let dithered = OneBitMeasurement(of: IdentityMeasurement(count: 500), dither: 2, seed: 4)
    let signs = dithered.evaluate(Batch(zeros: 1, width: 500)).values
    #expect(signs == dithered.dither.map { $0 >= 0 ? 1 : -1 })
    #expect(dithered.dither.allSatisfy { abs($0) <= 2 })
    // Uniform on [-2, 2]: variance 4 / 3, margin of five standard errors.
    #expect(abs(sumOfSquares(dithered.dither) / 500 - 4.0 / 3) < 5 * (64.0 / 45 / 500).squareRoot())
    // Known, and the same everywhere: from an implementation of the generator in Python.
    #expect(
      dithered.dither.prefix(3).map(\.bitPattern)
        == [0x3fb2_469d, 0xbefe_d90d, 0x3f6c_667f])
  }

  /// The surrogate is zero for exactly the signals that give the observed signs.
  @Test func theSurrogateKnowsConsistentSignals() throws {
    let measurement = OneBitMeasurement(
      of: GaussianMeasurement(rows: 20, seed: 1, signalCount: 5), dither: 0.7, seed: 9)
    var random = RandomNumbers(seed: 41)
    let signals = random.normal(count: 200, width: 5)
    let observed = Array(measurement.evaluate(signals)[0])
    let surrogate = try #require(measurement.surrogate(for: observed))
    let residuals = surrogate.residual.evaluate(signals)
    let seen = measurement.evaluate(signals)
    for row in 0..<200 {
      let isZero = residuals[row].allSatisfy { $0 == 0 }
      #expect(isZero == (Array(seen[row]) == observed))
      for (residual, pair) in zip(residuals[row], zip(seen[row], observed)) {
        #expect((residual < 0) == (pair.0 != pair.1) && residual <= 0)
      }
    }
    #expect(abs(surrogate.scale - sumOfSquares(measurement.dither) / 2) < 1e-12)
    #expect(
      OneBitMeasurement(of: IdentityMeasurement(count: 6)).surrogate(for: observed.dropLast(14))?
        .scale == 3)
  }

  /// Its derivative, by differences away from the kinks.
  @Test func theSurrogateHasADerivative() throws {
    let measurement = OneBitMeasurement(
      of: GaussianMeasurement(rows: 20, seed: 1, signalCount: 5), dither: 0.7, seed: 9)
    var random = RandomNumbers(seed: 42)
    let x = random.normal(count: 1, width: 5)
    let surrogate = try #require(measurement.surrogate(for: (0..<20).map { $0 % 3 == 0 ? 1 : -1 }))
    let direction = random.normal(count: 1, width: 5)
    func residual(_ by: Float) -> [Float] {
      surrogate.residual.evaluate(
        Batch(row: zip(x.values, direction.values).map { $0 + by * $1 })
      ).values
    }
    let slopes = surrogate.residual.linearize(at: x).jacobian.apply(direction).values
    let differences = zip(residual(1e-3), residual(-1e-3)).map { ($0 - $1) / 2e-3 }
    #expect(zip(slopes, differences).allSatisfy { abs($0 - $1) < 2e-3 })
    #expect(slopes.contains { $0 != 0 } && slopes.contains(0))
  }

  @Test func compositionsAreMadeInOrder() throws {
    let composed = try build(
      [
        "type": "compose",
        "of": [
          ["type": "downsample", "factor": 2], ["type": "mask", "observed": ["indices": [3, 0]]],
        ],
      ], [4, 4])
    let image: [Float] = [1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 1, 1, 0, 4, 1, 1]
    #expect(composed.evaluate(Batch(row: image)).values == [1, 3.5])
    #expect(composed.isLinear && composed.observedEntries == nil)
    #expect(composed.squaredRowNorm == 0.25)
  }

  /// Masks of masks are masks.
  @Test func entriesOfEntriesAreEntries() throws {
    let composed = try build(
      [
        "type": "compose",
        "of": [
          ["type": "mask", "observed": ["indices": [7, 2, 5]]],
          ["type": "mask", "observed": ["indices": [2, 0]]],
        ],
      ], [9])
    #expect(composed.observedEntries == [5, 7])
  }

  @Test func compositionsKnowWhetherTheyAreLinear() throws {
    let linear: [any Measurement] = [
      DownsampleMeasurement(factor: 2, signalShape: [8]), IdentityMeasurement(count: 4),
    ]
    #expect(ComposedMeasurement.compose(linear).isLinear)
    let magnitudes = PhaselessMeasurement(of: IdentityMeasurement(count: 4))
    let composed = ComposedMeasurement.compose(linear + [magnitudes])
    #expect(!composed.isLinear && composed.isDifferentiable)
    let again = try build(composed.document, [8])
    #expect(again.document == composed.document && again.outputCount == 4)
    let signs = OneBitMeasurement(of: IdentityMeasurement(count: 4), dither: 1)
    let last = ComposedMeasurement.compose(linear + [signs])
    #expect(!last.isDifferentiable)
    let surrogate = try #require(last.surrogate(for: [1, 1, -1, 1]))
    #expect(surrogate.residual.inputCount == 8 && surrogate.residual.outputCount == 4)
    #expect(
      ComposedMeasurement.compose([SpikedWignerMeasurement(signalCount: 2)])
        .observation(from: [1, 2, 2, 3])?.count == 3)
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    var document: JSONValue
    var kind: DocumentError.Kind
    var pointer: String
    var testDescription: String {
      String(decoding: JSONWriter.bytes(of: document), as: UTF8.self)
    }
  }

  static let refusals: [Refusal] = [
    Refusal(document: ["type": "phaseless"], kind: .malformed, pointer: "/of"),
    Refusal(document: ["type": "phaseless", "of": 3], kind: .malformed, pointer: "/of"),
    Refusal(document: ["type": "phaseless", "of": [:]], kind: .malformed, pointer: "/of/type"),
    Refusal(
      document: ["type": "phaseless", "of": ["type": "phaseless", "of": ["type": "identity"]]],
      kind: .unprocessable, pointer: "/of"),
    Refusal(
      document: ["type": "one_bit", "of": ["type": "spiked_wigner"]], kind: .unprocessable,
      pointer: "/of"),
    Refusal(
      document: ["type": "phaseless", "of": ["type": "gaussian", "rows": 0]], kind: .malformed,
      pointer: "/of/rows"),
    Refusal(
      document: ["type": "one_bit", "of": ["type": "identity"], "dither": -1], kind: .malformed,
      pointer: "/dither"),
    Refusal(
      document: ["type": "one_bit", "of": ["type": "identity"], "dither": 1e31], kind: .malformed,
      pointer: "/dither"),
    Refusal(
      document: ["type": "one_bit", "of": ["type": "identity"], "seed": -1], kind: .malformed,
      pointer: "/seed"),
    Refusal(document: ["type": "compose"], kind: .malformed, pointer: "/of"),
    Refusal(document: ["type": "compose", "of": []], kind: .malformed, pointer: "/of"),
    Refusal(
      document: ["type": "compose", "of": ["type": "identity"]], kind: .malformed, pointer: "/of"),
    Refusal(document: ["type": "compose", "of": [1]], kind: .malformed, pointer: "/of/0"),
    Refusal(
      document: ["type": "compose", "of": [["type": "identity"], ["type": "hologram"]]],
      kind: .malformed, pointer: "/of/1/type"),
    // The second sees what the first gives: two of four entries.
    Refusal(
      document: [
        "type": "compose",
        "of": [
          ["type": "mask", "observed": ["indices": [0, 3]]],
          ["type": "mask", "observed": ["indices": [2]]],
        ],
      ], kind: .malformed, pointer: "/of/1/observed/indices/0"),
    Refusal(
      document: [
        "type": "compose",
        "of": [["type": "one_bit", "of": ["type": "identity"]], ["type": "identity"]],
      ], kind: .unprocessable, pointer: "/of/0"),
  ]

  @Test(arguments: refusals)
  func refusesByName(refusal: Refusal) {
    expectRefusal(refusal.document, refusal.kind, refusal.pointer)
  }

  /// Both sides of the depth and of the number of stages.
  @Test func nestingIsBounded() throws {
    func nested(_ depth: Int) -> JSONValue {
      depth == 1 ? ["type": "identity"] : ["type": "compose", "of": [nested(depth - 1)]]
    }
    let limits = MeasurementLimits()
    _ = try build(nested(limits.nestingMax), [4])
    expectRefusal(
      nested(limits.nestingMax + 1), .unprocessable,
      String(repeating: "/of/0", count: limits.nestingMax - 1) + "/of")
    expectRefusal(
      ["type": "phaseless", "of": nested(limits.nestingMax)], .unprocessable,
      "/of" + String(repeating: "/of/0", count: limits.nestingMax - 2) + "/of")
    func long(_ count: Int) -> JSONValue {
      let stage: JSONValue = ["type": "identity"]
      return ["type": "compose", "of": JSONValue([JSONValue](repeating: stage, count: count))]
    }
    _ = try build(long(limits.stagesMax), [4])
    expectRefusal(long(limits.stagesMax + 1), .unprocessable, "/of")
  }

  private func expectRefusal(
    _ document: JSONValue, _ kind: DocumentError.Kind, _ pointer: String
  ) {
    do {
      _ = try build(document, [4])
      Issue.record("accepted \(document)")
    } catch {
      #expect(error.kind == kind, "\(error)")
      #expect(error.fields.first?.pointer == "/measurement" + pointer, "\(error)")
    }
  }
}
