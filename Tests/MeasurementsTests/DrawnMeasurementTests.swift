import Documents
import LinearAlgebra
import Measurements
import Testing

/// Measurements that are drawn from a seed: the same on every machine, and what they say they are.
struct DrawnMeasurementTests {
  private func build(
    _ document: JSONValue, _ shape: [Int], _ limits: MeasurementLimits = MeasurementLimits()
  ) throws(DocumentError) -> any Measurement & LinearMap {
    try MeasurementCatalogue.build(document, signalShape: shape, limits: limits)
      as! any Measurement & LinearMap
  }

  /// Row-major.
  private func matrix(_ map: any LinearMap) -> [[Float]] {
    let columns = map.columns(for: 1)
    return (0..<map.outputCount).map { output in
      (0..<map.inputCount).map { columns[$0][output + $0 * map.outputCount] }
    }
  }

  // Goldens are from an implementation of the generator in Python.

  @Test func gaussianWeightsAreTheSameEverywhere() throws {
    let measurement = try build(["type": "gaussian", "rows": 3, "seed": 11], [2, 3])
    let bits = matrix(measurement).map { $0.map(\.bitPattern) }
    #expect(
      bits == [
        [0xbea3_3842, 0xbf4d_758b, 0x3e7a_60b8, 0x3e16_160a, 0x3f35_42e7, 0xbc56_080b],
        [0x3dcf_3f1c, 0x3e2b_83db, 0x3f46_5ca6, 0x3f86_73ce, 0x3f4c_97f7, 0x3eb4_f5e5],
        [0x3e0d_3491, 0xbf8a_dc6b, 0xbef8_d795, 0x3f4c_6b4e, 0xbe26_e5d9, 0x3e63_8364],
      ])
  }

  @Test func circulantSignsAndRowsAreTheSameEverywhere() {
    let measurement = CirculantMeasurement(rows: 5, seed: 12, signalCount: 12)
    #expect(measurement.generator == [1, -1, 1, 1, 1, 1, 1, -1, 1, -1, 1, 1])
    #expect(measurement.signs == [1, 1, -1, 1, -1, 1, -1, 1, 1, 1, -1, 1])
    #expect(measurement.places == [0, 2, 4, 5, 6])
  }

  @Test func fourierRowsAreTheSameEverywhere() {
    let measurement = FourierMeasurement(rows: 6, seed: 13, signalCount: 20)
    #expect(measurement.frequencies == [6, 7, 9, 10, 15, 17])
  }

  @Test(arguments: ["gaussian", "circulant", "fourier"])
  func seedsDiffer(type: String) throws {
    func weights(_ seed: JSONValue?) throws -> [[Float]] {
      var document: JSONObject = ["type": .string(type), "rows": 5]
      document["seed"] = seed
      return matrix(try build(.object(document), [40]))
    }
    #expect(try weights(1) == weights(1))
    #expect(try weights(1) != weights(2))
    #expect(try weights(nil) == weights(0))
    #expect(try weights(nil) == weights(.null))
    #expect(try weights(.number(0x1p53 - 1)) != weights(0))
  }

  /// Columns have length one on the average: 2000 of them, margins of five standard errors.
  @Test func gaussianColumnsHaveLengthOne() throws {
    let columns = try build(["type": "gaussian", "rows": 50, "seed": 6], [2000]).columns(for: 1)
    let mean = sumOfSquares(columns.values) / 2000
    // A column's squared length has variance 2 / rows.
    #expect(abs(mean - 1) < 5 * (2.0 / 50 / 2000).squareRoot())
  }

  /// A matrix too large to keep is drawn a block at a time, to the same entries.
  @Test func drawnAnewIsTheSameMatrix() throws {
    let rows = GaussianMeasurement.storedEntriesMax / 100_000 + 1
    let large = GaussianMeasurement(rows: rows, seed: 21, signalCount: 100_000)
    #expect(large.multiplyCount > GaussianMeasurement.storedEntriesMax)
    var random = RandomNumbers(seed: 22)
    let x = random.normal(count: 2, width: 100_000)
    let y = random.normal(count: 2, width: rows)
    let seen = large.apply(x)
    let answered = large.applyAdjoint(y)
    for row in 0..<2 {
      let forward = inner(Array(seen[row]), Array(y[row]))
      let backward = inner(Array(x[row]), Array(answered[row]))
      #expect(abs(forward - backward) < 1e-4 * (abs(forward) + 1))
    }
    // One row of it, from the definition.
    for row in [0, 11, rows - 1] {
      var own = RandomNumbers(seed: 21, stream: 0x6761_7573 << 32 | UInt64(row))
      let weights = (0..<100_000).map { _ in
        Float(own.normal() * (1 / Double(rows).squareRoot()))
      }
      let expected = inner(weights, Array(x[0]))
      #expect(abs(Double(seen[0][row]) - expected) < 1e-3)
    }
  }

  /// Sizes on both sides of the choice between matrix and transform, of small and of large primes.
  static let sizes = [(12, 5), (784, 200), (2100, 2100), (2111, 2000), (2048, 2048)]

  @Test(arguments: sizes)
  func circulantIsItsDefinition(count: Int, rows: Int) {
    let measurement = CirculantMeasurement(rows: rows, seed: 31, signalCount: count)
    var random = RandomNumbers(seed: 32)
    let x = random.normal(count: 2, width: count)
    let y = random.normal(count: 2, width: rows)
    let (seen, answered) = (measurement.apply(x), measurement.applyAdjoint(y))
    for row in 0..<2 {
      var forward = [Double](repeating: 0, count: rows)
      var backward = [Double](repeating: 0, count: count)
      for (output, place) in measurement.places.enumerated() {
        for input in 0..<count {
          let sign = measurement.generator[(place - input + count) % count]
          let weight = Double(sign * measurement.signs[input]) / Double(rows).squareRoot()
          forward[output] += weight * Double(x[row][row * count + input])
          backward[input] += weight * Double(y[row][row * rows + output])
        }
      }
      expectClose(seen[row], forward)
      expectClose(answered[row], backward)
    }
  }

  @Test(arguments: sizes)
  func fourierIsItsDefinition(count: Int, rows: Int) {
    let measurement = FourierMeasurement(rows: rows, seed: 33, signalCount: count)
    let roots = FourierTransform.roots(count)
    var random = RandomNumbers(seed: 34)
    let x = random.normal(count: 2, width: count)
    let y = random.normal(count: 2, width: rows)
    let (seen, answered) = (measurement.apply(x), measurement.applyAdjoint(y))
    for row in 0..<2 {
      var forward = [Double](repeating: 0, count: rows)
      var backward = [Double](repeating: 0, count: count)
      for (output, frequency) in measurement.frequencies.enumerated() {
        for input in 0..<count {
          let root = frequency * input % count
          let weight = (roots.real[root] - roots.imaginary[root]) / Double(rows).squareRoot()
          forward[output] += weight * Double(x[row][row * count + input])
          backward[input] += weight * Double(y[row][row * rows + output])
        }
      }
      expectClose(seen[row], forward)
      expectClose(answered[row], backward)
    }
  }

  static let refusals: [(String, JSONValue?, JSONValue?, DocumentError.Kind, String)] = {
    var refusals: [(String, JSONValue?, JSONValue?, DocumentError.Kind, String)] = []
    for type in ["gaussian", "circulant", "fourier"] {
      refusals += [
        (type, nil, nil, .malformed, "/rows"), (type, 0, nil, .malformed, "/rows"),
        (type, -3, nil, .malformed, "/rows"), (type, 1.5, nil, .malformed, "/rows"),
        (type, "10", nil, .malformed, "/rows"), (type, 1e300, nil, .malformed, "/rows"),
        (type, 4, -1, .malformed, "/seed"), (type, 4, 0.5, .malformed, "/seed"),
        (type, 4, .number(0x1p53), .malformed, "/seed"), (type, 4, "1", .malformed, "/seed"),
        (type, .number(0x1p53), nil, .unprocessable, "/rows"),
      ]
    }
    // At most as many rows as entries; the Gaussian has no such bound.
    refusals += [
      ("circulant", 13, nil, .unprocessable, "/rows"),
      ("fourier", 13, nil, .unprocessable, "/rows"),
    ]
    return refusals
  }()

  @Test(arguments: refusals)
  func refusesByName(
    type: String, rows: JSONValue?, seed: JSONValue?, kind: DocumentError.Kind, pointer: String
  ) {
    var document: JSONObject = ["type": .string(type)]
    document["rows"] = rows
    document["seed"] = seed
    expectRefusal(.object(document), [3, 4], kind, pointer)
  }

  /// Both sides of each limit.
  @Test func limitsHold() throws {
    var limits = MeasurementLimits()
    limits.outputCountMax = 6
    limits.multiplyCountMax = 60
    for type in ["gaussian", "circulant", "fourier"] {
      #expect(try build(["type": .string(type), "rows": 6], [10], limits).outputCount == 6)
      expectRefusal(["type": .string(type), "rows": 7], [10], .unprocessable, "/rows", limits)
    }
    expectRefusal(["type": "gaussian", "rows": 6], [11], .unprocessable, "/rows", limits)
    expectRefusal(["type": "fourier", "rows": 6], [11], .unprocessable, "", limits)
    #expect(try build(["type": "gaussian", "rows": 6], [1, 1, 10], limits).inputCount == 10)
  }

  private func expectRefusal(
    _ document: JSONValue, _ shape: [Int], _ kind: DocumentError.Kind, _ pointer: String,
    _ limits: MeasurementLimits = MeasurementLimits()
  ) {
    do {
      _ = try build(document, shape, limits)
      Issue.record("accepted \(document)")
    } catch {
      #expect(error.kind == kind, "\(error)")
      #expect(error.fields.first?.pointer == "/measurement" + pointer, "\(error)")
    }
  }

  private func expectClose(_ found: ArraySlice<Float>, _ expected: [Double]) {
    #expect(found.count == expected.count)
    let distance = zip(found, expected).reduce(0) {
      $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1)
    }
    let length = expected.reduce(0) { $0 + $1 * $1 }
    #expect(distance.squareRoot() <= 1e-6 * length.squareRoot())
  }

  private func inner(_ a: [Float], _ b: [Float]) -> Double {
    zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }
}
