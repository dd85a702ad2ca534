import Documents
import LinearAlgebra
import Measurements
import Testing

struct DownsampleTests {
  private func measured(_ x: [Float], _ shape: [Int], factor: Int) throws -> [Float] {
    let document: JSONValue = ["type": "downsample", "factor": JSONValue(factor)]
    let measurement = try MeasurementCatalogue.build(document, signalShape: shape)
    return measurement.evaluate(Batch(row: x)).values
  }

  @Test func blocksAreAveraged() throws {
    let image: [Float] = [1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 1, 1, 0, 4, 1, 1]
    #expect(try measured(image, [4, 4], factor: 2) == [3.5, 5.5, 1, 1])
    #expect(try measured(image, [1, 4, 4], factor: 4) == [2.75])
    #expect(try measured(image, [2, 2, 4], factor: 2) == [3.5, 5.5, 1, 1])
    #expect(try measured(image, [4, 2, 2], factor: 2) == [2.5, 6.5, 0.5, 1.5])
  }

  /// A vector has neighbours along one extent.
  @Test func vectorsAreAveraged() throws {
    #expect(try measured([1, 2, 3, 4, 5, 9], [6], factor: 2) == [1.5, 3.5, 7])
    #expect(try measured([1, 2, 3, 4, 5, 9], [6], factor: 6) == [4])
  }

  @Test func shapesShrink() throws {
    for (shape, factor, expected) in [
      ([3, 8, 6], 2, [3, 4, 3]), ([8, 6], 2, [4, 3]), ([12], 4, [3]),
      ([2, 3, 4, 4], 4, [2, 3, 1, 1]),
    ] {
      let measurement = DownsampleMeasurement(factor: factor, signalShape: shape)
      #expect(measurement.outputShape == expected)
      #expect(measurement.outputCount == expected.reduce(1, *))
    }
  }

  @Test(
    arguments: [
      (nil, [4, 4], .malformed), (0, [4, 4], .malformed), (-1, [4, 4], .malformed),
      (1.5, [4, 4], .malformed), ("2", [4, 4], .malformed), (3, [4, 4], .unprocessable),
      (2, [4, 3], .unprocessable), (2, [2, 1, 4], .unprocessable), (5, [12], .unprocessable),
      (8, [4, 4], .unprocessable), (.number(0x1p53), [4, 4], .unprocessable),
    ] as [(JSONValue?, [Int], DocumentError.Kind)])
  func refusesByName(factor: JSONValue?, shape: [Int], kind: DocumentError.Kind) {
    var document: JSONObject = ["type": "downsample"]
    document["factor"] = factor
    do {
      _ = try MeasurementCatalogue.build(.object(document), signalShape: shape)
      Issue.record("accepted")
    } catch {
      #expect(error.kind == kind, "\(error)")
      #expect(error.fields.map(\.pointer) == ["/measurement/factor"])
      if shape == [4, 3] { #expect(error.fields[0].detail.contains("4 x 3")) }
    }
  }
}

struct BlurTests {
  private func measured(
    _ x: [Float], _ shape: [Int], _ fields: JSONObject
  ) throws -> [Float] {
    var document: JSONObject = ["type": "blur"]
    for member in fields.members { document[member.key] = member.value }
    return try MeasurementCatalogue.build(.object(document), signalShape: shape)
      .evaluate(Batch(row: x)).values
  }

  private let image: [Float] = [0, 5, 3, 1, 6, 4, 2, 0, 5, 3, 1, 6]

