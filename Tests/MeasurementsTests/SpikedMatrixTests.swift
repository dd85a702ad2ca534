import Documents
import LinearAlgebra
import Measurements
import Testing

struct SpikedMatrixTests {
  private func build(_ document: JSONValue, _ count: Int) throws -> any Measurement {
    try MeasurementCatalogue.build(document, signalShape: [count])
  }

  @Test(arguments: ["spiked_wigner", "spiked_wishart"])
  func isTheTriangleOfTheSquare(type: String) throws {
    let measurement = try build(["type": .string(type)], 3)
    let root = Float(2).squareRoot()
    let found = measurement.evaluate(Batch(row: [1, 2, -3])).values
    let expected = [1, 2 * root, -3 * root, 4, -6 * root, 9]
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-6 * abs($1) } && found.count == 6)
  }

  /// `|A(x) - svec(M)| = |x x^T - M|_F`: least squares is that of the matrix.
  @Test func distancesAreThoseOfMatrices() throws {
    let size = 7
    let measurement = try build(["type": "spiked_wigner"], size)
    var random = RandomNumbers(seed: 50)
    let x = random.normal(count: 1, width: size)
    var matrix = random.normal(count: size, width: size).values
    for row in 0..<size {
      for column in 0..<row { matrix[row * size + column] = matrix[column * size + row] }
    }
    let observed = try #require(measurement.observation(from: matrix))
    let distance = sumOfSquares(zip(measurement.evaluate(x).values, observed).map { $0 - $1 })
    var expected = 0.0
    for row in 0..<size {
      for column in 0..<size {
        let difference = x.values[row] * x.values[column] - matrix[row * size + column]
        expected += Double(difference) * Double(difference)
      }
    }
    #expect(abs(distance - expected) < 1e-5 * expected)
  }

  /// Of a matrix that is not symmetric the symmetric part counts.
  @Test func theSymmetricPartCounts() throws {
    let measurement = try build(["type": "spiked_wigner"], 2)
    let observed = try #require(measurement.observation(from: [1, 2, 4, 5]))
    let expected: [Float] = [1, 3 * Float(2).squareRoot(), 5]
    #expect(zip(observed, expected).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(measurement.observation(from: [1, 2, 3]) == nil)
    #expect(measurement.observation(from: []) == nil)
  }

  @Test func samplesBecomeTheirCovariance() throws {
    let measurement = try build(["type": "spiked_wishart", "rows": 3, "sigma": 0.5], 2)
    // Y^T Y / 3 - I / 4
    let observed = try #require(measurement.observation(from: [1, 2, 3, 4, 5, 6]))
    let root = Float(2).squareRoot()
    let expected: [Float] = [35 / 3.0 - 0.25, 44 / 3 * root, 56 / 3.0 - 0.25]
    #expect(zip(observed, expected).allSatisfy { abs($0 - $1) < 1e-5 })
    #expect(measurement.observation(from: [1, 0, 0, 1])?[0] == 1)
    #expect(measurement.observation(from: [1, 2]) == nil)
    let plain = try build(["type": "spiked_wishart"], 2)
    #expect(plain.observation(from: [1, 2, 3, 4, 5, 6]) == nil)
  }

  /// Many samples show the spike: errors of the covariance fall as `1 / sqrt(rows)`.
  @Test func samplesShowTheSpike() throws {
    let (rows, size, sigma) = (40_000, 4, 0.3)
    let measurement = try build(
      ["type": "spiked_wishart", "rows": JSONValue(rows), "sigma": .number(sigma)], size)
    var random = RandomNumbers(seed: 51)
    let x = random.normal(count: 1, width: size)
    var samples: [Float] = []
    for _ in 0..<rows {
      let u = random.normal()
      for entry in x.values { samples.append(Float(u * Double(entry) + sigma * random.normal())) }
    }
    let observed = try #require(measurement.observation(from: samples))
    let expected = measurement.evaluate(x).values
    let distance = sumOfSquares(zip(observed, expected).map { $0 - $1 }).squareRoot()
    #expect(distance < 0.05 * sumOfSquares(expected).squareRoot())
  }

  @Test(
    arguments: [
      (["rows": 0], "/rows"), (["rows": 1.5], "/rows"), (["rows": "3"], "/rows"),
      (["rows": .number(0x1p40)], "/rows"), (["rows": 3, "sigma": -1], "/sigma"),
      (["rows": 3, "sigma": 1e30], "/sigma"), (["sigma": 0.5], "/sigma"),
    ] as [(JSONObject, String)])
  func refusesByName(fields: JSONObject, pointer: String) {
    var document: JSONObject = ["type": "spiked_wishart"]
    for member in fields.members { document[member.key] = member.value }
    do {
      _ = try MeasurementCatalogue.build(.object(document), signalShape: [4])
      Issue.record("accepted")
    } catch {
      #expect(error.kind == .malformed)
      #expect(error.fields.map(\.pointer) == ["/measurement" + pointer])
    }
  }

  /// The largest signal whose triangle may be observed, and one more entry.
  @Test func sizesAreBounded() throws {
    _ = try build(["type": "spiked_wigner"], 1447)
    for type in ["spiked_wigner", "spiked_wishart"] {
      do {
        _ = try MeasurementCatalogue.build(["type": .string(type)], signalShape: [1448])
        Issue.record("accepted")
      } catch {
        #expect(error.kind == .unprocessable)
        #expect(error.fields.map(\.pointer) == ["/measurement"])
        #expect(error.fields[0].detail.contains("1049076"))
      }
    }
  }
}
