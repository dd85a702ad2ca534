import Documents
import LinearAlgebra
import Measurements
import Testing

struct MaskTests {
  private func entries(_ observed: JSONValue, _ shape: [Int]) throws -> [Int]? {
    try MeasurementExample.mask("", shape, observed).build().observedEntries
  }

  @Test func indicesKeepTheirOrder() throws {
    #expect(try entries(["indices": [5, 0, 3]], [6]) == [5, 0, 3])
    #expect(try entries(["indices": [23]], [2, 3, 4]) == [23])
    let measurement = try MeasurementExample.mask("", [4], ["indices": [3, 1]]).build()
    #expect(measurement.evaluate(Batch(row: [10, 11, 12, 13])).values == [13, 11])
  }

  @Test func rectanglesAreTopLeftHeightWidth() throws {
    // 3 rows of 4: row 1 and 2, columns 2 and 3.
    #expect(try entries(["rectangles": [[1, 2, 2, 2]]], [3, 4]) == [6, 7, 10, 11])
    #expect(
      try entries(["rectangles": [[1, 2, 2, 2]], "invert": true], [3, 4])
        == [0, 1, 2, 3, 4, 5, 8, 9])
    #expect(try entries(["rectangles": [[1, 2, 2, 2]], "invert": false], [3, 4])?.count == 4)
    // Overlaps count once; the whole signal is a rectangle too.
    #expect(
      try entries(["rectangles": [[0, 0, 1, 2], [0, 1, 1, 2]]], [3, 4]) == [0, 1, 2])
    #expect(try entries(["rectangles": [[0, 0, 3, 4]]], [3, 4]) == Array(0..<12))
    // A vector is one row.
    #expect(try entries(["rectangles": [[0, 3, 1, 2]]], [7]) == [3, 4])
  }

  @Test func everyChannelOfAPixelIsSeen() throws {
    #expect(
      try entries(["rectangles": [[0, 0, 1, 1]]], [3, 2, 2]) == [0, 4, 8])
    let random = try entries(["bernoulli": ["rate": 0.5, "seed": 3]], [2, 4, 4])
    // From the generator's definition, in Python.
    #expect(random == [0, 1, 2, 6, 8, 9, 14] + [16, 17, 18, 22, 24, 25, 30])
  }

  @Test func brightPixelsOfAPictureAreSeen() throws {
    #expect(try entries(["png": .string(Pictures.grey)], [3, 4]) == [2, 3, 4, 9])
    #expect(try entries(["png": .string(Pictures.colour)], [3, 4]) == [2, 3, 4, 9])
    #expect(
      try entries(["png": .string(Pictures.grey)], [2, 3, 4]) == [2, 3, 4, 9, 14, 15, 16, 21])
  }

  /// Margins of five standard deviations.
  @Test(arguments: [(0.1, 1), (0.5, 2), (0.9, 3)] as [(Double, Int)])
  func chanceKeepsItsRate(rate: Double, seed: Int) throws {
    let observed: JSONValue = ["bernoulli": ["rate": .number(rate), "seed": JSONValue(seed)]]
    let count = try entries(observed, [200, 200])?.count ?? 0
    let margin = 5 * (40_000 * rate * (1 - rate)).squareRoot()
    #expect(abs(Double(count) - 40_000 * rate) < margin)
    #expect(try entries(observed, [200, 200]) == entries(observed, [200, 200]))
    let other: JSONValue = ["bernoulli": ["rate": .number(rate), "seed": JSONValue(seed + 1)]]
    #expect(try entries(observed, [200, 200]) != entries(other, [200, 200]))
  }

  @Test func chanceHasItsEnds() throws {
    #expect(try entries(["bernoulli": ["rate": 1]], [3, 3])?.count == 9)
    #expect(throws: DocumentError.self) {
      try MeasurementExample.mask("", [3, 3], ["bernoulli": ["rate": 0]]).build()
    }
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    var observed: JSONValue
    var kind: DocumentError.Kind
    var pointer: String
    var testDescription: String { "\(observed)" }

    init(_ observed: JSONValue, _ kind: DocumentError.Kind, _ pointer: String) {
      self.observed = observed
      self.kind = kind
      self.pointer = "/measurement/observed" + pointer
    }
  }

  /// For a signal of 3 x 4 pixels.
  static let refusals: [Refusal] = [
    // Not one way.
    Refusal([:], .malformed, ""), Refusal("all", .malformed, ""), Refusal([1, 2], .malformed, ""),
    Refusal(["indices": [1], "bernoulli": ["rate": 0.5]], .malformed, ""),
    Refusal(["indices": nil], .malformed, ""),
    // Fields of other ways, and of none.
    Refusal(["indices": [1], "invert": true], .malformed, "/invert"),
    Refusal(["rectangles": [[0, 0, 1, 1]], "extra": 1], .malformed, "/extra"),
    Refusal(["bernoulli": ["rate": 0.5, "extra": 1]], .malformed, "/bernoulli/extra"),
    // Indices.
    Refusal(["indices": [1, 12]], .malformed, "/indices/1"),
    Refusal(["indices": [-1]], .malformed, "/indices/0"),
    Refusal(["indices": [0.5]], .malformed, "/indices/0"),
    Refusal(["indices": [3, 4, 3]], .malformed, "/indices/2"),
    Refusal(
      ["indices": JSONValue([Int](repeating: 0, count: 13))], .unprocessable, "/indices"),
    Refusal(["indices": "all"], .malformed, "/indices"),
    Refusal(["indices": ["1"]], .malformed, "/indices"),
    // Rectangles.
    Refusal(["rectangles": []], .malformed, "/rectangles"),
    Refusal(["rectangles": [0, 0, 1, 1]], .malformed, "/rectangles/0"),
    Refusal(["rectangles": [[0, 0, 1, 1], [0, 0, 1]]], .malformed, "/rectangles/1"),
    Refusal(["rectangles": [[0, -1, 1, 1]]], .malformed, "/rectangles/0"),
    Refusal(["rectangles": [[0, 0.5, 1, 1]]], .malformed, "/rectangles/0"),
    Refusal(["rectangles": [[1, 0, 3, 1]]], .unprocessable, "/rectangles/0"),
    Refusal(["rectangles": [[0, 3, 1, 2]]], .unprocessable, "/rectangles/0"),
    Refusal(["rectangles": [[0, 0, 1e300, 1]]], .malformed, "/rectangles/0"),
    Refusal(["rectangles": [[0, 0, 1, 1]], "invert": "yes"], .malformed, "/invert"),
    // Pictures.
    Refusal(["png": "not base64!"], .malformed, "/png"),
    Refusal(["png": "AAAA"], .unprocessable, "/png"),
    Refusal(["png": 3], .malformed, "/png"),
    Refusal(["png": .string(Pictures.small2x3)], .unprocessable, "/png"),
    Refusal(["png": .string(Pictures.tall3x4)], .unprocessable, "/png"),
    // Chance.
    Refusal(["bernoulli": 0.5], .malformed, "/bernoulli"),
    Refusal(["bernoulli": [:]], .malformed, "/bernoulli/rate"),
    Refusal(["bernoulli": ["rate": 1.01]], .malformed, "/bernoulli/rate"),
    Refusal(["bernoulli": ["rate": -0.01]], .malformed, "/bernoulli/rate"),
    Refusal(["bernoulli": ["rate": 0.5, "seed": -1]], .malformed, "/bernoulli/seed"),
    Refusal(["bernoulli": ["rate": 0.5, "seed": 0.5]], .malformed, "/bernoulli/seed"),
    // Nothing is observed.
    Refusal(["indices": []], .unprocessable, ""),
    Refusal(["rectangles": [[0, 0, 0, 4]]], .unprocessable, ""),
    Refusal(["rectangles": [[0, 0, 3, 4]], "invert": true], .unprocessable, ""),
    Refusal(["png": .string(Pictures.black)], .unprocessable, ""),
    Refusal(["bernoulli": ["rate": 0]], .unprocessable, ""),
  ]

  @Test(arguments: refusals)
  func refusesByName(refusal: Refusal) {
    do {
      _ = try MeasurementExample.mask("", [3, 4], refusal.observed).build()
      Issue.record("accepted")
    } catch {
      #expect(error.kind == refusal.kind, "\(error)")
      #expect(error.fields.first?.pointer == refusal.pointer, "\(error)")
      #expect(error.fields.first?.detail.isEmpty == false)
    }
  }

  @Test func needsToBeToldWhatIsObserved() {
    do {
      _ = try MeasurementCatalogue.build(["type": "mask"], signalShape: [3], pointer: "/m")
      Issue.record("accepted")
    } catch {
      #expect(error.kind == .malformed && error.fields.first?.pointer == "/m/observed")
    }
  }

  /// A mask that was made in code has a document as well.
  @Test func codeMadeMasksHaveDocuments() throws {
    let mask = MaskMeasurement(entries: [4, 2], signalCount: 6)
    let again = try MeasurementCatalogue.build(mask.document, signalShape: [6])
    #expect(again.observedEntries == [4, 2])
  }
}