  /// From `scipy.ndimage.gaussian_filter(image, 0.8, mode="reflect", truncate=4)` and of a vector
  /// with 1.3, to the six decimals printed.
  @Test func gaussiansAreThoseOfSciPy() throws {
    let found = try measured(image, [3, 4], ["sigma": 0.8])
    let expected: [Float] = [
      2.412203, 3.388825, 2.675957, 1.410429, 4.134929, 3.555291, 2.444709, 1.865071, 4.589571,
      3.324043, 2.611175, 3.587797,
    ]
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 2e-6 }, "\(found)")
    let vector = try measured([0, 1, 4, 9, 16], [5], ["sigma": 1.3])
    let blurred: [Float] = [1.049954, 2.487107, 5.38504, 9.12914, 11.948759]
    #expect(zip(vector, blurred).allSatisfy { abs($0 - $1) < 2e-6 }, "\(vector)")
  }

  /// From `scipy.ndimage.convolve(image, kernel, mode="reflect")`: whole numbers.
  @Test func kernelsAreThoseOfSciPy() throws {
    let kernel: JSONValue = [[1, 2, 3], [4, 5, 6], [7, 8, -9]]
    let expected: [Float] = [89, 126, 51, 21, 145, 147, 37, 21, 117, 63, 44, 63]
    #expect(try measured(image, [3, 4], ["kernel": kernel]) == expected)
    // Channels do not mix.
    let doubled = try measured(image + image.map { 2 * $0 }, [2, 3, 4], ["kernel": kernel])
    #expect(doubled == expected + expected.map { 2 * $0 })
  }

  @Test func aPointShowsTheKernel() throws {
    var point = [Float](repeating: 0, count: 25)
    point[12] = 1
    let kernel: JSONValue = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    let seen = try measured(point, [5, 5], ["kernel": kernel])
    #expect([6, 7, 8, 11, 12, 13, 16, 17, 18].map { seen[$0] } == [1, 2, 3, 4, 5, 6, 7, 8, 9])
    #expect(seen.reduce(0, +) == 45)
  }

  /// Kernels wider than the signal go on mirroring.
  @Test(arguments: [1e-3, 0.1, 1, 10, 256])
  func constantsStay(sigma: Double) throws {
    let flat = [Float](repeating: 3, count: 2 * 3 * 5)
    let seen = try measured(flat, [2, 3, 5], ["sigma": .number(sigma)])
    #expect(seen.allSatisfy { abs($0 - 3) < 1e-4 })
  }

  @Test func aNarrowGaussianChangesNothing() throws {
    #expect(try measured(image, [3, 4], ["sigma": 0.001]) == image)
    #expect(try measured(image, [3, 4], ["kernel": [[1]]]) == image)
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    var fields: JSONObject
    var kind: DocumentError.Kind
    var pointer: String
    var testDescription: String {
      String(decoding: JSONWriter.bytes(of: .object(fields)), as: UTF8.self)
    }
  }

  static let refusals: [Refusal] = [
    Refusal(fields: [:], kind: .malformed, pointer: ""),
    Refusal(fields: ["sigma": 1, "kernel": [[1]]], kind: .malformed, pointer: ""),
    Refusal(fields: ["sigma": 0], kind: .malformed, pointer: "/sigma"),
    Refusal(fields: ["sigma": -1], kind: .malformed, pointer: "/sigma"),
    Refusal(fields: ["sigma": 1e30], kind: .malformed, pointer: "/sigma"),
    Refusal(fields: ["sigma": 256.5], kind: .malformed, pointer: "/sigma"),
    Refusal(fields: ["sigma": "1"], kind: .malformed, pointer: "/sigma"),
    Refusal(fields: ["kernel": 1], kind: .malformed, pointer: "/kernel"),
    Refusal(fields: ["kernel": []], kind: .malformed, pointer: "/kernel"),
    Refusal(fields: ["kernel": [1, 2, 3]], kind: .malformed, pointer: "/kernel"),
    Refusal(fields: ["kernel": [[]]], kind: .malformed, pointer: "/kernel"),
    Refusal(fields: ["kernel": [[1, 2]]], kind: .malformed, pointer: "/kernel"),
    Refusal(fields: ["kernel": [[1], [2]]], kind: .malformed, pointer: "/kernel"),
    Refusal(
      fields: ["kernel": [[1, 2, 3], [1], [1, 2, 3]]], kind: .malformed, pointer: "/kernel"),
    Refusal(fields: ["kernel": [[1, "2", 3]]], kind: .malformed, pointer: "/kernel"),
    Refusal(fields: ["kernel": [[1, 1e39, 3]]], kind: .malformed, pointer: "/kernel"),
    Refusal(fields: ["kernel": [[0, 0, 0]]], kind: .malformed, pointer: "/kernel"),
    Refusal(fields: ["kernel": [[1, 1, 1, 1, 1]]], kind: .unprocessable, pointer: "/kernel"),
  ]

  @Test(arguments: refusals)
  func refusesByName(refusal: Refusal) {
    var document: JSONObject = ["type": "blur"]
    for member in refusal.fields.members { document[member.key] = member.value }
    do {
      _ = try MeasurementCatalogue.build(
        .object(document), signalShape: [3, 4], limits: MeasurementLimits(givenEntriesMax: 4))
      Issue.record("accepted \(refusal.fields)")
    } catch {
      #expect(error.kind == refusal.kind, "\(error)")
      #expect(error.fields.map(\.pointer) == ["/measurement" + refusal.pointer])
    }
  }

  /// What a blur costs is bounded.
  @Test func wideKernelsOfLargeSignalsAreRefused() throws {
    var limits = MeasurementLimits()
    limits.multiplyCountMax = 12 * (9 + 9)
    _ = try MeasurementCatalogue.build(
      ["type": "blur", "sigma": 1], signalShape: [3, 4], limits: limits)
    limits.multiplyCountMax -= 1
    #expect(throws: DocumentError.self) {
      try MeasurementCatalogue.build(
        ["type": "blur", "sigma": 1], signalShape: [3, 4], limits: limits)
    }
  }
}
